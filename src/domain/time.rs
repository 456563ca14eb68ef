//! Unix seconds inside, RFC 3339 outside.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// A moment: Unix seconds, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `secs` later (earlier when negative).
    #[must_use]
    pub const fn plus(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs))
    }

    /// Reads RFC 3339 such as `2026-11-24T09:00:00Z`; None for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp()))
    }
}

/// How long something lasts, in words: `15 minutes`, `1 hour`, `36 hours`, `3 days`.
pub fn lasting(secs: i64) -> String {
    let (number, unit) = match secs {
        secs if secs % 86_400 == 0 && secs >= 2 * 86_400 => (secs / 86_400, "day"),
        secs if secs % 3600 == 0 => (secs / 3600, "hour"),
        secs => (secs / 60, "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = DateTime::<Utc>::from_timestamp(self.0, 0).unwrap_or_default();
        f.write_str(&at.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where the time comes from: the system, or a test that sets it.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that a test moves by hand.
    Fixed(std::sync::Arc<std::sync::atomic::AtomicI64>),
}

impl Clock {
    /// Now.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp(Utc::now().timestamp()),
            Self::Fixed(at) => Timestamp(at.load(std::sync::atomic::Ordering::SeqCst)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_something_lasts_is_told_in_the_unit_that_people_use() {
        for (secs, words) in [
            (60, "1 minute"),
            (900, "15 minutes"),
            (3600, "1 hour"),
            (86_400, "24 hours"),
            (36 * 3600, "36 hours"),
            (3 * 86_400, "3 days"),
        ] {
            assert_eq!(lasting(secs), words);
        }
    }

    #[test]
    fn a_moment_reads_back_as_written() {
        let at = Timestamp(1_795_510_800);
        assert_eq!(at.to_string(), "2026-11-24T09:00:00Z");
        assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }
}
