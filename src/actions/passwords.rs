//! What a new password is worth, before it is set.

use super::setup;
use crate::app::App;
use crate::domain::password::Strength;
use crate::domain::session::SignedIn;
use crate::domain::{Error, Result};

/// A password in the making, and whose it becomes.
pub struct Draft {
    /// As far as it is typed.
    pub password: String,
    /// The address, as far as it is typed; only looked at before the set-up.
    pub email: String,
    /// The organisation's name, as far as it is typed; only looked at before the set-up.
    pub organisation: String,
    /// From the set-up link, where nobody is here yet.
    pub token: Option<String>,
}

/// Judges a draft by the same rule as the setting of it: for whoever is signed in, by their own words, and for whoever holds the
/// set-up link. To judge takes time, so that it is for nobody else.
///
/// # Errors
/// `Refused` for anybody else.
pub fn judge(app: &App, asking: Option<&SignedIn>, draft: &Draft) -> Result<Strength> {
    if let Some(asking) = asking {
        let names: Vec<_> = asking.seats.iter().map(|seat| seat.organisation.name.as_str()).collect();
        return Ok(Strength::of(&draft.password, asking.user.email.as_str(), &names));
    }
    match &draft.token {
        Some(token) if setup::is_open(app, token)? => {
            Ok(Strength::of(&draft.password, &draft.email, &[draft.organisation.as_str()]))
        }
        _ => Err(Error::unauthorized()),
    }
}
