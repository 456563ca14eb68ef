//! Signing keys: keys of other people, the public key used as a shared secret, and weak keys.

use super::message::{NOW, part, signature_of};
use super::{Attack, altered, signed_by, swap};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use openssl::x509::{X509, X509NameBuilder};
use std::sync::LazyLock;
use vestibule::domain::own_keys::{OwnKeys, PrivateKey};
use vestibule::saml::test_idp::{Sign, SigningKey};
use vestibule::saml::{Certificate, make_own_keys};

pub static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa("Acme's identity provider"));
pub static OTHER_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa("Acme's identity provider"));
static SECOND_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa("Acme's second"));
static THIRD_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa("Acme's third"));
static EC_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::ec("Acme's identity provider"));
static SHORT_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa_of(1024, "short"));
/// Our own keys, for which assertions are encrypted.
pub static OURS: LazyLock<OwnKeys> = LazyLock::new(|| make_own_keys("acme", NOW).expect("made"));
static TINY_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa_of(512, "tiny"));

/// The certificates that the connection trusts.
#[derive(Debug, Clone, Copy)]
pub enum Trusted {
    /// The provider's certificate.
    Own,
    /// The provider's certificate and three others, none of which is the signer's.
    Four,
    Nobody,
    /// The signer's certificate, whose key is too short.
    Short,
    Tiny,
    Curve(Nid),
    Edwards,
}

impl Trusted {
    pub fn certificates(self) -> Vec<Certificate> {
        let pems = match self {
            Self::Own => vec![KEY.certificate_pem()],
            Self::Four => [&*KEY, &*EC_KEY, &*SECOND_KEY, &*THIRD_KEY].map(SigningKey::certificate_pem).into(),
            Self::Nobody => vec![],
            Self::Short => vec![SHORT_KEY.certificate_pem()],
            Self::Tiny => vec![TINY_KEY.certificate_pem()],
            Self::Curve(curve) => vec![certificate_of(&on_curve(curve))],
            Self::Edwards => vec![certificate_of(&PKey::generate_ed25519().expect("a key"))],
        };
        pems.iter().map(|pem| Certificate::stored(pem).expect("a certificate")).collect()
    }
}

/// Our own keys, which decrypt assertions.
pub fn own_keys() -> Vec<PrivateKey> {
    vec![OURS.encryption.key.clone()]
}

/// The certificates of these keys, which a connection trusts.
pub fn trusting(keys: &[&SigningKey]) -> Vec<Certificate> {
    keys.iter().map(|key| Certificate::stored(&key.certificate_pem()).expect("a certificate")).collect()
}

fn on_curve(curve: Nid) -> PKey<Private> {
    let group = EcGroup::from_curve_name(curve).expect("a curve");
    EcKey::generate(&group).and_then(PKey::from_ec_key).expect("a key")
}

/// A certificate for `key`, issued by `by`.
fn issued(key: &PKey<Private>, by: &PKey<Private>, digest: MessageDigest) -> X509 {
    let mut name = X509NameBuilder::new().expect("a name");
    name.append_entry_by_nid(Nid::COMMONNAME, "Acme's identity provider").expect("a name");
    let name = name.build();
    let mut builder = X509::builder().expect("a builder");
    builder.set_subject_name(&name).expect("set");
    builder.set_issuer_name(&name).expect("set");
    builder.set_pubkey(key).expect("set");
    builder.set_not_before(&Asn1Time::days_from_now(0).expect("a time")).expect("set");
    builder.set_not_after(&Asn1Time::days_from_now(30).expect("a time")).expect("set");
    builder.sign(by, digest).expect("signed");
    builder.build()
}

fn certificate_of(key: &PKey<Private>) -> String {
    let digest = if key.id() == openssl::pkey::Id::ED25519 { MessageDigest::null() } else { MessageDigest::sha256() };
    String::from_utf8(issued(key, key, digest).to_pem().expect("PEM")).expect("ASCII")
}

/// A certificate for another key, issued by the key that the connection trusts, as if that key were a certificate
/// authority.
fn chained() -> String {
    let ours = PKey::private_key_from_pem(KEY.private_key_pem().as_bytes()).expect("a key");
    let leaf = Rsa::generate(2048).and_then(PKey::from_rsa).expect("a key");
    STANDARD.encode(issued(&leaf, &ours, MessageDigest::sha256()).to_der().expect("DER"))
}

/// Signs with HMAC, as if the provider's public key, which everyone has, were a shared secret.
fn hmac(secret: &[u8]) -> impl Fn(&str) -> String + use<> {
    let secret = secret.to_vec();
    move |xml| {
        let method = "http://www.w3.org/2001/04/xmldsig-more#";
        let changed = xml.replacen(&format!("{method}rsa-sha256"), &format!("{method}hmac-sha256"), 1);
        let key = PKey::hmac(&secret).expect("a key");
        let info = part(&changed, "<ds:SignedInfo>", "</ds:SignedInfo>");
        let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
        let value = STANDARD.encode(signer.sign_oneshot_to_vec(info.as_bytes()).expect("signed"));
        let old = part(&changed, "<ds:SignatureValue>", "</ds:SignatureValue>");
        changed.replacen(old, &format!("<ds:SignatureValue>{value}</ds:SignatureValue>"), 1)
    }
}

fn signed_by_other_with_key_info(name: &str, key_info: impl Fn() -> String + 'static) -> Attack {
    altered(name, Sign::Assertion, "bad_signature", move |_| {
        let theirs = super::valid_message().sign(&OTHER_KEY, Sign::Assertion);
        let old = part(&theirs, "<ds:KeyInfo>", "</ds:KeyInfo>");
        theirs.replacen(old, &format!("<ds:KeyInfo>{}</ds:KeyInfo>", key_info()), 1)
    })
}

fn base64_of(pem: &str) -> String {
    pem.lines().filter(|line| !line.contains("-----")).collect()
}

pub fn attacks() -> Vec<Attack> {
    let x509 = |base64: &str| format!("<ds:X509Data><ds:X509Certificate>{base64}</ds:X509Certificate></ds:X509Data>");
    let own = || base64_of(&KEY.certificate_pem());
    let public = PKey::private_key_from_pem(KEY.private_key_pem().as_bytes()).expect("a key");
    let der = X509::from_pem(KEY.certificate_pem().as_bytes()).and_then(|x509| x509.to_der()).expect("DER");
    let mut all = vec![
        signed_by(
            "Signed with another key, whose certificate the message contains",
            "bad_signature",
            &OTHER_KEY,
            Trusted::Own,
        ),
        signed_by(
            "Signed with an EC key, whose certificate the message contains",
            "bad_signature",
            &EC_KEY,
            Trusted::Own,
        ),
        signed_by("Signed with the key of none of four certificates", "bad_signature", &OTHER_KEY, Trusted::Four),
        signed_by("A connection without a certificate", "no_certificate", &KEY, Trusted::Nobody),
        signed_by("RSA of 1024 bits", "weak_key", &SHORT_KEY, Trusted::Short),
        signed_by("RSA of 512 bits", "weak_key", &TINY_KEY, Trusted::Tiny),
        signed_by_other_with_key_info("Signed with another key, with the genuine certificate in KeyInfo", move || {
            x509(&own())
        }),
        signed_by_other_with_key_info("Signed with another key, with both certificates in KeyInfo", move || {
            x509(&own()) + &x509(&base64_of(&OTHER_KEY.certificate_pem()))
        }),
        signed_by_other_with_key_info("A certificate issued with the genuine key", move || {
            x509(&chained()) + &x509(&own())
        }),
        signed_by_other_with_key_info("Another key, named in KeyName", || {
            "<ds:KeyName>Acme's identity provider</ds:KeyName>".into()
        }),
        signed_by_other_with_key_info("A key in KeyValue", || {
            let exponent = "<ds:Exponent>AQAB</ds:Exponent>";
            format!(
                "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AAAA</ds:Modulus>{exponent}</ds:RSAKeyValue></ds:KeyValue>"
            )
        }),
        signed_by_other_with_key_info("Another key, without KeyInfo", String::new),
        altered(
            "HMAC with the public key (PEM)",
            Sign::Assertion,
            "signature_algorithm",
            hmac(&public.public_key_to_pem().expect("PEM")),
        ),
        altered(
            "HMAC with the public key (DER)",
            Sign::Assertion,
            "signature_algorithm",
            hmac(&public.public_key_to_der().expect("DER")),
        ),
        altered(
            "HMAC with the certificate (PEM)",
            Sign::Assertion,
            "signature_algorithm",
            hmac(KEY.certificate_pem().as_bytes()),
        ),
        altered("HMAC with the certificate (DER)", Sign::Assertion, "signature_algorithm", hmac(&der)),
        altered("The inner signature replaced with that of another key", Sign::Both, "bad_signature", |_| {
            inner_by_other()
        }),
        altered("A KeyInfo in the Subject's confirmation", Sign::Assertion, "bad_signature", {
            swap(
                "</saml:SubjectConfirmation>",
                "<ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/></saml:SubjectConfirmation>",
            )
        }),
    ];
    let curves = [(Nid::SECP224R1, "P-224"), (Nid::SECP256K1, "secp256k1"), (Nid::X9_62_PRIME192V1, "P-192")];
    all.extend(curves.map(|(curve, name)| {
        signed_by(&format!("A certificate on the curve {name}"), "weak_key", &KEY, Trusted::Curve(curve))
    }));
    all.push(signed_by("An Ed25519 certificate", "weak_key", &KEY, Trusted::Edwards));
    all
}

/// A response signed by the provider, whose assertion is signed by another key.
fn inner_by_other() -> String {
    let inner = super::valid_message().sign(&OTHER_KEY, Sign::Assertion);
    assert!(!signature_of(&inner).is_empty());
    KEY.fill_signature(&super::message::behind_issuer(&inner, &KEY.empty_signature("_response1")))
}
