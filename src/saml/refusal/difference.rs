//! How what came differs from what was expected, where people would not see it.

use crate::domain::text::is_invisible;

/// The longest text that reads well, in characters.
const MOST_CHARS: usize = 300;

/// The received value, as people see it: cut to a length that reads well, what is not seen in it made visible, and with the
/// difference
/// in words where it looks like what was expected.
pub(super) fn told(expected: &str, received: &str) -> String {
    if received.is_empty() {
        return "an empty value".into();
    }
    let shown = shown(expected, received);
    if received == expected {
        return format!("{shown}, which is the same; what differs is around it");
    }
    hidden(expected, received).map_or_else(|| shown.clone(), |how| format!("{shown}, which differs {how}"))
}

/// Cuts what came to a length that reads well.
pub fn shorten(text: &str) -> String {
    if text.chars().count() <= MOST_CHARS {
        text.into()
    } else {
        text.chars().take(MOST_CHARS).chain(['…']).collect()
    }
}

/// A difference that is easily overlooked.
fn hidden(expected: &str, received: &str) -> Option<String> {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect::<String>();
    let (ours, theirs) = (bare(expected), bare(received));
    if ours == theirs {
        return Some("by white space or characters that are not seen".into());
    }
    if ours.eq_ignore_ascii_case(&theirs) {
        return Some("in capital and small letters".into());
    }
    if ours.trim_end_matches('/') == theirs.trim_end_matches('/') {
        return Some("by the / at its end".into());
    }
    let host = |text: &str| text.split_once("://").map(|(_, rest)| rest.to_owned());
    if host(&ours).is_some() && host(&ours) == host(&theirs) {
        return Some("by http and https".into());
    }
    let foreign = received.chars().find(|c| !c.is_ascii() && c.is_alphabetic());
    let alike = ours.chars().count() == theirs.chars().count() && ours.is_ascii();
    foreign
        .filter(|_| alike)
        .map(|c| format!("by the letter {c} (U+{:04X}), which is not of the Latin alphabet", u32::from(c)))
}

/// The text with its invisible characters written out; of a long one the part that differs.
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
    fn what_came_never_looks_like_what_was_expected() {
        let ours = "https://idp.test/saml";
        for (received, words) in [
            ("https://idp.test/saml ", "differs by white space or characters that are not seen"),
            ("https://idp.test/\u{200b}saml", "[U+200B]"),
            ("https://idp.test/saml\u{a0}", "[U+00A0]"),
            ("https://IDP.test/saml", "differs in capital and small letters"),
            ("https://idp.test/saml/", "differs by the / at its end"),
            ("http://idp.test/saml", "differs by http and https"),
            ("https://idp.test/s\u{430}ml", "(U+0430)"),
            (ours, "which is the same; what differs is around it"),
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
