//! A cache of files and pages in the form in which they are sent: decompressing or compressing them for each answer
//! would cost more than the rest of the answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A value for each file name, and the source from which it was made. It has one entry per file.
pub struct Kept<S, T>(Mutex<BTreeMap<String, (S, T)>>);

impl<S: PartialEq, T: Clone> Kept<S, T> {
    /// An empty cache.
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The value of this name, made again if its source has changed.
    ///
    /// # Errors
    /// The errors of `make`.
    pub fn get<E>(&self, name: &str, of: S, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if let Some((_, value)) = self.all().get(name).filter(|(made_of, _)| *made_of == of) {
            return Ok(value.clone());
        }
        let value = make()?;
        self.all().insert(name.to_owned(), (of, value.clone()));
        Ok(value)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, (S, T)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
