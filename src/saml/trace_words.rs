//! Translates the texts of the trace. The trace is stored in English and without keys of the catalogue, possibly by an
//! older version, so a text is recognised by its English words.

use crate::domain::catalogue::Language;
use crate::domain::phrase::{Phrase, Value};
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
pub static TRACE_WORDS: [TraceWords; 200] = [
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
    plain("trace-not-encrypted"),
    plain("trace-signed"),
    plain("trace-no-signature"),
    plain("trace-both-signed"),
    plain("trace-response-signed"),
    plain("trace-assertion-signed"),
    plain("trace-structure"),
    plain("trace-so"),
    plain("trace-usable-certificates"),
    plain("trace-by-certificates"),
    plain("trace-other-key"),
    plain("trace-no-match"),
    plain("trace-formatted"),
    plain("trace-no-such-certificate"),
    plain("trace-strong-key"),
    plain("trace-plain-names"),
    plain("trace-valid-certificate"),
    with("trace-expired-at", &["at"]),
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
    plain("trace-answered"),
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
    plain("trace-bom"),
    plain("trace-late-declaration"),
    plain("trace-cdata"),
    plain("trace-comment"),
    plain("trace-instruction"),
    plain("trace-doctype"),
    plain("trace-close-attributes"),
    plain("trace-namespace-reference"),
    plain("trace-undeclared-prefix"),
    plain("trace-prefixed-id"),
    plain("trace-second-root"),
    plain("trace-end-tag-alone"),
    plain("trace-cdata-end"),
    plain("trace-text-outside"),
    plain("trace-reference-outside"),
    plain("trace-no-element"),
    plain("trace-too-many-namespaces"),
    plain("trace-reserved-prefix"),
    plain("trace-not-xml-part"),
    plain("trace-bang"),
    plain("trace-open-tag"),
    plain("trace-open-comment"),
    plain("trace-open-cdata"),
    plain("trace-open-doctype"),
    plain("trace-open-instruction"),
    plain("trace-ampersand"),
    plain("trace-hyphens"),
    plain("trace-nameless-doctype"),
    plain("trace-no-version"),
    plain("trace-no-attribute-value"),
    plain("trace-unquoted-attribute"),
    plain("trace-open-attribute"),
    plain("trace-attribute-twice"),
    plain("trace-empty-value"),
    plain("trace-base64-url"),
    plain("trace-spaced-base64"),
    plain("trace-twice-base64"),
    plain("trace-utf-16"),
    plain("trace-id-form"),
    plain("trace-key-info"),
    plain("trace-other-part"),
    plain("trace-signature-parts"),
    plain("trace-digest"),
    plain("trace-method"),
    plain("trace-transforms"),
    plain("trace-exclusive"),
    plain("trace-one-encrypted-data"),
    plain("trace-encrypted-else"),
    plain("trace-encrypted-type"),
    plain("trace-encrypted-form"),
    plain("trace-gcm"),
    plain("trace-plain-or-key"),
    plain("trace-for-our-key"),
    plain("trace-not-opened"),
    plain("trace-as-signed"),
    plain("trace-another"),
    with("trace-xml-version", &["version"]),
    with("trace-encoding", &["encoding"]),
    with("trace-entity", &["name"]),
    with("trace-prefix", &["prefix"]),
    with("trace-forbidden-character", &["code"]),
    with("trace-many-attributes", &["most"]),
    with("trace-many-elements", &["most"]),
    with("trace-deep", &["most"]),
    with("trace-many-namespaces", &["most"]),
    with("trace-open-element", &["name"]),
    with("trace-no-start", &["name"]),
    with("trace-other-end", &["found", "expected"]),
    with("trace-attribute-ampersand", &["name"]),
    with("trace-named-twice", &["name"]),
    with("trace-attribute", &["name"]),
    with("trace-element-name", &["name"]),
    with("trace-not-encoded", &["start"]),
    with("trace-url-encoded", &["start"]),
    with("trace-odd-character", &["c", "place", "start"]),
    with("trace-cut-base64", &["start"]),
    with("trace-not-utf-8", &["place", "count"]),
    with("trace-several-in", &["element"]),
    with("trace-part-inside", &["element"]),
    with("trace-signed-id", &["element"]),
    with("trace-id-on", &["element"]),
    with("trace-response-of", &["namespace"]),
    with("trace-with-in-it", &["names"]),
    with("trace-root-metadata", &["root"]),
    with("trace-root-request", &["root"]),
    with("trace-root-logout", &["root"]),
    with("trace-root-logged-out", &["root"]),
    with("trace-root-artifact", &["root"]),
    with("trace-root-assertion", &["root"]),
    with("trace-root-saml-1", &["root"]),
    with("trace-root-ws", &["root"]),
    with("trace-root-soap", &["root"]),
    with("trace-root-page", &["root"]),
    with("trace-email-name", &["value"]),
    with("trace-email-scheme", &["value", "scheme"]),
    with("trace-email-several", &["value"]),
    with("trace-email-letter", &["value", "letter", "code"]),
    with("trace-email-domain", &["value", "ascii"]),
    with("trace-same", &["value"]),
    with("trace-differs-space", &["value"]),
    with("trace-differs-case", &["value"]),
    with("trace-differs-slash", &["value"]),
    with("trace-differs-scheme", &["value"]),
    with("trace-differs-letter", &["value", "c", "code"]),
    with("trace-long", &["value", "count", "same"]),
    with("trace-id-empty", &["id"]),
    with("trace-id-long", &["id", "count"]),
    with("trace-id-digit", &["id", "c"]),
    with("trace-id-start", &["id", "c"]),
    with("trace-id-character", &["id", "c"]),
    with("trace-id-twice", &["id"]),
    with("trace-unread-one", &["value", "name"]),
    with("trace-unread-several", &["value", "names"]),
    with("trace-twice-in", &["name", "element"]),
    with("trace-in-attribute", &["value", "name"]),
    with("trace-as-name-id", &["value"]),
    with("trace-without-elements", &["name"]),
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
    trace_phrase(text).map(|phrase| phrase.spoken())
}

/// A text of the trace as a phrase; `None` if it is a value, or its words are not known.
pub(super) fn trace_phrase(text: &str) -> Option<Phrase> {
    TRACE_WORDS.iter().zip(ENGLISH.iter()).find_map(|(words, pieces)| {
        let values = between(text, pieces)?;
        let leads = pieces.first().is_some_and(String::is_empty);
        let value = |(at, text): (usize, &str)| match trace_phrase(text).filter(|_| leads && at == 0) {
            // Such a value may itself have a remark, as in: none, which differs.
            Some(inner) => Value::Phrase(inner),
            None => Value::from(text),
        };
        let names = words.values.iter().map(|name| Cow::Borrowed(*name));
        Some(Phrase::keyed(words.key, names.zip(values.into_iter().enumerate().map(value)).collect()))
    })
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
            ("not expired", Some(vec![])),
            ("within 480 s of 2026-11-24T09:00:00Z", Some(vec!["480", "2026-11-24T09:00:00Z"])),
            ("https://idp.acme.test/metadata", None),
            ("not expired!", None),
            ("", None),
        ] {
            let found = ENGLISH.iter().find_map(|pieces| between(text, pieces));
            assert_eq!(found, values, "{text}");
        }
    }

    #[test]
    fn a_remark_about_a_value_with_a_remark_is_translated_together_with_it() {
        let french = Language::nearest("fr").expect("French");
        for (text, beginning) in [
            ("none; the attribute login contains an e-mail address: rename it to email so that it is used", "aucun"),
            (
                "Ann <a@b.c> in the attribute mail, which has a name before the address",
                "Ann <a@b.c> dans l’attribut mail, qui a un nom",
            ),
            (
                "an & that does not begin a reference; in XML it is written &amp;",
                "un & qui ne commence aucune référence",
            ),
        ] {
            let phrase = trace_phrase(text).expect("a known text");
            assert_eq!(phrase.within(Language::ENGLISH), text);
            assert!(phrase.within(french).starts_with(beginning), "{}", phrase.within(french));
        }
    }

    /// Otherwise the catalogue could keep unused texts, and changed texts would no longer be translated.
    #[test]
    fn the_words_of_each_text_appear_in_the_code() {
        let mut code = String::new();
        for folder in ["src/saml", "src/saml/refusal", "src/saml/dom", "src/domain"] {
            for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("trace_words.rs") {
                    code.push_str(&std::fs::read_to_string(path).expect("text").replace("\\\"", "\""));
                }
            }
        }
        // The code joins a remark to its value by one of these.
        let is_joined = |piece: &str| {
            let rests = [": ", ", which differs ", ", ", " "].iter().filter_map(|joint| piece.strip_prefix(joint));
            rests.into_iter().any(|rest| code.contains(rest))
        };
        for (words, pieces) in TRACE_WORDS.iter().zip(ENGLISH.iter()) {
            for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
                assert!(
                    code.contains(piece.as_str()) || is_joined(piece),
                    "{}: {piece:?} is not in the code",
                    words.key
                );
            }
        }
    }
}
