//! Wakes threads that wait for work.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A signal that there is work. It ends one wait, even if that begins after the signal.
#[derive(Default)]
pub struct Wakeup {
    notified: Mutex<bool>,
    changed: Condvar,
}

impl Wakeup {
    /// Wakes the waiting thread, or the next one that waits.
    pub fn notify(&self) {
        *self.notified.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits for the signal, at most for `longest`.
    pub fn wait(&self, longest: Duration) {
        let notified = self.notified.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = self.changed.wait_timeout_while(notified, longest, |notified| !*notified);
        *woken.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}
