//! The references of signatures to the elements that they cover.

use super::message::part;
use super::{Attack, altered, swap};
use vestibule::saml::test_idp::Sign;

const URI: &str = " URI=\"#_assertion1\"";

/// An attack that changes the URI of the Reference.
fn with_uri(name: &str, uri: &str) -> Attack {
    altered(name, Sign::Assertion, "signature_reference", swap(URI, &format!(" URI=\"{uri}\"")))
}

fn in_key_info(name: &str, what: &str) -> Attack {
    altered(name, Sign::Assertion, "signature_shape", swap("</ds:KeyInfo>", &format!("{what}</ds:KeyInfo>")))
}

fn references(count: usize) -> impl Fn(&str) -> String + use<> {
    move |xml| {
        let reference = part(xml, "<ds:Reference", "</ds:Reference>");
        let short = "<ds:Reference URI=\"#_x\"/>".repeat(count);
        xml.replacen(reference, &format!("{reference}{short}"), 1)
    }
}

pub fn attacks() -> Vec<Attack> {
    let manifest =
        "<ds:Object><ds:Manifest><ds:Reference URI=\"file:///dev/zero\"/></ds:Manifest></ds:Object></ds:Signature>";
    vec![
        with_uri("A Reference to http", "http://127.0.0.1:1/x"),
        with_uri("A Reference to a file", "file:///dev/zero"),
        with_uri("A Reference to the whole document", ""),
        with_uri("A Reference to another element", "#_response1"),
        with_uri("A Reference to an absent element", "#_nothing"),
        with_uri("A Reference without #", "_assertion1"),
        with_uri("A Reference with an XPointer to the root", "#xpointer(/)"),
        with_uri("A Reference with an XPointer to the id", "#xpointer(id('_assertion1'))"),
        with_uri("A Reference with the element() scheme", "#element(_assertion1)"),
        with_uri("A Reference with spaces", "# _assertion1"),
        with_uri("A percent-encoded Reference", "#%5Fassertion1"),
        with_uri("A Reference in another case", "#_Assertion1"),
        with_uri("A Reference to the id twice", "#_assertion1#_assertion1"),
        with_uri("A Reference with a path before the id", "x#_assertion1"),
        altered("A Reference without URI", Sign::Assertion, "signature_reference", swap(URI, "")),
        altered("No Reference", Sign::Assertion, "signature_shape", |xml| {
            xml.replacen(part(xml, "<ds:Reference", "</ds:Reference>"), "", 1)
        }),
        altered("Two References", Sign::Assertion, "signature_shape", references(1)),
        altered("5,000 References", Sign::Assertion, "signature_shape", references(5000)),
        altered("A Manifest in an Object", Sign::Assertion, "signature_shape", swap("</ds:Signature>", manifest)),
        in_key_info("A RetrievalMethod to http", "<ds:RetrievalMethod URI=\"http://127.0.0.1:1/\"/>"),
        in_key_info("A RetrievalMethod to a file", "<ds:RetrievalMethod URI=\"file:///dev/zero\"/>"),
        in_key_info("A Reference in the KeyInfo", "<ds:Reference URI=\"#_assertion1\"/>"),
        altered("The Reference without a namespace", Sign::Assertion, "unknown_namespace", |xml| {
            xml.replacen("<ds:Reference", "<Reference", 1).replacen("</ds:Reference>", "</Reference>", 1)
        }),
    ]
}
