//! The content of a response besides the verdict, for the trace and `saml explain`.

use crate::domain::Timestamp;
use std::collections::BTreeMap;

/// The content that the signature covers, whatever the rules decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// When the provider made it, by the provider's clock.
    pub issued_at: Option<Timestamp>,
    /// The fingerprint of the certificate that fits the signature.
    pub certificate: Option<String>,
    /// Name -> values.
    pub attributes: BTreeMap<String, Vec<String>>,
}

/// The most that is kept of all attributes, in bytes, and of one value, in characters.
const MOST_BYTES: usize = 16 * 1024;
const MOST_CHARS: usize = 400;

impl Facts {
    /// The attributes as the trace may keep them: what is too long, or too many, ends in `[cut]`.
    pub fn bounded_attributes(&self) -> BTreeMap<String, Vec<String>> {
        let mut left = MOST_BYTES;
        let mut bounded: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, values) in &self.attributes {
            let kept = bounded.entry(cut(name)).or_default();
            left = left.saturating_sub(name.len().min(MOST_CHARS));
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

    fn facts(values: Vec<String>) -> Facts {
        Facts { attributes: BTreeMap::from([("groups".into(), values)]), ..Facts::default() }
    }

    #[test]
    fn attributes_are_kept_whole_while_they_are_few_and_cut_where_they_are_many_or_long() {
        let few = facts(vec!["staff".into(), "admins".into()]);
        assert_eq!(few.bounded_attributes(), few.attributes);
        let many = facts(vec!["x".repeat(100); 4000]).bounded_attributes();
        let bytes: usize = many["groups"].iter().map(String::len).sum();
        assert!(bytes <= MOST_BYTES + 10, "{bytes}");
        assert_eq!(many["groups"].last().map(String::as_str), Some("[cut]"));
        let long = facts(vec!["y".repeat(10_000)]).bounded_attributes();
        assert!(long["groups"][0].len() < 500 && long["groups"][0].ends_with("[cut]"));
    }
}
