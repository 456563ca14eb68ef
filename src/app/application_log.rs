//! The last decisions about requests to applications, in memory.

use crate::domain::application_log::LogEntry;
use crate::domain::ids::{ApplicationId, OrganisationId};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// The maximum number of decisions that are kept for an application.
const MOST: usize = 1000;
/// The maximum memory of the decisions of one organisation, and of all together, in bytes. Beyond it, the older half of the
/// largest log is dropped: that of the organisation, or of the organisation that has most.
const MOST_BYTES_OF_ONE: usize = 8 * 1024 * 1024;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The last decisions of each application.
pub struct ApplicationLog {
    logs: Mutex<Parts<OrganisationId, Parts<ApplicationId, Log>>>,
    most_bytes_of_one: usize,
    most_bytes: usize,
}

impl Default for ApplicationLog {
    fn default() -> Self {
        Self { logs: Mutex::default(), most_bytes_of_one: MOST_BYTES_OF_ONE, most_bytes: MOST_BYTES }
    }
}

/// Something that holds decisions.
trait Holds {
    /// Their size in bytes.
    fn bytes(&self) -> usize;

    /// Drops some old ones, at least one if there are any.
    fn shrink(&mut self);
}

/// Logs by their owners.
struct Parts<K, L> {
    parts: HashMap<K, L>,
    bytes: usize,
}

impl<K, L> Default for Parts<K, L> {
    fn default() -> Self {
        Self { parts: HashMap::new(), bytes: 0 }
    }
}

impl<K: Eq + Hash + Clone, L: Holds + Default> Parts<K, L> {
    fn change(&mut self, owner: &K, change: impl FnOnce(&mut L)) {
        let part = self.parts.entry(owner.clone()).or_default();
        let before = part.bytes();
        change(part);
        let after = part.bytes();
        self.bytes = self.bytes - before + after;
        if after == 0 {
            self.parts.remove(owner);
        }
    }

    fn shrink_to(&mut self, most_bytes: usize) {
        while self.bytes > most_bytes {
            self.shrink();
        }
    }
}

impl<K: Eq + Hash + Clone, L: Holds + Default> Holds for Parts<K, L> {
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn shrink(&mut self) {
        let largest = self.parts.iter().max_by_key(|(_, part)| part.bytes()).map(|(owner, _)| owner.clone());
        if let Some(owner) = largest {
            self.change(&owner, L::shrink);
        }
    }
}

/// The decisions about one application, oldest first.
#[derive(Default)]
struct Log {
    entries: VecDeque<LogEntry>,
    bytes: usize,
}

impl Log {
    fn add(&mut self, mut entry: LogEntry) {
        entry.number = self.entries.back().map_or(1, |last| last.number + 1);
        if self.entries.len() >= MOST {
            self.drop_oldest(1);
        }
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
    }

    fn drop_oldest(&mut self, count: usize) {
        self.bytes -= self.entries.drain(..count).map(|entry| entry.bytes()).sum::<usize>();
    }
}

impl Holds for Log {
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn shrink(&mut self) {
        self.drop_oldest(self.entries.len().div_ceil(2));
        self.entries.shrink_to_fit();
    }
}

impl ApplicationLog {
    /// Adds a decision about an application of an organisation.
    pub fn note(&self, organisation: &OrganisationId, application: &ApplicationId, entry: LogEntry) {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.change(organisation, |own| {
            own.change(application, |log| log.add(entry));
            own.shrink_to(self.most_bytes_of_one);
        });
        logs.shrink_to(self.most_bytes);
    }

    /// The decisions about an application, newest first.
    pub fn newest_first(&self, organisation: &OrganisationId, application: &ApplicationId) -> Vec<LogEntry> {
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let log = logs.parts.get(organisation).and_then(|own| own.parts.get(application));
        log.into_iter().flat_map(|log| log.entries.iter().rev()).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::domain::application_rule::Require;
    use crate::domain::forward_auth::{Decision, OriginalRequest};

    fn entry(at: i64) -> LogEntry {
        let request = OriginalRequest::of_url(b"GET", b"https://x.test/a?secret").expect("usable");
        LogEntry::new(Timestamp(at), &request, Require::Public, &Decision::Allowed(None))
    }

    /// A log with room for this number of small entries of one organisation, and of all.
    fn log(of_one: usize, all: usize) -> ApplicationLog {
        let each = entry(0).bytes();
        ApplicationLog { most_bytes_of_one: of_one * each, most_bytes: all * each, ..ApplicationLog::default() }
    }

    #[test]
    fn the_last_thousand_decisions_about_an_application_are_kept() {
        let (log, organisation, id) = (ApplicationLog::default(), OrganisationId::random(), ApplicationId::random());
        for at in 0..1010 {
            log.note(&organisation, &id, entry(at));
        }
        let kept = log.newest_first(&organisation, &id);
        assert_eq!((kept.len(), kept[0].number, kept[999].number, &kept[0].path[..]), (1000, 1010, 11, "/a"));
        assert!(log.newest_first(&OrganisationId::random(), &id).is_empty());
    }

    #[test]
    fn an_organisation_cannot_displace_the_decisions_of_others() {
        let log = log(100, 250);
        let [large, other, small] = [(); 3].map(|()| (OrganisationId::random(), ApplicationId::random()));
        for at in 0..20 {
            log.note(&small.0, &small.1, entry(at));
        }
        for at in 0..1000 {
            log.note(&large.0, &ApplicationId::random(), entry(at));
            log.note(&large.0, &large.1, entry(at));
            log.note(&other.0, &other.1, entry(at));
        }
        let count = |(organisation, id): &(OrganisationId, ApplicationId)| log.newest_first(organisation, id).len();
        assert_eq!(count(&small), 20);
        assert!((50..=100).contains(&count(&other)), "{}", count(&other));
        assert!(log.logs.lock().expect("free").bytes <= 250 * entry(0).bytes());
        // Many organisations share the memory; one with little keeps it.
        for _ in 0..4 {
            let one = (OrganisationId::random(), ApplicationId::random());
            (0..90).for_each(|at| log.note(&one.0, &one.1, entry(at)));
        }
        assert_eq!(count(&small), 20);
        let logs = log.logs.lock().expect("free");
        assert!(logs.bytes <= 250 * entry(0).bytes());
        let of_parts = |parts: &Parts<ApplicationId, Log>| parts.parts.values().map(Log::bytes).sum::<usize>();
        assert_eq!(logs.bytes, logs.parts.values().map(of_parts).sum::<usize>(), "nothing is counted twice");
    }

    #[test]
    fn long_paths_count_by_their_bytes() {
        let long = format!("https://x.test/{}", "a".repeat(190));
        let request = OriginalRequest::of_url(b"GET", long.as_bytes()).expect("usable");
        let long = LogEntry::new(Timestamp(0), &request, Require::Public, &Decision::Allowed(None));
        assert_eq!(long.bytes() - entry(0).bytes(), 189);
    }
}
