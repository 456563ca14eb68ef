//! The authorization requests that a new sign-in has answered, so that each of them is answered once.

use crate::domain::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The maximum number of requests that are remembered. Beyond that, people are asked to sign in again.
const MOST: usize = 20_000;

/// Requests that were answered, each until its sign-in no longer answers it.
#[derive(Default)]
pub struct Answered(Mutex<HashMap<String, Timestamp>>);

impl Answered {
    /// True if this request is answered for the first time. `until`: when it cannot be answered any more.
    pub fn is_first(&self, request: String, until: Timestamp, now: Timestamp) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, until| *until > now);
        }
        known.len() < MOST && known.insert(request, until).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_answered_once_and_old_ones_are_forgotten() {
        let answered = Answered::default();
        let (now, later) = (Timestamp(100), Timestamp(160));
        assert!(answered.is_first("a".into(), later, now) && answered.is_first("b".into(), later, now));
        assert!(!answered.is_first("a".into(), later, now));
        for number in 2..MOST {
            assert!(answered.is_first(number.to_string(), later, now), "{number}");
        }
        assert!(!answered.is_first("c".into(), later, now), "there is no room");
        assert!(answered.is_first("c".into(), Timestamp(220), later));
    }
}
