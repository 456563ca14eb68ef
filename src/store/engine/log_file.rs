//! The log of transactions, SQLite's `-wal` file beside the database, and how a copy of the database without it is told apart.
//!
//! A transaction is written to the log first; a checkpoint moves it into the database. A copy of `vestibule.db` alone from a running
//! server has the state of the last checkpoint, which looks like a database of its own. So the setting `whole` is 0 in the database
//! file and 1 in the log behind it while a server runs: with its log the database is intact; alone, it says that something is missing.
//! A server that stops leaves 1 in the file.
//!
//! Between 0, the checkpoint and 1, a file that says 0 lacks nothing. So 0 comes with the checkpoint's number, which the lock file
//! names as long: a server that is killed there starts again without complaint, also where another program has removed the log since.
//! It comes with the schema's version too, which `VACUUM INTO` and SQLite's backup change, so that what they copy there is no fault.
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

/// The log is moved into the database when it has grown by this, in bytes: small enough that nobody notices the pause.
const GROWN_BYTES: u64 = 4 * 1024 * 1024;
/// How long a server that stops waits for a command that reads.
const PATIENCE: Duration = Duration::from_secs(2);
/// The setting `whole` of a database that lacks nothing.
const WHOLE: [u8; 1] = [1];

/// The log of one database.
pub struct LogFile {
    folder: PathBuf,
    path: PathBuf,
    /// True in the server, which marks the file.
    serves: bool,
    /// True while the log lacks the entry that the database is complete: it could not be written after the last checkpoint.
    owes: bool,
    /// Its size after the last attempt to empty it, in bytes.
    left: u64,
}

impl LogFile {
    /// Of this database. `serves`: whether this process is its server.
    pub fn of(database: &Path, serves: bool) -> Self {
        let mut path = OsString::from(database);
        path.push("-wal");
        let folder = database.parent().map(Path::to_owned).unwrap_or_default();
        Self { folder, path: path.into(), serves, owes: false, left: 0 }
    }

    /// Its size.
    pub fn bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |log| log.len())
    }

    /// Moves the log into the database and empties it; false if another connection prevented that.
    pub fn empty(&mut self, connection: &Connection) -> bool {
        if !self.serves && ServerLock::is_held(&self.folder) {
            // The server does it, and marks the file.
            return false;
        }
        // On a full disk the mark cannot be written, and moving the log may still help.
        self.owes = self.settles(connection) && self.serves && self.mark(connection) || self.owes;
        let emptied = checkpoint(connection, Duration::ZERO).unwrap_or_else(|cause| {
            log::warn!("the log of transactions was not emptied: {cause}");
            false
        });
        self.settles(connection);
        self.left = self.bytes();
        emptied
    }

    /// Writes what it still owes, and empties the log when it has grown.
    pub fn keep_small(&mut self, connection: &Connection) {
        self.settles(connection);
        if self.bytes() > self.left + GROWN_BYTES {
            self.empty(connection);
        }
    }

    /// Marks the file as incomplete without its log, from the next checkpoint on; false if that could not be written.
    fn mark(&self, connection: &Connection) -> bool {
        let id = random_bytes();
        let mark = || {
            lock::begin_checkpoint(&self.folder, id).map_err(|cause| cause.to_string())?;
            let mark = Mark { id, schema: schema_version(connection).map_err(|cause| cause.to_string())? };
            set_whole(connection, &mark.to_bytes()).map_err(|cause| cause.to_string())
        };
        mark().inspect_err(|cause| log::warn!("the database could not be marked: {cause}")).is_ok()
    }

    /// Writes to the log that the database is complete with it, if that is missing; false if it could not be written.
    fn settles(&mut self, connection: &Connection) -> bool {
        if self.owes {
            match set_whole(connection, &WHOLE) {
                Ok(()) => {
                    self.owes = false;
                    drop(lock::end_checkpoint(&self.folder));
                }
                Err(cause) => log::warn!("the log of transactions could not be marked: {cause}"),
            }
        }
        !self.owes
    }
}

/// The setting `whole` in a file that something is missing from without its log.
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

/// True if the database was copied without its log. Writes nothing.
pub(super) fn is_cut_off(connection: &Connection, folder: &Path) -> rusqlite::Result<bool> {
    let Some(mark) = found_mark(connection)? else { return Ok(false) };
    let unfinished = lock::unfinished_checkpoint(folder);
    // Read again: a server that runs may have finished its checkpoint since the first look.
    Ok(unfinished != Some(mark.id) && found_mark(connection)? == Some(mark))
}

/// The mark, where the database has it as it was written.
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

/// Takes the database as it is, although it was copied without its log of transactions.
pub fn accept_as_whole(connection: &Connection) -> Result<()> {
    set_whole(connection, &WHOLE)
}

/// The refusal to serve a database that was copied without its log, with the next step.
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

    /// A database whose server was killed within a checkpoint.
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
    fn only_the_unfinished_checkpoint_of_the_lock_file_excuses_a_mark() {
        let (folder, connection, mut log) = killed_in_a_checkpoint();
        assert!(!cut_off_in(&connection, &folder));
        lock::begin_checkpoint(folder.path(), [7; 8]).expect("noted");
        assert!(cut_off_in(&connection, &folder), "another checkpoint");
        lock::end_checkpoint(folder.path()).expect("noted");
        assert!(cut_off_in(&connection, &folder));
        log.owes = true;
        assert!(log.settles(&connection) && !cut_off_in(&connection, &folder));
    }

    #[test]
    fn what_sqlite_copies_within_a_checkpoint_is_no_incomplete_copy() {
        let (folder, connection, _) = killed_in_a_checkpoint();
        let copied = tempfile::tempdir().expect("a folder");
        let path = copied.path().join("vestibule.db");
        connection.0.execute("VACUUM INTO ?1", [path.to_str()]).expect("copied");
        assert!(!cut_off_in(&Connection::open(&path).expect("opens"), &copied));
        // Its twin: the file alone, as `cp` copies it.
        let path = copied.path().join("copied.db");
        std::fs::copy(folder.path().join("vestibule.db"), &path).expect("copied");
        assert!(cut_off_in(&Connection::open(&path).expect("opens"), &copied));
    }

    #[test]
    fn a_checkpoint_that_cannot_be_noted_leaves_no_mark() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vestibule.db");
        drop(Store::open(folder.path(), Clock::System).expect("made"));
        std::fs::create_dir(folder.path().join("vestibule.lock")).expect("made");
        let connection = Connection::open(&path).expect("opens");
        let mut log = LogFile::of(&path, true);
        assert!(log.empty(&connection) && log.bytes() == 0);
        assert_eq!(found_mark(&connection).expect("read").map(|mark| mark.id), None);
        // Its twin.
        std::fs::remove_dir(folder.path().join("vestibule.lock")).expect("removed");
        assert!(log.empty(&connection) && log.bytes() > 0 && !cut_off_in(&connection, &folder));
        let alone = tempfile::tempdir().expect("a folder");
        std::fs::copy(&path, alone.path().join("vestibule.db")).expect("copied");
        assert!(cut_off_in(&Connection::open(&alone.path().join("vestibule.db")).expect("opens"), &alone));
    }

    #[test]
    fn a_command_leaves_the_log_to_the_server_that_runs() {
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
