//! Limits how much work of one kind runs at once for each key, such as an organisation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts the work in progress for each key. Keys without work are removed.
#[derive(Debug, Clone)]
pub struct Gate {
    most: usize,
    running: Arc<Mutex<HashMap<String, usize>>>,
}

/// The permission to run one piece of work; released when dropped.
#[derive(Debug)]
pub struct Permit {
    gate: Gate,
    key: String,
}

impl Gate {
    /// A gate that allows `most` permits at once for each key.
    pub fn new(most: usize) -> Self {
        Self { most, running: Arc::default() }
    }

    /// Returns a permit, or `None` if the key has `most` permits in use.
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
    fn each_key_has_its_own_permits_and_can_take_released_ones_again() {
        let gate = Gate::new(2);
        let (one, two) = (gate.enter("acme"), gate.enter("acme"));
        assert!(one.is_some() && two.is_some() && gate.enter("acme").is_none());
        assert!(gate.enter("birch").is_some(), "another key is free");
        drop(one);
        let again = gate.enter("acme");
        assert!(again.is_some() && gate.enter("acme").is_none());
        drop((two, again));
        assert!(gate.running.lock().expect("free").is_empty(), "unused keys are removed");
    }

    #[test]
    fn a_permit_is_released_after_a_panic() {
        let gate = Gate::new(1);
        let permit = gate.enter("acme");
        let failed = std::thread::spawn(move || {
            let _permit = permit;
            panic!("on purpose");
        });
        assert!(failed.join().is_err() && gate.enter("acme").is_some());
    }
}
