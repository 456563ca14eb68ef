//! Runs the fuzzed functions on every file of the fuzzers' corpora.

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use std::path::Path;

/// Runs a fuzz target on each file of its corpus. A panic is reported with the name of the file.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files: Vec<_> =
        std::fs::read_dir(folder).expect("a corpus").map(|entry| entry.expect("an entry").path()).collect();
    assert!(!files.is_empty(), "{target} has no corpus");
    for file in files {
        let bytes = std::fs::read(&file).expect("readable");
        let broken = std::panic::catch_unwind(|| run(&bytes)).is_err();
        assert!(!broken, "{} breaks {target}", file.display());
    }
}

#[test]
fn the_gate_corpus_is_refused_without_a_certificate() {
    replay("gate", fuzz::gate);
}

#[test]
fn the_response_corpus_yields_no_other_identity() {
    replay("response", fuzz::response);
}

#[test]
fn the_opened_corpus_gets_the_same_results_as_plain_messages() {
    replay("opened", fuzz::opened);
}

#[test]
fn the_metadata_corpus_is_read_or_refused_without_a_panic() {
    replay("metadata", fuzz::metadata);
}

#[test]
fn the_certificate_corpus_is_unchanged_after_storing_and_reading() {
    replay("certificate", fuzz::certificate);
}

#[test]
fn the_explain_corpus_is_explained_without_a_panic() {
    replay("explain", fuzz::explain);
}

#[test]
fn our_parser_and_libxml2_agree_on_the_parsers_corpus() {
    replay("parsers", fuzz::parsers);
}
