//! Hashes passwords, checks them and rates their strength, with at most one such job per core at a time. Waiting jobs
//! take turns by person or network, so that nobody can occupy the whole queue.

use super::throttle_table::{Allowance, Table};
use crate::domain::fair_queue::FairQueue;
use crate::domain::ids::random_bytes;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Password, Result, network_of};
use crate::store::behalf;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The parameters of argon2id: memory in KiB, passes and lanes.
///
/// Source: OWASP Password Storage Cheat Sheet, argon2id.
const PARAMS: (u32, u32, u32) = (19 * 1024, 2, 1);
/// The length of a salt, in bytes.
const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;
/// The maximum number of waiting jobs of known people, and likewise of strangers; further jobs are refused. On two cores
/// the last job waits for about 1.5 s.
const MOST_WAITING: usize = 32;
/// The maximum number of waiting jobs for one person.
const MOST_OF_ONE_PERSON: usize = 2;
/// The maximum number of waiting strength checks per core, in both halves of the queue together. Each takes at most 100
/// ms, so a sign-in that waits behind them is delayed by less than half a second, and they need no lower priority.
const MOST_STRENGTH_CHECKS_WAITING: usize = 4;

/// Each wrong password of a stranger counts against their network. One is forgotten per minute.
const WRONG: Allowance = Allowance { burst: 1000, interval_millis: 60_000 };

/// The password hasher with its bounded queue.
pub struct Hasher {
    argon2: Argon2<'static>,
    decoy: String,
    cores: usize,
    queue: Mutex<Queue>,
    /// The wrong passwords of strangers, by network.
    wrong: Table,
    begun: Instant,
    /// Working memory for argon2, at most one buffer per core. Buffers are reused: the allocator need not provide 19
    /// MiB for each hash.
    memories: Mutex<Memories>,
}

#[derive(Default)]
struct Memories {
    free: Vec<Vec<Block>>,
    /// True if one was used since `free_unused` was called last.
    used: bool,
}

/// The origin of a job. Jobs of different origins take turns.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    network: String,
    /// The person whose password it is, if a session, a link or a known browser identifies them.
    person: Option<String>,
}

impl Line {
    /// A known person at this IP address.
    pub fn known(person: &str, address: &str) -> Self {
        Self { network: network_of(address), person: Some(person.into()) }
    }

    /// An unknown person at this IP address.
    pub fn stranger(address: &str) -> Self {
        Self { network: network_of(address), person: None }
    }
}

/// Known people and strangers each have half of the queue, and the halves take turns at the cores.
#[derive(Default)]
struct Queue {
    running: usize,
    /// The jobs of known people; the people take turns.
    known: FairQueue<String, Waiting>,
    /// The jobs of strangers; their networks take turns.
    strangers: FairQueue<String, Waiting>,
    known_next: bool,
}

/// A waiting job, with the channel that notifies it of a free core. Dropping the channel refuses the job.
struct Waiting {
    line: Line,
    /// The number of wrong passwords that count against the job's network.
    wrong: i64,
    work: Work,
    core: SyncSender<()>,
}

impl Queue {
    /// Adds a job; returns false if there is no room. If its half of the queue is full, the last job of the network with
    /// the most wrong passwords (of several such networks, the one with the most jobs) is refused in favour of a network
    /// with fewer, so that a flood of guesses makes room for people who know their password. If the half for known people
    /// is full, further known people wait among the strangers of their network.
    fn add(&mut self, waiting: Waiting, cores: usize) -> bool {
        if let Some(person) = waiting.line.person.clone() {
            let of_person = |one: &Waiting| one.line.person.as_ref() == Some(&person);
            if self.known.count(of_person) + self.strangers.count(of_person) >= MOST_OF_ONE_PERSON {
                return false;
            }
            if make_room(&mut self.known, &waiting, cores) {
                self.known.push(person, waiting);
                return true;
            }
        }
        let room = make_room(&mut self.strangers, &waiting, cores);
        if room {
            self.strangers.push(waiting.line.network.clone(), waiting);
        }
        room
    }

    fn pop(&mut self) -> Option<Waiting> {
        self.known_next = !self.known_next;
        if self.known_next {
            self.known.pop().or_else(|| self.strangers.pop())
        } else {
            self.strangers.pop().or_else(|| self.known.pop())
        }
    }
}

/// Returns true if a half of the queue has room for one more job, if necessary after another network has lost a job. A
/// strength check needs room among the strength checks as well as among all jobs.
fn make_room(half: &mut FairQueue<String, Waiting>, new: &Waiting, cores: usize) -> bool {
    let judgements = |one: &Waiting| one.work == Work::StrengthCheck;
    (new.work == Work::Hash || make_room_of(half, new, MOST_STRENGTH_CHECKS_WAITING * cores / 2, judgements))
        && make_room_of(half, new, MOST_WAITING, |_| true)
}

/// As `make_room`, but for the jobs that `of_kind` accepts, of which at most `most` may wait.
fn make_room_of(
    half: &mut FairQueue<String, Waiting>,
    new: &Waiting,
    most: usize,
    of_kind: impl Fn(&Waiting) -> bool,
) -> bool {
    let own = half.count(|one| one.line.network == new.line.network && of_kind(one));
    let group = |one: &Waiting| of_kind(one).then(|| (one.line.network.clone(), one.wrong));
    half.count(&of_kind) < most || half.shed((new.wrong, own + 1), group).is_some()
}

/// The kind of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Hash,
    StrengthCheck,
}

/// The result of checking a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// The password is wrong, or the account does not exist.
    Wrong,
    /// The password is right.
    Right {
        /// True if a new hash should be stored: the current one has other parameters than `PARAMS`, or was made before
        /// passwords were normalised.
        rehash: bool,
    },
}

impl Hasher {
    /// A hasher with the parameters of `PARAMS`.
    ///
    /// # Panics
    /// Never: the parameters are fixed, and argon2 accepts them.
    #[allow(clippy::expect_used)]
    pub fn new() -> Self {
        let (memory, passes, lanes) = PARAMS;
        let params = Params::new(memory, passes, lanes, None).expect("argon2 takes these parameters");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // It costs as much to check as a real hash, and no password matches it.
        let output = Output::new(&random_bytes::<OUTPUT_BYTES>()).expect("a usual length");
        let decoy = random_salt().and_then(|salt| written(&argon2, salt, output)).expect("usual parameters");
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (queue, memories) = (Mutex::default(), Mutex::default());
        Self { argon2, decoy, cores, queue, wrong: Table::default(), begun: Instant::now(), memories }
    }

    /// Returns a hash of the password with a new salt, as a PHC string, which contains the parameters.
    ///
    /// # Errors
    /// `Unavailable` when too many jobs wait.
    pub fn hash(&self, line: &Line, password: &Password) -> Result<String> {
        let mut turn = self.turn(line, Work::Hash)?;
        let salt = random_salt()?;
        let output = computed(&self.argon2, password.reveal(), &salt, &mut turn.memory)?;
        written(&self.argon2, salt, output)
    }

    /// Checks a password, first in NFKC, then as it was typed, because older hashes were made without normalisation.
    /// Without a hash it takes the same time and returns `Wrong`, so that nobody can find out which accounts exist.
    ///
    /// # Errors
    /// `Unavailable` when too many jobs wait.
    pub fn check(&self, line: &Line, password: &Password, hash: Option<&str>) -> Result<Checked> {
        let mut turn = self.turn(line, Work::Hash)?;
        let stored = PasswordHash::new(hash.unwrap_or(&self.decoy)).map_err(Error::internal)?;
        let normalised = fits(&stored, password.reveal(), &mut turn.memory)?;
        let right = normalised
            || match password.reveal_unnormalised() {
                Some(raw) => fits(&stored, raw, &mut turn.memory)?,
                None => false,
            };
        if !right || hash.is_none() {
            self.note_wrong(line);
            return Ok(Checked::Wrong);
        }
        let todays = Params::try_from(&stored).is_ok_and(|params| {
            (params.m_cost(), params.t_cost(), params.p_cost()) == PARAMS
                && stored.algorithm.as_str() == Algorithm::Argon2id.as_ref()
        });
        Ok(Checked::Right { rehash: !normalised || !todays })
    }

    /// Runs a strength check of a password. It takes as long as a hash, and waits in the same queue.
    ///
    /// # Errors
    /// `Unavailable` when too many jobs wait.
    pub fn judge<T>(&self, line: &Line, judge: impl FnOnce() -> T) -> Result<T> {
        let _turn = self.turn(line, Work::StrengthCheck)?;
        Ok(judge())
    }

    /// Counts a wrong password against a stranger's network. Wrong passwords of known people count only in
    /// `app::throttle`.
    fn note_wrong(&self, line: &Line) {
        if line.person.is_none() {
            // If the table is full, the password is not counted.
            let _full = self.wrong.pay(self.wrong.key(&line.network), WRONG, self.millis());
        }
    }

    /// The number of wrong passwords that count against the origin of a job.
    fn wrong_of(&self, line: &Line) -> i64 {
        if line.person.is_some() { 0 } else { self.wrong.owed(self.wrong.key(&line.network), WRONG, self.millis()) }
    }

    /// The age of the hasher in milliseconds.
    fn millis(&self) -> i64 {
        i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn turn(&self, line: &Line, work: Work) -> Result<Turn<'_>> {
        // The request's turn is not needed while it waits here: this queue has its own turns.
        behalf::before_waiting();
        let busy = || Error::busy(phrase!("busy-sign-ins"));
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.running < self.cores {
            queue.running += 1;
        } else {
            let (core, given) = sync_channel(1);
            if !queue.add(Waiting { line: line.clone(), wrong: self.wrong_of(line), work, core }, self.cores) {
                return Err(busy());
            }
            drop(queue);
            // `running` still counts the core when it is handed over: a turn that ends hands its core to the next job.
            given.recv().map_err(|_| busy())?;
        }
        let memory = match work {
            Work::Hash => self.memories.lock().unwrap_or_else(PoisonError::into_inner).free.pop().unwrap_or_default(),
            Work::StrengthCheck => Vec::new(),
        };
        Ok(Turn { hasher: self, memory })
    }

    /// Frees the working memory if no password was hashed since the last call.
    pub fn free_unused(&self) {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::take(&mut memories.used) {
            memories.free.clear();
        }
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

/// A core and the memory for a hash, returned when dropped.
struct Turn<'h> {
    hasher: &'h Hasher,
    memory: Vec<Block>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.memory.is_empty() {
            let memory = std::mem::take(&mut self.memory);
            let mut memories = self.hasher.memories.lock().unwrap_or_else(PoisonError::into_inner);
            memories.free.push(memory);
            memories.used = true;
        }
        let mut queue = self.hasher.queue.lock().unwrap_or_else(PoisonError::into_inner);
        match queue.pop() {
            Some(next) => drop(next.core.send(())),
            None => queue.running -= 1,
        }
    }
}

fn random_salt() -> Result<Salt> {
    Salt::new(&random_bytes::<SALT_BYTES>()).map_err(Error::internal)
}

/// The PHC string of a hash.
fn written(argon2: &Argon2, salt: Salt, output: Output) -> Result<String> {
    let params = ParamsString::try_from(argon2.params()).map_err(Error::internal)?;
    let (algorithm, version) = (Algorithm::Argon2id.ident(), Some(Version::V0x13.into()));
    Ok(PasswordHash { algorithm, version, params, salt: Some(salt), hash: Some(output) }.to_string())
}

/// True if a stored hash of a password can be read.
pub fn is_hash(stored: &str) -> bool {
    PasswordHash::new(stored).is_ok()
}

/// True if a password matches this hash, computed with the parameters that the hash contains.
fn fits(stored: &PasswordHash, password: &str, memory: &mut Vec<Block>) -> Result<bool> {
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(Error::internal)?;
    let version = stored.version.map(Version::try_from).transpose().map_err(Error::internal)?.unwrap_or_default();
    let params = Params::try_from(stored).map_err(Error::internal)?;
    // `Output` compares in constant time.
    Ok(computed(&Argon2::new(algorithm, version, params), password, salt, memory)? == *expected)
}

/// Computes the output of argon2 in `memory`, which is enlarged as the parameters require.
fn computed(argon2: &Argon2, password: &str, salt: &Salt, memory: &mut Vec<Block>) -> Result<Output> {
    let blocks = argon2.params().block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let mut bytes = [0; Output::MAX_LENGTH];
    let length = argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let output = bytes.get_mut(..length).ok_or_else(|| Error::internal("a hash is too long"))?;
    let within = memory.get_mut(..blocks).unwrap_or_default();
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, output, within).map_err(Error::internal)?;
    Output::new(output).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Work::{Hash, StrengthCheck};
    use argon2::password_hash::PasswordHasher;

    fn stranger(n: usize) -> Line {
        Line::stranger(&format!("192.0.2.{n}"))
    }

    /// A known person at their own IP address.
    fn known(n: usize) -> Line {
        Line::known(&n.to_string(), &format!("198.51.100.{n}"))
    }

    fn typed(password: &str) -> Password {
        Password::typed(password.into())
    }

    #[test]
    fn a_password_matches_only_its_own_hash() {
        let (hasher, line) = (Hasher::new(), stranger(1));
        let (ann, bob) = (typed("right horse battery"), typed("left horse battery"));
        let hash = hasher.hash(&line, &ann).expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(hasher.check(&line, &ann, Some(&hash)), Ok(Checked::Right { rehash: false }));
        assert_eq!(hasher.check(&line, &bob, Some(&hash)), Ok(Checked::Wrong));
        assert_eq!(hasher.check(&line, &typed("nobody's password"), None), Ok(Checked::Wrong));
    }

    fn add(queue: &mut Queue, line: &Line, work: Work) -> bool {
        add_guesser(queue, line, 0, work)
    }

    /// Adds a job of an origin with `wrong` wrong passwords.
    fn add_guesser(queue: &mut Queue, line: &Line, wrong: i64, work: Work) -> bool {
        queue.add(Waiting { line: line.clone(), wrong, work, core: sync_channel(1).0 }, 2)
    }

    /// A queue with these waiting jobs.
    fn waiting(lines: impl IntoIterator<Item = (Line, Work)>) -> Queue {
        let mut queue = Queue::default();
        lines.into_iter().for_each(|(line, work)| assert!(add(&mut queue, &line, work), "{line:?}"));
        queue
    }

    fn full(line: impl Fn(usize) -> Line) -> Queue {
        waiting((0..MOST_WAITING).map(|n| (line(n), Hash)))
    }

    #[test]
    fn a_job_beyond_the_limit_is_refused_with_a_time_to_retry() {
        let hasher = Hasher::new();
        *hasher.queue.lock().expect("free") = Queue { running: hasher.cores, ..full(stranger) };
        let refused = hasher.hash(&stranger(999), &typed("right horse battery"));
        assert!(
            matches!(refused, Err(Error::Unavailable { code: "busy", retry_after_secs: Some(_), .. })),
            "{refused:?}"
        );
        *hasher.queue.lock().expect("free") = Queue::default();
        assert!(hasher.hash(&stranger(999), &typed("right horse battery")).is_ok());
    }

    #[test]
    fn strength_checks_leave_room_for_sign_ins() {
        let most = MOST_STRENGTH_CHECKS_WAITING * 2;
        let judgements = |many| waiting((0..many).map(|n| (known(n), StrengthCheck)));
        assert!(add(&mut judgements(most - 1), &known(99), StrengthCheck));
        assert!(!add(&mut judgements(most), &known(99), StrengthCheck) && add(&mut judgements(most), &known(99), Hash));
        assert!(!add(&mut waiting([(known(1), StrengthCheck), (known(1), StrengthCheck)]), &known(1), StrengthCheck));
        assert_eq!(Hasher::new().judge(&known(1), || 7), Ok(7));
    }

    #[test]
    fn a_sign_in_waits_for_few_strength_checks_however_many_people_send_them() {
        let mut queue = Queue::default();
        let waiting = (0..24).filter(|n| add(&mut queue, &known(*n), StrengthCheck)).count();
        assert_eq!(waiting, MOST_STRENGTH_CHECKS_WAITING * 2);
        assert!(add(&mut queue, &known(99), Hash));
        let before = std::iter::from_fn(|| queue.pop()).take_while(|next| next.work == StrengthCheck).count();
        // Two cores, with strength checks of at most 100 ms each.
        assert!(before <= MOST_STRENGTH_CHECKS_WAITING * 2, "{before} checks");
    }

    /// A person who has many links can send a strength check with each of them.
    #[test]
    fn a_network_with_all_waiting_strength_checks_makes_room_for_other_networks() {
        let link = |n: usize| Line::known(&n.to_string(), "192.0.2.1");
        let mut queue = waiting((0..MOST_STRENGTH_CHECKS_WAITING * 2).map(|n| (link(n), StrengthCheck)));
        assert!(!add(&mut queue, &link(99), StrengthCheck), "no further strength check of this network may wait");
        assert!(add(&mut queue, &known(1), StrengthCheck) && add(&mut queue, &known(2), StrengthCheck));
    }

    #[test]
    fn a_network_that_fills_the_queue_makes_room_for_others() {
        let mut queue = full(|_| stranger(1));
        assert!(!add(&mut queue, &stranger(1), Hash), "it has the most jobs");
        assert!(add(&mut queue, &stranger(2), Hash));
        assert_eq!(queue.strangers.count(|one| one.line == stranger(1)), MOST_WAITING - 1);
        let mut queue = full(stranger);
        assert!(!add(&mut queue, &stranger(99), Hash), "all networks have one job each");
        assert!(add(&mut queue, &known(1), Hash), "known people have their own half");
    }

    #[test]
    fn networks_with_wrong_passwords_make_room_for_one_without() {
        let mut queue = Queue::default();
        assert!((0..MOST_WAITING).all(|n| add_guesser(&mut queue, &stranger(n), 2, Hash)));
        assert!(!add_guesser(&mut queue, &stranger(98), 2, Hash), "another network with as many wrong passwords");
        assert!(add_guesser(&mut queue, &stranger(99), 1, Hash));
        assert!((100..131).all(|n| add(&mut queue, &stranger(n), Hash)), "others without a wrong password");
        assert!(!add_guesser(&mut queue, &stranger(98), 2, Hash), "networks without wrong passwords keep their places");
        assert!(queue.strangers.count(|one| one.line == stranger(99)) == 1);
    }

    #[test]
    fn wrong_passwords_of_strangers_count_against_their_network() {
        let hasher = Hasher::new();
        let hash = hasher.hash(&stranger(1), &typed("right horse battery")).expect("hashed");
        for (line, password) in [(stranger(1), "wrong"), (stranger(1), "wrong"), (stranger(2), "right horse battery")] {
            hasher.check(&line, &typed(password), Some(&hash)).expect("checked");
        }
        hasher.check(&known(3), &typed("wrong"), Some(&hash)).expect("checked");
        assert_eq!([stranger(1), stranger(2), known(3)].map(|line| hasher.wrong_of(&line)), [2, 0, 0]);
    }

    #[test]
    fn many_accounts_at_one_address_leave_room_for_other_people() {
        let many = |n: usize| Line::known(&format!("mallory{n}"), "192.0.2.1");
        let twice = waiting((0..MOST_WAITING * 3 / 4).flat_map(|n| [(many(n), Hash), (many(n), Hash)]));
        for mut queue in [full(many), full(known), twice] {
            assert!(add(&mut queue, &stranger(2), Hash), "a stranger elsewhere");
            assert!(add(&mut queue, &stranger(1), Hash), "a stranger at the same address");
            assert!(add(&mut queue, &Line::known("ann", "192.0.2.2"), Hash), "a known person elsewhere");
            assert!(add(&mut queue, &Line::known("bob", "192.0.2.1"), Hash), "a known person at the same address");
        }
    }

    #[test]
    fn at_most_two_jobs_of_one_person_wait_however_many_sessions_they_have() {
        let mut queue = Queue::default();
        let added = (1..=12).filter(|n| add(&mut queue, &Line::known("mallory", &format!("192.0.2.{}", n % 3)), Hash));
        assert_eq!(added.count(), MOST_OF_ONE_PERSON);
    }

    #[test]
    fn known_people_and_strangers_take_turns() {
        let mut queue = waiting([(known(1), Hash), (known(2), Hash), (stranger(1), Hash), (known(3), Hash)]);
        let halves = std::iter::from_fn(|| queue.pop().map(|_| (queue.known.len(), queue.strangers.len())));
        assert_eq!(halves.collect::<Vec<_>>(), [(2, 1), (2, 0), (1, 0), (0, 0)]);
    }

    #[test]
    fn networks_take_turns_at_the_cores() {
        let hasher = Hasher::new();
        hasher.queue.lock().expect("free").running = hasher.cores;
        let served = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for (n, line) in [1, 1, 1, 2, 2].map(stranger).into_iter().enumerate() {
                let (hasher, served) = (&hasher, &served);
                scope.spawn(move || {
                    let _turn = hasher.turn(&line, Hash).expect("a turn");
                    served.lock().expect("free").push(n);
                });
                while hasher.queue.lock().expect("free").strangers.len() <= n {
                    std::thread::yield_now();
                }
            }
            // One core becomes free.
            drop(Turn { hasher: &hasher, memory: Vec::new() });
        });
        assert_eq!(served.into_inner().expect("free"), [0, 3, 1, 4, 2]);
    }

    #[test]
    fn a_password_matches_in_each_unicode_form_and_an_unnormalised_hash_is_replaced() {
        let (hasher, line) = (Hasher::new(), stranger(1));
        let (composed, decomposed) = (typed("Zürich violet tides"), typed("Zu\u{308}rich violet tides"));
        let hash = hasher.hash(&line, &decomposed).expect("hashed");
        for form in [&composed, &decomposed] {
            assert_eq!(hasher.check(&line, form, Some(&hash)), Ok(Checked::Right { rehash: false }));
        }
        let before = hasher.argon2.hash_password("Zu\u{308}rich violet tides".as_bytes()).expect("hashed").to_string();
        assert_eq!(hasher.check(&line, &decomposed, Some(&before)), Ok(Checked::Right { rehash: true }));
        assert_eq!(hasher.check(&line, &typed("Zurich violet tides"), Some(&hash)), Ok(Checked::Wrong));
    }

    #[test]
    fn a_hash_with_other_parameters_is_replaced() {
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).expect("usable"));
        let hash = old.hash_password(b"right horse battery").expect("hashed").to_string();
        let checked = Hasher::new().check(&stranger(1), &typed("right horse battery"), Some(&hash));
        assert_eq!(checked, Ok(Checked::Right { rehash: true }));
    }
}
