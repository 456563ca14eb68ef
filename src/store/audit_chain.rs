//! The chain of the audit log: continuing it, and verifying it.

use super::engine::Row;
use super::{Db, Note, Tx};
use crate::domain::audit_chain::{Hash, Head, Link, Personal, SALT_BYTES, START, Verification, Verified};
use crate::domain::{Error, Result, Timestamp};
use std::collections::BTreeMap;

/// The number of entries that the verification reads at once.
const READ_AT_ONCE: i64 = 5_000;

/// SQL: the columns of an entry that are hashed.
const HASHED: &str = "id, at, actor_kind, actor_id, actor_name, address, action, organisation_id, workspace_id, resource_type, resource_id,
    resource_name, detail, number, personal, hash";

/// The fields of an entry that are hashed, as they are stored.
struct Stored {
    id: i64,
    at: i64,
    actor_kind: String,
    actor_id: Option<String>,
    actor_name: String,
    address: String,
    action: String,
    organisation: Option<String>,
    workspace: Option<String>,
    resource_type: String,
    resource_id: String,
    resource_name: String,
    detail: String,
    number: i64,
    personal: Vec<u8>,
    hash: Vec<u8>,
}

fn from_row(row: &Row) -> Result<Stored> {
    Ok(Stored {
        id: row.get("id")?,
        at: row.get("at")?,
        actor_kind: row.get("actor_kind")?,
        actor_id: row.get("actor_id")?,
        actor_name: row.get("actor_name")?,
        address: row.get("address")?,
        action: row.get("action")?,
        organisation: row.get("organisation_id")?,
        workspace: row.get("workspace_id")?,
        resource_type: row.get("resource_type")?,
        resource_id: row.get("resource_id")?,
        resource_name: row.get("resource_name")?,
        detail: row.get("detail")?,
        number: row.get("number")?,
        personal: row.get("personal")?,
        hash: row.get("hash")?,
    })
}

impl Stored {
    /// True if the personal fields were erased, and only their digest is kept.
    fn is_erased(&self) -> bool {
        self.personal.len() != SALT_BYTES
    }

    fn digest(&self) -> Hash {
        if let Ok(digest) = <Hash>::try_from(&self.personal[..]) {
            return digest;
        }
        let Self { actor_name, address, resource_name, detail, personal, .. } = self;
        Personal { actor_name, address, resource_name, detail }.digest(personal)
    }

    fn link(&self) -> Link<'_> {
        Link {
            number: self.number,
            at: Timestamp(self.at),
            actor_kind: &self.actor_kind,
            actor_id: self.actor_id.as_deref(),
            action: &self.action,
            organisation: self.organisation.as_deref(),
            workspace: self.workspace.as_deref(),
            resource_type: &self.resource_type,
            resource_id: &self.resource_id,
            personal: self.digest(),
        }
    }
}

/// The key of a log in `audit_chains`: the id of the organisation, or an empty text for the appliance.
fn key(organisation: Option<&str>) -> &str {
    organisation.unwrap_or_default()
}

impl Db<'_> {
    /// The newest entry of a log.
    pub(super) fn audit_head(&self, organisation: Option<&str>) -> Result<Head> {
        let sql = "SELECT number, hash FROM audit_chains WHERE organisation_id = ?1";
        let found = self.one(sql, [key(organisation)], |row| Ok(Head { number: row.get(0)?, hash: row.get(1)? }))?;
        Ok(found.unwrap_or(Head::EMPTY))
    }

    /// Verifies all logs, from the first entry to the last; the log of the appliance comes first.
    ///
    /// # Errors
    /// `Internal` when an entry cannot be read.
    pub fn verify_audit(&self) -> Result<Vec<Verified>> {
        let sql = "SELECT organisation_id, number, hash, anchor_number, anchor_hash FROM audit_chains";
        let chains: Vec<(String, Head, Head)> = self.all(sql, (), |row| {
            let head = Head { number: row.get("number")?, hash: row.get("hash")? };
            Ok((
                row.get("organisation_id")?,
                head,
                Head { number: row.get("anchor_number")?, hash: row.get("anchor_hash")? },
            ))
        })?;
        let named = |id: &str| Some(id.to_owned()).filter(|id| !id.is_empty());
        let mut open: BTreeMap<_, _> =
            chains.iter().map(|(id, _, anchor)| (id.clone(), Verification::after(named(id), *anchor))).collect();
        let page = format!("SELECT {HASHED} FROM audit WHERE id > ?1 ORDER BY id LIMIT {READ_AT_ONCE}");
        let mut last = i64::MIN;
        loop {
            let entries = self.all(&page, [last], from_row)?;
            let Some(newest) = entries.last() else { break };
            last = newest.id;
            for entry in &entries {
                let id = key(entry.organisation.as_deref());
                // A log without a head was added by hand.
                let log = open.entry(id.to_owned()).or_insert_with(|| Verification::after(named(id), Head::EMPTY));
                log.add(&entry.link(), &entry.hash, entry.is_erased());
            }
        }
        let head = |id: &str| chains.iter().find(|(known, ..)| known == id).map_or(Head::EMPTY, |(_, head, _)| *head);
        Ok(open.into_iter().map(|(id, log)| log.end(head(&id))).collect())
    }
}

impl Tx<'_> {
    /// Deletes entries from before this time, in the order in which they were written, and stores the last deleted one of each log
    /// as the start of its chain. Returns true if there may be more to delete.
    pub fn purge_audit(&self, before: Timestamp) -> Result<bool> {
        let sql = format!("SELECT id, at, organisation_id, number, hash FROM audit ORDER BY id LIMIT {READ_AT_ONCE}");
        let oldest: Vec<(i64, Timestamp, Option<String>, Head)> = self.all(&sql, (), |row| {
            let head = Head { number: row.get("number")?, hash: row.get("hash")? };
            Ok((row.get("id")?, row.get("at")?, row.get("organisation_id")?, head))
        })?;
        let outdated = oldest.iter().take_while(|(_, at, ..)| *at < before).count();
        let Some((last, ..)) = oldest[..outdated].last() else { return Ok(false) };
        let anchors: BTreeMap<_, _> =
            oldest[..outdated].iter().map(|(_, _, organisation, head)| (key(organisation.as_deref()), *head)).collect();
        for (organisation, anchor) in anchors {
            let sql = "UPDATE audit_chains SET anchor_number = ?2, anchor_hash = ?3 WHERE organisation_id = ?1";
            self.run(sql, (organisation, anchor.number, &anchor.hash[..]))?;
        }
        self.run("DELETE FROM audit WHERE id <= ?1", [last])?;
        Ok(i64::try_from(outdated).is_ok_and(|outdated| outdated == READ_AT_ONCE))
    }
}

impl Note<'_> {
    /// Stores the newest entry of a log.
    pub(super) fn set_audit_head(&self, organisation: Option<&str>, head: Head) -> Result<()> {
        let sql = "INSERT INTO audit_chains (organisation_id, number, hash, anchor_number, anchor_hash) VALUES (?1, ?2, ?3, 0, ?4)
            ON CONFLICT (organisation_id) DO UPDATE SET number = excluded.number, hash = excluded.hash";
        let changed = self.run(sql, (key(organisation), head.number, &head.hash[..], &START[..]))?;
        if changed == 1 { Ok(()) } else { Err(Error::internal("the head of the audit log was not stored")) }
    }
}
