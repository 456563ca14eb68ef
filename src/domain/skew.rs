//! The difference between an identity provider's clock and ours, according to its last responses.

use super::phrase::{Phrase, phrase};
use serde::Serialize;

/// The largest clock difference at which responses are accepted, in seconds.
pub const ALLOWED_SECS: i64 = 90;
/// A larger difference than this is worth a warning, in seconds.
const WARNING_SECS: i64 = 30;

/// How much attention a clock difference needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SkewLevel {
    /// Small enough.
    Fine,
    /// Still accepted, but approaching the limit.
    Drifting,
    /// Sign-ins fail, or are about to.
    Failing,
}

/// The clock difference over the last responses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skew {
    /// The median of our time at arrival minus the provider's time at issue, in seconds: positive if the provider's
    /// clock is behind.
    pub median_secs: i64,
    /// The smallest difference.
    pub least_secs: i64,
    /// The largest difference.
    pub most_secs: i64,
    /// The number of responses.
    pub samples: usize,
    /// The allowed difference, in either direction.
    pub allowed_secs: i64,
    /// How much attention the difference needs.
    pub level: SkewLevel,
}

impl Skew {
    /// Evaluates these differences; `None` if there are none.
    pub fn of(mut differences: Vec<i64>) -> Option<Self> {
        differences.sort_unstable();
        let median_secs = *differences.get(differences.len() / 2)?;
        let level = match median_secs.abs() {
            0..=WARNING_SECS => SkewLevel::Fine,
            off if off <= ALLOWED_SECS => SkewLevel::Drifting,
            _ => SkewLevel::Failing,
        };
        Some(Self {
            median_secs,
            least_secs: *differences.first()?,
            most_secs: *differences.last()?,
            samples: differences.len(),
            allowed_secs: ALLOWED_SECS,
            level,
        })
    }

    /// The difference in words, as a clause about the provider's clock.
    pub fn words(&self) -> Phrase {
        let off = self.median_secs.unsigned_abs();
        match self.level {
            SkewLevel::Fine if off < 5 => phrase!("skew-none"),
            _ if self.median_secs < 0 => phrase!("skew-ahead", secs = off),
            _ => phrase!("skew-behind", secs = off),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_a_single_delayed_message() {
        let skew = Skew::of(vec![2, 1, 240, 0, 1]).expect("samples");
        assert_eq!((skew.median_secs, skew.least_secs, skew.most_secs, skew.samples), (1, 0, 240, 5));
        assert_eq!(skew.level, SkewLevel::Fine);
        assert_eq!(Skew::of(vec![]), None);
    }

    #[test]
    fn a_clock_difference_causes_a_warning_before_sign_ins_fail() {
        let level = |secs| Skew::of(vec![secs]).expect("a sample").level;
        for (secs, wanted) in [(30, SkewLevel::Fine), (31, SkewLevel::Drifting), (90, SkewLevel::Drifting)] {
            assert_eq!((level(secs), level(-secs)), (wanted, wanted));
        }
        assert_eq!(level(-91), SkewLevel::Failing);
        assert_eq!(
            Skew::of(vec![-41]).expect("a sample").words().to_string(),
            "the provider's clock is 41 s ahead of ours"
        );
    }
}
