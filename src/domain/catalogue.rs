//! The texts of the product, one file of `locales/` for each language, in Fluent's syntax.

use flate2::read::GzDecoder;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::io::Read as _;
use std::sync::OnceLock;
use unic_langid::LanguageIdentifier;

// `FILES`, which the build script writes, has an entry for each file of `locales/`: its language and its content, packed
// with gzip.
include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language(&'static str);

impl Language {
    /// The language in which every text exists.
    pub const ENGLISH: Self = Self("en");

    /// A language with this tag, whether or not the product offers it.
    #[cfg(test)]
    pub const fn named(tag: &'static str) -> Self {
        Self(tag)
    }

    /// The languages of the product, one for each file of `locales/`. A test fails if one lacks a text.
    pub fn offered() -> impl Iterator<Item = Self> {
        FILES.iter().map(|(tag, _)| Self(tag))
    }

    /// The offered language that is nearest to a tag, such as `fr` for `fr-CA`; `None` if there is none.
    ///
    /// Source: RFC 4647 3.4 (lookup).
    pub fn nearest(tag: &str) -> Option<Self> {
        let mut range = tag;
        loop {
            if let Some(found) = Self::offered().find(|one| one.0.eq_ignore_ascii_case(range)) {
                return Some(found);
            }
            range = range.rsplit_once('-')?.0;
        }
    }

    /// Its tag (BCP 47), which is also the name of its file.
    pub const fn tag(self) -> &'static str {
        self.0
    }

    /// A message without values; the key if no language has the message.
    pub fn message(self, key: &str) -> String {
        sentence(self, key, &FluentArgs::new())
    }
}

/// The catalogues, in the order of `FILES`. Each is read when its language is first used.
static CATALOGUES: [OnceLock<FluentBundle<FluentResource>>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];

/// The catalogue of a language; `None` if the product does not offer it.
fn catalogue(language: Language) -> Option<&'static FluentBundle<FluentResource>> {
    let place = FILES.iter().position(|(tag, _)| *tag == language.0)?;
    let (tag, packed) = FILES.get(place)?;
    Some(CATALOGUES.get(place)?.get_or_init(|| read(tag, packed)))
}

/// Reads the catalogue of a file. Invalid entries are left out; a test reports them.
fn read(tag: &str, packed: &[u8]) -> FluentBundle<FluentResource> {
    let mut text = String::new();
    // The build script packed UTF-8 text.
    GzDecoder::new(packed).read_to_string(&mut text).unwrap_or_default();
    let identifier: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut catalogue = FluentBundle::new_concurrent(vec![identifier]);
    // Bidirectional isolation marks around each value would also appear in e-mails, logs and JSON.
    catalogue.set_use_isolating(false);
    // Numbers are formatted as browsers format them in each language.
    match tag {
        "en" => catalogue.set_formatter(Some(|value, _| grouped(value, ','))),
        "fr" => catalogue.set_formatter(Some(|value, _| grouped(value, '\u{202f}'))),
        _ => {}
    }
    let resource = FluentResource::try_new(text).unwrap_or_else(|(readable, _)| readable);
    catalogue.add_resource_overriding(resource);
    catalogue
}

/// Formats a whole number with `between` between its thousands: 12,345.
fn grouped(value: &FluentValue, between: char) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let digits = number.as_string();
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut told = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            told.push(between);
        }
        told.push(digit);
    }
    Some(told)
}

/// A message in a language; in English if the language lacks it; the key if English lacks it too.
pub(super) fn sentence(language: Language, key: &str, values: &FluentArgs) -> String {
    let of = |wanted: Language| {
        let catalogue = catalogue(wanted)?;
        let pattern = catalogue.get_message(key)?.value()?;
        Some(catalogue.format_pattern(pattern, Some(values), &mut Vec::new()).into_owned())
    };
    of(language).or_else(|| of(Language::ENGLISH)).unwrap_or_else(|| key.to_owned())
}

/// True if the English catalogue has a message with this key, which needs no values but these.
pub(super) fn has(key: &str, values: &FluentArgs) -> bool {
    let pattern =
        catalogue(Language::ENGLISH).and_then(|catalogue| Some((catalogue, catalogue.get_message(key)?.value()?)));
    pattern.is_some_and(|(catalogue, pattern)| {
        let mut faults = Vec::new();
        catalogue.format_pattern(pattern, Some(values), &mut faults);
        faults.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phrase::phrase;

    #[test]
    fn thousands_are_separated_as_is_usual_in_each_language() {
        let french = Language::nearest("fr").expect("French");
        for (number, english, other) in [
            (1_u64, "1 second", "1 seconde"),
            (999, "999 seconds", "999 secondes"),
            (1000, "1,000 seconds", "1\u{202f}000 secondes"),
            (1_234_567, "1,234,567 seconds", "1\u{202f}234\u{202f}567 secondes"),
        ] {
            let told = phrase!("seconds", count = number);
            assert_eq!((told.within(Language::ENGLISH), told.within(french)), (english.to_owned(), other.to_owned()));
        }
    }

    #[test]
    fn a_tag_finds_the_nearest_language() {
        let nearest = |tag| Language::nearest(tag).map(Language::tag);
        for tag in ["en", "EN", "en-GB", "en-Latn-AU"] {
            assert_eq!(nearest(tag), Some("en"), "{tag}");
        }
        for tag in ["", "x", "eng", "english", "en_GB", "-en", "*"] {
            assert_eq!(nearest(tag), None, "{tag}");
        }
    }
}
