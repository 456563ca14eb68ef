//! Requests that need no session prove an identity within their transaction: a link, code, session or right that is
//! revoked while the request waits for the transaction is refused.

use crate::app::{Org, PASSWORD, TestApp, email};
use crate::browser::{Answer, Browser};
use crate::forward_auth;
use crate::idp::{callback, connect};
use crate::oidc;
use crate::rights::dump;
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use std::time::Duration;
use vestibule::actions::{Caller, first_run, recovery};
use vestibule::domain::Result;
use vestibule::domain::ids::ApplicationId;
use vestibule::domain::oidc_client::TokenAuth;
use vestibule::domain::principal::Claim;
use vestibule::domain::recovery::new_codes;
use vestibule::domain::seal::digest;
use vestibule::domain::session::Grant;
use vestibule::store::{Store, Tx};

const NEW: &str = "violet tractor lagoon";
/// The time until a request waits for its write, including the hashing of a password.
const UNTIL_WRITE: Duration = Duration::from_millis(2500);
/// The tables about people, their memberships and their access.
const ACCESS: [&str; 7] = ["users", "people", "memberships", "sessions", "grants", "invitations", "password_links"];

/// Acme with its admin Ann and its member Bob, and Globex with an admin who can invite people.
struct World {
    app: TestApp,
    acme: Org,
    globex: Org,
}

impl World {
    fn new() -> Self {
        let app = TestApp::new();
        let (acme, globex) = (app.org("Acme", "enterprise"), app.org("Globex", "business"));
        app.admin(&acme, "ann@acme.test");
        app.admin(&acme, "abe@acme.test");
        app.member(&acme, "bob@acme.test");
        app.admin(&globex, "gus@globex.test");
        Self { app, acme, globex }
    }

    /// The token of an invitation to Globex.
    fn invitation(&self, address: &str) -> String {
        let body = json!({ "email": address, "role": "power_user" });
        let path = format!("/workspaces/{}/invitations", self.globex.workspace);
        token_of(&self.app.signed_in("gus@globex.test").api("POST", &path, &body).json()["accept_url"])
    }
}

pub fn token_of(link: &Value) -> String {
    link.as_str().and_then(|link| link.split_once("token=")).expect("a link").1.to_owned()
}

/// Runs `revocation` in a write that begins before the request `ask` and is committed before the request's own write.
pub fn ask_during(
    app: &TestApp,
    revocation: impl FnOnce(&Tx) -> Result<()> + Send + 'static,
    ask: impl FnOnce() -> Answer + Send + 'static,
) -> Answer {
    let ((holds, held), (release, released)) = (channel(), channel::<()>());
    let writing = app.app.clone();
    let holding = std::thread::spawn(move || {
        writing.write(&Claim::job(), move |tx| {
            holds.send(()).expect("the test waits");
            released.recv().expect("released");
            revocation(tx)
        })
    });
    held.recv().expect("the writer is held");
    let asking = std::thread::spawn(ask);
    std::thread::sleep(UNTIL_WRITE);
    release.send(()).expect("the writer is held");
    holding.join().expect("joined").expect("written");
    asking.join().expect("joined")
}

/// As `ask_during`, but also asserts that only `revocation` has changed access. With `None`, nothing is revoked.
fn ask_during_and_compare(
    app: &TestApp,
    revocation: Option<fn(&Tx) -> Result<()>>,
    ask: impl FnOnce() -> Answer + Send + 'static,
) -> Answer {
    let Some(revocation) = revocation else { return ask_during(app, |_| Ok(()), ask) };
    let copy = tempfile::tempdir().expect("a folder");
    let whole = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    whole.execute("VACUUM INTO ?1", [copy.path().join("vestibule.db").to_str()]).expect("copied");
    let answer = ask_during(app, revocation, ask);
    let expected = Store::open(copy.path(), app.clock()).expect("opens");
    expected.write(&Claim::job(), revocation).expect("revoked");
    let (real, expected) = (dump(app.data.path()), dump(copy.path()));
    for table in ACCESS {
        assert!(real[table] == expected[table], "{table} has changed: {}", answer.body);
    }
    answer
}

/// The person with this address.
fn user(tx: &Tx, address: &str) -> Result<vestibule::domain::person::User> {
    tx.find_user(&email(address)).map(|user| user.expect("there"))
}

fn withdraw_invitations(tx: &Tx) -> Result<()> {
    for address in ["bob@acme.test", "eve@globex.test"] {
        let all = tx.invitations_of(&email(address))?;
        all.iter().try_for_each(|one| tx.delete_invitation(&one.id))?;
    }
    Ok(())
}

fn delete_reset_links(tx: &Tx) -> Result<()> {
    tx.delete_password_links(&user(tx, "bob@acme.test")?.id)
}

fn sign_bob_out(tx: &Tx) -> Result<()> {
    tx.delete_other_sessions(&user(tx, "bob@acme.test")?.id, None)
}

fn demote_ann(tx: &Tx) -> Result<()> {
    tx.set_admin(&tx.organisation("acme")?.id, &user(tx, "ann@acme.test")?.id, false)
}

fn replace_codes(tx: &Tx) -> Result<()> {
    tx.set_recovery_codes(&tx.organisation("acme")?.id, &new_codes())
}

fn remove_bob(tx: &Tx) -> Result<()> {
    let (org, bob) = (tx.organisation("acme")?.id, user(tx, "bob@acme.test")?.id);
    tx.delete_places(&org, &bob)?;
    tx.delete_person_without_place(&org, &bob)
}

fn accept(mut browser: Browser, body: Value) -> impl FnOnce() -> Answer + Send + 'static {
    move || browser.api("POST", "/invitations/accept", &body)
}

/// Sends the request in two new appliances. With the revocation, it must be refused with one of `statuses` and begin no
/// session; without it, its status must be `expected`.
#[track_caller]
fn assert_refused_only_if_revoked(
    revocation: fn(&Tx) -> Result<()>,
    statuses: &[u16],
    expected_status: u16,
    ask: impl Fn(&World) -> Box<dyn FnOnce() -> Answer + Send>,
) {
    for revocation in [Some(revocation), None] {
        let world = World::new();
        let answer = ask_during_and_compare(&world.app, revocation, ask(&world));
        match revocation {
            Some(_) => assert!(statuses.contains(&answer.status), "{} {}", answer.status, answer.body),
            None => assert_eq!(answer.status, expected_status, "{}", answer.body),
        }
        let begun = answer
            .set_cookies
            .iter()
            .any(|cookie| cookie.starts_with("vestibule_session") && !cookie.contains("Max-Age=0"));
        assert!(revocation.is_none() || !begun, "{:?}", answer.set_cookies);
    }
}

#[test]
fn an_invitation_withdrawn_during_the_request_is_refused() {
    assert_refused_only_if_revoked(withdraw_invitations, &[404], 200, |world| {
        let body = json!({ "token": world.invitation("eve@globex.test"), "name": "Eve", "password": NEW });
        Box::new(accept(world.app.anonymous(), body))
    });
    assert_refused_only_if_revoked(withdraw_invitations, &[404], 200, |world| {
        let body = json!({ "token": world.invitation("bob@acme.test"), "password": PASSWORD });
        Box::new(accept(world.app.anonymous(), body))
    });
    assert_refused_only_if_revoked(withdraw_invitations, &[404], 200, |world| {
        let body = json!({ "token": world.invitation("bob@acme.test") });
        Box::new(accept(world.app.signed_in("bob@acme.test"), body))
    });
}

#[test]
fn a_session_that_ends_during_the_request_cannot_accept_an_invitation() {
    assert_refused_only_if_revoked(sign_bob_out, &[401, 409], 200, |world| {
        let body = json!({ "token": world.invitation("bob@acme.test") });
        Box::new(accept(world.app.signed_in("bob@acme.test"), body))
    });
}

#[test]
fn a_reset_link_replaced_during_the_request_is_refused() {
    assert_refused_only_if_revoked(delete_reset_links, &[404], 200, |world| {
        let path = format!("/users/{}/reset-link", world.app.user("bob@acme.test"));
        let token = token_of(&world.app.operator().api("POST", &path, &Value::Null).json()["reset_url"]);
        let mut browser = world.app.anonymous();
        let body = json!({ "token": token, "password": NEW });
        Box::new(move || browser.api("POST", "/password-reset/finish", &body))
    });
}

#[test]
fn an_admin_demoted_during_the_request_cannot_use_recovery() {
    assert_refused_only_if_revoked(demote_ann, &[404], 303, |world| {
        let organisation = world.app.app.store.read(|db| db.organisation("acme")).expect("there");
        let link = recovery::link(&world.app.app, &Caller::command_line(), &organisation, email("ann@acme.test"));
        let token = token_of(&json!(link.expect("made")));
        let mut browser = world.app.anonymous();
        Box::new(move || browser.form("/recover", &[("token", &token), ("password", NEW)]))
    });
}

fn sign_in_by_code(world: &World) -> Box<dyn FnOnce() -> Answer + Send> {
    let mut ann = connect(&world.app, &world.acme, "ann@acme.test", "acme_SSO");
    let on = ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).json();
    let code = on["recovery_codes"][0].as_str().expect("a code").to_owned();
    let mut browser = world.app.anonymous();
    let body = json!({ "email": "ann@acme.test", "password": PASSWORD, "recovery_code": code, "organisation": "acme" });
    Box::new(move || browser.api("POST", "/login", &body))
}

#[test]
fn a_recovery_code_replaced_during_the_request_or_of_an_admin_demoted_then_is_refused() {
    assert_refused_only_if_revoked(replace_codes, &[401, 403], 200, sign_in_by_code);
    assert_refused_only_if_revoked(demote_ann, &[401, 403], 200, sign_in_by_code);
}

#[test]
fn a_member_removed_during_the_request_cannot_finish_a_saml_sign_in() {
    for revocation in [Some(remove_bob as fn(&Tx) -> Result<()>), None] {
        let world = World::new();
        connect(&world.app, &world.acme, "ann@acme.test", "acme_SSO");
        let mut browser = world.app.anonymous();
        let finish = callback(&world.app, &mut browser, "/sso?key=acme_SSO", "bob@acme.test").location().to_owned();
        let answer = ask_during_and_compare(&world.app, revocation, move || browser.get(&finish));
        assert_eq!(answer.location() == "/", revocation.is_none(), "{}", answer.location());
        assert_eq!(
            answer.set_cookies.iter().any(|cookie| cookie.starts_with("vestibule_session")),
            revocation.is_none()
        );
    }
}

#[test]
fn an_appliance_set_up_during_the_request_cannot_be_set_up_again() {
    let app = TestApp::empty();
    let token = token_of(&json!(first_run::link(&app.app).expect("written").expect("the appliance has no people")));
    let mut browser = app.anonymous();
    let body =
        json!({ "token": token, "name": "Eve", "email": "eve@evil.test", "password": NEW, "organisation": "Evil" });
    let first = |tx: &Tx| tx.add_user(&email("olivia@vestibule.test"), "Olivia", None, true).map(drop);
    let answer = ask_during(&app, first, move || browser.api("POST", "/setup", &body));
    assert_eq!((answer.status, app.accounts("eve@evil.test")), (404, 0), "{}", answer.body);
    assert!(answer.set_cookies.is_empty());
}

type Revocation = fn(&Tx) -> Result<()>;

#[test]
fn a_client_whose_secret_is_deleted_or_that_is_deleted_while_its_request_waits_is_refused() {
    type OfClient = fn(&Tx, &ApplicationId) -> Result<()>;
    let delete_secret: OfClient = |tx, client| tx.delete_client_secrets(client);
    let delete_client: OfClient = |tx, client| tx.delete_application(client);
    let ask = |revocation: Option<OfClient>, revokes: bool| {
        let world = oidc::World::new();
        let tokens = world.tokens(&mut world.pat(), "openid offline_access");
        let (client, token) = (world.client.clone(), tokens["refresh_token"].clone());
        let ask = move || match token.as_str().filter(|_| revokes) {
            Some(token) => client.post("/oauth2/revoke", &[("token", token)]),
            None => client.refresh(&token),
        };
        let id = ApplicationId::parse(&world.client.id).expect("an id");
        let revoke = move |tx: &Tx| revocation.map_or(Ok(()), |revocation| revocation(tx, &id));
        let answer = ask_during(&world.app, revoke, ask);
        (answer.status, answer.json()["error"].clone())
    };
    for (revocation, revokes) in [(delete_secret, false), (delete_client, false), (delete_secret, true)] {
        assert_eq!(ask(Some(revocation), revokes), (401, json!("invalid_client")), "{revokes}");
    }
    assert_eq!(ask(None, false).0, 200);
}

#[test]
fn the_claim_of_a_client_is_judged_by_its_secrets_and_its_method() {
    let mut world = oidc::World::new();
    let id = ApplicationId::parse(&world.client.id).expect("an id");
    let confirmed = |world: &oidc::World, method, secret: Option<&str>| {
        world.app.app.confirm(&Claim::of_client(id.clone(), method, secret.map(digest))).is_ok()
    };
    let secret = world.client.secret.clone();
    assert!(confirmed(&world, TokenAuth::ClientSecretBasic, Some(&secret)));
    assert!(
        !confirmed(&world, TokenAuth::ClientSecretBasic, Some("wrong"))
            && !confirmed(&world, TokenAuth::ClientSecretBasic, None)
    );
    assert!(
        !confirmed(&world, TokenAuth::ClientSecretPost, Some(&secret)) && !confirmed(&world, TokenAuth::None, None)
    );
    let path = format!("/applications/{}", world.client.id);
    let changed = world.ann.api("PATCH", &path, &json!({ "token_auth": "client_secret_post" }));
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert!(
        !confirmed(&world, TokenAuth::ClientSecretBasic, Some(&secret))
            && confirmed(&world, TokenAuth::ClientSecretPost, Some(&secret))
    );
}

#[test]
fn a_sign_in_that_becomes_too_old_for_the_request_while_it_waits_gives_no_code() {
    let ask = |secs: i64| {
        let world = oidc::World::new();
        let mut pat = world.pat();
        let (path, token) = (world.client.authorize(&[("max_age", "100")]), pat.cookies["vestibule_session"].clone());
        let age = move |tx: &Tx| {
            let person = tx.signed_in(&token)?.expect("signed in");
            let grant = person.session.grants[0].clone();
            let at = grant.at.plus(-secs);
            tx.set_grant(&person.session.id, &Grant { at, ..grant })
        };
        ask_during(&world.app, age, move || pat.get(&path))
    };
    oidc::sign_in_page(&ask(1000));
    assert!(ask(10).location().contains("code="), "it is still recent enough");
}

/// The answers to a browser on its way to the Wiki, at the public URL and then at the Wiki, when `revocation` is committed
/// before what the request writes.
fn at_wiki_during(revocation: Option<Revocation>) -> [Answer; 2] {
    let world = forward_auth::World::new();
    let revoke = move |tx: &Tx| revocation.map_or(Ok(()), |revocation| revocation(tx));
    let mut pat = world.at_wiki("pat@acme.test");
    let onward = pat.path_at_home("/deep");
    let mut home = pat.home.clone();
    let started = ask_during(&world.app, revoke, move || home.get(&onward));
    let world = forward_auth::World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    let finish = pat.path_of_finish("/deep");
    let finished = ask_during(&world.app, revoke, move || pat.own("GET", &finish, &[]));
    [started, finished]
}

fn pat(tx: &Tx) -> Result<vestibule::domain::ids::UserId> {
    user(tx, "pat@acme.test").map(|pat| pat.id)
}

#[test]
fn access_that_ends_during_the_sign_in_at_an_application_gives_no_session_there() {
    let sign_out = |tx: &Tx| tx.delete_other_sessions(&pat(tx)?, None);
    let disable = |tx: &Tx| tx.set_disabled(&pat(tx)?, Some(tx.now()));
    let leave_workspace = |tx: &Tx| tx.delete_places(&tx.organisation("acme")?.id, &pat(tx)?);
    let take_host = |tx: &Tx| tx.set_host_grants(&tx.organisation("acme")?.id, &[]);
    let (login, again) = ("/login?return=", "/.vestibule/start?return=%2Fdeep");
    let ends = [
        (None, (303, "https://wiki.acme.test/.vestibule/finish?code="), (303, "/deep")),
        (Some(sign_out as Revocation), (303, login), (400, "")),
        (Some(disable), (303, login), (400, "")),
        (Some(leave_workspace), (403, ""), (303, again)),
        (Some(take_host), (400, ""), (400, "")),
    ];
    let ends = ends.map(|(end, start, finish)| (std::thread::spawn(move || at_wiki_during(end)), end, start, finish));
    for (number, (both, end, start, finish)) in ends.into_iter().enumerate() {
        let [started, finished] = both.join().expect("joined");
        for (answer, (status, location)) in [(&started, start), (&finished, finish)] {
            let to = answer.headers.get("location").map_or("", |to| &to[..]);
            assert!(
                answer.status == status && to.starts_with(location),
                "{number}: {} {to} {}",
                answer.status,
                answer.body
            );
        }
        let entered = finished.set_cookies.iter().any(|cookie| cookie.starts_with("__Host-vestibule_app"));
        assert_eq!(entered, end.is_none(), "{number}");
    }
}
