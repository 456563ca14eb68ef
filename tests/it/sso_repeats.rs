//! A response that is posted again: with the back button after a successful sign-in, or by another browser.

use crate::acme::Acme;
use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{KEY, connect, deliver, relay_state_of, request_of, saml_sign_in, valid_response};
use base64::{Engine, engine::general_purpose::STANDARD};
use vestibule::saml::test_idp::{ReceivedRequest, Sign};

/// A member who has signed in with the return path `/account`, and the provider's response.
struct SignedIn {
    app: TestApp,
    org: Org,
    admin: Browser,
    bob: Browser,
    request: ReceivedRequest,
    xml: String,
}

impl SignedIn {
    fn new() -> Self {
        let Acme { app, org, admin } = Acme::connected();
        app.member(&org, "cat@acme.test");
        let mut bob = app.anonymous();
        let request = request_of(&bob.get("/sso?key=acme_SSO&return=/account"));
        let xml = valid_response(&app, &request, "bob@acme.test").sign(&KEY, Sign::Both);
        let finish = deliver(&mut bob, &request.acs_url, &xml);
        assert_eq!(bob.get(finish.location()).location(), "/account");
        Self { app, org, admin, bob, request, xml }
    }

    /// Posts the response again in this browser; returns the answer to the next step.
    fn post_again(&self, browser: &mut Browser, relay_state: &str) -> Answer {
        let fields = [("SAMLResponse", STANDARD.encode(&self.xml)), ("RelayState", relay_state.into())];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let posted = browser.cross_site_form(&self.request.acs_url, &fields);
        browser.get(posted.location())
    }

    /// Replaces the response by a new one to the same request, which identifies this person.
    fn renew(&mut self, email: &str) {
        self.xml = valid_response(&self.app, &self.request, email).sign(&KEY, Sign::Both);
    }

    fn refusals(&mut self) -> usize {
        let log = self.admin.read(&format!("/organisations/{}/audit?limit=200", self.org.slug)).json();
        log["items"].as_array().expect("a list").iter().filter(|one| one["action"] == "sso.refused").count()
    }

    fn attempts(&mut self) -> Vec<String> {
        let trace = self.admin.read(&format!("/organisations/{}/sso/attempts", self.org.slug)).json();
        let codes = trace["items"].as_array().expect("a list").iter();
        codes.filter_map(|one| one["refusal"]["code"].as_str().map(ToOwned::to_owned)).collect()
    }

    /// Asserts that a replay was refused: by the message, without a session, with one recorded attempt and one log
    /// entry.
    fn assert_refused(&mut self, browser: &mut Browser, answer: &Answer) {
        assert_eq!(answer.status, 200, "{answer:?}");
        let (_, reference) = answer
            .body
            .split_once("This sign-in was already used; each sign-in works once. Start again. Reference: ")
            .expect("a reason");
        assert!(answer.body.contains("/sso?key=acme_SSO\">Sign in with SSO"), "{}", answer.body);
        assert!(!answer.body.contains("could not verify"), "{}", answer.body);
        let (audited, traced) = (self.refusals(), self.attempts());
        assert_eq!((audited, traced), (1, vec!["request_used".to_owned()]), "{}", &reference[..6]);
        let again = browser.get("/login?error=sso_not_verified");
        assert_eq!((again.status, self.refusals()), (200, 1), "loading the page again logs no second refusal");
    }
}

#[test]
fn the_back_button_after_a_sign_in_redirects_to_the_same_page_again() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    for wait in [0, 60, 420, 3600] {
        it.app.wait(wait);
        let session = bob.cookies["vestibule_session"].clone();
        for relay_state in ["", "https://evil.test/", "/o/acme/members"] {
            let answer = it.post_again(&mut bob, relay_state);
            assert_eq!((answer.status, answer.location()), (303, "/account"), "after {wait} s");
        }
        assert_eq!(bob.cookies["vestibule_session"], session, "the session is unchanged");
        it.admin = it.app.signed_in("ann@acme.test");
        assert_eq!((it.refusals(), it.attempts()), (0, Vec::new()));
    }
}

#[test]
fn a_repeated_response_redirects_after_the_same_person_has_signed_in_again() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    saml_sign_in(&it.app, &mut bob, "/sso?key=acme_SSO&return=/o/acme", "bob@acme.test");
    assert_eq!(it.post_again(&mut bob, "").location(), "/account");
    assert_eq!(bob.sign_in("bob@acme.test", crate::app::PASSWORD).status, 200);
    assert_eq!(it.post_again(&mut bob, "").location(), "/account");
}

#[test]
fn a_repeated_response_in_another_browser_is_a_replay() {
    let mut it = SignedIn::new();
    let mut mallory = it.app.anonymous();
    let answer = it.post_again(&mut mallory, "");
    it.assert_refused(&mut mallory, &answer);
    assert!(!mallory.has_session());
}

#[test]
fn a_repeated_response_in_a_browser_with_another_started_sign_in_is_a_replay() {
    let mut it = SignedIn::new();
    let mut mallory = it.app.anonymous();
    let begun = mallory.get("/sso?key=acme_SSO");
    let answer = it.post_again(&mut mallory, &relay_state_of(&begun).unwrap_or_default());
    it.assert_refused(&mut mallory, &answer);
    assert!(!mallory.has_session());
}

#[test]
fn a_repeated_response_after_signing_out_is_a_replay() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    bob.form("/logout", &[]);
    let answer = it.post_again(&mut bob, "");
    it.assert_refused(&mut bob, &answer);
    assert!(!bob.has_session());
}

#[test]
fn a_repeated_response_in_another_persons_session_is_a_replay() {
    let mut it = SignedIn::new();
    let mut cat = it.app.signed_in("cat@acme.test");
    let answer = it.post_again(&mut cat, "");
    it.assert_refused(&mut cat, &answer);
    assert_eq!(cat.read("/me").json()["person"]["email"], "cat@acme.test");
    // It is also refused after another person has signed in in the same browser.
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    saml_sign_in(&it.app, &mut bob, "/sso?key=acme_SSO", "cat@acme.test");
    let answer = it.post_again(&mut bob, "");
    it.assert_refused(&mut bob, &answer);
    assert_eq!(bob.read("/me").json()["person"]["email"], "cat@acme.test");
}

#[test]
fn a_repeated_response_in_another_session_of_the_same_person_is_a_replay() {
    let mut it = SignedIn::new();
    let mut other = it.app.signed_in("bob@acme.test");
    let answer = it.post_again(&mut other, "");
    it.assert_refused(&mut other, &answer);
}

#[test]
fn a_changed_response_to_the_same_request_is_refused() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    let changed = it.xml.replace("bob@acme.test", "cat@acme.test");
    let posted = deliver(&mut bob, &it.request.acs_url, &changed);
    let page = bob.get(posted.location());
    assert_eq!(page.status, 200);
    assert!(page.body.contains("could not verify"), "{}", page.body);
    assert_eq!((it.refusals(), it.attempts()), (1, vec!["bad_signature".to_owned()]));
}

#[test]
fn a_new_response_to_the_same_request_redirects_to_the_same_page() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    for wait in [0, 30, 300, 420, 3600] {
        it.app.wait(wait);
        let session = bob.cookies["vestibule_session"].clone();
        it.renew("bob@acme.test");
        // The provider's page with this newer response may be reloaded, even when the response is too old.
        for later in [0, 400] {
            it.app.wait(later);
            let answer = it.post_again(&mut bob, "https://evil.test/");
            assert_eq!((answer.status, answer.location()), (303, "/account"), "after {wait} s and {later} s");
        }
        assert_eq!(bob.cookies["vestibule_session"], session, "the session is unchanged");
        it.admin = it.app.signed_in("ann@acme.test");
        assert_eq!((it.refusals(), it.attempts()), (0, Vec::new()));
    }
}

#[test]
fn a_new_response_to_a_used_request_is_a_replay_in_other_browsers() {
    let others: [fn(&SignedIn) -> Browser; 4] = [
        |it| it.app.anonymous(),
        |it| it.app.signed_in("cat@acme.test"),
        |it| it.app.signed_in("bob@acme.test"),
        |it| {
            let mut begun = it.app.anonymous();
            begun.get("/sso?key=acme_SSO");
            begun
        },
    ];
    for other in others {
        for later in [0, 400] {
            let mut it = SignedIn::new();
            it.renew("bob@acme.test");
            it.app.wait(later);
            let mut other = other(&it);
            let before = other.cookies.get("vestibule_session").cloned();
            let answer = it.post_again(&mut other, "");
            it.assert_refused(&mut other, &answer);
            assert_eq!(other.cookies.get("vestibule_session").cloned(), before);
        }
    }
}

#[test]
fn a_new_response_for_another_person_is_refused() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    it.renew("cat@acme.test");
    let answer = it.post_again(&mut bob, "");
    it.assert_refused(&mut bob, &answer);
    assert_eq!(bob.read("/me").json()["person"]["email"], "bob@acme.test");
}

#[test]
fn a_repeated_response_before_the_finish_offers_the_portal_and_keeps_the_return_path() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.member(&org, "bob@acme.test");
    connect(&app, &org, "ann@acme.test", "acme_SSO");
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO&return=/account"));
    let new = || valid_response(&app, &request, "bob@acme.test").sign(&KEY, Sign::Both);
    // The browser posts twice and follows only the second answer.
    assert!(deliver(&mut bob, &request.acs_url, &new()).location().contains("/sso/finish"));
    let second = deliver(&mut bob, &request.acs_url, &new());
    let page = bob.get(second.location()).body;
    assert!(page.contains("This sign-in was already used"), "{page}");
    assert!(page.contains("/sso?key=acme_SSO&amp;return=%2Faccount\">Sign in with SSO"), "{page}");
    assert!(!bob.has_session());
    assert_eq!(
        saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO&return=/account", "bob@acme.test").location(),
        "/account"
    );
}
