//! Messages that must be accepted: each way of signing, messages without each optional part, and each way of naming a
//! person.

use crate::cases::{self, KEY, PERSON, Trusted, formed, judge_xml, trusting, valid_message};
use vestibule::saml::decode;
use vestibule::saml::test_idp::{Minted, Sign, SigningKey};

type Verdict = Result<String, &'static str>;

fn result_of(xml: &str) -> Verdict {
    judge_xml(xml, Trusted::Own.certificates(), Vec::new())
}

#[allow(clippy::unnecessary_wraps)] // the type of the results with which it is compared
fn ann_accepted() -> Verdict {
    Ok(PERSON.into())
}

fn at(secs: i64) -> String {
    cases::NOW.plus(secs).to_string()
}

#[test]
fn each_signed_form_is_accepted_and_an_unsigned_message_is_refused() {
    for what in [Sign::Assertion, Sign::Response, Sign::Both] {
        assert_eq!(result_of(&valid_message().sign(&KEY, what)), ann_accepted(), "{what:?}");
    }
    assert_eq!(result_of(&valid_message().sign(&KEY, Sign::Nothing)), Err("unsigned"));
}

#[test]
fn several_rsa_and_ec_certificates_are_tried_in_turn() {
    let (rsa, ec, other) = (SigningKey::rsa("RSA"), SigningKey::ec("EC"), SigningKey::rsa("other"));
    let all = || trusting(&[&ec, &other, &rsa]);
    for key in [&rsa, &ec, &other] {
        assert_eq!(judge_xml(&valid_message().sign(key, Sign::Assertion), all(), Vec::new()), ann_accepted());
    }
    assert_eq!(
        judge_xml(&valid_message().sign(&rsa, Sign::Assertion), trusting(&[&ec, &other]), Vec::new()),
        Err("bad_signature")
    );
}

#[test]
fn optional_parts_may_be_absent_and_clock_skew_is_allowed() {
    let changes: [fn(&mut Minted); 9] = [
        |it| it.destination = None,
        |it| (it.not_before, it.not_on_or_after) = (None, None),
        |it| it.authn_statement = false,
        |it| it.not_before = Some(at(90)),
        |it| it.not_on_or_after = Some(at(-89)),
        |it| it.subject_not_on_or_after = Some(at(-89)),
        |it| it.session_not_on_or_after = Some(at(-89)),
        |it| it.issue_instant = at(-390),
        |it| it.issue_instant = at(0).replace('Z', ".123Z"),
    ];
    for (n, change) in changes.iter().enumerate() {
        let mut minted = valid_message();
        change(&mut minted);
        assert_eq!(result_of(&minted.sign(&KEY, Sign::Assertion)), ann_accepted(), "change {n}");
    }
}

#[test]
fn a_signed_response_needs_no_request_id_in_its_subject() {
    for what in [Sign::Response, Sign::Both] {
        let mut minted = valid_message();
        minted.subject_in_response_to = None;
        assert_eq!(result_of(&minted.sign(&KEY, what)), ann_accepted(), "{what:?}");
    }
}

#[test]
fn variations_that_providers_use_are_accepted() {
    let changes: [(&str, &str); 8] = [
        (
            "<saml:NameID ",
            "<saml:NameID NameQualifier=\"https://idp.test/metadata\" SPNameQualifier=\"https://sp.test/saml/1/metadata\" ",
        ),
        ("<saml:Issuer>", "<saml:Issuer Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:entity\">"),
        ("<saml:Issuer>", "<saml:Issuer> "),
        (
            "<saml:AttributeValue>",
            "<saml:AttributeValue xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"xs:string\">",
        ),
        ("<saml:AttributeValue>", "<saml:AttributeValue xml:lang=\"en\" xml:space=\"preserve\">"),
        ("<saml:Subject>", "\n  <saml:Subject>\r\n\t"),
        ("<samlp:Status>", "<samlp:Extensions/><samlp:Status>"),
        ("ann@acme.test</saml:AttributeValue>", "&#97;nn&#x40;acme.test</saml:AttributeValue>"),
    ];
    for (from, to) in changes {
        let xml = formed(Sign::Assertion, |xml| xml.replacen(from, to, 1));
        assert_eq!(result_of(&xml), ann_accepted(), "{to}");
    }
    let prefixes =
        "<c:InclusiveNamespaces xmlns:c=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"xs xsi saml\"/>";
    let transform = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
    let okta =
        |xml: &str| xml.replacen(&format!("{transform}/>"), &format!("{transform}>{prefixes}</ds:Transform>"), 1);
    assert_eq!(result_of(&formed(Sign::Assertion, okta)), ann_accepted(), "InclusiveNamespaces");
    let declared = |xml: String| format!("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"no\"?>\n{xml}\n");
    assert_eq!(result_of(&declared(valid_message().sign(&KEY, Sign::Both))), ann_accepted(), "an XML declaration");
}

#[test]
fn the_email_comes_from_the_attribute_or_else_from_the_name_id() {
    let email = |name_id: &str, attributes: &[(&str, &[&str])]| {
        let mut minted = valid_message();
        minted.name_id = name_id.into();
        let owned = |values: &[&str]| values.iter().map(ToString::to_string).collect();
        minted.attributes = attributes.iter().map(|(name, values)| ((*name).to_owned(), owned(values))).collect();
        result_of(&minted.sign(&KEY, Sign::Assertion))
    };
    assert_eq!(email(PERSON, &[]), ann_accepted());
    assert_eq!(email("x1", &[("email", &["Ann@Acme.test "])]), ann_accepted());
    assert_eq!(email("other@acme.test", &[("mail", &[PERSON])]), ann_accepted());
    for name in [
        "EMAIL",
        "emailAddress",
        "User.Email",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "urn:oid:1.2.840.113549.1.9.1",
        "urn:mace:dir:attribute-def:mail",
    ] {
        assert_eq!(email("x1", &[(name, &[PERSON])]), ann_accepted(), "{name}");
    }
    assert_eq!(email("x1", &[("email", &[PERSON, "ANN@acme.test"])]), ann_accepted(), "the same address twice");
    assert_eq!(email(PERSON, &[("email", &[])]), ann_accepted(), "an attribute without values is ignored");
    assert_eq!(email("x1", &[("groups", &[PERSON])]), Err("no_email"));
}

#[test]
fn a_transient_name_id_may_have_any_qualifier() {
    let named = |format: &str| {
        let of = format!("<saml:NameID SPNameQualifier=\"https://other.test\" Format=\"{format}\">");
        let old = "<saml:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">";
        result_of(&formed(Sign::Assertion, |xml| xml.replacen(old, &of, 1)))
    };
    assert_eq!(named("urn:oasis:names:tc:SAML:2.0:nameid-format:transient"), ann_accepted());
    assert_eq!(named("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"), Err("name_qualifier"));
}

#[test]
fn four_thousand_groups_and_twenty_equal_attributes_are_accepted() {
    let mut minted = valid_message();
    minted.attributes.push(("groups".into(), (0..4000).map(|n| format!("group {n}")).collect()));
    minted.attributes.extend((0..20).map(|_| ("a".to_owned(), vec!["b".to_owned()])));
    assert_eq!(result_of(&minted.sign(&KEY, Sign::Assertion)), ann_accepted());
}

#[test]
fn a_large_message_is_verified_by_the_right_one_of_several_certificates() {
    let (small, large, ec) = (SigningKey::rsa("small"), SigningKey::rsa_of(3072, "large"), SigningKey::ec("EC"));
    let mut minted = valid_message();
    minted.attributes.push(("groups".into(), (0..2000).map(|n| format!("group {n}")).collect()));
    for signer in [&small, &large, &ec] {
        let xml = minted.sign(signer, Sign::Both);
        assert!(xml.len() > 64 * 1024);
        for trusted in [[&small, &large, &ec], [&ec, &large, &small], [&large, &ec, &small]] {
            assert_eq!(judge_xml(&xml, trusting(&trusted), Vec::new()), ann_accepted());
        }
    }
    assert_eq!(judge_xml(&minted.sign(&ec, Sign::Both), trusting(&[&small, &large]), Vec::new()), Err("bad_signature"));
}

#[test]
fn a_posted_response_must_be_strict_base64_of_utf8_within_the_size_limit() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let base64 = STANDARD.encode("<x>é</x>");
    let wrapped: Vec<_> = base64.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    assert_eq!(decode(&wrapped.join("\r\n")).as_deref().ok(), Some("<x>é</x>"));
    assert_eq!(decode(base64.trim_end_matches('=')).as_deref().ok(), Some("<x>é</x>"), "base64 without padding");
    assert_eq!(decode(&STANDARD.encode("\u{feff}<x/>")).as_deref().ok(), Some("<x/>"), "text with a byte order mark");
    assert!(decode(&STANDARD.encode("x".repeat(256 * 1024))).is_ok());
}
