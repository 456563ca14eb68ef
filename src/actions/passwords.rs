//! The strength of a new password, shown while it is typed.

use super::invitations::{self, Inspected};
use super::new_password::{Payer, judged};
use super::{account, first_run};
use crate::app::App;
use crate::domain::password::{Owner, Strength};
use crate::domain::session::SignedIn;
use crate::domain::{Error, Result};

/// A password that is being typed, and what is known about its owner.
pub struct Draft {
    /// The password as typed so far.
    pub password: String,
    /// The name as typed so far; used only for a person without an account.
    pub name: String,
    /// The e-mail address as typed so far; used only during the set-up of the appliance.
    pub email: String,
    /// The organisation's name as typed so far; used only during the set-up of the appliance.
    pub organisation: String,
    /// The token of the link that sets the password: a set-up link, an invitation or a password link.
    pub token: Option<String>,
}

/// Checks a draft by the same rule as `hash_of_new`, with the words of its owner. Only for the holders of a link that
/// sets a password, and for people who are signed in, because a check takes time. `address`: the address of the
/// request.
///
/// # Errors
/// `Refused` for other people; `Throttled`; `Unavailable` when the queue is full.
pub fn judge(app: &App, asking: Option<&SignedIn>, draft: &Draft, address: &str) -> Result<Strength> {
    let (owner, payer) = match (&draft.token, asking) {
        (Some(token), _) => owner_of_link(app, token, draft, address)?.ok_or_else(Error::unauthorized)?,
        (None, Some(asking)) => {
            // A session through one organisation's identity provider must not learn the names of the person's other
            // organisations.
            let seen = asking.seats.iter().filter(|seat| asking.sees(seat));
            (account::owner(&asking.user, seen), Payer::by_session(asking, address))
        }
        (None, None) => return Err(Error::unauthorized()),
    };
    judged(app, &payer, || Strength::of(&draft.password, &owner))
}

/// The person whose password a link sets, and the allowances that its check is charged to; `None` if the link does not
/// work.
fn owner_of_link(app: &App, token: &str, draft: &Draft, address: &str) -> Result<Option<(Owner, Payer)>> {
    if first_run::is_open(app, token)? {
        let owner = Owner::new(&draft.name, &draft.email, [draft.organisation.as_str()]);
        return Ok(Some((owner, Payer::new(address, token, address))));
    }
    if let Some(Inspected { invitation, organisation, .. }) = found(invitations::inspect(app, token))? {
        let owner = Owner::new(&draft.name, invitation.email.as_str(), [organisation.name.as_str()]);
        return Ok(Some((owner, Payer::by_invitation(&invitation, token, address))));
    }
    let reset = found(account::inspect_reset(app, token))?;
    Ok(reset.map(|(link, seats)| (account::owner(&link.user, &seats), Payer::by_link(&link.user.id, token, address))))
}

fn found<T>(inspected: Result<T>) -> Result<Option<T>> {
    match inspected {
        Ok(it) => Ok(Some(it)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
