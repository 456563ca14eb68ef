//! Floods of sign-ins do not delay other people.

use crate::app::{PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{connect, large_response, saml_sign_in};
use crate::wire::{Wire, post};
use actix_web::rt::System;
use actix_web::rt::time::timeout;
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use vestibule::app::Lane;

/// The number of clients; more than the 32 that may wait for a core.
const CLIENTS: usize = 64;
const CHECKING: usize = 4;
/// The maximum time of a session check during the flood; long, because the test machine may be busy.
const LONGEST_CHECK: Duration = Duration::from_secs(10);

fn browser_from(app: &TestApp, n: usize) -> Browser {
    let mut browser = app.anonymous();
    browser.headers.push(("x-forwarded-for", format!("192.0.2.{n}")));
    browser
}

/// The state of a flood: whether it is over, and whether a client has been throttled.
#[derive(Default)]
struct Flood {
    over: AtomicBool,
    slowed_down: AtomicBool,
}

/// Signs in with a right password, a wrong one and an unknown address in turn, until the flood is over.
fn sign_in_repeatedly(mut browser: Browser, n: usize, flood: &Flood) -> Vec<Answer> {
    let own = format!("p{n}@acme.test");
    let attempts = [(own.as_str(), PASSWORD), (own.as_str(), "wrong"), ("x@y.test", "wrong")];
    let mut answers = Vec::new();
    for (email, password) in attempts.into_iter().cycle() {
        if flood.over.load(Ordering::SeqCst) {
            break;
        }
        let answer = browser.sign_in(email, password);
        flood.slowed_down.fetch_or(answer.status == 429, Ordering::SeqCst);
        answers.push(answer);
    }
    answers
}

/// Repeats session checks of one person until the flood is over; returns the statuses and the longest time.
fn check(mut browser: Browser, flood: &Flood) -> (Vec<u16>, Duration) {
    let (mut statuses, mut longest) = (Vec::new(), Duration::ZERO);
    while !flood.over.load(Ordering::SeqCst) {
        let begun = Instant::now();
        statuses.push(browser.read("/me").status);
        longest = longest.max(begun.elapsed());
    }
    (statuses, longest)
}

/// Lets the flood continue until a client is throttled, for at least three seconds.
fn run_until_throttled(flood: &Flood) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) || !flood.slowed_down.load(Ordering::SeqCst) {
        // Only a few passwords of one account are verified at once, so it takes some time to reach the limit.
        assert!(begun.elapsed() < Duration::from_secs(150), "no client has been throttled");
        std::thread::sleep(Duration::from_millis(50));
    }
    flood.over.store(true, Ordering::SeqCst);
}

#[test]
fn sixty_four_clients_guessing_passwords_do_not_delay_session_checks() {
    let app = TestApp::with_flags(|flags| flags.trusted_proxies = Some("127.0.0.1".into()));
    let org = app.org("Acme", "enterprise");
    (0..CLIENTS).for_each(|n| drop(app.member(&org, &format!("p{n}@acme.test"))));
    let flood = Arc::new(Flood::default());
    let checkers: Vec<_> = (0..CHECKING).map(|n| app.signed_in(&format!("p{n}@acme.test"))).collect();
    let clients = (0..CLIENTS).map(|n| {
        let (browser, flood) = (browser_from(&app, n), flood.clone());
        std::thread::spawn(move || sign_in_repeatedly(browser, n, &flood))
    });
    let clients: Vec<_> = clients.collect();
    let checkers = checkers.into_iter().map(|browser| {
        let flood = flood.clone();
        std::thread::spawn(move || check(browser, &flood))
    });
    let checkers: Vec<_> = checkers.collect();
    run_until_throttled(&flood);

    for checker in checkers {
        let (statuses, longest) = checker.join().expect("a checker");
        assert!(statuses.len() > 10, "only {} session checks were answered", statuses.len());
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
        assert!(longest < LONGEST_CHECK, "{longest:?}");
    }
    let answers: Vec<_> = clients.into_iter().flat_map(|client| client.join().expect("a client thread")).collect();
    for answer in &answers {
        assert!(matches!(answer.status, 200 | 401 | 429 | 503), "{} {}", answer.status, answer.body);
        let waits = matches!(answer.status, 429 | 503);
        assert_eq!(answer.headers.contains_key("retry-after"), waits, "{} {:?}", answer.status, answer.headers);
    }
    for status in [200, 401, 429] {
        assert!(answers.iter().any(|answer| answer.status == status), "no answer had the status {status}");
    }
}

/// The number of requests; more than the 64 that may wait for a core.
const FROM_ONE_NETWORK: usize = 150;

#[test]
fn one_network_that_fills_the_password_queue_does_not_block_others() {
    let app = TestApp::with_flags(|flags| flags.trusted_proxies = Some("127.0.0.1".into()));
    let org = app.org("Acme", "enterprise");
    app.member(&org, "ann@acme.test");
    let crowd = (0..FROM_ONE_NETWORK).map(|n| {
        let mut stranger = browser_from(&app, 1);
        std::thread::spawn(move || [0, 1].map(|_| stranger.sign_in(&format!("p{n}@acme.test"), "wrong").status))
    });
    let crowd: Vec<_> = crowd.collect();
    let mut others = Vec::new();
    while !crowd.iter().all(std::thread::JoinHandle::is_finished) {
        others.push(browser_from(&app, 2).sign_in("ann@acme.test", PASSWORD).status);
    }
    let crowd: Vec<_> = crowd.into_iter().flat_map(|one| one.join().expect("joined")).collect();
    assert!(crowd.contains(&503), "the queue must be full at least once: {crowd:?}");
    assert!(others.len() > 1 && others.iter().all(|status| *status == 200), "{others:?}");
}

/// Right passwords do not count towards the limit of attempts, so only the queue limits a member who sends many.
#[test]
fn a_member_with_many_sessions_who_fills_the_password_queue_does_not_block_others() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.member(&org, "mallory@acme.test");
    app.member(&org, "ann@acme.test");
    let over = Arc::new(AtomicBool::new(false));
    let sessions: Vec<_> = (0..40).map(|_| app.signed_in("mallory@acme.test")).collect();
    let attackers = sessions.into_iter().map(|mut mallory| {
        let over = over.clone();
        std::thread::spawn(move || {
            let same = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
            let mut statuses = Vec::new();
            while !over.load(Ordering::SeqCst) {
                statuses.push(mallory.api("PUT", "/me/password", &same).status);
            }
            statuses
        })
    });
    let attackers: Vec<_> = attackers.collect();
    std::thread::sleep(Duration::from_millis(500));
    let strangers: Vec<_> = (0..15).map(|_| app.anonymous().sign_in("ann@acme.test", PASSWORD).status).collect();
    let known: Vec<_> = (0..15).map(|_| app.signed_in("ann@acme.test").read("/me").status).collect();
    over.store(true, Ordering::SeqCst);
    let statuses: Vec<_> = attackers.into_iter().flat_map(|one| one.join().expect("joined")).collect();
    assert!(strangers.iter().chain(&known).all(|status| *status == 200), "{strangers:?} {known:?}");
    assert!([422, 503].iter().all(|status| statuses.contains(status)), "{statuses:?}");
}

#[test]
fn a_right_password_is_verified_while_other_networks_guess() {
    let app = TestApp::with_flags(|flags| flags.trusted_proxies = Some("127.0.0.1".into()));
    let org = app.org("Acme", "enterprise");
    app.member(&org, "ann@acme.test");
    let (over, wrong) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let guessers = (0..CLIENTS).map(|n| {
        let (mut stranger, over, wrong) = (browser_from(&app, n), over.clone(), wrong.clone());
        std::thread::spawn(move || {
            let mut statuses = Vec::new();
            for guess in 0.. {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let status = stranger.sign_in(&format!("p{n}x{guess}@acme.test"), "wrong").status;
                if status == 401 && !statuses.contains(&401) {
                    wrong.fetch_add(1, Ordering::SeqCst);
                }
                statuses.push(status);
            }
            statuses
        })
    });
    let guessers: Vec<_> = guessers.collect();
    let begun = Instant::now();
    while wrong.load(Ordering::SeqCst) < CLIENTS {
        assert!(begun.elapsed() < Duration::from_secs(120), "not all guesses have been answered");
        std::thread::sleep(Duration::from_millis(20));
    }
    let own: Vec<_> = (0..30).map(|_| browser_from(&app, 200).sign_in("ann@acme.test", PASSWORD).status).collect();
    over.store(true, Ordering::SeqCst);
    let guessed: Vec<_> = guessers.into_iter().flat_map(|one| one.join().expect("joined")).collect();
    assert!(guessed.contains(&503), "the queue must be full at least once");
    assert_eq!(own, [200; 30]);
}

/// The number of networks that send large responses, which take long to verify, to the callback.
const RESPONDING: u8 = 100;

/// Ends the flood when dropped, even after a panic.
struct End<'f>(&'f AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn large_responses_from_many_networks_do_not_delay_session_checks_and_sign_ins() {
    let app = TestApp::with_flags(|flags| {
        flags.sso_rate = Some(0);
        flags.trusted_proxies = Some("127.0.0.1".into());
    });
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    let (path, form) = large_response(&app, "/sso?key=acme_SSO", "ann@acme.test");
    let response = post(&path, form.len(), &form);
    let send = |from: u8| {
        let begun = Instant::now();
        let reply = Wire::try_from(from, &app.url).ok()?.send(&response).reply(Duration::from_secs(60))?;
        Some((reply.status, begun.elapsed()))
    };
    let (status, alone) = send(2).expect("an answer");
    assert_eq!(status, 303, "the large response is refused");
    // A sign-in that waited for all these responses would take fifty times as long as one response on two cores.
    let longest = (alone * 20).max(Duration::from_secs(1));
    let over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let _end = End(&over);
        for n in 0..RESPONDING {
            let (send, over) = (&send, &over);
            threads.spawn(move || {
                while !over.load(Ordering::SeqCst) {
                    let _answer = send(3 + n);
                }
            });
        }
        std::thread::sleep(Duration::from_secs(2));
        let mut waits = Vec::new();
        for _ in 0..3 {
            let begun = Instant::now();
            let checked = ann.read("/me").status;
            waits.push((checked, begun.elapsed()));
            let begun = Instant::now();
            let by_password = browser_from(&app, 1).sign_in("ann@acme.test", PASSWORD).status;
            waits.push((by_password, begun.elapsed()));
            let begun = Instant::now();
            let by_saml = saml_sign_in(&app, &mut browser_from(&app, 1), "/sso?key=acme_SSO", "ann@acme.test");
            waits.push((by_saml.status, begun.elapsed()));
            assert_eq!(by_saml.location(), "/", "{}", by_saml.body);
        }
        let prompt = waits.iter().all(|(status, wait)| [200, 303].contains(status) && *wait < longest);
        assert!(prompt, "{waits:?}, and one response alone took {alone:?}");
    });
}

#[test]
fn a_session_that_is_not_in_memory_is_checked_while_all_turns_are_taken() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.member(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let network = IpAddr::from([192, 0, 2, 1]);
    let held = System::new().block_on(async {
        let mut held = Vec::new();
        for lane in [Lane::Known, Lane::Stranger] {
            while let Ok(Some(turn)) = timeout(Duration::from_millis(100), app.app.turns.take(lane, network)).await {
                held.push(turn);
            }
        }
        held
    });
    assert!(held.len() >= 2, "all turns are taken: {}", held.len());
    let begun = Instant::now();
    assert_eq!(ann.read("/me").status, 200);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // In contrast: other work waits for a turn.
    let waiting = std::thread::spawn(move || ann.read("/me/events").status);
    std::thread::sleep(Duration::from_millis(300));
    assert!(!waiting.is_finished());
    drop(held);
    assert_eq!(waiting.join().expect("joined"), 200);
}
