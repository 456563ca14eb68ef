//! The checks of the appliance, for the command line, the API and the console: each finding says what is wrong and what
//! to do.

mod jobs;
mod machine;
mod mail;
mod providers;
mod sign_in_path;

pub use jobs::{Job, save_jobs};
pub use machine::{LARGE_LOG_ADVICE, LARGE_LOG_BYTES};
pub use sign_in_path::{save_sightings, shown, sign_in_path};

use crate::app::{App, Fix, JobRecords, Sightings, file_limit};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result};

/// The result of one check, and the next step.
#[derive(Debug)]
pub struct Finding {
    /// The name of the check.
    pub check: &'static str,
    /// True if all is well, false for a fault, `None` for information.
    pub ok: Option<bool>,
    /// The result in words.
    pub found: Phrase,
    /// The next step.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A result that needs no action.
    pub fn fine(check: &'static str, found: Phrase) -> Self {
        Self { check, ok: Some(true), found, fix: None }
    }

    /// Information that is not a fault.
    pub fn note(check: &'static str, found: Phrase) -> Self {
        Self { check, ok: None, found, fix: None }
    }

    /// A fault.
    pub fn bad(check: &'static str, found: Phrase) -> Self {
        Self { check, ok: Some(false), found, fix: None }
    }

    /// True unless it is a fault.
    pub fn is_fine(&self) -> bool {
        self.ok != Some(false)
    }

    fn with_fix(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }
}

/// Observations of the running server: the current ones in the server itself, the saved ones in a command beside it.
struct Known {
    sightings: Sightings,
    file_limit: Option<u64>,
    /// `None` if no server runs.
    jobs: Option<JobRecords>,
}

/// The result of all checks.
pub struct Report {
    /// The results of all checks.
    pub findings: Vec<Finding>,
    /// The server's background jobs; empty if no server runs.
    pub jobs: Vec<Job>,
}

/// Checks that the database answers, and has the schema that this program knows.
///
/// # Errors
/// `Unavailable` when the database does not answer, or when a newer version of this program has upgraded it.
pub fn database_answers(app: &App) -> Result<()> {
    match app.store.read(|db| db.schema_versions())? {
        (file, program) if file == program => Ok(()),
        _ => Err(Error::unavailable(phrase!("database-upgraded"))),
    }
}

/// Runs all checks, in the server.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn everything(app: &App) -> Result<Report> {
    let (sightings, jobs) = (app.lookout.seen(), Some(app.jobs.records()));
    all(app, &Known { sightings, file_limit: Some(file_limit()), jobs })
}

/// Runs all checks, in a command beside the server.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn everything_beside(app: &App) -> Result<Report> {
    let (sightings, jobs) = (sign_in_path::saved_sightings(app)?, jobs::saved_jobs(app)?);
    all(app, &Known { sightings, file_limit: app.store.read(|db| db.find_file_limit())?, jobs })
}

fn all(app: &App, known: &Known) -> Result<Report> {
    let jobs = known.jobs.as_ref().map(|records| jobs::jobs(app, records));
    let mut findings = machine::permissions(app);
    findings.extend(machine::database(app));
    findings.push(machine::clock(app));
    findings.push(machine::open_files(known.file_limit));
    findings.push(machine::public_url(app));
    findings.extend(machine::certificate(app));
    findings.push(mail::server(app));
    findings.extend(mail::queue(app)?);
    findings.extend(jobs::findings(jobs.as_deref(), app.now()));
    findings.extend(providers::certificates(app)?);
    findings.extend(providers::metadata(app)?);
    findings.extend(sign_in_path::sign_in_path_by(app, &known.sightings)?);
    findings.extend(machine::versions());
    Ok(Report { findings, jobs: jobs.unwrap_or_default() })
}

/// Only the versions, for a data folder without a usable database.
pub fn versions() -> Vec<Finding> {
    machine::versions()
}
