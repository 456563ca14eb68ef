//! Invitations of people to a workspace.

use super::ids::{InvitationId, OrganisationId, WorkspaceId};
use super::{Email, Timestamp, person::Role};

/// An invitation that has not been accepted yet.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The organisation of the workspace.
    pub organisation: OrganisationId,
    /// The e-mail address of the invited person.
    pub email: Email,
    /// The role that the person gets in the workspace.
    pub role: Role,
    /// True if the person also becomes an organisation admin, because an operator created the organisation for them.
    pub organisation_admin: bool,
    /// The name of the person who sent it.
    pub invited_by: String,
    /// When it was created, or last sent again.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// False if its link was shown to the person who created it, and that person no longer has the right to invite:
    /// then the invitation must be sent again.
    pub backed: bool,
}
