//! Browsers that people have signed in from before: guesses made elsewhere do not slow these down.

use super::Email;
use super::ids::{hex, random_bytes};
use super::seal::digest;
use serde::{Deserialize, Serialize};

/// How long a browser stays known after a sign-in, in seconds.
pub const KNOWN_SECS: i64 = 180 * 24 * 3600;
/// The most people of one browser; past that, those who signed in longest ago are forgotten.
const MOST_PEOPLE: usize = 5;

/// What a browser keeps, sealed, about who signed in from it with their password.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBrowser {
    /// Tells it from others; empty while nobody has.
    id: String,
    /// Digests of their addresses, newest first.
    people: Vec<String>,
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
        let person = fingerprint(email);
        self.people.retain(|known| *known != person);
        self.people.insert(0, person);
        self.people.truncate(MOST_PEOPLE);
        self
    }
}

fn fingerprint(email: &Email) -> String {
    hex(&digest(email.as_str()))
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
}
