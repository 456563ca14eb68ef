//! API keys.

use super::Caller;
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::key::Key;
use crate::domain::seal::secret;
use crate::domain::{Name, Result};

/// Every key begins with this, so that people and scanners know one when they see it.
const PREFIX: &str = "vk_";
/// How often a key's last use is written down, in seconds.
const TOUCH_SECS: i64 = 300;

/// Makes a key with an operator's rights and gives its secret, which is not to be had again.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn create_operator_key(app: &App, caller: &Caller, name: Name) -> Result<String> {
    let (caller, now) = (caller.clone(), app.now());
    let key = format!("{PREFIX}{}", secret());
    let stored = key.clone();
    app.store.write(move |tx| {
        let key = tx.add_key(name.as_str(), &stored, now)?;
        caller.log(tx, now, &Event::new("key.created", "key", &key.id, &key.name))
    })?;
    Ok(key)
}

/// The key with this secret, if there is one.
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
        && key.last_used_at.is_none_or(|at| now.0 - at.0 >= TOUCH_SECS)
    {
        let id = key.id.clone();
        app.store.write(move |tx| tx.touch_key(&id, now))?;
    }
    Ok(found)
}
