//! Our own SAML keys: created when first needed, rotated with two generations published, and never shown except for
//! their certificates.

use crate::acme::Acme;
use crate::browser::Answer;
use crate::idp::{KEY, connect, deliver, request_of, settings, valid_response};
use serde_json::{Value, json};
use std::time::Duration;
use vestibule::saml::test_idp::{Encryption, Sign};

impl Acme {
    fn path(&self) -> String {
        format!("/organisations/{}/sso/own-keys", self.org.slug)
    }

    fn keys(&mut self) -> Vec<Value> {
        let path = self.path();
        self.admin.read(&path).json()["items"].as_array().expect("a list").clone()
    }

    fn rotate(&mut self) -> Answer {
        let path = self.path();
        self.admin.api("POST", &path, &json!({}))
    }

    fn retire(&mut self, keys: &Value) -> Answer {
        let path = format!("{}/{}", self.path(), keys["id"].as_str().expect("an id"));
        self.admin.api("DELETE", &path, &json!({}))
    }
}

/// The base64 of a certificate in one line, as in metadata.
fn base64_of(certificate: &Value) -> String {
    certificate["pem"].as_str().expect("PEM").lines().filter(|line| !line.contains("-----")).collect()
}

/// The position of a certificate in the metadata, within a key descriptor for this use.
fn position(metadata: &str, purpose: &str, certificate: &Value) -> Option<usize> {
    metadata.find(&format!(
        "<md:KeyDescriptor use=\"{purpose}\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate>",
        base64_of(certificate)
    ))
}

#[test]
fn keys_are_created_when_first_needed_and_kept() {
    let mut acme = Acme::on("enterprise");
    let metadata = acme.our_metadata();
    let keys = acme.keys();
    assert_eq!((keys.len(), keys[0]["signs"].as_bool()), (1, Some(true)));
    assert!(position(&metadata, "signing", &keys[0]["signing"]).is_some());
    assert!(position(&metadata, "encryption", &keys[0]["encryption"]).is_some());
    assert_eq!(acme.our_metadata(), metadata);
}

#[test]
fn concurrent_requests_wait_for_the_same_new_keys() {
    let mut acme = Acme::on("enterprise");
    let entity_id = acme.admin.read("/organisations/acme/sso").json()["entity_id"].as_str().expect("a URL").to_owned();
    let place = acme.app.app.key_making.enter("").expect("free");
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let (mut browser, url) = (acme.app.anonymous(), entity_id.clone());
            std::thread::spawn(move || browser.get(&url))
        })
        .collect();
    std::thread::sleep(Duration::from_millis(700));
    assert!(waiting.iter().all(|one| !one.is_finished()), "all requests wait while another one creates keys");
    drop(place);
    let served: Vec<_> = waiting.into_iter().map(|one| one.join().expect("an answer")).collect();
    assert!(served.iter().all(|one| one.status == 200 && one.body == served[0].body));
    assert_eq!(acme.rotate().status, 201);
    let place = acme.app.app.key_making.enter("").expect("free");
    assert_eq!(acme.rotate().code(), "keys_rotating", "refused before keys are created");
    let newer = acme.keys()[1].clone();
    assert_eq!(acme.retire(&newer).status, 204);
    assert_eq!((acme.rotate().status, acme.rotate().code().as_str()), (503, "busy"));
    drop(place);
    assert_eq!(acme.rotate().status, 201);
}

#[test]
fn keys_of_a_connection_with_signed_requests_are_created_when_it_is_saved() {
    let mut acme = Acme::on("enterprise");
    let keys = |acme: &Acme| {
        let id = acme.org.id.clone();
        acme.app.app.store.read(|db| db.find_keyring(&id)).expect("read")
    };
    let mut settings = settings("acme_SSO");
    settings["sign_requests"] = json!(true);
    assert_eq!(acme.admin.api("PUT", "/organisations/acme/sso?dry_run=true", &settings).status, 200);
    assert!(keys(&acme).is_none());
    assert_eq!(acme.admin.api("PUT", "/organisations/acme/sso", &settings).status, 200);
    assert!(keys(&acme).is_some(), "the keys are created by the save, and not by a request without a session");
}

#[test]
fn metadata_lists_only_gcm_and_oaep_as_encryption_methods() {
    let metadata = Acme::on("enterprise").our_metadata();
    for asked in ["xmlenc11#aes128-gcm", "xmlenc11#aes256-gcm", "rsa-oaep-mgf1p"] {
        assert!(metadata.contains(asked), "{asked}");
    }
    assert!(!metadata.contains("-cbc\"") && !metadata.contains("rsa-1_5"));
}

#[test]
fn each_organisation_has_its_own_keys() {
    let mut acme = Acme::on("enterprise");
    let globex = acme.app.org("Globex", "enterprise");
    let other = acme.app.operator().read(&format!("/organisations/{}/sso/own-keys", globex.slug)).json();
    assert_ne!(other["items"][0]["signing"]["pem"], acme.keys()[0]["signing"]["pem"]);
}

#[test]
fn after_a_rotation_both_generations_are_published_and_the_older_one_signs() {
    let mut acme = Acme::on("enterprise");
    let old = acme.keys().remove(0);
    let made = acme.rotate();
    assert_eq!(made.status, 201, "{}", made.body);
    let new = made.json();
    let signs: Vec<_> = acme.keys().iter().map(|keys| keys["signs"].as_bool()).collect();
    assert_eq!(signs, [Some(true), Some(false)]);
    let metadata = acme.our_metadata();
    // The signing certificate in use is listed first; for encryption, the newer certificate is.
    assert!(position(&metadata, "signing", &old["signing"]) < position(&metadata, "signing", &new["signing"]));
    assert!(position(&metadata, "signing", &old["signing"]).is_some());
    assert!(
        position(&metadata, "encryption", &new["encryption"]) < position(&metadata, "encryption", &old["encryption"])
    );
    assert!(position(&metadata, "encryption", &new["encryption"]).is_some());

    assert_eq!(acme.rotate().code(), "keys_rotating");
    assert_eq!(acme.retire(&old).status, 204);
    let metadata = acme.our_metadata();
    assert!(position(&metadata, "signing", &old["signing"]).is_none());
    assert_eq!(acme.keys()[0]["signs"], true);
    assert_eq!(acme.retire(&new).code(), "last_keys");
    assert_eq!(acme.retire(&old).status, 404);
}

#[test]
fn retiring_the_newer_generation_undoes_a_rotation() {
    let mut acme = Acme::on("enterprise");
    let old = acme.keys().remove(0);
    let new = acme.rotate().json();
    assert_eq!(acme.retire(&new).status, 204);
    assert_eq!(acme.keys(), [old]);
}

#[test]
fn only_admins_see_and_rotate_keys_and_each_step_is_in_the_audit_log() {
    let mut acme = Acme::on("enterprise");
    acme.app.member(&acme.org, "bob@acme.test");
    let path = acme.path();
    let mut bob = acme.app.signed_in("bob@acme.test");
    assert_eq!(bob.read(&path).status, 403);
    assert_eq!(bob.api("POST", &path, &json!({})).status, 403);
    let new = acme.rotate().json();
    acme.retire(&new);
    let log = acme.admin.read(&format!("/organisations/{}/audit", acme.org.slug)).json();
    let actions: Vec<_> = log["items"].as_array().expect("a list").iter().map(|line| line["action"].clone()).collect();
    assert_eq!(actions[..2], [json!("connection.keys_retired"), json!("connection.keys_rotated")]);
    acme.app.operator().api("PUT", &format!("/organisations/{}/plan", acme.org.slug), &json!({ "plan": "business" }));
    assert_eq!(acme.rotate().code(), "plan_required");
    assert_eq!(acme.keys().len(), 1);
}

#[test]
fn no_private_key_is_in_any_answer() {
    let mut acme = Acme::on("enterprise");
    let path = acme.path();
    let answers = [acme.rotate().body, acme.admin.read(&path).body, acme.our_metadata()];
    let keyring = acme.app.app.store.read(|db| db.keyring(&acme.org.id)).expect("keys");
    for keys in keyring.generations() {
        for pair in [&keys.signing, &keys.encryption] {
            // The end of the private key contains its secret primes.
            let der = pair.key.der();
            let secret = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &der[der.len() - 300..]);
            for answer in &answers {
                assert!(!answer.contains(&secret[8..60]) && !answer.contains("PRIVATE KEY"));
            }
        }
    }
}

/// Signs in as Ann through a provider that encrypts with this certificate; returns the callback's answer.
fn encrypted_sign_in(acme: &Acme, certificate: &Value) -> Answer {
    let mut browser = acme.app.anonymous();
    let request = request_of(&browser.get("/sso?key=acme_SSO"));
    let how = Encryption::gcm(certificate["pem"].as_str().expect("PEM"));
    let xml = valid_response(&acme.app, &request, "ann@acme.test").sign_and_encrypt(&KEY, Sign::Assertion, &how);
    let answer = deliver(&mut browser, &request.acs_url, &xml);
    if answer.location().contains("/sso/finish") {
        let finished = browser.get(answer.location());
        assert_eq!((finished.status, finished.location()), (303, "/"), "{}", finished.body);
        assert!(browser.has_session());
    }
    answer
}

#[test]
fn responses_encrypted_for_either_generation_are_accepted_until_it_is_retired() {
    let mut acme = Acme::on("enterprise");
    connect(&acme.app, &acme.org, "ann@acme.test", "acme_SSO");
    let old = acme.keys().remove(0);
    assert!(old["last_decrypted_at"].is_null());
    assert!(encrypted_sign_in(&acme, &old["encryption"]).location().contains("/sso/finish"));
    let new = acme.rotate().json();
    for keys in [&old, &new] {
        acme.app.wait(60);
        assert!(encrypted_sign_in(&acme, &keys["encryption"]).location().contains("/sso/finish"));
    }
    let now = acme.app.now();
    let used: Vec<_> = acme.keys().iter().map(|keys| keys["last_decrypted_at"].clone()).collect();
    assert_eq!(used, [json!(now.plus(-60)), json!(now)]);
    assert_eq!(acme.retire(&old).status, 204);
    let refused = encrypted_sign_in(&acme, &old["encryption"]);
    assert!(refused.location().contains("error=sso_not_verified"), "{}", refused.location());
    let latest = acme.admin.read(&format!("/organisations/{}/sso/attempts?limit=1", acme.org.slug)).json();
    assert_eq!(latest["items"][0]["refusal"]["code"], "decryption");
    assert!(encrypted_sign_in(&acme, &new["encryption"]).location().contains("/sso/finish"));
}
