//! Translates the texts of the trace. The trace is stored in English and without keys of the catalogue, possibly by an
//! older version, so a text is recognised by its English words.

use crate::domain::catalogue::Language;
use crate::domain::phrase::Phrase;
use std::borrow::Cow;
use std::sync::LazyLock;

/// A translatable text of the trace.
#[derive(Debug)]
pub struct TraceWords {
    /// The key in the catalogue.
    pub key: &'static str,
    /// The names of its values, in their order in the English text.
    pub values: &'static [&'static str],
}

const fn plain(key: &'static str) -> TraceWords {
    TraceWords { key, values: &[] }
}

const fn with(key: &'static str, values: &'static [&'static str]) -> TraceWords {
    TraceWords { key, values }
}

/// All translatable texts of the trace. A text is recognised as the first one whose English words it has.
pub static TRACE_WORDS: [TraceWords; 74] = [
    with("trace-after-request", &["at", "secs"]),
    plain("trace-not-over"),
    plain("trace-no-end"),
    plain("trace-within-5-minutes"),
    plain("trace-as-asked"),
    plain("trace-name-for-us"),
    plain("trace-one-email"),
    plain("trace-one-conditions"),
    plain("trace-not-in-future"),
    plain("trace-plain-response"),
    plain("trace-opens"),
    plain("trace-signed"),
    plain("trace-no-signature"),
    plain("trace-both-signed"),
    plain("trace-response-signed"),
    plain("trace-assertion-signed"),
    plain("trace-structure"),
    plain("trace-so"),
    plain("trace-usable-certificates"),
    plain("trace-by-certificates"),
    plain("trace-valid-certificate"),
    plain("trace-not-judged"),
    plain("trace-bearer-confirmation"),
    plain("trace-without-data"),
    plain("trace-delivery"),
    plain("trace-no-restriction"),
    plain("trace-no-audience"),
    plain("trace-not-told"),
    plain("trace-none"),
    plain("trace-one"),
    plain("trace-two"),
    plain("trace-several"),
    plain("trace-more"),
    plain("trace-named-name-id"),
    plain("trace-empty-one"),
    plain("trace-email-wanted"),
    plain("trace-email-form"),
    plain("trace-base64"),
    plain("trace-by-post"),
    plain("trace-deflated"),
    plain("trace-plain-xml"),
    plain("trace-each-id-once"),
    plain("trace-known-elements"),
    plain("trace-direct-signature"),
    plain("trace-one-signature"),
    plain("trace-assertion-inside"),
    plain("trace-elsewhere"),
    plain("trace-one-assertion"),
    plain("trace-no-advice"),
    plain("trace-in-advice"),
    plain("trace-our-request"),
    plain("trace-in-time"),
    plain("trace-late"),
    plain("trace-response-to-ours"),
    plain("trace-open-request"),
    plain("trace-new-assertion"),
    plain("trace-used-one"),
    plain("trace-cookie"),
    plain("trace-same-settings"),
    plain("trace-others"),
    plain("trace-admins-test"),
    plain("trace-other-sign-in"),
    plain("trace-sso-plan"),
    plain("trace-neither"),
    plain("trace-member"),
    plain("trace-enabled"),
    with("trace-by", &["at", "secs"]),
    with("trace-after", &["at", "secs"]),
    with("trace-within", &["most", "at"]),
    with("trace-no-time", &["raw"]),
    with("trace-at-most-bytes", &["most"]),
    with("trace-by-one-of", &["all"]),
    with("trace-several-emails", &["one", "there", "other", "name"]),
    with("trace-sign-on-url", &["url"]),
];

/// For each text, the English words around its values.
static ENGLISH: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let mark = |name: &&'static str| (Cow::Borrowed(*name), "\u{1}".into());
    let pieces = |words: &TraceWords| {
        let text = Phrase::keyed(words.key, words.values.iter().map(mark).collect()).within(Language::ENGLISH);
        text.split('\u{1}').map(ToOwned::to_owned).collect()
    };
    TRACE_WORDS.iter().map(pieces).collect()
});

/// Translates a text of the trace into the language of the answer; `None` if it is not a known text, for example
/// because it is only a value.
pub fn trace_text(text: &str) -> Option<String> {
    let found = TRACE_WORDS.iter().zip(ENGLISH.iter()).find_map(|(words, pieces)| {
        let values = between(text, pieces)?;
        let named =
            words.values.iter().map(|name| Cow::Borrowed(*name)).zip(values.into_iter().map(Into::into)).collect();
        Some(Phrase::keyed(words.key, named))
    });
    found.map(|phrase| phrase.spoken())
}

/// The values between these pieces of a text; `None` if the text does not have all pieces in this order.
fn between<'t>(text: &'t str, pieces: &[String]) -> Option<Vec<&'t str>> {
    let (first, others) = pieces.split_first()?;
    let mut rest = text.strip_prefix(first.as_str())?;
    let mut values = Vec::new();
    for (at, piece) in others.iter().enumerate() {
        let is_last = at + 1 == others.len();
        let (value, after) =
            if is_last { (rest.strip_suffix(piece.as_str())?, "") } else { rest.split_once(piece.as_str())? };
        values.push(value);
        rest = after;
    }
    rest.is_empty().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_text_is_recognised_by_its_words_and_a_bare_value_is_not() {
        for (text, values) in [
            ("not over yet", Some(vec![])),
            ("within 480 s of 2026-11-24T09:00:00Z", Some(vec!["480", "2026-11-24T09:00:00Z"])),
            ("https://idp.acme.test/metadata", None),
            ("not over yet!", None),
            ("", None),
        ] {
            let found = ENGLISH.iter().find_map(|pieces| between(text, pieces));
            assert_eq!(found, values, "{text}");
        }
    }

    /// Otherwise the catalogue could keep unused texts, and changed texts would no longer be translated.
    #[test]
    fn the_words_of_each_text_appear_in_the_code() {
        let mut code = String::new();
        for folder in ["src/saml", "src/saml/refusal"] {
            for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("trace_words.rs") {
                    code.push_str(&std::fs::read_to_string(path).expect("text"));
                }
            }
        }
        for (words, pieces) in TRACE_WORDS.iter().zip(ENGLISH.iter()) {
            for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
                assert!(code.contains(piece.as_str()), "{}: {piece:?} is not in the code", words.key);
            }
        }
    }
}
