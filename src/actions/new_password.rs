//! Checking and hashing a new password: in the hasher's queue, and charged to an allowance.

use crate::app::{App, Line};
use crate::domain::ids::UserId;
use crate::domain::invitation::Invitation;
use crate::domain::password::Owner;
use crate::domain::phrase::phrase;
use crate::domain::session::SignedIn;
use crate::domain::{Error, Password, Result};

/// The allowances that the check of a new password is charged to.
pub(super) struct Payer {
    /// The person who sets the password; the address of the request if there is no account yet.
    person: String,
    /// The id of the session or the secret of the link by which it is set.
    by: String,
    /// The address that the request comes from.
    address: String,
}

impl Payer {
    pub(super) fn new(person: &str, by: &str, address: &str) -> Self {
        Self { person: person.into(), by: by.into(), address: address.into() }
    }

    /// A person, by the link with this secret.
    pub(super) fn by_link(user: &UserId, token: &str, address: &str) -> Self {
        Self::new(user.as_str(), token, address)
    }

    /// A person without an account, by the secret of their invitation. Each organisation has its own allowance, so that
    /// invitations to another one use nothing up here.
    pub(super) fn by_invitation(invitation: &Invitation, token: &str, address: &str) -> Self {
        Self::new(&format!("{} in {}", invitation.email, invitation.organisation), token, address)
    }

    /// A person, by their session. A session without a password grant has a separate allowance: the identity
    /// provider of one organisation must not use up the allowance that the person needs elsewhere.
    pub(super) fn by_session(asking: &SignedIn, address: &str) -> Self {
        Self::new(&asking.allowance(), asking.session.id.as_str(), address)
    }

    pub(super) fn line(&self) -> Line {
        Line::known(&self.person, &self.address)
    }
}

/// A new password that was accepted.
pub(super) struct NewPassword(Password);

/// Checks a new password; the only way to make a `NewPassword`.
///
/// # Errors
/// `Invalid` with `field`; `Throttled` after many checks; `Unavailable` when the queue is full.
pub(super) fn new_password(app: &App, payer: &Payer, field: &str, raw: String, owner: &Owner) -> Result<NewPassword> {
    judged(app, payer, || Password::new(field, raw, owner))?.map(NewPassword)
}

/// Hashes a new password.
///
/// # Errors
/// `Unavailable` when the queue is full.
pub(super) fn hash_of(app: &App, payer: &Payer, new: &NewPassword) -> Result<String> {
    app.hasher.hash(&payer.line(), &new.0)
}

/// Checks and hashes a new password.
///
/// # Errors
/// `Invalid` with `field`; `Throttled` after many checks; `Unavailable` when the queue is full.
pub(super) fn hash_of_new(app: &App, payer: &Payer, field: &str, raw: String, owner: &Owner) -> Result<String> {
    hash_of(app, payer, &new_password(app, payer, field, raw, owner)?)
}

/// The error for a password link that is used, revoked or expired.
pub(super) fn gone() -> Error {
    Error::NotFound(phrase!("link-used-or-expired"))
}

/// The error for a new password that is the current one.
pub(super) fn unchanged(field: &str) -> Error {
    Error::invalid(field, phrase!("field-password-unchanged"))
}

/// Runs a check in the hasher's queue, and charges it.
///
/// # Errors
/// `Throttled` after many checks; `Unavailable` when the queue is full.
pub(super) fn judged<T>(app: &App, payer: &Payer, judge: impl FnOnce() -> T) -> Result<T> {
    app.throttle.charge_judgement(&payer.person, &payer.by, app.now())?;
    app.hasher.judge(&payer.line(), judge)
}
