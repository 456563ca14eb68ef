//! Workspaces.

use super::blocking::{blocking, costly};
use super::body::Body;
use super::guard::{Member, OrganisationAdmin, WorkspaceAdmin, WorkspaceMember};
use crate::actions::{Run, deletion, workspaces};
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::ids::{OrganisationId, WorkspaceId};
use crate::domain::organisation::Workspace;
use crate::domain::person::Role;
use crate::domain::{Listing, Name, Page, Result, Timestamp};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A workspace, and the caller's role.
#[derive(Serialize, ToSchema)]
#[schema(as = Workspace)]
pub struct WorkspaceView {
    id: WorkspaceId,
    organisation: OrganisationId,
    /// Its name in commands, behind the organisation's: `acme/warehouse`.
    slug: String,
    name: String,
    members: i64,
    created_at: Timestamp,
    role: Option<Role>,
}

/// A workspace, and the caller's role.
pub fn view(workspace: Workspace, role: Option<Role>) -> WorkspaceView {
    WorkspaceView {
        id: workspace.id,
        organisation: workspace.organisation,
        slug: workspace.slug,
        name: workspace.name,
        members: workspace.members,
        created_at: workspace.created_at,
        role,
    }
}

/// `GET /api/v1/organisations/{org}/workspaces`: all for its admins, else those that the person is in.
#[utoipa::path(
    get, path = "/organisations/{org}/workspaces", tag = "Workspaces", summary = "List workspaces",
    description = "All of them for admins, else those that you are in.",
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
                view(workspace, role)
            }))
        })
    })
    .await?;
    Ok(Json(listing))
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
    post, path = "/organisations/{org}/workspaces", tag = "Workspaces", summary = "Make a workspace",
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
    Ok(HttpResponse::Created().json(view(workspace, None)))
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
    Ok(Json(view(workspace, role)))
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
    Ok(Json(view(workspace, role)))
}

/// `DELETE /api/v1/workspaces/{id}`: for organisation admins; answers with the effect.
#[utoipa::path(
    delete, path = "/workspaces/{id}", tag = "Workspaces", summary = "Delete a workspace",
    description = "For organisation admins. The effect names who leaves the organisation with it, and the invitations that end.",
    params(Run),
    responses((status = 200, body = Effect), (status = 409)),
)]
pub async fn delete_workspace(app: Data<App>, admin: WorkspaceAdmin, run: Run) -> Result<Json<Effect>> {
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    costly(&app, caller, move |app, caller| deletion::delete_workspace(app, caller, &workspace, run)).await.map(Json)
}
