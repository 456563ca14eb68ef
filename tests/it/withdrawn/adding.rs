//! Adding an operator who already has an account: the password and sessions are kept, and the person must confirm by
//! the link and the password.

use super::{NEW, OLIVIA, finish_reset, operators_program, switch, token_of};
use crate::app::{PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::cli::{json as output, run, text};
use crate::idp::{connect, saml_sign_in};
use crate::mail::unsent_when;
use serde_json::{Value, json};

const BOB: &str = "bob@acme.test";

/// An appliance with Bob, a member of Acme who has a password.
fn with_bob() -> TestApp {
    let app = TestApp::new();
    app.member(&app.org("Acme", "business"), BOB);
    app
}

fn add(app: &TestApp, query: &str, body: &Value) -> Answer {
    app.operator().api("POST", &format!("/operators{query}"), body)
}

fn confirm(app: &TestApp, token: &str, password: &str) -> Answer {
    app.anonymous().api("POST", "/password-reset/finish", &json!({ "token": token, "password": password }))
}

fn is_operator(browser: &mut Browser) -> bool {
    browser.read("/me").json()["person"]["operator"] == true
}

#[test]
fn an_existing_person_becomes_operator_by_link_and_password_and_keeps_their_sessions() {
    let app = with_bob();
    let mut bob = app.signed_in(BOB);
    let added = add(&app, "", &json!({ "email": BOB }));
    assert_eq!(added.status, 201, "{}", added.body);
    let added = added.json();
    assert_eq!(
        (&added["pending"], &added["password"], &added["effect"]["applied"]),
        (&json!(true), &json!(true), &json!(true))
    );
    assert!(
        !is_operator(&mut bob) && !is_operator(&mut app.signed_in(BOB)),
        "neither a new sign-in nor the old session makes an operator"
    );
    assert_eq!(bob.read("/plans").status, 403);
    let token = token_of(&added["accept_url"]);
    let seen = app.anonymous().api("POST", "/password-reset/inspect", &json!({ "token": token })).json();
    assert_eq!(seen, json!({ "email": BOB, "confirms_operator": true }));
    let wrong = confirm(&app, &token, NEW);
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "refused"), "the link needs the current password");
    assert_eq!(app.anonymous().sign_in(BOB, NEW).status, 401);
    assert_eq!(confirm(&app, &token, PASSWORD).status, 200);
    assert!(is_operator(&mut bob) && bob.read("/plans").status == 200);
    assert_eq!(confirm(&app, &token, PASSWORD).status, 404, "the link works only once");
    let mut olivia = app.operator();
    let log = olivia.read("/audit?resource_type=person").json()["items"].take();
    let of = |action: &str| {
        log.as_array().expect("a list").iter().find(|line| line["action"] == action).expect("logged")["actor"]["name"]
            .clone()
    };
    assert_eq!((of("operator.added"), of("operator.confirmed")), (json!(OLIVIA), json!(BOB)));
    let notices = olivia.read("/me/events").json()["items"].take();
    let notices = notices.as_array().expect("a list").iter().filter(|event| event["kind"] == "operator_added").count();
    assert_eq!(notices, 2, "one notice when Bob was added, one when he confirmed");
}

#[test]
fn a_dry_run_reports_the_effect_on_the_person_and_changes_nothing() {
    let app = with_bob();
    let mut bob = app.signed_in(BOB);
    let dry = |body: Value| {
        let answer = add(&app, "?dry_run=true", &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    };
    let kept = dry(json!({ "email": BOB }));
    assert!(
        kept["keeps"][0]["reason"].as_str().is_some_and(|reason| reason.contains("keeps password and sessions")),
        "{kept}"
    );
    assert_eq!((&kept["applied"], &kept["counts"]["sessions"]), (&json!(false), &json!(0)));
    let ended = dry(json!({ "email": BOB, "new_password": true }));
    assert!(
        ended["loses"][0]["reason"].as_str().is_some_and(|reason| reason.contains("must set a new password")),
        "{ended}"
    );
    assert_eq!((&ended["counts"]["loses"], &ended["counts"]["sessions"]), (&json!(1), &json!(1)));
    let new = dry(json!({ "email": "new@acme.test" }));
    assert!(
        new["warnings"][0].as_str().is_some_and(|notices| notices.starts_with("new@acme.test has no account yet")),
        "{new}"
    );
    assert_eq!(add(&app, "?dry_run=true", &json!({ "email": OLIVIA })).status, 409);
    let nonsense = add(&app, "?dry_run=true", &json!({ "email": "nonsense" }));
    assert_eq!((nonsense.status, nonsense.field().as_str()), (422, "email"));
    assert_eq!((bob.read("/me").status, app.accounts("new@acme.test")), (200, 0));
    assert_eq!(app.operator().read("/operators").json()["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_new_password_can_be_required_and_ends_the_old_one_with_its_sessions() {
    let app = with_bob();
    let mut bob = app.signed_in(BOB);
    let added = add(&app, "", &json!({ "email": BOB, "new_password": true })).json();
    assert_eq!((&added["pending"], &added["password"]), (&json!(false), &json!(false)));
    assert_eq!((bob.read("/me").status, app.anonymous().sign_in(BOB, PASSWORD).status), (401, 401));
    assert_eq!(finish_reset(&app, &token_of(&added["accept_url"])).status, 200);
    assert_eq!(app.anonymous().sign_in(BOB, NEW).json()["person"]["operator"], true);
}

#[test]
fn a_pending_operator_is_listed_can_get_another_link_and_be_removed() {
    let app = with_bob();
    let first = token_of(&add(&app, "", &json!({ "email": BOB })).json()["accept_url"]);
    let again = add(&app, "", &json!({ "email": BOB }));
    assert_eq!(again.status, 201, "{}", again.body);
    let second = token_of(&again.json()["accept_url"]);
    assert_eq!(confirm(&app, &first, PASSWORD).status, 404);
    let mut olivia = app.operator();
    let listed = olivia.read("/operators").json();
    assert_eq!((&listed["items"][1]["email"], &listed["items"][1]["pending"]), (&json!(BOB), &json!(true)), "{listed}");
    assert_eq!(listed["items"][0]["pending"], false);
    let path = format!("/operators/{}", app.user(BOB));
    assert_eq!(olivia.api("DELETE", &path, &Value::Null).status, 204);
    assert_eq!((confirm(&app, &second, PASSWORD).status, olivia.api("DELETE", &path, &Value::Null).status), (404, 404));
    assert_eq!(app.signed_in(BOB).read("/me").status, 200, "the account is kept");
    let third = token_of(&add(&app, "", &json!({ "email": BOB })).json()["accept_url"]);
    app.wait(24 * 3600);
    assert_eq!(confirm(&app, &third, PASSWORD).status, 404, "the link expires after a day");
    assert_eq!(app.operator().read("/operators").json()["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_link_to_become_an_operator_is_valid_after_a_reset_by_an_operator_but_not_by_a_key_or_after_disabling() {
    let app = with_bob();
    let bob = app.user(BOB);
    let link = || token_of(&add(&app, "", &json!({ "email": BOB })).json()["accept_url"]);
    let reset = |by: &mut Browser| {
        let made = by.api("POST", &format!("/users/{bob}/reset-link"), &Value::Null).json();
        assert_eq!(finish_reset(&app, &token_of(&made["reset_url"])).status, 200);
    };
    let token = link();
    reset(&mut app.operator());
    assert_eq!(confirm(&app, &token, NEW).status, 200, "the new password is accepted as confirmation");
    let path = format!("/operators/{bob}");
    assert_eq!(app.operator().api("DELETE", &path, &Value::Null).status, 204);
    let token = link();
    reset(&mut operators_program(&app));
    assert_eq!(confirm(&app, &token, NEW).status, 404, "a key has set the password, so the link is revoked");
    let dry = add(&app, "?dry_run=true", &json!({ "email": BOB })).json();
    assert!(dry["loses"][0]["reason"].as_str().is_some_and(|reason| reason.contains("an API key")), "{dry}");
    reset(&mut app.operator());
    let token = link();
    assert_eq!(switch(&mut app.operator(), &bob, "disable").status, 200);
    assert_eq!(switch(&mut app.operator(), &bob, "enable").status, 200);
    assert_eq!(confirm(&app, &token, NEW).status, 404);
}

#[test]
fn password_guesses_with_a_link_are_throttled_like_sign_ins() {
    let app = with_bob();
    let token = token_of(&add(&app, "", &json!({ "email": BOB })).json()["accept_url"]);
    let tries: Vec<_> = (0..15).map(|_| confirm(&app, &token, NEW).status).collect();
    assert!(tries[0] == 401 && tries[14] == 429, "{tries:?}");
}

#[test]
fn a_person_with_only_saml_keeps_their_session_and_sets_a_first_password() {
    let app = TestApp::new();
    let acme = app.org("Acme", "enterprise");
    app.admin(&acme, "ann@acme.test");
    let mut ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    let path = format!("/workspaces/{}/invitations", acme.workspace);
    assert_eq!(ann.api("POST", &path, &json!({ "email": "sam@acme.test", "role": "power_user" })).status, 201);
    let mut sam = app.anonymous();
    saml_sign_in(&app, &mut sam, "/sso?key=acme_SSO", "sam@acme.test");
    let added = add(&app, "", &json!({ "email": "sam@acme.test" })).json();
    assert_eq!(
        (sam.read("/me").status, sam.read("/plans").status),
        (200, 403),
        "a session by SAML has no operator rights"
    );
    assert_eq!(finish_reset(&app, &token_of(&added["accept_url"])).status, 200);
    assert_eq!(app.anonymous().sign_in("sam@acme.test", NEW).json()["person"]["operator"], true);
}

#[test]
fn with_a_mail_server_only_the_person_gets_the_confirmation_link() {
    let app = TestApp::with_operator(|flags| flags.mail.smtp_url = Some("smtp://127.0.0.1:9".into()));
    app.member(&app.org("Acme", "business"), BOB);
    let mut olivia = app.operator();
    let added = olivia.api("POST", "/operators", &json!({ "email": BOB }));
    assert_eq!((added.status, &added.json()["accept_url"]), (201, &Value::Null), "{}", added.body);
    let mails = unsent_when(&mut olivia, |mails| mails.len() == 2);
    let link = mails.iter().find(|mail| mail["kind"] == "reset_link").expect("a link");
    assert_eq!((&link["to"], &link["subject"]), (&json!(BOB), &json!("Confirm that you want to become an operator")));
    let reported = mails.iter().find(|mail| mail["kind"] == "operator_added").expect("a notice");
    assert_eq!(reported["to"], OLIVIA);
}

#[test]
fn the_command_line_adds_an_existing_person_like_the_api() {
    let app = with_bob();
    let data = app.data.path();
    let dry = output(&["operator", "add", BOB, "--dry-run"], data);
    assert_eq!((&dry["applied"], &dry["keeps"][0]["email"]), (&json!(false), &json!(BOB)));
    let ended = text(&run(&["operator", "add", BOB, "--new-password", "--dry-run"], data));
    assert!(ended.contains("must set a new password with the link"), "{ended}");
    let added = run(&["operator", "add", BOB], data);
    let link = text(&added);
    assert!(link.contains("becomes an operator, together with their current password"), "{link}");
    assert_eq!(output(&["operator", "list"], data)[1]["pending"], true);
    let token = link.split_once("/reset?token=").expect("a link").1;
    assert_eq!(confirm(&app, token, PASSWORD).status, 200);
    assert!(is_operator(&mut app.signed_in(BOB)));
    let forced = text(&run(&["operator", "add", BOB, "--new-password"], data));
    assert_eq!(app.anonymous().sign_in(BOB, PASSWORD).status, 401);
    assert_eq!(finish_reset(&app, forced.split_once("token=").expect("a link").1).status, 200);
}
