//! Elements, attributes and ids that look like those of SAML.

use super::message::part;
use super::{Attack, altered, signed_in_form, swap};
use vestibule::saml::test_idp::Sign;

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

/// An attack in which the provider signs an element in another namespace.
fn foreign(name: &'static str) -> Attack {
    signed_in_form(&format!("{name} of another namespace"), Sign::Assertion, "unknown_namespace", move |xml| {
        let element = part(xml, &format!("<saml:{name}"), &format!("</saml:{name}>"));
        let moved = element
            .replacen(&format!("<saml:{name}"), &format!("<x:{name} xmlns:x=\"urn:x\""), 1)
            .replace(&format!("</saml:{name}>"), &format!("</x:{name}>"));
        xml.replacen(element, &moved, 1)
    })
}

fn with_replacement(name: &str, refused_as: &'static str, from: &str, to: &str) -> Attack {
    altered(name, Sign::Assertion, refused_as, swap(from, to))
}

pub fn attacks() -> Vec<Attack> {
    let mut all: Vec<_> = [
        "Issuer",
        "Subject",
        "NameID",
        "Conditions",
        "AudienceRestriction",
        "Audience",
        "AuthnStatement",
        "AttributeStatement",
        "Attribute",
    ]
    .map(foreign)
    .into();
    all.extend(namespaces());
    all.extend(attributes());
    all.extend(ids());
    all
}

fn namespaces() -> Vec<Attack> {
    let assertion = format!("xmlns:saml=\"{SAML}\"");
    vec![
        altered("All elements in the namespace of SAML 1", Sign::Assertion, "unknown_namespace", |xml| {
            xml.replace(SAML, "urn:oasis:names:tc:SAML:1.0:assertion")
        }),
        with_replacement(
            "A namespace with a space after it",
            "malformed_xml",
            &assertion,
            &format!("xmlns:saml=\"{SAML} \""),
        ),
        with_replacement(
            "A namespace that contains a character reference",
            "malformed_xml",
            &assertion,
            &assertion.replace("assertion", "asser&#116;ion"),
        ),
        with_replacement(
            "A namespace in another case",
            "unknown_namespace",
            &assertion,
            &assertion.replace("SAML", "saml"),
        ),
        with_replacement(
            "An unknown protocol namespace",
            "not_a_response",
            "urn:oasis:names:tc:SAML:2.0:protocol",
            "urn:x",
        ),
        with_replacement("An undeclared prefix", "malformed_xml", "<saml:Subject>", "<x:Subject/><saml:Subject>"),
        with_replacement(
            "A prefix that is undeclared again",
            "malformed_xml",
            "<saml:Subject>",
            "<saml:Subject xmlns:saml=\"\">",
        ),
        with_replacement(
            "A prefix that is bound again inside the message",
            "unknown_namespace",
            "<saml:Subject>",
            "<saml:Subject xmlns:saml=\"urn:x\">",
        ),
        with_replacement(
            "The prefix xml bound to another namespace",
            "malformed_xml",
            "<saml:Subject>",
            "<saml:Subject xmlns:xml=\"urn:x\">",
        ),
        with_replacement(
            "The prefix xmlns bound to a namespace",
            "malformed_xml",
            "<saml:Subject>",
            "<saml:Subject xmlns:xmlns=\"urn:x\">",
        ),
        with_replacement(
            "Another prefix for the namespace of xml",
            "malformed_xml",
            "<saml:Subject>",
            "<saml:Subject xmlns:x=\"http://www.w3.org/XML/1998/namespace\" x:id=\"_x\">",
        ),
        with_replacement(
            "The prefix xmlns on an element",
            "malformed_xml",
            "<saml:Subject>",
            "<xmlns:Subject/><saml:Subject>",
        ),
        with_replacement(
            "A name with two colons",
            "malformed_xml",
            "<saml:Subject>",
            "<saml:Subject:x/><saml:Subject>",
        ),
        with_replacement(
            "A name that begins with a colon",
            "malformed_xml",
            "<saml:Subject>",
            "<:Subject/><saml:Subject>",
        ),
        with_replacement(
            "A name outside ASCII",
            "malformed_xml",
            "<saml:Subject>",
            "<saml:Subj\u{435}ct/><saml:Subject>",
        ),
        with_replacement(
            "A name that begins with a digit",
            "malformed_xml",
            "<saml:Subject>",
            "<saml:1/><saml:Subject>",
        ),
        with_replacement(
            "XHTML in the message",
            "unknown_namespace",
            "<saml:Subject>",
            "<p xmlns=\"http://www.w3.org/1999/xhtml\"/><saml:Subject>",
        ),
    ]
}

fn attributes() -> Vec<Attack> {
    let on = |name: &str, what: &str| {
        with_replacement(name, "malformed_xml", "<saml:Assertion ", &format!("<saml:Assertion {what} "))
    };
    vec![
        on("An attribute twice", "ID=\"_evil\""),
        on("An attribute twice, with two prefixes", "xmlns:p=\"urn:p\" xmlns:q=\"urn:p\" p:k=\"1\" q:k=\"2\""),
        on("An attribute with an undeclared prefix", "p:k=\"1\""),
        on("A namespace declared twice", "xmlns:p=\"urn:p\" xmlns:p=\"urn:q\""),
        on("xml:id", "xml:id=\"_evil\""),
        on("xml:base", "xml:base=\"https://evil.test/\""),
        on("An ID with a prefix", "xmlns:x=\"urn:x\" x:ID=\"_evil\""),
        on(
            "A wsu:Id",
            "xmlns:w=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\" w:Id=\"_assertion1\"",
        ),
    ]
}

fn ids() -> Vec<Attack> {
    let id = "ID=\"_assertion1\"";
    let other = |name: &str, to: &str| with_replacement(name, "bad_id", id, to);
    vec![
        altered("The same id on response and assertion", Sign::Assertion, "bad_id", swap("_response1", "_assertion1")),
        with_replacement(
            "The assertion's id also on the Subject",
            "bad_id",
            "<saml:Subject>",
            "<saml:Subject ID=\"_assertion1\">",
        ),
        with_replacement(
            "The assertion's id also as Id",
            "bad_id",
            "<saml:Subject>",
            "<saml:Subject Id=\"_assertion1\">",
        ),
        with_replacement(
            "The assertion's id also as id",
            "bad_id",
            "<saml:Subject>",
            "<saml:Subject id=\"_assertion1\">",
        ),
        with_replacement(
            "The assertion's id also in an AttributeValue",
            "bad_id",
            "<saml:AttributeValue>",
            "<saml:AttributeValue><x xmlns=\"urn:x\" ID=\"_assertion1\"/>",
        ),
        with_replacement(
            "The assertion's id also on the Signature",
            "bad_id",
            "<ds:Signature ",
            "<ds:Signature Id=\"_assertion1\" ",
        ),
        other("No id on the assertion", ""),
        other("An empty id", "ID=\"\""),
        other("An id with a space", "ID=\"_assertion1 \""),
        other("An id with a quote", "ID=\"_assertion1&quot;\""),
        other("An id with XPointer syntax", "ID=\"element(/1/2)\""),
        other("An id that begins with a digit", "ID=\"1\""),
        other("An id of 300 letters", &format!("ID=\"{}\"", "a".repeat(300))),
        altered("No id on the response", Sign::Response, "bad_id", swap(" ID=\"_response1\"", "")),
    ]
}
