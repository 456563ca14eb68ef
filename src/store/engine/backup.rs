//! Backups: complete copies of the database that SQLite writes while others use it, and the replacement of a database by
//! such a copy.

use super::connection::{Connection, failed, unusable};
use super::database::Database;
use super::lock::make_folder;
use super::log_file::{self, LogFile};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use rusqlite::{ErrorCode, OpenFlags};
use std::fs::{self, File};
use std::path::Path;

/// The database file in its folder, and the files that SQLite keeps beside it.
const FILES: [&str; 3] = ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm"];

impl Database {
    /// Writes the current state to the empty file `target`. When this returns, the copy is complete and on the disk.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read or the copy cannot be written, with the problem and the next step.
    ///
    /// Source: <https://www.sqlite.org/lang_vacuum.html#vacuuminto>.
    pub fn copy_to(&self, target: &Path) -> Result<()> {
        let shown = target.display().to_string();
        let unwritable = |cause: std::io::Error| {
            Error::unavailable(phrase!("backup-unwritable", path = &shown, cause = cause.to_string()))
        };
        let path = target.to_str().ok_or_else(|| Error::unavailable(phrase!("backup-path", path = &shown)))?;
        self.connect()?.0.execute("VACUUM INTO ?1", [path]).map_err(|cause| not_copied(self.path(), target, &cause))?;
        // SQLite leaves the copy in the system's cache.
        File::open(target).and_then(|file| file.sync_all()).map_err(unwritable)
    }
}

fn not_copied(database: &Path, target: &Path, cause: &rusqlite::Error) -> Error {
    let (database, target) = (database.display().to_string(), target.display().to_string());
    let words = cause.to_string();
    Error::unavailable(match cause.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            phrase!("backup-database-damaged", database = database, cause = words)
        }
        Some(ErrorCode::DiskFull) => phrase!("backup-disk-full", target = target),
        _ => phrase!("backup-not-copied", database = database, target = target, cause = words),
    })
}

impl Connection {
    /// Opens a database that nobody writes to, and leaves it unchanged.
    ///
    /// # Errors
    /// `Unavailable` when the file is missing, unreadable or no database.
    pub fn open_to_read(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(|cause| unusable(path, &cause))?;
        connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON;").map_err(failed)?;
        let connection = Self(connection);
        connection.add_functions()?;
        Ok(connection)
    }
}

/// Puts the database `staged` in the place of the one in `folder`, whose file and log are kept in the new folder `kept`.
/// The caller holds the server lock. If the process is killed meanwhile, the folder has either database, complete; only
/// a database that cannot be opened may be without its log then, which is in `kept`.
///
/// # Errors
/// `Unavailable` when a file cannot be written. The old database is then still in its place.
pub fn put_in_place(folder: &Path, staged: &Path, kept: &Path) -> Result<()> {
    let unwritable = |cause: std::io::Error| Error::unavailable(phrase!("restore-failed", cause = cause.to_string()));
    let place = folder.join(FILES[0]);
    // A log that belongs to another state would be applied to the new database.
    move_log_into_database(&place);
    let present: Vec<_> = FILES.iter().filter(|name| folder.join(name).exists()).collect();
    if !present.is_empty() {
        make_folder(kept)?;
        for name in &present {
            keep(&folder.join(name), &kept.join(name)).map_err(unwritable)?;
        }
        sync_folder(kept).map_err(unwritable)?;
    }
    for name in present.iter().filter(|name| **name != &FILES[0]) {
        fs::remove_file(folder.join(name)).map_err(unwritable)?;
    }
    sync_folder(folder).map_err(unwritable)?;
    fs::rename(staged, &place).map_err(unwritable)?;
    sync_folder(folder).map_err(unwritable)
}

/// Moves the log of transactions into a database that can be opened; SQLite then deletes the log.
fn move_log_into_database(path: &Path) {
    let log = LogFile::of(path, false);
    if log.bytes() == 0 || !path.exists() {
        return;
    }
    // A damaged database is kept together with its log.
    if let Ok(connection) = Connection::open(path) {
        log_file::finish(&connection);
    }
}

/// Keeps a file under a second name, without copying its content where the file system allows it.
fn keep(file: &Path, kept: &Path) -> std::io::Result<()> {
    if fs::hard_link(file, kept).is_ok() {
        return Ok(());
    }
    fs::copy(file, kept)?;
    File::open(kept)?.sync_all()
}

fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}
