//! Signatures that are missing, misplaced or duplicated.

use super::message::{behind_issuer, forged, part, signature_of, without_signature};
use super::{Attack, cut, swap};
use vestibule::saml::test_idp::Sign;

/// Removes the signature and inserts it before some other text.
fn moved(before: &str) -> impl Fn(&str) -> String + use<> {
    let before = before.to_owned();
    move |xml| without_signature(xml).replacen(&before, &format!("{}{before}", signature_of(xml)), 1)
}

/// Keeps the signature and inserts text before some other text.
fn added(text: &str, before: &str) -> impl Fn(&str) -> String + use<> {
    swap(before, &format!("{text}{before}"))
}

pub fn attacks() -> Vec<Attack> {
    let mut all = left_out();
    all.extend(elsewhere());
    all.extend(doubled());
    all
}

fn left_out() -> Vec<Attack> {
    vec![
        cut("No signature on the assertion", Sign::Assertion, "unsigned", without_signature),
        cut("No signature on the response", Sign::Response, "unsigned", without_signature),
        cut("Both signatures missing", Sign::Both, "unsigned", |xml| without_signature(&without_signature(xml))),
        cut("Unsigned message for another person", Sign::Assertion, "unsigned", |xml| forged(&without_signature(xml))),
        cut("An empty Signature element", Sign::Assertion, "signature_shape", |xml| {
            xml.replacen(signature_of(xml), "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>", 1)
        }),
        cut("No SignatureValue", Sign::Assertion, "signature_shape", |xml| {
            xml.replacen(part(xml, "<ds:SignatureValue>", "</ds:SignatureValue>"), "", 1)
        }),
        cut("An empty SignatureValue", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(part(xml, "<ds:SignatureValue>", "</ds:SignatureValue>"), "<ds:SignatureValue/>", 1)
        }),
        cut("Signature without a namespace", Sign::Assertion, "unknown_namespace", |xml| {
            let plain = signature_of(xml).replace("ds:", "").replace(" xmlns:ds=", " xmlns:x=");
            xml.replacen(signature_of(xml), &plain, 1)
        }),
        cut("Signature of a look-alike namespace", Sign::Assertion, "unknown_namespace", |xml| {
            xml.replacen(
                "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
                "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig\"",
                1,
            )
        }),
        cut("Two signatures, the inner one invalid", Sign::Both, "bad_signature", |xml| {
            let inner = xml.rfind("<ds:SignatureValue>").expect("a value") + "<ds:SignatureValue>".len();
            format!("{}AAAAAAAA{}", &xml[..inner], &xml[inner + 8..])
        }),
        cut("Two signatures, the outer one invalid", Sign::Both, "bad_signature", |xml| {
            let outer = xml.find("<ds:SignatureValue>").expect("a value") + "<ds:SignatureValue>".len();
            format!("{}AAAAAAAA{}", &xml[..outer], &xml[outer + 8..])
        }),
    ]
}

fn elsewhere() -> Vec<Attack> {
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
            cut(&format!("Signature inside {place}"), Sign::Assertion, "signature_misplaced", moved(before))
        })
        .collect();
    all.push(cut("Signature in Extensions", Sign::Assertion, "signature_misplaced", |xml| {
        let extensions = format!("<samlp:Extensions>{}</samlp:Extensions><samlp:Status>", signature_of(xml));
        without_signature(xml).replacen("<samlp:Status>", &extensions, 1)
    }));
    all.push(cut("The assertion's signature on the response", Sign::Assertion, "signature_reference", |xml| {
        behind_issuer(&without_signature(xml), signature_of(xml))
    }));
    all.push(cut("The response's signature on the assertion", Sign::Response, "signature_reference", |xml| {
        moved("<saml:Subject>")(xml)
    }));
    all
}

fn doubled() -> Vec<Attack> {
    let digest = "<ds:DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">AAAA</ds:DigestValue>";
    vec![
        cut("The same signature twice", Sign::Assertion, "signature_misplaced", |xml| {
            xml.replacen(signature_of(xml), &signature_of(xml).repeat(2), 1)
        }),
        cut("A signature in a signature's Object", Sign::Assertion, "signature_shape", |xml| {
            let object = format!("<ds:Object>{}</ds:Object></ds:Signature>", signature_of(xml));
            xml.replacen("</ds:Signature>", &object, 1)
        }),
        cut("A DigestValue in Extensions (CVE-2024-45409)", Sign::Assertion, "signature_misplaced", {
            added(&format!("<samlp:Extensions>{digest}</samlp:Extensions>"), "<samlp:Status>")
        }),
        cut("A DigestValue in StatusDetail (CVE-2024-45409)", Sign::Assertion, "signature_misplaced", {
            added(&format!("<samlp:StatusDetail>{digest}</samlp:StatusDetail>"), "</samlp:Status>")
        }),
        cut("A SignedInfo in Extensions", Sign::Assertion, "signature_misplaced", |xml| {
            let info = part(xml, "<ds:SignedInfo>", "</ds:SignedInfo>");
            let info =
                info.replacen("<ds:SignedInfo>", "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", 1);
            added(&format!("<samlp:Extensions>{info}</samlp:Extensions>"), "<samlp:Status>")(xml)
        }),
    ]
}
