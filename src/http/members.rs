//! Members of a workspace.

use super::answer::shown;
use super::blocking::costly;
use super::body::Body;
use super::guard::{WorkspaceAdmin, WorkspaceMember};
use super::member_search::OfWorkspace;
use crate::actions::{Caller, Run, members};
use crate::api::effect::EffectView;
use crate::api::members::WorkspaceMemberView;
use crate::api::page::Listing;
use crate::app::App;
use crate::domain::ids::UserId;
use crate::domain::person::Role;
use crate::domain::{Page, Result};
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/workspaces/{id}/members`: sorted by e-mail address.
#[utoipa::path(
    get, path = "/workspaces/{id}/members", tag = "People", summary = "List the people in a workspace",
    operation_id = "list_workspace_members",
    params(Page, OfWorkspace),
    responses((status = 200, body = Listing<WorkspaceMemberView>)),
)]
pub async fn list_members(
    app: Data<App>,
    admin: WorkspaceAdmin,
    page: Page,
    wanted: OfWorkspace,
) -> Result<Json<Listing<WorkspaceMemberView>>> {
    let (WorkspaceMember { workspace, caller, .. }, filter) = (admin.0, wanted.0);
    let read = move |app: &App, _: &Caller| members::of_workspace(app, &workspace.id, &filter, &page);
    let listing = costly(&app, caller, read).await?;
    Ok(Json(listing.into()))
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
    description = "The effect names the applications in which the person gets another level.",
    params(Run),
    request_body = NewRole,
    responses((status = 200, body = WorkspaceMemberView), (status = 409)),
)]
pub async fn update_member(
    app: Data<App>,
    admin: WorkspaceAdmin,
    path: Path<(String, String)>,
    run: Run,
    body: Body<NewRole>,
) -> Result<Json<WorkspaceMemberView>> {
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    costly(&app, caller, move |app, caller| {
        let user = UserId::parse(&path.1)?;
        members::set_role(app, caller, &workspace, user, body.read()?.role, run)
    })
    .await
    .map(shown)
}

/// `DELETE /api/v1/workspaces/{id}/members/{user}`: answers with the effect.
#[utoipa::path(
    delete, path = "/workspaces/{id}/members/{user}", tag = "People", summary = "Revoke a person’s access to a workspace",
    params(Run),
    responses((status = 200, body = EffectView), (status = 409)),
)]
pub async fn delete_member(
    app: Data<App>,
    admin: WorkspaceAdmin,
    path: Path<(String, String)>,
    run: Run,
) -> Result<Json<EffectView>> {
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    let user = UserId::parse(&path.1)?;
    costly(&app, caller, move |app, caller| members::revoke(app, caller, &workspace, user, run)).await.map(shown)
}
