//! The security events of a person's own account.

use super::blocking::blocking;
use super::guard::Person;
use crate::actions::notices;
use crate::api::events::EventView;
use crate::api::page::Listing;
use crate::app::App;
use crate::domain::{Page, Result};
use actix_web::web::{Data, Json};

/// `GET /api/v1/me/events`: newest first.
#[utoipa::path(
    get, path = "/me/events", tag = "Own account", summary = "List the security events of your account and organisations",
    description = "Newest first, the last 50 of each kind in each organisation. A session without your password shows only \
        what happened in the organisations to which it gives access.",
    params(Page),
    responses((status = 200, body = Listing<EventView>)),
)]
pub async fn list_events(app: Data<App>, person: Person, page: Page) -> Result<Json<Listing<EventView>>> {
    let listing = blocking(&app, move |app| notices::own_events(app, &person.asking, &page)).await?;
    Ok(Json(listing.into()))
}
