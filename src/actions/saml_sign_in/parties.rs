//! The two parties of a SAML sign-in, by which responses are verified.

use crate::app::App;
use crate::domain::connection::{Connection, Settings};
use crate::domain::organisation::Organisation;
use crate::domain::own_keys::Keyring;
use crate::domain::phrase::phrase;
use crate::domain::seal::digest;
use crate::domain::{Error, Result};
use crate::saml::{Certificate, IdentityProvider, Product, ServiceProvider};

/// The parties as an organisation's callback has them, and what the provider's software may be.
///
/// # Errors
/// `NotFound` where the organisation has no connection; `Invalid` when a stored certificate cannot be read.
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

/// Us at an organisation's callback, with what opens encrypted assertions.
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

/// Identifies the provider and the certificate, of this fingerprint, by which a response was verified.
pub(super) fn settings_hash(settings: &Settings, certificate: &str) -> Vec<u8> {
    digest(&format!("{}\n{}\n{certificate}", settings.idp_entity_id, settings.sign_on_url))
}

/// True if the connection still has that provider and that certificate. Changes of its other certificates do not matter.
pub(super) fn still_trusted(settings: &Settings, hash: &[u8]) -> bool {
    settings.certificates.iter().any(|pem| is_signer(settings, pem, hash))
}

/// True if this is the certificate by which a response was verified.
pub(super) fn is_signer(settings: &Settings, pem: &str, hash: &[u8]) -> bool {
    Certificate::fingerprint_of_stored(pem).is_some_and(|print| settings_hash(settings, &print) == hash)
}
