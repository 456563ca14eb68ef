//! An organisation's API keys.

use super::blocking::blocking;
use super::body::Body;
use super::guard::{Member, OrganisationAdmin};
use crate::actions::keys::{self, NewKey};
use crate::app::App;
use crate::domain::ids::KeyId;
use crate::domain::key::{Key, Scope};
use crate::domain::{Error, Listing, Name, Page, Result, Timestamp, Together};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An API key, without its secret but when it is made.
#[derive(Serialize, ToSchema)]
#[schema(as = Key)]
pub struct KeyView {
    id: KeyId,
    name: String,
    scopes: Vec<Scope>,
    created_by: String,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    /// The secret; when the key is made, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "vk_2Vh0cGkY")]
    key: Option<String>,
}

/// A key, with its secret where it has just been made.
pub(super) fn view(key: Key, secret: Option<String>) -> KeyView {
    KeyView {
        id: key.id,
        name: key.name,
        scopes: key.scopes,
        created_by: key.created_by,
        created_at: key.created_at,
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        key: secret,
    }
}

/// `GET /api/v1/organisations/{org}/keys`: without their secrets.
#[utoipa::path(
    get, path = "/organisations/{org}/keys", tag = "API keys", summary = "List the organisation’s API keys",
    params(Page),
    responses((status = 200, body = Listing<KeyView>)),
)]
pub async fn list_keys(app: Data<App>, admin: OrganisationAdmin, page: Page) -> Result<Json<Listing<KeyView>>> {
    let id = admin.0.organisation.id;
    let listing = blocking(&app, move |app| app.store.read(|db| db.keys(Some(&id), &page))).await?;
    Ok(Json(listing.map(|key| view(key, None))))
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

/// Reads when a key expires.
pub(super) fn read_at(text: &str) -> Result<Timestamp> {
    Timestamp::parse(text).ok_or_else(|| Error::invalid("expires_at", "must be a time such as 2027-01-31T00:00:00Z"))
}

/// `POST /api/v1/organisations/{org}/keys`: answers with the key's secret, once.
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
    Ok(HttpResponse::Created().json(view(key, Some(secret))))
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
    blocking(&app, move |app| keys::delete(app, &caller, Some(&organisation.id), id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
