//! The valid message on which every attack is based, and functions that take its text apart.

use super::KEY;
use vestibule::domain::Timestamp;
use vestibule::saml::test_idp::{Minted, ReceivedRequest, Sign};

pub const NOW: Timestamp = Timestamp(1_795_510_800);
pub const ISSUER: &str = "https://idp.test/metadata";
pub const ACS: &str = "https://sp.test/saml/1/acs";
pub const AUDIENCE: &str = "https://sp.test/saml/1/metadata";
pub const REQUEST: &str = "_request1";
/// The person named in the valid message.
pub const PERSON: &str = "ann@acme.test";
/// The person as whom an attacker wants to be signed in.
pub const FORGED: &str = "eve@acme.test";

/// A valid response with ids that the attacks can use: `_response1` and `_assertion1`.
pub fn valid_message() -> Minted {
    let request = ReceivedRequest { id: REQUEST.into(), issuer: AUDIENCE.into(), acs_url: ACS.into() };
    let mut minted = Minted::answer(&request, ISSUER, PERSON, NOW);
    minted.response_id = "_response1".into();
    minted.assertion_id = "_assertion1".into();
    minted
}

/// The valid message, whose text is changed before the provider signs its response or its assertion.
pub fn formed(sign: Sign, form: impl Fn(&str) -> String) -> String {
    let (start, id) = match sign {
        Sign::Response => ("<samlp:Response", "_response1"),
        _ => ("<saml:Assertion", "_assertion1"),
    };
    let xml = valid_message().sign(&KEY, Sign::Nothing);
    let element = xml.find(start).expect("the element");
    let at = element + xml[element..].find("</saml:Issuer>").expect("its issuer") + "</saml:Issuer>".len();
    KEY.fill_signature(&form(&format!("{}{}{}", &xml[..at], KEY.empty_signature(id), &xml[at..])))
}

/// The text from the first `start` to the next `end`, including both.
pub fn part<'a>(xml: &'a str, start: &str, end: &str) -> &'a str {
    let from = xml.find(start).unwrap_or_else(|| panic!("no {start}"));
    let to = from + xml[from..].find(end).unwrap_or_else(|| panic!("no {end}")) + end.len();
    &xml[from..to]
}

pub fn assertion_of(xml: &str) -> &str {
    part(xml, "<saml:Assertion", "</saml:Assertion>")
}

pub fn signature_of(xml: &str) -> &str {
    part(xml, "<ds:Signature ", "</ds:Signature>")
}

pub fn without_signature(xml: &str) -> String {
    xml.replacen(signature_of(xml), "", 1)
}

/// The message with the identity that the attacker wants.
pub fn forged(xml: &str) -> String {
    xml.replace(PERSON, FORGED)
}

/// Inserts text after the first Issuer, where a signature belongs.
pub fn behind_issuer(xml: &str, text: &str) -> String {
    xml.replacen("</saml:Issuer>", &format!("</saml:Issuer>{text}"), 1)
}

/// The concatenated pieces for the numbers below `count`.
pub fn row(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().concat()
}
