//! The set-up of an appliance, and sign-ins by password.

use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use serde_json::{Value, json};
use vestibule::actions::first_run;

fn set_up(token: &str) -> serde_json::Value {
    json!({
        "token": token, "name": "Ann", "email": "Ann@Acme.test", "password": "violet tractor lagoon",
        "organisation": "Acme & Söhne",
    })
}

fn token(app: &TestApp) -> String {
    let link = first_run::link(&app.app).expect("written").expect("the appliance has no people");
    link.split_once("token=").expect("a token").1.into()
}

#[test]
fn before_the_set_up_only_probes_and_the_set_up_are_available() {
    let app = TestApp::empty();
    let mut browser = app.anonymous();
    for path in ["/healthz", "/readyz", "/setup?token=x", "/static/app.js"] {
        assert_eq!(browser.get(path).status, 200, "{path}");
    }
    for path in ["/", "/login", "/api/v1/me", "/sso?key=acme", "/saml/x/metadata", "/nowhere"] {
        let answer = browser.get(path);
        assert_eq!((answer.status, answer.code().as_str()), (503, "setup_required"), "{path}");
    }
}

#[test]
fn before_the_set_up_browsers_get_a_page_that_explains_the_set_up() {
    let app = TestApp::empty();
    let mut browser = app.anonymous();
    browser.headers.push(("accept", "text/html,application/xhtml+xml".into()));
    let page = browser.get("/");
    assert_eq!(page.status, 503);
    assert!(page.body.contains("<h1>Not set up yet</h1>") && page.body.contains("set-up link"), "{}", page.body);
}

#[test]
fn the_set_up_link_works_once_and_creates_an_operator_with_an_organisation() {
    let app = TestApp::empty();
    let old = token(&app);
    let new = token(&app);
    let mut browser = app.anonymous();
    assert_eq!(browser.api("POST", "/setup", &set_up(&old)).status, 404);
    let mut look = |token: &str| browser.api("POST", "/setup/inspect", &serde_json::json!({ "token": token }));
    assert_eq!((look(&old).status, look("guessed").status), (404, 404));
    let plans = look(&new).json()["plans"].as_array().expect("plans").clone();
    let ids: Vec<_> = plans.iter().map(|plan| plan["id"].as_str().expect("an id")).collect();
    assert_eq!(ids, ["starter", "business", "enterprise"]);
    assert_eq!(plans[0]["max_members"], 25, "{}", plans[0]);
    let typed = serde_json::json!({ "password": "acme rockets 123", "organisation": "Acme Rockets", "token": new });
    let judged = browser.api("POST", "/password-strength", &typed);
    assert!(judged.json()["fault"].as_str().expect("a reason").contains("too easy"), "{}", judged.body);
    let own = serde_json::json!({ "name": "Wilhelmina Quartermaine", "password": "Quartermaine, Wilhelmina" });
    let mut named = set_up(&new);
    named.as_object_mut().expect("an object").extend(own.as_object().expect("an object").clone());
    assert_eq!(browser.api("POST", "/setup", &named).field(), "password");
    let mut bad = set_up(&new);
    for (field, value) in
        [("name", ""), ("email", "ada"), ("password", "short"), ("organisation", " "), ("plan", "gold")]
    {
        bad[field] = json!(value);
    }
    let refused = browser.api("POST", "/setup", &bad);
    let reported = refused.json()["error"].clone();
    let fields: Vec<_> =
        reported["fields"].as_array().expect("a list").iter().map(|one| one["field"].clone()).collect();
    assert_eq!(
        (refused.status, fields),
        (422, ["name", "email", "password", "organisation", "plan"].map(Value::from).to_vec())
    );
    assert_eq!((&reported["field"], &reported["message"]), (&json!("name"), &reported["fields"][0]["message"]));
    let answer = browser.api("POST", "/setup", &set_up(&new));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let me = browser.read("/me").json();
    assert_eq!(me, answer.json());
    assert_eq!(me["person"]["email"], "ann@acme.test");
    assert_eq!(me["person"]["operator"], true);
    assert_eq!(me["organisations"][0]["slug"], "acme-sohne");
    assert_eq!(me["organisations"][0]["admin"], true);
    assert_eq!(me["organisations"][0]["workspaces"][0]["role"], "admin");
    assert_eq!(me["grants"][0]["method"], "password");
    assert_eq!(app.anonymous().api("POST", "/setup", &set_up(&new)).status, 404);
    let look = app.anonymous().api("POST", "/setup/inspect", &serde_json::json!({ "token": new }));
    assert_eq!(look.status, 404, "a used set-up link does not work again");
    assert!(first_run::link(&app.app).expect("read").is_none());
}

#[test]
fn the_sign_in_page_offers_both_methods_without_javascript() {
    let app = TestApp::new();
    app.person(&app.org("Acme", "business"), "ann@acme.test", vestibule::domain::person::Role::Admin, true);
    let mut browser = app.anonymous();
    let page = browser.get("/login?return=/w/1").body;
    assert!(
        page.contains("action=\"/login\"") && page.contains("action=\"/login/sso\"") && page.contains("name=\"key\"")
    );
    assert!(page.contains("value=\"/w/1\"") && !page.contains("<script>") && !page.contains("{{"));
    let wrong = browser.form("/login", &[("email", "ann@acme.test"), ("password", "wrong")]);
    assert_eq!(wrong.refused_with(), "refused");
    let page = browser.get("/login?error=refused").body;
    assert!(page.contains("E-mail or password is wrong") && page.contains("ann@acme.test"), "{page}");
    let right = browser.form("/login", &[("email", "ann@acme.test"), ("password", PASSWORD), ("return", "/w/1")]);
    assert_eq!((right.status, right.location()), (303, "/w/1"));
    assert!(browser.has_session());
    assert!(!page.contains("You are signed in"), "no session, so no hint at one");
    let over = app.anonymous().get("/login?error=session_over&return=/w/1").body;
    assert!(over.contains("you were signed out elsewhere, your access was removed, or") && over.contains("/w/1"));
    let page = browser.get("/login?return=/w/2").body;
    assert!(
        page.contains("You are signed in as <strong>ann@acme.test</strong>. <a href=\"/w/2\">Continue</a>"),
        "{page}"
    );
    // A page whose session was replaced by a sign-in of another tab returns to where it was.
    let replaced = browser.get("/login?error=session_over&return=/w/2");
    assert_eq!((replaced.status, replaced.location()), (303, "/w/2"));
    let elsewhere = browser.get("/login?error=session_over&return=//other.example/");
    assert_eq!(elsewhere.status, 200, "only to a path of this server");
}

#[test]
fn browsers_get_errors_as_pages_and_programs_as_json_with_the_same_message() {
    let app = TestApp::new();
    let (mut program, mut person) = (app.anonymous(), app.anonymous());
    person.headers.push(("accept", "text/html,application/xhtml+xml".into()));
    let large = "x".repeat(70 * 1024);
    for (method, path, status, title) in [
        ("GET", "/saml/unknown/metadata", 404, "There is nothing here"),
        ("GET", "/logout", 405, "That did not work"),
        ("POST", "/login", 413, "That is too large"),
    ] {
        let ask = |browser: &mut Browser| match method {
            "GET" => browser.get(path),
            _ => browser.form(path, &[("email", &large)]),
        };
        let (reported, seen) = (ask(&mut program), ask(&mut person));
        assert_eq!((reported.status, seen.status), (status, status), "{path}");
        let words = reported.json()["error"]["message"].as_str().expect("a message").to_owned();
        assert!(seen.body.contains(&format!("<h1>{title}</h1><p>{words}</p>")), "{path}: {}", seen.body);
        assert_eq!(seen.headers.get("allow"), reported.headers.get("allow"), "{path}");
    }
    let api = person.get("/api/v1/me");
    assert_eq!((api.status, api.code().as_str()), (401, "unauthorized"), "the API answers browsers in JSON too");
}

#[test]
fn a_return_path_to_another_site_is_not_followed() {
    let app = TestApp::new();
    for evil in ["https://evil.test/", "//evil.test", "/\\evil.test", "/logout", "/sso?key=x"] {
        let fields = [("email", "olivia@vestibule.test"), ("password", PASSWORD), ("return", evil)];
        assert_eq!(app.anonymous().form("/login", &fields).location(), "/", "{evil}");
    }
}

#[test]
fn wrong_password_and_unknown_email_look_the_same() {
    let app = TestApp::new();
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    let wrong = app.anonymous().sign_in("ann@acme.test", "left horse battery");
    let unknown = app.anonymous().sign_in("bob@acme.test", "left horse battery");
    let no_address = app.anonymous().sign_in("not an address", "left horse battery");
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, no_address);
}

#[test]
fn password_guesses_are_throttled_and_the_right_password_works_after_the_wait() {
    let app = TestApp::new();
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    for _ in 0..10 {
        assert_eq!(app.anonymous().sign_in("ann@acme.test", "wrong").status, 401);
    }
    let slowed = app.anonymous().sign_in("ann@acme.test", PASSWORD);
    assert_eq!(slowed.status, 429);
    let secs: i64 = slowed.headers["retry-after"].parse().expect("seconds");
    app.wait(secs);
    assert_eq!(app.anonymous().sign_in("ann@acme.test", PASSWORD).status, 200);
}

#[test]
fn a_flood_of_guesses_does_not_throttle_a_known_browser() {
    let app = TestApp::with_operator(|flags| flags.trusted_proxies = Some("127.0.0.1".into()));
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    let from = |mut browser: crate::browser::Browser, address: &str| {
        browser.headers.push(("x-forwarded-for", address.into()));
        browser
    };
    let mut home = from(app.anonymous(), "198.51.100.1");
    assert_eq!(home.sign_in("ann@acme.test", PASSWORD).status, 200);
    home.cookies.remove("vestibule_session");
    for n in 0..50 {
        let status = from(app.anonymous(), &format!("192.0.2.{}", n / 10)).sign_in("ann@acme.test", "wrong").status;
        assert_eq!(status, 401, "{n}");
    }
    assert_eq!(from(app.anonymous(), "198.51.100.2").sign_in("ann@acme.test", PASSWORD).status, 429);
    home.headers.pop();
    assert_eq!(from(home, "198.51.100.3").sign_in("ann@acme.test", PASSWORD).status, 200);
}

#[test]
fn an_old_hash_is_upgraded_at_sign_in() {
    use argon2::PasswordHasher;
    let app = TestApp::new();
    let params = argon2::Params::new(8 * 1024, 1, 1, None).expect("usable");
    let weak = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let hash = weak.hash_password(PASSWORD.as_bytes()).expect("hashed").to_string();
    let user = app.member(&app.org("Acme", "business"), "ann@acme.test");
    let kept = user.clone();
    app.write(move |tx| tx.set_password(&kept, &hash));
    app.signed_in("ann@acme.test");
    let now = app.app.store.read(|db| db.user(&user)).expect("read").password_hash.expect("a hash");
    assert!(now.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{now}");
    app.signed_in("ann@acme.test");
}

#[test]
fn a_password_gives_access_to_every_organisation_that_accepts_passwords() {
    let app = TestApp::new();
    let (acme, globex) = (app.org("Acme", "business"), app.org("Globex", "starter"));
    app.member(&acme, "ann@acme.test");
    app.member(&globex, "ann@acme.test");
    let me = app.signed_in("ann@acme.test").read("/me").json();
    assert_eq!(me["grants"].as_array().expect("a list").len(), 2);
    assert!(me["organisations"].as_array().expect("a list").iter().all(|one| one["open"] == true));
}

#[test]
fn an_operator_can_sign_in_by_password_without_access_to_any_organisation() {
    let app = TestApp::new();
    let mut operator = app.operator();
    assert_eq!(operator.read("/me").json()["organisations"], json!([]));
    assert_eq!(operator.read("/plans").status, 200);
}

#[test]
fn a_person_without_an_organisation_gets_a_specific_message() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let bob = app.member(&org, "bob@acme.test");
    let removed =
        app.signed_in("ann@acme.test").api("DELETE", &format!("/organisations/acme/members/{bob}"), &json!(null));
    assert_eq!(removed.status, 200, "{}", removed.body);
    let answer = app.anonymous().sign_in("bob@acme.test", PASSWORD);
    assert_eq!((answer.status, answer.code().as_str()), (403, "sso_required"), "{}", answer.body);
    assert_eq!(answer.json()["portal_urls"], json!([]));
    assert!(answer.body.contains("you belong to no organisation"), "{}", answer.body);
    let mut browser = app.anonymous();
    let form = format!("email=bob%40acme.test&password={}", PASSWORD.replace(' ', "+"));
    let refused = browser.send("POST", "/login", "application/x-www-form-urlencoded", form.into_bytes());
    assert_eq!(refused.refused_with(), "no_organisation");
    assert!(browser.get(refused.location()).body.contains("you belong to no organisation"));
    // With a wrong password, the answer does not reveal that the account belongs to no organisation.
    assert_eq!(app.anonymous().sign_in("bob@acme.test", "left horse battery").status, 401);
}

#[test]
fn signing_out_ends_the_session() {
    let app = TestApp::new();
    let mut browser = app.operator();
    let cookies = browser.cookies.clone();
    assert_eq!(browser.form("/logout", &[]).status, 303);
    assert!(!browser.has_session());
    browser.cookies = cookies;
    assert_eq!(browser.read("/me").status, 401);
}

#[test]
fn a_session_ends_after_twelve_idle_hours_or_seven_days() {
    let app = TestApp::new();
    let mut idle = app.operator();
    app.wait(12 * 3600 - 1);
    assert_eq!(idle.read("/me").status, 200);
    app.wait(12 * 3600);
    assert_eq!(idle.read("/me").status, 401);
    let mut busy = app.operator();
    for _ in 0..(7 * 24 / 6 - 1) {
        app.wait(6 * 3600);
        assert_eq!(busy.read("/me").status, 200);
    }
    app.wait(6 * 3600);
    assert_eq!(busy.read("/me").status, 401);
}

#[test]
fn signing_in_again_changes_the_token_and_signing_in_as_another_person_ends_the_old_session() {
    let app = TestApp::new();
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    let mut browser = app.operator();
    let first = browser.cookies["vestibule_session"].clone();
    browser.sign_in("olivia@vestibule.test", PASSWORD);
    let second = browser.cookies["vestibule_session"].clone();
    assert_ne!(first, second);
    browser.sign_in("ann@acme.test", PASSWORD);
    for old in [first, second] {
        let mut other = app.anonymous();
        other.cookies.insert("vestibule_session".into(), old);
        assert_eq!(other.read("/me").status, 401);
    }
    assert_eq!(browser.read("/me").json()["person"]["email"], "ann@acme.test");
}

#[test]
fn requests_from_another_site_cannot_change_anything() {
    let app = TestApp::new();
    let mut browser = app.operator();
    for headers in [
        vec![("sec-fetch-site", "cross-site".to_owned())],
        vec![("sec-fetch-site", "same-site".to_owned())],
        vec![("origin", "https://evil.test".to_owned())],
        vec![("origin", "null".to_owned())],
    ] {
        browser.headers = headers;
        let answer = browser.api("PATCH", "/me", &json!({ "name": "Mallory" }));
        assert_eq!((answer.status, answer.code().as_str()), (403, "cross_site"));
        assert_eq!(browser.form("/logout", &[]).status, 403);
    }
    for headers in [vec![], vec![("origin", app.url.clone())], vec![("sec-fetch-site", "none".to_owned())]] {
        browser.headers = headers;
        assert_eq!(browser.api("PATCH", "/me", &json!({ "name": "Olivia" })).status, 200);
    }
}

#[test]
fn every_answer_has_the_security_headers_and_cookies_have_safe_attributes() {
    let app = TestApp::new();
    let mut browser = app.anonymous();
    app.org("Acme", "business");
    let pages = ["/login", "/api/v1/me", "/api/v1/organisations/acme", "/nowhere", "/static/app.js"];
    let mut operator = app.operator();
    for (path, signed_in) in pages.iter().flat_map(|path| [(path, false), (path, true)]) {
        let headers = if signed_in { operator.get(path) } else { browser.get(path) }.headers;
        assert!(headers["cache-control"] == "no-store" || path.starts_with("/static/"), "{path}");
        assert!(headers["content-security-policy"].contains("default-src 'none'"), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "same-origin");
    }
    let mut cookies = browser.sign_in("olivia@vestibule.test", PASSWORD).set_cookies;
    assert!(
        cookies.len() == 2
            && cookies.iter().all(|cookie| cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
    );
    let cookie = cookies.remove(0);
    let name = format!("vestibule_session{}=", browser.cookie_suffix);
    assert!(cookie.starts_with(&name) && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let secret = &browser.cookies["vestibule_session"];
    assert_eq!(secret.len(), 64);
    let stored = std::fs::read(app.data.path().join("vestibule.db-wal")).expect("the database");
    assert!(!stored.windows(64).any(|window| window == secret.as_bytes()), "the token itself is not stored");
}

#[test]
fn on_https_cookies_have_the_host_prefix() {
    let app = TestApp::with_flags(|flags| flags.public_url = Some("https://login.example.com".into()));
    let mut browser = app.anonymous();
    let answer = browser.api("POST", "/setup", &set_up(&token(&app)));
    assert!(answer.set_cookies[0].starts_with("__Host-vestibule_session="), "{:?}", answer.set_cookies);
    assert!(answer.set_cookies[0].contains("Secure"));
    assert!(answer.headers["strict-transport-security"].contains("max-age"));
    assert_eq!(browser.read("/me").status, 200);
}

/// Uses up the password guesses that unknown browsers have for an account.
fn guess_from_many_addresses(app: &TestApp, email: &str) {
    for n in 0..60 {
        let mut browser = app.anonymous();
        browser.headers.push(("x-forwarded-for", format!("203.0.113.{n}")));
        browser.sign_in(email, "wrong");
    }
}

#[test]
fn a_person_throttled_because_of_others_guesses_is_shown_the_methods_that_still_work() {
    for mail in [true, false] {
        let mail_server = crate::mail_server::MailServer::new();
        let app = TestApp::with_flags(|flags| {
            flags.trusted_proxies = Some("127.0.0.1".into());
            flags.mail.smtp_url = mail.then(|| mail_server.url());
        });
        app.member(&app.org("Acme", "business"), "ann@acme.test");
        let mut known = app.signed_in("ann@acme.test");
        guess_from_many_addresses(&app, "ann@acme.test");
        let refused = app.anonymous().sign_in("ann@acme.test", PASSWORD);
        assert_eq!((refused.status, refused.code().as_str()), (429, "throttled"));
        let mut page = app.anonymous();
        let form = page.form("/login", &[("email", "ann@acme.test"), ("password", PASSWORD)]);
        assert_eq!(form.refused_with(), "throttled");
        let page = page.get(form.location());
        for text in [&refused.body, &page.body] {
            assert!(text.contains("browser that you have used before") && text.contains("single sign-on"), "{text}");
            assert_eq!(text.contains("reset link by e-mail"), mail, "{text}");
        }
        let wait: i64 = refused.headers["retry-after"].parse().expect("seconds");
        assert!(wait <= 72, "{wait}");
        assert_eq!(known.sign_in("ann@acme.test", PASSWORD).status, 200, "a known browser is not throttled");
        if mail {
            let mut reset = app.anonymous();
            crate::mail::request_reset(&app, "ann@acme.test");
            let token = mail_server.newest(1, "ann@acme.test").token();
            let body = serde_json::json!({ "token": token, "password": "violet tractor lagoon" });
            assert_eq!(reset.api("POST", "/password-reset/finish", &body).status, 200);
            assert_eq!(
                reset.sign_in("ann@acme.test", "violet tractor lagoon").status,
                200,
                "the browser in which the link was used is not throttled"
            );
            assert_eq!(
                app.anonymous().sign_in("ann@acme.test", "violet tractor lagoon").status,
                429,
                "other browsers are still throttled"
            );
        }
    }
}

#[test]
fn a_throttled_unknown_address_gets_the_same_answer() {
    let app = TestApp::with_flags(|flags| flags.trusted_proxies = Some("127.0.0.1".into()));
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    let answer_to = |email: &str| {
        guess_from_many_addresses(&app, email);
        app.anonymous().sign_in(email, PASSWORD)
    };
    assert_eq!(answer_to("ann@acme.test"), answer_to("nobody@acme.test"));
}

#[test]
fn a_reset_request_is_answered_before_the_address_is_looked_up() {
    let mail_server = crate::mail_server::MailServer::new();
    let app = TestApp::with_flags(|flags| flags.mail.smtp_url = Some(mail_server.url()));
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    assert_eq!(crate::mail::request_reset(&app, "ann@acme.test").status, 200);
    mail_server.newest(1, "ann@acme.test");
    // If the answer waited for the lookup, the missing table would change it.
    let database = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    database.execute_batch("PRAGMA legacy_alter_table = ON; ALTER TABLE users RENAME TO gone;").expect("renamed");
    let known = crate::mail::request_reset(&app, "ann@acme.test");
    assert_eq!((known.status, &known), (200, &crate::mail::request_reset(&app, "nobody@acme.test")));
}

#[test]
fn braces_in_input_and_in_a_brand_are_shown_as_text_on_the_sign_in_page() {
    let app = TestApp::new();
    app.admin(&app.org("Acme", "business"), "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let page = ann.get("/login?return=/?%7B%7Bkey_state%7D%7D/onmouseover=alert(1)//&key=%7B%7Breturn%7D%7D").body;
    assert!(page.contains("<a href=\"/?{{key_state}}/onmouseover=alert(1)//\">Continue</a>"), "{page}");
    assert!(page.contains("value=\"{{return}}\""), "{page}");
    let named = app.operator().api("PUT", "/branding", &json!({ "name": "{{return}}" }));
    assert_eq!(named.status, 200, "{}", named.body);
    for path in ["/login?return=/members", "/help", "/help/signing-in"] {
        let page = app.anonymous().get(path).body;
        assert!(page.contains("{{return}}</p>"), "{path}: {page}");
    }
}
