//! Organisations.

use super::invitations::InvitationView;
use super::plans::PlanView;
use super::workspaces::WorkspaceView;
use crate::actions::invitations::Invited;
use crate::domain::Timestamp;
use crate::domain::access::ConnectionStatus;
use crate::domain::ids::OrganisationId;
use crate::domain::lives::Lives;
use crate::domain::organisation::{OrganisationSummary, Workspace};
use serde::Serialize;
use utoipa::ToSchema;

mirror! {
    /// How long invitations and sessions last.
    #[schema(as = Lives)]
    LivesView of Lives {
        /// Hours for which an invitation can be accepted.
        invitation_hours: i64,
        /// Hours without a request after which a session ends.
        session_idle_hours: i64,
        /// Days after which a sign-in ends in any case.
        session_days: i64,
    }
}

/// An organisation, and its numbers of people and workspaces.
#[derive(Serialize, ToSchema)]
#[schema(as = Organisation)]
pub struct OrganisationView {
    id: OrganisationId,
    slug: String,
    name: String,
    plan: PlanView,
    created_at: Timestamp,
    people: i64,
    workspaces: i64,
    sso: ConnectionStatus,
    saml_only: bool,
    /// The language tag of e-mails and pages for people who have chosen none; null means English.
    language: Option<String>,
    /// Hours for which an invitation can be accepted; null means the appliance's value.
    invitation_hours: Option<i64>,
    /// Hours without a request after which a sign-in ends for this organisation; null means the appliance's value.
    session_idle_hours: Option<i64>,
    /// Days after which a sign-in ends for this organisation; null means the appliance's value.
    session_days: Option<i64>,
    /// The values in effect: the shorter of the appliance's and the organisation's own.
    lives: LivesView,
}

impl From<OrganisationSummary> for OrganisationView {
    fn from(summary: OrganisationSummary) -> Self {
        let organisation = summary.organisation;
        Self {
            id: organisation.id,
            slug: organisation.slug,
            name: organisation.name,
            plan: organisation.plan.into(),
            created_at: organisation.created_at,
            people: summary.people,
            workspaces: summary.workspaces,
            sso: organisation.connection_status,
            saml_only: organisation.saml_only,
            language: organisation.language,
            invitation_hours: organisation.own_lives.invitation_hours,
            session_idle_hours: organisation.own_lives.session_idle_hours,
            session_days: organisation.own_lives.session_days,
            lives: organisation.lives.into(),
        }
    }
}

/// A new organisation, its first workspace, and the invitation of its first admin.
#[derive(Serialize, ToSchema)]
pub struct CreatedOrganisation {
    organisation: OrganisationView,
    workspace: WorkspaceView,
    invitation: InvitationView,
}

impl CreatedOrganisation {
    /// The answer about a new organisation.
    pub fn of(organisation: OrganisationSummary, workspace: Workspace, invited: Invited) -> Self {
        Self {
            organisation: organisation.into(),
            workspace: WorkspaceView::of(workspace, None),
            invitation: invited.into(),
        }
    }
}
