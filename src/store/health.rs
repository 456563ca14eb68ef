//! The state of the database file, for `vestibule doctor`.

use super::log_file::LogFile;
use super::schema::current_version;
use super::{Db, ServerLock, Store};
use crate::domain::{Result, Timestamp};
use std::path::Path;

/// The version of the SQLite that is built in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

impl Store {
    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How much waits in the log of transactions, in bytes.
    pub fn log_bytes(&self) -> u64 {
        LogFile::of(&self.path, false).bytes()
    }

    /// True if a server runs with this database.
    pub fn is_served(&self) -> bool {
        self.path.parent().is_some_and(ServerLock::is_held)
    }
}

impl Db<'_> {
    /// The faults that SQLite's own checks find, one line each; empty where the file is whole.
    pub fn faults(&self) -> Result<Vec<String>> {
        let mut faults = self.all("PRAGMA integrity_check(20)", [], |row| row.get::<_, String>(0))?;
        faults.retain(|line| line != "ok");
        let dangling = self.all("PRAGMA foreign_key_check", [], |row| row.get::<_, String>(0))?;
        faults.extend(dangling.iter().map(|table| format!("a row of {table} refers to nothing")));
        Ok(faults)
    }

    /// The version of the schema in the file, and the one that this program knows.
    pub fn schema_versions(&self) -> Result<(i64, i64)> {
        Ok((self.count("PRAGMA user_version", [])?, current_version()))
    }

    /// How many organisations and how many lines of the audit log there are: traces of use, where there are no people.
    pub fn traces_of_use(&self) -> Result<(i64, i64)> {
        Ok((self.count("SELECT count(*) FROM organisations", [])?, self.count("SELECT count(*) FROM audit", [])?))
    }

    /// When the newest line of the audit log was written.
    pub fn newest_event_at(&self) -> Result<Option<Timestamp>> {
        self.one("SELECT at FROM audit ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
    }
}
