//! The only SQL. Synchronous: callers are off the async threads.
//!
//! One file per aggregate; each adds methods to [`Db`] (reads) or [`Tx`] (writes). `engine/` hides rusqlite behind a `Connection`, `Row`,
//! `Value` and `Params` of our own. A transaction has its moment, `db.now()`. Imports `domain` alone.

#![allow(clippy::missing_errors_doc)] // each may be `Unavailable`; docstrings tell what else

mod account_events;
mod answered_requests;
mod attempts;
mod audit;
pub mod behalf;
mod branding;
mod conditions;
mod connections;
mod db;
mod endings;
mod engine;
mod health;
mod invitations;
mod keys;
mod mails;
mod makers;
mod member_search;
mod metadata;
mod organisations;
mod own_keys;
mod people;
mod plans;
mod recovery;
mod rights;
mod rows;
mod sessions;
mod settings;
mod setup_links;
mod tickets;
mod users;
mod workspaces;
mod writer;

pub use answered_requests::{AnsweredRequest, EarnedSession};
pub use attempts::Misdirected;
pub use db::{Db, Note, Tx};
pub use engine::{ServerLock, cut_off, sqlite_version};
pub use makers::LinksMade;
pub use tickets::Ticket;

use crate::domain::principal::Claim;
use crate::domain::{Clock, Result, Timestamp, seal::Seal};
use engine::{Connection, Database};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use writer::{Length, Writer};

/// Idle readers kept open.
const MOST_IDLE_READERS: usize = 16;

/// The database: one writer that gathers waiting transactions into one flush, and as many readers as are asked for.
pub struct Store {
    database: Database,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    clock: Clock,
}

impl Store {
    /// Opens `vestibule.db` in the folder, making or upgrading it where needed. `clock`: what each transaction takes the time from.
    ///
    /// # Errors
    /// `Unavailable`, saying what is wrong with the folder or the file and what to do.
    pub fn open(folder: &Path, clock: Clock) -> Result<Self> {
        Self::open_as(folder, clock, false)
    }

    /// The same to serve from it: a copy of the database file alone says from now on that something is missing.
    ///
    /// # Errors
    /// Those of `open`; `Conflict` when the file is such a copy, which is left unchanged.
    pub fn open_to_serve(folder: &Path, clock: Clock) -> Result<Self> {
        Self::open_as(folder, clock, true)
    }

    fn open_as(folder: &Path, clock: Clock, serves: bool) -> Result<Self> {
        let (database, connection, log) = Database::open(folder, serves)?;
        Ok(Self { database, writer: Writer::start(connection, log)?, readers: Mutex::default(), clock })
    }

    /// True if the database was copied without the log of transactions, so that data is missing.
    pub const fn is_cut_off(&self) -> bool {
        self.database.is_cut_off()
    }

    /// Makes the database file complete without its log, and accepts no further writes; false if another connection prevented that.
    pub fn finish(&self) -> bool {
        self.writer.finish()
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The key for values that leave the house and come back.
    pub const fn seal(&self) -> &Seal {
        self.database.seal()
    }

    /// Reads, seeing one moment of the database throughout.
    ///
    /// # Errors
    /// Those of `read`; `Unavailable` when the database cannot be reached.
    pub fn read<T>(&self, read: impl FnOnce(&Db) -> Result<T>) -> Result<T> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| self.database.connect(), Ok)?;
        connection.begin_to_read()?;
        let answer = read(&Db::of(&connection, self.now()));
        connection.commit()?;
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
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write_of(Length::Short, claim, write)
    }

    /// The same for a write that concerns as many rows as an organisation has people: after it the writer is left to other writes for
    /// three times as long as it took.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn write_long<T: Send + 'static>(
        &self,
        claim: &Claim,
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write_of(Length::Long, claim, write)
    }

    fn write_of<T: Send + 'static>(
        &self,
        length: Length,
        claim: &Claim,
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let claim = claim.clone();
        self.writer.run(self.now(), length, move |db| write_by(db, &claim, write))
    }

    /// The same without waiting for the disk: for writes whose delay would tell an outsider something.
    pub fn write_later(&self, claim: &Claim, write: impl FnOnce(&Tx) -> Result<()> + Send + 'static) {
        let claim = claim.clone();
        self.writer.run_later(self.now(), move |db| write_by(db, &claim, write));
    }

    /// Has the files forget soon what was deleted: the log of transactions is emptied when the writer has a quiet second. For
    /// secrets that were used, such as links in letters that were sent.
    pub fn forget(&self) {
        self.writer.forget();
    }

    /// Writes a note for whose sake no request may fail: a full disk must not shut out whoever only reads.
    pub fn note_if_possible(&self, write: impl FnOnce(&Note) -> Result<()> + Send + 'static) {
        if let Err(cause) = self.writer.run(self.now(), Length::Short, |db| write(&Note::of(db))) {
            log::error!("a note was not written: {cause}");
        }
    }

    /// Writes a note without waiting for the disk: its delay would tell an outsider something.
    pub fn note_later(&self, write: impl FnOnce(&Note) -> Result<()> + Send + 'static) {
        self.writer.run_later(self.now(), |db| write(&Note::of(db)));
    }
}

/// Writes by a claim, and ends what that closes.
fn write_by<T>(db: &Db, claim: &Claim, write: impl FnOnce(&Tx) -> Result<T>) -> Result<T> {
    let granted = db.judge_again(claim)?;
    let tx = Tx::of(db, granted);
    let outcome = write(&tx)?;
    tx.end_what_closed()?;
    Ok(outcome)
}
