//! Creates the service provider's keys, with self-signed certificates for its metadata.

use super::Certificate;
use crate::domain::ids::OwnKeysId;
use crate::domain::own_keys::{KeyPair, OwnKeys, PrivateKey};
use crate::domain::{Error, Result, Timestamp};
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};

/// The size of the RSA keys, which every identity provider supports.
const BITS: u32 = 2048;
/// The validity of the certificates. Providers pin the certificate and at most warn about its dates, so it is longer
/// than any rotation.
const YEARS: i64 = 10;

/// Creates a generation of keys for the organisation with this slug (at most 50 characters).
///
/// # Errors
/// `Internal` when OpenSSL cannot create keys.
pub fn make_own_keys(slug: &str, now: Timestamp) -> Result<OwnKeys> {
    Ok(OwnKeys {
        id: OwnKeysId::random(),
        created_at: now,
        last_decrypted_at: None,
        signing: pair(&format!("{slug} signing"), now).map_err(Error::internal)?,
        encryption: pair(&format!("{slug} encryption"), now).map_err(Error::internal)?,
    })
}

fn pair(name: &str, now: Timestamp) -> std::result::Result<KeyPair, ErrorStack> {
    let key = PKey::from_rsa(Rsa::generate(BITS)?)?;
    let certificate = self_signed(&key, name, now.plus(-86_400), now.plus(YEARS * 365 * 86_400))?;
    let pem = String::from_utf8_lossy(&certificate.to_pem()?).into_owned();
    Ok(KeyPair { key: PrivateKey::new(key.private_key_to_pkcs8()?), certificate: pem })
}

/// True if both private keys and both certificates can be read.
pub fn are_readable(keys: &OwnKeys) -> bool {
    [&keys.signing, &keys.encryption].into_iter().all(|pair| {
        PKey::private_key_from_der(pair.key.der()).is_ok() && Certificate::stored(&pair.certificate).is_ok()
    })
}

/// Creates a self-signed certificate for this key.
pub(super) fn self_signed(
    key: &PKey<Private>,
    name: &str,
    from: Timestamp,
    until: Timestamp,
) -> std::result::Result<X509, ErrorStack> {
    let mut subject = X509NameBuilder::new()?;
    subject.append_entry_by_nid(Nid::COMMONNAME, name)?;
    let subject = subject.build();
    let mut serial = BigNum::new()?;
    serial.rand(64, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(&subject)?;
    builder.set_issuer_name(&subject)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(&*Asn1Time::from_unix(from.0)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(until.0)?)?;
    builder.sign(key, MessageDigest::sha256())?;
    Ok(builder.build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::Certificate;

    #[test]
    fn the_signing_and_encryption_keys_are_strong_different_and_valid_now() {
        let now = Timestamp(1_795_510_800);
        let made = make_own_keys(&"a".repeat(50), now).expect("made");
        for pair in [&made.signing, &made.encryption] {
            let certificate = Certificate::parse(&pair.certificate, now).expect("usable");
            assert_eq!(certificate.key(), "RSA 2048");
            let key = PKey::private_key_from_der(pair.key.der()).expect("a key");
            let of_certificate = X509::from_pem(pair.certificate.as_bytes()).and_then(|found| found.public_key());
            assert!(key.public_eq(&of_certificate.expect("a public key")));
        }
        assert_ne!(made.signing.certificate, made.encryption.certificate);
    }
}
