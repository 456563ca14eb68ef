//! Known browsers, from which people have signed in before: guesses from elsewhere do not throttle them.

use super::Email;
use super::ids::{OrganisationId, hex, random_bytes};
use super::seal::digest;
use serde::{Deserialize, Serialize};

/// How long a browser stays known after a sign-in, in seconds.
pub const KNOWN_SECS: i64 = 180 * 24 * 3600;
/// The maximum number of people for one browser; beyond it, those who signed in longest ago are forgotten.
const MOST_PEOPLE: usize = 5;

/// The record of the people who have signed in from a browser, which the browser keeps in sealed form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBrowser {
    /// Identifies the browser; empty until a person has signed in with a password.
    id: String,
    /// Digests of the e-mail addresses of people who signed in with a password, newest first.
    people: Vec<String>,
    /// Digests of an e-mail address together with the organisation through whose identity provider the person signed
    /// in. That proves no password, and makes the browser known for this organisation only.
    #[serde(default)]
    through: Vec<String>,
}

impl KnownBrowser {
    /// The browser's id, if this person has signed in from it with their password before.
    pub fn id_for(&self, email: &Email) -> Option<&str> {
        self.people.contains(&fingerprint(email)).then_some(self.id.as_str())
    }

    /// The record after this person has signed in with their password.
    #[must_use]
    pub fn with(mut self, email: &Email) -> Self {
        if self.id.is_empty() {
            self.id = hex(&random_bytes::<16>());
        }
        remember(&mut self.people, fingerprint(email));
        self
    }

    /// True if this person has signed in from this browser before, through this organisation's identity provider or
    /// with their password.
    pub fn is_known_through(&self, email: &Email, organisation: &OrganisationId) -> bool {
        self.id_for(email).is_some() || self.through.contains(&fingerprint_through(email, organisation))
    }

    /// The record after this person has signed in through this organisation's identity provider.
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
    fn a_browser_is_known_only_for_people_who_signed_in_from_it() {
        let person = |n: usize| Email::parse(&format!("p{n}@acme.test")).expect("usable");
        let browser = (0..6).fold(KnownBrowser::default(), |browser, n| browser.with(&person(n)));
        assert_eq!(browser.id_for(&person(0)), None, "the first of six is forgotten");
        assert!((1..6).all(|n| browser.id_for(&person(n)).is_some()));
        assert_eq!(browser.id_for(&person(6)), None);
        assert_eq!(KnownBrowser::default().id_for(&person(1)), None);
    }

    #[test]
    fn an_identity_provider_makes_a_browser_known_only_for_its_own_organisation() {
        let (ann, bob) =
            (Email::parse("ann@acme.test").expect("usable"), Email::parse("bob@acme.test").expect("usable"));
        let (acme, evil) = (OrganisationId::random(), OrganisationId::random());
        let browser = KnownBrowser::default().with_through(&ann, &evil);
        assert!(browser.is_known_through(&ann, &evil));
        assert!(!browser.is_known_through(&ann, &acme) && !browser.is_known_through(&bob, &evil));
        assert_eq!(browser.id_for(&ann), None, "for the password, it is an unknown browser");
        assert!(browser.with(&ann).is_known_through(&ann, &acme), "a password makes it known for every organisation");
    }
}
