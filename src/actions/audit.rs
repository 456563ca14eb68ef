//! The audit log.

use crate::app::App;
use crate::domain::audit::{Busy, Entry, Filter};
use crate::domain::audit_chain::{Fault, Verified};
use crate::domain::phrase::{Phrase, Value, phrase};
use crate::domain::principal::Claim;
use crate::domain::{Listing, Page, Result};
use crate::store::Db;

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

/// A verified log, and the organisation to which it belongs.
#[derive(Debug)]
pub struct VerifiedLog {
    /// The slug of the organisation, or its id if it was deleted; `None` for the log of the appliance.
    pub organisation: Option<String>,
    /// The result.
    pub verified: Verified,
}

impl VerifiedLog {
    /// The fault in words; `None` if there is none.
    pub fn fault(&self) -> Option<Phrase> {
        let log = match &self.organisation {
            Some(slug) => Value::from(slug),
            None => Value::from(phrase!("audit-chain-appliance")),
        };
        Some(match self.verified.fault.as_ref()? {
            Fault::Missing { from, to } if from == to => phrase!("audit-chain-one-missing", log = log, number = *from),
            Fault::Missing { from, to } => phrase!("audit-chain-missing", log = log, from = *from, to = *to),
            Fault::Order { number, expected } => {
                phrase!("audit-chain-order", log = log, number = *number, expected = *expected)
            }
            Fault::Changed { number, at } => {
                phrase!("audit-chain-changed", log = log, number = *number, at = at.to_string())
            }
            Fault::Head { number } => phrase!("audit-chain-head", log = log, number = *number),
        })
    }
}

/// Verifies the chain of every log; the log of the appliance comes first.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn verify(app: &App) -> Result<Vec<VerifiedLog>> {
    app.store.read(verified)
}

/// As `verify`, in a transaction or a backup.
///
/// # Errors
/// `Internal` when an entry cannot be read.
pub(super) fn verified(db: &Db) -> Result<Vec<VerifiedLog>> {
    let named = |verified: Verified| {
        let slug = |id: &String| db.organisation(id).map_or_else(|_| id.clone(), |found| found.slug);
        VerifiedLog { organisation: verified.organisation.as_ref().map(slug), verified }
    };
    Ok(db.verify_audit()?.into_iter().map(named).collect())
}

/// The number of entries that fit a filter, by the hour or the day.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn activity(app: &App, filter: &Filter) -> Result<Vec<Busy>> {
    app.store.read(|db| db.activity(filter))
}
