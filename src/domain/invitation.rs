//! Invitations: an admin asked for this person.

use super::ids::{InvitationId, OrganisationId, WorkspaceId};
use super::{Email, Timestamp, person::Role};

/// An invitation that nobody has accepted yet.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// To this workspace.
    pub workspace: WorkspaceId,
    /// Of this organisation.
    pub organisation: OrganisationId,
    /// For the person of this address.
    pub email: Email,
    /// Who will be this there.
    pub role: Role,
    /// And organisation admin, when an operator made the organisation for them.
    pub organisation_admin: bool,
    /// The name of who asked.
    pub invited_by: String,
    /// When it was made, or last sent again.
    pub created_at: Timestamp,
    /// It stops working at this time.
    pub expires_at: Timestamp,
    /// False if its link was handed to its maker, who has lost the right to make it. It must be sent again.
    pub backed: bool,
}
