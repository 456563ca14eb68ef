//! The URL of a provider's metadata, by which a connection's settings are kept up to date.

use super::Timestamp;
use super::phrase::Phrase;

/// How long a copy of metadata counts as fresh, in seconds.
pub const FRESH_SECS: i64 = 24 * 3600;
/// How long to wait after a failed fetch, in seconds.
const AGAIN_SECS: i64 = 3600;

/// The metadata URL of a connection, and the results of the last fetches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataSource {
    /// The URL at which the provider publishes its metadata.
    pub url: String,
    /// True if new certificates found there are accepted automatically.
    pub adopt: bool,
    /// The last copy that was fetched without an error.
    pub document: String,
    /// When that copy was fetched.
    pub fetched_at: Timestamp,
    /// When it is fetched again.
    pub next_at: Timestamp,
    /// When the latest fetch failed, and why; `None` if it succeeded.
    pub failure: Option<(Timestamp, Phrase)>,
}

impl MetadataSource {
    /// A source whose metadata was fetched at `now`.
    pub fn fetched(url: String, adopt: bool, document: String, now: Timestamp) -> Self {
        Self { url, adopt, document, fetched_at: now, next_at: now.plus(FRESH_SECS), failure: None }
    }

    /// The source after a failed fetch: it keeps the last good copy.
    #[must_use]
    pub fn failed(self, why: Phrase, now: Timestamp) -> Self {
        Self { next_at: now.plus(AGAIN_SECS), failure: Some((now, why)), ..self }
    }
}

/// The days before a certificate expires at which its organisation's admins are warned.
const NOTICE_DAYS: [i64; 3] = [1, 7, 30];
/// Seconds of a day.
const DAY_SECS: i64 = 24 * 3600;

/// The notice that is due for a certificate that expires at `not_after`: 30, 7 or 1 days ahead; `None` if it expires
/// later, or has expired.
pub fn notice_days(not_after: Timestamp, now: Timestamp) -> Option<i64> {
    let left = not_after.0.saturating_sub(now.0);
    NOTICE_DAYS.into_iter().find(|days| left <= days * DAY_SECS).filter(|_| left > 0)
}

/// The whole days that are left until `not_after`; negative if it has passed.
pub const fn days_left(not_after: Timestamp, now: Timestamp) -> i64 {
    not_after.0.saturating_sub(now.0).div_euclid(DAY_SECS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_due_30_7_and_1_days_ahead_and_never_afterwards() {
        let due = |secs| notice_days(Timestamp(1_000_000 + secs), Timestamp(1_000_000));
        assert_eq!([due(31 * DAY_SECS), due(30 * DAY_SECS + 1)], [None, None]);
        assert_eq!([due(30 * DAY_SECS), due(7 * DAY_SECS + 1)], [Some(30), Some(30)]);
        assert_eq!([due(7 * DAY_SECS), due(DAY_SECS + 1)], [Some(7), Some(7)]);
        assert_eq!([due(DAY_SECS), due(1)], [Some(1), Some(1)]);
        assert_eq!([due(0), due(-DAY_SECS)], [None, None]);
        assert_eq!([days_left(Timestamp(DAY_SECS), Timestamp(1)), days_left(Timestamp(0), Timestamp(1))], [0, -1]);
    }

    #[test]
    fn a_failed_fetch_keeps_the_last_good_copy_and_is_repeated_sooner() {
        let good = MetadataSource::fetched("https://idp.test/".into(), false, "<good/>".into(), Timestamp(0));
        let failed = good.clone().failed(Phrase::words("it answered 500"), Timestamp(100));
        assert_eq!((&failed.document, failed.fetched_at), (&good.document, Timestamp(0)));
        assert_eq!((good.next_at, failed.next_at), (Timestamp(FRESH_SECS), Timestamp(3700)));
    }
}
