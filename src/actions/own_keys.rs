//! Our own SAML keys. Each organisation has its own: rotating them does not affect other customers, and an assertion
//! that one provider encrypted cannot be decrypted at another organisation's callback.

use super::Caller;
use super::mail::Outbox;
use crate::app::{App, Permit};
use crate::domain::audit::Event;
use crate::domain::ids::{ConnectionId, OwnKeysId};
use crate::domain::notice::Change;
use crate::domain::organisation::Organisation;
use crate::domain::own_keys::{Keyring, OwnKeys};
use crate::domain::phrase::phrase;
use crate::domain::principal::Claim;
use crate::domain::{Error, Result};
use crate::saml::{make_own_keys, service_provider_metadata};

/// An organisation's own keys; they are made when they are first needed.
///
/// # Errors
/// `Unavailable` when the database cannot be written, or with code `busy` while other keys are being made.
pub fn keyring(app: &App, organisation: &Organisation) -> Result<Keyring> {
    let known = || app.store.read(|db| db.find_keyring(&organisation.id));
    if let Some(known) = known()? {
        return Ok(known);
    }
    let _permit = permit(app)?;
    if let Some(made_meanwhile) = known()? {
        return Ok(made_meanwhile);
    }
    let made = make_own_keys(&organisation.slug, app.now())?;
    let id = organisation.id.clone();
    app.write(&Claim::job(), move |tx| {
        // Another request may have made keys at the same moment.
        if tx.find_keyring(&id)?.is_none() {
            tx.add_own_keys(&id, &made)?;
        }
        tx.keyring(&id)
    })
}

/// Our SAML metadata for the identity provider behind this connection, with our keys.
///
/// # Errors
/// `NotFound`; the errors of `keyring`.
pub fn metadata(app: &App, id: &ConnectionId) -> Result<String> {
    let organisation = app.store.read(|db| db.find_organisation_of_connection(id))?;
    let organisation = organisation.ok_or_else(|| Error::NotFound(phrase!("connection-not-found")))?;
    let keyring = keyring(app, &organisation)?;
    let connection = app.store.read(|db| db.find_connection(&organisation.id))?;
    let requests = connection.map(|connection| connection.settings.requests).unwrap_or_default();
    Ok(service_provider_metadata(&app.service_provider(id), &keyring, requests))
}

/// A permit to make keys. There is only one: otherwise requests for the metadata of new organisations could use all
/// cores.
fn permit(app: &App) -> Result<Permit> {
    let busy = || Error::busy(phrase!("busy-keys"));
    app.key_making.enter("").ok_or_else(busy)
}

/// Adds a second generation of keys: the metadata contains both, and both decrypt. The older one signs until it is
/// retired.
///
/// # Errors
/// `Conflict` with code `keys_rotating` if there are two generations already; `Unavailable` with code `busy` while
/// other keys are being made.
pub fn rotate(app: &App, caller: &Caller, organisation: &Organisation) -> Result<OwnKeys> {
    app.confirm(&caller.claim)?;
    let oldest = keyring(app, organisation)?;
    if oldest.is_rotating() {
        // If the caller has lost the right meanwhile, this returns that error instead.
        return app.write(&caller.claim, |_| Err(rotating()));
    }
    let permit = permit(app)?;
    // The newer generation needs a later time, even within one second.
    let made = make_own_keys(&organisation.slug, app.now().max(oldest.signer().created_at.plus(1)))?;
    drop(permit);
    let (author, organisation, outbox) = (caller.author.clone(), organisation.clone(), Outbox::of(app));
    app.write_long(&caller.claim, move |tx| {
        if tx.keyring(&organisation.id)?.is_rotating() {
            return Err(rotating());
        }
        tx.add_own_keys(&organisation.id, &made)?;
        outbox.tell_of_connection(tx, &author, &organisation.id, Change::OwnKeys)?;
        author.log(tx, &event("connection.keys_rotated", &organisation, &made.id))?;
        Ok(made)
    })
}

fn rotating() -> Error {
    Error::conflict("keys_rotating", phrase!("keys-rotating"))
}

/// Removes one of two generations; the other one signs. Retiring the newer one undoes a rotation.
///
/// # Errors
/// `NotFound` when the organisation has no such generation; `Conflict` with code `last_keys` when it is the only one.
pub fn retire(app: &App, caller: &Caller, organisation: &Organisation, id: OwnKeysId) -> Result<()> {
    let (author, organisation, outbox) = (caller.author.clone(), organisation.clone(), Outbox::of(app));
    app.write_long(&caller.claim, move |tx| {
        let keyring = tx.keyring(&organisation.id)?;
        if !keyring.generations().any(|keys| keys.id == id) {
            return Err(Error::NotFound(phrase!("keys-not-found")));
        }
        if !keyring.is_rotating() {
            return Err(Error::conflict("last_keys", phrase!("last-keys")));
        }
        tx.delete_own_keys(&id)?;
        outbox.tell_of_connection(tx, &author, &organisation.id, Change::OwnKeys)?;
        author.log(tx, &event("connection.keys_retired", &organisation, &id))
    })
}

fn event(action: &'static str, organisation: &Organisation, keys: &OwnKeysId) -> Event {
    let detail = serde_json::json!({ "keys": keys });
    Event::new(action, "connection", &organisation.id, &organisation.name).within(&organisation.id).with(detail)
}
