//! The secrets of OpenID Connect clients.

use super::answer::shown;
use super::blocking::{blocking, costly};
use super::guard::{ApplicationAdmin, ApplicationMember, WorkspaceMember};
use crate::actions::{Run, oidc_clients};
use crate::api::effect::EffectView;
use crate::api::oidc_clients::NewSecretView;
use crate::app::App;
use crate::domain::Result;
use crate::domain::ids::ClientSecretId;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};

/// `POST /api/v1/applications/{app}/secrets`: answers with the secret, which is not shown again.
#[utoipa::path(
    post, path = "/applications/{app}/secrets", tag = "Applications", summary = "Create a second client secret",
    description = "For confidential OpenID Connect clients, which have at most two secrets. The secret is only in this answer.",
    responses((status = 201, body = NewSecretView), (status = 409)),
)]
pub async fn create_secret(app: Data<App>, admin: ApplicationAdmin) -> Result<HttpResponse> {
    let ApplicationMember { application, member: WorkspaceMember { caller, .. } } = admin.0;
    let (id, secret) = blocking(&app, move |app| oidc_clients::add_secret(app, &caller, &application.id)).await?;
    Ok(HttpResponse::Created().json(NewSecretView::made(id, secret)))
}

/// `DELETE /api/v1/applications/{app}/secrets/{secret}`: answers with the effect.
#[utoipa::path(
    delete, path = "/applications/{app}/secrets/{secret}", tag = "Applications", summary = "Delete a client secret",
    description = "From then on it is refused. The last one cannot be deleted. Nobody loses access, so the effect names no people.",
    params(Run),
    responses((status = 200, body = EffectView), (status = 409)),
)]
pub async fn delete_secret(
    app: Data<App>,
    admin: ApplicationAdmin,
    path: Path<(String, String)>,
    run: Run,
) -> Result<Json<EffectView>> {
    let ApplicationMember { application, member: WorkspaceMember { caller, .. } } = admin.0;
    let id = ClientSecretId::parse(&path.1)?;
    costly(&app, caller, move |app, caller| oidc_clients::delete_secret(app, caller, &application.id, &id, run))
        .await
        .map(shown)
}
