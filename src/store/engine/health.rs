//! SQLite's checks of a database file.

use super::connection::Connection;
use crate::domain::Result;

/// The version of the built-in SQLite.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

impl Connection {
    /// The faults found by SQLite's integrity and foreign key checks, one line each; empty if there are none.
    pub fn faults(&self) -> Result<Vec<String>> {
        let mut faults = self.all("PRAGMA integrity_check(20)", (), |row| row.get::<String>(0))?;
        faults.retain(|line| line != "ok");
        let dangling = self.all("PRAGMA foreign_key_check", (), |row| row.get::<String>(0))?;
        faults.extend(dangling.iter().map(|table| format!("a row of {table} refers to nothing")));
        Ok(faults)
    }

    /// The version of the schema in the file.
    pub fn schema_version(&self) -> Result<i64> {
        self.one("PRAGMA user_version", (), |row| row.get(0)).map(Option::unwrap_or_default)
    }
}
