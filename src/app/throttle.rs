//! Slows down guessing, by account and by address, and never locks anybody out for good.
//!
//! Each attempt is charged before the password is looked at, so that a burst cannot slip through, and the charge is given
//! back when the password was right. That refund is why this is not a rate-limit library: those only ever count up.
//!
//! Strangers share what an account allows from everywhere. A browser that its person signed in from before has an allowance of
//! its own, so that no flood of guesses, from however many addresses, keeps that person out. All known browsers of an account also
//! share an allowance, since a person who knows the password, or knew it once, can make any number of them: past that, each counts as
//! a stranger.
//!
//! Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".

use super::hasher::Line;
use super::throttle_table::{Allowance, Key, Table};
use crate::domain::ids::SetupLinkId;
use crate::domain::{Email, Error, Result, Timestamp, network_of};

const fn one_in_secs(burst: i64, interval_secs: i64) -> Allowance {
    Allowance { burst, interval_millis: interval_secs * 1000 }
}

/// For one account from everywhere: at most 100 in any hour.
const ACCOUNT: Allowance = one_in_secs(50, 72);
/// For one account from one address: slower than the account's own, so that one address alone cannot use that up.
const PAIR: Allowance = one_in_secs(10, 120);
/// For one account from one browser that is known to it.
const KNOWN: Allowance = one_in_secs(10, 15);
/// For one account from all browsers that are known to it together: at most 100 in any hour.
const ALL_KNOWN: Allowance = one_in_secs(50, 72);
/// For one address and all accounts: an office behind one address has many people.
const ADDRESS: Allowance = one_in_secs(300, 2);
/// For reset links to one account, and for those asked for from one address.
const RESETS: Allowance = one_in_secs(3, 600);
const RESETS_FROM_ADDRESS: Allowance = one_in_secs(20, 60);
/// For the use of one set-up link: metadata that is read, and saves, of which admins hear by mail.
const SETUP: Allowance = one_in_secs(60, 10);
/// For the metadata that is fetched for one organisation.
const FETCHES: Allowance = one_in_secs(60, 10);
/// For judgements of passwords, of one person and by one session or link: each keystroke's pause is one.
const JUDGEMENTS: Allowance = one_in_secs(100, 1);

/// For changes to a person's own account, which are logged.
const CHANGES: Allowance = one_in_secs(60, 1);

/// Limits on attempts. Records that strangers can fill have separate tables: a flood of addresses and accounts that do not exist
/// leaves room for known browsers, sessions and links.
#[derive(Default)]
pub struct Throttle {
    sign_ins: Table,
    resets: Table,
    known: Table,
}

/// Where an attempt comes from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The address.
    pub address: &'a str,
    /// The id of the browser, where this very person signed in from it before.
    pub known: Option<&'a str>,
}

impl Source<'_> {
    /// The line in which it waits for a core, where it is about the person with this address.
    pub fn line(&self, email: &Email) -> Line {
        if self.known.is_some() { Line::known(email.as_str(), self.address) } else { Line::stranger(self.address) }
    }
}

/// One attempt's charges, all of the same table.
#[derive(Default)]
pub struct Charge {
    known: bool,
    keys: Vec<(Key, Allowance)>,
}

impl Throttle {
    /// Charges an attempt to sign in as `email`. A known browser has an allowance of its own, and shares one with the others that the
    /// account knows: whatever strangers try, also from its address, leaves it free. Where the shared one is used up, it is a stranger.
    ///
    /// # Errors
    /// `Throttled`, with when to try again; nothing is charged then.
    pub fn charge(&self, email: &Email, source: Source, now: Timestamp) -> Result<Charge> {
        if let Some(browser) = source.known {
            let own = (self.known.key(&format!("browser {email} {browser}")), KNOWN);
            let all = (self.known.key(&format!("browsers {email}")), ALL_KNOWN);
            pay(&self.known, &[own], now)?;
            if pay(&self.known, &[all], now).is_ok() {
                return Ok(Charge { known: true, keys: vec![own, all] });
            }
            self.known.refund(own.0, own.1);
        }
        let (table, address) = (&self.sign_ins, network_of(source.address));
        let keys = vec![
            (table.key(&format!("address {address}")), ADDRESS),
            (table.key(&format!("pair {email} {address}")), PAIR),
            (table.key(&format!("account {email}")), ACCOUNT),
        ];
        pay(table, &keys, now).map(|()| Charge { known: false, keys })
    }

    /// Charges a letter with a reset link, so that nobody fills somebody's mailbox.
    ///
    /// # Errors
    /// `Throttled`, with when to try again.
    pub fn charge_reset(&self, email: &Email, address: &str, now: Timestamp) -> Result<()> {
        let from = (self.resets.key(&format!("from {}", network_of(address))), RESETS_FROM_ADDRESS);
        pay(&self.resets, &[from, (self.resets.key(&format!("to {email}")), RESETS)], now)
    }

    /// Charges a SAML sign-in that may lead nowhere: an unknown portal key, or an answer that is refused. Give the charge back
    /// when it led somewhere, so that a whole office behind one address costs nothing. `per_minute`: 0 for no limit.
    ///
    /// # Errors
    /// `Throttled`, with when to try again; nothing is charged then.
    pub fn charge_door(&self, address: &str, per_minute: u32, now: Timestamp) -> Result<Charge> {
        let burst = i64::from(per_minute);
        let Some(interval_millis) = 60_000_i64.checked_div(burst) else { return Ok(Charge::default()) };
        let key = self.sign_ins.key(&format!("saml {}", network_of(address)));
        let keys = vec![(key, Allowance { burst, interval_millis })];
        pay(&self.sign_ins, &keys, now).map(|()| Charge { known: false, keys })
    }

    /// Charges the use of a set-up link: it may be in wrong hands.
    ///
    /// # Errors
    /// `Throttled`, with when to try again.
    pub fn charge_setup(&self, link: &SetupLinkId, now: Timestamp) -> Result<()> {
        pay(&self.known, &[(self.known.key(&format!("setup {link}")), SETUP)], now)
    }

    /// Charges metadata that is fetched for an organisation, named by its id.
    ///
    /// # Errors
    /// `Throttled`, with when to try again.
    pub fn charge_fetch(&self, organisation: &str, now: Timestamp) -> Result<()> {
        pay(&self.known, &[(self.known.key(&format!("fetch {organisation}")), FETCHES)], now)
    }

    /// Charges the judgement of a new password. `by`: the session or link by which it is set, which must exist.
    ///
    /// # Errors
    /// `Throttled`, with when to try again.
    pub fn charge_judgement(&self, person: &str, by: &str, now: Timestamp) -> Result<()> {
        let key = |kind: &str, of: &str| (self.known.key(&format!("judged {kind} {of}")), JUDGEMENTS);
        pay(&self.known, &[key("for", person), key("by", by)], now)
    }

    /// Charges a change to a person's own account; `allowance`: that of their session.
    ///
    /// # Errors
    /// `Throttled`, with when to try again.
    pub fn charge_change(&self, allowance: &str, now: Timestamp) -> Result<()> {
        pay(&self.known, &[(self.known.key(&format!("changed {allowance}")), CHANGES)], now)
    }

    /// Gives an attempt's charges back: the password was right.
    pub fn refund(&self, charge: &Charge) {
        let table = if charge.known { &self.known } else { &self.sign_ins };
        charge.keys.iter().for_each(|(key, allowance)| table.refund(*key, *allowance));
    }
}

/// Pays all or nothing.
fn pay(table: &Table, keys: &[(Key, Allowance)], now: Timestamp) -> Result<()> {
    for (paid, (key, allowance)) in keys.iter().enumerate() {
        if let Err(wait_millis) = table.pay(*key, *allowance, now.0 * 1000) {
            keys[..paid].iter().for_each(|(key, allowance)| table.refund(*key, *allowance));
            // Rounded up: those who come back then are let in.
            return Err(Error::Throttled { retry_after_secs: u64::try_from((wait_millis + 999) / 1000).unwrap_or(1) });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_510_800);

    fn email(text: &str) -> Email {
        Email::parse(text).expect("usable")
    }

    fn from(address: &str) -> Source<'_> {
        Source { address, known: None }
    }

    #[test]
    fn guessing_is_slowed_down_and_never_stopped_for_good() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        for _ in 0..10 {
            assert!(throttle.charge(&ann, from("192.0.2.1"), NOW).is_ok());
        }
        let Err(Error::Throttled { retry_after_secs }) = throttle.charge(&ann, from("192.0.2.1"), NOW) else {
            panic!("the eleventh guess was not slowed down");
        };
        assert_eq!(retry_after_secs, 120);
        assert!(throttle.charge(&ann, from("192.0.2.1"), NOW.plus(120)).is_ok());
    }

    #[test]
    fn one_guesser_does_not_shut_out_the_person_elsewhere() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        for second in 0..3600 {
            drop(throttle.charge(&ann, from("192.0.2.1"), NOW.plus(second)));
        }
        assert!(throttle.charge(&ann, from("198.51.100.7"), NOW.plus(3600)).is_ok());
    }

    #[test]
    fn no_flood_of_guesses_keeps_a_person_out_of_the_browser_they_know() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        let flood = |second: i64| {
            for n in 0..40 {
                drop(throttle.charge(&ann, from(&format!("192.0.2.{n}")), NOW.plus(second)));
            }
        };
        (0..600).for_each(flood);
        let home = Source { address: "198.51.100.7", known: Some("her browser") };
        assert!(throttle.charge(&ann, from(home.address), NOW.plus(599)).is_err(), "the flood does what it can");
        assert!(throttle.charge(&ann, home, NOW.plus(599)).is_ok());
    }

    #[test]
    fn a_known_browser_is_slowed_down_too() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        let stolen = |n: i32| throttle.charge(&ann, Source { address: &format!("192.0.2.{n}"), known: Some("b") }, NOW);
        assert!((0..10).all(|n| stolen(n).is_ok()));
        assert!(stolen(11).is_err());
    }

    #[test]
    fn at_most_100_guesses_an_hour_reach_an_account_from_all_browsers_that_it_knows_and_as_many_from_strangers() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        let minted: Vec<_> = (0..40).map(|n| (format!("192.0.2.{n}"), format!("minted {n}"))).collect();
        let tries = |second: i64| {
            let each = minted.iter().map(|(address, browser)| Source { address, known: Some(browser) });
            each.filter(|source| throttle.charge(&ann, *source, NOW.plus(second)).is_ok()).count()
        };
        let each_second: Vec<usize> = (0..2 * 3600).map(tries).collect();
        let busiest = each_second.windows(3600).map(|hour| hour.iter().sum::<usize>()).max();
        assert!(busiest.is_some_and(|most| (100..=200).contains(&most)), "{busiest:?}");
    }

    #[test]
    fn a_known_browser_is_let_in_as_a_stranger_where_others_have_used_up_what_known_browsers_share() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        let known = |browser| Source { address: "192.0.2.1", known: Some(browser) };
        let minted: Vec<_> = (0..5).map(|n| format!("minted {n}")).collect();
        assert!(minted.iter().all(|one| (0..10).all(|_| throttle.charge(&ann, known(one), NOW).is_ok())));
        let home = Source { address: "198.51.100.7", known: Some("hers") };
        let charge = throttle.charge(&ann, home, NOW).expect("let in");
        assert!(!charge.known, "as a stranger");
    }

    #[test]
    fn a_person_changes_their_account_60_times_in_a_row_and_then_once_a_second() {
        let throttle = Throttle::default();
        assert!((0..60).all(|_| throttle.charge_change("ann", NOW).is_ok()));
        assert!(throttle.charge_change("ann", NOW).is_err() && throttle.charge_change("ben", NOW).is_ok());
        assert!(throttle.charge_change("ann", NOW.plus(1)).is_ok());
    }

    #[test]
    fn at_most_100_guesses_an_hour_reach_an_account_from_browsers_that_it_does_not_know() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        let tries = |second: i64| {
            let anywhere = (0..40).map(|n| throttle.charge(&ann, from(&format!("192.0.2.{n}")), NOW.plus(second)));
            anywhere.flatten().count()
        };
        let each_second: Vec<usize> = (0..3 * 3600).map(tries).collect();
        let busiest = each_second.windows(3600).map(|hour| hour.iter().sum::<usize>()).max();
        assert!(busiest.is_some_and(|most| (50..=100).contains(&most)), "{busiest:?}");
    }

    #[test]
    fn a_flood_from_the_address_of_a_known_browser_leaves_it_free() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        (0..400).for_each(|n| drop(throttle.charge(&email(&format!("p{n}@acme.test")), from("192.0.2.1"), NOW)));
        assert!(throttle.charge(&email("new@acme.test"), from("192.0.2.1"), NOW).is_err());
        assert!(throttle.charge(&ann, Source { address: "192.0.2.1", known: Some("hers") }, NOW).is_ok());
    }

    #[test]
    fn what_is_refused_is_not_charged() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        for second in 0..1000 {
            drop(throttle.charge(&ann, from("192.0.2.1"), NOW.plus(second)));
        }
        let others =
            (0..300).map(|n| throttle.charge(&email(&format!("p{n}@acme.test")), from("192.0.2.1"), NOW.plus(1000)));
        assert!(others.flatten().count() >= 280, "what was refused used up the address");
    }

    #[test]
    fn right_passwords_cost_nothing() {
        let throttle = Throttle::default();
        for n in 0..5000 {
            let charge =
                throttle.charge(&email(&format!("p{}@acme.test", n % 7)), from("192.0.2.1"), NOW).expect("free");
            throttle.refund(&charge);
        }
    }

    #[test]
    fn so_many_a_minute_may_lead_nowhere_and_then_one_at_a_time() {
        let throttle = Throttle::default();
        let knock = |at: Timestamp| throttle.charge_door("192.0.2.1", 1200, at);
        assert!((0..1200).all(|_| knock(NOW).is_ok()));
        assert!(matches!(knock(NOW), Err(Error::Throttled { retry_after_secs: 1 })));
        assert!((0..20).all(|_| knock(NOW.plus(1)).is_ok()), "twenty more a second later");
        assert!(knock(NOW.plus(1)).is_err());
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        assert_eq!(network_of("2001:db8::1"), network_of("2001:db8::ffff:1"));
        assert_ne!(network_of("2001:db8::1"), network_of("2001:db8:0:1::1"));
        assert_eq!(network_of("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
