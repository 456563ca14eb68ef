//! Slow clients and many clients: deadlines, and the resources that one address, and all addresses together, may use.

use crate::app::{Org, PASSWORD, TestApp};
use crate::idp::{connect, saml_sign_in};
use crate::program::{self, BINARY, free_port, serve_with, set_up, vestibule};
use crate::wire::{Reply, Wire, get, post};
use serde_json::json;
use std::process::Command;
use std::time::{Duration, Instant};
use vestibule::app::raise_file_limit;
use vestibule::config::{Flags, Limits};
use vestibule::domain::Email;
use vestibule::domain::access::Standing;
use vestibule::domain::person::Role;

const SOON: Duration = Duration::from_secs(20);
/// The maximum duration of other people's requests during an attack.
const PROMPT: Duration = Duration::from_secs(2);

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Deadlines that are short enough to wait for in a test.
fn short() -> Limits {
    Limits {
        headers: millis(600),
        body: millis(600),
        longest_body: millis(2500),
        keep_alive: millis(2500),
        unread_answer: millis(600),
        ..Limits::default()
    }
}

/// Deadlines that do not expire during a test.
fn long() -> Limits {
    let minute = Duration::from_secs(60);
    Limits { headers: minute, body: minute, keep_alive: minute, ..Limits::default() }
}

fn app(limits: Limits) -> TestApp {
    let app = TestApp::with_limits(limits);
    app.add_operator();
    app
}

#[track_caller]
fn assert_busy(reply: &Reply) {
    assert_eq!(reply.status, 503, "{reply:?}");
    assert!(reply.body.contains("\"code\":\"busy\"") && reply.head.contains("retry-after: "), "{reply:?}");
}

/// Repeats a request until the answer has this status, because the test machine may be slow.
#[track_caller]
fn repeat_until(status: u16, mut ask: impl FnMut() -> Option<Reply>) -> Reply {
    let begun = Instant::now();
    loop {
        match ask() {
            Some(reply) if reply.status == status => return reply,
            other => assert!(begun.elapsed() < SOON, "{other:?}"),
        }
        std::thread::sleep(millis(50));
    }
}

/// Sends headers without their body; returns the connection once the server waits for the body.
fn stall(mut wire: Wire, more: &str) -> Wire {
    let asks = post("/api/v1/login", 100, "").replace("host: x", &format!("host: x\r\nexpect: 100-continue{more}"));
    assert_eq!(wire.send(asks).reply(SOON).expect("100 Continue").status, 100);
    wire
}

/// Requests `/readyz` on a new connection from this address.
fn ready(app: &TestApp, from: u8) -> Option<Reply> {
    Wire::from(from, &app.url).send(get("/readyz")).reply(SOON)
}

fn sign_in(app: &TestApp, from: u8) -> Reply {
    let body = json!({ "email": "olivia@vestibule.test", "password": PASSWORD }).to_string();
    let mut wire = Wire::from(from, &app.url);
    wire.send(post("/api/v1/login", body.len(), &body)).reply(SOON).expect("an answer")
}

#[test]
fn late_headers_and_silent_connections_are_closed_after_the_deadline() {
    let app = app(Limits::default());
    let mut silent = Wire::from(2, &app.url);
    let mut late = Wire::from(2, &app.url);
    let begun = Instant::now();
    assert_eq!(late.send("GET /readyz HTTP/1.1\r\nhost: x\r\n").reply(SOON).expect("an answer").status, 408);
    assert!((millis(4500)..millis(6500)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    assert!(silent.closes(millis(2000)).is_some());
    assert_eq!(Wire::from(2, &app.url).send(get("/readyz")).reply(SOON).expect("an answer").status, 200);
}

#[test]
fn late_headers_of_the_next_request_are_closed_after_the_same_deadline() {
    let app = app(short());
    let mut wire = Wire::from(2, &app.url);
    for _ in 0..2 {
        assert_eq!(wire.send(get("/readyz")).reply(SOON).expect("an answer").status, 200);
    }
    let closed = wire.send("GET /readyz HTTP/1.1\r\n").closes(SOON).expect("the connection is closed");
    assert!(closed < millis(2000), "closed earlier than an idle connection: {closed:?}");
}

#[test]
fn an_idle_connection_is_kept_for_a_while_and_then_closed() {
    let app = app(short());
    let mut wire = Wire::from(2, &app.url);
    assert_eq!(wire.send(get("/readyz")).reply(SOON).expect("an answer").status, 200);
    std::thread::sleep(millis(900));
    assert_eq!(wire.send(get("/readyz")).reply(SOON).expect("the connection is still open").status, 200);
    let closed = wire.closes(SOON).expect("the connection is closed");
    assert!((millis(2300)..millis(5000)).contains(&closed), "{closed:?}");
}

#[test]
fn a_late_body_is_refused_on_every_route_with_a_body() {
    let app = app(short());
    app.org("Acme", "enterprise");
    for path in ["/api/v1/login", "/login", "/login/sso", "/saml/0123456789abcdef0123456789abcdef/acs"] {
        let mut wire = Wire::from(2, &app.url);
        let reply = wire.send(post(path, 1000, "{\"email\":")).reply(SOON).expect("an answer");
        assert_eq!(reply.status, 408, "{path}: {reply:?}");
        assert!(reply.body.contains("\"code\":\"late\""), "{path}: {reply:?}");
        assert!(wire.closes(SOON).is_some(), "{path}");
    }
    assert_eq!(sign_in(&app, 2).status, 200);
}

#[test]
fn a_slow_but_steady_body_has_a_longer_deadline() {
    let app = app(short());
    let drip = |part: &str, pause: Duration| {
        let mut wire = Wire::from(2, &app.url);
        wire.send(post("/api/v1/login", 60_000, ""));
        let begun = Instant::now();
        loop {
            wire.send(part);
            if let Some(reply) = wire.reply(pause) {
                return (reply.status, begun.elapsed());
            }
        }
    };
    let (status, slow) = drip("x", millis(50));
    assert!(status == 408 && slow < millis(1500), "{status} {slow:?}");
    let (status, steady) = drip(&"x".repeat(600), millis(50));
    assert!(status == 408 && (millis(2200)..millis(4000)).contains(&steady), "{status} {steady:?}");
    // 60,000 bytes arrive before the longest deadline, but after the first one.
    let (status, quick) = drip(&"x".repeat(3000), millis(60));
    assert!(status == 400 && quick > millis(800), "{status} {quick:?}");
}

#[test]
fn an_unread_body_does_not_keep_its_connection_open() {
    let app = app(short());
    for (path, status) in [("/logout", 303), ("/nowhere", 405), ("/readyz", 405)] {
        for length in ["content-length: 1000", "transfer-encoding: chunked"] {
            let mut wire = Wire::from(2, &app.url);
            let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\n{length}\r\n\r\n");
            assert_eq!(wire.send(head).reply(SOON).expect("an answer").status, status, "{path}");
            assert!(wire.send("5").closes(millis(3500)).is_some(), "{path} {length}");
        }
    }
}

#[test]
fn an_answer_that_the_client_does_not_receive_is_aborted() {
    let app = app(short());
    let length = Wire::from(2, &app.url).send(get("/api/openapi.json")).reply(SOON).expect("an answer").body.len();
    let many = 60;
    let ask = |pause: Duration| {
        let mut wire = Wire::from(2, &app.url);
        wire.send(get("/api/openapi.json").repeat(many));
        std::thread::sleep(pause);
        wire.drain(millis(5000))
    };
    assert!(ask(Duration::ZERO) > length * many, "a client that reads receives everything");
    let taken = ask(millis(2500));
    assert!(taken < length * many / 2, "{taken} of {} bytes were sent to a client that does not read", length * many);
}

#[test]
fn unanswered_requests_of_an_address_are_limited_and_another_address_is_served() {
    let app = app(Limits { per_address: 5, ..long() });
    let mut idle: Vec<_> = (0..8).map(|_| Wire::from(2, &app.url)).collect();
    let stalled: Vec<_> = (0..5).map(|_| stall(Wire::from(2, &app.url), "")).collect();
    assert_busy(&ready(&app, 2).expect("an answer"));
    assert_busy(&idle[0].send("G").reply(SOON).expect("an answer to an incomplete header"));
    assert_eq!(ready(&app, 3).expect("an answer").status, 200);
    assert_eq!(sign_in(&app, 3).status, 200);
    drop(stalled);
    repeat_until(200, || ready(&app, 2));
    assert_eq!(idle[1].send(get("/readyz")).reply(SOON).expect("idle connections are not counted").status, 200);
}

/// Opens `many` connections from one address, each of which sends only `text`, and asserts that another person can sign
/// in meanwhile.
fn assert_others_are_served_despite(many: usize, text: &str) {
    raise_file_limit();
    let app = app(Limits::default());
    let attack: Vec<_> = (0..many)
        .map(|_| {
            let mut wire = Wire::from(2, &app.url);
            wire.send(text);
            wire
        })
        .collect();
    for _ in 0..3 {
        let begun = Instant::now();
        assert_eq!(ready(&app, 3).expect("an answer").status, 200);
        assert!(begun.elapsed() < PROMPT, "{:?}", begun.elapsed());
        assert_eq!(sign_in(&app, 3).status, 200);
        assert!(begun.elapsed() < 2 * PROMPT, "{:?}", begun.elapsed());
    }
    assert_busy(&ready(&app, 2).expect("an answer"));
    drop(attack);
}

#[test]
fn a_thousand_stalled_bodies_of_one_address_do_not_delay_others() {
    assert_others_are_served_despite(1050, &post("/api/v1/login", 100, "{"));
}

#[test]
fn a_thousand_incomplete_headers_of_one_address_do_not_delay_others() {
    assert_others_are_served_despite(1050, "POST /api/v1/login HTTP/1.1\r\nhost: x\r\ncontent-");
}

#[test]
fn idle_connections_close_first_and_then_those_of_the_network_with_most() {
    let app = app(Limits { connections: 3, ..long() });
    let mut idle: Vec<_> = (0..3).map(|_| Wire::from(2, &app.url)).collect();
    for wire in &mut idle {
        assert_eq!(wire.send(get("/readyz")).reply(SOON).expect("an answer").status, 200);
    }
    std::thread::sleep(millis(100));
    let mut all: Vec<_> = (0..3).map(|_| stall(Wire::from(3, &app.url), "")).collect();
    assert!(idle.iter_mut().all(|wire| wire.closes(SOON).is_some()));
    assert_busy(&ready(&app, 3).expect("an answer"));
    let other = stall(Wire::from(4, &app.url), "");
    assert!(all.pop().is_some_and(|mut newest| newest.closes(SOON).is_some()));
    assert_busy(&ready(&app, 3).expect("an answer"));
    for mut wire in all.into_iter().chain([other]) {
        assert_eq!(wire.send("x".repeat(100)).reply(SOON).expect("the connection is still open").status, 400);
    }
}

/// The attacking networks together hold all connections, and each of them the maximum for one network.
#[test]
fn networks_that_hold_all_connections_do_not_block_others() {
    let app = app(Limits { connections: 12, per_address: 4, ..long() });
    let attack: Vec<_> = (2..5).flat_map(|from| (0..4).map(move |_| from)).collect();
    let mut attack: Vec<_> = attack.into_iter().map(|from| stall(Wire::from(from, &app.url), "")).collect();
    for _ in 0..3 {
        assert_eq!(sign_in(&app, 9).status, 200);
        attack.extend((2..5).filter_map(|from| {
            let mut wire = Wire::try_from(from, &app.url).ok()?;
            wire.send(post("/api/v1/login", 100, ""));
            Some(wire)
        }));
    }
}

#[test]
fn behind_a_trusted_proxy_the_requests_of_each_client_are_counted() {
    let trusting = |flags: &mut Flags| flags.trusted_proxies = Some("127.0.0.2".into());
    let app = TestApp::start(trusting, |config| config.limits = Limits { per_address: 3, ..long() });
    app.add_operator();
    let forwarded = |client: &str, request: String| {
        let mut wire = Wire::from(2, &app.url);
        wire.send(request.replace("host: x", &format!("host: x\r\nx-forwarded-for: {client}")));
        wire
    };
    let client = "\r\nx-forwarded-for: 192.0.2.1";
    let stalled: Vec<_> = (0..3).map(|_| stall(Wire::from(2, &app.url), client)).collect();
    assert_busy(&forwarded("192.0.2.1", get("/readyz")).reply(SOON).expect("an answer"));
    for client in ["192.0.2.2", "2001:db8::1"] {
        assert_eq!(forwarded(client, get("/readyz")).reply(SOON).expect("an answer").status, 200, "{client}");
    }
    drop(stalled);
    repeat_until(200, || forwarded("192.0.2.1", get("/readyz")).reply(SOON));
    // All addresses of an IPv6 /64 count as one client.
    let of_one = |n: usize| format!("\r\nx-forwarded-for: 2001:db8::{n}");
    let stalled: Vec<_> = (1..=3).map(|n| stall(Wire::from(2, &app.url), &of_one(n))).collect();
    assert_busy(&forwarded("2001:db8::ffff", get("/readyz")).reply(SOON).expect("an answer"));
    assert_eq!(forwarded("2001:db8:0:1::1", get("/readyz")).reply(SOON).expect("an answer").status, 200);
    drop(stalled);
}

#[test]
fn the_memory_of_bodies_is_limited_and_released() {
    let app = app(Limits { body_bytes: 92_000, body_bytes_per_address: 70_000, ..long() });
    let stall = |from: u8, bytes: usize| {
        let mut wire = Wire::from(from, &app.url);
        wire.send(post("/api/v1/login", 65_500, &"x".repeat(bytes)));
        wire
    };
    let mut first = stall(2, 65_000);
    assert_eq!(first.reply(millis(1000)), None, "the first body is being read");
    // The network already uses most of the memory that one network may use.
    assert_busy(&repeat_until(503, || stall(2, 65_000).reply(millis(1000))));
    assert_eq!(sign_in(&app, 3).status, 200, "a quarter of the memory is reserved for small bodies");
    let mut second = stall(3, 4_200);
    assert_busy(&first.reply(SOON).expect("dropped, because its address uses the most memory"));
    assert_busy(&repeat_until(503, || stall(2, 65_000).reply(millis(1000))));
    assert_eq!(second.reply(millis(500)), None, "the second body is still being read");
    drop((first, second));
    let begun = Instant::now();
    while stall(3, 65_000).reply(millis(300)).is_some() {
        assert!(begun.elapsed() < SOON, "the memory was not released");
    }
}

#[test]
fn networks_that_fill_the_memory_for_bodies_do_not_block_sign_ins() {
    const LARGE: usize = 64 * 1024;
    let limits = Limits { body_bytes: 8 * LARGE, body_bytes_per_address: 2 * LARGE, ..long() };
    let app = app(limits);
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    connect(&app, &org, "ann@acme.test", "acme_SSO");
    let stall = |from: u8, bytes: usize| {
        let mut wire = Wire::from(from, &app.url);
        wire.send(post("/api/v1/login", bytes + 1, &"x".repeat(bytes)));
        wire
    };
    let are_read = |wires: &mut [Wire]| wires.iter_mut().all(|wire| wire.reply(millis(100)).is_none());
    // Three networks fill the memory for large bodies, and others fill the quarter for small ones.
    let mut attack: Vec<_> = (0..6).map(|n| stall(2 + n % 3, LARGE - 500)).collect();
    assert!(are_read(&mut attack), "all bodies fit into the memory");
    attack.extend((0..32).map(|n| stall(5 + n % 8, 100)));
    assert!(are_read(&mut attack), "all bodies fit into the memory");
    assert_eq!(sign_in(&app, 20).status, 200);
    let signed_in = saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "ann@acme.test");
    assert_eq!((signed_in.status, signed_in.location()), (303, "/"), "{}", signed_in.body);
    let dropped = attack.iter_mut().filter_map(|wire| wire.reply(millis(100))).inspect(assert_busy).count();
    assert!((1..10).contains(&dropped), "{dropped}");
}

/// A request as a trusted proxy forwards it for this client.
fn forwarded(client: &str, request: &str) -> String {
    request.replacen("host: x", &format!("host: x\r\nx-forwarded-for: {client}"), 1)
}

#[test]
fn incomplete_bodies_of_many_networks_are_dropped_for_a_new_body() {
    const KIB: usize = 1024;
    let trusting = |flags: &mut Flags| flags.trusted_proxies = Some("127.0.0.2".into());
    let limits = Limits { body_bytes: 128 * KIB, body_bytes_per_address: 64 * KIB, ..long() };
    let app = TestApp::start(trusting, |config| config.limits = limits);
    app.add_operator();
    let stall = |n: usize| {
        let mut wire = Wire::from(2, &app.url);
        wire.send(forwarded(&format!("198.51.{n}.1"), &post("/api/v1/login", 60_000, &"x".repeat(7_000))));
        wire
    };
    // Fills the memory for large bodies with seven thousand bytes from each network.
    let mut attack: Vec<_> = (0..14).map(stall).collect();
    assert!(attack.iter_mut().all(|wire| wire.reply(millis(100)).is_none()), "all bodies fit into the memory");
    let body = json!({ "email": "olivia@vestibule.test", "password": PASSWORD }).to_string() + &" ".repeat(20 * KIB);
    let sign_in = forwarded("203.0.113.1", &post("/api/v1/login", body.len(), &body));
    let reply = Wire::from(2, &app.url).send(sign_in).reply(SOON).expect("an answer");
    assert_eq!(reply.status, 200, "{reply:?}");
    let dropped = attack.iter_mut().filter_map(|wire| wire.reply(millis(100))).inspect(assert_busy).count();
    assert!((1..8).contains(&dropped), "{dropped}");
}

#[test]
fn bodies_that_wait_for_a_permit_are_dropped_for_others_or_refused_immediately() {
    const KIB: usize = 1024;
    let app = app(Limits { body_bytes: 1024 * KIB, body_bytes_per_address: 1024 * KIB, ..long() });
    let invite = |name: &str, email: &str, kib: usize| {
        let org = app.org(name, "enterprise");
        app.admin(&org, email);
        let body = json!({ "text": "x".repeat(kib * KIB) }).to_string();
        let path = format!("/api/v1/workspaces/{}/invitations/bulk", org.workspace);
        let cookie = format!("host: x\r\ncookie: {}", app.signed_in(email).cookie_header());
        (org, post(&path, body.len(), &body).replace("host: x", &cookie))
    };
    let (acme, of_acme) = invite("Acme", "ann@acme.test", 30);
    let (_, of_birch) = invite("Birch", "bob@birch.test", 90);
    let taken = [(); 2].map(|()| app.app.costly.enter(&format!("organisation {}", acme.id)).expect("free"));
    let sent = || {
        let mut wire = Wire::from(2, &app.url);
        wire.send(&of_acme);
        wire
    };
    // The bodies of 30 requests need more memory than there is, so some are refused immediately.
    let mut waiting: Vec<_> = std::iter::repeat_with(sent).take(30).collect();
    std::thread::sleep(millis(500));
    let all = waiting.len();
    waiting.retain_mut(|wire| wire.reply(millis(10)).is_none());
    assert!((10..all).contains(&waiting.len()), "{} requests wait", waiting.len());
    let reply = Wire::from(3, &app.url).send(&of_birch).reply(SOON).expect("an answer");
    assert_eq!(reply.status, 200, "{reply:?}");
    let statuses: Vec<_> = waiting.iter_mut().map(|wire| wire.reply(SOON).expect("an answer").status).collect();
    assert!(statuses.iter().all(|status| [429, 503].contains(status)), "{statuses:?}");
    assert!(
        statuses.contains(&503) && statuses.contains(&429),
        "some requests were dropped, others refused: {statuses:?}"
    );
    drop(taken);
}

/// A response that is refused because there is no memory has not been processed, so it does not count.
#[test]
fn responses_refused_for_lack_of_memory_do_not_count_as_failed_sign_ins() {
    const LARGE: usize = 64 * 1024;
    let limits = Limits { body_bytes: 4 * LARGE, body_bytes_per_address: 2 * LARGE, ..long() };
    let app = TestApp::start(|flags| flags.sso_rate = Some(5), |config| config.limits = limits);
    app.add_operator();
    let send = |bytes: usize, missing: usize| {
        let mut wire = Wire::from(2, &app.url);
        wire.send(post("/saml/0123456789abcdef0123456789abcdef/acs", bytes + missing, &"x".repeat(bytes)));
        wire
    };
    // The buffer doubles as it grows, so this body uses at least half of the memory.
    let mut held = send(LARGE, 1);
    assert_eq!(held.reply(millis(1000)), None, "the body is being read");
    for _ in 0..10 {
        assert_busy(&send(2 * LARGE, 0).reply(SOON).expect("an answer"));
    }
    drop(held);
    assert_eq!(send(1000, 0).reply(SOON).expect("an answer").status, 303);
}

/// Adds `many` members with long names to an organisation.
fn add_members(app: &TestApp, org: &Org, many: usize) {
    let org = org.clone();
    app.write(move |tx| {
        (0..many).try_for_each(|n| {
            let user =
                tx.add_user(&Email::parse(&format!("person{n}@acme.test"))?, &"Long Name ".repeat(10), None, false)?;
            tx.add_person(&org.id, &user, Standing { admin: false, password_agreed: true })?;
            tx.set_place(&org.id, &org.workspace, &user, &Role::PowerUser)
        })
    });
}

#[test]
fn the_memory_of_unread_answers_is_limited_and_released() {
    const ROOM: usize = 200 * 1024;
    let limits = Limits { unread_answer: Duration::from_secs(60), ..long() };
    let app = app(Limits { answer_bytes: ROOM / 2 * 3, answer_bytes_per_address: ROOM, ..limits });
    let org = app.org("Acme", "enterprise");
    add_members(&app, &org, 200);
    let (_, key) = app.operators_key("list");
    let list = get("/api/v1/organisations/acme/members?limit=200")
        .replace("host: x", &format!("host: x\r\nauthorization: Bearer {key}"));
    let length = Wire::from(9, &app.url).send(&list).reply(SOON).expect("an answer").body.len();
    assert!((ROOM * 3 / 8..ROOM / 2).contains(&length), "{length}");
    // The kernel buffers the first answers, which are not counted; the next answer on each connection waits in the
    // server.
    let stuck = |from: u8| {
        let mut wire = Wire::narrow(from, &app.url);
        wire.send(list.repeat(20));
        wire
    };
    let mut of_one: Vec<_> = (0..4).map(|_| stuck(2)).collect();
    let refused = repeat_until(503, || Wire::from(2, &app.url).send(&list).reply(SOON));
    assert_busy(&refused);
    assert_eq!(
        Wire::from(2, &app.url).send(get("/readyz")).reply(SOON).expect("an answer").status,
        200,
        "small answers are not limited"
    );
    assert_eq!(
        Wire::from(2, &app.url).send(get("/help/security")).reply(SOON).expect("an answer").status,
        200,
        "pages that the server has in memory are not limited"
    );
    assert_eq!(Wire::from(3, &app.url).send(&list).reply(SOON).expect("an answer to another address").status, 200);
    of_one.extend((0..4).map(|_| stuck(3)));
    // With one more answer, the address would use more than its share.
    assert_busy(&repeat_until(503, || Wire::from(3, &app.url).send(&list).reply(SOON)));
    for _ in 0..3 {
        let other = Wire::from(4, &app.url).send(&list).reply(SOON);
        assert_eq!(other.expect("an answer of the address that uses the most memory is dropped").status, 200);
    }
    drop(of_one);
    repeat_until(200, || Wire::from(2, &app.url).send(&list).reply(SOON));
}

/// The changes have been made, and a refused answer would hide that.
#[test]
fn unread_answers_are_dropped_for_answers_to_changes_and_first_those_of_the_same_address() {
    const ROOM: usize = 200 * 1024;
    let limits = Limits { unread_answer: Duration::from_secs(60), ..long() };
    let app = app(Limits { answer_bytes: ROOM / 2 * 3, answer_bytes_per_address: ROOM, ..limits });
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    add_members(&app, &org, 100);
    let cookie = app.signed_in("ann@acme.test").cookie_header();
    let with_cookie = |request: String| request.replace("host: x", &format!("host: x\r\ncookie: {cookie}"));
    let list = with_cookie(get("/api/v1/organisations/acme/members?limit=100"));
    let lines = vec!["nobody ".repeat(40); 250].join("\n");
    let body = json!({ "text": lines }).to_string();
    let path = format!("/api/v1/workspaces/{}/invitations/bulk", org.workspace);
    let tries = with_cookie(post(&path, body.len(), &body));
    let length = Wire::from(9, &app.url).send(&tries).reply(SOON).expect("an answer").body.len();
    assert!((ROOM / 2..ROOM).contains(&length), "{length}");
    let mut stuck: Vec<_> = [2, 2, 2, 3, 3, 3]
        .map(|from| {
            let mut wire = Wire::narrow(from, &app.url);
            wire.send(&tries);
            // Each request is processed before the next one is sent.
            std::thread::sleep(millis(700));
            wire
        })
        .into();
    for from in [4, 5, 6] {
        let reply = repeat_until(200, || Wire::from(from, &app.url).send(&list).reply(SOON));
        assert!(reply.body.len() > 16 * 1024, "the answer is large enough to be counted");
    }
    let closed = stuck.iter_mut().filter_map(|wire| wire.closes(millis(300))).count();
    assert!(closed >= 3, "{closed} of 6 answers were dropped");
}

#[test]
fn errors_and_outcomes_repeat_only_a_short_part_of_the_input() {
    let app = app(Limits::default());
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let long = "x".repeat(50_000);
    let refused = app.anonymous().api("POST", "/login", &json!({ long.as_str(): 1 }));
    assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (422, Some("invalid")), "{}", refused.body);
    assert!(refused.body.len() < 500, "{}", refused.body.len());
    let path = format!("/workspaces/{}/invitations/bulk", org.workspace);
    for list in [json!({ "text": long }), json!({ "invitations": [{ "email": long, "role": "admin" }] })] {
        let tried = ann.api("POST", &path, &list);
        assert_eq!(
            (tried.status, tried.json()["items"][0]["outcome"].as_str()),
            (200, Some("invalid")),
            "{}",
            tried.body
        );
        assert!(tried.body.len() < 3000, "{}", tried.body.len());
    }
}

/// The resident memory of a process, in MiB.
fn resident_mib(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    line.split_whitespace().nth(1).expect("a number").parse::<usize>().expect("a number") / 1024
}

#[test]
fn five_hundred_stalled_callbacks_use_little_memory() {
    let data = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let (server, link) = program::serve(data.path(), port);
    let url = format!("http://127.0.0.1:{port}");
    set_up(&url, &link.expect("a link"));
    let before = resident_mib(server.0.id());
    let callback = post("/saml/0123456789abcdef0123456789abcdef/acs", 1_100_000, &"x".repeat(1_000_000));
    let stalled: Vec<_> = (0..500_usize)
        .map(|n| {
            let mut wire = Wire::from(u8::try_from(2 + n % 5).expect("an address byte"), &url);
            wire.send(&callback);
            wire
        })
        .collect();
    let grown = resident_mib(server.0.id()) - before;
    assert!(grown < 200, "{grown} MiB");
    drop(stalled);
}

#[test]
fn a_low_limit_of_open_files_causes_a_warning_and_only_short_delays() {
    let data = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -n 128 && exec \"$0\" \"$@\"", BINARY]);
    let (_server, _) = serve_with(few, data.path(), port);
    let url = format!("http://127.0.0.1:{port}");
    let attack: Vec<_> = (0..400_usize)
        .filter_map(|n| {
            let mut wire = Wire::try_from(u8::try_from(2 + n % 40).expect("an address byte"), &url).ok()?;
            wire.send("GET /readyz HTTP/1.1\r\nx");
            Some(wire)
        })
        .collect();
    let until = Instant::now() + SOON;
    let answered = || Wire::from(99, &url).send(get("/readyz")).reply(PROMPT).expect("a prompt answer");
    loop {
        let reply = answered();
        if reply.status == 200 {
            break;
        }
        assert_busy(&reply);
        assert!(Instant::now() < until, "the server does not answer any more");
        std::thread::sleep(millis(100));
    }
    drop(attack);
    let checked = vestibule(data.path(), &["doctor"]);
    let printed = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(printed.contains("only 128 files") && printed.contains("LimitNOFILE=65536"), "{printed}");
}

#[test]
fn a_long_address_and_large_headers_are_refused_before_routing() {
    let app = app(Limits::default());
    let ask = |path: &str, header: usize| {
        let headers = format!("host: x\r\nx-padding: {}\r\n", "a".repeat(header));
        let mut wire = Wire::from(1, &app.url);
        wire.send(format!("GET {path} HTTP/1.1\r\n{headers}\r\n")).reply(SOON).expect("an answer")
    };
    let path = |bytes: usize| format!("/{}", "/".repeat(bytes - 1));
    for (path, header, status, code) in [
        (path(2049), 1, 414, "address_too_long"),
        (path(60_000), 1, 414, "address_too_long"),
        (format!("/login?return={}", "a".repeat(8192)), 1, 414, "address_too_long"),
        (format!("/sso?{}", ["a"; 51].join("&")), 1, 414, "address_too_long"),
        ("/readyz".into(), 33_000, 431, "headers_too_large"),
    ] {
        let reply = ask(&path, header);
        assert_eq!(reply.status, status, "{} and {header}", path.len());
        assert!(reply.body.contains(code), "{}", reply.body);
    }
    for (path, header) in [
        (path(2048), 1),
        (format!("/login?return={}", "a".repeat(8000)), 1),
        ("/readyz".into(), 32_000),
        (format!("/login?{}", ["a"; 50].join("&")), 1),
    ] {
        assert_eq!(ask(&path, header).status, 200, "{} and {header}", path.len());
    }
}

#[test]
fn a_form_with_too_many_fields_is_refused_before_it_is_decoded() {
    let app = app(Limits::default());
    let send = |path: &str, fields: usize| {
        let form = vec!["a=1"; fields].join("&");
        Wire::from(1, &app.url).send(post(path, form.len(), &form)).reply(SOON).expect("an answer")
    };
    for path in ["/login", "/login/sso"] {
        let refused = send(path, 51);
        assert_eq!(refused.status, 413, "{refused:?}");
        assert!(refused.body.contains("at most 50 fields"), "{refused:?}");
        assert!(send(path, 50).status < 400, "{path}");
    }
}

#[test]
fn thousands_of_foreign_or_malformed_cookies_do_not_block_sign_ins() {
    let app = app(Limits::default());
    let session = app.signed_in("olivia@vestibule.test").cookie_header();
    for neighbours in ["a;".repeat(10_000), "=;".repeat(10_000), "a=\"%zz;".repeat(3_000), "b=\u{e9}; ".repeat(4_000)] {
        for cookies in [format!("{neighbours}{session}"), format!("{session}; {neighbours}")] {
            let asks = get("/api/v1/me").replace("host: x", &format!("host: x\r\ncookie: {cookies}"));
            let reply = Wire::from(1, &app.url).send(asks).reply(SOON).expect("an answer");
            assert_eq!(reply.status, 200, "{reply:?}");
        }
    }
}

#[test]
fn unreadable_requests_are_not_logged() {
    let data = tempfile::tempdir().expect("a folder");
    let log = data.path().join("log");
    let port = free_port();
    let errors = std::fs::File::create(&log).expect("a file");
    let mut child = Command::new(BINARY)
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data.path())
        .stdout(std::process::Stdio::null())
        .stderr(errors)
        .spawn()
        .expect("the program runs");
    let url = format!("http://127.0.0.1:{port}");
    repeat_until(200, || Wire::try_from(1, &url).ok().and_then(|mut wire| wire.send(get("/healthz")).reply(SOON)));
    let printed = std::fs::read_to_string(&log).expect("text");
    for bad in ["GET\r\n\r\n", "\x16\x03\x01\x02\x00", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"] {
        drop(Wire::from(1, &url).send(bad).reply(SOON));
    }
    let after = std::fs::read_to_string(&log).expect("text");
    child.kill().expect("ended");
    child.wait().expect("ended");
    assert_eq!(after.strip_prefix(&printed), Some(""));
}
