//! The options of our SAML requests, their signatures, and the requirements for responses that follow from them.

use crate::acme::Acme;
use crate::app::TestApp;
use crate::browser::Answer;
use crate::idp::{KEY, deliver, metadata, request_of, settings, status, valid_response};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::{hash::MessageDigest, sign::Verifier, x509::X509};
use serde_json::{Value, json};
use std::io::Read;
use url::Url;
use vestibule::saml::test_idp::{Minted, Sign};

impl Acme {
    fn save_with(&mut self, more: &Value) -> Answer {
        let mut body = settings("acme_SSO");
        body.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        self.save(&body)
    }

    fn options(&mut self) -> [Value; 3] {
        let shown = self.admin.read(&format!("/organisations/{}/sso", self.org.slug)).json();
        ["sign_requests", "force_authn", "name_id_format"].map(|name| shown[name].clone())
    }

    fn start(&self) -> Answer {
        self.app.anonymous().get("/sso?key=acme_SSO")
    }

    /// Whether the signature in a redirect is valid for the signing certificate that our metadata lists first.
    fn is_signed(&mut self, redirect: &Answer) -> bool {
        let url = Url::parse(redirect.location()).expect("a URL");
        let query = url.query().expect("a query");
        let Some((before, _)) = query.split_once("&Signature=") else { return false };
        let signed = &before[before.find("SAMLRequest=").expect("a request")..];
        let metadata = self.our_metadata();
        let (_, rest) = metadata.split_once("use=\"signing\"").expect("a key");
        let (_, rest) = rest.split_once("<ds:X509Certificate>").expect("a certificate");
        let der = STANDARD.decode(rest.split('<').next().expect("base64")).expect("base64");
        let key = X509::from_der(&der).expect("a certificate").public_key().expect("a key");
        let (_, signature) = url.query_pairs().find(|(name, _)| name == "Signature").expect("a signature");
        let signature = STANDARD.decode(signature.as_bytes()).expect("base64");
        let mut verifier = Verifier::new(MessageDigest::sha256(), &key).expect("a verifier");
        verifier.verify_oneshot(&signature, signed.as_bytes()).expect("verified")
    }
}

pub fn message(redirect: &Answer) -> String {
    let url = Url::parse(redirect.location()).expect("a URL");
    let (_, message) = url.query_pairs().find(|(name, _)| name == "SAMLRequest").expect("a request");
    let deflated = STANDARD.decode(message.as_bytes()).expect("base64");
    let mut xml = String::new();
    flate2::read::DeflateDecoder::new(deflated.as_slice()).read_to_string(&mut xml).expect("deflated");
    xml
}

#[test]
fn request_options_are_off_by_default_and_kept_by_a_save_without_them() {
    let mut acme = Acme::connected();
    assert_eq!(acme.options(), [json!(false), json!(false), json!("none")]);
    assert!(!acme.start().location().contains("Signature="));
    let saved = acme.save_with(&json!({ "sign_requests": true, "force_authn": true, "name_id_format": "persistent" }));
    assert_eq!(saved.status, 200, "{}", saved.body);
    let xml = message(&acme.start());
    assert!(xml.contains("ForceAuthn=\"true\"") && xml.contains("nameid-format:persistent"), "{xml}");
    assert_eq!(acme.save_with(&json!({})).status, 200);
    assert_eq!(acme.options(), [json!(true), json!(true), json!("persistent")]);
    acme.save_with(&json!({ "force_authn": false, "name_id_format": "none" }));
    assert_eq!(acme.options(), [json!(true), json!(false), json!("none")]);
    let refused = acme.save_with(&json!({ "name_id_format": "kerberos" }));
    assert_eq!((refused.status, refused.field().as_str()), (422, "name_id_format"));
}

#[test]
fn changing_request_options_keeps_the_connection_ready_with_a_warning() {
    let mut acme = Acme::connected();
    let saved = acme.save_with(&json!({ "name_id_format": "transient" })).json();
    assert!(saved["effect"]["warnings"].to_string().contains("test sign-in"), "{saved}");
    let org = acme.org.clone();
    assert_eq!(status(&mut acme.admin, &org), "ready");
    let same = acme.save_with(&json!({ "name_id_format": "transient" })).json();
    assert_eq!(same["effect"]["warnings"], json!([]));
}

#[test]
fn requests_are_signed_with_the_key_that_our_metadata_lists_first_even_during_a_rotation() {
    let mut acme = Acme::connected();
    assert!(acme.our_metadata().contains("AuthnRequestsSigned=\"false\""));
    acme.save_with(&json!({ "sign_requests": true }));
    assert!(acme.our_metadata().contains("AuthnRequestsSigned=\"true\""));
    // The sign-on URL already has a query, which the signature does not cover.
    let redirect = acme.start();
    assert!(redirect.location().contains("?idpid=C01&SAMLRequest="), "{}", redirect.location());
    assert!(acme.is_signed(&redirect));
    let path = format!("/organisations/{}/sso/own-keys", acme.org.slug);
    let old = acme.admin.read(&path).json()["items"][0]["id"].as_str().expect("an id").to_owned();
    acme.admin.api("POST", &path, &json!({}));
    let redirect = acme.start();
    assert!(acme.is_signed(&redirect));
    acme.admin.api("DELETE", &format!("{path}/{old}"), &json!({}));
    assert!(!acme.is_signed(&redirect), "the metadata does not contain the old key");
    let redirect = acme.start();
    assert!(acme.is_signed(&redirect));
}

#[test]
fn requests_are_signed_if_the_metadata_requires_it_unless_the_admin_disables_it() {
    let mut acme = Acme::connected();
    let requiring = metadata().replace("<md:IDPSSODescriptor", "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\"");
    let read = acme.admin.api(
        "POST",
        &format!("/organisations/{}/sso/metadata", acme.org.slug),
        &json!({ "metadata_xml": requiring }),
    );
    assert_eq!(read.json()["sign_requests"], true);
    let body = |xml: &str| json!({ "provider": "custom", "portal_key": "acme_SSO", "metadata_xml": xml });
    acme.save(&body(&metadata()));
    assert_eq!(acme.options()[0], false);
    acme.save(&body(&requiring));
    assert_eq!(acme.options()[0], true);
    acme.save(&body(&metadata()));
    assert_eq!(acme.options()[0], true, "metadata without this requirement does not change the option");
    let mut no = body(&requiring);
    no["sign_requests"] = json!(false);
    acme.save(&no);
    assert_eq!(acme.options()[0], false);
}

#[test]
fn a_metadata_key_without_a_use_counts_for_both_uses() {
    let mut acme = Acme::connected();
    let read = |acme: &mut Acme, xml: &str| {
        let path = format!("/organisations/{}/sso/metadata", acme.org.slug);
        acme.admin.api("POST", &path, &json!({ "metadata_xml": xml }))
    };
    let without = metadata().replace(" use=\"signing\"", "");
    assert_ne!(without, metadata());
    assert_eq!(read(&mut acme, &without).json()["certificates"].as_array().map(Vec::len), Some(1));
    assert_eq!(read(&mut acme, &metadata().replace("use=\"signing\"", "use=\"encryption\"")).status, 422);
}

/// Delivers Ann's response to a new request, after `change`; returns the code of the refusal, or `None` if she is
/// signed in.
fn refusal_code(acme: &mut Acme, change: impl FnOnce(&mut Minted, &TestApp)) -> Option<String> {
    let mut browser = acme.app.anonymous();
    let request = request_of(&browser.get("/sso?key=acme_SSO"));
    let mut minted = valid_response(&acme.app, &request, "ann@acme.test");
    change(&mut minted, &acme.app);
    let answer = deliver(&mut browser, &request.acs_url, &minted.sign(&KEY, Sign::Assertion));
    if answer.location().contains("/sso/finish") {
        return None;
    }
    let latest = acme.admin.read(&format!("/organisations/{}/sso/attempts?limit=1", acme.org.slug)).json();
    latest["items"][0]["refusal"]["code"].as_str().map(ToOwned::to_owned)
}

#[test]
fn an_old_authentication_is_refused_if_a_fresh_one_was_required() {
    let mut acme = Acme::connected();
    let hour_ago = |minted: &mut Minted, app: &TestApp| minted.authn_instant = app.now().plus(-3600).to_string();
    assert_eq!(refusal_code(&mut acme, hour_ago), None);
    acme.save_with(&json!({ "force_authn": true }));
    assert_eq!(refusal_code(&mut acme, |_, _| {}), None);
    assert_eq!(refusal_code(&mut acme, hour_ago).as_deref(), Some("stale_authentication"));
    let unreadable = |minted: &mut Minted, _: &TestApp| minted.authn_instant = "today".into();
    assert_eq!(refusal_code(&mut acme, unreadable).as_deref(), Some("stale_authentication"));
    let in_skew = |minted: &mut Minted, app: &TestApp| minted.authn_instant = app.now().plus(-80).to_string();
    assert_eq!(refusal_code(&mut acme, in_skew), None);
    let untold = |minted: &mut Minted, _: &TestApp| minted.authn_statement = false;
    assert_eq!(refusal_code(&mut acme, untold), None);
}

/// The name of a new person after their first sign-in with these attributes.
fn name_after_sign_in(acme: &mut Acme, name: &str, attributes: &[(&str, &[&str])]) -> String {
    let address = format!("{name}@acme.test");
    let path = format!("/workspaces/{}/invitations", acme.org.workspace);
    acme.admin.api("POST", &path, &json!({ "email": address, "role": "power_user" }));
    let mut browser = acme.app.anonymous();
    let request = request_of(&browser.get("/sso?key=acme_SSO"));
    let mut minted = valid_response(&acme.app, &request, &address);
    let values = |values: &[&str]| values.iter().map(ToString::to_string).collect();
    minted.attributes.extend(attributes.iter().map(|(name, all)| ((*name).to_owned(), values(all))));
    let answer = deliver(&mut browser, &request.acs_url, &minted.sign(&KEY, Sign::Assertion));
    browser.get(answer.location());
    browser.read("/me").json()["person"]["name"].as_str().expect("a name").to_owned()
}

#[test]
fn an_invited_persons_name_comes_from_the_attributes_or_else_from_the_address() {
    let mut acme = Acme::connected();
    assert_eq!(name_after_sign_in(&mut acme, "bert", &[("displayName", &["Bert Ångström"])]), "Bert Ångström");
    assert_eq!(
        name_after_sign_in(&mut acme, "carla", &[("givenName", &["Carla"]), ("sn", &["de la Cruz"])]),
        "Carla de la Cruz"
    );
    assert_eq!(name_after_sign_in(&mut acme, "dora", &[]), "dora");
    assert_eq!(name_after_sign_in(&mut acme, "emil", &[("displayName", &["<script>\u{202e}"])]), "emil");
    // A person who already has an account keeps their name.
    assert_eq!(name_after_sign_in(&mut acme, "bert", &[("displayName", &["Robert"])]), "Bert Ångström");
}

#[test]
fn repeated_attributes_and_several_values_are_joined() {
    let mut acme = Acme::connected();
    let joined = [("mail", &["ann@acme.test"] as &[&str]), ("EMAIL", &["Ann@Acme.test", "ann@acme.test"])];
    let same = |minted: &mut Minted, _: &TestApp| {
        let values = |values: &[&str]| values.iter().map(ToString::to_string).collect();
        minted.attributes.extend(joined.iter().map(|(name, all)| ((*name).to_owned(), values(all))));
    };
    assert_eq!(refusal_code(&mut acme, same), None);
    let another = |minted: &mut Minted, _: &TestApp| {
        minted.attributes.push(("email".into(), vec!["eve@acme.test".into()]));
    };
    assert_eq!(refusal_code(&mut acme, another).as_deref(), Some("several_emails"));
}
