//! A bounded cache of values that are read from the database. A value is not used after something that it holds has
//! changed.

use super::changes::{Changes, Stamp};
use quick_cache::sync::Cache;
use std::hash::Hash;
use std::sync::Arc;

/// A cached value, and the subjects on which it depends.
struct Entry<V> {
    value: V,
    stamp: Stamp,
}

/// The cached values, by their keys.
pub struct Stamped<K, V>(Cache<K, Arc<Entry<V>>>);

impl<K: Eq + Hash, V: Clone> Stamped<K, V> {
    /// An empty cache for at most `most` values. The least recently used ones beyond that are read from the database again.
    pub fn new(most: usize) -> Self {
        Self(Cache::new(most))
    }

    /// The value of a key; `None` if the database must be read.
    pub fn find(&self, key: &K, changes: &Changes) -> Option<V> {
        let entry = self.0.get(key)?;
        changes.is_current(&entry.stamp).then(|| entry.value.clone())
    }

    /// Adds a value.
    pub fn keep(&self, key: K, value: V, stamp: Stamp) {
        self.0.insert(key, Arc::new(Entry { value, stamp }));
    }
}
