//! The list of an organisation's SAML sign-ins.

use super::blocking::costly;
use super::guard::{Member, OrganisationAdmin};
use super::query::{described, param, text};
use crate::actions::attempts;
use crate::api::attempts::{AttemptListing, LineView, WholeView};
use crate::app::App;
use crate::domain::ids::AttemptId;
use crate::domain::{Error, Page, Result};
use actix_web::dev::Payload;
use actix_web::web::{Data, Json, Path};
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

/// Filters of the list.
pub struct Wanted {
    reference: Option<String>,
}

impl FromRequest for Wanted {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { reference: param(request, "reference") }))
    }
}

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![described(
            "reference",
            "The reference shown to the person; all sign-ins if absent or empty.",
            text().examples(["ABC123"]),
        )]
    }
}

/// `GET /api/v1/organisations/{org}/sso/attempts`: newest first, with the number of refusals that were not recorded.
#[utoipa::path(
    get, path = "/organisations/{org}/sso/attempts", tag = "Single sign-on", summary = "List SAML sign-ins, successful and refused",
    params(Page, Wanted),
    responses((status = 200, body = AttemptListing)),
)]
pub async fn list_attempts(
    app: Data<App>,
    admin: OrganisationAdmin,
    page: Page,
    wanted: Wanted,
) -> Result<Json<AttemptListing>> {
    let Member { organisation, caller, .. } = admin.0;
    let id = organisation.id;
    costly(&app, caller, move |app, _| {
        let listing = attempts::attempts(app, &id, wanted.reference.as_deref(), &page)?;
        let products = attempts::products(app, &id)?;
        let items = listing.items.iter().map(|attempt| LineView::of(attempt, &products)).collect();
        Ok(AttemptListing { items, next: listing.next, untraced: app.untraced(&id) })
    })
    .await
    .map(Json)
}

/// `GET /api/v1/organisations/{org}/sso/attempts/{id}`.
#[utoipa::path(
    get, path = "/organisations/{org}/sso/attempts/{id}", tag = "Single sign-on", summary = "Show one SAML sign-in, rule by rule",
    responses((status = 200, body = WholeView)),
)]
pub async fn show_attempt(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<Json<WholeView>> {
    let id = AttemptId::parse(&path.1)?;
    let Member { organisation, caller, .. } = admin.0;
    costly(&app, caller, move |app, _| {
        let attempt = attempts::attempt(app, &organisation.id, &id)?;
        Ok(WholeView::of(attempt, &attempts::products(app, &organisation.id)?))
    })
    .await
    .map(Json)
}
