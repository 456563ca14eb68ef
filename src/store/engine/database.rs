//! Opens the database of a data folder, and knows its files.

use super::connection::{Connection, unusable};
use super::lock::{ServerLock, make_folder};
use super::log_file::{self, LogFile, cut_off};
use super::schema;
use super::upgrade::{keep_copy, way_back};
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result, seal::Seal};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The page cache of a read connection, in KiB. With SQLite's default of 2 MiB, the caches would use most of the server's
/// memory; the system caches the file too.
const READER_CACHE_KIB: u32 = 512;

/// The database file `vestibule.db` of a data folder.
pub struct Database {
    path: PathBuf,
    seal: Seal,
    is_cut_off: bool,
}

impl Database {
    /// Opens the database; creates or upgrades it where needed. Returns also the connection for writes and the log of
    /// transactions. `serves`: true if this process is the server; `keeps_copy`: true if a copy
    /// is kept before an upgrade. When a server has opened it, a copy of the file without its log can
    /// be recognised as incomplete.
    ///
    /// # Errors
    /// `Unavailable`, with the problem and the next step: the folder or the file cannot be used, or the file needs an
    /// upgrade while a server of an older version runs with it. `Conflict` when `serves` is true and the file is such
    /// an incomplete copy, which is left unchanged.
    pub fn open(folder: &Path, serves: bool, keeps_copy: bool) -> Result<(Self, Connection, LogFile)> {
        let path = folder.join("vestibule.db");
        make_folder(folder)?;
        refuse_incomplete_files(&path)?;
        // Creates the file with the right permissions, which SQLite copies to its other files. If this fails, SQLite
        // reports the cause better below.
        let made = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path).is_ok();
        Self::open_file(folder, path.clone(), serves, keeps_copy).inspect_err(|_| {
            // An empty file would later be taken for a database that has lost its content.
            if made && is_empty(&path) {
                drop(std::fs::remove_file(&path));
            }
        })
    }

    fn open_file(folder: &Path, path: PathBuf, serves: bool, keeps_copy: bool) -> Result<(Self, Connection, LogFile)> {
        let mut connection = Connection::open(&path)?;
        let is_cut_off = log_file::is_cut_off(&connection, folder).map_err(|cause| unusable(&path, &cause))?;
        if is_cut_off && serves {
            return Err(cut_off(folder));
        }
        refuse_newer(&connection, folder, &path)?;
        // The server itself holds the lock already.
        let _lock =
            if !serves && schema::is_older(&connection)? { Some(lock_for_upgrade(folder, &path)?) } else { None };
        if keeps_copy && schema::is_older(&connection)? {
            keep_copy(&connection, folder)?;
        }
        let seal = schema::prepare(&mut connection, &path)?;
        let mut log = LogFile::of(&path, serves);
        if serves {
            log.empty(&connection);
        }
        Ok((Self { path, seal, is_cut_off }, connection, log))
    }

    /// Opens another connection, for reads.
    ///
    /// # Errors
    /// `Unavailable` when the file cannot be opened.
    pub fn connect(&self) -> Result<Connection> {
        let connection = Connection::open(&self.path)?;
        connection.set_cache(READER_CACHE_KIB)?;
        Ok(connection)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new("."))
    }

    /// The path of the database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key that protects values which leave the server and return to it, such as request ids.
    pub const fn seal(&self) -> &Seal {
        &self.seal
    }

    /// True if the file was copied without the log of transactions, so that data is missing.
    pub const fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }

    /// The size of the log of transactions, in bytes.
    pub fn log_bytes(&self) -> u64 {
        LogFile::of(&self.path, false).bytes()
    }

    /// True if a server is running with this database.
    pub fn is_served(&self) -> bool {
        ServerLock::is_held(self.folder())
    }
}

fn is_empty(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() == 0)
}

/// Refuses an empty file, and a log of transactions without its database: SQLite would treat both as a new database,
/// and delete the log.
///
/// # Errors
/// `Unavailable`, with the problem and the next step.
fn refuse_incomplete_files(path: &Path) -> Result<()> {
    let (file, log) = (path.display(), LogFile::of(path, false).bytes() > 0);
    let restore = "Put back a copy of both from the same moment, or a backup.";
    let told = match (path.exists(), log) {
        (true, false) if is_empty(path) => format!(
            "{file} is empty (0 bytes): a copy failed, or the file was cut off. Put back a copy or a backup of it. If there is no data to \
             keep, delete the file to begin with a new database."
        ),
        (true, true) if is_empty(path) => format!(
            "{file} is empty (0 bytes), and vestibule.db-wal beside it has changes that belong to another state of it. {restore} If there \
             is no data to keep, delete both files to begin with a new database."
        ),
        (false, true) => format!(
            "{file} is missing, and vestibule.db-wal has changes that belong to it. {restore} If there is no data to keep, delete \
             vestibule.db-wal to begin with a new database."
        ),
        _ => return Ok(()),
    };
    Err(Error::unavailable(Phrase::words(told)))
}

/// Refuses a database that a newer program has upgraded, and says how to go back.
fn refuse_newer(connection: &Connection, folder: &Path, path: &Path) -> Result<()> {
    let Ok(Some(version)) = schema::newer_version(connection) else { return Ok(()) };
    let told = format!("{}{}", schema::newer(path, version), way_back(folder));
    Err(Error::unavailable(Phrase::words(told)))
}

/// Takes the server lock for an upgrade by a command. A running server of an older version would not know the new
/// schema.
fn lock_for_upgrade(folder: &Path, path: &Path) -> Result<ServerLock> {
    ServerLock::take(folder).map_err(|_| {
        Error::unavailable(Phrase::words(format!(
            "{} was written by an older Vestibule, whose server still runs with it. Restart the server with this version first \
             (systemctl restart vestibule), then run the command again.",
            path.display()
        )))
    })
}
