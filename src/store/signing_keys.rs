//! The keys that sign tokens for applications.

use super::changes::Subject;
use super::engine::Row;
use super::rows::word;
use super::stamped::Stamped;
use super::{Db, Tx};
use crate::domain::own_keys::PrivateKey;
use crate::domain::signing_key::{Algorithm, RECOGNISED_SECS, SigningKey, SigningKeys};
use crate::domain::{Error, Result};
use std::sync::Arc;

/// The cached keys.
pub type KnownKeys = Stamped<(), Arc<SigningKeys>>;

/// The subject whose changes make the cached keys out of date.
pub const SUBJECT: (Subject, &str) = (Subject::SigningKeys, "");

fn from_row(row: &Row) -> Result<SigningKey> {
    let public: String = row.get("public_key")?;
    Ok(SigningKey {
        id: row.get("id")?,
        algorithm: word(row, "algorithm", Algorithm::parse)?,
        private: PrivateKey::new(row.get("private_key")?),
        public: serde_json::from_str(&public).map_err(Error::internal)?,
        created_at: row.get("created_at")?,
        signs_from: row.get("signs_from")?,
        retired_at: row.get("retired_at")?,
    })
}

impl Db<'_> {
    /// All signing keys, newest first.
    pub fn signing_keys(&self) -> Result<SigningKeys> {
        let sql = "SELECT id, algorithm, private_key, public_key, created_at, signs_from, retired_at FROM signing_keys
            ORDER BY algorithm DESC, created_at DESC, id";
        self.all(sql, (), from_row).map(SigningKeys::of)
    }
}

impl Tx<'_> {
    /// Adds a key that does not sign yet.
    pub fn add_signing_key(&self, key: &SigningKey) -> Result<()> {
        let public = serde_json::to_string(&key.public).map_err(Error::internal)?;
        let sql =
            "INSERT INTO signing_keys (id, algorithm, private_key, public_key, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.run(sql, (&key.id, key.algorithm.as_str(), key.private.der(), public, key.created_at)).map(drop)
    }

    /// Makes the next key of an algorithm the current one. The key that was current signs nothing from now on, and its
    /// private part is deleted. Keys whose tokens are no longer recognised are deleted.
    pub fn advance_signing_keys(&self, algorithm: Algorithm) -> Result<()> {
        let now = self.now();
        let sql = "UPDATE signing_keys SET retired_at = ?2, private_key = ?3
            WHERE algorithm = ?1 AND signs_from IS NOT NULL AND retired_at IS NULL";
        self.run(sql, (algorithm.as_str(), now, &[][..]))?;
        let sql = "UPDATE signing_keys SET signs_from = ?2 WHERE algorithm = ?1 AND signs_from IS NULL";
        self.run(sql, (algorithm.as_str(), now))?;
        self.run("DELETE FROM signing_keys WHERE retired_at <= ?1", [now.plus(-RECOGNISED_SECS)]).map(drop)
    }
}
