//! Checks whether the time of a refusal reveals the step at which a decryption failed: `cargo bench --bench
//! decryption`.
//!
//! All messages are refused with the code `decryption`. They are measured in turns, so that other load on the machine
//! affects all of them equally.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, unused_imports)]
#[path = "../tests/attacks/cases/mod.rs"]
mod cases;

use cases::{KEY, NOW, Trusted, undecryptable};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::Duration;
use vestibule::domain::own_keys::PrivateKey;
use vestibule::saml::make_own_keys;

const ROUNDS: usize = 2000;

/// The CPU time of one verification, in microseconds.
fn microseconds(xml: &str, keys: &[PrivateKey]) -> f64 {
    let cpu = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("a time that is not negative");
    let (certificates, keys, start) = (Trusted::Own.certificates(), keys.to_vec(), cpu());
    let verdict = black_box(cases::judge_xml(xml, certificates, keys));
    let spent = cpu().saturating_sub(start);
    assert_eq!(verdict, Err("decryption"));
    spent.as_secs_f64() * 1e6
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]
    let at = (sorted.len() as f64 * part) as usize;
    sorted[at.min(sorted.len() - 1)]
}

fn main() {
    std::sync::LazyLock::force(&KEY);
    let other = make_own_keys("another generation", NOW).expect("made").encryption.key;
    for (name, keys) in [
        ("one key of ours", cases::own_keys()),
        ("two, of which the first fits", [cases::own_keys(), vec![other.clone()]].concat()),
        ("two, of which the second fits", [vec![other], cases::own_keys()].concat()),
    ] {
        table(name, &keys);
    }
}

fn table(name: &str, keys: &[PrivateKey]) {
    let messages = undecryptable();
    let mut times = vec![Vec::with_capacity(ROUNDS); messages.len()];
    for _ in 0..ROUNDS {
        for ((_, xml), times) in messages.iter().zip(&mut times) {
            times.push(microseconds(xml, keys));
        }
    }
    for times in &mut times {
        times.sort_by(f64::total_cmp);
    }
    let first = quantile(&times[0], 0.5);
    println!(
        "\n| {name}: what fails | CPU, microseconds (median) | middle half | beside the first |\n|---|---|---|---|"
    );
    for ((what, _), times) in messages.iter().zip(&times) {
        let [low, middle, high] = [0.25, 0.5, 0.75].map(|part| quantile(times, part));
        println!("| {what} | {middle:.1} | {low:.1} to {high:.1} | {:+.2} % |", (middle / first - 1.0) * 100.0);
    }
}
