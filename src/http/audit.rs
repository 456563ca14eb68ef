//! The audit log.

use super::blocking::blocking;
use super::guard::{Operator, OrganisationAdmin};
use super::query::param;
use crate::app::App;
use crate::domain::audit::{Entry, Filter, RESOURCE_TYPES};
use crate::domain::{Page, Result};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde_json::{Value, json};

fn view(entry: &Entry) -> Value {
    let named = |(id, name): &(String, Option<String>)| json!({ "id": id, "name": name });
    json!({
        "id": entry.id,
        "at": entry.at,
        "actor": { "kind": entry.actor_kind, "id": entry.actor_id, "name": entry.actor_name },
        "address": entry.address,
        "action": entry.action,
        "organisation": entry.organisation.as_ref().map(named),
        "workspace": entry.workspace.as_ref().map(named),
        "resource_type": entry.resource_type,
        "resource_id": entry.resource_id,
        "resource_name": entry.resource_name,
        "detail": entry.detail,
    })
}

async fn listing(app: &Data<App>, filter: Filter, page: Page) -> Result<Json<Value>> {
    let listing = blocking(app, move |app| app.store.read(|db| db.audit(&filter, &page))).await?;
    let items: Vec<_> = listing.items.iter().map(view).collect();
    Ok(Json(json!({ "items": items, "next": listing.next, "resource_types": RESOURCE_TYPES })))
}

/// `GET /api/v1/organisations/{org}/audit`: newest first; filters `user`, `resource_type`, `resource`, `workspace`, `from`, `to`.
pub async fn list_organisation_audit(
    app: Data<App>,
    admin: OrganisationAdmin,
    page: Page,
    request: HttpRequest,
) -> Result<Json<Value>> {
    let filter = Filter::parse(|name| param(&request, name))?;
    listing(&app, Filter { organisation: Some(admin.0.organisation.id), ..filter }, page).await
}

/// `GET /api/v1/audit`: of all organisations and of none, for operators.
pub async fn list_audit(app: Data<App>, _operator: Operator, page: Page, request: HttpRequest) -> Result<Json<Value>> {
    listing(&app, Filter::parse(|name| param(&request, name))?, page).await
}
