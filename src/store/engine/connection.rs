//! A connection to the database, and the functions that run statements on it.

use super::values::{Params, Row};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{ErrorCode, OpenFlags, params_from_iter};
use std::path::Path;
use std::time::Duration;

/// How long a statement waits for a lock that another process holds.
pub(super) const BUSY: Duration = Duration::from_secs(10);

/// A connection. Prepared statements are cached.
pub struct Connection(pub(super) rusqlite::Connection);

impl Connection {
    /// Opens the file with the settings that every connection has.
    ///
    /// # Errors
    /// `Unavailable`, with the problem and the next step.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let connection = rusqlite::Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|cause| unusable(path, &cause))?;
        connection.busy_timeout(BUSY).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(256);
        // Without this, SQLite compiles some statements again for each set of parameters.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;
                PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 0;",
            )
            .map_err(|cause| unusable(path, &cause))?;
        let connection = Self(connection);
        connection.add_functions()?;
        Ok(connection)
    }

    /// Adds our own SQL functions. SQLite's `lower` converts only ASCII letters.
    pub(super) fn add_functions(&self) -> Result<()> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        let lower = self.0.create_scalar_function("lower", 1, flags, |call| {
            Ok(call.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
        });
        lower.map_err(failed)
    }

    /// Sets the size of the page cache.
    pub(super) fn set_cache(&self, kib: u32) -> Result<()> {
        self.0.execute_batch(&format!("PRAGMA cache_size = -{kib}")).map_err(failed)
    }

    /// The single row of a query, if any.
    pub fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        from_row: impl FnOnce(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        params.with(|values| {
            let mut rows = statement.query(params_from_iter(values)).map_err(failed)?;
            rows.next().map_err(failed)?.map(|row| from_row(&Row::of(row))).transpose()
        })
    }

    /// All rows of a query.
    pub fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut from_row: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        params.with(|values| {
            let mut rows = statement.query(params_from_iter(values)).map_err(failed)?;
            let mut all = Vec::new();
            while let Some(row) = rows.next().map_err(failed)? {
                all.push(from_row(&Row::of(row))?);
            }
            Ok(all)
        })
    }

    /// Runs a statement and returns the number of rows that it changed.
    pub fn run(&self, sql: &str, params: impl Params) -> Result<usize> {
        self.try_run(sql, params).map_err(failed)
    }

    /// Runs a statement and returns the number of rows that it changed; `taken` is the error if it would repeat a
    /// unique key.
    pub fn run_unless_taken(&self, sql: &str, params: impl Params, taken: impl FnOnce() -> Error) -> Result<usize> {
        self.try_run(sql, params).map_err(|cause| match cause.sqlite_extended_error_code() {
            Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => taken(),
            _ => failed(cause),
        })
    }

    fn try_run(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        let mut statement = self.0.prepare_cached(sql)?;
        params.with(|values| statement.execute(params_from_iter(values)))
    }

    /// Begins a read transaction, which sees a single state of the database.
    pub fn begin_to_read(&self) -> Result<()> {
        self.command("BEGIN")
    }

    /// Begins a write transaction. There is at most one at a time.
    pub fn begin_to_write(&self) -> Result<()> {
        self.command("BEGIN IMMEDIATE")
    }

    /// Commits the transaction; its changes are then on the disk.
    pub fn commit(&self) -> Result<()> {
        self.command("COMMIT")
    }

    /// Rolls the transaction back. Does nothing if none is open.
    pub fn roll_back(&self) {
        drop(self.0.execute_batch("ROLLBACK"));
    }

    /// A number that changes with each transaction of another connection.
    pub fn data_version(&self) -> Result<i64> {
        self.one("PRAGMA data_version", (), |row| row.get(0)).map(Option::unwrap_or_default)
    }

    /// True within a transaction. SQLite rolls a transaction back by itself when the disk fails.
    pub fn is_in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }

    /// Begins a savepoint.
    pub fn begin_part(&self) -> Result<()> {
        self.command("SAVEPOINT part")
    }

    /// Ends a savepoint; `keep`: false rolls its changes back.
    pub fn end_part(&self, keep: bool) -> Result<()> {
        if !keep {
            self.command("ROLLBACK TO part")?;
        }
        self.command("RELEASE part")
    }

    fn command(&self, sql: &str) -> Result<()> {
        self.run(sql, ()).map(drop)
    }
}

/// The error for a file that cannot be used, with the cause and the next step for the person who starts the program.
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
    Error::unavailable(Phrase::words(format!("{} {advice} ({cause}).", path.display())))
}

/// The error of a failed statement: `Unavailable` if the disk or a lock is the cause, otherwise `Internal`.
pub(super) fn failed(cause: rusqlite::Error) -> Error {
    match cause.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
            log::error!("the database cannot be written: {cause}");
            Error::unavailable(phrase!("database-not-writable"))
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::unavailable(phrase!("busy-database")),
        _ => Error::internal(cause),
    }
}
