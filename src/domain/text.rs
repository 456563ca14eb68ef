//! Names and other short texts that people type.

use super::error::{Error, Result};
use serde::{Serialize, Serializer};

/// What people call a person, an organisation, a workspace or a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Accepts 1 to 100 characters after trimming, none of them a control or invisible direction character.
    ///
    /// # Errors
    /// `Invalid` with `field`, the caller's name for it.
    pub fn parse(field: &str, raw: &str) -> Result<Self> {
        let text = raw.trim();
        if text.is_empty() {
            return Err(Error::invalid(field, "must not be empty"));
        }
        if text.chars().count() > 100 {
            return Err(Error::invalid(field, "must be at most 100 characters"));
        }
        // Bidirectional overrides and separators let one name look like another, or break a line in a mail.
        let confusing = |c: char| {
            c.is_control()
                || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        };
        if text.chars().any(confusing) {
            return Err(Error::invalid(field, "must not hold control characters"));
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The short form of an organisation's name for addresses: lower-case letters, digits and hyphens, at most 40.
///
/// A name with none of these gives `organisation`.
pub fn slug_of(name: &str) -> String {
    let words: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let joined = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    let cut = joined.get(..joined.len().min(40)).unwrap_or_default().trim_end_matches('-');
    if cut.is_empty() { "organisation".into() } else { cut.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(Name::parse("name", "  Acme & Söhne ").expect("usable").as_str(), "Acme & Söhne");
        assert!(Name::parse("name", &"🏢".repeat(100)).is_ok());
        for bad in ["", " \t", &"🏢".repeat(101), "a\nb", "a\u{202e}b", "a\0"] {
            assert_eq!(Name::parse("organisation", bad).expect_err("refused").code(), "invalid");
        }
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug_of("Acme & Söhne GmbH"), "acme-s-hne-gmbh");
        assert_eq!(slug_of("株式会社"), "organisation");
        assert_eq!(slug_of(&"ab-".repeat(30)).len(), 40);
    }
}
