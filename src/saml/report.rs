//! The verdict on a response: every rule, and the identity or the refusal.

use super::Facts;
use super::refusal::{Product, Refusal};
use super::ruleset::{RULES, rules_told};
use crate::domain::{Email, Name, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// The person that a verified assertion names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// By the e-mail rule.
    pub email: Email,
    /// As it came.
    pub name_id: String,
    /// Its format, where it has one.
    pub name_id_format: Option<String>,
    /// The provider's own session.
    pub session_index: Option<String>,
    /// Name -> values; several Attribute elements of one name are joined.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Their name, if an attribute has it.
    #[serde(skip)]
    pub name: Option<Name>,
    /// Remembered, so that it works once.
    #[serde(skip)]
    pub assertion_id: String,
    /// How long it must be remembered: until it would be refused for its age anyway.
    #[serde(skip)]
    pub not_on_or_after: Timestamp,
    /// When the provider says that its session ends.
    #[serde(skip)]
    pub session_not_on_or_after: Option<Timestamp>,
    /// The place among our keys of the one that opened the assertion, where it was encrypted.
    #[serde(skip)]
    pub opened_with: Option<usize>,
}

/// One rule, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name.
    pub rule: &'static str,
    /// Passed, failed, or (`None`) not judged.
    pub ok: Option<bool>,
    /// The expected value.
    pub expected: String,
    /// The received value.
    pub received: String,
}

/// Every rule in order, and what came of them.
#[derive(Debug)]
pub struct Report {
    /// All of them, also those that could not be judged.
    pub rules: Vec<Rule>,
    /// The identity, or the first rule that failed.
    pub outcome: Result<Identity, Refusal>,
    /// Warnings that are no reason to refuse.
    pub warnings: Vec<String>,
    /// The signed content.
    pub facts: Facts,
}

impl Report {
    /// `{accepted, rules, warnings, certificate, issued_at, refusal?, identity?}`, what to fix, in the words of these products.
    pub fn to_json(&self, products: &[Product]) -> serde_json::Value {
        let mut json = serde_json::json!({
            "accepted": self.outcome.is_ok(), "rules": rules_told(&serde_json::json!(self.rules)), "warnings": self.warnings,
            "certificate": self.facts.certificate, "issued_at": self.facts.issued_at,
        });
        match &self.outcome {
            Ok(identity) => json["identity"] = serde_json::json!(identity),
            Err(refusal) => json["refusal"] = Refusal::told(&refusal.to_stored(), products),
        }
        json
    }
}

/// A rule's name, and why it failed.
pub(super) type Failed = (&'static str, Refusal);

/// Every rule, by name, in order.
pub(super) fn blank_rules() -> Vec<Rule> {
    RULES
        .iter()
        .map(|text| Rule { rule: text.rule, ok: None, expected: String::new(), received: String::new() })
        .collect()
}
