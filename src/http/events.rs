//! The events of a person's own account.

use super::audit::NamedView;
use super::blocking::blocking;
use super::guard::Person;
use crate::actions::notices;
use crate::app::App;
use crate::domain::notice::{AccountEvent, NoticeKind};
use crate::domain::{Listing, Page, Result, Timestamp};
use actix_web::web::{Data, Json};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What a person was told about their account, or an organisation that they are admin of.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountEvent)]
pub struct EventView {
    at: Timestamp,
    kind: NoticeKind,
    /// Null where it is about the account itself, or the appliance.
    organisation: Option<NamedView>,
    /// Who did it: an e-mail address, or what the audit log calls them.
    by: String,
    /// Where from; empty on the command line.
    address: String,
    /// The browser's own name for itself; empty where it was none.
    agent: String,
    /// What else there is to know: `person`, `key`, `change`, `on` or `how`.
    #[schema(value_type = Option<HashMap<String, Value>>)]
    detail: Value,
}

impl From<AccountEvent> for EventView {
    fn from(event: AccountEvent) -> Self {
        Self {
            at: event.at,
            kind: event.kind,
            organisation: event.organisation.map(|(id, name)| (id, Some(name)).into()),
            by: event.by,
            address: event.address,
            agent: event.agent,
            detail: event.detail,
        }
    }
}

/// `GET /api/v1/me/events`: newest first.
#[utoipa::path(
    get, path = "/me/events", tag = "Own account", summary = "List the security events of your account and organisations",
    description = "Newest first, the last 50 of each kind in each organisation. A session without your password shows only \
        what happened in the organisations that it opens.",
    params(Page),
    responses((status = 200, body = Listing<EventView>)),
)]
pub async fn list_events(app: Data<App>, person: Person, page: Page) -> Result<Json<Listing<EventView>>> {
    let listing = blocking(&app, move |app| notices::own_events(app, &person.asking, &page)).await?;
    Ok(Json(listing.map(EventView::from)))
}
