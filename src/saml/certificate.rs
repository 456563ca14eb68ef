//! The signing certificates of identity providers.

use super::pasted;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result, Timestamp};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::nid::Nid;
use openssl::pkey::Id;
use openssl::x509::{X509, X509Ref, X509VerifyResult};
use quick_cache::sync::Cache;
use std::cmp::Ordering;
use std::sync::LazyLock;

const FIELD: &str = "certificates";
const CURVES: [(Nid, &str); 3] =
    [(Nid::X9_62_PRIME256V1, "EC P-256"), (Nid::SECP384R1, "EC P-384"), (Nid::SECP521R1, "EC P-521")];
const LEAST_RSA_BITS: u32 = 2048;

/// The maximum number of cached certificates.
const MOST_KEPT: usize = 256;

/// The parsed certificates of our own store, by their PEM. To parse one takes longer than to verify a signature.
static STORED: LazyLock<Cache<String, Certificate>> = LazyLock::new(|| Cache::new(MOST_KEPT));

/// A signing certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    pem: String,
    subject: String,
    key: String,
    strong: bool,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// The certificates that were read from one text.
#[derive(Debug)]
pub struct Given {
    /// The usable certificates, at least one.
    pub certificates: Vec<Certificate>,
    /// A sentence about certificates of the text that were left out, if any.
    pub note: Option<Phrase>,
}

impl Certificate {
    /// Reads an admin's input: PEM in any layout, base64 of PEM or DER, or PKCS#7. From a chain, only its last
    /// certificate is taken; from several unrelated certificates, the usable ones.
    ///
    /// # Errors
    /// `Invalid` with field `certificates`: there is no certificate, or it has a weak key, has expired or is not valid
    /// yet; or the text has a private key.
    pub fn all(raw: &str, now: Timestamp) -> Result<Given> {
        let found = pasted::certificates(raw).or_else(refuse)?;
        let (issuers, mut ends): (Vec<_>, Vec<_>) =
            found.iter().partition(|one| found.iter().any(|other| has_issued(one, other)));
        if ends.is_empty() {
            ends.clone_from(&issuers);
        }
        let (mut certificates, mut faults) = (Vec::new(), Vec::new());
        for one in &ends {
            match Self::of(one).and_then(|one| one.usable(now)) {
                Ok(certificate) => certificates.push(certificate),
                Err(fault) => faults.push(fault),
            }
        }
        if certificates.is_empty() {
            return faults.into_iter().next().map_or_else(|| refuse(phrase!("certificate-none")), Err);
        }
        Ok(Given { note: note(&certificates, found.len() - ends.len(), &faults), certificates })
    }

    /// As `all`, but returns only the first certificate.
    ///
    /// # Errors
    /// `Invalid` with field `certificates`.
    pub fn parse(raw: &str, now: Timestamp) -> Result<Self> {
        Self::all(raw, now).and_then(|given| first(given.certificates))
    }

    /// Reads a certificate from the database. An expired one stays usable, because providers often continue to sign
    /// with it.
    ///
    /// # Errors
    /// `Invalid` when it is not a certificate.
    pub fn stored(pem: &str) -> Result<Self> {
        STORED.get_or_insert_with(pem, || {
            let x509 = der_of(pem).and_then(|der| X509::from_der(&der).ok());
            x509.map_or_else(|| refuse(phrase!("certificate-none")), |x509| Self::of(&x509))
        })
    }

    /// Reads a certificate, whatever its key and validity.
    pub(super) fn any(raw: &str) -> Result<Self> {
        let found = pasted::certificates(raw).or_else(refuse)?;
        let end = found.iter().find(|one| !found.iter().any(|other| has_issued(one, other)));
        end.or(found.first()).map_or_else(|| refuse(phrase!("certificate-none")), Self::of)
    }

    fn of(x509: &X509) -> Result<Self> {
        let (key, strong) = key(x509).unwrap_or_else(|| ("an unknown kind".into(), false));
        let (Some(not_before), Some(not_after)) = (moment(x509.not_before()), moment(x509.not_after())) else {
            return refuse(phrase!("certificate-validity"));
        };
        let der = x509.to_der().map_err(Error::internal)?;
        Ok(Self { pem: pem(&der), der, subject: subject(x509), key, strong, not_before, not_after })
    }

    /// Returns the certificate if sign-ins can be verified with it now.
    fn usable(self, now: Timestamp) -> Result<Self> {
        if !self.strong {
            return refuse(if self.key.starts_with("RSA ") {
                phrase!("certificate-weak-key", key = self.key)
            } else {
                phrase!("certificate-other-key", key = self.key)
            });
        }
        if self.not_after <= now {
            return refuse(phrase!("certificate-expired", at = self.not_after.to_string()));
        }
        if self.not_before > now.plus(24 * 3600) {
            return refuse(phrase!("certificate-not-yet", at = self.not_before.to_string()));
        }
        Ok(self)
    }

    /// The certificate as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// True if its key is of an accepted kind and size.
    pub(super) const fn is_strong(&self) -> bool {
        self.strong
    }

    /// The SHA-256 digest of the DER: `AA:BB:...`.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.der)
    }

    /// The fingerprint of a certificate from the database. Skips the parsing, which is the expensive part and was done
    /// when it was saved.
    pub fn fingerprint_of_stored(pem: &str) -> Option<String> {
        der_of(pem).map(|der| fingerprint(&der))
    }

    /// The start of the validity.
    pub const fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The end of the validity.
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The subject, such as `CN=idp.test, O=Acme`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The kind and size of the key, such as `RSA 2048`.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The DER of a PEM text that `pem` wrote; `None` if it is not base64.
fn der_of(raw: &str) -> Option<Vec<u8>> {
    let lines = raw.lines().filter(|line| !line.contains("-----"));
    let base64: String = lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(base64).ok().filter(|der| !der.is_empty())
}

fn first(certificates: Vec<Certificate>) -> Result<Certificate> {
    certificates.into_iter().next().map_or_else(|| refuse(phrase!("certificate-none")), Ok)
}

/// True if `one` issued `other`. Self-signed certificates are excluded, because a renewed one often has the same
/// subject as the previous one.
fn has_issued(one: &X509Ref, other: &X509Ref) -> bool {
    let signs_itself = other.issuer_name().try_cmp(other.subject_name()).is_ok_and(Ordering::is_eq);
    let by_name = || one.issued(other) == X509VerifyResult::OK;
    let by_key = || one.public_key().is_ok_and(|key| other.verify(&key).unwrap_or(false));
    !signs_itself && by_name() && by_key()
}

/// The sentence about certificates that were left out, if any. `authorities`: the number of issuing certificates of a
/// chain.
fn note(taken: &[Certificate], authorities: usize, faults: &[Error]) -> Option<Phrase> {
    let mut parts = Vec::new();
    if authorities > 0 {
        parts.push(phrase!("certificate-authorities", count = authorities));
    }
    parts.extend(faults.iter().filter_map(|fault| match fault {
        Error::Invalid { message, .. } => Some(phrase!("certificate-one-that", fault = message.clone())),
        _ => None,
    }));
    let names: Vec<_> = taken.iter().map(|one| format!("{} ({})", one.subject, one.fingerprint())).collect();
    (!parts.is_empty())
        .then(|| phrase!("certificates-left-out", used = Phrase::list(names), others = Phrase::Joined(parts, "; ")))
}

fn fingerprint(der: &[u8]) -> String {
    openssl::sha::sha256(der).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

fn refuse<T>(why: Phrase) -> Result<T> {
    Err(Error::invalid(FIELD, why))
}

/// The kind and size of the key, and true if it is accepted.
fn key(x509: &X509) -> Option<(String, bool)> {
    let key = x509.public_key().ok()?;
    match key.id() {
        Id::RSA => Some((format!("RSA {}", key.bits()), key.bits() >= LEAST_RSA_BITS)),
        Id::EC => {
            let curve = key.ec_key().ok()?.group().curve_name()?;
            let known = CURVES.iter().find(|(nid, _)| *nid == curve);
            let other = || format!("EC {}", curve.short_name().unwrap_or("of an unknown curve"));
            Some(known.map_or_else(|| (other(), false), |(_, name)| ((*name).to_owned(), true)))
        }
        Id::DSA => Some((format!("DSA {}", key.bits()), false)),
        other => OTHER_KEYS.iter().find(|(id, _)| *id == other).map(|(_, name)| ((*name).to_owned(), false)),
    }
}

/// Kinds of keys for which XML Signature, as used by SAML, has no algorithm.
const OTHER_KEYS: [(Id, &str); 5] = [
    (Id::ED25519, "Ed25519"),
    (Id::ED448, "Ed448"),
    (Id::X25519, "X25519"),
    (Id::X448, "X448"),
    (Id::RSA_PSS, "RSA-PSS"),
];

fn moment(at: &Asn1TimeRef) -> Option<Timestamp> {
    let epoch = Asn1Time::from_unix(0).ok()?;
    let since = epoch.diff(at).ok()?;
    Some(Timestamp(i64::from(since.days) * 86_400 + i64::from(since.secs)))
}

fn subject(x509: &X509) -> String {
    let entries = x509.subject_name().entries();
    let part = |entry: &openssl::x509::X509NameEntryRef| {
        let name = entry.object().nid().short_name().ok()?;
        Some(format!("{name}={}", entry.data().to_string().ok()?))
    };
    entries.filter_map(part).collect::<Vec<_>>().join(", ")
}

fn pem(der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
