//! What a password must be. Hashing it is `app/hasher.rs`.

use super::{Email, Error, Result};
use serde::Serialize;
use utoipa::ToSchema;
use zxcvbn::{Score, zxcvbn};

/// A password as somebody typed it. Its text is never printed, not even by `Debug`.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes any text: what is being checked against a hash need not be strong.
    pub fn typed(raw: String) -> Self {
        Self(raw)
    }

    /// Accepts 12 to 128 characters that `zxcvbn` rates 3 or more, with the person's own words counted as guesses.
    ///
    /// # Errors
    /// `Invalid` with `field`, saying how to make it stronger.
    pub fn new(field: &str, raw: String, email: &Email, organisations: &[&str]) -> Result<Self> {
        match Strength::of(&raw, email.as_str(), organisations).fault {
            Some(fault) => Err(Error::invalid(field, fault)),
            None => Ok(Self(raw)),
        }
    }

    /// The text, for the hash alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// How hard a password is to guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Strength {
    /// 0 (at once) to 4 (not at all), as `zxcvbn` rates it.
    pub score: u8,
    /// Why it cannot be taken, as what follows the field's name; `None` where it can.
    pub fault: Option<String>,
}

impl Strength {
    /// Judges a password by its length and by `zxcvbn`, with the person's own words counted as guesses: their address, as far as
    /// it is known, and the names of their organisations.
    pub fn of(raw: &str, email: &str, organisations: &[&str]) -> Self {
        let length = raw.chars().count();
        // What is longer is not even looked at: that takes time.
        if length > 128 {
            return Self { score: 0, fault: Some("must be at most 128 characters".into()) };
        }
        let run_together: Vec<String> = organisations.iter().map(|name| name.split_whitespace().collect()).collect();
        let mut own: Vec<&str> = vec![email, "vestibule"];
        own.extend(email.split(['@', '.']));
        own.extend(organisations);
        own.extend(organisations.iter().flat_map(|name| name.split_whitespace()));
        own.extend(run_together.iter().map(String::as_str));
        let estimate = zxcvbn(raw, &own);
        let warning =
            || estimate.feedback().and_then(|feedback| feedback.warning()).map(|warning| format!(" {warning}"));
        let fault = if length < 12 {
            Some("must be at least 12 characters; several words work well".into())
        } else if estimate.score() < Score::Three {
            Some(format!("is too easy to guess; add another uncommon word.{}", warning().unwrap_or_default()))
        } else {
            None
        };
        Self { score: estimate.score().into(), fault }
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str) -> Result<Password> {
        Password::new("password", raw.into(), &Email::parse("ann.miller@acme.test").expect("usable"), &["Acme Rockets"])
    }

    #[test]
    fn length_and_strength_count() {
        assert!(check("right horse battery").is_ok());
        for weak in ["short", "aaaaaaaaaaaaaaa", "password1234", "ann.miller@acme.test", "Acme Rockets1"] {
            assert!(check(weak).is_err(), "{weak} was taken");
        }
        assert!(check(&"kx7 Ü".repeat(40)).is_err());
    }

    #[test]
    fn strength_tells_how_far_it_is_and_what_is_missing() {
        let judge = |raw: &str| Strength::of(raw, "", &["Acme Rockets"]);
        assert_eq!(judge("right horse battery"), Strength { score: 4, fault: None });
        assert_eq!(judge("aaaaaaaaaaaaaaa").score, 0);
        let weak = [("short", "at least 12"), ("Acme Rockets1", "too easy"), (&"x".repeat(129)[..], "at most 128")];
        for (raw, expected) in weak {
            assert!(judge(raw).fault.is_some_and(|fault| fault.contains(expected)), "{raw}");
        }
    }

    #[test]
    fn a_password_never_prints() {
        assert_eq!(format!("{:?}", Password::typed("secret".into())), "Password(..)");
    }
}
