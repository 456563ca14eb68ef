//! The identity in the message: none, several, or one that only a lenient parser finds.

use super::message::FORGED;
use super::{Attack, signed_in_form, swap, with_content};
use vestibule::saml::test_idp::Sign;

/// An attack in which the provider sends these values of the attribute `email`.
fn emails(name: &str, refused_as: &'static str, values: &'static [&'static str]) -> Attack {
    with_content(name, Sign::Assertion, refused_as, move |it| {
        it.attributes = vec![("email".into(), values.iter().map(|value| (*value).to_owned()).collect())];
    })
}

fn value(name: &str, refused_as: &'static str, text: &str) -> Attack {
    signed_in_form(
        name,
        Sign::Assertion,
        refused_as,
        swap("ann@acme.test</saml:AttributeValue>", &format!("{text}</saml:AttributeValue>")),
    )
}

fn name_id(name: &str, refused_as: &'static str, text: &str) -> Attack {
    let text = format!("{text}</saml:NameID>");
    signed_in_form(name, Sign::Assertion, refused_as, move |xml| {
        let named = xml.replacen("ann@acme.test</saml:NameID>", &text, 1);
        let statement = super::message::part(&named, "<saml:AttributeStatement>", "</saml:AttributeStatement>");
        named.replacen(statement, "", 1)
    })
}

pub fn attacks() -> Vec<Attack> {
    let mut all = vec![
        emails("Two addresses in one attribute", "several_emails", &["ann@acme.test", FORGED]),
        with_content("Two addresses in two attributes", Sign::Assertion, "several_emails", |it| {
            it.attributes.push(("mail".into(), vec![FORGED.into()]));
        }),
        with_content("Two addresses in attributes of one name", Sign::Assertion, "several_emails", |it| {
            it.attributes.push(("EMAIL".into(), vec![FORGED.into()]));
        }),
        emails("An empty address", "bad_email", &[""]),
        emails("An empty address next to a valid one", "bad_email", &["ann@acme.test", ""]),
        emails("No address", "bad_email", &["ann"]),
        emails("Two addresses in one value", "bad_email", &["ann@acme.test,eve@acme.test"]),
        emails("An address with a display name", "bad_email", &["Ann <ann@acme.test>"]),
        emails("Two @ in the address", "bad_email", &["eve@evil.test@acme.test"]),
        emails("A quoted local part", "bad_email", &["\"eve@evil.test\"@acme.test"]),
        emails("An address with an RFC 822 comment", "bad_email", &["ann@acme.test(eve)"]),
        emails("A domain in look-alike letters", "bad_email", &["ann@\u{430}cme.test"]),
        emails("A full-width letter", "bad_email", &["ann@\u{ff41}cme.test"]),
        emails("The Kelvin sign for a k", "bad_email", &["\u{212a}ate@acme.test"]),
        emails("A zero-width space", "bad_email", &["ann\u{200b}@acme.test"]),
        emails("A right-to-left mark", "bad_email", &["ann\u{202e}@acme.test"]),
        value("An address of 300 letters", "bad_email", &format!("{}@acme.test", "a".repeat(300))),
        value("A line break in the address", "bad_email", "ann@acme.test&#10;eve@acme.test"),
        value("A tab in the address", "bad_email", "ann@&#9;acme.test"),
        value("An element around the address", "bad_email", "<x xmlns=\"urn:x\"/>ann@acme.test"),
        value(
            "An address in an element",
            "bad_email",
            "</saml:AttributeValue><saml:AttributeValue><x xmlns=\"urn:x\">eve@acme.test</x>",
        ),
        name_id("No address in the NameID or in an attribute", "no_email", "x1"),
        name_id("A NameID that is not an address", "bad_email", "ann@"),
        name_id("An empty NameID", "empty_name_id", ""),
        name_id("An element in the NameID", "empty_name_id", "ann@acme.test<saml:Issuer/>"),
        name_id("A NameID in look-alike letters", "bad_email", "\u{430}nn@acme.test"),
    ];
    all.push(signed_in_form("A NameID for another application", Sign::Assertion, "name_qualifier", {
        swap("<saml:NameID ", "<saml:NameID SPNameQualifier=\"https://other.test\" ")
    }));
    all
}
