//! Set-up links, and the few operations that their holders can use.

use super::answer::shown;
use super::blocking::{blocking, costly, reading_metadata};
use super::body::{Body, LargeBody, whole};
use super::connection::{Metadata, NewConnection};
use super::guard::{Bearer, Member, OrganisationAdmin};
use crate::actions::connection::{self};
use crate::actions::connection_overview::overview_with_brand;
use crate::actions::{Run, metadata, setup_links};
use crate::api::connection::ProviderValuesView;
use crate::api::page::Listing;
use crate::api::setup_links::{SetupLinkView, SetupView};
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::Effect;
use crate::domain::ids::SetupLinkId;
use crate::domain::setup_link::{NewSetupLink, SetupLink};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/organisations/{org}/sso/setup-links`: newest first, without their secrets.
#[utoipa::path(
    get, path = "/organisations/{org}/sso/setup-links", tag = "Single sign-on", summary = "List the set-up links",
    description = "Newest first, including those that ended within the last weeks.",
    responses((status = 200, body = Listing<SetupLinkView>)),
)]
pub async fn list_setup_links(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<Listing<SetupLinkView>>> {
    let (id, now) = (admin.0.organisation.id, app.now());
    let links = blocking(&app, move |app| setup_links::list(app, &id)).await?;
    Ok(Json(Listing { items: links.into_iter().map(|link| SetupLinkView::of(link, None, now)).collect(), next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSetupLink, example = json!({"days": 7, "note": "For the IT of Acme"}))]
pub struct Wanted {
    /// Days until the link expires; 7 if absent.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 30)]
    days: Option<i64>,
    #[schema(max_length = 100)]
    note: Option<String>,
}

/// `POST /api/v1/organisations/{org}/sso/setup-links`: answers with the link's address, which is not shown again.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/setup-links", tag = "Single sign-on", summary = "Create a set-up link",
    description = "Lets a person without an account set up the connection, until it is ready. At most five are active.",
    request_body = Wanted,
    responses((status = 201, body = SetupLinkView), (status = 409)),
)]
pub async fn create_setup_link(app: Data<App>, admin: OrganisationAdmin, body: Body<Wanted>) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let (link, url) = blocking(&app, move |app| {
        let Wanted { days, note } = body.read()?;
        setup_links::create(app, &caller, &organisation, NewSetupLink::parse(days, note.as_deref())?)
    })
    .await?;
    let now = link.created_at;
    Ok(HttpResponse::Created().json(SetupLinkView::of(link, Some(url), now)))
}

/// `DELETE /api/v1/organisations/{org}/sso/setup-links/{link}`; on any plan.
#[utoipa::path(
    delete, path = "/organisations/{org}/sso/setup-links/{link}", tag = "Single sign-on", summary = "Revoke a set-up link",
    responses((status = 204)),
)]
pub async fn delete_setup_link(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let id = SetupLinkId::parse(&path.1)?;
    blocking(&app, move |app| setup_links::revoke(app, &caller, &organisation, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn setup_view(app: &App, link: &SetupLink, applied: Option<bool>) -> Result<SetupView> {
    let (overview, brand) = overview_with_brand(app, &link.organisation)?;
    Ok(SetupView::of(overview, brand, link, applied))
}

/// `GET /api/v1/setup-link/sso`.
#[utoipa::path(
    get, path = "/setup-link/sso", tag = "Set-up link", summary = "Show the connection to the holder of a set-up link",
    responses((status = 200, body = SetupView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 429)),
)]
pub async fn show_setup(app: Data<App>, bearer: Bearer) -> Result<Json<SetupView>> {
    let Bearer { link, caller, .. } = bearer;
    costly(&app, caller, move |app, _| setup_view(app, &link, None)).await.map(Json)
}

/// `POST /api/v1/setup-link/sso/metadata`: reads the provider's metadata, and fetches it first if an address is given,
/// to fill in the form. Saves nothing.
#[utoipa::path(
    post, path = "/setup-link/sso/metadata", tag = "Set-up link", summary = "Read an identity provider’s metadata, as the holder of a set-up link",
    description = "Saves nothing.",
    request_body = Metadata,
    responses((status = 200, body = ProviderValuesView), (status = 401), (status = 404), (status = 409), (status = 429)),
)]
pub async fn read_setup_metadata(
    app: Data<App>,
    bearer: Bearer,
    body: LargeBody<Metadata>,
) -> Result<Json<ProviderValuesView>> {
    let Bearer { link, caller, .. } = bearer;
    app.throttle.charge_setup(&link.id, app.now())?;
    let metadata = blocking(&app, move |_| body.read_and_count()).await?;
    reading_metadata(&app, caller, metadata.place(), move |app, caller| {
        metadata.used(|metadata| {
            setup_links::note_metadata(app, caller, &link, metadata.source())?;
            metadata.read(app)
        })
    })
    .await
    .map(shown)
}

/// `PUT /api/v1/setup-link/sso`: saves the connection. The answer does not name the people concerned.
#[utoipa::path(
    put, path = "/setup-link/sso", tag = "Set-up link", summary = "Save the connection, as the holder of a set-up link",
    description = "The connection waits for the test sign-in of an organisation admin, who is notified by e-mail. The effect contains no people.",
    params(Run),
    request_body = NewConnection,
    responses((status = 200, body = SetupView), (status = 401), (status = 404), (status = 409), (status = 429)),
)]
pub async fn update_setup(
    app: Data<App>,
    bearer: Bearer,
    run: Run,
    body: LargeBody<NewConnection>,
) -> Result<Json<SetupView>> {
    let Bearer { link, organisation, caller } = bearer;
    app.throttle.charge_setup(&link.id, app.now())?;
    let new = blocking(&app, move |_| body.read_and_count()).await?;
    reading_metadata(&app, caller, new.metadata_place(), move |app, caller| {
        new.used(|new| {
            let wanted = metadata::read(app, &organisation, new.into())?;
            let Effect { applied, .. } = connection::save(app, caller, &organisation, wanted, run)?;
            setup_view(app, &link, Some(applied))
        })
    })
    .await
    .map(Json)
}
