//! The upgrade that chains the entries of an existing audit log.

use crate::domain::Timestamp;
use crate::domain::audit_chain::{Head, Link, Personal, START, salt};
use rusqlite::{Connection, Result, Row};
use std::collections::BTreeMap;

/// The number of entries that are read at once.
const READ_AT_ONCE: i64 = 5_000;

/// Chains all entries in the order in which they were written.
pub(super) fn chain_entries(connection: &Connection) -> Result<()> {
    let mut read = connection.prepare(&format!(
        "SELECT id, at, actor_kind, actor_id, actor_name, address, action, organisation_id, workspace_id, resource_type, resource_id,
            resource_name, detail FROM audit WHERE id > ?1 ORDER BY id LIMIT {READ_AT_ONCE}"
    ))?;
    let mut write = connection.prepare("UPDATE audit SET number = ?2, personal = ?3, hash = ?4 WHERE id = ?1")?;
    let mut heads = BTreeMap::<String, Head>::new();
    let mut last = i64::MIN;
    loop {
        let entries = read.query_map([last], texts)?.collect::<Result<Vec<_>>>()?;
        let Some((newest, ..)) = entries.last() else { break };
        last = *newest;
        for (id, at, texts) in &entries {
            let text = |n: usize| texts[n].as_deref();
            let head = heads.entry(text(5).unwrap_or_default().to_owned()).or_insert(Head::EMPTY);
            let salt = salt();
            let sure = |n: usize| text(n).unwrap_or_default();
            let personal = Personal { actor_name: sure(2), address: sure(3), resource_name: sure(9), detail: sure(10) };
            let link = Link {
                number: head.number + 1,
                at: Timestamp(*at),
                actor_kind: sure(0),
                actor_id: text(1),
                action: sure(4),
                organisation: text(5),
                workspace: text(6),
                resource_type: sure(7),
                resource_id: sure(8),
                personal: personal.digest(&salt),
            };
            *head = Head { number: link.number, hash: link.hash(&head.hash) };
            write.execute((id, head.number, &salt[..], &head.hash[..]))?;
        }
    }
    let mut store = connection.prepare(
        "INSERT INTO audit_chains (organisation_id, number, hash, anchor_number, anchor_hash) VALUES (?1, ?2, ?3, 0, ?4)",
    )?;
    for (organisation, head) in heads {
        store.execute((organisation, head.number, &head.hash[..], &START[..]))?;
    }
    Ok(())
}

/// The id, the time and the texts of an entry.
fn texts(row: &Row) -> Result<(i64, i64, [Option<String>; 11])> {
    let mut texts = [const { None }; 11];
    for (n, text) in texts.iter_mut().enumerate() {
        *text = row.get(n + 2)?;
    }
    Ok((row.get(0)?, row.get(1)?, texts))
}
