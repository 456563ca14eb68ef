//! Plans: authentication modes and limits, and how a change of them affects the people on the plan.

use crate::app::{PASSWORD, TestApp};
use crate::idp::{connect, saml_sign_in};
use serde_json::{Value, json};

fn patch(app: &TestApp, query: &str, body: &Value) -> crate::browser::Answer {
    app.operator().api("PATCH", &format!("/plans/enterprise{query}"), body)
}

#[test]
fn a_dry_run_of_an_auth_mode_change_lists_all_people_on_the_plan() {
    let app = TestApp::new();
    let (acme, globex) = (app.org("Acme", "enterprise"), app.org("Globex", "enterprise"));
    app.admin(&acme, "ann@acme.test");
    app.member(&acme, "bob@acme.test");
    app.admin(&globex, "gina@globex.test");
    app.member(&globex, "gus@globex.test");
    connect(&app, &acme, "ann@acme.test", "acme_SSO");
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "bob@acme.test");
    let dry = patch(&app, "?dry_run=true", &json!({ "auth_mode": "saml" })).json();
    assert_eq!((dry["applied"].as_bool(), dry["loses"][0]["email"].as_str()), (Some(false), Some("gus@globex.test")));
    assert_eq!((dry["counts"]["keeps"].as_i64(), dry["counts"]["loses"].as_i64()), (Some(3), Some(1)));
    let mut real = patch(&app, "", &json!({ "auth_mode": "saml" })).json();
    real["applied"] = json!(false);
    assert_eq!(real, dry);
    assert_eq!(app.anonymous().sign_in("bob@acme.test", PASSWORD).code(), "sso_required");
    assert_eq!(app.anonymous().sign_in("gus@globex.test", PASSWORD).code(), "sso_required");
    assert_eq!(
        app.anonymous().sign_in("gina@globex.test", PASSWORD).status,
        200,
        "admins keep access by password until the connection is ready"
    );
    assert_eq!(saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "bob@acme.test").location(), "/");
    connect(&app, &globex, "gina@globex.test", "globex_SSO");
    assert_eq!(app.anonymous().sign_in("gina@globex.test", PASSWORD).code(), "sso_required");
    patch(&app, "", &json!({ "auth_mode": "password_or_saml" }));
    assert_eq!(app.anonymous().sign_in("gus@globex.test", PASSWORD).status, 200);
}

#[test]
fn names_and_limits_can_be_changed_and_null_means_no_limit() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    assert_eq!(patch(&app, "", &json!({ "name": "Grand", "max_workspaces": 1 })).json()["applied"], true);
    let mut ann = app.signed_in("ann@acme.test");
    let full = ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "More" }));
    assert_eq!((full.status, full.code().as_str()), (402, "plan_limit"));
    assert!(full.body.contains("Grand"));
    patch(&app, "", &json!({ "max_workspaces": null }));
    assert_eq!(ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "More" })).status, 201);
    let plans = app.operator().read("/plans").json();
    assert_eq!(plans["items"][2]["max_mails_per_day"], 500);
    assert_eq!(
        (plans["items"][2]["name"].as_str(), plans["items"][2]["max_workspaces"].as_i64()),
        (Some("Grand"), None)
    );
}

#[test]
fn a_dry_run_of_a_limit_change_names_the_organisations_over_the_limit() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.member(&org, "bob@acme.test");
    let dry = patch(&app, "?dry_run=true", &json!({ "max_members": 1 })).json();
    assert_eq!(
        dry["warnings"],
        json!(["Acme: 2 people, but the Enterprise plan allows 1: they stay, and no others can be added."])
    );
    assert_eq!((dry["counts"]["keeps"].as_i64(), dry["counts"]["loses"].as_i64()), (Some(2), Some(0)));
    assert_eq!(patch(&app, "?dry_run=true", &json!({ "max_members": 2 })).json()["warnings"], json!([]));
    assert_eq!(app.operator().read("/plans").json()["items"][2]["max_members"], Value::Null);
}

#[test]
fn invalid_changes_of_a_plan_are_refused() {
    let app = TestApp::new();
    for (body, field) in [
        (json!({ "auth_mode": "magic" }), "auth_mode"),
        (json!({ "max_members": 0 }), "max_members"),
        (json!({ "max_members": 2.5 }), "max_members"),
        (json!({ "max_members": 9_223_372_036_854_775_808_u64 }), "max_members"),
        (json!({ "max_workspaces": -1 }), "max_workspaces"),
        (json!({ "max_mails_per_day": 0 }), "max_mails_per_day"),
        (json!({ "name": "" }), "name"),
        (json!({ "colour": "red" }), "colour"),
    ] {
        let refused = patch(&app, "", &body);
        assert_eq!((refused.status, refused.field().as_str()), (422, field));
    }
    assert_eq!(
        patch(&app, "?dry_run=", &json!({ "max_members": 2 })).field(),
        "dry_run",
        "an empty dry_run is not taken for a real run"
    );
    assert_eq!(
        patch(&app, "?dry_run=true", &json!({ "max_members": 2.0 })).status,
        200,
        "2.0 is accepted as a whole number"
    );
    assert_eq!(app.operator().api("PATCH", "/plans/gold", &json!({ "name": "Gold" })).status, 404);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    assert_eq!(app.signed_in("ann@acme.test").api("PATCH", "/plans/business", &json!({ "name": "Mine" })).status, 403);
}
