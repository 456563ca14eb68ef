//! The audit log: rows are added in the transaction of what they tell, and never changed.

use super::Tx;
use crate::domain::audit::{Actor, Event};
use crate::domain::{Result, Timestamp};

impl Tx<'_> {
    /// Adds a row.
    pub fn add_event(&self, actor: &Actor, address: &str, event: &Event, now: Timestamp) -> Result<()> {
        let (kind, id, name) = actor.columns();
        self.run(
            "INSERT INTO audit (at, actor_kind, actor_id, actor_name, address, action, organisation_id, workspace_id,
                resource_type, resource_id, resource_name, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            (
                now,
                kind,
                id,
                name,
                address,
                event.action,
                &event.organisation,
                &event.workspace,
                event.resource_type,
                &event.resource_id,
                &event.resource_name,
                event.detail.to_string(),
            ),
        )
        .map(drop)
    }
}
