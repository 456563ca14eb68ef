//! API keys: how programs come in.

use super::Timestamp;
use super::ids::KeyId;

/// An operator's API key, without its secret.
#[derive(Debug, Clone)]
pub struct Key {
    /// As its owner sees it.
    pub id: KeyId,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to within a few minutes.
    pub last_used_at: Option<Timestamp>,
}
