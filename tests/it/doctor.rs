//! The doctor runs the same checks through the API, in the web UI and on the command line, and shows the results of
//! background jobs.

use crate::app::TestApp;
use crate::cli::doctor;
use crate::mail::with_flags;
use crate::mail_server::MailServer;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

fn checks(report: &Value) -> Vec<Value> {
    report["checks"].as_array().expect("a list").clone()
}

/// The names of the checks.
fn names(report: &Value) -> BTreeSet<String> {
    checks(report).iter().map(|one| one["check"].as_str().expect("text").to_owned()).collect()
}

fn jobs(report: &Value) -> Vec<Value> {
    report["jobs"].as_array().expect("a list").clone()
}

/// The texts of the findings about jobs.
fn job_findings(report: &Value) -> Vec<String> {
    let all = checks(report);
    let of_jobs = all.iter().filter(|one| one["check"] == "job" || one["check"] == "jobs");
    of_jobs.map(|one| one["found"].as_str().expect("text").to_owned()).collect()
}

/// Repeats `look`, which returns the doctor's report, until all jobs have succeeded, and returns that report.
fn report_after_all_jobs(mut look: impl FnMut() -> Value) -> Value {
    let begun = Instant::now();
    loop {
        let report = look();
        if jobs(&report).iter().all(|job| job["ok"] == true) && !jobs(&report).is_empty() {
            return report;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", jobs(&report));
        std::thread::sleep(Duration::from_millis(100));
    }
}

const CHECKS: [&str; 16] = [
    "data folder",
    "database",
    "copy",
    "schema",
    "integrity",
    "transactions",
    "clock",
    "open files",
    "public URL",
    "mail",
    "mail queue",
    "job",
    "certificate",
    "proxy",
    "SQLite",
    "OpenSSL",
];

/// The jobs, each with its period in seconds.
const JOBS: [(&str, i64); 9] = [
    ("sending mail", 30),
    ("fetching metadata", 900),
    ("warning about certificates that expire", 900),
    ("counting entries left out of the security log", 900),
    ("deleting expired data", 900),
    ("emptying the transaction log", 900),
    ("saving when sessions were last used", 60),
    ("rotating signing keys", 900),
    ("telling applications that sessions have ended", 60),
];

#[test]
fn the_api_and_the_command_run_the_same_checks_and_show_when_each_job_ran() {
    let mail_server = MailServer::new();
    let app = with_flags(&mail_server, |_| {});
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    crate::idp::connect(&app, &org, "ann@acme.test", "acme_SSO");
    let mut operator = app.operator();
    let in_api = report_after_all_jobs(|| operator.read("/doctor").json());
    app.wait(1);
    let beside = report_after_all_jobs(|| doctor(app.data.path(), &["--smtp-url", &mail_server.url()]).1);
    assert_eq!(names(&in_api), names(&beside));
    for check in CHECKS {
        assert!(names(&in_api).contains(check), "{check}: {in_api}");
    }
    assert_eq!(in_api["healthy"], json!(true), "{in_api}");
    for report in [&in_api, &beside] {
        let jobs = jobs(report);
        assert_eq!(jobs.len(), JOBS.len(), "{report}");
        for (job, (name, period)) in jobs.iter().zip(JOBS) {
            assert_eq!((&job["name"], &job["period_secs"]), (&json!(name), &json!(period)));
            let (ran, next) = (job["ran_at"].as_str().expect("a time"), job["next_at"].as_str().expect("a time"));
            assert!(ran < next && job["failed_at"].is_null() && job["failure"].is_null(), "{job}");
            let words = format!("{name}: last ran at {ran}, runs again by {next}");
            assert!(job_findings(report).contains(&words), "{words}: {:?}", job_findings(report));
        }
    }
}

#[test]
fn the_api_and_the_command_line_report_a_failed_job_with_its_reason() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut operator = app.operator();
    report_after_all_jobs(|| operator.read("/doctor").json());
    // Without this column, one job fails.
    let database = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    database.execute_batch("ALTER TABLE metadata_sources RENAME COLUMN next_at TO gone").expect("renamed");
    app.app.jobs_wakeup.notify();
    let begun = Instant::now();
    let mut failed = || {
        let report = operator.read("/doctor").json();
        jobs(&report).into_iter().find(|job| job["name"] == "fetching metadata" && job["ok"] == false)
    };
    let job = loop {
        if let Some(job) = failed() {
            break job;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "the job has not failed yet");
        std::thread::sleep(Duration::from_millis(100));
    };
    assert_eq!(job["failed_at"], job["ran_at"]);
    assert_eq!(
        job["failure"], "an internal error; the server's log has the cause",
        "the reason shown to people contains no SQL"
    );
    database.execute_batch("ALTER TABLE metadata_sources RENAME COLUMN gone TO next_at").expect("renamed");
    app.app.jobs_wakeup.notify();
    let report = report_after_all_jobs(|| operator.read("/doctor").json());
    let job = jobs(&report).into_iter().find(|job| job["name"] == "fetching metadata").expect("there");
    assert!(job["ok"] == true && job["failed_at"].is_string(), "the time of the last failure is still shown: {job}");
    let report = report_after_all_jobs(|| doctor(app.data.path(), &[]).1);
    assert!(job_findings(&report).iter().any(|words| words.contains("; last failure at ")), "{report}");
}

#[test]
fn no_job_sends_mail_without_a_mail_server_and_no_job_runs_without_a_server() {
    let app = TestApp::new();
    let mut operator = app.operator();
    let report = report_after_all_jobs(|| operator.read("/doctor").json());
    assert_eq!(jobs(&report).len(), JOBS.len() - 1, "{report}");
    let folder = tempfile::tempdir().expect("a folder");
    drop(vestibule::store::Store::open(folder.path(), vestibule::domain::Clock::System).expect("made"));
    let (_, report) = doctor(folder.path(), &[]);
    assert_eq!(report["jobs"], json!([]));
    assert_eq!(job_findings(&report), ["no server is running with this data, so no background jobs run"]);
}

#[test]
fn a_mail_server_that_does_not_answer_is_reported_by_the_api() {
    let app = TestApp::with_operator(|flags| flags.mail.smtp_url = Some("smtp://127.0.0.1:9".into()));
    let report = app.operator().read("/doctor").json();
    let mail = checks(&report).into_iter().find(|one| one["check"] == "mail").expect("a finding of the mail check");
    assert_eq!((&mail["ok"], &report["healthy"]), (&json!(false), &json!(false)), "{report}");
    assert!(mail["found"].as_str().is_some_and(|text| text.contains("nothing listens at 127.0.0.1:9")), "{mail}");
    assert!(mail["what"].as_str().is_some_and(|text| text.contains("--smtp-url")), "{mail}");
}

#[test]
fn only_operators_see_the_doctors_report() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    assert_eq!(app.signed_in("ann@acme.test").read("/doctor").status, 403);
}
