//! The certificates that identity providers sign with.

use crate::domain::{Error, Result, Timestamp};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::nid::Nid;
use openssl::pkey::Id;
use openssl::x509::X509;

const FIELD: &str = "certificates";
const CURVES: [(Nid, &str); 3] =
    [(Nid::X9_62_PRIME256V1, "EC P-256"), (Nid::SECP384R1, "EC P-384"), (Nid::SECP521R1, "EC P-521")];
const LEAST_RSA_BITS: u32 = 2048;

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

impl Certificate {
    /// Reads what an admin pasted: PEM with or without its first and last line, or base64 of DER.
    ///
    /// # Errors
    /// `Invalid` with field `certificates`: junk, a private key, several at once, a weak key, expired or not valid yet.
    pub fn parse(raw: &str, now: Timestamp) -> Result<Self> {
        let certificate = Self::any(raw)?;
        if !certificate.strong {
            return refuse(&format!(
                "has a key that is too weak ({}); it must be RSA of 2048 bits or more, or EC P-256, P-384 or P-521",
                certificate.key
            ));
        }
        if certificate.not_after <= now {
            return refuse(&format!("expired at {}; get the provider's present one", certificate.not_after));
        }
        if certificate.not_before > now.plus(24 * 3600) {
            return refuse(&format!("is not valid before {}", certificate.not_before));
        }
        Ok(certificate)
    }

    /// Reads one from our own store: an expired one stays usable, since providers often sign on.
    ///
    /// # Errors
    /// `Invalid` when it is none.
    pub fn stored(pem: &str) -> Result<Self> {
        Self::any(pem)
    }

    /// Reads any certificate whatever its key and age.
    pub(super) fn any(raw: &str) -> Result<Self> {
        if raw.contains("PRIVATE KEY") {
            return refuse("is a private key, which must stay with the provider. Paste the certificate instead");
        }
        if raw.matches("-----BEGIN").count() > 1 {
            return refuse("takes one certificate a box; use a box for each");
        }
        let der = der_of(raw);
        let x509 = der.as_deref().and_then(|der| X509::from_der(der).ok());
        let (Some(der), Some(x509)) = (der, x509) else {
            return refuse("must be a certificate, with or without its -----BEGIN CERTIFICATE----- line");
        };
        if x509.to_der().ok().as_deref() != Some(&der) {
            return refuse("holds more than a certificate");
        }
        let (key, strong) = key(&x509).unwrap_or_else(|| ("an unknown kind".into(), false));
        let (Some(not_before), Some(not_after)) = (moment(x509.not_before()), moment(x509.not_after())) else {
            return refuse("has no validity that can be read");
        };
        let subject = subject(&x509);
        Ok(Self { pem: pem(&der), der, subject, key, strong, not_before, not_after })
    }

    /// As PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether its key is long enough for the door.
    pub(super) const fn is_strong(&self) -> bool {
        self.strong
    }

    /// SHA-256 of the DER: `AA:BB:...`.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.der)
    }

    /// The same of one from our own store, which was read when it was saved: that costs more than all else here.
    pub fn fingerprint_of_stored(pem: &str) -> Option<String> {
        der_of(pem).map(|der| fingerprint(&der))
    }

    /// From then on it is valid.
    pub const fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// After that it is not.
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Whose it says it is.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The kind and size of its key, such as `RSA 2048`.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// What base64 stands for, with or without the lines of PEM around it; `None` where it stands for nothing.
fn der_of(raw: &str) -> Option<Vec<u8>> {
    let lines = raw.lines().filter(|line| !line.contains("-----"));
    let base64: String = lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(base64).ok().filter(|der| !der.is_empty())
}

fn fingerprint(der: &[u8]) -> String {
    openssl::sha::sha256(der).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

fn refuse<T>(why: &str) -> Result<T> {
    Err(Error::invalid(FIELD, why))
}

/// The kind of key, and whether the door takes it.
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
        _ => None,
    }
}

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
