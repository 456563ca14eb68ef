//! Logout that applications ask for, and applications that are told of it. The tests have the names of the modules of the
//! OpenID conformance suite.

use crate::app::TestApp;
use crate::browser::{Answer, Browser};
use crate::jwt::{self, Token};
use crate::oidc::{AFTER_LOGOUT, Client, PAT, World, oauth_error};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use url::form_urlencoded::Serializer;

/// The address of a request for logout.
fn logout(parameters: &[(&str, &str)]) -> String {
    format!("/oauth2/logout?{}", Serializer::new(String::new()).extend_pairs(parameters).finish())
}

/// World, Pat's browser, and Pat's ID token.
fn signed_in() -> (World, Browser, String) {
    let world = World::new();
    let mut pat = world.pat();
    let tokens = world.tokens(&mut pat, "openid");
    let hint = tokens["id_token"].as_str().expect("a token").to_owned();
    (world, pat, hint)
}

fn asks(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("action=\"/auth/sign-out\""), "{}", answer.body);
    let sealed =
        answer.body.split("name=\"logout\" value=\"").nth(1).expect("a value").split('"').next().expect("a value");
    sealed.to_owned()
}

#[test]
fn oidcc_rp_initiated_logout() {
    let (world, mut pat, hint) = signed_in();
    world.app.pass(7 * 24 * 3600 - 1);
    let request = [("id_token_hint", &hint[..]), ("post_logout_redirect_uri", AFTER_LOGOUT), ("state", "a & b")];
    let answer = pat.get(&logout(&request));
    assert_eq!((answer.status, answer.location()), (303, &format!("{AFTER_LOGOUT}?state=a+%26+b")[..]));
    assert!(!pat.has_session());
    assert_eq!(world.client.error(&mut pat, &[("prompt", "none")]), "login_required");
    // Once more, without a session: there is nothing to ask.
    assert_eq!(pat.get(&logout(&request)).location(), format!("{AFTER_LOGOUT}?state=a+%26+b"));
}

#[test]
fn oidcc_rp_initiated_logout_no_state_only_state_and_no_post_logout_redirect_uri() {
    let (_world, mut pat, hint) = signed_in();
    let answer = pat.get(&logout(&[("id_token_hint", &hint), ("post_logout_redirect_uri", AFTER_LOGOUT)]));
    assert_eq!(answer.location(), AFTER_LOGOUT);
    let (world, mut pat, hint) = signed_in();
    let answer = pat.get(&logout(&[("id_token_hint", &hint)]));
    assert!(answer.status == 200 && !pat.has_session() && !answer.headers.contains_key("location"));
    assert_eq!(world.client.error(&mut pat, &[("prompt", "none")]), "login_required");
    let (_world, mut pat, _) = signed_in();
    asks(&pat.get(&logout(&[("state", "x")])));
}

#[test]
fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri_and_added_query() {
    let (world, mut pat, hint) = signed_in();
    for uri in ["https://evil.test/", "https://wiki.acme.test/bye?x=1", "https://wiki.acme.test/bye/", "//evil.test"] {
        for mut request in [vec![("id_token_hint", &hint[..])], vec![("client_id", &world.client.id[..])]] {
            request.push(("post_logout_redirect_uri", uri));
            let page = pat.get(&logout(&request));
            let sealed = asks(&page);
            assert!(!page.headers.contains_key("location") && !page.body.contains("evil.test"), "{uri}");
            let mut copy = pat.clone();
            copy.headers.push(("accept", "text/html".into()));
            let unchanged = copy.form("/auth/sign-out", &[("logout", &format!("{sealed}x"))]);
            assert!(!unchanged.headers.contains_key("location"), "a changed value leads nowhere");
            pat = world.pat();
            world.tokens(&mut pat, "openid");
            let page = pat.get(&logout(&request));
            let done = pat.form("/auth/sign-out", &[("logout", &asks(&page))]);
            assert!(done.status == 200 && !done.headers.contains_key("location"), "{uri}");
            pat = world.pat();
        }
    }
}

#[test]
fn oidcc_rp_initiated_logout_modified_and_bad_id_token_hint() {
    let (world, mut pat, hint) = signed_in();
    let parts: Vec<_> = hint.split('.').collect();
    let encode = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
    let unsigned = format!("{}.{}.", encode(r#"{"alg":"none","typ":"JWT"}"#), parts[1]);
    let foreign = format!("{}.{}.{}", parts[0], encode(r#"{"sub":"x"}"#), parts[2]);
    for bad in [&unsigned, &foreign, "x", ""] {
        let request =
            [("id_token_hint", bad), ("post_logout_redirect_uri", AFTER_LOGOUT), ("client_id", &world.client.id)];
        asks(&pat.get(&logout(&request)));
    }
    // The hint of another client, of another session and of a named other client do not go through either.
    let mut second = world.pat();
    let other = world.tokens(&mut second, "openid")["id_token"].as_str().expect("a token").to_owned();
    asks(&pat.get(&logout(&[("id_token_hint", &other), ("post_logout_redirect_uri", AFTER_LOGOUT)])));
    asks(&pat.get(&logout(&[("id_token_hint", &hint), ("client_id", &"0".repeat(32))])));
    let twice = format!("{}&id_token_hint=x", logout(&[("id_token_hint", &hint)]));
    assert_eq!(pat.get(&twice).status, 400);
    assert_eq!(pat.read("/me").status, 200, "the session is still there");
}

#[test]
fn oidcc_rp_initiated_logout_no_id_token_hint_and_no_params() {
    let (world, mut pat, _) = signed_in();
    let page = pat.get("/oauth2/logout");
    let done = pat.form("/auth/sign-out", &[("logout", &asks(&page))]);
    assert!(done.status == 200 && !pat.has_session());
    let mut pat = world.pat();
    let page = pat.get(&logout(&[("client_id", &world.client.id), ("post_logout_redirect_uri", AFTER_LOGOUT)]));
    let done = pat.form("/auth/sign-out", &[("logout", &asks(&page))]);
    assert_eq!((done.status, done.location()), (303, AFTER_LOGOUT));
    // `form-action` of the page would stop a browser at a redirect to another site.
    let mut pat = world.pat();
    let page = pat.get(&logout(&[("client_id", &world.client.id), ("post_logout_redirect_uri", AFTER_LOGOUT)]));
    assert!(page.headers["content-security-policy"].contains("form-action 'self';"));
    pat.headers.push(("Sec-Fetch-Dest", "document".into()));
    let done = pat.form("/auth/sign-out", &[("logout", &asks(&page))]);
    assert!(done.status == 200 && done.body.contains(&format!("content=\"0;url={AFTER_LOGOUT}\"")), "{}", done.body);
    assert!(!pat.has_session());
    let mut nobody = world.app.anonymous();
    assert_eq!(nobody.get("/oauth2/logout").status, 200);
}

#[test]
fn a_form_from_another_site_only_leads_to_a_page_that_asks_and_signs_nobody_out() {
    let (world, mut pat, hint) = signed_in();
    let full = [("id_token_hint", &hint[..]), ("post_logout_redirect_uri", AFTER_LOGOUT), ("state", "s"), ("ask", "")];
    for fields in [&[][..], &[("client_id", &world.client.id[..])], &full] {
        let redirected = pat.cross_site_form("/oauth2/logout", fields);
        assert_eq!(redirected.status, 303, "{}", redirected.body);
        assert!(!redirected.headers.contains_key("set-cookie") && pat.has_session(), "{:?}", redirected.headers);
        let location = redirected.location().to_owned();
        assert!(location.starts_with("/oauth2/logout?"), "{location}");
        asks(&pat.get(&location));
        assert_eq!(pat.read("/me").status, 200);
    }
    // The person confirms it, and returns to the application.
    let location = pat.cross_site_form("/oauth2/logout", &full).location().to_owned();
    let sealed = asks(&pat.get(&location));
    let done = pat.form("/auth/sign-out", &[("logout", &sealed)]);
    assert_eq!((done.status, done.location()), (303, &format!("{AFTER_LOGOUT}?state=s")[..]));
    assert!(!pat.has_session());
    let mut asked = world.app.anonymous();
    asked.headers = vec![("accept", "text/html".into())];
    let long = asked.form("/oauth2/logout", &[("state", &"x".repeat(9000))]);
    assert!(long.status == 414 && long.body.contains("may have at most"), "{} {}", long.status, long.body);
}

#[test]
fn a_cookie_that_the_browser_does_not_send_stays_and_that_of_an_ended_session_is_removed() {
    let (world, mut pat, _) = signed_in();
    let mut unsent = world.app.anonymous();
    assert!(!unsent.get("/oauth2/logout").headers.contains_key("set-cookie"));
    let mut other = world.app.signed_in(PAT);
    assert!(other.api("DELETE", "/me/sessions", &Value::Null).status < 300);
    assert!(pat.has_session());
    assert_eq!(pat.get("/oauth2/logout").status, 200);
    assert!(!pat.has_session(), "its session had ended");
}

/// A request that an application received, and the answer that it gives.
pub struct Received {
    pub head: String,
    pub body: String,
}

/// An application that answers with these statuses in turn, and then with 200.
pub fn application(statuses: &'static [u16]) -> (String, Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/backchannel?a=b", listener.local_addr().expect("bound"));
    let (send, received) = channel();
    std::thread::spawn(move || {
        for (n, stream) in listener.incoming().enumerate() {
            let mut stream = stream.expect("a visitor");
            let mut reader = BufReader::new(stream.try_clone().expect("a copy"));
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert!(reader.read_line(&mut head).expect("a line") > 0, "{head}");
            }
            let length = head
                .to_lowercase()
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.split("\r\n").next().and_then(|text| text.parse().ok()).unwrap_or_default());
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            let status = statuses.get(n).copied().unwrap_or(200);
            let redirect = if status == 302 { "Location: http://127.0.0.1:1/\r\n" } else { "" };
            drop(write!(stream, "HTTP/1.1 {status} X\r\n{redirect}Content-Length: 0\r\nConnection: close\r\n\r\n"));
            let body = String::from_utf8(body).expect("text");
            if send.send(Received { head, body }).is_err() {
                return;
            }
        }
    });
    (address, received)
}

pub fn world_with_private_hosts() -> World {
    World::of(TestApp::with_operator(|flags| flags.application_private_hosts = Some("127.0.0.1".into())))
}

pub fn logout_token(world: &World, received: &Received) -> Token {
    let token = received.body.strip_prefix("logout_token=").expect("a logout token");
    jwt::verified(&world.app, token)
}

pub fn next(received: &Receiver<Received>) -> Received {
    received.recv_timeout(Duration::from_secs(20)).expect("the application is told")
}

#[test]
fn oidcc_backchannel_rp_initiated_logout() {
    let mut world = world_with_private_hosts();
    let (address, received) = application(&[]);
    let (other_address, other_received) = application(&[]);
    let told = world.add(&json!({ "backchannel_logout_uri": address, "signing": "ES256" }));
    let also_told = world.add(&json!({ "backchannel_logout_uri": other_address }));
    let mut pat = world.pat();
    let redeem = |client: &Client, pat: &mut Browser| client.redeem(&client.code(pat, &[])).json();
    let (tokens, _) = (redeem(&told, &mut pat), redeem(&also_told, &mut pat));
    let claims = world.verified(&tokens).claims;
    let hint = world.tokens(&mut pat, "openid")["id_token"].as_str().expect("a token").to_owned();
    assert_eq!(pat.get(&logout(&[("id_token_hint", &hint)])).status, 200);
    let request = next(&received);
    let head = request.head.to_lowercase();
    assert!(
        head.starts_with("post /backchannel?a=b http/1.1\r\n") && head.contains("application/x-www-form-urlencoded"),
        "{head}"
    );
    let token = logout_token(&world, &request);
    assert_eq!((&token.header["typ"], &token.header["alg"]), (&json!("logout+jwt"), &json!("ES256")));
    let now = world.app.now().0;
    for (name, value) in [
        ("iss", json!(world.issuer())),
        ("aud", json!(told.id)),
        ("sub", claims["sub"].clone()),
        ("sid", claims["sid"].clone()),
        ("iat", json!(now)),
        ("exp", json!(now + 120)),
        ("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} })),
    ] {
        assert_eq!(token.claims[name], value, "{name}");
    }
    assert!(token.claims["nonce"].is_null() && token.claims["jti"].as_str().is_some_and(|jti| jti.len() == 32));
    let other = logout_token(&world, &next(&other_received));
    assert_eq!((&other.header["alg"], &other.claims["aud"]), (&json!("RS256"), &json!(also_told.id)));
    assert_ne!(other.claims["jti"], token.claims["jti"]);
    assert_eq!(told.error(&mut pat, &[("prompt", "none")]), "login_required");
    assert!(received.recv_timeout(Duration::from_millis(300)).is_err(), "it is told once");
    // A logout token is no ID token.
    let logout_jwt = request.body.strip_prefix("logout_token=").expect("a token");
    asks(&world.pat().get(&logout(&[("id_token_hint", logout_jwt)])));
}

#[test]
fn an_application_that_does_not_answer_is_told_again_after_1_5_and_25_seconds() {
    let mut world = world_with_private_hosts();
    let (address, received) = application(&[500, 302, 404, 503]);
    let told = world.add(&json!({ "backchannel_logout_uri": address }));
    let mut pat = world.pat();
    told.code(&mut pat, &[]);
    assert_eq!(pat.form("/logout", &[]).status, 303);
    let mut ids = Vec::new();
    ids.push(logout_token(&world, &next(&received)).claims["jti"].clone());
    for secs in [1, 5, 25] {
        // The clock goes on only once the next attempt is planned.
        let planned = || world.app.app.store.read(|db| db.next_logout_notice_at()).expect("read");
        let until = std::time::Instant::now() + Duration::from_secs(20);
        while planned() != Some(world.app.now().plus(secs)) {
            assert!(std::time::Instant::now() < until, "{secs}: {:?}", planned());
            std::thread::sleep(Duration::from_millis(10));
        }
        // A little earlier, nothing is sent.
        world.app.pass(secs - 1);
        assert!(received.recv_timeout(Duration::from_millis(400)).is_err(), "{secs}");
        world.app.pass(1);
        ids.push(logout_token(&world, &next(&received)).claims["jti"].clone());
    }
    world.app.pass(1000);
    assert!(received.recv_timeout(Duration::from_millis(400)).is_err(), "not a fifth time");
    let log = world.app.signed_in("ann@acme.test").read(&format!("/applications/{}/log", told.id)).json();
    let failures: Vec<_> = log["items"]
        .as_array()
        .expect("lines")
        .iter()
        .filter(|line| line["path"] == "backchannel_logout_uri")
        .collect();
    assert_eq!(failures.len(), 4, "{log}");
    assert!(failures[3]["reason"].as_str().is_some_and(|reason| reason.contains("500")), "{log}");
}

#[test]
fn applications_are_told_however_the_session_ends() {
    type End = fn(&mut World, &mut Browser);
    let endings: [(&str, End); 5] = [
        ("revoked", |world, _| {
            let path = format!("/workspaces/{}/members/{}", world.org.workspace, world.app.user(PAT));
            assert_eq!(world.ann.api("DELETE", &path, &Value::Null).status, 200);
        }),
        ("disabled", |world, _| {
            let path = format!("/users/{}/disable", world.app.user(PAT));
            assert_eq!(world.app.operator().api("POST", &path, &Value::Null).status, 200);
        }),
        ("by an admin", |world, _| {
            let path = format!("/organisations/acme/members/{}/sessions", world.app.user(PAT));
            assert!(world.ann.api("DELETE", &path, &Value::Null).status < 300);
        }),
        ("another person", |_, pat| assert_eq!(pat.sign_in("ann@acme.test", crate::app::PASSWORD).status, 200)),
        ("other sessions", |world, _| {
            assert!(world.app.signed_in(PAT).api("DELETE", "/me/sessions", &Value::Null).status < 300);
        }),
    ];
    for (name, end) in endings {
        let mut world = world_with_private_hosts();
        let (address, received) = application(&[]);
        let told = world.add(&json!({ "backchannel_logout_uri": address }));
        let mut pat = world.pat();
        told.code(&mut pat, &[]);
        end(&mut world, &mut pat);
        assert_eq!(logout_token(&world, &next(&received)).claims["aud"], told.id, "{name}");
    }
}

#[test]
fn private_addresses_are_told_only_if_the_operator_allows_them() {
    let mut world = World::new();
    let (address, received) = application(&[]);
    let told = world.add(&json!({ "backchannel_logout_uri": address }));
    let mut pat = world.pat();
    let tokens = told.redeem(&told.code(&mut pat, &[("scope", "openid offline_access")])).json();
    assert_eq!(pat.form("/logout", &[]).status, 303);
    assert!(received.recv_timeout(Duration::from_millis(600)).is_err());
    let log = world.app.signed_in("ann@acme.test").read(&format!("/applications/{}/log", told.id)).json();
    assert!(log.to_string().contains("127.0.0.1 has an address that is not public"), "{log}");
    assert_eq!(oauth_error(&told.refresh(&tokens["refresh_token"])).1, "invalid_grant", "the tokens have ended anyway");
}
