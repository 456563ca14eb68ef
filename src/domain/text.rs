//! Names and other short texts that people type.

use super::error::{Error, Result};
use super::phrase::phrase;
use icu_normalizer::DecomposingNormalizerBorrowed;
use serde::{Serialize, Serializer};

/// The name of a person, an organisation, a workspace or a key.
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
            return Err(Error::invalid(field, phrase!("field-empty")));
        }
        if text.chars().count() > 100 {
            return Err(Error::invalid(field, phrase!("field-name-too-long")));
        }
        // Bidirectional overrides and separators let one name look like another, or break a line in an e-mail.
        let confusing = |c: char| {
            c.is_control()
                || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        };
        if text.chars().any(confusing) {
            return Err(Error::invalid(field, phrase!("field-control-characters")));
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

/// The first `most_chars` characters of a text, followed by `…` if it is longer.
pub fn shortened(text: &str, most_chars: usize) -> String {
    match text.char_indices().nth(most_chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The maximum length of a name in an e-mail, in characters.
const MOST_IN_EMAIL: usize = 80;

/// A name in the form for e-mails: one line of at most 80 characters, in which mail programs find no link. Dots, colons
/// and slashes between letters, `@` and backslashes become spaces: `visit evil.example` becomes `visit evil example`.
pub fn plain_name(raw: &str) -> String {
    let chars: Vec<char> = raw.chars().collect();
    let goes_on = |at: usize| chars.get(at + 1).is_some_and(|next| !next.is_whitespace());
    let ends = |at: usize| chars.get(at + 1).is_some_and(|next| next.is_ascii_punctuation() && !"-_".contains(*next));
    let kept = |(at, c): (usize, &char)| match c {
        '@' | '\u{ff20}' | '\u{fe6b}' | '\\' | '\u{ff3c}' => ' ',
        // Characters, such as a full-width dot, that browsers read as a dot in a host name.
        '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}' if goes_on(at) && !ends(at) => ' ',
        ':' | '\u{ff1a}' if goes_on(at) => ' ',
        '/' | '\u{ff0f}' if chars.get(at + 1) == Some(c) || at > 0 && chars[at - 1] == *c => ' ',
        c if c.is_control() || is_invisible(*c) => ' ',
        c => *c,
    };
    let text: String = chars.iter().enumerate().map(kept).collect();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count() {
        0 => "…".into(),
        1..=MOST_IN_EMAIL => line,
        _ => line.chars().take(MOST_IN_EMAIL - 1).chain(['…']).collect(),
    }
}

/// True for invisible characters, which may change how the characters next to them are read.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The letters and digits of a text, in lower case: `E-Mail` becomes `email`.
pub fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The short form of an organisation's name for URLs: lower-case letters, digits and hyphens, at most 40.
///
/// The result is `organisation` if the name contains none of these.
pub fn slug_of(name: &str) -> String {
    slug_or(name, "organisation")
}

/// As `slug_of`, but for a workspace's name; `workspace` if the name contains none of these characters.
pub fn workspace_slug_of(name: &str) -> String {
    slug_or(name, "workspace")
}

/// As `slug_of`, but for a custom role's name; `role` if the name contains none of these characters.
pub fn role_slug_of(name: &str) -> String {
    slug_or(name, "role")
}

fn slug_or(name: &str, nameless: &str) -> String {
    let words: String = in_ascii(name).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let joined = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    let cut = joined.get(..joined.len().min(40)).unwrap_or_default().trim_end_matches('-');
    // An id is 32 hexadecimal digits: a slug that looks like one could be taken for something else.
    let is_like_id = cut.len() == 32 && cut.bytes().all(|byte| byte.is_ascii_hexdigit());
    match cut {
        "" => nameless.into(),
        _ if is_like_id => format!("{nameless}-{cut}").chars().take(40).collect(),
        _ => cut.into(),
    }
}

/// A text in lower case without diacritics: `Söhne` becomes `sohne`, `Straße` becomes `strasse`. Other letters stay.
fn in_ascii(text: &str) -> String {
    let small = text.to_lowercase();
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(&small).into_owned();
    let mut plain = String::with_capacity(apart.len());
    for c in apart.chars() {
        match c {
            // Combining diacritics.
            '\u{300}'..='\u{36f}' => {}
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'þ' => plain.push_str("th"),
            'ø' => plain.push('o'),
            'đ' | 'ð' => plain.push('d'),
            'ħ' => plain.push('h'),
            'ı' => plain.push('i'),
            'ł' => plain.push('l'),
            'ŋ' => plain.push('n'),
            'ŧ' => plain.push('t'),
            other => plain.push(other),
        }
    }
    plain
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
    fn a_name_in_an_e_mail_contains_nothing_that_becomes_a_link() {
        for (name, plain) in [
            ("visit evil.example", "visit evil example"),
            ("https://evil.example/x?y", "https evil example/x?y"),
            ("pay@evil.example now", "pay evil example now"),
            ("www.evil.example", "www evil example"),
            ("evil\u{ff0e}example and evil\u{3002}example", "evil example and evil example"),
            ("192.0.2.7:8080", "192 0 2 7 8080"),
            ("mailto:eve", "mailto eve"),
            ("\\\\evil\\share", "evil share"),
            ("//evil/x", "evil/x"),
            ("line\r\nBcc: eve", "line Bcc: eve"),
            ("a\u{202e}b\u{200b}.\u{200b}c", "a b c"),
            ("@", "…"),
            ("Acme <b> & Söhne (Inc.), B.", "Acme <b> & Söhne (Inc.), B."),
            ("St. Mary's: A/B Testing", "St. Mary's: A/B Testing"),
        ] {
            assert_eq!(plain_name(name), plain, "{name}");
        }
        let long = plain_name(&"🏢".repeat(100));
        assert_eq!((long.chars().count(), long.chars().last()), (80, Some('…')));
        assert_eq!(plain_name(&"a".repeat(80)), "a".repeat(80));
    }

    #[test]
    fn slugs_are_lower_case_ascii() {
        for (name, slug) in [
            ("Acme & Söhne GmbH", "acme-sohne-gmbh"),
            ("So\u{308}hne", "sohne"),
            ("Crédit Agricole – Île-de-France", "credit-agricole-ile-de-france"),
            ("L’Œuvre d’Été", "l-oeuvre-d-ete"),
            ("STRAẞE Straße", "strasse-strasse"),
            ("Łódź Ærø Þór Đà Nẵng", "lodz-aero-thor-da-nang"),
            ("İstanbul ﬁnans Ⅷ", "istanbul-finans-viii"),
            ("株式会社 Söhne", "sohne"),
        ] {
            assert_eq!(slug_of(name), slug, "{name}");
        }
        assert_eq!((slug_of("株式会社"), workspace_slug_of("倉庫")), ("organisation".into(), "workspace".into()));
        assert_eq!(slug_of(&"ab-".repeat(30)).len(), 40);
        let id = "0123456789ABCDEF".repeat(2);
        assert_eq!(role_slug_of(&id), format!("role-{}", id.to_lowercase()));
        assert_eq!(slug_of(&id), "organisation-0123456789abcdef0123456789a");
    }
}
