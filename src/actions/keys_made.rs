//! API keys that somebody made, in the words of an effect.

use super::some_of::some_of;
use crate::domain::Result;
use crate::domain::ids::OrganisationId;
use crate::domain::key::Key;
use crate::domain::person::User;
use crate::store::Db;

/// The API keys that somebody made, in words: all, or those of one organisation.
pub(super) fn keys_that_stay(db: &Db, user: &User, within: Option<&OrganisationId>) -> Result<Option<String>> {
    let named = keys_in_words(&db.keys_made_by(user.id.as_str(), within)?);
    Ok(named.map(|keys| format!("API keys that they made keep working: {keys}. Delete those that should stop.")))
}

/// The names of keys, each with its organisation's; nothing where there are none.
pub(super) fn keys_in_words(keys: &[(Key, Option<String>)]) -> Option<String> {
    let named = keys.iter().map(|(key, organisation)| {
        let of = organisation.as_ref().map_or_else(|| "with operator rights".into(), |name| format!("of {name}"));
        format!("{} ({of})", key.name)
    });
    let named: Vec<_> = named.collect();
    (!named.is_empty()).then(|| some_of(&named))
}
