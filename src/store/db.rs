//! A view of the database, a transaction that writes, and how statements run in them.

use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::principal::Granted;
use crate::domain::{Error, Result};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Params, Row};
use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

/// How long a statement waits for a lock that another process holds.
pub(super) const BUSY: Duration = Duration::from_secs(10);

/// A view of the database: one moment of it, or the inside of a transaction.
pub struct Db<'c>(pub(super) &'c Connection);

/// The inside of a transaction that writes, by a right that was judged in it.
pub struct Tx<'c> {
    db: Db<'c>,
    pub(super) granted: Granted,
    pub(super) closed: RefCell<Closed>,
}

impl<'c> Deref for Tx<'c> {
    type Target = Db<'c>;

    fn deref(&self) -> &Db<'c> {
        &self.db
    }
}

impl<'c> Tx<'c> {
    pub(super) fn of(db: &Db<'c>, granted: Granted) -> Self {
        Self { db: Db(db.0), granted, closed: RefCell::default() }
    }
}

impl Tx<'_> {
    /// A part of the transaction: where it fails, nothing of it is written, and the rest may go on.
    ///
    /// # Errors
    /// Those of `part`.
    pub fn savepoint<T>(&self, part: impl FnOnce() -> Result<T>) -> Result<T> {
        in_savepoint(self.db.0, |_| part())
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

/// The access that a transaction may have ended.
#[derive(Default)]
pub(super) struct Closed {
    /// For everybody of these organisations.
    pub organisations: HashSet<OrganisationId>,
    /// For these people.
    pub people: HashSet<UserId>,
}

impl Db<'_> {
    /// The one row of a query, if there is one.
    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        from_row: impl FnOnce(&Row) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        statement.query_row(params, from_row).optional().map_err(failed)
    }

    /// All rows of a query.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        from_row: impl FnMut(&Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map(params, from_row).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// The number that a query counts.
    pub(super) fn count(&self, sql: &str, params: impl Params) -> Result<i64> {
        self.one(sql, params, |row| row.get(0)).map(Option::unwrap_or_default)
    }

    /// Runs a statement and gives how many rows it touched, or SQLite's own error for the caller to map.
    pub(super) fn try_run(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.0.prepare_cached(sql)?.execute(params)
    }

    /// Runs a statement and gives how many rows it touched.
    pub(super) fn run(&self, sql: &str, params: impl Params) -> Result<usize> {
        self.try_run(sql, params).map_err(failed)
    }
}

pub(super) fn in_savepoint<T>(connection: &Connection, write: impl FnOnce(&Db) -> Result<T>) -> Result<T> {
    connection.execute_batch("SAVEPOINT job").map_err(failed)?;
    let outcome = catch_unwind(AssertUnwindSafe(|| write(&Db(connection))))
        .unwrap_or_else(|_| Err(Error::internal("a write panicked")));
    let end = if outcome.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    connection.execute_batch(end).map_err(failed)?;
    outcome
}

/// Opens the file with the settings that every connection has.
pub(super) fn connect(path: &Path) -> Result<Connection> {
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
pub(super) fn unusable(path: &Path, cause: &rusqlite::Error) -> Error {
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
pub(super) fn failed(cause: rusqlite::Error) -> Error {
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
pub(super) fn unless_taken(cause: rusqlite::Error, taken: impl FnOnce() -> Error) -> Error {
    match cause.sqlite_extended_error_code() {
        Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => taken(),
        _ => failed(cause),
    }
}
