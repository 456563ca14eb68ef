//! A response as it was copied out of a tool, for explaining: what the callback would get of it, and what was taken off.

use super::refusal::{Refusal, reasons};
use super::{Report, encoding, mail_source, other_input, profile};
use crate::domain::decoded::decoded;
use percent_encoding::percent_decode_str;
use quick_xml::escape::unescape;
use std::borrow::Cow;

/// The name of the field that carries a response.
const FIELD: &str = "SAMLResponse";
/// The fewest characters in a row that count as a value; words of the text around it have fewer.
const LEAST_CHARS: usize = 40;
/// The most encodings that are taken off a value: one copied out of a page's source that was copied out of JSON has three.
const MOST_LAYERS: usize = 5;

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

/// Reads a response from XML, base64, either of them URL-encoded or escaped, a form's body, a `curl` line, a HAR file, a page's or
/// a mail's source.
///
/// # Errors
/// Another kind of input, by name; else the callback's refusal.
pub fn read(raw: &[u8]) -> Result<Copied, Refusal> {
    let Ok(text) = decoded(raw, None) else {
        other_input::of_bytes(raw).map_or(Ok(()), Err)?;
        return profile::text(raw.to_vec()).map(|xml| Copied { xml, notes: Vec::new(), refused: None });
    };
    let mut layers = Layers::default();
    let (raw, text) = unquoted_lines(&text).map_or((Cow::Borrowed(raw), text), |unquoted| {
        layers.note("Each line began with >, as mail programs quote a text; that was taken off first.");
        (Cow::Owned(unquoted.clone().into_bytes()), unquoted)
    });
    let carried = mail_source::carried(&text, is_or_holds_response);
    let (raw, text) = carried.map_or((raw, text), |carried| {
        layers.note(
            "The text was the source of a mail (quoted-printable); the message was taken out of it and decoded first.",
        );
        (Cow::Owned(carried.clone().into_bytes()), carried)
    });
    let xml = if text.trim_start().starts_with('<') && fields(&text).is_empty() {
        layers.file(&raw, text)?
    } else {
        let value = layers.value(&text)?;
        layers.open(value)?
    };
    other_input::of_xml(&xml)?;
    Ok(Copied { xml, notes: layers.notes, refused: layers.refused })
}

/// The text without the `> ` with which mail programs quote each line of it; nothing where they do not.
fn unquoted_lines(text: &str) -> Option<String> {
    let quoted = |line: &str| line.trim_start().starts_with('>');
    if !text.lines().any(quoted) || !text.lines().all(|line| line.trim().is_empty() || quoted(line)) {
        return None;
    }
    let without = |line: &str| line.trim_start().trim_start_matches("> ").trim_start_matches('>').to_owned();
    Some(text.lines().map(without).collect::<Vec<_>>().join("\n"))
}

/// True if a part of a mail is a response, or carries one in the forms that are read here.
fn is_or_holds_response(part: &str) -> bool {
    !fields(part).is_empty() || is_response(part)
}

/// The encodings that were taken off a message.
#[derive(Default)]
struct Layers {
    notes: Vec<String>,
    refused: Option<Refusal>,
    percent: usize,
    base64: usize,
}

impl Layers {
    fn note(&mut self, text: &str) {
        if !self.notes.iter().any(|note| note == text) {
            self.notes.push(text.into());
        }
    }

    /// The callback refuses it, for the first of several reasons.
    fn refuse(&mut self, refusal: Refusal) {
        self.refused.get_or_insert(refusal);
    }

    /// A file of XML. White space before an XML declaration counts at the callback, too.
    fn file(&mut self, raw: &[u8], text: String) -> Result<String, Refusal> {
        if !raw.contains(&0) {
            return profile::text(raw.to_vec());
        }
        self.note("The file is UTF-16 text and was read as that; the callback accepts a message in UTF-8 only.");
        Ok(text)
    }

    /// The value in a text, with what surrounds it taken off.
    fn value(&mut self, text: &str) -> Result<String, Refusal> {
        let mut found = fields(text);
        let Some(last) = found.pop() else {
            return other_input::of_text(text).map_or_else(|| Ok(text.to_owned()), Err);
        };
        self.note("The value of SAMLResponse was taken out of the text around it.");
        if !found.is_empty() {
            self.note(&format!(
                "The text has {} different values of SAMLResponse; the last one is checked.",
                found.len() + 1
            ));
        }
        Ok(last)
    }

    /// Takes off what a value is encoded in, until it is XML.
    fn open(&mut self, mut value: String) -> Result<String, Refusal> {
        for _ in 0..MOST_LAYERS {
            if value.trim_start().starts_with('<') {
                return Ok(value);
            }
            value = self.layer(value.trim())?;
        }
        Err(other_input::unknown(&value))
    }

    fn layer(&mut self, value: &str) -> Result<String, Refusal> {
        if let Ok(text) = serde_json::from_str::<String>(value) {
            return Ok(text);
        }
        let quote = |c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | '„' | '‘' | '’' | '«' | '»');
        let value = value.trim_matches(|c: char| c.is_whitespace() || quote(c));
        if value.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("&lt;"))
            && let Ok(text) = unescape(value)
        {
            self.note(
                "The XML was escaped (its < written as &lt;), as in the source of a page; it was read without that.",
            );
            return Ok(text.into_owned());
        }
        match unquoted(value) {
            Some(text) => Ok(self.percent(value, text)),
            None => self.base64(value),
        }
    }

    fn percent(&mut self, value: &str, text: String) -> String {
        self.percent += 1;
        self.note("The message was URL-encoded; it was decoded first, as the callback receives it.");
        if self.base64 > 0 || self.percent > 1 {
            self.refuse(profile::not_base64("a value that is URL-encoded twice".into()));
        } else if value.contains('+') && !text.trim_start().starts_with('<') {
            self.refuse(profile::not_base64("a + that is not escaped as %2B: a form makes a space of it".into()));
        }
        text
    }

    fn base64(&mut self, value: &str) -> Result<String, Refusal> {
        // Where four + have become spaces, the rest is base64 too, of something else.
        let read = profile::base64(value).filter(|bytes| !profile::is_spaced(bytes, value)).map(Ok).or_else(|| {
            let found = encoding::base64_url_bytes(value).or_else(|| encoding::spaced_bytes(value));
            found.map(|bytes| Err((bytes, encoding::instead_of_base64(value))))
        });
        let bytes = match read {
            None if self.base64 == 0 && self.percent == 0 && !looks_encoded(value) => {
                return Err(other_input::unknown(value));
            }
            None => return Err(profile::not_base64(encoding::instead_of_base64(value))),
            Some(Ok(bytes)) => bytes,
            Some(Err((bytes, received))) => {
                self.refuse(profile::not_base64(received));
                bytes
            }
        };
        self.base64 += 1;
        self.message(value, bytes)
    }

    /// The text in decoded base64.
    fn message(&mut self, value: &str, bytes: Vec<u8>) -> Result<String, Refusal> {
        other_input::of_bytes(&bytes).map_or(Ok(()), Err)?;
        if !bytes.starts_with(b"<")
            && let Some(xml) = profile::inflated(&bytes, profile::MOST_BYTES)
        {
            self.refuse(profile::deflated());
            return Ok(xml);
        }
        if bytes.contains(&0)
            && let Ok(text) = decoded(&bytes, None)
        {
            self.refuse(Refusal::new(&reasons::NOT_UTF8, "UTF-8", "UTF-16 text"));
            return Ok(text);
        }
        if value.len() < LEAST_CHARS && !bytes.starts_with(b"<") {
            return Err(other_input::unknown(value));
        }
        let text = profile::text(bytes)?;
        if text.trim_start().starts_with('<') || is_encoded_xml(&text) {
            if encoding::is_base64_of_xml(text.as_bytes()) {
                self.refuse(profile::encoded_twice());
            } else if !text.trim_start().starts_with('<') {
                self.refuse(profile::not_base64("base64 of XML that is escaped or URL-encoded".into()));
            }
            return Ok(text);
        }
        Err(other_input::of_text(&text).unwrap_or_else(|| other_input::unknown(&text)))
    }
}

/// True if a text is long and without words: something that was encoded, and is damaged.
fn looks_encoded(text: &str) -> bool {
    text.len() >= LEAST_CHARS && text.split_whitespace().any(|word| word.len() >= LEAST_CHARS)
}

/// True if XML comes out of a text when what it is encoded in is taken off.
fn is_encoded_xml(text: &str) -> bool {
    let start = text.trim_start().get(..4).unwrap_or_default().to_ascii_lowercase();
    start == "&lt;" || start.starts_with("%3c") || encoding::is_base64_of_xml(text.as_bytes())
}

/// The values of the field in a form's body, a command, JSON or HTML, each once; nothing where the text has no such field.
fn fields(text: &str) -> Vec<String> {
    let start = text.trim_start();
    let is_message =
        start.starts_with('<') && start.contains("urn:oasis:names:tc:SAML:") && !other_input::is_web_page(start);
    if is_message || !text.contains(FIELD) {
        return Vec::new();
    }
    let text = unwrapped(&plain(text));
    let mut values: Vec<String> = Vec::new();
    for run in runs(&text).filter(|run| is_response(run)) {
        if !values.iter().any(|value| value == run) {
            values.push(run.to_owned());
        }
    }
    if values.is_empty() {
        // None can be read: the nearest is judged, which says why.
        let nearest =
            text.split_once(FIELD).and_then(|(before, after)| runs(after).next().or_else(|| runs(before).last()));
        values.extend(nearest.map(str::to_owned));
    }
    values
}

/// True if a run of characters can be read as a message with the word Response in it.
fn is_response(run: &str) -> bool {
    Layers::default().open(run.to_owned()).is_ok_and(|xml| xml.contains("Response"))
}

/// The parts of a text that may be a value.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let other = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '%' | '-' | '_'));
    // In a form's body the name stands before the value, and both are made of the same characters.
    let value = |run| str::rsplit_once(run, "SAMLResponse=").map_or(run, |(_, value)| value);
    text.split(other).map(value).map(|run| run.trim_start_matches('=')).filter(|run| run.len() >= LEAST_CHARS)
}

/// The text with the lines of wrapped base64 joined.
fn unwrapped(text: &str) -> String {
    const WIDTHS: [usize; 3] = [60, 64, 76];
    let mut joined = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let base64 = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        let full = WIDTHS.contains(&line.chars().rev().take_while(base64).count());
        let goes_on = lines.peek().is_some_and(|next| !next.contains(':'));
        joined.push_str(line);
        if !(full && goes_on) {
            joined.push('\n');
        }
    }
    joined
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
    let plain = percent_decode_str(text).decode_utf8().ok().filter(|plain| plain != text)?;
    // A form writes spaces as +; XML that has no other space was in one.
    if plain.starts_with('<') && !plain.contains(' ') {
        let text = text.replace('+', " ");
        return percent_decode_str(&text).decode_utf8().ok().map(Cow::into_owned);
    }
    Some(plain.into_owned())
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
