//! The cost of refusing each attack: CPU time and memory, each measured in a separate process.
//!
//! `cargo bench --bench refusals` prints the table of `docs/security.md`, except its part "At the server". It fails if
//! a refusal uses more than 150 times the CPU time of accepting the corresponding valid message, or more than 64 MB.
//! Linux only, because it reads `/proc`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, unused_imports)]
#[path = "../tests/attacks/cases/mod.rs"]
mod cases;

use base64::{Engine, engine::general_purpose::STANDARD};
use cases::Attack;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use vestibule::domain::own_keys::PrivateKey;
use vestibule::saml::Certificate;

/// The maximum cost of a refusal, as a multiple of the cost of accepting the valid message: 50 ms on the machine of the
/// table.
const MOST_TIMES: u64 = 150;
const MOST_KIB: u64 = 64 * 1024;

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--child") {
        child();
        return ExitCode::SUCCESS;
    }
    if parent() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Verifies the message on standard input, and prints the cost.
fn child() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("an input");
    let mut lines = input.lines();
    let mut next = || lines.next().expect("a line");
    let pems: Vec<String> = serde_json::from_str(next()).expect("JSON");
    let keys = vec![PrivateKey::new(STANDARD.decode(next()).expect("base64"))];
    let (unchanged, posted) = (next(), next().replace('\u{b7}', "\n"));
    let certificates = || pems.iter().map(|pem| Certificate::stored(pem).expect("a certificate")).collect();
    let judge = |posted: &str| {
        let before = cpu();
        let verdict = cases::judge(posted, certificates(), keys.clone());
        let spent = cpu().saturating_sub(before).as_micros();
        (verdict, u64::try_from(spent).expect("a short time"))
    };
    // Work that is done only once in a process, such as at the start of a server, is not measured: the first
    // verification does not count.
    let unit = (0..6).map(|_| judge(unchanged).1).min().unwrap_or(1).max(1);
    let (verdict, spent) = judge(&posted);
    let code = verdict.err().unwrap_or("taken");
    println!("{}", json!({ "microseconds": spent, "times": spent / unit, "kib": peak_kib(), "code": code }));
}

/// The CPU time of this process.
fn cpu() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().expect("a time that is not negative")
}

/// The peak memory of this process.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
}

/// Measures one attack in a separate process.
fn measure(attack: &Attack) -> Value {
    let pems: Vec<_> = attack.trusted().certificates().iter().map(|one| one.pem().to_owned()).collect();
    let keys = STANDARD.encode(cases::own_keys()[0].der());
    let input =
        format!("{}\n{}\n{}\n{}\n", json!(pems), keys, attack.unchanged(), attack.damaged().replace('\n', "\u{b7}"));
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .arg("--child")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("a piped standard input").write_all(input.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("the program ends");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Prints the table by kind of attack; returns whether all costs are within the limits.
fn parent() -> bool {
    let (mut kind, mut dearest, mut largest, mut good) = ("", 0, 0, true);
    for attack in cases::all() {
        if attack.kind != kind {
            kind = attack.kind;
            println!("\n### {kind}\n\n| attack | refused as | CPU, ms | peak, MB |\n|---|---|---|---|");
        }
        let cost = measure(&attack);
        let (microseconds, kib) = (cost["microseconds"].as_u64().unwrap(), cost["kib"].as_u64().unwrap());
        println!(
            "| {} | `{}` | {}.{:02} | {} |",
            attack.name,
            cost["code"].as_str().unwrap(),
            microseconds / 1000,
            microseconds % 1000 / 10,
            kib.div_ceil(1024),
        );
        (dearest, largest) = (dearest.max(microseconds), largest.max(kib));
        if cost["code"] != attack.refused_as || cost["times"].as_u64().unwrap() > MOST_TIMES || kib > MOST_KIB {
            eprintln!("{}: {cost}, and it should be {}", attack.name, attack.refused_as);
            good = false;
        }
    }
    println!("\nThe dearest took {} ms, the largest {} MB.", dearest / 1000, largest.div_ceil(1024));
    good
}
