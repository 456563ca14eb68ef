//! Attacks on OpenID Connect that were tried by hand, each with what must not happen.

use crate::app::PASSWORD;
use crate::browser::{Answer, Browser};
use crate::oidc::{AFTER_LOGOUT, Client, PAT, REDIRECT, VERIFIER, World, challenge, oauth_error, sign_in_page};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Barrier;
use url::form_urlencoded::Serializer;
use vestibule::actions::oidc::client::Proof;
use vestibule::actions::oidc::tokens::{self, Given};
use vestibule::app::App;
use vestibule::domain::oidc_client::TokenAuth;

const EVES_VERIFIER: &str = "eve-eve-eve-eve-eve-eve-eve-eve-eve-eve-eve-eve";

fn proof(client: &Client) -> Proof {
    Proof { id: client.id.clone(), secret: client.secret.clone(), method: TokenAuth::ClientSecretBasic }
}

/// Presents the same thing in several processes at once, in several threads of each; the tokens of those who get some.
fn present_at_once(apps: &[&App], client: &Client, given: &Given) -> Vec<tokens::Tokens> {
    const THREADS: usize = 4;
    let barrier = Barrier::new(apps.len() * THREADS);
    std::thread::scope(|threads| {
        let all: Vec<_> = apps.iter().flat_map(|app| std::iter::repeat_n(*app, THREADS)).collect();
        let running: Vec<_> = all
            .into_iter()
            .map(|app| {
                let barrier = &barrier;
                threads.spawn(move || {
                    barrier.wait();
                    tokens::redeem(app, &proof(client), given.clone(), "127.0.0.1").expect("the database works").ok()
                })
            })
            .collect();
        running.into_iter().filter_map(|thread| thread.join().expect("no panic")).collect()
    })
}

#[test]
fn a_code_or_refresh_token_that_two_processes_get_at_once_works_once_and_then_nothing_of_it_works() {
    let world = World::new();
    let mut pat = world.pat();
    let beside = App::open_beside(world.app.data.path(), Some(world.issuer())).expect("opens");
    let apps = [&**world.app.app, &beside];
    // The keys are made by the first request.
    world.tokens(&mut pat, "openid");
    for kind in ["code", "refresh token"] {
        let code = world.client.code(&mut pat, &[("scope", "openid offline_access")]);
        let given = if kind == "code" {
            Given::Code { code, redirect_uri: REDIRECT.into(), verifier: Some(VERIFIER.into()) }
        } else {
            let token = world.client.redeem(&code).json()["refresh_token"].as_str().expect("a token").to_owned();
            Given::Refresh { token, scope: None }
        };
        let won = present_at_once(&apps, &world.client, &given);
        assert_eq!(won.len(), 1, "{kind}");
        assert_eq!(world.userinfo(&won[0].access_token).status, 401, "{kind}: the second use ended it");
        let next = json!(won[0].refresh_token);
        assert_eq!(oauth_error(&world.client.refresh(&next)).1, "invalid_grant", "{kind}");
    }
}

#[test]
fn a_code_that_is_put_into_another_browser_or_client_gives_no_tokens() {
    let mut world = World::new();
    let other = world.add(&json!({ "name": "Other" }));
    let native = world.add(&json!({ "client_type": "public", "name": "Native" }));
    let lax = world.add(&json!({ "pkce_optional": true, "name": "Lax" }));
    let (mut pat, mut eve) = (world.pat(), world.app.signed_in("ann@acme.test"));
    let eves = URL_SAFE_NO_PAD.encode(Sha256::digest(EVES_VERIFIER));
    // Eve's code in the sign-in of Pat's browser, which has another verifier; and the other way round.
    for client in [&world.client, &native, &lax] {
        let code = client.code(&mut eve, &[("code_challenge", &eves)]);
        assert_eq!(oauth_error(&client.redeem(&code)).1, "invalid_grant");
        let code = client.code(&mut pat, &[]);
        let stolen = client.redeem_with(&[("code", &code), ("code_verifier", EVES_VERIFIER)]);
        assert_eq!(oauth_error(&stolen).1, "invalid_grant");
        // Downgrades: no verifier, an empty one, and the challenge in its place.
        for verifier in ["", &challenge(), &VERIFIER[..42], &format!("{VERIFIER}="), &VERIFIER.to_lowercase()] {
            let changed = client.redeem_with(&[("code", &code), ("code_verifier", verifier)]);
            assert_eq!(oauth_error(&changed).1, "invalid_grant", "{verifier}");
        }
        // The code of another client, also with both clients named.
        for thief in [&other, &native, &world.client, &lax] {
            if thief.id != client.id {
                assert_eq!(oauth_error(&thief.redeem(&code)).1, "invalid_grant");
            }
        }
        assert_eq!(client.redeem(&code).status, 200, "its own client still redeems it");
    }
    let code = world.client.code(&mut pat, &[]);
    let both = other.redeem_with(&[("code", &code), ("client_id", &world.client.id)]);
    assert_eq!(oauth_error(&both), (400, "invalid_request".into()), "two clients in one request");
    // A request without a challenge, or with one that is not S256.
    for changes in [
        [("code_challenge", ""), ("code_challenge_method", "")],
        [("code_challenge", ""), ("code_challenge_method", "S256")],
        [("code_challenge", VERIFIER), ("code_challenge_method", "plain")],
        [("code_challenge", VERIFIER), ("code_challenge_method", "")],
        [("code_challenge", &eves), ("code_challenge_method", "s256")],
        [("code_challenge", &eves), ("code_challenge_method", "S512")],
    ] {
        for client in [&world.client, &native] {
            assert_eq!(client.error(&mut pat, &changes), "invalid_request", "{changes:?}");
        }
    }
    let without = lax.code(&mut pat, &[("code_challenge", ""), ("code_challenge_method", "")]);
    assert_eq!(oauth_error(&lax.redeem(&without)).1, "invalid_grant", "a verifier without a challenge");
    assert_eq!(lax.redeem_with(&[("code", &without), ("code_verifier", "")]).status, 200);
}

#[test]
fn requests_without_pkce_end_when_it_becomes_mandatory() {
    let mut world = World::new();
    let lax = world.add(&json!({ "pkce_optional": true }));
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    let mut waiting = world.app.anonymous();
    let (_, back) = sign_in_page(&waiting.get(&lax.authorize(&none)));
    let code = lax.code(&mut world.pat(), &none);
    let strict = json!({ "pkce_optional": false });
    assert_eq!(world.ann.api("PATCH", &format!("/applications/{}", lax.id), &strict).status, 200);
    let late = lax.redeem_with(&[("code", &code), ("code_verifier", "")]);
    assert_eq!(oauth_error(&late), (400, "invalid_grant".into()));
    waiting.form("/login", &[("email", PAT), ("password", PASSWORD), ("return", &back)]);
    let refused = waiting.get(&back);
    assert_eq!((refused.status, refused.code()), (400, "state_lost".into()));
}

#[test]
fn every_answer_names_the_issuer_and_no_header_changes_it() {
    let world = World::new();
    let issuer = world.issuer();
    let spoofed = [
        ("host", "evil.test"),
        ("host", "evil.test:80"),
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "gopher"),
        ("x-forwarded-port", "1"),
        ("x-forwarded-prefix", "//evil.test"),
        ("x-original-url", "/oauth2/authorize"),
        ("forwarded", "host=evil.test"),
    ];
    for (name, value) in spoofed {
        let mut program = world.app.anonymous();
        program.headers = vec![(name, value.to_owned())];
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            let answer = program.get(path);
            assert!(answer.status == 200 && !answer.body.contains("evil.test"), "{name}: {}", answer.body);
            assert_eq!(answer.json()["issuer"], issuer, "{name}: {value}");
        }
        let mut pat = world.pat();
        pat.headers.push((name, value.to_owned()));
        for changes in [&[][..], &[("prompt", "none"), ("max_age", "0")], &[("response_type", "token")]] {
            let answer = pat.get(&world.client.authorize(changes));
            assert_eq!(world.client.returned(&answer)["iss"], issuer, "{name}: {value} {changes:?}");
        }
        let asked = program.get(&world.client.authorize(&[]));
        assert!(asked.location().starts_with("/login?"), "{name}: {}", asked.location());
    }
}

#[test]
fn prompt_max_age_and_hints_cannot_be_played_against_each_other() {
    let world = World::new();
    let (mut pat, mut ann) = (world.pat(), world.app.signed_in("ann@acme.test"));
    let hint = world.tokens(&mut pat, "openid")["id_token"].as_str().expect("a token").to_owned();
    let sub = world.app.user(PAT).to_string();
    world.app.pass(10);
    let wants = |value: &str| json!({ "id_token": { "sub": { "value": value } } }).to_string();
    // Silent requests are answered with an error wherever a page would be needed.
    for (changes, error) in [
        (vec![("max_age", "9")], "login_required"),
        (vec![("max_age", "0")], "login_required"),
        (vec![("id_token_hint", &hint[..])], "login_required"),
        (vec![("claims", &wants(&sub))], "login_required"),
        (vec![("id_token_hint", &hint), ("claims", &wants("x"))], "invalid_request"),
        (vec![("id_token_hint", "x")], "invalid_request"),
        (vec![("max_age", "-1")], "invalid_request"),
        (vec![("max_age", "+5")], "invalid_request"),
        (vec![("max_age", "1e9")], "invalid_request"),
        (vec![("max_age", "99999999999999999999")], "invalid_request"),
    ] {
        let all = [&changes[..], &[("prompt", "none")]].concat();
        let mut browser = ann.clone();
        assert_eq!(world.client.error(&mut browser, &all), error, "{changes:?}");
    }
    // A wish for a person, or for a way of signing in, that is malformed is not taken for no wish.
    let claims = |part: Value| json!({ "id_token": part }).to_string();
    let two = json!({ "id_token": { "sub": { "value": "x" } }, "userinfo": { "sub": { "value": sub } } });
    for (malformed, error) in [
        (claims(json!({ "sub": { "values": [sub] } })), "login_required"),
        (claims(json!({ "sub": { "values": [sub, "x"] } })), "invalid_request"),
        (claims(json!({ "sub": { "value": [sub] } })), "invalid_request"),
        (claims(json!({ "sub": { "values": [] } })), "invalid_request"),
        (claims(json!({ "sub": sub })), "invalid_request"),
        (two.to_string(), "invalid_request"),
        (json!({ "userinfo": { "sub": { "value": sub } } }).to_string(), "login_required"),
        (claims(json!({ "acr": { "essential": true, "values": [1] } })), "invalid_request"),
        (claims(json!({ "acr": { "essential": true, "value": null } })), "invalid_request"),
        (claims(json!({ "acr": { "essential": true, "values": ["saml"] } })), "unmet_authentication_requirements"),
        (format!("{}1{}", "[".repeat(100), "]".repeat(100)), "invalid_request"),
        (format!("{{\"id_token\":{}1{}}}", "[".repeat(1000), "]".repeat(1000)), "invalid_request"),
    ] {
        let all = [("claims", &malformed[..]), ("prompt", "none")];
        assert_eq!(world.client.error(&mut ann, &all), error, "{malformed}");
    }
    for prompt in
        ["none login", "login none", "none none login", "NONE", "Login", "login,none", "none\tlogin", "create"]
    {
        assert_eq!(world.client.error(&mut ann, &[("prompt", prompt)]), "invalid_request", "{prompt}");
    }
    // A hint for Pat, whoever signs in: nobody else's identity comes back.
    let asked = ann.get(&world.client.authorize(&[("id_token_hint", &hint)]));
    let (_, back) = sign_in_page(&asked);
    ann.form("/login", &[("email", "ann@acme.test"), ("password", PASSWORD), ("return", &back)]);
    let mut answer = ann.get(&back);
    if answer.location().starts_with("/login") {
        let (_, again) = sign_in_page(&answer);
        ann.form("/login", &[("email", PAT), ("password", PASSWORD), ("return", &again)]);
        answer = ann.get(&again);
        let claims = world.verified(&world.client.redeem(&world.client.code_in(&answer)).json()).claims;
        assert_eq!(claims["sub"], sub);
    } else {
        assert_eq!(world.client.returned(&answer)["error"], "login_required");
    }
    // A hint with another key, none, or of another client is none.
    let parts: Vec<_> = hint.split('.').collect();
    let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#), parts[1]);
    let symmetric = format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#), parts[1], parts[2]);
    for bad in [&unsigned, &symmetric, &format!("{hint}x"), &format!("{hint}.{}", parts[2])] {
        assert_eq!(world.client.error(&mut pat, &[("id_token_hint", bad)]), "invalid_request");
    }
}

/// A request for logout of Pat's browser, and where it leads in the end, after a confirmation if it asks.
fn landing_after_logout(pat: &mut Browser, parameters: &[(&str, &str)]) -> Option<String> {
    let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
    let mut answer = pat.get(&format!("/oauth2/logout?{query}"));
    if answer.status == 200 && answer.body.contains("name=\"logout\"") {
        let sealed = answer.body.split("name=\"logout\" value=\"").nth(1).expect("a value").split('"').next();
        answer = pat.form("/auth/sign-out", &[("logout", sealed.expect("a value"))]);
    }
    answer.headers.get("location").cloned()
}

#[test]
fn a_logout_leads_only_to_an_address_that_the_client_itself_has_registered() {
    let mut world = World::new();
    let theirs = "https://other.acme.test/bye";
    let other = world.add(&json!({ "name": "Other", "post_logout_redirect_uris": [theirs] }));
    for uri in [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "https://wiki.acme.test/bye/",
        "https://wiki.acme.test/bye?",
        "https://wiki.acme.test/bye#",
        "https://wiki.acme.test/bye/../x",
        "https://wiki.acme.test/%62ye",
        "https://wiki.acme.test./bye",
        "https://wiki.acme.test:443/bye",
        "https://WIKI.acme.test/bye",
        "HTTPS://wiki.acme.test/bye",
        "https://wiki.acme.test.evil.test/bye",
        "https://evil.test@wiki.acme.test/bye",
        "https://wiki.acme.test@evil.test/bye",
        "https://wiki.acme.test\\@evil.test/bye",
        " https://wiki.acme.test/bye",
        "https://wiki.acme.test/bye\r\nLocation: https://evil.test/",
        "javascript:alert(1)",
        theirs,
        REDIRECT,
    ] {
        let mut pat = world.pat();
        let hint = world.tokens(&mut pat, "openid")["id_token"].as_str().expect("a token").to_owned();
        for request in [
            vec![("id_token_hint", &hint[..])],
            vec![("client_id", &world.client.id[..])],
            vec![("id_token_hint", &hint), ("client_id", &other.id)],
            vec![],
        ] {
            let all = [&request[..], &[("post_logout_redirect_uri", uri)]].concat();
            let landing = landing_after_logout(&mut pat, &all);
            assert_eq!(landing, None, "{uri} {request:?}");
        }
    }
    // The state cannot add a header or another parameter.
    let mut pat = world.pat();
    let hint = world.tokens(&mut pat, "openid")["id_token"].as_str().expect("a token").to_owned();
    let request = [
        ("id_token_hint", &hint[..]),
        ("post_logout_redirect_uri", AFTER_LOGOUT),
        ("state", "a&b=c#\r\nSet-Cookie: x=y"),
    ];
    let landing = landing_after_logout(&mut pat, &request).expect("it leads back");
    assert_eq!(landing, format!("{AFTER_LOGOUT}?state=a%26b%3Dc%23%0D%0ASet-Cookie%3A+x%3Dy"));
}

#[test]
fn other_methods_and_overrides_change_nothing_and_give_nothing() {
    let world = World::new();
    let mut pat = world.pat();
    let authorize = world.client.authorize(&[]);
    let is_nothing = |answer: &Answer, what: &str| {
        assert!(!answer.headers.contains_key("location"), "{what}: {}", answer.location());
        assert!(answer.set_cookies.is_empty(), "{what}");
        assert!(!answer.body.contains("code="), "{what}");
    };
    for method in ["HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH"] {
        for path in
            [&authorize[..], "/oauth2/logout", "/oauth2/logout?ask=", "/auth/continue?request=00000000", "/logout"]
        {
            is_nothing(&pat.send(method, path, "", Vec::new()), &format!("{method} {path}"));
        }
        for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
            let status = pat.send(method, path, "", Vec::new()).status;
            assert!(status == 405 || (method == "OPTIONS" && status == 204), "{method} {path}: {status}");
        }
    }
    let before = pat.headers.clone();
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        for (method, path, other) in
            [("GET", "/logout", "POST"), ("GET", "/auth/sign-out", "POST"), ("POST", "/api/v1/me", "DELETE")]
        {
            pat.headers.push((name, other.to_owned()));
            pat.send(method, path, "application/json", Vec::new());
            pat.headers.clone_from(&before);
        }
    }
    assert_eq!(pat.read("/me").status, 200, "nobody was signed out");
}

#[test]
fn secrets_and_tokens_in_an_address_are_not_read() {
    let world = World::new();
    let mut pat = world.pat();
    let code = world.client.code(&mut pat, &[]);
    let mut program = world.app.anonymous();
    program.headers = Vec::new();
    let credentials = Serializer::new(String::new())
        .extend_pairs([("client_id", &world.client.id), ("client_secret", &world.client.secret)])
        .finish();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code[..]),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let refused = program.form(&format!("/oauth2/token?{credentials}"), &fields);
    assert_eq!(oauth_error(&refused), (401, "invalid_client".into()));
    let in_address = Serializer::new(String::new()).extend_pairs(fields).finish();
    assert_eq!(
        oauth_error(&world.client.post(&format!("/oauth2/token?{in_address}"), &[])),
        (400, "invalid_request".into())
    );
    let tokens = world.client.redeem(&code).json();
    let access = tokens["access_token"].as_str().expect("a token");
    assert_eq!(program.get(&format!("/oauth2/userinfo?access_token={access}")).status, 401);
    for header in [format!("bearer  {access}"), format!("Bearer {access}")] {
        program.headers = vec![("authorization", header.clone())];
        assert_eq!(program.get("/oauth2/userinfo").status, 200, "{header}");
    }
    for header in
        [format!("Basic {access}"), format!("Token {access}"), access.to_owned(), format!("Bearer {access}, Bearer x")]
    {
        program.headers = vec![("authorization", header.clone())];
        assert_eq!(program.get("/oauth2/userinfo").status, 401, "{header}");
    }
    program.headers = vec![("authorization", format!("Bearer {access}"))];
    let twice = program.form("/oauth2/userinfo", &[("access_token", access)]);
    assert_eq!(oauth_error(&twice), (400, "invalid_request".into()));
    let sessions: Value = pat.read("/me").json();
    assert!(!sessions.to_string().contains(access));
}
