//! What a response said, beside the verdict on it: for the trace, and for whoever explains it.

use super::{Refusal, Report};
use crate::domain::Timestamp;
use std::collections::BTreeMap;

/// What the signature covers, whatever came of the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// When the provider made it, by the provider's clock.
    pub issued_at: Option<Timestamp>,
    /// The fingerprint of the certificate that fits the signature.
    pub certificate: Option<String>,
    /// Name -> values.
    pub attributes: BTreeMap<String, Vec<String>>,
}

/// The rules that tell who the person is.
const PERSONAL: [&str; 2] = ["name_id", "email"];
/// The reasons that quote it.
const PERSONAL_REASONS: [&str; 3] = ["no_email", "several_emails", "bad_email"];
const HIDDEN: &str = "[hidden]";

impl Report {
    /// The same without the values that the provider sent of the person; the names of its attributes stay. Whom an accepted
    /// response names stays too: that is who signs in.
    #[must_use]
    pub fn without_values(mut self) -> Self {
        for rule in self.rules.iter_mut().filter(|rule| PERSONAL.contains(&rule.rule) && rule.ok.is_some()) {
            HIDDEN.clone_into(&mut rule.received);
        }
        self.facts.attributes.values_mut().for_each(Vec::clear);
        self.outcome = self.outcome.map_err(without_value);
        self
    }
}

fn without_value(refusal: Refusal) -> Refusal {
    if PERSONAL_REASONS.contains(&refusal.reason.code) {
        Refusal { received: HIDDEN.into(), ..refusal }
    } else {
        refusal
    }
}
