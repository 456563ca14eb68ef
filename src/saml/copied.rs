//! Reads a response that was copied from a tool, for `saml explain`: the message that the callback would receive, and
//! notes about wrappings that were removed.

use super::refusal::{Refusal, reasons};
use super::{Report, encoding, mail_source, other_input, profile};
use crate::domain::decoded::decoded;
use percent_encoding::percent_decode_str;
use quick_xml::escape::unescape;
use std::borrow::Cow;

/// The name of the field that carries a response.
const FIELD: &str = "SAMLResponse";
/// The fewest characters in a row that count as a value; words in the surrounding text are shorter.
const LEAST_CHARS: usize = 40;
/// The maximum number of encodings that are removed from a value. For example, a value in a page's source that was copied from JSON
/// has three.
const MOST_LAYERS: usize = 5;

/// A response that was found in copied text.
#[derive(Debug)]
pub struct Copied {
    /// The XML of the response.
    pub xml: String,
    /// Sentences about wrappings that were removed.
    pub notes: Vec<String>,
    /// The refusal of the callback for the original encoding, if it would refuse it although it can be read here.
    pub refused: Option<Refusal>,
}

/// Reads a response from XML or base64, also URL-encoded or escaped, from a form's body, a `curl` command, a HAR file,
/// or the source of a page or an e-mail.
///
/// # Errors
/// A refusal that names another kind of input, or else the callback's refusal.
pub fn read(raw: &[u8]) -> Result<Copied, Refusal> {
    let Ok(text) = decoded(raw, None) else {
        other_input::of_bytes(raw).map_or(Ok(()), Err)?;
        return profile::text(raw.to_vec()).map(|xml| Copied { xml, notes: Vec::new(), refused: None });
    };
    let mut layers = Layers::default();
    let (raw, text) = unquoted_lines(&text).map_or((Cow::Borrowed(raw), text), |unquoted| {
        layers.note("Each line began with >, as in a quoted e-mail; the > was removed first.");
        (Cow::Owned(unquoted.clone().into_bytes()), unquoted)
    });
    let carried = mail_source::carried(&text, is_or_holds_response);
    let (raw, text) = carried.map_or((raw, text), |carried| {
        layers.note(
            "The text was the source of an e-mail (quoted-printable); the message was extracted and decoded first.",
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

/// The text without the `> ` of a quoted e-mail; `None` if not every line begins with it.
fn unquoted_lines(text: &str) -> Option<String> {
    let quoted = |line: &str| line.trim_start().starts_with('>');
    if !text.lines().any(quoted) || !text.lines().all(|line| line.trim().is_empty() || quoted(line)) {
        return None;
    }
    let without = |line: &str| line.trim_start().trim_start_matches("> ").trim_start_matches('>').to_owned();
    Some(text.lines().map(without).collect::<Vec<_>>().join("\n"))
}

/// True if a part of an e-mail is or contains a response, in any form that is read here.
fn is_or_holds_response(part: &str) -> bool {
    !fields(part).is_empty() || is_response(part)
}

/// The state while encodings are removed from a message.
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

    /// Records the refusal of the callback. Only the first one counts.
    fn refuse(&mut self, refusal: Refusal) {
        self.refused.get_or_insert(refusal);
    }

    /// The XML of a file. White space before an XML declaration is kept: the callback refuses such a message, and so
    /// does the report.
    fn file(&mut self, raw: &[u8], text: String) -> Result<String, Refusal> {
        if !raw.contains(&0) {
            return profile::text(raw.to_vec());
        }
        self.note("The file is UTF-16 text and was read as UTF-16; the callback accepts only UTF-8.");
        Ok(text)
    }

    /// The value of the response in a text, or the whole text if it has no field.
    fn value(&mut self, text: &str) -> Result<String, Refusal> {
        let mut found = fields(text);
        let Some(last) = found.pop() else {
            return other_input::of_text(text).map_or_else(|| Ok(text.to_owned()), Err);
        };
        self.note("The value of SAMLResponse was extracted from the surrounding text.");
        if !found.is_empty() {
            self.note(&format!(
                "The text has {} different values of SAMLResponse; the last one is checked.",
                found.len() + 1
            ));
        }
        Ok(last)
    }

    /// Removes encodings from a value until it is XML.
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
                "The XML was escaped (its < written as &lt;), as in the source of a page; it was unescaped first.",
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
        // If four + have become spaces, the rest is still valid base64, but of something else.
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

    /// The text in bytes that were decoded from base64.
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

/// True if a text contains a very long word, so that it seems to be damaged encoded data.
fn looks_encoded(text: &str) -> bool {
    text.len() >= LEAST_CHARS && text.split_whitespace().any(|word| word.len() >= LEAST_CHARS)
}

/// True if a text is escaped, URL-encoded or base64-encoded XML.
fn is_encoded_xml(text: &str) -> bool {
    let start = text.trim_start().get(..4).unwrap_or_default().to_ascii_lowercase();
    start == "&lt;" || start.starts_with("%3c") || encoding::is_base64_of_xml(text.as_bytes())
}

/// The different values of the field in a form's body, a command, JSON or HTML; empty if the text has no such field.
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
        // No value can be read. The value nearest to the field's name is used, so that its refusal says why.
        let nearest =
            text.split_once(FIELD).and_then(|(before, after)| runs(after).next().or_else(|| runs(before).last()));
        values.extend(nearest.map(str::to_owned));
    }
    values
}

/// True if these characters can be decoded to a message that contains the word Response.
fn is_response(run: &str) -> bool {
    Layers::default().open(run.to_owned()).is_ok_and(|xml| xml.contains("Response"))
}

/// The parts of a text that could be a value.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let other = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '%' | '-' | '_'));
    // In a form's body, the field's name comes before the value and consists of the same characters.
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

/// The text without the escapes of JSON and HTML that occur in a value.
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

/// Decodes URL-encoded text; `None` if the text is not URL-encoded.
fn unquoted(text: &str) -> Option<String> {
    if !text.contains('%') || text.contains('<') {
        return None;
    }
    let plain = percent_decode_str(text).decode_utf8().ok().filter(|plain| plain != text)?;
    // A form writes spaces as +. XML without any other space came from a form.
    if plain.starts_with('<') && !plain.contains(' ') {
        let text = text.replace('+', " ");
        return percent_decode_str(&text).decode_utf8().ok().map(Cow::into_owned);
    }
    Some(plain.into_owned())
}

impl Report {
    /// Adds to a report the notes about a copied message, and the refusal of the callback, if any.
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
