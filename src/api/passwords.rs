//! The strength of passwords.

use crate::domain::password::Strength;
use serde::Serialize;
use utoipa::ToSchema;

/// How hard a password is to guess, and why it is refused.
#[derive(Serialize, ToSchema)]
#[schema(as = Strength)]
pub struct StrengthView {
    /// From 0 (guessed at once) to 4 (very hard to guess), as `zxcvbn` rates it; at most 1 if it consists mostly of the
    /// person's or organisation's own words.
    score: u8,
    /// Why it is refused, as the rest of a sentence that begins with the field's name; null if it is accepted.
    fault: Option<String>,
}

impl From<Strength> for StrengthView {
    fn from(strength: Strength) -> Self {
        Self { score: strength.score, fault: strength.fault.map(|fault| fault.spoken()) }
    }
}
