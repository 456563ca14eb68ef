//! An organisation's API keys.

use super::blocking::blocking;
use super::body::Body;
use super::guard::{Member, OrganisationAdmin};
use crate::actions::keys::{self, NewKey};
use crate::app::App;
use crate::domain::ids::KeyId;
use crate::domain::key::{Key, Scope};
use crate::domain::{Error, Listing, Name, Page, Result, Timestamp};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

fn view(key: &Key) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "scopes": key.scopes,
        "created_by": key.created_by,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
    })
}

/// `GET /api/v1/organisations/{org}/keys`: without their secrets.
pub async fn list_keys(app: Data<App>, admin: OrganisationAdmin, page: Page) -> Result<Json<Listing<Value>>> {
    let id = admin.0.organisation.id;
    let listing = blocking(&app, move |app| app.store.read(|db| db.keys(&id, &page))).await?;
    Ok(Json(listing.map(|key| view(&key))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    name: String,
    scopes: Vec<String>,
    expires_at: Option<String>,
}

impl Wanted {
    fn read(self) -> Result<NewKey> {
        let read_at = |text: String| {
            Timestamp::parse(&text)
                .ok_or_else(|| Error::invalid("expires_at", "must be a time such as 2027-01-31T00:00:00Z"))
        };
        Ok(NewKey {
            name: Name::parse("name", &self.name)?,
            scopes: Scope::parse_all(&self.scopes)?,
            expires_at: self.expires_at.map(read_at).transpose()?,
        })
    }
}

/// `POST /api/v1/organisations/{org}/keys`: answers with the key's secret, once.
pub async fn create_key(app: Data<App>, admin: OrganisationAdmin, body: Body<Wanted>) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let (key, secret) =
        blocking(&app, move |app| keys::create(app, &caller, &organisation, body.read()?.read()?)).await?;
    let mut json = view(&key);
    json["key"] = json!(secret);
    Ok(HttpResponse::Created().json(json))
}

/// `DELETE /api/v1/organisations/{org}/keys/{key}`.
pub async fn delete_key(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let id = KeyId::parse(&path.1)?;
    blocking(&app, move |app| keys::delete(app, &caller, &organisation, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
