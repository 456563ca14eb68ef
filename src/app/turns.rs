//! Decides which waiting request runs next when a CPU core becomes free. A *turn* is the permission of one request to
//! run. Sites take turns, and within a site its networks, however many waiting requests each of them has. A request
//! that takes long shares its core, so that others can start. The number of requests that share their core is limited
//! for each network, and also for all networks together, except for requests that take very long.
//!
//! Known clients and strangers wait in separate queues, called *lanes*, so that strangers do not delay known clients,
//! however many networks they come from. A part of the turns is reserved for each lane; for the other turns, known
//! clients go first.

use super::throttle_table::{Allowance, Table};
use crate::domain::network::site;
use crate::domain::network_queue::{Delay, NetworkQueue};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::oneshot;

/// The maximum number of a network's requests that share their cores. At the limit, its waiting requests do not start.
const MOST_SHARED: usize = 16;
/// Each piece of wasted work, such as a refused SAML response, counts against its network and its site. One piece is
/// forgotten per minute.
const WASTED: Allowance = Allowance { burst: 1000, interval_millis: 60_000 };
/// Each piece of wasted work delays the network's next requests by this number of rounds of the queue.
const DELAY: i64 = 16;
/// The maximum number of rounds by which all wasted work together delays a request.
const MOST_DELAY: i64 = 64;

/// The kind of client that a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A client whose session, key, link or cookie has been verified.
    Known,
    /// Any other client.
    Stranger,
}

impl Lane {
    /// All lanes, in the order in which they are served.
    const ALL: [Self; 2] = [Self::Known, Self::Stranger];
}

/// The running and the waiting requests.
pub struct Turns {
    /// The maximum number of requests that run at once, apart from those that share their cores.
    most: usize,
    /// The maximum number of these requests in one lane; the other turns are reserved for the other lane.
    most_of_lane: usize,
    /// The maximum number of long-running requests of all networks that share their cores.
    most_shared: usize,
    /// The maximum number of these long-running requests in one lane.
    most_shared_of_lane: usize,
    queue: Mutex<Queue>,
    /// The wasted work, by network and by site.
    wasted: Table,
    begun: Instant,
}

#[derive(Default)]
struct Queue {
    /// The number of requests that do not share their core, by lane.
    working: [usize; 2],
    /// The number of long-running requests that share their cores, by network.
    shared: HashMap<IpAddr, usize>,
    /// The sum of `shared`, by lane.
    all_shared: [usize; 2],
    /// The waiting requests, by lane.
    waiting: [NetworkQueue<oneshot::Sender<Turn>>; 2],
}

impl Queue {
    /// True if a core is free for a request of this lane.
    fn is_free(&self, turns: &Turns, lane: Lane) -> bool {
        self.working.iter().sum::<usize>() < turns.most && self.working[lane as usize] < turns.most_of_lane
    }

    /// Takes the waiting request whose turn it is and counts it in `working`; `None` if no core is free or no request
    /// can start.
    fn next(&mut self, turns: &Turns) -> Option<(Lane, IpAddr, oneshot::Sender<Turn>)> {
        for lane in Lane::ALL {
            if !self.is_free(turns, lane) {
                continue;
            }
            let due = self.waiting[lane as usize].pop_from(|network| has_room(&self.shared, network));
            if let Some((network, next)) = due {
                self.working[lane as usize] += 1;
                return Some((lane, network, next));
            }
        }
        None
    }

    /// Moves a request of this network from `working` to `shared`, so that another can start.
    fn share(&mut self, lane: Lane, network: IpAddr) {
        self.working[lane as usize] -= 1;
        self.all_shared[lane as usize] += 1;
        *self.shared.entry(network).or_default() += 1;
    }

    fn end(&mut self, lane: Lane, network: IpAddr, has_core: bool) {
        if has_core {
            self.working[lane as usize] -= 1;
            return;
        }
        self.all_shared[lane as usize] -= 1;
        if let Some(shared) = self.shared.get_mut(&network) {
            *shared -= 1;
            if *shared == 0 {
                self.shared.remove(&network);
            }
        }
    }
}

fn has_room(shared: &HashMap<IpAddr, usize>, network: &IpAddr) -> bool {
    shared.get(network).is_none_or(|shared| *shared < MOST_SHARED)
}

/// The permission of a request to run. Dropping it lets the next request start.
pub struct Turn {
    /// `None` once the turn has ended.
    turns: Option<Arc<Turns>>,
    lane: Lane,
    network: IpAddr,
    /// False once the request shares its core.
    has_core: bool,
}

impl Turns {
    /// Turns for `most` requests at once, and for `most_shared` long-running ones that share their cores.
    pub fn new(most: usize, most_shared: usize) -> Arc<Self> {
        Self::with(most, most_shared, 0, 0)
    }

    /// As `new`, with a quarter of the turns reserved for each lane.
    pub fn in_lanes(most: usize, most_shared: usize) -> Arc<Self> {
        Self::with(most, most_shared, most.div_ceil(4).min(most / 2), most_shared / 4)
    }

    fn with(most: usize, most_shared: usize, reserved: usize, reserved_shared: usize) -> Arc<Self> {
        let (most_of_lane, most_shared_of_lane) = (most - reserved, most_shared - reserved_shared);
        let (queue, wasted, begun) = (Mutex::default(), Table::default(), Instant::now());
        Arc::new(Self { most, most_of_lane, most_shared, most_shared_of_lane, queue, wasted, begun })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn; `None` if the queue has been dropped.
    pub async fn take(self: &Arc<Self>, lane: Lane, network: IpAddr) -> Option<Turn> {
        let waiting = {
            let mut queue = self.queue();
            if queue.is_free(self, lane) && has_room(&queue.shared, &network) {
                queue.working[lane as usize] += 1;
                return Some(Turn { turns: Some(self.clone()), lane, network, has_core: true });
            }
            let (turn, mine) = oneshot::channel();
            queue.waiting[lane as usize].push(network, self.delay(network), turn);
            mine
        };
        waiting.await.ok()
    }

    /// Counts wasted work, such as on a refused SAML response: further requests of this network and its site then wait
    /// longer if requests of other networks are waiting.
    pub fn note_waste(&self, network: IpAddr) {
        for key in [self.wasted.key(&network.to_string()), self.wasted.key(&format!("site {}", site(network)))] {
            // If the table is full, the work is not counted.
            let _full = self.wasted.pay(key, WASTED, self.millis());
        }
    }

    fn delay(&self, network: IpAddr) -> Delay {
        let owed = |text: &str| {
            let owed = self.wasted.owed(self.wasted.key(text), WASTED, self.millis());
            u64::try_from(owed.saturating_mul(DELAY).min(MOST_DELAY)).unwrap_or_default()
        };
        Delay { network: owed(&network.to_string()), site: owed(&format!("site {}", site(network))) }
    }

    /// The time since `begun`, in milliseconds.
    fn millis(&self) -> i64 {
        i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// Starts waiting requests while cores are free.
    fn start_waiting(self: &Arc<Self>) {
        loop {
            let next = self.queue().next(self);
            let Some((lane, network, next)) = next else { return };
            if let Err(mut turn) = next.send(Turn { turns: Some(self.clone()), lane, network, has_core: true }) {
                // The client has disconnected. Dropping a turn that has not ended would call this function again.
                turn.turns = None;
                self.queue().end(lane, network, true);
            }
        }
    }
}

impl Turn {
    /// Shares the core of a request that takes long, if the limits allow, so that others can start. Returns whether the
    /// core is shared.
    pub fn share(&mut self) -> bool {
        let (lane, network) = (self.lane, self.network);
        self.share_where(|turns, queue| {
            let own = queue.shared.get(&network).copied().unwrap_or_default();
            // One network may use at most half of `most_shared`.
            let room = queue.all_shared.iter().sum::<usize>() < turns.most_shared
                && queue.all_shared[lane as usize] < turns.most_shared_of_lane;
            room && own < turns.most_shared.div_ceil(2)
        })
    }

    /// Shares the core of a request that takes very long, whatever the limits.
    pub fn share_at_last(&mut self) {
        self.share_where(|_, _| true);
    }

    fn share_where(&mut self, has_room: impl FnOnce(&Turns, &Queue) -> bool) -> bool {
        let Some(turns) = self.turns.as_ref().filter(|_| self.has_core) else { return true };
        let mut queue = turns.queue();
        if !has_room(turns, &queue) {
            return false;
        }
        queue.share(self.lane, self.network);
        drop(queue);
        self.has_core = false;
        turns.start_waiting();
        true
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.turns.take() {
            turns.queue().end(self.lane, self.network, self.has_core);
            turns.start_waiting();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    type Waiting<'t> = Pin<Box<dyn Future<Output = Option<Turn>> + 't>>;

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn turn(waiting: &mut Waiting) -> Option<Turn> {
        match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => turn,
            Poll::Pending => None,
        }
    }

    /// The turn of a stranger's request that starts at once.
    fn begun(turns: &Arc<Turns>, last: u8) -> Turn {
        turn(&mut (Box::pin(turns.take(Lane::Stranger, ip(last))) as Waiting)).expect("a core is free")
    }

    /// A stranger's request that waits for a turn.
    fn asked(turns: &Arc<Turns>, last: u8) -> Waiting<'_> {
        let mut waiting: Waiting = Box::pin(turns.take(Lane::Stranger, ip(last)));
        assert!(turn(&mut waiting).is_none(), "all cores are busy");
        waiting
    }

    fn known(turns: &Arc<Turns>, last: u8) -> Waiting<'_> {
        Box::pin(turns.take(Lane::Known, ip(last)))
    }

    impl Queue {
        fn all_working(&self) -> usize {
            self.working.iter().sum()
        }

        fn all_waiting(&self) -> usize {
            self.waiting.iter().map(NetworkQueue::len).sum()
        }
    }

    #[test]
    fn strangers_from_many_networks_do_not_delay_known_clients() {
        let turns = Turns::in_lanes(4, 0);
        let mut working: Vec<_> = (1..=3).map(|last| begun(&turns, last)).collect();
        let mut strangers: Vec<_> = (4..200).map(|last| asked(&turns, last)).collect();
        let first = turn(&mut known(&turns, 200)).expect("a core is reserved for known clients");
        let mut second = known(&turns, 201);
        assert!(turn(&mut second).is_none(), "all are busy");
        drop(working.pop());
        let second = turn(&mut second).expect("before the strangers, who have waited longer");
        drop(first);
        let third: Vec<_> = strangers.iter_mut().filter_map(turn).collect();
        assert_eq!(third.len(), 1, "three strangers run again");
        drop((strangers, third, working, second));
        let queue = turns.queue();
        assert_eq!((queue.all_working(), queue.all_waiting()), (0, 0));
    }

    #[test]
    fn long_requests_of_strangers_do_not_use_up_the_shared_cores_of_known_clients() {
        let turns = Turns::in_lanes(4, 4);
        let mut long: Vec<_> = (1..=3).map(|last| begun(&turns, last)).collect();
        assert!(long.iter_mut().all(Turn::share));
        let mut stranger = begun(&turns, 4);
        assert!(!stranger.share(), "a quarter is reserved");
        assert!(turn(&mut known(&turns, 5)).expect("a core is free").share());
    }

    #[test]
    fn a_core_is_reserved_for_strangers_and_the_networks_of_known_clients_take_turns() {
        let turns = Turns::in_lanes(2, 0);
        let first = turn(&mut known(&turns, 1)).expect("a core is free");
        let mut many: Vec<_> = (0..50).map(|_| known(&turns, 1)).collect();
        assert!(many.iter_mut().all(|one| turn(one).is_none()));
        let mut other = known(&turns, 2);
        assert!(turn(&mut other).is_none());
        let stranger = begun(&turns, 3);
        drop(first);
        drop(turn(&mut many[0]).expect("it came first"));
        assert!(turn(&mut other).is_some(), "before the second of many");
        drop(stranger);
    }

    #[test]
    fn another_network_gets_a_turn_before_the_second_request_of_a_busy_one() {
        let turns = Turns::new(1, 4 * MOST_SHARED);
        let first = begun(&turns, 1);
        let mut many: Vec<_> = (0..50).map(|_| asked(&turns, 1)).collect();
        let mut other = asked(&turns, 2);
        drop(first);
        let second = turn(&mut many[0]).expect("it was the first to wait");
        assert!(turn(&mut other).is_none());
        drop(second);
        assert!(turn(&mut other).is_some(), "before the second of many");
    }

    #[test]
    fn another_site_gets_a_turn_before_the_second_network_of_a_busy_one() {
        let turns = Turns::new(1, 0);
        let first = begun(&turns, 1);
        let mut many: Vec<_> = (2..50).map(|last| asked(&turns, last)).collect();
        let mut other: Waiting = Box::pin(turns.take(Lane::Stranger, IpAddr::from([198, 51, 100, 1])));
        assert!(turn(&mut other).is_none());
        drop(first);
        drop(turn(&mut many[0]).expect("it was the first to wait"));
        assert!(turn(&mut other).is_some(), "before the second of its site");
    }

    #[test]
    fn networks_with_wasted_work_wait_longer_than_others() {
        let turns = Turns::new(1, 0);
        let elsewhere = |n: u8| IpAddr::from([198, 51, n, 1]);
        (1..=20).for_each(|n| turns.note_waste(elsewhere(n)));
        let first = begun(&turns, 1);
        let mut wasteful: Vec<Waiting> =
            (1..=20).map(|n| Box::pin(turns.take(Lane::Stranger, elsewhere(n))) as Waiting).collect();
        assert!(wasteful.iter_mut().all(|one| turn(one).is_none()));
        let mut other = asked(&turns, 2);
        drop(first);
        drop(turn(&mut other).expect("its network has no wasted work"));
        assert!(turn(&mut wasteful[0]).is_some(), "the others get their turn afterwards");
    }

    #[test]
    fn long_requests_share_their_cores_up_to_a_limit_per_network() {
        let turns = Turns::new(1, 4 * MOST_SHARED);
        let mut long = Vec::new();
        for _ in 0..MOST_SHARED {
            let mut one = begun(&turns, 1);
            assert!(one.share());
            long.push(one);
        }
        let mut own = asked(&turns, 1);
        let other = begun(&turns, 2);
        drop(other);
        assert!(turn(&mut own).is_none(), "its network is at the limit");
        drop(long.pop());
        drop(turn(&mut own).expect("its network is below the limit"));
        drop(long);
        let queue = turns.queue();
        assert_eq!((queue.all_working(), queue.shared.len(), queue.all_waiting()), (0, 0, 0));
    }

    #[test]
    fn long_requests_beyond_the_limit_of_all_networks_share_their_cores_only_when_they_take_very_long() {
        let turns = Turns::new(1, 2);
        let mut first = begun(&turns, 1);
        assert!(first.share());
        let mut second = begun(&turns, 1);
        assert!(!second.share(), "half is left to other networks");
        drop((first, second));
        let mut left = Vec::new();
        for last in 1..=2 {
            let mut one = begun(&turns, last);
            assert!(one.share());
            left.push(one);
        }
        let mut third = begun(&turns, 3);
        assert!(!third.share(), "two requests share their cores");
        let mut other = asked(&turns, 4);
        third.share_at_last();
        drop(turn(&mut other).expect("the third request shares its core too"));
        drop((left, third));
        let queue = turns.queue();
        assert_eq!((queue.all_working(), queue.all_shared, queue.shared.len()), (0, [0, 0], 0));
    }

    #[test]
    fn disconnected_clients_are_skipped_and_no_turn_is_lost() {
        let turns = Turns::new(1, 4 * MOST_SHARED);
        let first = begun(&turns, 1);
        let gone: Vec<_> = (0..10_000).map(|_| asked(&turns, 1)).collect();
        let (told, mut last) = (asked(&turns, 2), asked(&turns, 3));
        drop(gone);
        drop(first);
        drop(told);
        drop(turn(&mut last).expect("it is its turn"));
        drop(last);
        let queue = turns.queue();
        assert_eq!((queue.all_working(), queue.shared.len(), queue.all_waiting()), (0, 0, 0));
    }
}
