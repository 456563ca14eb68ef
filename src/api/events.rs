//! The security events of a person's account.

use super::audit::NamedView;
use crate::domain::Timestamp;
use crate::domain::notice::{AccountEvent, NoticeKind};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A security event of a person's account, or of an organisation that they are an admin of.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountEvent)]
pub struct EventView {
    at: Timestamp,
    kind: NoticeKind,
    /// Null if the event is about the account itself or the appliance.
    organisation: Option<NamedView>,
    /// The actor: an e-mail address, or the name that the audit log uses.
    by: String,
    /// The kind of actor, as in the audit log: `person`, `operator`, `key`, `setup_link`, `command_line`, `system` or
    /// `anonymous`.
    #[schema(example = "person")]
    by_kind: String,
    /// The IP address; empty for the command line.
    address: String,
    /// The browser's User-Agent; empty if the client was not a browser.
    agent: String,
    /// More details: `person`, `pending` (an operator who has not used the link yet), `key`, `change`, `on` or `how`
    /// (`code` or `link`).
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
            by_kind: event.by_kind,
            address: event.address,
            agent: event.agent,
            detail: event.detail,
        }
    }
}
