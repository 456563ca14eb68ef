//! The audit log.

use crate::app::App;
use crate::domain::audit::{Busy, Entry, Filter};
use crate::domain::principal::Claim;
use crate::domain::{Listing, Page, Result};

/// The entries that fit a filter, newest first.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn entries(app: &App, filter: &Filter, page: &Page) -> Result<Listing<Entry>> {
    app.store.read(|db| db.audit(filter, page))
}

/// As `entries`, for one page of a file. Writing the file takes a while, so the caller's right is judged again for each
/// page, in the same read.
///
/// # Errors
/// The errors of the claim; `Unavailable` when the database cannot be read.
pub fn file_page(app: &App, claim: &Claim, filter: &Filter, page: &Page) -> Result<Listing<Entry>> {
    app.read(claim, |db| db.audit(filter, page))
}

/// The number of entries that fit a filter, by the hour or the day.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn activity(app: &App, filter: &Filter) -> Result<Vec<Busy>> {
    app.store.read(|db| db.activity(filter))
}
