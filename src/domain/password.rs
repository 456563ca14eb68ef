//! What a password must be. Hashing it is `actions/password.rs`.

use super::{Email, Error, Result};
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
        let length = raw.chars().count();
        if length < 12 {
            return Err(Error::invalid(field, "must be at least 12 characters; several words work well"));
        }
        if length > 128 {
            return Err(Error::invalid(field, "must be at most 128 characters"));
        }
        let run_together: Vec<String> = organisations.iter().map(|name| name.split_whitespace().collect()).collect();
        let mut own: Vec<&str> = vec![email.as_str(), "vestibule"];
        own.extend(email.as_str().split(['@', '.']));
        own.extend(organisations);
        own.extend(organisations.iter().flat_map(|name| name.split_whitespace()));
        own.extend(run_together.iter().map(String::as_str));
        let estimate = zxcvbn(&raw, &own);
        if estimate.score() < Score::Three {
            let advice = estimate
                .feedback()
                .and_then(|feedback| feedback.warning().map(|warning| format!(" {warning}")))
                .unwrap_or_default();
            return Err(Error::invalid(field, format!("is too easy to guess; add another uncommon word.{advice}")));
        }
        Ok(Self(raw))
    }

    /// The text, for the hash alone.
    pub fn reveal(&self) -> &str {
        &self.0
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
    fn a_password_never_prints() {
        assert_eq!(format!("{:?}", Password::typed("secret".into())), "Password(..)");
    }
}
