//! The set-up of an empty appliance.

use super::blocking::blocking;
use super::body::{Body, Token};
use super::guard::FromBrowser;
use super::signed_in;
use crate::actions::first_run::{SetUp, inspect, set_up};
use crate::actions::me::with_me;
use crate::api::first_run::InspectedSetUp;
use crate::api::me::MeView;
use crate::api::plans::PlanView;
use crate::app::App;
use crate::domain::{Email, Name, Result};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use utoipa::ToSchema;

/// `POST /api/v1/setup/inspect`: whether the link still works, and the plans to choose from.
#[utoipa::path(
    post, path = "/setup/inspect", tag = "Signing in", summary = "Inspect the set-up link by its token",
    request_body = Token,
    responses((status = 200, body = InspectedSetUp), (status = 404)),
)]
pub async fn inspect_setup(app: Data<App>, body: Body<Token>) -> Result<Json<InspectedSetUp>> {
    let plans = blocking(&app, move |app| inspect(app, &body.read()?.token)).await?;
    Ok(Json(InspectedSetUp { plans: plans.into_iter().map(PlanView::from).collect() }))
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

/// `POST /api/v1/setup`: creates the first operator, their organisation and workspace, and a session.
#[utoipa::path(
    post, path = "/setup", tag = "Signing in", summary = "Set the appliance up",
    description = "With the token that was printed at the start: creates the first operator, their organisation and workspace, and a session.",
    request_body = Given,
    responses((status = 201, body = MeView), (status = 404), (status = 409), (status = 429)),
)]
pub async fn create_setup(app: Data<App>, browser: FromBrowser, body: Body<Given>) -> Result<HttpResponse> {
    let sign_in = blocking(&app, move |app| {
        let Given { token, name, email, password, organisation, plan } = body.read()?;
        let plan = plan.unwrap_or_else(|| "starter".into());
        with_me(app, set_up(app, SetUp { token, name, email, password, organisation, plan }, browser.0)?)
    })
    .await?;
    signed_in::as_me(&app, sign_in, StatusCode::CREATED)
}
