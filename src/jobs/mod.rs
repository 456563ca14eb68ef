//! The background jobs of a server, on five threads: sending e-mail, telling applications that sessions have ended,
//! recording the use of sessions, making backups, and rounds of everything else.
//!
//! `app/jobs.rs` records the outcome of each run.

mod logout_notices;
mod mail;

use crate::actions::doctor::{LARGE_LOG_ADVICE, LARGE_LOG_BYTES};
use crate::actions::{backup, certificates, doctor, metadata, security, signing_keys};
use crate::app::{App, JobKind};
use crate::domain::phrase::phrase;
use crate::domain::principal::Claim;
use crate::domain::{Error, Result};
use std::sync::{Arc, Weak};
use std::thread::sleep;
use std::time::Duration;

/// The pause between two rounds.
const PAUSE: Duration = Duration::from_secs(JobKind::Metadata.period_secs().unsigned_abs());
/// How long e-mails that could not be sent, and expired set-up links, are kept, in seconds.
const KEPT_SECS: i64 = 14 * 24 * 3600;

/// The function of a job.
type Work = fn(&App) -> Result<()>;

/// The jobs of each round.
const ROUND: [(JobKind, Work); 6] = [
    (JobKind::SecurityLog, security::tell_left_out),
    (JobKind::Certificates, certificates::warn_of_expiry),
    (JobKind::Metadata, metadata::refetch_due),
    (JobKind::SigningKeys, signing_keys::rotate_due),
    (JobKind::Purge, purge),
    (JobKind::TransactionLog, empty_transaction_log),
];

/// Starts the threads of the jobs. They end with the appliance.
///
/// # Errors
/// `Internal` when no thread can be started.
pub fn start(app: &Arc<App>) -> Result<()> {
    mail::start(app)?;
    logout_notices::start(app)?;
    spawn("session-uses", app, run_uses)?;
    if app.config.backups.is_some() {
        spawn("backups", app, run_backups)?;
    }
    spawn("jobs", app, run_rounds)
}

fn spawn(name: &str, app: &Arc<App>, run: fn(&Weak<App>)) -> Result<()> {
    let app = Arc::downgrade(app);
    std::thread::Builder::new().name(name.into()).spawn(move || run(&app)).map(drop).map_err(Error::internal)
}

/// Runs a job; returns `None` if the process is stopping.
fn run(app: &App, kind: JobKind, work: impl FnOnce(&App) -> Result<()>) -> Option<()> {
    let done = app.jobs.run(kind, || app.now(), || kind.period_secs(), || work(app))?;
    if let Err(cause) = done {
        log::error!("{} failed: {cause}", kind.words());
    }
    Some(())
}

fn run_uses(app: &Weak<App>) {
    let kind = JobKind::SessionUses;
    while let Some(app) = app.upgrade() {
        let Some(()) = run(&app, kind, |app| app.store.write_session_uses()) else { return };
        app.hasher.free_unused();
        // Release the appliance during the pause, so that it can stop.
        drop(app);
        sleep(Duration::from_secs(kind.period_secs().unsigned_abs()));
    }
}

/// Backups have a thread, because copying a large database delays other jobs.
fn run_backups(app: &Weak<App>) {
    while let Some(app) = app.upgrade() {
        let Some(()) = run(&app, JobKind::Backup, backup::make_due) else { return };
        let wakeup = app.backups_wakeup.clone();
        // Release the appliance during the pause, so that it can stop.
        drop(app);
        wakeup.wait(PAUSE);
    }
}

fn run_rounds(app: &Weak<App>) {
    while let Some(app) = app.upgrade() {
        for (kind, work) in ROUND {
            let Some(()) = run(&app, kind, work) else { return };
        }
        if let Err(cause) = doctor::save_jobs(&app) {
            log::warn!("the records of the jobs could not be saved: {cause}");
        }
        let wakeup = app.jobs_wakeup.clone();
        // Release the appliance during the pause, so that it can stop.
        drop(app);
        wakeup.wait(PAUSE);
    }
}

/// Deletes everything that has expired.
fn purge(app: &App) -> Result<()> {
    let claim = Claim::job();
    app.write_long(&claim, |tx| {
        tx.purge_sessions()?;
        tx.purge_ended_grants()?;
        tx.purge_sso()?;
        tx.purge_application_codes()?;
        tx.purge_setup_links(tx.now().plus(-KEPT_SECS))?;
        tx.purge_mails(tx.now().plus(-KEPT_SECS))
    })?;
    // In portions, between which other writes have their turn.
    if let Some(secs) = app.config.audit_secs {
        while app.write_long(&claim, move |tx| tx.purge_audit(tx.now().plus(-secs)))? {}
    }
    while app.write_long(&claim, |tx| tx.purge_authorizations())? {}
    Ok(())
}

/// Requests that the transaction log is emptied.
///
/// # Errors
/// `Unavailable` when it is still large, because earlier rounds could not empty it.
fn empty_transaction_log(app: &App) -> Result<()> {
    let bytes = app.store.log_bytes();
    app.store.forget();
    if bytes > LARGE_LOG_BYTES {
        return Err(Error::unavailable(phrase!(
            "log-file-large",
            kib = bytes.div_ceil(1024),
            advice = LARGE_LOG_ADVICE
        )));
    }
    Ok(())
}
