//! Members of a workspace.

use super::blocking::{blocking, costly};
use super::body::Body;
use super::guard::{WorkspaceAdmin, WorkspaceMember};
use super::member_search::OfWorkspace;
use crate::actions::{Caller, Run, members};
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::ids::UserId;
use crate::domain::method::Method;
use crate::domain::person::{self, Role};
use crate::domain::{Email, Listing, Page, Result, Timestamp};
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A person in a workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = WorkspaceMember)]
pub struct MemberView {
    user: UserId,
    name: String,
    email: Email,
    role: Role,
    organisation_admin: bool,
    joined_at: Timestamp,
    last_sign_in_at: Option<Timestamp>,
    last_method: Option<Method>,
    /// True if an operator has disabled them.
    disabled: bool,
}

impl From<person::WorkspaceMember> for MemberView {
    fn from(member: person::WorkspaceMember) -> Self {
        Self {
            user: member.user,
            name: member.name,
            email: member.email,
            role: member.role,
            organisation_admin: member.organisation_admin,
            joined_at: member.joined_at,
            last_sign_in_at: member.last_sign_in.map(|(at, _)| at),
            last_method: member.last_sign_in.map(|(_, method)| method),
            disabled: member.disabled,
        }
    }
}

/// `GET /api/v1/workspaces/{id}/members`: by address.
#[utoipa::path(
    get, path = "/workspaces/{id}/members", tag = "People", summary = "List the people in a workspace",
    operation_id = "list_workspace_members",
    params(Page, OfWorkspace),
    responses((status = 200, body = Listing<MemberView>)),
)]
pub async fn list_members(
    app: Data<App>,
    admin: WorkspaceAdmin,
    page: Page,
    wanted: OfWorkspace,
) -> Result<Json<Listing<MemberView>>> {
    let (WorkspaceMember { workspace, caller, .. }, filter) = (admin.0, wanted.0);
    let read = move |app: &App, _: &Caller| {
        app.store.read(|db| db.workspace_members(&workspace.id, &filter, &page, app.now()))
    };
    let listing = costly(&app, caller, read).await?;
    Ok(Json(listing.map(MemberView::from)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    #[schema(value_type = Role)]
    role: String,
}

/// `PATCH /api/v1/workspaces/{id}/members/{user}`.
#[utoipa::path(
    patch, path = "/workspaces/{id}/members/{user}", tag = "People", summary = "Change a person’s role",
    request_body = NewRole,
    responses((status = 200, body = MemberView), (status = 409)),
)]
pub async fn update_member(
    app: Data<App>,
    admin: WorkspaceAdmin,
    path: Path<(String, String)>,
    body: Body<NewRole>,
) -> Result<Json<MemberView>> {
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    let member = blocking(&app, move |app| {
        let user = UserId::parse(&path.1)?;
        members::set_role(app, &caller, &workspace, user, Role::parse(&body.read()?.role)?)
    })
    .await?;
    Ok(Json(member.into()))
}

/// `DELETE /api/v1/workspaces/{id}/members/{user}`: answers with the effect.
#[utoipa::path(
    delete, path = "/workspaces/{id}/members/{user}", tag = "People", summary = "Revoke a person’s access to a workspace",
    params(Run),
    responses((status = 200, body = Effect), (status = 409)),
)]
pub async fn delete_member(
    app: Data<App>,
    admin: WorkspaceAdmin,
    path: Path<(String, String)>,
    run: Run,
) -> Result<Json<Effect>> {
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    let user = UserId::parse(&path.1)?;
    costly(&app, caller, move |app, caller| members::revoke(app, caller, &workspace, user, run)).await.map(Json)
}
