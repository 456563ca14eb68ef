//! Our own SAML keys of one organisation: their certificates, never the keys.

use super::blocking::{blocking, costly};
use super::guard::{Member, OrganisationAdmin};
use crate::actions::own_keys;
use crate::api::own_keys::OwnKeysView;
use crate::api::page::Listing;
use crate::app::App;
use crate::domain::ids::OwnKeysId;
use crate::domain::{Error, Result};
use actix_web::HttpResponse;
use actix_web::rt::time::sleep;
use actix_web::web::{Data, Json, Path};
use std::time::{Duration, Instant};

/// How long a request waits for keys that are being made, and how often it checks.
const PATIENCE: Duration = Duration::from_secs(5);
const TURN: Duration = Duration::from_millis(100);

/// Runs `work` that needs an organisation's keys. While they are being made, it waits for a short time without a
/// thread.
///
/// # Errors
/// The errors of `work`.
pub async fn with_keys<T: Send + 'static>(
    app: &Data<App>,
    work: impl Fn(&App) -> Result<T> + Clone + Send + 'static,
) -> Result<T> {
    let begun = Instant::now();
    loop {
        match blocking(app, work.clone()).await {
            Err(Error::Unavailable { code: "busy", .. }) if begun.elapsed() < PATIENCE => sleep(TURN).await,
            done => return done,
        }
    }
}

/// `GET /api/v1/organisations/{org}/sso/own-keys`: oldest first; `signs` marks the generation that signs our requests.
#[utoipa::path(
    get, path = "/organisations/{org}/sso/own-keys", tag = "Single sign-on", summary = "List our own SAML keys",
    description = "Oldest first.",
    responses((status = 200, body = Listing<OwnKeysView>)),
)]
pub async fn list_own_keys(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<Listing<OwnKeysView>>> {
    let (organisation, now) = (admin.0.organisation, app.now());
    let keyring = with_keys(&app, move |app| own_keys::keyring(app, &organisation)).await?;
    let signer = &keyring.signer().id;
    let items =
        keyring.generations().map(|keys| OwnKeysView::of(keys, keys.id == *signer, now)).collect::<Result<_>>()?;
    Ok(Json(Listing { items, next: None }))
}

/// `POST /api/v1/organisations/{org}/sso/own-keys`: adds a second generation.
#[utoipa::path(
    post, path = "/organisations/{org}/sso/own-keys", tag = "Single sign-on", summary = "Publish a second generation of our own SAML keys",
    responses((status = 201, body = OwnKeysView), (status = 409)),
)]
pub async fn create_own_keys(app: Data<App>, admin: OrganisationAdmin) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let made = costly(&app, caller, move |app, caller| own_keys::rotate(app, caller, &organisation)).await?;
    Ok(HttpResponse::Created().json(OwnKeysView::of(&made, false, app.now())?))
}

/// `DELETE /api/v1/organisations/{org}/sso/own-keys/{keys}`: retires one of two generations.
#[utoipa::path(
    delete, path = "/organisations/{org}/sso/own-keys/{keys}", tag = "Single sign-on", summary = "Retire one of two generations of our own SAML keys",
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
