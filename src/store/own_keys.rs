//! The service provider's SAML keys: a separate keyring for each organisation.

use super::engine::Row;
use super::{Db, Tx};
use crate::domain::ids::{OrganisationId, OwnKeysId};
use crate::domain::own_keys::{KeyPair, Keyring, OwnKeys, PrivateKey};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};

fn pair(row: &Row, key: &str, certificate: &str) -> Result<KeyPair> {
    Ok(KeyPair { key: PrivateKey::new(row.get(key)?), certificate: row.get(certificate)? })
}

fn own_keys_from_row(row: &Row) -> Result<OwnKeys> {
    Ok(OwnKeys {
        id: row.get("id")?,
        created_at: row.get("created_at")?,
        last_decrypted_at: row.get("last_decrypted_at")?,
        signing: pair(row, "signing_key", "signing_certificate")?,
        encryption: pair(row, "encryption_key", "encryption_certificate")?,
    })
}

impl Db<'_> {
    /// The service provider's keys for an organisation; `None` if they have not been created yet.
    pub fn find_keyring(&self, organisation: &OrganisationId) -> Result<Option<Keyring>> {
        let sql = "SELECT id, created_at, last_decrypted_at, signing_key, signing_certificate, encryption_key,
            encryption_certificate FROM own_keys WHERE organisation_id = ?1 ORDER BY created_at, id";
        self.all(sql, [organisation], own_keys_from_row).map(Keyring::of)
    }

    /// The service provider's keys for an organisation.
    ///
    /// # Errors
    /// `NotFound` when they have not been created yet.
    pub fn keyring(&self, organisation: &OrganisationId) -> Result<Keyring> {
        self.find_keyring(organisation)?.ok_or_else(|| Error::NotFound(phrase!("keys-not-found")))
    }
}

impl Tx<'_> {
    /// Adds a generation of keys.
    pub fn add_own_keys(&self, organisation: &OrganisationId, keys: &OwnKeys) -> Result<()> {
        self.run(
            "INSERT INTO own_keys (id, organisation_id, signing_key, signing_certificate, encryption_key,
                encryption_certificate, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                &keys.id,
                organisation,
                keys.signing.key.der(),
                &keys.signing.certificate,
                keys.encryption.key.der(),
                &keys.encryption.certificate,
                keys.created_at,
            ),
        )
        .map(drop)
    }

    /// Records that these keys decrypted an assertion.
    pub fn touch_own_keys(&self, id: &OwnKeysId) -> Result<()> {
        self.run("UPDATE own_keys SET last_decrypted_at = ?2 WHERE id = ?1", (id, self.now())).map(drop)
    }

    /// Deletes a generation of keys: it can no longer sign or decrypt.
    pub fn delete_own_keys(&self, id: &OwnKeysId) -> Result<()> {
        self.run("DELETE FROM own_keys WHERE id = ?1", [id]).map(drop)
    }
}
