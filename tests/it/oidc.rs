//! OpenID Connect, as a client and a browser use it. The tests of the second part have the names of the modules of the
//! OpenID conformance suite.

use crate::app::{Org, PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{connect, saml_sign_in};
use crate::jwt::{self, Token};
use crate::requests::message;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use url::Url;
use url::form_urlencoded::Serializer;

pub const REDIRECT: &str = "https://wiki.acme.test/callback?from=vestibule";
pub const AFTER_LOGOUT: &str = "https://wiki.acme.test/bye";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const PAT: &str = "pat@acme.test";

/// Acme with the client Wiki, its admin Ann and its member Pat.
pub struct World {
    pub app: TestApp,
    pub org: Org,
    pub ann: Browser,
    pub client: Client,
}

/// A client.
#[derive(Clone)]
pub struct Client {
    pub id: String,
    pub secret: String,
    pub redirect: String,
    /// True if the secret is sent in the body.
    pub in_body: bool,
    pub program: Browser,
}

impl World {
    pub fn new() -> Self {
        Self::of(TestApp::new())
    }

    pub fn of(app: TestApp) -> Self {
        let org = app.org("Acme", "enterprise");
        app.admin(&org, "ann@acme.test");
        app.member(&org, PAT);
        let mut ann = app.signed_in("ann@acme.test");
        let client = add_client(&app, &org, &mut ann, &json!({}));
        Self { app, org, ann, client }
    }

    pub fn add(&mut self, changes: &Value) -> Client {
        add_client(&self.app, &self.org, &mut self.ann, changes)
    }

    pub fn pat(&self) -> Browser {
        self.app.signed_in(PAT)
    }

    pub fn issuer(&self) -> String {
        self.app.app.config.public_url.origin().to_owned()
    }

    /// Pat's tokens, after a sign-in with these scopes.
    pub fn tokens(&self, pat: &mut Browser, scope: &str) -> Value {
        let code = self.client.code(pat, &[("scope", scope)]);
        let answer = self.client.redeem(&code);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub fn userinfo(&self, access_token: &str) -> Answer {
        let mut program = self.app.anonymous();
        program.headers = vec![("authorization", format!("Bearer {access_token}"))];
        program.get("/oauth2/userinfo")
    }

    pub fn verified(&self, tokens: &Value) -> Token {
        jwt::verified(&self.app, tokens["id_token"].as_str().expect("an ID token"))
    }
}

pub fn add_client(app: &TestApp, org: &Org, admin: &mut Browser, changes: &Value) -> Client {
    let mut body = json!({
        "kind": "oidc", "name": "Wiki", "url": "https://wiki.acme.test", "redirect_uris": [REDIRECT],
        "post_logout_redirect_uris": [AFTER_LOGOUT],
    });
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let made = admin.api("POST", &format!("/workspaces/{}/applications", org.workspace), &body);
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    let mut program = app.anonymous();
    program.headers = Vec::new();
    Client {
        id: made["client_id"].as_str().expect("an id").to_owned(),
        secret: made["client_secret"].as_str().unwrap_or_default().to_owned(),
        redirect: body["redirect_uris"][0].as_str().expect("an address").to_owned(),
        in_body: body["token_auth"] == "client_secret_post",
        program,
    }
}

pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

impl Client {
    /// The address of an authorization request, with these parameters besides or in place of the usual ones. An empty
    /// value leaves a parameter out.
    pub fn authorize(&self, changes: &[(&str, &str)]) -> String {
        let challenge = challenge();
        let usual = [
            ("client_id", self.id.as_str()),
            ("redirect_uri", &self.redirect),
            ("response_type", "code"),
            ("scope", "openid"),
            ("state", "a state & more"),
            ("nonce", "a nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual.into_iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
        let mut query = Serializer::new(String::new());
        query.extend_pairs(kept.chain(changes.iter().copied()).filter(|(_, value)| !value.is_empty()));
        format!("/oauth2/authorize?{}", query.finish())
    }

    /// What an answer sends to the client's redirect URI.
    pub fn returned(&self, answer: &Answer) -> BTreeMap<String, String> {
        assert_eq!(answer.status, 303, "{}", answer.body);
        let own = self.redirect.clone();
        let rest = answer.location().strip_prefix(&own).unwrap_or_else(|| panic!("not back: {}", answer.location()));
        assert!(rest.starts_with(if own.contains('?') { '&' } else { '?' }), "{rest}");
        url::form_urlencoded::parse(&rest.as_bytes()[1..]).into_owned().collect()
    }

    /// The code for a person who is signed in in this browser.
    pub fn code(&self, browser: &mut Browser, changes: &[(&str, &str)]) -> String {
        let answer = browser.get(&self.authorize(changes));
        self.code_in(&answer)
    }

    pub fn code_in(&self, answer: &Answer) -> String {
        let returned = self.returned(answer);
        returned.get("code").unwrap_or_else(|| panic!("no code: {returned:?}")).clone()
    }

    /// The error of a request.
    pub fn error(&self, browser: &mut Browser, changes: &[(&str, &str)]) -> String {
        self.returned(&browser.get(&self.authorize(changes)))["error"].clone()
    }

    /// Posts a form as the client, with its proof of identity.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut program = self.program.clone();
        let mut fields = fields.to_vec();
        if self.secret.is_empty() {
            fields.push(("client_id", &self.id));
        } else if self.in_body {
            fields.extend([("client_id", self.id.as_str()), ("client_secret", &self.secret)]);
        } else {
            program.headers.push(("authorization", basic(&self.id, &self.secret)));
        }
        program.form(path, &fields)
    }

    pub fn redeem(&self, code: &str) -> Answer {
        self.redeem_with(&[("code", code)])
    }

    /// Redeems a code, with these fields in place of the usual ones. An empty value leaves a field out.
    pub fn redeem_with(&self, changes: &[(&str, &str)]) -> Answer {
        let usual =
            [("grant_type", "authorization_code"), ("redirect_uri", &self.redirect), ("code_verifier", VERIFIER)];
        let kept = usual.into_iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
        let fields: Vec<_> = kept.chain(changes.iter().copied()).filter(|(_, value)| !value.is_empty()).collect();
        self.post("/oauth2/token", &fields)
    }

    pub fn refresh(&self, token: &Value) -> Answer {
        let token = token.as_str().expect("a token");
        self.post("/oauth2/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
    }

    pub fn introspect(&self, token: &Value) -> Value {
        let answer = self.post("/oauth2/introspect", &[("token", token.as_str().expect("a token"))]);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }
}

pub fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// The error of an answer to a client.
pub fn oauth_error(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"].as_str().expect("an error").to_owned())
}

/// The path of the sign-in page to which an answer leads, and the path to which it returns.
pub fn sign_in_page(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let url = Url::parse("http://x").expect("a URL").join(answer.location()).expect("a URL");
    assert_eq!(url.path(), "/login", "{url}");
    let back = url.query_pairs().find(|(name, _)| name == "return").expect("a return path").1.into_owned();
    (answer.location().to_owned(), back)
}

/// Signs in on the page to which an answer leads, and returns the answer after it.
pub fn sign_in_at(browser: &mut Browser, answer: &Answer, email: &str) -> Answer {
    let (page, back) = sign_in_page(answer);
    assert_eq!(browser.get(&page).status, 200);
    let signed_in = browser.form("/login", &[("email", email), ("password", PASSWORD), ("return", &back)]);
    assert_eq!(signed_in.location(), back, "{}", signed_in.body);
    browser.get(&back)
}

#[test]
fn a_person_signs_in_at_the_application_and_it_learns_who_they_are() {
    let world = World::new();
    let mut pat = world.app.anonymous();
    let scope = "openid profile email groups vestibule";
    let asked = pat.get(&world.client.authorize(&[("scope", scope), ("login_hint", PAT)]));
    let page = pat.get(&sign_in_page(&asked).0);
    assert!(
        page.body.contains("<strong>Wiki</strong>") && page.body.contains("<strong>Acme</strong>"),
        "{}",
        page.body
    );
    assert!(page.body.contains(&format!("value=\"{PAT}\"")), "the e-mail address is filled in");
    assert!(page.headers["content-security-policy"].contains("form-action 'self';"));
    let back = sign_in_at(&mut pat, &asked, PAT);
    let returned = world.client.returned(&back);
    assert_eq!((&returned["state"][..], &returned["iss"]), ("a state & more", &world.issuer()));
    assert!(!pat.cookies.keys().any(|name| name.starts_with("vestibule_request_")), "{:?}", pat.cookies);
    let answer = world.client.redeem(&returned["code"]);
    assert_eq!((&answer.headers["cache-control"][..], &answer.headers["pragma"][..]), ("no-store", "no-cache"));
    let tokens = answer.json();
    assert_eq!(
        (&tokens["token_type"], &tokens["expires_in"], &tokens["scope"]),
        (&json!("Bearer"), &json!(600), &json!(scope))
    );
    assert!(tokens["refresh_token"].is_null(), "without offline_access there is no refresh token");
    let Token { header, claims } = world.verified(&tokens);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
    let (now, id) = (world.app.now().0, world.app.user(PAT));
    let about = json!({
        "name": "pat", "preferred_username": PAT, "email": PAT, "email_verified": false,
        "groups": ["acme", format!("acme/{}", world.org.workspace), "role:power-user", "level:editor"],
        "vestibule": {
            "organisation": { "id": world.org.id.as_str(), "slug": "acme", "name": "Acme" },
            "workspace": { "id": world.org.workspace.as_str(), "name": "Head office" },
            "role": "power-user", "level": "editor",
        },
    });
    for (name, value) in [
        ("iss", json!(world.issuer())),
        ("sub", json!(id.as_str())),
        ("aud", json!(world.client.id)),
        ("iat", json!(now)),
        ("exp", json!(now + 600)),
        ("auth_time", json!(now)),
        ("acr", json!("pwd")),
        ("amr", json!(["pwd"])),
        ("nonce", json!("a nonce")),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    let access = tokens["access_token"].as_str().expect("a token");
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(&Sha256::digest(access)[..16]));
    let info = world.userinfo(access);
    assert_eq!((info.status, &info.headers["cache-control"][..]), (200, "no-store"));
    assert_eq!(info.json()["sub"], id.as_str());
    for (name, value) in about.as_object().expect("an object") {
        assert_eq!((&claims[name], &info.json()[name]), (value, value), "{name}");
    }
    let mut ann = world.app.signed_in("ann@acme.test");
    let sessions = ann.read(&format!("/applications/{}/sessions", world.client.id)).json();
    assert_eq!(
        (&sessions["items"][0]["email"], &sessions["items"][0]["host"]),
        (&json!(PAT), &json!(null)),
        "{sessions}"
    );
    let log = ann.read(&format!("/applications/{}/log", world.client.id)).json();
    let decisions: Vec<_> =
        log["items"].as_array().expect("lines").iter().map(|line| (&line["path"], &line["email"])).collect();
    assert_eq!(decisions, [(&json!("/oauth2/token"), &json!(PAT)), (&json!("/oauth2/authorize"), &json!(PAT))]);
}

#[test]
fn under_saml_only_the_request_goes_directly_to_the_identity_provider() {
    let world = World::new();
    let mut ann = connect(&world.app, &world.org, "ann@acme.test", "acme_SSO");
    saml_sign_in(&world.app, &mut ann, "/sso?key=acme_SSO", "ann@acme.test");
    assert_eq!(ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).status, 200);
    let mut pat = world.app.anonymous();
    let asked = pat.get(&world.client.authorize(&[("scope", "openid email")]));
    assert!(asked.location().starts_with("/sso?key=acme_SSO&return="), "{}", asked.location());
    let start = asked.location().to_owned();
    let landed = saml_sign_in(&world.app, &mut pat, &start, PAT).location().to_owned();
    let code = world.client.code_in(&pat.get(&landed));
    let claims = world.verified(&world.client.redeem(&code).json()).claims;
    assert_eq!(
        (&claims["acr"], &claims["amr"], &claims["email_verified"]),
        (&json!("saml"), &json!(["saml"]), &json!(true))
    );
    // A fresh sign-in is asked of the identity provider, and another person may sign in.
    world.app.pass(5);
    for (name, value) in [("prompt", "login"), ("max_age", "1"), ("max_age", "0"), ("prompt", "select_account")] {
        let asked = pat.get(&world.client.authorize(&[(name, value)]));
        let start = asked.location().to_owned();
        let message = message(&pat.get(&start));
        assert!(message.contains("ForceAuthn=\"true\""), "{name}={value}: {message}");
    }
    let asked = pat.get(&world.client.authorize(&[("prompt", "select_account")])).location().to_owned();
    let landed = saml_sign_in(&world.app, &mut pat, &asked, "ann@acme.test").location().to_owned();
    let code = world.client.code_in(&pat.get(&landed));
    let claims = world.verified(&world.client.redeem(&code).json()).claims;
    assert_eq!(claims["sub"], world.app.user("ann@acme.test").as_str());
    // Without a wish for a fresh sign-in, the session answers.
    let silent = pat.get(&world.client.authorize(&[("max_age", "100")]));
    world.client.code_in(&silent);
}

#[test]
fn a_person_without_access_sees_whom_to_ask_and_can_return_to_the_application() {
    let world = World::new();
    let outside = world.app.org("Globex", "business");
    world.app.member(&outside, "gil@globex.test");
    let mut gil = world.app.signed_in("gil@globex.test");
    let denied = gil.get(&world.client.authorize(&[]));
    assert_eq!(denied.status, 403);
    assert!(denied.body.contains("Wiki") && !denied.body.contains("ann@acme.test"), "strangers do not see the admins");
    let link =
        denied.body.split("href=\"/auth/continue?request=").nth(1).expect("a link").split('"').next().expect("a link");
    let back = gil.get(&format!("/auth/continue?request={}", link.replace("&amp;", "&")));
    let returned = world.client.returned(&back);
    assert_eq!((&returned["error"][..], &returned["state"][..]), ("access_denied", "a state & more"));
    assert_eq!(world.client.error(&mut gil, &[("prompt", "none")]), "access_denied");
    // A person of the organisation without a membership of the workspace sees the admins.
    let id = world.app.user(PAT);
    let (org, pat_id) = (world.org.clone(), id.clone());
    let mut pat = world.pat();
    world.app.write(move |tx| tx.delete_place(&org.workspace, &pat_id));
    let denied = pat.get(&world.client.authorize(&[]));
    assert!(denied.status == 403 && denied.body.contains("ann@acme.test"), "{}", denied.body);
    // They can sign in as another person instead.
    let link = denied.body.split("href=\"/login?return=").nth(1).expect("a link").split('"').next().expect("a link");
    let page = pat.get(&format!("/login?return={link}"));
    assert_eq!(page.status, 200);
    let back = percent_encoding::percent_decode_str(link).decode_utf8().expect("text").into_owned();
    let form = [("email", "ann@acme.test"), ("password", PASSWORD), ("return", &back)];
    assert_eq!(pat.form("/login", &form).location(), back);
    world.client.code_in(&pat.get(&back));
    // A session by a recovery code opens no application.
}

#[test]
fn public_clients_prove_nothing_but_pkce_and_their_pages_may_read_the_answers() {
    let mut world = World::new();
    let changes = json!({
        "client_type": "public", "token_auth": "none", "redirect_uris": ["https://spa.acme.test/cb", "http://127.0.0.1/cb"],
        "signing": "ES256",
    });
    let spa = world.add(&changes);
    assert_eq!(spa.secret, "");
    let mut pat = world.pat();
    let code = spa.code(&mut pat, &[]);
    let mut page = world.app.anonymous();
    let from = |page: &mut Browser, origin: &str| {
        page.headers = vec![("origin", origin.into()), ("sec-fetch-site", "cross-site".into())];
    };
    from(&mut page, "https://spa.acme.test");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &spa.redirect),
        ("code_verifier", VERIFIER),
        ("client_id", &spa.id),
    ];
    let answer = page.form("/oauth2/token", &fields);
    assert_eq!((answer.status, &answer.headers["access-control-allow-origin"][..]), (200, "https://spa.acme.test"));
    assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    assert_eq!(answer.headers["vary"], "Origin");
    let tokens = answer.json();
    assert_eq!(world.verified(&tokens).header["alg"], "ES256");
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("a token"));
    page.headers.push(("authorization", bearer.clone()));
    let info = page.get("/oauth2/userinfo");
    assert_eq!((info.status, &info.headers["access-control-allow-origin"][..]), (200, "https://spa.acme.test"));
    // Nor do refusals keep the reason from the page.
    from(&mut page, "https://spa.acme.test");
    page.headers.push(("authorization", "Bearer x".into()));
    let unknown = page.get("/oauth2/userinfo");
    assert_eq!((unknown.status, &unknown.headers["access-control-allow-origin"][..]), (401, "https://spa.acme.test"));
    from(&mut page, "https://evil.test");
    page.headers.push(("authorization", "Bearer x".into()));
    assert!(!page.get("/oauth2/userinfo").headers.contains_key("access-control-allow-origin"));
    let no_secret = spa.post("/oauth2/introspect", &[("token", "x")]);
    assert_eq!((no_secret.status, no_secret.headers.contains_key("www-authenticate")), (401, true));
    // Other origins, and origins of other clients, may not read.
    for origin in ["https://evil.test", "https://wiki.acme.test", "null"] {
        from(&mut page, origin);
        let refused = page.form("/oauth2/token", &fields);
        assert!(refused.status == 400 && !refused.headers.contains_key("access-control-allow-origin"), "{origin}");
        page.headers.push(("authorization", bearer.clone()));
        assert!(!page.get("/oauth2/userinfo").headers.contains_key("access-control-allow-origin"), "{origin}");
        let preflight = page.send("OPTIONS", "/oauth2/token", "", Vec::new());
        assert!(!preflight.headers.contains_key("access-control-allow-origin"), "{origin}");
    }
    from(&mut page, "http://127.0.0.1:5173");
    let preflight = page.send("OPTIONS", "/oauth2/userinfo", "", Vec::new());
    assert_eq!(
        (preflight.status, &preflight.headers["access-control-allow-origin"][..]),
        (204, "http://127.0.0.1:5173")
    );
    // The origins of a client are those of its current redirect URIs.
    let allowed = |page: &mut Browser, origin: &str| {
        from(page, origin);
        page.send("OPTIONS", "/oauth2/token", "", Vec::new()).headers.contains_key("access-control-allow-origin")
    };
    let moved = world.add(&json!({ "client_type": "public", "redirect_uris": ["https://a.acme.test/cb"] }));
    let path = format!("/applications/{}", moved.id);
    for (change, a, b) in [
        (json!({}), true, false),
        (json!({ "redirect_uris": ["https://b.acme.test/cb"] }), false, true),
        (json!({ "client_type": "confidential", "token_auth": "client_secret_basic" }), false, false),
        (json!({ "client_type": "public", "token_auth": "none" }), false, true),
    ] {
        assert_eq!(world.ann.api("PATCH", &path, &change).status, 200, "{change}");
        let found = (allowed(&mut page, "https://a.acme.test"), allowed(&mut page, "https://b.acme.test"));
        assert_eq!(found, (a, b), "{change}");
    }
    assert_eq!(world.ann.api("DELETE", &path, &json!({})).status, 200);
    assert!(!allowed(&mut page, "https://b.acme.test"));
    // A loopback port is free, and a secret is not taken.
    let native = Client { redirect: "http://127.0.0.1:49152/cb".into(), ..spa.clone() };
    let code = native.code(&mut pat, &[]);
    let with_secret = Client { secret: "x".into(), ..native.clone() };
    assert_eq!(oauth_error(&with_secret.redeem(&code)), (401, "invalid_client".into()));
    assert_eq!(native.redeem(&code).status, 200);
    let wrong = native.code(&mut pat, &[]);
    assert_eq!(oauth_error(&native.redeem_with(&[("code", &wrong), ("code_verifier", "")])).1, "invalid_grant");
    assert_eq!(
        spa.post("/oauth2/introspect", &[("token", "x")]).status,
        401,
        "introspection is for confidential clients"
    );
}

#[test]
fn only_the_clients_own_method_proves_its_identity_and_failures_are_limited() {
    let mut world = World::new();
    let by_post = world.add(&json!({ "token_auth": "client_secret_post" }));
    let mut pat = world.pat();
    let code = world.client.code(&mut pat, &[]);
    let in_body = Client { in_body: true, ..world.client.clone() };
    let in_header = Client { in_body: false, ..by_post.clone() };
    let wrong = Client { secret: "wrong".into(), ..world.client.clone() };
    let unknown = Client { id: "0".repeat(32), ..world.client.clone() };
    let other = Client { secret: by_post.secret.clone(), ..world.client.clone() };
    let none = Client { secret: String::new(), ..world.client.clone() };
    let refused = wrong.redeem(&code);
    for client in [&in_body, &in_header, &unknown, &other, &none] {
        let answer = client.redeem(&code);
        assert_eq!((answer.status, answer.body), (401, refused.body.clone()));
    }
    assert_eq!(refused.headers["www-authenticate"], "Basic realm=\"OpenID Connect\"");
    let mut program = world.client.clone().program;
    program.headers = vec![("authorization", basic(&world.client.id, &world.client.secret))];
    let both = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_secret", &world.client.secret[..])];
    assert_eq!(oauth_error(&program.form("/oauth2/token", &both)), (400, "invalid_request".into()));
    assert_eq!(world.client.redeem(&code).status, 200, "the failures did not use up the code");
    assert_eq!(by_post.redeem(&by_post.code(&mut pat, &[])).status, 200);
    // 60 failures a minute, then 429; they do not limit the client itself.
    let answers: Vec<_> = (0..70).map(|_| wrong.redeem("x").status).collect();
    assert!(answers[..50].iter().all(|status| *status == 401) && answers[60..].iter().all(|status| *status == 429));
    assert_eq!(world.client.introspect(&json!("x"))["active"], false);
    assert_eq!(world.client.redeem(&world.client.code(&mut pat, &[])).status, 200);
    assert_eq!(by_post.redeem(&by_post.code(&mut pat, &[])).status, 200, "other clients are not limited");
    world.app.pass(60);
    assert_eq!(wrong.redeem("x").status, 401);
}

#[test]
fn invalid_codes_and_tokens_are_limited_and_do_not_limit_valid_ones() {
    let mut world = World::new();
    let public = world.add(&json!({ "client_type": "public", "token_auth": "none" }));
    let mut pat = world.pat();
    for client in [world.client.clone(), public] {
        let answers: Vec<_> = (0..70).map(|_| client.redeem("x").status).collect();
        assert!(answers[..50].iter().all(|status| *status == 400) && answers[60..].iter().all(|status| *status == 429));
        assert_eq!(client.refresh(&json!("x")).status, 429, "tokens share the allowance of codes");
        assert_eq!(client.post("/oauth2/revoke", &[("token", "x")]).status, 200);
        let code = client.code(&mut pat, &[("scope", "openid offline_access")]);
        let tokens = client.redeem(&code);
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        assert_eq!(client.refresh(&tokens.json()["refresh_token"]).status, 200);
        // A code that exists can be tried 60 times.
        let (code, other) = (client.code(&mut pat, &[]), client.code(&mut pat, &[]));
        let wrong = [("code", &code[..]), ("code_verifier", "wrong")];
        let answers: Vec<_> = (0..70).map(|_| client.redeem_with(&wrong).status).collect();
        assert!(answers[..50].iter().all(|status| *status == 400) && answers[60..].iter().all(|status| *status == 429));
        assert_eq!(client.redeem(&other).status, 200);
    }
}

#[test]
fn tokens_are_introspected_and_revoked_only_by_their_own_client() {
    let mut world = World::new();
    let other = world.add(&json!({}));
    let mut pat = world.pat();
    let tokens = world.tokens(&mut pat, "openid email offline_access");
    let (access, refresh) = (&tokens["access_token"], &tokens["refresh_token"]);
    let about = world.client.introspect(access);
    let claims = world.verified(&tokens).claims;
    let expected = json!({
        "active": true, "sub": claims["sub"], "client_id": world.client.id, "scope": "openid email offline_access",
        "exp": world.app.now().0 + 600, "sid": claims["sid"],
    });
    assert_eq!(about, expected);
    let refreshable = world.client.introspect(refresh);
    assert_eq!(
        (&refreshable["active"], &refreshable["exp"]),
        (&json!(true), &json!(world.app.now().0 + 30 * 24 * 3600))
    );
    assert_eq!(other.introspect(access), json!({ "active": false }));
    assert_eq!(world.client.introspect(&json!("unknown")), json!({ "active": false }));
    let revoke =
        |client: &Client, token: &Value| client.post("/oauth2/revoke", &[("token", token.as_str().expect("a token"))]);
    assert_eq!(revoke(&other, access).status, 200);
    assert_eq!(revoke(&other, refresh).status, 200);
    assert_eq!(world.client.introspect(access)["active"], true, "another client ends nothing");
    assert_eq!(revoke(&world.client, access).status, 200);
    assert_eq!(
        (world.client.introspect(access)["active"].clone(), world.client.introspect(refresh)["active"].clone()),
        (json!(false), json!(true))
    );
    assert_eq!(world.userinfo(access.as_str().expect("a token")).status, 401);
    let second = world.client.refresh(refresh).json();
    assert_eq!(revoke(&world.client, &second["refresh_token"]).status, 200);
    assert_eq!(
        world.client.introspect(&second["access_token"])["active"],
        false,
        "the end of a refresh token is that of its family"
    );
    assert_eq!(oauth_error(&world.client.refresh(&second["refresh_token"])), (400, "invalid_grant".into()));
    assert_eq!(revoke(&world.client, &json!("unknown")).status, 200);
    assert_eq!(oauth_error(&world.client.post("/oauth2/revoke", &[])), (400, "invalid_request".into()));
}

mod conformance {
    use super::*;

    #[test]
    fn oidcc_discovery_endpoint_verification() {
        let app = TestApp::with_operator(|flags| flags.public_url = Some("https://login.acme.test".into()));
        let mut anybody = app.anonymous();
        anybody.headers = vec![("host", "login.acme.test".into()), ("origin", "https://spa.test".into())];
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            let answer = anybody.get(path);
            assert_eq!((answer.status, &answer.headers["content-type"][..]), (200, "application/json"));
            assert_eq!(answer.headers["access-control-allow-origin"], "*");
            let shown = answer.json();
            assert_eq!(shown["issuer"], "https://login.acme.test");
            for (name, path) in [
                ("authorization_endpoint", "authorize"),
                ("token_endpoint", "token"),
                ("userinfo_endpoint", "userinfo"),
                ("jwks_uri", "jwks"),
                ("end_session_endpoint", "logout"),
                ("introspection_endpoint", "introspect"),
                ("revocation_endpoint", "revoke"),
            ] {
                assert_eq!(shown[name], format!("https://login.acme.test/oauth2/{path}"), "{name}");
            }
            for (name, value) in [
                ("response_types_supported", json!(["code"])),
                ("grant_types_supported", json!(["authorization_code", "refresh_token"])),
                ("subject_types_supported", json!(["public"])),
                ("id_token_signing_alg_values_supported", json!(["RS256", "ES256"])),
                ("code_challenge_methods_supported", json!(["S256"])),
                ("request_parameter_supported", json!(false)),
                ("request_uri_parameter_supported", json!(false)),
                ("claims_parameter_supported", json!(true)),
                ("authorization_response_iss_parameter_supported", json!(true)),
                ("backchannel_logout_supported", json!(true)),
                ("backchannel_logout_session_supported", json!(true)),
            ] {
                assert_eq!(shown[name], value, "{name}");
            }
            assert!(shown["scopes_supported"].as_array().is_some_and(|all| all.contains(&json!("openid"))));
            assert!(shown["claims_supported"].as_array().is_some_and(|all| all.contains(&json!("sub"))));
        }
    }

    #[test]
    fn oidcc_server_and_idtoken_signature() {
        let world = World::new();
        let mut pat = world.pat();
        let tokens = world.tokens(&mut pat, "openid");
        let Token { header, claims } = world.verified(&tokens);
        assert!(
            jwt::key_ids(&jwt::published(&world.app), "RS256").contains(&header["kid"].as_str().expect("an id").into())
        );
        assert!(claims["name"].is_null() && claims["email"].is_null() && claims["groups"].is_null());
        assert!(claims["sid"].as_str().is_some_and(|sid| sid.len() == 32));
    }

    #[test]
    fn oidcc_response_type_missing() {
        let world = World::new();
        assert_eq!(world.client.error(&mut world.pat(), &[("response_type", "")]), "invalid_request");
    }

    #[test]
    fn oidcc_userinfo_get_post_header_and_post_body() {
        let world = World::new();
        let tokens = world.tokens(&mut world.pat(), "openid");
        let sub = &world.verified(&tokens).claims["sub"];
        let access = tokens["access_token"].as_str().expect("a token");
        assert_eq!(&world.userinfo(access).json()["sub"], sub);
        let mut program = world.app.anonymous();
        program.headers = Vec::new();
        assert_eq!(&program.form("/oauth2/userinfo", &[("access_token", access)]).json()["sub"], sub);
        program.headers = vec![("authorization", format!("bearer {access}"))];
        assert_eq!(&program.form("/oauth2/userinfo", &[]).json()["sub"], sub);
        assert_eq!(program.form("/oauth2/userinfo", &[("access_token", access)]).status, 400, "two ways at once");
        program.headers = Vec::new();
        let none = program.get(&format!("/oauth2/userinfo?access_token={access}"));
        assert_eq!((none.status, &none.headers["www-authenticate"][..]), (401, "Bearer realm=\"OpenID Connect\""));
        let wrong = world.userinfo("wrong");
        assert!(wrong.status == 401 && wrong.headers["www-authenticate"].contains("invalid_token"));
        world.app.pass(600);
        assert_eq!(world.userinfo(access).status, 401);
    }

    #[test]
    fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
        let world = World::new();
        let code = world.client.code(&mut world.pat(), &[("nonce", "")]);
        assert!(world.verified(&world.client.redeem(&code).json()).claims["nonce"].is_null());
    }

    #[test]
    fn oidcc_scopes_and_claims_essential() {
        let world = World::new();
        let mut pat = world.pat();
        for (scope, names) in [
            ("openid profile", vec!["name", "preferred_username"]),
            ("openid email", vec!["email", "email_verified"]),
            ("openid address phone", vec![]),
            ("email openid profile", vec!["email", "email_verified", "name", "preferred_username"]),
        ] {
            let tokens = world.tokens(&mut pat, scope);
            let info = world.userinfo(tokens["access_token"].as_str().expect("a token")).json();
            let mut expected = [&names[..], &["sub"]].concat();
            expected.sort_unstable();
            let mut found: Vec<_> = info.as_object().expect("an object").keys().map(String::as_str).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{scope}");
        }
        let wanted = r#"{"userinfo": {"name": {"essential": true}}, "id_token": {"email": null}}"#;
        let code = world.client.code(&mut pat, &[("claims", wanted)]);
        let tokens = world.client.redeem(&code).json();
        let (claims, info) =
            (world.verified(&tokens).claims, world.userinfo(tokens["access_token"].as_str().expect("a token")).json());
        assert_eq!((&claims["email"], &info["name"]), (&json!(PAT), &json!("pat")));
        assert!(claims["name"].is_null() && info["email"].is_null());
    }

    #[test]
    fn oidcc_display_login_hint_ui_locales_claims_locales_acr_values_and_unknown_parameters() {
        let world = World::new();
        let mut pat = world.pat();
        for (name, value) in [
            ("display", "page"),
            ("display", "popup"),
            ("login_hint", PAT),
            ("ui_locales", "se fr"),
            ("claims_locales", "fr"),
            ("acr_values", "saml pwd"),
            ("extra", "foobar"),
            ("prompt", "consent"),
            ("response_mode", "query"),
        ] {
            let code = world.client.code(&mut pat, &[(name, value)]);
            assert_eq!(world.verified(&world.client.redeem(&code).json()).claims["acr"], "pwd", "{name}");
        }
        let mut nobody = world.app.anonymous();
        let asked = nobody.get(&world.client.authorize(&[("ui_locales", "se fr")]));
        assert!(nobody.get(&sign_in_page(&asked).0).body.contains("<html lang=\"fr\">"));
        let essential = r#"{"id_token": {"acr": {"essential": true, "values": ["saml"]}}}"#;
        assert_eq!(world.client.error(&mut pat, &[("claims", essential)]), "unmet_authentication_requirements");
    }

    #[test]
    fn oidcc_prompt_login() {
        let world = World::new();
        let mut pat = world.pat();
        let first = world.verified(&world.tokens(&mut pat, "openid")).claims;
        world.app.pass(5);
        let asked = pat.get(&world.client.authorize(&[("prompt", "login")]));
        let (page, back) = sign_in_page(&asked);
        assert!(
            !pat.get(&page).body.contains(&format!("<strong>{PAT}</strong>")),
            "the page does not offer to continue without a sign-in"
        );
        // Going on without a sign-in leads to the sign-in again.
        let again = pat.get(&back);
        let code = world.client.code_in(&sign_in_at(&mut pat, &again, PAT));
        let second = world.verified(&world.client.redeem(&code).json()).claims;
        assert_eq!(second["auth_time"].as_i64(), first["auth_time"].as_i64().map(|at| at + 5));
        assert_eq!((&second["sub"], &second["sid"]), (&first["sub"], &first["sid"]));
    }

    #[test]
    fn oidcc_prompt_none_not_logged_in() {
        let world = World::new();
        let answer = world.app.anonymous().get(&world.client.authorize(&[("prompt", "none")]));
        let returned = world.client.returned(&answer);
        assert_eq!((&returned["error"][..], &returned["state"][..]), ("login_required", "a state & more"));
        assert_eq!(returned["iss"], world.issuer());
        assert!(answer.set_cookies.is_empty());
    }

    #[test]
    fn oidcc_prompt_none_logged_in_and_max_age_10000() {
        let world = World::new();
        let mut pat = world.pat();
        let first = world.verified(&world.tokens(&mut pat, "openid")).claims;
        world.app.pass(7);
        for changes in [[("prompt", "none"), ("max_age", "")], [("max_age", "10000"), ("prompt", "")]] {
            let code = world.client.code(&mut pat, &changes);
            let claims = world.verified(&world.client.redeem(&code).json()).claims;
            for name in ["sub", "auth_time", "sid"] {
                assert_eq!(claims[name], first[name], "{name} {changes:?}");
            }
        }
    }

    #[test]
    fn oidcc_max_age_1() {
        let world = World::new();
        let mut pat = world.pat();
        let first = world.verified(&world.tokens(&mut pat, "openid")).claims;
        world.app.pass(2);
        // With prompt=none there is an error, and no page.
        assert_eq!(world.client.error(&mut pat, &[("max_age", "1"), ("prompt", "none")]), "login_required");
        let asked = pat.get(&world.client.authorize(&[("max_age", "1")]));
        let (page, back) = sign_in_page(&asked);
        pat.get(&page);
        let form = [("email", PAT), ("password", PASSWORD), ("return", &back)];
        assert_eq!(pat.form("/login", &form).location(), back);
        // The sign-in counts, although the browser takes longer than the wanted age.
        world.app.pass(3);
        let code = world.client.code_in(&pat.get(&back));
        let second = world.verified(&world.client.redeem(&code).json()).claims;
        assert_eq!(second["auth_time"].as_i64(), first["auth_time"].as_i64().map(|at| at + 2));
    }

    #[test]
    fn oidcc_id_token_hint() {
        let world = World::new();
        let mut pat = world.pat();
        let tokens = world.tokens(&mut pat, "openid");
        let hint = tokens["id_token"].as_str().expect("a token");
        world.app.pass(3600);
        let code = world.client.code(&mut pat, &[("prompt", "none"), ("id_token_hint", hint)]);
        let claims = world.verified(&world.client.redeem(&code).json()).claims;
        assert_eq!(claims["sub"], world.verified(&tokens).claims["sub"]);
        // Another person is signed in.
        let mut ann = world.app.signed_in("ann@acme.test");
        assert_eq!(world.client.error(&mut ann, &[("prompt", "none"), ("id_token_hint", hint)]), "login_required");
        let asked = ann.get(&world.client.authorize(&[("id_token_hint", hint)]));
        let still_ann = sign_in_at(&mut ann, &asked, "ann@acme.test");
        assert_eq!(world.client.returned(&still_ann)["error"], "login_required");
        let sub = json!({ "id_token": { "sub": { "value": world.app.user(PAT).as_str() } } }).to_string();
        assert_eq!(world.client.error(&mut ann, &[("prompt", "none"), ("claims", &sub)]), "login_required");
        // Other texts are no hint, not even other tokens of ours.
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#),
            hint.split('.').nth(1).expect("claims")
        );
        for bad in ["x", &unsigned, tokens["access_token"].as_str().expect("a token")] {
            assert_eq!(world.client.error(&mut pat, &[("id_token_hint", bad)]), "invalid_request", "{bad}");
        }
    }

    #[test]
    fn oidcc_codereuse_and_codereuse_30seconds() {
        let world = World::new();
        let mut pat = world.pat();
        for pause in [0, 30] {
            let code = world.client.code(&mut pat, &[("scope", "openid offline_access")]);
            let tokens = world.client.redeem(&code).json();
            world.app.pass(pause);
            assert_eq!(world.userinfo(tokens["access_token"].as_str().expect("a token")).status, 200);
            assert_eq!(oauth_error(&world.client.redeem(&code)), (400, "invalid_grant".into()));
            assert_eq!(
                world.userinfo(tokens["access_token"].as_str().expect("a token")).status,
                401,
                "the tokens have ended"
            );
            assert_eq!(oauth_error(&world.client.refresh(&tokens["refresh_token"])).1, "invalid_grant");
        }
        let code = world.client.code(&mut pat, &[]);
        world.app.pass(60);
        assert_eq!(oauth_error(&world.client.redeem(&code)).1, "invalid_grant", "a code works for 60 seconds");
    }

    #[test]
    fn oidcc_ensure_post_request_succeeds() {
        let world = World::new();
        let mut pat = world.pat();
        let address = world.client.authorize(&[]);
        let query = address.split_once('?').expect("a query").1;
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let redirected = pat.cross_site_form("/oauth2/authorize", &fields);
        assert_eq!(redirected.status, 303);
        let location = redirected.location().to_owned();
        assert!(location.starts_with("/oauth2/authorize?"), "{location}");
        world.client.code_in(&pat.get(&location));
    }

    #[test]
    fn oidcc_server_client_secret_post() {
        let mut world = World::new();
        let client = world.add(&json!({ "token_auth": "client_secret_post" }));
        assert_eq!(client.redeem(&client.code(&mut world.pat(), &[])).status, 200);
    }

    #[test]
    fn oidcc_request_objects_and_request_uri_are_refused() {
        let world = World::new();
        let mut pat = world.pat();
        let object = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
            URL_SAFE_NO_PAD.encode(r#"{"redirect_uri":"https://evil.test/"}"#)
        );
        assert_eq!(world.client.error(&mut pat, &[("request", &object)]), "request_not_supported");
        assert_eq!(world.client.error(&mut pat, &[("request", "a.b.c.d.e")]), "request_not_supported");
        assert_eq!(
            world.client.error(&mut pat, &[("request_uri", "https://wiki.acme.test/r")]),
            "request_uri_not_supported"
        );
        assert_eq!(world.client.error(&mut pat, &[("registration", "{}")]), "registration_not_supported");
    }

    #[test]
    fn oidcc_refresh_token() {
        let mut world = World::new();
        let other = world.add(&json!({}));
        let mut pat = world.pat();
        let tokens = world.tokens(&mut pat, "openid email offline_access");
        let refresh = tokens["refresh_token"].as_str().expect("a token");
        assert!(refresh.len() == 97 && refresh.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'));
        world.app.pass(9);
        assert_eq!(oauth_error(&other.refresh(&tokens["refresh_token"])).1, "invalid_grant");
        let answer = world.client.refresh(&tokens["refresh_token"]);
        assert_eq!((answer.status, &answer.headers["cache-control"][..]), (200, "no-store"), "{}", answer.body);
        let second = answer.json();
        assert_ne!(second["refresh_token"], tokens["refresh_token"]);
        let (before, after) = (world.verified(&tokens).claims, world.verified(&second).claims);
        for name in ["iss", "sub", "aud", "auth_time", "sid", "email"] {
            assert_eq!(after[name], before[name], "{name}");
        }
        assert_eq!(after["iat"].as_i64(), before["iat"].as_i64().map(|at| at + 9));
        assert!(after["nonce"].is_null());
        let less =
            [("grant_type", "refresh_token"), ("refresh_token", second["refresh_token"].as_str().expect("a token"))];
        let more = world.client.post("/oauth2/token", &[&less[..], &[("scope", "openid groups")]].concat());
        assert_eq!(oauth_error(&more), (400, "invalid_scope".into()));
        let third = world.client.post("/oauth2/token", &[&less[..], &[("scope", "openid")]].concat()).json();
        assert_eq!(third["scope"], "openid");
        assert!(world.verified(&third).claims["email"].is_null());
    }

    #[test]
    fn oidcc_ensure_request_with_valid_pkce_succeeds() {
        let mut world = World::new();
        let mut pat = world.pat();
        assert_eq!(
            world.client.error(&mut pat, &[("code_challenge", ""), ("code_challenge_method", "")]),
            "invalid_request"
        );
        assert_eq!(world.client.error(&mut pat, &[("code_challenge_method", "plain")]), "invalid_request");
        let code = world.client.code(&mut pat, &[]);
        assert_eq!(
            oauth_error(&world.client.redeem_with(&[("code", &code), ("code_verifier", &"a".repeat(43))])).1,
            "invalid_grant"
        );
        assert_eq!(
            oauth_error(&world.client.redeem_with(&[("code", &code), ("code_verifier", "")])).1,
            "invalid_grant"
        );
        assert_eq!(world.client.redeem(&code).status, 200);
        let lax = world.add(&json!({ "pkce_optional": true }));
        let code = lax.code(&mut pat, &[("code_challenge", ""), ("code_challenge_method", "")]);
        assert_eq!(oauth_error(&lax.redeem(&code)).1, "invalid_grant", "a verifier without a challenge");
        assert_eq!(lax.redeem_with(&[("code", &code), ("code_verifier", "")]).status, 200);
    }
}
