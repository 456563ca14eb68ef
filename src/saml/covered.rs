//! The content of a response that its signatures cover.

use super::dom::{self, Element};
use super::ns;
use super::profile::Signed;
use super::refusal::{Refusal, reasons};
use super::report::Failed;

/// The content that a verified signature covers. It is parsed from the bytes that were verified, not from the received
/// message.
pub(super) struct Covered {
    /// The whole response, if it is signed.
    pub response: Option<Element>,
    /// The assertion, if only it is signed or if it was encrypted and signed.
    pub assertion: Option<Element>,
    /// The index of the key that decrypted the assertion, if it was encrypted.
    pub opened_with: Option<usize>,
}

impl Covered {
    /// The assertion.
    pub fn assertion(&self) -> &Element {
        match (&self.response, &self.assertion) {
            (_, Some(assertion)) => assertion,
            // `covered_element` or `inside_signed` has checked that there is one.
            (Some(response), None) => response.child(ns::ASSERTION, "Assertion").unwrap_or(response),
            (None, None) => unreachable!("nothing is covered only where nothing was verified"),
        }
    }
}

/// True if both have the same name and the same ID.
fn same(one: &Element, other: &Element) -> bool {
    one.is(&other.namespace, &other.name)
        && one.attribute("ID").is_some()
        && one.attribute("ID") == other.attribute("ID")
}

/// Parses the covered text, and checks that it is the signed element of `root`.
pub(super) fn covered_element(covered: &str, root: &Element, signed: Signed) -> Option<Covered> {
    let element = dom::parse(covered).ok()?;
    let promised = root.child(ns::ASSERTION, "Assertion")?;
    if signed.response {
        let one = element.all(ns::ASSERTION, "Assertion").count() == 1;
        let inner = element.child(ns::ASSERTION, "Assertion").is_some_and(|inner| same(inner, promised));
        let right = one && inner && same(&element, root);
        return right.then_some(Covered { response: Some(element), assertion: None, opened_with: None });
    }
    same(&element, promised).then_some(Covered { response: None, assertion: Some(element), opened_with: None })
}

/// Parses the covered text of a signed response whose assertion is still encrypted, and checks that it is `root`.
pub(super) fn covered_response(covered: &str, root: &Element) -> Result<Element, Failed> {
    dom::parse(covered).ok().filter(|element| same(element, root)).ok_or_else(not_as_promised)
}

pub(super) fn not_as_promised() -> Failed {
    ("signature", Refusal::new(&reasons::BROKEN, "the signed element, as it is in the document", "another element"))
}
