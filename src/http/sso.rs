//! An organisation's SAML connection.

use super::blocking::blocking;
use super::body::{Body, LargeBody};
use super::guard::{Asking, Member, OrganisationAdmin, SsoAdmin};
use crate::actions::connection::{self, ProviderValues, Typed};
use crate::actions::{Caller, Run, certificates, metadata, saml_only, trace};
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::connection::Connection;
use crate::domain::metadata::days_left;
use crate::domain::organisation::Organisation;
use crate::domain::{Error, Result, Timestamp};
use crate::saml::Certificate;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

/// The connection as an admin sees it; what is fixed is there before the first save.
fn view(app: &App, organisation: &Organisation) -> Result<Value> {
    let connection = app.store.read(|db| db.find_connection(&organisation.id))?;
    let sp = app.service_provider(&organisation.connection_id);
    let mut json = json!({
        "status": organisation.connection_status,
        "available": organisation.door().sso_available(),
        "read_only": !organisation.door().sso_available(),
        "entity_id": sp.entity_id,
        "callback_url": sp.acs_url,
        // A plan that leaves no other way counts as on.
        "saml_only": organisation.saml_only || organisation.door().enforced(),
        "recovery_codes_left": app.store.read(|db| db.count_recovery_codes(&organisation.id))?,
        "suggested_portal_key": connection::suggested_portal_key(organisation),
        "certificates": [],
        "candidates": [],
        "changes": [],
    });
    if let Some(connection) = &connection {
        settings_view(app, connection, &mut json)?;
        json["clock"] = json!(app.store.read(|db| trace::skew(app, db, &organisation.id))?);
        metadata_view(app, connection, &mut json)?;
    }
    Ok(json)
}

fn settings_view(app: &App, connection: &Connection, json: &mut Value) -> Result<()> {
    let settings = &connection.settings;
    json["provider"] = json!(settings.provider);
    json["portal_key"] = json!(settings.portal_key.as_str());
    json["portal_url"] = json!(app.portal_url(settings.portal_key.as_str()));
    json["sign_on_url"] = json!(settings.sign_on_url);
    json["idp_entity_id"] = json!(settings.idp_entity_id);
    json["sign_requests"] = json!(settings.requests.sign);
    json["force_authn"] = json!(settings.requests.force_authn);
    json["name_id_format"] = json!(settings.requests.name_id_format);
    json["tested_at"] = json!(connection.tested_at);
    let stored = settings.certificates.iter().map(|pem| Certificate::stored(pem));
    let stored = stored.collect::<Result<Vec<_>>>()?;
    json["certificates"] = stored.iter().map(|one| certificate_view(one, app.now())).collect();
    json["certificates_end_at"] = json!(certificates::end_at(settings)?);
    Ok(())
}

/// The metadata that the connection follows, and what is new there.
fn metadata_view(app: &App, connection: &Connection, json: &mut Value) -> Result<()> {
    let Some(source) = app.store.read(|db| db.find_metadata_source(&connection.organisation))? else { return Ok(()) };
    let found = metadata::found(&connection.settings, &source, app.now());
    json["candidates"] = found.candidates.iter().map(|one| certificate_view(one, app.now())).collect();
    json["changes"] = json!(found.changes);
    json["metadata_url"] = json!(source.url);
    json["adopt_certificates"] = json!(source.adopt);
    json["metadata"] = json!({
        "fetched_at": source.fetched_at,
        "next_at": source.next_at,
        "failed_at": source.failure.as_ref().map(|(at, _)| at),
        "failure": source.failure.as_ref().map(|(_, why)| why),
    });
    Ok(())
}

/// What a certificate says of itself.
pub(super) fn certificate_view(certificate: &Certificate, now: Timestamp) -> Value {
    json!({
        "pem": certificate.pem(),
        "subject": certificate.subject(),
        "key": certificate.key(),
        "fingerprint": certificate.fingerprint(),
        "not_before": certificate.not_before(),
        "not_after": certificate.not_after(),
        "days_left": days_left(certificate.not_after(), now),
    })
}

/// `GET /api/v1/organisations/{org}/sso`.
pub async fn show_connection(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<Value>> {
    blocking(&app, move |app| view(app, &admin.0.organisation)).await.map(Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewConnection {
    provider: String,
    portal_key: String,
    sign_on_url: Option<String>,
    idp_entity_id: Option<String>,
    certificates: Option<Vec<String>>,
    metadata_xml: Option<String>,
    metadata_url: Option<String>,
    adopt_certificates: Option<bool>,
    sign_requests: Option<bool>,
    force_authn: Option<bool>,
    name_id_format: Option<String>,
}

/// `PUT /api/v1/organisations/{org}/sso`: answers with the connection and the effect.
pub async fn update_connection(
    app: Data<App>,
    admin: SsoAdmin,
    run: Run,
    body: LargeBody<NewConnection>,
) -> Result<Json<Value>> {
    let Member { organisation, caller, .. } = admin.0;
    blocking(&app, move |app| save(app, &caller, &organisation, body.read()?, run)).await.map(Json)
}

fn save(app: &App, caller: &Caller, organisation: &Organisation, new: NewConnection, run: Run) -> Result<Value> {
    let typed = Typed {
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
    };
    let wanted = metadata::read(app, organisation, typed)?;
    let effect = connection::save(app, caller, organisation, wanted, run)?;
    let saved = app.store.read(|db| db.organisation(organisation.id.as_str()))?;
    let mut json = view(app, &saved)?;
    json["effect"] = serde_json::to_value(effect).map_err(Error::internal)?;
    Ok(json)
}

/// `DELETE /api/v1/organisations/{org}/sso`: answers with the effect.
pub async fn delete_connection(app: Data<App>, admin: SsoAdmin, run: Run) -> Result<Json<Effect>> {
    let Member { organisation, caller, .. } = admin.0;
    blocking(&app, move |app| connection::remove(app, &caller, &organisation, run)).await.map(Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamlOnly {
    enabled: bool,
}

/// `PUT /api/v1/organisations/{org}/sso/saml-only`: answers with the effect, and with the recovery codes when turned on.
pub async fn update_saml_only(
    app: Data<App>,
    admin: SsoAdmin,
    asking: Asking,
    run: Run,
    body: Body<SamlOnly>,
) -> Result<Json<Value>> {
    let Member { organisation, caller, .. } = admin.0;
    let on = body.read()?.enabled;
    let (effect, codes) =
        blocking(&app, move |app| saml_only::set_saml_only(app, &caller, &organisation, asking.0.as_ref(), on, run))
            .await?;
    let mut json = serde_json::to_value(effect).map_err(Error::internal)?;
    if let Some(codes) = codes {
        json["recovery_codes"] = json!(codes);
    }
    Ok(Json(json))
}

/// `POST /api/v1/organisations/{org}/sso/recovery-codes`: ten new ones; the old ones die.
pub async fn create_recovery_codes(app: Data<App>, admin: SsoAdmin, asking: Asking) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let codes =
        blocking(&app, move |app| saml_only::new_recovery_codes(app, &caller, &organisation, asking.0.as_ref()))
            .await?;
    Ok(HttpResponse::Created().json(json!({ "recovery_codes": codes })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    metadata_xml: Option<String>,
    metadata_url: Option<String>,
}

/// `POST /api/v1/organisations/{org}/sso/metadata`: reads the provider's metadata, or fetches it first, for the form; saves
/// nothing.
pub async fn read_metadata(
    app: Data<App>,
    _admin: SsoAdmin,
    body: LargeBody<Metadata>,
) -> Result<Json<ProviderValues>> {
    blocking(&app, move |app| match body.read()? {
        Metadata { metadata_url: Some(url), metadata_xml: None } => metadata::at(app, &url),
        Metadata { metadata_xml: Some(xml), metadata_url: None } => connection::from_metadata(&xml, app.now()),
        _ => Err(Error::invalid("metadata_xml", "or metadata_url must be there, and not both")),
    })
    .await
    .map(Json)
}

/// `POST /api/v1/organisations/{org}/sso/metadata/refresh`: fetches the metadata that the connection follows now.
pub async fn refresh_metadata(app: Data<App>, admin: SsoAdmin) -> Result<Json<Value>> {
    let Member { organisation, caller, .. } = admin.0;
    blocking(&app, move |app| {
        metadata::refetch(app, &caller, &organisation.id)?;
        view(app, &organisation)
    })
    .await
    .map(Json)
}

/// `POST /api/v1/organisations/{org}/sso/candidates/{fingerprint}/adopt`: takes a certificate that the metadata has.
pub async fn adopt_candidate(app: Data<App>, admin: SsoAdmin, path: Path<(String, String)>) -> Result<Json<Value>> {
    let Member { organisation, caller, .. } = admin.0;
    blocking(&app, move |app| {
        certificates::adopt(app, &caller, &organisation, &path.1)?;
        view(app, &organisation)
    })
    .await
    .map(Json)
}
