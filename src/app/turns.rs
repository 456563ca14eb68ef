//! Turns at the cores. Networks take turns, however many requests one of them has waiting, and before them their sites. Work that takes long
//! shares its core: a network has only so much of that at once, and so have all networks together, but for work that takes very long.

use super::throttle_table::{Allowance, Table};
use crate::domain::network::site;
use crate::domain::network_queue::{Delay, NetworkQueue};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::oneshot;

/// How much work of one network that has left its core runs at once.
const MOST_SHARED: usize = 16;
/// How long work for nothing counts against its network and site, in milliseconds; several one after the other.
const WASTED: Allowance = Allowance { burst: 1000, interval_millis: 60_000 };
/// How many rounds each of these delays their work, and all together.
const DELAY: i64 = 16;
const MOST_DELAY: i64 = 64;

/// The working and the waiting requests.
pub struct Turns {
    most: usize,
    /// How much of the long work of all networks may leave its core to others.
    most_shared: usize,
    queue: Mutex<Queue>,
    /// The work for nothing, by network and by site.
    wasted: Table,
    begun: Instant,
}

#[derive(Default)]
struct Queue {
    /// Those that have a core.
    working: usize,
    /// Those that had one for so long that others may start beside them, by network.
    shared: HashMap<IpAddr, usize>,
    /// How many these are.
    all_shared: usize,
    waiting: NetworkQueue<oneshot::Sender<Turn>>,
}

impl Queue {
    /// Counts one more request that has a core, and gives it: the one that is due, where there is one and a core is free.
    fn next(&mut self, most: usize) -> Option<(IpAddr, oneshot::Sender<Turn>)> {
        if self.working >= most {
            return None;
        }
        let next = self.waiting.pop_from(|network| has_room(&self.shared, network));
        self.working += usize::from(next.is_some());
        next
    }

    /// Lets others start beside a request of this network.
    fn share(&mut self, network: IpAddr) {
        self.working -= 1;
        self.all_shared += 1;
        *self.shared.entry(network).or_default() += 1;
    }

    fn end(&mut self, network: IpAddr, has_core: bool) {
        if has_core {
            self.working -= 1;
            return;
        }
        self.all_shared -= 1;
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

/// A turn, until it is dropped.
pub struct Turn {
    /// `None` once it is over.
    turns: Option<Arc<Turns>>,
    network: IpAddr,
    /// False once others may start beside it.
    has_core: bool,
}

impl Turns {
    /// `most` at once, beside `most_shared` that take long and have left their cores to others.
    pub fn new(most: usize, most_shared: usize) -> Arc<Self> {
        let (queue, wasted) = (Mutex::default(), Table::default());
        Arc::new(Self { most, most_shared, queue, wasted, begun: Instant::now() })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn; `None` where there is none to wait for any more.
    pub async fn take(self: &Arc<Self>, network: IpAddr) -> Option<Turn> {
        let waiting = {
            let mut queue = self.queue();
            if queue.working < self.most && has_room(&queue.shared, &network) {
                queue.working += 1;
                return Some(Turn { turns: Some(self.clone()), network, has_core: true });
            }
            let (turn, mine) = oneshot::channel();
            queue.waiting.push(network, self.delay(network), turn);
            mine
        };
        waiting.await.ok()
    }

    /// Counts work that was for nothing: what its network, and its site, ask for next waits longer where others wait, too.
    pub fn note_waste(&self, network: IpAddr) {
        for key in [self.wasted.key(&network.to_string()), self.wasted.key(&format!("site {}", site(network)))] {
            // Where the table is full, one more tells nothing.
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

    /// The age of these turns in milliseconds.
    fn millis(&self) -> i64 {
        i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// Gives the cores that are free to those who wait.
    fn go_on(self: &Arc<Self>) {
        loop {
            let next = self.queue().next(self.most);
            let Some((network, next)) = next else { return };
            if let Err(mut turn) = next.send(Turn { turns: Some(self.clone()), network, has_core: true }) {
                // Its client has gone. It is not dropped as a turn: that would call this again.
                turn.turns = None;
                self.queue().end(network, true);
            }
        }
    }
}

impl Turn {
    /// Lets others start beside it where there is room for that: it takes longer than they should wait. Tells whether they may.
    pub fn share(&mut self) -> bool {
        let network = self.network;
        self.share_where(|turns, queue| {
            let own = queue.shared.get(&network).copied().unwrap_or_default();
            // Half is left to others.
            queue.all_shared < turns.most_shared && own < turns.most_shared.div_ceil(2)
        })
    }

    /// Lets others start beside it at any rate: they would wait too long for room.
    pub fn share_at_last(&mut self) {
        self.share_where(|_, _| true);
    }

    fn share_where(&mut self, has_room: impl FnOnce(&Turns, &Queue) -> bool) -> bool {
        let Some(turns) = self.turns.as_ref().filter(|_| self.has_core) else { return true };
        let mut queue = turns.queue();
        if !has_room(turns, &queue) {
            return false;
        }
        queue.share(self.network);
        drop(queue);
        self.has_core = false;
        turns.go_on();
        true
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.turns.take() {
            turns.queue().end(self.network, self.has_core);
            turns.go_on();
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

    /// A request that begins at once.
    fn begun(turns: &Arc<Turns>, last: u8) -> Turn {
        turn(&mut (Box::pin(turns.take(ip(last))) as Waiting)).expect("a core is free")
    }

    /// A request that waits.
    fn asked(turns: &Arc<Turns>, last: u8) -> Waiting<'_> {
        let mut waiting: Waiting = Box::pin(turns.take(ip(last)));
        assert!(turn(&mut waiting).is_none(), "all are busy");
        waiting
    }

    #[test]
    fn a_network_with_many_requests_lets_another_go_before_its_second() {
        let turns = Turns::new(1, 4 * MOST_SHARED);
        let first = begun(&turns, 1);
        let mut many: Vec<_> = (0..50).map(|_| asked(&turns, 1)).collect();
        let mut other = asked(&turns, 2);
        drop(first);
        let second = turn(&mut many[0]).expect("it came first");
        assert!(turn(&mut other).is_none());
        drop(second);
        assert!(turn(&mut other).is_some(), "before the second of many");
    }

    #[test]
    fn many_networks_of_a_site_let_another_site_go_before_their_second() {
        let turns = Turns::new(1, 0);
        let first = begun(&turns, 1);
        let mut many: Vec<_> = (2..50).map(|last| asked(&turns, last)).collect();
        let mut other: Waiting = Box::pin(turns.take(IpAddr::from([198, 51, 100, 1])));
        assert!(turn(&mut other).is_none());
        drop(first);
        drop(turn(&mut many[0]).expect("it came first"));
        assert!(turn(&mut other).is_some(), "before the second of its site");
    }

    #[test]
    fn networks_that_had_work_done_for_nothing_let_others_go_first() {
        let turns = Turns::new(1, 0);
        let elsewhere = |n: u8| IpAddr::from([198, 51, n, 1]);
        (1..=20).for_each(|n| turns.note_waste(elsewhere(n)));
        let first = begun(&turns, 1);
        let mut wasteful: Vec<Waiting> = (1..=20).map(|n| Box::pin(turns.take(elsewhere(n))) as Waiting).collect();
        assert!(wasteful.iter_mut().all(|one| turn(one).is_none()));
        let mut other = asked(&turns, 2);
        drop(first);
        drop(turn(&mut other).expect("it has a clean sheet"));
        assert!(turn(&mut wasteful[0]).is_some(), "they get their turn");
    }

    #[test]
    fn long_work_lets_others_start_and_a_network_has_only_so_much_of_it() {
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
        assert!(turn(&mut own).is_none(), "its network has enough of it");
        drop(long.pop());
        drop(turn(&mut own).expect("its network has less of it"));
        drop(long);
        let queue = turns.queue();
        assert_eq!((queue.working, queue.shared.len(), queue.waiting.len()), (0, 0, 0));
    }

    #[test]
    fn long_work_of_many_networks_keeps_its_cores_until_it_takes_very_long() {
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
        assert!(!third.share(), "two have left their cores to others");
        let mut other = asked(&turns, 4);
        third.share_at_last();
        drop(turn(&mut other).expect("it has left its core too"));
        drop((left, third));
        let queue = turns.queue();
        assert_eq!((queue.working, queue.all_shared, queue.shared.len()), (0, 0, 0));
    }

    #[test]
    fn clients_that_have_gone_are_passed_over_and_no_turn_is_lost() {
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
        assert_eq!((queue.working, queue.shared.len(), queue.waiting.len()), (0, 0, 0));
    }
}
