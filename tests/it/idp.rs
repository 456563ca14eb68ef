//! A test identity provider whose responses a test can change.

use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::sync::LazyLock;
use url::{Url, form_urlencoded};
use vestibule::saml::test_idp::{Minted, ReceivedRequest, Sign, SigningKey, idp_metadata, parse_authn_request};

pub static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa("Acme's identity provider"));
pub static OTHER_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::rsa("Somebody else"));
pub static EC_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::ec("Acme's new identity provider"));

pub const ENTITY_ID: &str = "https://idp.test/metadata";
pub const SIGN_ON_URL: &str = "https://idp.test/sso?idpid=C01";

/// The connection's settings, as an admin enters them.
pub fn settings(portal_key: &str) -> Value {
    json!({
        "provider": "custom", "portal_key": portal_key, "sign_on_url": SIGN_ON_URL, "idp_entity_id": ENTITY_ID,
        "certificates": [KEY.certificate_pem()],
    })
}

pub fn metadata() -> String {
    idp_metadata(ENTITY_ID, SIGN_ON_URL, &KEY.certificate_pem())
}

/// The SAML request in a redirect to the identity provider.
pub fn request_of(redirect: &Answer) -> ReceivedRequest {
    assert_eq!(redirect.status, 303, "{}", redirect.body);
    let url = Url::parse(redirect.location()).expect("a URL");
    assert_eq!(url.host_str(), Some("idp.test"), "{url}");
    let found = url.query_pairs().find(|(name, _)| name == "SAMLRequest").expect("a SAMLRequest");
    parse_authn_request(&found.1).expect("a request")
}

/// The RelayState in a redirect to the identity provider, if there is one.
pub fn relay_state_of(redirect: &Answer) -> Option<String> {
    let url = Url::parse(redirect.location()).expect("a URL");
    url.query_pairs().find(|(name, _)| name == "RelayState").map(|(_, value)| value.into_owned())
}

pub fn valid_response(app: &TestApp, request: &ReceivedRequest, email: &str) -> Minted {
    Minted::answer(request, ENTITY_ID, email, app.now())
}

/// Posts a response in this browser, as the identity provider's page would do.
pub fn deliver(browser: &mut Browser, acs_url: &str, xml: &str) -> Answer {
    let base64 = STANDARD.encode(xml);
    browser.cross_site_form(acs_url, &[("SAMLResponse", &base64), ("RelayState", "")])
}

/// Starts at the portal, sends the provider's response for `email`, and returns the callback's answer.
pub fn callback(app: &TestApp, browser: &mut Browser, start: &str, email: &str) -> Answer {
    let request = request_of(&browser.get(start));
    let xml = valid_response(app, &request, email).sign(&KEY, Sign::Assertion);
    deliver(browser, &request.acs_url, &xml)
}

/// A complete sign-in: portal, provider, callback, finish. Returns the last answer.
pub fn saml_sign_in(app: &TestApp, browser: &mut Browser, start: &str, email: &str) -> Answer {
    let answer = callback(app, browser, start, email);
    if answer.location().contains("/sso/finish") {
        let location = answer.location().to_owned();
        return browser.get(&location);
    }
    answer
}

/// The path of the callback, and the form of a response that takes long to verify, because it was changed after it was
/// signed.
pub fn large_response(app: &TestApp, start: &str, email: &str) -> (String, String) {
    let request = request_of(&app.anonymous().get(start));
    let value = "<saml:AttributeValue>";
    let signed = valid_response(app, &request, email).sign(&KEY, Sign::Assertion);
    let xml = signed.replacen(value, &format!("{}{value}", "<saml:AttributeValue/>".repeat(2500)), 1);
    let form =
        form_urlencoded::Serializer::new(String::new()).append_pair("SAMLResponse", &STANDARD.encode(xml)).finish();
    (Url::parse(&request.acs_url).expect("a URL").path().to_owned(), form)
}

/// Saves a connection and makes it ready, through the API.
pub fn connect(app: &TestApp, org: &Org, admin: &str, portal_key: &str) -> Browser {
    let mut browser = app.signed_in(admin);
    let saved = browser.api("PUT", &format!("/organisations/{}/sso", org.slug), &settings(portal_key));
    assert_eq!(saved.status, 200, "{}", saved.body);
    let tested = saml_sign_in(app, &mut browser, &format!("/sso?key={portal_key}&test=1"), admin);
    assert_eq!((tested.status, tested.location()), (303, "/"), "{}", tested.body);
    browser
}

pub fn status(browser: &mut Browser, org: &Org) -> String {
    let answer = browser.read(&format!("/organisations/{}/sso", org.slug));
    answer.json()["status"].as_str().expect("a status").to_owned()
}
