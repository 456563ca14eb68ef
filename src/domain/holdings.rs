//! Records the shares of a limited resource, such as connections or memory, that each network holds. A *part* is one
//! connection, one request body or one answer, with its size. When the resource is full, the network that holds most
//! loses parts to one that holds less, so that no network can occupy the whole resource.

use super::network::site;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

/// Whether a part can be taken away for another client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The part cannot be taken away.
    Firm,
    /// The part can be taken away for a network that holds less. Among the parts of one network, the newest is taken
    /// away first.
    InUse,
    /// As `InUse`. If no other part can be taken away, the oldest `New` part is taken away, even for a network that
    /// holds the same amount.
    New,
    /// As `InUse`. If no other part can be taken away, the oldest `UnderWay` part is taken away for a network whose site
    /// holds nothing, since the part may be stuck.
    UnderWay,
    /// The part is taken away before all others, for any network. Among idle parts, the oldest is taken away first.
    Idle,
}

/// The parts that are held, each with a value by which the caller ends the part.
pub struct Holdings<E> {
    parts: HashMap<u64, Part<E>>,
    sites: HashMap<IpAddr, Site>,
    sites_by_size: BTreeSet<(usize, IpAddr)>,
    /// The `New` and `UnderWay` parts. The oldest of them is taken away as a last resort.
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
    /// The parts that can be taken away for a network that holds less.
    yielding: BTreeSet<u64>,
}

/// Changes a size, and its entry in the order by size.
fn resize(by_size: &mut BTreeSet<(usize, IpAddr)>, of: IpAddr, size: &mut usize, to: usize) {
    by_size.remove(&(*size, of));
    *size = to;
    if to > 0 {
        by_size.insert((to, of));
    }
}

impl Site {
    /// The newest part that can be taken away from the network that holds most, if that network holds more than
    /// `beyond`.
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

    /// The total size of a network's parts.
    pub fn held_by(&self, network: IpAddr) -> usize {
        self.share(network).map_or(0, |share| share.size)
    }

    /// The number of a network's parts that are `InUse`.
    pub fn in_use_by(&self, network: IpAddr) -> usize {
        self.share(network).map_or(0, |share| share.in_use)
    }

    /// Takes parts away until there is room for a part of size `more` within the total `most`, and returns the values of
    /// the parts taken. A part is taken if it is idle, or if it belongs to the site that holds most and to the network
    /// that holds most in this site, and these hold more than the network of the new part would hold. If that does not
    /// make enough room, it takes nothing away and returns `None`.
    ///
    /// `network`: the network of the new part; `None` if it is not known yet, which counts as a network that holds
    /// nothing.
    pub fn make_room(&mut self, network: Option<IpAddr>, more: usize, most: usize) -> Option<Vec<E>> {
        self.make_room_beside(None, network, more, most)
    }

    /// As `make_room`, but makes room for an existing part to grow; this part is not taken away. Also returns `None` if
    /// the part has been taken away already.
    pub fn make_room_to_grow(&mut self, id: u64, more: usize, most: usize) -> Option<Vec<E>> {
        let network = self.parts.get(&id)?.network;
        self.make_room_beside(Some(id), Some(network), more, most)
    }

    /// Takes parts away for a part of size `more` that cannot be refused. If the network would hold more than
    /// `most_own`, its own oldest parts are taken. If the total would exceed `most`, parts are taken as by `make_room`,
    /// then the network's own oldest parts, then the oldest `New` and `UnderWay` parts of all networks.
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

    /// The oldest part of a network that can be taken away.
    fn oldest_of(&self, network: IpAddr) -> Option<u64> {
        self.share(network)?.yielding.first().copied()
    }

    /// The next part to take away, for a part that grows or is added.
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

    /// The oldest `New` or `UnderWay` part, if it can be taken away: a `New` part if its site, or within the same site
    /// its network, holds at least as much as `own`; an `UnderWay` part if the site of `network` holds nothing else.
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

    /// Adds a part and returns its id. The caller has made room for it.
    pub fn add(&mut self, network: IpAddr, size: usize, hold: Hold, end: E) -> u64 {
        self.last += 1;
        self.insert(self.last, Part { network, size, hold, end });
        self.last
    }

    /// Removes a part; `None` if it has been taken away.
    pub fn remove(&mut self, id: u64) -> Option<E> {
        self.take(id).map(|part| part.end)
    }

    /// Lets a part grow; false if it has been taken away.
    pub fn grow(&mut self, id: u64, more: usize) -> bool {
        self.change(id, |part| part.size += more)
    }

    /// Sets the network of a part and whether it can be taken away; false if it has been taken away.
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

    /// True if no part is held and no index has an entry left.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        let sets = [self.new.len(), self.idle.len(), self.sites_by_size.len()];
        (self.held, self.parts.len(), self.sites.len(), sets) == (0, 0, 0, [0; 3])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address in a separate site for each `n`.
    fn ip(n: u8) -> IpAddr {
        IpAddr::from([198, 51, n, 1])
    }

    /// Addresses in the same site, one for each `n`.
    fn beside(n: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, n])
    }

    /// Holdings with these parts; the value of each part is its index.
    fn holdings(parts: &[(IpAddr, usize, Hold)]) -> Holdings<usize> {
        let mut held = Holdings::default();
        for (n, (network, size, hold)) in parts.iter().enumerate() {
            held.add(*network, *size, *hold, n);
        }
        held
    }

    #[test]
    fn the_network_that_holds_most_loses_its_newest_part_to_one_that_holds_less() {
        use Hold::InUse;
        let mut held = holdings(&[(ip(1), 3, InUse), (ip(2), 5, InUse), (ip(2), 1, InUse), (ip(3), 1, InUse)]);
        assert_eq!(held.make_room(Some(ip(3)), 1, 11), Some(vec![]), "it fits");
        assert_eq!(held.make_room(Some(ip(3)), 1, 10), Some(vec![2]));
        assert_eq!(held.make_room(Some(ip(3)), 4, 9), None, "it would hold as much as the others");
        assert_eq!(held.make_room(Some(ip(3)), 3, 7), Some(vec![1]));
        assert_eq!((held.held, held.held_by(ip(1)), held.held_by(ip(2)), held.in_use_by(ip(1))), (4, 3, 0, 1));
        assert_eq!(held.make_room(None, 1, 4), Some(vec![0]), "an unknown network holds nothing");
        assert_eq!(held.remove(4), Some(3));
        assert!(held.is_empty());
    }

    #[test]
    fn parts_are_taken_away_until_there_is_room() {
        let mut held = holdings(&[(ip(1), 2, Hold::InUse), (ip(1), 2, Hold::InUse), (ip(2), 3, Hold::InUse)]);
        assert_eq!(held.make_room(Some(ip(3)), 3, 4), None, "there is not enough");
        assert_eq!(held.make_room(Some(ip(3)), 1, 3), Some(vec![1, 2]));
    }

    #[test]
    fn firm_parts_are_never_taken_away_but_count() {
        let mut held = holdings(&[(ip(1), 9, Hold::Firm), (ip(2), 3, Hold::InUse)]);
        assert_eq!(held.make_room(Some(ip(3)), 1, 12), Some(vec![1]));
        assert_eq!(held.make_room(Some(ip(3)), 4, 12), None);
        assert!(held.set(1, ip(1), Hold::InUse));
        assert_eq!(held.make_room(Some(ip(3)), 4, 12), Some(vec![0]));
        assert!(!held.set(1, ip(1), Hold::Firm) && !held.grow(1, 1), "it was taken away");
    }

    #[test]
    fn idle_parts_are_taken_away_first_beginning_with_the_oldest() {
        use Hold::{Idle, InUse};
        let mut held = holdings(&[(ip(2), 1, InUse), (ip(2), 1, Idle), (ip(1), 1, Idle), (ip(2), 1, InUse)]);
        assert_eq!(held.make_room(Some(ip(3)), 1, 4), Some(vec![1]));
        assert_eq!(held.make_room(Some(ip(2)), 1, 3), Some(vec![2]), "also of one that holds less");
        assert_eq!(held.make_room(Some(ip(3)), 1, 2), Some(vec![3]));
        assert_eq!(
            held.make_room(Some(ip(3)), 1, 1),
            None,
            "parts in use are taken only from a network that holds more"
        );
    }

    #[test]
    fn new_parts_are_taken_away_for_a_smaller_network_and_as_a_last_resort_for_an_equal_one() {
        use Hold::{InUse, New};
        let mut held = holdings(&[(ip(1), 1, New), (ip(2), 1, InUse), (ip(2), 1, New), (ip(4), 1, New)]);
        assert_eq!(held.make_room(Some(ip(3)), 1, 4), Some(vec![2]));
        assert_eq!(held.make_room(Some(ip(3)), 1, 3), Some(vec![0]));
        assert_eq!(held.make_room(Some(ip(2)), 1, 2), None);
    }

    #[test]
    fn the_oldest_part_under_way_is_taken_away_for_a_network_whose_site_holds_nothing() {
        use Hold::{InUse, UnderWay};
        let mut held =
            holdings(&[(ip(1), 2, InUse), (ip(2), 2, UnderWay), (ip(4), 2, UnderWay), (beside(1), 1, UnderWay)]);
        assert_eq!(held.make_room(Some(beside(2)), 1, 7), None, "another of its site holds something");
        assert_eq!(held.make_room(Some(ip(3)), 3, 6), Some(vec![1, 2]), "however much it is");
        let growing = held.add(ip(3), 1, UnderWay, 4);
        assert_eq!(held.make_room_to_grow(growing, 1, 4), Some(vec![3]), "it grows");
        assert_eq!(held.make_room_to_grow(growing, 1, 3), None, "it is not taken away for itself");
        assert_eq!((held.remove(growing), held.make_room_to_grow(growing, 1, 9)), (Some(4), None), "it was taken away");
    }

    #[test]
    fn force_room_takes_the_networks_own_parts_above_its_limit_and_as_a_last_resort_the_oldest_of_all_networks() {
        use Hold::UnderWay;
        let one = |n| (ip(n), 2, UnderWay);
        let mut held = holdings(&[one(1), one(2), one(2), one(3)]);
        assert_eq!(held.force_room(ip(3), 2, 4, 10), Vec::<usize>::new(), "it fits");
        assert_eq!(held.force_room(ip(3), 3, 4, 100), [3], "it would hold too much");
        assert_eq!(held.force_room(ip(3), 2, 4, 6), [2], "taken as by make_room");
        assert_eq!(held.force_room(ip(2), 2, 4, 4), [1], "nobody holds more");
        assert_eq!(held.force_room(ip(3), 9, 4, 9), [0]);
        assert!(held.is_empty());
    }

    #[test]
    fn many_networks_of_a_site_count_as_one_against_other_sites() {
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
    fn a_part_can_be_moved_to_another_network() {
        let mut held = holdings(&[(ip(1), 1, Hold::Firm), (ip(1), 1, Hold::Idle)]);
        assert!(held.set(1, ip(2), Hold::InUse));
        assert_eq!((held.held_by(ip(1)), held.in_use_by(ip(2))), (1, 1));
        assert_eq!((held.remove(1), held.remove(2)), (Some(0), Some(1)));
        assert!(held.is_empty());
    }
}
