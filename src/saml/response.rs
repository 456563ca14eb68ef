//! From a response to an identity: form, signature, and then every rule on what the signature covers.

use super::dom::{self, Element};
use super::profile::{self, Signed};
use super::refusal::{Product, Reason, Refusal, reasons};
use super::rules::Judge;
use super::ruleset::{RULES, rules_told};
use super::{Certificate, Expected, Facts, IdentityProvider, ServiceProvider, encrypted_response, lockdown, ns};
use crate::domain::{Email, Name, Timestamp};
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
    /// Their name, if an attribute has it.
    #[serde(skip)]
    pub name: Option<Name>,
    /// Remembered, so that it works once.
    #[serde(skip)]
    pub assertion_id: String,
    /// How long it must be remembered: until it would be refused for its age anyway.
    #[serde(skip)]
    pub not_on_or_after: Timestamp,
    /// When the provider says that its session ends.
    #[serde(skip)]
    pub session_not_on_or_after: Option<Timestamp>,
    /// The place among our keys of the one that opened the assertion, where it was encrypted.
    #[serde(skip)]
    pub opened_with: Option<usize>,
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
    /// The identity, or the first rule that failed.
    pub outcome: Result<Identity, Refusal>,
    /// Warnings that are no reason to refuse.
    pub warnings: Vec<String>,
    /// What the signature covers.
    pub facts: Facts,
}

impl Report {
    /// `{accepted, rules, warnings, certificate, issued_at, refusal?, identity?}`, what to fix, in the words of these products.
    pub fn to_json(&self, products: &[Product]) -> serde_json::Value {
        let mut json = serde_json::json!({
            "accepted": self.outcome.is_ok(), "rules": rules_told(&serde_json::json!(self.rules)), "warnings": self.warnings,
            "certificate": self.facts.certificate, "issued_at": self.facts.issued_at,
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
    match arrive(&mut judge, sp, &Trust { idp, expected, now }, xml) {
        Err((rule, refusal)) => judge.refused_at(rule, refusal),
        Ok((root, covered)) => judge.judge(sp, idp, expected, &root, &covered, now),
    }
}

/// A rule's name, and why it failed.
pub(super) type Failed = (&'static str, Refusal);

/// Everything before our own rules: form, encryption, signatures. Gives the response as it came, with its assertion in plain,
/// and what of it the signatures cover.
fn arrive(judge: &mut Judge, sp: &ServiceProvider, trust: &Trust, xml: &str) -> Result<(Element, Covered), Failed> {
    let root = profile::response(xml).map_err(|refusal| ("form", refusal))?;
    judge.passed("form", "a plain SAML 2.0 Response", "one");
    status(&root).map_err(|refusal| ("status", refusal))?;
    judge.passed("status", SUCCESS, SUCCESS);
    if root.all(ns::ASSERTION, "EncryptedAssertion").next().is_some() {
        return encrypted_response::opened(judge, sp, trust, xml, &root);
    }
    let covered = in_plain(judge, trust, xml, &root, "none")?;
    Ok((root, covered))
}

/// The signed parts of a response whose assertion is not encrypted.
pub(super) fn in_plain(
    judge: &mut Judge,
    trust: &Trust,
    xml: &str,
    root: &Element,
    encryption: &str,
) -> Result<Covered, Failed> {
    unencrypted(root).map_err(|refusal| ("encryption", refusal))?;
    judge.passed("encryption", OPENS, encryption);
    let signed = structure(judge, root, trust.expected)?;
    if !signed.response && !signed.assertion {
        return Err(unsigned());
    }
    judge.passed("signed", SIGNED, signed.what());
    trust.covered(judge, xml, root, signed)
}

pub(super) const OPENS: &str = "none, or one that our key opens";
pub(super) const SIGNED: &str = "a signed Response or Assertion";

fn unsigned() -> Failed {
    ("signed", Refusal::new(&reasons::UNSIGNED, SIGNED, "no signature"))
}

/// The form of what is in plain: one Assertion, and signatures where and as they may be.
pub(super) fn structure(judge: &mut Judge, root: &Element, expected: &Expected) -> Result<Signed, Failed> {
    let signed = profile::structure(root, expected.allow_sha1).map_err(|refusal| ("structure", refusal))?;
    if root.child(ns::ASSERTION, "Assertion").is_none() {
        return Err(("structure", Refusal::new(&reasons::NO_ASSERTION, "one Assertion", "none")));
    }
    judge.passed("structure", "one Assertion, signatures of the exact shape", "so");
    Ok(signed)
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

pub(super) fn unencrypted(root: &Element) -> Result<(), Refusal> {
    let encrypted = |element: &Element| {
        ["EncryptedID", "EncryptedAttribute", "NewEncryptedID", "EncryptedAssertion"].contains(&element.name.as_str())
            && element.namespace == ns::ASSERTION
            || element.is(ns::ENCRYPTION, "EncryptedData")
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

/// The content of a verified signature: parsed from the bytes that it covers, not from the received message.
pub(super) struct Covered {
    /// The whole response, where it is signed.
    pub response: Option<Element>,
    /// The assertion, where it is signed alone, or was encrypted.
    pub assertion: Option<Element>,
    /// The place of the key of ours that opened it.
    pub opened_with: Option<usize>,
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

/// From this size on, reading a message once more for each certificate is felt.
const LARGE_BYTES: usize = 32 * 1024;

/// The certificates whose signatures are accepted.
pub(super) struct Trust<'a> {
    pub idp: &'a IdentityProvider,
    pub expected: &'a Expected,
    now: Timestamp,
}

impl Trust<'_> {
    /// The text that the signatures of a document cover, all of which are by one of the provider's certificates.
    pub fn verified(&self, judge: &mut Judge, xml: &str) -> Result<String, Failed> {
        let usable = self.usable()?;
        judge.passed("certificate", "one to four usable certificates", format!("{}", usable.len()));
        let tried = if self.is_hopeless(xml, &usable) { &[] } else { usable.as_slice() };
        let verified = tried.iter().find_map(|certificate| {
            reduce(xml, &[certificate], self.expected.allow_sha1).map(|covered| (certificate, covered))
        });
        let Some((certificate, covered)) = verified else {
            let all: Vec<_> = usable.iter().map(|certificate| certificate.fingerprint()).collect();
            if is_formatted(xml) {
                judge.warn(FORMATTED.into());
            }
            let (reason, received) = why_it_fits_none(xml);
            return Err(("signature", Refusal::new(reason, format!("by one of {}", all.join(", ")), received)));
        };
        judge.passed("signature", "by one of the connection's certificates", certificate.fingerprint());
        judge.facts.certificate = Some(certificate.fingerprint());
        in_time(judge, certificate, self.expected, self.now)?;
        Ok(covered)
    }

    /// True if a large message fits none of several certificates. They are tried on one reading of it, since each reading costs
    /// more than all keys do; RSA and EC apart, since a signature of the other kind ends the trial.
    fn is_hopeless(&self, xml: &str, usable: &[&Certificate]) -> bool {
        let (ec, rsa): (Vec<_>, Vec<_>) = usable.iter().partition(|certificate| certificate.key().starts_with("EC"));
        let fits = |kind: &Vec<&Certificate>| reduce(xml, kind, self.expected.allow_sha1).is_some();
        usable.len() > 1 && xml.len() > LARGE_BYTES && !fits(&rsa) && !fits(&ec)
    }

    fn usable(&self) -> Result<Vec<&Certificate>, Failed> {
        let all = &self.idp.certificates;
        let usable: Vec<_> = all.iter().filter(|one| self.expected.allow_sha1 || one.is_strong()).collect();
        if !usable.is_empty() {
            return Ok(usable);
        }
        let reason = if all.is_empty() { &reasons::NO_CERTIFICATE } else { &reasons::WEAK_KEY };
        let expected = "RSA of 2048 bits or more, or EC P-256, P-384 or P-521";
        Err(("certificate", Refusal::new(reason, expected, "no such certificate")))
    }

    /// Verifies a document, and gives of `root`, which it was read into, what its signatures cover.
    pub fn covered(&self, judge: &mut Judge, xml: &str, root: &Element, signed: Signed) -> Result<Covered, Failed> {
        let covered = self.verified(judge, xml)?;
        covered_element(&covered, root, signed).ok_or_else(not_as_promised)
    }
}

const FORMATTED: &str = "This message has white space between its elements, as tools that format XML add it. The signature of a reformatted message cannot be verified, because it covers the white space: use the value of SAMLResponse as it was sent.";

/// Why the signatures of a message fit no certificate, as far as it tells.
fn why_it_fits_none(xml: &str) -> (&'static Reason, &'static str) {
    if is_formatted(xml) {
        (&reasons::FORMATTED, "a message with white space between its elements, as a formatted copy has")
    } else if xml.contains("X509Certificate") {
        (&reasons::BAD_SIGNATURE, "a signature by another key, or a changed message")
    } else {
        (&reasons::BAD_SIGNATURE, "a signature that fits none")
    }
}

/// True if elements stand on lines of their own before the first signature, as tools print them that format XML. Some providers
/// break lines within their signatures.
fn is_formatted(xml: &str) -> bool {
    let start = xml.find("Response").and_then(|at| xml.get(at..)).unwrap_or_default();
    let unsigned = start.split("Signature").next().unwrap_or_default();
    let parts = unsigned.split('>').skip(1);
    parts.filter_map(|part| part.split_once('<')).any(|(text, _)| text.contains('\n') && text.trim().is_empty())
}

pub(super) fn not_as_promised() -> Failed {
    ("signature", Refusal::new(&reasons::BROKEN, "the signed element as the document has it", "another one"))
}

/// Providers often sign on with a certificate that has ended. Whether that is refused is the operator's choice.
fn in_time(judge: &mut Judge, used: &Certificate, expected: &Expected, now: Timestamp) -> Result<(), Failed> {
    if now < used.not_after() {
        return Ok(());
    }
    let ended = format!("one that ended at {}", used.not_after());
    if expected.refuse_expired {
        let refusal = Refusal::new(&reasons::CERTIFICATE_EXPIRED, "a certificate that has not ended", ended);
        return Err(("certificate", refusal));
    }
    judge.warn(format!("The provider signs with a certificate that has expired: {ended}. Replace it there and here."));
    Ok(())
}

const SHA2: [AllowedSignatureAlgorithm; 6] = [
    AllowedSignatureAlgorithm::RsaSha256,
    AllowedSignatureAlgorithm::RsaSha384,
    AllowedSignatureAlgorithm::RsaSha512,
    AllowedSignatureAlgorithm::EcdsaSha256,
    AllowedSignatureAlgorithm::EcdsaSha384,
    AllowedSignatureAlgorithm::EcdsaSha512,
];

/// The text that the signatures cover, if these certificates' keys made every one of them.
#[allow(clippy::disallowed_methods)] // the one place that may ask samael to verify
fn reduce(xml: &str, certificates: &[&Certificate], allow_sha1: bool) -> Option<String> {
    let certificates: Vec<_> = certificates.iter().map(|one| CertificateDer::from(one.der().to_vec())).collect();
    let allowed = (!allow_sha1).then_some(SHA2.as_slice());
    let reduced = catch_unwind(AssertUnwindSafe(|| {
        Crypto::reduce_xml_to_signed_with_allowed_algorithms(xml, &certificates, ReduceMode::PreDigest, allowed).ok()
    }));
    reduced.ok().flatten()
}

/// True if it is the element that the form promised.
fn same(one: &Element, other: &Element) -> bool {
    one.is(&other.namespace, &other.name)
        && one.attribute("ID").is_some()
        && one.attribute("ID") == other.attribute("ID")
}

/// Reads what is covered, and checks that it is the element that the form promised.
fn covered_element(covered: &str, root: &Element, signed: Signed) -> Option<Covered> {
    let element = dom::parse(covered).ok()?;
    let promised = root.child(ns::ASSERTION, "Assertion")?;
    if signed.response {
        let one = element.all(ns::ASSERTION, "Assertion").count() == 1;
        let inner = element.child(ns::ASSERTION, "Assertion").is_some_and(|inner| same(inner, promised));
        let right = one && inner && same(&element, root);
        return right.then_some(Covered { response: Some(element), assertion: None, opened_with: None });
    }
    same(&element, promised).then_some(Covered { response: None, assertion: Some(element), opened_with: None })
}

/// The same for a response whose assertion is encrypted still.
pub(super) fn covered_response(covered: &str, root: &Element) -> Result<Element, Failed> {
    dom::parse(covered).ok().filter(|element| same(element, root)).ok_or_else(not_as_promised)
}

/// Every rule, by name, in order.
pub(super) fn blank_rules() -> Vec<Rule> {
    RULES
        .iter()
        .map(|text| Rule { rule: text.rule, ok: None, expected: String::new(), received: String::new() })
        .collect()
}
