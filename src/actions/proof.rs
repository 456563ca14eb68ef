//! A password that somebody types to prove who they are, besides the door itself: to accept an invitation, or to confirm a session.

use super::{Author, security};
use crate::app::{App, Checked, Permit, Source};
use crate::domain::audit::{Actor, Event};
use crate::domain::person::User;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::session::Seat;
use crate::domain::{Email, Error, Password, Result};

/// Checks the password of the person with this address. A wrong one is charged as at the door and logged; where it is right, or could
/// not be judged, the charge is given back. `wrong`: the refusal in words.
///
/// # Errors
/// `Refused` when it is wrong; `Forbidden` with code `disabled`; `Throttled`; `Unavailable` when too many are being checked.
pub(super) fn by_password(
    app: &App,
    email: &Email,
    source: Source,
    password: &Password,
    wrong: Phrase,
) -> Result<User> {
    let charge = app.throttle.charge(email, source, app.now())?;
    let checked = checked(app, email, source, password);
    if !matches!(checked, Ok((_, Checked::Wrong))) {
        app.throttle.refund(&charge);
    }
    match checked? {
        (Some(user), Checked::Right { .. }) => user.enabled().map(|()| user),
        (user, _) => {
            note_refusal(app, source.address, user, "wrong_password");
            Err(Error::Refused { code: "refused", message: wrong })
        }
    }
}

/// The person of an address, and whether this is their password; at most a few at once for one account.
///
/// # Errors
/// `Unavailable` when too many are being checked.
pub(super) fn checked(
    app: &App,
    email: &Email,
    source: Source,
    password: &Password,
) -> Result<(Option<User>, Checked)> {
    let _permit = place(app, email, source.known.is_some())?;
    let user = app.store.read(|db| db.find_user(email))?;
    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let checked = app.hasher.check(&source.line(email), password, hash)?;
    Ok((user, checked))
}

/// A place among the few password checks that run at once for one account. `known`: from a browser that the account knows, a session of
/// it, or by a link to it; strangers have places of their own, and fill no others.
///
/// # Errors
/// `Unavailable` when none is free.
pub(super) fn place(app: &App, email: &Email, known: bool) -> Result<Permit> {
    let busy = || Error::busy(phrase!("busy-account"));
    let key = if known { format!("known {email}") } else { email.to_string() };
    app.guesses.enter(&key).ok_or_else(busy)
}

/// Logs a refusal, in each organisation of a known person that their password was confirmed for, without the text that was typed: an
/// organisation that knows them by SAML alone learns nothing of their password. For an unknown person it takes the same time, so that the
/// answer does not tell who is known.
pub(super) fn note_refusal(app: &App, address: &str, user: Option<User>, reason: &str) {
    let Some(user) = user else {
        let event = Event::new("security.sign_in_failed", "security", "", "");
        return security::note(app, Actor::Anonymous, address, event);
    };
    note_refusal_in(app, address, &user, reason, |seat| seat.standing.password_agreed);
}

/// The same of a known person, in those of their organisations that it concerns.
pub(super) fn note_refusal_in(
    app: &App,
    address: &str,
    user: &User,
    reason: &str,
    concerns: impl Fn(&Seat) -> bool + Send + 'static,
) {
    let event = Event::new("session.refused", "session", &user.id, &user.email);
    let (user, event) = (user.id.clone(), event.with(serde_json::json!({ "reason": reason })));
    let author = Author::anonymous(address);
    security::write_kept(app, move |note| {
        let concerned = note.seats(&user)?.into_iter().filter(&concerns).map(|seat| seat.organisation.id);
        let concerned: Vec<_> = concerned.collect();
        author.log_in_each(note, &concerned, &event)
    });
}
