//! The stored record of one SAML sign-in, with every rule.

use super::Timestamp;
use super::ids::{AttemptId, OrganisationId};
use serde::Serialize;
use serde_json::Value;

/// How far a sign-in came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The response was right; the browser has not come back with it yet.
    Verified,
    /// The person is in.
    SignedIn,
    /// Refused.
    Refused,
}

impl AttemptOutcome {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::SignedIn => "signed_in",
            Self::Refused => "refused",
        }
    }

    /// Reads that word.
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Verified, Self::SignedIn, Self::Refused].into_iter().find(|outcome| outcome.as_str() == raw)
    }
}

/// One SAML sign-in.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Where it stands in the order of all; given by the store.
    pub number: i64,
    /// Its id.
    pub id: AttemptId,
    /// Through whose connection.
    pub organisation: OrganisationId,
    /// When.
    pub at: Timestamp,
    /// The reference that the person was shown, such as `ABC123`.
    pub reference: String,
    /// How far it came.
    pub outcome: AttemptOutcome,
    /// The person whom the response identified, once verified.
    pub email: Option<String>,
    /// Why it was refused.
    pub refusal: Option<Value>,
    /// Every rule: passed, failed, or not judged.
    pub rules: Value,
    /// When the provider made the response, by its own clock; where its signature held.
    pub issued_at: Option<Timestamp>,
    /// What the response says beside the verdict on it.
    pub facts: Value,
    /// Its message without what could be used again.
    pub message: Option<String>,
}
