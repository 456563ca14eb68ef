//! The content of a response besides the verdict, for the trace and `saml explain`.

use super::dom::Element;
use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The content that the signature covers, whatever the rules decided. The trace stores it as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// When the provider made it, by the provider's clock. The trace has it in a column of its own.
    #[serde(skip)]
    pub issued_at: Option<Timestamp>,
    /// The fingerprint of the certificate that fits the signature.
    pub certificate: Option<String>,
    /// Name -> values; `None` where values are not kept.
    pub attributes: BTreeMap<String, Option<Vec<String>>>,
}

/// The most that is kept of all attributes, in bytes, and of one value, in characters.
const MOST_BYTES: usize = 16 * 1024;
const MOST_CHARS: usize = 400;

impl Facts {
    /// Of an assertion and its attributes, but for the certificate.
    pub(super) fn of(assertion: &Element, attributes: &BTreeMap<String, Vec<String>>) -> Self {
        Self {
            issued_at: assertion.attribute("IssueInstant").and_then(Timestamp::parse),
            certificate: None,
            attributes: attributes.iter().map(|(name, values)| (name.clone(), Some(values.clone()))).collect(),
        }
    }

    /// As the trace may keep them: attributes that are too long, or too many, end in `[cut]`.
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

    /// What is kept of these values.
    fn kept(values: &[String]) -> Vec<String> {
        let attributes = BTreeMap::from([("groups".to_owned(), Some(values.to_vec()))]);
        let bounded = Facts { attributes, ..Facts::default() }.bounded();
        bounded.attributes["groups"].clone().expect("values")
    }

    #[test]
    fn attributes_are_kept_whole_while_they_are_few_and_cut_where_they_are_many_or_long() {
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
