//! API keys.

use crate::domain::Timestamp;
use crate::domain::ids::KeyId;
use crate::domain::key::{Key, Scope};
use serde::Serialize;
use utoipa::ToSchema;

/// An API key. Only the answer that creates it contains its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Key)]
pub struct KeyView {
    id: KeyId,
    name: String,
    scopes: Vec<Scope>,
    created_by: String,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    /// The secret; only in the answer that creates the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "vk_2Vh0cGkY")]
    key: Option<String>,
}

impl From<Key> for KeyView {
    fn from(key: Key) -> Self {
        Self {
            id: key.id,
            name: key.name,
            scopes: key.scopes,
            created_by: key.created_by,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            key: None,
        }
    }
}

impl KeyView {
    /// A new key, with its secret.
    pub fn made(key: Key, secret: String) -> Self {
        Self { key: Some(secret), ..key.into() }
    }
}
