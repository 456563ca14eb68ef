//! The rules by name, in the order in which they are judged: what each asks, and which text asks for it.

use serde_json::{Value, json};

/// A rule.
#[derive(Debug)]
pub struct RuleText {
    /// Its name, stable, for programs.
    pub rule: &'static str,
    /// Its requirement as a sentence.
    pub asks: &'static str,
    /// The source of the rule.
    pub source: &'static str,
}

const fn rule(rule: &'static str, asks: &'static str, source: &'static str) -> RuleText {
    RuleText { rule, asks, source }
}

/// All of them.
pub static RULES: [RuleText; 24] = [
    rule(
        "form",
        "The message is a SAML Response in plain XML that every parser reads in the same way.",
        "SAML Core 3.3.3; our own limits on XML",
    ),
    rule("status", "The provider says that the sign-in succeeded.", "SAML Core 3.2.2.2"),
    rule(
        "encryption",
        "An encrypted assertion has the form that we accept, and one of our keys decrypts it.",
        "SAML Core 2.3.4, 6; XML Encryption 1.1",
    ),
    rule(
        "structure",
        "It contains one assertion, and each signature covers the element that contains it.",
        "SAML Core 5.4; Profiles 4.1.4.2",
    ),
    rule("signed", "The response or the assertion is signed.", "SAML Profiles 4.1.4.5"),
    rule("certificate", "The connection has a certificate whose key is strong enough.", "NIST SP 800-131A"),
    rule(
        "signature",
        "The signature was made with such a certificate's key, and nothing has changed since.",
        "SAML Profiles 4.1.4.3",
    ),
    rule("version", "It uses SAML version 2.0.", "SAML Core 2.3.3, 3.2.2"),
    rule(
        "issuer",
        "It comes from the connection's provider: Issuer is the entity ID in the SSO settings.",
        "SAML Profiles 4.1.4.2",
    ),
    rule("destination", "The response was sent to our Callback URL: Destination, if present.", "SAML Core 3.2.2"),
    rule("in_response_to", "The response answers the request that began this sign-in.", "SAML Core 3.2.2"),
    rule(
        "issue_instant",
        "It was issued just now: IssueInstant is within five minutes, plus the allowed clock skew.",
        "SAML Core 2.3.3, 3.2.2; the bound is ours",
    ),
    rule(
        "subject_confirmation",
        "The assertion is meant to be presented by the browser that bears it: SubjectConfirmation with method bearer.",
        "SAML Profiles 4.1.4.2",
    ),
    rule("recipient", "The assertion was made for our Callback URL: Recipient.", "SAML Profiles 4.1.4.3"),
    rule(
        "subject_time",
        "The assertion may be delivered now: NotOnOrAfter of the SubjectConfirmationData.",
        "SAML Profiles 4.1.4.3",
    ),
    rule(
        "subject_in_response_to",
        "The assertion answers the request that began this sign-in.",
        "SAML Profiles 4.1.4.3",
    ),
    rule(
        "conditions",
        "The assertion states the conditions under which it is valid.",
        "SAML Core 2.5.1; Profiles 4.1.4.2",
    ),
    rule("not_before", "The assertion has become valid: NotBefore.", "SAML Core 2.5.1.2"),
    rule("not_on_or_after", "The assertion has not expired: NotOnOrAfter.", "SAML Core 2.5.1.2"),
    rule(
        "audience",
        "The assertion was made for us: Audience is our Entity ID.",
        "SAML Core 2.5.1.4; Profiles 4.1.4.2",
    ),
    rule(
        "session",
        "The provider's own session has not ended: SessionNotOnOrAfter.",
        "SAML Core 2.7.2; Profiles 4.1.4.3",
    ),
    rule(
        "authentication",
        "If the request asked for a fresh sign-in, the person signed in after it: AuthnInstant.",
        "SAML Core 2.7.2, 3.4.1",
    ),
    rule("name_id", "A NameID, if present, names a person and was issued for us.", "SAML Core 2.2.2, 8.3"),
    rule(
        "email",
        "It contains one e-mail address: in an attribute such as email, or else as the NameID.",
        "our own rule: people are identified here by e-mail address",
    ),
];

/// The requirement of a rule; nothing for one of an older version.
pub fn rule_text(name: &str) -> Option<&'static RuleText> {
    RULES.iter().find(|one| one.rule == name)
}

/// Rules as the trace keeps them, each with what it asks and its source.
pub fn rules_told(stored: &Value) -> Value {
    let told = |rule: &Value| {
        let mut rule = rule.clone();
        if let Some(text) = rule["rule"].as_str().and_then(rule_text) {
            rule["asks"] = json!(text.asks);
            rule["source"] = json!(text.source);
        }
        rule
    };
    stored.as_array().into_iter().flatten().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_tells_every_rule_as_the_code_does() {
        let documented = include_str!("../../docs/security.md");
        for one in &RULES {
            let row = format!("| `{}` | {} | {} |", one.rule, one.asks, one.source);
            assert!(documented.contains(&row), "docs/security.md lacks {row}");
        }
    }

    #[test]
    fn every_rule_stands_once_and_says_what_it_asks_and_where_that_is_written() {
        for (index, one) in RULES.iter().enumerate() {
            assert!(!RULES[..index].iter().any(|other| other.rule == one.rule), "{} stands twice", one.rule);
            assert!(one.asks.ends_with('.') && !one.source.is_empty(), "{}", one.rule);
        }
    }
}
