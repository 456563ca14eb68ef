//! The state of the database, shown by `vestibule doctor`.

use super::engine::current_version;
use super::{Db, Store};
use crate::domain::{Result, Timestamp};
use std::path::Path;

impl Store {
    /// The database file.
    pub fn path(&self) -> &Path {
        self.database.path()
    }

    /// The size of the log of transactions, in bytes.
    pub fn log_bytes(&self) -> u64 {
        self.database.log_bytes()
    }

    /// True if a server is running with this database.
    pub fn is_served(&self) -> bool {
        self.database.is_served()
    }
}

impl Db<'_> {
    /// The faults found by the database's integrity checks, one line each; empty if there are none.
    pub fn faults(&self) -> Result<Vec<String>> {
        self.connection.faults()
    }

    /// The differences between the schema of the database and that of this program, one line each.
    pub fn differences_of_schema(&self) -> Result<Vec<String>> {
        self.connection.differences_of_schema()
    }

    /// The schema version of the database, and the schema version of this program.
    pub fn schema_versions(&self) -> Result<(i64, i64)> {
        Ok((self.connection.schema_version()?, current_version()))
    }

    /// The number of organisations and of audit log entries: they show that a database without people was in use
    /// before.
    pub fn traces_of_use(&self) -> Result<(i64, i64)> {
        Ok((self.count("SELECT count(*) FROM organisations", ())?, self.count("SELECT count(*) FROM audit", ())?))
    }

    /// The time of the newest audit log entry.
    pub fn newest_event_at(&self) -> Result<Option<Timestamp>> {
        self.one("SELECT at FROM audit ORDER BY id DESC LIMIT 1", (), |row| row.get(0))
    }
}
