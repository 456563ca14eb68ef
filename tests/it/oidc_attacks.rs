//! Attacks on OpenID Connect, among them the recent faults of other products; and that ended access ends tokens.

use crate::app::PASSWORD;
use crate::browser::{Answer, Browser};
use crate::idp::{KEY, connect, deliver, request_of, saml_sign_in, valid_response};
use crate::oidc::{Client, PAT, REDIRECT, World, add_client, oauth_error, sign_in_at, sign_in_page};
use crate::program::{free_port, serve, set_up};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use vestibule::saml::test_idp::Sign;

const DAY: i64 = 24 * 3600;

#[test]
fn nothing_is_sent_to_an_unknown_client_or_an_unregistered_address_for_any_prompt_or_error() {
    let world = World::new();
    let (mut pat, mut nobody) = (world.pat(), world.app.anonymous());
    let unknown = "0".repeat(32);
    let faults: [(&str, &str); 12] = [
        ("redirect_uri", "https://evil.test/"),
        ("redirect_uri", "https://wiki.acme.test/callback"),
        ("redirect_uri", "https://wiki.acme.test/callback?from=vestibule&x=1"),
        ("redirect_uri", "https://wiki.acme.test/a/..;/callback?from=vestibule"),
        ("redirect_uri", "https://wiki.acme.test/callback/../evil?from=vestibule"),
        ("redirect_uri", "https://wiki.acme.test@evil.test/callback?from=vestibule"),
        ("redirect_uri", "HTTPS://wiki.acme.test/callback?from=vestibule"),
        ("redirect_uri", ""),
        ("client_id", &unknown),
        ("client_id", "wiki"),
        ("client_id", "*"),
        ("client_id", ""),
    ];
    let kinds: [(&str, &str); 11] = [
        ("prompt", "none"),
        ("prompt", "login"),
        ("prompt", "select_account"),
        ("prompt", "create"),
        ("response_type", "token"),
        ("response_type", ""),
        ("scope", "email"),
        ("request", "x"),
        ("request_uri", "https://evil.test/"),
        ("code_challenge", ""),
        ("max_age", "-1"),
    ];
    for fault in faults {
        for kind in kinds {
            for browser in [&mut pat, &mut nobody] {
                browser.headers.push(("accept", "text/html".into()));
                let answer = browser.get(&world.client.authorize(&[fault, kind]));
                browser.headers.pop();
                assert_eq!(answer.status, 400, "{fault:?} {kind:?}");
                assert!(
                    !answer.headers.contains_key("location") && answer.body.contains("<html"),
                    "{fault:?} {kind:?}"
                );
                assert!(!answer.body.contains("evil.test"), "the page has no link to the address");
            }
        }
    }
}

#[test]
fn a_repeated_parameter_is_refused_and_a_repeated_address_gets_a_page() {
    let world = World::new();
    let mut pat = world.pat();
    let usual = world.client.authorize(&[]);
    for name in ["state", "scope", "nonce", "response_type", "prompt", "unknown", "code_challenge"] {
        let twice = if usual.contains(&format!("{name}=")) {
            format!("{usual}&{name}=x")
        } else {
            format!("{usual}&{name}=x&{name}=x")
        };
        let returned = world.client.returned(&pat.get(&twice));
        assert_eq!(returned["error"], "invalid_request", "{name}");
        assert_eq!(returned.contains_key("state"), name != "state", "a repeated state is not returned");
    }
    for extra in [
        format!("client_id={}", world.client.id),
        "redirect_uri=https://evil.test/".into(),
        format!("redirect_uri={REDIRECT}"),
    ] {
        let answer = pat.get(&format!("{usual}&{extra}"));
        assert!(answer.status == 400 && !answer.headers.contains_key("location"), "{extra}");
    }
    let code = world.client.code(&mut pat, &[]);
    for name in ["code", "grant_type", "redirect_uri", "code_verifier", "client_id", "unknown"] {
        let fields = [("code", code.as_str()), (name, "x"), (name, "x")];
        assert_eq!(oauth_error(&world.client.redeem_with(&fields)), (400, "invalid_request".into()), "{name}");
    }
    assert_eq!(world.client.redeem(&code).status, 200);
}

#[test]
fn a_code_is_bound_to_its_client_address_and_verifier() {
    let mut world = World::new();
    let other = world.add(&json!({ "redirect_uris": [REDIRECT, "https://wiki.acme.test/second"] }));
    let mut pat = world.pat();
    let code = world.client.code(&mut pat, &[]);
    assert_eq!(oauth_error(&other.redeem(&code)), (400, "invalid_grant".into()), "the code of another client");
    for uri in ["https://wiki.acme.test/second", "https://wiki.acme.test/callback", "https://evil.test/"] {
        let refused = world.client.redeem_with(&[("code", &code), ("redirect_uri", uri)]);
        assert_eq!(oauth_error(&refused), (400, "invalid_grant".into()), "{uri}");
    }
    assert_eq!(
        oauth_error(&world.client.redeem_with(&[("code", &code), ("redirect_uri", "")])),
        (400, "invalid_request".into())
    );
    assert_eq!(world.client.redeem(&code).status, 200, "it is still good for its own client");
    let refused = world.client.redeem_with(&[("grant_type", "client_credentials"), ("code", "x")]);
    assert_eq!(oauth_error(&refused), (400, "unsupported_grant_type".into()));
    // Tokens of one kind are none of another kind.
    let tokens = world.tokens(&mut pat, "openid offline_access");
    let text = |name: &str| tokens[name].as_str().expect("a token");
    for name in ["refresh_token", "id_token"] {
        assert_eq!(world.userinfo(text(name)).status, 401, "{name}");
    }
    for name in ["access_token", "id_token"] {
        assert_eq!(oauth_error(&world.client.refresh(&tokens[name])).1, "invalid_grant", "{name}");
    }
}

#[test]
fn a_refresh_token_that_is_used_twice_ends_its_family() {
    let world = World::new();
    let mut pat = world.pat();
    let first = world.tokens(&mut pat, "openid offline_access");
    let elsewhere = world.tokens(&mut pat, "openid offline_access");
    let second = world.client.refresh(&first["refresh_token"]).json();
    let third = world.client.refresh(&second["refresh_token"]).json();
    assert_eq!(world.client.introspect(&first["refresh_token"])["active"], false);
    assert_eq!(oauth_error(&world.client.refresh(&first["refresh_token"])).1, "invalid_grant");
    for tokens in [&second, &third] {
        assert_eq!(oauth_error(&world.client.refresh(&tokens["refresh_token"])).1, "invalid_grant");
        assert_eq!(world.userinfo(tokens["access_token"].as_str().expect("a token")).status, 401);
    }
    assert_eq!(world.client.refresh(&elsewhere["refresh_token"]).status, 200, "another family stays");
}

/// The numbers of rows of these tables.
fn rows<const N: usize>(world: &World, tables: [&str; N]) -> [i64; N] {
    let file = rusqlite::Connection::open(world.app.data.path().join("vestibule.db")).expect("opens");
    tables.map(|table| file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("counted"))
}

const TOKENS: [&str; 3] = ["authorizations", "access_tokens", "refresh_tokens"];

#[test]
fn a_session_has_at_most_20_authorizations_of_each_kind_at_a_client_so_that_it_ends_by_a_short_write() {
    let world = World::new();
    let mut pat = world.pat();
    for scope in ["openid", "openid offline_access"] {
        let codes: Vec<_> = (0..25)
            .map(|_| {
                // The oldest end first.
                world.app.pass(1);
                world.client.code(&mut pat, &[("scope", scope)])
            })
            .collect();
        for (number, code) in codes.iter().enumerate() {
            let answer = world.client.redeem(code);
            assert_eq!(answer.status, if number < 5 { 400 } else { 200 }, "{scope} {number}: {}", answer.body);
            let mut tokens = answer.json();
            for _ in 0..if number == 5 { 15 } else { 0 } {
                let Some(token) = tokens.get("refresh_token") else { break };
                tokens = world.client.refresh(token).json();
                assert_eq!(world.userinfo(tokens["access_token"].as_str().expect("a token")).status, 200);
            }
        }
    }
    // 20 of each kind, of which one has the most access tokens that it can have.
    assert_eq!(rows(&world, TOKENS), [40, 39 + 10, 20]);
    assert_eq!(pat.form("/logout", &[]).status, 303);
    assert_eq!(rows(&world, TOKENS), [0, 0, 0]);
}

#[test]
fn each_used_refresh_token_ends_its_family_although_only_the_last_token_is_stored() {
    for age in [0, 4] {
        let mut world = World::new();
        let other = world.add(&json!({}));
        let mut pat = world.pat();
        let mut tokens = vec![world.tokens(&mut pat, "openid offline_access")];
        for _ in 0..5 {
            let next = world.client.refresh(&tokens.last().expect("one")["refresh_token"]).json();
            tokens.push(next);
        }
        assert_eq!(rows(&world, ["refresh_tokens"]), [1]);
        let used = &tokens[age]["refresh_token"];
        assert_eq!(world.client.introspect(used)["active"], false);
        assert_eq!(oauth_error(&other.refresh(used)).1, "invalid_grant", "a token of another client");
        let text = used.as_str().expect("a token");
        for unreadable in [&text[..text.len() - 1], &text[..32], ".", ""] {
            assert_ne!(world.client.refresh(&json!(unreadable)).status, 200, "{unreadable}");
        }
        let last = world.client.refresh(&tokens[5]["refresh_token"]);
        assert_eq!(last.status, 200, "none of them ended the family: {}", last.body);
        assert_eq!(oauth_error(&world.client.refresh(used)).1, "invalid_grant");
        assert_eq!(oauth_error(&world.client.refresh(&last.json()["refresh_token"])).1, "invalid_grant");
        assert_eq!(rows(&world, TOKENS), [0, 0, 0]);
    }
}

#[test]
fn a_used_refresh_token_of_an_earlier_version_ends_its_family() {
    let world = World::new();
    let tokens = world.tokens(&mut world.pat(), "openid offline_access");
    let authorization = tokens["refresh_token"].as_str().expect("a token").split('.').next().expect("an id").to_owned();
    let old = json!("0".repeat(64));
    world.app.write(move |tx| tx.add_refresh_token(&"0".repeat(64), &authorization));
    let next = world.client.refresh(&old);
    assert_eq!(next.status, 200, "{}", next.body);
    assert_eq!(oauth_error(&world.client.refresh(&old)).1, "invalid_grant");
    assert_eq!(oauth_error(&world.client.refresh(&next.json()["refresh_token"])).1, "invalid_grant");
}

#[test]
fn expired_tokens_are_deleted_in_portions() {
    let world = World::new();
    world.tokens(&mut world.pat(), "openid");
    let file = rusqlite::Connection::open(world.app.data.path().join("vestibule.db")).expect("opens");
    let sql = "WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 1200)
        INSERT INTO access_tokens SELECT randomblob(32), authorization_id, scope, 1 FROM access_tokens, many";
    assert_eq!(file.execute(sql, ()).expect("written"), 1200);
    for (more, left) in [(true, 701), (true, 201), (false, 1)] {
        assert_eq!(world.app.write(|tx| tx.purge_authorizations()), more);
        assert_eq!(rows(&world, ["access_tokens"]), [left]);
    }
}

#[test]
fn a_request_belongs_to_the_browser_that_began_it_and_the_address_changes_nothing() {
    let world = World::new();
    let mut pat = world.app.anonymous();
    let asked = pat.get(&world.client.authorize(&[("scope", "openid")]));
    let (_, back) = sign_in_page(&asked);
    // Another browser, also of the same person, has no such request.
    let mut other = world.pat();
    let lost = other.get(&back);
    assert!(lost.status == 400 && lost.code() == "state_lost" && !lost.headers.contains_key("location"));
    // The address cannot change the request.
    let changed = format!("{back}&redirect_uri=https://evil.test/&scope=openid+groups&response_type=token&client_id=x");
    let answer = {
        let form = [("email", PAT), ("password", PASSWORD), ("return", &back)];
        assert_eq!(pat.form("/login", &form).status, 303);
        pat.get(&changed)
    };
    let code = world.client.code_in(&answer);
    assert_eq!(world.client.redeem(&code).json()["scope"], "openid");
    assert_eq!(pat.get(&back).code(), "state_lost", "it works once");
    // A changed cookie is none.
    let mut forged = world.app.anonymous();
    let asked = forged.get(&world.client.authorize(&[]));
    let (_, back) = sign_in_page(&asked);
    let name = forged.cookies.keys().find(|name| name.starts_with("vestibule_request_")).expect("a cookie").clone();
    let value = forged.cookies[&name].clone();
    forged.cookies.insert(name.clone(), format!("A{}", &value[1..]));
    assert_eq!(forged.get(&back).code(), "state_lost");
    forged.cookies.insert(name, value);
    world.app.pass(3600);
    assert_eq!(forged.get(&back).code(), "state_lost", "it expires");
}

#[test]
fn requests_that_wait_are_limited_and_a_long_one_is_refused() {
    let world = World::new();
    let mut pat = world.app.anonymous();
    for _ in 0..15 {
        assert_eq!(pat.get(&world.client.authorize(&[])).status, 303);
    }
    let waiting = pat.cookies.iter().filter(|(name, _)| name.starts_with("vestibule_request_"));
    let (count, bytes) = waiting.fold((0, 0), |(count, bytes), (_, value)| (count + 1, bytes + value.len()));
    assert!((5..=10).contains(&count) && bytes <= 6 * 1024, "{count} cookies, {bytes} bytes");
    let long = "s".repeat(1500);
    let refused = pat.get(&world.client.authorize(&[("state", &long), ("nonce", &long)]));
    assert_eq!(world.client.returned(&refused)["error"], "invalid_request");
}

#[test]
fn the_endpoints_of_clients_read_no_cookie_and_pages_of_other_sites_only_redirect_or_ask() {
    let world = World::new();
    let mut pat = world.pat();
    assert_eq!(pat.get("/oauth2/userinfo").status, 401);
    pat.headers = vec![("sec-fetch-site", "cross-site".into()), ("origin", "https://evil.test".into())];
    assert_eq!(pat.form("/oauth2/token", &[("grant_type", "refresh_token"), ("refresh_token", "x")]).status, 401);
    let logout = pat.form("/oauth2/logout", &[("client_id", &world.client.id)]);
    assert_eq!(logout.location(), format!("/oauth2/logout?client_id={}&ask=1", world.client.id));
    pat.headers.push(("accept", "text/html".into()));
    let long = pat.form("/oauth2/authorize", &[("client_id", &world.client.id), ("state", &"x".repeat(9000))]);
    assert!(long.status == 414 && long.headers["content-type"].starts_with("text/html"), "{:?}", long.headers);
    assert!(long.body.contains("may have at most"), "{}", long.body);
    assert_eq!(pat.form("/auth/sign-out", &[]).status, 403, "the confirmation is from our own page");
    pat.headers = vec![("sec-fetch-site", "same-origin".into())];
    assert_eq!(pat.read("/me").status, 200);
    // An access token opens neither the console nor the API.
    let tokens = world.tokens(&mut pat, "openid offline_access");
    for name in ["access_token", "refresh_token", "id_token"] {
        let mut program = world.app.program(tokens[name].as_str().expect("a token"));
        assert_eq!(program.read("/me").status, 401, "{name}");
    }
}

#[test]
fn a_person_gets_a_limited_number_of_codes_a_minute() {
    let world = World::new();
    let mut pat = world.pat();
    for request in 0..60 {
        assert_eq!(pat.get(&world.client.authorize(&[])).status, 303, "{request}");
    }
    for prompt in ["", "none"] {
        let limited = pat.get(&world.client.authorize(&[("prompt", prompt)]));
        assert!(limited.status == 429 && limited.headers.contains_key("retry-after"), "{}", limited.status);
    }
    world.client.code(&mut world.app.signed_in("ann@acme.test"), &[]);
    world.app.pass(60);
    world.client.code(&mut pat, &[]);
}

#[test]
fn the_limit_of_failures_does_not_reveal_which_clients_exist() {
    let world = World::new();
    let failures = |id: &str| {
        let client = Client { id: id.to_owned(), secret: "wrong".into(), ..world.client.clone() };
        (0..65).map(|_| client.redeem("x").status).collect::<Vec<_>>()
    };
    let known = failures(&world.client.id);
    assert_eq!((known[0], known[64]), (401, 429));
    for unknown in ["0".repeat(32), "1".repeat(32), "wiki".to_owned()] {
        assert_eq!(failures(&unknown), known, "{unknown}");
    }
}

#[test]
fn a_code_for_an_address_that_was_removed_meanwhile_is_refused() {
    let mut world = World::new();
    let mut pat = world.pat();
    let path = format!("/applications/{}", world.client.id);
    for (uris, status) in [(json!([REDIRECT]), 200), (json!(["https://wiki.acme.test/new"]), 400)] {
        let code = world.client.code(&mut pat, &[]);
        assert_eq!(world.ann.api("PATCH", &path, &json!({ "redirect_uris": uris })).status, 200);
        assert_eq!(world.client.redeem(&code).status, status, "{uris}");
    }
}

#[test]
fn tokens_end_when_the_client_proves_its_identity_in_another_way() {
    let mut world = World::new();
    let mut pat = world.pat();
    let path = format!("/applications/{}", world.client.id);
    let tokens = world.tokens(&mut pat, "openid offline_access");
    assert_eq!(world.ann.api("PATCH", &path, &json!({ "name": "Wiki 2" })).status, 200);
    let tokens = world.client.refresh(&tokens["refresh_token"]).json();
    assert_eq!(world.ann.api("PATCH", &path, &json!({ "client_type": "public" })).status, 200);
    let public = Client { secret: String::new(), ..world.client.clone() };
    assert_eq!(oauth_error(&public.refresh(&tokens["refresh_token"])), (400, "invalid_grant".into()));
    assert_eq!(world.userinfo(tokens["access_token"].as_str().expect("a token")).status, 401);
}

#[test]
fn the_scopes_of_a_refresh_are_those_that_we_know_each_once() {
    let world = World::new();
    let tokens = world.tokens(&mut world.pat(), "openid email offline_access");
    let refresh = |token: &Value, scope: &str| {
        let token = token.as_str().expect("a token");
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
        world.client.post("/oauth2/token", &fields)
    };
    for bad in ["openid profile", "openid\temail", " "] {
        assert_eq!(oauth_error(&refresh(&tokens["refresh_token"], bad)), (400, "invalid_scope".into()), "{bad}");
    }
    let fewer = refresh(&tokens["refresh_token"], &format!("email  openid {}", "openid ".repeat(5000))).json();
    assert_eq!(fewer["scope"], "openid email", "{fewer}");
}

/// The cookies of requests that a browser keeps.
fn requests_of(browser: &Browser) -> Vec<(String, String)> {
    let all = browser.cookies.clone().into_iter();
    all.filter(|(name, _)| name.starts_with("vestibule_request_")).collect()
}

fn asks_to_sign_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.location().starts_with("/login?")
}

#[test]
fn a_sign_in_answers_only_the_request_for_a_new_one_for_which_it_was_made_and_once() {
    let world = World::new();
    for parameter in [("prompt", "login"), ("max_age", "0")] {
        let mut pat = world.pat();
        // Another person at the same browser begins a request, and keeps its cookie.
        let other = sign_in_page(&pat.get(&world.client.authorize(&[parameter]))).1;
        let begun = requests_of(&pat);
        let asked = pat.get(&world.client.authorize(&[parameter]));
        let (page, back) = sign_in_page(&asked);
        pat.get(&page);
        pat.form("/login", &[("email", PAT), ("password", PASSWORD), ("return", &back)]);
        let answered = requests_of(&pat);
        let mut thief = pat.clone();
        world.client.code_in(&pat.get(&back));
        pat.cookies.extend(answered.clone());
        assert!(asks_to_sign_in(&pat.get(&back)), "it is answered once");
        thief.cookies.extend(answered.clone());
        assert!(asks_to_sign_in(&thief.get(&back)), "it is answered once");
        pat.cookies.extend(begun.clone());
        assert!(asks_to_sign_in(&pat.get(&other)), "the sign-in was for another request");
        // Nor does a sign-in for nothing, or a second one for the first request.
        pat.cookies.extend(begun.clone());
        pat.form("/login", &[("email", PAT), ("password", PASSWORD), ("return", "/")]);
        assert!(asks_to_sign_in(&pat.get(&other)));
        pat.cookies.extend(begun);
        assert!(asks_to_sign_in(&pat.get(&back)) || pat.get(&back).code() == "state_lost");
        // A sign-in for the request answers it.
        pat.cookies.extend(requests_of(&thief));
        pat.form("/login", &[("email", PAT), ("password", PASSWORD), ("return", &other)]);
        world.client.code_in(&pat.get(&other));
    }
}

#[test]
fn a_sign_in_answers_its_request_for_a_minute() {
    let world = World::new();
    for (wait, again) in [(60, false), (61, true)] {
        let mut pat = world.pat();
        let asked = pat.get(&world.client.authorize(&[("prompt", "login")]));
        let (_, back) = sign_in_page(&asked);
        pat.form("/login", &[("email", PAT), ("password", PASSWORD), ("return", &back)]);
        world.app.pass(wait);
        assert_eq!(asks_to_sign_in(&pat.get(&back)), again, "{wait}");
    }
}

#[test]
fn a_refresh_without_openid_gives_no_id_token_and_an_access_token_that_names_nobody() {
    let world = World::new();
    let tokens = world.tokens(&mut world.pat(), "openid email offline_access");
    let refresh = |token: &Value, scope: &str| {
        let token = token.as_str().expect("a token");
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
        let answer = world.client.post("/oauth2/token", &fields);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    };
    let narrowed = refresh(&tokens["refresh_token"], "email");
    assert!(narrowed.get("id_token").is_none() && narrowed["scope"] == "email", "{narrowed}");
    let refused = world.userinfo(narrowed["access_token"].as_str().expect("a token"));
    assert_eq!(oauth_error(&refused), (403, "insufficient_scope".into()));
    assert!(!refused.body.contains(PAT));
    let challenge = &refused.headers["www-authenticate"];
    assert!(
        challenge.starts_with("Bearer ")
            && challenge.contains("error=\"insufficient_scope\"")
            && challenge.contains("scope=\"openid\"")
    );
    assert_eq!(world.client.introspect(&narrowed["access_token"])["scope"], "email");
    // The refresh token still has the scopes of the first request (RFC 6749 6).
    let whole = refresh(&narrowed["refresh_token"], "openid email");
    world.verified(&whole);
    assert_eq!(world.userinfo(whole["access_token"].as_str().expect("a token")).json()["email"], PAT);
}

/// How access ends.
type Ending = fn(&mut World, &mut Browser);

#[test]
fn ended_access_ends_every_token_at_once_and_it_does_not_come_back() {
    let endings: [(&str, Ending); 12] = [
        ("signing out", |_, pat| assert_eq!(pat.form("/logout", &[]).status, 303)),
        ("revoking the member", |world, _| {
            let path = format!("/workspaces/{}/members/{}", world.org.workspace, world.app.user(PAT));
            assert_eq!(world.ann.api("DELETE", &path, &Value::Null).status, 200);
        }),
        ("leaving the workspace, but not the organisation", |world, _| {
            let (org, id) = (world.org.clone(), world.app.user(PAT));
            world.app.write(move |tx| {
                let second = tx.add_workspace(&org.id, &vestibule::domain::Name::parse("name", "Second")?)?;
                tx.set_place(&org.id, &second.id, &tx.user(&id)?, &vestibule::domain::person::Role::PowerUser)?;
                tx.delete_place(&org.workspace, &id)
            });
        }),
        ("ending the session in the list", |world, _| {
            let mut other = world.app.signed_in(PAT);
            assert_eq!(other.api("DELETE", "/me/sessions", &Value::Null).status, 204);
        }),
        ("ending the sessions by an admin", |world, _| {
            let path = format!("/organisations/acme/members/{}/sessions", world.app.user(PAT));
            assert!(world.ann.api("DELETE", &path, &Value::Null).status < 300);
        }),
        ("changing the password", |_, pat| {
            let body = json!({ "current_password": PASSWORD, "new_password": "violet tractor lagoon" });
            let changed = pat.api("PUT", "/me/password", &body);
            assert!(changed.status < 300, "{}", changed.body);
        }),
        ("disabling the person", |world, _| {
            let path = format!("/users/{}/disable", world.app.user(PAT));
            assert_eq!(world.app.operator().api("POST", &path, &Value::Null).status, 200);
            let path = format!("/users/{}/enable", world.app.user(PAT));
            assert_eq!(world.app.operator().api("POST", &path, &Value::Null).status, 200);
        }),
        ("a plan without the method", |world, _| {
            let mut operator = world.app.operator();
            let mode = |mode: &str| json!({ "auth_mode": mode });
            assert_eq!(operator.api("PATCH", "/plans/enterprise", &mode("saml")).status, 200);
            assert_eq!(operator.api("PATCH", "/plans/enterprise", &mode("password_or_saml")).status, 200);
        }),
        ("SAML-only, on and off again", |world, _| {
            let mut ann = connect(&world.app, &world.org, "ann@acme.test", "acme_SSO");
            saml_sign_in(&world.app, &mut ann, "/sso?key=acme_SSO", "ann@acme.test");
            for enabled in [true, false] {
                let path = "/organisations/acme/sso/saml-only";
                assert_eq!(ann.api("PUT", path, &json!({ "enabled": enabled })).status, 200);
            }
        }),
        ("deleting the application", |world, _| {
            let path = format!("/applications/{}", world.client.id);
            assert_eq!(world.ann.api("DELETE", &path, &Value::Null).status, 200);
        }),
        ("deleting the workspace", |world, _| {
            let path = format!("/workspaces/{}", world.org.workspace);
            assert_eq!(
                world.ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Other" })).status,
                201
            );
            assert_eq!(world.ann.api("DELETE", &path, &Value::Null).status, 200);
        }),
        ("signing in as another person in the same browser", |_, pat| {
            assert_eq!(pat.sign_in("ann@acme.test", PASSWORD).status, 200);
        }),
    ];
    for (name, end) in endings {
        let mut world = World::new();
        let mut pat = world.pat();
        let plain = world.tokens(&mut pat, "openid");
        let offline = world.tokens(&mut pat, "openid offline_access");
        let code = world.client.code(&mut pat, &[("scope", "openid offline_access")]);
        for tokens in [&plain, &offline] {
            assert_eq!(world.userinfo(tokens["access_token"].as_str().expect("a token")).status, 200, "{name}");
        }
        end(&mut world, &mut pat);
        for tokens in [&plain, &offline] {
            assert_eq!(world.userinfo(tokens["access_token"].as_str().expect("a token")).status, 401, "{name}");
        }
        let gone = name.starts_with("deleting");
        let expected = if gone { "invalid_client" } else { "invalid_grant" };
        assert_eq!(oauth_error(&world.client.refresh(&offline["refresh_token"])).1, expected, "{name}");
        assert_eq!(oauth_error(&world.client.redeem(&code)).1, expected, "{name}: a code from before");
        if !gone {
            assert_eq!(world.client.introspect(&offline["access_token"])["active"], false, "{name}");
        }
        if name == "revoking the member" {
            // A later invitation gives nothing back.
            world.app.person(&world.org, PAT, vestibule::domain::person::Role::PowerUser, false);
            assert_eq!(oauth_error(&world.client.refresh(&offline["refresh_token"])).1, "invalid_grant");
        }
    }
}

#[test]
fn dry_runs_count_the_refresh_tokens_that_end() {
    let mut world = World::new();
    let mut pat = world.pat();
    let tokens = world.tokens(&mut pat, "openid offline_access");
    world.tokens(&mut pat, "openid offline_access");
    world.tokens(&mut pat, "openid");
    assert_eq!(world.client.refresh(&tokens["refresh_token"]).status, 200, "a used token does not count");
    let id = world.app.user(PAT);
    let member = format!("/workspaces/{}/members/{id}?dry_run=true", world.org.workspace);
    let application = format!("/applications/{}?dry_run=true", world.client.id);
    let mut operator = world.app.operator();
    world.ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Lab" }));
    let workspace = format!("/workspaces/{}?dry_run=true", world.org.workspace);
    let (person, whole) =
        (format!("/organisations/acme/members/{id}?dry_run=true"), "/organisations/acme?dry_run=true");
    for path in [member.clone(), application, person, workspace, whole.to_owned()] {
        let effect = operator.api("DELETE", &path, &Value::Null).json();
        assert_eq!(effect["counts"]["refresh_tokens"], 2, "{path}: {effect}");
        assert_eq!(effect["counts"]["application_sessions"], 0, "{path}");
    }
    // A role that takes the level in the application away, in each of the ways in which a person gets another level.
    let role = |name: &str, level: &str| json!({ "name": name, "default_level": level });
    let mut made = |name: &str, level: &str| {
        let made = operator.api("POST", "/organisations/acme/roles", &role(name, level)).json();
        made["id"].as_str().expect("an id").to_owned()
    };
    let (none, viewer) = (made("None", "no_access"), made("Viewer", "viewer"));
    let given = world.ann.api("PATCH", &member, &json!({ "role": none })).json();
    assert_eq!(given["effect"]["counts"]["refresh_tokens"], 2, "{given}");
    let kept = world.ann.api("PATCH", &member, &json!({ "role": viewer })).json();
    assert_eq!(kept["effect"]["counts"]["refresh_tokens"], 0, "{kept}");
    let real = world.ann.api("PATCH", member.trim_end_matches("?dry_run=true"), &json!({ "role": viewer }));
    assert_eq!(real.status, 200, "{}", real.body);
    let (path, level) =
        (format!("/organisations/acme/roles/{viewer}?dry_run=true"), json!({ "default_level": "no_access" }));
    let changed = world.ann.api("PATCH", &path, &level).json();
    assert_eq!(changed["effect"]["counts"]["refresh_tokens"], 2, "{changed}");
    let removed = world.ann.api("DELETE", &format!("{path}&replace_by={none}"), &Value::Null).json();
    assert_eq!(removed["counts"]["refresh_tokens"], 2, "{removed}");
    let real = world.ann.api("DELETE", &format!("/organisations/acme/roles/{viewer}?replace_by={none}"), &Value::Null);
    assert_eq!(real.json()["counts"], removed["counts"], "{}", real.body);
    assert_eq!(world.client.refresh(&tokens["refresh_token"]).json()["error"], "invalid_grant");
    let back = world.ann.api("PATCH", member.trim_end_matches("?dry_run=true"), &json!({ "role": "power_user" }));
    assert_eq!(back.status, 200, "{}", back.body);
    for _ in 0..2 {
        world.tokens(&mut pat, "openid offline_access");
    }
    let disabled = operator.api("POST", &format!("/users/{id}/disable?dry_run=true"), &Value::Null).json();
    assert_eq!(disabled["counts"]["refresh_tokens"], 2, "{disabled}");
    let plan = operator.api("PATCH", "/plans/enterprise?dry_run=true", &json!({ "auth_mode": "saml" })).json();
    assert_eq!(plan["counts"]["refresh_tokens"], 2, "{plan}");
    let same = operator.api("PATCH", "/plans/enterprise?dry_run=true", &json!({ "auth_mode": "password" })).json();
    assert_eq!(same["counts"]["refresh_tokens"], 0, "{same}");
}

#[test]
fn a_refresh_token_outlives_the_session_for_30_days_of_idleness_and_90_days_at_most() {
    let world = World::new();
    let mut pat = world.pat();
    let mut tokens = world.tokens(&mut pat, "openid offline_access");
    let plain = world.tokens(&mut pat, "openid");
    let idle = world.tokens(&mut pat, "openid offline_access");
    // The session expires, and is deleted.
    world.app.wait(8 * DAY);
    assert_eq!(pat.read("/me").status, 401);
    world.app.write(|tx| tx.purge_sessions());
    assert_eq!(world.userinfo(plain["access_token"].as_str().expect("a token")).status, 401);
    for day in (8..88).step_by(16) {
        let next = world.client.refresh(&tokens["refresh_token"]);
        assert_eq!(next.status, 200, "day {day}: {}", next.body);
        tokens = next.json();
        assert_eq!(world.userinfo(tokens["access_token"].as_str().expect("a token")).status, 200);
        world.app.pass(16 * DAY);
        world.app.write(|tx| tx.purge_authorizations());
    }
    assert_eq!(oauth_error(&world.client.refresh(&idle["refresh_token"])).1, "invalid_grant", "idle for 30 days");
    let last = world.client.refresh(&tokens["refresh_token"]);
    assert_eq!(last.status, 200, "day 88");
    world.app.pass(2 * DAY);
    assert_eq!(oauth_error(&world.client.refresh(&last.json()["refresh_token"])).1, "invalid_grant", "day 90");
}

#[test]
fn what_outlives_a_session_ends_with_later_revocation_and_password_changes() {
    for change in ["revoked", "password", "disabled", "saml"] {
        let mut world = World::new();
        let mut pat = world.pat();
        let tokens = world.tokens(&mut pat, "openid offline_access");
        world.app.pass(8 * DAY);
        world.app.write(|tx| tx.purge_sessions());
        let tokens = world.client.refresh(&tokens["refresh_token"]).json();
        let id = world.app.user(PAT);
        world.ann = world.app.signed_in("ann@acme.test");
        match change {
            "revoked" => {
                let path = format!("/workspaces/{}/members/{id}", world.org.workspace);
                assert_eq!(world.ann.api("DELETE", &path, &Value::Null).status, 200);
            }
            "password" => {
                let body = json!({ "current_password": PASSWORD, "new_password": "violet tractor lagoon" });
                assert!(world.pat().api("PUT", "/me/password", &body).status < 300);
            }
            "disabled" => {
                assert_eq!(world.app.operator().api("POST", &format!("/users/{id}/disable"), &Value::Null).status, 200);
            }
            _ => {
                let mut ann = connect(&world.app, &world.org, "ann@acme.test", "acme_SSO");
                saml_sign_in(&world.app, &mut ann, "/sso?key=acme_SSO", "ann@acme.test");
                for enabled in [true, false] {
                    let path = "/organisations/acme/sso/saml-only";
                    assert_eq!(ann.api("PUT", path, &json!({ "enabled": enabled })).status, 200);
                }
            }
        }
        assert_eq!(world.userinfo(tokens["access_token"].as_str().expect("a token")).status, 401, "{change}");
        assert_eq!(oauth_error(&world.client.refresh(&tokens["refresh_token"])).1, "invalid_grant", "{change}");
    }
}

#[test]
fn no_refresh_token_outlives_the_end_that_the_identity_provider_sets() {
    let world = World::new();
    connect(&world.app, &world.org, "ann@acme.test", "acme_SSO");
    let mut pat = world.app.anonymous();
    let request = request_of(&pat.get("/sso?key=acme_SSO"));
    let mut minted = valid_response(&world.app, &request, PAT);
    minted.session_not_on_or_after = Some(world.app.now().plus(3600).to_string());
    let answer = deliver(&mut pat, &request.acs_url, &minted.sign(&KEY, Sign::Assertion));
    let finish = answer.location().to_owned();
    assert_eq!(pat.get(&finish).location(), "/");
    let tokens = world.tokens(&mut pat, "openid offline_access");
    world.app.pass(3599);
    let tokens = world.client.refresh(&tokens["refresh_token"]).json();
    assert_eq!(world.userinfo(tokens["access_token"].as_str().expect("a token")).status, 200);
    world.app.pass(1);
    assert_eq!(world.userinfo(tokens["access_token"].as_str().expect("a token")).status, 401);
    assert_eq!(oauth_error(&world.client.refresh(&tokens["refresh_token"])).1, "invalid_grant");
}

#[test]
fn a_session_by_a_recovery_code_opens_no_application() {
    let world = World::new();
    let mut ann = connect(&world.app, &world.org, "ann@acme.test", "acme_SSO");
    saml_sign_in(&world.app, &mut ann, "/sso?key=acme_SSO", "ann@acme.test");
    let on = ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).json();
    let code = on["recovery_codes"][0].as_str().expect("a code");
    let mut recovered = world.app.anonymous();
    let body = json!({ "email": "ann@acme.test", "password": PASSWORD, "recovery_code": code });
    assert_eq!(recovered.api("POST", "/login", &body).status, 200);
    let asked = recovered.get(&world.client.authorize(&[]));
    assert!(asked.location().starts_with("/sso?"), "{}", asked.location());
    assert_eq!(world.client.error(&mut recovered, &[("prompt", "none")]), "login_required");
}

#[test]
fn another_organisations_people_do_not_open_a_client_and_its_claims_name_only_its_own_organisation() {
    let world = World::new();
    let globex = world.app.org("Globex", "business");
    world.app.person(&globex, PAT, vestibule::domain::person::Role::Admin, true);
    let mut pat = world.pat();
    let tokens = world.tokens(&mut pat, "openid groups vestibule");
    let claims = world.verified(&tokens).claims.to_string();
    assert!(claims.contains("acme") && !claims.to_lowercase().contains("globex"), "{claims}");
    let mut gil = world.app.signed_in(PAT);
    let second = add_client(&world.app, &globex, &mut gil, &json!({}));
    let own = world.tokens(&mut pat, "openid");
    let code = second.code(&mut pat, &[]);
    let foreign = second.redeem(&code).json();
    let (one, other) = (world.verified(&own).claims, world.verified(&foreign).claims);
    assert_ne!(one["sid"], other["sid"], "clients cannot compare sessions");
    let mut ann = world.app.signed_in("ann@acme.test");
    assert_eq!(second.error(&mut ann, &[("prompt", "none")]), "access_denied");
}

#[test]
fn a_revoked_refresh_token_stays_revoked_when_the_server_is_killed_and_started_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, port) = (folder.path(), free_port());
    let url = format!("http://127.0.0.1:{port}");
    let (server, link) = serve(data, port);
    let (mut ann, workspace) = set_up(&url, &link.expect("a set-up link"));
    let body = json!({ "kind": "oidc", "name": "Wiki", "url": "https://wiki.acme.test", "redirect_uris": [REDIRECT] });
    let made = ann.api("POST", &format!("/workspaces/{workspace}/applications"), &body).json();
    let (id, secret) = (made["client_id"].as_str().expect("an id"), made["client_secret"].as_str().expect("a secret"));
    let challenge = crate::oidc::challenge();
    let address = format!(
        "/oauth2/authorize?client_id={id}&redirect_uri={}&response_type=code&scope=openid+offline_access&code_challenge={challenge}&code_challenge_method=S256",
        url::form_urlencoded::byte_serialize(REDIRECT.as_bytes()).collect::<String>()
    );
    let send = |path: &str, fields: &[(&str, &str)]| {
        let mut program = Browser::new(&url);
        program.headers = vec![("authorization", crate::oidc::basic(id, secret))];
        program.form(path, fields)
    };
    let mut families = Vec::new();
    for _ in 0..3 {
        let back = ann.get(&address).location().to_owned();
        let pairs: BTreeMap<_, _> = url::Url::parse(&back).expect("a URL").query_pairs().into_owned().collect();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &pairs["code"]),
            ("redirect_uri", REDIRECT),
            ("code_verifier", crate::oidc::VERIFIER),
        ];
        let tokens = send("/oauth2/token", &fields).json();
        families.push(tokens["refresh_token"].as_str().expect("a token").to_owned());
    }
    let refresh = |token: &str| send("/oauth2/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]);
    // One is revoked, one is used, and one stays.
    assert_eq!(send("/oauth2/revoke", &[("token", &families[0])]).status, 200);
    assert_eq!(refresh(&families[1]).status, 200);
    drop(server); // kill -9
    let (_server, _) = serve(data, port);
    assert_eq!(oauth_error(&refresh(&families[0])).1, "invalid_grant", "revoked");
    assert_eq!(oauth_error(&refresh(&families[1])).1, "invalid_grant", "used");
    assert_eq!(refresh(&families[2]).status, 200, "the key and the database are the same");
}

#[test]
fn the_sign_in_page_names_the_application_only_in_the_browser_that_began_the_request() {
    let world = World::new();
    let mut pat = world.app.anonymous();
    let asked = pat.get(&world.client.authorize(&[]));
    let (page, _) = sign_in_page(&asked);
    assert!(pat.get(&page).body.contains("Wiki"));
    assert!(!world.app.anonymous().get(&page).body.contains("Wiki"));
    world.client.code_in(&sign_in_at(&mut pat, &asked, PAT));
}
