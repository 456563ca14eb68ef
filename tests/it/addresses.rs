//! Requests to an address that differs from the public URL, and two appliances on one host.

use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use serde_json::json;

/// An appliance whose public URL differs from the address at which the test reaches it.
fn at_another_address() -> (TestApp, Browser) {
    let app = TestApp::with_operator(|flags| flags.public_url = Some("http://vestibule.test:8080".into()));
    let mut browser = app.anonymous();
    // On plain http, browsers name the page's site only in the Origin header.
    browser.headers = vec![("origin", app.url.clone())];
    (app, browser)
}

#[test]
fn a_request_to_another_address_is_refused_with_the_public_url() {
    let (app, mut browser) = at_another_address();
    let refused = browser.sign_in("olivia@vestibule.test", PASSWORD);
    assert_eq!((refused.status, refused.code().as_str()), (403, "other_address"));
    let message = refused.json()["error"]["message"].as_str().expect("text").to_owned();
    assert!(message.contains("Use http://vestibule.test:8080"), "{message}");
    browser.headers.push(("accept", "text/html".into()));
    for path in ["/login", "/login/sso", "/logout", "/recover"] {
        let page = browser.form(path, &[("email", "olivia@vestibule.test"), ("password", PASSWORD), ("key", "acme")]);
        assert_eq!(page.status, 403, "{path}");
        assert!(
            page.body.contains("<a class=\"button primary\" href=\"http://vestibule.test:8080/login\">"),
            "{}",
            page.body
        );
        assert!(!page.body.contains("another site"), "{}", page.body);
    }
    assert!(!browser.has_session());
    // At the public URL, signing in works.
    browser.headers = vec![("origin", "http://vestibule.test:8080".into()), ("host", "vestibule.test:8080".into())];
    assert_eq!(browser.sign_in("olivia@vestibule.test", PASSWORD).status, 200);
    drop(app);
}

#[test]
fn the_refusal_of_a_request_from_another_site_does_not_contain_the_public_url() {
    let (app, mut browser) = at_another_address();
    let here = app.url.trim_start_matches("http://").to_owned();
    let site = |site: &str| ("sec-fetch-site", site.to_owned());
    for headers in [
        vec![("origin", "http://evil.test".into())],
        vec![("origin", "null".into())],
        vec![("origin", app.url.clone()), site("cross-site")],
        vec![("origin", app.url.clone()), site("same-site")],
        vec![("origin", "http://evil.test".into()), ("x-forwarded-host", "evil.test".into())],
        vec![("origin", format!("http://{here}.evil.test"))],
        // A request to the public URL's host, sent from another site.
        vec![("origin", "http://evil.test".into()), ("host", "vestibule.test:8080".into())],
    ] {
        browser.headers = headers.clone();
        let refused = browser.sign_in("olivia@vestibule.test", PASSWORD);
        assert_eq!((refused.status, refused.code().as_str()), (403, "cross_site"), "{headers:?}");
    }
}

#[test]
fn the_sign_in_page_at_another_host_shows_the_public_url() {
    let (_app, mut browser) = at_another_address();
    let page = browser.get("/login?return=/account").body;
    let link = "href=\"http://vestibule.test:8080/login?return=%2Faccount\">http://vestibule.test:8080</a>";
    assert!(page.contains(link) && page.contains("data-address=\"http://vestibule.test:8080\""), "{page}");
    // The page contains neither the request's host nor a link to it.
    for host in
        ["evil.test", "evil.test:8080", "vestibule.test", "vestibule.test:8080.evil.test", "\"><script>", "[::1"]
    {
        browser.headers = vec![("host", host.into()), ("x-forwarded-host", "other.evil.test".into())];
        let page = browser.get("/login?return=//evil.test/");
        let body = page.body;
        if page.status == 200 {
            assert!(body.contains("href=\"http://vestibule.test:8080/login\">"), "{host}: {body}");
        }
        assert!(!body.contains("evil.test") && !body.contains("<script>\""), "{host}: {body}");
    }
    for host in ["vestibule.test:8080", "VESTIBULE.test:8080"] {
        browser.headers = vec![("host", host.into())];
        assert!(!browser.get("/login").body.contains("data-address"), "{host}");
    }
}

#[test]
fn an_explicit_default_port_is_the_same_address() {
    let app = TestApp::with_operator(|flags| flags.public_url = Some("https://login.example.com".into()));
    let mut browser = app.anonymous();
    for (host, elsewhere) in
        [("login.example.com:443", false), ("login.example.com", false), ("login.example.com:80", true)]
    {
        browser.headers = vec![("host", host.into())];
        assert_eq!(browser.get("/login").body.contains("data-address"), elsewhere, "{host}");
    }
}

#[test]
fn every_cookie_name_contains_a_non_default_port() {
    for (url, expected) in [
        ("http://vestibule.test:8080", "vestibule_session_8080"),
        ("https://vestibule.test:8443", "__Host-vestibule_session_8443"),
        ("http://vestibule.test:80", "vestibule_session"),
        ("https://vestibule.test:443", "__Host-vestibule_session"),
        ("https://vestibule.test", "__Host-vestibule_session"),
        ("http://[::1]:9000", "vestibule_session_9000"),
    ] {
        let app = TestApp::with_operator(|flags| flags.public_url = Some(url.into()));
        let org = app.org("Acme", "enterprise");
        app.admin(&org, "ann@acme.test");
        let mut ann = app.signed_in("ann@acme.test");
        let set = ann.sign_in("ann@acme.test", PASSWORD).set_cookies;
        assert!(set[0].starts_with(&format!("{expected}=")), "{url}: {set:?}");
        ann.api("PUT", "/organisations/acme/sso", &crate::idp::settings("acme_SSO"));
        let suffix = expected.split_once("session").expect("a name").1;
        let begun = ann.get("/sso?key=acme_SSO&test=1&home=1").set_cookies;
        let refused = ann.get("/sso?key=nobody&home=1").set_cookies;
        let ended = ann.form("/logout", &[]).set_cookies;
        assert_eq!((begun.len(), refused.len(), ended.len()), (2, 1, 1), "{begun:?} {refused:?} {ended:?}");
        for cookie in set.iter().chain(&begun).chain(&refused).chain(&ended) {
            let (name, _) = cookie.split_once('=').expect("a cookie");
            assert!(name.ends_with(suffix) && name.contains("vestibule_"), "{url}: {name}");
        }
    }
}

#[test]
fn two_appliances_on_one_host_do_not_replace_each_others_cookies() {
    let (one, other) = (TestApp::new(), TestApp::new());
    let mut first = one.operator();
    let mut second = other.operator();
    assert_ne!(first.cookie_suffix, second.cookie_suffix);
    // A browser sends the cookies of both appliances to each of them, because cookies do not distinguish ports.
    let both = [first.cookie_header(), second.cookie_header()].join("; ");
    for browser in [&mut first, &mut second] {
        browser.cookies.clear();
        browser.headers.push(("cookie", both.clone()));
        assert_eq!(browser.read("/me").json()["person"]["email"], json!("olivia@vestibule.test"));
    }
}
