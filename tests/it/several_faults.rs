//! Refusals name all invalid fields, not only the first one, through the API and on the command line.
//! `several_faults.test.js` tests the pages.

use crate::app::TestApp;
use crate::browser::Answer;
use crate::program::vestibule;
use serde_json::{Value, json};

fn fields(refused: &Answer) -> Vec<String> {
    assert_eq!(refused.status, 422, "{}", refused.body);
    let error = refused.json()["error"].clone();
    let all = error["fields"].as_array().expect("a list").clone();
    assert_eq!((&error["field"], &error["message"]), (&all[0]["field"], &all[0]["message"]), "{error}");
    assert!(all.iter().all(|one| one["message"].as_str().is_some_and(|why| !why.is_empty())), "{error}");
    all.iter().map(|one| one["field"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn the_api_names_every_invalid_field_of_sso_settings_plans_keys_and_organisations() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let (mut operator, mut ann) = (app.operator(), app.signed_in("ann@acme.test"));
    let settings = json!({
        "provider": "okta", "portal_key": "a b", "sign_on_url": "okta", "idp_entity_id": "", "certificates": ["junk"],
    });
    let refused = ann.api("PUT", "/organisations/acme/sso", &settings);
    assert_eq!(fields(&refused), ["portal_key", "sign_on_url", "idp_entity_id", "certificates"]);
    let plan =
        json!({ "name": " ", "auth_mode": "magic", "max_members": 0, "max_workspaces": -1, "max_mails_per_day": 0 });
    let refused = operator.api("PATCH", "/plans/starter", &plan);
    assert_eq!(fields(&refused), ["name", "auth_mode", "max_members", "max_workspaces", "max_mails_per_day"]);
    let key = json!({ "name": "", "scopes": ["everything"], "expires_at": "soon" });
    assert_eq!(fields(&ann.api("POST", "/organisations/acme/keys", &key)), ["name", "scopes", "expires_at"]);
    let organisation = json!({ "name": " ", "plan": "gold", "admin_email": "ann" });
    assert_eq!(fields(&operator.api("POST", "/organisations", &organisation)), ["name", "plan", "admin_email"]);
    // Nothing was saved, and the same requests with valid values succeed.
    assert_eq!(ann.read("/organisations/acme/keys").json()["items"], json!([]));
    assert_eq!(ann.read("/organisations/acme/sso").json()["portal_key"], Value::Null);
    let good = json!({ "name": "Globex", "plan": "starter", "admin_email": "gil@globex.test" });
    assert_eq!(operator.api("POST", "/organisations", &good).status, 201);
}

#[test]
fn the_command_line_names_every_invalid_value() {
    let app = TestApp::new();
    app.org("Acme", "enterprise");
    let folder = tempfile::tempdir().expect("a folder");
    let junk = folder.path().join("junk.pem");
    std::fs::write(&junk, "junk").expect("written");
    let junk = junk.to_str().expect("text");
    let connection = [
        &["sso", "save", "acme", "--provider", "okta", "--portal-key", "a b", "--sign-on-url", "okta"][..],
        &["--entity-id", " ", "--certificate", junk],
    ]
    .concat();
    for (command, names) in [
        (connection, vec!["--portal-key: ", "--sign-on-url: ", "--entity-id: ", "--certificate: "]),
        (vec!["org", "create", " ", "--plan", "gold", "--admin", "ann"], vec!["<NAME>: ", "--plan: ", "--admin: "]),
        (vec!["key", "create", " ", "--operator", "--expires", "soon"], vec!["<NAME>: ", "--expires: "]),
        (vec!["audit", "export", "acme", "--from", "2026-11-31"], vec!["--from: must be a date"]),
        (vec!["sso", "setup-link", "create", "acme", "--days", "31"], vec!["--days: must be 1 to 30"]),
        (vec!["org", "set-lives", "acme", "--session-days", "40"], vec!["--session-days: must be 1 to 7 days"]),
        (vec!["user", "disable", "ann@@acme.test"], vec!["<EMAIL>: must be an e-mail address"]),
        (vec!["plan", "set-limits", "starter", "--max-members", "-1"], vec!["--max-members"]),
    ] {
        let output = vestibule(app.data.path(), &command);
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{command:?}: {printed}");
        let named: Vec<_> = names.iter().filter(|name| printed.contains(**name)).collect();
        assert_eq!(named.len(), names.len(), "some of {names:?} are missing: {printed}");
    }
}

#[test]
fn organisations_are_found_in_any_case_and_an_unknown_one_is_refused_with_advice() {
    let app = TestApp::new();
    app.org("Acme", "enterprise");
    let run = |command: &str| vestibule(app.data.path(), &command.split(' ').collect::<Vec<_>>());
    assert_eq!(run("org show ACME").status.code(), Some(0));
    let shown = run("workspace show Acme/Head-Office");
    assert_eq!(shown.status.code(), Some(0), "{}", String::from_utf8_lossy(&shown.stderr));
    let missing = run("org show acne");
    let printed = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(missing.status.code() == Some(1) && printed.contains("as `vestibule org list` shows it"), "{printed}");
    let readiness = run("sso readiness acme");
    assert!(String::from_utf8_lossy(&readiness.stdout).contains("Acme has no SSO connection yet"));
}
