//! The speed of verification, compared with OpenSSL and libxml2 in the same run: `cargo bench --bench verification`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, unused_imports)]
#[path = "../tests/attacks/cases/mod.rs"]
mod cases;

use cases::{KEY, Trusted, valid_message};
use libxml::parser::Parser;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::{Signer, Verifier};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::Duration;
use vestibule::saml::test_idp::Sign;

/// The CPU time of one round, in microseconds. Measures rounds for half a second, after a few that do not count.
fn microseconds(mut round: impl FnMut()) -> f64 {
    let cpu = || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).expect("a time that is not negative");
    (0..20).for_each(|_| round());
    let (start, mut rounds) = (cpu(), 0_u32);
    while cpu().saturating_sub(start) < Duration::from_millis(500) {
        (0..20).for_each(|_| round());
        rounds += 20;
    }
    cpu().saturating_sub(start).as_secs_f64() * 1e6 / f64::from(rounds)
}

fn line(name: &str, microseconds: f64, unit: f64) {
    println!("| {name} | {microseconds:.1} | {:.0} | {:.2} |", 1e6 / microseconds, microseconds / unit);
}

fn main() {
    let trusted = Trusted::Own.certificates();
    let judge = |xml: &str| black_box(cases::judge_xml(xml, trusted.clone(), Vec::new()));
    let rsa = rsa_verification();
    println!("| work | CPU, microseconds | a second | RSA verifications |\n|---|---|---|---|");
    line("RSA-2048 verification alone (OpenSSL)", rsa, rsa);
    let xml = valid_message().sign(&KEY, Sign::Assertion);
    line("libxml2 parses a response", microseconds(|| drop(black_box(Parser::default().parse_string(&xml)))), rsa);
    for sign in [Sign::Assertion, Sign::Response, Sign::Both] {
        let xml = valid_message().sign(&KEY, sign);
        line(&format!("A response is judged, signed: {sign:?}"), microseconds(|| drop(judge(&xml))), rsa);
    }
    let unsigned = valid_message().sign(&KEY, Sign::Nothing);
    line("Form checks only, on the same response unsigned", microseconds(|| drop(judge(&unsigned))), rsa);
    for (name, garbage) in [
        ("5 kB of letters", "x".repeat(5000)),
        ("5 kB of tags", "<a>".repeat(1700)),
        ("5 kB of < only", "<".repeat(5000)),
    ] {
        line(&format!("Form checks of garbage: {name}"), microseconds(|| drop(judge(&garbage))), rsa);
    }
    let posted: String = "!".repeat(5000);
    line(
        "Form checks of garbage: 5 kB that is not base64",
        microseconds(|| drop(black_box(cases::judge(&posted, Vec::new(), Vec::new())))),
        rsa,
    );
}

fn rsa_verification() -> f64 {
    let key = PKey::private_key_from_pem(KEY.private_key_pem().as_bytes()).expect("a key");
    let text = [7_u8; 700];
    let signature =
        Signer::new(MessageDigest::sha256(), &key).expect("a signer").sign_oneshot_to_vec(&text).expect("signed");
    microseconds(|| {
        let mut verifier = Verifier::new(MessageDigest::sha256(), &key).expect("a verifier");
        assert!(verifier.verify_oneshot(&signature, &text).expect("verified"));
    })
}
