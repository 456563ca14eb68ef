//! Further content of a response, besides the results of the rules, for the trace and `saml explain`.

use super::dom::Element;
use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Content that the signature covers, whether or not the rules accepted the response. The trace stores it as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The time of issue, by the provider's clock. The trace stores it in a separate column.
    #[serde(skip)]
    pub issued_at: Option<Timestamp>,
    /// The fingerprint of the certificate that verified the signature.
    pub certificate: Option<String>,
    /// The attributes by name; `None` if their values are not kept.
    pub attributes: BTreeMap<String, Option<Vec<String>>>,
}

/// The limits for stored attributes: all together in bytes, one value in characters.
const MOST_BYTES: usize = 16 * 1024;
const MOST_CHARS: usize = 400;

impl Facts {
    /// The facts of an assertion and its attributes, without the certificate.
    pub(super) fn of(assertion: &Element, attributes: &BTreeMap<String, Vec<String>>) -> Self {
        Self {
            issued_at: assertion.attribute("IssueInstant").and_then(Timestamp::parse),
            certificate: None,
            attributes: attributes.iter().map(|(name, values)| (name.clone(), Some(values.clone()))).collect(),
        }
    }

    /// The facts within the limits of the trace: attributes that are too long or too many end in `[cut]`.
    #[must_use]
    pub fn bounded(&self) -> Self {
        Self { attributes: bounded(&self.attributes), ..self.clone() }
    }
}

fn bounded(attributes: &BTreeMap<String, Option<Vec<String>>>) -> BTreeMap<String, Option<Vec<String>>> {
    let mut left = MOST_BYTES;
    let mut bounded: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    for (name, values) in attributes {
        left = left.saturating_sub(name.len().min(MOST_CHARS));
        let kept = bounded.entry(cut(name)).or_insert(values.as_ref().map(|_| Vec::new()));
        let (Some(kept), Some(values)) = (kept, values) else { continue };
        for value in values.iter().map(|value| cut(value)) {
            if left < value.len() {
                kept.push("[cut]".into());
                return bounded;
            }
            left -= value.len();
            kept.push(value);
        }
    }
    bounded
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MOST_CHARS {
        return text.into();
    }
    text.chars().take(MOST_CHARS).chain(" [cut]".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stored form of these values.
    fn kept(values: &[String]) -> Vec<String> {
        let attributes = BTreeMap::from([("groups".to_owned(), Some(values.to_vec()))]);
        let bounded = Facts { attributes, ..Facts::default() }.bounded();
        bounded.attributes["groups"].clone().expect("values")
    }

    #[test]
    fn only_attributes_over_the_limits_are_cut() {
        let few = ["staff".to_owned(), "admins".to_owned()];
        assert_eq!(kept(&few), few);
        let many = kept(&vec!["x".repeat(100); 4000]);
        let bytes: usize = many.iter().map(String::len).sum();
        assert!(bytes <= MOST_BYTES + 10, "{bytes}");
        assert_eq!(many.last().map(String::as_str), Some("[cut]"));
        let long = kept(&["y".repeat(10_000)]);
        assert!(long[0].len() < 500 && long[0].ends_with("[cut]"));
    }
}
