//! Errors of the endpoints that programs use, where a request does not reach its handler: always in the form of OAuth, and
//! readable for the pages of public clients.

use crate::app::TestApp;
use crate::browser::{Answer, Browser};
use crate::oidc::{Client, World, basic};
use serde_json::json;

const PAGE: &str = "https://spa.acme.test";

/// A public client whose pages are at `PAGE`.
fn world() -> (World, Client) {
    let mut world = World::new();
    let client = world.add(&json!({ "client_type": "public", "redirect_uris": [format!("{PAGE}/cb")] }));
    (world, client)
}

/// A program that sends the `Origin` of a page, and prefers HTML, which it must not get.
fn page_at(app: &TestApp, origin: &str) -> Browser {
    let mut page = app.anonymous();
    page.headers = vec![("origin", origin.to_owned()), ("accept", "text/html".into())];
    page
}

fn is_oauth(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(code)), "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let body = answer.json();
    let description = body["error_description"].as_str().expect("a description");
    let is_allowed = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
    assert!(!description.is_empty() && description.chars().all(is_allowed), "{description}");
}

fn is_shared(answer: &Answer, origin: &str) {
    assert_eq!(answer.headers["access-control-allow-origin"], origin);
    assert_eq!(answer.headers["vary"], "Origin");
    assert!(answer.headers["access-control-expose-headers"].contains("Retry-After"));
    assert!(!answer.headers.contains_key("access-control-allow-credentials"));
}

#[test]
fn too_many_requests_are_answered_in_the_form_of_oauth() {
    let (world, client) = world();
    let mut page = page_at(&world.app, PAGE);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", &client.id[..])];
    let limited =
        (0..70).map(|_| page.form("/oauth2/token", &fields)).find(|answer| answer.status != 400).expect("429");
    is_oauth(&limited, 429, "temporarily_unavailable");
    assert!(limited.headers["retry-after"].parse::<u32>().is_ok_and(|secs| (1..=60).contains(&secs)));
    is_shared(&limited, PAGE);
    // Revocation and introspection by a confidential client with wrong secrets.
    for path in ["/oauth2/revoke", "/oauth2/introspect"] {
        let mut program = world.app.anonymous();
        program.headers = vec![("origin", PAGE.into()), ("authorization", basic(&world.client.id, path))];
        let wrong = |_| program.form(path, &[("token", "x")]);
        let limited = (0..130).map(wrong).find(|answer| answer.status != 401).expect("429");
        is_oauth(&limited, 429, "temporarily_unavailable");
        assert!(limited.headers.contains_key("retry-after"));
        assert_eq!(limited.headers.contains_key("access-control-allow-origin"), path == "/oauth2/revoke", "{path}");
        world.app.pass(120);
    }
}

#[test]
fn malformed_requests_are_answered_in_the_form_of_oauth() {
    let (world, client) = world();
    let mut page = page_at(&world.app, PAGE);
    let long = "x".repeat(65 * 1024);
    for path in ["/oauth2/token", "/oauth2/revoke", "/oauth2/userinfo"] {
        let large = page.form(path, &[("client_id", &client.id), ("token", &long)]);
        is_oauth(&large, 413, "invalid_request");
        is_shared(&large, PAGE);
        let many: Vec<_> = (0..2000).map(|_| ("a", "")).collect();
        let many = page.form(path, &many);
        is_oauth(&many, 413, "invalid_request");
        let json = page.send("POST", path, "application/json", b"{\"grant_type\":\"refresh_token\"}".to_vec());
        is_oauth(&json, 400, "invalid_request");
        assert!(json.body.contains("application/x-www-form-urlencoded"), "{}", json.body);
        is_shared(&json, PAGE);
        let wrong = page.send("PUT", path, "application/x-www-form-urlencoded", Vec::new());
        is_oauth(&wrong, 405, "invalid_request");
        assert!(wrong.headers["allow"].contains("POST"));
        is_shared(&wrong, PAGE);
    }
    let get = page.get("/oauth2/token?grant_type=refresh_token");
    is_oauth(&get, 405, "invalid_request");
    is_oauth(&page.get("/oauth2/introspect"), 405, "invalid_request");
    assert!(!page.get("/oauth2/introspect").headers.contains_key("access-control-allow-origin"));
}

#[test]
fn pages_of_other_origins_and_of_confidential_clients_cannot_read_errors() {
    let (world, client) = world();
    for origin in [
        "https://evil.test",
        "https://wiki.acme.test",
        "null",
        "https://spa.acme.test.evil.test",
        "http://spa.acme.test",
    ] {
        let mut page = page_at(&world.app, origin);
        for answer in [
            page.get("/oauth2/token"),
            page.form("/oauth2/token", &[("grant_type", "refresh_token"), ("client_id", &client.id)]),
            page.send("PUT", "/oauth2/userinfo", "text/plain", Vec::new()),
        ] {
            assert!(answer.status >= 400 && !answer.headers.contains_key("access-control-allow-origin"), "{origin}");
            assert_eq!(answer.headers["vary"], "Origin", "{origin}");
        }
    }
}

#[test]
fn an_appliance_that_is_not_set_up_answers_503_with_a_time_to_try_again() {
    let app = TestApp::empty();
    for path in ["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect", "/oauth2/userinfo"] {
        let answer = page_at(&app, PAGE).form(path, &[]);
        is_oauth(&answer, 503, "temporarily_unavailable");
        assert!(answer.headers["retry-after"].parse::<u32>().is_ok());
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    // Other addresses keep their own form.
    assert_eq!(page_at(&app, PAGE).get("/oauth2/authorize").status, 503);
    assert!(!page_at(&app, PAGE).get("/oauth2/authorize").body.contains("error_description"));
}
