//! Wrong content that the provider itself signs: each attack violates one rule of the profile.

use super::message::{assertion_of, part};
use super::{Attack, altered, signed_in_form, swap, with_content};
use vestibule::saml::test_idp::{Minted, Sign};

/// Attacks for each way of signing, because a rule must hold whichever element the signature covers.
fn for_each_signature(name: &str, refused_as: &'static str, say: fn(&mut Minted)) -> Vec<Attack> {
    [(Sign::Assertion, "assertion signed"), (Sign::Response, "response signed"), (Sign::Both, "both signed")]
        .map(|(sign, which)| with_content(&format!("{name} ({which})"), sign, refused_as, say))
        .into()
}

/// An attack in which the provider signs an assertion in another form.
fn signed_with_replacement(name: &str, refused_as: &'static str, from: &str, to: &str) -> Attack {
    signed_in_form(name, Sign::Assertion, refused_as, swap(from, to))
}

pub fn attacks() -> Vec<Attack> {
    let mut all = for_each_signature("The provider reports a failure", "status", |it| {
        it.status = "urn:oasis:names:tc:SAML:2.0:status:Responder".into();
    });
    all.extend(for_each_signature("Version 1.1", "version", |it| it.version = "1.1".into()));
    all.extend(for_each_signature("Version 2.1", "version", |it| it.version = "2.1".into()));
    all.extend(for_each_signature("Another issuer", "issuer", |it| it.issuer = "https://other.test".into()));
    all.extend(for_each_signature("An issuer with a slash at the end", "issuer", |it| it.issuer += "/"));
    all.extend(for_each_signature("Another destination", "destination", |it| {
        it.destination = Some("https://other.test/acs".into());
    }));
    all.extend(for_each_signature("An empty destination", "destination", |it| it.destination = Some(String::new())));
    all.extend(for_each_signature("Another recipient", "recipient", |it| {
        it.recipient = Some("https://other.test/acs".into());
    }));
    all.extend(for_each_signature("No recipient", "recipient", |it| it.recipient = None));
    all.extend(for_each_signature("A response to another request", "in_response_to", |it| {
        it.in_response_to = Some("_other".into());
    }));
    all.extend(for_each_signature("A response without InResponseTo", "in_response_to", |it| it.in_response_to = None));
    all.extend(for_each_signature("An assertion for another request", "subject_in_response_to", |it| {
        it.subject_in_response_to = Some("_other".into());
    }));
    all.extend(for_each_signature("Another audience", "audience", |it| {
        it.audiences = vec!["https://other.test".into()];
    }));
    all.extend(for_each_signature("An audience that begins with ours", "audience", |it| it.audiences[0] += "/more"));
    all.extend(for_each_signature("A second AudienceRestriction without our entity ID", "audience", |it| {
        it.audiences.push("https://other.test".into());
    }));
    all.extend(for_each_signature("No audience", "audience", |it| it.audiences.clear()));
    all.extend(for_each_signature("No conditions", "no_conditions", |it| it.conditions = false));
    all.extend(shapes());
    all
}

fn shapes() -> Vec<Attack> {
    let bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    let twice = |name: &'static str, sign, start: &'static str, end: &'static str| {
        signed_in_form(name, sign, "repeated_element", move |xml| {
            let element = part(xml, start, end);
            xml.replacen(element, &element.repeat(2), 1)
        })
    };
    vec![
        with_content("An assertion without InResponseTo", Sign::Assertion, "subject_in_response_to", |it| {
            it.subject_in_response_to = None;
        }),
        signed_with_replacement(
            "A holder-of-key confirmation",
            "no_subject_confirmation",
            bearer,
            "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
        ),
        signed_with_replacement(
            "A sender-vouches confirmation",
            "no_subject_confirmation",
            bearer,
            "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",
        ),
        signed_in_form(
            "A confirmation without SubjectConfirmationData",
            Sign::Assertion,
            "no_subject_confirmation",
            |xml| xml.replacen(part(xml, "<saml:SubjectConfirmationData", "/>"), "", 1),
        ),
        signed_in_form("No confirmation", Sign::Assertion, "no_subject_confirmation", |xml| {
            xml.replacen(part(xml, "<saml:SubjectConfirmation ", "</saml:SubjectConfirmation>"), "", 1)
        }),
        signed_in_form("No Subject", Sign::Assertion, "no_subject_confirmation", |xml| {
            xml.replacen(part(xml, "<saml:Subject>", "</saml:Subject>"), "", 1)
        }),
        signed_in_form("No Issuer in the assertion", Sign::Assertion, "issuer", |xml| {
            let issuer = part(assertion_of(xml), "<saml:Issuer>", "</saml:Issuer>");
            xml.replacen(assertion_of(xml), &assertion_of(xml).replacen(issuer, "", 1), 1)
        }),
        signed_in_form("An Issuer with another Format", Sign::Assertion, "issuer_format", |xml| {
            let format = "<saml:Issuer Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">";
            xml.replacen(assertion_of(xml), &assertion_of(xml).replacen("<saml:Issuer>", format, 1), 1)
        }),
        signed_with_replacement(
            "An element in the Audience",
            "audience",
            "<saml:Audience>",
            "<saml:Audience><saml:Audience/>",
        ),
        altered("No Status", Sign::Assertion, "status", |xml| {
            xml.replacen(part(xml, "<samlp:Status>", "</samlp:Status>"), "", 1)
        }),
        altered("No assertion", Sign::Response, "no_assertion", |xml| xml.replacen(assertion_of(xml), "", 1)),
        signed_with_replacement(
            "An Advice with an assertion",
            "advice",
            "<saml:AuthnStatement",
            "<saml:Advice><saml:Assertion ID=\"_a\"/></saml:Advice><saml:AuthnStatement",
        ),
        signed_with_replacement(
            "An encrypted NameID",
            "encrypted_id",
            "<saml:NameID",
            "<saml:EncryptedID/><saml:NameID",
        ),
        signed_with_replacement(
            "An encrypted attribute",
            "encrypted_id",
            "<saml:Attribute ",
            "<saml:EncryptedAttribute/><saml:Attribute ",
        ),
        twice("Two Conditions", Sign::Assertion, "<saml:Conditions", "</saml:Conditions>"),
        twice("Two Subjects", Sign::Assertion, "<saml:Subject>", "</saml:Subject>"),
        twice("Two NameIDs", Sign::Assertion, "<saml:NameID", "</saml:NameID>"),
        twice("Two Status elements", Sign::Response, "<samlp:Status>", "</samlp:Status>"),
        twice("Two StatusCodes", Sign::Response, "<samlp:StatusCode", "/>"),
        twice("Two SubjectConfirmationData", Sign::Assertion, "<saml:SubjectConfirmationData", "/>"),
        signed_in_form("Two Issuers of the assertion", Sign::Assertion, "repeated_element", |xml| {
            let issuer = part(xml, "<saml:Issuer>", "</saml:Issuer>");
            xml.replacen("<saml:Subject>", &format!("{issuer}<saml:Subject>"), 1)
        }),
    ]
}
