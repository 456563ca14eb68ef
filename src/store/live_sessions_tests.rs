//! Tests of the session cache: when a check is answered from memory, and when from the database.

use crate::domain::access::Standing;
use crate::domain::ids::{OrganisationId, SessionId, UserId};
use crate::domain::method::Method;
use crate::domain::person::Role;
use crate::domain::principal::Claim;
use crate::domain::seal::{digest, secret};
use crate::domain::session::{Grant, PAUSE_SECS, Session};
use crate::domain::{Clock, Email, Name, Plan, Result, Timestamp};
use crate::store::{Store, Tx};
use proptest::prelude::*;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

type Pause = (&'static str, Arc<Barrier>);

thread_local! {
    static PAUSE: RefCell<Option<Pause>> = const { RefCell::new(None) };
}

/// Pauses this thread at a point of a load, if a test has asked for it.
pub fn pause(point: &'static str) {
    let here = PAUSE.with(|pause| pause.borrow_mut().take_if(|(at, _)| *at == point));
    if let Some((_, barrier)) = here {
        barrier.wait();
        barrier.wait();
    }
}

struct Arena {
    folder: tempfile::TempDir,
    store: Store,
    clock: Arc<AtomicI64>,
    organisation: OrganisationId,
    user: UserId,
    token: String,
    session: SessionId,
}

const NOW: Timestamp = Timestamp(1_795_510_800);

fn session(token: &str) -> Session {
    Session {
        id: SessionId::random(),
        digest: digest(token),
        password_at: None,
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW.plus(5 * 86_400),
        address: String::new(),
        agent: String::new(),
        grants: Vec::new(),
    }
}

fn begin(tx: &Tx, user: &UserId, organisation: &OrganisationId) -> Result<(String, SessionId)> {
    let token = secret();
    let session = session(&token);
    tx.add_session(user, &session)?;
    let organisation = organisation.clone();
    tx.set_grant(
        &session.id,
        &Grant { organisation, method: Method::Password, at: NOW, expires_at: session.expires_at, ends_at: None },
    )?;
    Ok((token, session.id))
}

impl Arena {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(AtomicI64::new(NOW.0));
        let store = Store::open_to_serve(folder.path(), Clock::Fixed(clock.clone())).expect("opens");
        let (organisation, user, token, session) = store
            .write(&Claim::job(), |tx| {
                let organisation = tx.add_organisation(&Name::parse("name", "Acme")?, "acme", "business")?.id;
                let workspace = tx.add_workspace(&organisation, &Name::parse("name", "Head office")?)?;
                let user = tx.add_user(&Email::parse("ann@acme.test")?, "Ann", None, false)?;
                tx.add_person(&organisation, &user, Standing { admin: false, password_agreed: true })?;
                tx.set_place(&organisation, &workspace.id, &user, &Role::PowerUser)?;
                let (token, session) = begin(tx, &user.id, &organisation)?;
                Ok((organisation, user.id, token, session))
            })
            .expect("written");
        Self { folder, store, clock, organisation, user, token, session }
    }

    fn is_signed_in(&self) -> bool {
        self.store.signed_in(&self.token).expect("read").is_some()
    }

    fn is_cached(&self) -> bool {
        self.store.known_signed_in(&self.token).is_some()
    }

    fn write(&self, write: impl FnOnce(&Tx) -> Result<()> + Send + 'static) {
        self.store.write(&Claim::job(), write).expect("written");
    }

    fn pass(&self, secs: i64) {
        self.clock.fetch_add(secs, Ordering::SeqCst);
    }

    /// A store as a command opens it on the same folder.
    fn other_process(&self) -> Store {
        Store::open(self.folder.path(), Clock::Fixed(self.clock.clone())).expect("opens")
    }

    fn last_seen_at(&self) -> Timestamp {
        let found = self.store.read(|db| db.find_session_of_id(&self.session)).expect("read");
        found.expect("there").1.last_seen_at
    }
}

fn admin(person: &crate::domain::session::SignedIn) -> bool {
    person.seats[0].standing.admin
}

type Change = Box<dyn FnOnce(&Tx) -> Result<()> + Send>;

#[test]
fn each_acknowledged_change_makes_the_cached_session_out_of_date() {
    let arena = Arena::new();
    let (organisation, user) = (arena.organisation.clone(), arena.user.clone());
    let changes: [(&str, Change); 5] = [
        ("a standing", {
            let (organisation, user) = (organisation.clone(), user.clone());
            Box::new(move |tx| tx.set_admin(&organisation, &user, true))
        }),
        ("a name", {
            let organisation = organisation.clone();
            Box::new(move |tx| tx.set_organisation_name(&organisation, &Name::parse("name", "Acme Ltd")?))
        }),
        ("a plan", {
            Box::new(move |tx| {
                let plan = tx.plan("business")?;
                tx.set_plan(&Plan { name: "Larger".into(), ..plan })
            })
        }),
        ("an operator", {
            let user = user.clone();
            Box::new(move |tx| tx.set_operator(&user, true))
        }),
        ("the grant", {
            let session = arena.session.clone();
            Box::new(move |tx| tx.delete_session(&user, &session))
        }),
    ];
    for (what, change) in changes {
        assert!(arena.is_signed_in() && arena.is_cached(), "before {what}");
        arena.write(change);
        assert!(!arena.is_cached(), "{what} has changed");
    }
    assert!(!arena.is_signed_in());
}

#[test]
fn the_deletion_of_an_organisation_makes_the_cached_sessions_of_its_people_out_of_date() {
    let arena = Arena::new();
    let other = arena.store.write(&Claim::job(), {
        let user = arena.user.clone();
        move |tx| {
            let other = tx.add_organisation(&Name::parse("name", "Globex")?, "globex", "business")?.id;
            let user = tx.user(&user)?;
            tx.add_person(&other, &user, Standing { admin: false, password_agreed: true })?;
            Ok(other)
        }
    });
    let other = other.expect("written");
    assert!(arena.is_signed_in() && arena.is_cached());
    assert_eq!(arena.store.known_signed_in(&arena.token).expect("known").seats.len(), 2);
    arena.write(move |tx| tx.delete_organisation(&other));
    assert!(!arena.is_cached() && arena.is_signed_in());
    assert_eq!(arena.store.known_signed_in(&arena.token).expect("known").seats.len(), 1);
}

#[test]
fn a_sign_in_and_a_session_use_leave_cached_sessions_valid() {
    let arena = Arena::new();
    assert!(arena.is_signed_in() && arena.is_cached());
    let (user, organisation) = (arena.user.clone(), arena.organisation.clone());
    arena.write(move |tx| {
        tx.set_last_sign_in(&organisation, &user, Method::Password)?;
        begin(tx, &user, &organisation).map(drop)
    });
    arena.pass(30);
    assert!(arena.is_cached());
    arena.store.write_session_uses().expect("written");
    assert!(arena.is_cached());
}

#[test]
fn a_session_that_changes_while_it_is_loaded_is_not_cached() {
    for point in ["before the read", "after the read"] {
        let arena = Arena::new();
        let barrier = Arc::new(Barrier::new(2));
        scope(|threads| {
            let load = threads.spawn(|| {
                PAUSE.with(|pause| *pause.borrow_mut() = Some((point, barrier.clone())));
                arena.is_signed_in()
            });
            barrier.wait();
            let (user, session) = (arena.user.clone(), arena.session.clone());
            arena.write(move |tx| tx.delete_session(&user, &session));
            barrier.wait();
            // A load that read the session before its end may still return it, but the next check may not.
            assert_eq!(load.join().expect("joined"), point == "after the read");
        });
        assert!(!arena.is_cached() && !arena.is_signed_in(), "{point}");
    }
}

#[test]
fn a_change_by_another_process_is_detected_without_a_notification() {
    let arena = Arena::new();
    assert!(arena.is_signed_in() && arena.is_cached());
    // Without the socket, the other process cannot notify the server.
    std::fs::remove_file(arena.folder.path().join("vestibule.sock")).expect("removed");
    let (user, session) = (arena.user.clone(), arena.session.clone());
    arena.other_process().write(&Claim::job(), move |tx| tx.delete_session(&user, &session)).expect("written");
    let begun = Instant::now();
    while arena.is_cached() {
        assert!(begun.elapsed() < Duration::from_secs(2), "the change was not detected");
        sleep(Duration::from_millis(5));
    }
    assert!(!arena.is_signed_in());
}

#[test]
fn a_command_returns_once_the_server_has_invalidated_its_cache() {
    let arena = Arena::new();
    let other_process = arena.other_process();
    for _ in 0..20 {
        assert!(arena.is_signed_in() && arena.is_cached());
        let user = arena.user.clone();
        other_process.write(&Claim::job(), move |tx| tx.set_operator(&user, true)).expect("written");
        assert!(!arena.is_cached());
    }
}

#[test]
fn a_check_after_a_deadline_or_a_pause_reads_the_database() {
    let arena = Arena::new();
    assert!(arena.is_signed_in() && arena.is_cached());
    let lives = arena.store.known_signed_in(&arena.token).expect("known").lives;
    arena.pass(PAUSE_SECS - 1);
    assert!(arena.is_cached());
    arena.pass(PAUSE_SECS);
    assert!(!arena.is_cached() && arena.is_signed_in() && arena.is_cached(), "used after a pause");
    assert_eq!(arena.last_seen_at(), NOW.plus(2 * PAUSE_SECS - 1), "written at once");
    arena.pass(lives.idle_secs());
    assert!(!arena.is_signed_in(), "idle too long since its last use");
}

#[test]
fn last_use_times_are_written_together_on_request() {
    let arena = Arena::new();
    assert!(arena.is_signed_in());
    arena.pass(40);
    assert!(arena.is_cached());
    assert_eq!(arena.last_seen_at(), NOW);
    arena.store.write_session_uses().expect("written");
    assert_eq!(arena.last_seen_at(), NOW.plus(40));
}

#[test]
fn each_table_is_watched_or_listed_as_not_cached() {
    const NOT_IN_MEMORY: [&str; 30] = [
        "access_tokens",
        "account_events",
        "answered_requests",
        "application_codes",
        "attempts",
        "audit",
        "audit_chains",
        "authorizations",
        "certificate_candidates",
        "client_origins",
        "client_secrets",
        "client_sessions",
        "ended_grants",
        "expiry_notices",
        "former_portal_keys",
        "invitations",
        "keys",
        "known_passwords",
        "logout_notices",
        "mail_counts",
        "mails",
        "oidc_clients",
        "password_links",
        "recovery_codes",
        "recovery_links",
        "refresh_tokens",
        "setup_links",
        "tickets",
        "used_assertions",
        "used_requests",
    ];
    let arena = Arena::new();
    let tables = arena.store.read(|db| db.connection.tables()).expect("read");
    let watched = |table: &&String| crate::store::changes::is_watched(table);
    let unknown: Vec<_> =
        tables.iter().filter(|table| !watched(table) && !NOT_IN_MEMORY.contains(&table.as_str())).collect();
    assert!(unknown.is_empty(), "are these tables cached? {unknown:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn no_check_that_begins_after_an_acknowledged_change_returns_older_data(changes in prop::collection::vec(0_usize..4, 20..60)) {
        let arena = Arena::new();
        // The name of the person or the organisation contains the number of the last change. `acknowledged` is the last
        // one that was confirmed.
        let (acknowledged, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
        scope(|threads| {
            for _ in 0..3 {
                threads.spawn(|| {
                    while !ended.load(Ordering::SeqCst) {
                        let least = acknowledged.load(Ordering::SeqCst);
                        let person = arena.store.signed_in(&arena.token).expect("read").expect("signed in");
                        let (of_user, of_organisation) = (&person.user.name, &person.seats[0].organisation.name);
                        let seen = |name: &str| name.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0_usize);
                        let seen = seen(of_user).max(seen(of_organisation));
                        assert!(seen >= least, "{seen} was seen after {least} was acknowledged");
                        assert_eq!(admin(&person), seen % 2 == 1, "all data is from one state of the database");
                    }
                });
            }
            for (n, kind) in changes.into_iter().enumerate() {
                let number = n + 1;
                let (user, organisation) = (arena.user.clone(), arena.organisation.clone());
                arena.write(move |tx| {
                    tx.set_admin(&organisation, &user, number % 2 == 1)?;
                    let name = Name::parse("name", &format!("N {number}"))?;
                    match kind {
                        0 => tx.set_organisation_name(&organisation, &name),
                        1 => tx.set_user(&user, name.as_str(), None),
                        2 => {
                            begin(tx, &user, &organisation)?;
                            tx.set_organisation_name(&organisation, &name)
                        }
                        _ => {
                            tx.set_last_sign_in(&organisation, &user, Method::Password)?;
                            tx.set_user(&user, name.as_str(), None)
                        }
                    }
                });
                acknowledged.store(number, Ordering::SeqCst);
            }
            ended.store(true, Ordering::SeqCst);
        });
    }
}
