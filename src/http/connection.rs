//! An organisation's SAML connection.

use super::blocking::{MetadataPlace, blocking, costly, reading_metadata};
use super::body::{Body, LargeBody};
use super::guard::{Member, OrganisationAdmin};
use crate::actions::certificates::Candidate;
use crate::actions::connection::{self, ProviderValues, Typed};
use crate::actions::metadata_changes::{self, Change};
use crate::actions::{Caller, Run, attempts, certificates, metadata, saml_only};
use crate::app::App;
use crate::domain::access::{ConnectionStatus, Effect};
use crate::domain::connection::{Connection, Provider};
use crate::domain::metadata::days_left;
use crate::domain::organisation::Organisation;
use crate::domain::request_options::NameIdFormat;
use crate::domain::skew::Skew;
use crate::domain::{Error, Result, Timestamp};
use crate::saml::Certificate;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The connection as an admin sees it; what is fixed is there before the first save.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Connection)]
pub struct ConnectionView {
    #[schema(value_type = ConnectionStatus)]
    status: Option<ConnectionStatus>,
    /// True if the plan has SSO.
    available: bool,
    read_only: bool,
    entity_id: String,
    callback_url: String,
    /// A plan that leaves no other way counts as on.
    saml_only: bool,
    recovery_codes_left: i64,
    suggested_portal_key: String,
    #[serde(flatten)]
    settings: Option<SettingsView>,
    certificates: Vec<CertificateView>,
    /// Certificates that wait for an organisation admin: found in the metadata, or added by an API key.
    candidates: Vec<CandidateView>,
    /// Values that are others in the metadata.
    changes: Vec<Change>,
    #[serde(flatten)]
    source: Option<SourceView>,
    /// What the switch does to people, where this answers one.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<Effect>,
}

/// What was saved.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionSettings)]
pub struct SettingsView {
    provider: Provider,
    portal_key: String,
    portal_url: String,
    sign_on_url: String,
    idp_entity_id: String,
    sign_requests: bool,
    force_authn: bool,
    name_id_format: NameIdFormat,
    tested_at: Option<Timestamp>,
    /// When the last of its certificates ends.
    certificates_end_at: Timestamp,
    clock: Option<Skew>,
}

/// The metadata that the connection follows.
#[derive(Serialize, ToSchema)]
#[schema(as = MetadataSource)]
pub struct SourceView {
    metadata_url: String,
    adopt_certificates: bool,
    metadata: MetadataView,
}

/// When it was fetched, and why not.
#[derive(Serialize, ToSchema)]
#[schema(as = MetadataCopy)]
pub struct MetadataView {
    fetched_at: Timestamp,
    next_at: Timestamp,
    failed_at: Option<Timestamp>,
    failure: Option<String>,
}

/// What a certificate says of itself.
#[derive(Serialize, ToSchema)]
#[schema(as = Certificate)]
pub struct CertificateView {
    pem: String,
    subject: String,
    #[schema(example = "RSA 2048")]
    key: String,
    /// SHA-256.
    fingerprint: String,
    not_before: Timestamp,
    not_after: Timestamp,
    days_left: i64,
}

/// A certificate that waits for an organisation admin.
#[derive(Serialize, ToSchema)]
#[schema(as = CandidateCertificate)]
pub struct CandidateView {
    #[serde(flatten)]
    certificate: CertificateView,
    /// The API key that added it; null where the metadata has it.
    added_by: Option<String>,
    at: Option<Timestamp>,
}

fn candidate_view(candidate: Candidate, now: Timestamp) -> CandidateView {
    let certificate = certificate_view(&candidate.certificate, now);
    let (added_by, at) = candidate.added.unzip();
    CandidateView { certificate, added_by, at }
}

fn view(app: &App, organisation: &Organisation) -> Result<ConnectionView> {
    let connection = app.store.read(|db| db.find_connection(&organisation.id))?;
    let sp = app.service_provider(&organisation.connection_id);
    let available = organisation.door().sso_available();
    let mut view = ConnectionView {
        status: Some(organisation.connection_status),
        available,
        read_only: !available,
        entity_id: sp.entity_id,
        callback_url: sp.acs_url,
        saml_only: organisation.saml_only || organisation.door().enforced(),
        recovery_codes_left: app.store.read(|db| db.count_recovery_codes(&organisation.id))?,
        suggested_portal_key: connection::suggested_portal_key(organisation),
        ..ConnectionView::default()
    };
    if let Some(connection) = &connection {
        view.certificates = certificate_views(app, connection)?;
        let waiting = app.store.read(|db| certificates::candidates(db, connection, app.now()))?;
        view.candidates = waiting.into_iter().map(|one| candidate_view(one, app.now())).collect();
        let clock = app.store.read(|db| attempts::skew(app, db, &organisation.id))?;
        view.settings = Some(settings_view(app, connection, clock)?);
        metadata_view(app, connection, &mut view)?;
    }
    Ok(view)
}

pub(super) fn certificate_views(app: &App, connection: &Connection) -> Result<Vec<CertificateView>> {
    let pems = connection.settings.certificates.iter();
    pems.map(|pem| Certificate::stored(pem).map(|one| certificate_view(&one, app.now()))).collect()
}

pub(super) fn settings_view(app: &App, connection: &Connection, clock: Option<Skew>) -> Result<SettingsView> {
    let settings = &connection.settings;
    Ok(SettingsView {
        provider: settings.provider,
        portal_key: settings.portal_key.as_str().to_owned(),
        portal_url: app.portal_url(settings.portal_key.as_str()),
        sign_on_url: settings.sign_on_url.clone(),
        idp_entity_id: settings.idp_entity_id.clone(),
        sign_requests: settings.requests.sign,
        force_authn: settings.requests.force_authn,
        name_id_format: settings.requests.name_id_format,
        tested_at: connection.tested_at,
        certificates_end_at: certificates::end_at(settings)?,
        clock,
    })
}

/// The metadata that the connection follows, and what is new there.
fn metadata_view(app: &App, connection: &Connection, view: &mut ConnectionView) -> Result<()> {
    let Some(source) = app.store.read(|db| db.find_metadata_source(&connection.organisation))? else { return Ok(()) };
    let found = metadata_changes::found(&connection.settings, &source, app.now());
    view.changes = found.changes;
    let (failed_at, failure) = source.failure.unzip();
    view.source = Some(SourceView {
        metadata_url: source.url,
        adopt_certificates: source.adopt,
        metadata: MetadataView { fetched_at: source.fetched_at, next_at: source.next_at, failed_at, failure },
    });
    Ok(())
}

/// What a certificate says of itself.
pub(super) fn certificate_view(certificate: &Certificate, now: Timestamp) -> CertificateView {
    CertificateView {
        pem: certificate.pem().to_owned(),
        subject: certificate.subject().to_owned(),
        key: certificate.key().to_owned(),
        fingerprint: certificate.fingerprint(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        days_left: days_left(certificate.not_after(), now),
    }
}

/// The effect of turning SAML-only on or off.
#[derive(Serialize, ToSchema)]
pub struct SamlOnlyEffect {
    #[serde(flatten)]
    effect: Effect,
    /// Ten single-use codes, when it is turned on, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<Vec<String>>,
}

/// Ten single-use codes, once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// `GET /api/v1/organisations/{org}/sso`.
#[utoipa::path(
    get, path = "/organisations/{org}/sso", tag = "Single sign-on", summary = "Show the connection",
    description = "Our own values are there before the first save.",
    responses((status = 200, body = ConnectionView)),
)]
pub async fn show_connection(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<ConnectionView>> {
    let organisation = admin.0.organisation;
    costly(&app, admin.0.caller, move |app, _| view(app, &organisation)).await.map(Json)
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
    description = "With the identity provider’s values, its metadata as XML, or the address of its metadata.",
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
    let new = blocking(&app, move |_| body.read()).await?;
    let place = new.metadata_place();
    let save = move |app: &App, caller: &Caller| save(app, caller, &organisation, new, run);
    reading_metadata(&app, caller, place, save).await.map(Json)
}

impl NewConnection {
    /// Where its values are.
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
    let saved = app.store.read(|db| db.organisation(organisation.id.as_str()))?;
    Ok(ConnectionView { effect: Some(effect), ..view(app, &saved)? })
}

/// `DELETE /api/v1/organisations/{org}/sso`: answers with the effect.
#[utoipa::path(
    delete, path = "/organisations/{org}/sso", tag = "Single sign-on", summary = "Remove the connection",
    params(Run),
    responses((status = 200, body = Effect), (status = 409)),
)]
pub async fn delete_connection(app: Data<App>, admin: OrganisationAdmin, run: Run) -> Result<Json<Effect>> {
    let Member { organisation, caller, .. } = admin.0;
    costly(&app, caller, move |app, caller| connection::remove(app, caller, &organisation, run)).await.map(Json)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SamlOnly {
    enabled: bool,
}

/// `PUT /api/v1/organisations/{org}/sso/saml-only`: answers with the effect, and with the recovery codes when turned on.
#[utoipa::path(
    put, path = "/organisations/{org}/sso/saml-only", tag = "Single sign-on", summary = "Turn SAML-only authentication on or off",
    description = "Turning it on needs a session with a SAML sign-in: a key can only turn it off.",
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
    Ok(Json(SamlOnlyEffect { effect, recovery_codes }))
}

/// `POST /api/v1/organisations/{org}/sso/recovery-codes`: ten new ones; the old ones die.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/recovery-codes", tag = "Single sign-on", summary = "Make ten new recovery codes",
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
    /// Its address, or that it is a file.
    pub(super) fn source(&self) -> &str {
        self.metadata_url.as_deref().unwrap_or("file")
    }

    /// Where it is.
    pub(super) fn place(&self) -> MetadataPlace {
        MetadataPlace::of(self.metadata_xml.as_ref(), self.metadata_url.as_ref())
    }

    /// The values in it.
    pub(super) fn read(self, app: &App) -> Result<ProviderValues> {
        match self {
            Self { metadata_url: Some(url), metadata_xml: None } => metadata::at(app, &url),
            Self { metadata_xml: Some(xml), metadata_url: None } => metadata::of_text(app, &xml),
            _ => Err(Error::invalid("metadata_xml", "or metadata_url must be given, but not both")),
        }
    }
}

/// `POST /api/v1/organisations/{org}/sso/metadata`: reads the provider's metadata, or fetches it first, for the form; saves
/// nothing.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/metadata", tag = "Single sign-on", summary = "Read an identity provider’s metadata",
    description = "Saves nothing.",
    request_body = Metadata,
    responses((status = 200, body = ProviderValues), (status = 429)),
)]
pub async fn read_metadata(
    app: Data<App>,
    admin: OrganisationAdmin,
    body: LargeBody<Metadata>,
) -> Result<Json<ProviderValues>> {
    let metadata = blocking(&app, move |_| body.read()).await?;
    reading_metadata(&app, admin.0.caller, metadata.place(), move |app, _| metadata.read(app)).await.map(Json)
}

/// `POST /api/v1/organisations/{org}/sso/metadata/refresh`: fetches the metadata that the connection follows now.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/metadata/refresh", tag = "Single sign-on", summary = "Reload the metadata that the connection follows",
    responses((status = 200, body = ConnectionView), (status = 409), (status = 422), (status = 429)),
)]
pub async fn refresh_metadata(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<ConnectionView>> {
    let Member { organisation, caller, .. } = admin.0;
    reading_metadata(&app, caller, MetadataPlace::Address, move |app, caller| {
        metadata::refetch(app, caller, &organisation.id)?;
        view(app, &organisation)
    })
    .await
    .map(Json)
}

/// `DELETE /api/v1/organisations/{org}/sso/candidates/{fingerprint}`: rejects a waiting certificate.
#[utoipa::path(
    delete, path = "/organisations/{org}/sso/candidates/{fingerprint}", tag = "Single sign-on", summary = "Reject a waiting certificate",
    description = "One that an API key or a set-up link added. One of the identity provider’s metadata cannot be rejected: 409 `in_metadata`.",
    responses((status = 204), (status = 409)),
)]
pub async fn delete_candidate(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    blocking(&app, move |app| certificates::reject(app, &caller, &organisation, &path.1)).await?;
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
    blocking(&app, move |app| {
        certificates::adopt(app, &caller, &organisation, &path.1)?;
        view(app, &organisation)
    })
    .await
    .map(Json)
}
