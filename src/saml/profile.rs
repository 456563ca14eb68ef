//! The strict profile that a response must match before any cryptography runs.

use super::dom::{self, Element};
use super::encoding;
use super::ns;
use super::other_input;
use super::refusal::{Refusal, reasons};
use super::signature_shape::{self, PARTS};
use crate::domain::pem::BASE64;
use base64::Engine;
use flate2::bufread::DeflateDecoder;
use std::collections::HashSet;
use std::io::Read;

/// The largest response, decoded, in bytes.
pub(super) const MOST_BYTES: usize = 256 * 1024;

/// Decodes the SAMLResponse field of a form: strict base64, which may have line breaks, of at most 256 KiB of UTF-8. A
/// byte order mark is removed.
///
/// # Errors
/// `too_large`, `not_base64`, `not_utf8`.
pub fn decode(form_value: &str) -> Result<String, Refusal> {
    let too_large = || Refusal::new(&reasons::TOO_LARGE, format!("at most {MOST_BYTES} bytes"), "a larger message");
    // Line breaks add a few per cent.
    if form_value.len() > MOST_BYTES * 3 / 2 {
        return Err(too_large());
    }
    // Providers wrap lines, and some leave out the padding; other deviations are refused.
    let bytes = packed_bytes(form_value).ok_or_else(|| not_base64(encoding::instead_of_base64(form_value)))?;
    if is_spaced(&bytes, form_value) {
        return Err(not_base64(encoding::SPACED.into()));
    }
    if encoding::is_base64_of_xml(&bytes) {
        return Err(encoded_twice());
    }
    if !bytes.starts_with(b"<") && inflated(&bytes, 64).is_some() {
        return Err(deflated());
    }
    text(bytes)
}

/// True if the bytes decoded from a value are not text because each `+` in the value has become a space.
pub(super) fn is_spaced(bytes: &[u8], value: &str) -> bool {
    std::str::from_utf8(bytes).is_err() && encoding::spaced_bytes(value).is_some()
}

/// Inflates deflated XML, at most `most_bytes` of it; `None` if the bytes are not deflated XML.
pub(super) fn inflated(bytes: &[u8], most_bytes: usize) -> Option<String> {
    let mut start = Vec::new();
    DeflateDecoder::new(bytes).take(most_bytes as u64).read_to_end(&mut start).ok()?;
    // Only XML begins with <. Text that was cut off at the limit may end inside a character.
    let text = String::from_utf8_lossy(&start).into_owned();
    text.starts_with('<').then_some(text)
}

pub(super) fn deflated() -> Refusal {
    let received = "deflated XML in base64, as the HTTP-Redirect binding sends it";
    Refusal::new(&reasons::DEFLATED, "XML in base64, as the HTTP-POST binding sends it", received)
}

pub(super) fn encoded_twice() -> Refusal {
    not_base64("base64 of base64: the message is encoded twice".into())
}

pub(super) fn not_base64(received: String) -> Refusal {
    Refusal::new(&reasons::NOT_BASE64, "the message in base64, encoded once", received)
}

fn packed_bytes(text: &str) -> Option<Vec<u8>> {
    let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64.decode(packed).ok()
}

/// Decodes base64, which may have line breaks; `None` if it is not base64 or is empty.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    packed_bytes(text).filter(|bytes| !bytes.is_empty())
}

pub(super) fn text(bytes: Vec<u8>) -> Result<String, Refusal> {
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::new(
            &reasons::TOO_LARGE,
            format!("at most {MOST_BYTES} bytes"),
            format!("{} bytes", bytes.len()),
        ));
    }
    let text = String::from_utf8(bytes)
        .map_err(|cause| Refusal::new(&reasons::NOT_UTF8, "UTF-8", encoding::instead_of_utf8(cause.as_bytes())))?;
    Ok(text.strip_prefix('\u{feff}').map(ToOwned::to_owned).unwrap_or(text))
}

/// Parses a document, whose root must be a Response.
pub(super) fn response(xml: &str) -> Result<Element, Refusal> {
    let root = dom::parse(xml).map_err(|fault| Refusal::new(fault.reason, "plain XML", fault.found))?;
    if root.is(ns::PROTOCOL, "Response") {
        return Ok(root);
    }
    let what = other_input::described(&root).map(|what| format!(": {what}")).unwrap_or_default();
    Err(Refusal::new(
        &reasons::NOT_A_RESPONSE,
        format!("Response of {}", ns::PROTOCOL),
        format!("{} of {}{what}", root.name, if root.namespace.is_empty() { "no namespace" } else { &root.namespace }),
    ))
}

/// The signed parts of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signed {
    pub response: bool,
    pub assertion: bool,
}

impl Signed {
    /// A description for the trace.
    pub const fn what(self) -> &'static str {
        match self {
            Self { response: true, assertion: true } => "the Response and the Assertion are signed",
            Self { response: true, .. } => "the Response is signed",
            Self { .. } => "the Assertion is signed",
        }
    }
}

/// Checks everything about a response that needs no key: element names, ids, and the places and shapes of signatures.
pub(super) fn structure(root: &Element, allow_sha1: bool) -> Result<Signed, Refusal> {
    known_namespaces(root)?;
    unique_ids(root)?;
    one_assertion_at_most(root)?;
    no_repetition(root)?;
    let mut signed = Signed { response: false, assertion: false };
    for child in &root.children {
        if child.is(ns::DSIG, "Signature") {
            once(&mut signed.response)?;
            signature_shape::check(child, root, allow_sha1)?;
        } else if is_assertion(child) {
            for inner in child.all(ns::DSIG, "Signature") {
                once(&mut signed.assertion)?;
                signature_shape::check(inner, child, allow_sha1)?;
            }
            child.children.iter().filter(|inner| !inner.is(ns::DSIG, "Signature")).try_for_each(no_signature)?;
        } else {
            no_signature(child)?;
        }
    }
    Ok(signed)
}

fn is_assertion(element: &Element) -> bool {
    element.is(ns::ASSERTION, "Assertion")
}

/// Allows one assertion, as a direct child, and none anywhere else, so that no other one can be mistaken for it.
fn one_assertion_at_most(root: &Element) -> Result<(), Refusal> {
    let in_advice = |element: &Element| {
        element.is(ns::ASSERTION, "Advice") && element.children.iter().any(|child| child.any(&is_assertion))
    };
    if root.any(&in_advice) {
        return Err(Refusal::new(&reasons::ADVICE, "one assertion", "another assertion in Advice"));
    }
    let (direct, all) = (root.all(ns::ASSERTION, "Assertion").count(), count(root, &is_assertion));
    match all {
        0 => Ok(()),
        1 if direct == 1 => Ok(()),
        1 => {
            Err(Refusal::new(&reasons::NO_ASSERTION, "one Assertion in the Response", "an Assertion in another place"))
        }
        _ => Err(Refusal::new(&reasons::SEVERAL_ASSERTIONS, "one Assertion", all.to_string())),
    }
}

fn count(element: &Element, fits: &impl Fn(&Element) -> bool) -> usize {
    usize::from(fits(element)) + element.children.iter().map(|child| count(child, fits)).sum::<usize>()
}

/// Elements that may appear only once in their parent: otherwise two parsers could use different ones.
///
/// Source: the schemas of SAML 2.0 Core.
const ONCE: [(&str, &str); 9] = [
    (ns::ASSERTION, "Issuer"),
    (ns::PROTOCOL, "Extensions"),
    (ns::PROTOCOL, "Status"),
    (ns::PROTOCOL, "StatusCode"),
    (ns::ASSERTION, "Subject"),
    (ns::ASSERTION, "NameID"),
    (ns::ASSERTION, "SubjectConfirmationData"),
    (ns::ASSERTION, "Conditions"),
    (ns::ASSERTION, "Advice"),
];

fn no_repetition(element: &Element) -> Result<(), Refusal> {
    if element.is(ns::ASSERTION, "AttributeValue") {
        return Ok(());
    }
    let twice = |(namespace, name): &&(&str, &str)| element.all(namespace, name).nth(1).is_some();
    if let Some((_, name)) = ONCE.iter().find(twice) {
        let received = format!("more than one in {}", element.name);
        return Err(Refusal::new(&reasons::REPEATED_ELEMENT, format!("one {name}"), received));
    }
    element.children.iter().try_for_each(no_repetition)
}

fn once(seen: &mut bool) -> Result<(), Refusal> {
    if std::mem::replace(seen, true) {
        return Err(Refusal::new(&reasons::SIGNATURE_MISPLACED, "at most one Signature per element", "two"));
    }
    Ok(())
}

/// Refuses a signature, or a part of one, inside the element: a verifier that searches by name could find a digest in
/// the wrong place (CVE-2024-45409).
fn no_signature(element: &Element) -> Result<(), Refusal> {
    let part = |inner: &Element| inner.namespace == ns::DSIG && PARTS.contains(&inner.name.as_str());
    if element.any(&part) {
        return Err(Refusal::new(
            &reasons::SIGNATURE_MISPLACED,
            "Signature as a direct child of Response or Assertion",
            format!("a Signature, or a part of one, inside {}", element.name),
        ));
    }
    Ok(())
}

fn known_namespaces(element: &Element) -> Result<(), Refusal> {
    if !ns::KNOWN.contains(&element.namespace.as_str()) {
        let received = format!("{} of {:?}", element.name, element.namespace);
        return Err(Refusal::new(&reasons::UNKNOWN_NAMESPACE, "elements of SAML and XML Signature", received));
    }
    if element.is(ns::ASSERTION, "AttributeValue") {
        return Ok(());
    }
    element.children.iter().try_for_each(known_namespaces)
}

fn unique_ids(root: &Element) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    check_ids(root, &mut seen)?;
    for element in std::iter::once(root).chain(root.all(ns::ASSERTION, "Assertion")) {
        if element.attribute("ID").is_none() {
            return Err(Refusal::new(&reasons::BAD_ID, format!("an ID on {}", element.name), "none"));
        }
    }
    Ok(())
}

/// A phrase that names the fault of an ID; `None` if it is valid.
///
/// Source: SAML 2.0 Core 1.3.4 (an ID is an `NCName`, which cannot begin with a digit).
fn id_fault(id: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let first = id.chars().next();
    match first {
        None => Some("which is empty".into()),
        Some(_) if id.len() > 256 => Some(format!("which has {} characters", id.chars().count())),
        Some(c) if c.is_ascii_digit() => Some(format!("which begins with the digit {c}")),
        Some(c @ ('-' | '.')) => Some(format!("which begins with {c}")),
        _ => id.chars().find(|c| !plain(*c)).map(|c| format!("which has the character {c:?}")),
    }
}

fn check_ids<'a>(element: &'a Element, seen: &mut HashSet<&'a str>) -> Result<(), Refusal> {
    for attribute in element.attributes.iter().filter(|attribute| attribute.name.eq_ignore_ascii_case("id")) {
        let id = attribute.value.as_str();
        if let Some(fault) = id_fault(id) {
            let id = id.chars().take(100).collect::<String>();
            let expected = "an ID of at most 256 characters that begins with a letter or _ and contains only letters, digits, _, - and .";
            return Err(Refusal::new(&reasons::BAD_ID, expected, format!("{id}, {fault}")));
        }
        if !seen.insert(id) {
            return Err(Refusal::new(&reasons::BAD_ID, "each ID only once", format!("{id}, which occurs twice")));
        }
    }
    element.children.iter().try_for_each(|child| check_ids(child, seen))
}
