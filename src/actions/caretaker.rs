//! Background work: reloads metadata, and warns of certificates that expire.

use super::{certificates, checkup, metadata, security};
use crate::app::{App, JobKind};
use crate::domain::{Error, Result};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The pause between two rounds of background work.
const SLEEP: Duration = Duration::from_secs(JobKind::Metadata.period_secs().unsigned_abs());

/// The work of one job.
type Duty = fn(&App) -> Result<()>;

/// The jobs of each round.
const DUTIES: [(JobKind, Duty); 3] = [
    (JobKind::SecurityLog, security::tell_left_out),
    (JobKind::Certificates, certificates::warn_of_expiry),
    (JobKind::Metadata, metadata::refetch_due),
];

/// Starts the thread that goes its rounds for as long as the appliance lives.
///
/// # Errors
/// `Internal` when there is no thread to be had.
pub fn start_caretaker(app: &Arc<App>) -> Result<()> {
    let app = Arc::downgrade(app);
    let thread = std::thread::Builder::new().name("caretaker".into());
    thread.spawn(move || go_rounds_until_gone(&app)).map(drop).map_err(Error::internal)
}

fn go_rounds_until_gone(app: &Weak<App>) {
    while let Some(app) = app.upgrade() {
        for (kind, duty) in DUTIES {
            let Some(done) = app.jobs.run(kind, || app.now(), || kind.period_secs(), || duty(&app)) else { return };
            if let Err(cause) = done {
                log::error!("{} failed: {cause}", kind.words());
            }
        }
        if let Err(cause) = checkup::save_jobs(&app) {
            log::warn!("how the jobs went could not be saved: {cause}");
        }
        let bell = app.caretaker_bell.clone();
        // Asleep, it holds nothing of the appliance.
        drop(app);
        bell.wait(SLEEP);
    }
}
