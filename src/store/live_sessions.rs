//! The in-memory caches of live sessions and of sessions at applications, by the digest of their secrets. An entry has all
//! the data that a check needs, as it was read from the database. If the data has changed or the session has expired, the
//! entry is not used, and the database is read.

use super::changes::{Changes, Stamp, Subject};
use crate::domain::Timestamp;
use crate::domain::ids::SessionId;
use crate::domain::seal::digest;
use crate::domain::session::{Live, PAUSE_SECS, SecretDigest, SignedIn};
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The maximum number of sessions in the cache. The least recently used ones beyond that are read from the database again.
const MOST: usize = 32 * 1024;

/// A cached session.
struct Entry<T> {
    live: Arc<Live>,
    /// What the secret gives access to besides: nothing for a session, the application for a session at an application.
    opening: T,
    stamp: Stamp,
    /// When it was last used, in Unix seconds.
    seen_at: AtomicI64,
}

/// The cached sessions, and the last-use times that are not in the database yet.
pub struct LiveSessions<T = ()> {
    entries: Cache<SecretDigest, Arc<Entry<T>>>,
    used: Mutex<HashMap<SessionId, Timestamp>>,
}

impl<T> Default for LiveSessions<T> {
    fn default() -> Self {
        Self { entries: Cache::new(MOST), used: Mutex::default() }
    }
}

impl<T: Clone> LiveSessions<T> {
    /// The person who holds the session with this secret, and what it opens; `None` if the database must be read.
    pub fn find(&self, token: &str, changes: &Changes, now: Timestamp) -> Option<(SignedIn, T)> {
        let entry = self.entries.get(&digest(token))?;
        let seen_at = entry.seen_at.load(Ordering::Relaxed);
        // A use after a pause must be written to the database at once.
        let in_use = (now.0 - seen_at).abs() < PAUSE_SECS;
        let found = entry.live.at(now, Timestamp(seen_at));
        let found = found.filter(|_| in_use && changes.is_current(&entry.stamp))?;
        if entry.seen_at.swap(now.0, Ordering::Relaxed) != now.0 {
            self.note_use(&entry.live.session.id, now);
        }
        Some((found, entry.opening.clone()))
    }

    /// True if the session with this secret is in the cache, even if its data is out of date or it has ended.
    pub fn has(&self, token: &str) -> bool {
        self.entries.peek(&digest(token)).is_some()
    }

    /// Caches a session that was read from the database. `digest`: of its secret.
    pub fn keep(&self, digest: SecretDigest, found: &SignedIn, opening: T, stamp: Stamp) {
        let seen_at = AtomicI64::new(found.now.0);
        let entry = Entry { live: found.live().clone(), opening, stamp, seen_at };
        self.entries.insert(digest, Arc::new(entry));
        self.note_use(&found.session.id, found.now);
    }

    /// Forgets the session with this secret, which has ended.
    pub fn forget(&self, token: &str) {
        self.entries.remove(&digest(token));
    }

    fn note_use(&self, session: &SessionId, now: Timestamp) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(session.clone(), now);
    }

    /// Puts back last-use times that could not be written; newer ones are kept.
    pub fn put_back(&self, unwritten: impl IntoIterator<Item = (SessionId, Timestamp)>) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        for (session, at) in unwritten {
            used.entry(session).or_insert(at);
        }
    }

    /// Takes out the last-use times, so that they can be written to the database.
    pub fn take_uses(&self) -> HashMap<SessionId, Timestamp> {
        std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The subjects on which the data of a live session depends.
pub fn subjects(live: &Live) -> impl Iterator<Item = (Subject, &str)> {
    let of_seats = live.seats.iter().flat_map(|seat| {
        [(Subject::Organisation, seat.organisation.id.as_str()), (Subject::Plan, seat.organisation.plan.id.as_str())]
    });
    [(Subject::Session, live.session.id.as_str()), (Subject::Person, live.user.id.as_str())].into_iter().chain(of_seats)
}
