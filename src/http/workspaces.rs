//! Workspaces.

use super::answer::shown;
use super::blocking::{blocking, costly};
use super::body::Body;
use super::guard::{Member, OrganisationAdmin, WorkspaceAdmin, WorkspaceMember};
use crate::actions::{Run, deletion, workspaces};
use crate::api::effect::EffectView;
use crate::api::page::Listing;
use crate::api::workspaces::WorkspaceView;
use crate::app::App;
use crate::domain::organisation::Workspace;
use crate::domain::{Name, Page, Result};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/organisations/{org}/workspaces`: all for its admins, else those that the person is in.
#[utoipa::path(
    get, path = "/organisations/{org}/workspaces", tag = "Workspaces", summary = "List workspaces",
    description = "All workspaces for organisation admins; otherwise those that you belong to.",
    params(Page),
    responses((status = 200, body = Listing<WorkspaceView>)),
)]
pub async fn list_workspaces(app: Data<App>, member: Member, page: Page) -> Result<Json<Listing<WorkspaceView>>> {
    let listing = blocking(&app, move |app| {
        app.store.read(|db| {
            let places = match &member.asking {
                Some(asking) => db.places(&member.organisation.id, &asking.user.id)?,
                None => Vec::new(),
            };
            let role =
                |workspace: &Workspace| places.iter().find(|place| place.id == workspace.id).map(|place| place.role);
            let listing = if member.granted.manages() {
                db.workspaces(&member.organisation.id, &page)?
            } else {
                let all = places.iter().map(|place| db.workspace(&place.id)).collect::<Result<_>>()?;
                page.part_of(all, |workspace: &Workspace| workspace.id.to_string())
            };
            Ok(listing.map(|workspace| {
                let role = role(&workspace);
                WorkspaceView::of(workspace, role)
            }))
        })
    })
    .await?;
    Ok(Json(listing.into()))
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
        workspaces::create(app, &caller, &organisation, asking.map(|asking| asking.user), name)
    })
    .await?;
    Ok(HttpResponse::Created().json(WorkspaceView::of(workspace, None)))
}

/// `GET /api/v1/workspaces/{id}`; the person who opens it is sent here after the next sign-in.
#[utoipa::path(
    get, path = "/workspaces/{id}", tag = "Workspaces", summary = "Show a workspace",
    responses((status = 200, body = WorkspaceView)),
)]
pub async fn show_workspace(app: Data<App>, member: WorkspaceMember) -> Result<Json<WorkspaceView>> {
    let WorkspaceMember { workspace, role, asking, .. } = member;
    let workspace = blocking(&app, move |app| {
        if let Some(asking) = asking.filter(|_| role.is_some()) {
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
