//! Removes the values about a person from a report, for operators who choose not to store them.

use super::Report;
use super::refusal::{Reason, Refusal, reasons};

/// The rules whose received value identifies the person.
const PERSONAL: [&str; 2] = ["name_id", "email"];
/// The reasons whose received value identifies the person.
static PERSONAL_REASONS: [&Reason; 4] =
    [&reasons::NO_EMAIL, &reasons::SEVERAL_EMAILS, &reasons::BAD_EMAIL, &reasons::GUEST_NAME];
const HIDDEN: &str = "[hidden]";

impl Report {
    /// The report without the values about the person that the provider sent. The names of attributes stay, and so does
    /// the identity of an accepted response, because that person signs in.
    #[must_use]
    pub fn without_values(mut self) -> Self {
        for rule in self.rules.iter_mut().filter(|rule| PERSONAL.contains(&rule.rule) && rule.ok.is_some()) {
            HIDDEN.clone_into(&mut rule.received);
        }
        self.facts.attributes.values_mut().for_each(|values| *values = None);
        self.outcome = self.outcome.map_err(without_value);
        self
    }
}

fn without_value(refusal: Refusal) -> Refusal {
    if PERSONAL_REASONS.iter().any(|reason| reason.code == refusal.reason.code) {
        Refusal { received: HIDDEN.into(), ..refusal }
    } else {
        refusal
    }
}
