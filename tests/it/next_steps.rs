//! The checklists of the home page, and the strength of a password as it is typed.

use crate::app::TestApp;
use crate::browser::Browser;
use crate::idp::{connect, saml_sign_in};
use serde_json::{Value, json};

/// The steps, each with whether it is done; and whether all of them are done.
fn steps(browser: &mut Browser, path: &str) -> (Vec<(String, bool)>, bool) {
    let answer = browser.read(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    let json = answer.json();
    let step =
        |one: &Value| (one["step"].as_str().expect("a name").to_owned(), one["done"].as_bool().expect("a boolean"));
    (json["items"].as_array().expect("a list").iter().map(step).collect(), json["done"] == true)
}

fn is_done(browser: &mut Browser, path: &str, name: &str) -> Option<bool> {
    steps(browser, path).0.into_iter().find(|(step, _)| step == name).map(|(_, done)| done)
}

#[test]
fn an_admin_without_sso_has_only_the_step_of_inviting_people() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let path = "/organisations/acme/next-steps";
    assert_eq!(steps(&mut ann, path), (vec![("invite".into(), false)], false));
    let link = ann.read(path).json()["items"][0]["path"].clone();
    assert_eq!(link, format!("/w/{}/members#invite", org.workspace));
    let invitation = json!({ "email": "bob@acme.test", "role": "power_user" });
    assert_eq!(ann.api("POST", &format!("/workspaces/{}/invitations", org.workspace), &invitation).status, 201);
    assert_eq!(steps(&mut ann, path), (vec![("invite".into(), true)], true));
}

#[test]
fn each_sso_step_is_marked_done_when_it_is_done() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.member(&org, "bob@acme.test");
    let path = "/organisations/acme/next-steps";
    let mut ann = app.signed_in("ann@acme.test");
    for name in ["sso_set_up", "sso_test", "sso_members", "saml_only"] {
        assert_eq!(is_done(&mut ann, path, name), Some(false), "{name}");
    }
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    assert_eq!(is_done(&mut ann, path, "sso_test"), Some(true));
    assert_eq!(is_done(&mut ann, path, "sso_members"), Some(false), "Bob has not signed in through SAML");
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "bob@acme.test");
    assert_eq!(is_done(&mut ann, path, "sso_members"), Some(true));
    assert!(steps(&mut ann, path).1, "the checklist is complete without SAML-only");
    assert_eq!(is_done(&mut ann, path, "recovery_codes"), None);
    let on = ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true }));
    assert_eq!(on.status, 200, "{}", on.body);
    assert_eq!(is_done(&mut ann, path, "saml_only"), Some(true));
    assert_eq!(is_done(&mut ann, path, "recovery_codes"), Some(true));
}

#[test]
fn next_steps_are_shown_only_to_people_who_can_take_them() {
    let app = TestApp::new();
    let (org, other) = (app.org("Acme", "business"), app.org("Globex", "business"));
    app.admin(&org, "ann@acme.test");
    app.member(&org, "bob@acme.test");
    app.admin(&other, "gus@globex.test");
    let path = "/organisations/acme/next-steps";
    assert_eq!(app.signed_in("bob@acme.test").read(path).status, 403);
    assert_eq!(app.signed_in("gus@globex.test").read(path).status, 404);
    assert_eq!(app.signed_in("ann@acme.test").read("/next-steps").status, 403);
    let (all, done) = steps(&mut app.operator(), "/next-steps");
    let names: Vec<_> = all.iter().map(|(step, _)| step.as_str()).collect();
    assert_eq!(names, ["organisation", "public_url", "mail", "second_operator"]);
    assert_eq!((all[0].1, all[2].1, done), (true, false, false));
}

#[test]
fn strength_checks_use_the_same_rule_as_setting_a_password() {
    let app = TestApp::new();
    let org = app.org("Acme Rockets", "business");
    app.member(&org, "bob@acme.test");
    let mut bob = app.signed_in("bob@acme.test");
    let mut judge = |text: &str| bob.api("POST", "/password-strength", &json!({ "password": text })).json();
    assert_eq!(judge("left horse battery staple"), json!({ "score": 4, "fault": null }));
    assert_eq!(judge("bob@acme.test12")["score"], 1);
    assert!(judge("short")["fault"].as_str().expect("a reason").contains("12 characters"));
    let typed = json!({ "password": "left horse battery staple" });
    assert_eq!(
        app.anonymous().api("POST", "/password-strength", &typed).status,
        401,
        "only for signed-in people and holders of a link"
    );
    let with_token = json!({ "password": "left horse battery staple", "token": "guessed" });
    assert_eq!(app.anonymous().api("POST", "/password-strength", &with_token).status, 401);
}
