//! The keys that sign tokens for applications. Only their public parts are shown.

use crate::domain::Timestamp;
use crate::domain::signing_key::{Algorithm, KeyState, PublicKey, SigningKey, SigningKeys};
use serde::Serialize;

/// A signing key, as the command line prints it.
#[derive(Serialize)]
pub struct SigningKeyView {
    id: String,
    algorithm: Algorithm,
    state: KeyState,
    created_at: Timestamp,
    signs_from: Option<Timestamp>,
    retired_at: Option<Timestamp>,
}

impl From<&SigningKey> for SigningKeyView {
    fn from(key: &SigningKey) -> Self {
        Self {
            id: key.id.clone(),
            algorithm: key.algorithm,
            state: key.state(),
            created_at: key.created_at,
            signs_from: key.signs_from,
            retired_at: key.retired_at,
        }
    }
}

/// The published keys.
///
/// Source: RFC 7517 5.
#[derive(Serialize)]
pub struct KeySetView {
    keys: Vec<PublishedKey>,
}

#[derive(Serialize)]
struct PublishedKey {
    kid: String,
    #[serde(rename = "use")]
    used_for: &'static str,
    alg: Algorithm,
    #[serde(flatten)]
    public: PublicKey,
}

impl KeySetView {
    /// The keys that are published at this time.
    pub fn at(keys: &SigningKeys, now: Timestamp) -> Self {
        let published = |key: &SigningKey| PublishedKey {
            kid: key.id.clone(),
            used_for: "sig",
            alg: key.algorithm,
            public: key.public.clone(),
        };
        Self { keys: keys.published(now).map(published).collect() }
    }
}
