//! From a response to an identity: form, signature, and then every rule on what the signature covers.

use super::dom::{self, Element};
use super::gate::{self, Signed};
use super::refusal::{Product, Refusal, reasons};
use super::rules::{Judge, RULES};
use super::{Expected, IdentityProvider, ServiceProvider, lockdown, ns};
use crate::domain::{Email, Timestamp};
use samael::crypto::{AllowedSignatureAlgorithm, CertificateDer, Crypto, CryptoProvider, ReduceMode};
use serde::Serialize;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a verified assertion says of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// By the e-mail rule.
    pub email: Email,
    /// As it came.
    pub name_id: String,
    /// Its format, where it has one.
    pub name_id_format: Option<String>,
    /// The provider's own session.
    pub session_index: Option<String>,
    /// Name -> values; several Attribute elements of one name are joined.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Remembered, so that it works once.
    #[serde(skip)]
    pub assertion_id: String,
    /// How long it must be remembered: until it would be refused for its age anyway.
    #[serde(skip)]
    pub not_on_or_after: Timestamp,
    /// When the provider says that its session ends.
    #[serde(skip)]
    pub session_not_on_or_after: Option<Timestamp>,
}

/// One rule, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name.
    pub rule: &'static str,
    /// Passed, failed, or (`None`) not judged.
    pub ok: Option<bool>,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub received: String,
}

/// Every rule in order, and what came of them.
#[derive(Debug)]
pub struct Report {
    /// All of them, also those that could not be judged.
    pub rules: Vec<Rule>,
    /// Who it is, or the first rule that failed.
    pub outcome: Result<Identity, Refusal>,
    /// What is unusual and no reason to refuse.
    pub warnings: Vec<String>,
}

impl Report {
    /// `{accepted, rules, refusal?, identity?, warnings}`, what to mend in the words of these products.
    pub fn to_json(&self, products: &[Product]) -> serde_json::Value {
        let mut json = serde_json::json!({
            "accepted": self.outcome.is_ok(), "rules": self.rules, "warnings": self.warnings,
        });
        match &self.outcome {
            Ok(identity) => json["identity"] = serde_json::json!(identity),
            Err(refusal) => json["refusal"] = Refusal::told(&refusal.to_stored(), products),
        }
        json
    }

    /// Of what could not even be decoded.
    pub fn unreadable(refusal: Refusal) -> Self {
        Judge::default().refused_at("form", refusal)
    }
}

/// Verifies a response and gives every rule with its verdict.
///
/// `xml`: decoded, at most 256 KiB. `now`: Unix seconds. Never panics, and reads nothing that a signature does not cover but to
/// refuse it.
///
/// Source: SAML 2.0 Core 2.5.1 (conditions); Profiles 4.1.4.3 (checks on arrival); `docs/security.md`.
pub fn verify(sp: &ServiceProvider, idp: &IdentityProvider, expected: &Expected, xml: &str, now: Timestamp) -> Report {
    lockdown(expected.allow_sha1);
    let mut judge = Judge::default();
    match form(&mut judge, xml, expected) {
        Err((rule, refusal)) => judge.refused_at(rule, refusal),
        Ok((root, signed)) => match signature(&mut judge, idp, expected, xml, &root, signed) {
            Err((rule, refusal)) => judge.refused_at(rule, refusal),
            Ok(covered) => judge.judge(sp, idp, expected, &root, &covered, now),
        },
    }
}

/// A rule's name, and why it failed.
type Failed = (&'static str, Refusal);

/// Everything about the form, before any cryptography.
fn form(judge: &mut Judge, xml: &str, expected: &Expected) -> Result<(Element, Signed), Failed> {
    let root = gate::response(xml).map_err(|refusal| ("form", refusal))?;
    judge.passed("form", "a plain SAML 2.0 Response", "one");
    status(&root).map_err(|refusal| ("status", refusal))?;
    judge.passed("status", SUCCESS, SUCCESS);
    unencrypted(&root).map_err(|refusal| ("encryption", refusal))?;
    judge.passed("encryption", "none", "none");
    let signed = gate::structure(&root, expected.allow_sha1).map_err(|refusal| ("structure", refusal))?;
    match root.all(ns::ASSERTION, "Assertion").count() {
        1 => {}
        0 => return Err(("structure", Refusal::new(&reasons::NO_ASSERTION, "one Assertion", "none"))),
        n => return Err(("structure", Refusal::new(&reasons::SEVERAL_ASSERTIONS, "one Assertion", n.to_string()))),
    }
    judge.passed("structure", "one Assertion, signatures of the exact shape", "so");
    if !signed.response && !signed.assertion {
        return Err(("signed", Refusal::new(&reasons::UNSIGNED, "a signed Response or Assertion", "no signature")));
    }
    let what = match signed {
        Signed { response: true, assertion: true } => "both are signed",
        Signed { response: true, .. } => "the Response is signed",
        Signed { .. } => "the Assertion is signed",
    };
    judge.passed("signed", "a signed Response or Assertion", what);
    Ok((root, signed))
}

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

fn status(root: &Element) -> Result<(), Refusal> {
    let status = root.child(ns::PROTOCOL, "Status");
    let code = status.and_then(|status| status.child(ns::PROTOCOL, "StatusCode"));
    let value = code.and_then(|code| code.attribute("Value")).unwrap_or("no status");
    if value == SUCCESS {
        return Ok(());
    }
    let inner = code.and_then(|code| code.child(ns::PROTOCOL, "StatusCode")?.attribute("Value"));
    let message = status.and_then(|status| status.child(ns::PROTOCOL, "StatusMessage")?.plain_text());
    let received: Vec<_> = [Some(value), inner, message].into_iter().flatten().collect();
    Err(Refusal::new(&reasons::STATUS, SUCCESS, received.join(": ")))
}

fn unencrypted(root: &Element) -> Result<(), Refusal> {
    if root.child(ns::ASSERTION, "EncryptedAssertion").is_some() {
        return Err(Refusal::new(&reasons::ENCRYPTED_ASSERTION, "a plain Assertion", "EncryptedAssertion"));
    }
    let encrypted = |element: &Element| {
        ["EncryptedID", "EncryptedAttribute", "NewEncryptedID", "EncryptedAssertion"].contains(&element.name.as_str())
            && element.namespace == ns::ASSERTION
    };
    if root.any(&encrypted) {
        return Err(Refusal::new(
            &reasons::ENCRYPTED_ID,
            "plain names and attributes",
            "EncryptedID or EncryptedAttribute",
        ));
    }
    Ok(())
}

/// What a verified signature covers: parsed from what it was computed over, not from what came.
pub(super) struct Covered {
    /// The whole response, where it is signed.
    pub response: Option<Element>,
    /// The assertion, where it alone is.
    assertion: Option<Element>,
}

impl Covered {
    /// The one assertion.
    pub fn assertion(&self) -> &Element {
        match (&self.response, &self.assertion) {
            (_, Some(assertion)) => assertion,
            // `signature` made sure that there is one.
            (Some(response), None) => response.child(ns::ASSERTION, "Assertion").unwrap_or(response),
            (None, None) => unreachable!("nothing is covered only where nothing was verified"),
        }
    }
}

fn signature(
    judge: &mut Judge,
    idp: &IdentityProvider,
    expected: &Expected,
    xml: &str,
    root: &Element,
    signed: Signed,
) -> Result<Covered, Failed> {
    let usable = idp.certificates.iter().filter(|certificate| expected.allow_sha1 || certificate.is_strong());
    let usable: Vec<_> = usable.collect();
    if usable.is_empty() {
        let reason = if idp.certificates.is_empty() { &reasons::NO_CERTIFICATE } else { &reasons::WEAK_KEY };
        let refusal =
            Refusal::new(reason, "RSA of 2048 bits or more, or EC P-256, P-384 or P-521", "no such certificate");
        return Err(("certificate", refusal));
    }
    judge.passed("certificate", "one to four usable certificates", format!("{}", usable.len()));
    let verified = usable.iter().find_map(|certificate| {
        reduce(xml, certificate.der(), expected.allow_sha1).map(|covered| (certificate, covered))
    });
    let fingerprints = || usable.iter().map(|certificate| certificate.fingerprint()).collect::<Vec<_>>().join(", ");
    let Some((certificate, covered)) = verified else {
        let came = root.any(&|element| element.is(ns::DSIG, "X509Certificate"));
        let received =
            if came { "a signature by another key, or a changed message" } else { "a signature that fits none" };
        return Err((
            "signature",
            Refusal::new(&reasons::BAD_SIGNATURE, format!("by one of {}", fingerprints()), received),
        ));
    };
    judge.passed("signature", "by one of the connection's certificates", certificate.fingerprint());
    covered_element(&covered, root, signed).ok_or_else(|| {
        ("signature", Refusal::new(&reasons::BROKEN, "the signed element as the document has it", "another one"))
    })
}

const SHA2: [AllowedSignatureAlgorithm; 6] = [
    AllowedSignatureAlgorithm::RsaSha256,
    AllowedSignatureAlgorithm::RsaSha384,
    AllowedSignatureAlgorithm::RsaSha512,
    AllowedSignatureAlgorithm::EcdsaSha256,
    AllowedSignatureAlgorithm::EcdsaSha384,
    AllowedSignatureAlgorithm::EcdsaSha512,
];

/// The text that the signatures cover, if this certificate's key made every one of them.
#[allow(clippy::disallowed_methods)] // the one place that may ask samael to verify
fn reduce(xml: &str, certificate: &[u8], allow_sha1: bool) -> Option<String> {
    let certificates = [CertificateDer::from(certificate.to_vec())];
    let allowed = (!allow_sha1).then_some(SHA2.as_slice());
    let reduced = catch_unwind(AssertUnwindSafe(|| {
        Crypto::reduce_xml_to_signed_with_allowed_algorithms(xml, &certificates, ReduceMode::PreDigest, allowed).ok()
    }));
    reduced.ok().flatten()
}

/// Reads what is covered, and checks that it is the element that the form promised.
fn covered_element(covered: &str, root: &Element, signed: Signed) -> Option<Covered> {
    let element = dom::parse(covered).ok()?;
    let promised = root.child(ns::ASSERTION, "Assertion")?;
    let same = |one: &Element, other: &Element| {
        one.is(&other.namespace, &other.name)
            && one.attribute("ID").is_some()
            && one.attribute("ID") == other.attribute("ID")
    };
    if signed.response {
        let one = element.all(ns::ASSERTION, "Assertion").count() == 1;
        let inner = element.child(ns::ASSERTION, "Assertion").is_some_and(|inner| same(inner, promised));
        return (one && inner && same(&element, root)).then_some(Covered { response: Some(element), assertion: None });
    }
    same(&element, promised).then_some(Covered { response: None, assertion: Some(element) })
}

/// Every rule, by name, in order.
pub(super) fn blank_rules() -> Vec<Rule> {
    RULES.iter().map(|rule| Rule { rule, ok: None, expected: String::new(), received: String::new() }).collect()
}
