//! API keys.

use super::engine::Row;
use super::{Db, Note, Tx};
use crate::domain::audit::Actor;
use crate::domain::ids::{KeyId, OrganisationId};
use crate::domain::key::{Key, Scope};
use crate::domain::phrase::phrase;
use crate::domain::seal::digest;
use crate::domain::{Error, Listing, Page, Result, Timestamp};

const KEY: &str =
    "SELECT id, organisation_id, name, scopes, created_by, created_at, expires_at, last_used_at FROM keys";

fn key_from_row(row: &Row) -> Result<Key> {
    let words: String = row.get("scopes")?;
    let scopes = words.split_whitespace().map(Scope::parse).collect::<Result<_>>();
    Ok(Key {
        id: row.get("id")?,
        organisation: row.get("organisation_id")?,
        name: row.get("name")?,
        scopes: scopes.map_err(Error::internal)?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}

/// SQL: keys with the names of their organisations.
const NAMED: &str =
    "SELECT k.*, o.name AS organisation FROM keys k LEFT JOIN organisations o ON o.id = k.organisation_id";

/// SQL: the condition for the keys of one owner. `?1`: the organisation; null for operators' keys.
const OWN: &str = "organisation_id IS NOT DISTINCT FROM ?1";

impl Db<'_> {
    /// The unexpired key with this secret, if any.
    pub fn find_key(&self, secret: &str) -> Result<Option<Key>> {
        let sql = format!("{KEY} WHERE key_hash = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
        self.one(&sql, (digest(secret), self.now()), key_from_row)
    }

    /// The unexpired key with this id, if any.
    pub fn find_key_of_id(&self, id: &KeyId) -> Result<Option<Key>> {
        let sql = format!("{KEY} WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
        self.one(&sql, (id, self.now()), key_from_row)
    }

    /// The keys of an organisation, or of operators with `None`, oldest first, including expired ones.
    pub fn keys(&self, organisation: Option<&OrganisationId>, page: &Page) -> Result<Listing<Key>> {
        let sql = format!("{KEY} WHERE {OWN} AND (created_at, id) > (?2, ?3) ORDER BY created_at, id LIMIT ?4");
        let since = page.after(0).parse().unwrap_or(i64::MIN);
        let rows = self.all(&sql, (organisation, since, page.after(1), page.fetch()), key_from_row)?;
        Ok(page.listing(rows, |key| vec![key.created_at.0.to_string(), key.id.to_string()]))
    }

    /// The names of an organisation's unexpired keys, oldest first.
    pub fn live_key_names(&self, organisation: &OrganisationId) -> Result<Vec<String>> {
        let sql = "SELECT name FROM keys WHERE organisation_id = ?1 AND (expires_at IS NULL OR expires_at > ?2)
            ORDER BY created_at, id";
        self.all(sql, (organisation, self.now()), |row| row.get(0))
    }

    /// A key of an organisation, or of operators with `None`.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn key(&self, organisation: Option<&OrganisationId>, id: &KeyId) -> Result<Key> {
        self.one(&format!("{KEY} WHERE {OWN} AND id = ?2"), (organisation, id), key_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("key-not-found")))
    }

    /// The unexpired keys that a person or key made, oldest first, each with the name of its organisation. `within`:
    /// only keys of this organisation.
    pub fn keys_made_by(&self, maker: &str, within: Option<&OrganisationId>) -> Result<Vec<(Key, Option<String>)>> {
        let sql = format!(
            "{NAMED} WHERE k.maker_id = ?1 AND (k.expires_at IS NULL OR k.expires_at > ?2)
                AND (CAST(?3 AS TEXT) IS NULL OR k.organisation_id = ?3) ORDER BY k.created_at, k.id"
        );
        self.all(&sql, (maker, self.now(), within), |row| Ok((key_from_row(row)?, row.get("organisation")?)))
    }

    /// The unexpired key with this id and the name of its organisation, if any.
    pub fn find_named_key(&self, id: &KeyId) -> Result<Option<(Key, Option<String>)>> {
        let sql = format!("{NAMED} WHERE k.id = ?1 AND (k.expires_at IS NULL OR k.expires_at > ?2)");
        self.one(&sql, (id, self.now()), |row| Ok((key_from_row(row)?, row.get("organisation")?)))
    }

    /// All keys that were ever made, from the audit log: the id of the creator, the key, and the time.
    pub fn keys_ever_made(&self) -> Result<Vec<(String, KeyId, Timestamp)>> {
        let sql = "SELECT actor_id, resource_id, at FROM audit
            WHERE resource_type = 'key' AND action = 'key.created' AND actor_id IS NOT NULL ORDER BY at, id";
        self.all(sql, (), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }
}

impl Note<'_> {
    /// Records the last use of a key.
    pub fn touch_key(&self, id: &KeyId) -> Result<()> {
        self.run("UPDATE keys SET last_used_at = ?2 WHERE id = ?1", (id, self.now())).map(drop)
    }
}

impl Tx<'_> {
    /// Adds a key that `maker` made. Only the digest of `secret` is stored.
    pub fn add_key(&self, key: &Key, secret: &str, maker: &Actor) -> Result<()> {
        let (kind, maker, _) = maker.columns();
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        self.run(
            "INSERT INTO keys (id, organisation_id, name, scopes, key_hash, created_by, created_at, expires_at, maker_kind, maker_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            (
                &key.id,
                &key.organisation,
                &key.name,
                scopes.join(" "),
                digest(secret),
                &key.created_by,
                key.created_at,
                key.expires_at,
                kind,
                maker.unwrap_or_default(),
            ),
        )
        .map(drop)
    }

    /// Deletes a key, which revokes it.
    pub fn delete_key(&self, id: &KeyId) -> Result<()> {
        self.run("DELETE FROM keys WHERE id = ?1", [id]).map(drop)
    }
}
