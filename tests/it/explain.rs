//! `vestibule saml explain`.

use crate::idp::{ENTITY_ID, KEY, metadata};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use vestibule::domain::Timestamp;
use vestibule::saml::mint::{Minted, ReceivedRequest, Sign};

const NOW: Timestamp = Timestamp(1_795_510_800);

fn explain(response: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("metadata.xml");
    std::fs::write(&file, metadata()).expect("written");
    explain_with(&file, response, more)
}

fn explain_with(metadata: &Path, response: &str, more: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(["saml", "explain", "-", "--entity-id", "https://sp.test/metadata", "--acs-url", "https://sp.test/acs"])
        .args(["--at", &NOW.to_string(), "--idp-metadata"])
        .arg(metadata)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // A program that refuses its flags does not wait to read.
    drop(child.stdin.take().expect("its input").write_all(response.as_bytes()));
    child.wait_with_output().expect("it ends")
}

fn response() -> String {
    let request = ReceivedRequest {
        id: "_r1".into(),
        issuer: "https://sp.test/metadata".into(),
        acs_url: "https://sp.test/acs".into(),
    };
    Minted::answer(&request, ENTITY_ID, "ann@acme.test", NOW).sign(&KEY, Sign::Assertion)
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_good_response_is_explained_rule_by_rule_as_xml_and_as_base64() {
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, response());
    for form in [response(), base64] {
        let output = explain(&form, &["--json"]);
        assert_eq!(output.status.code(), Some(0));
        let told = json(&output);
        assert_eq!(
            (told["accepted"].as_bool(), told["identity"]["email"].as_str()),
            (Some(true), Some("ann@acme.test"))
        );
        assert_eq!(told["identity"]["attributes"]["email"][0], "ann@acme.test");
        let rules = told["rules"].as_array().expect("a list");
        let answers = |rule: &&Value| rule["rule"].as_str().expect("text").ends_with("in_response_to");
        assert!(rules.iter().filter(answers).all(|rule| rule["ok"].is_null()));
        assert!(rules.iter().filter(|rule| !answers(rule)).all(|rule| rule["ok"] == true), "{rules:?}");
    }
    let text = explain(&response(), &["--request-id", "_r1"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("Accepted: ann@acme.test"));
}

#[test]
fn a_bad_response_exits_with_1_and_bad_usage_with_2() {
    let wrong = explain(&response(), &["--json", "--request-id", "_other"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert_eq!(json(&wrong)["refusal"]["code"], "in_response_to");
    for bytes in ["", "junk", "<x/>", "\u{0}\u{1}", "<!DOCTYPE a><a/>"] {
        let output = explain(bytes, &["--json"]);
        assert_eq!(output.status.code(), Some(1), "{bytes:?}");
        assert_eq!(json(&output)["accepted"], false);
    }
    assert_eq!(explain(&response(), &["--at", "yesterday"]).status.code(), Some(2));
    assert_eq!(explain(&response(), &["--colour"]).status.code(), Some(2));
    assert_eq!(explain_with(Path::new("/nowhere/metadata.xml"), &response(), &[]).status.code(), Some(2));
    let folder = tempfile::tempdir().expect("a folder");
    let without = folder.path().join("metadata.xml");
    std::fs::write(&without, metadata().replace("X509Certificate>", "Other>")).expect("written");
    assert_eq!(explain_with(&without, &response(), &[]).status.code(), Some(2));
}
