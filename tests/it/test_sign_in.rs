//! The admin's test sign-in: it confirms the provider that the admin saw, and no other.

use crate::acme::Acme;
use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{KEY, connect, deliver, honest, request_of, settings, status};
use serde_json::{Value, json};
use vestibule::saml::test_idp::{ReceivedRequest, Sign};

const TEST: &str = "/sso?key=acme_SSO&test=1";

struct Draft {
    app: TestApp,
    org: Org,
    ann: Browser,
    /// The holder of a key that may set single sign-on up.
    holder: Browser,
}

impl Draft {
    /// A draft of which its admin knows nothing yet.
    fn new() -> Self {
        let Acme { app, org, admin: mut ann } = Acme::on("enterprise");
        let made =
            ann.api("POST", "/organisations/acme/keys", &json!({ "name": "Terraform", "scopes": ["manage_sso"] }));
        let holder = app.program(made.json()["key"].as_str().expect("a key"));
        let mut acme = Self { app, org, ann, holder };
        acme.saves("https://idp.test/metadata");
        acme
    }

    /// The holder saves a provider with this entity ID.
    fn saves(&mut self, entity_id: &str) {
        let mut body = settings("acme_SSO");
        body["idp_entity_id"] = json!(entity_id);
        let saved = self.holder.api("PUT", "/organisations/acme/sso", &body);
        assert_eq!((saved.status, &saved.json()["status"]), (200, &json!("draft")), "{}", saved.body);
    }

    fn opens(&mut self, path: &str, site: &str) -> Answer {
        self.ann.headers = vec![("sec-fetch-site", site.into())];
        let answer = self.ann.get(path);
        self.ann.headers = vec![("sec-fetch-site", "same-origin".into())];
        answer
    }

    fn shown(&mut self) -> Value {
        self.ann.read("/organisations/acme/sso").json()
    }

    /// The provider with this entity ID names Ann.
    fn answers(&mut self, request: &ReceivedRequest, entity_id: &str) -> Answer {
        let mut minted = honest(&self.app, request, "ann@acme.test");
        minted.issuer = entity_id.into();
        let back = deliver(&mut self.ann, &request.acs_url, &minted.sign(&KEY, Sign::Both));
        let location = back.location().to_owned();
        if location.contains("/sso/finish") { self.ann.get(&location) } else { back }
    }
}

/// The address behind the button of the page that shows what would be tested.
fn button(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.location());
    let link = page.body.split("<a class=\"button primary\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    link.expect("a button").replace("&amp;", "&")
}

#[test]
fn a_link_in_a_mail_shows_whose_provider_it_would_test_before_it_does() {
    let mut acme = Draft::new();
    let page = acme.opens(&format!("{TEST}&return=/o/acme/sso"), "none");
    assert!(page.body.contains("https://idp.test/sso?idpid=C01") && page.body.contains("https://idp.test/metadata"));
    assert!(page.body.contains("admin of Acme"), "{}", page.body);
    assert!(!acme.ann.cookies.keys().any(|name| name.starts_with("vestibule_sso_")), "{:?}", acme.ann.cookies);
    // Whoever reads it and goes on has the test as before.
    let request = request_of(&acme.opens(&button(&page), "same-origin"));
    let tested = acme.answers(&request, "https://idp.test/metadata");
    assert_eq!((tested.status, tested.location()), (303, "/o/acme/sso"), "{}", tested.body);
    assert_eq!(status(&mut acme.ann, &acme.org), "ready");
    // A ready connection's test makes certificates count, and is shown in the same way.
    assert_eq!(acme.opens(TEST, "none").status, 200);
    // Other people, other sites and programs: as ever.
    assert_eq!(acme.opens(TEST, "cross-site").refused_with(), "sso_unavailable");
    assert_eq!(acme.app.anonymous().get(TEST).refused_with(), "sso_unavailable");
    acme.ann.headers = Vec::new();
    request_of(&acme.ann.get(TEST));
}

#[test]
fn a_test_link_tests_no_other_settings_than_those_on_its_page() {
    let mut acme = Draft::new();
    let seen = acme.shown()["settings_digest"].as_str().expect("a digest").to_owned();
    let link = format!("{TEST}&settings={seen}");
    request_of(&acme.opens(&link, "same-origin"));
    acme.saves("https://evil.test/metadata");
    let page = acme.opens(&link, "same-origin");
    assert!(page.body.contains("were changed after you saw them"), "{}", page.body);
    assert!(page.body.contains("https://evil.test/metadata"), "{}", page.body);
    // So does the page that a mailed link shows.
    let mailed = button(&acme.opens(TEST, "none"));
    acme.saves("https://idp.test/metadata");
    assert!(acme.opens(&mailed, "same-origin").body.contains("were changed after you saw them"));
    assert_eq!(acme.shown()["settings_digest"], json!(seen));
    request_of(&acme.opens(&link, "same-origin"));
}

#[test]
fn a_test_under_other_settings_neither_begins_again_nor_confirms_the_new_ones() {
    let mut acme = Draft::new();
    let request = request_of(&acme.opens(TEST, "same-origin"));
    acme.saves("https://evil.test/metadata");
    // The new provider answers the request of before the change.
    let refused = acme.answers(&request, "https://evil.test/metadata");
    assert_eq!(refused.refused_with(), "sso_expired");
    assert_eq!(status(&mut acme.ann, &acme.org), "draft");
    let trace = acme.ann.read("/organisations/acme/sso/attempts").json();
    assert_eq!(trace["items"][0]["refusal"]["code"], "connection_changed");
    for again in ["/sso?key=acme_SSO&restart=1".to_owned(), format!("/sso?key=acme_SSO&late={}", &request.id[1..9])] {
        let page = acme.opens(&again, "none");
        assert!(page.body.contains("were changed after you saw them"), "{again}: {} {}", page.status, page.body);
    }
    // Under the settings that she saw, it begins again and confirms them.
    let request = request_of(&acme.opens(TEST, "same-origin"));
    let again = acme.opens("/sso?key=acme_SSO&restart=1", "cross-site");
    request_of(&again);
    let tested = acme.answers(&request, "https://evil.test/metadata");
    assert_eq!(tested.status, 303, "{}", tested.body);
    assert_eq!(status(&mut acme.ann, &acme.org), "ready");
}

/// One certificate more is another provider's word: a test confirms only what was seen.
#[test]
fn another_certificate_is_another_test() {
    let mut acme = Draft::new();
    let before = acme.shown()["settings_digest"].clone();
    let mut body = settings("acme_SSO");
    body["certificates"] = json!([KEY.certificate_pem(), crate::idp::OTHER_KEY.certificate_pem()]);
    acme.holder.api("PUT", "/organisations/acme/sso", &body);
    assert_ne!(acme.shown()["settings_digest"], before);
    drop(connect(&acme.app, &acme.org, "ann@acme.test", "acme_SSO"));
}
