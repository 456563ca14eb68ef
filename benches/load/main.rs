//! The cost of requests, compared with an actix handler that returns an empty answer: `cargo bench --bench load`.
//!
//! It starts the release binary and the empty handler, each as a process on loopback, loads them in turn for a few
//! seconds, and prints the rates and the CPU time as ratios. `-- WORD` measures the operations whose name contains the
//! word, and `-- --seconds N` sets the duration of each. Linux only.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod client;
mod people;
mod servers;

use client::{Connection, Load, drive};
use people::{FORM, JSON, PASSWORD, PORTAL, People, callback_of, email_of};
use servers::{EMPTY, Server, free_address, serve_nothing};
use std::time::Duration;

/// The number of connections that send requests at once.
const CONNECTIONS: usize = 16;
const MEMBERS: usize = 3000;

/// The two processes, and the options of the benchmark.
struct Bench {
    seconds: Duration,
    word: Option<String>,
    nothing: Server,
}

/// The cost of an operation for a server.
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
        // Work that is only done at the first request is not measured.
        drive(&server.address, connections, self.seconds / 5, &operation);
        let before = server.cpu();
        let load = drive(&server.address, connections, self.seconds, &operation);
        let cpu = server.cpu().saturating_sub(before).as_secs_f64() * 1e6 / (load.rate * self.seconds.as_secs_f64());
        Cost { load, cpu }
    }

    /// Measures an operation and the empty handler, and prints a line.
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

    let folder = tempfile::tempdir().expect("a folder");
    let address = free_address();
    let people = People::add(folder.path(), &address, MEMBERS, MEMBERS);
    let server = Server::vestibule(folder.path(), &address, &["--sso-rate", "0"]);
    people.connect(&address);
    let (started_in, idle) = (server.started_in, server.memory());

    bench.line("probe: GET /readyz", &server, |connection, _, _| {
        connection.ask("GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n");
    });
    bench.line("session check: GET /api/v1/me", &server, |connection, number, n| {
        let answer = connection.ask(&people.get_signed_in("/api/v1/me", n * CONNECTIONS + number));
        assert_eq!(answer.status, 200, "{}", answer.head);
    });
    let start = people.get(PORTAL, "");
    bench.line("login start: GET /sso?key=", &server, |connection, _, _| {
        let answer = connection.ask(&start);
        assert_eq!(answer.status, 303, "{}", answer.head);
    });
    bench.line("SAML login: start, callback, finish", &server, |connection, number, n| {
        people.sign_in(connection, PORTAL, "a=b", 1 + (n * CONNECTIONS + number) % (MEMBERS - 1));
    });
    let callback = callback_of(&Connection::open(&address).ask(&start));
    let garbage = people.send("POST", &callback, FORM, "", &format!("SAMLResponse={}", "PHg%2B".repeat(1000)));
    bench.line("garbage at the callback", &server, |connection, _, _| {
        connection.ask(&garbage);
    });
    bench.line("password login: POST /api/v1/login", &server, |connection, number, n| {
        let email = email_of(1 + (n * CONNECTIONS + number) % (MEMBERS - 1));
        let body = format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#);
        let login = people.send("POST", "/api/v1/login", JSON, "sec-fetch-site: same-origin\r\n", &body);
        let answer = connection.ask(&login);
        assert_eq!(answer.status, 200, "{}", answer.head);
    });
    println!(
        "\nStart to the first 200: {} ms, E's {} ms, {:.1} times. Memory (PSS): {} KiB idle, {} KiB after the load.",
        started_in.as_millis(),
        bench.nothing.started_in.as_millis(),
        started_in.as_secs_f64() / bench.nothing.started_in.as_secs_f64(),
        idle,
        server.memory(),
    );
}
