//! The background jobs of a server: sending mail on one thread, writing down uses of sessions on another, everything else in rounds on a third.
//!
//! `app/jobs.rs` records how each run went.

mod mail;

use crate::actions::doctor::{LARGE_LOG_ADVICE, LARGE_LOG_BYTES};
use crate::actions::{certificates, doctor, metadata, security};
use crate::app::{App, JobKind};
use crate::domain::phrase::phrase;
use crate::domain::principal::Claim;
use crate::domain::{Error, Result};
use std::sync::{Arc, Weak};
use std::thread::sleep;
use std::time::Duration;

/// The pause between two rounds.
const PAUSE: Duration = Duration::from_secs(JobKind::Metadata.period_secs().unsigned_abs());
/// The time for which e-mails that could not be sent, and expired set-up links, are kept, in seconds.
const KEPT_SECS: i64 = 14 * 24 * 3600;

/// The work of one job.
type Work = fn(&App) -> Result<()>;

/// The jobs of each round.
const ROUND: [(JobKind, Work); 5] = [
    (JobKind::SecurityLog, security::tell_left_out),
    (JobKind::Certificates, certificates::warn_of_expiry),
    (JobKind::Metadata, metadata::refetch_due),
    (JobKind::Purge, purge),
    (JobKind::TransactionLog, empty_transaction_log),
];

/// Starts the threads of the jobs. They end with the appliance.
///
/// # Errors
/// `Internal` when no thread can be started.
pub fn start(app: &Arc<App>) -> Result<()> {
    mail::start(app)?;
    spawn("session-uses", app, run_uses)?;
    spawn("jobs", app, run_rounds)
}

fn spawn(name: &str, app: &Arc<App>, run: fn(&Weak<App>)) -> Result<()> {
    let app = Arc::downgrade(app);
    std::thread::Builder::new().name(name.into()).spawn(move || run(&app)).map(drop).map_err(Error::internal)
}

/// Runs one job; `None` once the process stops.
fn run(app: &App, kind: JobKind, work: Work) -> Option<()> {
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
        // While it waits, it keeps nothing of the appliance alive.
        drop(app);
        sleep(Duration::from_secs(kind.period_secs().unsigned_abs()));
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
        // While it waits, it keeps nothing of the appliance alive.
        drop(app);
        wakeup.wait(PAUSE);
    }
}

/// Deletes what has expired.
fn purge(app: &App) -> Result<()> {
    app.write(&Claim::job(), |tx| {
        tx.purge_sessions()?;
        tx.purge_ended_grants()?;
        tx.purge_sso()?;
        tx.purge_setup_links(tx.now().plus(-KEPT_SECS))?;
        tx.purge_mails(tx.now().plus(-KEPT_SECS))
    })
}

/// Has the log of transactions emptied.
///
/// # Errors
/// `Unavailable` when the attempts of the last rounds did not succeed.
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
