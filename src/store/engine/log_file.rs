//! The log of transactions (SQLite's `-wal` file beside the database), and the detection of a database file that was
//! copied without it.
//!
//! A transaction is written to the log first; a checkpoint moves it into the database. A copy of only `vestibule.db`
//! from a running server has the state of the last checkpoint and looks like a valid database. To detect this, while a
//! server runs the setting `whole` is 0 in the database file and 1 in the log. With its log, the database is complete;
//! without it, the 0 shows that data is missing. When the server stops, it leaves 1 in the file.
//!
//! During a checkpoint there is a time when the file has 0 but is complete. So the 0 is stored with the checkpoint's
//! id, and the lock file contains the same id during that time: a server that was killed then starts again without an
//! error, even if another program has removed the log since. The 0 is also stored with SQLite's schema version, which
//! `VACUUM INTO` and SQLite's backup change, so that their copies from that time are not taken for incomplete ones.
//!
//! Source: <https://www.sqlite.org/wal.html>; `vacuum.c` and `backup.c` of SQLite for the schema's version.

use super::connection::{BUSY, Connection, failed};
use super::lock::{self, CheckpointId, ServerLock};
use super::schema;
use crate::domain::ids::random_bytes;
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use rusqlite::OptionalExtension;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The log is moved into the database when it has grown by this many bytes. The pause is too short to be noticed.
const GROWN_BYTES: u64 = 4 * 1024 * 1024;
/// How long a stopping server waits for commands that are reading.
const PATIENCE: Duration = Duration::from_secs(2);
/// The value of the setting `whole` in a complete database.
const WHOLE: [u8; 1] = [1];

/// The log of one database.
pub struct LogFile {
    folder: PathBuf,
    path: PathBuf,
    /// True in the server, which marks the file as incomplete without its log.
    serves: bool,
    /// True if the entry `whole` = 1 is missing in the log, because it could not be written yet after the last
    /// checkpoint.
    entry_is_missing: bool,
    /// The log's size after the last attempt to empty it, in bytes.
    emptied_bytes: u64,
}

impl LogFile {
    /// The log of this database. `serves`: true if this process is the server.
    pub fn of(database: &Path, serves: bool) -> Self {
        let mut path = OsString::from(database);
        path.push("-wal");
        let folder = database.parent().map(Path::to_owned).unwrap_or_default();
        Self { folder, path: path.into(), serves, entry_is_missing: false, emptied_bytes: 0 }
    }

    /// The size of the log, in bytes.
    pub fn bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |log| log.len())
    }

    /// Moves the log into the database and empties it; false if another connection prevented that.
    pub fn empty(&mut self, connection: &Connection) -> bool {
        if !self.serves && ServerLock::is_held(&self.folder) {
            // The running server does it, because the server also marks the file.
            return false;
        }
        // On a full disk the mark cannot be written, but moving the log may still free space.
        self.entry_is_missing =
            self.write_missing_entry(connection) && self.serves && self.mark(connection) || self.entry_is_missing;
        let emptied = checkpoint(connection, Duration::ZERO).unwrap_or_else(|cause| {
            log::warn!("the log of transactions was not emptied: {cause}");
            false
        });
        self.write_missing_entry(connection);
        self.emptied_bytes = self.bytes();
        emptied
    }

    /// Writes a missing entry `whole` = 1, and empties the log if it has grown.
    pub fn keep_small(&mut self, connection: &Connection) {
        self.write_missing_entry(connection);
        if self.bytes() > self.emptied_bytes + GROWN_BYTES {
            self.empty(connection);
        }
    }

    /// Marks the file as incomplete without its log, from the next checkpoint on; false if the mark could not be
    /// written.
    fn mark(&self, connection: &Connection) -> bool {
        let id = random_bytes();
        let mark = || {
            lock::begin_checkpoint(&self.folder, id).map_err(|cause| cause.to_string())?;
            let mark = Mark { id, schema: schema_version(connection).map_err(|cause| cause.to_string())? };
            set_whole(connection, &mark.to_bytes()).map_err(|cause| cause.to_string())
        };
        mark().inspect_err(|cause| log::warn!("the database could not be marked: {cause}")).is_ok()
    }

    /// Writes the entry `whole` = 1 to the log if it is missing; false if it could not be written.
    fn write_missing_entry(&mut self, connection: &Connection) -> bool {
        if self.entry_is_missing {
            match set_whole(connection, &WHOLE) {
                Ok(()) => {
                    self.entry_is_missing = false;
                    drop(lock::end_checkpoint(&self.folder));
                }
                Err(cause) => log::warn!("the log of transactions could not be marked: {cause}"),
            }
        }
        !self.entry_is_missing
    }
}

/// The value of the setting `whole` in a file that is incomplete without its log.
#[derive(PartialEq, Eq)]
struct Mark {
    id: CheckpointId,
    schema: i64,
}

impl Mark {
    fn to_bytes(&self) -> [u8; 17] {
        let mut bytes = [0; 17];
        bytes[1..9].copy_from_slice(&self.id);
        bytes[9..].copy_from_slice(&self.schema.to_be_bytes());
        bytes
    }

    fn of_bytes(bytes: &[u8; 17]) -> Option<Self> {
        let (zero, rest) = bytes.split_first()?;
        let (id, schema) = rest.split_first_chunk()?;
        let schema = i64::from_be_bytes(schema.try_into().ok()?);
        (*zero == 0).then_some(Self { id: *id, schema })
    }
}

/// Makes the database file complete without its log; false if another connection prevented that.
pub fn finish(connection: &Connection) -> bool {
    let done = set_whole(connection, &WHOLE).and_then(|()| checkpoint(connection, PATIENCE).map_err(failed));
    done.unwrap_or_else(|cause| {
        log::warn!("the log of transactions could not be moved into the database: {cause}");
        false
    })
}

fn checkpoint(connection: &Connection, patience: Duration) -> rusqlite::Result<bool> {
    connection.0.busy_timeout(patience)?;
    let busy = connection.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    connection.0.busy_timeout(BUSY)?;
    Ok(busy? == 0)
}

fn set_whole(connection: &Connection, value: &[u8]) -> Result<()> {
    let sql = "INSERT INTO settings (name, value) VALUES ('whole', ?1) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.run(sql, [value]).map(drop)
}

/// True if the database was copied without its log. Only reads.
pub(super) fn is_cut_off(connection: &Connection, folder: &Path) -> rusqlite::Result<bool> {
    let Some(mark) = found_mark(connection)? else { return Ok(false) };
    let unfinished = lock::unfinished_checkpoint(folder);
    // Reads the mark again: a running server may have finished its checkpoint since the first read.
    Ok(unfinished != Some(mark.id) && found_mark(connection)? == Some(mark))
}

/// The mark, if the database has one with the current schema version.
fn found_mark(connection: &Connection) -> rusqlite::Result<Option<Mark>> {
    if !schema::is_ours(connection)? {
        return Ok(None);
    }
    let sql = "SELECT value FROM settings WHERE name = 'whole' AND length(value) = 17";
    let found: Option<[u8; 17]> = connection.0.query_row(sql, [], |row| row.get(0)).optional()?;
    let mark = found.and_then(|bytes| Mark::of_bytes(&bytes));
    let schema = schema_version(connection)?;
    Ok(mark.filter(|mark| mark.schema == schema))
}

fn schema_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.0.query_row("PRAGMA schema_version", [], |row| row.get(0))
}

/// Accepts the database as complete, although it was copied without its log of transactions.
pub fn accept_as_whole(connection: &Connection) -> Result<()> {
    set_whole(connection, &WHOLE)
}

/// The error for a server whose database was copied without its log, with the next step.
pub fn cut_off(folder: &Path) -> Error {
    let folder = folder.display();
    Error::conflict(
        "cut_off",
        Phrase::words(format!(
            "{folder}/vestibule.db was copied from a running server without vestibule.db-wal: the newest data is missing, and that may be \
             everything. Stop that server and copy vestibule.db again; if it was killed, copy vestibule.db and vestibule.db-wal. To use \
             this file without the missing data, run: vestibule accept-copy --data {folder}"
        )),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Clock;
    use crate::store::Store;
    use tempfile::TempDir;

    /// A database whose server was killed during a checkpoint.
    fn killed_in_a_checkpoint() -> (TempDir, Connection, LogFile) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vestibule.db");
        drop(Store::open(folder.path(), Clock::System).expect("made"));
        let connection = Connection::open(&path).expect("opens");
        let log = LogFile::of(&path, true);
        assert!(log.mark(&connection) && checkpoint(&connection, Duration::ZERO).expect("done"));
        (folder, connection, log)
    }

    fn cut_off_in(connection: &Connection, folder: &TempDir) -> bool {
        is_cut_off(connection, folder.path()).expect("read")
    }

    #[test]
    fn a_marked_file_is_complete_only_if_the_lock_file_has_its_unfinished_checkpoint() {
        let (folder, connection, mut log) = killed_in_a_checkpoint();
        assert!(!cut_off_in(&connection, &folder));
        lock::begin_checkpoint(folder.path(), [7; 8]).expect("noted");
        assert!(cut_off_in(&connection, &folder), "another checkpoint");
        lock::end_checkpoint(folder.path()).expect("noted");
        assert!(cut_off_in(&connection, &folder));
        log.entry_is_missing = true;
        assert!(log.write_missing_entry(&connection) && !cut_off_in(&connection, &folder));
    }

    #[test]
    fn a_copy_by_sqlite_during_a_checkpoint_is_not_incomplete() {
        let (folder, connection, _) = killed_in_a_checkpoint();
        let copied = tempfile::tempdir().expect("a folder");
        let path = copied.path().join("vestibule.db");
        connection.0.execute("VACUUM INTO ?1", [path.to_str()]).expect("copied");
        assert!(!cut_off_in(&Connection::open(&path).expect("opens"), &copied));
        // In contrast: a copy of the database file without its log, as `cp` makes it, is incomplete.
        let path = copied.path().join("copied.db");
        std::fs::copy(folder.path().join("vestibule.db"), &path).expect("copied");
        assert!(cut_off_in(&Connection::open(&path).expect("opens"), &copied));
    }

    #[test]
    fn a_checkpoint_that_cannot_be_recorded_leaves_no_mark() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vestibule.db");
        drop(Store::open(folder.path(), Clock::System).expect("made"));
        std::fs::create_dir(folder.path().join("vestibule.lock")).expect("made");
        let connection = Connection::open(&path).expect("opens");
        let mut log = LogFile::of(&path, true);
        assert!(log.empty(&connection) && log.bytes() == 0);
        assert_eq!(found_mark(&connection).expect("read").map(|mark| mark.id), None);
        // In contrast: if the lock file can be written, the mark is recorded.
        std::fs::remove_dir(folder.path().join("vestibule.lock")).expect("removed");
        assert!(log.empty(&connection) && log.bytes() > 0 && !cut_off_in(&connection, &folder));
        let alone = tempfile::tempdir().expect("a folder");
        std::fs::copy(&path, alone.path().join("vestibule.db")).expect("copied");
        assert!(cut_off_in(&Connection::open(&alone.path().join("vestibule.db")).expect("opens"), &alone));
    }

    #[test]
    fn a_command_does_not_empty_the_log_while_a_server_runs() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vestibule.db");
        drop(Store::open(folder.path(), Clock::System).expect("made"));
        let connection = Connection::open(&path).expect("opens");
        set_whole(&connection, &WHOLE).expect("written");
        let mut log = LogFile::of(&path, false);
        let lock = ServerLock::take(folder.path()).expect("free");
        assert!(!log.empty(&connection) && log.bytes() > 0);
        drop(lock);
        assert!(log.empty(&connection) && log.bytes() == 0);
    }
}
