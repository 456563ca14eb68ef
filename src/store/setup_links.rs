//! Set-up links.

use super::engine::Row;
use super::makers::backed;
use super::{Db, Note, Tx};
use crate::domain::audit::Actor;
use crate::domain::ids::{OrganisationId, SetupLinkId};
use crate::domain::phrase::phrase;
use crate::domain::seal::digest;
use crate::domain::setup_link::SetupLink;
use crate::domain::{Error, Result, Timestamp};

/// SQL: set-up links; `backed` is true while the creator has the right to create them. `?1`: the time.
fn select() -> String {
    let admin = "EXISTS (SELECT 1 FROM people p JOIN users u ON u.id = p.user_id
        WHERE p.organisation_id = l.organisation_id AND p.user_id = l.maker_id AND p.admin = 1 AND u.disabled_at IS NULL)";
    let backed = backed("l", admin, "?1");
    format!(
        "SELECT l.id, l.organisation_id, l.note, l.created_by, l.created_at, l.expires_at, l.last_used_at, l.done_at,
        {backed} AS backed FROM setup_links l"
    )
}

fn link_from_row(row: &Row) -> Result<SetupLink> {
    Ok(SetupLink {
        id: row.get("id")?,
        organisation: row.get("organisation_id")?,
        note: row.get("note")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        last_used_at: row.get("last_used_at")?,
        done_at: row.get("done_at")?,
        backed: row.get("backed")?,
    })
}

impl Db<'_> {
    /// The link with this secret, if any, whatever its status.
    pub fn find_setup_link(&self, secret: &str) -> Result<Option<SetupLink>> {
        self.one(&format!("{} WHERE l.token_hash = ?2", select()), (self.now(), digest(secret)), link_from_row)
    }

    /// An organisation's links, newest first, including those that no longer work and are kept for information.
    pub fn setup_links(&self, organisation: &OrganisationId) -> Result<Vec<SetupLink>> {
        let sql = format!("{} WHERE l.organisation_id = ?2 ORDER BY l.created_at DESC, l.id", select());
        self.all(&sql, (self.now(), organisation), link_from_row)
    }

    /// A link of an organisation.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn setup_link(&self, organisation: &OrganisationId, id: &SetupLinkId) -> Result<SetupLink> {
        let sql = format!("{} WHERE l.organisation_id = ?2 AND l.id = ?3", select());
        self.one(&sql, (self.now(), organisation, id), link_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("set-up-link-not-found")))
    }
}

impl Note<'_> {
    /// Records the last use of a link.
    pub fn touch_setup_link(&self, id: &SetupLinkId) -> Result<()> {
        self.run("UPDATE setup_links SET last_used_at = ?2 WHERE id = ?1", (id, self.now())).map(drop)
    }
}

impl Tx<'_> {
    /// Adds a link, which works while `maker` has the right to create it. Only the digest of `secret` is stored.
    pub fn add_setup_link(&self, link: &SetupLink, secret: &str, maker: &Actor) -> Result<()> {
        let (kind, id, _) = maker.columns();
        self.run(
            "INSERT INTO setup_links (id, organisation_id, note, token_hash, maker_kind, maker_id, created_by, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                &link.id,
                &link.organisation,
                &link.note,
                digest(secret),
                kind,
                id,
                &link.created_by,
                link.created_at,
                link.expires_at,
            ),
        )
        .map(drop)
    }

    /// Marks an organisation's links as done, because its connection is ready. They never work again.
    pub fn finish_setup_links(&self, organisation: &OrganisationId) -> Result<()> {
        let sql = "UPDATE setup_links SET done_at = ?2 WHERE organisation_id = ?1 AND done_at IS NULL";
        self.run(sql, (organisation, self.now())).map(drop)
    }

    /// Deletes a link, which revokes it.
    pub fn delete_setup_link(&self, id: &SetupLinkId) -> Result<()> {
        self.run("DELETE FROM setup_links WHERE id = ?1", [id]).map(drop)
    }

    /// Deletes the links of a creator who lost their right in an organisation, so that none works again when they regain
    /// it. Returns the number of deleted links.
    pub fn delete_setup_links_of(&self, organisation: &OrganisationId, kind: &str, maker: &str) -> Result<usize> {
        let sql = "DELETE FROM setup_links WHERE organisation_id = ?1 AND maker_kind = ?2 AND maker_id = ?3";
        self.run(sql, (organisation, kind, maker))
    }

    /// Deletes the links that expired before `since`.
    pub fn purge_setup_links(&self, since: Timestamp) -> Result<()> {
        self.run("DELETE FROM setup_links WHERE expires_at < ?1", [since]).map(drop)
    }
}
