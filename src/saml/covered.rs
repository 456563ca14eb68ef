//! The part of a response that its signatures cover.

use super::dom::{self, Element};
use super::ns;
use super::profile::Signed;
use super::refusal::{Refusal, reasons};
use super::report::Failed;

/// The content of a verified signature: parsed from the bytes that it covers, not from the received message.
pub(super) struct Covered {
    /// The whole response, where it is signed.
    pub response: Option<Element>,
    /// The assertion, where it is signed alone, or was encrypted.
    pub assertion: Option<Element>,
    /// The place of the key of ours that opened it.
    pub opened_with: Option<usize>,
}

impl Covered {
    /// The one assertion.
    pub fn assertion(&self) -> &Element {
        match (&self.response, &self.assertion) {
            (_, Some(assertion)) => assertion,
            // `signature` made sure that there is one.
            (Some(response), None) => response.child(ns::ASSERTION, "Assertion").unwrap_or(response),
            (None, None) => unreachable!("nothing is covered only where nothing was verified"),
        }
    }
}

/// True if it is the element that the form promised.
fn same(one: &Element, other: &Element) -> bool {
    one.is(&other.namespace, &other.name)
        && one.attribute("ID").is_some()
        && one.attribute("ID") == other.attribute("ID")
}

/// Reads what is covered, and checks that it is the element that the form promised.
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

/// The same for a response whose assertion is encrypted still.
pub(super) fn covered_response(covered: &str, root: &Element) -> Result<Element, Failed> {
    dom::parse(covered).ok().filter(|element| same(element, root)).ok_or_else(not_as_promised)
}

pub(super) fn not_as_promised() -> Failed {
    ("signature", Refusal::new(&reasons::BROKEN, "the signed element as the document has it", "another one"))
}
