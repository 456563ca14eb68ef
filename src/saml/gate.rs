//! The strict profile that a document must fit before any cryptography runs.

use super::dom::{self, Element};
use super::ns;
use super::refusal::{Refusal, reasons};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::DeflateDecoder;
use std::collections::HashSet;
use std::io::Read;

/// The largest response, decoded, in bytes.
const MOST_BYTES: usize = 256 * 1024;

/// Providers wrap lines and some leave the padding out; nothing else may differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const SHA1_METHODS: [&str; 2] =
    ["http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"];
const SHA2_METHODS: [&str; 6] = [
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
];
const SHA1_DIGEST: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const SHA2_DIGESTS: [&str; 3] = [
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const INCLUSIVE_C14N: [&str; 4] = [
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
];

/// Whether something fits the profile.
pub(super) type Gated<T> = Result<T, Refusal>;

/// Decodes the SAMLResponse of a form: strict base64 with line wraps, at most 256 KiB of UTF-8; a byte order mark is stripped.
///
/// # Errors
/// `too_large`, `not_base64`, `not_utf8`.
pub fn decode(form_value: &str) -> Gated<String> {
    let too_large = || Refusal::new(&reasons::TOO_LARGE, format!("at most {MOST_BYTES} bytes"), "more");
    // Line wraps add a few bytes in a hundred.
    if form_value.len() > MOST_BYTES * 3 / 2 {
        return Err(too_large());
    }
    let packed: Vec<u8> = form_value.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(&packed).map_err(|cause| {
        Refusal::new(&reasons::NOT_BASE64, "base64", format!("{cause} in {:.40}", form_value.trim()))
    })?;
    text(bytes)
}

/// The bytes of a wrapped base64 text; `None` when it is none, or empty.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64.decode(packed).ok().filter(|bytes| !bytes.is_empty())
}

/// Reads a response that is XML or base64, deflated or not, for explaining.
///
/// # Errors
/// `too_large`, `not_base64`, `not_utf8`.
pub fn read(raw: &[u8]) -> Gated<String> {
    let start = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    let first = start.iter().find(|b| !b.is_ascii_whitespace());
    if first == Some(&b'<') {
        return text(raw.to_vec()).map(|xml| xml.trim_start().to_owned());
    }
    match std::str::from_utf8(start) {
        Ok(base64) => inflate(base64).map_or_else(|| decode(base64), Ok),
        Err(_) => Err(Refusal::new(&reasons::NOT_UTF8, "XML or base64", "other bytes")),
    }
}

/// What some tools copy out of a redirect: deflated XML. Only to be explained; the callback takes none.
fn inflate(text: &str) -> Option<String> {
    let deflated = base64(text)?;
    let mut xml = String::new();
    DeflateDecoder::new(deflated.as_slice()).take(MOST_BYTES as u64).read_to_string(&mut xml).ok()?;
    xml.starts_with('<').then_some(xml)
}

fn text(bytes: Vec<u8>) -> Gated<String> {
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::new(
            &reasons::TOO_LARGE,
            format!("at most {MOST_BYTES} bytes"),
            format!("{} bytes", bytes.len()),
        ));
    }
    let text =
        String::from_utf8(bytes).map_err(|cause| Refusal::new(&reasons::NOT_UTF8, "UTF-8", cause.to_string()))?;
    Ok(text.strip_prefix('\u{feff}').map(ToOwned::to_owned).unwrap_or(text))
}

/// The request that a response says it answers; `None` when it says nothing.
///
/// # Errors
/// What keeps it from being a response at all.
pub fn in_response_to(xml: &str) -> Gated<Option<String>> {
    let root = response(xml)?;
    Ok(root.attribute("InResponseTo").filter(|id| !id.is_empty()).map(ToOwned::to_owned))
}

/// The root of a plain document that is a Response.
pub(super) fn response(xml: &str) -> Gated<Element> {
    let root = dom::parse(xml).map_err(|found| Refusal::new(&reasons::MALFORMED_XML, "plain XML", found))?;
    if root.is(ns::PROTOCOL, "Response") {
        return Ok(root);
    }
    Err(Refusal::new(
        &reasons::NOT_A_RESPONSE,
        format!("Response of {}", ns::PROTOCOL),
        format!("{} of {}", root.name, root.namespace),
    ))
}

/// What signs what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signed {
    pub response: bool,
    pub assertion: bool,
}

impl Signed {
    /// In words.
    pub const fn what(self) -> &'static str {
        match self {
            Self { response: true, assertion: true } => "both are signed",
            Self { response: true, .. } => "the Response is signed",
            Self { .. } => "the Assertion is signed",
        }
    }
}

/// Checks everything about the form of a response that needs no key: names, ids, where signatures stand and how they are made.
pub(super) fn structure(root: &Element, allow_sha1: bool) -> Gated<Signed> {
    known_namespaces(root)?;
    unique_ids(root)?;
    let is_assertion = |child: &Element| child.is(ns::ASSERTION, "Assertion");
    if root.any(&|element| {
        element.is(ns::ASSERTION, "Advice") && element.children.iter().any(|child| child.any(&is_assertion))
    }) {
        return Err(Refusal::new(&reasons::ADVICE, "one assertion", "another one in Advice"));
    }
    let mut signed = Signed { response: false, assertion: false };
    for child in &root.children {
        if child.is(ns::DSIG, "Signature") {
            once(&mut signed.response)?;
            signature(child, root, allow_sha1)?;
        } else if is_assertion(child) {
            for inner in child.all(ns::DSIG, "Signature") {
                once(&mut signed.assertion)?;
                signature(inner, child, allow_sha1)?;
            }
            child.children.iter().filter(|inner| !inner.is(ns::DSIG, "Signature")).try_for_each(no_signature)?;
        } else {
            no_signature(child)?;
        }
    }
    Ok(signed)
}

fn once(seen: &mut bool) -> Gated<()> {
    if std::mem::replace(seen, true) {
        return Err(Refusal::new(&reasons::SIGNATURE_MISPLACED, "one Signature to an element", "two"));
    }
    Ok(())
}

fn no_signature(element: &Element) -> Gated<()> {
    if element.any(&|inner| inner.is(ns::DSIG, "Signature")) {
        return Err(Refusal::new(
            &reasons::SIGNATURE_MISPLACED,
            "Signature as a direct child of Response or Assertion",
            format!("one inside {}", element.name),
        ));
    }
    Ok(())
}

fn known_namespaces(element: &Element) -> Gated<()> {
    if !ns::KNOWN.contains(&element.namespace.as_str()) {
        let received = format!("{} of {:?}", element.name, element.namespace);
        return Err(Refusal::new(&reasons::UNKNOWN_NAMESPACE, "elements of SAML and XML Signature", received));
    }
    if element.is(ns::ASSERTION, "AttributeValue") {
        return Ok(());
    }
    element.children.iter().try_for_each(known_namespaces)
}

fn unique_ids(root: &Element) -> Gated<()> {
    let mut seen = HashSet::new();
    check_ids(root, &mut seen)?;
    for element in std::iter::once(root).chain(root.all(ns::ASSERTION, "Assertion")) {
        if element.attribute("ID").is_none() {
            return Err(Refusal::new(&reasons::BAD_ID, format!("an ID on {}", element.name), "none"));
        }
    }
    Ok(())
}

fn check_ids<'a>(element: &'a Element, seen: &mut HashSet<&'a str>) -> Gated<()> {
    for attribute in element.attributes.iter().filter(|attribute| attribute.name.eq_ignore_ascii_case("id")) {
        let id = attribute.value.as_str();
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
            && id.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        if !plain || id.len() > 256 {
            return Err(Refusal::new(&reasons::BAD_ID, "an ID of letters, digits, _ - and .", id));
        }
        if !seen.insert(id) {
            return Err(Refusal::new(&reasons::BAD_ID, "each ID once", id));
        }
    }
    element.children.iter().try_for_each(|child| check_ids(child, seen))
}

/// Checks one Signature: the exact shape, one Reference to its own parent, allow-listed algorithms.
fn signature(signature: &Element, parent: &Element, allow_sha1: bool) -> Gated<()> {
    let shape =
        |what: &str| Refusal::new(&reasons::SIGNATURE_SHAPE, "SignedInfo, SignatureValue, perhaps KeyInfo", what);
    let names: Vec<_> = signature.children.iter().map(|child| child.name.as_str()).collect();
    if !matches!(names.as_slice(), ["SignedInfo", "SignatureValue"] | ["SignedInfo", "SignatureValue", "KeyInfo"]) {
        return Err(shape(&names.join(", ")));
    }
    if signature.any(&|inner| inner.name == "RetrievalMethod" || inner.name == "Manifest" || inner.name == "Object") {
        return Err(shape("a RetrievalMethod, Manifest or Object"));
    }
    let info = &signature.children[0];
    let [canonicalisation, method, reference] = info.children.as_slice() else {
        return Err(shape("a SignedInfo with not exactly one Reference"));
    };
    let names = [canonicalisation, method, reference].map(|child| child.name.as_str());
    if names != ["CanonicalizationMethod", "SignatureMethod", "Reference"] {
        return Err(shape(&names.join(", ")));
    }
    exclusive_c14n(canonicalisation)?;
    signature_method(algorithm(method), allow_sha1)?;
    self::reference(reference, parent, allow_sha1)
}

/// What an element names as its algorithm.
pub(super) fn algorithm(element: &Element) -> &str {
    element.attribute("Algorithm").unwrap_or_default()
}

fn signature_method(method: &str, allow_sha1: bool) -> Gated<()> {
    let refuse = |reason| Err(Refusal::new(reason, "RSA or ECDSA with SHA-256, SHA-384 or SHA-512", method));
    match method {
        method if SHA2_METHODS.contains(&method) => Ok(()),
        method if SHA1_METHODS.contains(&method) && allow_sha1 => Ok(()),
        method if SHA1_METHODS.contains(&method) => refuse(&reasons::SHA1),
        method if method.contains("rsa-MGF1") || method.contains("rsa-pss") => refuse(&reasons::RSA_PSS),
        _ => refuse(&reasons::SIGNATURE_ALGORITHM),
    }
}

fn reference(reference: &Element, parent: &Element, allow_sha1: bool) -> Gated<()> {
    let uri = reference.attribute("URI").unwrap_or_default();
    let own = parent.attribute("ID").unwrap_or_default();
    if own.is_empty() || uri.strip_prefix('#') != Some(own) {
        return Err(Refusal::new(&reasons::SIGNATURE_REFERENCE, format!("#{own}"), uri));
    }
    let (transforms, digest_method, digest_value) = match reference.children.as_slice() {
        [transforms, method, value] => (transforms.children.as_slice(), method, value),
        _ => return Err(Refusal::new(&reasons::SIGNATURE_SHAPE, "Transforms, DigestMethod, DigestValue", "others")),
    };
    let names = [reference.children[0].name.as_str(), digest_method.name.as_str(), digest_value.name.as_str()];
    if names != ["Transforms", "DigestMethod", "DigestValue"] {
        return Err(Refusal::new(&reasons::SIGNATURE_SHAPE, "Transforms, DigestMethod, DigestValue", names.join(", ")));
    }
    match transforms {
        [enveloped, c14n] if algorithm(enveloped) == ENVELOPED && enveloped.children.is_empty() => {
            exclusive_c14n(c14n)?;
        }
        _ => {
            let all: Vec<_> = transforms.iter().map(algorithm).collect();
            if let Some(inclusive) = all.iter().find(|algorithm| INCLUSIVE_C14N.contains(algorithm)) {
                return Err(Refusal::new(&reasons::INCLUSIVE_C14N, ns::EXCLUSIVE_C14N, *inclusive));
            }
            return Err(Refusal::new(
                &reasons::SIGNATURE_TRANSFORM,
                "enveloped-signature, then exc-c14n",
                all.join(", "),
            ));
        }
    }
    match algorithm(digest_method) {
        digest if SHA2_DIGESTS.contains(&digest) => Ok(()),
        SHA1_DIGEST if allow_sha1 => Ok(()),
        SHA1_DIGEST => Err(Refusal::new(&reasons::SHA1, "a SHA-256, SHA-384 or SHA-512 digest", SHA1_DIGEST)),
        other => Err(Refusal::new(&reasons::SIGNATURE_ALGORITHM, "a SHA-256, SHA-384 or SHA-512 digest", other)),
    }
}

/// Exclusive canonicalisation, without comments; it may carry InclusiveNamespaces, as Okta's does.
fn exclusive_c14n(element: &Element) -> Gated<()> {
    let name = algorithm(element);
    if INCLUSIVE_C14N.contains(&name) {
        return Err(Refusal::new(&reasons::INCLUSIVE_C14N, ns::EXCLUSIVE_C14N, name));
    }
    let plain = element
        .children
        .iter()
        .all(|child| child.is(ns::EXCLUSIVE_C14N, "InclusiveNamespaces") && child.children.is_empty());
    if name != ns::EXCLUSIVE_C14N || !plain || element.children.len() > 1 {
        return Err(Refusal::new(&reasons::SIGNATURE_TRANSFORM, ns::EXCLUSIVE_C14N, name));
    }
    Ok(())
}
