//! Many requests with invalid portal keys or responses from one address.

use crate::app::TestApp;
use crate::browser::{Answer, Browser};
use crate::idp::{connect, deliver, request_of, saml_sign_in};

/// An organisation with SSO behind a proxy. `rate`: the allowed failed attempts a minute of one address.
fn acme(rate: u32) -> TestApp {
    let app = TestApp::with_flags(|flags| {
        flags.sso_rate = Some(rate);
        flags.trusted_proxies = Some("127.0.0.1/32".into());
    });
    app.add_operator();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    connect(&app, &org, "ann@acme.test", "acme_SSO");
    app
}

fn browser_from(app: &TestApp, address: &str) -> Browser {
    let mut browser = app.anonymous();
    browser.headers.push(("x-forwarded-for", address.to_owned()));
    browser
}

fn is_throttled(answer: &Answer) -> bool {
    answer.status == 429
}

#[test]
fn guessed_portal_keys_are_throttled_by_address_and_valid_keys_still_work() {
    let app = acme(5);
    let guess = |address: &str| browser_from(&app, address).get("/sso?key=guessed");
    assert!((0..5).all(|_| guess("192.0.2.1").refused_with() == "sso_unavailable"));
    let slowed = guess("192.0.2.1");
    assert!(is_throttled(&slowed), "{}", slowed.status);
    assert_eq!(slowed.headers["retry-after"], "12");
    assert!(slowed.body.contains("Too many attempts"), "{}", slowed.body);
    assert_eq!(guess("192.0.2.2").refused_with(), "sso_unavailable", "another address is not affected");
    request_of(&browser_from(&app, "192.0.2.1").get("/sso?key=acme_SSO"));
    app.wait(12);
    assert_eq!(guess("192.0.2.1").refused_with(), "sso_unavailable");
}

#[test]
fn the_portal_key_field_is_throttled_together_with_the_portal() {
    let app = acme(5);
    let type_key = |key: &str| browser_from(&app, "192.0.2.1").form("/login/sso", &[("key", key)]).status;
    assert!((0..5).all(|_| type_key("guessed") == 200));
    assert_eq!(type_key("guessed"), 429);
    assert_eq!(type_key("acme_SSO"), 200);
    assert!(is_throttled(&browser_from(&app, "192.0.2.1").get("/sso?key=guessed")));
}

#[test]
fn invalid_responses_are_throttled_by_address() {
    let app = acme(5);
    let request = request_of(&app.anonymous().get("/sso?key=acme_SSO"));
    let garbage = |address: &str| deliver(&mut browser_from(&app, address), &request.acs_url, "garbage");
    assert!((0..5).all(|_| garbage("192.0.2.1").refused_with() == "sso_not_verified"));
    assert!(is_throttled(&garbage("192.0.2.1")));
    assert_eq!(garbage("192.0.2.2").refused_with(), "sso_not_verified");
}

#[test]
fn many_valid_sign_ins_from_one_address_are_not_throttled() {
    let app = acme(5);
    for _ in 0..40 {
        let mut browser = browser_from(&app, "192.0.2.1");
        let landed = saml_sign_in(&app, &mut browser, "/sso?key=acme_SSO", "ann@acme.test");
        assert_eq!((landed.status, landed.location()), (303, "/"));
    }
}

#[test]
fn a_rate_of_0_turns_throttling_off() {
    let app = acme(0);
    let mut browser = browser_from(&app, "192.0.2.1");
    assert!((0..100).all(|_| browser.get("/sso?key=guessed").refused_with() == "sso_unavailable"));
}
