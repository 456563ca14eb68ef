//! Sensitive actions require a fresh grant: 15 minutes after a sign-in, they require the password or a SAML sign-in
//! again.

use crate::acme::Acme;
use crate::app::{PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{KEY, OTHER_KEY, deliver, request_of, saml_sign_in, settings, valid_response};
use crate::requests::message;
use serde_json::{Value, json};
use vestibule::domain::person::Role;
use vestibule::domain::principal::Need;
use vestibule::http::{Declared, operations};
use vestibule::saml::test_idp::{Minted, Sign};

const MINUTES: i64 = 60;

/// Acme with a ready connection. Ann's session has a grant by password and one through SAML.
fn acme() -> Acme {
    let acme = Acme::connected();
    acme.app.admin(&acme.org, "abe@acme.test");
    acme
}

fn create_key(browser: &mut Browser) -> Answer {
    browser.api("POST", "/organisations/acme/keys", &json!({ "name": "k", "scopes": ["read"] }))
}

fn confirm(browser: &mut Browser, password: &str) -> Answer {
    browser.api("POST", "/me/reauthenticate", &json!({ "password": password }))
}

/// Asserts that the answer requires a confirmation; returns the methods in `error.methods`.
fn required_methods(answer: &Answer) -> Value {
    assert_eq!((answer.status, answer.code().as_str()), (403, "reauthentication_required"), "{}", answer.body);
    answer.json()["error"]["methods"].clone()
}

#[test]
fn a_sensitive_action_asks_for_the_password_15_minutes_after_the_sign_in() {
    let mut acme = acme();
    acme.app.wait(15 * MINUTES - 1);
    assert_eq!(create_key(&mut acme.admin).status, 201);
    acme.app.wait(1);
    assert_eq!(required_methods(&create_key(&mut acme.admin)), json!(["password", "saml"]));
    let wrong = confirm(&mut acme.admin, "left horse battery");
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "refused"));
    assert_eq!(required_methods(&create_key(&mut acme.admin)), json!(["password", "saml"]));
    let before = acme.admin.cookies["vestibule_session"].clone();
    let confirmed = confirm(&mut acme.admin, PASSWORD);
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert_eq!(confirmed.json()["person"]["email"], "ann@acme.test");
    assert_eq!(create_key(&mut acme.admin).status, 201);
    // The session continues with a new token; the old token is invalid.
    assert_ne!(acme.admin.cookies["vestibule_session"], before);
    let mut thief = acme.app.anonymous();
    thief.cookies.insert("vestibule_session".into(), before);
    assert_eq!(thief.read("/me").status, 401);
}

#[test]
fn actions_of_workspace_admins_need_no_fresh_sign_in() {
    let mut acme = acme();
    let bob = acme.app.member(&acme.org, "bob@acme.test");
    acme.app.wait(15 * MINUTES);
    let workspace = &acme.org.workspace;
    let invitation = json!({ "email": "eve@acme.test", "role": "admin" });
    for (method, path, body) in [
        ("POST", format!("/workspaces/{workspace}/invitations"), invitation),
        ("PATCH", format!("/workspaces/{workspace}/members/{bob}"), json!({ "role": "admin" })),
        ("PATCH", "/organisations/acme".into(), json!({ "name": "Acme" })),
    ] {
        assert!(acme.admin.api(method, &path, &body).status < 300, "{method} {path}");
    }
}

/// The sensitive operations, listed separately so that a route without its mark is noticed.
const SENSITIVE: [(&str, &str); 27] = [
    ("POST", "/users/{user}/reset-link"),
    ("POST", "/users/{user}/disable"),
    ("POST", "/users/{user}/enable"),
    ("POST", "/operators"),
    ("DELETE", "/operators/{user}"),
    ("POST", "/keys"),
    ("DELETE", "/keys/{key}"),
    ("PATCH", "/plans/{plan}"),
    ("DELETE", "/organisations/{org}"),
    ("PUT", "/organisations/{org}/plan"),
    ("DELETE", "/organisations/{org}/members/{user}"),
    ("POST", "/organisations/{org}/admins"),
    ("DELETE", "/organisations/{org}/admins/{user}"),
    ("PUT", "/organisations/{org}/application-hosts"),
    ("POST", "/applications/{app}/secrets"),
    ("DELETE", "/applications/{app}/secrets/{secret}"),
    ("POST", "/organisations/{org}/keys"),
    ("DELETE", "/organisations/{org}/keys/{key}"),
    ("PUT", "/organisations/{org}/sso"),
    ("DELETE", "/organisations/{org}/sso"),
    ("DELETE", "/organisations/{org}/sso/candidates/{fingerprint}"),
    ("POST", "/organisations/{org}/sso/candidates/{fingerprint}/adopt"),
    ("PUT", "/organisations/{org}/sso/saml-only"),
    ("POST", "/organisations/{org}/sso/recovery-codes"),
    ("POST", "/organisations/{org}/sso/own-keys"),
    ("DELETE", "/organisations/{org}/sso/own-keys/{keys}"),
    ("POST", "/organisations/{org}/sso/setup-links"),
];

#[test]
fn exactly_these_operations_require_a_fresh_sign_in() {
    let mut acme = acme();
    let bob = acme.app.member(&acme.org, "bob@acme.test");
    let mut olivia = acme.app.operator();
    let body = json!({
        "kind": "oidc", "name": "Wiki", "url": "https://wiki.acme.test", "redirect_uris": ["https://wiki.acme.test/callback"],
    });
    let client = acme.admin.api("POST", &format!("/workspaces/{}/applications", acme.org.workspace), &body);
    let client = client.json()["id"].as_str().expect("an id").to_owned();
    acme.app.wait(15 * MINUTES);
    let unknown = "0".repeat(32);
    let fill = |path: &str| {
        let path = if path.contains("/secrets") { &path.replace("{app}", &client) } else { path };
        let workspaces = if path.starts_with("/workspaces") { acme.org.workspace.as_str() } else { &unknown };
        let named = [("{org}", "acme"), ("{user}", bob.as_str()), ("{plan}", "starter"), ("{id}", workspaces)];
        let named = named.iter().fold(path.to_owned(), |path, (name, id)| path.replace(name, id));
        named.split('/').map(|part| if part.starts_with('{') { &unknown } else { part }).collect::<Vec<_>>().join("/")
    };
    let judged = operations().into_iter().filter(|one| one.method != "GET");
    let mut asked = 0;
    for Declared { method, path, policy } in judged {
        let expected = match policy.need {
            Some(Need::Operator | Need::OperatorInPerson) => json!(["password"]),
            None | Some(Need::SetupLink) => continue,
            Some(_) => json!(["password", "saml"]),
        };
        let by = if expected == json!(["password"]) { &mut olivia } else { &mut acme.admin };
        // The sessions of these people continue.
        if path == "/me/reauthenticate" || path == "/me/sessions" {
            continue;
        }
        let answer = by.api(method, &fill(path), &Value::Null);
        if SENSITIVE.contains(&(method, path)) {
            assert_eq!(required_methods(&answer), expected, "{method} {path}");
            asked += 1;
        } else {
            assert!(!answer.body.contains("reauthentication_required"), "{method} {path}");
        }
    }
    assert_eq!(asked, SENSITIVE.len());
}

#[test]
fn operators_need_a_fresh_password_to_switch_plans_and_delete_organisations() {
    let mut acme = acme();
    acme.admin.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true }));
    let mut olivia = acme.app.operator();
    acme.app.wait(15 * MINUTES);
    // Each of these requests would turn SAML-only off.
    let requests = [
        ("PUT", "/organisations/acme/plan?", json!({ "plan": "business" })),
        ("PATCH", "/plans/enterprise?", json!({ "auth_mode": "password" })),
        ("DELETE", "/organisations/acme?confirm=Acme", Value::Null),
    ];
    for (method, path, body) in &requests {
        assert_eq!(required_methods(&olivia.api(method, path, body)), json!(["password"]), "{method} {path}");
        let dry = olivia.api(method, &format!("{path}&dry_run=true"), body);
        assert_eq!(dry.status, 200, "a dry run needs no confirmation: {}", dry.body);
    }
    assert_eq!(acme.admin.read("/organisations/acme/sso").json()["saml_only"], true, "SAML-only is still on");
    confirm(&mut olivia, PASSWORD);
    for (method, path, body) in &requests {
        let done = olivia.api(method, path, body);
        assert_eq!(done.status, 200, "accepted after the confirmation: {}", done.body);
    }
}

#[test]
fn a_dry_run_needs_no_fresh_sign_in_and_the_real_run_does() {
    let mut acme = acme();
    acme.app.wait(15 * MINUTES);
    let on = json!({ "enabled": true });
    let reported = acme.admin.api("PUT", "/organisations/acme/sso/saml-only?dry_run=true", &on);
    assert_eq!((reported.status, reported.json()["applied"].as_bool()), (200, Some(false)));
    required_methods(&acme.admin.api("PUT", "/organisations/acme/sso/saml-only", &on));
    confirm(&mut acme.admin, PASSWORD);
    assert_eq!(acme.admin.api("PUT", "/organisations/acme/sso/saml-only", &on).status, 200);
}

#[test]
fn freshness_is_checked_again_within_the_transaction() {
    use vestibule::domain::principal::{Claim, Need, Place, Principal, Right};
    let acme = acme();
    let token = acme.admin.cookies["vestibule_session"].clone();
    let session = acme.app.app.store.read(|db| db.find_session(&token)).expect("read").expect("a valid session").1;
    let place = Place::Organisation(acme.org.id.clone());
    let right = Right { fresh_secs: Some(900), ..Right::of(Need::OrganisationAdmin, place) };
    let claim = Claim { principal: Principal::Session(session.id, session.digest), right };
    assert!(acme.app.app.write(&claim, |_| Ok(())).is_ok());
    acme.app.wait(15 * MINUTES);
    let refused = acme.app.app.write(&claim, |_| Ok(())).expect_err("too old");
    assert_eq!(refused.code(), "reauthentication_required");
}

#[test]
fn the_grant_that_allows_the_action_must_be_fresh() {
    let mut acme = acme();
    // A fresh SAML sign-in at Acme does not count for operator rights or for another organisation.
    let globex = acme.app.org("Globex", "business");
    acme.app.admin(&globex, "ann@acme.test");
    let mut ann = acme.app.signed_in("ann@acme.test");
    acme.app.wait(15 * MINUTES);
    let landed = saml_sign_in(&acme.app, &mut ann, "/sso?key=acme_SSO", "ann@acme.test");
    assert_eq!(landed.status, 303, "{}", landed.body);
    assert_eq!(create_key(&mut ann).status, 201);
    let elsewhere = json!({ "name": "k", "scopes": ["read"] });
    assert_eq!(required_methods(&ann.api("POST", "/organisations/globex/keys", &elsewhere)), json!(["password"]));
    // The rights of operators are based only on the password.
    let mut olivia = acme.app.operator();
    acme.app.wait(15 * MINUTES);
    assert_eq!(required_methods(&create_key(&mut olivia)), json!(["password"]));
    assert_eq!(confirm(&mut olivia, PASSWORD).status, 200);
    assert_eq!(create_key(&mut olivia).status, 201);
    // API keys are exempt.
    let body = json!({ "name": "p", "scopes": ["manage_sso"] });
    confirm(&mut acme.admin, PASSWORD);
    let made = acme.admin.api("POST", "/organisations/acme/keys", &body).json();
    let mut program = acme.app.program(made["key"].as_str().expect("a key"));
    acme.app.wait(60 * MINUTES);
    assert_eq!(program.api("PUT", "/organisations/acme/sso", &settings("acme_SSO")).status, 200);
}

#[test]
fn under_saml_only_a_confirmation_needs_a_saml_sign_in_and_not_the_password() {
    let mut acme = acme();
    acme.app.account("eve@acme.test");
    assert_eq!(acme.admin.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).status, 200);
    acme.app.wait(15 * MINUTES);
    assert_eq!(required_methods(&create_key(&mut acme.admin)), json!(["saml"]));
    let useless = confirm(&mut acme.admin, PASSWORD);
    assert_eq!((useless.status, useless.code().as_str()), (403, "sso_required"));
    assert_eq!(required_methods(&create_key(&mut acme.admin)), json!(["saml"]));
    let landed = saml_sign_in(&acme.app, &mut acme.admin, "/sso?key=acme_SSO&return=/renewed&fresh=1", "ann@acme.test");
    assert_eq!((landed.status, landed.location()), (303, "/renewed"));
    assert_eq!(create_key(&mut acme.admin).status, 201);
}

#[test]
fn a_fresh_sign_in_requests_a_new_authentication_and_refuses_an_older_one() {
    let mut acme = acme();
    let mut with = |change: fn(&mut Minted, &TestApp), start: &str| {
        let redirect = acme.admin.get(start);
        let request = request_of(&redirect);
        let mut minted = valid_response(&acme.app, &request, "ann@acme.test");
        change(&mut minted, &acme.app);
        let answer = deliver(&mut acme.admin, &request.acs_url, &minted.sign(&KEY, Sign::Assertion));
        (message(&redirect).contains("ForceAuthn=\"true\""), answer.location().contains("/sso/finish"))
    };
    let hour_ago = |minted: &mut Minted, app: &TestApp| minted.authn_instant = app.now().plus(-3600).to_string();
    assert_eq!(with(hour_ago, "/sso?key=acme_SSO"), (false, true), "accepted if no fresh sign-in is required");
    assert_eq!(with(hour_ago, "/sso?key=acme_SSO&fresh=1"), (true, false));
    assert_eq!(with(|_, _| {}, "/sso?key=acme_SSO&fresh=1"), (true, true));
}

#[test]
fn the_password_renews_a_recovery_grant() {
    let mut acme = acme();
    let codes = acme.admin.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).json();
    let code = codes["recovery_codes"][0].as_str().expect("a code").to_owned();
    let mut ann = acme.app.anonymous();
    let body = json!({ "email": "ann@acme.test", "password": PASSWORD, "recovery_code": code });
    assert_eq!(ann.api("POST", "/login", &body).status, 200);
    acme.app.wait(15 * MINUTES);
    let off = json!({ "enabled": false });
    assert_eq!(
        required_methods(&ann.api("PUT", "/organisations/acme/sso/saml-only", &off)),
        json!(["password", "saml"])
    );
    assert_eq!(confirm(&mut ann, PASSWORD).status, 200);
    // A recovery grant gives no access to the person's own settings.
    assert_eq!(ann.api("PATCH", "/me", &json!({ "name": "Ann" })).code(), "password_required");
    assert_eq!(ann.api("PUT", "/organisations/acme/sso/saml-only", &off).status, 200);
}

#[test]
fn the_flag_sets_how_long_a_grant_is_fresh_and_guesses_are_throttled() {
    let app = TestApp::with_operator(|flags| flags.reauthentication_minutes = Some(1));
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    app.wait(59);
    assert_eq!(create_key(&mut ann).status, 201);
    app.wait(1);
    required_methods(&create_key(&mut ann));
    let tries: Vec<_> = (0..12).map(|_| confirm(&mut ann, "left horse battery").status).collect();
    assert!(tries[..10].iter().all(|status| *status == 401) && tries[11] == 429, "{tries:?}");
}

#[test]
fn setting_the_clock_back_does_not_keep_a_grant_fresh() {
    let app = TestApp::with_operator(|_| {});
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    app.wait(-30);
    assert_eq!(create_key(&mut ann).status, 201, "after a small correction of the clock, the grant is still fresh");
    app.wait(-3 * 24 * 60 * MINUTES);
    required_methods(&create_key(&mut ann));
    assert_eq!(confirm(&mut ann, PASSWORD).status, 200);
    assert_eq!(create_key(&mut ann).status, 201);
}

#[test]
fn changing_the_password_changes_the_sessions_token() {
    let mut acme = acme();
    let before = acme.admin.cookies["vestibule_session"].clone();
    let body = json!({ "current_password": PASSWORD, "new_password": "copper walnut tides 9" });
    assert_eq!(acme.admin.api("PUT", "/me/password", &body).status, 200);
    assert_eq!(acme.admin.read("/me").status, 200);
    let mut thief = acme.app.anonymous();
    thief.cookies.insert("vestibule_session".into(), before);
    assert_eq!(thief.read("/me").status, 401);
}

/// The text on the page after a failed confirmation.
const SESSION_UNCHANGED: &str =
    "Nothing was changed, and you are still signed in as <strong>ann@acme.test</strong>. Close this tab";

#[test]
fn a_failed_confirmation_explains_that_the_session_is_unchanged() {
    let mut acme = acme();
    let fail = |browser: &mut Browser, start: &str| {
        let request = request_of(&browser.get(start));
        let forged = valid_response(&acme.app, &request, "ann@acme.test").sign(&OTHER_KEY, Sign::Assertion);
        let refused = deliver(browser, &request.acs_url, &forged);
        assert_eq!(refused.refused_with(), "sso_not_verified");
        browser.get(refused.location()).body
    };
    let confirmed = fail(&mut acme.admin, "/sso?key=acme_SSO&fresh=1&return=/confirmed");
    assert!(confirmed.contains("We could not verify") && confirmed.contains(SESSION_UNCHANGED), "{confirmed}");
    let ordinary = fail(&mut acme.admin, "/sso?key=acme_SSO");
    assert!(ordinary.contains("We could not verify") && !ordinary.contains("Nothing was changed"), "{ordinary}");
    let stranger = fail(&mut acme.app.anonymous(), "/sso?key=acme_SSO&fresh=1");
    assert!(!stranger.contains("Nothing was changed"), "{stranger}");
}

#[test]
fn an_unsolicited_response_restarts_a_confirmation_as_a_confirmation() {
    let mut acme = acme();
    acme.app.admin(&acme.org, "amy@acme.test");
    let request = request_of(&acme.admin.get("/sso?key=acme_SSO&fresh=1&return=/confirmed"));
    let mut unasked = valid_response(&acme.app, &request, "ann@acme.test");
    (unasked.in_response_to, unasked.subject_in_response_to) = (None, None);
    let restart = deliver(&mut acme.admin, &request.acs_url, &unasked.sign(&KEY, Sign::Both)).location().to_owned();
    let refused = saml_sign_in(&acme.app, &mut acme.admin.clone(), &restart, "amy@acme.test");
    assert_eq!(refused.refused_with(), "sso_confirmed_other_person");
    let confirmed = saml_sign_in(&acme.app, &mut acme.admin, &restart, "ann@acme.test");
    assert_eq!(confirmed.location(), "/confirmed");
}

#[test]
fn a_confirmation_as_another_person_changes_no_session() {
    let mut acme = acme();
    acme.app.admin(&acme.org, "amy@acme.test");
    let before = acme.admin.cookies["vestibule_session"].clone();
    let refused = saml_sign_in(&acme.app, &mut acme.admin, "/sso?key=acme_SSO&fresh=1", "amy@acme.test");
    assert_eq!(refused.refused_with(), "sso_confirmed_other_person");
    let page = acme.admin.get(refused.location()).body;
    assert!(
        page.contains("signed in amy@acme.test, but someone else is signed in here")
            && page.contains(SESSION_UNCHANGED),
        "{page}"
    );
    assert_eq!(acme.admin.cookies["vestibule_session"], before);
    assert_eq!(acme.admin.read("/me").json()["person"]["email"], "ann@acme.test");
    let confirmed = saml_sign_in(&acme.app, &mut acme.admin, "/sso?key=acme_SSO&fresh=1", "ann@acme.test");
    assert_eq!((confirmed.status, confirmed.location()), (303, "/"));
}

#[test]
fn a_confirmation_that_gives_access_to_more_organisations_is_logged_as_a_sign_in() {
    let mut acme = acme();
    let birch = acme.app.org("Birch", "business");
    acme.app.person(&birch, "ann@acme.test", Role::PowerUser, false);
    acme.app.admin(&birch, "gus@birch.test");
    let mut gus = acme.app.signed_in("gus@birch.test");
    let mut seen = || {
        let log = gus.read("/organisations/birch/audit?user=ann@acme.test").json();
        let lines = log["items"].as_array().expect("a list").iter().filter(|one| one["action"] == "session.password");
        let people = gus.read("/organisations/birch/members?search=ann@").json();
        (lines.count(), people["items"][0]["last_method"].clone())
    };
    acme.admin.api("POST", "/logout", &Value::Null);
    let before = seen();
    let mut through = acme.app.anonymous();
    assert_eq!(saml_sign_in(&acme.app, &mut through, "/sso?key=acme_SSO", "ann@acme.test").status, 303);
    assert_eq!(seen(), before);
    assert_eq!(confirm(&mut through, PASSWORD).status, 200);
    assert_eq!(seen(), (before.0 + 1, json!("password")));
    let reported =
        |browser: &mut Browser| browser.read("/me/events").json()["items"].to_string().matches("new_browser").count();
    assert_eq!(reported(&mut through), 2, "one sign-in through Acme's provider, one by password");
    // A repeated confirmation gives no new access, and the browser is now known.
    assert_eq!(confirm(&mut through, PASSWORD).status, 200);
    through.api("POST", "/logout", &Value::Null);
    assert_eq!(seen().0, before.0 + 1);
    assert_eq!(through.sign_in("ann@acme.test", PASSWORD).status, 200);
    assert_eq!((seen().0, reported(&mut through)), (before.0 + 2, 2));
}
