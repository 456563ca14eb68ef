//! Copies of the database that were made without its transaction log.

use super::Caller;
use crate::domain::audit::Event;
use crate::domain::{Clock, Result, Timestamp};
use crate::store::Store;
use std::path::Path;

/// An incomplete copy that was accepted.
pub struct Accepted {
    /// When the newest entry of its audit log was written.
    pub newest_event_at: Option<Timestamp>,
}

/// Accepts the database of this folder although a part is missing, and ends the warning about it. Returns `None` if
/// nothing is missing.
///
/// # Errors
/// `Unavailable` when the database cannot be used.
pub fn accept(folder: &Path, caller: &Caller) -> Result<Option<Accepted>> {
    let store = Store::open(folder, Clock::System)?;
    if !store.is_cut_off() {
        return Ok(None);
    }
    let author = caller.author.clone();
    store.write(&caller.claim, move |tx| {
        let newest_event_at = tx.newest_event_at()?;
        tx.accept_as_whole()?;
        author.log(tx, &Event::new("security.copy_accepted", "security", "", "vestibule.db"))?;
        Ok(Some(Accepted { newest_event_at }))
    })
}
