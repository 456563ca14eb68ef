//! Signed tokens for applications: makes keys, signs claims, and checks tokens. The only module that knows JOSE. Imports
//! only `domain`.

mod keys;

pub use keys::make_signing_key;

use crate::domain::signing_key::{Algorithm, PublicKey, SigningKey};
use crate::domain::{Error, Result};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode, errors};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Once;

/// Makes `jsonwebtoken` use OpenSSL.
fn with_openssl() {
    static INSTALLED: Once = Once::new();
    // It fails only if it was done before.
    INSTALLED.call_once(|| {
        let _ = jsonwebtoken_openssl::install_default();
    });
}

const fn named(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
    }
}

/// Signs claims. `kind`: the `typ` of the token, such as `JWT` or `logout+jwt`.
///
/// # Errors
/// `Internal` for a key that no longer signs.
pub fn signed(key: &SigningKey, kind: &str, claims: &impl Serialize) -> Result<String> {
    with_openssl();
    let header = Header { typ: Some(kind.into()), kid: Some(key.id.clone()), ..Header::new(named(key.algorithm)) };
    let private = match key.algorithm {
        Algorithm::Rs256 => EncodingKey::from_rsa_der(key.private.der()),
        Algorithm::Es256 => EncodingKey::from_ec_der(key.private.der()),
    };
    encode(&header, claims, &private).map_err(Error::internal)
}

/// The claims of a token of this kind that one of these keys signed, whether or not it has expired; `None` for any other
/// text. The key of a token is known by its `kid`, and has only one algorithm.
pub fn checked<'k>(keys: impl IntoIterator<Item = &'k SigningKey>, kind: &str, token: &str) -> Option<Value> {
    with_openssl();
    let header = decode_header(token).ok().filter(|header| header.typ.as_deref() == Some(kind))?;
    let id = header.kid?;
    let key = keys.into_iter().find(|key| key.id == id)?;
    let mut validation = Validation::new(named(key.algorithm));
    validation.required_spec_claims = HashSet::new();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    decode::<Value>(token, &public(&key.public).ok()?, &validation).ok().map(|read| read.claims)
}

fn public(key: &PublicKey) -> errors::Result<DecodingKey> {
    match key {
        PublicKey::Rsa { n, e } => DecodingKey::from_rsa_components(n, e),
        PublicKey::Ec { x, y, .. } => DecodingKey::from_ec_components(x, y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_795_510_800);

    fn part(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    #[test]
    fn a_token_is_accepted_only_unchanged_with_its_own_key_algorithm_and_kind() {
        let keys = Algorithm::ALL.map(|algorithm| make_signing_key(algorithm, NOW).expect("made"));
        let claims = json!({ "sub": "ann", "exp": 1 });
        for (key, other) in [(&keys[0], &keys[1]), (&keys[1], &keys[0])] {
            let token = signed(key, "JWT", &claims).expect("signed");
            assert_eq!(checked(&keys, "JWT", &token), Some(claims.clone()), "expired tokens are recognised too");
            assert_eq!(checked(&keys, "logout+jwt", &token), None, "another kind");
            assert_eq!(checked([other], "JWT", &token), None, "an unknown key");
            let parts: Vec<_> = token.split('.').collect();
            let with = |header: Value, claims: &str, signature: &str| format!("{}.{claims}.{signature}", part(&header));
            let id = &key.id;
            let own = json!({ "typ": "JWT", "alg": key.algorithm.as_str(), "kid": id });
            assert!(
                checked(&keys, "JWT", &with(own.clone(), parts[1], parts[2])).is_none(),
                "other bytes of the header"
            );
            for bad in [
                with(json!({ "typ": "JWT", "alg": "none", "kid": id }), parts[1], ""),
                with(json!({ "typ": "JWT", "alg": other.algorithm.as_str(), "kid": id }), parts[1], parts[2]),
                with(json!({ "typ": "JWT", "alg": "HS256", "kid": id }), parts[1], parts[2]),
                with(json!({ "typ": "JWT", "alg": key.algorithm.as_str(), "kid": other.id }), parts[1], parts[2]),
                with(json!({ "typ": "JWT", "alg": key.algorithm.as_str() }), parts[1], parts[2]),
                format!("{}.{}.{}", parts[0], part(&json!({ "sub": "ben" })), parts[2]),
                format!("{}.{}.", parts[0], parts[1]),
                format!("{}.{}", parts[0], parts[1]),
                String::new(),
                "é.é.é".into(),
            ] {
                assert_eq!(checked(&keys, "JWT", &bad), None, "{bad}");
            }
        }
        let mut retired = keys[0].clone();
        retired.private = crate::domain::own_keys::PrivateKey::new(Vec::new());
        assert!(signed(&retired, "JWT", &claims).is_err(), "a key without its private part signs nothing");
    }
}
