//! An admin's test sign-in confirms only the identity provider that was shown to the admin.

use crate::acme::Acme;
use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{KEY, connect, deliver, request_of, settings, status, valid_response};
use serde_json::{Value, json};
use vestibule::saml::test_idp::{ReceivedRequest, Sign};

const TEST: &str = "/sso?key=acme_SSO&test=1";

struct Draft {
    app: TestApp,
    org: Org,
    ann: Browser,
    /// A program whose API key may set up single sign-on.
    program: Browser,
}

impl Draft {
    /// A draft connection that its admin has not seen yet.
    fn new() -> Self {
        let Acme { app, org, admin: mut ann } = Acme::on("enterprise");
        let made =
            ann.api("POST", "/organisations/acme/keys", &json!({ "name": "Terraform", "scopes": ["manage_sso"] }));
        let program = app.program(made.json()["key"].as_str().expect("a key"));
        let mut acme = Self { app, org, ann, program };
        acme.save_provider("https://idp.test/metadata");
        acme
    }

    /// The program saves a provider with this entity ID.
    fn save_provider(&mut self, entity_id: &str) {
        let mut body = settings("acme_SSO");
        body["idp_entity_id"] = json!(entity_id);
        let saved = self.program.api("PUT", "/organisations/acme/sso", &body);
        assert_eq!((saved.status, &saved.json()["status"]), (200, &json!("draft")), "{}", saved.body);
    }

    fn open_from(&mut self, path: &str, site: &str) -> Answer {
        self.ann.headers = vec![("sec-fetch-site", site.into())];
        let answer = self.ann.get(path);
        self.ann.headers = vec![("sec-fetch-site", "same-origin".into())];
        answer
    }

    fn shown(&mut self) -> Value {
        self.ann.read("/organisations/acme/sso").json()
    }

    /// Delivers a response that identifies Ann, from the provider with this entity ID.
    fn respond(&mut self, request: &ReceivedRequest, entity_id: &str) -> Answer {
        let mut minted = valid_response(&self.app, request, "ann@acme.test");
        minted.issuer = entity_id.into();
        let callback = deliver(&mut self.ann, &request.acs_url, &minted.sign(&KEY, Sign::Both));
        let location = callback.location().to_owned();
        if location.contains("/sso/finish") { self.ann.get(&location) } else { callback }
    }
}

/// The target of the button on the page that shows the tested settings.
fn button(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.location());
    let link = page.body.split("<a class=\"button primary\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    link.expect("a button").replace("&amp;", "&")
}

#[test]
fn an_emailed_test_link_shows_the_provider_before_the_test() {
    let mut acme = Draft::new();
    let page = acme.open_from(&format!("{TEST}&return=/o/acme/sso"), "none");
    assert!(page.body.contains("https://idp.test/sso?idpid=C01") && page.body.contains("https://idp.test/metadata"));
    assert!(page.body.contains("admin of Acme"), "{}", page.body);
    assert!(!acme.ann.cookies.keys().any(|name| name.starts_with("vestibule_sso_")), "{:?}", acme.ann.cookies);
    // The admin reads the page and continues with the test.
    let request = request_of(&acme.open_from(&button(&page), "same-origin"));
    let tested = acme.respond(&request, "https://idp.test/metadata");
    assert_eq!((tested.status, tested.location()), (303, "/o/acme/sso"), "{}", tested.body);
    assert_eq!(status(&mut acme.ann, &acme.org), "ready");
    // A test of a ready connection confirms its certificates, and its page shows them in the same way.
    assert_eq!(acme.open_from(TEST, "none").status, 200);
    // Other people, other sites and programs are refused.
    assert_eq!(acme.open_from(TEST, "cross-site").refused_with(), "sso_unavailable");
    assert_eq!(acme.app.anonymous().get(TEST).refused_with(), "sso_unavailable");
    acme.ann.headers = Vec::new();
    request_of(&acme.ann.get(TEST));
}

#[test]
fn the_time_of_the_last_successful_test_is_kept_beside_that_of_the_first() {
    let mut acme = Draft::new();
    let times = |acme: &mut Draft| ["tested_at", "last_tested_at"].map(|name| acme.shown()[name].clone());
    let test = |acme: &mut Draft, issuer: &str| {
        let digest = acme.shown()["settings_digest"].as_str().expect("a digest").to_owned();
        let request = request_of(&acme.open_from(&format!("{TEST}&settings={digest}"), "same-origin"));
        acme.respond(&request, issuer)
    };
    assert_eq!(times(&mut acme), [Value::Null, Value::Null]);
    let first = json!(acme.app.now().to_string());
    assert_eq!(test(&mut acme, "https://idp.test/metadata").status, 303);
    assert_eq!(times(&mut acme), [first.clone(), first.clone()]);
    acme.app.wait(3600);
    let refused = test(&mut acme, "https://evil.test/metadata");
    assert!(refused.location().starts_with("/login"), "{}", refused.location());
    assert_eq!(times(&mut acme), [first.clone(), first.clone()]);
    test(&mut acme, "https://idp.test/metadata");
    assert_eq!(times(&mut acme), [first, json!(acme.app.now().to_string())]);
    let mut moved = settings("acme_SSO");
    moved["idp_entity_id"] = json!("https://moved.test/metadata");
    assert_eq!(acme.ann.api("PUT", "/organisations/acme/sso", &moved).json()["status"], "draft");
    assert_eq!(times(&mut acme), [Value::Null, Value::Null]);
}

#[test]
fn a_test_link_works_only_for_the_settings_on_its_page() {
    let mut acme = Draft::new();
    let seen = acme.shown()["settings_digest"].as_str().expect("a digest").to_owned();
    let link = format!("{TEST}&settings={seen}");
    request_of(&acme.open_from(&link, "same-origin"));
    acme.save_provider("https://evil.test/metadata");
    let page = acme.open_from(&link, "same-origin");
    assert!(page.body.contains("were changed after you saw them"), "{}", page.body);
    assert!(page.body.contains("https://evil.test/metadata"), "{}", page.body);
    // The page of an e-mailed link is bound to its settings, too.
    let mailed = button(&acme.open_from(TEST, "none"));
    acme.save_provider("https://idp.test/metadata");
    assert!(acme.open_from(&mailed, "same-origin").body.contains("were changed after you saw them"));
    assert_eq!(acme.shown()["settings_digest"], json!(seen));
    request_of(&acme.open_from(&link, "same-origin"));
}

#[test]
fn a_test_of_changed_settings_is_neither_restarted_nor_confirmed() {
    let mut acme = Draft::new();
    let request = request_of(&acme.open_from(TEST, "same-origin"));
    acme.save_provider("https://evil.test/metadata");
    // The new provider responds to a request that was made before the change.
    let refused = acme.respond(&request, "https://evil.test/metadata");
    assert_eq!(refused.refused_with(), "sso_expired");
    assert_eq!(status(&mut acme.ann, &acme.org), "draft");
    let trace = acme.ann.read("/organisations/acme/sso/attempts").json();
    assert_eq!(trace["items"][0]["refusal"]["code"], "connection_changed");
    for again in ["/sso?key=acme_SSO&restart=1".to_owned(), format!("/sso?key=acme_SSO&late={}", &request.id[1..9])] {
        let page = acme.open_from(&again, "none");
        assert!(page.body.contains("were changed after you saw them"), "{again}: {} {}", page.status, page.body);
    }
    // With the settings that the admin saw, the test can restart and confirms them.
    let request = request_of(&acme.open_from(TEST, "same-origin"));
    let again = acme.open_from("/sso?key=acme_SSO&restart=1", "cross-site");
    request_of(&again);
    let tested = acme.respond(&request, "https://evil.test/metadata");
    assert_eq!(tested.status, 303, "{}", tested.body);
    assert_eq!(status(&mut acme.ann, &acme.org), "ready");
}

/// A response signed with the additional certificate would be accepted, so a test confirms only the certificates that
/// were shown.
#[test]
fn an_additional_certificate_needs_another_test() {
    let mut acme = Draft::new();
    let before = acme.shown()["settings_digest"].clone();
    let mut body = settings("acme_SSO");
    body["certificates"] = json!([KEY.certificate_pem(), crate::idp::OTHER_KEY.certificate_pem()]);
    acme.program.api("PUT", "/organisations/acme/sso", &body);
    assert_ne!(acme.shown()["settings_digest"], before);
    drop(connect(&acme.app, &acme.org, "ann@acme.test", "acme_SSO"));
}
