//! The recorded SAML sign-ins.

use crate::domain::Timestamp;
use crate::domain::attempt::{Attempt, AttemptOutcome};
use crate::domain::ids::AttemptId;
use crate::domain::skew::ALLOWED_SECS;
use crate::saml::{self, Facts, Fault, Product, Refusal};
pub use kept::{RefusalLine, RuleLine, WholeRefusal, WholeRule};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

/// The stored JSON of an attempt, in the shape of the API.
mod kept {
    use super::{Fault, HashMap, Product, Serialize, ToSchema};

    /// Why a sign-in was refused.
    #[derive(Serialize, ToSchema)]
    pub struct RefusalLine {
        code: String,
        message: String,
        #[schema(required = false)]
        fault: Option<Fault>,
        fault_text: Option<String>,
        expected: String,
        received: String,
        /// `expected` and `received` in the language of the answer, if they are descriptions and not values.
        expected_text: Option<String>,
        received_text: Option<String>,
        /// The change that fixes it.
        fix: Option<String>,
        /// The providers whose admin screens `fix` describes.
        fix_for: Option<Vec<Product>>,
    }

    /// Why a sign-in was refused, with what to change at each provider.
    #[derive(Serialize, ToSchema)]
    pub struct WholeRefusal {
        #[serde(flatten)]
        #[schema(inline)]
        line: RefusalLine,
        fixes: Option<HashMap<String, String>>,
        what: Option<String>,
        places: Option<HashMap<String, String>>,
    }

    /// One rule and its result; `ok` is null if it could not be checked.
    #[derive(Serialize, ToSchema)]
    #[schema(as = Rule)]
    pub struct RuleLine {
        rule: String,
        ok: Option<bool>,
        expected: String,
        received: String,
    }

    /// One rule and its result, with what it requires and its source.
    #[derive(Serialize, ToSchema)]
    pub struct WholeRule {
        #[serde(flatten)]
        #[schema(inline)]
        line: RuleLine,
        /// The rule's name as a phrase.
        name: Option<String>,
        /// `expected` and `received` in the language of the answer, if they are descriptions and not values.
        expected_text: Option<String>,
        received_text: Option<String>,
        asks: Option<String>,
        source: Option<String>,
    }
}

/// When and how a sign-in ended.
#[derive(Serialize, ToSchema)]
struct OutcomeView {
    id: AttemptId,
    at: Timestamp,
    /// The reference that was shown to the person.
    #[schema(example = "ABC123")]
    reference: String,
    outcome: AttemptOutcome,
    email: Option<String>,
}

/// One sign-in as an item of the list, with the fix for the organisation's own identity provider.
#[derive(Serialize, ToSchema)]
#[schema(as = Attempt)]
pub struct LineView {
    #[serde(flatten)]
    #[schema(inline)]
    outcome: OutcomeView,
    #[schema(value_type = Option<RefusalLine>)]
    refusal: Option<Value>,
    #[schema(value_type = Vec<RuleLine>)]
    rules: Value,
}

/// One sign-in in full.
#[derive(Serialize, ToSchema)]
#[schema(as = WholeAttempt)]
pub struct WholeView {
    #[serde(flatten)]
    #[schema(inline)]
    outcome: OutcomeView,
    #[schema(value_type = Option<WholeRefusal>)]
    refusal: Option<Value>,
    #[schema(value_type = Vec<WholeRule>)]
    rules: Value,
    clock: Option<ClockView>,
    /// The fingerprint of the certificate that verifies the signature.
    certificate: Option<String>,
    /// The values by attribute name; null if values are not stored.
    attributes: Option<BTreeMap<String, Option<Vec<String>>>>,
    /// The SAML message, without parts that could be used again.
    message: Option<String>,
}

/// The two clocks at a sign-in.
#[derive(Serialize, ToSchema)]
#[schema(as = TraceClock)]
pub struct ClockView {
    issued_at: Timestamp,
    received_at: Timestamp,
    difference_secs: i64,
    allowed_secs: i64,
}

/// The sign-ins, newest first, and the number of refusals that were not recorded.
#[derive(Serialize, ToSchema)]
pub struct AttemptListing {
    pub(crate) items: Vec<LineView>,
    pub(crate) next: Option<String>,
    pub(crate) untraced: u64,
}

impl OutcomeView {
    fn of(attempt: &Attempt) -> Self {
        Self {
            id: attempt.id.clone(),
            at: attempt.at,
            reference: attempt.reference.clone(),
            outcome: attempt.outcome,
            email: attempt.email.clone(),
        }
    }
}

impl LineView {
    /// The item, with the fix for these products.
    pub fn of(attempt: &Attempt, products: &[Product]) -> Self {
        let mut refusal = attempt.refusal.as_ref().map(|refusal| Refusal::told(refusal, products));
        if let Some(refusal) = refusal.as_mut().and_then(Value::as_object_mut) {
            for field in ["fixes", "what", "places"] {
                refusal.remove(field);
            }
        }
        Self { outcome: OutcomeView::of(attempt), refusal, rules: attempt.rules.clone() }
    }
}

impl WholeView {
    /// The sign-in in full: each rule's requirement and source, the fix for each provider, and the message.
    pub fn of(attempt: Attempt, products: &[Product]) -> Self {
        let outcome = OutcomeView::of(&attempt);
        // The facts that an older version stored, as far as this version knows them.
        let facts: Facts = serde_json::from_value(attempt.facts).unwrap_or_default();
        let attributes = facts.certificate.is_some().then_some(facts.attributes);
        Self {
            outcome,
            refusal: attempt.refusal.as_ref().map(|refusal| Refusal::told(refusal, products)),
            rules: saml::rules_told(&attempt.rules),
            clock: attempt.issued_at.map(|issued_at| ClockView {
                issued_at,
                received_at: attempt.at,
                difference_secs: attempt.at.0 - issued_at.0,
                allowed_secs: ALLOWED_SECS,
            }),
            certificate: facts.certificate,
            attributes,
            message: attempt.message,
        }
    }
}
