//! Recognises and describes the wrong encoding of a message, where base64 or UTF-8 was expected.

use crate::domain::decoded::decoded;
use crate::domain::file_kind;
use crate::domain::pem::{BASE64, BASE64_URL};
use base64::Engine;

fn packed(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}

fn is_xml(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"<") || bytes.starts_with(b"\xef\xbb\xbf<")
}

/// Decodes base64url; `None` if the text has no base64url characters or cannot be decoded.
pub(super) fn base64_url_bytes(text: &str) -> Option<Vec<u8>> {
    let packed = packed(text);
    packed.contains(['-', '_']).then(|| BASE64_URL.decode(packed).ok())?
}

/// Decodes base64 of XML in which each + has become a space, which forms do to an unescaped +.
pub(super) fn spaced_bytes(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    text.contains(' ').then(|| BASE64.decode(packed(&text.replace(' ', "+"))).ok())?.filter(|bytes| is_xml(bytes))
}

/// The description of base64 in which each + has become a space.
pub(super) const SPACED: &str = "base64 with spaces in place of +, as a form sends it if + is not escaped as %2B";

/// True if these decoded bytes are themselves base64 of XML.
pub(super) fn is_base64_of_xml(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.trim_start().starts_with('<'));
    text.and_then(|text| BASE64.decode(packed(text)).ok()).is_some_and(|inner| is_xml(&inner))
}

/// Describes text that should be base64 but is not.
pub(super) fn instead_of_base64(text: &str) -> String {
    let text = text.trim();
    let start: String = text.chars().take(40).collect();
    let odd =
        |c: &(usize, char)| !(c.1.is_ascii_alphanumeric() || matches!(c.1, '+' | '/' | '=') || c.1.is_whitespace());
    if text.starts_with('<') {
        return format!("XML that is not encoded: {start}");
    }
    if text.contains('%') && !text.contains('<') {
        return format!("text that is URL-encoded once too often: {start}");
    }
    if base64_url_bytes(text).is_some() {
        return "base64url, which has - and _ in place of + and /".into();
    }
    if spaced_bytes(text).is_some() {
        return SPACED.into();
    }
    match text.chars().enumerate().find(odd) {
        Some((place, c)) => format!("the character {c:?} at position {} of {start}", place + 1),
        None => format!("base64 that is cut off or has extra characters: {start}"),
    }
}

/// Describes bytes that should be UTF-8 text but are not.
pub(super) fn instead_of_utf8(bytes: &[u8]) -> String {
    if let Some(kind) = file_kind(bytes) {
        return kind.name.to_string();
    }
    let is_wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if is_wide && decoded(bytes, None).is_ok() {
        return "UTF-16 text".into();
    }
    let place = std::str::from_utf8(bytes).map_or_else(|fault| fault.valid_up_to(), str::len);
    format!("bytes that are not UTF-8, starting at byte {} of {}", place + 1, bytes.len())
}
