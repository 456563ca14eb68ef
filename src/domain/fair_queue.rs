//! A queue in which rows take turns, however much one of them has waiting: each item is due one round after the one before it
//! of the same row.
//!
//! Source: Goyal, Vin, Cheng, "Start-time Fair Queueing", 1996.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Items that wait, each in the row of its key.
pub struct FairQueue<K, T> {
    /// The round that is served.
    round: u64,
    arrivals: u64,
    /// By round and arrival.
    waiting: BTreeMap<(u64, u64), (K, T)>,
    rows: HashMap<K, Row>,
}

/// The waiting jobs of one key.
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
    /// Adds an item to the end of a row.
    pub fn push(&mut self, key: K, item: T) {
        self.push_later(key, 0, item);
    }

    /// The same; it is due at least so many rounds after that of a row that begins now.
    pub fn push_later(&mut self, key: K, rounds: u64, item: T) {
        let row = self.rows.entry(key.clone()).or_default();
        row.last_round = row.last_round.max(self.round + rounds) + 1;
        row.waiting += 1;
        self.arrivals += 1;
        self.waiting.insert((row.last_round, self.arrivals), (key, item));
    }

    /// Takes out the item that is due.
    pub fn pop(&mut self) -> Option<T> {
        self.pop_from(|_| true).map(|(_, item)| item)
    }

    /// Takes out the item that is due among those in rows that may go on, and its row.
    pub fn pop_from(&mut self, may_go_on: impl Fn(&K) -> bool) -> Option<(K, T)> {
        let due = *self.waiting.iter().find(|(_, (key, _))| may_go_on(key))?.0;
        let (key, item) = self.waiting.remove(&due)?;
        self.round = self.round.max(due.0);
        self.leave(&key);
        Some((key, item))
    }

    /// Takes out the last item of the group with the greatest weight, and of these the largest; where none is beyond this weight and size,
    /// nothing. A group weighs as much as the heaviest of its items. An item without a group stays.
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

    /// Takes out the last of these items.
    pub fn take_last(&mut self, of: impl Fn(&K, &T) -> bool) -> Option<T> {
        let last = *self.waiting.iter().rfind(|(_, (key, item))| of(key, item))?.0;
        let (key, item) = self.waiting.remove(&last)?;
        self.leave(&key);
        Some(item)
    }

    /// The row with the most of these items; of rows with as many, that whose last item is due last.
    pub fn longest_row(&self, of: impl Fn(&T) -> bool) -> Option<K> {
        // How many, and when the last of them is due.
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

    /// True if any of these rows has something waiting.
    pub fn has_row(&self, of: impl Fn(&K) -> bool) -> bool {
        self.rows.keys().any(of)
    }

    /// How many of these wait.
    pub fn count(&self, those: impl Fn(&T) -> bool) -> usize {
        self.waiting.values().filter(|(_, item)| those(item)).count()
    }

    /// How many wait in all.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// True if none waits.
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
    fn a_row_with_many_lets_another_go_before_its_second() {
        assert_eq!(rest(queue(&[('a', 3), ('b', 1), ('c', 2)])), ["a0", "b0", "c0", "a1", "c1", "a2"]);
    }

    #[test]
    fn a_row_that_comes_late_does_not_catch_up_on_rounds_that_are_over() {
        let mut queue = queue(&[('a', 4)]);
        assert_eq!((queue.pop(), queue.pop()), (Some("a0".into()), Some("a1".into())));
        for item in ["b0", "b1"] {
            queue.push('b', item.into());
        }
        assert_eq!(rest(queue), ["a2", "b0", "a3", "b1"]);
    }

    #[test]
    fn a_row_that_may_not_go_on_keeps_its_place() {
        let mut queue = queue(&[('a', 2), ('b', 2)]);
        assert_eq!(queue.pop_from(|row| *row == 'b'), Some(('b', "b0".into())));
        assert_eq!(queue.pop_from(|row| *row == 'c'), None);
        assert_eq!(rest(queue), ["a0", "a1", "b1"]);
    }

    #[test]
    fn a_row_that_is_to_be_later_lets_others_go_first_and_gets_its_turn() {
        let mut queue = queue(&[('a', 1)]);
        queue.push_later('b', 2, "b0".into());
        queue.push_later('b', 2, "b1".into());
        for item in ["c0", "c1", "c2", "c3"] {
            queue.push('c', item.into());
        }
        assert_eq!(rest(queue), ["a0", "c0", "c1", "b0", "c2", "b1", "c3"]);
    }

    #[test]
    fn the_longest_row_loses_its_last_and_short_ones_nothing() {
        let mut queue = queue(&[('a', 3), ('b', 2), ('c', 1)]);
        let row = |item: &String| item.chars().next().map(|row| (row, ()));
        assert_eq!(queue.shed(((), 2), row), Some("a2".into()));
        assert_eq!(queue.shed(((), 2), row), None, "none is longer than two");
        assert_eq!(
            queue.shed(((), 2), |item| (!item.starts_with('a')).then_some(((), ()))),
            Some("b1".into()),
            "together they are"
        );
        assert_eq!((queue.len(), queue.count(|item| item.starts_with('a')), queue.count(|_| true)), (4, 2, 4));
        assert_eq!(rest(queue), ["a0", "b0", "c0", "a1"]);
    }

    #[test]
    fn the_heaviest_row_loses_its_last_before_the_longest() {
        let mut queue = queue(&[('a', 3), ('b', 1), ('c', 1)]);
        let row = |item: &String| item.chars().next().map(|row| (row, if row == 'b' { 2 } else { 1 }));
        assert_eq!(queue.shed((2, 1), row), None, "as heavy and as long");
        assert_eq!(queue.shed((1, 3), row), Some("b0".into()));
        assert_eq!(queue.shed((1, 1), row), Some("a2".into()));
    }
}
