//! The limit of lines in the security log, a minute for the appliance. The rest is counted.

use crate::domain::Timestamp;
use std::sync::{Mutex, PoisonError};

/// The most lines of a minute, with the one that counts what the minute before left out.
pub const MOST_LINES: u32 = 100;
/// How many of these are kept for failed sign-ins of known people.
const KEPT_LINES: u32 = 30;
/// Seconds of a minute, which begins with its first line.
const MINUTE_SECS: i64 = 60;

/// Counts the lines of the present minute.
#[derive(Debug, Default)]
pub struct SecurityLog(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    began: i64,
    lines: u32,
    left_out: u64,
}

/// The allowance of lines now.
#[derive(Debug, PartialEq, Eq)]
pub struct Room {
    /// True if there is room for the line.
    pub line: bool,
    /// How many lines an earlier minute left out, where nobody was told yet.
    pub left_out: Option<u64>,
}

impl SecurityLog {
    /// Makes room for a line, or counts it. `kept`: whether it is of a kind that a part of each minute is kept for.
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

    /// How many lines were left out in a minute that is over; once.
    pub fn left_out(&self, now: Timestamp) -> Option<u64> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Also over where the clock was set back.
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
    fn noise_leaves_room_for_failed_sign_ins_of_known_people() {
        let log = SecurityLog::default();
        assert_eq!((0..250).filter(|_| log.room(NOW, false).line).count(), 70);
        assert_eq!((0..250).filter(|_| log.room(NOW, true).line).count(), 30);
    }

    /// How many of so many lines at a moment have room.
    fn written_in(log: &SecurityLog, at: Timestamp, times: u32) -> usize {
        (0..times).filter(|_| log.room(at, true).line).count()
    }

    #[test]
    fn a_minute_has_a_hundred_lines_and_the_next_tells_what_it_left_out() {
        let log = SecurityLog::default();
        let written = |at, times| written_in(&log, at, times);
        assert_eq!(written(NOW, 250), 100);
        assert_eq!((written(NOW.plus(59), 1), log.left_out(NOW.plus(59))), (0, None));
        assert_eq!(log.room(NOW.plus(60), true), Room { line: true, left_out: Some(151) });
        assert_eq!(written(NOW.plus(60), 250), 98, "the line that counts is one of them");
        assert_eq!((log.left_out(NOW.plus(120)), log.left_out(NOW.plus(180))), (Some(152), None), "told once");
    }

    #[test]
    fn a_clock_that_is_set_back_begins_another_minute() {
        let log = SecurityLog::default();
        assert_eq!(written_in(&log, NOW, 250), 100);
        assert_eq!(written_in(&log, NOW.plus(-3600), 250), 99, "the line that counts is one of them");
    }
}
