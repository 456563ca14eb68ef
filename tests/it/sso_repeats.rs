//! The same response posted again: the back button after a good sign-in, and everybody else who sends it.

use crate::acme::Acme;
use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{KEY, connect, deliver, honest, relay_state_of, request_of, saml_sign_in};
use base64::{Engine, engine::general_purpose::STANDARD};
use vestibule::saml::test_idp::{ReceivedRequest, Sign};

/// A member who has signed in to land on `/account`, and the form by which their provider said so.
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
        let xml = honest(&app, &request, "bob@acme.test").sign(&KEY, Sign::Both);
        let finish = deliver(&mut bob, &request.acs_url, &xml);
        assert_eq!(bob.get(finish.location()).location(), "/account");
        Self { app, org, admin, bob, request, xml }
    }

    /// Posts the response once more in this browser, and gives what its next step is answered.
    fn again(&self, browser: &mut Browser, relay_state: &str) -> Answer {
        let fields = [("SAMLResponse", STANDARD.encode(&self.xml)), ("RelayState", relay_state.into())];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let posted = browser.cross_site_form(&self.request.acs_url, &fields);
        browser.get(posted.location())
    }

    /// The provider answers the same request once more, for this person.
    fn renew(&mut self, email: &str) {
        self.xml = honest(&self.app, &self.request, email).sign(&KEY, Sign::Both);
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

    /// Everything that tells a refused replay: the sentence, no session, one line in the trace and one in the log.
    fn assert_refused(&mut self, browser: &mut Browser, answer: &Answer) {
        assert_eq!(answer.status, 200, "{answer:?}");
        let (_, reference) = answer
            .body
            .split_once("This sign-in was already used; each one works once. Start again. Reference: ")
            .expect("why");
        assert!(answer.body.contains("/sso?key=acme_SSO\">Sign in with SSO"), "{}", answer.body);
        assert!(!answer.body.contains("could not verify"), "{}", answer.body);
        let (audited, traced) = (self.refusals(), self.attempts());
        assert_eq!((audited, traced), (1, vec!["request_used".to_owned()]), "{}", &reference[..6]);
        let again = browser.get("/login?error=sso_not_verified");
        assert_eq!((again.status, self.refusals()), (200, 1), "looking twice is no second refusal");
    }
}

#[test]
fn the_back_button_after_a_sign_in_leads_on_to_where_it_led() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    for wait in [0, 60, 420, 3600] {
        it.app.wait(wait);
        let session = bob.cookies["vestibule_session"].clone();
        for relay_state in ["", "https://evil.test/", "/o/acme/members"] {
            let answer = it.again(&mut bob, relay_state);
            assert_eq!((answer.status, answer.location()), (303, "/account"), "after {wait} s");
        }
        assert_eq!(bob.cookies["vestibule_session"], session, "the session stays as it was");
        it.admin = it.app.signed_in("ann@acme.test");
        assert_eq!((it.refusals(), it.attempts()), (0, Vec::new()));
    }
}

#[test]
fn it_leads_on_after_the_same_person_has_signed_in_again() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    saml_sign_in(&it.app, &mut bob, "/sso?key=acme_SSO&return=/o/acme", "bob@acme.test");
    assert_eq!(it.again(&mut bob, "").location(), "/account");
    assert_eq!(bob.sign_in("bob@acme.test", crate::app::PASSWORD).status, 200);
    assert_eq!(it.again(&mut bob, "").location(), "/account");
}

#[test]
fn in_another_browser_it_is_a_replay() {
    let mut it = SignedIn::new();
    let mut mallory = it.app.anonymous();
    let answer = it.again(&mut mallory, "");
    it.assert_refused(&mut mallory, &answer);
    assert!(!mallory.has_session());
}

#[test]
fn in_another_browser_with_the_start_of_another_sign_in_it_is_a_replay() {
    let mut it = SignedIn::new();
    let mut mallory = it.app.anonymous();
    let begun = mallory.get("/sso?key=acme_SSO");
    let answer = it.again(&mut mallory, &relay_state_of(&begun).unwrap_or_default());
    it.assert_refused(&mut mallory, &answer);
    assert!(!mallory.has_session());
}

#[test]
fn after_signing_out_it_is_a_replay() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    bob.form("/logout", &[]);
    let answer = it.again(&mut bob, "");
    it.assert_refused(&mut bob, &answer);
    assert!(!bob.has_session());
}

#[test]
fn in_another_persons_session_it_is_a_replay() {
    let mut it = SignedIn::new();
    let mut cat = it.app.signed_in("cat@acme.test");
    let answer = it.again(&mut cat, "");
    it.assert_refused(&mut cat, &answer);
    assert_eq!(cat.read("/me").json()["person"]["email"], "cat@acme.test");
    // And once the next person has signed in on the same machine.
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    saml_sign_in(&it.app, &mut bob, "/sso?key=acme_SSO", "cat@acme.test");
    let answer = it.again(&mut bob, "");
    it.assert_refused(&mut bob, &answer);
    assert_eq!(bob.read("/me").json()["person"]["email"], "cat@acme.test");
}

#[test]
fn in_another_session_of_the_same_person_it_is_a_replay() {
    let mut it = SignedIn::new();
    let mut other = it.app.signed_in("bob@acme.test");
    let answer = it.again(&mut other, "");
    it.assert_refused(&mut other, &answer);
}

#[test]
fn a_changed_response_to_the_same_request_leads_nowhere() {
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
fn back_at_the_provider_a_new_response_to_the_same_request_leads_on_to_where_the_sign_in_led() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    for wait in [0, 30, 300, 420, 3600] {
        it.app.wait(wait);
        let session = bob.cookies["vestibule_session"].clone();
        it.renew("bob@acme.test");
        // And the page of the provider with this newer response is reloaded when it is too old to be accepted.
        for later in [0, 400] {
            it.app.wait(later);
            let answer = it.again(&mut bob, "https://evil.test/");
            assert_eq!((answer.status, answer.location()), (303, "/account"), "after {wait} s and {later} s");
        }
        assert_eq!(bob.cookies["vestibule_session"], session, "the session stays as it was");
        it.admin = it.app.signed_in("ann@acme.test");
        assert_eq!((it.refusals(), it.attempts()), (0, Vec::new()));
    }
}

#[test]
fn a_new_response_to_a_used_request_is_a_replay_for_everybody_else() {
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
            let answer = it.again(&mut other, "");
            it.assert_refused(&mut other, &answer);
            assert_eq!(other.cookies.get("vestibule_session").cloned(), before);
        }
    }
}

#[test]
fn a_new_response_for_another_person_leads_nobody_on() {
    let mut it = SignedIn::new();
    let mut bob = std::mem::replace(&mut it.bob, it.app.anonymous());
    it.renew("cat@acme.test");
    let answer = it.again(&mut bob, "");
    it.assert_refused(&mut bob, &answer);
    assert_eq!(bob.read("/me").json()["person"]["email"], "bob@acme.test");
}

#[test]
fn back_before_the_sign_in_was_finished_says_where_to_start_again_and_keeps_where_it_was_going() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.member(&org, "bob@acme.test");
    connect(&app, &org, "ann@acme.test", "acme_SSO");
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO&return=/account"));
    let new = || honest(&app, &request, "bob@acme.test").sign(&KEY, Sign::Both);
    // The browser posts twice and follows the second answer only.
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
