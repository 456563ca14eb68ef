//! The admins of an organisation.

use super::answer::shown;
use super::blocking::{blocking, costly};
use super::body::Body;
use super::guard::OrganisationAdmin;
use crate::actions::{Caller, Run, members};
use crate::api::admins::AdminView;
use crate::api::effect::EffectView;
use crate::api::page::Listing;
use crate::app::App;
use crate::domain::ids::UserId;
use crate::domain::{Email, Page, Result};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/organisations/{org}/admins`.
#[utoipa::path(
    get, path = "/organisations/{org}/admins", tag = "Organisation admins", summary = "List the organisation’s admins",
    params(Page),
    responses((status = 200, body = Listing<AdminView>)),
)]
pub async fn list_admins(app: Data<App>, admin: OrganisationAdmin, page: Page) -> Result<Json<Listing<AdminView>>> {
    let id = admin.0.organisation.id;
    let admins = blocking(&app, move |app| members::admins(app, &id, &page)).await?;
    Ok(Json(admins.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdmin {
    #[schema(value_type = Email)]
    email: String,
}

/// `POST /api/v1/organisations/{org}/admins`.
#[utoipa::path(
    post, path = "/organisations/{org}/admins", tag = "Organisation admins", summary = "Make a member an organisation admin",
    request_body = NewAdmin,
    responses((status = 201, body = AdminView)),
)]
pub async fn create_admin(app: Data<App>, admin: OrganisationAdmin, body: Body<NewAdmin>) -> Result<HttpResponse> {
    let admin = admin.0;
    let add = move |app: &App, caller: &Caller| {
        members::add_admin(app, caller, &admin.organisation, &Email::parse(&body.read()?.email)?)
    };
    let user = costly(&app, admin.caller, add).await?;
    Ok(HttpResponse::Created().json(AdminView::from(user)))
}

/// `DELETE /api/v1/organisations/{org}/admins/{user}`: answers with the effect.
#[utoipa::path(
    delete, path = "/organisations/{org}/admins/{user}", tag = "Organisation admins", summary = "Remove an organisation admin",
    params(Run),
    responses((status = 200, body = EffectView), (status = 409)),
)]
pub async fn delete_admin(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
    run: Run,
) -> Result<Json<EffectView>> {
    let (admin, user) = (admin.0, UserId::parse(&path.1)?);
    let remove = move |app: &App, caller: &Caller| members::remove_admin(app, caller, &admin.organisation, user, run);
    costly(&app, admin.caller, remove).await.map(shown)
}
