//! Sign-ins that take longer than a request is valid, and many sign-ins at once.

use crate::acme::Acme;
use crate::app::TestApp;
use crate::browser::{Answer, Browser};
use crate::idp::{KEY, deliver, request_of, settings, status, valid_response};
use std::collections::BTreeMap;
use vestibule::saml::test_idp::{ReceivedRequest, Sign};

/// Delivers the identity provider's response to this request; returns the callback's answer.
fn deliver_response(app: &TestApp, browser: &mut Browser, request: &ReceivedRequest) -> Answer {
    let xml = valid_response(app, request, "bob@acme.test").sign(&KEY, Sign::Both);
    deliver(browser, &request.acs_url, &xml)
}

/// Removes the expired cookies of started sign-ins, as a browser would.
fn forget_started(browser: &mut Browser) {
    browser.cookies.retain(|name, _| !name.starts_with("vestibule_sso_"));
}

/// Delivers a response that identifies this person, and completes the sign-in.
fn complete_sign_in(app: &TestApp, browser: &mut Browser, request: &ReceivedRequest, email: &str) -> Answer {
    let xml = valid_response(app, request, email).sign(&KEY, Sign::Both);
    let finish = deliver(browser, &request.acs_url, &xml);
    browser.get(finish.location())
}

/// Whether both forms of the sign-in page contain this return path.
fn contains_return_path(page: &str, path: &str) -> bool {
    page.matches(&format!("name=\"return\" value=\"{path}\"")).count() == 2
}

fn refusal_codes(admin: &mut Browser) -> Vec<String> {
    let trace = admin.read("/organisations/acme/sso/attempts?limit=200").json();
    let refusals = trace["items"].as_array().expect("a list").iter();
    refusals.filter_map(|one| one["refusal"]["code"].as_str().map(ToOwned::to_owned)).collect()
}

#[test]
fn a_sign_in_that_takes_over_ten_minutes_restarts_once_and_keeps_the_return_path() {
    let Acme { app, .. } = Acme::connected();
    for wait in [600, 1800, 3599] {
        let mut bob = app.anonymous();
        let request = request_of(&bob.get("/sso?key=acme_SSO&return=/account"));
        app.wait(wait);
        forget_started(&mut bob);
        let restart = deliver_response(&app, &mut bob, &request);
        assert!(restart.location().contains("/sso?key=acme_SSO&late="), "{}", restart.location());
        let second = request_of(&bob.get(restart.location()));
        let finish = deliver_response(&app, &mut bob, &second);
        assert_eq!(bob.get(finish.location()).location(), "/account", "after {wait} s");
        assert!(!bob.cookies.keys().any(|name| name.starts_with("vestibule_late_")), "{:?}", bob.cookies);
    }
    let mut admin = app.signed_in("ann@acme.test");
    assert_eq!(refusal_codes(&mut admin), Vec::<String>::new());
}

#[test]
fn a_sign_in_that_is_late_twice_is_refused() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO&return=/account"));
    app.wait(600);
    let restart = deliver_response(&app, &mut bob, &request);
    let second = request_of(&bob.get(restart.location()));
    app.wait(600);
    let refused = deliver_response(&app, &mut bob, &second);
    assert_eq!(refused.refused_with(), "sso_took_too_long");
    let page = bob.get(refused.location()).body;
    assert!(page.contains("took longer than ten minutes") && !page.contains("could not verify"), "{page}");
    assert!(page.contains("/sso?key=acme_SSO&amp;return=%2Faccount\">Sign in with SSO"), "{page}");
    assert!(contains_return_path(&page, "/account"), "{page}");
    assert_eq!(refusal_codes(&mut admin), ["request_expired"]);
}

#[test]
fn a_provider_that_always_answers_the_old_request_causes_no_loop() {
    let Acme { app, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO&return=/account"));
    app.wait(600);
    let mut restarts = 0;
    let end = loop {
        let restart = deliver_response(&app, &mut bob, &request);
        let next = bob.get(restart.location());
        if next.location().contains("/login") {
            break next;
        }
        request_of(&next);
        restarts += 1;
        assert!(restarts < 3, "the sign-in restarts without end");
    };
    assert_eq!((restarts, end.refused_with().as_str()), (1, "sso_took_too_long"));
    let page = bob.get(end.location()).body;
    assert!(contains_return_path(&page, "/account"), "{page}");
    assert!(!bob.has_session());
}

#[test]
fn a_late_sign_in_without_its_cookie_is_refused() {
    let Acme { app, .. } = Acme::connected();
    let (mut bob, mut other) = (app.anonymous(), app.anonymous());
    let request = request_of(&bob.get("/sso?key=acme_SSO&return=/account"));
    let theirs = request_of(&other.get("/sso?key=acme_SSO"));
    app.wait(600);
    for mut browser in [app.anonymous(), other] {
        let restart = deliver_response(&app, &mut browser, &request);
        assert_eq!(
            browser.get(restart.location()).refused_with(),
            "sso_took_too_long",
            "refused in a browser without the cookie"
        );
    }
    assert_ne!(request.id, theirs.id);
    // Neither the cookie of another sign-in nor a changed one is accepted instead.
    let late = |browser: &Browser| -> BTreeMap<String, String> {
        browser.cookies.clone().into_iter().filter(|(name, _)| name.starts_with("vestibule_late_")).collect()
    };
    let (name, value) = late(&bob).into_iter().next().expect("a cookie");
    let mut second = app.anonymous();
    second.get("/sso?key=acme_SSO&return=/o/acme");
    let (_, foreign) = late(&second).into_iter().next().expect("a cookie");
    for forged in [foreign, format!("{value}A"), String::new()] {
        bob.cookies.insert(name.clone(), forged);
        let restart = deliver_response(&app, &mut bob, &request);
        assert_eq!(bob.get(restart.location()).refused_with(), "sso_took_too_long");
    }
    // The cookie expires after an hour.
    bob.cookies.insert(name, value);
    app.wait(3000);
    let restart = deliver_response(&app, &mut bob, &request);
    assert_eq!(bob.get(restart.location()).refused_with(), "sso_took_too_long");
    let page = bob.get("/login?error=sso_took_too_long").body;
    assert!(page.contains("took longer than ten minutes"), "{page}");
}

#[test]
fn a_refused_sign_in_keeps_the_return_path_in_its_own_browser() {
    let Acme { app, .. } = Acme::connected();
    let page_of = |browser: &mut Browser, email: &str| {
        request_of(&browser.get("/sso?key=acme_SSO&return=/o/acme/first"));
        app.wait(1);
        let request = request_of(&browser.get("/sso?key=acme_SSO&return=/o/acme/members"));
        app.wait(1);
        request_of(&browser.get("/sso?key=acme_SSO&return=/o/acme/last"));
        let refused = complete_sign_in(&app, browser, &request, email);
        browser.get(refused.location()).body
    };
    let stranger = page_of(&mut app.anonymous(), "eve@acme.test");
    assert!(
        stranger.contains("is not a member of Acme") && contains_return_path(&stranger, "/o/acme/members"),
        "{stranger}"
    );
    let mut bob = app.anonymous();
    bob.form("/login", &[("email", "bob@acme.test"), ("password", "wrong"), ("return", "/w/1")]);
    let refused = bob.get("/login?error=refused").body;
    assert!(contains_return_path(&refused, "/w/1"), "{refused}");
    // Another browser does not learn the return path.
    let request = request_of(&bob.get("/sso?key=acme_SSO&return=/o/acme/members"));
    let mut other = app.anonymous();
    let elsewhere = complete_sign_in(&app, &mut other, &request, "bob@acme.test");
    assert_eq!(elsewhere.refused_with(), "sso_other_browser");
    let page = other.get(elsewhere.location()).body;
    assert!(contains_return_path(&page, ""), "{page}");
}

#[test]
fn a_late_test_sign_in_restarts_as_a_test() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    ann.api("PUT", "/organisations/acme/sso", &settings("acme_SSO"));
    let request = request_of(&ann.get("/sso?key=acme_SSO&test=1&return=/o/acme/sso"));
    app.wait(900);
    let xml = valid_response(&app, &request, "ann@acme.test").sign(&KEY, Sign::Both);
    let restart = deliver(&mut ann, &request.acs_url, &xml);
    let second = request_of(&ann.get(restart.location()));
    let finish =
        deliver(&mut ann, &second.acs_url, &valid_response(&app, &second, "ann@acme.test").sign(&KEY, Sign::Both));
    assert_eq!(ann.get(finish.location()).location(), "/o/acme/sso");
    assert_eq!(status(&mut ann, &org), "ready");
}

#[test]
fn eight_sign_ins_in_parallel_tabs_all_finish_in_any_order() {
    let Acme { app, .. } = Acme::connected();
    let path = format!("/o/acme/members?filter={}", "x".repeat(120));
    for order in [[0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1, 0]] {
        let mut bob = app.anonymous();
        // All sign-ins are started before the first response, so that no browser has the cookie of another.
        let mut tabs: Vec<Browser> = (0..8).map(|_| app.anonymous()).collect();
        let path = path.as_str();
        let start = |(place, tab): (usize, &mut Browser)| tab.get(&format!("/sso?key=acme_SSO&return={path}{place}"));
        let begun: Vec<_> = std::thread::scope(|scope| {
            let tabs: Vec<_> = tabs.iter_mut().enumerate().map(|one| scope.spawn(move || start(one))).collect();
            tabs.into_iter().map(|tab| request_of(&tab.join().expect("begun"))).collect()
        });
        bob.cookies.extend(tabs.into_iter().flat_map(|tab| tab.cookies));
        for place in order {
            let finish = deliver_response(&app, &mut bob, &begun[place]);
            assert_eq!(bob.get(finish.location()).location(), format!("{path}{place}"));
        }
    }
}

#[test]
fn at_most_ten_started_sign_ins_and_six_kib_of_cookies_are_kept_and_the_oldest_are_removed() {
    let Acme { app, .. } = Acme::connected();
    let weight = |browser: &Browser| -> usize {
        let of_sso = |name: &&String| name.starts_with("vestibule_sso_") || name.starts_with("vestibule_late_");
        let names: Vec<_> = browser.cookies.keys().filter(of_sso).collect();
        names.iter().map(|name| name.len() + browser.cookies[*name].len() + 3).sum()
    };
    for (length, least) in [(10, 10), (300, 7), (1000, 2)] {
        let mut bob = app.anonymous();
        let path = format!("/{}", "a".repeat(length));
        let requests: Vec<_> = (0..13)
            .map(|_| {
                app.wait(1);
                request_of(&bob.get(&format!("/sso?key=acme_SSO&return={path}")))
            })
            .collect();
        let waiting = bob.cookies.keys().filter(|name| name.starts_with("vestibule_sso_")).count();
        assert!((least..=10).contains(&waiting), "{waiting} started sign-ins with paths of {length}");
        assert!(weight(&bob) <= 6 * 1024, "{}", weight(&bob));
        let oldest = deliver_response(&app, &mut bob, &requests[12 - waiting]);
        assert_eq!(bob.get(oldest.location()).refused_with(), "sso_other_browser");
        for request in &requests[13 - waiting..] {
            let finish = deliver_response(&app, &mut bob, request);
            assert_eq!(bob.get(finish.location()).location(), path);
        }
    }
}

#[test]
fn foreign_cookies_do_not_hide_newer_sign_ins() {
    let Acme { app, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO&return=/w"));
    // Browsers send the oldest cookies first. The browser of these tests sorts them by name, so the names begin
    // accordingly.
    for n in 0..60 {
        bob.cookies.insert(format!("vestibule_sso_{n:08x}"), "of another".into());
    }
    let again = bob.get("/sso?key=acme_SSO");
    let ended = again.set_cookies.iter().filter(|cookie| cookie.contains("Max-Age=0")).count();
    assert!((30..=50).contains(&ended), "{ended}");
    let finish = deliver_response(&app, &mut bob, &request);
    assert_eq!(bob.get(finish.location()).location(), "/w");
}
