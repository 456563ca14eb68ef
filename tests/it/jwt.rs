//! Reads tokens as an application does: with OpenSSL, and with nothing of the program but its published keys.

use crate::app::TestApp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sha::sha256;
use openssl::sign::Verifier;
use serde_json::Value;

/// A token whose signature was verified.
#[derive(Debug)]
pub struct Token {
    pub header: Value,
    pub claims: Value,
}

pub fn part(text: &str) -> Value {
    serde_json::from_slice(&bytes(text)).expect("JSON")
}

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap_or_else(|_| panic!("no base64url: {text}"))
}

/// The published keys.
pub fn published(app: &TestApp) -> Value {
    let answer = app.anonymous().get("/oauth2/jwks");
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// The ids of the published keys of an algorithm, in their order.
pub fn key_ids(keys: &Value, algorithm: &str) -> Vec<String> {
    let keys = keys["keys"].as_array().expect("keys").iter().filter(|key| key["alg"] == algorithm);
    keys.map(|key| key["kid"].as_str().expect("an id").to_owned()).collect()
}

/// Verifies a token with the published keys.
pub fn verified(app: &TestApp, token: &str) -> Token {
    verified_with(&published(app), token)
}

/// As `verified`, with keys that were read before.
pub fn verified_with(keys: &Value, token: &str) -> Token {
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("no token: {token}") };
    let (header_json, signature) = (part(header), bytes(signature));
    let all = keys["keys"].as_array().expect("keys");
    let key = all.iter().find(|key| key["kid"] == header_json["kid"]).expect("the key is published");
    assert_eq!((&key["alg"], &key["use"]), (&header_json["alg"], &Value::from("sig")));
    let number = |name: &str| BigNum::from_slice(&bytes(key[name].as_str().expect("a number"))).expect("a number");
    let message = format!("{header}.{claims}");
    let valid = match key["alg"].as_str() {
        Some("RS256") => {
            let key = Rsa::from_public_components(number("n"), number("e")).expect("a key");
            assert_eq!(key.size(), 256, "2048 bits");
            let key = PKey::from_rsa(key).expect("a key");
            let mut verifier = Verifier::new(MessageDigest::sha256(), &key).expect("a verifier");
            verifier.verify_oneshot(&signature, message.as_bytes()).expect("verified")
        }
        Some("ES256") => {
            assert_eq!((&key["kty"], &key["crv"]), (&Value::from("EC"), &Value::from("P-256")));
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a group");
            let key = EcKey::from_public_key_affine_coordinates(&group, &number("x"), &number("y")).expect("a key");
            let half = |bytes: &[u8]| BigNum::from_slice(bytes).expect("a number");
            let signature =
                EcdsaSig::from_private_components(half(&signature[..32]), half(&signature[32..])).expect("a signature");
            signature.verify(&sha256(message.as_bytes()), &key).expect("verified")
        }
        other => panic!("another algorithm: {other:?}"),
    };
    assert!(valid, "the signature of {token} is wrong");
    Token { header: header_json, claims: part(claims) }
}
