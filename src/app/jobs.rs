//! The records of the background jobs: when each last ran, whether that run succeeded and when the next one is due.
//!
//! The records are in memory, because some jobs run every few seconds. They are saved after each round and when a job
//! begins to fail, so that commands can read them.

use crate::domain::phrase::{Phrase, phrase};
use crate::domain::session::USES_SECS;
use crate::domain::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The kind of a background job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Sends mail.
    Mail,
    /// Fetches metadata.
    Metadata,
    /// Warns of certificates that expire.
    Certificates,
    /// Logs how many lines the security log has omitted.
    SecurityLog,
    /// Deletes expired rows.
    Purge,
    /// Empties the database's write-ahead log.
    TransactionLog,
    /// Saves when each session was last used.
    SessionUses,
    /// Rotates the keys that sign tokens for applications.
    SigningKeys,
    /// Tells applications that sessions have ended.
    LogoutNotices,
    /// Makes the backups that are due.
    Backup,
}

impl JobKind {
    /// All kinds of jobs.
    pub const ALL: [Self; 10] = [
        Self::Mail,
        Self::Metadata,
        Self::Certificates,
        Self::SecurityLog,
        Self::Purge,
        Self::TransactionLog,
        Self::SessionUses,
        Self::SigningKeys,
        Self::LogoutNotices,
        Self::Backup,
    ];

    /// The display name of the job.
    pub fn words(self) -> Phrase {
        match self {
            Self::Mail => phrase!("job-mail"),
            Self::Metadata => phrase!("job-metadata"),
            Self::Certificates => phrase!("job-certificates"),
            Self::SecurityLog => phrase!("job-security-log"),
            Self::Purge => phrase!("job-purge"),
            Self::TransactionLog => phrase!("job-transaction-log"),
            Self::SessionUses => phrase!("job-session-uses"),
            Self::SigningKeys => phrase!("job-signing-keys"),
            Self::LogoutNotices => phrase!("job-logout-notices"),
            Self::Backup => phrase!("job-backup"),
        }
    }

    /// The longest pause between two runs of the job, in seconds.
    pub const fn period_secs(self) -> i64 {
        match self {
            Self::Mail => 30,
            Self::SessionUses | Self::LogoutNotices => USES_SECS,
            Self::Metadata
            | Self::Certificates
            | Self::SecurityLog
            | Self::Purge
            | Self::SigningKeys
            | Self::Backup
            | Self::TransactionLog => ROUND_SECS,
        }
    }
}

/// The pause between two rounds of jobs, in seconds.
const ROUND_SECS: i64 = 15 * 60;

/// The record of a job's runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRecord {
    /// When the last run ended, in Unix seconds.
    pub ran_at: i64,
    /// True if the last run succeeded.
    pub ok: bool,
    /// The last failed run since the server started.
    pub last_failure: Option<JobFailure>,
    /// The latest time of the next run, in Unix seconds.
    pub next_at: i64,
}

/// A failed run of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    /// When the run failed, in Unix seconds.
    pub at: i64,
    /// The cause, in words for operators.
    pub why: Phrase,
}

impl JobFailure {
    fn of(cause: &Error, now: Timestamp) -> Self {
        let why = match cause {
            Error::Internal(_) => phrase!("job-internal"),
            known => known.message(),
        };
        Self { at: now.0, why }
    }
}

/// The records of all jobs that have run.
pub type JobRecords = BTreeMap<JobKind, JobRecord>;

/// The background jobs of this process.
#[derive(Default)]
pub struct Jobs {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    running: usize,
    stopping: bool,
    records: JobRecords,
}

impl Jobs {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a job and records the result; returns `None` without running it if the process is stopping. `next` returns
    /// the longest time until its next run, in seconds.
    pub fn run(
        &self,
        kind: JobKind,
        now: impl Fn() -> Timestamp,
        next: impl FnOnce() -> i64,
        job: impl FnOnce() -> Result<()>,
    ) -> Option<Result<()>> {
        self.begin()?;
        let done = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| Err(Error::internal("the job panicked")));
        let (now, next) = (now(), next());
        let failure = done.as_ref().err().map(|cause| JobFailure::of(cause, now));
        let mut state = self.state();
        state.running -= 1;
        let ok = failure.is_none();
        let last_failure = failure.or_else(|| state.records.remove(&kind)?.last_failure);
        state.records.insert(kind, JobRecord { ran_at: now.0, ok, last_failure, next_at: now.plus(next).0 });
        self.changed.notify_all();
        Some(done)
    }

    fn begin(&self) -> Option<()> {
        let mut state = self.state();
        if state.stopping {
            return None;
        }
        state.running += 1;
        Some(())
    }

    /// True if the process is stopping, so that a running job should begin nothing new.
    pub fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    /// The latest record of each job.
    pub fn records(&self) -> JobRecords {
        self.state().records.clone()
    }

    /// Starts no further jobs, and waits at most `longest` for the running ones.
    pub fn stop(&self, longest: Duration) {
        let mut state = self.state();
        state.stopping = true;
        drop(self.changed.wait_timeout_while(state, longest, |state| state.running > 0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phrase::Phrase;
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    fn run(jobs: &Jobs, job: impl FnOnce() -> Result<()>) -> Option<Result<()>> {
        jobs.run(JobKind::Mail, || Timestamp(100), || 30, job)
    }

    #[test]
    fn the_result_of_a_job_is_recorded_even_if_it_panics_and_its_last_failure_is_kept() {
        let jobs = Jobs::default();
        let record = |ok, why: Option<Phrase>| {
            let last_failure = why.map(|why| JobFailure { at: 100, why });
            JobRecord { ran_at: 100, ok, last_failure, next_at: 130 }
        };
        assert_eq!(run(&jobs, || Ok(())), Some(Ok(())));
        assert_eq!(jobs.records()[&JobKind::Mail], record(true, None));
        assert!(run(&jobs, || Err(Error::unavailable(Phrase::words("no room")))).is_some_and(|done| done.is_err()));
        assert_eq!(jobs.records()[&JobKind::Mail], record(false, Some(Phrase::words("no room"))));
        assert_eq!(run(&jobs, || Ok(())), Some(Ok(())));
        assert_eq!(jobs.records()[&JobKind::Mail], record(true, Some(Phrase::words("no room"))));
        assert!(run(&jobs, || panic!("secret")).is_some_and(|done| done.is_err()));
        assert_eq!(jobs.records()[&JobKind::Mail], record(false, Some(phrase!("job-internal"))));
        let saved = serde_json::to_string(&jobs.records()).expect("JSON");
        assert_eq!(serde_json::from_str::<JobRecords>(&saved).expect("read"), jobs.records());
    }

    #[test]
    fn stop_waits_for_the_running_job_and_prevents_further_ones() {
        let jobs = Arc::new(Jobs::default());
        let (tell, told) = channel();
        let shared = jobs.clone();
        let thread = std::thread::spawn(move || {
            run(&shared, || {
                tell.send(()).expect("heard");
                std::thread::sleep(Duration::from_millis(200));
                Ok(())
            })
        });
        told.recv().expect("told");
        jobs.stop(Duration::from_secs(20));
        assert!(jobs.records().contains_key(&JobKind::Mail), "the job has ended");
        assert_eq!(thread.join().expect("joined"), Some(Ok(())));
        assert_eq!(run(&jobs, || Ok(())), None);
    }
}
