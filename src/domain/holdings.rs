//! What clients hold of something that they share. Where it is full, the network that holds most gives way to one that holds less, so
//! that nobody can hold all of it against others.

use super::network::site;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

/// Whether a part gives way to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It does not.
    Firm,
    /// It gives way to a network that holds less; the newest first.
    InUse,
    /// The same, and where nothing else gives way, the oldest of all gives way also to a network that holds as much.
    New,
    /// As in use, and where nothing else gives way, the oldest of all gives way also to a network whose site holds nothing: it may be stuck.
    UnderWay,
    /// It gives way before all others, to any network; the oldest first.
    Idle,
}

/// The parts that are held, each with what ends it.
pub struct Holdings<E> {
    parts: HashMap<u64, Part<E>>,
    sites: HashMap<IpAddr, Site>,
    sites_by_size: BTreeSet<(usize, IpAddr)>,
    /// Those of which the oldest gives way as a last resort.
    new: BTreeSet<u64>,
    idle: BTreeSet<u64>,
    held: usize,
    last: u64,
}

struct Part<E> {
    network: IpAddr,
    size: usize,
    hold: Hold,
    end: E,
}

/// The parts of the networks of one site.
#[derive(Default)]
struct Site {
    size: usize,
    networks: HashMap<IpAddr, Share>,
    by_size: BTreeSet<(usize, IpAddr)>,
}

/// The parts of one network.
#[derive(Default)]
struct Share {
    size: usize,
    parts: usize,
    in_use: usize,
    /// Those that give way to a network that holds less.
    yielding: BTreeSet<u64>,
}

/// Has the order by size follow a size.
fn resize(by_size: &mut BTreeSet<(usize, IpAddr)>, of: IpAddr, size: &mut usize, to: usize) {
    by_size.remove(&(*size, of));
    *size = to;
    if to > 0 {
        by_size.insert((to, of));
    }
}

impl Site {
    /// The newest part of the network that holds most, of those that hold more than this.
    fn newest(&self, beyond: usize) -> Option<u64> {
        let largest = self.by_size.iter().rev().take_while(|(size, _)| *size > beyond);
        largest.filter_map(|(_, network)| self.networks.get(network)).find_map(|share| share.yielding.last()).copied()
    }
}

impl<E> Default for Holdings<E> {
    fn default() -> Self {
        let (parts, sites, sites_by_size) = (HashMap::new(), HashMap::new(), BTreeSet::new());
        Self { parts, sites, sites_by_size, new: BTreeSet::new(), idle: BTreeSet::new(), held: 0, last: 0 }
    }
}

impl<E> Holdings<E> {
    fn share(&self, network: IpAddr) -> Option<&Share> {
        self.sites.get(&site(network))?.networks.get(&network)
    }

    /// The size of a network's parts.
    pub fn held_by(&self, network: IpAddr) -> usize {
        self.share(network).map_or(0, |share| share.size)
    }

    /// How many parts of a network are in use, and give way.
    pub fn in_use_by(&self, network: IpAddr) -> usize {
        self.share(network).map_or(0, |share| share.in_use)
    }

    /// Takes out parts until there is room for so much more of a network within `most`, and gives what ends them. Each is idle, or of the network
    /// that holds most, first by its site, where that holds more than this one would then. `None`: there is not enough of that, and all stay.
    ///
    /// `network`: `None` where it is not known yet; it counts as one that holds nothing.
    pub fn make_room(&mut self, network: Option<IpAddr>, more: usize, most: usize) -> Option<Vec<E>> {
        self.make_room_beside(None, network, more, most)
    }

    /// The same for a part that is to grow, and stays. `None` also where it has given way.
    pub fn make_room_to_grow(&mut self, id: u64, more: usize, most: usize) -> Option<Vec<E>> {
        let network = self.parts.get(&id)?.network;
        self.make_room_beside(Some(id), Some(network), more, most)
    }

    /// Takes out parts until there is room for so much more of a network, which is not refused. Its own give way where it has more than
    /// `most_own`, and where nobody else is to give way, the oldest first; at last the oldest of all.
    pub fn force_room(&mut self, network: IpAddr, more: usize, most_own: usize, most: usize) -> Vec<E> {
        let mut ended = Vec::new();
        loop {
            let own =
                (self.held_by(network).saturating_add(more) > most_own).then(|| self.oldest_of(network)).flatten();
            let any = || self.next(None, Some(network), more).or_else(|| self.oldest_of(network));
            let full = self.held.saturating_add(more) > most;
            let next = own.or_else(|| full.then(|| any().or_else(|| self.new.first().copied())).flatten());
            let Some(part) = next.and_then(|id| self.take(id)) else { return ended };
            ended.push(part.end);
        }
    }

    fn make_room_beside(
        &mut self,
        growing: Option<u64>,
        network: Option<IpAddr>,
        more: usize,
        most: usize,
    ) -> Option<Vec<E>> {
        let mut ended = Vec::new();
        while self.held.saturating_add(more) > most {
            let next = self.next(growing, network, more).and_then(|id| Some((id, self.take(id)?)));
            let Some(part) = next else {
                for (id, part) in ended {
                    self.insert(id, part);
                }
                return None;
            };
            ended.push(part);
        }
        Some(ended.into_iter().map(|(_, part)| part.end).collect())
    }

    /// The oldest part of a network that gives way.
    fn oldest_of(&self, network: IpAddr) -> Option<u64> {
        self.share(network)?.yielding.first().copied()
    }

    /// The part that is to give way, for one that grows or comes.
    fn next(&self, growing: Option<u64>, network: Option<IpAddr>, more: usize) -> Option<u64> {
        if let Some(idle) = self.idle.first() {
            return Some(*idle);
        }
        let own_site = network.and_then(|network| self.sites.get(&site(network)));
        let in_site = own_site.map_or(0, |site| site.size) + more;
        let own = network.map_or(0, |network| self.held_by(network)) + more;
        let larger = self.sites_by_size.iter().rev().take_while(|(size, _)| *size > in_site);
        let elsewhere = larger.filter_map(|(_, site)| self.sites.get(site)).find_map(|site| site.newest(0));
        let last = || self.oldest_new(growing, network, more, (in_site, own));
        elsewhere.or_else(|| own_site?.newest(own)).or_else(last)
    }

    /// The oldest new part, where its site, or in the same site its network, holds at least as much; the oldest under way, where the
    /// site of this network holds nothing else.
    fn oldest_new(
        &self,
        growing: Option<u64>,
        network: Option<IpAddr>,
        more: usize,
        own: (usize, usize),
    ) -> Option<u64> {
        let oldest = *self.new.iter().find(|id| Some(**id) != growing)?;
        let part = self.parts.get(&oldest)?;
        if part.hold == Hold::UnderWay {
            let of_this = growing.and_then(|id| self.parts.get(&id)).map_or(0, |growing| growing.size);
            return (own.0 == of_this + more).then_some(oldest);
        }
        let of = part.network;
        let extra = |same: bool| if same { more } else { 0 };
        let in_site = self.sites.get(&site(of))?.size + extra(network.map(site) == Some(site(of)));
        let weight = (in_site, self.held_by(of) + extra(network == Some(of)));
        (weight >= own).then_some(oldest)
    }

    /// Adds a part, for which there is room, and gives its number.
    pub fn add(&mut self, network: IpAddr, size: usize, hold: Hold, end: E) -> u64 {
        self.last += 1;
        self.insert(self.last, Part { network, size, hold, end });
        self.last
    }

    /// Takes out a part; `None` where it has given way.
    pub fn remove(&mut self, id: u64) -> Option<E> {
        self.take(id).map(|part| part.end)
    }

    /// Lets a part grow; false where it has given way.
    pub fn grow(&mut self, id: u64, more: usize) -> bool {
        self.change(id, |part| part.size += more)
    }

    /// Sets whether a part gives way, and whose it is; false where it has given way.
    pub fn set(&mut self, id: u64, network: IpAddr, hold: Hold) -> bool {
        self.change(id, |part| (part.network, part.hold) = (network, hold))
    }

    fn change(&mut self, id: u64, change: impl FnOnce(&mut Part<E>)) -> bool {
        let Some(mut part) = self.take(id) else { return false };
        change(&mut part);
        self.insert(id, part);
        true
    }

    fn insert(&mut self, id: u64, part: Part<E>) {
        let (of, network) = (site(part.network), part.network);
        let site = self.sites.entry(of).or_default();
        let in_site = site.size + part.size;
        resize(&mut self.sites_by_size, of, &mut site.size, in_site);
        let share = site.networks.entry(network).or_default();
        let own = share.size + part.size;
        resize(&mut site.by_size, network, &mut share.size, own);
        share.parts += 1;
        share.in_use += usize::from(part.hold == Hold::InUse);
        if matches!(part.hold, Hold::InUse | Hold::New | Hold::UnderWay) {
            share.yielding.insert(id);
        }
        match part.hold {
            Hold::New | Hold::UnderWay => drop(self.new.insert(id)),
            Hold::Idle => drop(self.idle.insert(id)),
            Hold::Firm | Hold::InUse => {}
        }
        self.held += part.size;
        self.parts.insert(id, part);
    }

    fn take(&mut self, id: u64) -> Option<Part<E>> {
        let part = self.parts.remove(&id)?;
        self.held -= part.size;
        self.new.remove(&id);
        self.idle.remove(&id);
        let (of, network) = (site(part.network), part.network);
        let site = self.sites.get_mut(&of)?;
        let in_site = site.size - part.size;
        resize(&mut self.sites_by_size, of, &mut site.size, in_site);
        let share = site.networks.get_mut(&network)?;
        let own = share.size - part.size;
        resize(&mut site.by_size, network, &mut share.size, own);
        share.parts -= 1;
        share.in_use -= usize::from(part.hold == Hold::InUse);
        share.yielding.remove(&id);
        if share.parts == 0 {
            site.networks.remove(&network);
        }
        if site.networks.is_empty() {
            self.sites.remove(&of);
        }
        Some(part)
    }

    /// True if nothing is held or remembered.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        let sets = [self.new.len(), self.idle.len(), self.sites_by_size.len()];
        (self.held, self.parts.len(), self.sites.len(), sets) == (0, 0, 0, [0; 3])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address of a site of its own.
    fn ip(n: u8) -> IpAddr {
        IpAddr::from([198, 51, n, 1])
    }

    /// One of many in the same site.
    fn beside(n: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, n])
    }

    /// These parts, each named by its place here.
    fn holdings(parts: &[(IpAddr, usize, Hold)]) -> Holdings<usize> {
        let mut held = Holdings::default();
        for (n, (network, size, hold)) in parts.iter().enumerate() {
            held.add(*network, *size, *hold, n);
        }
        held
    }

    #[test]
    fn the_network_that_holds_most_gives_way_with_its_newest_to_one_that_holds_less() {
        use Hold::InUse;
        let mut held = holdings(&[(ip(1), 3, InUse), (ip(2), 5, InUse), (ip(2), 1, InUse), (ip(3), 1, InUse)]);
        assert_eq!(held.make_room(Some(ip(3)), 1, 11), Some(vec![]), "it fits");
        assert_eq!(held.make_room(Some(ip(3)), 1, 10), Some(vec![2]));
        assert_eq!(held.make_room(Some(ip(3)), 4, 9), None, "it would hold as much");
        assert_eq!(held.make_room(Some(ip(3)), 3, 7), Some(vec![1]));
        assert_eq!((held.held, held.held_by(ip(1)), held.held_by(ip(2)), held.in_use_by(ip(1))), (4, 3, 0, 1));
        assert_eq!(held.make_room(None, 1, 4), Some(vec![0]), "one that is not known holds nothing");
        assert_eq!(held.remove(4), Some(3));
        assert!(held.is_empty());
    }

    #[test]
    fn parts_that_others_wait_for_give_way_one_after_the_other() {
        let mut held = holdings(&[(ip(1), 2, Hold::InUse), (ip(1), 2, Hold::InUse), (ip(2), 3, Hold::InUse)]);
        assert_eq!(held.make_room(Some(ip(3)), 3, 4), None, "there is not enough");
        assert_eq!(held.make_room(Some(ip(3)), 1, 3), Some(vec![1, 2]));
    }

    #[test]
    fn firm_parts_stay_and_count() {
        let mut held = holdings(&[(ip(1), 9, Hold::Firm), (ip(2), 3, Hold::InUse)]);
        assert_eq!(held.make_room(Some(ip(3)), 1, 12), Some(vec![1]));
        assert_eq!(held.make_room(Some(ip(3)), 4, 12), None);
        assert!(held.set(1, ip(1), Hold::InUse));
        assert_eq!(held.make_room(Some(ip(3)), 4, 12), Some(vec![0]));
        assert!(!held.set(1, ip(1), Hold::Firm) && !held.grow(1, 1), "it has given way");
    }

    #[test]
    fn idle_parts_give_way_first_the_oldest_of_all() {
        use Hold::{Idle, InUse};
        let mut held = holdings(&[(ip(2), 1, InUse), (ip(2), 1, Idle), (ip(1), 1, Idle), (ip(2), 1, InUse)]);
        assert_eq!(held.make_room(Some(ip(3)), 1, 4), Some(vec![1]));
        assert_eq!(held.make_room(Some(ip(2)), 1, 3), Some(vec![2]), "also of one that holds less");
        assert_eq!(held.make_room(Some(ip(3)), 1, 2), Some(vec![3]));
        assert_eq!(held.make_room(Some(ip(3)), 1, 1), None, "what is in use gives way only where it is more");
    }

    #[test]
    fn new_parts_give_way_to_a_network_that_holds_less_and_as_a_last_resort_to_one_that_holds_as_much() {
        use Hold::{InUse, New};
        let mut held = holdings(&[(ip(1), 1, New), (ip(2), 1, InUse), (ip(2), 1, New), (ip(4), 1, New)]);
        assert_eq!(held.make_room(Some(ip(3)), 1, 4), Some(vec![2]));
        assert_eq!(held.make_room(Some(ip(3)), 1, 3), Some(vec![0]));
        assert_eq!(held.make_room(Some(ip(2)), 1, 2), None);
    }

    #[test]
    fn the_oldest_that_is_under_way_gives_way_to_a_network_whose_site_holds_nothing() {
        use Hold::{InUse, UnderWay};
        let mut held =
            holdings(&[(ip(1), 2, InUse), (ip(2), 2, UnderWay), (ip(4), 2, UnderWay), (beside(1), 1, UnderWay)]);
        assert_eq!(held.make_room(Some(beside(2)), 1, 7), None, "another of its site holds something");
        assert_eq!(held.make_room(Some(ip(3)), 3, 6), Some(vec![1, 2]), "however much it is");
        let growing = held.add(ip(3), 1, UnderWay, 4);
        assert_eq!(held.make_room_to_grow(growing, 1, 4), Some(vec![3]), "it grows");
        assert_eq!(held.make_room_to_grow(growing, 1, 3), None, "it does not give way to itself");
        assert_eq!((held.remove(growing), held.make_room_to_grow(growing, 1, 9)), (Some(4), None), "it has given way");
    }

    #[test]
    fn for_one_that_is_not_refused_its_own_give_way_beyond_its_part_and_then_the_oldest_of_all() {
        use Hold::UnderWay;
        let one = |n| (ip(n), 2, UnderWay);
        let mut held = holdings(&[one(1), one(2), one(2), one(3)]);
        assert_eq!(held.force_room(ip(3), 2, 4, 10), Vec::<usize>::new(), "it fits");
        assert_eq!(held.force_room(ip(3), 3, 4, 100), [3], "it would have too much");
        assert_eq!(held.force_room(ip(3), 2, 4, 6), [2], "as for others");
        assert_eq!(held.force_room(ip(2), 2, 4, 4), [1], "nobody holds more");
        assert_eq!(held.force_room(ip(3), 9, 4, 9), [0]);
        assert!(held.is_empty());
    }

    #[test]
    fn many_networks_of_a_site_weigh_as_one_against_others() {
        use Hold::InUse;
        let many: Vec<_> = (1..=10).map(|n| (beside(n), 1, InUse)).chain([(ip(1), 3, InUse)]).collect();
        let mut held = holdings(&many);
        assert_eq!(held.make_room(Some(ip(1)), 1, 13), Some(vec![9]), "the newest of the site");
        assert_eq!(held.make_room(Some(beside(99)), 1, 12), None, "its site has the most");
        assert!(held.grow(1, 2));
        assert_eq!(held.make_room(Some(beside(99)), 1, 14), Some(vec![0]), "another of the site holds more");
        assert_eq!(held.make_room(Some(ip(1)), 6, 12), None);
    }

    #[test]
    fn a_part_may_become_anothers() {
        let mut held = holdings(&[(ip(1), 1, Hold::Firm), (ip(1), 1, Hold::Idle)]);
        assert!(held.set(1, ip(2), Hold::InUse));
        assert_eq!((held.held_by(ip(1)), held.in_use_by(ip(2))), (1, 1));
        assert_eq!((held.remove(1), held.remove(2)), (Some(0), Some(1)));
        assert!(held.is_empty());
    }
}
