//! Notices to a person.

use super::audit::NamedView;
use crate::domain::Timestamp;
use crate::domain::notice::{AccountEvent, NoticeKind};
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
