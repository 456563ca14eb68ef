//! Checks a password that proves who a person is, outside of the sign-in itself: to accept an invitation, or to confirm
//! a session.

use super::{Author, security};
use crate::app::{App, Checked, Permit, Source};
use crate::domain::audit::{Actor, Event};
use crate::domain::person::User;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::session::Seat;
use crate::domain::{Email, Error, Password, Result};

/// Checks the password of the person with this address. A wrong password is charged as at sign-in, and logged; the
/// charge is refunded if it is right or could not be checked. `wrong`: the message for a wrong password.
///
/// # Errors
/// `Refused` when it is wrong; `Forbidden` with code `disabled`; `Throttled`; `Unavailable` when too many checks are
/// running.
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
            let reason = wrong_password(user.as_ref());
            note_refusal(app, source.address, user, reason);
            Err(Error::Refused { code: "refused", message: wrong })
        }
    }
}

/// The person with an address, and whether this is their password. Only a few checks run at once for one account.
///
/// # Errors
/// `Unavailable` when too many checks are running.
pub(super) fn checked(
    app: &App,
    email: &Email,
    source: Source,
    password: &Password,
) -> Result<(Option<User>, Checked)> {
    let _permit = permit(app, email, source.known.is_some())?;
    let user = app.store.read(|db| db.find_user(email))?;
    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let checked = app.hasher.check(&source.line(email), password, hash)?;
    Ok((user, checked))
}

/// A permit for one of the few password checks that run at once for one account. `known`: true for a browser that the
/// account knows, a session or a link of the person. Other requests have separate permits, so that they cannot
/// block these requests.
///
/// # Errors
/// `Unavailable` when no permit is free.
pub(super) fn permit(app: &App, email: &Email, known: bool) -> Result<Permit> {
    let busy = || Error::busy(phrase!("busy-account"));
    let key = if known { format!("known {email}") } else { email.to_string() };
    app.guesses.enter(&key).ok_or_else(busy)
}

/// The reason in the log for a refused password: a person without a password has typed no wrong one. The answer is the
/// same for both.
pub(super) fn wrong_password(user: Option<&User>) -> &'static str {
    if user.is_some_and(|user| user.password_hash.is_none()) { "no_password" } else { "wrong_password" }
}

/// Logs a refused sign-in, without the typed password, in the organisations of the person that accept their password:
/// an organisation that knows them only through SAML must not learn about their password. For an unknown
/// person it takes the same time, so that the time of the answer does not show whether an account exists.
pub(super) fn note_refusal(app: &App, address: &str, user: Option<User>, reason: &str) {
    let Some(user) = user else {
        let event = Event::new("security.sign_in_failed", "security", "", "");
        return security::note(app, Actor::Anonymous, address, event);
    };
    note_refusal_in(app, address, &user, reason, |seat| seat.standing.password_agreed);
}

/// As `note_refusal`, for a known person, in the organisations for which `concerns` is true.
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
