//! Wrong content, signed by the provider itself: each rule of the profile is broken separately.

use super::message::{assertion_of, part};
use super::{Attack, cut, said, signed_as, swap};
use vestibule::saml::test_idp::{Minted, Sign};

/// An attack for each way of signing: a rule must hold whichever element the signature covers.
fn always(name: &str, refused_as: &'static str, say: fn(&mut Minted)) -> Vec<Attack> {
    [(Sign::Assertion, "assertion signed"), (Sign::Response, "response signed"), (Sign::Both, "both signed")]
        .map(|(sign, which)| said(&format!("{name} ({which})"), sign, refused_as, say))
        .into()
}

/// The provider signs an assertion of another form.
fn shaped(name: &str, refused_as: &'static str, from: &str, to: &str) -> Attack {
    signed_as(name, Sign::Assertion, refused_as, swap(from, to))
}

pub fn attacks() -> Vec<Attack> {
    let mut all = always("The provider reports a failure", "status", |it| {
        it.status = "urn:oasis:names:tc:SAML:2.0:status:Responder".into();
    });
    all.extend(always("Version 1.1", "version", |it| it.version = "1.1".into()));
    all.extend(always("Version 2.1", "version", |it| it.version = "2.1".into()));
    all.extend(always("Another issuer", "issuer", |it| it.issuer = "https://other.test".into()));
    all.extend(always("An issuer with a slash at the end", "issuer", |it| it.issuer += "/"));
    all.extend(always("Another destination", "destination", |it| {
        it.destination = Some("https://other.test/acs".into());
    }));
    all.extend(always("An empty destination", "destination", |it| it.destination = Some(String::new())));
    all.extend(always("Another recipient", "recipient", |it| it.recipient = Some("https://other.test/acs".into())));
    all.extend(always("No recipient", "recipient", |it| it.recipient = None));
    all.extend(always("A response to another request", "in_response_to", |it| {
        it.in_response_to = Some("_other".into());
    }));
    all.extend(always("A response without InResponseTo", "in_response_to", |it| it.in_response_to = None));
    all.extend(always("An assertion for another request", "subject_in_response_to", |it| {
        it.subject_in_response_to = Some("_other".into());
    }));
    all.extend(always("Another audience", "audience", |it| it.audiences = vec!["https://other.test".into()]));
    all.extend(always("An audience that begins with ours", "audience", |it| it.audiences[0] += "/more"));
    all.extend(always("A second AudienceRestriction without our entity ID", "audience", |it| {
        it.audiences.push("https://other.test".into());
    }));
    all.extend(always("No audience", "audience", |it| it.audiences.clear()));
    all.extend(always("No conditions", "no_conditions", |it| it.conditions = false));
    all.extend(shapes());
    all
}

fn shapes() -> Vec<Attack> {
    let bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    let twice = |name: &'static str, sign, start: &'static str, end: &'static str| {
        signed_as(name, sign, "repeated_element", move |xml| {
            let element = part(xml, start, end);
            xml.replacen(element, &element.repeat(2), 1)
        })
    };
    vec![
        said("An assertion without InResponseTo", Sign::Assertion, "subject_in_response_to", |it| {
            it.subject_in_response_to = None;
        }),
        shaped(
            "A holder-of-key confirmation",
            "no_subject_confirmation",
            bearer,
            "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
        ),
        shaped(
            "A sender-vouches confirmation",
            "no_subject_confirmation",
            bearer,
            "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches",
        ),
        signed_as(
            "A confirmation without SubjectConfirmationData",
            Sign::Assertion,
            "no_subject_confirmation",
            |xml| xml.replacen(part(xml, "<saml:SubjectConfirmationData", "/>"), "", 1),
        ),
        signed_as("No confirmation", Sign::Assertion, "no_subject_confirmation", |xml| {
            xml.replacen(part(xml, "<saml:SubjectConfirmation ", "</saml:SubjectConfirmation>"), "", 1)
        }),
        signed_as("No Subject", Sign::Assertion, "no_subject_confirmation", |xml| {
            xml.replacen(part(xml, "<saml:Subject>", "</saml:Subject>"), "", 1)
        }),
        signed_as("No Issuer in the assertion", Sign::Assertion, "issuer", |xml| {
            let issuer = part(assertion_of(xml), "<saml:Issuer>", "</saml:Issuer>");
            xml.replacen(assertion_of(xml), &assertion_of(xml).replacen(issuer, "", 1), 1)
        }),
        signed_as("An Issuer with another Format", Sign::Assertion, "issuer_format", |xml| {
            let format = "<saml:Issuer Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">";
            xml.replacen(assertion_of(xml), &assertion_of(xml).replacen("<saml:Issuer>", format, 1), 1)
        }),
        shaped("An element in the Audience", "audience", "<saml:Audience>", "<saml:Audience><saml:Audience/>"),
        cut("No Status", Sign::Assertion, "status", |xml| {
            xml.replacen(part(xml, "<samlp:Status>", "</samlp:Status>"), "", 1)
        }),
        cut("No assertion", Sign::Response, "no_assertion", |xml| xml.replacen(assertion_of(xml), "", 1)),
        shaped(
            "An Advice with an assertion",
            "advice",
            "<saml:AuthnStatement",
            "<saml:Advice><saml:Assertion ID=\"_a\"/></saml:Advice><saml:AuthnStatement",
        ),
        shaped("An encrypted NameID", "encrypted_id", "<saml:NameID", "<saml:EncryptedID/><saml:NameID"),
        shaped(
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
        signed_as("Two Issuers of the assertion", Sign::Assertion, "repeated_element", |xml| {
            let issuer = part(xml, "<saml:Issuer>", "</saml:Issuer>");
            xml.replacen("<saml:Subject>", &format!("{issuer}<saml:Subject>"), 1)
        }),
    ]
}
