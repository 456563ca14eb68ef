//! Backups of the database: writing one, reading one to check it, and restoring one.

use super::engine::{Connection, put_in_place};
use super::settings::SET;
use super::{Db, Store, Tx};
use crate::domain::backup::{BackupRecord, BackupSchedule};
use crate::domain::ids::OrganisationId;
use crate::domain::{Clock, Error, Result, Timestamp};
use std::path::Path;

/// A backup that is read, and left unchanged.
pub struct Backup {
    connection: Connection,
    clock: Clock,
}

impl Backup {
    /// Opens a backup that has the schema of this program.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be read.
    pub fn open(path: &Path, clock: Clock) -> Result<Self> {
        Ok(Self { connection: Connection::open_to_read(path)?, clock })
    }

    /// Runs `read` in one read transaction.
    ///
    /// # Errors
    /// The errors of `read`; `Internal` when the backup is damaged.
    pub fn read<T>(&self, read: impl FnOnce(&Db) -> Result<T>) -> Result<T> {
        self.connection.begin_to_read()?;
        let answer = read(&Db::of(&self.connection, self.clock.now()));
        self.connection.commit()?;
        answer
    }
}

impl Store {
    /// Writes the current state to the empty file `target`, while others read and write. When this returns, the copy is on
    /// the disk.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read or the copy cannot be written.
    pub fn back_up(&self, target: &Path) -> Result<()> {
        self.database.copy_to(target)
    }

    /// The source of the store's time.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }
}

/// Puts the database `staged` in the place of the one in `folder`, whose files are kept in the new folder `kept`. The caller
/// holds the server lock.
///
/// # Errors
/// `Unavailable` when a file cannot be written; the old database is then still in its place.
pub fn replace(folder: &Path, staged: &Path, kept: &Path) -> Result<()> {
    put_in_place(folder, staged, kept)
}

impl Db<'_> {
    /// The last backup that was made, or tried; `None` if there was none.
    pub fn find_last_backup(&self) -> Result<Option<BackupRecord>> {
        let found: Option<Vec<u8>> =
            self.one("SELECT value FROM settings WHERE name = 'last_backup'", (), |row| row.get(0))?;
        Ok(found.and_then(|json| serde_json::from_slice(&json).ok()))
    }

    /// The schedule of the server's backups; `None` if it makes none.
    pub fn find_backup_schedule(&self) -> Result<Option<BackupSchedule>> {
        let found: Option<Vec<u8>> =
            self.one("SELECT value FROM settings WHERE name = 'backup_schedule'", (), |row| row.get(0))?;
        Ok(found.and_then(|json| serde_json::from_slice(&json).ok()))
    }

    /// When operators were last told that backups are missing.
    pub fn backup_warned_at(&self) -> Result<Option<Timestamp>> {
        let found: Option<Vec<u8>> =
            self.one("SELECT value FROM settings WHERE name = 'backup_warned_at'", (), |row| row.get(0))?;
        Ok(found.and_then(|bytes| bytes.try_into().ok()).map(|bytes| Timestamp(i64::from_be_bytes(bytes))))
    }

    /// The ids of all organisations.
    pub fn organisation_ids(&self) -> Result<Vec<OrganisationId>> {
        self.all("SELECT id FROM organisations ORDER BY id", (), |row| row.get(0))
    }

    /// The e-mail address and the password hash of each person with a password.
    pub fn password_hashes(&self) -> Result<Vec<(String, String)>> {
        let sql = "SELECT email, password_hash FROM users WHERE password_hash IS NOT NULL ORDER BY email";
        self.all(sql, (), |row| Ok((row.get("email")?, row.get("password_hash")?)))
    }

    /// The number of people.
    pub fn count_users(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM users", ())
    }
}

impl Tx<'_> {
    /// Stores the last backup that was made.
    pub fn set_last_backup(&self, record: &BackupRecord) -> Result<()> {
        let json = serde_json::to_vec(record).map_err(Error::internal)?;
        self.run(SET, ("last_backup", &json[..])).map(drop)
    }

    /// Stores the time between two backups of the server, in seconds; `None` if it makes none.
    pub fn set_backup_schedule(&self, every_secs: Option<i64>) -> Result<()> {
        let Some(every_secs) = every_secs else {
            return self.run("DELETE FROM settings WHERE name = 'backup_schedule'", ()).map(drop);
        };
        let since = self.find_backup_schedule()?.map_or(self.now().0, |known| known.since);
        let json = serde_json::to_vec(&BackupSchedule { every_secs, since }).map_err(Error::internal)?;
        self.run(SET, ("backup_schedule", &json[..])).map(drop)
    }

    /// Records that operators are told now that backups are missing.
    pub fn set_backup_warned(&self) -> Result<()> {
        self.run(SET, ("backup_warned_at", &self.now().0.to_be_bytes()[..])).map(drop)
    }

    /// Ends all sessions, tokens, one-time links and unfinished sign-ins of a restored database: those that have ended since the
    /// backup must not be valid again. Values that browsers keep, such as the cookie of a known browser, become invalid
    /// as well.
    pub fn end_all_access(&self) -> Result<()> {
        const TABLES: [&str; 9] = [
            "authorizations",
            "client_sessions",
            "application_codes",
            "sessions",
            "tickets",
            "answered_requests",
            "password_links",
            "recovery_links",
            "setup_links",
        ];
        TABLES.iter().try_for_each(|table| self.run(&format!("DELETE FROM {table}"), ()).map(drop))?;
        self.run("DELETE FROM settings WHERE name IN ('seal', 'setup')", ()).map(drop)
    }
}
