//! The references of signatures to the elements that they cover.

use super::message::part;
use super::{Attack, cut, swap};
use vestibule::saml::test_idp::Sign;

const URI: &str = " URI=\"#_assertion1\"";

/// Changes the URI of the Reference.
fn to(name: &str, uri: &str) -> Attack {
    cut(name, Sign::Assertion, "signature_reference", swap(URI, &format!(" URI=\"{uri}\"")))
}

fn in_key_info(name: &str, what: &str) -> Attack {
    cut(name, Sign::Assertion, "signature_shape", swap("</ds:KeyInfo>", &format!("{what}</ds:KeyInfo>")))
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
        to("A Reference to http", "http://127.0.0.1:1/x"),
        to("A Reference to a file", "file:///dev/zero"),
        to("A Reference to the whole document", ""),
        to("A Reference to another element", "#_response1"),
        to("A Reference to an absent element", "#_nothing"),
        to("A Reference without #", "_assertion1"),
        to("A Reference with an XPointer to the root", "#xpointer(/)"),
        to("A Reference with an XPointer to the id", "#xpointer(id('_assertion1'))"),
        to("A Reference with the element() scheme", "#element(_assertion1)"),
        to("A Reference with spaces", "# _assertion1"),
        to("A percent-encoded Reference", "#%5Fassertion1"),
        to("A Reference in another case", "#_Assertion1"),
        to("A Reference to the id twice", "#_assertion1#_assertion1"),
        to("A Reference with a path before the id", "x#_assertion1"),
        cut("A Reference without URI", Sign::Assertion, "signature_reference", swap(URI, "")),
        cut("No Reference", Sign::Assertion, "signature_shape", |xml| {
            xml.replacen(part(xml, "<ds:Reference", "</ds:Reference>"), "", 1)
        }),
        cut("Two References", Sign::Assertion, "signature_shape", references(1)),
        cut("5,000 References", Sign::Assertion, "signature_shape", references(5000)),
        cut("A Manifest in an Object", Sign::Assertion, "signature_shape", swap("</ds:Signature>", manifest)),
        in_key_info("A RetrievalMethod to http", "<ds:RetrievalMethod URI=\"http://127.0.0.1:1/\"/>"),
        in_key_info("A RetrievalMethod to a file", "<ds:RetrievalMethod URI=\"file:///dev/zero\"/>"),
        in_key_info("A Reference in the KeyInfo", "<ds:Reference URI=\"#_assertion1\"/>"),
        cut("The Reference without a namespace", Sign::Assertion, "unknown_namespace", |xml| {
            xml.replacen("<ds:Reference", "<Reference", 1).replacen("</ds:Reference>", "</Reference>", 1)
        }),
    ]
}
