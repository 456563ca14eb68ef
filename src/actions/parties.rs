//! The two parties of a SAML sign-in, as the callback judges by them.

use crate::app::App;
use crate::domain::Result;
use crate::domain::connection::Connection;
use crate::domain::organisation::Organisation;
use crate::domain::own_keys::Keyring;
use crate::saml::{Certificate, IdentityProvider, ServiceProvider};

/// Us at an organisation's callback, with what opens encrypted assertions.
pub fn own_side(app: &App, organisation: &Organisation, keyring: Option<&Keyring>) -> ServiceProvider {
    let keys = keyring.into_iter().flat_map(Keyring::generations).map(|keys| keys.encryption.key.clone());
    ServiceProvider { keys: keys.collect(), ..app.service_provider(&organisation.connection_id) }
}

/// The identity provider of a connection.
///
/// # Errors
/// `Invalid` when a stored certificate cannot be read.
pub fn other_side(connection: &Connection) -> Result<IdentityProvider> {
    let settings = &connection.settings;
    Ok(IdentityProvider {
        entity_id: settings.idp_entity_id.clone(),
        certificates: settings.certificates.iter().map(|pem| Certificate::stored(pem)).collect::<Result<_>>()?,
    })
}
