//! Encrypts assertions like an identity provider, and also in ways that must be refused: for [`super::test_idp`].

use super::ns;
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::rand::rand_bytes;
use openssl::rsa::Padding;
use openssl::symm::{Cipher, encrypt_aead};
use openssl::x509::X509;

/// The algorithm that encrypts the content's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// RSA-OAEP with SHA-1, named `rsa-oaep-mgf1p`.
    OaepSha1,
    /// RSA-OAEP with SHA-256 for both hashes, as in XML Encryption 1.1.
    OaepSha256,
    /// RSA PKCS #1 v1.5, which must be refused.
    Rsa15,
}

/// The position of the encrypted key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Inside the KeyInfo of EncryptedData.
    Inside,
    /// Beside EncryptedData, which refers to it.
    Beside,
}

/// The options of the encryption.
#[derive(Debug, Clone, Copy)]
pub struct Encryption<'a> {
    /// The recipient's certificate as PEM.
    pub certificate: &'a str,
    /// The algorithm for the content: `aes128-gcm`, `aes256-gcm`, `aes128-cbc`, `aes256-cbc` or `tripledes-cbc`.
    pub content: &'a str,
    /// The algorithm for the content's key.
    pub key: Key,
    /// The position of the encrypted key.
    pub place: Place,
}

impl<'a> Encryption<'a> {
    /// The options that the service provider's metadata prefers.
    pub const fn gcm(certificate: &'a str) -> Self {
        Self { certificate, content: "aes256-gcm", key: Key::OaepSha1, place: Place::Inside }
    }
}

/// An EncryptedAssertion with this text as its content, which need not be an assertion.
///
/// # Panics
/// When OpenSSL cannot encrypt, or does not know the algorithm.
#[allow(clippy::expect_used)]
pub fn encrypt(plain: &str, how: &Encryption) -> String {
    let (cipher, namespace) = cipher(how.content);
    let mut key = vec![0; cipher.key_len()];
    rand_bytes(&mut key).expect("OpenSSL gives random bytes");
    let public = X509::from_pem(how.certificate.as_bytes()).and_then(|found| found.public_key());
    let wrapped = wrap(&public.expect("a certificate"), &key, how.key).expect("OpenSSL encrypts");
    let content = seal(cipher, &key, plain.as_bytes()).expect("OpenSSL encrypts");
    let encrypted_key = format!(
        "<xenc:EncryptedKey Id=\"_key\">{}<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>\
         </xenc:EncryptedKey>",
        key_method(how.key),
        STANDARD.encode(wrapped)
    );
    let (info, beside) = match how.place {
        Place::Inside => (encrypted_key, String::new()),
        Place::Beside => {
            (format!("<ds:RetrievalMethod Type=\"{}EncryptedKey\" URI=\"#_key\"/>", ns::ENCRYPTION), encrypted_key)
        }
    };
    format!(
        "<saml:EncryptedAssertion xmlns:saml=\"{}\" xmlns:xenc=\"{}\" xmlns:ds=\"{}\">\
         <xenc:EncryptedData Id=\"_data\" Type=\"{}Element\"><xenc:EncryptionMethod Algorithm=\"{namespace}{}\"/>\
         <ds:KeyInfo>{info}</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>\
         </xenc:EncryptedData>{beside}</saml:EncryptedAssertion>",
        ns::ASSERTION,
        ns::ENCRYPTION,
        ns::DSIG,
        ns::ENCRYPTION,
        how.content,
        STANDARD.encode(content)
    )
}

#[allow(clippy::panic)]
fn cipher(name: &str) -> (Cipher, &'static str) {
    match name {
        "aes128-gcm" => (Cipher::aes_128_gcm(), ns::ENCRYPTION_11),
        "aes256-gcm" => (Cipher::aes_256_gcm(), ns::ENCRYPTION_11),
        "aes128-cbc" => (Cipher::aes_128_cbc(), ns::ENCRYPTION),
        "aes256-cbc" => (Cipher::aes_256_cbc(), ns::ENCRYPTION),
        "tripledes-cbc" => (Cipher::des_ede3_cbc(), ns::ENCRYPTION),
        other => panic!("{other} is not known"),
    }
}

fn seal(cipher: Cipher, key: &[u8], plain: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut start = vec![0; cipher.iv_len().unwrap_or_default()];
    rand_bytes(&mut start)?;
    if cipher.block_size() > 1 {
        return Ok([start.clone(), openssl::symm::encrypt(cipher, key, Some(&start), plain)?].concat());
    }
    let mut tag = [0; 16];
    let sealed = encrypt_aead(cipher, key, Some(&start), &[], plain, &mut tag)?;
    Ok([start, sealed, tag.to_vec()].concat())
}

fn wrap(public: &PKey<Public>, key: &[u8], how: Key) -> Result<Vec<u8>, ErrorStack> {
    let mut encrypter = Encrypter::new(public)?;
    encrypter.set_rsa_padding(if how == Key::Rsa15 { Padding::PKCS1 } else { Padding::PKCS1_OAEP })?;
    if how == Key::OaepSha256 {
        encrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
        encrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
    }
    let mut wrapped = vec![0; encrypter.encrypt_len(key)?];
    let written = encrypter.encrypt(key, &mut wrapped)?;
    wrapped.truncate(written);
    Ok(wrapped)
}

fn key_method(key: Key) -> String {
    match key {
        Key::OaepSha1 => format!("<xenc:EncryptionMethod Algorithm=\"{}rsa-oaep-mgf1p\"/>", ns::ENCRYPTION),
        Key::OaepSha256 => format!(
            "<xenc:EncryptionMethod Algorithm=\"{0}rsa-oaep\"><ds:DigestMethod Algorithm=\"{1}sha256\"/>\
             <xenc11:MGF xmlns:xenc11=\"{0}\" Algorithm=\"{0}mgf1sha256\"/></xenc:EncryptionMethod>",
            ns::ENCRYPTION_11,
            ns::ENCRYPTION
        ),
        Key::Rsa15 => format!("<xenc:EncryptionMethod Algorithm=\"{}rsa-1_5\"/>", ns::ENCRYPTION),
    }
}
