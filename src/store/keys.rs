//! API keys.

use super::{Db, Tx};
use crate::domain::ids::KeyId;
use crate::domain::key::Key;
use crate::domain::seal::digest;
use crate::domain::{Result, Timestamp};

impl Db<'_> {
    /// The key with this secret, if there is one.
    pub fn find_key(&self, secret: &str) -> Result<Option<Key>> {
        self.one("SELECT id, name, created_at, last_used_at FROM keys WHERE key_hash = ?1", [digest(secret)], |row| {
            Ok(Key {
                id: row.get("id")?,
                name: row.get("name")?,
                created_at: row.get("created_at")?,
                last_used_at: row.get("last_used_at")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Adds an operator's key, known by the digest of `secret`.
    pub fn add_key(&self, name: &str, secret: &str, now: Timestamp) -> Result<Key> {
        let id = KeyId::random();
        self.run(
            "INSERT INTO keys (id, name, key_hash, created_at) VALUES (?1, ?2, ?3, ?4)",
            (&id, name, digest(secret), now),
        )?;
        Ok(Key { id, name: name.into(), created_at: now, last_used_at: None })
    }

    /// Notes that a key was used.
    pub fn touch_key(&self, id: &KeyId, now: Timestamp) -> Result<()> {
        self.run("UPDATE keys SET last_used_at = ?2 WHERE id = ?1", (id, now)).map(drop)
    }
}
