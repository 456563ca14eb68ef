//! The resources that clients hold, in all and by address: connections, unanswered requests, bodies that are being read, answers
//! that are being sent.

use crate::config::Limits;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result, network};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// A small body, in bytes: most are. A quarter of all memory is for these, so that large ones keep no sign-in out.
pub const SMALL_BODY_BYTES: usize = 4 * 1024;
/// An answer of fewer bytes is not counted: the number of unanswered requests bounds these.
const SMALL_ANSWER_BYTES: usize = 16 * 1024;

/// The count of everything that clients hold, by the network that their address is in (`domain::network`).
pub struct Load {
    /// The limits that it keeps.
    pub limits: Limits,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    connections: usize,
    body_bytes: usize,
    answer_bytes: usize,
    shares: HashMap<IpAddr, Share>,
    /// Idle connections, oldest first, each with what closes it.
    idle: BTreeMap<u64, oneshot::Sender<()>>,
    turns: u64,
}

/// The resources that one network holds.
#[derive(Default, PartialEq, Eq)]
struct Share {
    unanswered: usize,
    body_bytes: usize,
    answer_bytes: usize,
}

impl Held {
    /// Changes a network's share, and forgets it once it is empty.
    fn share<T>(&mut self, network: IpAddr, change: impl FnOnce(&mut Share) -> T) -> T {
        let share = self.shares.entry(network).or_default();
        let outcome = change(share);
        if *share == Share::default() {
            self.shares.remove(&network);
        }
        outcome
    }

    /// Counts one more unanswered request, unless there are too many.
    fn begin(&mut self, network: IpAddr, most: usize) -> bool {
        self.share(network, |share| {
            let free = share.unanswered < most;
            share.unanswered += usize::from(free);
            free
        })
    }

    fn end(&mut self, network: IpAddr) {
        self.share(network, |share| share.unanswered -= 1);
    }

    fn set_idle(&mut self, close: oneshot::Sender<()>) -> Stage {
        self.turns += 1;
        self.idle.insert(self.turns, close);
        Stage::Idle(self.turns)
    }
}

impl Load {
    /// Nothing is held yet.
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, held: Mutex::default() })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection, idle; where there are too many, the one that was idle longest closes. `None` where all are in use.
    /// `address`: `None` for a trusted proxy, whose clients are counted by request. What is received asks to close it.
    pub fn connect(self: &Arc<Self>, address: Option<IpAddr>) -> Option<(Slot, oneshot::Receiver<()>)> {
        let mut held = self.held();
        if held.connections >= self.limits.connections {
            let (_, close) = held.idle.pop_first()?;
            // Its place is free from here on: its own end counts no more.
            held.connections -= 1;
            // It may have ended just now.
            let _ = close.send(());
        }
        held.connections += 1;
        let (close, closed) = oneshot::channel();
        let stage = held.set_idle(close);
        drop(held);
        Some((Slot { load: self.clone(), network: address.map(network), stage }, closed))
    }

    /// A request that a trusted proxy passes on; `None` where its client has too many already.
    pub fn request(self: &Arc<Self>, address: IpAddr) -> Option<Unanswered> {
        let network = network(address);
        let free = self.held().begin(network, self.limits.per_address);
        free.then(|| Unanswered { load: self.clone(), network })
    }

    /// A body of which nothing has come yet.
    pub fn body(self: &Arc<Self>, address: IpAddr) -> BodyShare {
        BodyShare { load: self.clone(), network: network(address), bytes: 0 }
    }

    /// Memory for an answer of this many bytes. `done`: what it tells of has been done, and it is sent in any case.
    ///
    /// # Errors
    /// `Unavailable` where all answers, or those to this address, hold too much.
    pub fn answer(self: &Arc<Self>, network: IpAddr, bytes: usize, done: bool) -> Result<AnswerShare> {
        let bytes = if bytes < SMALL_ANSWER_BYTES { 0 } else { bytes };
        let Limits { answer_bytes: all, answer_bytes_per_address: own, .. } = self.limits;
        let mut held = self.held();
        let room = done || bytes == 0 || all.saturating_sub(held.answer_bytes) >= bytes;
        let taken = held.share(network, |share| {
            let room = room && (done || bytes == 0 || own.saturating_sub(share.answer_bytes) >= bytes);
            share.answer_bytes += if room { bytes } else { 0 };
            room
        });
        if !taken {
            return Err(Error::busy(phrase!("busy-unread-answers")));
        }
        held.answer_bytes += bytes;
        Ok(AnswerShare { load: self.clone(), network, bytes })
    }
}

/// A connection's place.
pub struct Slot {
    load: Arc<Load>,
    network: Option<IpAddr>,
    stage: Stage,
}

enum Stage {
    /// Nothing is asked; by this number it can be closed for others.
    Idle(u64),
    /// A request is unanswered.
    Busy(oneshot::Sender<()>),
    /// It closes.
    Over,
}

impl Slot {
    /// A request begins. False where the address has too many unanswered ones, or the connection is to close: it is over then.
    pub fn wake(&mut self) -> bool {
        let Stage::Idle(turn) = self.stage else { return matches!(self.stage, Stage::Busy(_)) };
        let mut held = self.load.held();
        let free = self.network.is_none_or(|network| held.begin(network, self.load.limits.per_address));
        let close = held.idle.remove(&turn);
        self.stage = match (free, close) {
            (true, Some(close)) => Stage::Busy(close),
            (free, close) => {
                if let Some(network) = self.network.filter(|_| free) {
                    held.end(network);
                }
                held.connections -= usize::from(close.is_some());
                Stage::Over
            }
        };
        matches!(self.stage, Stage::Busy(_))
    }

    /// Everything is answered.
    pub fn rest(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        self.stage = match stage {
            Stage::Busy(close) => {
                let mut held = self.load.held();
                if let Some(network) = self.network {
                    held.end(network);
                }
                held.set_idle(close)
            }
            other => other,
        };
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.rest();
        if let Stage::Idle(turn) = self.stage {
            let mut held = self.load.held();
            let counted = held.idle.remove(&turn).is_some();
            held.connections -= usize::from(counted);
        }
    }
}

/// A request behind a trusted proxy, until it is answered.
pub struct Unanswered {
    load: Arc<Load>,
    network: IpAddr,
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        self.load.held().end(self.network);
    }
}

/// The memory of a body, as long as somebody needs it.
pub struct BodyShare {
    load: Arc<Load>,
    network: IpAddr,
    bytes: usize,
}

impl BodyShare {
    /// Takes memory for this many bytes in all.
    ///
    /// # Errors
    /// `Unavailable` where all bodies, or those from this address, hold too much.
    pub fn grow(&mut self, bytes: usize) -> Result<()> {
        let more = bytes.saturating_sub(self.bytes);
        let Limits { body_bytes, body_bytes_per_address: own, .. } = self.load.limits;
        let all = if bytes > SMALL_BODY_BYTES { body_bytes / 4 * 3 } else { body_bytes };
        let mut held = self.load.held();
        let room = all.saturating_sub(held.body_bytes) >= more;
        let taken = held.share(self.network, |share| {
            let room = room && own.saturating_sub(share.body_bytes) >= more;
            share.body_bytes += if room { more } else { 0 };
            room
        });
        if !taken {
            return Err(Error::busy(phrase!("busy-bodies")));
        }
        held.body_bytes += more;
        self.bytes += more;
        Ok(())
    }
}

impl Drop for BodyShare {
    fn drop(&mut self) {
        let mut held = self.load.held();
        held.body_bytes -= self.bytes;
        held.share(self.network, |share| share.body_bytes -= self.bytes);
    }
}

/// The memory of an answer, until it is sent.
pub struct AnswerShare {
    load: Arc<Load>,
    network: IpAddr,
    bytes: usize,
}

impl Drop for AnswerShare {
    fn drop(&mut self) {
        let mut held = self.load.held();
        held.answer_bytes -= self.bytes;
        held.share(self.network, |share| share.answer_bytes -= self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn load(per_address: usize, connections: usize) -> Arc<Load> {
        let bodies = Limits { body_bytes: 100, body_bytes_per_address: 60, ..Limits::default() };
        Load::new(Limits { per_address, connections, ..bodies })
    }

    fn there() -> IpAddr {
        "2001:db8::".parse().expect("an address")
    }

    fn is_empty(load: &Load) -> bool {
        let held = load.held();
        (held.connections, held.body_bytes, held.answer_bytes, held.shares.len(), held.idle.len()) == (0, 0, 0, 0, 0)
    }

    #[test]
    fn idle_connections_close_first_and_those_in_use_never() {
        let load = load(10, 2);
        let (mut first, mut first_closed) = load.connect(Some(HERE)).expect("room");
        let (second, mut second_closed) = load.connect(Some(HERE)).expect("room");
        assert!(first.wake());
        let (mut third, mut third_closed) = load.connect(Some(there())).expect("the idle one makes room");
        assert!(second_closed.try_recv().is_ok());
        assert!(third.wake());
        assert!(load.connect(Some(HERE)).is_none(), "all are in use");
        assert!(first_closed.try_recv().is_err() && third_closed.try_recv().is_err());
        first.rest();
        assert!(load.connect(Some(HERE)).is_some());
        drop((first, second, third));
        assert!(is_empty(&load));
    }

    #[test]
    fn an_address_has_so_many_unanswered_and_any_number_of_idle_connections() {
        let load = load(1, 10);
        let mut slots: Vec<_> = (0..5).map(|_| load.connect(Some(HERE)).expect("room").0).collect();
        assert!(slots[0].wake());
        assert!(!slots[1].wake(), "one too many");
        slots[0].rest();
        assert!(slots[2].wake(), "the first is answered");
        assert!(load.connect(Some(there())).expect("room").0.wake(), "another address");
        assert!((0..3).all(|_| load.connect(None).expect("room").0.wake()), "a trusted proxy");
        drop(slots);
        assert!(is_empty(&load));
    }

    #[test]
    fn a_network_of_ipv6_is_one_client_however_many_addresses_it_has() {
        let load = load(1, 10);
        let address = |text: &str| text.parse().expect("an address");
        let (one, two, other) = (address("2001:db8::1"), address("2001:db8::ffff:2"), address("2001:db8:0:1::1"));
        let mut first = load.connect(Some(one)).expect("room").0;
        assert!(first.wake());
        assert!(!load.connect(Some(two)).expect("room").0.wake() && load.request(two).is_none());
        assert!(load.connect(Some(other)).expect("room").0.wake() && load.request(other).is_some());
        let mut body = load.body(one);
        assert!(body.grow(60).is_ok() && load.body(two).grow(1).is_err() && load.body(other).grow(1).is_ok());
        drop((first, body));
        assert!(is_empty(&load));
    }

    #[test]
    fn bodies_share_what_there_is_and_give_it_back() {
        let load = load(10, 10);
        let mut here = load.body(HERE);
        assert!(here.grow(60).is_ok() && here.grow(61).is_err(), "one address has a part of it");
        let mut there = load.body(there());
        assert!(there.grow(40).is_ok() && there.grow(41).is_err(), "all have all of it");
        drop(here);
        assert!(there.grow(60).is_ok());
        drop(there);
        assert!(is_empty(&load));
    }

    #[test]
    fn answers_share_what_there_is_and_give_it_back() {
        const PART: usize = 20 * 1024;
        let answers = Limits { answer_bytes: 3 * PART, answer_bytes_per_address: 2 * PART, ..Limits::default() };
        let load = Load::new(answers);
        let first = load.answer(HERE, 2 * PART, false).expect("room");
        assert!(load.answer(HERE, PART, false).is_err(), "one address has a part of it");
        let small = load.answer(HERE, SMALL_ANSWER_BYTES - 1, false).expect("a small one is free");
        let second = load.answer(there(), PART, false).expect("room");
        assert!(load.answer(there(), PART, false).is_err(), "all have all of it");
        let done = load.answer(HERE, PART, true).expect("what is done is told");
        drop((first, second, done));
        assert!(load.answer(HERE, 2 * PART, false).is_ok());
        drop(small);
        assert!(is_empty(&load));
    }

    #[test]
    fn a_request_behind_a_proxy_counts_until_it_is_answered() {
        let load = load(1, 10);
        let first = load.request(HERE).expect("room");
        assert!(load.request(HERE).is_none());
        assert!(load.request(there()).is_some());
        drop(first);
        assert!(load.request(HERE).is_some());
        assert!(is_empty(&load));
    }
}
