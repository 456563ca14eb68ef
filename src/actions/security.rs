//! The security log: the lines of the audit log about attempts that led nowhere. No flood fills it.

use super::{Author, Caller};
use crate::app::{App, Room};
use crate::domain::Result;
use crate::domain::audit::{Actor, Event};
use crate::domain::principal::Claim;
use crate::store::Note;
use serde_json::json;

/// Writes a line, while there is room for one. Nobody waits for it: the time that takes would tell who is known.
pub fn note(app: &App, actor: Actor, address: &str, event: Event) {
    let author = Author { actor, address: address.to_owned() };
    write(app, app.security_log.room(app.now(), false), move |note| author.log(note, &event));
}

/// Writes the line of a failed sign-in of a known person, for which a part of each minute is kept: noise of strangers does not hide it.
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

/// Tells how many lines were left out in a flood that is over.
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
