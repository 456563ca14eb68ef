//! The last decisions about requests to applications, in memory.

use crate::domain::application_log::LogEntry;
use crate::domain::ids::ApplicationId;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// The maximum number of decisions that are kept for an application.
const MOST: usize = 1000;
/// The maximum number of applications for which decisions are kept. Beyond it, the one whose last request is the oldest
/// is dropped.
const MOST_APPLICATIONS: usize = 100;

/// The last decisions of each application.
#[derive(Default)]
pub struct ApplicationLog(Mutex<HashMap<ApplicationId, VecDeque<LogEntry>>>);

impl ApplicationLog {
    /// Adds a decision.
    pub fn note(&self, application: &ApplicationId, mut entry: LogEntry) {
        let mut logs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !logs.contains_key(application) && logs.len() >= MOST_APPLICATIONS {
            let oldest = logs.iter().min_by_key(|(_, log)| log.back().map(|entry| entry.at));
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                logs.remove(&oldest);
            }
        }
        let log = logs.entry(application.clone()).or_default();
        entry.number = log.back().map_or(1, |last| last.number + 1);
        if log.len() >= MOST {
            log.pop_front();
        }
        log.push_back(entry);
    }

    /// The decisions about an application, newest first.
    pub fn newest_first(&self, application: &ApplicationId) -> Vec<LogEntry> {
        let logs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logs.get(application).into_iter().flatten().rev().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::domain::application_rule::Require;
    use crate::domain::forward_auth::{Decision, OriginalRequest};

    #[test]
    fn only_the_last_decisions_of_the_last_applications_are_kept() {
        let log = ApplicationLog::default();
        let request = OriginalRequest::of_url(b"GET", b"https://x.test/a?secret").expect("usable");
        let entry = |at| LogEntry::new(Timestamp(at), &request, Require::Public, &Decision::Allowed(None));
        let ids: Vec<_> = (0..=MOST_APPLICATIONS).map(|_| ApplicationId::random()).collect();
        for at in 0..1010 {
            log.note(&ids[0], entry(at));
        }
        let kept = log.newest_first(&ids[0]);
        assert_eq!((kept.len(), kept[0].number, kept[999].number, &kept[0].path[..]), (1000, 1010, 11, "/a"));
        for (n, id) in ids.iter().enumerate().skip(1) {
            log.note(id, entry(2000 + i64::try_from(n).expect("small")));
        }
        assert_eq!((log.newest_first(&ids[0]).len(), log.newest_first(&ids[100]).len()), (0, 1));
    }
}
