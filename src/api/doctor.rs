//! The doctor's report.

use crate::actions::doctor::{Finding, Job, Report};
use crate::app::{Arrival, ProxyLines};
use crate::config::Config;
use crate::domain::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// How a request arrived.
#[derive(Serialize, ToSchema)]
#[schema(as = Arrival)]
pub struct ArrivalView {
    peer: String,
    /// Whether `--trusted-proxies` names the peer.
    trusted: bool,
    host: String,
    forwarded_host: Option<String>,
    forwarded_proto: Option<String>,
    forwarded_for: Option<String>,
}

/// A check, its result, and what to do about it.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingView {
    check: String,
    /// Null if the finding is information and not a problem.
    ok: Option<bool>,
    found: String,
    what: Option<String>,
    /// The lines to add to the configuration of each kind of proxy.
    lines: Option<ProxyLinesView>,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        let Finding { check, ok, found, fix } = finding;
        let (what, lines) = fix.map(|fix| (fix.what.spoken(), fix.lines)).unzip();
        Self {
            check: check.to_owned(),
            ok,
            found: found.spoken(),
            what,
            lines: lines.flatten().map(ProxyLinesView::from),
        }
    }
}

/// The report of the doctor.
#[derive(Serialize, ToSchema)]
pub struct Checkup {
    healthy: bool,
    public_url: String,
    /// How this request arrived.
    request: Option<ArrivalView>,
    /// Problems with the way this request arrived.
    here: Vec<FindingView>,
    /// The same checks as those of `vestibule doctor`.
    checks: Vec<FindingView>,
    /// The background jobs of the server.
    jobs: Vec<JobView>,
}

impl Checkup {
    /// The whole report: how the request arrived (`arrival`), the problems with that (`here`), and all checks.
    pub fn of(arrival: Option<&Arrival>, here: Vec<Finding>, report: Report, config: &Config) -> Self {
        let healthy = here.iter().chain(&report.findings).all(Finding::is_fine);
        let ReportView { checks, jobs, .. } = report.into();
        Self {
            healthy,
            public_url: config.public_url.origin().to_owned(),
            request: arrival.map(|arrival| ArrivalView::of(arrival, config)),
            here: here.into_iter().map(FindingView::from).collect(),
            checks,
            jobs,
        }
    }
}

/// The report without a request: the findings of `vestibule doctor`.
#[derive(Serialize)]
pub struct ReportView {
    healthy: bool,
    checks: Vec<FindingView>,
    jobs: Vec<JobView>,
}

impl From<Report> for ReportView {
    fn from(Report { findings, jobs }: Report) -> Self {
        Self {
            healthy: findings.iter().all(Finding::is_fine),
            checks: findings.into_iter().map(FindingView::from).collect(),
            jobs: jobs.into_iter().map(JobView::from).collect(),
        }
    }
}

impl ArrivalView {
    /// How a request arrived.
    pub fn of(arrival: &Arrival, config: &Config) -> Self {
        Self {
            peer: arrival.peer.to_canonical().to_string(),
            trusted: config.trusts(arrival.peer),
            host: arrival.host.to_owned(),
            forwarded_host: arrival.forwarded_host.map(str::to_owned),
            forwarded_proto: arrival.forwarded_proto.map(str::to_owned),
            forwarded_for: arrival.forwarded_for.map(str::to_owned),
        }
    }
}

mirror! {
    /// The lines to add to the configuration of each kind of proxy; text in parentheses if nothing is needed.
    #[schema(as = ProxyLines)]
    ProxyLinesView of ProxyLines {
        nginx: String,
        caddy: String,
        traefik: String,
        apache: String,
    }
}

/// A background job of the server.
#[derive(Serialize, ToSchema)]
#[schema(as = Job)]
pub struct JobView {
    /// The job's name, as a phrase.
    name: String,
    /// The maximum time between two runs, in seconds.
    period_secs: i64,
    /// When the last run ended. Null if the job has not run since the server started; then `ok` and `next_at` are null,
    /// too.
    ran_at: Option<Timestamp>,
    /// True if that run succeeded.
    ok: Option<bool>,
    /// When a run failed last. Null if none has failed since the server started; then `failure` is null, too.
    failed_at: Option<Timestamp>,
    /// The reason for that failure.
    failure: Option<String>,
    /// The latest time of the next run.
    next_at: Option<Timestamp>,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        let Job { name, period_secs, ran_at, ok, failed_at, failure, next_at } = job;
        let failure = failure.map(|failure| failure.spoken());
        Self { name: name.spoken(), period_secs, ran_at, ok, failed_at, failure, next_at }
    }
}
