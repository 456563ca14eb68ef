//! An organisation's API keys.

use super::blocking::blocking;
use super::body::Body;
use super::guard::{Member, OrganisationAdmin};
use crate::actions::keys::{self, NewKey};
use crate::api::keys::KeyView;
use crate::api::page::Listing;
use crate::app::App;
use crate::domain::ids::KeyId;
use crate::domain::key::Scope;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Name, Page, Result, Timestamp, Together};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/organisations/{org}/keys`: without their secrets.
#[utoipa::path(
    get, path = "/organisations/{org}/keys", tag = "API keys", summary = "List the organisation’s API keys",
    params(Page),
    responses((status = 200, body = Listing<KeyView>)),
)]
pub async fn list_keys(app: Data<App>, admin: OrganisationAdmin, page: Page) -> Result<Json<Listing<KeyView>>> {
    let id = admin.0.organisation.id;
    let listing = blocking(&app, move |app| keys::list(app, Some(&id), &page)).await?;
    Ok(Json(listing.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewKey, example = json!({"name": "Directory sync", "scopes": ["manage_members"], "expires_at": "2027-01-31T00:00:00Z"}))]
pub struct Wanted {
    #[schema(value_type = Name)]
    name: String,
    #[schema(value_type = Vec<Scope>, min_items = 1)]
    scopes: Vec<String>,
    #[schema(value_type = Option<Timestamp>)]
    expires_at: Option<String>,
}

impl Wanted {
    fn read(self) -> Result<NewKey> {
        let expires_at = self.expires_at.as_deref().map(read_at).transpose();
        let (name, scopes, expires_at) =
            (Name::parse("name", &self.name), Scope::parse_all(&self.scopes), expires_at).together()?;
        Ok(NewKey { name, scopes, expires_at })
    }
}

/// Parses the time at which a key expires.
pub(super) fn read_at(text: &str) -> Result<Timestamp> {
    Timestamp::parse(text).ok_or_else(|| Error::invalid("expires_at", phrase!("field-time")))
}

/// `POST /api/v1/organisations/{org}/keys`: answers with the key's secret, which is not shown again.
#[utoipa::path(
    post, path = "/organisations/{org}/keys", tag = "API keys", summary = "Create an API key",
    description = "The secret is only in this answer.",
    request_body = Wanted,
    responses((status = 201, body = KeyView)),
)]
pub async fn create_key(app: Data<App>, admin: OrganisationAdmin, body: Body<Wanted>) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let (key, secret) =
        blocking(&app, move |app| keys::create(app, &caller, &organisation, body.read()?.read()?)).await?;
    Ok(HttpResponse::Created().json(KeyView::made(key, secret)))
}

/// `DELETE /api/v1/organisations/{org}/keys/{key}`.
#[utoipa::path(
    delete, path = "/organisations/{org}/keys/{key}", tag = "API keys", summary = "Delete an API key",
    responses((status = 204)),
)]
pub async fn delete_key(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let id = KeyId::parse(&path.1)?;
    blocking(&app, move |app| keys::delete(app, &caller, &organisation.id, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
