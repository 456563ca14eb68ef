//! The result of verifying a response: every rule, and the identity or the refusal.

use super::Facts;
use super::refusal::{Product, Refusal};
use super::ruleset::{RULES, rules_told};
use crate::domain::{Email, Name, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// The person whom a verified assertion identifies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The e-mail address, found by the rule `email`.
    pub email: Email,
    /// The NameID, unchanged.
    pub name_id: String,
    /// The format of the NameID, if any.
    pub name_id_format: Option<String>,
    /// The provider's id of its session.
    pub session_index: Option<String>,
    /// The attributes by name. The values of several Attribute elements with one name are joined.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The person's name, if an attribute has it.
    #[serde(skip)]
    pub name: Option<Name>,
    /// The assertion's ID, which is stored so that it works once.
    #[serde(skip)]
    pub assertion_id: String,
    /// The time until which the ID must be stored; later it would be refused for its age anyway.
    #[serde(skip)]
    pub not_on_or_after: Timestamp,
    /// The end of the provider's session, if the assertion has it.
    #[serde(skip)]
    pub session_not_on_or_after: Option<Timestamp>,
    /// The index of the key that decrypted the assertion, if it was encrypted.
    #[serde(skip)]
    pub opened_with: Option<usize>,
}

/// The result of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The stable name of the rule.
    pub rule: &'static str,
    /// True if it passed, false if it failed, `None` if it was not checked.
    pub ok: Option<bool>,
    /// The expected value.
    pub expected: String,
    /// The received value.
    pub received: String,
}

/// The result of verifying a response.
#[derive(Debug)]
pub struct Report {
    /// All rules in order, including those that were not checked.
    pub rules: Vec<Rule>,
    /// The identity, or the first rule that failed.
    pub outcome: Result<Identity, Refusal>,
    /// Warnings that do not cause a refusal.
    pub warnings: Vec<String>,
    /// Further content that the signature covers.
    pub facts: Facts,
}

impl Report {
    /// `{accepted, rules, warnings, certificate, issued_at, refusal?, identity?}`. The refusal says what to fix, in the
    /// terms of these products.
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

/// The name of a failed rule, and its refusal.
pub(super) type Failed = (&'static str, Refusal);

/// All rules in order, not checked yet.
pub(super) fn blank_rules() -> Vec<Rule> {
    RULES
        .iter()
        .map(|text| Rule { rule: text.rule, ok: None, expected: String::new(), received: String::new() })
        .collect()
}
