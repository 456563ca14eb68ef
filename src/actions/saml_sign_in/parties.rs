//! The two parties of a SAML sign-in, for verifying responses.

use crate::app::App;
use crate::domain::connection::{Connection, Settings};
use crate::domain::organisation::Organisation;
use crate::domain::own_keys::Keyring;
use crate::domain::phrase::phrase;
use crate::domain::seal::digest;
use crate::domain::{Error, Result};
use crate::saml::{Certificate, IdentityProvider, Product, ServiceProvider};

/// The parties at an organisation's callback, and the products that the provider may be.
///
/// # Errors
/// `NotFound` when the organisation has no connection; `Invalid` when a stored certificate cannot be read.
pub fn at_callback_of(
    app: &App,
    organisation: &Organisation,
) -> Result<(ServiceProvider, IdentityProvider, Vec<Product>)> {
    let (connection, keyring) =
        app.store.read(|db| Ok((db.find_connection(&organisation.id)?, db.find_keyring(&organisation.id)?)))?;
    let missing = || Error::NotFound(phrase!("no-sso-connection", organisation = &organisation.name));
    let connection = connection.ok_or_else(missing)?;
    let settings = &connection.settings;
    let products = Product::behind(settings.provider, [&settings.idp_entity_id, &settings.sign_on_url]);
    Ok((own_side(app, organisation, keyring.as_ref()), other_side(&connection)?, products))
}

/// The service provider (us) at an organisation's callback, with the keys that decrypt assertions.
pub(super) fn own_side(app: &App, organisation: &Organisation, keyring: Option<&Keyring>) -> ServiceProvider {
    let keys = keyring.into_iter().flat_map(Keyring::generations).map(|keys| keys.encryption.key.clone());
    ServiceProvider { keys: keys.collect(), ..app.service_provider(&organisation.connection_id) }
}

/// The identity provider of a connection.
///
/// # Errors
/// `Invalid` when a stored certificate cannot be read.
pub(super) fn other_side(connection: &Connection) -> Result<IdentityProvider> {
    let settings = &connection.settings;
    Ok(IdentityProvider {
        entity_id: settings.idp_entity_id.clone(),
        certificates: settings.certificates.iter().map(|pem| Certificate::stored(pem)).collect::<Result<_>>()?,
    })
}

/// A digest of the provider's settings and of the certificate that signed a response. `certificate`: its fingerprint.
pub(super) fn settings_hash(settings: &Settings, certificate: &str) -> Vec<u8> {
    digest(&format!("{}\n{}\n{certificate}", settings.idp_entity_id, settings.sign_on_url))
}

/// True if the connection still has the provider and certificate of this digest. Its other certificates do not matter.
pub(super) fn still_trusted(settings: &Settings, hash: &[u8]) -> bool {
    settings.certificates.iter().any(|pem| is_signer(settings, pem, hash))
}

/// True if this certificate signed the response of this digest.
pub(super) fn is_signer(settings: &Settings, pem: &str, hash: &[u8]) -> bool {
    Certificate::fingerprint_of_stored(pem).is_some_and(|print| settings_hash(settings, &print) == hash)
}
