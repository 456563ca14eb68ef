//! Our own SAML keys of one organisation: their certificates, never the keys.

use super::blocking::blocking;
use super::connection::{CertificateView, certificate_view};
use super::guard::{Member, OrganisationAdmin};
use crate::actions::own_keys;
use crate::app::App;
use crate::domain::ids::OwnKeysId;
use crate::domain::own_keys::OwnKeys;
use crate::domain::{Listing, Result, Timestamp};
use crate::saml::Certificate;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;

/// A generation of our own SAML keys: their certificates, never the keys.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnKeys)]
pub struct OwnKeysView {
    id: OwnKeysId,
    created_at: Timestamp,
    /// True if this one signs our requests.
    signs: bool,
    last_decrypted_at: Option<Timestamp>,
    signing: CertificateView,
    encryption: CertificateView,
}

fn view(keys: &OwnKeys, signs: bool, now: Timestamp) -> Result<OwnKeysView> {
    let certificate = |pem: &str| Certificate::stored(pem).map(|one| certificate_view(&one, now));
    Ok(OwnKeysView {
        id: keys.id.clone(),
        created_at: keys.created_at,
        signs,
        last_decrypted_at: keys.last_decrypted_at,
        signing: certificate(&keys.signing.certificate)?,
        encryption: certificate(&keys.encryption.certificate)?,
    })
}

/// `GET /api/v1/organisations/{org}/sso/own-keys`: oldest first; `signs` is said of the one that signs our requests.
#[utoipa::path(
    get, path = "/organisations/{org}/sso/own-keys", tag = "Single sign-on", summary = "List our own SAML keys",
    description = "Oldest first.",
    responses((status = 200, body = Listing<OwnKeysView>)),
)]
pub async fn list_own_keys(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<Listing<OwnKeysView>>> {
    let now = app.now();
    let keyring = blocking(&app, move |app| own_keys::keyring(app, &admin.0.organisation)).await?;
    let signer = &keyring.signer().id;
    let items = keyring.generations().map(|keys| view(keys, keys.id == *signer, now)).collect::<Result<_>>()?;
    Ok(Json(Listing { items, next: None }))
}

/// `POST /api/v1/organisations/{org}/sso/own-keys`: adds a second generation.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/own-keys", tag = "Single sign-on", summary = "Publish a second generation of our own SAML keys",
    responses((status = 201, body = OwnKeysView), (status = 409)),
)]
pub async fn create_own_keys(app: Data<App>, admin: OrganisationAdmin) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let made = blocking(&app, move |app| own_keys::rotate(app, &caller, &organisation)).await?;
    Ok(HttpResponse::Created().json(view(&made, false, app.now())?))
}

/// `DELETE /api/v1/organisations/{org}/sso/own-keys/{keys}`: retires one of two generations.
#[utoipa::path(
    delete, path = "/organisations/{org}/sso/own-keys/{keys}", tag = "Single sign-on", summary = "Retire one of two generations",
    responses((status = 204), (status = 409)),
)]
pub async fn delete_own_keys(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let id = OwnKeysId::parse(&path.1)?;
    blocking(&app, move |app| own_keys::retire(app, &caller, &organisation, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
