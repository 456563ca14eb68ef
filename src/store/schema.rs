//! Makes the schema, and brings older files up to it.

use super::{failed, unusable};
use crate::domain::ids::random_bytes;
use crate::domain::{Error, Result, seal::Seal};
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

/// The whole current schema.
const SCHEMA: &str = include_str!("../../schema.sql");

/// What brings a file from version n + 1 to n + 2; its length + 1 is the current version.
const UPGRADES: [&str; 0] = [];

/// "Vstb": marks a file as ours, so that another program's database is not taken over.
const APPLICATION_ID: i64 = 0x5673_7462;

fn current_version() -> i64 {
    i64::try_from(UPGRADES.len()).unwrap_or(i64::MAX - 1) + 1
}

/// Makes or upgrades the file and gives its seal.
///
/// # Errors
/// `Unavailable` when the file is another program's, newer than this one, or cannot be written.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<Seal> {
    let unusable = |cause| unusable(path, &cause);
    let number = |connection: &Connection, pragma: &str| {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
    };
    let version = number(connection, "user_version").map_err(unusable)?;
    let application = number(connection, "application_id").map_err(unusable)?;
    let tables =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).map_err(unusable)?;
    if application != APPLICATION_ID && (tables > 0 || version > 0) {
        return Err(Error::unavailable(format!(
            "{} is another program's database; move it away or name another folder with --data.",
            path.display()
        )));
    }
    if version > current_version() {
        return Err(Error::unavailable(format!(
            "{} was written by a newer Vestibule (schema {version}, this program knows {}). Install that version or a later one.",
            path.display(),
            current_version()
        )));
    }
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).map_err(unusable)?;
    // An empty write tells a read-only file apart now, not at the first sign-in.
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(unusable)?;
    // Another process may have been first: read again inside the transaction.
    let version = number(&transaction, "user_version").map_err(unusable)?;
    upgrade(&transaction, version).map_err(unusable)?;
    let seal = seal(&transaction)?;
    transaction.commit().map_err(unusable)?;
    Ok(seal)
}

fn upgrade(connection: &Connection, version: i64) -> rusqlite::Result<()> {
    if version == 0 {
        connection.execute_batch(SCHEMA)?;
    }
    let done = usize::try_from(version).unwrap_or(0).saturating_sub(1);
    if version > 0 {
        for step in UPGRADES.iter().skip(done) {
            connection.execute_batch(step)?;
        }
    }
    if version < current_version() {
        connection.execute_batch(&format!(
            "PRAGMA user_version = {}; PRAGMA application_id = {APPLICATION_ID};",
            current_version()
        ))?;
    }
    Ok(())
}

/// The key in the database, made once.
fn seal(connection: &Connection) -> Result<Seal> {
    let known: Option<[u8; 32]> = connection
        .query_row("SELECT value FROM settings WHERE name = 'seal'", [], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    if let Some(key) = known {
        return Ok(Seal::new(key));
    }
    let key = random_bytes::<32>();
    connection.execute("INSERT INTO settings (name, value) VALUES ('seal', ?1)", [key]).map_err(failed)?;
    Ok(Seal::new(key))
}
