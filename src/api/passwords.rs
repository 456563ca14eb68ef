//! The strength of a password.

use crate::domain::password::Strength;
use serde::Serialize;
use utoipa::ToSchema;

mirror! {
    /// How hard a password is to guess, and why it cannot be taken.
    #[schema(as = Strength)]
    StrengthView of Strength {
        /// 0 (at once) to 4 (not at all), as `zxcvbn` rates it; at most 1 where little but own words is there.
        score: u8,
        /// Why it cannot be taken, as what follows the field's name; `None` where it can.
        fault: Option<String>,
    }
}
