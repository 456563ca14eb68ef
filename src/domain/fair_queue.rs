//! A fair queue: each item has a key, and the items of one key form a row. The rows take turns, however many items wait
//! in each of them: an item is due one round after the previous item of its row.
//!
//! Source: Goyal, Vin, Cheng, "Start-time Fair Queueing", 1996.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Waiting items, each in the row of its key.
pub struct FairQueue<K, T> {
    /// The current round.
    round: u64,
    arrivals: u64,
    /// The items, by round and arrival.
    waiting: BTreeMap<(u64, u64), (K, T)>,
    rows: HashMap<K, Row>,
}

/// The waiting items of one key.
#[derive(Default)]
struct Row {
    last_round: u64,
    waiting: usize,
}

impl<K, T> Default for FairQueue<K, T> {
    fn default() -> Self {
        Self { round: 0, arrivals: 0, waiting: BTreeMap::new(), rows: HashMap::new() }
    }
}

impl<K: Clone + Eq + Hash, T> FairQueue<K, T> {
    /// Adds an item at the end of its key's row.
    pub fn push(&mut self, key: K, item: T) {
        self.push_later(key, 0, item);
    }

    /// As `push`, but the item is due at least `rounds` rounds later than the first item of a new row would be.
    pub fn push_later(&mut self, key: K, rounds: u64, item: T) {
        let row = self.rows.entry(key.clone()).or_default();
        row.last_round = row.last_round.max(self.round + rounds) + 1;
        row.waiting += 1;
        self.arrivals += 1;
        self.waiting.insert((row.last_round, self.arrivals), (key, item));
    }

    /// Removes the item that is due next.
    pub fn pop(&mut self) -> Option<T> {
        self.pop_from(|_| true).map(|(_, item)| item)
    }

    /// Removes the item that is due next in the rows that `may_start` accepts; returns its key, too.
    pub fn pop_from(&mut self, may_start: impl Fn(&K) -> bool) -> Option<(K, T)> {
        let due = *self.waiting.iter().find(|(_, (key, _))| may_start(key))?.0;
        let (key, item) = self.waiting.remove(&due)?;
        self.round = self.round.max(due.0);
        self.leave(&key);
        Some((key, item))
    }

    /// Removes the last item of the group with the greatest weight; among several such groups, of the group with the
    /// most items. Returns `None` if no group exceeds the weight and the size in `beyond`. The weight of a group is the
    /// weight of its heaviest item. `group` returns the group and the weight of an item, or `None` for an item that must
    /// not be removed.
    pub fn shed<G: Eq + Hash, W: Ord + Copy>(
        &mut self,
        beyond: (W, usize),
        group: impl Fn(&T) -> Option<(G, W)>,
    ) -> Option<T> {
        let mut groups: HashMap<G, (W, usize)> = HashMap::new();
        for (one, weight) in self.waiting.values().filter_map(|(_, item)| group(item)) {
            let (heaviest, many) = groups.entry(one).or_insert((weight, 0));
            *heaviest = weight.max(*heaviest);
            *many += 1;
        }
        let (first, _) = groups.into_iter().filter(|(_, size)| *size > beyond).max_by_key(|(_, size)| *size)?;
        let of_first = |item: &T| group(item).is_some_and(|(one, _)| one == first);
        self.take_last(|_, item| of_first(item))
    }

    /// Removes the last item that `of` accepts.
    pub fn take_last(&mut self, of: impl Fn(&K, &T) -> bool) -> Option<T> {
        let last = *self.waiting.iter().rfind(|(_, (key, item))| of(key, item))?.0;
        let (key, item) = self.waiting.remove(&last)?;
        self.leave(&key);
        Some(item)
    }

    /// The key of the row with the most items that `of` accepts; of several such rows, the one whose last item is due
    /// last.
    pub fn longest_row(&self, of: impl Fn(&T) -> bool) -> Option<K> {
        // The number of items, and when the last of them is due.
        let mut rows: HashMap<&K, (usize, (u64, u64))> = HashMap::new();
        for (due, (key, _)) in self.waiting.iter().filter(|(_, (_, item))| of(item)) {
            let (many, last) = rows.entry(key).or_default();
            (*many, *last) = (*many + 1, *due);
        }
        rows.into_iter().max_by_key(|(_, longest)| *longest).map(|(key, _)| key.clone())
    }

    fn leave(&mut self, key: &K) {
        if let Some(row) = self.rows.get_mut(key) {
            row.waiting -= 1;
            if row.waiting == 0 {
                self.rows.remove(key);
            }
        }
    }

    /// True if a row that `of` accepts has waiting items.
    pub fn has_row(&self, of: impl Fn(&K) -> bool) -> bool {
        self.rows.keys().any(of)
    }

    /// The number of waiting items for which `those` returns true.
    pub fn count(&self, those: impl Fn(&T) -> bool) -> usize {
        self.waiting.values().filter(|(_, item)| those(item)).count()
    }

    /// The total number of waiting items.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// True if no item waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(rows: &[(char, usize)]) -> FairQueue<char, String> {
        let mut queue = FairQueue::default();
        for (key, items) in rows {
            (0..*items).for_each(|n| queue.push(*key, format!("{key}{n}")));
        }
        queue
    }

    fn rest(mut queue: FairQueue<char, String>) -> Vec<String> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn other_rows_get_a_turn_before_the_second_item_of_a_row() {
        assert_eq!(rest(queue(&[('a', 3), ('b', 1), ('c', 2)])), ["a0", "b0", "c0", "a1", "c1", "a2"]);
    }

    #[test]
    fn a_new_row_does_not_catch_up_on_past_rounds() {
        let mut queue = queue(&[('a', 4)]);
        assert_eq!((queue.pop(), queue.pop()), (Some("a0".into()), Some("a1".into())));
        for item in ["b0", "b1"] {
            queue.push('b', item.into());
        }
        assert_eq!(rest(queue), ["a2", "b0", "a3", "b1"]);
    }

    #[test]
    fn a_row_that_is_passed_over_keeps_its_position() {
        let mut queue = queue(&[('a', 2), ('b', 2)]);
        assert_eq!(queue.pop_from(|row| *row == 'b'), Some(('b', "b0".into())));
        assert_eq!(queue.pop_from(|row| *row == 'c'), None);
        assert_eq!(rest(queue), ["a0", "a1", "b1"]);
    }

    #[test]
    fn a_delayed_row_lets_others_go_first_and_still_gets_its_turn() {
        let mut queue = queue(&[('a', 1)]);
        queue.push_later('b', 2, "b0".into());
        queue.push_later('b', 2, "b1".into());
        for item in ["c0", "c1", "c2", "c3"] {
            queue.push('c', item.into());
        }
        assert_eq!(rest(queue), ["a0", "c0", "c1", "b0", "c2", "b1", "c3"]);
    }

    #[test]
    fn shed_removes_the_last_item_of_the_longest_row_only() {
        let mut queue = queue(&[('a', 3), ('b', 2), ('c', 1)]);
        let row = |item: &String| item.chars().next().map(|row| (row, ()));
        assert_eq!(queue.shed(((), 2), row), Some("a2".into()));
        assert_eq!(queue.shed(((), 2), row), None, "no row is longer than two");
        assert_eq!(
            queue.shed(((), 2), |item| (!item.starts_with('a')).then_some(((), ()))),
            Some("b1".into()),
            "as one group they are"
        );
        assert_eq!((queue.len(), queue.count(|item| item.starts_with('a')), queue.count(|_| true)), (4, 2, 4));
        assert_eq!(rest(queue), ["a0", "b0", "c0", "a1"]);
    }

    #[test]
    fn shed_prefers_the_heaviest_row_to_the_longest() {
        let mut queue = queue(&[('a', 3), ('b', 1), ('c', 1)]);
        let row = |item: &String| item.chars().next().map(|row| (row, if row == 'b' { 2 } else { 1 }));
        assert_eq!(queue.shed((2, 1), row), None, "no row exceeds this weight and length");
        assert_eq!(queue.shed((1, 3), row), Some("b0".into()));
        assert_eq!(queue.shed((1, 1), row), Some("a2".into()));
    }
}
