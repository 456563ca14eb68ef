//! Deleting a workspace or an organisation is a switch: its dry run lists the people who lose access, and the
//! invitations and keys that end.

use crate::app::TestApp;
use crate::browser::Browser;
use crate::idp::connect;
use crate::program::vestibule;
use serde_json::{Value, json};
use vestibule::domain::person::Role;

fn delete(browser: &mut Browser, path: &str) -> Value {
    let answer = browser.api("DELETE", path, &Value::Null);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

fn emails_and_reasons(effect: &Value, list: &str) -> Vec<(String, String)> {
    let text = |line: &Value, field: &str| line[field].as_str().expect("text").to_owned();
    effect[list].as_array().expect("a list").iter().map(|line| (text(line, "email"), text(line, "reason"))).collect()
}

fn pair(email: &str, reason: &str) -> (String, String) {
    (email.into(), reason.into())
}

/// Acme with two workspaces, Head office and Lab: Bob is a member of the Lab, Cleo of both; Ann is organisation admin.
/// Ivy is invited to the Lab, and Bob to Head office. Returns also Ann's browser and the id of the Lab.
fn acme() -> (TestApp, Browser, String) {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.member(&org, "cleo@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let lab = ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Lab" })).json();
    let lab = lab["id"].as_str().expect("an id").to_owned();
    let mut in_lab = org;
    in_lab.workspace = vestibule::domain::ids::WorkspaceId::parse(&lab).expect("an id");
    app.member(&in_lab, "bob@acme.test");
    app.person(&in_lab, "cleo@acme.test", Role::Admin, false);
    let invited = json!({ "email": "ivy@acme.test", "role": "admin" });
    assert_eq!(ann.api("POST", "/workspaces/acme%2Flab/invitations", &invited).status, 201);
    let elsewhere = json!({ "email": "bob@acme.test", "role": "admin" });
    assert_eq!(ann.api("POST", "/workspaces/acme%2Fhead-office/invitations", &elsewhere).status, 201);
    (app, ann, lab)
}

#[test]
fn deleting_a_workspace_reports_its_effect_and_a_dry_run_changes_nothing() {
    let (app, mut ann, lab) = acme();
    let mut bob = app.signed_in("bob@acme.test");
    let path = format!("/workspaces/{lab}");
    let dry = delete(&mut ann, &format!("{path}?dry_run=true"));
    assert_eq!(
        emails_and_reasons(&dry, "loses"),
        [pair("bob@acme.test", "loses access to Acme as well: has no other workspace there")]
    );
    assert_eq!(
        emails_and_reasons(&dry, "keeps"),
        [
            pair("ann@acme.test", "keeps access to Acme: Head office"),
            pair("cleo@acme.test", "keeps access to Acme: Head office")
        ]
    );
    assert_eq!(dry["warnings"], json!(["Invitations that end: bob@acme.test, ivy@acme.test."]));
    assert_eq!(
        dry["counts"],
        json!({ "keeps": 2, "loses": 1, "sessions": 1, "grants": 1, "application_sessions": 0, "refresh_tokens": 0, "levels": 0 })
    );
    assert_eq!((dry["applied"].as_bool(), ann.read(&path).status), (Some(false), 200));
    let mut real = delete(&mut ann, &path);
    real["applied"] = json!(false);
    assert_eq!(real, dry);
    assert_eq!(ann.read(&path).status, 404);
    assert_ne!(bob.read("/organisations/acme").status, 200);
    assert_eq!(app.signed_in("cleo@acme.test").read("/organisations/acme").status, 200);
    let log = ann.read("/organisations/acme/audit?resource_type=workspace").json();
    let detail = &log["items"][0]["detail"];
    assert_eq!(log["items"][0]["action"], "workspace.deleted");
    assert_eq!((&detail["loses"], &detail["ends"]), (&json!(["bob@acme.test"]), &dry["warnings"]));
}

#[test]
fn a_workspace_admin_cannot_delete_a_workspace() {
    let (app, _, lab) = acme();
    let mut cleo = app.signed_in("cleo@acme.test");
    for query in ["", "?dry_run=true"] {
        assert_eq!(cleo.api("DELETE", &format!("/workspaces/{lab}{query}"), &Value::Null).status, 403);
    }
    let document = vestibule::http::document();
    let asked = |path: &str| document["paths"][path]["delete"]["security"][0]["session"][0].clone();
    assert_eq!(asked("/workspaces/{id}"), "organisation_admin");
    assert_eq!(asked("/organisations/{org}"), "operator");
}

#[test]
fn deleting_an_organisation_reports_its_effect_and_needs_its_name_as_confirmation() {
    let app = TestApp::new();
    let (acme, globex) = (app.org("Acme & Söhne", "enterprise"), app.org("Globex", "business"));
    app.admin(&acme, "ann@acme.test");
    app.member(&acme, "bob@acme.test");
    app.admin(&globex, "bob@acme.test");
    let mut ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    let path = format!("/organisations/{}", acme.slug);
    let key = json!({ "name": "Payroll", "scopes": ["read"] });
    let key = ann.api("POST", &format!("{path}/keys"), &key).json()["key"].as_str().expect("a key").to_owned();
    let invited = json!({ "email": "ivy@acme.test", "role": "admin" });
    assert_eq!(ann.api("POST", &format!("/workspaces/{}/invitations", acme.workspace), &invited).status, 201);
    let mut bob = app.signed_in("bob@acme.test");
    let mut olivia = app.operator();
    let hosts = json!({ "hosts": ["wiki.acme.test"] });
    assert_eq!(olivia.api("PUT", &format!("{path}/application-hosts"), &hosts).status, 200);
    let role = json!({ "name": "Auditor", "default_level": "viewer" });
    assert_eq!(olivia.api("POST", &format!("{path}/roles"), &role).status, 201);
    let dry = delete(&mut olivia, &format!("{path}?dry_run=true"));
    assert_eq!(
        emails_and_reasons(&dry, "loses"),
        [
            pair("ann@acme.test", "loses access to Acme & Söhne: Head office"),
            pair("bob@acme.test", "loses access to Acme & Söhne: Head office")
        ]
    );
    let warnings = dry["warnings"].to_string();
    for warning in [
        "Workspaces that end: Head office.",
        "Invitations that end: ivy@acme.test.",
        "API keys that stop working: Payroll.",
        "Custom roles that end: Auditor.",
        "Hosts that are no longer granted, and can be granted to another organisation: wiki.acme.test.",
        "The SSO connection acme_SSO is removed.",
        "Number of people who will belong to no organisation: 1.",
    ] {
        assert!(warnings.contains(warning), "{warning} is not in {warnings}");
    }
    for unconfirmed in ["", "?confirm=", "?confirm=acme-sohne", "?confirm=ACME%20%26%20S%C3%B6hne"] {
        let refused = olivia.api("DELETE", &format!("{path}{unconfirmed}"), &Value::Null);
        assert_eq!((refused.status, refused.field().as_str()), (422, "confirm"), "{unconfirmed}");
    }
    assert_eq!(ann.read(&path).status, 200);
    let mut real = delete(&mut olivia, &format!("{path}?confirm=Acme%20%26%20S%C3%B6hne"));
    assert_eq!(real["applied"], true);
    real["applied"] = json!(false);
    assert_eq!(real, dry);
    assert_eq!((ann.read(&path).code().as_str(), app.program(&key).read(&path).status), ("session_over", 401));
    assert_eq!((bob.read(&path).status, bob.read("/organisations/globex").status), (404, 200));
    let log = olivia.read("/audit?resource_type=organisation").json();
    assert_eq!(log["items"][0]["action"], "organisation.deleted");
    assert_eq!(log["items"][0]["detail"]["loses"], json!(["ann@acme.test", "bob@acme.test"]));
}

#[test]
fn commands_report_the_effect_before_deleting_workspaces_and_organisations() {
    let (app, mut ann, lab) = acme();
    let run = |args: &[&str]| {
        let output = vestibule(app.data.path(), args);
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (code, reported) = run(&["workspace", "delete", "acme/lab", "--dry-run"]);
    assert!(
        code == Some(0) && reported.contains("loses access: bob@acme.test (loses access to Acme as well"),
        "{reported}"
    );
    assert_eq!(ann.read(&format!("/workspaces/{lab}")).status, 200);
    let (code, reported) = run(&["workspace", "delete", "acme/lab"]);
    assert!(code == Some(0) && reported.contains("Done."), "{reported}");
    let (code, reported) = run(&["workspace", "delete", "acme/head-office"]);
    assert!(code == Some(1) && reported.contains("last workspace"), "{reported}");
    let (code, reported) = run(&["org", "delete", "acme", "--dry-run"]);
    assert!(
        code == Some(0) && reported.contains("ann@acme.test") && reported.contains("Nothing has changed yet"),
        "{reported}"
    );
    for unconfirmed in [&["org", "delete", "acme"][..], &["org", "delete", "acme", "--confirm", "acme"]] {
        let (code, reported) = run(unconfirmed);
        assert!(code == Some(2) && reported.contains("--confirm"), "{reported}");
    }
    assert_eq!(ann.read("/organisations/acme").status, 200);
    let (code, reported) = run(&["org", "delete", "acme", "--confirm", "Acme"]);
    assert!(code == Some(0) && reported.contains("Done."), "{reported}");
    assert_eq!(run(&["org", "show", "acme"]).0, Some(1));
}
