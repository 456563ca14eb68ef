//! The audit log.

use super::page::Listing;
use crate::actions::audit::VerifiedLog;
use crate::domain::audit::{Busy, Entry, RESOURCE_TYPES};
use crate::domain::catalogue::Language;
use crate::domain::ids::hex;
use crate::domain::kept_phrase::in_language;
use crate::domain::setup_link::told_name;
use crate::domain::{self, Timestamp};
use crate::saml::Reason;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The id of a resource, and its name if it still exists.
#[derive(Serialize, ToSchema)]
#[schema(as = Named)]
pub struct NamedView {
    id: String,
    name: Option<String>,
}

impl From<(String, Option<String>)> for NamedView {
    fn from((id, name): (String, Option<String>)) -> Self {
        Self { id, name }
    }
}

/// Who did it: `person`, `operator`, `key`, `setup_link`, `command_line`, `system` or `anonymous`.
#[derive(Serialize, ToSchema)]
#[schema(as = Actor)]
pub struct ActorView {
    kind: String,
    id: Option<String>,
    /// The actor's address or name at the time of the event.
    name: String,
    /// The person's current name; null if the actor is not a person, or no longer exists.
    full_name: Option<String>,
}

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct EntryView {
    id: i64,
    at: Timestamp,
    actor: ActorView,
    address: String,
    #[schema(example = "member.revoked")]
    action: String,
    organisation: Option<NamedView>,
    workspace: Option<NamedView>,
    #[schema(example = "member")]
    resource_type: String,
    resource_id: String,
    resource_name: String,
    /// With `sso.refused`, whose `resource_name` is the code of the refusal: the meaning of the code, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// More details, which depend on the action.
    #[schema(value_type = Option<HashMap<String, Value>>)]
    detail: Value,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        let told = |is_link: bool, name: String| if is_link { told_name(&name).spoken() } else { name };
        let by_link = entry.actor_kind == "setup_link";
        let of_link = entry.resource_type == "setup_link";
        let refused = (entry.action == "sso.refused").then(|| Reason::of(&entry.resource_name)).flatten();
        Self {
            id: entry.id,
            at: entry.at,
            reason: refused.map(|reason| reason.message().spoken()),
            actor: ActorView {
                kind: entry.actor_kind,
                id: entry.actor_id,
                name: told(by_link, entry.actor_name),
                full_name: entry.actor_full_name,
            },
            address: entry.address,
            action: entry.action,
            organisation: entry.organisation.map(NamedView::from),
            workspace: entry.workspace.map(NamedView::from),
            resource_type: entry.resource_type,
            resource_id: entry.resource_id,
            resource_name: told(of_link, entry.resource_name),
            detail: in_language(entry.detail, Language::spoken()),
        }
    }
}

/// A page of the log, newest first, and the kinds of resources by which it can be filtered.
#[derive(Serialize, ToSchema)]
pub struct AuditListing {
    items: Vec<EntryView>,
    next: Option<String>,
    #[schema(value_type = Vec<String>)]
    resource_types: [&'static str; RESOURCE_TYPES.len()],
}

/// The number of actions in a period.
#[derive(Serialize, ToSchema)]
#[schema(as = Busy)]
pub struct BusyView {
    from: Timestamp,
    /// The end of the period, not included.
    to: Timestamp,
    count: i64,
}

impl From<&Busy> for BusyView {
    fn from(busy: &Busy) -> Self {
        Self { from: busy.from, to: busy.before, count: busy.count }
    }
}

/// The number of entries for each hour or day, oldest first.
#[derive(Serialize, ToSchema)]
pub struct Activity {
    items: Vec<BusyView>,
    total: i64,
}

impl From<domain::Listing<Entry>> for AuditListing {
    fn from(listing: domain::Listing<Entry>) -> Self {
        let Listing { items, next } = listing.into();
        Self { items, next, resource_types: RESOURCE_TYPES }
    }
}

impl From<Vec<Busy>> for Activity {
    fn from(periods: Vec<Busy>) -> Self {
        let total = periods.iter().map(|one| one.count).sum();
        Self { items: periods.iter().map(BusyView::from).collect(), total }
    }
}

/// A verified log, as the command line prints it.
#[derive(Serialize)]
pub struct VerifiedView {
    /// The slug of the organisation, or its id if it was deleted; null for the log of the appliance.
    pub organisation: Option<String>,
    /// The number of entries.
    pub entries: i64,
    /// The number of the first entry: more than 1 if older ones were deleted by their retention.
    pub first: i64,
    /// The number of entries whose personal fields were erased.
    pub erased: i64,
    /// The number of the newest entry.
    pub newest: i64,
    /// The hash of the newest entry, in hexadecimal.
    pub hash: String,
    /// The first fault; null if there is none.
    pub fault: Option<String>,
}

impl From<&VerifiedLog> for VerifiedView {
    fn from(log: &VerifiedLog) -> Self {
        let verified = &log.verified;
        Self {
            organisation: log.organisation.clone(),
            entries: verified.entries,
            first: verified.first,
            erased: verified.erased,
            newest: verified.head.number,
            hash: hex(&verified.head.hash),
            fault: log.fault().map(|fault| fault.to_string()),
        }
    }
}
