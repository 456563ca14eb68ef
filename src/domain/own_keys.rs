//! Our own SAML keys for one organisation: what signs our requests, and what its identity provider encrypts for.

use super::Timestamp;
use super::ids::OwnKeysId;
use std::fmt;

/// A private key as PKCS #8 DER. It stays in the database: nothing prints it.
#[derive(Clone)]
pub struct PrivateKey(Vec<u8>);

impl PrivateKey {
    /// From its DER.
    pub const fn new(der: Vec<u8>) -> Self {
        Self(der)
    }

    /// Its DER, for the database and for cryptography alone.
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

/// The two pairs of one generation.
#[derive(Debug, Clone)]
pub struct OwnKeys {
    /// Their id.
    pub id: OwnKeysId,
    /// When they were made.
    pub created_at: Timestamp,
    /// When an assertion was last encrypted for them.
    pub last_decrypted_at: Option<Timestamp>,
    /// For our requests.
    pub signing: KeyPair,
    /// For the provider's assertions.
    pub encryption: KeyPair,
}

/// An organisation's keys: one generation, and while they are exchanged a second one.
#[derive(Debug, Clone)]
pub struct Keyring {
    oldest: OwnKeys,
    newer: Option<OwnKeys>,
}

impl Keyring {
    /// Of what the database holds, oldest first; `None` where it holds nothing.
    pub fn of(generations: Vec<OwnKeys>) -> Option<Self> {
        let mut generations = generations.into_iter();
        Some(Self { oldest: generations.next()?, newer: generations.next() })
    }

    /// Oldest first.
    pub fn generations(&self) -> impl DoubleEndedIterator<Item = &OwnKeys> {
        std::iter::once(&self.oldest).chain(&self.newer)
    }

    /// True if they are being exchanged.
    pub const fn is_rotating(&self) -> bool {
        self.newer.is_some()
    }

    /// What signs. The oldest goes on signing until it is retired: a provider that has not read the new metadata knows no
    /// other, and one that has knows both.
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
    fn the_oldest_signs_while_both_are_there() {
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
