//! Workspaces.

use super::roles::name_of;
use crate::domain::ids::{OrganisationId, WorkspaceId};
use crate::domain::organisation::Workspace;
use crate::domain::person::Role;
use crate::domain::{Name, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A workspace, and the caller's role.
#[derive(Serialize, ToSchema)]
#[schema(as = Workspace)]
pub struct WorkspaceView {
    id: WorkspaceId,
    organisation: OrganisationId,
    /// The name in commands, after the organisation's: `acme/warehouse`.
    slug: String,
    name: String,
    members: i64,
    created_at: Timestamp,
    role: Option<Role>,
    /// The name of the caller's role if it is a custom one.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<Name>,
}

impl WorkspaceView {
    /// A workspace, with the caller's role in it.
    pub fn of(workspace: Workspace, role: Option<Role>) -> Self {
        Self {
            id: workspace.id,
            organisation: workspace.organisation,
            slug: workspace.slug,
            name: workspace.name,
            members: workspace.members,
            created_at: workspace.created_at,
            role_name: role.as_ref().and_then(name_of),
            role,
        }
    }
}
