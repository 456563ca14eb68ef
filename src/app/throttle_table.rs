//! The table of charges of the throttle: fast with a million keys, and of bounded size.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The number of parts, each with its own lock, so that no work under a lock grows with the whole table.
const SHARDS: usize = 64;
/// The maximum number of keys in a shard: the number that fits into the hash map before it doubles its memory. All
/// shards together hold 1.8 million keys in 36 MB.
const MOST_KEYS: usize = 28_672;
/// A shard with fewer keys than this is not swept.
const SWEPT_FROM: usize = 256;
/// A clock that is behind by more than this many milliseconds has been set back; the times of concurrent requests may
/// differ by less.
const SET_BACK_MILLIS: i64 = 5000;
/// The shortest time between two sweeps of a full shard, in milliseconds.
const SWEEP_MILLIS: i64 = 1000;

/// A key: the hash of a text with a secret of this process, so that nobody can choose the shard of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key(u64);

/// Allows `burst` charges in a row, and then one every `interval_millis` milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    pub burst: i64,
    pub interval_millis: i64,
}

/// Maps a key to the time at which all its charges are paid off, in Unix milliseconds (GCRA's theoretical arrival
/// time).
///
/// A key whose charges are paid off is equivalent to an absent one, and is swept. No other key is removed: a flood of
/// new keys must not give a guesser a fresh allowance. When the table is full, new keys are refused until others are
/// paid off.
pub(super) struct Table {
    secret: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

struct Shard {
    paid_off_at: HashMap<u64, i64>,
    /// The number of keys from which on the shard is swept.
    sweep_from: usize,
    swept_at: i64,
    /// The latest time of a charge, in Unix milliseconds.
    seen_at: i64,
}

impl Default for Shard {
    fn default() -> Self {
        Self { paid_off_at: HashMap::new(), sweep_from: SWEPT_FROM, swept_at: i64::MIN, seen_at: i64::MIN }
    }
}

impl Default for Table {
    fn default() -> Self {
        Self { secret: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Table {
    pub(super) fn key(&self, text: &str) -> Key {
        Key(self.secret.hash_one(text))
    }

    /// Charges a key once.
    ///
    /// # Errors
    /// The time to wait, in milliseconds; nothing is charged then.
    pub(super) fn pay(&self, key: Key, allowance: Allowance, now_millis: i64) -> Result<(), i64> {
        let mut shard = self.shard(key);
        shard.follow(now_millis);
        let known = shard.paid_off_at.get(&key.0).copied();
        let wait = known.unwrap_or(now_millis) - now_millis - (allowance.burst - 1) * allowance.interval_millis;
        if wait > 0 {
            return Err(wait);
        }
        if known.is_none() && !shard.has_room(now_millis) {
            return Err(SWEEP_MILLIS);
        }
        let paid_off_at = known.unwrap_or(now_millis).max(now_millis) + allowance.interval_millis;
        shard.paid_off_at.insert(key.0, paid_off_at);
        Ok(())
    }

    /// Refunds one charge.
    pub(super) fn refund(&self, key: Key, allowance: Allowance) {
        if let Some(paid_off_at) = self.shard(key).paid_off_at.get_mut(&key.0) {
            *paid_off_at -= allowance.interval_millis;
        }
    }

    /// The number of charges of a key that are not paid off.
    pub(super) fn owed(&self, key: Key, allowance: Allowance, now_millis: i64) -> i64 {
        let paid_off_at = self.shard(key).paid_off_at.get(&key.0).copied().unwrap_or(now_millis);
        // Rounded up: a charge that is paid off in part is still owed.
        (paid_off_at - now_millis).max(0).saturating_add(allowance.interval_millis - 1) / allowance.interval_millis
    }

    fn shard(&self, key: Key) -> MutexGuard<'_, Shard> {
        let shards = self.shards.len() as u64;
        let index = usize::try_from(key.0 % shards).unwrap_or_default();
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().expect("free").paid_off_at.len()).sum()
    }
}

impl Shard {
    /// If the clock has been set back, moves all records back by the same time, so that nobody waits until the clock
    /// has caught up.
    fn follow(&mut self, now_millis: i64) {
        if now_millis < self.seen_at.saturating_sub(SET_BACK_MILLIS) {
            let back = self.seen_at - now_millis;
            self.paid_off_at.values_mut().for_each(|paid_off_at| *paid_off_at -= back);
            self.swept_at = self.swept_at.saturating_sub(back);
            self.seen_at = now_millis;
        }
        self.seen_at = self.seen_at.max(now_millis);
    }

    /// Returns true if one more key fits. A shard is swept when it has twice as many keys as the last sweep left, so
    /// that the cost for each new key is small; a full shard is swept once a second.
    fn has_room(&mut self, now_millis: i64) -> bool {
        let keys = self.paid_off_at.len();
        let full = keys >= MOST_KEYS;
        if (full && now_millis >= self.swept_at.saturating_add(SWEEP_MILLIS)) || (!full && keys >= self.sweep_from) {
            self.paid_off_at.retain(|_, paid_off_at| *paid_off_at > now_millis);
            let left = self.paid_off_at.len();
            self.sweep_from = (2 * left).clamp(SWEPT_FROM, MOST_KEYS);
            self.swept_at = now_millis;
            self.paid_off_at.shrink_to(self.sweep_from);
        }
        self.paid_off_at.len() < MOST_KEYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    const NOW: i64 = 1_795_510_800_000;
    const TEN: Allowance = Allowance { burst: 10, interval_millis: 15_000 };
    /// The allowance of the keys in a flood: it recovers slowly, so that no key is swept.
    const SLOW: Allowance = Allowance { burst: 2, interval_millis: 3_600_000 };

    fn flood(table: &Table, keys: std::ops::Range<usize>, now: i64) -> (usize, Duration) {
        let (mut taken, mut longest) = (0, Duration::ZERO);
        for n in keys {
            let key = table.key(&format!("flood {n}"));
            let begun = Instant::now();
            taken += usize::from(table.pay(key, SLOW, now).is_ok());
            longest = longest.max(begun.elapsed());
        }
        (taken, longest)
    }

    #[test]
    fn setting_the_clock_back_neither_prolongs_waits_nor_refunds_charges() {
        let table = Table::default();
        let (ann, ben) = (table.key("account ann@acme.test"), table.key("account ben@acme.test"));
        assert!((0..10).all(|_| table.pay(ann, TEN, NOW).is_ok()) && table.pay(ann, TEN, NOW).is_err());
        assert!(table.pay(ben, TEN, NOW).is_ok());
        table.refund(ben, TEN);
        let earlier = NOW - 3_600_000;
        assert!((0..10).all(|_| table.pay(ben, TEN, earlier).is_ok()), "a person without failures is not slowed down");
        assert_eq!(table.pay(ann, TEN, earlier), Err(15_000), "a guesser waits as long as before");
        assert!(table.pay(ann, TEN, earlier + 15_000).is_ok());
        assert!(table.pay(ann, TEN, earlier + 14_000).is_err(), "a request from one second earlier");
    }

    #[test]
    fn a_million_keys_are_charged_without_a_pause() {
        let table = Table::default();
        let (taken, longest) = flood(&table, 0..1_000_000, NOW);
        assert_eq!((taken, table.count()), (1_000_000, 1_000_000));
        // A scan of the whole table takes a second in a debug build on a busy machine.
        assert!(longest < Duration::from_millis(200), "{longest:?}");
    }

    #[test]
    fn a_full_table_keeps_every_record_and_refuses_new_keys_until_some_are_paid_off() {
        let table = Table::default();
        let guessed_at = table.key("account ann@acme.test");
        assert!((0..10).all(|_| table.pay(guessed_at, TEN, NOW).is_ok()));
        let (taken, _) = flood(&table, 0..2_500_000, NOW);
        assert_eq!(table.count(), SHARDS * MOST_KEYS, "the size is bounded");
        assert_eq!(taken + 1, table.count(), "no record is lost");
        assert_eq!(table.pay(guessed_at, TEN, NOW), Err(15_000), "the flood does not help a guesser");
        assert_eq!(table.pay(table.key("somebody new"), TEN, NOW), Err(SWEEP_MILLIS));
        assert!(table.pay(guessed_at, TEN, NOW + 15_000).is_ok(), "known keys are still charged");
        assert!(table.pay(table.key("somebody new"), TEN, NOW + 3_600_000).is_ok(), "paid off: swept");
        assert!(table.count() < SHARDS * MOST_KEYS);
    }

    #[test]
    fn keys_that_are_paid_off_are_swept_as_new_ones_are_added() {
        let table = Table::default();
        for hour in 1..=20 {
            flood(&table, hour * 100_000..(hour + 1) * 100_000, NOW + i64::try_from(hour).expect("few") * 3_600_000);
        }
        assert!(table.count() < 400_000, "{}", table.count());
    }
}
