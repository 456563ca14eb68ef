//! The audit log. An entry is added in the transaction of the event that it describes, and is never changed. Each entry
//! has a hash of the one before: see `audit_chain.rs`.

use super::conditions::{Conditions, holding};
use super::engine::{Row, search};
use super::{Db, Note};
use crate::domain::audit::{Actor, Busy, Entry, Event, Filter};
use crate::domain::audit_chain::{Head, Link, Personal, salt};
use crate::domain::ids::{OrganisationId, WorkspaceId};
use crate::domain::{Email, Listing, Page, Result};

const ENTRY: &str = "SELECT a.*, o.name AS organisation_name, w.name AS workspace_name, u.name AS actor_full_name FROM audit a
    LEFT JOIN users u ON u.id = a.actor_id LEFT JOIN organisations o ON o.id = a.organisation_id LEFT JOIN workspaces w ON w.id = a.workspace_id";

fn entry_from_row(row: &Row) -> Result<Entry> {
    let named = |id: &str, name: &str| -> Result<Option<(String, Option<String>)>> {
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
        actor_full_name: row.get("actor_full_name")?,
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

/// If at most this many people and keys match a part of a name, the log is searched by their names through an index.
/// With more matches, reading the log in order finds entries soon enough.
const FEW: i64 = 100;

/// The actors to search for, by their names in the log: for people, their e-mail address at that time; for keys, their
/// name.
#[derive(Clone)]
enum Who {
    /// The actor with exactly this name.
    One(String),
    /// The actors with any of these names.
    Few(Vec<String>),
    /// The actors whose current name or name in the log contains this text, ignoring case, or whose id is this text. The
    /// text is in lower case.
    Like(String),
}

impl Who {
    fn condition(&self, all: &mut Conditions) {
        match self {
            Self::One(name) => all.add("a.actor_name = ?", Some(name.clone())),
            Self::Few(names) => {
                all.one_of("a.actor_name", names.iter().cloned());
            }
            Self::Like(part) => {
                let (id, like) = (all.value(part.clone()), format!("LIKE {} ESCAPE '!'", all.value(holding(part))));
                all.plain(&format!("(lower(a.actor_name) {like} OR lower(u.name) {like} OR a.actor_id = {id})"));
            }
        }
    }
}

fn conditions(filter: &Filter, who: Option<&Who>) -> Conditions {
    let mut all = Conditions::default();
    all.add("a.organisation_id = ?", filter.organisation.as_ref().map(ToString::to_string));
    if let Some(who) = who {
        who.condition(&mut all);
    }
    all.add("a.resource_type = ?", filter.resource_type.clone());
    all.add("lower(a.resource_name) LIKE ? ESCAPE '!'", filter.resource.as_deref().map(holding));
    all.add("a.workspace_id = ?", filter.workspace.as_ref().map(ToString::to_string));
    all.add("a.at >= ?", filter.from.map(|at| at.0));
    all.add("a.at < ?", filter.before.map(|at| at.0));
    all
}

impl Db<'_> {
    /// The log, newest first. Entries can be written a little later than their event, so they are ordered by time and
    /// then by number.
    pub fn audit(&self, filter: &Filter, page: &Page) -> Result<Listing<Entry>> {
        let who = self.who(filter)?;
        let mut conditions = conditions(filter, who.as_ref());
        if let (Ok(at), Ok(id)) = (page.after(0).parse::<i64>(), page.after(1).parse::<i64>()) {
            conditions.plain(&format!("(a.at, a.id) < ({at}, {id})"));
        }
        let sql = conditions.of(ENTRY);
        let sql = format!("{sql} ORDER BY a.at DESC, a.id DESC LIMIT {}", page.fetch());
        let rows = self.all(&sql, conditions.values, entry_from_row)?;
        Ok(page.listing(rows, |entry| vec![entry.at.0.to_string(), entry.id.to_string()]))
    }

    /// The number of entries for each hour or day. Each count uses the index of the filter, and reads only entries that
    /// match it.
    pub fn activity(&self, filter: &Filter) -> Result<Vec<Busy>> {
        let who = self.who(filter)?;
        let people = if matches!(who, Some(Who::Like(_))) { "LEFT JOIN users u ON u.id = a.actor_id" } else { "" };
        let count = |(from, before)| {
            let stretch = Filter { from: Some(from), before: Some(before), ..filter.clone() };
            let conditions = conditions(&stretch, who.as_ref());
            let sql = conditions.of(&format!("SELECT count(*) FROM audit a {people}"));
            let count = self.count(&sql, conditions.values)?;
            Ok(Busy { from, before, count })
        };
        filter.stretches(self.now()).into_iter().map(count).collect()
    }

    /// The actors that the filter's `user` selects: the one person or key with this id, e-mail address or key name;
    /// otherwise all whose name or e-mail address contains the text.
    fn who(&self, filter: &Filter) -> Result<Option<Who>> {
        let Some(text) = filter.user.as_deref() else { return Ok(None) };
        let email = Email::parse(text).map_or_else(|_| text.to_owned(), |email| email.to_string());
        // In an organisation's log, only its own people and keys are looked up: the result must not reveal whether
        // others exist.
        let exact = "SELECT email FROM users WHERE (id = ?1 OR email = ?2)
                AND (CAST(?3 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM people WHERE organisation_id = ?3 AND user_id = users.id))
            UNION ALL SELECT name FROM keys WHERE (id = ?1 OR name = ?1) AND (CAST(?3 AS TEXT) IS NULL OR organisation_id = ?3)";
        if let Some(name) = self.one(exact, (text, &email, &filter.organisation), |row| row.get(0))? {
            return Ok(Some(Who::One(name)));
        }
        let part = text.to_lowercase();
        if filter.organisation.is_some() {
            return Ok(Some(Who::Like(part)));
        }
        Ok(Some(match self.few_like(&part)? {
            // Deleted keys and set-up links exist only in the log, by their exact name.
            Some(found) if !found.is_empty() => Who::Few([found, vec![text.to_owned(), email]].concat()),
            _ => Who::Like(part),
        }))
    }

    /// The log names of the people and keys whose name or e-mail address contains this part; `None` if there are more
    /// than `FEW`, or if the part is too short for the search index.
    fn few_like(&self, part: &str) -> Result<Option<Vec<String>>> {
        let Some(phrase) = search::phrase(part) else { return Ok(None) };
        let sql = format!(
            "SELECT u.email FROM {} WHERE {}
             UNION ALL SELECT name FROM keys WHERE lower(name) LIKE ?2 ESCAPE '!' LIMIT {}",
            search::found_in("users", "u", "id"),
            search::FITS.replace('?', "?1"),
            FEW + 1
        );
        let found: Vec<String> = self.all(&sql, (&phrase, holding(part)), |row| row.get(0))?;
        Ok(i64::try_from(found.len()).is_ok_and(|count| count <= FEW).then_some(found))
    }
}

impl Note<'_> {
    /// Adds an entry at the end of its log.
    pub fn add_event(&self, actor: &Actor, address: &str, event: &Event) -> Result<()> {
        let (kind, id, name) = actor.columns();
        let (organisation, detail) =
            (event.organisation.as_ref().map(OrganisationId::as_str), event.detail.to_string());
        let (last, salt) = (self.audit_head(organisation)?, salt());
        let personal = Personal { actor_name: name, address, resource_name: &event.resource_name, detail: &detail };
        let link = Link {
            number: last.number + 1,
            at: self.now(),
            actor_kind: kind,
            actor_id: id,
            action: event.action,
            organisation,
            workspace: event.workspace.as_ref().map(WorkspaceId::as_str),
            resource_type: event.resource_type,
            resource_id: &event.resource_id,
            personal: personal.digest(&salt),
        };
        let head = Head { number: link.number, hash: link.hash(&last.hash) };
        self.run(
            "INSERT INTO audit (at, actor_kind, actor_id, actor_name, address, action, organisation_id, workspace_id,
                resource_type, resource_id, resource_name, detail, number, personal, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            (
                self.now(),
                kind,
                id,
                name,
                address,
                event.action,
                organisation,
                link.workspace,
                event.resource_type,
                &event.resource_id,
                &event.resource_name,
                &detail,
                head.number,
                &salt[..],
                &head.hash[..],
            ),
        )?;
        self.set_audit_head(organisation, head)
    }
}
