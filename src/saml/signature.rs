//! Verifies the signatures of a response: their places, their certificates, and the content that they cover.

use super::covered::{Covered, covered_element, not_as_promised};
use super::dom::Element;
use super::profile::{self, Signed};
use super::refusal::{Reason, Refusal, reasons};
use super::report::Failed;
use super::rules::Judge;
use super::{Certificate, Expected, IdentityProvider, ns};
use crate::domain::Timestamp;
use samael::crypto::{AllowedSignatureAlgorithm, CertificateDer, Crypto, CryptoProvider, ReduceMode};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Verifies a response whose assertion is not encrypted, or was decrypted. Returns the content that its signatures
/// cover. `encryption`: a description for the trace.
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

pub(super) const OPENS: &str = "not encrypted, or encrypted for one of our keys";
pub(super) const SIGNED: &str = "a signed Response or Assertion";

fn unsigned() -> Failed {
    ("signed", Refusal::new(&reasons::UNSIGNED, SIGNED, "no signature"))
}

/// Checks the structure of an unencrypted response: one Assertion, and signatures only in allowed places and shapes.
pub(super) fn structure(judge: &mut Judge, root: &Element, expected: &Expected) -> Result<Signed, Failed> {
    let signed = profile::structure(root, expected.allow_sha1).map_err(|refusal| ("structure", refusal))?;
    if root.child(ns::ASSERTION, "Assertion").is_none() {
        return Err(("structure", Refusal::new(&reasons::NO_ASSERTION, "one Assertion", "none")));
    }
    judge.passed("structure", "one Assertion, and signatures in the required form", "as expected");
    Ok(signed)
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
            "unencrypted names and attributes",
            "EncryptedID or EncryptedAttribute",
        ));
    }
    Ok(())
}

/// From this size on, parsing a message again for each certificate takes noticeable time.
const LARGE_BYTES: usize = 32 * 1024;

/// The certificates whose signatures are accepted.
pub(super) struct Trust<'a> {
    pub idp: &'a IdentityProvider,
    pub expected: &'a Expected,
    pub now: Timestamp,
}

impl Trust<'_> {
    /// Verifies the signatures of a document with the provider's certificates. Returns the text that they cover.
    pub fn verified(&self, judge: &mut Judge, xml: &str) -> Result<String, Failed> {
        let usable = self.usable()?;
        judge.passed("certificate", "one to four usable certificates", format!("{}", usable.len()));
        let tried = if self.no_certificate_fits(xml, &usable) { &[] } else { usable.as_slice() };
        let verified = tried.iter().find_map(|certificate| {
            reduce(xml, &[certificate], self.expected.allow_sha1).map(|covered| (certificate, covered))
        });
        let Some((certificate, covered)) = verified else {
            let all: Vec<_> = usable.iter().map(|certificate| certificate.fingerprint()).collect();
            if is_formatted(xml) {
                judge.warn(FORMATTED.into());
            }
            let (reason, received) = likely_fault(xml);
            return Err((
                "signature",
                Refusal::new(reason, format!("signed with one of {}", all.join(", ")), received),
            ));
        };
        judge.passed("signature", "signed with one of the connection's certificates", certificate.fingerprint());
        judge.facts.certificate = Some(certificate.fingerprint());
        in_time(judge, certificate, self.expected, self.now)?;
        Ok(covered)
    }

    /// True if no certificate verifies a large message. All certificates are tried in one parse, because parsing costs
    /// more than the keys. RSA and EC are tried separately, because a key of the wrong kind ends the verification.
    fn no_certificate_fits(&self, xml: &str, usable: &[&Certificate]) -> bool {
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

    /// Verifies a document, and returns the content that its signatures cover. `root`: the parsed document.
    pub fn covered(&self, judge: &mut Judge, xml: &str, root: &Element, signed: Signed) -> Result<Covered, Failed> {
        let covered = self.verified(judge, xml)?;
        covered_element(&covered, root, signed).ok_or_else(not_as_promised)
    }
}

const FORMATTED: &str = "This message has white space between its elements, as tools that format XML add it. The signature of a reformatted message cannot be verified, because it covers the white space: use the value of SAMLResponse as it was sent.";

/// The likely reason why no certificate verifies a message.
fn likely_fault(xml: &str) -> (&'static Reason, &'static str) {
    if is_formatted(xml) {
        (&reasons::FORMATTED, "a message with white space between its elements, as in a formatted copy")
    } else if xml.contains("X509Certificate") {
        (&reasons::BAD_SIGNATURE, "a signature made with another key, or a message that was changed")
    } else {
        (&reasons::BAD_SIGNATURE, "a signature that no certificate verifies")
    }
}

/// True if elements are on separate lines, which is typical of tools that format XML. Only the text before the first
/// signature counts, because some providers break lines inside signatures.
fn is_formatted(xml: &str) -> bool {
    let start = xml.find("Response").and_then(|at| xml.get(at..)).unwrap_or_default();
    let unsigned = start.split("Signature").next().unwrap_or_default();
    let parts = unsigned.split('>').skip(1);
    parts.filter_map(|part| part.split_once('<')).any(|(text, _)| text.contains('\n') && text.trim().is_empty())
}

/// Warns about an expired certificate, or refuses it if the operator has chosen so. Providers often continue to sign
/// with one.
fn in_time(judge: &mut Judge, used: &Certificate, expected: &Expected, now: Timestamp) -> Result<(), Failed> {
    if now < used.not_after() {
        return Ok(());
    }
    let ended = format!("expired at {}", used.not_after());
    if expected.refuse_expired {
        let refusal = Refusal::new(&reasons::CERTIFICATE_EXPIRED, "a certificate that has not expired", ended);
        return Err(("certificate", refusal));
    }
    judge.warn(format!("The provider signs with a certificate that {ended}. Replace it there and here."));
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

/// The text that the signatures cover, if each of them was made with the key of one of these certificates.
#[allow(clippy::disallowed_methods)] // the only place that may call samael's verification
fn reduce(xml: &str, certificates: &[&Certificate], allow_sha1: bool) -> Option<String> {
    let certificates: Vec<_> = certificates.iter().map(|one| CertificateDer::from(one.der().to_vec())).collect();
    let allowed = (!allow_sha1).then_some(SHA2.as_slice());
    let reduced = catch_unwind(AssertUnwindSafe(|| {
        Crypto::reduce_xml_to_signed_with_allowed_algorithms(xml, &certificates, ReduceMode::PreDigest, allowed).ok()
    }));
    reduced.ok().flatten()
}
