//! How many of a kind of work run at once for one key, such as an organisation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The work that runs now, by key. Keys without any are forgotten.
#[derive(Debug, Clone)]
pub struct Gate {
    most: usize,
    running: Arc<Mutex<HashMap<String, usize>>>,
}

/// A place at the gate, given back when dropped.
#[derive(Debug)]
pub struct Permit {
    gate: Gate,
    key: String,
}

impl Gate {
    /// For so many at once of each key.
    pub fn new(most: usize) -> Self {
        Self { most, running: Arc::default() }
    }

    /// A place, where one is free.
    pub fn enter(&self, key: &str) -> Option<Permit> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let count = running.entry(key.to_owned()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Permit { gate: self.clone(), key: key.to_owned() })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut running = self.gate.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = running.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_places_and_gets_them_back() {
        let gate = Gate::new(2);
        let (one, two) = (gate.enter("acme"), gate.enter("acme"));
        assert!(one.is_some() && two.is_some() && gate.enter("acme").is_none());
        assert!(gate.enter("birch").is_some(), "another key is free");
        drop(one);
        let again = gate.enter("acme");
        assert!(again.is_some() && gate.enter("acme").is_none());
        drop((two, again));
        assert!(gate.running.lock().expect("free").is_empty(), "nothing is left of it");
    }

    #[test]
    fn a_place_comes_back_after_a_panic() {
        let gate = Gate::new(1);
        let permit = gate.enter("acme");
        let failed = std::thread::spawn(move || {
            let _permit = permit;
            panic!("on purpose");
        });
        assert!(failed.join().is_err() && gate.enter("acme").is_some());
    }
}
