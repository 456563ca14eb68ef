//! The machine: file permissions, the database, the clock, the public URL, and the libraries.

use super::Finding;
use crate::actions::first_run;
use crate::app::{App, low_file_limit};
use crate::domain::connection::is_loopback;
use crate::domain::phrase::{Phrase, phrase};
use crate::saml::{Certificate, libxml2_version, openssl_version, xmlsec_version};
use crate::store::{cut_off, sqlite_version};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Checks the permissions of the data folder and the database: the database holds secrets, so only the service's user
/// may read it, and only that user may replace it.
pub fn permissions(app: &App) -> Vec<Finding> {
    let look = |check, path: &Path, closed: u32| match std::fs::metadata(path) {
        Ok(found) if found.permissions().mode() & closed != 0 => {
            Finding::bad(check, phrase!("doctor-readable", path = path.display().to_string()))
        }
        Ok(_) => Finding::fine(check, phrase!("doctor-private", path = path.display().to_string())),
        Err(cause) => Finding::bad(
            check,
            phrase!("doctor-not-checked", path = path.display().to_string(), cause = cause.to_string()),
        ),
    };
    vec![look("data folder", &app.config.data, 0o002), look("database", app.store.path(), 0o007)]
}

/// Checks whether the database is an incomplete copy.
fn copy(app: &App) -> Finding {
    if app.store.is_cut_off() {
        return Finding::bad("copy", cut_off(&app.config.data).message());
    }
    match first_run::doubt(app) {
        Ok(None) => Finding::fine("copy", phrase!("doctor-complete")),
        Ok(Some(doubt)) => Finding::note("copy", doubt),
        Err(cause) => Finding::bad("copy", cause.message()),
    }
}

/// Checks the database: that the copy is complete, its schema version, its integrity, the size of its transaction log, and
/// the last backup.
pub fn database(app: &App) -> Vec<Finding> {
    let schema = match app.store.read(|db| db.schema_versions()) {
        Ok((file, program)) if file == program => Finding::fine("schema", phrase!("doctor-version", file = file)),
        Ok((file, program)) => Finding::bad("schema", phrase!("doctor-other-version", file = file, program = program)),
        Err(cause) => Finding::bad("schema", cause.message()),
    };
    let integrity = match app.store.read(|db| db.faults()) {
        Ok(faults) if faults.is_empty() => Finding::fine("integrity", phrase!("doctor-intact")),
        Ok(faults) => Finding::bad("integrity", phrase!("doctor-damaged", faults = faults.join("; "))),
        Err(cause) => Finding::bad("integrity", cause.message()),
    };
    vec![copy(app), schema, integrity, log(app), backup(app)]
}

/// A backup older than this, in seconds, is too old.
const OLD_SECS: i64 = 7 * 24 * 3600;

/// Checks when the last proved backup was made.
fn backup(app: &App) -> Finding {
    let (last, schedule) = match app.store.read(|db| Ok((db.find_last_backup()?, db.find_backup_schedule()?))) {
        Ok(known) => known,
        Err(cause) => return Finding::bad("backup", cause.message()),
    };
    if schedule.is_some_and(|schedule| schedule.is_late(last, app.now())) {
        let at = last.map_or_else(|| "-".to_owned(), |last| last.made_at().to_string());
        return Finding::bad("backup", phrase!("doctor-backup-late", at = at));
    }
    match (last, schedule) {
        (Some(last), _) if last.made_at().plus(OLD_SECS) < app.now() => {
            Finding::note("backup", phrase!("doctor-backup-old", at = last.made_at().to_string()))
        }
        (Some(last), _) => {
            let (at, kib) = (last.made_at().to_string(), last.bytes.div_ceil(1024));
            Finding::fine("backup", phrase!("doctor-backup", at = at, kib = kib))
        }
        (None, Some(_)) => Finding::note("backup", phrase!("doctor-backup-first")),
        (None, None) => Finding::note("backup", phrase!("doctor-backup-none")),
    }
}

/// A transaction log that is larger than this, in bytes, has not been emptied for a long time.
pub const LARGE_LOG_BYTES: u64 = 64 * 1024 * 1024;

/// The advice for a large transaction log.
pub const LARGE_LOG_ADVICE: &str =
    "Nothing empties it: look for a program that keeps the database open, and for a full disk.";

/// Checks the size of the transaction log, which holds the changes that are not in the database file yet.
fn log(app: &App) -> Finding {
    let bytes = app.store.log_bytes();
    let kib = bytes.div_ceil(1024);
    if bytes > LARGE_LOG_BYTES {
        Finding::bad("transactions", phrase!("doctor-log-large", kib = kib))
    } else {
        Finding::fine("transactions", phrase!("doctor-log", kib = kib))
    }
}

/// Files that time services create while they synchronise the clock.
const SYNCHRONISED: [&str; 4] =
    ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/chronyd.pid", "/run/ntpd.pid"];

/// Checks the clock: SAML responses are valid only for minutes.
pub fn clock(app: &App) -> Finding {
    let now = app.now();
    let newest = app.store.read(|db| db.newest_event_at()).ok().flatten();
    match newest {
        Some(newest) if newest > now.plus(60) => {
            Finding::bad("clock", phrase!("doctor-clock-back", now = now.to_string(), newest = newest.to_string()))
        }
        _ if SYNCHRONISED.iter().any(|path| Path::new(path).exists()) => {
            Finding::fine("clock", phrase!("doctor-clock-fine", now = now.to_string()))
        }
        _ => Finding::note("clock", phrase!("doctor-clock-alone", now = now.to_string())),
    }
}

/// Checks the limit of open files. `limit`: the limit of the server; `None` if it was never started.
pub fn open_files(limit: Option<u64>) -> Finding {
    match (limit, limit.and_then(low_file_limit)) {
        (_, Some(warning)) => Finding::note("open files", warning),
        (Some(limit), None) => Finding::fine("open files", phrase!("doctor-files", limit = limit)),
        (None, None) => Finding::note("open files", phrase!("doctor-files-unknown")),
    }
}

/// Checks the public URL: without HTTPS, passwords are sent in the clear.
pub fn public_url(app: &App) -> Finding {
    let url = &app.config.public_url;
    let host = url::Url::parse(url.origin()).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
    if url.is_secure() {
        Finding::fine("public URL", Phrase::words(url.origin()))
    } else if host.is_some_and(|host| is_loopback(&host)) {
        Finding::note("public URL", phrase!("doctor-url-local", url = url.origin()))
    } else {
        Finding::bad("public URL", phrase!("doctor-url-clear", url = url.origin()))
    }
}

/// The days before the end of the server's certificate from which on it is a note, and a fault.
const CERTIFICATE_DAYS: (i64, i64) = (30, 7);

/// Checks how long the server's certificate is valid; `None` if a proxy provides TLS.
pub fn certificate(app: &App) -> Option<Finding> {
    const CHECK: &str = "TLS certificate";
    let path = app.store.read(|db| db.find_tls_certificate()).ok().flatten()?;
    let read = std::fs::read_to_string(&path).map_err(|cause| cause.to_string());
    let end = read.and_then(|pem| Certificate::stored(first_pem(&pem)).map_err(|cause| cause.to_string()));
    let end = match end {
        Ok(certificate) => certificate.not_after(),
        Err(cause) => return Some(Finding::bad(CHECK, phrase!("doctor-not-checked", path = path, cause = cause))),
    };
    let days = (end.0 - app.now().0).div_euclid(24 * 3600);
    let found = phrase!("doctor-tls", path = path, at = end.to_string(), days = days.max(0));
    Some(match days {
        days if days < CERTIFICATE_DAYS.1 => Finding::bad(CHECK, found),
        days if days < CERTIFICATE_DAYS.0 => Finding::note(CHECK, found),
        _ => Finding::fine(CHECK, found),
    })
}

/// The first certificate of a chain.
fn first_pem(chain: &str) -> &str {
    const END: &str = "-----END CERTIFICATE-----";
    chain.find(END).map_or(chain, |at| &chain[..at + END.len()])
}

/// The versions of the libraries behind SAML. `VESTIBULE_LINKED_IN`: the Debian versions of the libraries that
/// `packaging/static.sh` linked statically.
pub fn versions() -> Vec<Finding> {
    let linked = option_env!("VESTIBULE_LINKED_IN").map_or_else(
        || phrase!("doctor-libraries-of-machine"),
        |versions| phrase!("doctor-libraries-linked", versions = versions),
    );
    vec![
        Finding::fine("SQLite", Phrase::words(sqlite_version())),
        Finding::fine("libxml2", Phrase::words(libxml2_version())),
        Finding::fine("xmlsec", xmlsec_version().map_or_else(|| phrase!("doctor-xmlsec-newer"), Phrase::words)),
        Finding::fine("OpenSSL", Phrase::words(openssl_version())),
        Finding::fine("linked", linked),
    ]
}
