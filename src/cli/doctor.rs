//! `vestibule doctor`.

use super::Place;
use crate::actions::checkup::{self, Finding};
use crate::actions::{certificates, setup};
use crate::app::{App, Mend, sender};
use crate::config::{MailConfig, MailFlags};
use crate::domain::Result;
use crate::domain::connection::is_loopback;
use crate::domain::metadata::days_left;
use crate::saml::{libxml2_version, openssl_version, xmlsec_version};
use crate::store::{cut_off, sqlite_version};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

/// A certificate with fewer days left than this wants a look.
const FEW_DAYS: i64 = 30;

/// Check the appliance; report problems and what to do
#[derive(clap::Args)]
pub struct Doctor {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    mail: MailFlags,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Runs it: 0 when nothing is wrong, 1 otherwise.
    pub fn run(self) -> Result<ExitCode> {
        let mut findings = match self.place.open() {
            Ok(app) => self.examine(&app)?,
            Err(cause) => vec![Finding::bad("database", cause.to_string())],
        };
        findings.extend(versions());
        let healthy = findings.iter().all(|finding| finding.ok != Some(false));
        if self.json {
            let checks: Value = findings.iter().map(Finding::to_json).collect();
            say!("{}", json!({ "healthy": healthy, "checks": checks }));
        } else {
            print(&findings, healthy);
        }
        Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }

    fn examine(&self, app: &App) -> Result<Vec<Finding>> {
        let mut findings = permissions(app);
        findings.extend(database(app));
        findings.push(clock(app));
        findings.push(checkup::open_files(app.store.read(|db| db.find_file_limit())?));
        findings.push(public_url(app));
        findings.push(mail(app, &self.mail));
        findings.extend(checkup::mail_queue(app)?);
        findings.extend(certificates(app)?);
        findings.extend(metadata(app)?);
        findings.extend(checkup::way_in_as_saved(app)?);
        Ok(findings)
    }
}

fn print(findings: &[Finding], healthy: bool) {
    for finding in findings {
        let mark = match finding.ok {
            Some(true) => "ok  ",
            Some(false) => "BAD ",
            None => "note",
        };
        say!("{mark}  {:<13} {}", finding.check, finding.found);
        finding.mend.iter().for_each(print_mend);
    }
    say!("{}", if healthy { "Nothing is wrong." } else { "Something is wrong: see the lines marked BAD." });
}

fn print_mend(mend: &Mend) {
    say!("{:20}{}", "", mend.what);
    if let Some(lines) = &mend.lines {
        for (proxy, line) in
            [("nginx", &lines.nginx), ("Caddy", &lines.caddy), ("Traefik", &lines.traefik), ("Apache", &lines.apache)]
        {
            say!("{:20}{proxy}: {line}", "");
        }
    }
}

/// The database holds secrets: only the user of the service may read it, and no one else may replace it.
fn permissions(app: &App) -> Vec<Finding> {
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

fn database(app: &App) -> Vec<Finding> {
    let schema = match app.store.read(|db| db.schema_versions()) {
        Ok((file, program)) if file == program => Finding::fine("schema", format!("version {file}")),
        Ok((file, program)) => {
            Finding::bad("schema", format!("version {file}, but this program needs version {program}"))
        }
        Err(cause) => Finding::bad("schema", cause.to_string()),
    };
    let integrity = match app.store.read(|db| db.faults()) {
        Ok(faults) if faults.is_empty() => Finding::fine("integrity", "the database is whole"),
        Ok(faults) => Finding::bad("integrity", format!("{}. Restore a backup.", faults.join("; "))),
        Err(cause) => Finding::bad("integrity", cause.to_string()),
    };
    vec![copy(app), schema, integrity, log(app)]
}

/// Incomplete copies.
fn copy(app: &App) -> Finding {
    if app.store.is_cut_off() {
        return Finding::bad("copy", cut_off(&app.config.data).to_string());
    }
    match setup::doubt(app) {
        Ok(None) => Finding::fine("copy", "vestibule.db and vestibule.db-wal are complete"),
        Ok(Some(doubt)) => Finding::note("copy", doubt),
        Err(cause) => Finding::bad("copy", cause.to_string()),
    }
}

/// A log that is larger than this was not emptied for long, in bytes.
const LARGE_LOG_BYTES: u64 = 64 * 1024 * 1024;

/// The log of transactions: what is in it is not in the database file yet.
fn log(app: &App) -> Finding {
    let bytes = app.store.log_bytes();
    let found = format!("vestibule.db-wal has {} KiB", bytes.div_ceil(1024));
    if bytes > LARGE_LOG_BYTES {
        let why = "Nothing empties it: look for a program that keeps the database open, and for a full disk.";
        Finding::bad("transactions", format!("{found}. {why}"))
    } else {
        Finding::fine("transactions", found)
    }
}

/// What time services leave behind once they keep the clock right.
const SYNCHRONISED: [&str; 4] =
    ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/chronyd.pid", "/run/ntpd.pid"];

/// SAML lives by the clock: a provider's answer is good for minutes.
fn clock(app: &App) -> Finding {
    let now = app.now();
    let newest = app.store.read(|db| db.newest_event_at()).ok().flatten();
    match newest {
        Some(newest) if newest > now.plus(60) => Finding::bad(
            "clock",
            format!("it is {now}, but the newest line of the audit log is of {newest}. Set the clock."),
        ),
        _ if SYNCHRONISED.iter().any(|path| Path::new(path).exists()) => {
            Finding::fine("clock", format!("{now}, kept by a service"))
        }
        _ => Finding::note("clock", format!("{now}; no time service was found. SAML fails when it is minutes off.")),
    }
}

fn public_url(app: &App) -> Finding {
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

/// By the server's own settings, as far as they are in the environment or given here.
fn mail(app: &App, flags: &MailFlags) -> Finding {
    let mail = match MailConfig::read(flags, Some(&app.config.public_url)) {
        Ok(Some(mail)) => mail,
        Ok(None) => {
            return Finding::note("mail", "no --smtp-url: invitation and reset links must be passed on by hand");
        }
        Err(cause) => return Finding::bad("mail", cause.to_string()),
    };
    let sender = match sender(&mail) {
        Ok(sender) => sender,
        Err(cause) => return Finding::bad("mail", cause.to_string()),
    };
    match sender.check() {
        Ok(()) => match mail.doubt() {
            Some(doubt) => Finding::note("mail", format!("{} answers, but {doubt}", sender.place())),
            None => Finding::fine("mail", format!("{} answers", sender.place())),
        },
        Err(failure) => Finding::bad("mail", failure.to_string()),
    }
}

/// The days that every identity provider's certificates have left.
fn certificates(app: &App) -> Result<Vec<Finding>> {
    let connections = app.store.read(|db| db.connections())?;
    let now = app.now();
    let mut findings = Vec::new();
    for (organisation, connection) in connections {
        let latest = certificates::end_at(&connection.settings)?;
        let days = days_left(latest, now);
        findings.push(match days {
            ..0 => Finding::bad(
                "certificate",
                format!("{organisation}: expired at {latest}. Paste the provider's new one."),
            ),
            0..FEW_DAYS => Finding::note(
                "certificate",
                format!("{organisation}: {days} days left. Add the provider's next one beside it."),
            ),
            _ => Finding::fine("certificate", format!("{organisation}: {days} days left")),
        });
    }
    Ok(findings)
}

/// The metadata that could not be fetched; nothing where all could.
fn metadata(app: &App) -> Result<Vec<Finding>> {
    let failing = app.store.read(|db| db.failing_metadata_sources())?;
    let told = |(organisation, url, why): &(String, String, String)| {
        Finding::note(
            "metadata",
            format!("{organisation}: {url} could not be loaded: {why}. The last good copy is in use."),
        )
    };
    Ok(failing.iter().map(told).collect())
}

/// The libraries behind SAML. `VESTIBULE_LINKED_IN` is what `packaging/static.sh` linked in, by Debian's own versions.
fn versions() -> Vec<Finding> {
    let linked = option_env!("VESTIBULE_LINKED_IN").map_or_else(
        || "this machine's own libraries: its updates reach them at the next start".into(),
        |versions| format!("into the program: {versions}. Rebuild after each security advisory for them."),
    );
    vec![
        Finding::fine("SQLite", sqlite_version()),
        Finding::fine("libxml2", libxml2_version()),
        Finding::fine("xmlsec", xmlsec_version().unwrap_or_else(|| "newer than 1.3.99".into())),
        Finding::fine("OpenSSL", openssl_version()),
        Finding::fine("linked", linked),
    ]
}
