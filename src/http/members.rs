//! Members of a workspace.

use super::blocking::blocking;
use super::body::Body;
use super::guard::{WorkspaceAdmin, WorkspaceMember};
use crate::actions::{Run, members};
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::ids::UserId;
use crate::domain::person::{self, Role};
use crate::domain::{Listing, Page, Result};
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

fn view(member: &person::WorkspaceMember) -> Value {
    json!({
        "user": member.user,
        "name": member.name,
        "email": member.email,
        "role": member.role,
        "organisation_admin": member.organisation_admin,
        "joined_at": member.joined_at,
        "last_sign_in_at": member.last_sign_in.map(|(at, _)| at),
        "last_method": member.last_sign_in.map(|(_, method)| method),
    })
}

/// `GET /api/v1/workspaces/{id}/members`.
pub async fn list_members(app: Data<App>, admin: WorkspaceAdmin, page: Page) -> Result<Json<Listing<Value>>> {
    let id = admin.0.workspace.id;
    let listing = blocking(&app, move |app| app.store.read(|db| db.workspace_members(&id, &page))).await?;
    Ok(Json(listing.map(|member| view(&member))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    role: String,
}

/// `PATCH /api/v1/workspaces/{id}/members/{user}`.
pub async fn update_member(
    app: Data<App>,
    admin: WorkspaceAdmin,
    path: Path<(String, String)>,
    body: Body<NewRole>,
) -> Result<Json<Value>> {
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    let member = blocking(&app, move |app| {
        let user = UserId::parse(&path.1)?;
        members::set_role(app, &caller, &workspace, user, Role::parse(&body.read()?.role)?)
    })
    .await?;
    Ok(Json(view(&member)))
}

/// `DELETE /api/v1/workspaces/{id}/members/{user}`: answers with the effect.
pub async fn delete_member(
    app: Data<App>,
    admin: WorkspaceAdmin,
    path: Path<(String, String)>,
    run: Run,
) -> Result<Json<Effect>> {
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    let user = UserId::parse(&path.1)?;
    blocking(&app, move |app| members::revoke(app, &caller, &workspace, user, run)).await.map(Json)
}
