//! The list of all rules, in the order in which they are checked, with their requirements and sources.

use super::trace_words::trace_text;
use crate::domain::phrase::Phrase;
use serde_json::{Value, json};

/// A rule.
#[derive(Debug)]
pub struct RuleText {
    /// The stable name for programs.
    pub rule: &'static str,
    /// The catalogue key of the requirement.
    text: &'static str,
    /// The catalogue key of the name for people.
    name: &'static str,
    /// The specification and section that require the rule.
    pub source: &'static str,
}

impl RuleText {
    /// The name for people: the message `rule-name-NAME` of the catalogue.
    pub fn name(&self) -> Phrase {
        Phrase::keyed(self.name, Vec::new())
    }

    /// The requirement as a sentence: the message `rule-NAME` of the catalogue.
    pub fn asks(&self) -> Phrase {
        Phrase::keyed(self.text, Vec::new())
    }
}

macro_rules! rule {
    ($rule:literal, $source:literal) => {
        RuleText { rule: $rule, text: concat!("rule-", $rule), name: concat!("rule-name-", $rule), source: $source }
    };
}

/// All rules.
pub static RULES: [RuleText; 24] = [
    rule!("form", "SAML Core 3.3.3; our own limits on XML"),
    rule!("status", "SAML Core 3.2.2.2"),
    rule!("encryption", "SAML Core 2.3.4, 6; XML Encryption 1.1"),
    rule!("structure", "SAML Core 5.4; Profiles 4.1.4.2"),
    rule!("signed", "SAML Profiles 4.1.4.5"),
    rule!("certificate", "NIST SP 800-131A"),
    rule!("signature", "SAML Profiles 4.1.4.3"),
    rule!("version", "SAML Core 2.3.3, 3.2.2"),
    rule!("issuer", "SAML Profiles 4.1.4.2"),
    rule!("destination", "SAML Core 3.2.2"),
    rule!("in_response_to", "SAML Core 3.2.2"),
    rule!("issue_instant", "SAML Core 2.3.3, 3.2.2; the bound is ours"),
    rule!("subject_confirmation", "SAML Profiles 4.1.4.2"),
    rule!("recipient", "SAML Profiles 4.1.4.3"),
    rule!("subject_time", "SAML Profiles 4.1.4.3"),
    rule!("subject_in_response_to", "SAML Profiles 4.1.4.3"),
    rule!("conditions", "SAML Core 2.5.1; Profiles 4.1.4.2"),
    rule!("not_before", "SAML Core 2.5.1.2"),
    rule!("not_on_or_after", "SAML Core 2.5.1.2"),
    rule!("audience", "SAML Core 2.5.1.4; Profiles 4.1.4.2"),
    rule!("session", "SAML Core 2.7.2; Profiles 4.1.4.3"),
    rule!("authentication", "SAML Core 2.7.2, 3.4.1"),
    rule!("name_id", "SAML Core 2.2.2, 8.3"),
    rule!("email", "our own rule: people are identified here by e-mail address"),
];

/// The rule with this name; `None` for a rule of an older version that no longer exists.
pub fn rule_text(name: &str) -> Option<&'static RuleText> {
    RULES.iter().find(|one| one.rule == name)
}

/// Adds to each stored rule of the trace its name, requirement and source, in the language of the answer.
pub fn rules_told(stored: &Value) -> Value {
    let told = |rule: &Value| {
        let mut rule = rule.clone();
        if let Some(text) = rule["rule"].as_str().and_then(rule_text) {
            rule["name"] = json!(text.name().spoken());
            rule["asks"] = json!(text.asks().spoken());
            rule["source"] = json!(text.source);
        }
        add_texts(&mut rule);
        rule
    };
    stored.as_array().into_iter().flatten().map(told).collect()
}

/// Adds to a stored rule or refusal the translations of its expected and received values, if they are known texts.
pub(super) fn add_texts(line: &mut Value) {
    for (kept, told) in [("expected", "expected_text"), ("received", "received_text")] {
        let text = line[kept].as_str().and_then(trace_text);
        if let (Some(text), Some(line)) = (text, line.as_object_mut()) {
            line.insert(told.to_owned(), text.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_rule_with_its_requirement_and_source() {
        let documented = include_str!("../../docs/security.md");
        for one in &RULES {
            let row = format!("| `{}` | {} | {} |", one.rule, one.asks(), one.source);
            assert!(documented.contains(&row), "docs/security.md lacks {row}");
        }
    }

    #[test]
    fn every_rule_appears_once_and_has_a_requirement_and_a_source() {
        for (index, one) in RULES.iter().enumerate() {
            assert!(!RULES[..index].iter().any(|other| other.rule == one.rule), "{} stands twice", one.rule);
            assert!(one.asks().to_string().ends_with('.') && !one.source.is_empty(), "{}", one.rule);
        }
    }
}
