//! Unsolicited responses, and responses that are refused before their request is known.

use crate::acme::Acme;
use crate::app::TestApp;
use crate::browser::{Answer, Browser};
use crate::idp::{KEY, SIGN_ON_URL, connect, deliver, relay_state_of, request_of, settings, valid_response};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use vestibule::saml::test_idp::{ReceivedRequest, Sign};

/// A draft connection, and the browser of its admin, who has started a test sign-in.
fn started_test() -> (TestApp, Browser, ReceivedRequest) {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    ann.api("PUT", "/organisations/acme/sso", &settings("acme_SSO"));
    let request = request_of(&ann.get("/sso?key=acme_SSO&test=1&return=/o/acme/sso"));
    (app, ann, request)
}

fn unsolicited_response(app: &TestApp, request: &ReceivedRequest, email: &str) -> String {
    let mut minted = valid_response(app, request, email);
    (minted.in_response_to, minted.subject_in_response_to) = (None, None);
    minted.sign(&KEY, Sign::Both)
}

fn recorded_attempts(admin: &mut Browser) -> Value {
    admin.read("/organisations/acme/sso/attempts?limit=200").json()
}

fn post(browser: &mut Browser, acs_url: &str, xml: &str, relay_state: &str) -> Answer {
    browser.cross_site_form(acs_url, &[("SAMLResponse", &STANDARD.encode(xml)), ("RelayState", relay_state)])
}

#[test]
fn an_unsolicited_response_is_never_accepted_and_starts_a_new_sign_in_once() {
    let Acme { app, .. } = Acme::connected();
    for absent in [None, Some(String::new())] {
        let mut bob = app.anonymous();
        let request = request_of(&bob.get("/sso?key=acme_SSO"));
        let mut minted = valid_response(&app, &request, "bob@acme.test");
        (minted.in_response_to, minted.subject_in_response_to) = (absent.clone(), absent);
        let xml = minted.sign(&KEY, Sign::Both);
        let restart = deliver(&mut bob, &request.acs_url, &xml);
        assert_eq!(restart.status, 303);
        assert!(restart.location().contains("/sso?key=acme_SSO"), "{}", restart.location());
        let again = bob.get(restart.location());
        let mark = relay_state_of(&again).expect("a restart mark");
        assert!(mark.len() <= 80, "{mark}");
        assert_eq!(post(&mut bob, &request.acs_url, &xml, &mark).refused_with(), "sso_not_verified");
        // The sign-in that was started instead succeeds.
        let fresh = request_of(&again);
        let finish = deliver(
            &mut bob,
            &fresh.acs_url,
            &valid_response(&app, &fresh, "bob@acme.test").sign(&KEY, Sign::Assertion),
        );
        assert_eq!(bob.get(finish.location()).location(), "/");
    }
}

#[test]
fn a_second_unsolicited_response_without_relay_state_is_refused() {
    let Acme { app, admin: mut ann, .. } = Acme::connected();
    let before = recorded_attempts(&mut ann)["items"].as_array().expect("a list").len();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    let xml = unsolicited_response(&app, &request, "bob@acme.test");
    let mut rounds = 0;
    let end = loop {
        let restart = deliver(&mut bob, &request.acs_url, &xml);
        let next = bob.get(restart.location());
        if next.location().contains("/login") {
            break next;
        }
        request_of(&next);
        rounds += 1;
        assert!(rounds < 3, "the sign-in restarts without end");
    };
    assert_eq!((rounds, end.refused_with().as_str(), bob.has_session()), (1, "sso_not_verified", false));
    let page = bob.get(end.location()).body;
    assert!(page.contains("It sent a response that we did not request."), "{page}");
    let after = recorded_attempts(&mut ann);
    let newest = &after["items"][0];
    assert_eq!(after["items"].as_array().map(Vec::len), Some(before + 1));
    assert_eq!(newest["refusal"]["code"], "unsolicited");
    assert!(page.contains(&format!("Reference: {}", newest["reference"].as_str().expect("text"))), "{page}");
    assert!(newest["refusal"]["fix"].as_str().expect("text").contains("not to a launch link"), "{newest}");
    // The restart mark has been used, so the person's next attempt starts from the beginning.
    let restart = deliver(&mut bob, &request.acs_url, &xml);
    let fresh = request_of(&bob.get(restart.location()));
    let finish =
        deliver(&mut bob, &fresh.acs_url, &valid_response(&app, &fresh, "bob@acme.test").sign(&KEY, Sign::Assertion));
    assert_eq!(bob.get(finish.location()).location(), "/");
    assert!(!bob.cookies.keys().any(|name| name.starts_with("vestibule_again")), "{:?}", bob.cookies);
}

#[test]
fn a_sign_in_restarted_after_an_unsolicited_response_keeps_the_return_path() {
    let Acme { app, .. } = Acme::connected();
    let globex = app.org("Globex", "enterprise");
    app.admin(&globex, "gina@globex.test");
    connect(&app, &globex, "gina@globex.test", "globex_SSO");
    let mut bob = app.anonymous();
    request_of(&bob.get("/sso?key=acme_SSO&return=/o/acme/members"));
    app.wait(1);
    let request = request_of(&bob.get("/sso?key=acme_SSO&return=/account"));
    app.wait(1);
    request_of(&bob.get("/sso?key=globex_SSO&return=/o/globex"));
    let xml = unsolicited_response(&app, &request, "bob@acme.test");
    let restart = deliver(&mut bob, &request.acs_url, &xml);
    let again = bob.get(restart.location());
    // A second unsolicited response is refused, whether the restart mark is in the RelayState or in the cookie. The
    // page keeps the return path.
    let (mut by_relay_state, mut by_cookie) = (bob.clone(), bob.clone());
    let mark = relay_state_of(&again).expect("a restart mark");
    let refusals = [post(&mut by_relay_state, &request.acs_url, &xml, &mark), by_cookie.get(restart.location())];
    for (refused, mut browser) in refusals.into_iter().zip([by_relay_state, by_cookie]) {
        assert_eq!(refused.refused_with(), "sso_not_verified");
        let page = browser.get(refused.location()).body;
        assert_eq!(page.matches("name=\"return\" value=\"/account\"").count(), 2, "{page}");
    }
    let fresh = request_of(&again);
    let finish =
        deliver(&mut bob, &fresh.acs_url, &valid_response(&app, &fresh, "bob@acme.test").sign(&KEY, Sign::Assertion));
    assert_eq!(bob.get(finish.location()).location(), "/account");
    // A sign-in from a tile at the provider, without a sign-in started here, ends on the home page.
    let mut cold = app.anonymous();
    let restart = deliver(&mut cold, &request.acs_url, &xml);
    let fresh = request_of(&cold.get(restart.location()));
    let finish =
        deliver(&mut cold, &fresh.acs_url, &valid_response(&app, &fresh, "bob@acme.test").sign(&KEY, Sign::Assertion));
    assert_eq!(cold.get(finish.location()).location(), "/");
}

#[test]
fn an_expired_restart_mark_or_one_of_another_connection_is_ignored() {
    let Acme { app, .. } = Acme::connected();
    let globex = app.org("Globex", "enterprise");
    app.admin(&globex, "gina@globex.test");
    connect(&app, &globex, "gina@globex.test", "globex_SSO");
    let mut bob = app.anonymous();
    bob.get("/sso?key=globex_SSO&restart=1");
    request_of(&bob.get("/sso?key=acme_SSO&restart=1"));
    assert_eq!(bob.get("/sso?key=acme_SSO&restart=1").refused_with(), "sso_not_verified");
    request_of(&bob.get("/sso?key=acme_SSO&restart=1"));
    app.wait(600);
    request_of(&bob.get("/sso?key=acme_SSO&restart=1"));
}

#[test]
fn a_reference_is_shown_only_if_the_attempt_is_recorded() {
    let Acme { app, admin: mut ann, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    let right = valid_response(&app, &request, "bob@acme.test").sign(&KEY, Sign::Both);
    let latin = STANDARD.decode(include_str!("data/response-says-iso-8859-1.b64").trim()).expect("base64");
    let latin = String::from_utf8_lossy(&latin).into_owned();
    let bad_id = right.replace(&request.id, "_made-up");
    for xml in ["not XML", "", "<x/>", &latin, &format!("<!DOCTYPE x>{right}"), &bad_id] {
        let refused = deliver(&mut bob, &request.acs_url, xml);
        assert_eq!(refused.refused_with(), "sso_not_verified", "{xml}");
        let page = bob.get(refused.location()).body;
        assert!(
            page.contains("We could not verify") && !page.contains("Reference") && !page.contains("reference"),
            "{page}"
        );
    }
    assert_eq!(recorded_attempts(&mut ann)["untraced"], 6);
    // No more attempts are recorded in this minute, so there is no reference.
    let wrong = right.replace("bob@acme.test", "cat@acme.test");
    let with_reference = |bob: &mut Browser| {
        let refused = deliver(bob, &request.acs_url, &wrong);
        bob.get(refused.location()).body.contains("Reference: ")
    };
    assert!((0..60).all(|_| with_reference(&mut bob)));
    assert!(!with_reference(&mut bob));
}

#[test]
fn a_test_sign_in_shows_the_reason_even_if_the_request_is_unknown() {
    let (app, mut ann, request) = started_test();
    let latin = STANDARD.decode(include_str!("data/response-says-iso-8859-1.b64").trim()).expect("base64");
    let right = valid_response(&app, &request, "ann@acme.test").sign(&KEY, Sign::Both);
    let cases = [
        (String::from_utf8_lossy(&latin).into_owned(), "malformed_xml"),
        ("not XML".into(), "malformed_xml"),
        (right.replace(&request.id, "_made-up"), "unknown_request"),
    ];
    for (xml, code) in cases {
        let refused = deliver(&mut ann, &request.acs_url, &xml);
        let step = ann.get(refused.location());
        let (_, id) =
            step.location().split_once("/o/acme/sso?step=test&attempt=").unwrap_or_else(|| panic!("{step:?}"));
        let shown = ann.read(&format!("/organisations/acme/sso/attempts/{id}")).json();
        assert_eq!(shown["refusal"]["code"], code, "{shown}");
        assert_eq!(ann.get(refused.location()).status, 200, "the reason is shown only once");
    }
    // Other browsers are not shown the reason, even with the same cookies, and no attempt is recorded.
    let before = recorded_attempts(&mut ann)["items"].as_array().map(Vec::len);
    for mut other in [app.anonymous(), app.operator()] {
        let refused = deliver(&mut other, &request.acs_url, "not XML");
        let page = other.get(refused.location());
        assert!(page.status == 200 && !page.body.contains("XML"), "{}", page.body);
    }
    assert_eq!(recorded_attempts(&mut ann)["items"].as_array().map(Vec::len), before);
}

#[test]
fn a_test_sign_in_with_an_unsolicited_response_shows_the_right_url() {
    let (app, mut ann, request) = started_test();
    let refused = deliver(&mut ann, &request.acs_url, &unsolicited_response(&app, &request, "ann@acme.test"));
    let step = ann.get(refused.location());
    let (_, id) = step.location().split_once("/o/acme/sso?step=test&attempt=").unwrap_or_else(|| panic!("{step:?}"));
    let refusal = ann.read(&format!("/organisations/acme/sso/attempts/{id}")).json()["refusal"].clone();
    assert_eq!(refusal["code"], "unsolicited");
    assert!(
        refusal["message"].as_str().expect("text").starts_with("The provider sent a response that we did not request")
    );
    assert!(refusal["received"].as_str().expect("text").contains(SIGN_ON_URL), "{refusal}");
    let fix = refusal["fix"].as_str().expect("text");
    assert!(fix.contains("Set the sign-on URL") && fix.contains("not to a launch link"), "{fix}");
    assert!(fix.contains("SingleSignOnService with the binding HTTP-Redirect"), "{fix}");
    // Other people do not learn that there is a draft.
    let mut mallory = app.anonymous();
    let refused = deliver(&mut mallory, &request.acs_url, &unsolicited_response(&app, &request, "ann@acme.test"));
    assert_eq!(refused.refused_with(), "sso_unavailable");
    let page = mallory.get(refused.location()).body;
    assert!(page.contains("Single sign-on is not available for this key.") && !page.contains("sign-on URL"), "{page}");
}
