//! The audit log.

use crate::app::App;
use crate::domain::audit::{Busy, Entry, Filter};
use crate::domain::{Listing, Page, Result};

/// The entries that fit a filter, newest first.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn entries(app: &App, filter: &Filter, page: &Page) -> Result<Listing<Entry>> {
    app.store.read(|db| db.audit(filter, page))
}

/// The number of entries that fit a filter, by the hour or the day.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn activity(app: &App, filter: &Filter) -> Result<Vec<Busy>> {
    app.store.read(|db| db.activity(filter))
}
