//! Invitations.

use super::engine::Row;
use super::makers::{ENDED, MAKER_CAN_ACCEPT, backed};
use super::people::{role_columns, role_from_row, role_values};
use super::{Db, Tx};
use crate::domain::audit::Actor;
use crate::domain::ids::{InvitationId, OrganisationId, UserId, WorkspaceId};
use crate::domain::invitation::Invitation;
use crate::domain::person::HandedTo;
use crate::domain::phrase::phrase;
use crate::domain::seal::digest;
use crate::domain::{Email, Error, Listing, Page, Result, Timestamp};

/// SQL: invitations; `backed` is the result of `is_backed`. `now`: the parameter with the time.
fn select(now: &str) -> String {
    let (backed, role) = (is_backed(now), role_columns("invitations"));
    format!(
        "SELECT id, workspace_id, organisation_id, email, {role}, organisation_admin, invited_by, created_at, expires_at,
            {backed} AS backed FROM invitations"
    )
}

/// SQL that is true for a link that was e-mailed, or whose creator has the right to invite.
fn is_backed(now: &str) -> String {
    format!("(handed_over = 0 OR {})", backed("invitations", INVITES, now))
}

/// SQL that is true for an invitation which a new one replaces: see `add_invitation`.
fn makes_room(now: &str) -> String {
    format!("(expires_at <= {now} OR organisation_admin = 0 AND NOT {})", is_backed(now))
}

/// SQL: the condition for a creator who is not an operator. Organisation admins can invite to every workspace, Admins of
/// a workspace only to that one.
const INVITES: &str = "EXISTS (SELECT 1 FROM users u JOIN people p ON p.user_id = u.id
    LEFT JOIN memberships m ON m.user_id = u.id AND m.workspace_id = invitations.workspace_id
    WHERE u.id = maker_id AND u.disabled_at IS NULL AND p.organisation_id = invitations.organisation_id
        AND (p.admin = 1 OR m.role = 'admin' AND organisation_admin = 0))";

fn invited_already() -> Error {
    Error::taken("email", phrase!("invited-already"))
}

fn invitation_from_row(row: &Row) -> Result<Invitation> {
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
        backed: row.get("backed")?,
    })
}

impl Db<'_> {
    /// An invitation to this workspace.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn invitation(&self, workspace: &WorkspaceId, id: &InvitationId) -> Result<Invitation> {
        let sql = format!("{} WHERE id = ?1 AND workspace_id = ?2", select("?3"));
        self.one(&sql, (id, workspace, self.now()), invitation_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("invitation-not-found")))
    }

    /// The unexpired invitation whose link contains this token. A link that was shown to its creator, who could accept it
    /// themselves, works only while the creator has the right to invite.
    ///
    /// # Errors
    /// `NotFound` when it is unknown, expired, used, or replaced by a newer link.
    pub fn invitation_of_token(&self, token: &str) -> Result<Invitation> {
        let sql = format!("{} WHERE token_hash = ?1 AND expires_at > ?2 AND {}", select("?2"), is_backed("?2"));
        self.one(&sql, (digest(token), self.now()), invitation_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("invitation-over")))
    }

    /// The key or operator to whom the link of an invitation was shown, if any. For an organisation's key that an
    /// operators' key made, the result is the operators' key, because the other one may be deleted earlier.
    pub fn invitation_handed_to(&self, id: &InvitationId) -> Result<Option<HandedTo>> {
        let sql = "SELECT i.maker_kind, CASE WHEN k.maker_kind = 'key' THEN k.maker_id ELSE i.maker_id END AS maker
             FROM invitations i LEFT JOIN keys k ON i.maker_kind = 'key' AND k.id = i.maker_id
             WHERE i.id = ?1 AND i.handed_over = 1";
        let handed =
            self.one(sql, [id], |row| Ok(HandedTo::of(&row.get::<String>("maker_kind")?, row.get("maker")?)))?;
        Ok(handed.flatten())
    }

    /// The invitations to a workspace, by e-mail address, including expired ones, which can be sent again.
    pub fn invitations(&self, workspace: &WorkspaceId, page: &Page) -> Result<Listing<Invitation>> {
        let sql = format!("{} WHERE workspace_id = ?1 AND email > ?2 ORDER BY email LIMIT ?3", select("?4"));
        let rows = self.all(&sql, (workspace, page.after(0), page.fetch(), self.now()), invitation_from_row)?;
        Ok(page.listing(rows, |invitation| vec![invitation.email.to_string()]))
    }

    /// A person's pending invitations to workspaces of an organisation.
    pub fn pending_invitations(&self, organisation: &OrganisationId, email: &Email) -> Result<Vec<Invitation>> {
        let sql = format!(
            "{} WHERE organisation_id = ?1 AND email = ?2 AND expires_at > ?3 ORDER BY created_at",
            select("?3")
        );
        self.all(&sql, (organisation, email, self.now()), invitation_from_row)
    }

    /// The pending invitations of an organisation, by e-mail address.
    pub fn all_pending_invitations(&self, organisation: &OrganisationId) -> Result<Vec<Invitation>> {
        let sql = format!("{} WHERE organisation_id = ?1 AND expires_at > ?2 ORDER BY email, id", select("?2"));
        self.all(&sql, (organisation, self.now()), invitation_from_row)
    }

    /// A person's pending invitations in all organisations.
    pub fn invitations_of(&self, email: &Email) -> Result<Vec<Invitation>> {
        let sql = format!("{} WHERE email = ?1 AND expires_at > ?2 ORDER BY created_at", select("?2"));
        self.all(&sql, (email, self.now()), invitation_from_row)
    }

    /// The working invitations of an organisation that this person made and can accept, because the link was shown to
    /// them or they are the invited person, by e-mail address.
    pub fn invitations_handed_to(&self, organisation: &OrganisationId, maker: &UserId) -> Result<Vec<Invitation>> {
        let sql = format!(
            "{} WHERE organisation_id = ?1 AND {MAKER_CAN_ACCEPT} AND maker_kind = 'person' AND maker_id = ?2 AND expires_at > ?3
                AND {INVITES} ORDER BY email, id",
            select("?3")
        );
        self.all(&sql, (organisation, maker, self.now()), invitation_from_row)
    }

    /// Checks that a person could be given a new invitation to a workspace.
    ///
    /// # Errors
    /// The error of `add_invitation`.
    pub fn room_for_invitation(&self, workspace: &WorkspaceId, email: &Email) -> Result<()> {
        let sql = format!(
            "SELECT count(*) FROM invitations WHERE workspace_id = ?1 AND email = ?2 AND NOT {}",
            makes_room("?3")
        );
        match self.count(&sql, (workspace, email, self.now()))? {
            0 => Ok(()),
            _ => Err(invited_already()),
        }
    }

    /// True if the organisation has a person or a pending invitation with this e-mail address.
    pub fn belongs_or_is_invited(&self, organisation: &OrganisationId, email: &Email) -> Result<bool> {
        let sql = "SELECT (SELECT count(*) FROM people WHERE organisation_id = ?1 AND email = ?2)
            + (SELECT count(*) FROM invitations WHERE organisation_id = ?1 AND email = ?2 AND expires_at > ?3)";
        Ok(self.count(sql, (organisation, email, self.now()))? > 0)
    }
}

impl Tx<'_> {
    /// Adds an invitation whose link contains `token`. It replaces an invitation of the same person whose link no
    /// longer works; one for an organisation admin is replaced only once it has expired. `handed_over`: true if the
    /// link is shown to the creator, false if it is e-mailed.
    ///
    /// # Errors
    /// `Conflict` when another invitation of this person to the workspace is pending.
    pub fn add_invitation(&self, invitation: &Invitation, token: &str, maker: &Actor, handed_over: bool) -> Result<()> {
        let (kind, maker, _) = maker.columns();
        let (word, custom) = role_values(&invitation.role);
        let sql = format!("DELETE FROM invitations WHERE workspace_id = ?1 AND email = ?2 AND {}", makes_room("?3"));
        self.run(&sql, (&invitation.workspace, &invitation.email, invitation.created_at))?;
        self.run_unless_taken(
            "INSERT INTO invitations (id, workspace_id, organisation_id, email, role, role_id, organisation_admin, invited_by,
                token_hash, created_at, expires_at, handed_over, maker_kind, maker_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            (
                &invitation.id,
                &invitation.workspace,
                &invitation.organisation,
                &invitation.email,
                word,
                custom,
                invitation.organisation_admin,
                &invitation.invited_by,
                digest(token),
                invitation.created_at,
                invitation.expires_at,
                handed_over,
                kind,
                maker.unwrap_or_default(),
            ),
            invited_already,
        )
    }

    /// Gives an invitation a new link and a new expiry. The old link no longer works.
    pub fn renew_invitation(
        &self,
        id: &InvitationId,
        token: &str,
        expires_at: Timestamp,
        maker: &Actor,
        handed_over: bool,
    ) -> Result<()> {
        let (kind, maker, _) = maker.columns();
        self.run(
            "UPDATE invitations SET token_hash = ?2, created_at = ?3, expires_at = ?4, handed_over = ?5, maker_kind = ?6, maker_id = ?7
             WHERE id = ?1",
            (id, digest(token), self.now(), expires_at, handed_over, kind, maker.unwrap_or_default()),
        )?;
        // An e-mail that still waits contains the old link.
        self.run("DELETE FROM mails WHERE invitation_id = ?1", [id]).map(drop)
    }

    /// Ends the links of invitations that a person made and could accept, in an organisation where they may no longer
    /// invite, so that none works again when they regain the right. The invitations stay: another admin can send them
    /// again.
    pub(super) fn end_invitations_by(&self, organisation: &OrganisationId, maker: &UserId) -> Result<()> {
        let sql = format!(
            "UPDATE invitations SET maker_kind = '{ENDED}', handed_over = 1 WHERE organisation_id = ?1 AND {MAKER_CAN_ACCEPT}
             AND maker_kind = 'person' AND maker_id = ?2 AND NOT {INVITES}"
        );
        self.run(&sql, (organisation, maker)).map(drop)
    }

    /// Deletes an invitation that was withdrawn or accepted.
    pub fn delete_invitation(&self, id: &InvitationId) -> Result<()> {
        self.run("DELETE FROM invitations WHERE id = ?1", [id]).map(drop)
    }
}
