//! Every row of what SAML libraries are known to let through, damaged from one good response, and refused by name.

use crate::idp::{EC_KEY, ENTITY_ID, KEY, OTHER_KEY};
use proptest::prelude::*;
use vestibule::domain::Timestamp;
use vestibule::saml::mint::{Minted, ReceivedRequest, Sign, SigningKey};
use vestibule::saml::{Certificate, Expected, IdentityProvider, ServiceProvider, decode, verify};

const NOW: Timestamp = Timestamp(1_795_510_800);
const ACS: &str = "https://sp.test/saml/1/acs";
const AUDIENCE: &str = "https://sp.test/saml/1/metadata";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

fn good() -> Minted {
    let request = ReceivedRequest { id: "_request1".into(), issuer: AUDIENCE.into(), acs_url: ACS.into() };
    Minted::answer(&request, ENTITY_ID, "ann@acme.test", NOW)
}

fn idp(keys: &[&SigningKey]) -> IdentityProvider {
    let certificates = keys.iter().map(|key| Certificate::stored(&key.certificate_pem()).expect("a certificate"));
    IdentityProvider { entity_id: ENTITY_ID.into(), certificates: certificates.collect() }
}

/// The refusal's code, or whom it was taken for.
fn judge_with(xml: &str, idp: &IdentityProvider) -> Result<String, &'static str> {
    let sp = ServiceProvider { entity_id: AUDIENCE.into(), acs_url: ACS.into(), keys: Vec::new() };
    let expected =
        Expected { request_id: Some("_request1".into()), skew_secs: 90, allow_sha1: false, refuse_expired: false };
    verify(&sp, idp, &expected, xml, NOW)
        .outcome
        .map(|who| who.email.to_string())
        .map_err(|refusal| refusal.reason.code)
}

fn judge(xml: &str) -> Result<String, &'static str> {
    judge_with(xml, &idp(&[&KEY]))
}

#[allow(clippy::unnecessary_wraps)] // it is compared with what the judge gives
fn ann() -> Result<String, &'static str> {
    Ok("ann@acme.test".into())
}

/// A good response and its damaged twin: the first is taken, the second refused for this reason.
fn twin(damage: impl FnOnce(&mut Minted), what: Sign, code: &'static str) {
    let mut minted = good();
    assert_eq!(judge(&minted.sign(&KEY, what)), ann());
    damage(&mut minted);
    assert_eq!(judge(&minted.sign(&KEY, what)), Err(code));
}

/// The same, damaged after it was signed.
fn cut(what: Sign, damage: impl FnOnce(&str) -> String, codes: &[&'static str]) {
    let xml = good().sign(&KEY, what);
    assert_eq!(judge(&xml), ann());
    let damaged = damage(&xml);
    assert_ne!(xml, damaged, "nothing was damaged");
    let outcome = judge(&damaged);
    assert!(outcome.as_ref().is_err_and(|code| codes.contains(code)), "{outcome:?} is none of {codes:?}");
}

#[test]
fn every_way_of_signing_is_taken_and_none_is_not() {
    for what in [Sign::Assertion, Sign::Response, Sign::Both] {
        assert_eq!(judge(&good().sign(&KEY, what)), ann(), "{what:?}");
    }
    assert_eq!(judge(&good().sign(&KEY, Sign::Nothing)), Err("unsigned"));
}

#[test]
fn a_connection_without_certificate_takes_nothing() {
    assert_eq!(judge_with(&good().sign(&KEY, Sign::Nothing), &idp(&[])), Err("unsigned"));
    assert_eq!(judge_with(&good().sign(&KEY, Sign::Both), &idp(&[])), Err("no_certificate"));
}

#[test]
fn another_key_is_refused_whatever_certificate_it_brings() {
    assert_eq!(judge(&good().sign(&OTHER_KEY, Sign::Both)), Err("bad_signature"));
    assert_eq!(judge_with(&good().sign(&OTHER_KEY, Sign::Both), &idp(&[&OTHER_KEY])), ann());
}

#[test]
fn several_certificates_are_tried_in_turn_rsa_and_ec_mixed() {
    let both = idp(&[&EC_KEY, &OTHER_KEY, &KEY]);
    for key in [&*KEY, &*OTHER_KEY, &*EC_KEY] {
        assert_eq!(judge_with(&good().sign(key, Sign::Assertion), &both), ann());
    }
    assert_eq!(judge_with(&good().sign(&KEY, Sign::Assertion), &idp(&[&EC_KEY, &OTHER_KEY])), Err("bad_signature"));
}

#[test]
fn a_short_key_is_refused_even_when_it_is_the_connections() {
    let short = SigningKey::rsa_of(1024, "short");
    assert_eq!(judge_with(&good().sign(&short, Sign::Assertion), &idp(&[&short])), Err("weak_key"));
}

#[test]
fn an_inner_signature_must_hold_under_a_good_outer_one() {
    let inner = good().sign(&OTHER_KEY, Sign::Assertion);
    let at = inner.find("</saml:Issuer>").expect("an issuer") + "</saml:Issuer>".len();
    let id = id_of(&inner, "<samlp:Response");
    let with_outer = format!("{}{}{}", &inner[..at], KEY.empty_signature(&id), &inner[at..]);
    assert_eq!(judge(&KEY.fill_signature(&with_outer)), Err("bad_signature"));
}

#[test]
fn changed_text_no_longer_fits_its_signature() {
    for what in [Sign::Assertion, Sign::Response, Sign::Both] {
        cut(what, |xml| xml.replace("ann@acme.test", "eve@acme.test"), &["bad_signature"]);
    }
}

fn id_of(xml: &str, start: &str) -> String {
    let element = &xml[xml.find(start).expect("the element")..];
    let from = element.find("ID=\"").expect("an ID") + 4;
    element[from..].split('"').next().expect("a value").into()
}

fn assertion_of(xml: &str) -> &str {
    let start = xml.find("<saml:Assertion").expect("an assertion");
    let end = xml.find("</saml:Assertion>").expect("its end") + "</saml:Assertion>".len();
    &xml[start..end]
}

fn signature_of(xml: &str) -> &str {
    let start = xml.find("<ds:Signature ").expect("a signature");
    let end = xml.find("</ds:Signature>").expect("its end") + "</ds:Signature>".len();
    &xml[start..end]
}

/// A copy of the signed assertion that names somebody else, without its signature.
fn evil(xml: &str, same_id: bool) -> String {
    let assertion = assertion_of(xml).replace(signature_of(xml), "").replace("ann@acme.test", "eve@acme.test");
    if same_id { assertion } else { assertion.replace(&id_of(xml, "<saml:Assertion"), "_evil") }
}

/// The eight shapes of signature wrapping, for a signed assertion or a signed response, with the same id and another.
#[test]
fn signature_wrapping_in_all_shapes_is_refused() {
    for same_id in [false, true] {
        let xml = good().sign(&KEY, Sign::Assertion);
        let (original, forged) = (assertion_of(&xml).to_owned(), evil(&xml, same_id));
        let bare = original.replace(signature_of(&original), "");
        let object = |inner: &str| format!("<ds:Object>{inner}</ds:Object></ds:Signature>");
        let signed_forgery =
            forged.replacen("</saml:Issuer>", &format!("</saml:Issuer>{}", signature_of(&original)), 1);
        let wrapped = [
            // XSW 3, 4: beside, and around.
            xml.replace(&original, &format!("{forged}{original}")),
            xml.replace(&original, &format!("{original}{forged}")),
            xml.replace(&original, &forged.replace("</saml:Assertion>", &format!("{original}</saml:Assertion>"))),
            // XSW 5, 6: the signature moves to the forgery, the original behind it or inside the signature.
            xml.replace(&original, &format!("{signed_forgery}{bare}")),
            xml.replace(&original, &signed_forgery.replace("</ds:Signature>", &object(&bare))),
            // XSW 7, 8: hidden in extensions, or in an Object.
            xml.replace("<samlp:Status>", &format!("<samlp:Extensions>{original}</samlp:Extensions><samlp:Status>"))
                .replacen(&format!("</samlp:Status>{original}"), &format!("</samlp:Status>{forged}"), 1),
            xml.replace(&original, &signed_forgery.replace("</ds:Signature>", &object(&original))),
            // In the Advice of the forgery.
            xml.replace(
                &original,
                &forged.replace(
                    "<saml:AuthnStatement",
                    &format!("<saml:Advice>{original}</saml:Advice><saml:AuthnStatement"),
                ),
            ),
        ];
        for (n, forgery) in wrapped.iter().enumerate() {
            assert_ne!(*forgery, xml, "shape {n} is no forgery");
            let outcome = judge(forgery);
            let known = [
                "bad_id",
                "several_assertions",
                "signature_misplaced",
                "signature_shape",
                "signature_reference",
                "advice",
                "unsigned",
            ];
            assert!(outcome.as_ref().is_err_and(|code| known.contains(code)), "shape {n}: {outcome:?}");
        }
    }
}

#[test]
fn signature_wrapping_of_a_signed_response_is_refused() {
    for same_id in [false, true] {
        let xml = good().sign(&KEY, Sign::Response);
        let (signature, id) = (signature_of(&xml).to_owned(), id_of(&xml, "<samlp:Response"));
        let bare = xml.replace(&signature, "");
        let mut forged = xml.replace("ann@acme.test", "eve@acme.test");
        if !same_id {
            forged = forged.replacen(&format!("ID=\"{id}\""), "ID=\"_evil\"", 1);
        }
        // XSW 1, 2: the original inside the forgery's signature, or beside it.
        let inside = forged.replace("</ds:Signature>", &format!("<ds:Object>{bare}</ds:Object></ds:Signature>"));
        let beside = forged.replacen("<samlp:Status>", &format!("{bare}<samlp:Status>"), 1);
        let detached = forged.replace(&signature, "").replacen("<samlp:Status>", &format!("{xml}<samlp:Status>"), 1);
        for forgery in [inside, beside, detached] {
            let outcome = judge(&forgery);
            let known = ["bad_id", "signature_misplaced", "signature_shape", "signature_reference", "unsigned"];
            assert!(outcome.as_ref().is_err_and(|code| known.contains(code)), "{outcome:?}");
        }
    }
}

#[test]
fn references_to_elsewhere_are_refused_before_anything_is_fetched() {
    for uri in ["http://127.0.0.1:1/x", "file:///dev/zero", "", "#other", "#xpointer(/)", "other"] {
        let damage = |xml: &str| {
            xml.replacen(&format!("URI=\"#{}\"", id_of(xml, "<saml:Assertion")), &format!("URI=\"{uri}\""), 1)
        };
        cut(Sign::Assertion, damage, &["signature_reference"]);
    }
    cut(
        Sign::Assertion,
        |xml| xml.replacen(&format!(" URI=\"#{}\"", id_of(xml, "<saml:Assertion")), "", 1),
        &["signature_reference"],
    );
}

#[test]
fn manifests_objects_retrieval_and_second_references_are_refused() {
    let reference = |xml: &str| {
        let start = xml.find("<ds:Reference").expect("a reference");
        xml[start..xml.find("</ds:Reference>").expect("its end") + "</ds:Reference>".len()].to_owned()
    };
    cut(
        Sign::Assertion,
        |xml| xml.replacen("</ds:SignedInfo>", &format!("{}</ds:SignedInfo>", reference(xml)), 1),
        &["signature_shape"],
    );
    let object =
        "<ds:Object><ds:Manifest><ds:Reference URI=\"file:///dev/zero\"/></ds:Manifest></ds:Object></ds:Signature>";
    cut(Sign::Assertion, |xml| xml.replace("</ds:Signature>", object), &["signature_shape"]);
    cut(
        Sign::Assertion,
        |xml| xml.replace("</ds:KeyInfo>", "<ds:RetrievalMethod URI=\"http://127.0.0.1:1/\"/></ds:KeyInfo>"),
        &["signature_shape"],
    );
    let many = |xml: &str| {
        xml.replacen("</ds:SignedInfo>", &format!("{}</ds:SignedInfo>", "<ds:Reference URI=\"#x\"/>".repeat(5000)), 1)
    };
    cut(Sign::Assertion, many, &["signature_shape"]);
}

#[test]
fn transforms_other_than_the_two_are_refused() {
    let enveloped = format!("<ds:Transform Algorithm=\"{DSIG}enveloped-signature\"/>");
    for other in [
        "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"/></ds:Transform>",
        "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>//*</ds:XPath></ds:Transform>",
        "<ds:Transform Algorithm=\"http://www.w3.org/2002/06/xmldsig-filter2\"/>",
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\"/>",
        "",
    ] {
        cut(Sign::Assertion, |xml| xml.replacen(&enveloped, other, 1), &["signature_transform", "unknown_namespace"]);
        cut(
            Sign::Assertion,
            |xml| xml.replacen(&enveloped, &format!("{enveloped}{other}{enveloped}"), 1),
            &["signature_transform", "unknown_namespace"],
        );
    }
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#\"";
    cut(
        Sign::Assertion,
        |xml| xml.replace(exclusive, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315\""),
        &["inclusive_c14n"],
    );
    cut(
        Sign::Assertion,
        |xml| xml.replace(exclusive, "http://www.w3.org/2001/10/xml-exc-c14n#WithComments\""),
        &["signature_transform"],
    );
}

#[test]
fn algorithms_outside_the_list_are_refused_by_name() {
    let method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    for (other, code) in [
        ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "sha1"),
        ("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", "rsa_pss"),
        ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "signature_algorithm"),
        ("http://www.w3.org/2000/09/xmldsig#hmac-sha1", "signature_algorithm"),
        ("http://www.w3.org/2000/09/xmldsig#dsa-sha1", "signature_algorithm"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-md5", "signature_algorithm"),
        ("none", "signature_algorithm"),
        ("", "signature_algorithm"),
    ] {
        cut(Sign::Assertion, |xml| xml.replace(method, other), &[code]);
    }
    cut(
        Sign::Assertion,
        |xml| xml.replace("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
        &["sha1"],
    );
    cut(
        Sign::Assertion,
        |xml| xml.replace("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#md5"),
        &["signature_algorithm"],
    );
}

#[test]
fn digests_and_signature_values_that_were_tampered_with_are_refused() {
    let value = |xml: &str, name: &str| {
        let start = xml.find(&format!("<ds:{name}>")).expect("a value") + name.len() + 5;
        xml[start..start + 12].to_owned()
    };
    for name in ["DigestValue", "SignatureValue"] {
        cut(Sign::Assertion, |xml| xml.replace(&value(xml, name), "AAAAAAAAAAAA"), &["bad_signature"]);
        // CVE-2025-29775 in kind: a comment that one parser reads and another does not.
        cut(
            Sign::Assertion,
            |xml| xml.replacen(&format!("<ds:{name}>"), &format!("<ds:{name}><!---->"), 1),
            &["malformed_xml"],
        );
    }
    cut(
        Sign::Assertion,
        |xml| xml.replacen("</ds:DigestValue>", "</ds:DigestValue><ds:DigestValue>AAAA</ds:DigestValue>", 1),
        &["signature_shape"],
    );
    cut(
        Sign::Assertion,
        |xml| xml.replacen("<ds:SignedInfo>", "<ds:SignedInfo/><ds:SignedInfo>", 1),
        &["signature_shape"],
    );
}

#[test]
fn what_two_parsers_could_read_in_two_ways_is_refused() {
    let text = |from: &'static str, to: &'static str| move |xml: &str| xml.replacen(from, to, 1);
    for (from, to) in [
        (">ann@acme.test<", ">ann@acme.test<!-- x -->.evil.test<"),
        (">ann@acme.test<", "><![CDATA[ann@acme.test]]><"),
        (">ann@acme.test<", ">ann@acme.test<?x y?><"),
        (">ann@acme.test<", ">&ann;<"),
        ("<samlp:Response", "<!DOCTYPE x [<!ENTITY a \"b\">]><samlp:Response"),
        ("<samlp:Response", "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><samlp:Response"),
        ("<samlp:Response", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><samlp:Response"),
        ("<samlp:Response", "<samlp:Response xml:base=\"https://evil.test/\""),
        ("<saml:Assertion", "<saml:Assertion xml:id=\"_x\""),
        ("<saml:Assertion", "<saml:Assertion Version=\"2.0\""),
        ("</samlp:Response>", "</samlp:Response>trailing"),
        ("</samlp:Response>", "</samlp:Response><x/>"),
        ("</samlp:Response>", ""),
        ("</samlp:Response>", "\u{0}</samlp:Response>"),
    ] {
        cut(Sign::Assertion, text(from, to), &["malformed_xml"]);
    }
}

#[test]
fn elements_of_other_namespaces_are_never_read_as_samls() {
    let foreign = |name: &'static str| {
        move |xml: &str| {
            let open = |end: char| (format!("<saml:{name}{end}"), format!("<x:{name} xmlns:x=\"urn:x\"{end}"));
            let ((plain, plain_x), (with, with_x)) = (open('>'), open(' '));
            let close = (format!("</saml:{name}>"), format!("</x:{name}>"));
            xml.replace(&plain, &plain_x).replace(&with, &with_x).replace(&close.0, &close.1)
        }
    };
    for name in ["NameID", "Conditions", "Audience", "Subject", "AttributeStatement"] {
        cut(Sign::Assertion, foreign(name), &["unknown_namespace"]);
    }
    cut(
        Sign::Assertion,
        |xml| xml.replace("urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:1.0:assertion"),
        &["unknown_namespace", "no_assertion"],
    );
    cut(Sign::Assertion, |xml| xml.replace("urn:oasis:names:tc:SAML:2.0:protocol", "urn:x"), &["not_a_response"]);
}

#[test]
fn ids_must_be_there_plain_and_unique() {
    cut(
        Sign::Assertion,
        |xml| xml.replacen(&id_of(xml, "<samlp:Response"), &id_of(xml, "<saml:Assertion"), 1),
        &["bad_id"],
    );
    cut(
        Sign::Response,
        |xml| xml.replacen(&format!("ID=\"{}\"", id_of(xml, "<saml:Assertion")), "ID=\"1 2\"", 1),
        &["bad_id"],
    );
    cut(Sign::Response, |xml| xml.replacen(&format!("ID=\"{}\" ", id_of(xml, "<saml:Assertion")), "", 1), &["bad_id"]);
}

#[test]
fn names_and_attributes_that_are_encrypted_by_themselves_are_refused() {
    cut(Sign::Response, |xml| xml.replace("<saml:NameID", "<saml:EncryptedID/><saml:NameID"), &["encrypted_id"]);
}

#[test]
fn the_status_must_be_success_whatever_is_signed() {
    for what in [Sign::Assertion, Sign::Response, Sign::Both] {
        twin(|minted| minted.status = "urn:oasis:names:tc:SAML:2.0:status:Responder".into(), what, "status");
    }
}

#[test]
fn s30_every_own_rule_refuses_by_its_name() {
    let at = |secs: i64| Some(NOW.plus(secs).to_string());
    for what in [Sign::Assertion, Sign::Response, Sign::Both] {
        twin(|minted| minted.version = "1.1".into(), what, "version");
        twin(|minted| minted.issuer = "https://other.test".into(), what, "issuer");
        twin(|minted| minted.destination = Some("https://other.test/acs".into()), what, "destination");
        twin(|minted| minted.in_response_to = Some("_other".into()), what, "in_response_to");
        twin(|minted| minted.subject_in_response_to = Some("_other".into()), what, "subject_in_response_to");
        twin(|minted| minted.issue_instant = NOW.plus(391).to_string(), what, "issue_instant");
        twin(|minted| minted.issue_instant = NOW.plus(-391).to_string(), what, "issue_instant");
        twin(|minted| minted.issue_instant = "yesterday".into(), what, "issue_instant");
        twin(|minted| minted.recipient = Some("https://other.test/acs".into()), what, "recipient");
        twin(|minted| minted.recipient = None, what, "recipient");
        twin(|minted| minted.subject_not_on_or_after = at(-90), what, "subject_expired");
        twin(|minted| minted.subject_not_on_or_after = None, what, "subject_expired");
        twin(|minted| minted.conditions = false, what, "no_conditions");
        twin(|minted| minted.not_before = at(91), what, "not_yet_valid");
        twin(|minted| minted.not_on_or_after = at(-90), what, "expired");
        twin(|minted| minted.audiences = vec!["https://other.test".into()], what, "audience");
        twin(|minted| minted.audiences = vec![], what, "audience");
        twin(|minted| minted.audiences.push("https://other.test".into()), what, "audience");
        twin(|minted| minted.session_not_on_or_after = at(-90), what, "session_expired");
        twin(|minted| minted.destination = Some(String::new()), what, "destination");
        twin(|minted| minted.name_id = String::new(), what, "empty_name_id");
    }
}

/// An assertion made for nobody's request, put into an unsigned answer to the attacker's own.
#[test]
fn an_unsolicited_assertion_cannot_be_wrapped_into_an_answer() {
    twin(|minted| minted.subject_in_response_to = None, Sign::Assertion, "subject_in_response_to");
    for what in [Sign::Response, Sign::Both] {
        let mut minted = good();
        minted.subject_in_response_to = None;
        assert_eq!(judge(&minted.sign(&KEY, what)), ann(), "the signed response says it");
    }
}

#[test]
fn what_is_optional_may_be_absent_and_the_skew_is_taken_into_account() {
    let at = |secs: i64| Some(NOW.plus(secs).to_string());
    let taken = |change: &dyn Fn(&mut Minted)| {
        let mut minted = good();
        change(&mut minted);
        assert_eq!(judge(&minted.sign(&KEY, Sign::Assertion)), ann());
    };
    taken(&|minted| minted.destination = None);
    taken(&|minted| (minted.not_before, minted.not_on_or_after) = (None, None));
    taken(&|minted| minted.authn_statement = false);
    taken(&|minted| minted.not_before = at(90));
    taken(&|minted| minted.not_on_or_after = at(-89));
    taken(&|minted| minted.subject_not_on_or_after = at(-89));
    taken(&|minted| minted.issue_instant = NOW.plus(-390).to_string());
    taken(&|minted| minted.issue_instant = NOW.to_string().replace('Z', ".123Z"));
}

#[test]
fn s31_the_email_comes_from_the_attribute_else_from_the_name_id() {
    let email = |name_id: &str, attributes: &[(&str, &[&str])]| {
        let mut minted = good();
        minted.name_id = name_id.into();
        minted.attributes = attributes
            .iter()
            .map(|(name, values)| ((*name).to_owned(), values.iter().map(ToString::to_string).collect()))
            .collect();
        judge(&minted.sign(&KEY, Sign::Assertion))
    };
    let is = |text: &str| Ok(text.to_owned());
    assert_eq!(email("ann@acme.test", &[]), is("ann@acme.test"));
    assert_eq!(email("x1", &[("email", &["Ann@Acme.test "])]), is("ann@acme.test"));
    assert_eq!(email("other@acme.test", &[("mail", &["ann@acme.test"])]), is("ann@acme.test"));
    for name in [
        "EMAIL",
        "emailAddress",
        "User.Email",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "urn:oid:1.2.840.113549.1.9.1",
        "urn:mace:dir:attribute-def:mail",
    ] {
        assert_eq!(email("x1", &[(name, &["ann@acme.test"])]), is("ann@acme.test"), "{name}");
    }
    assert_eq!(email("x1", &[("email", &["ann@acme.test", "ANN@acme.test"])]), is("ann@acme.test"));
    assert_eq!(email("ann@acme.test", &[("email", &["ann@acme.test", "eve@acme.test"])]), Err("several_emails"));
    assert_eq!(
        email("ann@acme.test", &[("email", &["ann@acme.test"]), ("mail", &["eve@acme.test"])]),
        Err("several_emails")
    );
    assert_eq!(email("ann@acme.test", &[("email", &["not an address"])]), Err("bad_email"));
    assert_eq!(email("ann@acme.test", &[("email", &[""])]), Err("bad_email"), "an empty value is not left out");
    assert_eq!(email("ann@acme.test", &[("mail", &["", "ann@acme.test"])]), Err("bad_email"));
    assert_eq!(email("ann@acme.test", &[("email", &[])]), is("ann@acme.test"), "no value at all is");
    assert_eq!(email("ann@ａcme.test", &[]), Err("bad_email"));
    assert_eq!(email("x1", &[("groups", &["ann@acme.test"])]), Err("no_email"));
}

#[test]
fn what_comes_to_the_callback_is_strict_base64_of_bounded_utf8() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let base64 = STANDARD.encode("<x>é</x>");
    let wrapped: Vec<_> = base64.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    assert_eq!(decode(&wrapped.join("\r\n")).as_deref().ok(), Some("<x>é</x>"));
    assert_eq!(decode(&STANDARD.encode("\u{feff}<x/>")).as_deref().ok(), Some("<x/>"));
    let refused = |text: &str| decode(text).expect_err("refused").reason.code;
    assert_eq!(refused("PHgvPg=!"), "not_base64");
    assert_eq!(refused("PHgv%2BPg"), "not_base64");
    assert_eq!(refused(&STANDARD.encode(b"<x>\xe9</x>")), "not_utf8");
    assert_eq!(refused(&STANDARD.encode("x".repeat(256 * 1024 + 1))), "too_large");
    assert!(decode(&STANDARD.encode("x".repeat(256 * 1024))).is_ok());
}

#[test]
fn twenty_equal_attributes_and_a_comment_cost_nothing() {
    let attributes =
        "<saml:Attribute Name=\"a\"><saml:AttributeValue>b</saml:AttributeValue></saml:Attribute>".repeat(20);
    cut(
        Sign::Assertion,
        |xml| xml.replace("<saml:AttributeStatement>", &format!("<saml:AttributeStatement><!-- x -->{attributes}")),
        &["malformed_xml"],
    );
    let mut minted = good();
    minted.attributes.extend((0..20).map(|_| ("a".to_owned(), vec!["b".to_owned()])));
    assert_eq!(judge(&minted.sign(&KEY, Sign::Assertion)), ann());
}

#[test]
fn a_lasting_name_made_for_another_application_is_refused() {
    let named = |format: &str, qualifier: &str| {
        let mut minted = good();
        minted.name_id_format = format!("{format}\" SPNameQualifier=\"{qualifier}");
        // The builder escapes what it is given: put the quotes back before it is signed.
        let xml = minted.sign(&KEY, Sign::Nothing).replace("&quot;", "\"");
        let at = xml.find("<saml:Assertion").expect("an assertion");
        let end = at + xml[at..].find("</saml:Issuer>").expect("an issuer") + "</saml:Issuer>".len();
        let signature = KEY.empty_signature(&id_of(&xml, "<saml:Assertion"));
        judge(&KEY.fill_signature(&format!("{}{signature}{}", &xml[..end], &xml[end..])))
    };
    let email = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    assert_eq!(named(email, AUDIENCE), ann());
    assert_eq!(named(email, "https://other.test"), Err("name_qualifier"));
    assert_eq!(named("urn:oasis:names:tc:SAML:2.0:nameid-format:transient", "https://other.test"), ann());
}

#[test]
fn four_thousand_groups_are_read_and_not_felt() {
    let mut minted = good();
    minted.attributes.push(("groups".into(), (0..4000).map(|n| format!("group {n}")).collect()));
    assert_eq!(judge(&minted.sign(&KEY, Sign::Assertion)), ann());
}

#[test]
fn nested_markup_in_an_attribute_value_is_not_text() {
    let mut minted = good();
    minted.name_id = "x1".into();
    minted.attributes = vec![("email".into(), vec!["PLACE".into()])];
    let xml = minted.sign(&KEY, Sign::Nothing).replace("PLACE", "<x xmlns=\"urn:x\">ann@acme.test</x>");
    let signed = {
        let at = xml.find("<saml:Assertion").expect("an assertion");
        let issuer_end = at + xml[at..].find("</saml:Issuer>").expect("an issuer") + "</saml:Issuer>".len();
        let id = id_of(&xml, "<saml:Assertion");
        KEY.fill_signature(&format!("{}{}{}", &xml[..issuer_end], KEY.empty_signature(&id), &xml[issuer_end..]))
    };
    assert_eq!(judge(&signed), Err("bad_email"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_change_of_any_byte_gives_another_identity(at in any::<prop::sample::Index>(), byte in 1_u8..=127, both in any::<bool>()) {
        let xml = good().sign(&KEY, if both { Sign::Both } else { Sign::Assertion });
        let mut bytes = xml.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(damaged) = String::from_utf8(bytes) {
            let outcome = judge(&damaged);
            let same = outcome.is_err() || outcome == ann();
            prop_assert!(same, "{outcome:?}");
        }
    }

    #[test]
    fn no_piece_of_a_response_brings_the_judge_down(from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let xml = good().sign(&KEY, Sign::Response);
        let (from, to) = (from.index(xml.len()), to.index(xml.len()));
        let cut = format!("{}{}", &xml[..from.min(to)], &xml[from.max(to)..]);
        let outcome = judge(&cut);
        let same = outcome.is_err() || outcome == ann();
        prop_assert!(same, "{outcome:?}");
    }
}
