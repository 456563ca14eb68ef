//! Signatures that are missing, misplaced or duplicated.

use super::message::{behind_issuer, forged, part, signature_of, without_signature};
use super::{Attack, altered, swap};
use vestibule::saml::test_idp::Sign;

/// Moves the signature before some other text.
fn move_before(before: &str) -> impl Fn(&str) -> String + use<> {
    let before = before.to_owned();
    move |xml| without_signature(xml).replacen(&before, &format!("{}{before}", signature_of(xml)), 1)
}

/// Inserts a text before some other text, and keeps the signature.
fn insert_before(text: &str, before: &str) -> impl Fn(&str) -> String + use<> {
    swap(before, &format!("{text}{before}"))
}

pub fn attacks() -> Vec<Attack> {
    let mut all = missing();
    all.extend(misplaced());
    all.extend(doubled());
    all
}

fn missing() -> Vec<Attack> {
    vec![
        altered("No signature on the assertion", Sign::Assertion, "unsigned", without_signature),
        altered("No signature on the response", Sign::Response, "unsigned", without_signature),
        altered("Both signatures missing", Sign::Both, "unsigned", |xml| without_signature(&without_signature(xml))),
        altered("Unsigned message for another person", Sign::Assertion, "unsigned", |xml| {
            forged(&without_signature(xml))
        }),
        altered("An empty Signature element", Sign::Assertion, "signature_shape", |xml| {
            xml.replacen(signature_of(xml), "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>", 1)
        }),
        altered("No SignatureValue", Sign::Assertion, "signature_shape", |xml| {
            xml.replacen(part(xml, "<ds:SignatureValue>", "</ds:SignatureValue>"), "", 1)
        }),
        altered("An empty SignatureValue", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(part(xml, "<ds:SignatureValue>", "</ds:SignatureValue>"), "<ds:SignatureValue/>", 1)
        }),
        altered("Signature without a namespace", Sign::Assertion, "unknown_namespace", |xml| {
            let plain = signature_of(xml).replace("ds:", "").replace(" xmlns:ds=", " xmlns:x=");
            xml.replacen(signature_of(xml), &plain, 1)
        }),
        altered("Signature of a look-alike namespace", Sign::Assertion, "unknown_namespace", |xml| {
            xml.replacen(
                "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
                "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig\"",
                1,
            )
        }),
        altered("Two signatures, the inner one invalid", Sign::Both, "bad_signature", |xml| {
            let inner = xml.rfind("<ds:SignatureValue>").expect("a value") + "<ds:SignatureValue>".len();
            format!("{}AAAAAAAA{}", &xml[..inner], &xml[inner + 8..])
        }),
        altered("Two signatures, the outer one invalid", Sign::Both, "bad_signature", |xml| {
            let outer = xml.find("<ds:SignatureValue>").expect("a value") + "<ds:SignatureValue>".len();
            format!("{}AAAAAAAA{}", &xml[..outer], &xml[outer + 8..])
        }),
    ]
}

fn misplaced() -> Vec<Attack> {
    let places = [
        ("the Subject", "<saml:NameID"),
        ("the Conditions", "<saml:AudienceRestriction"),
        ("an AttributeValue", "ann@acme.test</saml:AttributeValue>"),
        ("the Status", "<samlp:StatusCode"),
        ("the Issuer", "</saml:Issuer>"),
    ];
    let mut all: Vec<_> = places
        .iter()
        .map(|(place, before)| {
            altered(&format!("Signature inside {place}"), Sign::Assertion, "signature_misplaced", move_before(before))
        })
        .collect();
    all.push(altered("Signature in Extensions", Sign::Assertion, "signature_misplaced", |xml| {
        let extensions = format!("<samlp:Extensions>{}</samlp:Extensions><samlp:Status>", signature_of(xml));
        without_signature(xml).replacen("<samlp:Status>", &extensions, 1)
    }));
    all.push(altered("The assertion's signature on the response", Sign::Assertion, "signature_reference", |xml| {
        behind_issuer(&without_signature(xml), signature_of(xml))
    }));
    all.push(altered("The response's signature on the assertion", Sign::Response, "signature_reference", |xml| {
        move_before("<saml:Subject>")(xml)
    }));
    all
}

fn doubled() -> Vec<Attack> {
    let digest = "<ds:DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">AAAA</ds:DigestValue>";
    vec![
        altered("The same signature twice", Sign::Assertion, "signature_misplaced", |xml| {
            xml.replacen(signature_of(xml), &signature_of(xml).repeat(2), 1)
        }),
        altered("A signature in a signature's Object", Sign::Assertion, "signature_shape", |xml| {
            let object = format!("<ds:Object>{}</ds:Object></ds:Signature>", signature_of(xml));
            xml.replacen("</ds:Signature>", &object, 1)
        }),
        altered("A DigestValue in Extensions (CVE-2024-45409)", Sign::Assertion, "signature_misplaced", {
            insert_before(&format!("<samlp:Extensions>{digest}</samlp:Extensions>"), "<samlp:Status>")
        }),
        altered("A DigestValue in StatusDetail (CVE-2024-45409)", Sign::Assertion, "signature_misplaced", {
            insert_before(&format!("<samlp:StatusDetail>{digest}</samlp:StatusDetail>"), "</samlp:Status>")
        }),
        altered("A SignedInfo in Extensions", Sign::Assertion, "signature_misplaced", |xml| {
            let info = part(xml, "<ds:SignedInfo>", "</ds:SignedInfo>");
            let info =
                info.replacen("<ds:SignedInfo>", "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", 1);
            insert_before(&format!("<samlp:Extensions>{info}</samlp:Extensions>"), "<samlp:Status>")(xml)
        }),
    ]
}
