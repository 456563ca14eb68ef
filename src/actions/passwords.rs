//! What a new password is worth, before it is set.

use super::{account, invitations, setup};
use crate::app::App;
use crate::domain::password::Strength;
use crate::domain::session::{Seat, SignedIn};
use crate::domain::{Error, Result};

/// A password in the making, and whose it becomes.
pub struct Draft {
    /// As far as it is typed.
    pub password: String,
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
        Some(token) => Owner::of_link(app, token, draft)?,
        None => asking.map(|asking| Owner::of(asking.user.email.as_str(), &asking.seats)),
    };
    let Owner { email, organisations } = owner.ok_or_else(Error::unauthorized)?;
    let organisations: Vec<_> = organisations.iter().map(String::as_str).collect();
    Ok(Strength::of(&draft.password, &email, &organisations))
}

/// Whose words count as guesses.
struct Owner {
    email: String,
    organisations: Vec<String>,
}

impl Owner {
    fn of(email: &str, seats: &[Seat]) -> Self {
        let organisations = account::organisation_names(seats).into_iter().map(str::to_owned).collect();
        Self { email: email.to_owned(), organisations }
    }

    /// Nobody where the link opens nothing.
    fn of_link(app: &App, token: &str, draft: &Draft) -> Result<Option<Self>> {
        if setup::is_open(app, token)? {
            return Ok(Some(Self { email: draft.email.clone(), organisations: vec![draft.organisation.clone()] }));
        }
        if let Some(invited) = found(invitations::inspect(app, token))? {
            let email = invited.invitation.email.to_string();
            return Ok(Some(Self { email, organisations: vec![invited.organisation.name] }));
        }
        let reset = found(account::inspect_reset(app, token))?;
        Ok(reset.map(|(user, seats)| Self::of(user.email.as_str(), &seats)))
    }
}

fn found<T>(inspected: Result<T>) -> Result<Option<T>> {
    match inspected {
        Ok(it) => Ok(Some(it)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
