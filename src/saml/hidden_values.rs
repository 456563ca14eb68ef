//! Reports without the values that providers sent of a person, where operators choose to keep none.

use super::Report;
use super::refusal::{Reason, Refusal, reasons};

/// The rules that tell who the person is.
const PERSONAL: [&str; 2] = ["name_id", "email"];
/// The reasons that quote it.
static PERSONAL_REASONS: [&Reason; 4] =
    [&reasons::NO_EMAIL, &reasons::SEVERAL_EMAILS, &reasons::BAD_EMAIL, &reasons::GUEST_NAME];
const HIDDEN: &str = "[hidden]";

impl Report {
    /// The same without the values that the provider sent of the person; the names of its attributes stay. Whom an accepted
    /// response names stays too: that is who signs in.
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
