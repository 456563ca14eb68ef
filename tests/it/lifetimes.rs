//! The lifetimes of invitations and sessions: set by the appliance's flags, and shortened by an organisation.

use crate::app::TestApp;
use crate::idp::connect;
use crate::program::vestibule;
use serde_json::{Value, json};
use vestibule::config::LifeFlags;

const HOUR: i64 = 3600;

fn with_lives(lives: LifeFlags) -> TestApp {
    TestApp::with_operator(|flags| flags.lives = lives)
}

#[test]
fn the_flags_set_the_lifetimes_of_sessions_and_invitations() {
    let lives = LifeFlags { invitation_hours: Some(2), session_idle_hours: Some(3), session_days: Some(1) };
    let app = with_lives(lives);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let path = format!("/workspaces/{}/invitations", org.workspace);
    let invited = ann.api("POST", &path, &json!({ "email": "bob@acme.test", "role": "admin" })).json();
    let token = invited["accept_url"].as_str().and_then(|url| url.split("token=").nth(1)).expect("a token").to_owned();
    let inspect =
        |app: &TestApp| app.anonymous().api("POST", "/invitations/inspect", &json!({ "token": token })).status;
    app.wait(2 * HOUR - 1);
    assert_eq!(inspect(&app), 200);
    app.wait(1);
    assert_eq!(inspect(&app), 404);
    assert_eq!(ann.read("/me").status, 200);
    app.wait(3 * HOUR - 1);
    assert_eq!(ann.read("/me").status, 200);
    app.wait(3 * HOUR);
    assert_eq!(ann.read("/me").status, 401, "expired after three idle hours");
    let mut ann = app.signed_in("ann@acme.test");
    for _ in 0..12 {
        app.wait(2 * HOUR - 1);
        assert_eq!(ann.read("/me").status, 200);
    }
    app.wait(12);
    assert_eq!(ann.read("/me").status, 401, "a day");
}

#[test]
fn setting_the_clock_back_does_not_extend_an_idle_session() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    app.wait(-72 * HOUR);
    assert_eq!(ann.read("/me").status, 200);
    app.wait(12 * HOUR);
    assert_eq!(ann.read("/me").status, 401, "expired after twelve idle hours");
}

/// An appliance where Ann is an admin of Acme and a member of Globex, with her signed-in browser.
fn two_organisations() -> (TestApp, crate::browser::Browser) {
    let app = TestApp::new();
    let (acme, globex) = (app.org("Acme", "business"), app.org("Globex", "business"));
    app.admin(&acme, "ann@acme.test");
    app.member(&globex, "ann@acme.test");
    let ann = app.signed_in("ann@acme.test");
    (app, ann)
}

#[test]
fn an_organisation_shortens_only_its_own_lifetimes() {
    let (app, mut ann) = two_organisations();
    let before = ann.read("/organisations/acme").json();
    assert_eq!(
        (&before["session_days"], &before["lives"]),
        (&Value::Null, &json!({ "invitation_hours": 24, "session_idle_hours": 12, "session_days": 7 }))
    );
    for (field, bad) in [
        ("session_days", json!(8)),
        ("session_days", json!(0)),
        ("session_idle_hours", json!(13)),
        ("invitation_hours", json!(25)),
        ("invitation_hours", json!(-1)),
        ("invitation_hours", json!("24")),
        ("session_hours", json!(1)),
    ] {
        let refused = ann.api("PATCH", "/organisations/acme", &json!({ field: bad }));
        assert_eq!((refused.status, refused.field().as_str()), (422, field), "{bad}");
    }
    let shorter = json!({ "invitation_hours": 1, "session_idle_hours": 2, "session_days": 1 });
    let changed = ann.api("PATCH", "/organisations/acme", &shorter).json();
    assert_eq!((&changed["lives"], &changed["name"]), (&shorter, &json!("Acme")));
    app.wait(2 * HOUR - 1);
    assert_eq!(ann.read("/organisations/acme").status, 200);
    app.wait(2 * HOUR);
    assert_eq!(ann.read("/organisations/acme").status, 403, "the grant for Acme expired after two idle hours");
    assert_eq!(ann.read("/organisations/globex").status, 200);
    app.wait(1);
    assert_eq!(ann.read("/organisations/acme").status, 403, "using the session does not restore an expired grant");
    let mut ann = app.signed_in("ann@acme.test");
    for _ in 0..23 {
        app.wait(HOUR);
        assert_eq!(ann.read("/organisations/acme").status, 200);
    }
    app.wait(HOUR);
    assert_eq!(
        (ann.read("/organisations/acme").status, ann.read("/organisations/globex").status),
        (403, 200),
        "the grant for Acme expired after a day"
    );
    let log = app.operator().read("/organisations/acme/audit?resource_type=organisation").json();
    assert_eq!(log["items"][0]["action"], "organisation.lives_changed");
    assert_eq!(log["items"][0]["detail"]["to"], shorter);
}

#[test]
fn a_shorter_lifetime_applies_to_existing_sessions_and_null_restores_the_appliances() {
    let (app, mut ann) = two_organisations();
    app.wait(11 * HOUR);
    assert_eq!(ann.read("/me").status, 200);
    app.wait(11 * HOUR);
    assert_eq!(ann.read("/me").status, 200);
    app.wait(3 * HOUR);
    assert_eq!(ann.read("/organisations/acme").status, 200);
    let mut operator = app.operator();
    assert_eq!(operator.api("PATCH", "/organisations/acme", &json!({ "session_days": 1 })).status, 200);
    assert_eq!(ann.read("/organisations/acme").status, 403, "expired, because the sign-in was 25 hours ago");
    let back = operator.api("PATCH", "/organisations/acme", &json!({ "session_days": null })).json();
    assert_eq!((&back["session_days"], &back["lives"]["session_days"]), (&Value::Null, &json!(7)));
    assert_eq!(app.signed_in("ann@acme.test").read("/organisations/acme").status, 200);
}

#[test]
fn a_saml_grant_expires_by_the_organisations_lifetime_and_is_then_not_in_effects() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    assert_eq!(ann.api("PATCH", "/organisations/acme", &json!({ "session_idle_hours": 1 })).status, 200);
    let counted = |app: &TestApp| {
        let dry = app.operator().api("PUT", "/organisations/acme/plan?dry_run=true", &json!({ "plan": "business" }));
        dry.json()["counts"]["grants"].clone()
    };
    app.wait(HOUR - 1);
    assert_eq!(counted(&app), 1);
    app.wait(1);
    assert_eq!(counted(&app), 0);
    assert_ne!(ann.read("/organisations/acme").status, 200);
}

#[test]
fn an_invitation_has_the_lifetime_that_its_organisation_has_when_it_is_sent() {
    let (app, mut ann) = two_organisations();
    assert_eq!(ann.api("PATCH", "/organisations/acme", &json!({ "invitation_hours": 3 })).status, 200);
    let invite = ["member", "invite", "acme/head-office", "bob@acme.test", "--role", "power_user"];
    let reported = vestibule(app.data.path(), &invite);
    let reported = String::from_utf8_lossy(&reported.stdout).into_owned();
    assert!(reported.contains("Invitation link for bob@acme.test. It works once, within 3 hours"), "{reported}");
    let invited = json!({ "email": "cleo@acme.test", "role": "admin" });
    let invited = ann.api("POST", "/workspaces/acme%2Fhead-office/invitations", &invited).json();
    let secs = |at: &Value| vestibule::domain::Timestamp::parse(at.as_str().expect("a time")).expect("a time").0;
    assert_eq!(secs(&invited["expires_at"]), app.now().0 + 3 * HOUR);
}

#[test]
fn the_command_line_sets_an_organisations_lifetimes() {
    let (app, mut ann) = two_organisations();
    let run = |args: &[&str]| {
        let output = vestibule(app.data.path(), args);
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (code, reported) = run(&["org", "set-lives", "acme", "--session-idle-hours", "1", "--session-days", "2"]);
    assert!(code == Some(0) && reported.contains("Sign-ins last 1 hour without a request, and 2 days"), "{reported}");
    assert_eq!(ann.read("/organisations/acme").json()["session_idle_hours"], 1);
    let (code, reported) = run(&["org", "set-lives", "acme", "--session-days", "8"]);
    assert!(code == Some(2) && reported.contains("must be 1 to 7 days"), "{reported}");
    assert_eq!(run(&["org", "set-lives", "acme", "--session-days", "long"]).0, Some(2));
    assert_eq!(run(&["org", "set-lives", "acme"]).0, Some(2));
    assert_eq!(run(&["org", "set-lives", "nobody", "--session-days", "1"]).0, Some(1));
    assert_eq!(run(&["org", "set-lives", "acme", "--session-days", "default"]).0, Some(0));
    assert_eq!(ann.read("/organisations/acme").json()["session_days"], Value::Null);
}
