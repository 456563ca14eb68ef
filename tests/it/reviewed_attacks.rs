//! Attacks that succeeded when they were found in a review, each with a similar request that must succeed.

use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use crate::idp::{connect, saml_sign_in, settings};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::sync::{Arc, Barrier};
use vestibule::domain::ids::UserId;

fn acme(plan: &'static str) -> (TestApp, UserId) {
    let app = TestApp::new();
    let org = app.org("Acme", plan);
    app.admin(&org, "ann@acme.test");
    app.admin(&org, "abe@acme.test");
    let bob = app.member(&org, "bob@acme.test");
    (app, bob)
}

const HOUR: i64 = 3600;

#[test]
fn dry_run_is_refused_by_operations_that_do_not_support_it() {
    let (app, bob) = acme("enterprise");
    let mut ann = app.signed_in("ann@acme.test");
    app.wait(HOUR);
    let key = json!({ "name": "k", "scopes": ["read"] });
    for (method, path, body) in [
        ("POST", "/organisations/acme/keys".to_owned(), key),
        ("POST", "/organisations/acme/admins".to_owned(), json!({ "email": "bob@acme.test" })),
        ("POST", "/organisations/acme/sso/setup-links".to_owned(), json!({})),
        ("PATCH", "/organisations/acme".to_owned(), json!({ "name": "New" })),
    ] {
        for value in ["true", "false", "TRUE", ""] {
            let answer = ann.api(method, &format!("{path}?dry_run={value}"), &body);
            assert_eq!((answer.status, answer.field().as_str()), (422, "dry_run"), "{method} {path}: {}", answer.body);
        }
    }
    let listed = ann.read("/organisations/acme/keys").json();
    assert_eq!(listed["items"], json!([]));
    let mut olivia = app.operator();
    let removed = olivia.api("DELETE", "/organisations/acme/branding?dry_run=true", &Value::Null);
    assert_eq!((removed.status, removed.field().as_str()), (422, "dry_run"));
    // A switch accepts a dry run.
    let reported = ann.api("DELETE", &format!("/organisations/acme/admins/{bob}?dry_run=true"), &Value::Null);
    assert_eq!(
        reported.status, 404,
        "Bob is not an admin, and the answer does not require a password: {}",
        reported.body
    );
}

#[test]
fn exactly_the_operations_with_a_dry_run_are_declared_as_switches() {
    let document = vestibule::http::document();
    for operation in vestibule::http::operations() {
        let described = &document["paths"][operation.path][operation.method.to_lowercase()]["parameters"];
        let known = described.as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "dry_run"));
        assert_eq!(operation.policy.switch, known, "{} {}", operation.method, operation.path);
    }
}

#[test]
fn repeated_saml_confirmations_do_not_reset_the_limit_of_password_guesses() {
    let app = TestApp::new();
    let org = app.org("Mallory", "enterprise");
    app.admin(&org, "mallory@mallory.test");
    app.member(&org, "vic@mallory.test");
    connect(&app, &org, "mallory@mallory.test", "mallory_SSO");
    let mut guesses = 0;
    for _ in 0..4 {
        let mut browser = app.anonymous();
        assert_eq!(saml_sign_in(&app, &mut browser, "/sso?key=mallory_SSO", "vic@mallory.test").status, 303);
        for n in 0..10 {
            let guess = json!({ "password": format!("left horse battery {n}") });
            guesses += i32::from(browser.api("POST", "/me/reauthenticate", &guess).status == 401);
        }
    }
    assert!((1..=10).contains(&guesses), "{guesses}");
    app.finish_log();
    let log = app.operator().read("/audit?limit=200").json().to_string();
    assert!(log.contains("session.refused") && log.contains("wrong_password"), "each refused attempt is logged");
}

#[test]
fn a_request_with_a_sessions_old_token_writes_nothing_after_a_password_change() {
    let (app, _) = acme("business");
    let mut ann = app.signed_in("ann@acme.test");
    let cookie = ann.cookies["vestibule_session"].clone();
    let body = json!({ "name": "Stolen", "scopes": ["read"] }).to_string();
    let mut thief = std::net::TcpStream::connect(app.url.trim_start_matches("http://")).expect("connects");
    let head = format!(
        "POST /api/v1/organisations/acme/keys HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\
         sec-fetch-site: same-origin\r\ncookie: vestibule_session{}={cookie}\r\n\r\n",
        body.len(),
        ann.cookie_suffix
    );
    thief.write_all(head.as_bytes()).expect("sent");
    std::thread::sleep(std::time::Duration::from_millis(500));
    let change = json!({ "current_password": PASSWORD, "new_password": "copper walnut tides 9" });
    assert_eq!(ann.api("PUT", "/me/password", &change).status, 200);
    thief.write_all(body.as_bytes()).expect("sent");
    let mut answer = String::new();
    thief.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert_eq!(ann.read("/organisations/acme/keys").json()["items"], json!([]));
}

#[test]
fn another_site_cannot_start_a_test_sign_in() {
    let (app, _) = acme("enterprise");
    let mut ann = app.signed_in("ann@acme.test");
    assert_eq!(ann.api("PUT", "/organisations/acme/sso", &settings("acme_SSO")).status, 200);
    ann.headers = vec![("sec-fetch-site", "cross-site".into())];
    assert_eq!(ann.get("/sso?key=acme_SSO&test=1").refused_with(), "sso_unavailable");
    ann.headers = vec![("sec-fetch-site", "same-origin".into())];
    assert!(ann.get("/sso?key=acme_SSO&test=1").location().starts_with("https://idp.test/"));
}

#[test]
fn a_setup_link_cannot_turn_on_automatic_adoption_of_certificates() {
    let (app, _) = acme("enterprise");
    let mut ann = app.signed_in("ann@acme.test");
    let link = ann.api("POST", "/organisations/acme/sso/setup-links", &json!({})).json();
    let token = link["url"].as_str().and_then(|url| url.split("token=").nth(1)).expect("a token").to_owned();
    let mut bearer = app.anonymous();
    bearer.headers.push(("authorization", format!("SetupLink {token}")));
    let body = json!({
        "provider": "custom", "portal_key": "acme_SSO", "metadata_url": "https://127.0.0.1:9/metadata",
        "adopt_certificates": true,
    });
    assert!([403, 422].contains(&bearer.api("PUT", "/setup-link/sso", &body).status));
    assert_eq!(bearer.api("PUT", "/setup-link/sso", &settings("acme_SSO")).status, 200);
}

/// The resident memory of this process, in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
}

#[test]
fn two_hundred_concurrent_sign_ins_share_the_memory_for_hashing() {
    let app = TestApp::new();
    app.anonymous().sign_in("nobody@acme.test", "left horse battery");
    let (before, begin) = (resident_kib(), Arc::new(Barrier::new(150)));
    let guesses = (0..150).map(|n| {
        let (mut browser, begin): (Browser, _) = (app.anonymous(), begin.clone());
        std::thread::spawn(move || {
            begin.wait();
            browser.sign_in(&format!("nobody{n}@acme.test"), "left horse battery").status
        })
    });
    let statuses: Vec<_> = guesses.collect::<Vec<_>>().into_iter().map(|one| one.join().expect("joined")).collect();
    assert!(statuses.contains(&401), "{statuses:?}");
    // Other tests run in this process too. If each sign-in had its own 19 MiB for hashing, they would use 2.9 GB
    // together.
    let grown = resident_kib().saturating_sub(before);
    assert!(grown < 600 * 1024, "{grown} KiB");
}

#[test]
fn a_very_long_http_method_is_shortened_in_the_log() {
    let app = TestApp::new();
    let mut stream = std::net::TcpStream::connect(app.url.trim_start_matches("http://")).expect("connects");
    let method = "X".repeat(20_000);
    let head =
        format!("{method} /api/v1/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\nsec-fetch-site: cross-site\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    app.finish_log();
    let log = app.operator().read("/audit?resource_type=security").json().to_string();
    assert!(log.contains("OTHER ") && !log.contains("XXXX"), "{log}");
}
