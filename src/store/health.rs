//! The state of the database, for `vestibule doctor`.

use super::engine::current_version;
use super::{Db, Store};
use crate::domain::{Result, Timestamp};
use std::path::Path;

impl Store {
    /// The database file.
    pub fn path(&self) -> &Path {
        self.database.path()
    }

    /// How much waits in the log of transactions, in bytes.
    pub fn log_bytes(&self) -> u64 {
        self.database.log_bytes()
    }

    /// True if a server runs with this database.
    pub fn is_served(&self) -> bool {
        self.database.is_served()
    }
}

impl Db<'_> {
    /// The faults that the database's own checks find, one line each; empty where it is whole.
    pub fn faults(&self) -> Result<Vec<String>> {
        self.connection.faults()
    }

    /// The version of the schema in the database, and the one that this program knows.
    pub fn schema_versions(&self) -> Result<(i64, i64)> {
        Ok((self.connection.schema_version()?, current_version()))
    }

    /// How many organisations and how many lines of the audit log there are: traces of use, where there are no people.
    pub fn traces_of_use(&self) -> Result<(i64, i64)> {
        Ok((self.count("SELECT count(*) FROM organisations", ())?, self.count("SELECT count(*) FROM audit", ())?))
    }

    /// When the newest line of the audit log was written.
    pub fn newest_event_at(&self) -> Result<Option<Timestamp>> {
        self.one("SELECT at FROM audit ORDER BY id DESC LIMIT 1", (), |row| row.get(0))
    }
}
