use super::*;
use crate::domain::oidc_client::GivenClient;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn client(kind: &str, uris: &[&str]) -> OidcClient {
    let redirect_uris = Some(uris.iter().map(ToString::to_string).collect());
    GivenClient { redirect_uris, client_type: Some(kind.into()), ..GivenClient::default() }.create().expect("usable")
}

fn read(changes: &[(&str, &str)]) -> Result<AuthorizationRequest, &'static str> {
    let usual = [
        ("client_id", "c"),
        ("redirect_uri", "https://x.test/cb"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    let pairs: Pairs = kept.chain(changes.iter().copied()).map(|(name, value)| (name.into(), value.into())).collect();
    let client = client("confidential", &["https://x.test/cb"]);
    let hint = |token: &str| (token == "ann's").then(|| "ann".to_owned());
    AuthorizationRequest::read(&pairs, &ApplicationId::random(), &client, hint).map_err(|error| error.code)
}

#[test]
fn a_request_is_read_and_each_fault_has_its_own_error() {
    let request =
        read(&[("scope", "offline_access email openid wiki"), ("state", "s"), ("max_age", "9")]).expect("usable");
    assert_eq!((&request.scope[..], request.max_age), ("openid email offline_access", Some(9)));
    assert!(!request.login && read(&[("max_age", "0")]).expect("usable").login);
    for (name, value, code) in [
        ("request", "eyJ", "request_not_supported"),
        ("request", "", "request_not_supported"),
        ("request_uri", "https://x.test/r", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
        ("response_type", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("response_type", "none", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "email", "invalid_scope"),
        ("scope", "", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "create", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("claims", "[]", "invalid_request"),
        ("claims", "{", "invalid_request"),
        ("claims", "{\"userinfo\": 1}", "invalid_request"),
        ("id_token_hint", "ben's", "invalid_request"),
    ] {
        assert_eq!(read(&[(name, value)]), Err(code), "{name}={value}");
    }
    assert_eq!(read(&[("unknown", "x"), ("display", "popup"), ("acr_values", "a b")]).map(|_| ()), Ok(()));
    assert_eq!(read(&[("x", "1"), ("x", "1")]), Err("invalid_request"), "a repeated parameter, even an unknown one");
    assert_eq!(read(&[("state", &"s".repeat(1601))]), Err("invalid_request"));
}

#[test]
fn claims_and_hints_name_the_wanted_person() {
    let json = r#"{"userinfo": {"name": {"essential": true}, "birthdate": null}, "id_token": {"email": null, "sub": {"value": "ann"},
        "acr": {"essential": true, "values": ["saml"]}}}"#;
    let wanted = read(&[("claims", json), ("id_token_hint", "ann's")]).expect("usable").claims;
    assert_eq!(
        (wanted.userinfo, wanted.id_token, wanted.sub),
        (vec!["name".into()], vec!["email".into()], Some("ann".into()))
    );
    assert_eq!(wanted.acr, ["saml"]);
    assert_eq!(read(&[("claims", &json.replace("ann", "ben")), ("id_token_hint", "ann's")]), Err("invalid_request"));
}

#[test]
fn redirect_uris_are_compared_byte_for_byte_and_only_loopback_ports_of_public_clients_are_free() {
    let web = client("confidential", &["https://x.test/cb?a=1", "http://127.0.0.1:8080/cb"]);
    for (uri, known) in [
        ("https://x.test/cb?a=1", true),
        ("http://127.0.0.1:8080/cb", true),
        ("https://x.test/cb?a=1&b", false),
        ("https://x.test/cb", false),
        ("https://X.test/cb?a=1", false),
        ("https://x.test:443/cb?a=1", false),
        ("https://x.test/a/..;/cb?a=1", false),
        ("https://x.test/%63b?a=1", false),
        ("https://x.test/cb?a=1#", false),
        ("http://127.0.0.1:8081/cb", false),
        ("", false),
    ] {
        assert_eq!(is_registered(&web, uri), known, "{uri}");
    }
    let native =
        client("public", &["http://127.0.0.1/cb", "http://[::1]:1/cb", "http://localhost:3000/", "https://x.test/cb"]);
    for (uri, known) in [
        ("http://127.0.0.1:49152/cb", true),
        ("http://127.0.0.1/cb", true),
        ("http://[::1]:2/cb", true),
        ("http://[::1]/cb", true),
        ("http://localhost:4000/", true),
        ("http://127.0.0.1:49152/cb2", false),
        ("http://127.0.0.1:49152/cb?x", false),
        ("http://127.0.0.1:99999/cb", false),
        ("http://127.0.0.1:+80/cb", false),
        ("http://127.0.0.1:/cb", false),
        ("http://127.0.0.1:80@evil.test/cb", false),
        ("http://127.0.0.1.evil.test:80/cb", false),
        ("http://localhost:80/cb", false),
        ("https://127.0.0.1:80/cb", false),
        ("https://x.test:8443/cb", false),
    ] {
        assert_eq!(is_registered(&native, uri), known, "{uri}");
    }
}

#[test]
fn a_verifier_must_fit_its_challenge() {
    assert!(is_verified(Some(CHALLENGE), Some(VERIFIER)) && is_verified(None, None));
    for (challenge, verifier) in [
        (Some(CHALLENGE), None),
        (Some(CHALLENGE), Some("")),
        (Some(CHALLENGE), Some(&VERIFIER[1..])),
        (Some(VERIFIER), Some(VERIFIER)),
        (None, Some(VERIFIER)),
    ] {
        assert!(!is_verified(challenge, verifier), "{challenge:?} {verifier:?}");
    }
}

#[test]
fn parameters_are_added_and_the_own_ones_of_the_address_stay() {
    let pairs = [("code", "a b"), ("state", "&=")];
    for (uri, expected) in [
        ("https://x.test/cb", "https://x.test/cb?code=a+b&state=%26%3D"),
        ("https://x.test/cb?", "https://x.test/cb?code=a+b&state=%26%3D"),
        ("https://x.test/cb?a=%2f", "https://x.test/cb?a=%2f&code=a+b&state=%26%3D"),
    ] {
        assert_eq!(with_parameters(uri, &pairs), expected);
    }
}
