//! A view of the database, a transaction that writes, and how statements run in them.

use super::engine::{self, Connection, Params, Row};
use crate::domain::access::Door;
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::principal::Granted;
use crate::domain::{Error, Result, Timestamp};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A view of the database: one moment of it, or the inside of a transaction.
#[derive(Clone, Copy)]
pub struct Db<'c> {
    pub(super) connection: &'c Connection,
    now: Timestamp,
}

/// The inside of a transaction that writes notes of the appliance itself: when something was used, and lines of the log. No right is
/// needed for these, and nothing else can be written with it.
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

/// The inside of a transaction that writes, by a right that was judged in it.
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
    /// A part of the transaction: where it fails, nothing of it is written, and the rest may go on.
    ///
    /// # Errors
    /// Those of `part`.
    pub fn savepoint<T>(&self, part: impl FnOnce() -> Result<T>) -> Result<T> {
        in_savepoint(&self.note.0, |_| part())
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

    /// Takes the database as it is, although it was copied without its log of transactions.
    pub fn accept_as_whole(&self) -> Result<()> {
        engine::accept_as_whole(self.note.0.connection)
    }
}

/// The access that a transaction may have ended.
#[derive(Default)]
pub(super) struct Closed {
    /// For everybody of these organisations, whose door was this before.
    pub organisations: HashMap<OrganisationId, Door>,
    /// For these people in these organisations, where their standing changed.
    pub standings: HashSet<(OrganisationId, UserId)>,
    /// For these people.
    pub people: HashSet<UserId>,
}

impl<'c> Db<'c> {
    pub(super) const fn of(connection: &'c Connection, now: Timestamp) -> Self {
        Self { connection, now }
    }
}

impl Db<'_> {
    /// The moment at which this was asked for: everything in it is judged and written as of then.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The one row of a query, if there is one.
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

    /// Runs a statement and gives how many rows it touched.
    pub(super) fn run(&self, sql: &str, params: impl Params) -> Result<usize> {
        self.connection.run(sql, params)
    }

    /// Runs a statement that writes a key; `taken` is the error where a row with it is there already.
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
