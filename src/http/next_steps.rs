//! The next steps of operators and of organisation admins.

use super::blocking::{blocking, costly};
use super::doctor;
use super::guard::{Member, Operator, OrganisationAdmin};
use crate::actions::{Caller, next_steps};
use crate::api::next_steps::NextSteps;
use crate::app::App;
use crate::domain::Result;
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

/// `GET /api/v1/organisations/{org}/next-steps`: the next steps of its admins.
#[utoipa::path(
    get, path = "/organisations/{org}/next-steps", tag = "Organisations", summary = "List what an organisation’s admins have left to do",
    responses((status = 200, body = NextSteps)),
)]
pub async fn list_organisation_steps(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<NextSteps>> {
    let Member { organisation, caller, .. } = admin.0;
    let steps = move |app: &App, _: &Caller| next_steps::of_organisation(app, &organisation);
    Ok(Json(costly(&app, caller, steps).await?.into()))
}

/// `GET /api/v1/next-steps`: the next steps of operators.
#[utoipa::path(
    get, path = "/next-steps", tag = "Appliance", summary = "List what operators have left to do",
    responses((status = 200, body = NextSteps)),
)]
pub async fn list_steps(app: Data<App>, _operator: Operator, request: HttpRequest) -> Result<Json<NextSteps>> {
    let seen_rightly = doctor::sees_rightly(&app, &request).await?;
    Ok(Json(blocking(&app, move |app| next_steps::of_appliance(app, seen_rightly)).await?.into()))
}
