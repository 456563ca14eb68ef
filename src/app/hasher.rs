//! Hashes and judges passwords, never more at once than there are cores.

use crate::domain::ids::random_bytes;
use crate::domain::{Error, Password, Result};
use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::collections::VecDeque;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

/// Memory in KiB, passes and lanes.
///
/// Source: OWASP Password Storage Cheat Sheet, argon2id.
const PARAMS: (u32, u32, u32) = (19 * 1024, 2, 1);
/// The bytes of a salt.
const SALT_BYTES: usize = 16;
/// How many may wait for a core; one more is turned away. On two cores the last of them waits for about 1.5 s.
const MOST_WAITING: usize = 64;
/// How many of these may be judgements, for each core: a sign-in behind them waits for a fraction of a second.
const MOST_JUDGEMENTS_WAITING: usize = 4;

/// The password hasher with its bounded queue.
pub struct Hasher {
    argon2: Argon2<'static>,
    decoy: String,
    cores: usize,
    queue: Mutex<Queue>,
    /// What argon2 works in, at most one for each core. It is kept: the allocator does not give 19 MiB back each time.
    memories: Mutex<Vec<Vec<Block>>>,
}

#[derive(Default)]
struct Queue {
    running: usize,
    /// What waits for a core, oldest first, each with what hands it one.
    waiting: VecDeque<(Work, SyncSender<()>)>,
}

impl Queue {
    /// Whether one more of this work is too many.
    fn is_full(&self, work: Work, cores: usize) -> bool {
        let judgements = || self.waiting.iter().filter(|(waiting, _)| *waiting == Work::Judgement).count();
        self.waiting.len() >= MOST_WAITING || work == Work::Judgement && judgements() >= MOST_JUDGEMENTS_WAITING * cores
    }
}

/// What a turn is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Hash,
    Judgement,
}

/// What checking a password told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It is not that password, or there is no such person.
    Wrong,
    /// It is. `rehash` when its hash was made with other parameters than today's.
    Right {
        /// Make a new hash of the same password.
        rehash: bool,
    },
}

impl Hasher {
    /// With today's parameters.
    ///
    /// # Panics
    /// Never: the parameters are fixed and argon2 takes them.
    #[allow(clippy::expect_used)]
    pub fn new() -> Self {
        let (memory, passes, lanes) = PARAMS;
        let params = Params::new(memory, passes, lanes, None).expect("argon2 takes these parameters");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = argon2.hash_password(b"nobody's password").expect("argon2 hashes").to_string();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { argon2, decoy, cores, queue: Mutex::default(), memories: Mutex::default() }
    }

    /// A hash of the password, with a new salt and its parameters in it.
    ///
    /// # Errors
    /// `Unavailable` when too many wait.
    pub fn hash(&self, password: &Password) -> Result<String> {
        let mut turn = self.turn(Work::Hash)?;
        let salt = Salt::new(&random_bytes::<SALT_BYTES>()).map_err(Error::internal)?;
        let output = computed(&self.argon2, password, &salt, &mut turn.memory)?;
        let params = ParamsString::try_from(self.argon2.params()).map_err(Error::internal)?;
        let (algorithm, version) = (Algorithm::Argon2id.ident(), Some(Version::V0x13.into()));
        Ok(PasswordHash { algorithm, version, params, salt: Some(salt), hash: Some(output) }.to_string())
    }

    /// Checks a password. Without a hash it takes as long and says `Wrong`, so that nobody can tell who is here.
    ///
    /// # Errors
    /// `Unavailable` when too many wait.
    pub fn check(&self, password: &Password, hash: Option<&str>) -> Result<Checked> {
        let mut turn = self.turn(Work::Hash)?;
        let stored = PasswordHash::new(hash.unwrap_or(&self.decoy)).map_err(Error::internal)?;
        let right = fits(&stored, password, &mut turn.memory)?;
        if !right || hash.is_none() {
            return Ok(Checked::Wrong);
        }
        let todays = Params::try_from(&stored).is_ok_and(|params| {
            (params.m_cost(), params.t_cost(), params.p_cost()) == PARAMS
                && stored.algorithm.as_str() == Algorithm::Argon2id.as_ref()
        });
        Ok(Checked::Right { rehash: !todays })
    }

    /// Judges a password: that takes as long as a hash, and waits in the same queue.
    ///
    /// # Errors
    /// `Unavailable` when too many wait.
    pub fn judge<T>(&self, judge: impl FnOnce() -> T) -> Result<T> {
        let _turn = self.turn(Work::Judgement)?;
        Ok(judge())
    }

    fn turn(&self, work: Work) -> Result<Turn<'_>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.running >= self.cores && queue.is_full(work, self.cores) {
            return Err(Error::busy("Many people are signing in just now. Try again in a few seconds."));
        }
        if queue.running < self.cores {
            queue.running += 1;
        } else {
            let (core, given) = sync_channel(1);
            queue.waiting.push_back((work, core));
            drop(queue);
            // The core is handed over and stays counted as running; a turn that ends always hands it on.
            given.recv().map_err(Error::internal)?;
        }
        let memory = match work {
            Work::Hash => self.memories.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default(),
            Work::Judgement => Vec::new(),
        };
        Ok(Turn { hasher: self, memory })
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

/// A core and the memory to hash in, given back when dropped.
struct Turn<'h> {
    hasher: &'h Hasher,
    memory: Vec<Block>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.memory.is_empty() {
            let memory = std::mem::take(&mut self.memory);
            self.hasher.memories.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
        }
        let mut queue = self.hasher.queue.lock().unwrap_or_else(PoisonError::into_inner);
        match queue.waiting.pop_front() {
            Some((_, next)) => drop(next.send(())),
            None => queue.running -= 1,
        }
    }
}

/// Whether a password has this hash, by the parameters that stand in it.
fn fits(stored: &PasswordHash, password: &Password, memory: &mut Vec<Block>) -> Result<bool> {
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(Error::internal)?;
    let version = stored.version.map(Version::try_from).transpose().map_err(Error::internal)?.unwrap_or_default();
    let params = Params::try_from(stored).map_err(Error::internal)?;
    // Two outputs are compared in constant time.
    Ok(computed(&Argon2::new(algorithm, version, params), password, salt, memory)? == *expected)
}

/// argon2's output, worked out in `memory`, which grows to what the parameters ask for.
fn computed(argon2: &Argon2, password: &Password, salt: &Salt, memory: &mut Vec<Block>) -> Result<Output> {
    let blocks = argon2.params().block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let mut bytes = [0; Output::MAX_LENGTH];
    let length = argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let output = bytes.get_mut(..length).ok_or_else(|| Error::internal("a hash is too long"))?;
    let within = memory.get_mut(..blocks).unwrap_or_default();
    let password = password.reveal().as_bytes();
    argon2.hash_password_into_with_memory(password, salt, output, within).map_err(Error::internal)?;
    Output::new(output).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_alone() {
        let hasher = Hasher::new();
        let (ann, bob) = (Password::typed("right horse battery".into()), Password::typed("left horse battery".into()));
        let hash = hasher.hash(&ann).expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(hasher.check(&ann, Some(&hash)), Ok(Checked::Right { rehash: false }));
        assert_eq!(hasher.check(&bob, Some(&hash)), Ok(Checked::Wrong));
        assert_eq!(hasher.check(&Password::typed("nobody's password".into()), None), Ok(Checked::Wrong));
    }

    /// A queue in which so many wait, so many of these judgements.
    fn waiting(all: usize, judgements: usize) -> Queue {
        let work = |at| if at < judgements { Work::Judgement } else { Work::Hash };
        Queue { waiting: (0..all).map(|at| (work(at), sync_channel(1).0)).collect(), ..Queue::default() }
    }

    #[test]
    fn one_too_many_is_turned_away_with_when_to_come_back() {
        let hasher = Hasher::new();
        *hasher.queue.lock().expect("free") = Queue { running: hasher.cores, ..waiting(MOST_WAITING, 0) };
        let refused = hasher.hash(&Password::typed("right horse battery".into()));
        assert!(
            matches!(refused, Err(Error::Unavailable { code: "busy", retry_after_secs: Some(_), .. })),
            "{refused:?}"
        );
        *hasher.queue.lock().expect("free") = Queue::default();
        assert!(hasher.hash(&Password::typed("right horse battery".into())).is_ok());
    }

    #[test]
    fn judgements_leave_room_for_sign_ins() {
        let hasher = Hasher::new();
        let judgements = MOST_JUDGEMENTS_WAITING * hasher.cores;
        let full = |all, judgements, work| waiting(all, judgements).is_full(work, hasher.cores);
        assert!(full(judgements, judgements, Work::Judgement) && !full(judgements, judgements, Work::Hash));
        assert!(!full(judgements, judgements - 1, Work::Judgement));
        assert!(full(MOST_WAITING, 0, Work::Judgement) && full(MOST_WAITING, 0, Work::Hash));
        assert_eq!(hasher.judge(|| 7), Ok(7));
    }

    #[test]
    fn who_came_first_is_served_first() {
        let hasher = Hasher::new();
        hasher.queue.lock().expect("free").running = hasher.cores;
        let served = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for n in 0..20 {
                let (hasher, served) = (&hasher, &served);
                scope.spawn(move || {
                    let _turn = hasher.turn(Work::Hash).expect("a turn");
                    served.lock().expect("free").push(n);
                });
                while hasher.queue.lock().expect("free").waiting.len() <= n {
                    std::thread::yield_now();
                }
            }
            // One core is free from now on.
            drop(Turn { hasher: &hasher, memory: Vec::new() });
        });
        assert_eq!(served.into_inner().expect("free"), (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn a_hash_of_other_parameters_is_to_be_made_anew() {
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).expect("usable"));
        let hash = old.hash_password(b"right horse battery").expect("hashed").to_string();
        let checked = Hasher::new().check(&Password::typed("right horse battery".into()), Some(&hash));
        assert_eq!(checked, Ok(Checked::Right { rehash: true }));
    }
}
