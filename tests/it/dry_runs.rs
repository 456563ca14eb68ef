//! Each switch of the API: its dry run changes nothing and reports the same as the real run, through the API and on the
//! command line.

use crate::app::{Org, TestApp, email};
use crate::browser::Browser;
use crate::idp::{ENTITY_ID, KEY, connect, saml_sign_in, settings};
use crate::mail_server::MailServer;
use crate::program::vestibule;
use rusqlite::types::Value as Column;
use serde_json::{Value, json};
use std::path::Path;
use vestibule::domain::access::Standing;
use vestibule::domain::ids::UserId;
use vestibule::domain::person::Role;

/// Acme with the admins Ann and Amy, and the members Bob and Nell. Signed in are Ann by both methods, Bob by password,
/// and Nell, who has no password, through SAML.
struct Staffed {
    app: TestApp,
    org: Org,
    ann: Browser,
    operator: Browser,
    amy: UserId,
    bob: UserId,
    mail_server: MailServer,
}

fn acme() -> Staffed {
    let mail_server = MailServer::new();
    let app = TestApp::with_operator(|flags| flags.mail.smtp_url = Some(mail_server.url()));
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let (amy, bob) = (app.admin(&org, "amy@acme.test"), app.member(&org, "bob@acme.test"));
    member_without_password(&app, &org, "nell@acme.test");
    let ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    app.signed_in("bob@acme.test");
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "nell@acme.test");
    let operator = app.operator();
    Staffed { app, org, ann, operator, amy, bob, mail_server }
}

fn member_without_password(app: &TestApp, org: &Org, address: &str) {
    let (org, address) = (org.clone(), email(address));
    app.write(move |tx| {
        let user = tx.add_user(&address, "Nell", None, false)?;
        tx.add_person(&org.id, &user, Standing { admin: false, password_agreed: true })?;
        tx.set_place(&org.id, &org.workspace, &user, &Role::PowerUser)
    });
}

/// One switch: its request, its command, and the expected counts.
struct Switch {
    method: &'static str,
    path: String,
    body: Value,
    command: Vec<String>,
    /// Whether SAML-only must be turned on before the switch.
    saml_only: bool,
    /// The expected numbers of people who keep and who lose access, and of sessions and grants that end.
    counts: [u64; 4],
}

fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(ToOwned::to_owned).collect()
}

fn changed_settings() -> Value {
    let mut moved = settings("acme_SSO");
    moved["sign_on_url"] = json!("https://moved.test/sso");
    moved
}

impl Switch {
    fn new(method: &'static str, path: &str, body: Value, command: &str, counts: [u64; 4]) -> Self {
        let saml_only = body == json!({ "enabled": false });
        Self { method, path: path.into(), body, command: words(command), saml_only, counts }
    }

    fn prepare(&self, acme: &mut Staffed) {
        if self.saml_only {
            let on = acme.ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true }));
            assert_eq!(on.status, 200, "{}", on.body);
        }
    }

    /// The effect reported by the API.
    fn over_api(&self, acme: &mut Staffed, dry: bool) -> Value {
        let query = if dry { "?dry_run=true" } else { "" };
        // Only an admin who has signed in through SAML can change SAML-only; the operator can run all other switches.
        let who = if self.path.ends_with("/saml-only") { &mut acme.ann } else { &mut acme.operator };
        let answer = who.api(self.method, &format!("{}{query}", self.path), &self.body);
        assert_eq!(answer.status, 200, "{}: {}", self.path, answer.body);
        let mut body = answer.json();
        body.as_object_mut().expect("an object").remove("recovery_codes");
        if body["effect"].is_object() { body["effect"].take() } else { body }
    }

    /// The effect reported by the command line.
    fn by_command(&self, acme: &Staffed, dry: bool) -> Value {
        let mut args: Vec<_> = self.command.iter().map(String::as_str).collect();
        args.extend(if dry { vec!["--dry-run", "--json"] } else { vec!["--json"] });
        let output = vestibule(acme.app.data.path(), &args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

fn all_switches(acme: &Staffed, certificate: &Path) -> Vec<Switch> {
    std::fs::write(certificate, KEY.certificate_pem()).expect("written");
    let save = format!(
        "sso save acme --provider custom --portal-key acme_SSO --sign-on-url https://moved.test/sso --entity-id {ENTITY_ID} \
         --certificate {}",
        certificate.display()
    );
    let sso = "/organisations/acme/sso";
    let member = format!("/workspaces/{}/members/{}", acme.org.workspace, acme.bob);
    let admin = format!("/organisations/acme/admins/{}", acme.amy);
    let revoke = format!("member revoke {} bob@acme.test", acme.org.workspace);
    let (password, limits) = (json!({ "auth_mode": "password" }), json!({ "max_members": 2, "max_workspaces": null }));
    vec![
        Switch::new(
            "PUT",
            "/organisations/acme/plan",
            json!({ "plan": "business" }),
            "org set-plan acme business",
            [3, 1, 1, 2],
        ),
        Switch::new("PATCH", "/plans/enterprise", password, "plan set-auth enterprise password", [3, 1, 1, 2]),
        Switch::new(
            "PATCH",
            "/plans/enterprise",
            limits,
            "plan set-limits enterprise --max-members 2 --max-workspaces none",
            [4, 0, 0, 0],
        ),
        Switch::new("PUT", sso, changed_settings(), &save, [3, 1, 1, 2]),
        Switch::new("DELETE", sso, Value::Null, "sso remove acme", [3, 1, 1, 2]),
        Switch::new(
            "PUT",
            &format!("{sso}/saml-only"),
            json!({ "enabled": true }),
            "sso require-saml acme",
            [2, 2, 1, 2],
        ),
        Switch::new(
            "PUT",
            &format!("{sso}/saml-only"),
            json!({ "enabled": false }),
            "sso allow-passwords acme",
            [4, 0, 0, 0],
        ),
        Switch::new("DELETE", &member, Value::Null, &revoke, [0, 1, 1, 1]),
        Switch::new("DELETE", &admin, Value::Null, "org remove-admin acme amy@acme.test", [1, 0, 0, 0]),
    ]
}

/// All rows of the database, except the results of jobs and the mark that the file is complete.
fn all_rows(app: &TestApp) -> Vec<(String, Vec<Vec<Column>>)> {
    let database = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    let mut tables =
        database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").expect("SQL");
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect();
    let rows_of = |table: &String| {
        let kept = if table == "settings" { "WHERE name NOT IN ('jobs', 'whole')" } else { "" };
        let mut rows = database.prepare(&format!("SELECT * FROM {table} {kept}")).expect("SQL");
        let columns = rows.column_count();
        let rows = rows.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    };
    tables.iter().map(|table| (table.clone(), rows_of(table))).collect()
}

fn counts(effect: &Value) -> [u64; 4] {
    ["keeps", "loses", "sessions", "grants"].map(|of| effect["counts"][of].as_u64().expect("a number"))
}

/// Compares the dry run of a switch with its real run in a new Acme: the real run by command or through the API.
fn check_switch(acme: &mut Staffed, switch: &Switch, by_command: bool) {
    switch.prepare(acme);
    // Waits until the queue is empty, so that no e-mail that is being sent is taken for a change by the dry run.
    crate::mail::unsent_when(&mut acme.operator, <[Value]>::is_empty);
    let before = all_rows(&acme.app);
    let dry = switch.over_api(acme, true);
    assert_eq!((counts(&dry), &dry["applied"]), (switch.counts, &json!(false)), "{}: {dry}", switch.path);
    if by_command {
        assert_eq!(switch.by_command(acme, true), dry, "{:?}", switch.command);
    }
    assert!(before == all_rows(&acme.app), "a dry run of {} changed something", switch.path);
    // Turning SAML-only on needs an admin who has signed in through SAML, so the command can only do the dry run.
    let real_by_command = by_command && switch.body != json!({ "enabled": true });
    let mut real = if real_by_command { switch.by_command(acme, false) } else { switch.over_api(acme, false) };
    assert_eq!(real["applied"], true);
    assert!(before != all_rows(&acme.app), "{} changed nothing", switch.path);
    real["applied"] = json!(false);
    assert_eq!(real, dry, "{}", switch.path);
}

fn check_all_switches(by_command: bool) {
    let certificate = tempfile::NamedTempFile::new().expect("a file");
    let switches = || {
        let acme = acme();
        let all = all_switches(&acme, certificate.path());
        (acme, all)
    };
    for n in 0..switches().1.len() {
        let (mut acme, mut all) = switches();
        let switch = all.remove(n);
        check_switch(&mut acme, &switch, by_command);
    }
}

#[test]
fn every_dry_run_changes_nothing_and_reports_the_same_as_the_real_run() {
    check_all_switches(false);
}

#[test]
fn dry_and_real_runs_on_the_command_line_match_those_of_the_api() {
    check_all_switches(true);
}

#[test]
fn people_without_a_password_are_listed_before_saml_ends_and_get_a_link_to_set_one() {
    let mut acme = acme();
    member_without_password(&acme.app, &acme.org, "niko@acme.test");
    let on = acme.ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).json();
    assert!(
        on["loses"].to_string().contains("niko@acme.test"),
        "he may lose access, because he has not signed in through SAML: {on}"
    );
    let path = "/organisations/acme/plan";
    let still = acme.operator.api("PUT", &format!("{path}?dry_run=true"), &json!({ "plan": "enterprise" })).json();
    assert_eq!(still["counts"]["loses"], 0, "a switch that keeps SAML takes no access away: {still}");
    let switched = acme.operator.api("PUT", path, &json!({ "plan": "business" })).json();
    let niko = switched["loses"].as_array().expect("a list").iter().find(|line| line["email"] == "niko@acme.test");
    assert_eq!(niko.expect("Niko in the list")["reason"], "has no password; needs a link to set one");
    assert!(acme.mail_server.newest(2, "niko@acme.test").text.contains("/reset?token="));
}

#[test]
fn a_dry_run_lists_all_people_two_hundred_at_a_time() {
    let mut acme = acme();
    for n in 0..230 {
        member_without_password(&acme.app, &acme.org, &format!("new{n}@acme.test"));
    }
    let mut named = |skip: &str| {
        let path = format!("/organisations/acme/sso/saml-only?dry_run=true{skip}");
        let effect = acme.ann.api("PUT", &path, &json!({ "enabled": true })).json();
        let emails = effect["loses"].as_array().expect("a list").iter().map(|line| line["email"].to_string());
        (emails.collect::<Vec<_>>(), effect["counts"]["loses"].as_u64().expect("a count"))
    };
    let ((first, all), (rest, _), (none, _)) = (named(""), named("&skip=200"), named("&skip=400"));
    assert_eq!((first.len(), rest.len() as u64, none.len()), (200, all - 200, 0));
    let different: std::collections::BTreeSet<_> = first.iter().chain(&rest).collect();
    assert_eq!(different.len() as u64, all, "each person is listed once");
    let wrong =
        acme.ann.api("PUT", "/organisations/acme/sso/saml-only?dry_run=true&skip=-1", &json!({ "enabled": true }));
    assert_eq!((wrong.status, wrong.field().as_str()), (422, "skip"));
}
