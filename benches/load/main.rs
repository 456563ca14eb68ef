//! The cost of requests, compared with an actix handler that returns an empty answer: `cargo bench --bench load`.
//!
//! Starts the release binary and the empty handler as two processes on loopback, sends requests to each in turn for a
//! few seconds, and prints the rates and the CPU times as ratios. `-- WORD` measures the operations whose names contain
//! the word, `-- --seconds N` sets the duration of each, and `-- --large` adds a server with 1,000,000 sessions. Linux
//! only.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod applications;
mod client;
mod people;
mod servers;

use applications::Entered;
use client::{Connection, Load, drive};
use people::{FORM, JSON, PASSWORD, PORTAL, People, callback_of, email_of};
use servers::{EMPTY, Server, free_address, serve_nothing};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;
use std::time::Duration;
use tempfile::TempDir;

/// The number of connections that send requests at the same time.
const CONNECTIONS: usize = 16;
const MEMBERS: usize = 3000;
/// The number of connections of each kind that send requests during the flood.
const FLOODING: usize = 64;

/// The empty handler, and the options of the benchmark.
struct Bench {
    seconds: Duration,
    word: Option<String>,
    nothing: Server,
}

/// The cost of an operation on a server.
struct Cost {
    load: Load,
    /// Microseconds of CPU time per operation.
    cpu: f64,
}

impl Bench {
    fn measure(
        &self,
        server: &Server,
        connections: usize,
        operation: impl Fn(&mut Connection, usize, usize) + Sync,
    ) -> Cost {
        // Work that is done only at the first request is not measured.
        drive(&server.address, connections, self.seconds / 5, &operation);
        let before = server.cpu();
        let load = drive(&server.address, connections, self.seconds, &operation);
        let cpu = server.cpu().saturating_sub(before).as_secs_f64() * 1e6 / (load.rate * self.seconds.as_secs_f64());
        Cost { load, cpu }
    }

    /// Measures an operation and the empty handler, and prints a line of the table.
    fn line(&self, name: &str, server: &Server, operation: impl Fn(&mut Connection, usize, usize) + Sync) {
        if self.word.as_ref().is_some_and(|word| !name.contains(word.as_str())) {
            return;
        }
        let empty = self.measure(&self.nothing, CONNECTIONS, |connection, _, _| {
            connection.ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
        });
        let own = self.measure(server, CONNECTIONS, operation);
        println!(
            "| {name} | {:.0} | {:.2} | {:.0} | {:.1} | {:.2} | {:.1} |",
            own.load.rate,
            own.load.rate / empty.load.rate,
            own.cpu,
            own.cpu / empty.cpu,
            own.load.p99.as_secs_f64() * 1e3,
            own.load.p99.as_secs_f64() / empty.load.p99.as_secs_f64(),
        );
    }
}

/// A server with an organisation whose members can sign in through its identity provider.
struct LoadedServer {
    folder: TempDir,
    people: People,
    server: Server,
    /// The memory of the server before any load, in KiB.
    idle: u64,
}

impl LoadedServer {
    fn new(members: usize, sessions: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = free_address();
        let people = People::add(folder.path(), &address, members, sessions);
        let server = Server::vestibule(folder.path(), &address, &["--sso-rate", "0"]);
        let idle = server.memory();
        people.connect(&address);
        Self { folder, people, server, idle }
    }

    fn check_session(&self, connection: &mut Connection, n: usize) {
        let answer = connection.ask(&self.people.get_signed_in("/api/v1/me", n));
        assert_eq!(answer.status, 200, "{}", answer.head);
    }

    fn password_login(&self, n: usize) -> String {
        let body = format!(r#"{{"email":"{}","password":"{PASSWORD}"}}"#, email_of(1 + n % (MEMBERS - 1)));
        self.people.send("POST", "/api/v1/login", JSON, "sec-fetch-site: same-origin\r\n", &body)
    }

    /// A form for the callback with a response of 5 kB: `text`, which is base64, repeated.
    fn callback_form(&self, text: &str) -> String {
        let begun = Connection::open(&self.server.address).ask(&self.people.get(PORTAL, ""));
        let response = text.repeat(5000 / text.len()).replace('+', "%2B");
        self.people.send("POST", &callback_of(&begun), FORM, "", &format!("SAMLResponse={response}"))
    }

    fn print_start_and_memory(&self, nothing: &Server) {
        println!(
            "\nStart to the first 200: {} ms, E's {} ms, {:.1} times. Memory (PSS): {} KiB idle, {} KiB after the load.\n",
            self.server.started_in.as_millis(),
            nothing.started_in.as_millis(),
            self.server.started_in.as_secs_f64() / nothing.started_in.as_secs_f64(),
            self.idle,
            self.server.memory(),
        );
    }
}

/// `not XML. ` in base64.
const NOT_XML: &str = "bm90IFhNTC4g";
/// `<x>` in base64.
const NO_RESPONSE: &str = "PHg+";

/// Measures requests to a server with 3,000 members, each with a session.
fn measure_requests(bench: &Bench) {
    let loaded = LoadedServer::new(MEMBERS, MEMBERS);
    let LoadedServer { people, server, .. } = &loaded;
    bench.line("probe: GET /readyz", server, |connection, _, _| {
        connection.ask("GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n");
    });
    bench.line("session check: GET /api/v1/me", server, |connection, number, n| {
        loaded.check_session(connection, n * CONNECTIONS + number);
    });
    let entered = Entered::new(loaded.folder.path(), &server.address, people, MEMBERS);
    bench.line("check of a request to an application: GET /auth/check", server, |connection, number, n| {
        let answer = connection.ask(&entered.check(n * CONNECTIONS + number));
        assert_eq!(answer.status, 200, "{}", answer.head);
    });
    let start = people.get(PORTAL, "");
    bench.line("login start: GET /sso?key=", server, |connection, _, _| {
        let answer = connection.ask(&start);
        assert_eq!(answer.status, 303, "{}", answer.head);
    });
    bench.line("SAML login: start, callback, finish", server, |connection, number, n| {
        people.sign_in(connection, PORTAL, "a=b", 1 + (n * CONNECTIONS + number) % (MEMBERS - 1));
    });
    for (name, text) in [("garbage at the callback: not XML", NOT_XML), ("garbage at the callback: XML", NO_RESPONSE)] {
        let form = loaded.callback_form(text);
        bench.line(name, server, |connection, _, _| {
            connection.ask(&form);
        });
    }
    bench.line("password login: POST /api/v1/login", server, |connection, number, n| {
        let answer = connection.ask(&loaded.password_login(n * CONNECTIONS + number));
        assert_eq!(answer.status, 200, "{}", answer.head);
    });
    measure_during_flood(bench, &loaded);
    loaded.print_start_and_memory(&bench.nothing);
}

/// Measures session checks while 64 connections sign in by password and 64 send invalid responses to the callback.
fn measure_during_flood(bench: &Bench, loaded: &LoadedServer) {
    let (ended, form) = (&AtomicBool::new(false), &loaded.callback_form(NOT_XML));
    scope(|threads| {
        for number in 0..2 * FLOODING {
            threads.spawn(move || {
                let mut connection = Connection::open(&loaded.server.address);
                for n in 0.. {
                    let request = if number % 2 == 0 { loaded.password_login(n) } else { form.clone() };
                    if ended.load(Ordering::Relaxed) {
                        return;
                    }
                    if connection.try_ask(&request).is_none() {
                        connection = Connection::open(&loaded.server.address);
                    }
                }
            });
        }
        bench.line("session check during a flood", &loaded.server, |connection, number, n| {
            loaded.check_session(connection, n * CONNECTIONS + number);
        });
        ended.store(true, Ordering::Relaxed);
    });
}

/// Measures session checks and the start of a server with 100,000 members and 1,000,000 sessions.
fn measure_large(bench: &Bench) {
    let loaded = LoadedServer::new(100_000, 1_000_000);
    bench.line("session check of 3,000 people, 1,000,000 sessions", &loaded.server, |connection, number, n| {
        loaded.check_session(connection, (n * CONNECTIONS + number) % MEMBERS);
    });
    loaded.print_start_and_memory(&bench.nothing);
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let after = |name: &str| arguments.iter().skip_while(|one| *one != name).nth(1);
    if let Some(address) = after(EMPTY) {
        return serve_nothing(address);
    }
    let seconds = Duration::from_secs(after("--seconds").and_then(|seconds| seconds.parse().ok()).unwrap_or(5));
    let word = arguments.iter().find(|one| !one.starts_with("--") && one.parse::<u64>().is_err()).cloned();
    let bench = Bench { seconds, word, nothing: Server::nothing() };
    println!("E: an actix handler that answers nothing, {CONNECTIONS} connections.\n");
    println!(
        "| work | a second | of E's rate | CPU, µs | of E's CPU | p99, ms | of E's p99 |\n|---|---|---|---|---|---|---|"
    );
    measure_requests(&bench);
    if arguments.iter().any(|one| one == "--large") {
        measure_large(&bench);
    }
}
