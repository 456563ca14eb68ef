//! The chain of the audit log. Each entry has a hash of itself and of the entry before it in the same log, so that a change, a
//! gap or another order is noticed. Each organisation has a log; entries without an organisation are in the log of the
//! appliance.
//!
//! Names, addresses and details are in the hash only as a digest with a salt. When a person's data is erased, the values and the
//! salt are deleted, and the digest is kept, so that the chain can still be verified.

use super::Timestamp;
use super::ids::random_bytes;
use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];
/// The length of a salt, in bytes.
pub const SALT_BYTES: usize = 16;
/// The hash before the first entry of a log.
pub const START: Hash = [0; 32];

/// A new salt.
pub fn salt() -> [u8; SALT_BYTES] {
    random_bytes()
}

/// A digest of values, each with its length, so that no two lists of values give the same bytes.
struct Canonical(Sha256);

impl Canonical {
    /// `purpose`: what is hashed, with the version of the form.
    fn new(purpose: &str) -> Self {
        Self(Sha256::new()).bytes(purpose.as_bytes())
    }

    fn bytes(mut self, value: &[u8]) -> Self {
        self.0.update((value.len() as u64).to_be_bytes());
        self.0.update(value);
        self
    }

    fn number(self, value: i64) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    fn text(self, value: &str) -> Self {
        self.bytes(value.as_bytes())
    }

    /// An absent value differs from an empty one.
    fn optional(self, value: Option<&str>) -> Self {
        match value {
            None => self.bytes(&[]),
            Some(text) => self.bytes(&[1]).text(text),
        }
    }

    fn hash(self) -> Hash {
        self.0.finalize().into()
    }
}

/// The fields of an entry that can name or describe a person.
#[derive(Debug, Clone, Copy)]
pub struct Personal<'a> {
    /// The name of the actor.
    pub actor_name: &'a str,
    /// The IP address.
    pub address: &'a str,
    /// The name of the resource.
    pub resource_name: &'a str,
    /// The details, as JSON.
    pub detail: &'a str,
}

impl Personal<'_> {
    /// Their digest with this salt.
    pub fn digest(&self, salt: &[u8]) -> Hash {
        let Self { actor_name, address, resource_name, detail } = self;
        let salted = Canonical::new("vestibule audit 1 personal").bytes(salt);
        salted.text(actor_name).text(address).text(resource_name).text(detail).hash()
    }
}

/// The other fields of an entry.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Its number in its log, from 1.
    pub number: i64,
    /// When the event happened.
    pub at: Timestamp,
    /// The kind of the actor.
    pub actor_kind: &'a str,
    /// The id of the actor.
    pub actor_id: Option<&'a str>,
    /// The action.
    pub action: &'a str,
    /// The organisation.
    pub organisation: Option<&'a str>,
    /// The workspace.
    pub workspace: Option<&'a str>,
    /// The kind of the resource.
    pub resource_type: &'a str,
    /// The id of the resource.
    pub resource_id: &'a str,
    /// The digest of the personal fields.
    pub personal: Hash,
}

impl Link<'_> {
    /// The hash of the entry, after the entry with the hash `previous`.
    pub fn hash(&self, previous: &Hash) -> Hash {
        Canonical::new("vestibule audit 1 entry")
            .bytes(previous)
            .number(self.number)
            .number(self.at.0)
            .text(self.actor_kind)
            .optional(self.actor_id)
            .text(self.action)
            .optional(self.organisation)
            .optional(self.workspace)
            .text(self.resource_type)
            .text(self.resource_id)
            .bytes(&self.personal)
            .hash()
    }
}

/// The newest entry of a log: its number and its hash. Zero and `START` for an empty log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the entry.
    pub number: i64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// The head of an empty log.
    pub const EMPTY: Self = Self { number: 0, hash: START };
}

/// An entry that does not continue its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The entries with the numbers from `from` to `to` are missing.
    Missing {
        /// The first missing number.
        from: i64,
        /// The last missing number.
        to: i64,
    },
    /// The entry is at the wrong place: the one with the number `expected` should be there.
    Order {
        /// The number of the entry.
        number: i64,
        /// The number that should be there.
        expected: i64,
    },
    /// The entry was changed.
    Changed {
        /// The number of the entry.
        number: i64,
        /// Its time, as it is stored.
        at: Timestamp,
    },
    /// The entry is not the one that was written last.
    Head {
        /// The number of the entry.
        number: i64,
    },
}

/// The result of the verification of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The id of the organisation; `None` for the log of the appliance.
    pub organisation: Option<String>,
    /// The number of entries.
    pub entries: i64,
    /// The number of the first entry: 1, or more if older ones were deleted by their retention.
    pub first: i64,
    /// The number of entries whose personal fields were erased.
    pub erased: i64,
    /// The newest entry.
    pub head: Head,
    /// The first entry that does not continue the log, if any.
    pub fault: Option<Fault>,
}

/// The verification of one log, entry by entry.
#[derive(Debug, Clone)]
pub struct Verification {
    found: Verified,
    last: Head,
}

impl Verification {
    /// A verification that continues from the newest entry that was deleted by its retention; `Head::EMPTY` if none was.
    pub fn after(organisation: Option<String>, anchor: Head) -> Self {
        let found =
            Verified { organisation, entries: 0, first: anchor.number + 1, erased: 0, head: anchor, fault: None };
        Self { found, last: anchor }
    }

    /// Adds the next entry, in the order in which they were written. `stored`: its stored hash; `erased`: true if its
    /// personal fields were erased.
    pub fn add(&mut self, link: &Link, stored: &[u8], erased: bool) {
        let expected = self.last.number + 1;
        let hash = link.hash(&self.last.hash);
        let fault = match link.number {
            number if number > expected => Some(Fault::Missing { from: expected, to: number - 1 }),
            number if number < expected => Some(Fault::Order { number, expected }),
            number if hash[..] != *stored => Some(Fault::Changed { number, at: link.at }),
            _ => None,
        };
        self.found.entries += 1;
        self.found.erased += i64::from(erased);
        // After a fault, the stored hash shows whether the rest is whole.
        self.last = Head { number: link.number, hash: stored.try_into().unwrap_or(hash) };
        self.found.fault = self.found.fault.take().or(fault);
    }

    /// The result. `head`: the stored head of the log.
    pub fn end(self, head: Head) -> Verified {
        let Self { mut found, last } = self;
        let fault = match last.number {
            number if number < head.number => Some(Fault::Missing { from: number + 1, to: head.number }),
            number if last != head => Some(Fault::Head { number }),
            _ => None,
        };
        found.head = last;
        found.fault = found.fault.or(fault);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: Link = Link {
        number: 1,
        at: Timestamp(7),
        actor_kind: "person",
        actor_id: Some("ann"),
        action: "member.revoked",
        organisation: Some("acme"),
        workspace: None,
        resource_type: "member",
        resource_id: "bo",
        personal: [7; 32],
    };

    /// A log of three entries with their hashes.
    fn log() -> Vec<(Link<'static>, Hash)> {
        let mut last = START;
        let next = |number| {
            let link = Link { number, ..LINK };
            last = link.hash(&last);
            (link, last)
        };
        (1..=3).map(next).collect()
    }

    fn verified(log: &[(Link, Hash)], head: Head) -> Option<Fault> {
        let mut verification = Verification::after(Some("acme".into()), Head::EMPTY);
        for (link, hash) in log {
            verification.add(link, hash, false);
        }
        verification.end(head).fault
    }

    #[test]
    fn every_change_gap_and_reordering_is_noticed_and_named() {
        let whole = log();
        let head = Head { number: 3, hash: whole[2].1 };
        assert_eq!(verified(&whole, head), None);
        let after = |change: fn(&mut Link)| {
            let mut log = log();
            change(&mut log[1].0);
            verified(&log, head)
        };
        let changes: [fn(&mut Link); 9] = [
            |link| link.at = Timestamp(8),
            |link| link.actor_kind = "operator",
            |link| link.actor_id = None,
            |link| link.actor_id = Some(""),
            |link| link.action = "member.removed",
            |link| link.workspace = Some(""),
            |link| link.resource_type = "memberb",
            |link| link.resource_id = "o",
            |link| link.personal = [8; 32],
        ];
        for change in changes {
            assert!(matches!(after(change), Some(Fault::Changed { number: 2, .. })));
        }
        let without = |n: usize| {
            let mut log = log();
            log.remove(n);
            verified(&log, head)
        };
        assert_eq!(without(0), Some(Fault::Missing { from: 1, to: 1 }));
        assert_eq!(without(1), Some(Fault::Missing { from: 2, to: 2 }));
        assert_eq!(without(2), Some(Fault::Missing { from: 3, to: 3 }));
        let mut swapped = log();
        swapped.swap(0, 1);
        assert_eq!(verified(&swapped, head), Some(Fault::Missing { from: 1, to: 1 }));
        let mut twice = log();
        twice.push(twice[2]);
        assert_eq!(verified(&twice, head), Some(Fault::Order { number: 3, expected: 4 }));
        assert_eq!(verified(&whole, Head { number: 3, hash: START }), Some(Fault::Head { number: 3 }));
        assert_eq!(verified(&whole, Head { number: 2, hash: whole[1].1 }), Some(Fault::Head { number: 3 }));
    }

    #[test]
    fn a_log_whose_oldest_entries_were_deleted_continues_from_the_last_of_them() {
        let whole = log();
        let anchor = Head { number: 1, hash: whole[0].1 };
        let mut verification = Verification::after(None, anchor);
        for (link, hash) in &whole[1..] {
            verification.add(link, hash, true);
        }
        let found = verification.end(Head { number: 3, hash: whole[2].1 });
        assert_eq!((found.first, found.entries, found.erased, found.fault), (2, 2, 2, None));
    }

    #[test]
    fn values_cannot_move_between_fields_without_changing_the_digest() {
        let digest = |actor_name, address| Personal { actor_name, address, resource_name: "", detail: "" }.digest(&[1]);
        assert_ne!(digest("ab", "c"), digest("a", "bc"));
        assert_ne!(digest("a", ""), digest("", "a"));
        let one = Personal { actor_name: "a", address: "b", resource_name: "c", detail: "d" };
        assert_ne!(one.digest(&[1]), one.digest(&[2]));
    }
}
