//! What somebody made, in the words of an effect: API keys and links. And the end of such a key.

use super::Author;
use super::some_of::some_of;
use crate::domain::Result;
use crate::domain::audit::Event;
use crate::domain::ids::OrganisationId;
use crate::domain::key::Key;
use crate::domain::person::User;
use crate::store::{Db, LinksMade, Tx};

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

/// The links that somebody made, each kind in words. `how`: the end of these, such as `that they made`.
pub(super) fn links_in_words(links: LinksMade, how: &str) -> Vec<String> {
    let kinds = [(links.set_up, "set-up"), (links.password, "password"), (links.invitation, "invitation")];
    let some = kinds.iter().filter(|(count, _)| *count > 0);
    some.map(|(count, kind)| format!("{count} {kind} {} {how}", if *count == 1 { "link" } else { "links" })).collect()
}

/// Says what ends too; nothing where nothing does.
pub(super) fn end_too(what: &[String]) -> Option<String> {
    (!what.is_empty()).then(|| format!("These end too: {}.", what.join(", ")))
}

/// An event about a key, in the log of its organisation.
pub(super) fn key_event(action: &'static str, key: &Key) -> Event {
    let event = Event::new(action, "key", &key.id, &key.name);
    match &key.organisation {
        Some(organisation) => event.within(organisation),
        None => event,
    }
}

/// Deletes a key, and ends the links that it made. `event`: what the log says.
pub(super) fn end_key(tx: &Tx, author: &Author, key: &Key, event: &Event) -> Result<()> {
    tx.delete_key(&key.id)?;
    tx.end_links_made_by(&["key"], key.id.as_str())?;
    author.log(tx, event)
}
