//! `vestibule saml explain`.

use crate::app::TestApp;
use crate::idp::{ENTITY_ID, KEY, connect, honest, metadata};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use vestibule::domain::Timestamp;
use vestibule::saml::make_own_keys;
use vestibule::saml::mint::{Encryption, Minted, ReceivedRequest, Sign};

const NOW: Timestamp = Timestamp(1_795_510_800);

fn explain(response: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("metadata.xml");
    std::fs::write(&file, metadata()).expect("written");
    explain_with(&file, response, more)
}

fn explain_with(metadata: &Path, response: &str, more: &[&str]) -> Output {
    let metadata = metadata.to_str().expect("text");
    let given = ["--entity-id", "https://sp.test/metadata", "--acs-url", "https://sp.test/acs"];
    let at = NOW.to_string();
    run(response, &[&given[..], &["--at", &at, "--idp-metadata", metadata], more].concat())
}

fn run(response: &str, options: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(["saml", "explain", "-"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // A program that refuses its flags does not wait to read.
    drop(child.stdin.take().expect("its input").write_all(response.as_bytes()));
    child.wait_with_output().expect("it ends")
}

fn minted() -> Minted {
    let request = ReceivedRequest {
        id: "_r1".into(),
        issuer: "https://sp.test/metadata".into(),
        acs_url: "https://sp.test/acs".into(),
    };
    Minted::answer(&request, ENTITY_ID, "ann@acme.test", NOW)
}

fn response() -> String {
    minted().sign(&KEY, Sign::Assertion)
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
fn a_stranger_reads_what_failed_whose_fault_it_is_and_where_to_mend_it() {
    let told = |damage: fn(&mut Minted)| {
        let mut minted = minted();
        damage(&mut minted);
        let output = explain(&minted.sign(&KEY, Sign::Assertion), &["--request-id", "_r1"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let refused = told(|minted| minted.audiences = vec!["https://other.test".into()]);
    for words in [
        "FAILED  audience               The assertion was made for us: Audience is our Entity ID.",
        "expected: https://sp.test/metadata",
        "received: https://other.test",
        "source:   SAML Core 2.5.1.4",
        "Signed by the certificate ",
        "0 s later",
        "Attribute email: ann@acme.test",
        "Refused (audience): The assertion was made for another application.",
        "Cause: The identity provider's settings.",
        "  Okta: General > SAML Settings > Edit > Audience URI (SP Entity ID).",
        "  ADFS: Relying Party Trusts",
        "  JumpCloud: SSO Applications > the application > SSO > SP Entity ID.",
        "  OneLogin: Applications > the application > Configuration > Audience (EntityID).",
    ] {
        assert!(refused.contains(words), "{words} is not in:\n{refused}");
    }
    let accepted = told(|_| {});
    assert!(accepted.contains("Accepted: ann@acme.test") && !accepted.contains("FAILED"), "{accepted}");
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

#[test]
fn an_encrypted_response_is_read_with_the_right_key_and_named_without() {
    let keys = make_own_keys("acme", NOW).expect("made");
    let folder = tempfile::tempdir().expect("a folder");
    let pem = |name: &str, der: &[u8]| {
        let file = folder.path().join(name);
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
        std::fs::write(&file, format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n"))
            .expect("written");
        file.to_str().expect("text").to_owned()
    };
    let (right, wrong) = (pem("right", keys.encryption.key.der()), pem("wrong", keys.signing.key.der()));
    let how = Encryption::gcm(&keys.encryption.certificate);
    let xml = minted().sign_and_encrypt(&KEY, Sign::Assertion, &how);
    let told = json(&explain(&xml, &["--json", "--sp-key", &right]));
    assert_eq!(told["identity"]["email"], "ann@acme.test", "{told}");
    assert_eq!(json(&explain(&xml, &["--json", "--sp-key", &wrong, "--sp-key", &right]))["accepted"], true);
    for (more, code) in [(&["--json"][..], "encrypted_assertion"), (&["--json", "--sp-key", &wrong], "decryption")] {
        let output = explain(&xml, more);
        assert_eq!((output.status.code(), json(&output)["refusal"]["code"].as_str()), (Some(1), Some(code)));
    }
    std::fs::write(&wrong, keys.encryption.certificate).expect("written");
    assert_eq!(explain(&xml, &["--sp-key", &wrong]).status.code(), Some(2));
    assert_eq!(explain(&xml, &["--sp-key", "/nowhere/key"]).status.code(), Some(2));
}

#[test]
fn the_settings_can_come_from_the_database() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    let ours = ann.read("/organisations/acme/sso").json();
    let keys = ann.read("/organisations/acme/sso/own-keys").json();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let request =
        ReceivedRequest { id: "_r1".into(), issuer: text(&ours["entity_id"]), acs_url: text(&ours["callback_url"]) };
    let certificate = text(&keys["items"][0]["encryption"]["pem"]);
    let xml =
        honest(&app, &request, "ann@acme.test").sign_and_encrypt(&KEY, Sign::Both, &Encryption::gcm(&certificate));
    let data = app.data.path().to_str().expect("text");
    let told = json(&run(&xml, &["--connection", "acme", "--data", data, "--json"]));
    assert_eq!((told["accepted"].as_bool(), told["identity"]["email"].as_str()), (Some(true), Some("ann@acme.test")));
    app.org("Globex", "enterprise");
    for other in ["globex", "nobody"] {
        assert_eq!(run(&xml, &["--connection", other, "--data", data]).status.code(), Some(2), "{other}");
    }
    assert_eq!(run(&xml, &["--connection", "acme", "--entity-id", "x", "--data", data]).status.code(), Some(2));
    assert_eq!(run(&xml, &[]).status.code(), Some(2));
}
