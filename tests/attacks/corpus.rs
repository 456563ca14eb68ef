//! Every file that the fuzzers kept, through the same functions.

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use std::path::Path;

/// Does with each file of a corpus what the fuzzer does; a file that breaks something is named by the panic before it.
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
fn the_gates_corpus_is_refused_without_a_certificate() {
    replay("gate", fuzz::gate);
}

#[test]
fn the_responses_corpus_lets_nobody_else_in() {
    replay("response", fuzz::response);
}

#[test]
fn the_opened_corpus_says_no_more_than_in_plain() {
    replay("opened", fuzz::opened);
}

#[test]
fn the_metadata_corpus_is_read_or_refused() {
    replay("metadata", fuzz::metadata);
}

#[test]
fn the_certificates_corpus_reads_the_same_from_the_store() {
    replay("certificate", fuzz::certificate);
}

#[test]
fn the_explain_corpus_is_explained() {
    replay("explain", fuzz::explain);
}

#[test]
fn libxml2_reads_the_parsers_corpus_as_we_do() {
    replay("parsers", fuzz::parsers);
}
