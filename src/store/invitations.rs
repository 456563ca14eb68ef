//! Invitations.

use super::db::unless_taken;
use super::people::role_from_row;
use super::{Db, Tx};
use crate::domain::ids::{InvitationId, OrganisationId, WorkspaceId};
use crate::domain::invitation::Invitation;
use crate::domain::seal::digest;
use crate::domain::{Email, Error, Listing, Page, Result, Timestamp};
use rusqlite::Row;

const INVITATION: &str =
    "SELECT id, workspace_id, organisation_id, email, role, organisation_admin, invited_by, created_at, expires_at
    FROM invitations";

fn invitation_from_row(row: &Row) -> rusqlite::Result<Invitation> {
    Ok(Invitation {
        id: row.get("id")?,
        workspace: row.get("workspace_id")?,
        organisation: row.get("organisation_id")?,
        email: row.get("email")?,
        role: role_from_row(row)?,
        organisation_admin: row.get("organisation_admin")?,
        invited_by: row.get("invited_by")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}

impl Db<'_> {
    /// An invitation of this workspace.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn invitation(&self, workspace: &WorkspaceId, id: &InvitationId) -> Result<Invitation> {
        self.one(&format!("{INVITATION} WHERE id = ?1 AND workspace_id = ?2"), (id, workspace), invitation_from_row)?
            .ok_or_else(|| Error::not_found("Invitation"))
    }

    /// The invitation whose link holds this token, while it lasts.
    ///
    /// # Errors
    /// `NotFound` when it is unknown, expired, used, or replaced by a newer link.
    pub fn invitation_of_token(&self, token: &str, now: Timestamp) -> Result<Invitation> {
        let sql = format!("{INVITATION} WHERE token_hash = ?1 AND expires_at > ?2");
        self.one(&sql, (digest(token), now), invitation_from_row)?.ok_or_else(|| {
            Error::NotFound("This invitation is used, withdrawn or expired. Ask an admin to send it again.".into())
        })
    }

    /// The invitations of a workspace, by address, expired ones too: they can be sent again.
    pub fn invitations(&self, workspace: &WorkspaceId, page: &Page) -> Result<Listing<Invitation>> {
        let sql = format!("{INVITATION} WHERE workspace_id = ?1 AND email > ?2 ORDER BY email LIMIT ?3");
        let rows = self.all(&sql, (workspace, page.after(0), page.fetch()), invitation_from_row)?;
        Ok(page.listing(rows, |invitation| vec![invitation.email.to_string()]))
    }

    /// The invitations of an organisation that still wait for this person.
    pub fn pending_invitations(
        &self,
        organisation: &OrganisationId,
        email: &Email,
        now: Timestamp,
    ) -> Result<Vec<Invitation>> {
        let sql =
            format!("{INVITATION} WHERE organisation_id = ?1 AND email = ?2 AND expires_at > ?3 ORDER BY created_at");
        self.all(&sql, (organisation, email, now), invitation_from_row)
    }

    /// The invitations of an organisation that still wait, by address.
    pub fn all_pending_invitations(&self, organisation: &OrganisationId, now: Timestamp) -> Result<Vec<Invitation>> {
        let sql = format!("{INVITATION} WHERE organisation_id = ?1 AND expires_at > ?2 ORDER BY email, id");
        self.all(&sql, (organisation, now), invitation_from_row)
    }

    /// The invitations of all organisations that still wait for this person.
    pub fn invitations_of(&self, email: &Email, now: Timestamp) -> Result<Vec<Invitation>> {
        let sql = format!("{INVITATION} WHERE email = ?1 AND expires_at > ?2 ORDER BY created_at");
        self.all(&sql, (email, now), invitation_from_row)
    }

    /// Whether this address counts among the organisation's people already: as a member, or by a pending invitation.
    pub fn belongs_or_is_invited(&self, organisation: &OrganisationId, email: &Email, now: Timestamp) -> Result<bool> {
        let sql = "SELECT (SELECT count(*) FROM people WHERE organisation_id = ?1 AND email = ?2)
            + (SELECT count(*) FROM invitations WHERE organisation_id = ?1 AND email = ?2 AND expires_at > ?3)";
        Ok(self.count(sql, (organisation, email, now))? > 0)
    }
}

impl Tx<'_> {
    /// Adds an invitation whose link holds `token`. An expired one to the same person makes room.
    ///
    /// # Errors
    /// `Conflict` when one is pending.
    pub fn add_invitation(&self, invitation: &Invitation, token: &str) -> Result<()> {
        self.run(
            "DELETE FROM invitations WHERE workspace_id = ?1 AND email = ?2 AND expires_at <= ?3",
            (&invitation.workspace, &invitation.email, invitation.created_at),
        )?;
        self.try_run(
            "INSERT INTO invitations (id, workspace_id, organisation_id, email, role, organisation_admin, invited_by, token_hash,
                created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            (
                &invitation.id,
                &invitation.workspace,
                &invitation.organisation,
                &invitation.email,
                invitation.role.as_str(),
                invitation.organisation_admin,
                &invitation.invited_by,
                digest(token),
                invitation.created_at,
                invitation.expires_at,
            ),
        )
        .map(drop)
        .map_err(|cause| {
            unless_taken(cause, || Error::taken("email", "This person is invited already. Send the invitation again instead."))
        })
    }

    /// Gives an invitation a new link and a new life; the old link is dead.
    pub fn renew_invitation(
        &self,
        id: &InvitationId,
        token: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        self.run(
            "UPDATE invitations SET token_hash = ?2, created_at = ?3, expires_at = ?4 WHERE id = ?1",
            (id, digest(token), now, expires_at),
        )?;
        // A letter that still waits holds the old link.
        self.run("DELETE FROM mails WHERE invitation_id = ?1", [id]).map(drop)
    }

    /// Deletes an invitation: withdrawn or accepted.
    pub fn delete_invitation(&self, id: &InvitationId) -> Result<()> {
        self.run("DELETE FROM invitations WHERE id = ?1", [id]).map(drop)
    }
}
