//! The only shape of a Signature that the profile allows: one Reference to its own parent, allow-listed algorithms.

use super::dom::Element;
use super::ns;
use super::refusal::{Reason, Refusal, reasons};

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
const SHA1_DIGESTS: [&str; 1] = ["http://www.w3.org/2000/09/xmldsig#sha1"];
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

/// The maximum number of prefixes in a `PrefixList`. The verifier looks up each prefix at each element before it has checked the
/// signer, so a long list would cost seconds.
const MOST_PREFIXES: usize = 40;

/// The elements that are allowed only in a Signature.
pub(super) const PARTS: [&str; 8] = [
    "Signature",
    "SignedInfo",
    "SignatureValue",
    "Reference",
    "DigestValue",
    "Object",
    "Manifest",
    "SignatureProperties",
];

/// Checks one Signature: the exact shape, one Reference to its own parent, allow-listed algorithms.
///
/// Source: XML Signature Syntax and Processing; SAML 2.0 Core 5.4.
pub(super) fn check(signature: &Element, parent: &Element, allow_sha1: bool) -> Result<(), Refusal> {
    let names = names(signature);
    if !matches!(names.as_slice(), ["SignedInfo", "SignatureValue"] | ["SignedInfo", "SignatureValue", "KeyInfo"]) {
        return Err(shape("SignedInfo, SignatureValue, and optionally KeyInfo", names.join(", ")));
    }
    let stray = |inner: &Element| inner.name == "RetrievalMethod" || PARTS.contains(&inner.name.as_str());
    if signature.children[2..].iter().any(|key_info| key_info.any(&stray)) {
        return Err(shape("a KeyInfo with certificates or names", "a part of another signature"));
    }
    leaf(&signature.children[1])?;
    let info = &signature.children[0];
    let [canonicalisation, method, reference] =
        children(info, ["CanonicalizationMethod", "SignatureMethod", "Reference"])?;
    exclusive_c14n(canonicalisation)?;
    leaf(method)?;
    signature_method(algorithm(method), allow_sha1)?;
    self::reference(reference, parent, allow_sha1)
}

fn shape(expected: &str, received: impl Into<String>) -> Refusal {
    Refusal::new(&reasons::SIGNATURE_SHAPE, expected, received)
}

/// The names of the children; "another" for those of another namespace.
fn names(element: &Element) -> Vec<&str> {
    let name = |child: &'_ Element| child.namespace == ns::DSIG;
    element.children.iter().map(|child| if name(child) { child.name.as_str() } else { "another" }).collect()
}

/// The children, if they are exactly these and there is no text between them.
fn children<'a, const N: usize>(element: &'a Element, wanted: [&str; N]) -> Result<&'a [Element; N], Refusal> {
    let names = names(element);
    let expected = || format!("{} of {}", element.name, wanted.join(", "));
    if !element.text.trim().is_empty() {
        return Err(shape(&expected(), "text"));
    }
    match element.children.as_slice().try_into() {
        Ok(children) if names == wanted => Ok(children),
        _ if names.len() > 20 => Err(shape(&expected(), format!("{} elements", names.len()))),
        _ => Err(shape(&expected(), names.join(", "))),
    }
}

/// Refuses child elements, which another parser could read as a part of the value.
fn leaf(element: &Element) -> Result<(), Refusal> {
    if element.children.is_empty() {
        return Ok(());
    }
    Err(shape(&format!("{} without elements in it", element.name), names(element).join(", ")))
}

/// The value of the Algorithm attribute.
pub(super) fn algorithm(element: &Element) -> &str {
    element.attribute("Algorithm").unwrap_or_default()
}

fn signature_method(method: &str, allow_sha1: bool) -> Result<(), Refusal> {
    if method.contains("rsa-MGF1") || method.contains("rsa-pss") {
        return Err(Refusal::new(&reasons::RSA_PSS, "RSA or ECDSA with SHA-256, SHA-384 or SHA-512", method));
    }
    let expected = "RSA or ECDSA with SHA-256, SHA-384 or SHA-512";
    allowed(method, &SHA2_METHODS, &SHA1_METHODS, allow_sha1).map_err(|reason| Refusal::new(reason, expected, method))
}

fn allowed(name: &str, sha2: &[&str], sha1: &[&str], allow_sha1: bool) -> Result<(), &'static Reason> {
    match (sha2.contains(&name), sha1.contains(&name)) {
        (true, _) => Ok(()),
        (false, true) if allow_sha1 => Ok(()),
        (false, true) => Err(&reasons::SHA1),
        (false, false) => Err(&reasons::SIGNATURE_ALGORITHM),
    }
}

fn reference(reference: &Element, parent: &Element, allow_sha1: bool) -> Result<(), Refusal> {
    let uri = reference.attribute("URI").unwrap_or_default();
    let own = parent.attribute("ID").unwrap_or_default();
    if own.is_empty() {
        let expected = format!("an ID on the signed {}", parent.name);
        return Err(Refusal::new(&reasons::SIGNATURE_REFERENCE, expected, "none"));
    }
    if uri.strip_prefix('#') != Some(own) {
        return Err(Refusal::new(&reasons::SIGNATURE_REFERENCE, format!("#{own}"), uri));
    }
    let [transforms, digest_method, digest_value] = children(reference, ["Transforms", "DigestMethod", "DigestValue"])?;
    self::transforms(&transforms.children)?;
    leaf(digest_method)?;
    leaf(digest_value)?;
    let (digest, expected) = (algorithm(digest_method), "a SHA-256, SHA-384 or SHA-512 digest");
    allowed(digest, &SHA2_DIGESTS, &SHA1_DIGESTS, allow_sha1).map_err(|reason| Refusal::new(reason, expected, digest))
}

/// Allows only enveloped-signature followed by exclusive canonicalisation.
fn transforms(transforms: &[Element]) -> Result<(), Refusal> {
    if let [enveloped, c14n] = transforms
        && algorithm(enveloped) == ENVELOPED
        && enveloped.children.is_empty()
    {
        return exclusive_c14n(c14n);
    }
    let all: Vec<_> = transforms.iter().map(algorithm).collect();
    if let Some(inclusive) = all.iter().find(|algorithm| INCLUSIVE_C14N.contains(algorithm)) {
        return Err(Refusal::new(&reasons::INCLUSIVE_C14N, ns::EXCLUSIVE_C14N, *inclusive));
    }
    Err(Refusal::new(&reasons::SIGNATURE_TRANSFORM, "enveloped-signature, then exc-c14n", all.join(", ")))
}

/// Allows only exclusive canonicalisation without comments. It may have InclusiveNamespaces, which Okta sends.
fn exclusive_c14n(element: &Element) -> Result<(), Refusal> {
    let name = algorithm(element);
    if INCLUSIVE_C14N.contains(&name) {
        return Err(Refusal::new(&reasons::INCLUSIVE_C14N, ns::EXCLUSIVE_C14N, name));
    }
    if name == ns::EXCLUSIVE_C14N && (element.children.len() > 1 || !element.children.iter().all(inclusive_namespaces))
    {
        let received = format!("with {} in it", names(element).join(", "));
        return Err(Refusal::new(
            &reasons::SIGNATURE_TRANSFORM,
            "exclusive canonicalisation with at most InclusiveNamespaces in it",
            received,
        ));
    }
    if name != ns::EXCLUSIVE_C14N {
        return Err(Refusal::new(&reasons::SIGNATURE_TRANSFORM, ns::EXCLUSIVE_C14N, name));
    }
    Ok(())
}

fn inclusive_namespaces(element: &Element) -> bool {
    let prefixes = element.attribute("PrefixList").unwrap_or_default().split_ascii_whitespace();
    element.is(ns::EXCLUSIVE_C14N, "InclusiveNamespaces")
        && element.children.is_empty()
        && prefixes.take(MOST_PREFIXES + 1).count() <= MOST_PREFIXES
}
