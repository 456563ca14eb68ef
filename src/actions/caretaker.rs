//! Background work: reloads metadata, and warns of certificates that expire.

use super::{certificates, metadata, security};
use crate::app::App;
use crate::domain::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The pause between two rounds of background work.
const SLEEP: Duration = Duration::from_secs(15 * 60);

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
        for duty in [security::tell_left_out, certificates::warn_of_expiry, metadata::refetch_due] {
            let done = catch_unwind(AssertUnwindSafe(|| duty(&app)));
            if let Err(cause) = done.unwrap_or_else(|_| Err(Error::internal("a duty panicked"))) {
                log::error!("the caretaker's round was cut short: {cause}");
            }
        }
        let bell = app.caretaker_bell.clone();
        // Asleep, it holds nothing of the appliance.
        drop(app);
        bell.wait(SLEEP);
    }
}
