//! When the notices to applications that sessions have ended are made, and in which order they are sent.

use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use crate::oidc::{Client, PAT, World};
use crate::oidc_logout::{Received, application, logout_token, next, world_with_private_hosts};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use vestibule::actions::oidc::notices::end_expired;
use vestibule::domain::Clock;
use vestibule::store::Store;

const HOUR_SECS: i64 = 3600;
const DAY_SECS: i64 = 24 * HOUR_SECS;
/// How long it is checked that nothing is sent.
const SILENCE: Duration = Duration::from_millis(400);

/// A client that is told, with Pat signed in at it, and the requests that it receives.
struct Told {
    world: World,
    client: Client,
    pat: Browser,
    received: Receiver<Received>,
}

fn told(scope: &str) -> Told {
    let mut world = world_with_private_hosts();
    let (address, received) = application(&[]);
    let client = world.add(&json!({ "backchannel_logout_uri": address }));
    let mut pat = world.pat();
    client.code(&mut pat, &[("scope", scope)]);
    Told { world, client, pat, received }
}

impl Told {
    fn is_told(&self) {
        assert_eq!(logout_token(&self.world, &next(&self.received)).claims["aud"], self.client.id);
    }

    fn is_not_told(&self) {
        assert!(self.received.recv_timeout(SILENCE).is_err());
    }

    fn pass(&self, secs: i64) {
        self.world.app.pass(secs);
        end_expired(&self.world.app.app).expect("the database works");
    }

    fn expires_after(&self, secs: i64) {
        self.pass(secs);
        self.is_told();
    }

    fn lives_after(&self, secs: i64) {
        self.pass(secs);
        self.is_not_told();
    }
}

/// An application that accepts connections and does not answer; the number of its connections.
fn silent_application() -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("bound"));
    let (send, visits) = channel();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            open.push(stream);
            if send.send(()).is_err() {
                return;
            }
        }
    });
    (address, visits)
}

#[test]
fn an_application_is_told_when_the_session_expires_unused() {
    let told = told("openid");
    told.lives_after(11 * HOUR_SECS);
    // The last use may not be in the database yet.
    told.lives_after(HOUR_SECS);
    told.expires_after(2 * 60);
    told.lives_after(60);
}

#[test]
fn an_application_is_told_when_a_session_that_is_used_expires() {
    let mut told = told("openid");
    // A further sign-in of the same person in the same browser continues the session.
    assert_eq!(told.pat.sign_in(PAT, PASSWORD).status, 200);
    for _ in 0..(7 * 3 - 1) {
        told.lives_after(8 * HOUR_SECS);
        assert_eq!(told.pat.read("/me").status, 200);
        told.world.app.app.store.write_session_uses().expect("the database works");
    }
    told.expires_after(8 * HOUR_SECS);
}

#[test]
fn an_application_is_told_when_the_purge_deletes_the_session_and_when_only_the_grant_expires() {
    let purged = told("openid");
    purged.world.app.pass(8 * DAY_SECS);
    purged.world.app.write(|tx| tx.purge_sessions());
    purged.is_told();
    let mut shortened = told("openid");
    let lives = json!({ "session_idle_hours": 2 });
    assert_eq!(shortened.world.ann.api("PATCH", "/organisations/acme", &lives).status, 200);
    shortened.lives_after(HOUR_SECS);
    shortened.expires_after(HOUR_SECS + 120);
}

#[test]
fn refresh_tokens_that_outlive_the_session_keep_it_and_their_end_is_told() {
    let mut told = told("openid offline_access");
    let code = told.client.code(&mut told.pat, &[("scope", "openid offline_access")]);
    let tokens = told.client.redeem(&code).json();
    told.lives_after(8 * DAY_SECS);
    told.world.app.write(|tx| tx.purge_sessions());
    told.is_not_told();
    assert_eq!(told.client.refresh(&tokens["refresh_token"]).status, 200);
    told.lives_after(29 * DAY_SECS);
    told.expires_after(DAY_SECS);
}

#[test]
fn an_application_is_told_although_it_is_removed_with_its_workspace_or_its_organisation() {
    type Remove = fn(&mut Told) -> u16;
    let removals: [(&str, Remove); 3] = [
        ("application", |told| {
            told.world.ann.api("DELETE", &format!("/applications/{}", told.client.id), &Value::Null).status
        }),
        ("workspace", |told| {
            let second = json!({ "name": "Second" });
            assert_eq!(told.world.ann.api("POST", "/organisations/acme/workspaces", &second).status, 201);
            let path = format!("/workspaces/{}", told.world.org.workspace);
            told.world.ann.api("DELETE", &path, &Value::Null).status
        }),
        ("organisation", |told| {
            told.world.app.operator().api("DELETE", "/organisations/acme?confirm=Acme", &Value::Null).status
        }),
    ];
    for (name, remove) in removals {
        let mut told = told("openid");
        let (client, sub) = (told.client.id.clone(), told.world.app.user(PAT));
        assert!(remove(&mut told) < 300, "{name}");
        let token = logout_token(&told.world, &next(&told.received));
        assert_eq!((&token.claims["aud"], &token.claims["sub"]), (&json!(client), &json!(sub.as_str())), "{name}");
    }
}

#[test]
fn an_application_that_does_not_answer_delays_no_other() {
    let mut world = world_with_private_hosts();
    let (slow, visits) = silent_application();
    let slow = world.add(&json!({ "backchannel_logout_uri": slow }));
    let (quick, received) = application(&[]);
    let quick = world.add(&json!({ "backchannel_logout_uri": quick, "name": "Quick" }));
    let mut browsers: Vec<_> = (0..12).map(|_| world.pat()).collect();
    for pat in &mut browsers {
        slow.code(pat, &[]);
    }
    let mut ann = world.app.signed_in("ann@acme.test");
    quick.code(&mut ann, &[]);
    for pat in &mut browsers {
        assert_eq!(pat.form("/logout", &[]).status, 303);
    }
    for _ in 0..4 {
        visits.recv_timeout(Duration::from_secs(4)).expect("the slow application is told");
    }
    let began = Instant::now();
    assert!(visits.recv_timeout(SILENCE).is_err(), "four at once");
    assert_eq!(ann.form("/logout", &[]).status, 303);
    next(&received);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    visits.recv_timeout(Duration::from_secs(20)).expect("its other notices follow after its deadline");
}

#[test]
fn neither_a_client_nor_an_organisation_with_many_notices_hides_those_of_others() {
    let app = TestApp::new();
    let file = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    // 300 clients of one organisation with 10 notices each, which are older than two others. They are not due for the job yet.
    let later = app.now().plus(HOUR_SECS).0;
    let sql = format!(
        "WITH RECURSIVE many (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM many WHERE n < 2999)
        INSERT INTO logout_notices (sid, application_id, organisation_id, user_id, uri, signing, attempts, next_at)
        SELECT 'old' || n, printf('%032d', n / 10), printf('%032d', 1), printf('%032d', 1), 'https://wiki.test/', 'RS256', 0, {later} FROM many
        UNION ALL SELECT 'same', printf('%032d', 999), printf('%032d', 1), printf('%032d', 1), 'https://wiki.test/', 'RS256', 0, {later} + 1
        UNION ALL SELECT 'other', printf('%032d', 998), printf('%032d', 2), printf('%032d', 1), 'https://wiki.test/', 'RS256', 0, {later} + 1"
    );
    assert_eq!(file.execute(&sql, ()).expect("written"), 3002);
    let clock = Clock::Fixed(Arc::new(AtomicI64::new(later + 1)));
    let store = Store::open(app.data.path(), clock).expect("opens");
    let due = store.read(|db| db.due_logout_notices()).expect("read");
    let of = |organisation: &str| due.iter().filter(|one| one.organisation.as_str().ends_with(organisation)).count();
    assert_eq!((of("1"), of("2")), (32, 1));
    let clients: HashSet<_> = due.iter().map(|one| one.application.as_str()).collect();
    assert_eq!(clients.len(), 33, "one notice of each client comes first");
}

#[test]
fn a_notice_is_marked_before_it_is_sent_and_sent_again_if_its_outcome_is_never_recorded() {
    let mut world = world_with_private_hosts();
    let (address, visits) = silent_application();
    let client = world.add(&json!({ "backchannel_logout_uri": address }));
    let mut pat = world.pat();
    client.code(&mut pat, &[]);
    assert_eq!(pat.form("/logout", &[]).status, 303);
    visits.recv_timeout(Duration::from_secs(4)).expect("sent");
    let app: &TestApp = &world.app;
    let planned = || app.app.store.read(|db| db.next_logout_notice_at()).expect("read");
    assert_eq!(planned(), Some(app.now().plus(30)));
    // Another process finds nothing to send, and later the same notice with one attempt less.
    let due = || app.app.store.read(|db| db.due_logout_notices()).expect("read");
    assert!(due().is_empty());
    app.pass(30);
    assert_eq!(due().iter().map(|notice| notice.attempts).collect::<Vec<_>>(), [1]);
    let sid = due()[0].sid.clone();
    let later = app.now().plus(30);
    assert!(app.write({
        let sid = sid.clone();
        move |tx| tx.take_logout_notice(&sid, later)
    }));
    assert!(!app.write(move |tx| tx.take_logout_notice(&sid, later)), "only one process takes it");
}
