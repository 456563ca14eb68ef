//! The machine: files and who may read them, the database, the clock, the public URL, and the libraries.

use super::Finding;
use crate::actions::first_run;
use crate::app::{App, low_file_limit};
use crate::domain::connection::is_loopback;
use crate::saml::{libxml2_version, openssl_version, xmlsec_version};
use crate::store::{cut_off, sqlite_version};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The database holds secrets: only the user of the service may read it, and no one else may replace it.
pub fn permissions(app: &App) -> Vec<Finding> {
    let look = |check, path: &Path, closed: u32| match std::fs::metadata(path) {
        Ok(found) if found.permissions().mode() & closed != 0 => Finding::bad(
            check,
            format!("{0} can be read by every user of this machine. Run: chmod o-rwx {0}", path.display()),
        ),
        Ok(_) => Finding::fine(check, format!("{} is private", path.display())),
        Err(cause) => Finding::bad(check, format!("{} cannot be checked: {cause}", path.display())),
    };
    vec![look("data folder", &app.config.data, 0o002), look("database", app.store.path(), 0o007)]
}

/// Incomplete copies.
fn copy(app: &App) -> Finding {
    if app.store.is_cut_off() {
        return Finding::bad("copy", cut_off(&app.config.data).to_string());
    }
    match first_run::doubt(app) {
        Ok(None) => Finding::fine("copy", "vestibule.db and vestibule.db-wal are complete"),
        Ok(Some(doubt)) => Finding::note("copy", doubt),
        Err(cause) => Finding::bad("copy", cause.to_string()),
    }
}

/// The database: what came with it, its schema, and what SQLite finds.
pub fn database(app: &App) -> Vec<Finding> {
    let schema = match app.store.read(|db| db.schema_versions()) {
        Ok((file, program)) if file == program => Finding::fine("schema", format!("version {file}")),
        Ok((file, program)) => {
            Finding::bad("schema", format!("version {file}, but this program needs version {program}"))
        }
        Err(cause) => Finding::bad("schema", cause.to_string()),
    };
    let integrity = match app.store.read(|db| db.faults()) {
        Ok(faults) if faults.is_empty() => Finding::fine("integrity", "the database is intact"),
        Ok(faults) => Finding::bad("integrity", format!("{}. Restore a backup.", faults.join("; "))),
        Err(cause) => Finding::bad("integrity", cause.to_string()),
    };
    vec![copy(app), schema, integrity, log(app)]
}

/// A log that is larger than this was not emptied for long, in bytes.
pub const LARGE_LOG_BYTES: u64 = 64 * 1024 * 1024;

/// Advice about such a log.
pub const LARGE_LOG_ADVICE: &str =
    "Nothing empties it: look for a program that keeps the database open, and for a full disk.";

/// The log of transactions: what is in it is not in the database file yet.
fn log(app: &App) -> Finding {
    let bytes = app.store.log_bytes();
    let found = format!("vestibule.db-wal has {} KiB", bytes.div_ceil(1024));
    if bytes > LARGE_LOG_BYTES {
        Finding::bad("transactions", format!("{found}. {LARGE_LOG_ADVICE}"))
    } else {
        Finding::fine("transactions", found)
    }
}

/// Files that time services create once they keep the clock right.
const SYNCHRONISED: [&str; 4] =
    ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/chronyd.pid", "/run/ntpd.pid"];

/// SAML lives by the clock: a provider's answer is good for minutes.
pub fn clock(app: &App) -> Finding {
    let now = app.now();
    let newest = app.store.read(|db| db.newest_event_at()).ok().flatten();
    match newest {
        Some(newest) if newest > now.plus(60) => Finding::bad(
            "clock",
            format!("it is {now}, but the newest entry of the audit log is from {newest}. Set the clock."),
        ),
        _ if SYNCHRONISED.iter().any(|path| Path::new(path).exists()) => {
            Finding::fine("clock", format!("{now}, synchronised by a time service"))
        }
        _ => Finding::note("clock", format!("{now}; no time service was found. SAML fails when it is minutes off.")),
    }
}

/// The limit of open files. `limit`: that of the server, if it was ever started.
pub fn open_files(limit: Option<u64>) -> Finding {
    match (limit, limit.and_then(low_file_limit)) {
        (_, Some(warning)) => Finding::note("open files", format!("{warning}.")),
        (Some(limit), None) => Finding::fine("open files", format!("the server may open up to {limit} files at once")),
        (None, None) => Finding::note("open files", "the server has not run yet"),
    }
}

/// Passwords in the clear.
pub fn public_url(app: &App) -> Finding {
    let url = &app.config.public_url;
    let host = url::Url::parse(url.origin()).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
    if url.is_secure() {
        Finding::fine("public URL", url.origin())
    } else if host.is_some_and(|host| is_loopback(&host)) {
        Finding::note("public URL", format!("{}: for this machine only", url.origin()))
    } else {
        Finding::bad(
            "public URL",
            format!("{}: passwords travel in the clear. Put a proxy with https in front of it.", url.origin()),
        )
    }
}

/// The libraries behind SAML. `VESTIBULE_LINKED_IN` is what `packaging/static.sh` linked in, by Debian's own versions.
pub fn versions() -> Vec<Finding> {
    let linked = option_env!("VESTIBULE_LINKED_IN").map_or_else(
        || "the libraries of this machine: its updates take effect at the next start".into(),
        |versions| format!("linked into the program: {versions}. Rebuild it after each security advisory for them."),
    );
    vec![
        Finding::fine("SQLite", sqlite_version()),
        Finding::fine("libxml2", libxml2_version()),
        Finding::fine("xmlsec", xmlsec_version().unwrap_or_else(|| "newer than 1.3.99".into())),
        Finding::fine("OpenSSL", openssl_version()),
        Finding::fine("linked", linked),
    ]
}
