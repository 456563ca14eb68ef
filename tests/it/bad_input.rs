//! Bad input gets a clear error and changes nothing.

use crate::acme::Acme;
use crate::browser::{Answer, Browser};
use serde_json::json;

fn raw(browser: &mut Browser, path: &str, body: &str) -> Answer {
    browser.send("POST", path, "application/json", body.as_bytes().to_vec())
}

#[test]
fn malformed_json_is_400_and_wrong_fields_are_422_by_name() {
    let Acme { app: _app, org, mut admin } = Acme::on("business");
    let path = format!("/api/v1/organisations/{}/workspaces", org.slug);
    for bad in ["", "{", "nonsense", "{\"name\":\"x\"} trailing", "{\"name\":\"\\ud800\"}"] {
        let answer = raw(&mut admin, &path, bad);
        assert_eq!((answer.status, answer.code().as_str()), (400, "malformed"), "{bad}: {}", answer.body);
    }
    for (bad, field) in [
        ("{}", "name"),
        ("{\"name\":\"x\",\"colour\":\"red\"}", "colour"),
        ("{\"name\":5}", "name"),
        ("{\"name\":null}", "name"),
        ("[]", "body"),
        ("[\"x\"]", "body"),
        ("{\"name\":\"\"}", "name"),
        ("{\"name\":\"a\\u0000b\"}", "name"),
    ] {
        let answer = raw(&mut admin, &path, bad);
        assert_eq!((answer.status, answer.field().as_str()), (422, field), "{bad}: {}", answer.body);
    }
    let listed = admin.read(&format!("/organisations/{}/workspaces", org.slug)).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_missing_right_is_reported_before_errors_in_the_body() {
    let Acme { app, org, .. } = Acme::on("business");
    let path = format!("/api/v1/organisations/{}/workspaces", org.slug);
    assert_eq!(raw(&mut app.anonymous(), &path, "nonsense").status, 401);
    app.member(&org, "bob@acme.test");
    assert_eq!(raw(&mut app.signed_in("bob@acme.test"), &path, "nonsense").status, 403);
}

#[test]
fn a_wrong_method_is_405_and_names_the_allowed_methods() {
    let Acme { app: _app, org, mut admin } = Acme::on("business");
    let wrong = admin.api("PUT", &format!("/organisations/{}/workspaces", org.slug), &json!({}));
    assert_eq!((wrong.status, wrong.code().as_str()), (405, "wrong_method"));
    assert_eq!(wrong.headers["allow"], "GET, HEAD, POST");
    assert_eq!(
        admin.send("HEAD", "/sso/finish?ticket=x", "", Vec::new()).status,
        405,
        "HEAD does not use up the ticket"
    );
}

#[test]
fn head_answers_like_get_without_the_body() {
    let Acme { app: _app, org, mut admin } = Acme::on("business");
    for path in ["/", "/login", "/static/app.js", "/healthz", "/api/v1/me", "/api/v1/nowhere"] {
        let (get, head) = (admin.get(path), admin.send("HEAD", path, "", Vec::new()));
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
        assert_eq!(head.headers.get("content-type"), get.headers.get("content-type"), "{path}");
    }
    let path = format!("/api/v1/organisations/{}/members", org.slug);
    assert_eq!(admin.send("HEAD", &path, "", Vec::new()).status, 200);
}

#[test]
fn bodies_over_the_limit_are_413() {
    let Acme { app, org, mut admin } = Acme::on("business");
    let path = format!("/api/v1/organisations/{}/workspaces", org.slug);
    for size in [65 * 1024, 10 * 1024 * 1024] {
        let body = format!("{{\"name\":\"{}\"}}", "x".repeat(size));
        assert_eq!(raw(&mut admin, &path, &body).status, 413, "{size}");
    }
    // Metadata may be larger: 1 MiB, in a body of at most 2 MiB.
    let sso = app.org("Sso", "enterprise");
    app.admin(&sso, "sam@sso.test");
    let mut sam = app.signed_in("sam@sso.test");
    for (bytes, status) in [(1 << 20, 422), ((1 << 20) + 1, 413), (3 << 20, 413)] {
        let pasted = sam.api("POST", "/organisations/sso/sso/metadata", &json!({ "metadata_xml": "x".repeat(bytes) }));
        assert_eq!(pasted.status, status, "{bytes}: {}", pasted.body);
    }
    let callback = format!("/saml/{}/acs", "0".repeat(32));
    let response = "A".repeat(400 * 1024);
    assert_eq!(app.anonymous().cross_site_form(&callback, &[("SAMLResponse", &response)]).status, 413);
    assert_eq!(app.anonymous().cross_site_form(&callback, &[("SAMLResponse", &"A".repeat(20 << 20))]).status, 413);
}

#[test]
fn names_of_300_emoji_and_non_ascii_addresses_are_refused_by_field() {
    let Acme { app, org, mut admin } = Acme::on("business");
    let long = admin.api("PATCH", &format!("/organisations/{}", org.slug), &json!({ "name": "🏢".repeat(300) }));
    assert_eq!((long.status, long.field().as_str()), (422, "name"));
    assert_eq!(
        admin.api("PATCH", &format!("/organisations/{}", org.slug), &json!({ "name": "🏢".repeat(100) })).status,
        200
    );
    let made = app.operator().api(
        "POST",
        "/organisations",
        &json!({ "name": "X", "plan": "starter", "admin_email": "änn@acme.test" }),
    );
    assert_eq!((made.status, made.field().as_str()), (422, "admin_email"));
    for bad in ["bøb@acme.test", "bob@äcme.test", "bob", "bob@acme.test\r\nBcc: x@y.test", ""] {
        let body = json!({ "email": bad, "role": "admin" });
        let refused = admin.api("POST", &format!("/workspaces/{}/invitations", org.workspace), &body);
        assert_eq!((refused.status, refused.field().as_str()), (422, "email"), "{bad}");
    }
    assert_eq!(admin.read(&format!("/workspaces/{}/invitations", org.workspace)).json()["items"], json!([]));
}

#[test]
fn weak_passwords_are_refused_with_the_reason() {
    let Acme { app, org, mut admin } = Acme::on("business");
    let invited = admin
        .api(
            "POST",
            &format!("/workspaces/{}/invitations", org.workspace),
            &json!({ "email": "bob@acme.test", "role": "admin" }),
        )
        .json();
    let token = invited["accept_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    for weak in ["", "short", "aaaaaaaaaaaaaaaa", "bob@acme.test", "password12345", &"x7 kq".repeat(40)] {
        let body = json!({ "token": token, "name": "Bob", "password": weak });
        let refused = app.anonymous().api("POST", "/invitations/accept", &body);
        assert_eq!((refused.status, refused.field().as_str()), (422, "password"), "{weak}");
    }
    assert_eq!(app.accounts("bob@acme.test"), 0);
}

#[test]
fn unknown_addresses_are_404_as_json_or_as_a_page() {
    let Acme { app, mut admin, .. } = Acme::on("business");
    assert_eq!(admin.read("/nowhere").code(), "not_found");
    assert_eq!(admin.get("/api/openapi").code(), "not_found");
    assert_eq!(app.anonymous().get("/static/nothing.js").status, 404);
    assert_eq!(app.anonymous().get("/static/../Cargo.toml").status, 404);
    assert!(app.anonymous().get("/some/page").body.contains("app.js"));
    assert_eq!(admin.read("/workspaces/not-an-id").status, 404);
    assert_eq!(app.anonymous().read("/me").code(), "unauthorized");
}
