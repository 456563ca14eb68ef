//! A response as it was copied out of a tool, for explaining: what the callback would get of it, and what was taken off.

use super::Report;
use super::gate;
use super::refusal::{Refusal, reasons};
use crate::domain::decoded::decoded;
use percent_encoding::percent_decode_str;

/// The name of the field that carries a response.
const FIELD: &str = "SAMLResponse";
/// The fewest characters in a row that count as a value; words of the text around it have fewer.
const LEAST_CHARS: usize = 40;

/// A response, ready to be judged.
#[derive(Debug)]
pub struct Copied {
    /// Its XML.
    pub xml: String,
    /// The wrappings that were removed, as sentences.
    pub notes: Vec<String>,
    /// Why the callback refuses it though it can be read.
    pub refused: Option<Refusal>,
}

/// Reads a response from XML, base64, either of them URL-encoded, a form's body, a `curl` line, a HAR file or a page's source.
///
/// # Errors
/// As the callback refuses it.
pub fn read(raw: &[u8]) -> Result<Copied, Refusal> {
    let mut notes = Vec::new();
    let Ok(text) = decoded(raw, None) else {
        return gate::text(raw.to_vec()).map(|xml| Copied { xml, notes, refused: None });
    };
    let value = match field(&text) {
        Some(value) => {
            notes.push(format!("The value of {FIELD} was taken out of the text around it."));
            value
        }
        None => text,
    };
    let value = match unquoted(&value) {
        Some(plain) => {
            notes.push("The message was URL-encoded; it was decoded first, as the callback receives it.".into());
            plain
        }
        None => value,
    };
    // White space before an XML declaration counts at the callback, too.
    if value.trim_start().starts_with('<') {
        let bytes = if notes.is_empty() { raw.to_vec() } else { value.into_bytes() };
        return gate::text(bytes).map(|xml| Copied { xml, notes, refused: None });
    }
    of_base64(value.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')), notes)
}

fn of_base64(value: &str, notes: Vec<String>) -> Result<Copied, Refusal> {
    match gate::decode(value) {
        Ok(xml) => Ok(Copied { xml, notes, refused: None }),
        Err(refusal) if refusal.reason.code == reasons::DEFLATED.code => {
            let bytes = gate::base64(value).unwrap_or_default();
            let xml = gate::inflated(&bytes, gate::MOST_BYTES).ok_or_else(|| refusal.clone())?;
            Ok(Copied { xml, notes, refused: Some(refusal) })
        }
        Err(refusal) => Err(refusal),
    }
}

/// The value of the field in a form's body, a command, JSON or HTML; nothing where the text has no such field.
fn field(text: &str) -> Option<String> {
    let is_message = text.trim_start().starts_with('<') && !text.to_ascii_lowercase().contains("<input");
    if is_message || !text.contains(FIELD) {
        return None;
    }
    let text = plain(text);
    let (before, after) = text.split_once(FIELD)?;
    runs(after).next().or_else(|| runs(before).last()).map(str::to_owned)
}

/// The parts of a text that may be a value.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let other = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '%' | '-' | '_'));
    text.split(other).map(|run| run.trim_start_matches('=')).filter(|run| run.len() >= LEAST_CHARS)
}

/// The text without the escapes of JSON and HTML within a value.
fn plain(text: &str) -> String {
    const ESCAPES: [(&str, &str); 18] = [
        ("&#43;", "+"),
        ("&#x2B;", "+"),
        ("&#x2b;", "+"),
        ("&#47;", "/"),
        ("&#x2F;", "/"),
        ("&#x2f;", "/"),
        ("&#61;", "="),
        ("&#x3D;", "="),
        ("&#x3d;", "="),
        ("&#13;", ""),
        ("&#10;", ""),
        ("&#xD;", ""),
        ("&#xA;", ""),
        ("\\/", "/"),
        ("\\u003d", "="),
        ("\\u002b", "+"),
        ("\\r", ""),
        ("\\n", ""),
    ];
    let mut plain = text.to_owned();
    for (escape, c) in ESCAPES {
        if plain.contains(escape) {
            plain = plain.replace(escape, c);
        }
    }
    plain
}

/// The text that a URL-encoded one stands for; nothing where it is not URL-encoded.
fn unquoted(text: &str) -> Option<String> {
    if !text.contains('%') || text.contains('<') {
        return None;
    }
    percent_decode_str(text.trim()).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

impl Report {
    /// The same of a message that was copied: with what was taken off, and refused where the callback does.
    #[must_use]
    pub fn of_copied(mut self, notes: Vec<String>, refused: Option<Refusal>) -> Self {
        self.warnings.splice(0..0, notes);
        let Some(refusal) = refused else { return self };
        if let Some(form) = self.rules.iter_mut().find(|rule| rule.rule == "form") {
            form.ok = Some(false);
            (form.expected, form.received) = (refusal.expected.clone(), refusal.received.clone());
        }
        Self { outcome: Err(refusal), ..self }
    }
}
