//! Our own SAML keys of one organisation: their certificates, never the keys.

use super::blocking::blocking;
use super::guard::{Member, OrganisationAdmin, SsoAdmin};
use super::sso::certificate_view;
use crate::actions::own_keys;
use crate::app::App;
use crate::domain::ids::OwnKeysId;
use crate::domain::own_keys::OwnKeys;
use crate::domain::{Result, Timestamp};
use crate::saml::Certificate;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde_json::{Value, json};

fn view(keys: &OwnKeys, signs: bool, now: Timestamp) -> Result<Value> {
    let certificate = |pem: &str| Certificate::stored(pem).map(|one| certificate_view(&one, now));
    Ok(json!({
        "id": keys.id,
        "created_at": keys.created_at,
        "signs": signs,
        "last_decrypted_at": keys.last_decrypted_at,
        "signing": certificate(&keys.signing.certificate)?,
        "encryption": certificate(&keys.encryption.certificate)?,
    }))
}

/// `GET /api/v1/organisations/{org}/sso/own-keys`: oldest first; `signs` is said of the one that signs our requests.
pub async fn list_own_keys(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<Value>> {
    let now = app.now();
    let keyring = blocking(&app, move |app| own_keys::keyring(app, &admin.0.organisation)).await?;
    let signer = &keyring.signer().id;
    let items: Vec<_> = keyring.generations().map(|keys| view(keys, keys.id == *signer, now)).collect::<Result<_>>()?;
    Ok(Json(json!({ "items": items, "next": null })))
}

/// `POST /api/v1/organisations/{org}/sso/own-keys`: adds a second generation.
pub async fn create_own_keys(app: Data<App>, admin: SsoAdmin) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let made = blocking(&app, move |app| own_keys::rotate(app, &caller, &organisation)).await?;
    Ok(HttpResponse::Created().json(view(&made, false, app.now())?))
}

/// `DELETE /api/v1/organisations/{org}/sso/own-keys/{keys}`: retires one of two generations.
pub async fn delete_own_keys(app: Data<App>, admin: SsoAdmin, path: Path<(String, String)>) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let id = OwnKeysId::parse(&path.1)?;
    blocking(&app, move |app| own_keys::retire(app, &caller, &organisation, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
