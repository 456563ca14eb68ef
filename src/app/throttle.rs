//! Slows down the guessing of passwords, by account and by IP address, and never locks an account permanently.
//!
//! Each attempt is charged before the password is checked, so that a burst cannot slip through, and the charge is
//! refunded when the password was right. Libraries for rate limits have no refund, so none is used.
//!
//! Unknown browsers share one allowance per account. A known browser, from which the person has signed in before, has
//! its own allowance, so that no flood of guesses, from however many addresses, keeps that person out. The known
//! browsers of an account also share an allowance, because a person who knows the password, or once knew it, can obtain
//! any number of known browsers; when it is used up, they count as unknown.
//!
//! Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".

use super::hasher::Line;
use super::throttle_table::{Allowance, Key, Table};
use crate::domain::ids::{ApplicationId, SessionId, SetupLinkId, hex};
use crate::domain::{Email, Error, Result, Timestamp, network_of};

const fn one_in_secs(burst: i64, interval_secs: i64) -> Allowance {
    Allowance { burst, interval_millis: interval_secs * 1000 }
}

/// Attempts at one account from all unknown browsers: at most 100 in any hour.
const ACCOUNT: Allowance = one_in_secs(50, 72);
/// Attempts at one account from one address: fewer than `ACCOUNT`, so that one address cannot use up that allowance.
const PAIR: Allowance = one_in_secs(10, 120);
/// Attempts at one account from one known browser.
const KNOWN: Allowance = one_in_secs(10, 15);
/// Attempts at one account from all its known browsers together: at most 100 in any hour.
const ALL_KNOWN: Allowance = one_in_secs(50, 72);
/// Attempts at all accounts from one address: an office behind one address has many people.
const ADDRESS: Allowance = one_in_secs(300, 2);
/// Reset links for one account.
const RESETS: Allowance = one_in_secs(3, 600);
/// Reset links requested from one address.
const RESETS_FROM_ADDRESS: Allowance = one_in_secs(20, 60);
/// Failed requests of one OpenID Connect client from one address: 60 a minute.
const CLIENT: Allowance = one_in_secs(60, 1);
/// Uses of one set-up link: reading metadata, and saving settings, of which admins are notified by e-mail.
const SETUP: Allowance = one_in_secs(60, 10);
/// Fetches of metadata for one organisation.
const FETCHES: Allowance = one_in_secs(60, 10);
/// Strength checks of passwords, for one person and by one session or link: the web UI makes one at each pause in
/// typing.
const STRENGTH_CHECKS: Allowance = one_in_secs(100, 1);

/// Changes to a person's own account, which are logged.
const CHANGES: Allowance = one_in_secs(60, 1);

/// Sign-ins of a person at applications: a browser may restore many pages at once.
const APPLICATION_SIGN_INS: Allowance = one_in_secs(60, 1);

/// Lines in the log about one session that opens one application again and again.
const OPENED_LINES: Allowance = one_in_secs(1, 60);

/// Limits on attempts. Records that strangers can create are in separate tables, so that a flood of addresses and
/// non-existent accounts leaves room for known browsers, sessions and links.
#[derive(Default)]
pub struct Throttle {
    sign_ins: Table,
    resets: Table,
    known: Table,
}

/// The origin of an attempt.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The IP address.
    pub address: &'a str,
    /// The id of the browser, if the same person has signed in from it before.
    pub known: Option<&'a str>,
}

impl Source<'_> {
    /// The origin in the hasher's queue of an attempt to sign in as `email`.
    pub fn line(&self, email: &Email) -> Line {
        if self.known.is_some() { Line::known(email.as_str(), self.address) } else { Line::stranger(self.address) }
    }
}

/// The charges of one attempt, all in the same table.
#[derive(Default)]
pub struct Charge {
    known: bool,
    keys: Vec<(Key, Allowance)>,
}

impl Throttle {
    /// Charges an attempt to sign in as `email`. A known browser is charged to its own allowance and to the one that
    /// the account's known browsers share. Strangers can use up neither, even from the same address. When the shared
    /// allowance is used up, the browser is charged as a stranger.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait; nothing is charged then.
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

    /// Charges an e-mail with a reset link, so that nobody can flood a mailbox.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait.
    pub fn charge_reset(&self, email: &Email, address: &str, now: Timestamp) -> Result<()> {
        let from = (self.resets.key(&format!("from {}", network_of(address))), RESETS_FROM_ADDRESS);
        pay(&self.resets, &[from, (self.resets.key(&format!("to {email}")), RESETS)], now)
    }

    /// Charges a failed request of SSO, such as one with an unknown portal key or set-up link, or a SAML response,
    /// which may be refused. Refund the charge for a response that is accepted, so that a large office behind one
    /// address is not limited. `per_minute`: the number of failures allowed for an address, or 0 for no limit.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait; nothing is charged then.
    pub fn charge_sso_failure(&self, address: &str, per_minute: u32, now: Timestamp) -> Result<Charge> {
        let burst = i64::from(per_minute);
        let Some(interval_millis) = 60_000_i64.checked_div(burst) else { return Ok(Charge::default()) };
        let key = self.sign_ins.key(&format!("saml {}", network_of(address)));
        let keys = vec![(key, Allowance { burst, interval_millis })];
        pay(&self.sign_ins, &keys, now).map(|()| Charge { known: false, keys })
    }

    /// Charges a request in which an OpenID Connect client did not prove its identity. `client`: a digest of the id that it
    /// presents.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait; nothing is charged then.
    pub fn charge_client(&self, client: &str, address: &str, now: Timestamp) -> Result<Charge> {
        self.charge_client_for("client", client, address, now)
    }

    /// Charges a code or refresh token of a client that is not valid. `client`: its id, which it has proved.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait; nothing is charged then.
    pub fn charge_client_grant(&self, client: &str, address: &str, now: Timestamp) -> Result<Charge> {
        self.charge_client_for("grants of", client, address, now)
    }

    /// Charges the redemption of a code or refresh token that exists. `digest`: its digest. Refund it for one that succeeds.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait; nothing is charged then.
    pub fn charge_grant(&self, digest: &[u8], address: &str, now: Timestamp) -> Result<Charge> {
        self.charge_client_for("grant", &hex(digest), address, now)
    }

    fn charge_client_for(&self, what: &str, of: &str, address: &str, now: Timestamp) -> Result<Charge> {
        let key = self.sign_ins.key(&format!("{what} {of} {}", network_of(address)));
        let keys = vec![(key, CLIENT)];
        pay(&self.sign_ins, &keys, now).map(|()| Charge { known: false, keys })
    }

    /// Charges the use of a set-up link, which may have leaked.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait.
    pub fn charge_setup(&self, link: &SetupLinkId, now: Timestamp) -> Result<()> {
        pay(&self.known, &[(self.known.key(&format!("setup {link}")), SETUP)], now)
    }

    /// Charges metadata that is fetched for an organisation, named by its id.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait.
    pub fn charge_fetch(&self, organisation: &str, now: Timestamp) -> Result<()> {
        pay(&self.known, &[(self.known.key(&format!("fetch {organisation}")), FETCHES)], now)
    }

    /// Charges the strength check of a new password. `by`: the session or link that sets it, which must exist.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait.
    pub fn charge_judgement(&self, person: &str, by: &str, now: Timestamp) -> Result<()> {
        let key = |kind: &str, of: &str| (self.known.key(&format!("judged {kind} {of}")), STRENGTH_CHECKS);
        pay(&self.known, &[key("for", person), key("by", by)], now)
    }

    /// Charges a change to a person's own account. `allowance`: the name of the allowance that their session uses.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait.
    pub fn charge_change(&self, allowance: &str, now: Timestamp) -> Result<()> {
        pay(&self.known, &[(self.known.key(&format!("changed {allowance}")), CHANGES)], now)
    }

    /// Charges a sign-in at an application. `allowance`: the name of the allowance that the person's session uses.
    ///
    /// # Errors
    /// `Throttled`, with the time to wait.
    pub fn charge_application_sign_in(&self, allowance: &str, now: Timestamp) -> Result<()> {
        pay(&self.known, &[(self.known.key(&format!("application {allowance}")), APPLICATION_SIGN_INS)], now)
    }

    /// Charges the line in the log for a session that opens an application; `None` if there was one less than a minute ago.
    pub fn charge_opened_line(
        &self,
        session: &SessionId,
        application: &ApplicationId,
        now: Timestamp,
    ) -> Option<Charge> {
        let keys = vec![(self.known.key(&format!("opened {session} {application}")), OPENED_LINES)];
        pay(&self.known, &keys, now).is_ok().then_some(Charge { known: true, keys })
    }

    /// Refunds the charges of an attempt that succeeded.
    pub fn refund(&self, charge: &Charge) {
        let table = if charge.known { &self.known } else { &self.sign_ins };
        charge.keys.iter().for_each(|(key, allowance)| table.refund(*key, *allowance));
    }
}

/// Charges all keys, or none of them if one is used up.
fn pay(table: &Table, keys: &[(Key, Allowance)], now: Timestamp) -> Result<()> {
    for (paid, (key, allowance)) in keys.iter().enumerate() {
        if let Err(wait_millis) = table.pay(*key, *allowance, now.0 * 1000) {
            keys[..paid].iter().for_each(|(key, allowance)| table.refund(*key, *allowance));
            // Rounded up, so that an attempt after this time is allowed.
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
    fn guessing_is_slowed_down_but_never_blocked_permanently() {
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
    fn guesses_from_one_address_do_not_block_the_person_at_another() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        for second in 0..3600 {
            drop(throttle.charge(&ann, from("192.0.2.1"), NOW.plus(second)));
        }
        assert!(throttle.charge(&ann, from("198.51.100.7"), NOW.plus(3600)).is_ok());
    }

    #[test]
    fn a_flood_of_guesses_does_not_block_a_known_browser() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        let flood = |second: i64| {
            for n in 0..40 {
                drop(throttle.charge(&ann, from(&format!("192.0.2.{n}")), NOW.plus(second)));
            }
        };
        (0..600).for_each(flood);
        let home = Source { address: "198.51.100.7", known: Some("her browser") };
        assert!(
            throttle.charge(&ann, from(home.address), NOW.plus(599)).is_err(),
            "the flood throttles unknown browsers"
        );
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
    fn known_browsers_share_100_guesses_an_hour_and_then_use_the_guesses_of_unknown_browsers() {
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
    fn a_known_browser_is_charged_as_unknown_once_the_shared_allowance_is_used_up() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        let known = |browser| Source { address: "192.0.2.1", known: Some(browser) };
        let minted: Vec<_> = (0..5).map(|n| format!("minted {n}")).collect();
        assert!(minted.iter().all(|one| (0..10).all(|_| throttle.charge(&ann, known(one), NOW).is_ok())));
        let home = Source { address: "198.51.100.7", known: Some("hers") };
        let charge = throttle.charge(&ann, home, NOW).expect("allowed");
        assert!(!charge.known, "charged as a stranger");
    }

    #[test]
    fn a_person_may_change_their_account_60_times_in_a_row_and_then_once_a_second() {
        let throttle = Throttle::default();
        assert!((0..60).all(|_| throttle.charge_change("ann", NOW).is_ok()));
        assert!(throttle.charge_change("ann", NOW).is_err() && throttle.charge_change("ben", NOW).is_ok());
        assert!(throttle.charge_change("ann", NOW.plus(1)).is_ok());
    }

    #[test]
    fn unknown_browsers_have_at_most_100_guesses_an_hour_at_an_account() {
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
    fn a_flood_from_the_same_address_does_not_throttle_a_known_browser() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        (0..400).for_each(|n| drop(throttle.charge(&email(&format!("p{n}@acme.test")), from("192.0.2.1"), NOW)));
        assert!(throttle.charge(&email("new@acme.test"), from("192.0.2.1"), NOW).is_err());
        assert!(throttle.charge(&ann, Source { address: "192.0.2.1", known: Some("hers") }, NOW).is_ok());
    }

    #[test]
    fn a_refused_attempt_is_not_charged() {
        let (throttle, ann) = (Throttle::default(), email("ann@acme.test"));
        for second in 0..1000 {
            drop(throttle.charge(&ann, from("192.0.2.1"), NOW.plus(second)));
        }
        let others =
            (0..300).map(|n| throttle.charge(&email(&format!("p{n}@acme.test")), from("192.0.2.1"), NOW.plus(1000)));
        assert!(others.flatten().count() >= 280, "refused attempts used up the address's allowance");
    }

    #[test]
    fn right_passwords_are_refunded() {
        let throttle = Throttle::default();
        for n in 0..5000 {
            let charge =
                throttle.charge(&email(&format!("p{}@acme.test", n % 7)), from("192.0.2.1"), NOW).expect("free");
            throttle.refund(&charge);
        }
    }

    #[test]
    fn failed_saml_sign_ins_are_limited_per_minute() {
        let throttle = Throttle::default();
        let attempt = |at: Timestamp| throttle.charge_sso_failure("192.0.2.1", 1200, at);
        assert!((0..1200).all(|_| attempt(NOW).is_ok()));
        assert!(matches!(attempt(NOW), Err(Error::Throttled { retry_after_secs: 1 })));
        assert!((0..20).all(|_| attempt(NOW.plus(1)).is_ok()), "twenty more a second later");
        assert!(attempt(NOW.plus(1)).is_err());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        assert_eq!(network_of("2001:db8::1"), network_of("2001:db8::ffff:1"));
        assert_ne!(network_of("2001:db8::1"), network_of("2001:db8:0:1::1"));
        assert_eq!(network_of("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
