//! Tracks changes of the database, so that the in-memory cache knows which of its entries are out of date.
//!
//! Each flush of the writer has a number. When a flush is on the disk, and before its callers get their results, the
//! changed subjects are recorded under this number. Data that was read earlier about these subjects is out of date from
//! then on. The database itself reports the changes (`engine/watch.rs`), so that no write can omit the report.

use super::engine::{Connection, Watched};
use crate::domain::Result;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The tables from which the in-memory cache is filled. A change of any column counts, except those listed here because
/// they are not cached.
const WATCHED: [Watched; 20] = [
    watched("sessions", "session", "ROW.id", &["last_seen_at"]),
    watched("grants", "session", "ROW.session_id", &[]),
    watched("users", "person", "ROW.id", &["signed_in"]),
    watched("people", "person", "ROW.user_id", &["last_sign_in_at", "last_method", "saml_at", "reminded_at"]),
    watched("memberships", "person", "ROW.user_id", &[]),
    watched("organisations", "organisation", "ROW.id", &[]),
    watched("connections", "organisation", "ROW.organisation_id", &[]),
    watched("own_keys", "organisation", "ROW.organisation_id", &["last_decrypted_at"]),
    watched("metadata_sources", "organisation", "ROW.organisation_id", METADATA_COPY),
    watched("application_sessions", "session", "ROW.session_id", &[]),
    watched("applications", "organisation", "ROW.organisation_id", &[]),
    watched("roles", "organisation", "ROW.organisation_id", &[]),
    watched("role_levels", "organisation", "ROW.organisation_id", &[]),
    watched("application_hosts", "host", "ROW.host", &[]),
    watched("host_grants", "organisation", "ROW.organisation_id", &[]),
    watched("workspaces", "organisation", "ROW.organisation_id", &[]),
    watched("branding", "organisation", "coalesce(ROW.organisation_id, '')", &[]),
    watched("plans", "plan", "ROW.id", &[]),
    watched("signing_keys", "signing_keys", "''", &[]),
    watched("settings", "setting", "ROW.name", &[]),
];

/// The columns of `metadata_sources` that describe the copy of the document and the next fetch.
const METADATA_COPY: &[&str] = &["adopt", "document", "fetched_at", "next_at", "failed_at", "failure"];

const fn watched(
    table: &'static str,
    kind: &'static str,
    id: &'static str,
    ignored: &'static [&'static str],
) -> Watched {
    Watched { table, kind, id, ignored }
}

/// True if the in-memory cache is filled from this table.
#[cfg(test)]
pub fn is_watched(table: &str) -> bool {
    WATCHED.iter().any(|one| one.table == table)
}

/// The number of slots. Subjects that share a slot are out of date together, which costs an extra read but never gives
/// a wrong answer.
const SLOTS: usize = 1 << 16;

/// The kinds of entries in the in-memory cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Everything, because a setting of the appliance changed.
    All,
    /// A session and its grants.
    Session,
    /// A person with their organisations and workspaces.
    Person,
    /// An organisation, its connection, workspaces and branding.
    Organisation,
    /// A plan.
    Plan,
    /// The application of a host.
    Host,
    /// The keys that sign tokens for applications.
    SigningKeys,
}

/// The number of the last flush. A transaction that begins now sees every flush up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// The subjects of a cache entry, and the moment at which it was read.
#[derive(Debug)]
pub struct Stamp {
    moment: Moment,
    slots: Vec<u16>,
}

/// The changes of a database.
pub struct Changes {
    /// The number of the last flush whose changes are recorded.
    last: AtomicU64,
    /// The last flush that changed everything.
    all: AtomicU64,
    /// The last flush that changed a subject of each slot.
    slots: Box<[AtomicU64]>,
    hasher: RandomState,
    /// The changes of the current flush, which is not on the disk yet.
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    all: bool,
    slots: Vec<u16>,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            last: AtomicU64::default(),
            all: AtomicU64::default(),
            slots: (0..SLOTS).map(|_| AtomicU64::default()).collect(),
            hasher: RandomState::new(),
            pending: Mutex::default(),
        }
    }
}

impl Changes {
    /// The current moment, to be taken before a read transaction begins.
    pub fn moment(&self) -> Moment {
        Moment(self.last.load(Ordering::Acquire))
    }

    /// A stamp for data about these subjects, read by a transaction that began at or after this moment.
    pub fn stamp<'a>(&self, moment: Moment, subjects: impl IntoIterator<Item = (Subject, &'a str)>) -> Stamp {
        Stamp { moment, slots: subjects.into_iter().map(|(kind, id)| self.slot(kind, id)).collect() }
    }

    /// True if none of the stamp's subjects has changed since.
    pub fn is_current(&self, stamp: &Stamp) -> bool {
        let unchanged = |changed: &AtomicU64| changed.load(Ordering::Acquire) <= stamp.moment.0;
        unchanged(&self.all) && stamp.slots.iter().all(|slot| unchanged(&self.slots[usize::from(*slot)]))
    }

    /// Makes the writing connection report its changes.
    pub(super) fn watch(self: &Arc<Self>, connection: &Connection) -> Result<()> {
        let changes = self.clone();
        connection.watch(&WATCHED, move |kind, id| match (kind, id) {
            ("session", id) => changes.note(Subject::Session, id),
            ("person", id) => changes.note(Subject::Person, id),
            ("organisation", id) => changes.note(Subject::Organisation, id),
            ("plan", id) => changes.note(Subject::Plan, id),
            ("signing_keys", _) => changes.note(Subject::SigningKeys, ""),
            ("host", host) => changes.note(Subject::Host, host),
            ("setting", "lives") => changes.note(Subject::All, ""),
            _ => {}
        })
    }

    /// Records a change of the current flush.
    pub(super) fn note(&self, kind: Subject, id: &str) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if kind == Subject::All {
            pending.all = true;
        } else {
            pending.slots.push(self.slot(kind, id));
        }
    }

    /// Marks everything as changed, because another process has written to the database.
    pub(super) fn change_all(&self) {
        let _pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.last.load(Ordering::Acquire) + 1;
        self.all.store(number, Ordering::Release);
        self.last.store(number, Ordering::Release);
    }

    /// Puts the recorded changes into effect, once their flush is on the disk.
    pub(super) fn publish(&self) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let Pending { all, slots } = std::mem::take(&mut *pending);
        // Under the lock, so that each call gets its own number.
        let number = self.last.load(Ordering::Acquire) + 1;
        if all {
            self.all.store(number, Ordering::Release);
        }
        for slot in slots {
            self.slots[usize::from(slot)].store(number, Ordering::Release);
        }
        self.last.store(number, Ordering::Release);
    }

    #[allow(clippy::cast_possible_truncation)] // there are 2^16 slots
    fn slot(&self, kind: Subject, id: &str) -> u16 {
        self.hasher.hash_one((kind, id)) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: (Subject, &str) = (Subject::Person, "ann");
    const BEN: (Subject, &str) = (Subject::Person, "ben");
    const ACME: (Subject, &str) = (Subject::Organisation, "acme");

    #[test]
    fn data_is_out_of_date_once_a_change_of_its_subject_is_published() {
        let changes = Changes::default();
        let stamps = || [[ANN, ACME], [BEN, ACME]].map(|subjects| changes.stamp(changes.moment(), subjects));
        let [ann, ben] = stamps();
        changes.note(ANN.0, ANN.1);
        assert!(changes.is_current(&ann), "nothing is on the disk yet");
        let early = changes.moment();
        changes.publish();
        assert!(!changes.is_current(&ann) && changes.is_current(&ben));
        assert!(!changes.is_current(&changes.stamp(early, [ANN])), "read before the change, kept after it");
        let [ann, ben] = stamps();
        assert!(changes.is_current(&ann) && changes.is_current(&ben));
        changes.note(ACME.0, ACME.1);
        changes.publish();
        assert!(!changes.is_current(&ann) && !changes.is_current(&ben));
    }

    #[test]
    fn a_change_of_the_settings_makes_every_entry_out_of_date() {
        let changes = Changes::default();
        let stamp = changes.stamp(changes.moment(), [ANN]);
        changes.note(Subject::All, "");
        changes.publish();
        assert!(!changes.is_current(&stamp) && changes.is_current(&changes.stamp(changes.moment(), [ANN])));
    }

    #[test]
    fn a_change_by_another_process_does_not_publish_the_changes_of_the_current_flush() {
        let changes = Changes::default();
        changes.note(BEN.0, BEN.1);
        changes.change_all();
        let [ann, ben] = [ANN, BEN].map(|one| changes.stamp(changes.moment(), [one]));
        assert!(changes.is_current(&ann) && changes.is_current(&ben), "read after it");
        changes.publish();
        assert!(changes.is_current(&ann) && !changes.is_current(&ben));
    }
}
