//! Workspaces.

use super::answer::shown;
use super::blocking::{blocking, costly};
use super::body::Body;
use super::guard::{Member, OrganisationAdmin, WorkspaceAdmin, WorkspaceMember};
use super::own_lists::own_list;
use crate::actions::{Run, deletion, workspaces};
use crate::api::effect::EffectView;
use crate::api::page::Listing;
use crate::api::workspaces::WorkspaceView;
use crate::app::App;
use crate::domain::principal::Need;
use crate::domain::{Name, Page, Result};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/organisations/{org}/workspaces`: all workspaces for the organisation's admins; otherwise the person's
/// own.
#[utoipa::path(
    get, path = "/organisations/{org}/workspaces", tag = "Workspaces", summary = "List workspaces",
    description = "All workspaces for organisation admins; otherwise those that you belong to.",
    params(Page),
    responses((status = 200, body = Listing<WorkspaceView>)),
)]
pub async fn list_workspaces(app: Data<App>, member: Member, page: Page) -> Result<Json<Listing<WorkspaceView>>> {
    let Member { organisation, granted, caller, asking } = member;
    let listing = if let Some(asking) = asking.clone().filter(|_| !granted.manages()) {
        let person = asking.user.id.clone();
        own_list(&app, &caller, &asking, move |app| workspaces::own(app, &organisation.id, &person, &page)).await?
    } else {
        let person = asking.map(|asking| asking.user.id.clone());
        let caller = caller.needing(Need::OrganisationAdmin);
        costly(&app, caller, move |app, _| workspaces::all(app, &organisation.id, person.as_ref(), &page)).await?
    };
    Ok(Json(listing.map(|(workspace, role)| WorkspaceView::of(workspace, role)).into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WorkspaceName, example = json!({"name": "Warehouse"}))]
pub struct Named {
    #[schema(value_type = Name)]
    name: String,
}

/// `POST /api/v1/organisations/{org}/workspaces`.
#[utoipa::path(
    post, path = "/organisations/{org}/workspaces", tag = "Workspaces", summary = "Create a workspace",
    request_body = Named,
    responses((status = 201, body = WorkspaceView), (status = 402), (status = 409)),
)]
pub async fn create_workspace(app: Data<App>, admin: OrganisationAdmin, body: Body<Named>) -> Result<HttpResponse> {
    let Member { organisation, caller, asking, .. } = admin.0;
    let workspace = blocking(&app, move |app| {
        let name = Name::parse("name", &body.read()?.name)?;
        workspaces::create(app, &caller, &organisation, asking.map(|asking| asking.user.clone()), name)
    })
    .await?;
    Ok(HttpResponse::Created().json(WorkspaceView::of(workspace, None)))
}

/// `GET /api/v1/workspaces/{id}`: after their next sign-in, the person sees this workspace.
#[utoipa::path(
    get, path = "/workspaces/{id}", tag = "Workspaces", summary = "Show a workspace",
    responses((status = 200, body = WorkspaceView)),
)]
pub async fn show_workspace(app: Data<App>, member: WorkspaceMember) -> Result<Json<WorkspaceView>> {
    let WorkspaceMember { workspace, role, asking, .. } = member;
    let is_member = role.is_some();
    let workspace = blocking(&app, move |app| {
        if let Some(asking) = asking.filter(|_| is_member) {
            workspaces::visit(app, &asking, &workspace.id);
        }
        Ok(workspace)
    })
    .await?;
    Ok(Json(WorkspaceView::of(workspace, role)))
}

/// `PATCH /api/v1/workspaces/{id}`.
#[utoipa::path(
    patch, path = "/workspaces/{id}", tag = "Workspaces", summary = "Rename a workspace",
    request_body = Named,
    responses((status = 200, body = WorkspaceView), (status = 409)),
)]
pub async fn update_workspace(app: Data<App>, admin: WorkspaceAdmin, body: Body<Named>) -> Result<Json<WorkspaceView>> {
    let WorkspaceMember { workspace, caller, role, .. } = admin.0;
    let workspace = blocking(&app, move |app| {
        let name = Name::parse("name", &body.read()?.name)?;
        workspaces::rename(app, &caller, &workspace, name)
    })
    .await?;
    Ok(Json(WorkspaceView::of(workspace, role)))
}

/// `DELETE /api/v1/workspaces/{id}`: for organisation admins; answers with the effect.
#[utoipa::path(
    delete, path = "/workspaces/{id}", tag = "Workspaces", summary = "Delete a workspace",
    description = "For organisation admins. The effect names who leaves the organisation with it, and the invitations that end.",
    params(Run),
    responses((status = 200, body = EffectView), (status = 409)),
)]
pub async fn delete_workspace(app: Data<App>, admin: WorkspaceAdmin, run: Run) -> Result<Json<EffectView>> {
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    costly(&app, caller, move |app, caller| deletion::delete_workspace(app, caller, &workspace, run)).await.map(shown)
}
