//! Browsers that people have signed in from before: guesses made elsewhere do not slow these down.

use super::Email;
use super::ids::{OrganisationId, hex, random_bytes};
use super::seal::digest;
use serde::{Deserialize, Serialize};

/// How long a browser stays known after a sign-in, in seconds.
pub const KNOWN_SECS: i64 = 180 * 24 * 3600;
/// The most people of one browser; past that, those who signed in longest ago are forgotten.
const MOST_PEOPLE: usize = 5;

/// The sealed record in a browser of the people who signed in from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBrowser {
    /// Tells it from others; empty while nobody has.
    id: String,
    /// Digests of their addresses, newest first.
    people: Vec<String>,
    /// The same of addresses with the organisation through whose identity provider they came: that is no proof of a password, and
    /// no other organisation's provider adds to it.
    #[serde(default)]
    through: Vec<String>,
}

impl KnownBrowser {
    /// The browser's id, where this person signed in from it before.
    pub fn id_for(&self, email: &Email) -> Option<&str> {
        self.people.contains(&fingerprint(email)).then_some(self.id.as_str())
    }

    /// The same browser after this person has signed in.
    #[must_use]
    pub fn with(mut self, email: &Email) -> Self {
        if self.id.is_empty() {
            self.id = hex(&random_bytes::<16>());
        }
        remember(&mut self.people, fingerprint(email));
        self
    }

    /// Whether this person came through this organisation's identity provider from it before, or gave their password.
    pub fn is_known_through(&self, email: &Email, organisation: &OrganisationId) -> bool {
        self.id_for(email).is_some() || self.through.contains(&fingerprint_through(email, organisation))
    }

    /// The same browser after this person has come through this organisation's identity provider.
    #[must_use]
    pub fn with_through(mut self, email: &Email, organisation: &OrganisationId) -> Self {
        remember(&mut self.through, fingerprint_through(email, organisation));
        self
    }
}

fn remember(known: &mut Vec<String>, one: String) {
    known.retain(|other| *other != one);
    known.insert(0, one);
    known.truncate(MOST_PEOPLE);
}

fn fingerprint(email: &Email) -> String {
    hex(&digest(email.as_str()))
}

fn fingerprint_through(email: &Email, organisation: &OrganisationId) -> String {
    hex(&digest(&format!("{organisation} {email}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_to_those_who_signed_in_from_it_alone() {
        let person = |n: usize| Email::parse(&format!("p{n}@acme.test")).expect("usable");
        let browser = (0..6).fold(KnownBrowser::default(), |browser, n| browser.with(&person(n)));
        assert_eq!(browser.id_for(&person(0)), None, "the first of six is forgotten");
        assert!((1..6).all(|n| browser.id_for(&person(n)).is_some()));
        assert_eq!(browser.id_for(&person(6)), None);
        assert_eq!(KnownBrowser::default().id_for(&person(1)), None);
    }

    #[test]
    fn an_identity_provider_makes_a_browser_known_to_itself_alone() {
        let (ann, bob) =
            (Email::parse("ann@acme.test").expect("usable"), Email::parse("bob@acme.test").expect("usable"));
        let (acme, evil) = (OrganisationId::random(), OrganisationId::random());
        let browser = KnownBrowser::default().with_through(&ann, &evil);
        assert!(browser.is_known_through(&ann, &evil));
        assert!(!browser.is_known_through(&ann, &acme) && !browser.is_known_through(&bob, &evil));
        assert_eq!(browser.id_for(&ann), None, "guesses at the password from it are slowed down as a stranger's");
        assert!(browser.with(&ann).is_known_through(&ann, &acme), "the password opens both");
    }
}
