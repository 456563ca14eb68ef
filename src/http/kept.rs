//! Files and pages in the form in which they are sent, kept in memory: unpacking or compressing one costs more than all the rest of
//! an answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One value for each name, and what it was made of. There are as many as files.
pub struct Kept<S, T>(Mutex<BTreeMap<String, (S, T)>>);

impl<S: PartialEq, T: Clone> Kept<S, T> {
    /// With nothing in it.
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The value of this name: made again where it was made of something else.
    ///
    /// # Errors
    /// Those of `make`.
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
