//! Set-up, and the wait for it.

use super::blocking::blocking;
use super::body::{Body, Token};
use super::guard::FromBrowser;
use super::session::begun;
use crate::actions::me::Me;
use crate::actions::setup::{SetUp, inspect, is_pending, set_up};
use crate::app::App;
use crate::domain::plan::Plan;
use crate::domain::{Email, Error, Name, Result};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What answers before the set-up: the probes, the set-up page and what it needs.
const OPEN: [&str; 6] =
    ["/healthz", "/readyz", "/setup", "/api/v1/setup", "/api/v1/setup/inspect", "/api/v1/password-strength"];

/// Until somebody has set the appliance up, there is nothing behind the door.
pub async fn wait_for_set_up(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let open = OPEN.contains(&request.path()) || request.path().starts_with("/static/");
    let app = request.app_data::<Data<App>>().cloned();
    if let Some(app) = app.filter(|_| !open)
        && blocking(&app, is_pending).await?
    {
        let refusal = Error::Unavailable {
            code: "setup_required",
            message: "Vestibule waits for its set-up. Open the set-up link that it printed when it started.".into(),
            retry_after_secs: None,
        };
        return Ok(request.into_response(refusal.error_response()));
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// What the first person chooses from.
#[derive(Serialize, ToSchema)]
pub struct InspectedSetUp {
    plans: Vec<Plan>,
}

/// `POST /api/v1/setup/inspect`: whether the link still works, and what to choose from.
#[utoipa::path(
    post, path = "/setup/inspect", tag = "Signing in", summary = "Look at the set-up by its token",
    request_body = Token,
    responses((status = 200, body = InspectedSetUp), (status = 404)),
)]
pub async fn inspect_setup(app: Data<App>, body: Body<Token>) -> Result<Json<InspectedSetUp>> {
    let plans = blocking(&app, move |app| inspect(app, &body.read()?.token)).await?;
    Ok(Json(InspectedSetUp { plans }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SetUp, example = json!({"token": "pXq3…", "name": "Olivia Ong", "email": "olivia@acme.example", "password": "copper walnut tides 9", "organisation": "Acme"}))]
pub struct Given {
    token: String,
    #[schema(value_type = Name)]
    name: String,
    #[schema(value_type = Email)]
    email: String,
    #[schema(min_length = 12, max_length = 128, format = Password)]
    password: String,
    #[schema(value_type = Name)]
    organisation: String,
    plan: Option<String>,
}

/// `POST /api/v1/setup`: the first operator, their organisation and workspace, and a session.
#[utoipa::path(
    post, path = "/setup", tag = "Signing in", summary = "Set the appliance up",
    description = "By the token that it printed when it started: the first operator, their organisation and workspace, and a session.",
    request_body = Given,
    responses((status = 201, body = Me), (status = 404), (status = 409), (status = 429)),
)]
pub async fn create_setup(app: Data<App>, browser: FromBrowser, body: Body<Given>) -> Result<HttpResponse> {
    let known = browser.0.known.clone();
    let token = blocking(&app, move |app| {
        let given = body.read()?;
        let (name, email) = (Name::parse("name", &given.name)?, Email::parse(&given.email)?);
        let organisation = Name::parse("organisation", &given.organisation)?;
        let plan = given.plan.unwrap_or_else(|| "starter".into());
        set_up(app, SetUp { token: given.token, name, email, password: given.password, organisation, plan }, browser.0)
    })
    .await?;
    begun(&app, token, known, StatusCode::CREATED).await
}
