//! The types of read and write transactions, and the functions that run statements in them.

use super::engine::{self, Connection, Params, Row};
use crate::domain::access::SignInPolicy;
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::principal::Granted;
use crate::domain::{Error, Result, Timestamp};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A transaction, in which statements can read the database.
#[derive(Clone, Copy)]
pub struct Db<'c> {
    pub(super) connection: &'c Connection,
    now: Timestamp,
}

/// A transaction that can write only the appliance's own notes: when something was used, and entries of the audit log.
/// These need no right.
pub struct Note<'c>(Db<'c>);

impl<'c> Deref for Note<'c> {
    type Target = Db<'c>;

    fn deref(&self) -> &Db<'c> {
        &self.0
    }
}

impl<'c> Note<'c> {
    pub(super) fn of(db: &Db<'c>) -> Self {
        Self(*db)
    }
}

/// A transaction that can write, with a right that was checked in it.
pub struct Tx<'c> {
    note: Note<'c>,
    pub(super) granted: Granted,
    pub(super) closed: RefCell<Closed>,
}

impl<'c> Deref for Tx<'c> {
    type Target = Note<'c>;

    fn deref(&self) -> &Note<'c> {
        &self.note
    }
}

impl<'c> Tx<'c> {
    pub(super) fn of(db: &Db<'c>, granted: Granted) -> Self {
        Self { note: Note::of(db), granted, closed: RefCell::default() }
    }
}

impl Tx<'_> {
    /// Runs a part of the transaction in a savepoint: if it fails, its changes are rolled back, and the transaction can
    /// continue.
    ///
    /// # Errors
    /// The errors of `part`.
    pub fn savepoint<T>(&self, part: impl FnOnce() -> Result<T>) -> Result<T> {
        in_savepoint(&self.note.0, |_| part())
    }

    /// Accepts the database as complete, although it was copied without its log of transactions.
    pub fn accept_as_whole(&self) -> Result<()> {
        engine::accept_as_whole(self.note.0.connection)
    }
}

/// The people whose access a transaction may have ended.
#[derive(Default)]
pub(super) struct Closed {
    /// All people of these organisations, each with the sign-in policy from before the transaction.
    pub organisations: HashMap<OrganisationId, SignInPolicy>,
    /// These people in these organisations, because their membership status may have changed.
    pub standings: HashSet<(OrganisationId, UserId)>,
    /// These people, in all organisations.
    pub people: HashSet<UserId>,
    /// These people, whose levels in applications may have changed.
    pub levels: HashSet<UserId>,
}

impl<'c> Db<'c> {
    pub(super) const fn of(connection: &'c Connection, now: Timestamp) -> Self {
        Self { connection, now }
    }
}

impl Db<'_> {
    /// The time at which the transaction was requested. All its checks and writes use this time.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The single row of a query, if any.
    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        from_row: impl FnOnce(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        self.connection.one(sql, params, from_row)
    }

    /// All rows of a query.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        from_row: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.connection.all(sql, params, from_row)
    }

    /// The number that a query counts.
    pub(super) fn count(&self, sql: &str, params: impl Params) -> Result<i64> {
        self.one(sql, params, |row| row.get(0)).map(Option::unwrap_or_default)
    }

    /// Runs a statement and returns the number of rows that it changed.
    pub(super) fn run(&self, sql: &str, params: impl Params) -> Result<usize> {
        self.connection.run(sql, params)
    }

    /// Runs a statement that writes a unique key; `taken` is the error if another row has that key.
    pub(super) fn run_unless_taken(&self, sql: &str, params: impl Params, taken: impl FnOnce() -> Error) -> Result<()> {
        self.connection.run_unless_taken(sql, params, taken).map(drop)
    }
}

pub(super) fn in_savepoint<T>(db: &Db, write: impl FnOnce(&Db) -> Result<T>) -> Result<T> {
    db.connection.begin_part()?;
    let outcome =
        catch_unwind(AssertUnwindSafe(|| write(db))).unwrap_or_else(|_| Err(Error::internal("a write panicked")));
    db.connection.end_part(outcome.is_ok())?;
    outcome
}
