//! The keys with which applications check signatures.

use crate::actions::signing_keys;
use crate::api::signing_keys::KeySetView;
use crate::app::App;
use crate::domain::Result;
use crate::http::blocking::blocking;
use actix_web::HttpResponse;
use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use actix_web::web::Data;

/// `GET /oauth2/jwks`: the public keys. They may be cached for less time than a next key is published before it signs.
pub async fn show_keys(app: Data<App>) -> Result<HttpResponse> {
    let keys = match signing_keys::known_keys(&app) {
        Some(known) => known,
        None => blocking(&app, signing_keys::keys).await?,
    };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(KeySetView::at(&keys, app.now())))
}
