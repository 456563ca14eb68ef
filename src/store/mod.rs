//! The only module that contains SQL. It is synchronous: callers must not run on the async threads.
//!
//! One file per aggregate; each adds methods to [`Db`] (reads) or [`Tx`] (writes). `engine/` hides rusqlite behind our
//! own `Connection`, `Row`, `Value` and `Params`. Each transaction has a fixed time, `db.now()`. Imports only `domain`.

#![allow(clippy::missing_errors_doc)] // each can return `Unavailable`; docstrings list the other errors

mod account_events;
mod answered_requests;
mod application_hosts;
mod application_sessions;
mod applications;
mod attempts;
mod audit;
mod audit_chain;
mod authorizations;
mod backup;
pub mod behalf;
mod bell;
mod branding;
mod changes;
mod client_sessions;
mod conditions;
mod connections;
mod db;
mod endings;
mod engine;
mod health;
mod hosts;
mod invitations;
mod keys;
mod live_sessions;
#[cfg(test)]
mod live_sessions_tests;
mod mails;
mod makers;
mod member_search;
mod metadata;
mod oidc_clients;
mod organisations;
mod own_keys;
mod people;
mod plans;
mod portals;
mod recovery;
mod rights;
mod roles;
mod rows;
mod sessions;
mod settings;
mod setup_links;
mod signing_keys;
mod stamped;
mod tickets;
mod users;
mod workspaces;
mod writer;

pub use answered_requests::{AnsweredRequest, EarnedSession};
pub use application_sessions::ApplicationCode;
pub use attempts::Misdirected;
pub use backup::{Backup, replace};
pub use db::{Db, Note, Tx};
pub use engine::{ServerLock, copy_as_it_is, current_version, cut_off, row_counts, sqlite_version};
pub use makers::LinksMade;
pub use roles::RoleHolder;
pub use tickets::Ticket;

use crate::domain::application::{Hosted, Opening};
use crate::domain::application_host::AppHost;
use crate::domain::phrase::phrase;
use crate::domain::portal::{Portal, PortalName};
use crate::domain::principal::Claim;
use crate::domain::seal::{Seal, digest};
use crate::domain::session::{PAUSE_SECS, SignedIn};
use crate::domain::signing_key::SigningKeys;
use crate::domain::{Clock, Error, Result, Timestamp};
use bell::Bell;
use changes::Changes;
use engine::{Connection, Database};
use hosts::{Hosts, MOST_HOSTS};
use live_sessions::LiveSessions;
use portals::{MOST_PORTALS, Portals};
use signing_keys::KnownKeys;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use writer::{Length, Writer};

/// The maximum number of idle read connections that are kept open.
const MOST_IDLE_READERS: usize = 16;
/// The maximum number of last-use times of sessions that one transaction writes.
const USES_AT_ONCE: usize = 500;

/// The database: one writer that commits waiting transactions together, and any number of readers.
pub struct Store {
    database: Database,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    clock: Clock,
    /// Only in a server. A command has no cache, because it would not notice the server's changes.
    memory: Option<Memory>,
}

/// The in-memory cache of a server.
struct Memory {
    changes: Arc<Changes>,
    sessions: LiveSessions,
    application_sessions: LiveSessions<Opening>,
    hosts: Hosts,
    portals: Portals,
    signing_keys: KnownKeys,
    /// The socket on which commands report that they have changed the database.
    _bell: Option<Bell>,
}

impl Store {
    /// Opens `vestibule.db` in the folder; creates or upgrades it where needed. `clock`: the source of each
    /// transaction's time.
    ///
    /// # Errors
    /// `Unavailable`: the message names the problem with the folder or the file and the next step.
    pub fn open(folder: &Path, clock: Clock) -> Result<Self> {
        Self::open_as(folder, clock, false, true)
    }

    /// As `open`, but for a copy of a database, of which no further copy is kept before an upgrade.
    ///
    /// # Errors
    /// The errors of `open`.
    pub fn open_copy(folder: &Path, clock: Clock) -> Result<Self> {
        Self::open_as(folder, clock, false, false)
    }

    /// As `open`, but for a server. From now on, a copy of the database file without its log can be recognised as
    /// incomplete.
    ///
    /// # Errors
    /// The errors of `open`; `Conflict` when the file is such an incomplete copy, which is left unchanged.
    pub fn open_to_serve(folder: &Path, clock: Clock) -> Result<Self> {
        Self::open_as(folder, clock, true, true)
    }

    fn open_as(folder: &Path, clock: Clock, serves: bool, keeps_copy: bool) -> Result<Self> {
        let (database, connection, log) = Database::open(folder, serves, keeps_copy)?;
        let changes = serves.then(Arc::<Changes>::default);
        let writer = Writer::start(connection, log, changes.clone())?;
        let memory = changes.map(|changes| Memory {
            sessions: LiveSessions::default(),
            application_sessions: LiveSessions::default(),
            hosts: Hosts::new(MOST_HOSTS),
            portals: Portals::new(MOST_PORTALS),
            signing_keys: KnownKeys::new(8),
            _bell: Bell::start(folder, changes.clone()),
            changes,
        });
        Ok(Self { database, writer, readers: Mutex::default(), clock, memory })
    }

    /// True if the database was copied without the log of transactions, so that data is missing.
    pub const fn is_cut_off(&self) -> bool {
        self.database.is_cut_off()
    }

    /// Makes the database file complete without its log, and accepts no further writes; false if another connection prevented that.
    pub fn finish(&self) -> bool {
        self.writer.finish()
    }

    /// The current time of the store's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The key that protects values which leave the server and return to it, such as request ids.
    pub const fn seal(&self) -> &Seal {
        self.database.seal()
    }

    /// The person who holds the live session with this secret, if any.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub fn signed_in(&self, token: &str) -> Result<Option<SignedIn>> {
        let Some(Memory { changes, sessions, .. }) = &self.memory else { return self.read(|db| db.signed_in(token)) };
        if let Some((known, ())) = sessions.find(token, changes, self.now()) {
            return Ok(Some(known));
        }
        // Taken before the transaction begins, so that a concurrent change makes the stamp out of date.
        let moment = changes.moment();
        #[cfg(test)]
        live_sessions_tests::pause("before the read");
        let found = self.read(|db| db.signed_in(token))?;
        #[cfg(test)]
        live_sessions_tests::pause("after the read");
        if let Some(person) = &found {
            let stamp = changes.stamp(moment, live_sessions::subjects(person.live()));
            sessions.keep(person.session.digest.clone(), person, (), stamp);
            self.note_use_after_pause(person);
        }
        Ok(found)
    }

    /// Writes the use of a session that has not been used for a while.
    fn note_use_after_pause(&self, person: &SignedIn) {
        if is_after_pause(person) {
            let (session, at) = (person.session.id.clone(), person.now);
            self.note_if_possible(move |note| note.touch_session(&session, at));
        }
    }

    /// As `signed_in`, but from the in-memory cache only; `None` if the database must be read.
    pub fn known_signed_in(&self, token: &str) -> Option<SignedIn> {
        let Memory { changes, sessions, .. } = self.memory.as_ref()?;
        sessions.find(token, changes, self.now()).map(|(known, ())| known)
    }

    /// The person who holds the session at an application with this secret, and the application; `None` if there is none.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub fn application_session(&self, token: &str) -> Result<Option<(SignedIn, Opening)>> {
        let Some(Memory { changes, application_sessions, .. }) = &self.memory else {
            return self.read(|db| db.find_application_session(token));
        };
        if let Some(known) = application_sessions.find(token, changes, self.now()) {
            return Ok(Some(known));
        }
        // Taken before the transaction begins, so that a concurrent change makes the stamp out of date.
        let moment = changes.moment();
        let found = self.read(|db| db.find_application_session(token))?;
        if let Some((person, opening)) = &found {
            let stamp = changes.stamp(moment, live_sessions::subjects(person.live()));
            application_sessions.keep(digest(token), person, opening.clone(), stamp);
            if is_after_pause(person) {
                // A proxy waits for the answer to each request.
                let (session, at) = (person.session.id.clone(), person.now);
                self.note_later(move |note| note.touch_session(&session, at));
            }
        } else {
            // It no longer has priority over secrets that nobody knows.
            application_sessions.forget(token);
        }
        Ok(found)
    }

    /// As `application_session`, but from the in-memory cache only; `None` if the database must be read.
    pub fn known_application_session(&self, token: &str) -> Option<(SignedIn, Opening)> {
        let Memory { changes, application_sessions, .. } = self.memory.as_ref()?;
        application_sessions.find(token, changes, self.now())
    }

    /// True if this secret was that of a session at an application when it was last used; the session may have ended since.
    pub fn was_application_session(&self, token: &str) -> bool {
        self.memory.as_ref().is_some_and(|memory| memory.application_sessions.has(token))
    }

    /// The application that is served at a host; `None` if there is none.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub fn hosted(&self, host: &AppHost) -> Result<Option<Arc<Hosted>>> {
        if let Some(known) = self.known_hosted(host) {
            return Ok(known);
        }
        // Taken before the read begins, so that a change during the read makes the entry out of date.
        let moment = self.memory.as_ref().map(|memory| memory.changes.moment());
        let found = self.read(|db| db.find_hosted(host))?.map(Arc::new);
        if let (Some(Memory { changes, hosts, .. }), Some(moment)) = (&self.memory, moment) {
            let stamp = changes.stamp(moment, hosts::subjects(host, found.as_deref()));
            hosts.keep(host.clone(), found.clone(), stamp);
        }
        Ok(found)
    }

    /// As `hosted`, but only from the cache; `None` if the database must be read.
    #[allow(clippy::option_option)] // unknown, no application, and an application are three things
    pub fn known_hosted(&self, host: &AppHost) -> Option<Option<Arc<Hosted>>> {
        let Memory { changes, hosts, .. } = self.memory.as_ref()?;
        hosts.find(host, changes)
    }

    /// The portal of this name; `None` if there is no such portal.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub fn portal(&self, name: &PortalName) -> Result<Option<Arc<Portal>>> {
        if let Some(known) = self.known_portal(name) {
            return Ok(Some(known));
        }
        // Taken before the read begins, so that a change during the read makes the entry out of date.
        let moment = self.memory.as_ref().map(|memory| memory.changes.moment());
        let Some(found) = self.read(|db| db.find_portal(name))?.map(Arc::new) else { return Ok(None) };
        if let (Some(Memory { changes, portals, .. }), Some(moment)) = (&self.memory, moment) {
            portals.keep(name.clone(), found.clone(), changes.stamp(moment, portals::subjects(&found)));
        }
        Ok(Some(found))
    }

    /// As `portal`, but only from the cache; `None` if the database must be read.
    pub fn known_portal(&self, name: &PortalName) -> Option<Arc<Portal>> {
        let Memory { changes, portals, .. } = self.memory.as_ref()?;
        portals.find(name, changes)
    }

    /// The keys that sign tokens for applications.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub fn signing_keys(&self) -> Result<Arc<SigningKeys>> {
        if let Some(known) = self.known_signing_keys() {
            return Ok(known);
        }
        // Taken before the read begins, so that a change during the read makes the entry out of date.
        let moment = self.memory.as_ref().map(|memory| memory.changes.moment());
        let found = Arc::new(self.read(|db| db.signing_keys())?);
        if let (Some(Memory { changes, signing_keys, .. }), Some(moment)) = (&self.memory, moment) {
            signing_keys.keep((), found.clone(), changes.stamp(moment, [signing_keys::SUBJECT]));
        }
        Ok(found)
    }

    /// As `signing_keys`, but only from the cache; `None` if the database must be read.
    pub fn known_signing_keys(&self) -> Option<Arc<SigningKeys>> {
        let Memory { changes, signing_keys, .. } = self.memory.as_ref()?;
        signing_keys.find(&(), changes)
    }

    /// Writes the last-use times of sessions to the database.
    ///
    /// # Errors
    /// The errors of `write`; times that were not written are kept for the next call.
    pub fn write_session_uses(&self) -> Result<()> {
        let Some(Memory { sessions, application_sessions, .. }) = &self.memory else { return Ok(()) };
        let mut uses = application_sessions.take_uses();
        for (session, at) in sessions.take_uses() {
            uses.entry(session).and_modify(|known| *known = at.max(*known)).or_insert(at);
        }
        let uses: Vec<_> = uses.into_iter().collect();
        for (number, part) in uses.chunks(USES_AT_ONCE).enumerate() {
            let part = part.to_vec();
            let write =
                move |db: &Db| part.iter().try_for_each(|(session, at)| Note::of(db).touch_session(session, *at));
            let written = self.writer.run(self.now(), Length::Long, write);
            written.inspect_err(|_| sessions.put_back(uses[number * USES_AT_ONCE..].iter().cloned()))?;
        }
        Ok(())
    }

    /// Opens one more connection. Its error names files, so that it is only logged.
    fn another_reader(&self) -> Result<Connection> {
        self.database.connect().map_err(|cause| {
            log::error!("the database cannot be read: {cause}");
            Error::unavailable(phrase!("database-not-readable"))
        })
    }

    /// Runs `read` in one read transaction, so that it sees a single state of the database.
    ///
    /// # Errors
    /// The errors of `read`; `Unavailable` when the database cannot be opened.
    pub fn read<T>(&self, read: impl FnOnce(&Db) -> Result<T>) -> Result<T> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| self.another_reader(), Ok)?;
        connection.begin_to_read()?;
        let answer = read(&Db::of(&connection, self.now()));
        connection.commit()?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < MOST_IDLE_READERS {
            readers.push(connection);
        }
        answer
    }

    /// Runs `write` in a transaction, after it has checked the right of `claim` in the same transaction. All changes
    /// are on the disk when this returns `Ok`; otherwise none is. Sessions that lose their last open grant end in the
    /// same transaction.
    ///
    /// # Errors
    /// The errors of the right, which is checked first, and of `write`; `Unavailable` when the disk is full or the
    /// database cannot be written.
    pub fn write<T: Send + 'static>(
        &self,
        claim: &Claim,
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write_of(Length::Short, claim, write)
    }

    /// As `write`, but for changes to a row of each person of an organisation. Afterwards, other writes have priority
    /// for three times as long as this one took.
    ///
    /// # Errors
    /// The errors of `write`.
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
        let written = self.writer.run(self.now(), length, move |db| write_by(db, &claim, write))?;
        if self.memory.is_none() {
            self.notify_server();
        }
        Ok(written)
    }

    /// As `write`, but returns without waiting for the disk: for writes whose duration would reveal something to an
    /// outsider.
    pub fn write_later(&self, claim: &Claim, write: impl FnOnce(&Tx) -> Result<()> + Send + 'static) {
        let claim = claim.clone();
        self.writer.run_later(self.now(), move |db| write_by(db, &claim, write));
    }

    /// A number that grows with each change of the database, by any process; `None` for a command.
    pub fn changes(&self) -> Option<u64> {
        self.memory.as_ref().map(|memory| memory.changes.moment().number())
    }

    /// Notifies the server that this process has changed the database, and waits until the server has invalidated its
    /// in-memory cache.
    fn notify_server(&self) {
        if !bell::notify(self.database.folder()) && self.database.is_served() {
            log::warn!(
                "the server did not answer; it notices this change within a quarter of a second, once it runs again"
            );
        }
    }

    /// Removes deleted data from the files soon: the log of transactions is emptied when the writer has been idle for a
    /// second. For used secrets, such as links in e-mails that were sent.
    pub fn forget(&self) {
        self.writer.forget();
    }

    /// Writes a note; a failure is only logged. A full disk must not make requests fail that otherwise only read.
    pub fn note_if_possible(&self, write: impl FnOnce(&Note) -> Result<()> + Send + 'static) {
        if let Err(cause) = self.writer.run(self.now(), Length::Short, |db| write(&Note::of(db))) {
            log::error!("a note was not written: {cause}");
        }
    }

    /// Writes a note without waiting for the disk, because its duration would reveal something to an outsider.
    pub fn note_later(&self, write: impl FnOnce(&Note) -> Result<()> + Send + 'static) {
        self.writer.run_later(self.now(), |db| write(&Note::of(db)));
    }
}

/// True if a session has not been used for a while.
fn is_after_pause(person: &SignedIn) -> bool {
    (person.now.0 - person.session.last_seen_at.0).abs() >= PAUSE_SECS
}

/// Checks the claim, runs `write`, and ends the grants and sessions that the changes have closed.
fn write_by<T>(db: &Db, claim: &Claim, write: impl FnOnce(&Tx) -> Result<T>) -> Result<T> {
    let granted = db.judge_again(claim)?;
    let tx = Tx::of(db, granted);
    let outcome = write(&tx)?;
    tx.end_closed()?;
    Ok(outcome)
}
