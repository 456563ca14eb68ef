//! Organisations, workspaces and plans, managed by operators and with API keys.

use crate::app::{PASSWORD, TestApp};
use serde_json::{Value, json};

#[test]
fn an_operator_creates_an_organisation_and_its_first_admin_joins() {
    let app = TestApp::new();
    let mut operator = app.operator();
    let made = operator.api(
        "POST",
        "/organisations",
        &json!({ "name": "Acme", "plan": "enterprise", "admin_email": "ann@acme.test" }),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    assert_eq!(
        (made["organisation"]["slug"].as_str(), made["workspace"]["name"].as_str()),
        (Some("acme"), Some("Acme"))
    );
    let token = made["invitation"]["accept_url"].as_str().expect("a link").split_once("token=").expect("a token").1;
    let mut ann = app.anonymous();
    ann.api(
        "POST",
        "/invitations/accept",
        &json!({ "token": token, "name": "Ann", "password": "violet tractor lagoon" }),
    );
    assert_eq!(ann.read("/me").json()["organisations"][0]["admin"], true);
    let second = operator.api(
        "POST",
        "/organisations",
        &json!({ "name": "Acme", "plan": "starter", "admin_email": "bob@b.test" }),
    );
    assert_eq!(second.json()["organisation"]["slug"], "acme-2");
}

#[test]
fn only_operators_create_and_list_all_organisations_and_switch_plans() {
    let app = TestApp::new();
    let (acme, globex) = (app.org("Acme", "business"), app.org("Globex", "business"));
    app.admin(&acme, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    for (method, path, body) in [
        ("POST", "/organisations".to_owned(), json!({ "name": "X", "plan": "starter", "admin_email": "a@b.test" })),
        ("GET", "/plans".to_owned(), Value::Null),
        ("PUT", format!("/organisations/{}/plan", acme.slug), json!({ "plan": "enterprise" })),
        ("DELETE", format!("/organisations/{}", acme.slug), Value::Null),
    ] {
        assert_eq!(ann.api(method, &path, &body).status, 403, "{method} {path}");
    }
    let names = |answer: Value| {
        let items = answer["items"].as_array().expect("a list").clone();
        items.iter().map(|one| one["slug"].as_str().expect("a slug").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(ann.read("/organisations").json()), ["acme"]);
    let mut operator = app.operator();
    assert_eq!(names(operator.read("/organisations").json()), ["acme", "globex"]);
    assert_eq!(names(operator.read("/organisations?search=GLOB").json()), ["globex"]);
    let deleted = operator.api("DELETE", &format!("/organisations/{}?confirm=Globex", globex.slug), &Value::Null);
    assert_eq!(deleted.status, 200, "{}", deleted.body);
    assert_eq!(names(operator.read("/organisations").json()), ["acme"]);
}

#[test]
fn organisation_admins_create_rename_and_delete_workspaces() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let path = format!("/organisations/{}/workspaces", org.slug);
    let made = ann.api("POST", &path, &json!({ "name": "Laboratory" }));
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    let id = made["id"].as_str().expect("an id");
    assert_eq!(ann.api("POST", &path, &json!({ "name": "Laboratory" })).field(), "name");
    assert_eq!(ann.api("PATCH", &format!("/workspaces/{id}"), &json!({ "name": "Lab" })).json()["name"], "Lab");
    assert_eq!(ann.read(&format!("/workspaces/{id}")).json()["role"], "admin");
    assert_eq!(ann.read("/me").json()["last_workspace"], id);
    assert_eq!(ann.api("DELETE", &format!("/workspaces/{id}"), &Value::Null).json()["applied"], true);
    let last = ann.api("DELETE", &format!("/workspaces/{}", org.workspace), &Value::Null);
    assert_eq!((last.status, last.code().as_str()), (409, "last_workspace"));
}

#[test]
fn a_dry_run_of_a_plan_switch_reports_the_effect_and_changes_nothing() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut operator = app.operator();
    let path = format!("/organisations/{}/plan", org.slug);
    let dry = operator.api("PUT", &format!("{path}?dry_run=true"), &json!({ "plan": "starter" })).json();
    assert_eq!(operator.read(&format!("/organisations/{}", org.slug)).json()["plan"]["id"], "business");
    let mut real = operator.api("PUT", &path, &json!({ "plan": "starter" })).json();
    assert_eq!((dry["applied"].as_bool(), real["applied"].as_bool()), (Some(false), Some(true)));
    real["applied"] = json!(false);
    assert_eq!(dry, real);
    assert_eq!(dry["keeps"][0]["email"], "ann@acme.test");
    assert_eq!(operator.read(&format!("/organisations/{}", org.slug)).json()["plan"]["id"], "starter");
    assert_eq!(operator.api("PUT", &path, &json!({ "plan": "gold" })).field(), "plan");
}

#[test]
fn an_operators_key_has_operator_rights_and_no_account() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    let (_, key) = app.operators_key("Program");
    let mut program = app.program(&key);
    assert_eq!(program.read("/organisations").status, 200);
    let invited = program.api(
        "POST",
        &format!("/workspaces/{}/invitations", org.workspace),
        &json!({ "email": "x@y.test", "role": "admin" }),
    );
    assert_eq!(invited.status, 201);
    assert_eq!(program.read("/me").status, 403);
    assert_eq!(app.program(&format!("{key}x")).read("/organisations").status, 401);
}

#[test]
fn long_lists_have_pages() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    for n in 0..7 {
        app.member(&org, &format!("p{n}@acme.test"));
    }
    let mut ann = app.signed_in("ann@acme.test");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ann.read(&format!("/workspaces/{}/members?limit=3&cursor={cursor}", org.workspace)).json();
        seen.extend(
            page["items"].as_array().expect("a list").iter().map(|one| one["email"].as_str().expect("text").to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => cursor = next.into(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 8);
    assert!(seen.is_sorted());
    assert_eq!(ann.read(&format!("/workspaces/{}/members?limit=201", org.workspace)).field(), "limit");
}

#[test]
fn changes_are_in_the_audit_log() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let bob = app.member(&org, "bob@acme.test");
    app.anonymous().sign_in("ann@acme.test", "wrong");
    let mut ann = app.signed_in("ann@acme.test");
    ann.api("DELETE", &format!("/workspaces/{}/members/{bob}", org.workspace), &Value::Null);
    app.operator().api("PUT", &format!("/organisations/{}/plan", org.slug), &json!({ "plan": "starter" }));
    app.finish_log();
    let database = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    let mut rows = database
        .prepare("SELECT actor_kind || ' ' || actor_name || ' ' || action FROM audit ORDER BY id")
        .expect("SQL");
    let rows: Vec<String> = rows.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect();
    for wanted in [
        "anonymous  session.refused",
        "person ann@acme.test session.password",
        "person ann@acme.test member.revoked",
        "operator olivia@vestibule.test organisation.plan_switched",
    ] {
        assert!(rows.iter().any(|row| row == wanted), "{wanted} is missing: {rows:?}");
    }
    assert!(!rows.concat().contains(PASSWORD));
}
