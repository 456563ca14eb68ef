//! Describes differences between the expected and the received value that people would overlook.

use crate::domain::text::is_invisible;

/// The longest value that is shown in full, in characters.
const MOST_CHARS: usize = 300;

/// The received value for people: shortened, with invisible characters made visible, and with a description of the
/// difference if it looks like the expected value.
pub(super) fn told(expected: &str, received: &str) -> String {
    if received.is_empty() {
        return "an empty value".into();
    }
    let shown = shown(expected, received);
    if received == expected {
        return format!("{shown}, which is the same as expected; the difference is elsewhere in the message");
    }
    hidden(expected, received).map_or_else(|| shown.clone(), |how| format!("{shown}, which differs {how}"))
}

/// Shortens a received value to at most 300 characters and an ellipsis.
pub fn shorten(text: &str) -> String {
    if text.chars().count() <= MOST_CHARS {
        text.into()
    } else {
        text.chars().take(MOST_CHARS).chain(['…']).collect()
    }
}

/// A description of a difference that is easily overlooked; `None` if the difference is obvious.
fn hidden(expected: &str, received: &str) -> Option<String> {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect::<String>();
    let (ours, theirs) = (bare(expected), bare(received));
    if ours == theirs {
        return Some("by white space or invisible characters".into());
    }
    if ours.eq_ignore_ascii_case(&theirs) {
        return Some("in upper and lower case".into());
    }
    if ours.trim_end_matches('/') == theirs.trim_end_matches('/') {
        return Some("by a / at the end".into());
    }
    let host = |text: &str| text.split_once("://").map(|(_, rest)| rest.to_owned());
    if host(&ours).is_some() && host(&ours) == host(&theirs) {
        return Some("in http or https".into());
    }
    let foreign = received.chars().find(|c| !c.is_ascii() && c.is_alphabetic());
    let alike = ours.chars().count() == theirs.chars().count() && ours.is_ascii();
    foreign
        .filter(|_| alike)
        .map(|c| format!("by the letter {c} (U+{:04X}), which is not a Latin letter", u32::from(c)))
}

/// The received value with its invisible characters written as code points; for a long one, its start and the part that
/// differs.
fn shown(expected: &str, received: &str) -> String {
    let visible = |c: char| match c {
        ' ' => c.to_string(),
        c if c.is_control() || c.is_whitespace() || is_invisible(c) => format!("[U+{:04X}]", u32::from(c)),
        c => c.to_string(),
    };
    let count = received.chars().count();
    let same = expected.chars().zip(received.chars()).take_while(|(ours, theirs)| ours == theirs).count();
    if count > MOST_CHARS && same > MOST_CHARS / 2 {
        let (from, start) = (same - 40, received.chars().take(100).map(visible).collect::<String>());
        let part: String = received.chars().skip(from).take(120).map(visible).collect();
        return format!("{start}…{part}… ({count} characters; the first {same} are as expected)");
    }
    shorten(received).chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_received_value_never_looks_the_same_as_the_expected_one() {
        let ours = "https://idp.test/saml";
        for (received, words) in [
            ("https://idp.test/saml ", "differs by white space or invisible characters"),
            ("https://idp.test/\u{200b}saml", "[U+200B]"),
            ("https://idp.test/saml\u{a0}", "[U+00A0]"),
            ("https://IDP.test/saml", "differs in upper and lower case"),
            ("https://idp.test/saml/", "differs by a / at the end"),
            ("http://idp.test/saml", "differs in http or https"),
            ("https://idp.test/s\u{430}ml", "(U+0430)"),
            (ours, "which is the same as expected; the difference is elsewhere in the message"),
            ("", "an empty value"),
        ] {
            assert!(told(ours, received).contains(words), "{received:?}: {}", told(ours, received));
        }
        for other in ["https://other.test", "none"] {
            assert_eq!(told(ours, other), other);
        }
        let long = format!("https://idp.test/{}", "a".repeat(400));
        let end = told(&format!("{long}b"), &format!("{long}c"));
        assert!(end.contains("ac…") && end.contains("the first 417 are as expected"), "{end}");
        assert_eq!(told("other", &"a".repeat(400)).chars().count(), 301);
    }
}
