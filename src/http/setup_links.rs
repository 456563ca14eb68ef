//! Set-up links, and the little that their bearers see and do.

use super::blocking::{blocking, reading_metadata};
use super::body::{Body, LargeBody, whole};
use super::connection::{CertificateView, Metadata, NewConnection, SettingsView, certificate_views, settings_view};
use super::guard::{Bearer, Member, OrganisationAdmin};
use crate::actions::branding::{self, BrandView};
use crate::actions::connection::{self, ProviderValues};
use crate::actions::{Run, metadata, setup_links};
use crate::app::App;
use crate::domain::access::{ConnectionStatus, Effect};
use crate::domain::ids::SetupLinkId;
use crate::domain::setup_link::{NewSetupLink, SetupLink, SetupLinkStatus};
use crate::domain::{Listing, Result, Timestamp};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A set-up link, without its secret but when it is made.
#[derive(Serialize, ToSchema)]
#[schema(as = SetupLink)]
pub struct SetupLinkView {
    id: SetupLinkId,
    status: SetupLinkStatus,
    /// A note, such as the recipient; may be empty.
    note: String,
    created_by: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    last_used_at: Option<Timestamp>,
    /// The link itself; only in the answer that creates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://login.acme.example/sso-setup?token=2cf24dba5fb0a30e26e83b2ac5b9e29e")]
    url: Option<String>,
}

fn view(link: SetupLink, url: Option<String>, now: Timestamp) -> SetupLinkView {
    SetupLinkView {
        status: link.status(now),
        id: link.id,
        note: link.note,
        created_by: link.created_by,
        created_at: link.created_at,
        expires_at: link.expires_at,
        last_used_at: link.last_used_at,
        url,
    }
}

/// `GET /api/v1/organisations/{org}/sso/setup-links`: newest first, without their secrets.
#[utoipa::path(
    get, path = "/organisations/{org}/sso/setup-links", tag = "Single sign-on", summary = "List the set-up links",
    description = "Newest first, including those that ended within the last weeks.",
    responses((status = 200, body = Listing<SetupLinkView>)),
)]
pub async fn list_setup_links(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<Listing<SetupLinkView>>> {
    let (id, now) = (admin.0.organisation.id, app.now());
    let links = blocking(&app, move |app| app.store.read(|db| db.setup_links(&id, now))).await?;
    Ok(Json(Listing { items: links.into_iter().map(|link| view(link, None, now)).collect(), next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSetupLink, example = json!({"days": 7, "note": "For the IT of Acme"}))]
pub struct Wanted {
    /// How long it lasts; 7 where it is left out.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 30)]
    days: Option<i64>,
    #[schema(max_length = 100)]
    note: Option<String>,
}

/// `POST /api/v1/organisations/{org}/sso/setup-links`: answers with the link's address, once.
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
    Ok(HttpResponse::Created().json(view(link, Some(url), now)))
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

/// The view of a link's bearer: our values and the provider's, and nothing about people.
#[derive(Serialize, ToSchema)]
#[schema(as = SetupConnection)]
pub struct SetupView {
    /// The organisation's name.
    organisation: String,
    /// Its name and logo on pages; null where it set none.
    brand: Option<BrandView>,
    status: ConnectionStatus,
    entity_id: String,
    callback_url: String,
    suggested_portal_key: String,
    #[serde(flatten)]
    settings: Option<SettingsView>,
    certificates: Vec<CertificateView>,
    /// The metadata that the connection follows.
    metadata_url: Option<String>,
    adopt_certificates: bool,
    /// From then on the link opens nothing.
    expires_at: Timestamp,
    /// The effect of a save, without any people.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<Effect>,
}

fn setup_view(app: &App, link: &SetupLink, effect: Option<Effect>) -> Result<SetupView> {
    let id = &link.organisation;
    let (organisation, brand, connection, source) = app.store.read(|db| {
        let organisation = db.organisation(id.as_str())?;
        let brand = branding::of_organisation(db, &organisation)?;
        Ok((organisation, brand, db.find_connection(id)?, db.find_metadata_source(id)?))
    })?;
    let sp = app.service_provider(&organisation.connection_id);
    let settings = connection.as_ref().map(|connection| settings_view(app, connection, None)).transpose()?;
    let certificates = connection.as_ref().map(|connection| certificate_views(app, connection)).transpose()?;
    Ok(SetupView {
        suggested_portal_key: connection::suggested_portal_key(&organisation),
        organisation: organisation.name,
        brand,
        status: organisation.connection_status,
        entity_id: sp.entity_id,
        callback_url: sp.acs_url,
        settings,
        certificates: certificates.unwrap_or_default(),
        adopt_certificates: source.as_ref().is_some_and(|source| source.adopt),
        metadata_url: source.map(|source| source.url),
        expires_at: link.expires_at,
        effect,
    })
}

/// `GET /api/v1/setup-link/sso`.
#[utoipa::path(
    get, path = "/setup-link/sso", tag = "Set-up link", summary = "Show the connection to the bearer of a set-up link",
    responses((status = 200, body = SetupView), (status = 401), (status = 403), (status = 404), (status = 409), (status = 429)),
)]
pub async fn show_setup(app: Data<App>, bearer: Bearer) -> Result<Json<SetupView>> {
    blocking(&app, move |app| setup_view(app, &bearer.link, None)).await.map(Json)
}

/// `POST /api/v1/setup-link/sso/metadata`: reads the provider's metadata, or fetches it first, for the form; saves nothing.
#[utoipa::path(
    post, path = "/setup-link/sso/metadata", tag = "Set-up link", summary = "Read an identity provider’s metadata, as the bearer of a set-up link",
    description = "Saves nothing.",
    request_body = Metadata,
    responses((status = 200, body = ProviderValues), (status = 401), (status = 404), (status = 409), (status = 429)),
)]
pub async fn read_setup_metadata(
    app: Data<App>,
    bearer: Bearer,
    body: LargeBody<Metadata>,
) -> Result<Json<ProviderValues>> {
    let metadata = blocking(&app, move |_| body.read()).await?;
    let Bearer { link, caller, .. } = bearer;
    app.throttle.charge_setup(&link.id, app.now())?;
    reading_metadata(&app, caller, metadata.place(), move |app, caller| {
        setup_links::note_metadata(app, caller, &link, metadata.source())?;
        metadata.read(app)
    })
    .await
    .map(Json)
}

/// `PUT /api/v1/setup-link/sso`: saves the connection. Whom that concerns is not said: an effect names people.
#[utoipa::path(
    put, path = "/setup-link/sso", tag = "Set-up link", summary = "Save the connection, as the bearer of a set-up link",
    description = "It waits for the test sign-in of an organisation admin, who is notified by e-mail. The effect contains no people.",
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
    let new = blocking(&app, move |_| body.read()).await?;
    let Bearer { link, organisation, caller } = bearer;
    app.throttle.charge_setup(&link.id, app.now())?;
    reading_metadata(&app, caller, new.metadata_place(), move |app, caller| {
        let wanted = metadata::read(app, &organisation, new.into())?;
        let Effect { applied, .. } = connection::save(app, caller, &organisation, wanted, run)?;
        setup_view(app, &link, Some(Effect { applied, ..Effect::default() }))
    })
    .await
    .map(Json)
}
