//! Encrypted assertions: which are decrypted, which are refused before a key is used, and that all decryption failures
//! look alike.

use crate::idp::{ENTITY_ID, KEY, OTHER_KEY};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::LazyLock;
use vestibule::domain::Timestamp;
use vestibule::domain::own_keys::OwnKeys;
use vestibule::saml::test_idp::{Encryption, Key, Minted, Place, ReceivedRequest, Sign, encrypt};
use vestibule::saml::{
    Certificate, Expected, IdentityProvider, Report, ServiceProvider, decode, make_own_keys, read, verify,
};

const NOW: Timestamp = Timestamp(1_795_510_800);
const ACS: &str = "https://sp.test/saml/1/acs";
const AUDIENCE: &str = "https://sp.test/saml/1/metadata";

static OURS: LazyLock<OwnKeys> = LazyLock::new(|| make_own_keys("acme", NOW).expect("made"));
static OLDER: LazyLock<OwnKeys> = LazyLock::new(|| make_own_keys("acme", NOW).expect("made"));
static FOREIGN: LazyLock<OwnKeys> = LazyLock::new(|| make_own_keys("globex", NOW).expect("made"));

fn good_response() -> Minted {
    let request = ReceivedRequest { id: "_request1".into(), issuer: AUDIENCE.into(), acs_url: ACS.into() };
    Minted::answer(&request, ENTITY_ID, "ann@acme.test", NOW)
}

fn report(xml: &str, keys: &[&OwnKeys]) -> Report {
    let keys = keys.iter().map(|keys| keys.encryption.key.clone()).collect();
    let sp = ServiceProvider { entity_id: AUDIENCE.into(), acs_url: ACS.into(), keys };
    let certificates = vec![Certificate::stored(&KEY.certificate_pem()).expect("a certificate")];
    let idp = IdentityProvider { entity_id: ENTITY_ID.into(), certificates };
    let expected = Expected {
        request_id: Some("_request1".into()),
        authenticated_after: None,
        skew_secs: 90,
        allow_sha1: false,
        refuse_expired: false,
    };
    verify(&sp, &idp, &expected, xml, NOW)
}

/// The e-mail address of the person that the response identifies, or the code of the refusal.
fn result_of(xml: &str) -> Result<String, &'static str> {
    report(xml, &[&OLDER, &OURS]).outcome.map(|who| who.email.to_string()).map_err(|refusal| refusal.reason.code)
}

#[allow(clippy::unnecessary_wraps)] // the type of the results with which it is compared
fn ann_accepted() -> Result<String, &'static str> {
    Ok("ann@acme.test".into())
}

fn for_our_key(content: &'static str) -> Encryption<'static> {
    Encryption { content, ..Encryption::gcm(&OURS.encryption.certificate) }
}

/// A response with this element in place of its assertion, and signed as `what` says.
fn response_with(encrypted: &str, what: Sign) -> String {
    let minted = good_response();
    let plain = minted.sign(&KEY, Sign::Nothing);
    let (start, end) = assertion_range(&plain);
    let xml = format!("{}{encrypted}{}", &plain[..start], &plain[end..]);
    if what == Sign::Response { minted.sign_response(&KEY, &xml) } else { xml }
}

fn assertion_range(xml: &str) -> (usize, usize) {
    let end = xml.find("</saml:Assertion>").expect("an assertion") + "</saml:Assertion>".len();
    (xml.find("<saml:Assertion").expect("an assertion"), end)
}

fn signed_assertion() -> String {
    let xml = good_response().sign(&KEY, Sign::Assertion);
    let (start, end) = assertion_range(&xml);
    xml[start..end].to_owned()
}

fn unsigned_assertion() -> String {
    let xml = good_response().sign(&KEY, Sign::Nothing);
    let (start, end) = assertion_range(&xml);
    xml[start..end].to_owned()
}

/// Changes one byte of the n-th `CipherValue`. If the wrapped key is inside the data, 0 is the key and 1 the content.
fn flip(xml: &str, n: usize, at: impl Fn(usize) -> usize) -> String {
    let (start, _) = xml.match_indices("<xenc:CipherValue>").nth(n).expect("a value");
    let start = start + "<xenc:CipherValue>".len();
    let end = start + xml[start..].find('<').expect("an end");
    let mut bytes = STANDARD.decode(&xml[start..end]).expect("base64");
    let at = at(bytes.len());
    bytes[at] ^= 1;
    format!("{}{}{}", &xml[..start], STANDARD.encode(bytes), &xml[end..])
}

#[test]
fn every_accepted_encryption_is_decrypted() {
    for content in ["aes128-gcm", "aes256-gcm"] {
        for what in [Sign::Assertion, Sign::Response, Sign::Both] {
            for key in [Key::OaepSha1, Key::OaepSha256] {
                for place in [Place::Inside, Place::Beside] {
                    let xml = good_response().sign_and_encrypt(
                        &KEY,
                        what,
                        &Encryption { key, place, ..for_our_key(content) },
                    );
                    assert!(!xml.contains("ann@acme.test"), "the assertion is encrypted");
                    assert_eq!(result_of(&xml), ann_accepted(), "{content} {what:?} {key:?} {place:?}");
                }
            }
        }
    }
}

#[test]
fn a_response_that_was_signed_before_encryption_is_accepted_only_with_gcm() {
    for what in [Sign::Response, Sign::Both] {
        let signed = good_response().sign(&KEY, what);
        let (start, end) = assertion_range(&signed);
        let encrypted = |content| {
            let sealed = encrypt(&signed[start..end], &for_our_key(content));
            format!("{}{sealed}{}", &signed[..start], &signed[end..])
        };
        assert_eq!(result_of(&encrypted("aes128-gcm")), ann_accepted(), "{what:?}");
        assert_eq!(result_of(&encrypted("aes128-gcm").replace("samlp:Status>", "samlp:Status >")), ann_accepted());
        assert_eq!(
            result_of(&encrypted("aes128-gcm").replace("IssueInstant", "InResponseTo=\"x\" IssueInstant")),
            Err("malformed_xml")
        );
        assert_eq!(result_of(&encrypted("aes128-gcm").replacen("_request1", "_request2", 1)), Err("bad_signature"));
        assert_eq!(result_of(&encrypted("aes256-cbc")), Err("bad_signature"), "{what:?}");
        assert_eq!(result_of(&flip(&encrypted("aes128-gcm"), 1, |_| 40)), Err("bad_signature"), "{what:?}");
    }
}

#[test]
fn both_generations_of_our_keys_decrypt_and_the_report_names_the_one_used() {
    for (place, keys) in [&*OLDER, &*OURS].into_iter().enumerate() {
        let how = Encryption::gcm(&keys.encryption.certificate);
        let xml = good_response().sign_and_encrypt(&KEY, Sign::Assertion, &how);
        let identity = report(&xml, &[&OLDER, &OURS]).outcome.expect("opened");
        assert_eq!(identity.opened_with, Some(place));
    }
    assert_eq!(report(&good_response().sign(&KEY, Sign::Both), &[&OURS]).outcome.expect("accepted").opened_with, None);
}

#[test]
fn cbc_is_decrypted_only_in_a_signed_response() {
    for content in ["aes128-cbc", "aes256-cbc"] {
        for what in [Sign::Response, Sign::Both] {
            assert_eq!(
                result_of(&good_response().sign_and_encrypt(&KEY, what, &for_our_key(content))),
                ann_accepted(),
                "{content} {what:?}"
            );
        }
        for what in [Sign::Assertion, Sign::Nothing] {
            assert_eq!(
                result_of(&good_response().sign_and_encrypt(&KEY, what, &for_our_key(content))),
                Err("cbc_unsigned")
            );
        }
        // A signature by an unknown key does not count, and so nothing is decrypted.
        let foreign = good_response().sign_and_encrypt(&OTHER_KEY, Sign::Response, &for_our_key(content));
        let report = report(&foreign, &[&OURS]);
        assert_eq!(report.outcome.expect_err("refused").reason.code, "bad_signature");
        assert!(report.rules.iter().all(|rule| rule.rule != "encryption" || rule.ok.is_none()));
    }
}

#[test]
fn flipped_bits_in_cbc_are_refused_for_the_signature_and_never_for_the_padding() {
    let xml = good_response().sign_and_encrypt(&KEY, Sign::Response, &for_our_key("aes128-cbc"));
    assert_eq!(result_of(&xml), ann_accepted());
    for at in [0, 15, 16, 40, 200] {
        assert_eq!(result_of(&flip(&xml, 1, |_| at)), Err("bad_signature"));
        assert_eq!(result_of(&flip(&xml, 1, |length| length - 1 - at)), Err("bad_signature"));
    }
    let unsigned = good_response().sign_and_encrypt(&KEY, Sign::Assertion, &for_our_key("aes128-cbc"));
    for at in [0, 16, 40] {
        assert_eq!(result_of(&flip(&unsigned, 1, |length| length - 1 - at)), Err("cbc_unsigned"));
    }
}

#[test]
fn all_decryption_failures_give_the_same_refusal() {
    let xml = good_response().sign_and_encrypt(&KEY, Sign::Assertion, &for_our_key("aes128-gcm"));
    assert_eq!(result_of(&xml), ann_accepted());
    let value = |xml: &str, bytes: &[u8]| {
        let (start, _) = xml.match_indices("<xenc:CipherValue>").nth(1).expect("a value");
        let start = start + "<xenc:CipherValue>".len();
        let end = start + xml[start..].find('<').expect("an end");
        format!("{}{}{}", &xml[..start], STANDARD.encode(bytes), &xml[end..])
    };
    let foreign = Encryption::gcm(&FOREIGN.encryption.certificate);
    let plain = |text: &str| response_with(&encrypt(text, &for_our_key("aes128-gcm")), Sign::Nothing);
    let assertion = unsigned_assertion();
    let failures = [
        ("a wrapped key that was changed", flip(&xml, 0, |_| 3)),
        ("a nonce that was changed", flip(&xml, 1, |_| 0)),
        ("content that was changed", flip(&xml, 1, |_| 40)),
        ("a tag that was changed", flip(&xml, 1, |length| length - 1)),
        ("content cut to one byte", value(&xml, &[1])),
        ("content cut to a nonce", value(&xml, &[1; 12])),
        ("content cut within the tag", value(&xml, &[1; 27])),
        ("another recipient", good_response().sign_and_encrypt(&KEY, Sign::Assertion, &foreign)),
        ("a key of another length", xml.replace("aes128-gcm", "aes256-gcm")),
        ("no XML", plain("no XML")),
        ("nothing", plain(" ")),
        ("another element", plain("<saml:Issuer>x</saml:Issuer>")),
        ("a whole response", plain(&good_response().sign(&KEY, Sign::Assertion))),
        ("two assertions", plain(&format!("{assertion}{assertion}"))),
        ("an assertion and text", plain(&format!("{assertion} and text"))),
        ("a DOCTYPE", plain(&format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{assertion}"))),
        ("a comment", plain(&assertion.replace("ann@acme.test", "ann@acme.test<!---->.evil.test"))),
        ("an undeclared prefix", plain(&assertion.replace("saml:Issuer>", "other:Issuer>"))),
    ];
    let refusal = |xml: &str| report(xml, &[&OURS]).outcome.expect_err("refused").to_stored();
    let first = refusal(&failures[0].1);
    assert_eq!(first["code"], "decryption");
    for (what, xml) in failures {
        assert_eq!(refusal(&xml), first, "{what}");
    }
}

#[test]
fn all_decryption_failures_in_a_signed_response_give_the_same_refusal() {
    for bytes in [vec![0; 16], vec![0; 31], vec![0; 48]] {
        let sealed = encrypt(&unsigned_assertion(), &for_our_key("aes128-cbc"));
        let (start, _) = sealed.match_indices("<xenc:CipherValue>").nth(1).expect("a value");
        let end = start + sealed[start..].find("</").expect("an end");
        let cut = format!("{}<xenc:CipherValue>{}{}", &sealed[..start], STANDARD.encode(bytes), &sealed[end..]);
        assert_eq!(result_of(&response_with(&cut, Sign::Response)), Err("decryption"));
    }
    assert_eq!(
        result_of(&response_with(&encrypt(&unsigned_assertion(), &for_our_key("aes128-cbc")), Sign::Response)),
        ann_accepted()
    );
}

#[test]
fn weak_algorithms_are_refused_by_name_before_anything_is_decrypted() {
    let by =
        |key, content| good_response().sign_and_encrypt(&KEY, Sign::Both, &Encryption { key, ..for_our_key(content) });
    assert_eq!(result_of(&by(Key::Rsa15, "aes128-gcm")), Err("rsa_1_5"));
    assert_eq!(result_of(&by(Key::OaepSha1, "tripledes-cbc")), Err("triple_des"));
    let good = by(Key::OaepSha256, "aes128-gcm");
    assert_eq!(result_of(&good), ann_accepted());
    for (from, to, code) in [
        ("aes128-gcm", "aes192-gcm", "content_encryption"),
        ("xmlenc11#rsa-oaep\"", "xmlenc11#ECDH-ES\"", "key_transport"),
        ("mgf1sha256", "mgf1sha512", "key_transport"),
        ("xmlenc#sha256\"/><xenc11", "xmlenc#sha512\"/><xenc11", "key_transport"),
        ("xmlenc11#rsa-oaep\"", "xmlenc#kw-aes128\"", "key_transport"),
    ] {
        let damaged = good.replace(from, to);
        assert_ne!(damaged, good, "the response does not contain {from}");
        assert_eq!(result_of(&damaged), Err(code), "{to}");
    }
}

#[test]
fn an_encrypted_assertion_of_another_shape_is_refused() {
    let how = Encryption { place: Place::Beside, ..for_our_key("aes128-gcm") };
    let beside = good_response().sign_and_encrypt(&KEY, Sign::Assertion, &how);
    let inside = good_response().sign_and_encrypt(&KEY, Sign::Assertion, &for_our_key("aes128-gcm"));
    assert_eq!((result_of(&beside), result_of(&inside)), (ann_accepted(), ann_accepted()));
    let data_end = "</xenc:EncryptedData>";
    let key_start = inside.find("<xenc:EncryptedKey").expect("a key");
    let key_end = inside.find("</xenc:EncryptedKey>").expect("an end") + "</xenc:EncryptedKey>".len();
    let key = &inside[key_start..key_end];
    let keys = |n: usize| (0..n).map(|n| key.replace("_key", &format!("_key{n}"))).collect::<String>();
    for (what, damaged) in [
        (
            "a fetched value",
            inside.replacen(
                "<xenc:CipherData><xenc:CipherValue>",
                "<xenc:CipherData><xenc:CipherReference URI=\"http://127.0.0.1:1/\"/><xenc:CipherValue>",
                1,
            ),
        ),
        ("a key elsewhere", beside.replace("URI=\"#_key\"", "URI=\"#_other\"")),
        ("a key by URL", beside.replace("URI=\"#_key\"", "URI=\"http://127.0.0.1:1/key\"")),
        ("a key under another method", beside.replace("xmlenc#EncryptedKey\" URI", "xmldsig#X509Data\" URI")),
        ("no key at all", inside.replace(key, "")),
        ("five keys", inside.replace(key, &keys(5))),
        ("another type", inside.replace("xmlenc#Element\"", "xmlenc#Content\"")),
        ("properties", inside.replacen(data_end, "<xenc:EncryptionProperties/></xenc:EncryptedData>", 1)),
        ("two data", inside.replacen(data_end, "</xenc:EncryptedData><xenc:EncryptedData/>", 1)),
        ("something beside", inside.replace("</saml:EncryptedAssertion>", "<saml:Issuer/></saml:EncryptedAssertion>")),
        ("no base64", inside.replacen("<xenc:CipherValue>", "<xenc:CipherValue>!", 1)),
        ("an empty value", inside.replacen("<xenc:CipherValue>", "<xenc:CipherValue/><xenc:CipherValue>", 1)),
        (
            "parameters of OAEP",
            inside.replace(
                "rsa-oaep-mgf1p\"/>",
                "rsa-oaep-mgf1p\"><xenc:OAEPparams>AAAA</xenc:OAEPparams></xenc:EncryptionMethod>",
            ),
        ),
    ] {
        assert!(damaged != beside && damaged != inside, "{what}: the response was not changed");
        assert_eq!(result_of(&damaged), Err("encryption_shape"), "{what}");
    }
    assert_eq!(
        result_of(&inside.replace(key, &keys(4))),
        ann_accepted(),
        "accepted if one of several recipients is ours"
    );
}

#[test]
fn encrypting_for_our_public_key_does_not_replace_a_signature() {
    let grafted = |text: &str, what| response_with(&encrypt(text, &for_our_key("aes256-gcm")), what);
    assert_eq!(result_of(&grafted(&signed_assertion(), Sign::Nothing)), ann_accepted());
    assert_eq!(result_of(&grafted(&unsigned_assertion(), Sign::Nothing)), Err("unsigned"));
    let forged = signed_assertion().replace("ann@acme.test", "eve@acme.test");
    assert_eq!(result_of(&grafted(&forged, Sign::Nothing)), Err("bad_signature"));
    // The provider's signature of the response covers this assertion; an additional signature of the assertion must be valid too.
    assert_eq!(result_of(&grafted(&unsigned_assertion(), Sign::Response)), ann_accepted());
    assert_eq!(result_of(&grafted(&forged, Sign::Response)), Err("bad_signature"));
}

#[test]
fn an_assertion_grafted_into_a_signed_message_is_refused() {
    let evil = unsigned_assertion().replace("ann@acme.test", "eve@acme.test");
    let evil = encrypt(&evil, &for_our_key("aes256-gcm"));
    for what in [Sign::Assertion, Sign::Response, Sign::Both] {
        let xml = good_response().sign(&KEY, what);
        let (start, end) = assertion_range(&xml);
        let replaced = format!("{}{evil}{}", &xml[..start], &xml[end..]);
        let code = if what == Sign::Assertion { "unsigned" } else { "bad_signature" };
        assert_eq!(result_of(&replaced), Err(code), "{what:?}");
        for both in [format!("{evil}{}", &xml[start..end]), format!("{}{evil}", &xml[start..end])] {
            let beside = format!("{}{both}{}", &xml[..start], &xml[end..]);
            assert_eq!(result_of(&beside), Err("several_assertions"), "{what:?}");
        }
    }
    let twice = good_response().sign_and_encrypt(&KEY, Sign::Assertion, &for_our_key("aes256-gcm"));
    let evil = evil.replace("_key", "_key2").replace("_data", "_data2");
    let twice = twice.replace("</samlp:Response>", &format!("{evil}</samlp:Response>"));
    assert_eq!(result_of(&twice), Err("several_assertions"));
}

#[test]
fn decrypted_assertions_are_checked_as_strictly_as_plain_ones() {
    let inside = |text: &str| response_with(&encrypt(text, &for_our_key("aes256-gcm")), Sign::Response);
    let assertion = unsigned_assertion();
    assert_eq!(result_of(&inside(&assertion)), ann_accepted());
    let mut twice = good_response();
    twice.assertion_id.clone_from(&twice.response_id);
    assert_eq!(result_of(&twice.sign_and_encrypt(&KEY, Sign::Response, &for_our_key("aes256-gcm"))), Err("bad_id"));
    for (what, text, code) in [
        ("no id", assertion.replacen("ID=\"_", "X=\"_", 1), "bad_id"),
        (
            "an unknown namespace",
            assertion.replacen("<saml:Subject>", "<x:y xmlns:x=\"urn:x\"/><saml:Subject>", 1),
            "unknown_namespace",
        ),
        ("an encrypted name", assertion.replacen("<saml:NameID", "<saml:EncryptedID/><saml:NameID", 1), "encrypted_id"),
        (
            "encryption within",
            assertion.replacen("<saml:Subject>", "<saml:EncryptedAssertion/><saml:Subject>", 1),
            "encrypted_id",
        ),
        (
            "an assertion in Advice",
            assertion.replacen(
                "</saml:Conditions>",
                "</saml:Conditions><saml:Advice><saml:Assertion ID=\"_x\"/></saml:Advice>",
                1,
            ),
            "advice",
        ),
        ("another version", assertion.replacen("Version=\"2.0\"", "Version=\"1.1\"", 1), "version"),
        ("another audience", assertion.replacen(AUDIENCE, "https://other.test/metadata", 1), "audience"),
    ] {
        assert_ne!(text, assertion, "{what}: the assertion was not changed");
        assert_eq!(result_of(&inside(&text)), Err(code), "{what}");
    }
}

#[test]
fn an_encrypted_assertion_without_our_key_is_refused_with_that_reason() {
    let xml = good_response().sign_and_encrypt(&KEY, Sign::Both, &for_our_key("aes256-gcm"));
    assert_eq!(report(&xml, &[]).outcome.expect_err("refused").reason.code, "encrypted_assertion");
    assert!(report(&xml, &[&OURS]).outcome.is_ok());
}

#[test]
fn an_encrypted_assertion_of_a_megabyte_is_refused_as_too_large() {
    let padded = |bytes: usize| {
        let mut minted = good_response();
        minted.attributes.push(("padding".into(), vec!["x".repeat(bytes)]));
        minted.sign_and_encrypt(&KEY, Sign::Assertion, &for_our_key("aes256-gcm"))
    };
    let large = padded(1024 * 1024);
    assert_eq!(decode(&STANDARD.encode(&large)).expect_err("too large").reason.code, "too_large");
    assert_eq!(read(large.as_bytes()).expect_err("too large").reason.code, "too_large");
    let usual = padded(100 * 1024);
    assert_eq!(result_of(&decode(&STANDARD.encode(&usual)).expect("small enough")), ann_accepted());
}
