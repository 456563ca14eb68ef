//! Backups: the record of the last one, the schedule, and which ones are kept.

use super::Timestamp;
use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The last backup that was made and proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRecord {
    /// When its content was read from the database, in Unix seconds.
    pub at: i64,
    /// Its size, in bytes.
    pub bytes: u64,
}

impl BackupRecord {
    /// When its content was read from the database.
    pub const fn made_at(&self) -> Timestamp {
        Timestamp(self.at)
    }
}

/// The schedule of a server that makes backups, as commands and the doctor know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupSchedule {
    /// The time between two backups, in seconds.
    pub every_secs: i64,
    /// Since when the server makes backups, in Unix seconds.
    pub since: i64,
}

impl BackupSchedule {
    /// True if no backup was made in two periods.
    pub fn is_late(&self, last: Option<BackupRecord>, now: Timestamp) -> bool {
        let last = last.map_or(self.since, |last| last.at.max(self.since));
        Timestamp(last).plus(2 * self.every_secs) < now
    }
}

/// How many scheduled backups are kept: the newest one of each of the last days, weeks and months, besides all of the last
/// 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// The number of days.
    pub days: usize,
    /// The number of ISO weeks.
    pub weeks: usize,
    /// The number of months.
    pub months: usize,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 7, weeks: 4, months: 12 }
    }
}

/// All backups of this time, in seconds, are kept.
const RECENT_SECS: i64 = 24 * 3600;
/// The maximum number of days, weeks or months.
const MOST: usize = 1000;

impl Retention {
    /// Reads a rule such as `7d,4w,12m`: at most one number each of days, weeks and months, and at least one of them.
    pub fn parse(raw: &str) -> Option<Self> {
        let mut rule = Self { days: 0, weeks: 0, months: 0 };
        for part in raw.split(',').map(str::trim) {
            let unit = part.chars().next_back()?;
            let number: usize = part.strip_suffix(unit)?.parse().ok().filter(|number| (1..=MOST).contains(number))?;
            let place = match unit {
                'd' => &mut rule.days,
                'w' => &mut rule.weeks,
                'm' => &mut rule.months,
                _ => return None,
            };
            if *place > 0 {
                return None;
            }
            *place = number;
        }
        Some(rule)
    }

    /// The backups of these times that are kept no longer. The newest backup is always kept, and so is one whose time is
    /// after `now`.
    pub fn outdated(&self, made: &[Timestamp], now: Timestamp) -> Vec<Timestamp> {
        let mut newest_first = made.to_vec();
        newest_first.sort_unstable_by(|one, other| other.cmp(one));
        let mut kept: BTreeSet<_> = newest_first.iter().take(1).copied().collect();
        kept.extend(newest_first.iter().filter(|at| at.plus(RECENT_SECS) > now));
        let day = |at: DateTime<Utc>| (i64::from(at.year()), at.ordinal());
        let week = |at: DateTime<Utc>| (i64::from(at.iso_week().year()), at.iso_week().week());
        let month = |at: DateTime<Utc>| (i64::from(at.year()), at.month());
        kept.extend(newest_of_each(&newest_first, self.days, day));
        kept.extend(newest_of_each(&newest_first, self.weeks, week));
        kept.extend(newest_of_each(&newest_first, self.months, month));
        newest_first.into_iter().filter(|at| !kept.contains(at)).collect()
    }
}

/// The newest backup of each of the newest `count` periods that have one.
fn newest_of_each(
    newest_first: &[Timestamp],
    count: usize,
    period: impl Fn(DateTime<Utc>) -> (i64, u32),
) -> Vec<Timestamp> {
    let mut periods = BTreeSet::new();
    let mut newest = Vec::new();
    for at in newest_first {
        let Some(time) = DateTime::from_timestamp(at.0, 0) else { continue };
        if newest.len() < count && periods.insert(period(time)) {
            newest.push(*at);
        }
    }
    newest
}

/// The form of the time in the name of a scheduled backup.
const NAME: &str = "vestibule-%Y-%m-%dT%H-%M-%SZ.db";

/// The file name of a scheduled backup: `vestibule-2026-12-01T02-00-00Z.db`.
pub fn name_of(at: Timestamp) -> String {
    DateTime::from_timestamp(at.0, 0).unwrap_or_default().format(NAME).to_string()
}

/// The time of the scheduled backup with this file name; `None` for other files.
pub fn time_of(name: &str) -> Option<Timestamp> {
    let at = NaiveDateTime::parse_from_str(name, NAME).ok()?.and_utc().timestamp();
    Some(Timestamp(at)).filter(|at| name_of(*at) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_510_800); // 2026-11-24T09:00:00Z, a Tuesday
    const DAY: i64 = 24 * 3600;

    #[test]
    fn a_name_has_the_time_and_other_files_are_not_taken_for_backups() {
        assert_eq!(name_of(NOW), "vestibule-2026-11-24T09-00-00Z.db");
        assert_eq!(time_of(&name_of(NOW)), Some(NOW));
        for other in ["vestibule.db", "vestibule-2026-11-24.db", "vestibule-2026-11-24T09-00-00Z.db.gz", "today.db"] {
            assert_eq!(time_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_rule_names_days_weeks_and_months_once_each() {
        assert_eq!(Retention::parse("7d,4w,12m"), Some(Retention::default()));
        assert_eq!(Retention::parse("3m"), Some(Retention { days: 0, weeks: 0, months: 3 }));
        for wrong in ["", "7", "d", "7d,7d", "0d", "1001d", "7d,", "7y", "-1d", "7é"] {
            assert_eq!(Retention::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_newest_of_each_day_week_and_month_is_kept_and_all_of_the_last_day() {
        let rule = Retention { days: 2, weeks: 2, months: 2 };
        let hours_ago = |hours: i64| NOW.plus(-hours * 3600);
        let made: Vec<_> = (0..24 * 100).step_by(6).map(hours_ago).collect();
        let outdated = rule.outdated(&made, NOW);
        let kept: Vec<_> = made.iter().filter(|at| !outdated.contains(at)).map(|at| (NOW.0 - at.0) / 3600).collect();
        // The last day; yesterday's newest (within it); the newest of last week (Sunday) and of last month.
        assert_eq!(kept, [0, 6, 12, 18, 36, 564]);
    }

    #[test]
    fn a_single_backup_is_never_outdated_and_neither_is_one_of_the_future() {
        let rule = Retention { days: 1, weeks: 0, months: 0 };
        assert!(rule.outdated(&[NOW.plus(-400 * DAY)], NOW).is_empty());
        assert!(rule.outdated(&[NOW.plus(DAY), NOW.plus(2 * DAY)], NOW).is_empty());
        assert!(rule.outdated(&[], NOW).is_empty());
    }

    #[test]
    fn a_schedule_is_late_after_two_periods_without_a_backup() {
        let schedule = BackupSchedule { every_secs: DAY, since: NOW.0 };
        let late = |last: Option<i64>, days: i64| {
            schedule.is_late(last.map(|at| BackupRecord { at, bytes: 1 }), NOW.plus(days * DAY + 1))
        };
        assert_eq!([1, 2].map(|days| late(None, days)), [false, true]);
        assert_eq!([2, 3].map(|days| late(Some(NOW.0 + DAY), days)), [false, true]);
        assert!(!late(Some(NOW.0 - 30 * DAY), 1), "the schedule is new");
    }
}
