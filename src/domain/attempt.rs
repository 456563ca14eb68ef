//! The stored record of one SAML sign-in, with every rule.

use super::Timestamp;
use super::ids::{AttemptId, OrganisationId};
use serde::Serialize;
use serde_json::Value;

/// The outcome of a SAML sign-in so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The response was verified; the browser has not completed the sign-in yet.
    Verified,
    /// The person is signed in.
    SignedIn,
    /// The response was refused.
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

    /// Reads the word in the database and the API.
    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Verified, Self::SignedIn, Self::Refused].into_iter().find(|outcome| outcome.as_str() == raw)
    }
}

/// One SAML sign-in.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The sequence number among all attempts, assigned by the store.
    pub number: i64,
    /// The attempt's id.
    pub id: AttemptId,
    /// The organisation whose connection was used.
    pub organisation: OrganisationId,
    /// When it was made.
    pub at: Timestamp,
    /// The reference that was shown to the person, such as `ABC123`.
    pub reference: String,
    /// The outcome so far.
    pub outcome: AttemptOutcome,
    /// The e-mail address that the response identified, once verified.
    pub email: Option<String>,
    /// Why it was refused.
    pub refusal: Option<Value>,
    /// Every rule: passed, failed, or not checked.
    pub rules: Value,
    /// When the provider issued the response, by its own clock; only if the signature was valid.
    pub issued_at: Option<Timestamp>,
    /// Further content of the response, as JSON (`saml::Facts`).
    pub facts: Value,
    /// The SAML message without the parts that could be used again.
    pub message: Option<String>,
}
