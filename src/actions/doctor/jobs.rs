//! The background jobs: when each last ran, and when it last failed.

use super::Finding;
use crate::app::{App, JobKind, JobRecord, JobRecords};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::principal::Claim;
use crate::domain::{Error, Result, Timestamp};

/// A job that is this many seconds overdue is stuck. It is longer than a round of the jobs, and than the interval at
/// which the server saves its records.
const LATE_SECS: i64 = 30 * 60;

/// A background job of the server.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its display name.
    pub name: Phrase,
    /// The longest time between two runs, in seconds.
    pub period_secs: i64,
    /// When its last run ended. `None`, like `ok` and `next_at`, if it has not run since the server started.
    pub ran_at: Option<Timestamp>,
    /// True if that run succeeded.
    pub ok: Option<bool>,
    /// When a run last failed. `None`, like `failure`, if none has failed since the server started.
    pub failed_at: Option<Timestamp>,
    /// Why that run failed.
    pub failure: Option<Phrase>,
    /// When it runs next, at the latest.
    pub next_at: Option<Timestamp>,
}

impl Job {
    fn new(kind: JobKind, record: Option<&JobRecord>) -> Self {
        let failed = record.and_then(|record| record.last_failure.as_ref());
        Self {
            name: kind.words(),
            period_secs: kind.period_secs(),
            ran_at: record.map(|record| Timestamp(record.ran_at)),
            ok: record.map(|record| record.ok),
            failed_at: failed.map(|failed| Timestamp(failed.at)),
            failure: failed.map(|failed| failed.why.clone()),
            next_at: record.map(|record| Timestamp(record.next_at)),
        }
    }
}

/// Saves the records of the jobs for commands that run beside the server.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn save_jobs(app: &App) -> Result<()> {
    let records = serde_json::to_vec(&app.jobs.records()).map_err(Error::internal)?;
    app.write(&Claim::job(), move |tx| tx.set_jobs(&records))
}

/// The records that the server saved last; `None` if no server runs.
pub(super) fn saved_jobs(app: &App) -> Result<Option<JobRecords>> {
    if !app.store.is_served() {
        return Ok(None);
    }
    let saved = app.store.read(|db| db.find_jobs())?;
    Ok(Some(saved.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()))
}

/// The jobs that run in this appliance.
pub(super) fn jobs(app: &App, records: &JobRecords) -> Vec<Job> {
    let makes_backups = app.store.read(|db| db.find_backup_schedule()).is_ok_and(|schedule| schedule.is_some());
    let wanted = JobKind::ALL.into_iter().filter(|kind| match kind {
        JobKind::Mail => app.sends_mail,
        JobKind::Backup => makes_backups,
        _ => true,
    });
    wanted.map(|kind| Job::new(kind, records.get(&kind))).collect()
}

/// A finding for each job.
pub(super) fn findings(jobs: Option<&[Job]>, now: Timestamp) -> Vec<Finding> {
    let Some(jobs) = jobs else {
        return vec![Finding::note("jobs", phrase!("doctor-no-jobs"))];
    };
    jobs.iter().map(|job| finding(job, now)).collect()
}

fn finding(job: &Job, now: Timestamp) -> Finding {
    let name = job.name.clone();
    let (Some(ran), Some(ok), Some(next)) = (job.ran_at, job.ok, job.next_at) else {
        return Finding::note("job", phrase!("doctor-job-not-run", name = name));
    };
    // Within another sentence, it ends with no full stop.
    let why = job.failure.as_ref().map(Phrase::spoken).unwrap_or_default();
    let why = why.trim_end_matches('.');
    if !ok {
        return Finding::bad(
            "job",
            phrase!("doctor-job-failed", name = name, ran = ran.to_string(), why = why, next = next.to_string()),
        );
    }
    if now > next.plus(LATE_SECS) {
        return Finding::bad(
            "job",
            phrase!("doctor-job-overdue", name = name, ran = ran.to_string(), next = next.to_string()),
        );
    }
    let (ran, next) = (ran.to_string(), next.to_string());
    let found = match job.failed_at {
        None => phrase!("doctor-job-fine", name = name, ran = ran, next = next),
        Some(at) => {
            phrase!("doctor-job-failed-before", name = name, ran = ran, next = next, at = at.to_string(), why = why)
        }
    };
    Finding::fine("job", found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::JobFailure;

    #[test]
    fn a_failed_or_overdue_job_is_a_fault_and_an_earlier_failure_is_mentioned() {
        let look = |ok, failed: bool, now| {
            let last_failure = failed.then(|| JobFailure { at: 90, why: Phrase::words("no database.") });
            let record = JobRecord { ran_at: 100, ok, last_failure, next_at: 200 };
            finding(&Job::new(JobKind::Metadata, Some(&record)), Timestamp(now))
        };
        assert_eq!(look(true, false, 150).ok, Some(true));
        assert_eq!(look(false, true, 150).ok, Some(false));
        assert_eq!([200, 201].map(|now| look(true, false, now + LATE_SECS).ok), [Some(true), Some(false)]);
        let old = look(true, true, 150);
        assert!(
            old.ok == Some(true)
                && old.found.to_string().ends_with("; last failure at 1970-01-01T00:01:30Z: no database"),
            "{old:?}"
        );
        assert_eq!(finding(&Job::new(JobKind::Metadata, None), Timestamp(0)).ok, None);
    }
}
