//! Refuses our own values in place of the provider's: each side's set-up asks for the other side's values, and they are
//! easily mixed up.

use crate::app::App;
use crate::domain::connection::Settings;
use crate::domain::organisation::Organisation;
use crate::domain::own_address::OwnAddress;
use crate::domain::own_keys::Keyring;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result};
use crate::saml;

fn refuse(field: &str, ours: Phrase) -> Error {
    Error::invalid(field, phrase!("field-own-value", ours = ours, field = field))
}

/// Refuses an address that belongs to this appliance.
///
/// # Errors
/// `Invalid` with `field`; the message names our value.
pub(super) fn refuse_own_address(app: &App, field: &str, address: &str) -> Result<()> {
    OwnAddress::of(app.config.public_url.origin(), address).map_or(Ok(()), |own| Err(refuse(field, own.name())))
}

/// As `refuse_own_address`, for all values that an admin typed or that metadata filled in.
///
/// # Errors
/// `Invalid` with the field that contains one of our values.
pub(super) fn refuse_own_values(app: &App, organisation: &Organisation, settings: &Settings) -> Result<()> {
    refuse_own_address(app, "sign_on_url", &settings.sign_on_url)?;
    refuse_own_address(app, "idp_entity_id", &settings.idp_entity_id)?;
    let keyring = app.store.read(|db| db.find_keyring(&organisation.id))?;
    let pairs = keyring.iter().flat_map(Keyring::generations).flat_map(|keys| [&keys.signing, &keys.encryption]);
    let ours: Vec<_> = pairs.map(|pair| pair.certificate.trim()).collect();
    if settings.certificates.iter().any(|pem| ours.contains(&pem.trim())) {
        return Err(Error::invalid("certificates", phrase!("field-own-certificate")));
    }
    Ok(())
}

/// The error for metadata that cannot be used: `fault`, or another error if it is our own metadata.
pub(super) fn of_metadata(app: &App, xml: &str, fault: Error) -> Error {
    let own = saml::service_provider_in(xml).and_then(|id| OwnAddress::of(app.config.public_url.origin(), &id));
    if own.is_some() { refuse("metadata_xml", phrase!("own-metadata")) } else { fault }
}
