//! Messages that the same provider signed for another organisation, another application or another sign-in.

use super::{Attack, with_content};
use vestibule::saml::test_idp::{Minted, Sign};

const OTHER_ACS: &str = "https://sp.test/saml/2/acs";
const OTHER_AUDIENCE: &str = "https://sp.test/saml/2/metadata";

fn both(name: &str, refused_as: &'static str, say: impl Fn(&mut Minted) + 'static) -> Attack {
    with_content(name, Sign::Both, refused_as, say)
}

pub fn attacks() -> Vec<Attack> {
    vec![
        both("A complete response for another organisation of this server", "destination", |it| {
            it.destination = Some(OTHER_ACS.into());
            it.recipient = Some(OTHER_ACS.into());
            it.audiences = vec![OTHER_AUDIENCE.into()];
        }),
        with_content(
            "An assertion for another organisation in an unsigned response",
            Sign::Assertion,
            "recipient",
            |it| {
                it.recipient = Some(OTHER_ACS.into());
                it.audiences = vec![OTHER_AUDIENCE.into()];
            },
        ),
        both("Only the audience of another organisation", "audience", |it| it.audiences = vec![OTHER_AUDIENCE.into()]),
        both("Only the recipient of another organisation", "recipient", |it| it.recipient = Some(OTHER_ACS.into())),
        both("Only the destination of another organisation", "destination", |it| {
            it.destination = Some(OTHER_ACS.into());
        }),
        both("Our callback URL as audience", "audience", |it| it.audiences = vec![super::ACS.into()]),
        both("Our entity ID as recipient", "recipient", |it| it.recipient = Some(super::AUDIENCE.into())),
        both("Our callback URL over http", "destination", |it| {
            it.destination = Some(super::ACS.replace("https", "http"));
        }),
        both("Our callback URL with a query", "recipient", |it| it.recipient = Some(format!("{}?x", super::ACS))),
        both("Our callback URL in another case", "recipient", |it| it.recipient = Some(super::ACS.to_uppercase())),
        both("Our entity ID in another case", "audience", |it| it.audiences = vec![super::AUDIENCE.to_uppercase()]),
        with_content(
            "An assertion of an earlier sign-in in a new response",
            Sign::Assertion,
            "subject_in_response_to",
            |it| {
                it.subject_in_response_to = Some("_earlier".into());
            },
        ),
    ]
}
