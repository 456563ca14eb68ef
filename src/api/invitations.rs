//! Invitations.

use super::branding::BrandView;
use super::roles::name_of;
use crate::actions::bulk_invitations::{Outcome, Tried};
use crate::actions::invitations::Invited;
use crate::domain::ids::{InvitationId, WorkspaceId};
use crate::domain::invitation::Invitation;
use crate::domain::invitees::Listed;
use crate::domain::person::Role;
use crate::domain::text::shortened;
use crate::domain::{Email, Name, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether the link of an invitation still works.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// The link works.
    Pending,
    /// The link has expired.
    Expired,
    /// The link was given to a person or key that may no longer invite. The invitation must be sent again.
    Orphaned,
}

impl InvitationStatus {
    fn of(invitation: &Invitation, now: Timestamp) -> Self {
        match invitation {
            Invitation { expires_at, .. } if *expires_at <= now => Self::Expired,
            Invitation { backed: false, .. } => Self::Orphaned,
            Invitation { .. } => Self::Pending,
        }
    }
}

/// An invitation, with its link if the inviter has to pass it on.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationView {
    id: InvitationId,
    workspace: WorkspaceId,
    email: Email,
    role: Role,
    /// The name of a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<Name>,
    status: InvitationStatus,
    created_at: Timestamp,
    expires_at: Timestamp,
    invited_by: String,
    /// Only in the answer that creates or resends the invitation, and only without a mail server.
    #[serde(skip_serializing_if = "Option::is_none")]
    accept_url: Option<String>,
}

impl InvitationView {
    /// The view of an invitation, with its status at `now` and without its link.
    pub fn of(invitation: Invitation, now: Timestamp) -> Self {
        Self {
            status: InvitationStatus::of(&invitation, now),
            id: invitation.id,
            workspace: invitation.workspace,
            email: invitation.email,
            role_name: name_of(&invitation.role),
            role: invitation.role,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            invited_by: invitation.invited_by,
            accept_url: None,
        }
    }
}

impl From<Invited> for InvitationView {
    fn from(invited: Invited) -> Self {
        let now = invited.invitation.created_at;
        Self { accept_url: invited.accept_url, ..Self::of(invited.invitation, now) }
    }
}

/// An invitation as the invited person sees it before accepting.
#[derive(Serialize, ToSchema)]
pub struct InspectedInvitation {
    pub(crate) email: Email,
    pub(crate) organisation: String,
    pub(crate) workspace: String,
    pub(crate) role: Role,
    /// The name of a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) role_name: Option<Name>,
    pub(crate) expires_at: Timestamp,
    /// True if the person already has an account. Only for that person, signed in; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<bool>,
    pub(crate) saml_only: bool,
    /// The address at which to sign in through SAML, which accepts the invitation; null if SAML is not available. Under
    /// SAML-only there is no other way to accept.
    pub(crate) portal_url: Option<String>,
    /// The organisation's name and logo on pages; null if none is set.
    pub(crate) brand: Option<BrandView>,
}

/// Either the person is signed in, or SAML is required and nothing was created.
#[derive(Serialize, ToSchema)]
pub struct AcceptedInvitation {
    pub(crate) accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) portal_url: Option<String>,
}

/// The maximum length of the repeated text of a line, in characters: a name of 100, an address of 254 and a role.
const MOST_LINE_CHARS: usize = 400;

/// A line of the list, and its outcome.
#[derive(Serialize, ToSchema)]
#[schema(as = TriedInvitation)]
pub struct TriedView {
    /// The number of the line, from 1.
    line: usize,
    /// The text about this person, at most 400 characters.
    #[schema(example = "ann@acme.example, Admin")]
    text: String,
    /// The name beside the address.
    name: String,
    /// The address as it was given; empty if there was none.
    email: String,
    role: Option<Role>,
    /// The name of a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<Name>,
    outcome: Outcome,
    /// Why nobody was invited by this line, and what to do.
    message: Option<String>,
    invitation: Option<InvitationView>,
}

impl From<Tried> for TriedView {
    fn from(tried: Tried) -> Self {
        let Listed { line, text, name, email, .. } = tried.listed;
        Self {
            line,
            text: shortened(&text, MOST_LINE_CHARS),
            name: shortened(&name, MOST_LINE_CHARS),
            email: shortened(&email, MOST_LINE_CHARS),
            role_name: tried.role.as_ref().and_then(name_of),
            role: tried.role,
            outcome: tried.outcome,
            message: tried.message.map(|message| shortened(&message.spoken(), 2 * MOST_LINE_CHARS)),
            invitation: tried.invited.map(InvitationView::from),
        }
    }
}

/// The outcome of each line, in order.
#[derive(Serialize, ToSchema)]
pub struct TriedInvitations {
    /// True if the invitations were created; false in a dry run.
    pub(crate) applied: bool,
    pub(crate) items: Vec<TriedView>,
}
