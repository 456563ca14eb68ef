//! Finding an organisation by its portal key.

use crate::app::App;
use crate::domain::Result;
use crate::domain::access::SamlAccess;
use crate::domain::connection::PortalKey;
use crate::domain::organisation::Organisation;
use crate::domain::own_address::OwnAddress;

/// The portal key in what a person typed: the key itself, or our own portal URL, which contains it.
pub fn key_in(app: &App, typed: &str) -> String {
    OwnAddress::portal_key(app.config.public_url.origin(), typed).unwrap_or_else(|| typed.trim().to_owned())
}

/// The organisation of a portal key; `None` if the key is unknown, or members cannot sign in through SAML there.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn find_behind(app: &App, key: &str) -> Result<Option<Organisation>> {
    let Ok(key) = PortalKey::parse(key) else { return Ok(None) };
    let organisation = app.store.read(|db| db.find_organisation_of_portal_key(&key.folded()))?;
    Ok(organisation.filter(|organisation| organisation.sign_in_policy().saml() == SamlAccess::Yes))
}
