//! How many of an organisation's people have signed in through SAML.

use super::answer::shown;
use super::blocking::costly;
use super::body::Body;
use super::guard::{Member, OrganisationAdmin};
use crate::actions::readiness;
use crate::api::readiness::{ReadinessView, RemindedView};
use crate::app::App;
use crate::domain::{Email, Result};
use actix_web::web::{Data, Json};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/organisations/{org}/sso/readiness`: counts only. `GET .../members?saml=waiting` lists those who have
/// not.
#[utoipa::path(
    get, path = "/organisations/{org}/sso/readiness", tag = "Single sign-on",
    summary = "Count the people who have signed in through SAML since the connection was tested",
    description = "`GET /organisations/{org}/members?saml=waiting` lists the others.",
    responses((status = 200, body = ReadinessView)),
)]
pub async fn show_readiness(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<ReadinessView>> {
    let Member { organisation, caller, .. } = admin.0;
    costly(&app, caller, move |app, _| readiness::readiness(app, &organisation)).await.map(shown)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReminder {
    #[schema(value_type = Option<Email>)]
    email: Option<String>,
}

/// `POST /api/v1/organisations/{org}/sso/reminders`: e-mails one person, or all who have not signed in through SAML.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/reminders", tag = "Single sign-on",
    summary = "Remind people by mail to sign in through SAML",
    description = "The person with this address, or everyone who has not done so since the connection was tested; each at most once a day.",
    request_body = NewReminder,
    responses((status = 200, body = RemindedView), (status = 409), (status = 429)),
)]
pub async fn create_reminders(
    app: Data<App>,
    admin: OrganisationAdmin,
    body: Body<NewReminder>,
) -> Result<Json<RemindedView>> {
    let Member { organisation, caller, .. } = admin.0;
    costly(&app, caller, move |app, caller| {
        let only = body.read()?.email.as_deref().map(Email::parse).transpose()?;
        readiness::remind(app, caller, &organisation, only)
    })
    .await
    .map(shown)
}
