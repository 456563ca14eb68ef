//! Reads a person's name from the attributes of an assertion.

use crate::domain::Name;
use std::collections::BTreeMap;

/// The names of attributes with the whole name, compared without case: plain names, those of Microsoft's and OASIS'
/// claims, and OIDs.
const WHOLE: [&str; 8] = [
    "displayname",
    "user.displayname",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "urn:mace:dir:attribute-def:displayname",
    "http://schemas.microsoft.com/identity/claims/displayname",
    "cn",
    "urn:oid:2.5.4.3",
    "name",
];
const GIVEN: [&str; 7] = [
    "givenname",
    "firstname",
    "first_name",
    "user.firstname",
    "urn:oid:2.5.4.42",
    "urn:mace:dir:attribute-def:givenname",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
];
const FAMILY: [&str; 9] = [
    "sn",
    "surname",
    "familyname",
    "lastname",
    "last_name",
    "user.lastname",
    "urn:oid:2.5.4.4",
    "urn:mace:dir:attribute-def:sn",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
];

/// The person's name: an attribute with the whole name, or else the given and family names. Values that are not valid
/// names are ignored, and so are e-mail addresses, which some providers send as a name.
pub(super) fn person_name(attributes: &BTreeMap<String, Vec<String>>) -> Option<Name> {
    let whole = WHOLE.iter().find_map(|wanted| first(attributes, wanted));
    whole.or_else(|| {
        let part =
            |names: &[&str]| names.iter().find_map(|wanted| first(attributes, wanted)).map(|name| name.to_string());
        let parts: Vec<_> = [part(&GIVEN), part(&FAMILY)].into_iter().flatten().collect();
        Name::parse("name", &parts.join(" ")).ok()
    })
}

fn first(attributes: &BTreeMap<String, Vec<String>>, wanted: &str) -> Option<Name> {
    let named = attributes.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let mut values = named.flat_map(|(_, values)| values);
    values.find_map(|value| Name::parse("name", value).ok().filter(|name| !name.as_str().contains('@')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(attributes: &[(&str, &[&str])]) -> Option<String> {
        let values = |values: &[&str]| values.iter().map(ToString::to_string).collect();
        let attributes = attributes.iter().map(|(name, all)| ((*name).to_owned(), values(all))).collect();
        person_name(&attributes).map(|name| name.to_string())
    }

    #[test]
    fn a_whole_name_is_preferred_to_its_parts_under_every_known_attribute() {
        for whole in WHOLE {
            let name = named(&[(whole, &["Ann Ångström"]), ("givenName", &["Anna"]), ("sn", &["A."])]);
            assert_eq!(name.as_deref(), Some("Ann Ångström"), "{whole}");
        }
        for (given, family) in GIVEN.iter().zip(&FAMILY) {
            let name = named(&[(&given.to_uppercase(), &["Ann"]), (family, &["Ångström"])]);
            assert_eq!(name.as_deref(), Some("Ann Ångström"), "{given} {family}");
        }
        assert_eq!(named(&[("sn", &["Ångström"])]).as_deref(), Some("Ångström"));
        assert_eq!(named(&[("mail", &["ann@acme.test"]), ("groups", &["staff"])]), None);
    }

    #[test]
    fn invalid_names_are_ignored() {
        for bad in ["", "  ", "ann@acme.test", "Ann\u{202e}", "a\nb", &"x".repeat(101)] {
            let fallen_back = named(&[("displayName", &[bad]), ("givenName", &[bad, "Ann"])]);
            assert_eq!(fallen_back.as_deref(), Some("Ann"), "{bad:?}");
            assert_eq!(named(&[("displayName", &[bad])]), None, "{bad:?}");
        }
        let long = "x".repeat(60);
        assert_eq!(named(&[("givenName", &[&long]), ("sn", &[&long])]), None);
    }
}
