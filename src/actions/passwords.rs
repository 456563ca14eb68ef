//! What a new password is worth, before it is set.

use super::invitations::{self, Inspected};
use super::{account, setup};
use crate::app::App;
use crate::domain::password::{Owner, Strength};
use crate::domain::session::SignedIn;
use crate::domain::{Error, Result};

/// A password in the making, and whose it becomes.
pub struct Draft {
    /// As far as it is typed.
    pub password: String,
    /// The name, as far as it is typed; only looked at for somebody who is new.
    pub name: String,
    /// The address, as far as it is typed; only looked at before the set-up.
    pub email: String,
    /// The organisation's name, as far as it is typed; only looked at before the set-up.
    pub organisation: String,
    /// From the link that lets its bearer set one: of the set-up, an invitation or a reset.
    pub token: Option<String>,
}

/// Judges a draft by the same rule as the setting of it, with its owner's own words: for whoever holds a link that sets a
/// password, and for whoever is signed in. To judge takes time, so that it is for nobody else.
///
/// # Errors
/// `Refused` for anybody else.
pub fn judge(app: &App, asking: Option<&SignedIn>, draft: &Draft) -> Result<Strength> {
    let owner = match &draft.token {
        Some(token) => owner_of_link(app, token, draft)?,
        None => asking.map(|asking| account::owner(&asking.user, &asking.seats)),
    };
    Ok(Strength::of(&draft.password, &owner.ok_or_else(Error::unauthorized)?))
}

/// Whose password a link sets; nobody's where it opens nothing.
fn owner_of_link(app: &App, token: &str, draft: &Draft) -> Result<Option<Owner>> {
    if setup::is_open(app, token)? {
        return Ok(Some(Owner::new(&draft.name, &draft.email, [draft.organisation.as_str()])));
    }
    if let Some(Inspected { invitation, organisation, .. }) = found(invitations::inspect(app, token))? {
        return Ok(Some(Owner::new(&draft.name, invitation.email.as_str(), [organisation.name.as_str()])));
    }
    let reset = found(account::inspect_reset(app, token))?;
    Ok(reset.map(|(user, seats)| account::owner(&user, &seats)))
}

fn found<T>(inspected: Result<T>) -> Result<Option<T>> {
    match inspected {
        Ok(it) => Ok(Some(it)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
