//! Times: Unix seconds internally, RFC 3339 in the API.

use super::phrase::{Phrase, phrase};
use chrono::{DateTime, Datelike, SecondsFormat, Utc};
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

    /// Reads a date or a time as people type it: also without seconds, with a space instead of the T, or without a time
    /// zone, which then is UTC. The second value is true if only a date was given, which means its beginning.
    pub fn typed(text: &str) -> Option<(Self, bool)> {
        let (day, rest) = text.trim().split_at_checked(10)?;
        if rest.is_empty() {
            return Self::parse(&format!("{day}T00:00:00Z")).map(|at| (at, true));
        }
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let (clock, zone) = rest.split_at(rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len()));
        let seconds = if clock.len() == 5 { ":00" } else { "" };
        let zone = match zone.trim() {
            "" | "UTC" | "GMT" => "Z".into(),
            // An unencoded + in a URL is decoded as a space.
            bare if bare.starts_with(|c: char| c.is_ascii_digit()) => format!("+{bare}"),
            zone => zone.into(),
        };
        Self::parse(&format!("{day}T{clock}{seconds}{zone}")).map(|at| (at, false))
    }
}

/// A duration in words: `15 minutes`, `1 hour`, `36 hours`, `3 days`.
pub fn lasting(secs: i64) -> Phrase {
    match secs {
        secs if secs % 86_400 == 0 && secs >= 2 * 86_400 => phrase!("days", count = secs / 86_400),
        secs if secs % 3600 == 0 => phrase!("hours", count = secs / 3600),
        secs => phrase!("minutes", count = secs / 60),
    }
}

/// A moment in words, as in e-mails: `24 November 2026 at 09:00 UTC`.
pub fn in_words(at: Timestamp) -> Phrase {
    let at = DateTime::<Utc>::from_timestamp(at.0, 0).unwrap_or_default();
    let (year, clock) = (at.format("%Y").to_string(), at.format("%H:%M").to_string());
    phrase!("moment", day = at.day(), month = at.month(), year = year, clock = clock)
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

/// The source of the time: the system, or a test that sets it.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that a test moves by hand.
    Fixed(std::sync::Arc<std::sync::atomic::AtomicI64>),
}

impl Clock {
    /// The current time.
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
    use crate::domain::catalogue::Language;

    #[test]
    fn a_duration_is_worded_in_a_suitable_unit() {
        for (secs, words) in [
            (60, "1 minute"),
            (900, "15 minutes"),
            (3600, "1 hour"),
            (86_400, "24 hours"),
            (36 * 3600, "36 hours"),
            (3 * 86_400, "3 days"),
        ] {
            assert_eq!(lasting(secs).to_string(), words);
        }
    }

    #[test]
    fn a_moment_is_worded_in_each_language() {
        let at = in_words(Timestamp(1_795_510_800));
        assert_eq!(at.to_string(), "24 November 2026 at 09:00 UTC");
        let french = Language::nearest("fr").expect("French");
        assert_eq!(at.within(french), "24 novembre 2026 à 09:00 UTC");
        assert_eq!(in_words(Timestamp(0)).within(french), "1er janvier 1970 à 00:00 UTC");
    }

    #[test]
    fn a_moment_is_read_in_the_forms_that_people_type() {
        let at = Timestamp(1_795_510_800);
        for text in [
            "2026-11-24T09:00:00Z",
            "2026-11-24T09:00Z",
            "2026-11-24T09:00",
            " 2026-11-24 09:00 ",
            "2026-11-24 09:00 UTC",
            "2026-11-24t10:00:00+01:00",
            "2026-11-24T10:00 01:00",
            "2026-11-24 03:30-05:30",
            "2026-11-24T09:00:00.25z",
        ] {
            assert_eq!(Timestamp::typed(text), Some((at, false)), "{text}");
        }
        assert_eq!(Timestamp::typed("2026-11-24"), Some((at.plus(-9 * 3600), true)));
        for bad in [
            "",
            "2026-11-31",
            "24.11.2026",
            "2026-11-24T9:00",
            "2026-11-24T09",
            "2026-11-24T09:00 CET",
            "2026-11-24x09:00",
            "ééééé2026",
        ] {
            assert_eq!(Timestamp::typed(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_moment_is_parsed_from_its_written_form() {
        let at = Timestamp(1_795_510_800);
        assert_eq!(at.to_string(), "2026-11-24T09:00:00Z");
        assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
        assert_eq!(Timestamp::parse("yesterday"), None);
    }
}
