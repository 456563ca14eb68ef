//! An organisation's SAML connection.

use super::answer::shown;
use super::blocking::{MetadataPlace, blocking, costly, reading_metadata};
use super::body::{Body, LargeBody};
use super::guard::{Member, OrganisationAdmin};
use super::query::Skip;
use crate::actions::connection::{self, ProviderValues, Typed};
use crate::actions::connection_overview::overview;
use crate::actions::{Caller, Run, certificates, metadata, saml_only};
use crate::api::connection::{ConnectionView, ProviderValuesView, RecoveryCodes, SamlOnlyEffect, SamlOnlyForesight};
use crate::api::effect::EffectView;
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::connection::Provider;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::phrase;
use crate::domain::request_options::NameIdFormat;
use crate::domain::{Error, Result};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

fn view(app: &App, organisation: &Organisation, effect: Option<Effect>) -> Result<ConnectionView> {
    Ok(ConnectionView::of(overview(app, &organisation.id)?, effect))
}

/// `GET /api/v1/organisations/{org}/sso`.
#[utoipa::path(
    get, path = "/organisations/{org}/sso", tag = "Single sign-on", summary = "Show the connection",
    description = "Our own values are included even before the first save.",
    responses((status = 200, body = ConnectionView)),
)]
pub async fn show_connection(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<ConnectionView>> {
    let organisation = admin.0.organisation;
    costly(&app, admin.0.caller, move |app, _| view(app, &organisation, None)).await.map(Json)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "okta", "portal_key": "acme_SSO", "metadata_url": "https://acme.okta.example/app/exk1/sso/saml/metadata"}))]
pub struct NewConnection {
    #[schema(value_type = Provider)]
    provider: String,
    #[schema(min_length = 3, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    portal_key: String,
    sign_on_url: Option<String>,
    idp_entity_id: Option<String>,
    #[schema(min_items = 1, max_items = 4)]
    certificates: Option<Vec<String>>,
    metadata_xml: Option<String>,
    metadata_url: Option<String>,
    adopt_certificates: Option<bool>,
    sign_requests: Option<bool>,
    force_authn: Option<bool>,
    #[schema(value_type = Option<NameIdFormat>)]
    name_id_format: Option<String>,
}

/// `PUT /api/v1/organisations/{org}/sso`: answers with the connection and the effect.
#[utoipa::path(
    put, path = "/organisations/{org}/sso", tag = "Single sign-on", summary = "Save the connection",
    description = "Takes the identity provider’s values, its metadata as XML, or the address of its metadata.",
    params(Run),
    request_body = NewConnection,
    responses((status = 200, body = ConnectionView), (status = 409), (status = 429)),
)]
pub async fn update_connection(
    app: Data<App>,
    admin: OrganisationAdmin,
    run: Run,
    body: LargeBody<NewConnection>,
) -> Result<Json<ConnectionView>> {
    let Member { organisation, caller, .. } = admin.0;
    let new = blocking(&app, move |_| body.read_and_count()).await?;
    let place = new.metadata_place();
    let save = move |app: &App, caller: &Caller| new.used(|new| save(app, caller, &organisation, new, run));
    reading_metadata(&app, caller, place, save).await.map(Json)
}

impl NewConnection {
    /// The source of the provider's values.
    pub(super) fn metadata_place(&self) -> MetadataPlace {
        MetadataPlace::of(self.metadata_xml.as_ref(), self.metadata_url.as_ref())
    }
}

impl From<NewConnection> for Typed {
    fn from(new: NewConnection) -> Self {
        Self {
            provider: new.provider,
            portal_key: new.portal_key,
            sign_on_url: new.sign_on_url,
            idp_entity_id: new.idp_entity_id,
            certificates: new.certificates,
            metadata_xml: new.metadata_xml,
            metadata_url: new.metadata_url,
            adopt_certificates: new.adopt_certificates.unwrap_or(false),
            sign_requests: new.sign_requests,
            force_authn: new.force_authn,
            name_id_format: new.name_id_format,
        }
    }
}

fn save(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    new: NewConnection,
    run: Run,
) -> Result<ConnectionView> {
    let wanted = metadata::read(app, organisation, new.into())?;
    let effect = connection::save(app, caller, organisation, wanted, run)?;
    view(app, organisation, Some(effect))
}

/// `DELETE /api/v1/organisations/{org}/sso`: answers with the effect.
#[utoipa::path(
    delete, path = "/organisations/{org}/sso", tag = "Single sign-on", summary = "Remove the connection",
    params(Run),
    responses((status = 200, body = EffectView), (status = 409)),
)]
pub async fn delete_connection(app: Data<App>, admin: OrganisationAdmin, run: Run) -> Result<Json<EffectView>> {
    let Member { organisation, caller, .. } = admin.0;
    costly(&app, caller, move |app, caller| connection::remove(app, caller, &organisation, run)).await.map(shown)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SamlOnly {
    enabled: bool,
}

/// `PUT /api/v1/organisations/{org}/sso/saml-only`: answers with the effect, and with the recovery codes when turned
/// on.
#[utoipa::path(
    put, path = "/organisations/{org}/sso/saml-only", tag = "Single sign-on", summary = "Turn SAML-only authentication on or off",
    description = "Turning it on needs a session with a SAML sign-in: an API key can only turn it off.",
    params(Run),
    request_body = SamlOnly,
    responses((status = 200, body = SamlOnlyEffect), (status = 409)),
)]
pub async fn update_saml_only(
    app: Data<App>,
    admin: OrganisationAdmin,
    run: Run,
    body: Body<SamlOnly>,
) -> Result<Json<SamlOnlyEffect>> {
    let Member { organisation, caller, .. } = admin.0;
    let on = body.read()?.enabled;
    let set = move |app: &App, caller: &Caller| saml_only::set_saml_only(app, caller, &organisation, on, run);
    let (effect, recovery_codes) = costly(&app, caller, set).await?;
    Ok(Json(SamlOnlyEffect { effect: effect.into(), recovery_codes }))
}

/// `GET /api/v1/organisations/{org}/sso/saml-only`: the effect of turning it on, also for callers who cannot.
#[utoipa::path(
    get, path = "/organisations/{org}/sso/saml-only", tag = "Single sign-on", summary = "Show the effect of SAML-only authentication",
    description = "As the dry run, but also for callers who cannot turn it on: `obstacle` says why. Before the connection is ready, the effect is that of a ready connection.",
    params(Skip),
    responses((status = 200, body = SamlOnlyForesight)),
)]
pub async fn show_saml_only(app: Data<App>, admin: OrganisationAdmin, skip: Skip) -> Result<Json<SamlOnlyForesight>> {
    let Member { organisation, caller, .. } = admin.0;
    let foresee = move |app: &App, caller: &Caller| saml_only::foresee(app, caller, &organisation, skip.0);
    let (effect, obstacle) = costly(&app, caller, foresee).await?;
    Ok(Json(SamlOnlyForesight { effect: effect.into(), obstacle: obstacle.map(Into::into) }))
}

/// `POST /api/v1/organisations/{org}/sso/recovery-codes`: creates ten new codes; the old ones stop working.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/recovery-codes", tag = "Single sign-on", summary = "Create ten new recovery codes",
    description = "The old ones stop working. Needs a session with a SAML or recovery sign-in.",
    responses((status = 201, body = RecoveryCodes), (status = 409)),
)]
pub async fn create_recovery_codes(app: Data<App>, admin: OrganisationAdmin) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let recovery_codes = blocking(&app, move |app| saml_only::new_recovery_codes(app, &caller, &organisation)).await?;
    Ok(HttpResponse::Created().json(RecoveryCodes { recovery_codes }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MetadataToRead, example = json!({"metadata_url": "https://acme.okta.example/app/exk1/sso/saml/metadata"}))]
pub struct Metadata {
    metadata_xml: Option<String>,
    metadata_url: Option<String>,
}

impl Metadata {
    /// The address of the metadata, or `file`.
    pub(super) fn source(&self) -> &str {
        self.metadata_url.as_deref().unwrap_or("file")
    }

    /// The source of the metadata.
    pub(super) fn place(&self) -> MetadataPlace {
        MetadataPlace::of(self.metadata_xml.as_ref(), self.metadata_url.as_ref())
    }

    /// The values in the metadata.
    pub(super) fn read(self, app: &App) -> Result<ProviderValues> {
        match self {
            Self { metadata_url: Some(url), metadata_xml: None } => metadata::at(app, &url),
            Self { metadata_xml: Some(xml), metadata_url: None } => metadata::of_text(app, &xml),
            _ => Err(Error::invalid("metadata_xml", phrase!("field-xml-or-url"))),
        }
    }
}

/// `POST /api/v1/organisations/{org}/sso/metadata`: reads the provider's metadata, and fetches it first if an address
/// is given, to fill in the form. Saves nothing.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/metadata", tag = "Single sign-on", summary = "Read an identity provider’s metadata",
    description = "Saves nothing.",
    request_body = Metadata,
    responses((status = 200, body = ProviderValuesView), (status = 429)),
)]
pub async fn read_metadata(
    app: Data<App>,
    admin: OrganisationAdmin,
    body: LargeBody<Metadata>,
) -> Result<Json<ProviderValuesView>> {
    let metadata = blocking(&app, move |_| body.read_and_count()).await?;
    let place = metadata.place();
    let read = move |app: &App, _: &Caller| metadata.used(|metadata| metadata.read(app));
    reading_metadata(&app, admin.0.caller, place, read).await.map(shown)
}

/// `POST /api/v1/organisations/{org}/sso/metadata/refresh`: fetches the metadata that the connection follows, at once.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/metadata/refresh", tag = "Single sign-on", summary = "Reload the metadata that the connection follows",
    responses((status = 200, body = ConnectionView), (status = 409), (status = 422), (status = 429)),
)]
pub async fn refresh_metadata(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<ConnectionView>> {
    let Member { organisation, caller, .. } = admin.0;
    reading_metadata(&app, caller, MetadataPlace::Address, move |app, caller| {
        metadata::refetch(app, caller, &organisation.id)?;
        view(app, &organisation, None)
    })
    .await
    .map(Json)
}

/// `DELETE /api/v1/organisations/{org}/sso/candidates/{fingerprint}`: rejects a waiting certificate.
#[utoipa::path(
    delete, path = "/organisations/{org}/sso/candidates/{fingerprint}", tag = "Single sign-on", summary = "Reject a waiting certificate",
    description = "Only a certificate that an API key or a set-up link added. A certificate of the identity provider’s metadata cannot be rejected: 409 `in_metadata`.",
    responses((status = 204), (status = 409)),
)]
pub async fn delete_candidate(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    costly(&app, caller, move |app, caller| certificates::reject(app, caller, &organisation, &path.1)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/v1/organisations/{org}/sso/candidates/{fingerprint}/adopt`: adopts a waiting certificate.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/candidates/{fingerprint}/adopt", tag = "Single sign-on", summary = "Adopt a waiting certificate",
    responses((status = 200, body = ConnectionView), (status = 409), (status = 422)),
)]
pub async fn adopt_candidate(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<Json<ConnectionView>> {
    let Member { organisation, caller, .. } = admin.0;
    costly(&app, caller, move |app, caller| {
        certificates::adopt(app, caller, &organisation, &path.1)?;
        view(app, &organisation, None)
    })
    .await
    .map(Json)
}
