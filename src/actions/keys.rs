//! API keys. They do not depend on the sign-in policy of their organisation.

use super::dry_run::{logged, switch};
use super::handed_over::{Ending, KnownPasswords, keep_an_operator};
use super::made::{Makers, end_key, end_too, key_event, keys_in_words, links_in_words};
use super::mail::Outbox;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::ids::{KeyId, OrganisationId};
use crate::domain::key::{Key, Scope};
use crate::domain::notice::NoticeEvent;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::phrase;
use crate::domain::seal::secret;
use crate::domain::{Error, Listing, Name, Page, Result, Timestamp};
use crate::store::Db;

/// Every key begins with this, so that people and secret scanners recognise it.
const PREFIX: &str = "vk_";
/// The interval at which a key's last use is recorded, in seconds.
const TOUCH_SECS: i64 = 300;

/// A key to create.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its name.
    pub name: Name,
    /// Its rights.
    pub scopes: Vec<Scope>,
    /// When it expires; `None` if it lasts until it is deleted.
    pub expires_at: Option<Timestamp>,
}

/// The default lifetime of a key with operator rights, in seconds.
pub const OPERATORS_KEY_SECS: i64 = 90 * 24 * 3600;

/// Creates an API key with operator rights. Returns it with its secret, which cannot be shown again. API keys cannot
/// create such keys. `expires_at`: `None` for the default of `OPERATORS_KEY_SECS`, `Some(None)` for never.
///
/// # Errors
/// `Invalid` with field `expires_at` when it is in the past; `Forbidden` when the caller is an API key.
#[allow(clippy::option_option)] // not given, never, and a time are three different values
pub fn create_operator_key(
    app: &App,
    caller: &Caller,
    name: Name,
    expires_at: Option<Option<Timestamp>>,
) -> Result<(Key, String)> {
    let expires_at = expires_at.unwrap_or_else(|| Some(app.now().plus(OPERATORS_KEY_SECS)));
    add(app, caller, None, NewKey { name, scopes: Vec::new(), expires_at })
}

/// Creates an API key of an organisation. Returns it with its secret, which cannot be shown again.
///
/// # Errors
/// `Invalid` with field `expires_at` when it is in the past.
pub fn create(app: &App, caller: &Caller, organisation: &Organisation, new: NewKey) -> Result<(Key, String)> {
    add(app, caller, Some(organisation.id.clone()), new)
}

fn add(app: &App, caller: &Caller, organisation: Option<OrganisationId>, new: NewKey) -> Result<(Key, String)> {
    let (author, now, outbox) = (caller.author.clone(), app.now(), Outbox::of(app));
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::invalid("expires_at", phrase!("field-not-in-future")));
    }
    let secret = format!("{PREFIX}{}", secret());
    let stored = secret.clone();
    let key = Key {
        id: KeyId::random(),
        organisation,
        name: new.name.to_string(),
        scopes: new.scopes,
        created_by: author.name().into(),
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
    };
    let key = app.write(&caller.claim, move |tx| {
        tx.add_key(&key, &stored, &author.actor)?;
        let event = NoticeEvent::KeyMade(key.name.clone());
        match &key.organisation {
            Some(organisation) => outbox.tell_admins(tx, &author, organisation, &event)?,
            None => outbox.tell_operators(tx, &author, &event)?,
        }
        let detail = serde_json::json!({ "scopes": key.scopes, "expires_at": key.expires_at });
        author.log(tx, &key_event("key.created", &key).with(detail))?;
        Ok(key)
    })?;
    Ok((key, secret))
}

/// The keys of an organisation, or those with operator rights, without their secrets.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(app: &App, organisation: Option<&OrganisationId>, page: &Page) -> Result<Listing<Key>> {
    app.store.read(|db| db.keys(organisation, page))
}

/// Deletes one of an organisation's keys.
///
/// # Errors
/// `NotFound`.
pub fn delete(app: &App, caller: &Caller, organisation: &OrganisationId, id: KeyId) -> Result<()> {
    let (author, organisation) = (caller.author.clone(), organisation.clone());
    app.write_long(&caller.claim, move |tx| {
        let key = tx.key(Some(&organisation), &id)?;
        end_key(tx, &author, &key, &key_event("key.deleted", &key))
    })
}

/// Deletes a key with operator rights, and ends the keys of organisations and the links that it made. `passwords`:
/// whether the passwords set by links that it received end, too, with the links and keys that were made with these. The
/// effect names all of them.
///
/// # Errors
/// `NotFound`; `Conflict` with code `last_operator` when no operator could sign in without these passwords.
pub fn delete_operator_key(
    app: &App,
    caller: &Caller,
    id: KeyId,
    passwords: KnownPasswords,
    run: Run,
) -> Result<Effect> {
    let author = caller.author.clone();
    let planned = move |db: &Db| {
        let key = db.key(None, &id)?;
        let made = db.keys_made_by(id.as_str(), None)?;
        let keys = keys_in_words(&made).map(|keys| phrase!("warning-keys-of-key-end", keys = keys));
        let links = end_too(links_in_words(db.links_made_by(&["key"], id.as_str())?, Makers::Key));
        let effect = Effect { warnings: keys.into_iter().chain(links).collect(), ..Effect::default() };
        let (known, ends) = Ending::key(&key).effect(db, passwords)?;
        keep_an_operator(db, None, &ends)?;
        let effect = effect.and(known);
        let event = key_event("key.deleted", &key).with(logged(&effect));
        Ok((effect, (key, made, ends, event)))
    };
    switch(app, caller, run, planned, move |tx, (key, made, ends, event)| {
        ends.end(tx, &author)?;
        made.iter().try_for_each(|(made, _)| end_key(tx, &author, made, &key_event("key.deleted", made)))?;
        end_key(tx, &author, &key, &event)
    })
}

/// The key with this secret, if any. Records its use, at most every `TOUCH_SECS` seconds.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn authenticate(app: &App, secret: &str) -> Result<Option<Key>> {
    if !secret.starts_with(PREFIX) {
        return Ok(None);
    }
    let now = app.now();
    let found = app.store.read(|db| db.find_key(secret))?;
    if let Some(key) = &found
        && key.last_used_at.is_none_or(|at| (now.0 - at.0).abs() >= TOUCH_SECS)
    {
        let id = key.id.clone();
        app.store.note_if_possible(move |note| note.touch_key(&id));
    }
    Ok(found)
}
