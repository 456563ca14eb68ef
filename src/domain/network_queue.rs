//! A queue in which sites take turns, and within each site its networks, so that many networks of one site count as
//! one.

use super::fair_queue::FairQueue;
use super::network::site;
use std::collections::HashMap;
use std::net::IpAddr;

/// Waiting items, each of which belongs to a network.
pub struct NetworkQueue<T> {
    /// One entry for each waiting item, by site: decides which site is next.
    sites: FairQueue<IpAddr, ()>,
    /// The items of each site, by network.
    within: HashMap<IpAddr, FairQueue<IpAddr, T>>,
}

/// The number of rounds by which the next item of a network is delayed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delay {
    /// The delay among all sites.
    pub site: u64,
    /// The delay among the networks of its site.
    pub network: u64,
}

impl<T> Default for NetworkQueue<T> {
    fn default() -> Self {
        Self { sites: FairQueue::default(), within: HashMap::new() }
    }
}

impl<T> NetworkQueue<T> {
    /// Adds an item at the end of its network's items.
    pub fn push(&mut self, network: IpAddr, delay: Delay, item: T) {
        let site = site(network);
        self.sites.push_later(site, delay.site, ());
        self.within.entry(site).or_default().push_later(network, delay.network, item);
    }

    /// Removes the item that is due next in the networks that `may_start` accepts; returns its network, too.
    pub fn pop_from(&mut self, may_start: impl Fn(&IpAddr) -> bool) -> Option<(IpAddr, T)> {
        let within = &self.within;
        let (site, ()) = self.sites.pop_from(|site| within.get(site).is_some_and(|one| one.has_row(&may_start)))?;
        let of_site = self.within.get_mut(&site)?;
        let next = of_site.pop_from(may_start);
        if of_site.is_empty() {
            self.within.remove(&site);
        }
        next
    }

    /// Removes the item that is due next.
    pub fn pop(&mut self) -> Option<T> {
        self.pop_from(|_| true).map(|(_, item)| item)
    }

    /// Removes the last item that `of` accepts, from the network with the most such items in the site with the most such
    /// items.
    pub fn shed(&mut self, of: impl Fn(&T) -> bool) -> Option<T> {
        let (site, of_site) = self.within.iter_mut().max_by_key(|(_, one)| one.count(&of))?;
        let site = *site;
        let network = of_site.longest_row(&of)?;
        let item = of_site.take_last(|row, item| *row == network && of(item))?;
        self.sites.take_last(|row, ()| *row == site);
        if of_site.is_empty() {
            self.within.remove(&site);
        }
        Some(item)
    }

    /// The total number of waiting items.
    pub fn len(&self) -> usize {
        self.sites.len()
    }

    /// True if no item waits.
    pub fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The address with number `n` in a site.
    fn ip(site: u8, n: u8) -> IpAddr {
        IpAddr::from([198, 51, site, n])
    }

    fn queue(items: &[(IpAddr, u64)]) -> NetworkQueue<usize> {
        let mut queue = NetworkQueue::default();
        for (n, (network, delay)) in items.iter().enumerate() {
            queue.push(*network, Delay { site: *delay, network: *delay }, n);
        }
        queue
    }

    fn rest(mut queue: NetworkQueue<usize>) -> Vec<usize> {
        std::iter::from_fn(|| queue.pop_from(|_| true).map(|(_, item)| item)).collect()
    }

    #[test]
    fn another_site_gets_a_turn_before_the_second_network_of_a_site() {
        let items = [(ip(1, 1), 0), (ip(1, 2), 0), (ip(1, 3), 0), (ip(2, 1), 0), (ip(2, 1), 0)];
        assert_eq!(rest(queue(&items)), [0, 3, 1, 4, 2]);
    }

    #[test]
    fn the_networks_of_a_site_take_turns() {
        let items = [(ip(1, 1), 0), (ip(1, 1), 0), (ip(1, 2), 0)];
        assert_eq!(rest(queue(&items)), [0, 2, 1]);
    }

    #[test]
    fn a_network_that_is_passed_over_keeps_its_position_and_others_of_its_site_start() {
        let mut queue = queue(&[(ip(1, 1), 0), (ip(2, 1), 0), (ip(1, 2), 0)]);
        let others = |network: &IpAddr| *network != ip(1, 1);
        assert_eq!(queue.pop_from(others), Some((ip(1, 2), 2)));
        assert_eq!(queue.pop_from(others), Some((ip(2, 1), 1)));
        assert_eq!(queue.pop_from(others), None);
        assert_eq!((queue.len(), rest(queue)), (1, vec![0]));
    }

    #[test]
    fn shed_takes_from_the_largest_network_of_the_largest_site() {
        let items = [(ip(1, 1), 0), (ip(1, 2), 0), (ip(2, 1), 0), (ip(1, 1), 0), (ip(2, 1), 0)];
        let mut queue = queue(&items);
        assert_eq!(queue.shed(|_| true), Some(3), "of the first network of the site with three");
        assert_eq!(queue.shed(|item| *item < 2), Some(1), "of the items that may be taken");
        assert_eq!(queue.shed(|_| true), Some(4));
        assert_eq!(queue.shed(|_| false), None);
        assert_eq!((queue.len(), rest(queue)), (2, vec![0, 2]));
    }

    #[test]
    fn delayed_networks_let_others_go_first_and_still_get_their_turn() {
        let delayed = (1..=4).map(|n| (ip(n, 1), 2));
        let items: Vec<_> = delayed.chain((0..3).map(|_| (ip(9, 1), 0))).collect();
        assert_eq!(rest(queue(&items)), [4, 5, 0, 1, 2, 3, 6]);
    }
}
