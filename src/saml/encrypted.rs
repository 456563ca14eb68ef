//! The strict profile of an encrypted assertion, which is checked before any private key is used.

use super::dom::Element;
use super::ns;
use super::profile;
use super::refusal::{Refusal, reasons};
use super::signature_shape;

const ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";
const ENCRYPTED_KEY: &str = "http://www.w3.org/2001/04/xmlenc#EncryptedKey";
const OAEP_MGF1P: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
const OAEP: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
const RSA_1_5: &str = "http://www.w3.org/2001/04/xmlenc#rsa-1_5";
const TRIPLE_DES: &str = "http://www.w3.org/2001/04/xmlenc#tripledes-cbc";

/// The maximum number of encrypted keys of an assertion. Each costs an RSA operation with each of our keys.
const MOST_KEYS: usize = 4;
/// The largest encrypted key, that of RSA 8192.
const MOST_WRAPPED_BYTES: usize = 1024;

/// A hash function of RSA-OAEP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
}

/// The algorithm that encrypts the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Aes128Gcm,
    Aes256Gcm,
    Aes128Cbc,
    Aes256Cbc,
}

impl Content {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Aes128Gcm, "http://www.w3.org/2009/xmlenc11#aes128-gcm", "AES-128-GCM"),
        (Self::Aes256Gcm, "http://www.w3.org/2009/xmlenc11#aes256-gcm", "AES-256-GCM"),
        (Self::Aes128Cbc, "http://www.w3.org/2001/04/xmlenc#aes128-cbc", "AES-128-CBC"),
        (Self::Aes256Cbc, "http://www.w3.org/2001/04/xmlenc#aes256-cbc", "AES-256-CBC"),
    ];

    fn parse(uri: &str) -> Result<Self, Refusal> {
        let refuse = |reason| Err(Refusal::new(reason, "AES-128-GCM or AES-256-GCM", uri));
        match Self::ALL.iter().find(|(_, known, _)| *known == uri) {
            Some((content, ..)) => Ok(*content),
            None if uri == TRIPLE_DES => refuse(&reasons::TRIPLE_DES),
            None => refuse(&reasons::CONTENT_ENCRYPTION),
        }
    }

    /// The display name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(content, ..)| *content == self).map_or("", |(.., name)| name)
    }

    /// True for authenticated encryption, which detects a changed ciphertext.
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes256Gcm)
    }
}

/// The content's key, encrypted with a public key.
#[derive(Debug)]
pub(super) struct WrappedKey {
    pub digest: Hash,
    pub mask: Hash,
    pub bytes: Vec<u8>,
}

/// An encrypted assertion that matches the profile.
#[derive(Debug)]
pub(super) struct Encrypted {
    pub content: Content,
    pub bytes: Vec<u8>,
    pub keys: Vec<WrappedKey>,
}

/// Reads an EncryptedAssertion. It must have one EncryptedData, with its EncryptedKeys inside its KeyInfo or beside it.
///
/// # Errors
/// `encryption_shape`, `rsa_1_5`, `key_transport`, `triple_des`, `content_encryption`.
///
/// Source: SAML 2.0 Core 2.3.4; XML Encryption 1.1, sections 3 and 5.
pub(super) fn read(assertion: &Element) -> Result<Encrypted, Refusal> {
    let beside: Vec<_> = assertion.all(ns::ENCRYPTION, "EncryptedKey").collect();
    let [data] = assertion.all(ns::ENCRYPTION, "EncryptedData").collect::<Vec<_>>()[..] else {
        return Err(shape("an EncryptedAssertion without exactly one EncryptedData"));
    };
    if assertion.children.len() != beside.len() + 1 {
        return Err(shape("an EncryptedAssertion with another element in it"));
    }
    only(data, &[(ns::ENCRYPTION, "EncryptionMethod"), (ns::DSIG, "KeyInfo"), (ns::ENCRYPTION, "CipherData")])?;
    if data.attribute("Type").is_some_and(|kind| kind != ELEMENT) {
        return Err(shape("an EncryptedData of another type than Element"));
    }
    let inside = data.child(ns::DSIG, "KeyInfo").map(|info| keys_inside(info, &beside)).transpose()?;
    let keys: Vec<_> = inside.unwrap_or_default().into_iter().chain(beside).collect();
    if keys.is_empty() || keys.len() > MOST_KEYS {
        return Err(shape(&format!("{} EncryptedKeys", keys.len())));
    }
    let content = Content::parse(method(data, &[])?)?;
    let keys = keys.into_iter().map(wrapped_key).collect::<Result<_, Refusal>>()?;
    Ok(Encrypted { content, bytes: cipher_value(data)?, keys })
}

fn shape(what: &str) -> Refusal {
    Refusal::new(&reasons::ENCRYPTION_SHAPE, "EncryptedData that includes its EncryptedKey", what)
}

/// Checks that each child is one of these, and that none appears twice.
fn only(element: &Element, allowed: &[(&str, &str)]) -> Result<(), Refusal> {
    let fits = |child: &Element| allowed.iter().any(|(namespace, name)| child.is(namespace, name));
    if let Some(other) = element.children.iter().find(|child| !fits(child)) {
        return Err(shape(&format!("{} in {}", other.name, element.name)));
    }
    match allowed.iter().find(|(namespace, name)| element.all(namespace, name).count() > 1) {
        Some((_, name)) => Err(shape(&format!("{name} twice in {}", element.name))),
        None => Ok(()),
    }
}

/// The EncryptedKeys in a KeyInfo. A RetrievalMethod may refer only to an EncryptedKey beside the EncryptedData.
fn keys_inside<'a>(info: &'a Element, beside: &[&Element]) -> Result<Vec<&'a Element>, Refusal> {
    for child in &info.children {
        let points_beside = |uri: &str| {
            let id = uri.strip_prefix('#').filter(|id| !id.is_empty());
            id.is_some() && beside.iter().any(|key| key.attribute("Id") == id)
        };
        let fits = match child.name.as_str() {
            "EncryptedKey" => child.namespace == ns::ENCRYPTION,
            "KeyName" => child.namespace == ns::DSIG,
            "RetrievalMethod" => {
                child.namespace == ns::DSIG
                    && child.children.is_empty()
                    && child.attribute("Type") == Some(ENCRYPTED_KEY)
                    && child.attribute("URI").is_some_and(points_beside)
            }
            _ => false,
        };
        if !fits {
            return Err(shape(&format!("{} in KeyInfo", child.name)));
        }
    }
    Ok(info.all(ns::ENCRYPTION, "EncryptedKey").collect())
}

fn wrapped_key(key: &Element) -> Result<WrappedKey, Refusal> {
    let parts =
        ["EncryptionMethod", "CipherData", "ReferenceList", "CarriedKeyName"].map(|name| (ns::ENCRYPTION, name));
    only(key, &[&parts[..], &[(ns::DSIG, "KeyInfo")]].concat())?;
    if let Some(info) = key.child(ns::DSIG, "KeyInfo") {
        // Only hints for finding the private key. All our keys are tried in any case.
        only(info, &["KeyName", "KeyValue", "X509Data"].map(|name| (ns::DSIG, name)))?;
    }
    let uri = method(key, &[(ns::DSIG, "DigestMethod"), (ns::ENCRYPTION_11, "MGF")])?;
    let chosen = |namespace, name| {
        let method = key.child(ns::ENCRYPTION, "EncryptionMethod");
        method.and_then(|method| method.child(namespace, name)).map(signature_shape::algorithm)
    };
    let (digest, mask) = match (uri, chosen(ns::DSIG, "DigestMethod"), chosen(ns::ENCRYPTION_11, "MGF")) {
        (OAEP_MGF1P, digest, None) => (digest_of(digest)?, Hash::Sha1),
        (OAEP, digest, mask) => (digest_of(digest)?, mask_of(mask)?),
        (RSA_1_5, ..) => return Err(Refusal::new(&reasons::RSA_1_5, "RSA-OAEP", uri)),
        _ => return Err(Refusal::new(&reasons::KEY_TRANSPORT, "RSA-OAEP", uri)),
    };
    let bytes = cipher_value(key)?;
    if bytes.len() > MOST_WRAPPED_BYTES {
        return Err(shape("an EncryptedKey longer than any RSA key"));
    }
    Ok(WrappedKey { digest, mask, bytes })
}

fn digest_of(uri: Option<&str>) -> Result<Hash, Refusal> {
    match uri {
        None | Some("http://www.w3.org/2000/09/xmldsig#sha1") => Ok(Hash::Sha1),
        Some("http://www.w3.org/2001/04/xmlenc#sha256") => Ok(Hash::Sha256),
        Some(other) => Err(Refusal::new(&reasons::KEY_TRANSPORT, "RSA-OAEP with SHA-1 or SHA-256", other)),
    }
}

fn mask_of(uri: Option<&str>) -> Result<Hash, Refusal> {
    match uri {
        None | Some("http://www.w3.org/2009/xmlenc11#mgf1sha1") => Ok(Hash::Sha1),
        Some("http://www.w3.org/2009/xmlenc11#mgf1sha256") => Ok(Hash::Sha256),
        Some(other) => Err(Refusal::new(&reasons::KEY_TRANSPORT, "RSA-OAEP with MGF1 of SHA-1 or SHA-256", other)),
    }
}

/// The encryption algorithm of an element. `parameters`: the allowed child elements of its `EncryptionMethod`.
fn method<'a>(element: &'a Element, parameters: &[(&str, &str)]) -> Result<&'a str, Refusal> {
    let method = element.child(ns::ENCRYPTION, "EncryptionMethod");
    let method = method.ok_or_else(|| shape(&format!("{} without EncryptionMethod", element.name)))?;
    let uri = signature_shape::algorithm(method);
    // The caller refuses this algorithm with a specific reason, so its parameters are not checked.
    if uri != RSA_1_5 {
        only(method, parameters)?;
    }
    Ok(uri)
}

/// The encrypted bytes, which must be in a `CipherValue`: a `CipherReference` would have to be fetched.
fn cipher_value(element: &Element) -> Result<Vec<u8>, Refusal> {
    let data = element.child(ns::ENCRYPTION, "CipherData");
    let data = data.ok_or_else(|| shape(&format!("{} without CipherData", element.name)))?;
    only(data, &[(ns::ENCRYPTION, "CipherValue")])?;
    let text = data.child(ns::ENCRYPTION, "CipherValue").and_then(Element::plain_text);
    text.and_then(profile::base64).ok_or_else(|| shape(&format!("{} without a CipherValue in base64", element.name)))
}
