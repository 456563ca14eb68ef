//! Decrypts assertions with the service provider's keys. Every failure gives the same result after the same work, so
//! that nobody can use this as a decryption oracle.

use super::encrypted::{Content, Encrypted, Hash, WrappedKey};
use crate::domain::own_keys::PrivateKey;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use openssl::encrypt::Decrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::symm::{Cipher, Crypter, Mode, decrypt_aead};

const GCM_NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const BLOCK_BYTES: usize = 16;

/// Reads a private key from a file: PEM without a passphrase.
///
/// # Errors
/// `Invalid` with field `sp_key`.
pub fn read_private_key(pem: &[u8]) -> Result<PrivateKey> {
    // Without this callback OpenSSL would ask for a passphrase at the terminal.
    let key = PKey::private_key_from_pem_callback(pem, |_| Ok(0));
    let der = key.and_then(|key| key.private_key_to_pkcs8());
    der.map(PrivateKey::new).map_err(|_| Error::invalid("sp_key", phrase!("field-private-key")))
}

/// The index in `own` of the key that decrypted the assertion, and the decrypted text; `None` for any fault.
///
/// Each key in `own` is tried on each wrapped key, so that the time does not reveal which one matches.
pub(super) fn open(encrypted: &Encrypted, own: &[PrivateKey]) -> Option<(usize, String)> {
    let mut opened = None;
    for (place, key) in own.iter().enumerate() {
        let key = PKey::private_key_from_der(key.der());
        for wrapped in &encrypted.keys {
            // If a key cannot be unwrapped, the content is decrypted with a random key: otherwise the time would reveal
            // whether RSA or AES failed (Manger's and Bleichenbacher's attacks).
            let random = random_key(encrypted.content);
            let unwrapped = key.as_ref().ok().and_then(|key| unwrap(key, wrapped, random.len()));
            if let Some(text) = content(encrypted, &unwrapped.unwrap_or(random)) {
                opened.get_or_insert((place, text));
            }
        }
    }
    // Clears OpenSSL's error queue, so that a later operation does not report these failures.
    drop(openssl::error::ErrorStack::get());
    opened
}

fn cipher(content: Content) -> Cipher {
    match content {
        Content::Aes128Gcm => Cipher::aes_128_gcm(),
        Content::Aes256Gcm => Cipher::aes_256_gcm(),
        Content::Aes128Cbc => Cipher::aes_128_cbc(),
        Content::Aes256Cbc => Cipher::aes_256_cbc(),
    }
}

fn random_key(content: Content) -> Vec<u8> {
    crate::domain::ids::random_bytes::<32>()[..cipher(content).key_len()].to_vec()
}

fn digest(hash: Hash) -> MessageDigest {
    match hash {
        Hash::Sha1 => MessageDigest::sha1(),
        Hash::Sha256 => MessageDigest::sha256(),
    }
}

/// Decrypts the content's key, which must have `length` bytes, by RSA-OAEP.
///
/// Source: RFC 8017, 7.1; XML Encryption 1.1, 5.5.2.
fn unwrap(key: &PKey<Private>, wrapped: &WrappedKey, length: usize) -> Option<Vec<u8>> {
    let mut decrypter = Decrypter::new(key).ok()?;
    decrypter.set_rsa_padding(Padding::PKCS1_OAEP).ok()?;
    decrypter.set_rsa_oaep_md(digest(wrapped.digest)).ok()?;
    decrypter.set_rsa_mgf1_md(digest(wrapped.mask)).ok()?;
    let mut bytes = vec![0; decrypter.decrypt_len(&wrapped.bytes).ok()?];
    let written = decrypter.decrypt(&wrapped.bytes, &mut bytes).ok()?;
    bytes.truncate(written);
    (written == length).then_some(bytes)
}

fn content(encrypted: &Encrypted, key: &[u8]) -> Option<String> {
    let cipher = cipher(encrypted.content);
    let plain = if encrypted.content.is_authenticated() {
        let (nonce, rest) = encrypted.bytes.split_at_checked(GCM_NONCE_BYTES)?;
        let (bytes, tag) = rest.split_at_checked(rest.len().checked_sub(TAG_BYTES)?)?;
        decrypt_aead(cipher, key, Some(nonce), &[], bytes, tag).ok()?
    } else {
        let (vector, bytes) = encrypted.bytes.split_at_checked(BLOCK_BYTES)?;
        unpadded(blocks(cipher, key, vector, bytes)?)?
    };
    String::from_utf8(plain).ok()
}

/// Decrypts CBC without OpenSSL's padding check, which is stricter than XML Encryption.
fn blocks(cipher: Cipher, key: &[u8], vector: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut crypter = Crypter::new(cipher, Mode::Decrypt, key, Some(vector)).ok()?;
    crypter.pad(false);
    let mut plain = vec![0; bytes.len() + BLOCK_BYTES];
    let written = crypter.update(bytes, &mut plain).ok()?;
    let last = crypter.finalize(&mut plain[written..]).ok()?;
    plain.truncate(written + last);
    Some(plain)
}

/// Removes the padding. The last byte is the number of padding bytes; their other values do not matter.
///
/// Source: XML Encryption 1.1, 5.2.
fn unpadded(mut plain: Vec<u8>) -> Option<Vec<u8>> {
    let padding = usize::from(*plain.last()?);
    if !(1..=BLOCK_BYTES).contains(&padding) {
        return None;
    }
    plain.truncate(plain.len().checked_sub(padding)?);
    Some(plain)
}
