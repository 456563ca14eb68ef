//! Wakes threads that wait for work.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A notice that there is work. It wakes one wait, also one that begins later.
#[derive(Default)]
pub struct Wakeup {
    notified: Mutex<bool>,
    changed: Condvar,
}

impl Wakeup {
    /// Wakes the thread that waits, or the next one to wait.
    pub fn notify(&self) {
        *self.notified.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits until it is notified, at most for this long.
    pub fn wait(&self, longest: Duration) {
        let notified = self.notified.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = self.changed.wait_timeout_while(notified, longest, |notified| !*notified);
        *woken.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}
