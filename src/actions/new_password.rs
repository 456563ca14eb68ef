//! The one way to a new password: judged in the hasher's queue, and charged.

use crate::app::{App, Line};
use crate::domain::ids::UserId;
use crate::domain::password::Owner;
use crate::domain::session::SignedIn;
use crate::domain::{Error, Password, Result};

/// Whom a judgement is charged to.
pub(super) struct Payer<'a> {
    /// Whose password it becomes: their id; the address that the request comes from, where nobody is known yet.
    pub person: &'a str,
    /// The id of the session or the secret of the link by which it is set.
    pub by: &'a str,
}

impl<'a> Payer<'a> {
    /// A person, by the link with this secret.
    pub(super) fn by_link(user: &'a UserId, token: &'a str) -> Self {
        Self { person: user.as_str(), by: token }
    }

    /// A person, by their session.
    pub(super) fn by_session(asking: &'a SignedIn) -> Self {
        Self { person: asking.user.id.as_str(), by: asking.session.id.as_str() }
    }

    fn line(&self) -> Line {
        Line::Known(self.by.to_owned())
    }
}

/// A password that may become somebody's.
pub(super) struct NewPassword(Password);

/// Judges a new password; the only way to one.
///
/// # Errors
/// `Invalid` with `field`; `Throttled` after many judgements; `Unavailable` when too many wait.
pub(super) fn new_password(app: &App, payer: &Payer, field: &str, raw: String, owner: &Owner) -> Result<NewPassword> {
    judged(app, payer, || Password::new(field, raw, owner))?.map(NewPassword)
}

/// The hash of a new password; the only way to one.
///
/// # Errors
/// `Unavailable` when too many wait.
pub(super) fn hash_of(app: &App, payer: &Payer, new: &NewPassword) -> Result<String> {
    app.hasher.hash(&payer.line(), &new.0)
}

/// Both at once.
///
/// # Errors
/// `Invalid` with `field`; `Throttled` after many judgements; `Unavailable` when too many wait.
pub(super) fn hash_of_new(app: &App, payer: &Payer, field: &str, raw: String, owner: &Owner) -> Result<String> {
    hash_of(app, payer, &new_password(app, payer, field, raw, owner)?)
}

/// The refusal of a link that sets a password and is used, revoked or expired.
pub(super) fn gone() -> Error {
    Error::NotFound("This link was used or has expired. Ask for a new one.".into())
}

/// The refusal of a new password that is the current one.
pub(super) fn unchanged(field: &str) -> Error {
    Error::invalid(field, "This is your current password. Choose a new one.")
}

/// Judges in the hasher's queue, and charges it.
///
/// # Errors
/// `Throttled` after many judgements; `Unavailable` when too many wait.
pub(super) fn judged<T>(app: &App, payer: &Payer, judge: impl FnOnce() -> T) -> Result<T> {
    app.throttle.charge_judgement(payer.person, payer.by, app.now())?;
    app.hasher.judge(&payer.line(), judge)
}
