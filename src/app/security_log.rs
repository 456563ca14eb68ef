//! Limits the lines that the security log gets in a minute. Further lines are only counted.

use crate::domain::Timestamp;
use std::sync::{Mutex, PoisonError};

/// The maximum number of lines in a minute, including the one that says how many the previous minute omitted.
pub const MOST_LINES: u32 = 100;
/// The number of these lines that are reserved for failed sign-ins of known people.
const KEPT_LINES: u32 = 30;
/// The length of a minute in seconds; it begins with its first line.
const MINUTE_SECS: i64 = 60;

/// Counts the lines of the current minute.
#[derive(Debug, Default)]
pub struct SecurityLog(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    began: i64,
    lines: u32,
    left_out: u64,
}

/// Whether a line may be written, and how many were omitted before it.
#[derive(Debug, PartialEq, Eq)]
pub struct Room {
    /// True if there is room for the line.
    pub line: bool,
    /// The number of lines that an earlier minute omitted, if that has not been returned before.
    pub left_out: Option<u64>,
}

impl SecurityLog {
    /// Reserves a line, or counts it as omitted. `kept`: true for a kind of line for which a part of each minute is
    /// reserved.
    pub fn room(&self, now: Timestamp, kept: bool) -> Room {
        let left_out = self.left_out(now);
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let most = if kept { MOST_LINES } else { MOST_LINES - KEPT_LINES };
        let line = minute.lines < most;
        if line {
            minute.lines += 1;
        } else {
            minute.left_out += 1;
        }
        Room { line, left_out }
    }

    /// The number of lines omitted in a minute that has ended; returned only once.
    pub fn left_out(&self, now: Timestamp) -> Option<u64> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A minute also ends when the clock is set back.
        if (minute.began..minute.began + MINUTE_SECS).contains(&now.0) {
            return None;
        }
        let left_out = Some(minute.left_out).filter(|count| *count > 0);
        *minute = Minute { began: now.0, lines: left_out.map_or(0, |_| 1), left_out: 0 };
        left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_510_800);

    #[test]
    fn other_lines_leave_room_for_failed_sign_ins_of_known_people() {
        let log = SecurityLog::default();
        assert_eq!((0..250).filter(|_| log.room(NOW, false).line).count(), 70);
        assert_eq!((0..250).filter(|_| log.room(NOW, true).line).count(), 30);
    }

    /// The number of lines, of `times` at one moment, that may be written.
    fn written_in(log: &SecurityLog, at: Timestamp, times: u32) -> usize {
        (0..times).filter(|_| log.room(at, true).line).count()
    }

    #[test]
    fn a_minute_has_a_hundred_lines_and_the_next_counts_the_omitted_ones() {
        let log = SecurityLog::default();
        let written = |at, times| written_in(&log, at, times);
        assert_eq!(written(NOW, 250), 100);
        assert_eq!((written(NOW.plus(59), 1), log.left_out(NOW.plus(59))), (0, None));
        assert_eq!(log.room(NOW.plus(60), true), Room { line: true, left_out: Some(151) });
        assert_eq!(written(NOW.plus(60), 250), 98, "the line that counts is one of them");
        assert_eq!((log.left_out(NOW.plus(120)), log.left_out(NOW.plus(180))), (Some(152), None), "returned once");
    }

    #[test]
    fn setting_the_clock_back_begins_a_new_minute() {
        let log = SecurityLog::default();
        assert_eq!(written_in(&log, NOW, 250), 100);
        assert_eq!(written_in(&log, NOW.plus(-3600), 250), 99, "the line that counts is one of them");
    }
}
