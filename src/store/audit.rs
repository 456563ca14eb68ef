//! The audit log: rows are added in the transaction of what they tell, and never changed.

use super::{Db, Tx};
use crate::domain::audit::{Actor, Entry, Event, Filter};
use crate::domain::ids::UserId;
use crate::domain::{Listing, Page, Result, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};

const ENTRY: &str = "SELECT a.*, o.name AS organisation_name, w.name AS workspace_name FROM audit a
    LEFT JOIN organisations o ON o.id = a.organisation_id LEFT JOIN workspaces w ON w.id = a.workspace_id";

fn entry_from_row(row: &Row) -> rusqlite::Result<Entry> {
    let named = |id: &str, name: &str| -> rusqlite::Result<Option<(String, Option<String>)>> {
        let (id, name): (Option<String>, Option<String>) = (row.get(id)?, row.get(name)?);
        Ok(id.map(|id| (id, name)))
    };
    let detail: String = row.get("detail")?;
    Ok(Entry {
        id: row.get("id")?,
        at: row.get("at")?,
        actor_kind: row.get("actor_kind")?,
        actor_id: row.get("actor_id")?,
        actor_name: row.get("actor_name")?,
        address: row.get("address")?,
        action: row.get("action")?,
        organisation: named("organisation_id", "organisation_name")?,
        workspace: named("workspace_id", "workspace_name")?,
        resource_type: row.get("resource_type")?,
        resource_id: row.get("resource_id")?,
        resource_name: row.get("resource_name")?,
        detail: serde_json::from_str(&detail).unwrap_or_default(),
    })
}

/// The conditions of a query, joined as they come up.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition in which `?` stands for the value; nothing where there is none.
    fn add(&mut self, sql: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            self.sql.push(sql.replace('?', &format!("?{}", self.values.len())));
        }
    }
}

/// Lines are numbered in the order of their time: the ends of a range of numbers spare the walk past all that is newer or older.
const FIRST: &str =
    "a.id >= (SELECT coalesce(min(id), 0) FROM (SELECT id FROM audit WHERE at >= ? ORDER BY at, id LIMIT 1))";
const LAST: &str =
    "a.id <= (SELECT coalesce(max(id), 0) FROM (SELECT id FROM audit WHERE at < ? ORDER BY at DESC, id DESC LIMIT 1))";

fn conditions(filter: &Filter, person: Option<String>, after: Option<i64>) -> Conditions {
    let mut all = Conditions::default();
    all.add("a.organisation_id = ?", filter.organisation.as_ref().map(ToString::to_string));
    all.add("a.actor_name = ?", person);
    all.add("a.resource_type = ?", filter.resource_type.clone());
    all.add("instr(lower(a.resource_name), ?) > 0", filter.resource.clone());
    all.add("a.workspace_id = ?", filter.workspace.as_ref().map(ToString::to_string));
    for (bound, exact, at) in [(FIRST, "a.at >= ?", filter.from), (LAST, "a.at < ?", filter.before)] {
        all.add(bound, at.map(|at| at.0));
        all.add(exact, at.map(|at| at.0));
    }
    all.add("a.id < ?", after);
    all
}

impl Db<'_> {
    /// The log, newest first.
    pub fn audit(&self, filter: &Filter, page: &Page) -> Result<Listing<Entry>> {
        // People are known in the log by the address that they had; an id leads there.
        let person = match filter.user.as_deref().map(|user| (user, UserId::parse(user))) {
            Some((_, Ok(id))) => Some(self.user(&id).map_or_else(|_| id.to_string(), |user| user.email.to_string())),
            Some((name, Err(_))) => Some(name.to_owned()),
            None => None,
        };
        let conditions = conditions(filter, person, page.after(0).parse().ok());
        let mut sql = ENTRY.to_owned();
        if !conditions.sql.is_empty() {
            sql = format!("{sql} WHERE {}", conditions.sql.join(" AND "));
        }
        let sql = format!("{sql} ORDER BY a.id DESC LIMIT {}", page.fetch());
        let rows = self.all(&sql, params_from_iter(conditions.values), entry_from_row)?;
        Ok(page.listing(rows, |entry| vec![entry.id.to_string()]))
    }
}

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
