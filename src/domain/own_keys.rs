//! Our own SAML keys for one organisation: for signing our requests, and for decrypting its identity provider's
//! assertions.

use super::Timestamp;
use super::ids::OwnKeysId;
use std::fmt;

/// A private key as PKCS #8 DER. It stays in the database and is never printed.
#[derive(Clone)]
pub struct PrivateKey(Vec<u8>);

impl PrivateKey {
    /// The key with this DER.
    pub const fn new(der: Vec<u8>) -> Self {
        Self(der)
    }

    /// Its DER, only for the database and for cryptography.
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// A key with its self-signed certificate.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// The private key, which never leaves the server.
    pub key: PrivateKey,
    /// The certificate in our metadata, as PEM.
    pub certificate: String,
}

/// The two key pairs of one generation.
#[derive(Debug, Clone)]
pub struct OwnKeys {
    /// Their id.
    pub id: OwnKeysId,
    /// When they were made.
    pub created_at: Timestamp,
    /// When an assertion was last encrypted for them.
    pub last_decrypted_at: Option<Timestamp>,
    /// The pair that signs our requests.
    pub signing: KeyPair,
    /// The pair for which the provider encrypts its assertions.
    pub encryption: KeyPair,
}

/// An organisation's keys: one generation, and during a rotation a second one.
#[derive(Debug, Clone)]
pub struct Keyring {
    oldest: OwnKeys,
    newer: Option<OwnKeys>,
}

impl Keyring {
    /// The keys with these generations, oldest first; `None` if there are none.
    pub fn of(generations: Vec<OwnKeys>) -> Option<Self> {
        let mut generations = generations.into_iter();
        Some(Self { oldest: generations.next()?, newer: generations.next() })
    }

    /// The generations, oldest first.
    pub fn generations(&self) -> impl DoubleEndedIterator<Item = &OwnKeys> {
        std::iter::once(&self.oldest).chain(&self.newer)
    }

    /// True during a rotation.
    pub const fn is_rotating(&self) -> bool {
        self.newer.is_some()
    }

    /// The generation that signs. The oldest signs until it is retired: a provider that has not read the new metadata
    /// knows only this one, and one that has read it knows both.
    pub const fn signer(&self) -> &OwnKeys {
        &self.oldest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(created_at: i64) -> OwnKeys {
        let pair = KeyPair { key: PrivateKey::new(b"secret".to_vec()), certificate: "PEM".into() };
        let id = OwnKeysId::random();
        OwnKeys {
            id,
            created_at: Timestamp(created_at),
            last_decrypted_at: None,
            signing: pair.clone(),
            encryption: pair,
        }
    }

    #[test]
    fn the_oldest_generation_signs_during_a_rotation() {
        assert!(Keyring::of(Vec::new()).is_none());
        let alone = Keyring::of(vec![keys(1)]).expect("one");
        assert!(!alone.is_rotating());
        let both = Keyring::of(vec![keys(1), keys(2)]).expect("two");
        assert!(both.is_rotating() && both.signer().created_at == Timestamp(1));
        assert_eq!(both.generations().count(), 2);
    }

    #[test]
    fn a_private_key_is_not_printed() {
        let printed = format!("{:?}", keys(1));
        assert!(printed.contains("PrivateKey(..)") && !printed.contains("115, 101"), "{printed}");
    }
}
