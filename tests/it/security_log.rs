//! Failed attempts are in the security log for operators, and cannot flood it.

use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// An appliance behind a proxy, with the member Ann.
fn acme() -> TestApp {
    let app = TestApp::with_operator(|flags| flags.trusted_proxies = Some("127.0.0.1".into()));
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    app
}

fn browser_from(app: &TestApp, address: &str) -> Browser {
    let mut browser = app.anonymous();
    browser.headers.push(("x-forwarded-for", address.to_owned()));
    browser
}

/// The entries of the security log, newest first.
fn lines(app: &TestApp) -> Vec<Value> {
    app.finish_log();
    let log = app.operator().read("/audit?resource_type=security&limit=200");
    assert_eq!(log.status, 200, "{}", log.body);
    log.json()["items"].as_array().expect("a list").clone()
}

/// The action, the actor, the address and the resource name of an entry.
fn summary(line: &Value) -> [&str; 4] {
    [&line["action"], &line["actor"]["name"], &line["address"], &line["resource_name"]]
        .map(|value| value.as_str().unwrap_or_default())
}

#[test]
fn failed_sign_ins_are_logged_without_the_input_and_successful_ones_are_not() {
    let app = acme();
    assert_eq!(browser_from(&app, "192.0.2.1").sign_in("ann@acme.test", PASSWORD).status, 200);
    assert!(lines(&app).is_empty());
    browser_from(&app, "192.0.2.7").sign_in("nobody-typed@acme.test", "typed words");
    browser_from(&app, "192.0.2.8").form("/login", &[("email", "form-typed@acme.test"), ("password", "typed words")]);
    let found = lines(&app);
    assert_eq!(summary(&found[0]), ["security.sign_in_failed", "", "192.0.2.8", ""]);
    assert_eq!(summary(&found[1]), ["security.sign_in_failed", "", "192.0.2.7", ""]);
    assert_eq!(found.len(), 2);
    browser_from(&app, "192.0.2.9").sign_in("ann@acme.test", "typed words");
    app.finish_log();
    let log = app.operator().read("/audit?limit=200").json();
    let of_ann: Vec<_> =
        log["items"].as_array().expect("a list").iter().filter(|one| one["action"] == "session.refused").collect();
    assert_eq!(
        (of_ann.len(), of_ann[0]["address"].as_str()),
        (1, Some("192.0.2.9")),
        "an attempt on an existing account is logged for that account"
    );
    assert!(!log.to_string().contains("typed"));
}

#[test]
fn a_wrong_current_password_is_logged_like_a_failed_sign_in() {
    let app = acme();
    let mut ann = app.signed_in("ann@acme.test");
    ann.headers.push(("x-forwarded-for", "192.0.2.7".into()));
    let change = json!({ "current_password": "typed words", "new_password": "copper walnut tides 9" });
    assert_eq!(ann.api("PUT", "/me/password", &change).field(), "current_password");
    app.finish_log();
    let log = app.operator().read("/audit?resource_type=session&limit=200").json();
    let items = log["items"].as_array().expect("a list").iter();
    let refused: Vec<_> = items.filter(|one| one["action"] == "session.refused").collect();
    assert_eq!((refused.len(), &refused[0]["address"]), (1, &json!("192.0.2.7")), "{log}");
    assert_eq!(
        (&refused[0]["resource_name"], &refused[0]["detail"]["reason"]),
        (&json!("ann@acme.test"), &json!("wrong_password"))
    );
    assert!(!log.to_string().contains("typed"));
}

#[test]
fn throttling_is_logged_for_the_api_and_for_pages() {
    let app = acme();
    let mut guesser = browser_from(&app, "192.0.2.7");
    assert!((0..10).all(|_| guesser.sign_in("ann@acme.test", "wrong").status == 401));
    assert!(lines(&app).is_empty());
    assert_eq!(guesser.sign_in("ann@acme.test", "wrong").status, 429);
    assert_eq!(
        guesser.form("/login", &[("email", "ann@acme.test"), ("password", "wrong")]).refused_with(),
        "throttled"
    );
    let found = lines(&app);
    assert_eq!(summary(&found[0]), ["security.throttled", "", "192.0.2.7", "POST /login"]);
    assert_eq!(summary(&found[1]), ["security.throttled", "", "192.0.2.7", "POST /api/v1/login"]);
    assert_eq!((found.len(), &found[0]["detail"]), (2, &json!({ "code": "throttled" })));
}

#[test]
fn missing_rights_other_sites_and_unknown_keys_are_logged_with_actor_and_address() {
    let app = acme();
    let mut ann = browser_from(&app, "192.0.2.7");
    ann.sign_in("ann@acme.test", PASSWORD);
    assert_eq!(ann.read("/me").status, 200);
    assert_eq!(ann.api("GET", "/organisations/acme", &Value::Null).status, 200);
    assert_eq!(app.anonymous().read("/me").status, 401);
    assert!(lines(&app).is_empty(), "requests that are allowed or have no session are not logged");
    assert_eq!(ann.read("/organisations/acme/audit").status, 403);
    let with = |header: &'static str, value: &str| {
        let mut browser = browser_from(&app, "192.0.2.8");
        browser.headers.retain(|(name, _)| *name != header);
        browser.headers.push((header, value.to_owned()));
        browser
    };
    assert_eq!(with("sec-fetch-site", "cross-site").api("POST", "/logout", &Value::Null).status, 403);
    assert_eq!(with("authorization", "Bearer vk_secret").read("/organisations/acme/audit").status, 401);
    let found = lines(&app);
    let place = "GET /api/v1/organisations/{org}/audit";
    assert_eq!(summary(&found[0]), ["security.unknown_key", "", "192.0.2.8", place]);
    assert_eq!(summary(&found[1])[..3], ["security.cross_site", "", "192.0.2.8"]);
    assert_eq!(summary(&found[2]), ["security.refused", "ann@acme.test", "192.0.2.7", place]);
    assert_eq!(found.len(), 3);
    assert!(!json!(found).to_string().contains("vk_secret"));
}

#[test]
fn a_flood_is_logged_by_seventy_entries_a_minute_and_one_with_the_number_of_the_others() {
    let app = acme();
    let mut flood = app.anonymous();
    flood.headers.push(("authorization", "Bearer vk_unknown".to_owned()));
    assert!((0..300).all(|_| flood.read("/me").status == 401));
    // Some of each minute's entries are reserved for failed sign-ins to existing accounts.
    assert_eq!(lines(&app).len(), 70);
    app.wait(60);
    let begun = Instant::now();
    while lines(&app).len() == 70 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the number of the other attempts was not logged");
        std::thread::sleep(Duration::from_millis(50));
    }
    let found = lines(&app);
    assert_eq!(
        (found.len(), summary(&found[0])[0], &found[0]["detail"]),
        (71, "security.left_out", &json!({ "lines": 230 }))
    );
    assert_eq!(flood.read("/me").status, 401);
    assert_eq!(summary(&lines(&app)[0])[0], "security.unknown_key", "in the next minute, attempts are logged again");
}

#[test]
fn only_operators_read_the_security_log() {
    let app = acme();
    app.admin(&app.org("Birch", "business"), "bob@birch.test");
    app.anonymous().sign_in("nobody@acme.test", "wrong");
    let log = app.signed_in("bob@birch.test").read("/organisations/birch/audit?limit=200").body;
    assert!(!log.contains("security."), "{log}");
    assert_eq!(lines(&app).len(), 1);
}
