//! The only SQL, the only rusqlite. Synchronous: callers are off the async threads.
//!
//! One file per aggregate; each adds methods to [`Db`] (reads) or [`Tx`] (writes). Imports `domain` alone.

#![allow(clippy::missing_errors_doc)] // each may be `Unavailable`; docstrings tell what else

mod account_events;
mod answered_requests;
mod attempts;
mod audit;
mod branding;
mod conditions;
mod connections;
mod endings;
mod health;
mod invitations;
mod keys;
mod lock;
mod log_file;
mod mails;
mod member_search;
mod metadata;
mod organisations;
mod own_keys;
mod people;
mod plans;
mod recovery;
mod rights;
mod rows;
mod schema;
mod sessions;
mod settings;
mod setup_links;
mod tickets;
mod users;
mod workspaces;
mod writer;

pub use answered_requests::{AnsweredRequest, EarnedSession};
pub use attempts::{Attempt, AttemptOutcome, Evidence, Misdirected};
pub use health::sqlite_version;
pub use lock::ServerLock;
pub use log_file::cut_off;
pub use organisations::OrganisationSummary;
pub use plans::PlanUse;
pub use tickets::Ticket;

use crate::domain::principal::{Claim, Granted};
use crate::domain::{Error, Result, Timestamp, seal::Seal};
use endings::Closed;
use log_file::LogFile;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::cell::RefCell;
use std::fs::{DirBuilder, OpenOptions};
use std::ops::Deref;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use writer::Writer;

/// How long a statement waits for a lock that another process holds.
const BUSY: Duration = Duration::from_secs(10);
/// Idle readers kept open.
const MOST_IDLE_READERS: usize = 16;

/// The database: one writer that gathers waiting transactions into one flush, and as many readers as are asked for.
pub struct Store {
    path: PathBuf,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    is_cut_off: bool,
    seal: Seal,
}

/// A view of the database: one moment of it, or the inside of a transaction.
pub struct Db<'c>(&'c Connection);

/// The inside of a transaction that writes, by a right that was judged in it.
pub struct Tx<'c> {
    db: Db<'c>,
    granted: Granted,
    closed: RefCell<Closed>,
}

impl<'c> Deref for Tx<'c> {
    type Target = Db<'c>;

    fn deref(&self) -> &Db<'c> {
        &self.db
    }
}

impl<'c> Tx<'c> {
    fn of(db: &Db<'c>, granted: Granted) -> Self {
        Self { db: Db(db.0), granted, closed: RefCell::default() }
    }
}

impl Tx<'_> {
    /// A part of the transaction: where it fails, nothing of it is written, and the rest may go on.
    ///
    /// # Errors
    /// Those of `part`.
    pub fn savepoint<T>(&self, part: impl FnOnce() -> Result<T>) -> Result<T> {
        writer::in_savepoint(self.db.0, |_| part())
    }

    /// A part of which nothing is written, for what it would come to.
    ///
    /// # Errors
    /// Those of `part`.
    pub fn rehearse<T>(&self, part: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut outcome = None;
        let taken_back = self.savepoint(|| {
            outcome = Some(part());
            Err(Error::internal("rehearsed"))
        });
        outcome.unwrap_or(taken_back)
    }
}

impl Store {
    /// Opens `vestibule.db` in the folder, making or upgrading it where needed.
    ///
    /// # Errors
    /// `Unavailable`, saying what is wrong with the folder or the file and what to do.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::open_as(folder, false)
    }

    /// The same to serve from it: a copy of the database file alone says from now on that something is missing.
    ///
    /// # Errors
    /// Those of `open`; `Conflict` when the file is such a copy, which is left unchanged.
    pub fn open_to_serve(folder: &Path) -> Result<Self> {
        Self::open_as(folder, true)
    }

    fn open_as(folder: &Path, serves: bool) -> Result<Self> {
        let path = folder.join("vestibule.db");
        make_folder(folder)?;
        // SQLite gives its other files the permissions of this one; why it cannot be made, it tells better.
        drop(OpenOptions::new().append(true).create(true).mode(0o600).open(&path));
        let mut connection = connect(&path)?;
        let is_cut_off = log_file::is_cut_off(&connection, folder).map_err(|cause| unusable(&path, &cause))?;
        if is_cut_off && serves {
            return Err(cut_off(folder));
        }
        let seal = schema::prepare(&mut connection, &path)?;
        let mut log = LogFile::of(&path, serves);
        if serves {
            log.empty(&connection);
        }
        Ok(Self { writer: Writer::start(connection, log)?, readers: Mutex::default(), is_cut_off, seal, path })
    }

    /// True if the database was copied without the log of transactions, so that data is missing.
    pub const fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }

    /// Makes the database file complete without its log, and accepts no further writes; false if another connection prevented that.
    pub fn finish(&self) -> bool {
        self.writer.finish()
    }

    /// The key for values that leave the house and come back.
    pub const fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Reads, seeing one moment of the database throughout.
    ///
    /// # Errors
    /// Those of `read`; `Unavailable` when the database cannot be reached.
    pub fn read<T>(&self, read: impl FnOnce(&Db) -> Result<T>) -> Result<T> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| connect(&self.path), Ok)?;
        connection.execute_batch("BEGIN").map_err(failed)?;
        let answer = read(&Db(&connection));
        connection.execute_batch("COMMIT").map_err(failed)?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < MOST_IDLE_READERS {
            readers.push(connection);
        }
        answer
    }

    /// Writes by the right that `claim` names, judged in the same transaction as everything stands then: all of it is on the
    /// disk when this returns `Ok`, and none of it otherwise. Sessions whose last open grant ends by it end with it.
    ///
    /// # Errors
    /// Those of the right, which is judged first, and of `write`; `Unavailable` when the disk is full or the database cannot be
    /// written.
    pub fn write<T: Send + 'static>(
        &self,
        claim: &Claim,
        now: Timestamp,
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let claim = claim.clone();
        self.writer.run(move |db| {
            let granted = db.judge_again(&claim, now)?;
            let tx = Tx::of(db, granted);
            let outcome = write(&tx)?;
            tx.end_what_closed(now)?;
            Ok(outcome)
        })
    }

    /// Has the files forget soon what was deleted: the log of transactions is emptied when the writer has a quiet second. For
    /// secrets that were used, such as links in letters that were sent.
    pub fn forget(&self) {
        self.writer.forget();
    }

    /// Writes a note for whose sake no request may fail: a full disk must not shut out whoever only reads.
    pub fn write_if_possible(&self, write: impl FnOnce(&Tx) -> Result<()> + Send + 'static) {
        if let Err(cause) = self.writer.run(|db| write_note(db, write)) {
            log::error!("a note was not written: {cause}");
        }
    }

    /// Writes without waiting for the disk: for notes whose delay would tell an outsider something.
    pub fn write_later(&self, write: impl FnOnce(&Tx) -> Result<()> + Send + 'static) {
        self.writer.run_later(|db| write_note(db, write));
    }
}

/// Writes a note of the appliance itself.
fn write_note(db: &Db, write: impl FnOnce(&Tx) -> Result<()>) -> Result<()> {
    let tx = Tx::of(db, Granted::Operator);
    write(&tx)?;
    tx.has_closed_nothing()
}

/// What lies in the folder is for the user who serves alone.
fn make_folder(folder: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|cause| Error::unavailable(format!("The data folder {} cannot be made: {cause}.", folder.display())))
}

/// Opens the file with the settings that every connection has.
fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(|cause| unusable(path, &cause))?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(128);
    // SQLite's own knows only ASCII letters.
    connection
        .create_scalar_function("lower", 1, FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC, |call| {
            Ok(call.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
        })
        .map_err(failed)?;
    connection
        .execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;
            PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 0;",
        )
        .map_err(|cause| unusable(path, &cause))?;
    Ok(connection)
}

/// What is wrong with the file, in words for whoever starts the program.
fn unusable(path: &Path, cause: &rusqlite::Error) -> Error {
    let advice = match cause.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            "is not a database of Vestibule; move it away or name another folder with --data"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "cannot be written; check the owner and the permissions of the file and its folder"
        }
        Some(ErrorCode::CannotOpen) => "cannot be opened; check that the folder exists and who may write to it",
        Some(ErrorCode::DiskFull) => "cannot grow: the disk is full",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "is held by another program",
        _ => "cannot be used",
    };
    Error::unavailable(format!("{} {advice} ({cause}).", path.display()))
}

/// Our own fault, or a database that cannot serve now.
fn failed(cause: rusqlite::Error) -> Error {
    match cause.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
            log::error!("the database cannot be written: {cause}");
            Error::unavailable("The database cannot be written. Nothing was changed; tell the operator.")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::unavailable("The database is busy. Nothing was changed; try again.")
        }
        _ => Error::internal(cause),
    }
}

/// Maps the UNIQUE code, never the error's text, to `taken`.
fn unless_taken(cause: rusqlite::Error, taken: impl FnOnce() -> Error) -> Error {
    match cause.sqlite_extended_error_code() {
        Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => taken(),
        _ => failed(cause),
    }
}
