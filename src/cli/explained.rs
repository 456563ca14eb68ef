//! The output of `vestibule saml explain`: every rule, the facts of the message, and the change that fixes a refusal.

use crate::domain::Timestamp;
use crate::saml::{Facts, Product, Refusal, Report, Rule, rule_text};

/// Prints a report, with the names of settings that these products use. `now`: the time as of which it was checked.
pub fn print(report: &Report, products: &[Product], now: Timestamp) {
    report.rules.iter().for_each(print_rule);
    print_facts(&report.facts, now);
    for warning in &report.warnings {
        say!("Note: {warning}");
    }
    say!();
    match &report.outcome {
        Ok(identity) => say!("Accepted: {}", identity.email),
        Err(refusal) => print_refusal(refusal, products),
    }
}

fn print_rule(rule: &Rule) {
    let mark = match rule.ok {
        Some(true) => "passed",
        Some(false) => "FAILED",
        None => "-",
    };
    let text = rule_text(rule.rule);
    say!("{mark:7} {:22} {}", rule.rule, text.map(|text| text.asks().to_string()).unwrap_or_default());
    if rule.ok == Some(false) {
        say!("{:30} expected: {}", "", rule.expected);
        say!("{:30} received: {}", "", rule.received);
        say!("{:30} source:   {}", "", text.map_or("", |text| text.source));
    }
}

fn print_facts(facts: &Facts, now: Timestamp) {
    let Some(certificate) = &facts.certificate else { return };
    say!("\nSigned by the certificate {certificate}");
    if let Some(issued_at) = facts.issued_at {
        say!("Issued at {issued_at} by the provider's clock, checked as of {now}: {} s later", now.0 - issued_at.0);
    }
    for (name, values) in &facts.attributes {
        say!("Attribute {name}: {}", values.as_deref().unwrap_or_default().join(", "));
    }
}

fn print_refusal(refusal: &Refusal, products: &[Product]) {
    let reason = refusal.reason;
    say!("Refused ({}): {}", reason.code, reason.message());
    say!("Cause: {}", reason.cause());
    say!("What to change: {}", reason.fix.what());
    for (product, place) in products.iter().filter_map(|one| Some((one, reason.fix.place(*one)?))) {
        say!("  {}: {place}", product.name());
    }
}
