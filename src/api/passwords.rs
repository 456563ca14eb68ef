//! The strength of a password.

use crate::domain::password::Strength;
use serde::Serialize;
use utoipa::ToSchema;

/// How hard a password is to guess, and why it is refused.
#[derive(Serialize, ToSchema)]
#[schema(as = Strength)]
pub struct StrengthView {
    /// 0 (at once) to 4 (not at all), as `zxcvbn` rates it; at most 1 where little but own words is there.
    score: u8,
    /// Why it is refused, as the rest of a sentence that begins with the field's name; null if it is accepted.
    fault: Option<String>,
}

impl From<Strength> for StrengthView {
    fn from(strength: Strength) -> Self {
        Self { score: strength.score, fault: strength.fault.map(|fault| fault.spoken()) }
    }
}
