//! The strength of a new password, before it is set.

use super::invitations::{self, Inspected};
use super::new_password::{Payer, judged};
use super::{account, first_run};
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
    /// From the link that sets one: of the set-up, an invitation or a reset.
    pub token: Option<String>,
}

/// Judges a draft by the same rule as `hash_of_new`, with its owner's own words: for those who hold a link that sets a password, and for
/// those who are signed in. A judgement takes time, so it is for nobody else. `address`: where the request comes from.
///
/// # Errors
/// `Refused` for anybody else; `Throttled`; `Unavailable` when too many wait.
pub fn judge(app: &App, asking: Option<&SignedIn>, draft: &Draft, address: &str) -> Result<Strength> {
    let (owner, payer) = match (&draft.token, asking) {
        (Some(token), _) => owner_of_link(app, token, draft, address)?.ok_or_else(Error::unauthorized)?,
        (None, Some(asking)) => {
            // A session that came through one organisation's identity provider learns nothing of the others.
            let seen = asking.seats.iter().filter(|seat| asking.sees(seat));
            (account::owner(&asking.user, seen), Payer::by_session(asking, address))
        }
        (None, None) => return Err(Error::unauthorized()),
    };
    judged(app, &payer, || Strength::of(&draft.password, &owner))
}

/// The person whose password a link sets, and the allowances that its check uses; nothing if the link does not work.
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
