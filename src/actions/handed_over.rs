//! Passwords that were set by a link that was shown to its creator. The creator (a person or an API key) may have used
//! the link and know the password. When the creator's right ends, the effect names these passwords, and the request can
//! end them, too. They do not end automatically, because most creators only pass the link on.
//!
//! With such a password, the creator can sign in as that person, create links and API keys, and so learn further
//! passwords. These count as known, too, and so on.

use super::Author;
use super::made::{Makers, end_key, end_too, key_event, keys_in_words, links_in_words};
use super::some_of::some_of;
use crate::domain::access::{Counts, Effect, Line};
use crate::domain::audit::Event;
use crate::domain::ids::{KeyId, UserId};
use crate::domain::key::Key;
use crate::domain::lives::Lives;
use crate::domain::person::{HandedTo, KnownPassword, User};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Email, Error, Result, Timestamp};
use crate::store::{Db, LinksMade, Tx};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The choice whether passwords that a creator may know end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownPasswords {
    /// The passwords keep working.
    Stay,
    /// The passwords end, together with their people's sessions and the links and keys created by using them.
    End,
}

impl KnownPasswords {
    /// `End` if `wanted`, else `Stay`.
    pub const fn that_end(wanted: bool) -> Self {
        if wanted { Self::End } else { Self::Stay }
    }
}

/// A creator of links whose right ends.
pub(super) struct Ending<'a> {
    /// The creator, as the effect names it.
    named: Phrase,
    /// The creators of links that this ending concerns: one person can create links as an operator and as a member.
    makers: Vec<HandedTo>,
    /// The creator, if it is a person.
    person: Option<&'a User>,
}

impl<'a> Ending<'a> {
    /// An API key with operator rights that is deleted.
    pub fn key(key: &Key) -> Self {
        Self { named: phrase!("this-key"), makers: vec![HandedTo::Key(key.id.to_string())], person: None }
    }

    /// An operator who is removed.
    pub fn operator(user: &'a User) -> Self {
        let named = Phrase::words(user.email.as_str());
        Self { named, makers: vec![HandedTo::Operator(user.id.to_string())], person: Some(user) }
    }

    /// A person who is disabled.
    pub fn person(user: &'a User) -> Self {
        let mut ending = Self::operator(user);
        ending.makers.push(HandedTo::Person(user.id.to_string()));
        ending
    }

    /// The effect on the passwords that the creator may know and on everything that ends with them, and what is known.
    pub fn effect(&self, db: &Db, passwords: KnownPasswords) -> Result<(Effect, Known)> {
        let (mut effect, known) = (Effect::default(), self.known(db)?);
        effect.warnings.extend(self.operators_that_stay(db, &known)?);
        if passwords == KnownPasswords::Stay {
            effect.warnings.extend(self.passwords_that_stay(&known.people));
            return Ok((effect, Known::default()));
        }
        for user in &known.people {
            let (sessions, grants) = held_by(db, &user.id)?;
            let reason = self.reason(user);
            let loses = vec![Line { user: user.id.clone(), email: user.email.clone(), reason, organisation: None }];
            let counts = Counts { loses: 1, sessions, grants, ..Counts::default() };
            effect = effect.and(Effect { loses, counts, ..Effect::default() });
        }
        effect.warnings.extend(known.warnings_of_endings(db)?);
        Ok((effect, known))
    }

    /// All passwords that the creator may know, directly or through the passwords of other people.
    fn known(&self, db: &Db) -> Result<Known> {
        let mut next: Vec<_> = self.makers.iter().map(|maker| (maker.clone(), Span::ALWAYS)).collect();
        let (mut known, mut passwords, keys) = (Known::default(), by_maker(db.known_passwords()?), KeysMade::read(db)?);
        // A person may also have received the links that their API keys created. These keys do not end here; the effect
        // names them elsewhere.
        let people = self.makers.iter().filter_map(|maker| match maker {
            HandedTo::Person(id) => Some(id),
            HandedTo::Operator(_) | HandedTo::Key(_) => None,
        });
        next.extend(people.flat_map(|id| keys.by(id, Span::ALWAYS)).map(as_maker).collect::<Vec<_>>());
        while let Some((maker, span)) = next.pop() {
            if let HandedTo::Key(id) = &maker {
                let made = keys.by(id, span);
                next.extend(made.clone().map(as_maker));
                // API keys that this key created end even if the passwords stay.
                known.keys.extend(made.filter(|_| !self.makers.contains(&maker)).map(|(key, _)| key.clone()));
            }
            let Some(of_maker) = passwords.get_mut(&maker) else { continue };
            // Each password is visited once, so that cycles end.
            for KnownPassword { user, since, until, .. } in of_maker.extract_if(.., |one| span.reaches(one.since)) {
                // The person's own password does not count: they know it in any case.
                if self.person.is_some_and(|person| person.id == user.id) {
                    continue;
                }
                let span = Span::of(since, until, db.now());
                let made = keys.by(user.id.as_str(), span);
                next.extend(made.clone().map(as_maker));
                known.keys.extend(made.map(|(key, _)| key.clone()));
                let id = user.id.to_string();
                next.extend([(HandedTo::Operator(id.clone()), span), (HandedTo::Person(id), span)]);
                if until.is_none() && user.password_hash.is_some() {
                    known.people.push(user.clone());
                }
                known.makers.push((user, span));
            }
        }
        let mut met: HashSet<_> = self.makers.iter().cloned().collect();
        known.keys.retain(|key| met.insert(HandedTo::Key(key.to_string())));
        known.people.sort_by(|one, other| one.email.cmp(&other.email));
        Ok(known)
    }

    fn received_link_of(&self, user: &User) -> bool {
        user.password_by.as_ref().is_some_and(|by| self.makers.contains(by))
    }

    fn reason(&self, user: &User) -> Phrase {
        let maker = self.named.clone();
        if self.received_link_of(user) {
            phrase!("reason-must-set-password", maker = maker)
        } else {
            phrase!("reason-must-set-password-made-with-known", maker = maker)
        }
    }

    /// Warnings that name these people, whose passwords do not end: all operators first, then some of the others.
    fn passwords_that_stay(&self, known: &[User]) -> Vec<Phrase> {
        let (received, made): (Vec<_>, Vec<_>) = known.iter().partition(|user| self.received_link_of(user));
        let maker = self.named.clone();
        let received =
            in_words(received).map(|people| phrase!("warning-passwords-stay", maker = maker, people = people));
        let made = in_words(made).map(|people| phrase!("warning-passwords-made-with-these-stay", people = people));
        received.into_iter().chain(made).collect()
    }

    /// A warning that names the operators whom the creator added, or who were added by a person whose password the
    /// creator may know.
    fn operators_that_stay(&self, db: &Db, known: &Known) -> Result<Option<Phrase>> {
        let mut added: BTreeSet<Email> = BTreeSet::new();
        if let Some(maker) = self.person {
            added.extend(db.operators_added_by(maker, (Timestamp(0), db.now()))?);
        }
        for (user, span) in known.makers.iter().filter(|(user, _)| user.operator) {
            added.extend(db.operators_added_by(user, (span.since, span.until))?);
        }
        let others = added.iter().filter(|email| self.person.is_none_or(|maker| maker.email != **email));
        let others: Vec<_> = others.map(Email::to_string).collect();
        Ok((!others.is_empty())
            .then(|| phrase!("warning-operators-stay", maker = self.named.clone(), operators = Phrase::list(others))))
    }
}

/// All operators among these people by name, and some of the others; `None` if the list is empty.
fn in_words(people: Vec<&User>) -> Option<Phrase> {
    let (operators, others): (Vec<_>, Vec<_>) = people.into_iter().partition(|user| user.operator);
    let others: Vec<_> = others.iter().map(|user| user.email.to_string()).collect();
    let operators = operators.iter().map(|user| phrase!("person-is-operator", email = user.email.as_str()));
    let people: Vec<_> = operators.chain((!others.is_empty()).then(|| some_of(&others))).collect();
    (!people.is_empty()).then_some(Phrase::Joined(people, ", "))
}

/// The period in which a creator could use a password or a key, both ends included.
#[derive(Debug, Clone, Copy)]
struct Span {
    since: Timestamp,
    until: Timestamp,
}

impl Span {
    const ALWAYS: Self = Self { since: Timestamp(0), until: Timestamp(i64::MAX) };

    /// The period in which a password was valid. If `since` is after `now`, because the clock was wrong, the period has
    /// no start.
    fn of(since: Timestamp, until: Option<Timestamp>, now: Timestamp) -> Self {
        let since = if since <= now { since } else { Timestamp(0) };
        Self { since, until: until.filter(|until| *until <= now).unwrap_or(Self::ALWAYS.until) }
    }

    fn holds(self, at: Timestamp) -> bool {
        (self.since..=self.until).contains(&at)
    }

    /// True if a link created in this period could still be used at `at`.
    fn reaches(self, at: Timestamp) -> bool {
        self.since <= at && at.0 <= self.until.0.saturating_add(Lives::LONGEST.invitation_secs())
    }
}

fn by_maker(passwords: Vec<KnownPassword>) -> HashMap<HandedTo, Vec<KnownPassword>> {
    let mut sorted = HashMap::<_, Vec<_>>::new();
    for password in passwords {
        sorted.entry(password.maker.clone()).or_default().push(password);
    }
    sorted
}

/// All API keys that were ever created, also deleted ones, by the id of their creator (a person or a key), each with the
/// time when it was created.
struct KeysMade(HashMap<String, Vec<(KeyId, Timestamp)>>);

impl KeysMade {
    fn read(db: &Db) -> Result<Self> {
        let mut made = HashMap::<_, Vec<_>>::new();
        for (maker, key, at) in db.keys_ever_made()? {
            made.entry(maker).or_default().push((key, at));
        }
        Ok(Self(made))
    }

    /// The API keys that a creator created in this period.
    fn by(&self, maker: &str, span: Span) -> impl Iterator<Item = &(KeyId, Timestamp)> + Clone {
        self.0.get(maker).into_iter().flatten().filter(move |(_, at)| span.holds(*at))
    }
}

/// An API key as a creator of links: its holder can create links from the time when the key was created.
fn as_maker((key, since): &(KeyId, Timestamp)) -> (HandedTo, Span) {
    (HandedTo::Key(key.to_string()), Span { since: *since, ..Span::ALWAYS })
}

/// The passwords that a creator may know, and the links and API keys that were created by using them.
#[derive(Default)]
pub(super) struct Known {
    /// The people whose current passwords are known, by address.
    pub people: Vec<User>,
    /// All people whose passwords the creator may have known at some time, with that period.
    makers: Vec<(User, Span)>,
    /// The API keys created by using these passwords, including deleted and expired ones.
    keys: Vec<KeyId>,
}

impl Known {
    /// The ids of the people whose passwords may have been used to create links that still work.
    fn makers_of_links(&self, now: Timestamp) -> BTreeSet<&str> {
        let lately = self.makers.iter().filter(|(_, span)| span.reaches(now));
        lately.map(|(user, _)| user.id.as_str()).collect()
    }

    /// The keys that still work, each with its organisation's name.
    fn live_keys(&self, db: &Db) -> Result<Vec<(Key, Option<String>)>> {
        self.keys.iter().filter_map(|id| db.find_named_key(id).transpose()).collect()
    }

    /// Warnings about the keys and links that end with these passwords.
    fn warnings_of_endings(&self, db: &Db) -> Result<Vec<Phrase>> {
        let keys = keys_in_words(&self.live_keys(db)?);
        let keys = keys.map(|keys| phrase!("warning-keys-made-with-these-end", keys = keys));
        let makers = self.makers_of_links(db.now()).into_iter().chain(self.keys.iter().map(KeyId::as_str));
        let made =
            makers.map(|maker| db.links_made_by(&["person", "operator", "key"], maker)).sum::<Result<LinksMade>>()?;
        let links = end_too(links_in_words(made, Makers::These));
        Ok(keys.into_iter().chain(links).collect())
    }

    /// Ends these passwords, their people's sessions, and the links and keys that were created by using them. The people
    /// must request a link to set a new password.
    pub fn end(&self, tx: &Tx, author: &Author) -> Result<()> {
        for user in &self.people {
            tx.clear_password(&user.id)?;
            tx.delete_other_sessions(&user.id, None)?;
            let event = Event::new("account.password_ended", "person", &user.id, &user.email);
            author.log_in_each_of(tx, &user.id, &event)?;
        }
        for maker in self.makers_of_links(tx.now()) {
            tx.end_links_made_by(&["person", "operator"], maker)?;
        }
        let keys = self.live_keys(tx)?;
        keys.iter().try_for_each(|(key, _)| end_key(tx, author, key, &key_event("key.deleted", key)))
    }
}

/// Refuses the change if no operator could sign in after it: neither `ending` nor the people whose passwords end could.
///
/// # Errors
/// `Conflict` with code `last_operator`.
pub(super) fn keep_an_operator(db: &Db, ending: Option<&User>, ends: &Known) -> Result<()> {
    if !ending.into_iter().chain(&ends.people).any(|user| user.operator) {
        return Ok(());
    }
    let mut able = db.able_operators()?;
    able.retain(|one| ending.is_none_or(|ending| ending.id != one.id));
    if able.iter().any(|one| ends.people.iter().all(|user| user.id != one.id)) {
        return Ok(());
    }
    let message = if able.is_empty() { phrase!("last-operator") } else { phrase!("last-operator-known-passwords") };
    Err(Error::conflict("last_operator", message))
}

/// The number of a person's sessions, and the number of their grants that have not expired.
pub(super) fn held_by(db: &Db, user: &UserId) -> Result<(usize, usize)> {
    let sessions = db.sessions(user)?;
    let grants = sessions.iter().flat_map(|session| &session.grants).filter(|grant| db.now() < grant.expires_at);
    Ok((sessions.len(), grants.count()))
}
