//! A session ends together with its last open grant: in the transaction that ends the grant, or when the grant expires.

use crate::app::{Org, TestApp};
use crate::browser::Browser;
use crate::idp::{KEY, connect, deliver, request_of, saml_sign_in, settings, valid_response};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vestibule::domain::ids::{OrganisationId, SessionId};
use vestibule::domain::method::Method;
use vestibule::domain::session::{Grant, Session};
use vestibule::saml::test_idp::Sign;

const CARL: &str = "carl@acme.test";

/// Acme, which accepts passwords and SAML, with its admin Ann and its member Carl.
struct World {
    app: TestApp,
    acme: Org,
    ann: Browser,
}

impl World {
    fn new() -> Self {
        let app = TestApp::new();
        let acme = app.org("Acme", "enterprise");
        app.admin(&acme, "ann@acme.test");
        app.member(&acme, CARL);
        let ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
        Self { app, acme, ann }
    }

    fn carl(&self, way: Way) -> Browser {
        match way {
            Way::Password => self.app.signed_in(CARL),
            Way::Saml => {
                let mut carl = self.app.anonymous();
                saml_sign_in(&self.app, &mut carl, "/sso?key=acme_SSO", CARL);
                carl
            }
        }
    }

    /// Sends a request as the operator, who has all rights that these tests need.
    fn operate(&self, method: &str, path: &str, body: &Value) {
        assert_done(&mut self.app.operator(), method, path, body);
    }

    fn sessions(&self, address: &str) -> usize {
        let user = self.app.user(address);
        self.app.app.store.read(|db| db.sessions(&user)).expect("read").len()
    }
}

#[derive(Clone, Copy)]
enum Way {
    Password,
    Saml,
}

fn assert_done(who: &mut Browser, method: &str, path: &str, body: &Value) {
    let answer = who.api(method, path, body);
    assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.body);
}

/// Signs in through SAML; the identity provider limits the session to `secs` seconds.
fn saml_for(app: &TestApp, browser: &mut Browser, start: &str, address: &str, secs: i64) {
    let request = request_of(&browser.get(start));
    let mut minted = valid_response(app, &request, address);
    minted.session_not_on_or_after = Some(app.now().plus(secs).to_string());
    let answer = deliver(browser, &request.acs_url, &minted.sign(&KEY, Sign::Assertion));
    assert_eq!(browser.get(answer.location()).location(), "/");
}

#[test]
fn a_session_ends_with_its_last_grant() {
    type Ending = fn(&mut World);
    let endings: [(&str, Way, Ending); 13] = [
        ("revoked", Way::Password, |world| {
            let path = format!("/workspaces/{}/members/{}", world.acme.workspace, world.app.user(CARL));
            assert_done(&mut world.ann, "DELETE", &path, &Value::Null);
        }),
        ("revoked where they came through SAML", Way::Saml, |world| {
            let path = format!("/workspaces/{}/members/{}", world.acme.workspace, world.app.user(CARL));
            assert_done(&mut world.ann, "DELETE", &path, &Value::Null);
        }),
        ("removed from the organisation", Way::Password, |world| {
            let path = format!("/organisations/acme/members/{}", world.app.user(CARL));
            assert_done(&mut world.ann, "DELETE", &path, &Value::Null);
        }),
        ("sessions ended by an admin", Way::Saml, |world| {
            let path = format!("/organisations/acme/members/{}/sessions", world.app.user(CARL));
            assert_done(&mut world.ann, "DELETE", &path, &Value::Null);
        }),
        ("an admin without a workspace who is admin no longer", Way::Password, |world| {
            let carl = world.app.user(CARL);
            let (acme, id) = (world.acme.clone(), carl.clone());
            world.app.write(move |tx| {
                tx.set_admin(&acme.id, &id, true)?;
                tx.delete_place(&acme.workspace, &id)
            });
            assert_done(&mut world.ann, "DELETE", &format!("/organisations/acme/admins/{carl}"), &Value::Null);
        }),
        ("an admin who set up a plan's SAML, and is admin no longer", Way::Password, |world| {
            let carl = world.app.user(CARL);
            assert_done(&mut world.ann, "POST", "/organisations/acme/admins", &json!({ "email": CARL }));
            let mut draft = settings("acme_SSO");
            draft["sign_on_url"] = json!("https://idp.test/moved");
            assert_done(&mut world.ann, "PUT", "/organisations/acme/sso", &draft);
            world.operate("PATCH", "/plans/enterprise", &json!({ "auth_mode": "saml" }));
            world.operate("DELETE", &format!("/organisations/acme/admins/{carl}"), &Value::Null);
        }),
        ("their workspace is deleted", Way::Password, |world| {
            let made = world.ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Second" })).json();
            assert!(made["id"].is_string(), "{made}");
            assert_done(&mut world.ann, "DELETE", &format!("/workspaces/{}", world.acme.workspace), &Value::Null);
        }),
        ("their organisation is deleted", Way::Password, |world| {
            world.operate("DELETE", "/organisations/acme?confirm=Acme", &Value::Null);
        }),
        ("disabled", Way::Password, |world| {
            world.operate("POST", &format!("/users/{}/disable", world.app.user(CARL)), &Value::Null);
        }),
        ("the plan takes SAML away", Way::Saml, |world| {
            world.operate("PUT", "/organisations/acme/plan", &json!({ "plan": "business" }));
        }),
        ("the plan's mode takes passwords away", Way::Password, |world| {
            world.operate("PATCH", "/plans/enterprise", &json!({ "auth_mode": "saml" }));
        }),
        ("SAML-only", Way::Password, |world| {
            assert_done(&mut world.ann, "PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true }));
        }),
        ("the connection is removed", Way::Saml, |world| {
            assert_done(&mut world.ann, "DELETE", "/organisations/acme/sso", &Value::Null);
        }),
    ];
    for (name, way, end) in endings {
        let mut world = World::new();
        let mut carl = world.carl(way);
        assert_eq!((carl.read("/me").status, world.sessions(CARL)), (200, 1), "{name}");
        end(&mut world);
        assert_eq!(world.sessions(CARL), 0, "{name}: all sessions have ended");
        let refused = carl.read("/me");
        assert_eq!((refused.status, refused.code().as_str()), (401, "session_over"), "{name}");
    }
}

#[test]
fn a_session_with_access_to_another_organisation_is_kept() {
    let mut world = World::new();
    let other = world.app.org("Other", "business");
    world.app.member(&other, CARL);
    let mut carl = world.carl(Way::Password);
    let path = format!("/workspaces/{}/members/{}", world.acme.workspace, world.app.user(CARL));
    let dry = world.ann.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
    assert_eq!(carl.read("/organisations/acme").status, 200, "a dry run ends nothing");
    let real = world.ann.api("DELETE", &path, &Value::Null).json();
    assert_eq!(dry["counts"], real["counts"]);
    assert_eq!((&real["counts"]["sessions"], &real["counts"]["grants"]), (&json!(1), &json!(1)));
    assert_eq!((carl.read("/organisations/acme").status, carl.read("/organisations/other").status), (404, 200));
    world.operate("DELETE", "/organisations/other?confirm=Other", &Value::Null);
    assert_eq!(carl.read("/me").code(), "session_over");
}

#[test]
fn an_operators_session_is_kept_when_its_last_grant_ends() {
    let world = World::new();
    let user = world.app.user(CARL);
    world.app.write(move |tx| tx.set_operator(&user, true));
    let (mut by_password, mut by_saml) = (world.carl(Way::Password), world.carl(Way::Saml));
    world.operate("DELETE", "/organisations/acme?confirm=Acme", &Value::Null);
    assert_eq!((by_password.read("/me").status, by_password.read("/plans").status), (200, 200));
    assert_eq!(by_saml.read("/me").code(), "session_over", "a session by SAML has no operator rights, so it has ended");
}

#[test]
fn a_session_ends_when_the_provider_says_and_the_sign_in_page_offers_the_portal() {
    let world = World::new();
    let app = &world.app;
    let mut carl = app.anonymous();
    saml_for(app, &mut carl, "/sso?key=acme_SSO", CARL, 3600);
    let mut elsewhere = world.carl(Way::Password);
    app.wait(3599);
    assert_eq!(carl.read("/organisations/acme").status, 200);
    app.wait(1);
    for path in ["/me", "/organisations", "/organisations/acme", "/me/sessions"] {
        let refused = carl.read(path);
        assert_eq!((refused.status, refused.code().as_str()), (401, "session_over"), "{path}");
    }
    let written = carl.api("PATCH", "/me", &json!({ "language": "de" }));
    assert_eq!((written.status, written.code().as_str()), (401, "session_over"));
    let page = carl.get("/login?error=session_over&return=/w/1?page=2").body;
    let portal = format!("{}/sso?key=acme_SSO&amp;return=%2Fw%2F1%3Fpage%3D2", app.url);
    assert!(page.contains("Your session has ended") && page.contains(&portal), "{page}");
    assert!(page.contains("name=\"return\" value=\"/w/1?page=2\""), "{page}");
    assert!(!page.contains("You are signed in as"), "{page}");
    assert_eq!(carl.get("/sso?key=acme_SSO&test=1").refused_with(), "sso_unavailable");
    let listed = elsewhere.read("/me/sessions").json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "an ended session is not listed: {listed}");
    saml_sign_in(app, &mut carl, "/sso?key=acme_SSO", CARL);
    assert_eq!(carl.read("/organisations/acme").status, 200);
}

#[test]
fn the_sign_in_page_offers_the_portal_after_a_switch_or_idle_time() {
    let mut world = World::new();
    let app = &world.app;
    let portal = format!("{}/sso?key=acme_SSO&amp;return=%2Faccount", app.url);
    let offered = |carl: &mut Browser| {
        assert_eq!(carl.read("/me").code(), "session_over");
        carl.get("/login?error=session_over&return=/account").body.contains(&portal)
    };
    let (mut idle, mut by_password) = (world.carl(Way::Saml), world.carl(Way::Password));
    assert_done(&mut world.ann, "PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true }));
    assert_eq!(world.sessions(CARL), 1, "the session by password has ended");
    assert!(offered(&mut by_password));
    app.wait(12 * 3600);
    assert!(offered(&mut idle));
    // An unknown cookie and a plan without SSO get no portal link.
    let mut stranger = app.anonymous();
    stranger.cookies.insert("vestibule_session".into(), "0".repeat(64));
    assert!(!offered(&mut stranger));
    world.operate("PUT", "/organisations/acme/plan", &json!({ "plan": "business" }));
    assert!(!offered(&mut by_password));
}

#[test]
fn an_expired_grant_ends_neither_the_other_grants_nor_an_operators_session() {
    let world = World::new();
    let app = &world.app;
    let mut both = world.carl(Way::Password);
    saml_for(app, &mut both, "/sso?key=acme_SSO", CARL, 60);
    let user = app.member(&world.acme, "oscar@acme.test");
    app.write(move |tx| tx.set_operator(&user, true));
    let mut oscar = app.signed_in("oscar@acme.test");
    saml_for(app, &mut oscar, "/sso?key=acme_SSO", "oscar@acme.test", 60);
    let mut saml_alone = app.anonymous();
    saml_for(app, &mut saml_alone, "/sso?key=acme_SSO", "oscar@acme.test", 60);
    app.wait(60);
    assert_eq!((both.read("/organisations/acme").status, oscar.read("/plans").status), (200, 200));
    assert_eq!(saml_alone.read("/me").code(), "session_over");
}

#[test]
fn no_session_and_an_ended_session_get_different_messages() {
    let app = TestApp::new();
    assert_eq!(app.anonymous().read("/me").code(), "unauthorized");
    let mut olivia = app.operator();
    let (mut copy, kept) = (app.anonymous(), olivia.cookies.clone());
    copy.cookies = kept;
    assert_eq!(olivia.form("/logout", &[]).status, 303);
    assert_eq!((olivia.read("/me").code(), copy.read("/me").code()), ("unauthorized".into(), "session_over".into()));
}

/// Adds `count` sessions of Carl, each with grants of this method for these organisations.
fn add_sessions(world: &World, count: usize, method: Method, organisations: Vec<OrganisationId>) {
    let (user, now) = (world.app.user(CARL), world.app.now());
    world.app.write(move |tx| {
        (0..count).try_for_each(|n| {
            let grant = |organisation: &OrganisationId| Grant {
                organisation: organisation.clone(),
                method,
                at: now,
                expires_at: now.plus(3600),
                ends_at: None,
            };
            let session = Session {
                id: SessionId::random(),
                digest: format!("{method:?} {n}").into_bytes(),
                password_at: (method == Method::Password).then_some(now),
                created_at: now,
                last_seen_at: now,
                expires_at: now.plus(3600),
                address: String::new(),
                agent: String::new(),
                grants: organisations.iter().map(grant).collect(),
            };
            tx.add_session(&user, &session)
        })
    });
}

#[test]
fn a_person_has_at_most_500_sessions_of_each_method_and_the_least_recently_used_ends() {
    for (way, method) in [(Way::Password, Method::Password), (Way::Saml, Method::Saml)] {
        let world = World::new();
        let (mut first, mut second) = (world.carl(way), world.carl(way));
        world.app.wait(1);
        add_sessions(&world, 498, method, vec![world.acme.id.clone()]);
        world.app.wait(600);
        assert_eq!(
            (first.read("/me").status, world.sessions(CARL)),
            (200, 500),
            "the first session has been used again"
        );
        let mut newest = world.carl(way);
        assert_eq!(world.sessions(CARL), 500);
        assert_eq!([&mut first, &mut newest].map(|browser| browser.read("/me").status), [200, 200]);
        let refused = second.read("/me");
        assert_eq!((refused.status, refused.code().as_str()), (401, "session_over"));
    }
}

#[test]
fn sessions_through_an_identity_provider_do_not_replace_other_sessions() {
    let world = World::new();
    let app = &world.app;
    let globex = app.org("Globex", "enterprise");
    app.admin(&globex, "gina@globex.test");
    app.member(&globex, CARL);
    connect(app, &globex, "gina@globex.test", "globex_SSO");
    let mut by_globex = app.anonymous();
    saml_sign_in(app, &mut by_globex, "/sso?key=globex_SSO", CARL);
    let mut both = world.carl(Way::Saml);
    saml_sign_in(app, &mut both, "/sso?key=globex_SSO", CARL);
    let (mut by_password, mut by_acme) = (world.carl(Way::Password), world.carl(Way::Saml));
    app.wait(60);
    add_sessions(&world, 500, Method::Saml, vec![world.acme.id.clone()]);
    assert_eq!(world.sessions(CARL), 504);
    world.carl(Way::Saml);
    assert_eq!(world.sessions(CARL), 503, "500 sessions only at Acme, and three that a sign-in at Acme cannot end");
    assert_eq!([&mut by_password, &mut by_globex, &mut both].map(|browser| browser.read("/me").status), [200; 3]);
    assert_eq!(by_acme.read("/me").code(), "session_over", "the least recently used session only at Acme has ended");
    // A sign-in by password does not end sessions through SSO either.
    add_sessions(&world, 500, Method::Password, vec![world.acme.id.clone()]);
    world.carl(Way::Password);
    assert_eq!(world.sessions(CARL), 1002);
    assert_eq!([&mut by_globex, &mut both].map(|browser| browser.read("/me").status), [200; 2]);
}

/// A database written by an older version may contain this many sessions.
#[test]
fn a_member_with_thousands_of_sessions_blocks_the_writer_only_briefly() {
    const MANY: usize = 20_000;
    let mut world = World::new();
    let (other, carl) = (world.app.org("Other", "business"), world.app.user(CARL));
    world.app.member(&other, CARL);
    add_sessions(&world, MANY, Method::Password, vec![world.acme.id.clone(), other.id]);
    let begun = Instant::now();
    assert_done(&mut world.ann, "DELETE", &format!("/organisations/acme/members/{carl}/sessions"), &Value::Null);
    let took = begun.elapsed();
    assert_eq!(world.sessions(CARL), MANY, "the sessions are kept, because each has a grant for Other");
    assert!(took < Duration::from_secs(4), "{took:?}");
    world.carl(Way::Password);
    assert_eq!(world.sessions(CARL), 500);
}
