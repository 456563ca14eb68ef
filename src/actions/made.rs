//! The API keys and links that a person or key made, as phrases for an effect; and deleting such a key.

use super::Author;
use super::some_of::some_of_phrases;
use crate::domain::Result;
use crate::domain::audit::Event;
use crate::domain::ids::OrganisationId;
use crate::domain::key::Key;
use crate::domain::person::User;
use crate::domain::phrase::{Phrase, phrase};
use crate::store::{Db, LinksMade, Tx};

/// A warning about the API keys that a person made and that keep working: all of them, or those of one organisation.
pub(super) fn keys_that_stay(db: &Db, user: &User, within: Option<&OrganisationId>) -> Result<Option<Phrase>> {
    let named = keys_in_words(&db.keys_made_by(user.id.as_str(), within)?);
    Ok(named.map(|keys| phrase!("warning-keys-stay", keys = keys)))
}

/// The names of keys, each with its organisation's name; `None` if there are no keys.
pub(super) fn keys_in_words(keys: &[(Key, Option<String>)]) -> Option<Phrase> {
    let named = keys.iter().map(|(key, organisation)| match organisation {
        Some(organisation) => phrase!("key-of-organisation", name = &key.name, organisation = organisation),
        None => phrase!("key-of-operators", name = &key.name),
    });
    let named: Vec<_> = named.collect();
    (!named.is_empty()).then(|| some_of_phrases(named))
}

/// How a sentence refers to the creators of links.
#[derive(Clone, Copy)]
pub(super) enum Makers {
    /// The person whom the sentence is about.
    Person,
    /// The key that the sentence is about.
    Key,
    /// Several people and keys.
    These,
}

/// Phrases that count the links that a person or key made, one for each kind of link.
pub(super) fn links_in_words(links: LinksMade, by: Makers) -> Vec<Phrase> {
    let LinksMade { set_up, password, invitation } = links;
    let phrases = match by {
        Makers::Person => [
            phrase!("set-up-links-by-them", count = set_up),
            phrase!("password-links-by-them", count = password),
            phrase!("invitation-links-by-them", count = invitation),
        ],
        Makers::Key => [
            phrase!("set-up-links-by-it", count = set_up),
            phrase!("password-links-by-it", count = password),
            phrase!("invitation-links-by-it", count = invitation),
        ],
        Makers::These => [
            phrase!("set-up-links-by-these", count = set_up),
            phrase!("password-links-by-these", count = password),
            phrase!("invitation-links-by-these", count = invitation),
        ],
    };
    let some = [set_up, password, invitation].into_iter().zip(phrases).filter(|(count, _)| *count > 0);
    some.map(|(_, phrase)| phrase).collect()
}

/// A warning that the links and keys that this list describes end, too; `None` if the list is empty.
pub(super) fn end_too(what: Vec<Phrase>) -> Option<Phrase> {
    (!what.is_empty()).then(|| phrase!("warning-end-too", what = Phrase::Joined(what, ", ")))
}

/// An event about a key, in the log of its organisation if it has one.
pub(super) fn key_event(action: &'static str, key: &Key) -> Event {
    let event = Event::new(action, "key", &key.id, &key.name);
    match &key.organisation {
        Some(organisation) => event.within(organisation),
        None => event,
    }
}

/// Deletes a key, and ends the links that it made. `event`: the audit entry.
pub(super) fn end_key(tx: &Tx, author: &Author, key: &Key, event: &Event) -> Result<()> {
    tx.delete_key(&key.id)?;
    tx.end_links_made_by(&["key"], key.id.as_str())?;
    author.log(tx, event)
}
