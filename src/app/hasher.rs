//! Hashes and judges passwords, never more at once than there are cores. Those who wait take turns by where they come from, so that
//! nobody can fill the queue for others.

use super::throttle_table::{Allowance, Table};
use crate::domain::fair_queue::FairQueue;
use crate::domain::ids::random_bytes;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Password, Result, network_of};
use crate::store::behalf;
use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Memory in KiB, passes and lanes.
///
/// Source: OWASP Password Storage Cheat Sheet, argon2id.
const PARAMS: (u32, u32, u32) = (19 * 1024, 2, 1);
/// The bytes of a salt.
const SALT_BYTES: usize = 16;
/// The number of known people, and of strangers, that may wait for a core; one more is refused. On two cores the last of them waits for
/// about 1.5 s.
const MOST_WAITING: usize = 32;
/// How many of these may be for one person.
const MOST_OF_ONE_PERSON: usize = 2;
/// The number of both that may be strength checks, for each core: a sign-in behind them waits for a fraction of a second.
const MOST_JUDGEMENTS_WAITING: usize = 4;

/// How long a wrong password counts against the network of the stranger who typed it, in milliseconds; several one after the other.
const WRONG: Allowance = Allowance { burst: 1000, interval_millis: 60_000 };

/// The password hasher with its bounded queue.
pub struct Hasher {
    argon2: Argon2<'static>,
    decoy: String,
    cores: usize,
    queue: Mutex<Queue>,
    /// The wrong passwords that strangers typed, by network.
    wrong: Table,
    begun: Instant,
    /// Memory for argon2, at most one block for each core. It is kept: the allocator does not give 19 MiB back each time.
    memories: Mutex<Vec<Vec<Block>>>,
}

/// The origin of work.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    network: String,
    /// The person whose password it is, where a session, a link or a browser that is known to them stands for them.
    person: Option<String>,
}

impl Line {
    /// Somebody known, who comes from this address.
    pub fn known(person: &str, address: &str) -> Self {
        Self { network: network_of(address), person: Some(person.into()) }
    }

    /// Somebody unknown, who comes from this address.
    pub fn stranger(address: &str) -> Self {
        Self { network: network_of(address), person: None }
    }
}

/// Known people and strangers each have half of the queue, and the cores in turn.
#[derive(Default)]
struct Queue {
    running: usize,
    /// In a row for each person.
    known: FairQueue<String, Waiting>,
    /// In a row for each network.
    strangers: FairQueue<String, Waiting>,
    known_next: bool,
}

/// A waiting job and the channel that gives it a core; dropping it refuses the job.
struct Waiting {
    line: Line,
    /// How many wrong passwords count against it.
    wrong: i64,
    work: Work,
    core: SyncSender<()>,
}

impl Queue {
    /// Adds a job; false where there is no room. In a full half, the network with the most wrong passwords, and of these the one with
    /// the most jobs, gives its last place to one that has fewer: a flood of guesses makes way for those who know their password.
    /// Known people who find no room in theirs wait as strangers of their network.
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

/// True if a half has room for one more job, or its network's share makes some: among the strength checks, for one of these, and among
/// all.
fn make_room(half: &mut FairQueue<String, Waiting>, new: &Waiting, cores: usize) -> bool {
    let judgements = |one: &Waiting| one.work == Work::Judgement;
    (new.work == Work::Hash || make_room_of(half, new, MOST_JUDGEMENTS_WAITING * cores / 2, judgements))
        && make_room_of(half, new, MOST_WAITING, |_| true)
}

/// The same of jobs of a kind, of which so many may wait.
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

/// The reason for a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Hash,
    Judgement,
}

/// The outcome of checking a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// The password is wrong, or there is no such person.
    Wrong,
    /// The password is right. `rehash`: its hash has other parameters than today's, or is from before passwords were normalised.
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
        let (queue, memories) = (Mutex::default(), Mutex::default());
        Self { argon2, decoy, cores, queue, wrong: Table::default(), begun: Instant::now(), memories }
    }

    /// A hash of the password, with a new salt and its parameters in it.
    ///
    /// # Errors
    /// `Unavailable` when too many wait.
    pub fn hash(&self, line: &Line, password: &Password) -> Result<String> {
        let mut turn = self.turn(line, Work::Hash)?;
        let salt = Salt::new(&random_bytes::<SALT_BYTES>()).map_err(Error::internal)?;
        let output = computed(&self.argon2, password.reveal(), &salt, &mut turn.memory)?;
        let params = ParamsString::try_from(self.argon2.params()).map_err(Error::internal)?;
        let (algorithm, version) = (Algorithm::Argon2id.ident(), Some(Version::V0x13.into()));
        Ok(PasswordHash { algorithm, version, params, salt: Some(salt), hash: Some(output) }.to_string())
    }

    /// Checks a password, in NFKC and then as it came: hashes made before passwords were normalised are of the latter. Without a hash it
    /// takes as long and says `Wrong`, so that nobody can tell who is here.
    ///
    /// # Errors
    /// `Unavailable` when too many wait.
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

    /// Judges a password: that takes as long as a hash, and waits in the same queue.
    ///
    /// # Errors
    /// `Unavailable` when too many wait.
    pub fn judge<T>(&self, line: &Line, judge: impl FnOnce() -> T) -> Result<T> {
        let _turn = self.turn(line, Work::Judgement)?;
        Ok(judge())
    }

    /// Counts a wrong password against a stranger's network. What a known person types counts in the throttle alone.
    fn note_wrong(&self, line: &Line) {
        if line.person.is_none() {
            // Where the table is full, one more tells nothing.
            let _full = self.wrong.pay(self.wrong.key(&line.network), WRONG, self.millis());
        }
    }

    /// How many wrong passwords count against the origin of work.
    fn wrong_of(&self, line: &Line) -> i64 {
        if line.person.is_some() { 0 } else { self.wrong.owed(self.wrong.key(&line.network), WRONG, self.millis()) }
    }

    /// The age of the hasher in milliseconds.
    fn millis(&self) -> i64 {
        i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn turn(&self, line: &Line, work: Work) -> Result<Turn<'_>> {
        // This queue has turns of its own.
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
            // The core is handed over and stays counted as running; a turn that ends always hands it on.
            given.recv().map_err(|_| busy())?;
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
        match queue.pop() {
            Some(next) => drop(next.core.send(())),
            None => queue.running -= 1,
        }
    }
}

/// True if a password has this hash, by the parameters that stand in it.
fn fits(stored: &PasswordHash, password: &str, memory: &mut Vec<Block>) -> Result<bool> {
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(Error::internal)?;
    let version = stored.version.map(Version::try_from).transpose().map_err(Error::internal)?.unwrap_or_default();
    let params = Params::try_from(stored).map_err(Error::internal)?;
    // Two outputs are compared in constant time.
    Ok(computed(&Argon2::new(algorithm, version, params), password, salt, memory)? == *expected)
}

/// argon2's output, worked out in `memory`, which grows to what the parameters ask for.
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
    use Work::{Hash, Judgement};

    fn stranger(n: usize) -> Line {
        Line::stranger(&format!("192.0.2.{n}"))
    }

    /// A known person who comes from an address of their own.
    fn known(n: usize) -> Line {
        Line::known(&n.to_string(), &format!("198.51.100.{n}"))
    }

    fn typed(password: &str) -> Password {
        Password::typed(password.into())
    }

    #[test]
    fn a_password_fits_its_own_hash_alone() {
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

    /// Adds the job of an origin with so many wrong passwords.
    fn add_guesser(queue: &mut Queue, line: &Line, wrong: i64, work: Work) -> bool {
        queue.add(Waiting { line: line.clone(), wrong, work, core: sync_channel(1).0 }, 2)
    }

    /// A queue in which these wait.
    fn waiting(lines: impl IntoIterator<Item = (Line, Work)>) -> Queue {
        let mut queue = Queue::default();
        lines.into_iter().for_each(|(line, work)| assert!(add(&mut queue, &line, work), "{line:?}"));
        queue
    }

    fn full(line: impl Fn(usize) -> Line) -> Queue {
        waiting((0..MOST_WAITING).map(|n| (line(n), Hash)))
    }

    #[test]
    fn one_too_many_is_turned_away_with_when_to_come_back() {
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
    fn judgements_leave_room_for_sign_ins() {
        let most = MOST_JUDGEMENTS_WAITING * 2;
        let judgements = |many| waiting((0..many).map(|n| (known(n), Judgement)));
        assert!(add(&mut judgements(most - 1), &known(99), Judgement));
        assert!(!add(&mut judgements(most), &known(99), Judgement) && add(&mut judgements(most), &known(99), Hash));
        assert!(!add(&mut waiting([(known(1), Judgement), (known(1), Judgement)]), &known(1), Judgement));
        assert_eq!(Hasher::new().judge(&known(1), || 7), Ok(7));
    }

    /// As somebody does who has many links.
    #[test]
    fn a_network_with_all_judgements_makes_room_for_those_of_others() {
        let link = |n: usize| Line::known(&n.to_string(), "192.0.2.1");
        let mut queue = waiting((0..MOST_JUDGEMENTS_WAITING * 2).map(|n| (link(n), Judgement)));
        assert!(!add(&mut queue, &link(99), Judgement), "it has all of them");
        assert!(add(&mut queue, &known(1), Judgement) && add(&mut queue, &known(2), Judgement));
    }

    #[test]
    fn a_network_that_fills_the_queue_makes_room_for_others() {
        let mut queue = full(|_| stranger(1));
        assert!(!add(&mut queue, &stranger(1), Hash), "it has the most");
        assert!(add(&mut queue, &stranger(2), Hash));
        assert_eq!(queue.strangers.count(|one| one.line == stranger(1)), MOST_WAITING - 1);
        let mut queue = full(stranger);
        assert!(!add(&mut queue, &stranger(99), Hash), "all networks have as little");
        assert!(add(&mut queue, &known(1), Hash), "known people have a half of their own");
    }

    #[test]
    fn networks_that_guess_make_room_for_one_that_does_not() {
        let mut queue = Queue::default();
        assert!((0..MOST_WAITING).all(|n| add_guesser(&mut queue, &stranger(n), 2, Hash)));
        assert!(!add_guesser(&mut queue, &stranger(98), 2, Hash), "a further one that guesses as much");
        assert!(add_guesser(&mut queue, &stranger(99), 1, Hash));
        assert!((100..131).all(|n| add(&mut queue, &stranger(n), Hash)), "others without a wrong password");
        assert!(!add_guesser(&mut queue, &stranger(98), 2, Hash), "those stay");
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
    fn many_accounts_at_one_address_leave_room_for_everybody_else() {
        let many = |n: usize| Line::known(&format!("mallory{n}"), "192.0.2.1");
        let twice = waiting((0..MOST_WAITING * 3 / 4).flat_map(|n| [(many(n), Hash), (many(n), Hash)]));
        for mut queue in [full(many), full(known), twice] {
            assert!(add(&mut queue, &stranger(2), Hash), "a stranger elsewhere");
            assert!(add(&mut queue, &stranger(1), Hash), "a stranger at the same address");
            assert!(add(&mut queue, &Line::known("ann", "192.0.2.2"), Hash), "somebody known elsewhere");
            assert!(add(&mut queue, &Line::known("bob", "192.0.2.1"), Hash), "somebody known at the same address");
        }
    }

    #[test]
    fn many_sessions_of_one_person_have_two_places() {
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
    fn a_network_with_many_requests_lets_another_go_before_its_second() {
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
            // One core is free from now on.
            drop(Turn { hasher: &hasher, memory: Vec::new() });
        });
        assert_eq!(served.into_inner().expect("free"), [0, 3, 1, 4, 2]);
    }

    #[test]
    fn a_password_fits_in_each_unicode_form_and_an_unnormalised_hash_is_replaced() {
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
    fn a_hash_of_other_parameters_is_replaced() {
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).expect("usable"));
        let hash = old.hash_password(b"right horse battery").expect("hashed").to_string();
        let checked = Hasher::new().check(&stranger(1), &typed("right horse battery"), Some(&hash));
        assert_eq!(checked, Ok(Checked::Right { rehash: true }));
    }
}
