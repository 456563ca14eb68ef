//! The keys that sign tokens for applications. Each algorithm has a current key and a next one, which is published before
//! it signs, so that applications know it by then.

use super::Timestamp;
use super::own_keys::PrivateKey;
use serde::{Deserialize, Serialize};

/// How long a key signs, in seconds.
pub const SIGNING_SECS: i64 = 30 * 24 * 3600;
/// How long a key is published after it has signed for the last time, in seconds: the longest lifetime of a token, with
/// room for clocks that differ.
const PUBLISHED_SECS: i64 = 3600;
/// How long an expired token is recognised after its key has signed for the last time, in seconds.
pub const RECOGNISED_SECS: i64 = 90 * 24 * 3600;

/// A signature algorithm.
///
/// Source: RFC 7518 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Algorithm {
    /// RSA with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    /// Its name in tokens, the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    /// Reads its name; `None` for others, such as `none`.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == raw)
    }
}

/// A public key, as a JWK has it: numbers in base64url.
///
/// Source: RFC 7518 6.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub enum PublicKey {
    /// An RSA key.
    #[serde(rename = "RSA")]
    Rsa {
        /// The modulus.
        n: String,
        /// The exponent.
        e: String,
    },
    /// A point of P-256.
    #[serde(rename = "EC")]
    Ec {
        /// `P-256`.
        crv: String,
        /// The x coordinate.
        x: String,
        /// The y coordinate.
        y: String,
    },
}

/// The state of a signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It is published and does not sign yet.
    Next,
    /// It signs.
    Current,
    /// It no longer signs.
    Past,
}

/// A signing key.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// Its id, the `kid` of tokens.
    pub id: String,
    /// The only algorithm with which it signs.
    pub algorithm: Algorithm,
    /// The private key; empty once it no longer signs.
    pub private: PrivateKey,
    /// The public key.
    pub public: PublicKey,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began to sign; `None` for the next key.
    pub signs_from: Option<Timestamp>,
    /// When it signed for the last time; `None` for the current key and the next one.
    pub retired_at: Option<Timestamp>,
}

impl SigningKey {
    /// Its state.
    pub const fn state(&self) -> KeyState {
        match (self.signs_from, self.retired_at) {
            (_, Some(_)) => KeyState::Past,
            (Some(_), None) => KeyState::Current,
            (None, None) => KeyState::Next,
        }
    }
}

/// All signing keys.
#[derive(Debug, Clone, Default)]
pub struct SigningKeys(Vec<SigningKey>);

impl SigningKeys {
    /// These keys.
    pub const fn of(keys: Vec<SigningKey>) -> Self {
        Self(keys)
    }

    /// The keys, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &SigningKey> {
        self.0.iter()
    }

    fn in_state(&self, algorithm: Algorithm, state: KeyState) -> Option<&SigningKey> {
        self.0.iter().find(|key| key.algorithm == algorithm && key.state() == state)
    }

    /// The key that signs with this algorithm.
    pub fn current(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.in_state(algorithm, KeyState::Current)
    }

    /// True if each algorithm has a current and a next key.
    pub fn are_complete(&self) -> bool {
        let has = |algorithm, state| self.in_state(algorithm, state).is_some();
        Algorithm::ALL.into_iter().all(|one| has(one, KeyState::Current) && has(one, KeyState::Next))
    }

    /// True if the current key of an algorithm has signed for long enough.
    pub fn is_due(&self, algorithm: Algorithm, now: Timestamp) -> bool {
        let began = self.current(algorithm).and_then(|key| key.signs_from);
        began.is_some_and(|at| at.plus(SIGNING_SECS) <= now)
    }

    /// The keys for applications: the current and next ones, and the past ones whose tokens may not have expired.
    pub fn published(&self, now: Timestamp) -> impl Iterator<Item = &SigningKey> {
        self.retired_within(PUBLISHED_SECS, now)
    }

    /// The keys whose tokens we recognise ourselves, although they may have expired.
    pub fn recognised(&self, now: Timestamp) -> impl Iterator<Item = &SigningKey> {
        self.retired_within(RECOGNISED_SECS, now)
    }

    fn retired_within(&self, secs: i64, now: Timestamp) -> impl Iterator<Item = &SigningKey> {
        self.0.iter().filter(move |key| key.retired_at.is_none_or(|at| now < at.plus(secs)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_510_800);

    fn key(id: &str, signs_from: Option<i64>, retired_at: Option<i64>) -> SigningKey {
        SigningKey {
            id: id.into(),
            algorithm: Algorithm::Es256,
            private: PrivateKey::new(Vec::new()),
            public: PublicKey::Ec { crv: "P-256".into(), x: String::new(), y: String::new() },
            created_at: NOW,
            signs_from: signs_from.map(|secs| NOW.plus(secs)),
            retired_at: retired_at.map(|secs| NOW.plus(secs)),
        }
    }

    #[test]
    fn past_keys_are_published_for_an_hour_and_recognised_for_90_days() {
        let keys =
            SigningKeys::of(vec![key("next", None, None), key("now", Some(0), None), key("old", Some(-9), Some(0))]);
        let ids = |keys: Vec<&SigningKey>| keys.iter().map(|key| key.id.clone()).collect::<Vec<_>>();
        let day = 24 * 3600;
        assert_eq!(ids(keys.published(NOW.plus(3599)).collect()), ["next", "now", "old"]);
        assert_eq!(ids(keys.published(NOW.plus(3600)).collect()), ["next", "now"]);
        assert_eq!(ids(keys.recognised(NOW.plus(90 * day - 1)).collect()), ["next", "now", "old"]);
        assert_eq!(ids(keys.recognised(NOW.plus(90 * day)).collect()), ["next", "now"]);
        assert_eq!(keys.current(Algorithm::Es256).map(|key| &key.id[..]), Some("now"));
        assert!(
            !keys.is_due(Algorithm::Es256, NOW.plus(30 * day - 1)) && keys.is_due(Algorithm::Es256, NOW.plus(30 * day))
        );
        assert!(!keys.are_complete(), "there is no RSA key");
    }

    #[test]
    fn a_public_key_is_written_as_a_jwk() {
        let key = PublicKey::Ec { crv: "P-256".into(), x: "eA".into(), y: "eQ".into() };
        let text = serde_json::to_string(&key).expect("JSON");
        assert_eq!(text, r#"{"kty":"EC","crv":"P-256","x":"eA","y":"eQ"}"#);
        assert_eq!(serde_json::from_str::<PublicKey>(&text).expect("read"), key);
    }
}
