//! The command `vestibule saml explain`.

use crate::app::TestApp;
use crate::idp::{ENTITY_ID, KEY, connect, metadata, valid_response};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use vestibule::domain::Timestamp;
use vestibule::saml::make_own_keys;
use vestibule::saml::test_idp::{Encryption, Minted, ReceivedRequest, Sign};

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
    run_with(response.as_bytes(), options)
}

fn run_with(response: &[u8], options: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(["saml", "explain", "-"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // Writing may fail, because a program that refuses its flags does not read its input.
    drop(child.stdin.take().expect("a piped standard input").write_all(response));
    child.wait_with_output().expect("the program ends")
}

fn minted_response() -> Minted {
    let request = ReceivedRequest {
        id: "_r1".into(),
        issuer: "https://sp.test/metadata".into(),
        acs_url: "https://sp.test/acs".into(),
    };
    Minted::answer(&request, ENTITY_ID, "ann@acme.test", NOW)
}

fn response() -> String {
    minted_response().sign(&KEY, Sign::Assertion)
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
        let reported = json(&output);
        assert_eq!(
            (reported["accepted"].as_bool(), reported["identity"]["email"].as_str()),
            (Some(true), Some("ann@acme.test"))
        );
        assert_eq!(reported["identity"]["attributes"]["email"][0], "ann@acme.test");
        let rules = reported["rules"].as_array().expect("a list");
        let answers = |rule: &&Value| rule["rule"].as_str().expect("text").ends_with("in_response_to");
        assert!(rules.iter().filter(answers).all(|rule| rule["ok"].is_null()));
        assert!(rules.iter().filter(|rule| !answers(rule)).all(|rule| rule["ok"] == true), "{rules:?}");
    }
    let text = explain(&response(), &["--request-id", "_r1"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("Accepted: ann@acme.test"));
}

#[test]
fn the_explanation_contains_the_failure_the_responsible_side_and_the_fix() {
    let reported = |damage: fn(&mut Minted)| {
        let mut minted = minted_response();
        damage(&mut minted);
        let output = explain(&minted.sign(&KEY, Sign::Assertion), &["--request-id", "_r1"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let refused = reported(|minted| minted.audiences = vec!["https://other.test".into()]);
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
    let accepted = reported(|_| {});
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
fn an_encrypted_response_needs_the_right_key() {
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
    let xml = minted_response().sign_and_encrypt(&KEY, Sign::Assertion, &how);
    let reported = json(&explain(&xml, &["--json", "--sp-key", &right]));
    assert_eq!(reported["identity"]["email"], "ann@acme.test", "{reported}");
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
fn the_settings_can_be_read_from_the_database() {
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
    let xml = valid_response(&app, &request, "ann@acme.test").sign_and_encrypt(
        &KEY,
        Sign::Both,
        &Encryption::gcm(&certificate),
    );
    let data = app.data.path().to_str().expect("text");
    let reported = json(&run(&xml, &["--connection", "acme", "--data", data, "--json"]));
    assert_eq!(
        (reported["accepted"].as_bool(), reported["identity"]["email"].as_str()),
        (Some(true), Some("ann@acme.test"))
    );
    app.org("Globex", "enterprise");
    for (other, code) in [("globex", 1), ("nobody", 1)] {
        assert_eq!(run(&xml, &["--connection", other, "--data", data]).status.code(), Some(code), "{other}");
    }
    assert_eq!(run(&xml, &["--connection", "acme", "--entity-id", "x", "--data", data]).status.code(), Some(2));
    assert_eq!(run(&xml, &[]).status.code(), Some(2));
}

/// The base64 of a response, in lines of the length that tools print.
fn base64_of(xml: &str) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, xml)
}

fn url_encoded(text: &str) -> String {
    text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

#[test]
fn a_response_is_read_in_the_forms_that_developer_tools_show() {
    let base64 = base64_of(&response());
    let (quoted, wrapped) = (url_encoded(&base64), base64.as_bytes().chunks(76).map(String::from_utf8_lossy));
    let wrapped = url_encoded(&wrapped.collect::<Vec<_>>().join("\r\n")).replace("\r\n", "%0D%0A");
    let entities = base64.replace('+', "&#43;").replace('=', "&#61;");
    let escaped = base64.replace('/', "\\/");
    for (text, note) in [
        (quoted.clone(), "was URL-encoded"),
        (wrapped, "was URL-encoded"),
        (
            response()
                .replace('<', "%3C")
                .replace('"', "%22")
                .replace('%', "%25")
                .replace("%253C", "%3C")
                .replace("%2522", "%22"),
            "was URL-encoded",
        ),
        (format!("SAMLResponse={quoted}&RelayState=abc"), "was extracted"),
        (format!("RelayState=abc&SAMLResponse={quoted}\n"), "was extracted"),
        (format!("SAMLResponse: {base64}\nRelayState: abc"), "was extracted"),
        (
            format!("curl 'https://sp.test/acs' -X POST --data-raw 'SAMLResponse={quoted}&RelayState=abc'"),
            "was extracted",
        ),
        (format!(r#"{{"params":[{{"name":"SAMLResponse","value":"{quoted}"}}]}}"#), "was extracted"),
        (format!(r#"{{"SAMLResponse":"{escaped}"}}"#), "was extracted"),
        (format!("<form><input type='hidden' name='SAMLResponse' value='{entities}'/></form>"), "was extracted"),
        (format!("<form><input value='{base64}' name='SAMLResponse'></form>"), "was extracted"),
    ] {
        let output = explain(&text, &["--json"]);
        let reported = json(&output);
        assert_eq!(
            (output.status.code(), reported["identity"]["email"].as_str()),
            (Some(0), Some("ann@acme.test")),
            "{text}: {reported}"
        );
        assert!(reported["warnings"].to_string().contains(note), "{note}: {}", reported["warnings"]);
    }
    assert_eq!(json(&explain(&base64, &["--json"]))["warnings"], serde_json::json!([]));
}

#[test]
fn explain_and_the_callback_refuse_malformed_messages_for_the_same_reason() {
    let deflated = |xml: &str| {
        let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        deflate.write_all(xml.as_bytes()).expect("written");
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, deflate.finish().expect("deflated"))
    };
    let declared = format!("\n<?xml version=\"1.0\"?>{}", response());
    let latin = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{}", response());
    for (copied, sent, code, words) in [
        (deflated(&response()), deflated(&response()), "deflated", "HTTP-Redirect binding"),
        (declared.clone(), base64_of(&declared), "malformed_xml", "there is white space or text before it"),
        (latin.clone(), base64_of(&latin), "malformed_xml", "ISO-8859-1"),
    ] {
        let at_the_callback = vestibule::saml::decode(&sent).map(|xml| vestibule::saml::Message::read(xml).map(drop));
        let at_the_callback = at_the_callback.and_then(|read| read).expect_err("refused").reason.code;
        for text in [copied, sent] {
            let output = explain(&text, &["--json"]);
            let reported = json(&output);
            assert_eq!((output.status.code(), reported["accepted"].as_bool()), (Some(1), Some(false)), "{reported}");
            assert_eq!((reported["refusal"]["code"].as_str(), at_the_callback), (Some(code), code));
            assert_eq!(reported["rules"][0]["ok"], false);
            assert!(reported["rules"][0]["received"].as_str().expect("text").contains(words), "{reported}");
        }
    }
    let valid = response();
    assert_eq!(json(&explain(&format!("\u{feff}{valid}\n"), &["--json"]))["accepted"], true);
}

/// The output of `explain` for a file with these bytes, and its JSON.
fn explained(bytes: &[u8]) -> (Output, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("metadata.xml");
    std::fs::write(&file, metadata()).expect("written");
    let (file, at) = (file.to_str().expect("text"), NOW.to_string());
    let given = ["--entity-id", "https://sp.test/metadata", "--acs-url", "https://sp.test/acs"];
    let output = run_with(bytes, &[&given[..], &["--at", &at, "--idp-metadata", file, "--json"]].concat());
    let reported = json(&output);
    (output, reported)
}

fn utf_16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn a_copied_response_is_decoded_if_its_encoding_is_unambiguous() {
    let (xml, base64) = (response(), base64_of(&response()));
    let escaped = xml.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let wrapped: Vec<_> = base64.as_bytes().chunks(76).map(String::from_utf8_lossy).collect();
    let wrapped = wrapped.join("\r\n");
    let in_form = xml.replace('%', "%25").replace('+', "%2B").replace(' ', "+").replace('<', "%3C").replace('"', "%22");
    let token = "0123456789abcdef".repeat(4);
    let other = base64_of(&minted_response().sign(&KEY, Sign::Response).replace("ann@", "old@"));
    let page = format!(
        "<!DOCTYPE html><html><head><script>var x = 'SAMLResponse'; var y = '{token}';</script></head><body><!-- {} --><form>\n\
         <input type=\"hidden\" name=\"csrf\" value=\"{token}\"><input value=\"{wrapped}\" name=\"SAMLResponse\">\n\
         <input name=\"RelayState\" value=\"{token}\"></form></body></html>",
        "urn:oasis:names:tc:SAML:2.0"
    );
    let printable = |text: &str| quoted_printable::encode_to_str(text);
    let mail = format!(
        "From: ann@acme.test\nContent-Type: multipart/mixed; boundary=\"=_1\"\n\n--=_1\nContent-Type: text/plain\n\
         Content-Transfer-Encoding: quoted-printable\n\nHello=2E\n--=_1\nContent-Transfer-Encoding: base64\n\n{wrapped}\n--=_1--\n"
    );
    for (bytes, note) in [
        (printable(&xml).into_bytes(), "(quoted-printable)"),
        (printable(&base64).into_bytes(), "(quoted-printable)"),
        (printable(&format!("SAMLResponse={}", url_encoded(&base64))).into_bytes(), "(quoted-printable)"),
        (printable(&page).into_bytes(), "(quoted-printable)"),
        (mail.into_bytes(), "source of an e-mail"),
        (utf_16(&xml), "is UTF-16 text"),
        (utf_16(&base64), ""),
        (format!("“{base64}”").into_bytes(), ""),
        (format!("> {}\n", wrapped.replace('\n', "\n> ")).into_bytes(), "as in a quoted e-mail"),
        (format!("> {}\n", xml.replace('\n', "\n> ")).into_bytes(), "as in a quoted e-mail"),
        (escaped.clone().into_bytes(), "&lt;"),
        (serde_json::json!(xml).to_string().into_bytes(), ""),
        (serde_json::json!(base64).to_string().into_bytes(), ""),
        (in_form.into_bytes(), "was URL-encoded"),
        (page.into_bytes(), "was extracted"),
        (format!("SAMLResponse={}&RelayState={token}{token}", url_encoded(&base64)).into_bytes(), "was extracted"),
        (format!("SAMLResponse: {wrapped}\nRelayState: {token}").into_bytes(), "was extracted"),
        (
            format!("{{\"log\":[{{\"SAMLResponse\":\"{other}\"}},{{\"SAMLResponse\":\"{base64}\"}}]}}").into_bytes(),
            "has 2 different values of SAMLResponse; the last one is checked",
        ),
    ] {
        let (output, reported) = explained(&bytes);
        let email = reported["identity"]["email"].as_str();
        assert_eq!((output.status.code(), email), (Some(0), Some("ann@acme.test")), "{note}: {reported}");
        assert!(reported["warnings"].to_string().contains(note), "{note}: {reported}");
    }
}

#[test]
fn an_encoding_that_the_callback_refuses_is_explained_and_refused() {
    let base64 = base64_of(&response());
    let url_safe = base64.replace('+', "-").replace('/', "_");
    assert_ne!(url_safe, base64);
    let spaced = base64.replace('+', " ");
    for (text, words) in [
        (url_safe.clone(), "base64url"),
        (url_safe.trim_end_matches('=').to_owned(), "base64url"),
        (base64_of(&base64), "encoded twice"),
        (url_encoded(&url_encoded(&base64)).replace('%', "%25"), "URL-encoded"),
        (spaced, "spaces in place of +"),
        // If each + became four spaces, the text is still recognised as base64.
        (base64.replacen('+', " ", 4), "spaces in place of +"),
        (format!("SAMLResponse={}", base64.replace('/', "%2F").replace('=', "%3D")), "a + that is not escaped as %2B"),
    ] {
        let (output, reported) = explained(text.as_bytes());
        assert_eq!(
            (output.status.code(), reported["refusal"]["code"].as_str()),
            (Some(1), Some("not_base64")),
            "{reported}"
        );
        assert!(reported["rules"][0]["received"].as_str().expect("text").contains(words), "{words}: {reported}");
        // The other rules are still checked.
        let signature = reported["rules"].as_array().expect("a list").iter().find(|rule| rule["rule"] == "signature");
        assert_eq!(signature.expect("a rule")["ok"], true, "{words}: {reported}");
        let value = text.trim_start_matches("SAMLResponse=").replace('+', " ");
        let value = percent_encoding::percent_decode_str(&value).decode_utf8().expect("text").into_owned();
        let at_the_callback = vestibule::saml::decode(&value).expect_err("refused").reason.code;
        assert_eq!(at_the_callback, "not_base64", "{words}");
    }
    let (_, wide) =
        explained(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, utf_16(&response())).as_bytes());
    assert_eq!(
        (wide["refusal"]["code"].as_str(), wide["rules"][0]["received"].as_str()),
        (Some("not_utf8"), Some("UTF-16 text"))
    );
}

#[test]
fn input_that_is_not_a_response_is_identified_and_the_needed_input_is_named() {
    let request =
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_1\" Version=\"2.0\"/>";
    let logout = request.replace("AuthnRequest", "LogoutResponse");
    let xml = response();
    let (from, to) =
        (xml.find("<saml:Assertion").expect("an assertion"), xml.find("</saml:Assertion>").expect("an end"));
    let assertion = xml[from..to + 17].replacen(
        "<saml:Assertion",
        "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"",
        1,
    );
    for (bytes, code, words) in [
        (metadata().into_bytes(), "other_input", "give that as --idp-metadata"),
        (base64_of(&metadata()).into_bytes(), "other_input", "give that as --idp-metadata"),
        (request.into(), "other_input", "our own request to the identity provider"),
        (
            format!("https://idp.test/sso?SAMLRequest={}", url_encoded(&base64_of(request))).into_bytes(),
            "other_input",
            "a SAMLRequest",
        ),
        (logout.clone().into_bytes(), "not_a_response", "the response of a sign-out"),
        (base64_of(&logout).into_bytes(), "not_a_response", "the response of a sign-out"),
        (assertion.into_bytes(), "other_input", "an assertion without the Response"),
        (b"<!DOCTYPE html><html><title>Sign in</title></html>".to_vec(), "other_input", "a web page"),
        (b"https://idp.test/sso".to_vec(), "other_input", "an address"),
        (KEY.certificate_pem().into_bytes(), "other_input", "a certificate"),
        (b"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln".to_vec(), "other_input", "OpenID Connect"),
        (br#"{"id": 1}"#.to_vec(), "other_input", "JSON without"),
        (b"{\\rtf1\\ansi SAMLResponse}".to_vec(), "other_input", "an RTF document"),
        (quoted_printable::encode(metadata()), "other_input", "give that as --idp-metadata"),
        (b"%PDF-1.7\n\x00\xff".to_vec(), "other_input", "a PDF document"),
        (b"PK\x03\x04\0\0word/document.xml".to_vec(), "other_input", "a Word document"),
        (Vec::new(), "other_input", "is empty"),
        (b"junk".to_vec(), "other_input", "neither XML nor base64: junk"),
        (xml[..xml.len() - 30].into(), "malformed_xml", "cut off"),
        (base64_of(&xml[..2000]).into_bytes(), "malformed_xml", "cut off"),
        (xml.replacen("<saml:Subject>", "<saml:Subject", 1).into_bytes(), "malformed_xml", ""),
        (xml.replacen("Version=\"2.0\"", "Version=2.0", 1).into_bytes(), "malformed_xml", "not in quotation marks"),
        (xml.replacen("ann@", "R&D@", 1).into_bytes(), "malformed_xml", "in XML it is written &amp;"),
        (xml.replacen("</saml:Issuer>", "</saml:Name>", 1).into_bytes(), "malformed_xml", "the end tag </saml:Name>"),
    ] {
        let (output, reported) = explained(&bytes);
        assert_eq!(
            (output.status.code(), reported["refusal"]["code"].as_str()),
            (Some(1), Some(code)),
            "{words}: {reported}"
        );
        let received = reported["rules"][0]["received"].as_str().expect("text");
        assert!(received.contains(words), "{words}: {received}");
        for raw in ["ill-formed", "syntax error", "position ", "Invalid symbol", "invalid utf-8"] {
            assert!(!received.contains(raw), "{received}");
        }
        let fix = reported["refusal"]["fix"].as_str().expect("text");
        assert!(code != "other_input" || fix.starts_with("Copy the value of SAMLResponse"), "{fix}");
    }
}

#[test]
fn a_reformatted_copy_is_recognised_and_a_changed_one_is_not() {
    let formatted = response().replace("><", ">\n  <");
    let reported = json(&explain(&formatted, &["--json"]));
    assert_eq!(
        (reported["accepted"].as_bool(), reported["refusal"]["code"].as_str()),
        (Some(false), Some("formatted"))
    );
    assert!(
        reported["refusal"]["received"].as_str().expect("text").contains("white space between its elements"),
        "{reported}"
    );
    assert!(
        reported["warnings"].to_string().contains("The signature of a reformatted message cannot be verified"),
        "{reported}"
    );
    assert!(
        reported["refusal"]["fix"].as_str().expect("text").starts_with("Use the value of SAMLResponse"),
        "{reported}"
    );
    let signature = reported["rules"].as_array().expect("a list").iter().find(|rule| rule["rule"] == "signature");
    assert_eq!(signature.expect("a checked rule")["ok"], false);
    let text = explain(&formatted, &[]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("Note: This message has white space between its elements"));
    let changed = json(&explain(&response().replace("ann@", "eve@"), &["--json"]));
    assert_eq!(changed["refusal"]["code"], "bad_signature");
    assert!(!changed.to_string().contains("white space"), "{changed}");
}

/// A change to a valid response.
type Damage = fn(&mut Minted);

/// The first rule that a changed response violates: its code, and the expected and received values.
fn failure_after(damage: impl FnOnce(&mut Minted)) -> (String, String, String) {
    let mut minted = minted_response();
    damage(&mut minted);
    failure_of(&minted.sign(&KEY, Sign::Response))
}

fn failure_of(response: &str) -> (String, String, String) {
    let reported = json(&explain(response, &["--json", "--request-id", "_r1"]));
    let text = |name: &str| reported["refusal"][name].as_str().unwrap_or_else(|| panic!("{reported}")).to_owned();
    (text("code"), text("expected"), text("received"))
}

#[test]
fn expected_and_received_values_always_differ() {
    let damages: [(Damage, &str, &str); 9] = [
        (|it| it.issuer += "/", "issuer", "by a / at the end"),
        (|it| it.issuer = it.issuer.replace("https", "http"), "issuer", "in http or https"),
        (|it| it.issuer.push('\u{200b}'), "issuer", "[U+200B]"),
        (|it| it.destination = Some("https://sp.test/ACS".into()), "destination", "in upper and lower case"),
        (|it| it.recipient = Some("https://sp.test/acs ".into()), "recipient", "by white space"),
        (|it| it.audiences = vec!["https://sp.test/metadata/".into()], "audience", "by a / at the end"),
        (|it| it.audiences = vec![String::new()], "audience", "an empty value"),
        (|it| it.version = "2.0 ".into(), "version", "by white space"),
        (|it| it.not_before = Some("24.11.2026 09:00".into()), "not_yet_valid", "which is not a time such as"),
    ];
    for (damage, code, words) in damages {
        let (found, expected, received) = failure_after(damage);
        assert_eq!(found, code);
        assert!(received.contains(words) && received != expected, "{expected} / {received}");
    }
    let format = "<saml:Issuer Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">";
    let minted = minted_response();
    let xml = minted.sign(&KEY, Sign::Nothing).replace("<saml:Issuer>", format);
    let (code, expected, received) = failure_of(&minted.sign_response(&KEY, &xml));
    assert_eq!(code, "issuer_format");
    assert!(expected.contains("without a Format") && received.contains("1.1:nameid-format:emailAddress"), "{expected}");
}

#[test]
fn a_refused_id_is_shown_with_the_reason() {
    let damages: [(Damage, &str); 5] = [
        (|it| it.response_id = "1ab".into(), "1ab, which begins with the digit 1"),
        (|it| it.response_id = "-ab".into(), "-ab, which begins with -"),
        (|it| it.response_id = "a b".into(), "a b, which has the character ' '"),
        (|it| it.response_id = "a".repeat(300), "which has 300 characters"),
        (|it| it.response_id.clone_from(&it.assertion_id), ", which occurs twice"),
    ];
    for (damage, words) in damages {
        let mut minted = minted_response();
        damage(&mut minted);
        let (code, expected, received) = failure_of(&minted.sign(&KEY, Sign::Nothing));
        assert_eq!(code, "bad_id");
        assert!(received.contains(words), "{received}");
        assert!(expected.contains("begins with a letter or _") || words == ", which occurs twice", "{expected}");
    }
}

#[test]
fn an_invalid_address_is_shown_with_its_attribute_and_the_reason() {
    let attribute = |name: &str, values: &[&str]| (name.to_owned(), values.iter().map(ToString::to_string).collect());
    let claim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
    for (attributes, name_id, code, words) in [
        (
            vec![attribute("email", &["SMTP:ann@acme.test"])],
            "x1",
            "bad_email",
            "in the attribute email, which has smtp: before the address",
        ),
        (
            vec![attribute("mail", &["ann@m\u{fc}nchen.example"])],
            "x1",
            "bad_email",
            "whose domain in ASCII is xn--mnchen-3ya.example",
        ),
        (vec![attribute("mail", &[""])], "ann@acme.test", "bad_email", "an empty value in the attribute mail"),
        (vec![], "J\u{fc}rgen@acme.test", "bad_email", "as the NameID, which has \u{fc} (U+00FC) before the @"),
        (
            vec![
                attribute("email", &["ann@home.test"]),
                attribute(claim, &["ann_home.test#EXT#@contoso.onmicrosoft.com"]),
            ],
            "x1",
            "several_emails",
            "ann@home.test in the attribute email, and ann_home.test#ext#@contoso.onmicrosoft.com in the attribute http://schemas",
        ),
        (
            vec![attribute("UserEmail", &["ann@acme.test"])],
            "x1",
            "no_email",
            "x1; the attribute UserEmail contains an e-mail address: rename it to email",
        ),
        (vec![attribute("groups", &["staff"])], "x1", "no_email", "x1"),
    ] {
        let (found, _, received) = failure_after(|it| (it.attributes, it.name_id) = (attributes, name_id.to_owned()));
        assert_eq!(found, code, "{received}");
        assert!(received.contains(words), "{words}: {received}");
    }
}

#[test]
fn the_internal_name_of_a_guest_is_recognised() {
    let guest = |name: &str| {
        let mut minted = minted_response();
        (minted.name_id, minted.attributes) = (name.to_owned(), Vec::new());
        json(&explain(&minted.sign(&KEY, Sign::Assertion), &["--json"]))
    };
    for name in ["ann_acme.test#EXT#@contoso.onmicrosoft.com", "live.com#ann@acme.test"] {
        let reported = guest(name);
        assert_eq!(reported["accepted"], true);
        assert!(reported["warnings"].to_string().contains("the internal name of a guest"), "{reported}");
    }
    assert_eq!(guest("ann@acme.test")["warnings"], serde_json::json!([]));
    let long = guest(&format!("{}#EXT#@contoso.onmicrosoft.com", "a".repeat(80)));
    assert_eq!(long["refusal"]["code"], "guest_name", "{long}");
}
