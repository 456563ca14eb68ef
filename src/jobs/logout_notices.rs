//! Tells applications that sessions have ended, as soon as the change is in the database.

use super::{run, spawn};
use crate::actions::oidc::notices::{deliver_due, end_expired, next_at};
use crate::app::{App, JobKind};
use crate::domain::{Result, Timestamp};
use std::sync::{Arc, Weak};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often it is checked whether the database has changed, which costs nothing.
const LOOK: Duration = Duration::from_millis(100);
/// The longest pause between two runs, and between two checks for sessions that have expired.
const PAUSE: Duration = Duration::from_secs(JobKind::LogoutNotices.period_secs().unsigned_abs());

/// Starts the thread.
///
/// # Errors
/// `Internal` when no thread can be started.
pub fn start(app: &Arc<App>) -> Result<()> {
    spawn("logout-notices", app, run_when_due)
}

fn run_when_due(app: &Weak<App>) {
    let (mut seen, mut next, mut looked) = (None, None, None::<Instant>);
    while let Some(app) = app.upgrade() {
        let changes = app.store.changes();
        if seen != changes {
            seen = changes;
            // If the database cannot be read, the next run reports it.
            next = next_at(&app).unwrap_or_default();
        }
        let is_due = next.is_some_and(|next: Timestamp| next <= app.now());
        let looks = looked.is_none_or(|looked| looked.elapsed() >= PAUSE);
        if looks {
            looked = Some(Instant::now());
        }
        if is_due || looks {
            let work =
                |app: &App| if looks { end_expired(app).and_then(|()| deliver_due(app)) } else { deliver_due(app) };
            let Some(()) = run(&app, JobKind::LogoutNotices, work) else { return };
            next = next_at(&app).unwrap_or_default();
        }
        // Release the appliance during the pause, so that it can stop.
        drop(app);
        sleep(LOOK);
    }
}
