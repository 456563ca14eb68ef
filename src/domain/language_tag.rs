//! The tags of the languages that people choose.

use super::catalogue::Language;
use super::phrase::phrase;
use super::{Error, Result};

/// A tag such as `en` or `de-CH`. It may name a language that the product does not offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageTag(String);

impl LanguageTag {
    /// Accepts letters, digits and hyphens, 2 to 35 of them.
    ///
    /// # Errors
    /// `Invalid` with field `language`.
    pub fn parse(raw: &str) -> Result<Self> {
        let plain = raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if plain && (2..=35).contains(&raw.len()) {
            Ok(Self(raw.into()))
        } else {
            Err(Error::invalid("language", phrase!("field-language")))
        }
    }

    /// The tag as text.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// The name of a language in that language, such as `Français`.
pub fn name_of(language: Language) -> String {
    phrase!("language-name").within(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_language_is_in_that_language() {
        assert_eq!(name_of(Language::ENGLISH), "English");
    }

    #[test]
    fn a_tag_is_made_of_letters_digits_and_hyphens() {
        for tag in ["en", "de-CH", "zh-Hant-TW", "x-klingon"] {
            assert_eq!(LanguageTag::parse(tag).expect("usable").into_string(), tag);
        }
        for text in ["", "e", "en_GB", "en GB", "français", &"x".repeat(36)] {
            assert!(LanguageTag::parse(text).is_err(), "{text}");
        }
    }
}
