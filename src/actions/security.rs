//! The security log: the audit entries about failed attempts. Their number per minute is limited, so that a flood of
//! attempts cannot fill the log.

use super::{Author, Caller};
use crate::app::{App, Room};
use crate::domain::Result;
use crate::domain::audit::{Actor, Event};
use crate::domain::principal::Claim;
use crate::store::Note;
use serde_json::json;

/// Adds an entry while the limit allows it. The caller does not wait for it, because the time would show outsiders
/// whether an account exists.
pub fn note(app: &App, actor: Actor, address: &str, event: Event) {
    let author = Author { actor, address: address.to_owned() };
    write(app, app.security_log.room(app.now(), false), move |note| author.log(note, &event));
}

/// Adds the entry of a failed sign-in of a known person. A part of the limit is reserved for these, so that attempts of
/// strangers cannot hide them.
pub(super) fn write_kept(app: &App, line: impl FnOnce(&Note) -> Result<()> + Send + 'static) {
    write(app, app.security_log.room(app.now(), true), line);
}

fn write(app: &App, room: Room, line: impl FnOnce(&Note) -> Result<()> + Send + 'static) {
    if let Some(left_out) = room.left_out {
        app.store.note_later(move |note| log_left_out(note, left_out));
    }
    if room.line {
        app.store.note_later(line);
    }
}

/// Logs the number of entries that were left out in a flood that has ended.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn tell_left_out(app: &App) -> Result<()> {
    match app.security_log.left_out(app.now()) {
        Some(left_out) => app.write(&Claim::job(), move |tx| log_left_out(tx, left_out)),
        None => Ok(()),
    }
}

fn log_left_out(note: &Note, left_out: u64) -> Result<()> {
    let event = Event::new("security.left_out", "security", "", "").with(json!({ "lines": left_out }));
    Caller::job().author.log(note, &event)
}
