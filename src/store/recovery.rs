//! Recovery codes and links.

use super::{Db, Tx};
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::recovery::folded;
use crate::domain::seal::digest;
use crate::domain::{Result, Timestamp};

impl Db<'_> {
    /// The number of unused recovery codes of an organisation.
    pub fn count_recovery_codes(&self, organisation: &OrganisationId) -> Result<i64> {
        self.count("SELECT count(*) FROM recovery_codes WHERE organisation_id = ?1", [organisation])
    }

    /// The organisation admin and the organisation for which this recovery link was made, if the link is unexpired and
    /// the person is still an admin and not disabled.
    pub fn find_recovery_link(&self, token: &str) -> Result<Option<(UserId, OrganisationId)>> {
        self.one(
            "SELECT l.user_id, l.organisation_id FROM recovery_links l JOIN users u ON u.id = l.user_id
                JOIN people p ON p.organisation_id = l.organisation_id AND p.user_id = l.user_id AND p.admin = 1
             WHERE l.token_hash = ?1 AND l.expires_at > ?2 AND u.disabled_at IS NULL",
            (digest(token), self.now()),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// True if a person has an unexpired recovery link for an organisation.
    pub fn has_recovery_link(&self, organisation: &OrganisationId, user: &UserId) -> Result<bool> {
        let sql = "SELECT count(*) FROM recovery_links WHERE organisation_id = ?1 AND user_id = ?2 AND expires_at > ?3";
        Ok(self.count(sql, (organisation, user, self.now()))? > 0)
    }
}

impl Tx<'_> {
    /// Makes `token` the admin's only recovery link.
    pub fn set_recovery_link(
        &self,
        user: &UserId,
        organisation: &OrganisationId,
        token: &str,
        expires_at: Timestamp,
    ) -> Result<()> {
        self.delete_recovery_links(user)?;
        self.run(
            "INSERT INTO recovery_links (token_hash, organisation_id, user_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
            (digest(token), organisation, user, expires_at),
        )
        .map(drop)
    }

    /// Deletes a person's recovery links.
    pub fn delete_recovery_links(&self, user: &UserId) -> Result<()> {
        self.run("DELETE FROM recovery_links WHERE user_id = ?1", [user]).map(drop)
    }

    /// Replaces an organisation's recovery codes.
    pub fn set_recovery_codes(&self, organisation: &OrganisationId, codes: &[String]) -> Result<()> {
        self.run("DELETE FROM recovery_codes WHERE organisation_id = ?1", [organisation])?;
        codes.iter().try_for_each(|code| {
            self.run(
                "INSERT INTO recovery_codes (organisation_id, code_hash) VALUES (?1, ?2)",
                (organisation, digest(&folded(code))),
            )
            .map(drop)
        })
    }

    /// Uses up a recovery code; false if the organisation has no such code.
    pub fn take_recovery_code(&self, organisation: &OrganisationId, code: &str) -> Result<bool> {
        let gone = self.run(
            "DELETE FROM recovery_codes WHERE organisation_id = ?1 AND code_hash = ?2",
            (organisation, digest(&folded(code))),
        )?;
        Ok(gone > 0)
    }
}
