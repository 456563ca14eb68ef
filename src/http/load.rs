//! Limits the resources that clients hold, in total and by network: connections, unanswered requests, request bodies
//! that are being read, and answers that are being sent. If one of these is used up, the network that holds most of it
//! loses a part (`domain::holdings`).

use crate::config::Limits;
use crate::domain::holdings::{Hold, Holdings};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result, network};
use std::future::{Future, poll_fn};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use tokio::sync::Notify;

/// The maximum size of a small body, in bytes. A quarter of the memory for bodies is reserved for these, so that large
/// bodies block no sign-ins.
pub const SMALL_BODY_BYTES: usize = 4 * 1024;
/// Smaller answers, in bytes, are not counted, as the number of unanswered requests limits them.
const SMALL_ANSWER_BYTES: usize = 16 * 1024;
/// The key under which the connections of all trusted proxies are counted together.
const PROXIES: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Notifies a connection or body that it must end to make room.
pub type End = Arc<Notify>;

/// All that clients hold, by the network of their address (`domain::network`).
pub struct Load {
    /// The limits to enforce.
    pub limits: Limits,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// Connections, each of size 1. Connections with an unanswered request count as in use.
    connections: Holdings<End>,
    /// Request bodies, in bytes.
    bodies: Holdings<End>,
    /// Answers that are being sent, in bytes.
    answers: Holdings<End>,
}

/// Notifies the connections and bodies that must end.
fn end(ended: &[End]) {
    for one in ended {
        one.notify_one();
    }
}

fn busy_bodies() -> Error {
    Error::busy(phrase!("busy-bodies"))
}

impl Load {
    /// Starts with nothing held.
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, held: Mutex::default() })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an idle connection. If there are too many connections, an idle one is closed, or one of the network that has
    /// most; returns `None` if none can be closed. `address`: `None` for a trusted proxy, whose clients are counted by
    /// request.
    pub fn connect(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Slot> {
        let (network, closes) = (address.map(network), End::default());
        let (of, state) = network.map_or((PROXIES, Hold::Idle), |network| (network, Hold::New));
        let mut held = self.held();
        end(&held.connections.make_room(network, 1, self.limits.connections)?);
        let part = held.connections.add(of, 1, state, closes.clone());
        drop(held);
        Some(Slot { load: self.clone(), network, part, stage: Stage::Idle, end: closes })
    }

    /// Adds a body that has no bytes yet.
    pub fn body(self: &Arc<Self>, address: IpAddr) -> BodyShare {
        let (part, end) = (OnceLock::new(), End::default());
        BodyShare { held: Arc::new(HeldBody { load: self.clone(), network: network(address), part, end }), bytes: 0 }
    }

    /// Counts an answer of `bytes` bytes. `done`: true if the request has changed data, so its answer is not refused;
    /// other answers end instead, answers to the same network first. `gives_way`: ends the answer's connection if its
    /// memory is needed.
    ///
    /// # Errors
    /// `Unavailable` if all answers together, or the answers to this network, hold too much.
    pub fn answer(
        self: &Arc<Self>,
        network: IpAddr,
        bytes: usize,
        done: bool,
        gives_way: Option<End>,
    ) -> Result<AnswerShare> {
        let Limits { answer_bytes: all, answer_bytes_per_address: own, .. } = self.limits;
        if bytes < SMALL_ANSWER_BYTES {
            return Ok(AnswerShare { load: self.clone(), part: None });
        }
        let answers = &mut self.held().answers;
        let ended = if done {
            Some(answers.force_room(network, bytes, own, all))
        } else {
            let room = own.saturating_sub(answers.held_by(network)) >= bytes;
            room.then(|| answers.make_room(Some(network), bytes, all)).flatten()
        };
        end(&ended.ok_or_else(|| Error::busy(phrase!("busy-unread-answers")))?);
        let state = gives_way.as_ref().map_or(Hold::Firm, |_| Hold::UnderWay);
        let part = answers.add(network, bytes, state, gives_way.unwrap_or_default());
        Ok(AnswerShare { load: self.clone(), part: Some(part) })
    }
}

/// A counted connection.
pub struct Slot {
    load: Arc<Load>,
    /// `None` for a trusted proxy.
    network: Option<IpAddr>,
    part: u64,
    stage: Stage,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The connection has no open request.
    Idle,
    /// The connection has an unanswered request.
    Busy,
    /// The connection is closing.
    Over,
}

impl Slot {
    /// Notifies the connection that it must close.
    pub fn end(&self) -> &End {
        &self.end
    }

    /// Marks the start of a request. Returns false, and the connection is then closing, if the network has too many
    /// unanswered requests or the connection must close.
    pub fn wake(&mut self) -> bool {
        if self.stage == Stage::Idle {
            let begun = match self.network {
                Some(network) => self.count_for(network),
                None => self.load.held().connections.set(self.part, PROXIES, Hold::Firm),
            };
            self.stage = if begun { Stage::Busy } else { Stage::Over };
            if !begun {
                self.load.held().connections.remove(self.part);
            }
        }
        self.stage == Stage::Busy
    }

    /// Counts the current request, which a trusted proxy forwards, for this client until everything is answered. False
    /// if the client has too many requests already.
    pub fn pass_on(&mut self, address: IpAddr) -> bool {
        self.load.held().connections.set(self.part, PROXIES, Hold::Firm) && self.count_for(network(address))
    }

    /// Counts the current request for a network; false if the network has too many unanswered requests.
    fn count_for(&self, network: IpAddr) -> bool {
        let connections = &mut self.load.held().connections;
        connections.in_use_by(network) < self.load.limits.per_address
            && connections.set(self.part, network, Hold::InUse)
    }

    /// Marks that all requests are answered.
    pub fn rest(&mut self) {
        if self.stage == Stage::Busy {
            self.stage = Stage::Idle;
            // This fails if the connection must close, which the next request finds out.
            self.load.held().connections.set(self.part, self.network.unwrap_or(PROXIES), Hold::Idle);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.load.held().connections.remove(self.part);
    }
}

/// The memory of a body that is being read or processed.
pub struct BodyShare {
    held: Arc<HeldBody>,
    bytes: usize,
}

/// A body that holds memory. It can be ended to make room for other bodies, except while it is being processed.
pub struct HeldBody {
    load: Arc<Load>,
    network: IpAddr,
    /// The id of the body's part in the holdings; empty until the first bytes arrive.
    part: OnceLock<u64>,
    end: End,
}

impl BodyShare {
    /// Raises the body's memory to `bytes` bytes.
    ///
    /// # Errors
    /// `Unavailable` if all bodies together, or those of this network, hold too much, or if this body was ended.
    pub fn grow(&mut self, bytes: usize) -> Result<()> {
        let more = bytes.saturating_sub(self.bytes);
        let HeldBody { load, network, part, end: closes } = &*self.held;
        let Limits { body_bytes, body_bytes_per_address: own, .. } = load.limits;
        let all = if bytes > SMALL_BODY_BYTES { body_bytes / 4 * 3 } else { body_bytes };
        let bodies = &mut load.held().bodies;
        let part = *part.get_or_init(|| bodies.add(*network, 0, Hold::UnderWay, closes.clone()));
        let room = own.saturating_sub(bodies.held_by(*network)) >= more;
        let ended = room.then(|| bodies.make_room_to_grow(part, more, all)).flatten();
        end(&ended.ok_or_else(busy_bodies)?);
        bodies.grow(part, more);
        self.bytes += more;
        Ok(())
    }

    /// The body that holds the memory.
    pub fn held(&self) -> &Arc<HeldBody> {
        &self.held
    }
}

impl HeldBody {
    /// Keeps the memory while the body is being processed; it cannot be ended meanwhile.
    ///
    /// # Errors
    /// `Unavailable` if the body was ended.
    pub fn keep(&self) -> Result<()> {
        self.set(Hold::Firm)
    }

    /// Marks a complete body as waiting: it can be ended to make room for a network that holds less.
    ///
    /// # Errors
    /// `Unavailable` if the body was ended.
    pub fn release(&self) -> Result<()> {
        self.set(Hold::InUse)
    }

    fn set(&self, hold: Hold) -> Result<()> {
        let set = self.part.get().is_none_or(|part| self.load.held().bodies.set(*part, self.network, hold));
        if set { Ok(()) } else { Err(busy_bodies()) }
    }

    /// Waits for `work`, or until the body is ended.
    ///
    /// # Errors
    /// The errors of `work`; `Unavailable` if the body is ended.
    pub async fn unless_ended<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let (mut ended, mut work) = (pin!(self.end.notified()), pin!(work));
        poll_fn(|cx| match ended.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(busy_bodies())),
            Poll::Pending => work.as_mut().poll(cx),
        })
        .await
    }
}

impl Drop for HeldBody {
    fn drop(&mut self) {
        if let Some(part) = self.part.get() {
            self.load.held().bodies.remove(*part);
        }
    }
}

/// The memory of an answer, until it is sent. A small answer is not counted.
pub struct AnswerShare {
    load: Arc<Load>,
    part: Option<u64>,
}

impl Drop for AnswerShare {
    fn drop(&mut self) {
        if let Some(part) = self.part {
            self.load.held().answers.remove(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn load(per_address: usize, connections: usize) -> Arc<Load> {
        let bodies = Limits { body_bytes: 100, body_bytes_per_address: 60, ..Limits::default() };
        Load::new(Limits { per_address, connections, ..bodies })
    }

    fn there() -> IpAddr {
        "2001:db8::".parse().expect("an address")
    }

    fn elsewhere() -> IpAddr {
        "2001:db8:1::".parse().expect("an address")
    }

    fn is_empty(load: &Load) -> bool {
        let held = load.held();
        held.connections.is_empty() && held.bodies.is_empty() && held.answers.is_empty()
    }

    /// True if the connection or body was notified to end.
    fn is_ended(end: &End) -> bool {
        let mut ended = pin!(end.notified());
        ended.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    fn ended_of(slots: &[Slot]) -> Vec<bool> {
        slots.iter().map(|slot| is_ended(slot.end())).collect()
    }

    #[test]
    fn idle_connections_close_first() {
        let load = load(10, 2);
        let mut first = load.connect(Some(HERE)).expect("room");
        let second = load.connect(Some(HERE)).expect("room");
        assert!(first.wake());
        let mut third = load.connect(Some(there())).expect("the idle one makes room");
        assert!(is_ended(second.end()) && third.wake());
        assert!(load.connect(Some(HERE)).is_none(), "all are in use");
        assert!(!is_ended(first.end()) && !is_ended(third.end()));
        first.rest();
        assert!(load.connect(Some(HERE)).is_some());
        drop((first, second, third));
        assert!(is_empty(&load));
    }

    #[test]
    fn the_newest_connection_of_the_network_with_most_closes_for_one_with_fewer() {
        let load = load(10, 5);
        let mut slots: Vec<_> = (0..5).map(|_| load.connect(Some(HERE)).expect("room")).collect();
        assert!(slots.iter_mut().all(Slot::wake));
        assert!(load.connect(Some(HERE)).is_none(), "it has all of them");
        let mut other = load.connect(Some(there())).expect("the newest makes room");
        assert_eq!(ended_of(&slots), [false, false, false, false, true]);
        assert!(load.connect(Some(HERE)).is_none(), "the new one of another network stays");
        assert!(other.wake() && load.connect(Some(elsewhere())).is_some(), "another network");
        let proxy = load.connect(None).expect("nobody knows whose requests it has");
        slots[4].rest();
        assert!(!slots[4].wake(), "it has given way");
        drop((slots, other, proxy));
        assert!(is_empty(&load));
    }

    #[test]
    fn unanswered_requests_of_an_address_are_limited_and_idle_connections_are_not() {
        let load = load(1, 10);
        let mut slots: Vec<_> = (0..5).map(|_| load.connect(Some(HERE)).expect("room")).collect();
        assert!(slots[0].wake());
        assert!(!slots[1].wake(), "one too many");
        slots[0].rest();
        assert!(slots[2].wake(), "the first is answered");
        assert!(load.connect(Some(there())).expect("room").wake(), "another address");
        assert!((0..3).all(|_| load.connect(None).expect("room").wake()), "a trusted proxy");
        drop(slots);
        assert!(is_empty(&load));
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_count_as_one_client() {
        let load = load(1, 10);
        let address = |text: &str| text.parse().expect("an address");
        let (one, two, other) = (address("2001:db8::1"), address("2001:db8::ffff:2"), address("2001:db8:0:1::1"));
        let mut first = load.connect(Some(one)).expect("room");
        assert!(first.wake());
        assert!(!load.connect(Some(two)).expect("room").wake() && load.connect(Some(other)).expect("room").wake());
        let mut body = load.body(one);
        assert!(body.grow(60).is_ok() && load.body(two).grow(1).is_err() && load.body(other).grow(1).is_ok());
        drop((first, body));
        assert!(is_empty(&load));
    }

    #[test]
    fn bodies_share_the_memory_and_return_it() {
        let load = load(10, 10);
        let mut here = load.body(HERE);
        assert!(here.grow(60).is_ok() && here.grow(61).is_err(), "one address has a part of it");
        let mut other = load.body(there());
        assert!(other.grow(40).is_ok() && load.body(there()).grow(20).is_err(), "all have all of it");
        assert!(!is_ended(&here.held.end) && !is_ended(&other.held.end));
        drop(here);
        assert!(other.grow(60).is_ok());
        drop(other);
        assert!(is_empty(&load));
    }

    #[test]
    fn the_oldest_body_under_way_ends_for_a_network_that_holds_none() {
        let load = load(10, 10);
        let body = |n: u8| {
            let mut body = load.body(IpAddr::from([198, 51, n, 1]));
            body.grow(20).map(|()| body)
        };
        let all: Vec<_> = (0..5).map(|n| body(n).expect("room")).collect();
        assert!(all[0].held.release().is_ok(), "it is whole, and waits for its turn");
        let mut new = load.body(there());
        assert!(new.grow(40).is_ok(), "it needs more than any of these holds");
        assert_eq!(ended_bodies(&all), [false, true, true, false, false]);
        let beside = "2001:db8:0:1::1".parse().expect("an address");
        assert!(load.body(beside).grow(50).is_err(), "its site holds some already");
        drop((all, new));
        assert!(is_empty(&load));
    }

    fn ended_bodies(all: &[BodyShare]) -> Vec<bool> {
        all.iter().map(|body| is_ended(&body.held.end)).collect()
    }

    #[test]
    fn the_newest_body_of_the_network_with_most_ends_for_one_with_less_unless_it_is_being_processed() {
        let load = load(10, 10);
        let body = |address| {
            let mut body = load.body(address);
            body.grow(30).map(|()| body)
        };
        let [oldest, newest, other] = [HERE, HERE, there()].map(|address| body(address).expect("room"));
        let third = body(elsewhere()).expect("the newest makes room");
        assert_eq!([&oldest, &newest, &other].map(|body| is_ended(&body.held.end)), [false, true, false]);
        assert!(newest.held.keep().is_err(), "it has given way");
        assert!(body(HERE).is_err(), "it would hold more than others");
        drop(other);
        let again = body(HERE).expect("room");
        assert!(again.held.keep().is_ok());
        assert!(body(there()).is_ok() && is_ended(&oldest.held.end), "the kept one stays");
        assert!(!is_ended(&again.held.end));
        drop((oldest, newest, again, third));
        assert!(is_empty(&load));
    }

    #[test]
    fn answers_share_the_memory_and_return_it() {
        const PART: usize = 20 * 1024;
        let answers = Limits { answer_bytes: 3 * PART, answer_bytes_per_address: 2 * PART, ..Limits::default() };
        let load = Load::new(answers);
        let connections: [End; 2] = Default::default();
        let end = |n: usize| connections.get(n).cloned();
        let first = load.answer(HERE, PART, false, end(0)).expect("room");
        let newest = load.answer(HERE, PART, false, end(1)).expect("room");
        assert!(load.answer(HERE, PART, false, None).is_err(), "one address has a part of it");
        let small = load.answer(HERE, SMALL_ANSWER_BYTES - 1, false, None).expect("a small one is free");
        let second = load.answer(there(), PART, false, None).expect("room");
        assert!(load.answer(there(), PART, false, None).is_err(), "all have all of it");
        let third = load.answer(elsewhere(), PART, false, None).expect("the newest makes room");
        assert_eq!(connections.each_ref().map(is_ended), [false, true]);
        let done = load.answer(HERE, 2 * PART, true, end(1)).expect("what is done is told");
        assert_eq!(connections.each_ref().map(is_ended), [true, false], "its own give way");
        assert!(load.answer(IpAddr::from([198, 51, 100, 1]), PART, false, None).is_ok(), "it gives way, too");
        assert_eq!(connections.each_ref().map(is_ended), [false, true]);
        drop((first, newest, second, third, done));
        assert!(load.answer(HERE, 2 * PART, false, None).is_ok());
        drop(small);
        assert!(is_empty(&load));
    }

    #[test]
    fn a_request_through_a_proxy_counts_for_its_client_until_it_is_answered() {
        let load = load(1, 3);
        let mut proxied: Vec<_> = (0..3).map(|_| load.connect(None).expect("room")).collect();
        assert!(proxied.iter_mut().all(Slot::wake));
        assert!(proxied[0].pass_on(HERE) && !proxied[1].pass_on(HERE) && proxied[2].pass_on(there()));
        assert!(proxied[0].pass_on(HERE), "its next one");
        assert!(load.connect(None).is_none(), "no client has more than one");
        proxied[0].rest();
        assert!(proxied[1].pass_on(HERE));
        drop(proxied);
        assert!(is_empty(&load));
    }

    #[test]
    fn connections_of_the_client_behind_a_proxy_with_most_requests_close_first() {
        let load = load(10, 3);
        let mut proxied: Vec<_> = (0..3).map(|_| load.connect(None).expect("room")).collect();
        assert!(proxied.iter_mut().all(|slot| slot.wake() && slot.pass_on(HERE)));
        let mut new = load.connect(None).expect("the newest makes room");
        assert_eq!(ended_of(&proxied), [false, false, true]);
        assert!(new.wake() && new.pass_on(there()));
        drop((proxied, new));
        assert!(is_empty(&load));
    }
}
