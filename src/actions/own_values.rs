//! Our own values where the provider's belong: each side's set-up asks for the other's, and they are easily mixed up.

use crate::app::App;
use crate::domain::connection::Settings;
use crate::domain::organisation::Organisation;
use crate::domain::own_address::OwnAddress;
use crate::domain::own_keys::Keyring;
use crate::domain::{Error, Result};
use crate::saml;

/// The value that each field needs instead of ours.
const WANTED: [(&str, &str); 4] = [
    ("sign_on_url", "enter the provider's sign-on URL"),
    ("idp_entity_id", "enter the provider's entity ID (issuer)"),
    ("metadata_url", "enter the address of the provider's metadata"),
    ("metadata_xml", "load the provider's metadata"),
];

fn refuse(field: &str, ours: &str) -> Error {
    let wanted = WANTED.iter().find(|(name, _)| *name == field).map_or("enter the provider's", |(_, wanted)| wanted);
    Error::invalid(field, format!("is {ours}, which belongs in the provider's settings; {wanted}"))
}

/// Refuses an address that is one of ours.
///
/// # Errors
/// `Invalid` with `field`, which says which of ours it is.
pub(super) fn foreign(app: &App, field: &str, address: &str) -> Result<()> {
    OwnAddress::of(app.config.public_url.origin(), address).map_or(Ok(()), |own| Err(refuse(field, own.name())))
}

/// The same for all values that an admin typed or that metadata filled in.
///
/// # Errors
/// `Invalid` with the field that holds one of ours.
pub(super) fn all_foreign(app: &App, organisation: &Organisation, settings: &Settings) -> Result<()> {
    foreign(app, "sign_on_url", &settings.sign_on_url)?;
    foreign(app, "idp_entity_id", &settings.idp_entity_id)?;
    let keyring = app.store.read(|db| db.find_keyring(&organisation.id))?;
    let pairs = keyring.iter().flat_map(Keyring::generations).flat_map(|keys| [&keys.signing, &keys.encryption]);
    let ours: Vec<_> = pairs.map(|pair| pair.certificate.trim()).collect();
    if settings.certificates.iter().any(|pem| ours.contains(&pem.trim())) {
        return Err(Error::invalid("certificates", "is our own certificate, from our metadata; paste the provider's"));
    }
    Ok(())
}

/// The error in metadata that cannot be used, or that is our own.
pub(super) fn of_metadata(app: &App, xml: &str, fault: Error) -> Error {
    let own = saml::service_provider_in(xml).and_then(|id| OwnAddress::of(app.config.public_url.origin(), &id));
    if own.is_some() { refuse("metadata_xml", "our own metadata") } else { fault }
}
