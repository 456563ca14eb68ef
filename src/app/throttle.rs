//! Slows down guessing, by account and by address, and never locks anybody out for good.
//!
//! Each attempt is charged before the password is looked at, so that a burst cannot slip through, and the charge is given
//! back when the password was right. That refund is why this is not a rate-limit library: those only ever count up.
//!
//! Strangers share what an account allows from everywhere. A browser that its person signed in from before has an allowance of
//! its own, so that no flood of guesses, from however many addresses, keeps that person out.
//!
//! Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".

use crate::domain::ids::SetupLinkId;
use crate::domain::seal::digest;
use crate::domain::{self, Email, Error, Result, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// So many wrong attempts in a row are free, and then one every so many seconds.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    burst: i64,
    interval_millis: i64,
}

const fn one_in_secs(burst: i64, interval_secs: i64) -> Allowance {
    Allowance { burst, interval_millis: interval_secs * 1000 }
}

/// For one account from one address, or from one browser that is known to it. Slower than the account's own, so that one address alone cannot use that up.
const PAIR: Allowance = one_in_secs(10, 15);
/// For one account from everywhere.
const ACCOUNT: Allowance = one_in_secs(50, 5);
/// For one address and all accounts: an office behind one address has many people.
const ADDRESS: Allowance = one_in_secs(300, 2);
/// For reset links to one account, and for those asked for from one address.
const RESETS: Allowance = one_in_secs(3, 600);
const RESETS_FROM_ADDRESS: Allowance = one_in_secs(20, 60);
/// For what comes through one set-up link: metadata that is read, and saves, of which admins hear by mail.
const SETUP: Allowance = one_in_secs(60, 10);
/// Keys kept; past that, those that are free again are forgotten.
const MOST_KEYS: usize = 200_000;

/// Who may try again when.
#[derive(Default)]
pub struct Throttle {
    /// Key -> the moment when all its charges are paid off, in Unix milliseconds (GCRA's theoretical arrival time).
    paid_off_at: Mutex<HashMap<Vec<u8>, i64>>,
}

/// Where an attempt comes from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The address.
    pub address: &'a str,
    /// The id of the browser, where this very person signed in from it before.
    pub known: Option<&'a str>,
}

/// One attempt's charges.
pub struct Charge(Vec<(Vec<u8>, Allowance)>);

impl Throttle {
    /// Charges an attempt to sign in as `email`.
    ///
    /// # Errors
    /// `Throttled`, with when to try again; nothing is charged then.
    pub fn charge(&self, email: &Email, source: Source, now: Timestamp) -> Result<Charge> {
        let address = network(source.address);
        let mut charge = Charge(vec![(digest(&format!("address {address}")), ADDRESS)]);
        charge.0.extend(match source.known {
            Some(browser) => vec![(digest(&format!("browser {email} {browser}")), PAIR)],
            None => {
                vec![(digest(&format!("pair {email} {address}")), PAIR), (digest(&format!("account {email}")), ACCOUNT)]
            }
        });
        self.pay(&charge, now)?;
        Ok(charge)
    }

    /// Charges a letter with a reset link, so that nobody fills somebody's mailbox.
    ///
    /// # Errors
    /// `Throttled`, with when to try again.
    pub fn charge_reset(&self, email: &Email, address: &str, now: Timestamp) -> Result<()> {
        let from = (digest(&format!("resets from {}", network(address))), RESETS_FROM_ADDRESS);
        self.pay(&Charge(vec![from, (digest(&format!("resets {email}")), RESETS)]), now)
    }

    /// Charges a SAML sign-in that may lead nowhere: an unknown portal key, or an answer that is refused. Give the charge back
    /// when it led somewhere, so that a whole office behind one address costs nothing. `per_minute`: 0 for no limit.
    ///
    /// # Errors
    /// `Throttled`, with when to try again; nothing is charged then.
    pub fn charge_door(&self, address: &str, per_minute: u32, now: Timestamp) -> Result<Charge> {
        let burst = i64::from(per_minute);
        let Some(interval_millis) = 60_000_i64.checked_div(burst) else { return Ok(Charge(Vec::new())) };
        let charge =
            Charge(vec![(digest(&format!("door {}", network(address))), Allowance { burst, interval_millis })]);
        self.pay(&charge, now)?;
        Ok(charge)
    }

    /// Charges what the bearer of a set-up link has done: the link may be in wrong hands.
    ///
    /// # Errors
    /// `Throttled`, with when to try again.
    pub fn charge_setup(&self, link: &SetupLinkId, now: Timestamp) -> Result<()> {
        self.pay(&Charge(vec![(digest(&format!("setup {link}")), SETUP)]), now)
    }

    fn pay(&self, charge: &Charge, now: Timestamp) -> Result<()> {
        let mut table = self.paid_off_at.lock().unwrap_or_else(PoisonError::into_inner);
        let now_millis = now.0 * 1000;
        if table.len() > MOST_KEYS {
            table.retain(|_, paid_off_at| *paid_off_at > now_millis);
        }
        for (key, allowance) in &charge.0 {
            let owed = table.get(key).map_or(0, |at| at - now_millis);
            let wait = owed + allowance.interval_millis - allowance.burst * allowance.interval_millis;
            if wait > 0 {
                // Rounded up: whoever comes back then is let in.
                return Err(Error::Throttled { retry_after_secs: u64::try_from((wait + 999) / 1000).unwrap_or(1) });
            }
        }
        for (key, allowance) in &charge.0 {
            let paid_off_at = table.entry(key.clone()).or_insert(now_millis);
            *paid_off_at = (*paid_off_at).max(now_millis) + allowance.interval_millis;
        }
        Ok(())
    }

    /// Gives an attempt's charges back: the password was right.
    pub fn refund(&self, charge: &Charge) {
        let mut table = self.paid_off_at.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, allowance) in &charge.0 {
            if let Some(paid_off_at) = table.get_mut(key) {
                *paid_off_at -= allowance.interval_millis;
            }
        }
    }
}

/// What counts as one address: an IPv6 customer has at least a /64.
fn network(address: &str) -> String {
    address.parse::<IpAddr>().map_or_else(|_| address.to_owned(), |ip| domain::network(ip).to_string())
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
        assert_eq!(retry_after_secs, 15);
        assert!(throttle.charge(&ann, from("192.0.2.1"), NOW.plus(15)).is_ok());
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
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
