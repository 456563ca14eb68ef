//! Notices to OpenID Connect clients that a session has ended, and which of them are sent next.

use super::ids::{ApplicationId, OrganisationId, UserId};
use super::oidc_client::Signing;
use std::collections::{HashMap, HashSet};

/// The pauses after the first attempts, in seconds. A notice is not tried again after the attempt that follows the last one.
const PAUSES_SECS: [i64; 3] = [1, 5, 25];
/// The maximum number of notices that are sent at once: in all, for one organisation, and to one client.
const MOST: usize = 24;
const MOST_OF_AN_ORGANISATION: usize = 8;
/// See `MOST`.
pub const MOST_OF_A_CLIENT: usize = 4;

/// A client that must be told that a session has ended. It contains all that is needed, because the client may have been
/// removed meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutNotice {
    /// The id by which the client knows the session.
    pub sid: String,
    /// The client.
    pub application: ApplicationId,
    /// The client's organisation.
    pub organisation: OrganisationId,
    /// The person.
    pub user: UserId,
    /// The address that is told.
    pub uri: String,
    /// The algorithm of the token.
    pub signing: Signing,
    /// The number of attempts that have begun.
    pub attempts: i64,
}

impl LogoutNotice {
    /// The pause until the next attempt if this one fails, in seconds; `None` if it was the last one.
    pub fn pause_secs(&self) -> Option<i64> {
        let ended = usize::try_from(self.attempts).ok()?.checked_sub(1)?;
        PAUSES_SECS.get(ended).copied()
    }

    /// True if its last attempt has begun, although its outcome was never recorded.
    pub fn is_used_up(&self) -> bool {
        self.attempts > 0 && self.pause_secs().is_none()
    }
}

/// The notices that are being sent.
#[derive(Debug, Default)]
pub struct Sending {
    sids: HashSet<String>,
    clients: HashMap<ApplicationId, usize>,
    organisations: HashMap<OrganisationId, usize>,
}

impl Sending {
    /// True if no notice is being sent.
    pub fn is_idle(&self) -> bool {
        self.sids.is_empty()
    }

    /// Chooses the notices that are sent next, and counts them as being sent. Organisations and clients to which the fewest
    /// are being sent come first, so that a slow client delays no other one. `due`: in order.
    pub fn begin(&mut self, mut due: Vec<LogoutNotice>) -> Vec<LogoutNotice> {
        due.retain(|notice| !self.sids.contains(&notice.sid));
        let mut chosen = Vec::new();
        while self.sids.len() < MOST {
            let Some((place, ..)) = due
                .iter()
                .enumerate()
                .map(|(place, notice)| (place, self.of_organisation(notice), self.of_client(notice)))
                .filter(|(_, organisation, client)| {
                    *organisation < MOST_OF_AN_ORGANISATION && *client < MOST_OF_A_CLIENT
                })
                .min_by_key(|(place, organisation, client)| (*organisation, *client, *place))
            else {
                break;
            };
            let notice = due.remove(place);
            self.sids.insert(notice.sid.clone());
            *self.clients.entry(notice.application.clone()).or_default() += 1;
            *self.organisations.entry(notice.organisation.clone()).or_default() += 1;
            chosen.push(notice);
        }
        chosen
    }

    /// A notice is no longer being sent.
    pub fn end(&mut self, notice: &LogoutNotice) {
        if !self.sids.remove(&notice.sid) {
            return;
        }
        less(&mut self.clients, &notice.application);
        less(&mut self.organisations, &notice.organisation);
    }

    fn of_client(&self, notice: &LogoutNotice) -> usize {
        self.clients.get(&notice.application).copied().unwrap_or_default()
    }

    fn of_organisation(&self, notice: &LogoutNotice) -> usize {
        self.organisations.get(&notice.organisation).copied().unwrap_or_default()
    }
}

fn less<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(organisation: char, client: char, number: usize) -> LogoutNotice {
        let id = |of: char| of.to_string().repeat(32);
        LogoutNotice {
            sid: format!("{organisation}{client}{number}"),
            application: ApplicationId::parse(&id(client)).expect("an id"),
            organisation: OrganisationId::parse(&id(organisation)).expect("an id"),
            user: UserId::parse(&id('0')).expect("an id"),
            uri: "https://wiki.acme.test/ended".into(),
            signing: Signing::Rs256,
            attempts: 0,
        }
    }

    fn sids(notices: &[LogoutNotice]) -> Vec<&str> {
        notices.iter().map(|notice| &notice.sid[..]).collect()
    }

    #[test]
    fn a_slow_client_delays_no_other_and_its_own_notices_are_sent_in_order() {
        let mut sending = Sending::default();
        let slow: Vec<_> = (0..50).map(|number| notice('a', '1', number)).collect();
        assert_eq!(sids(&sending.begin(slow.clone())), ["a10", "a11", "a12", "a13"]);
        let later: Vec<_> = slow.iter().cloned().chain([notice('b', '3', 0), notice('a', '2', 0)]).collect();
        assert_eq!(sids(&sending.begin(later.clone())), ["b30", "a20"], "another organisation comes first");
        sending.end(&slow[1]);
        assert_eq!(sids(&sending.begin(slow[4..].to_vec())), ["a14"]);
    }

    #[test]
    fn clients_of_one_organisation_leave_room_for_those_of_others() {
        let mut sending = Sending::default();
        let many = ['1', '2', '3', '4'].map(|client| (0..4).map(move |number| notice('a', client, number)));
        let many: Vec<_> = many.into_iter().flatten().collect();
        let chosen = sending.begin(many.clone());
        assert_eq!(sids(&chosen[..4]), ["a10", "a20", "a30", "a40"], "clients take turns");
        assert_eq!(chosen.len(), MOST_OF_AN_ORGANISATION);
        assert!(sending.begin(many.clone()).is_empty());
        for organisation in ['b', 'c', 'd', 'e'] {
            let client = organisation.to_ascii_lowercase();
            sending.begin((0..9).map(|number| notice(organisation, client, number)).collect());
        }
        assert_eq!(sending.sids.len(), MOST);
        for notice in &chosen {
            sending.end(notice);
            sending.end(notice);
        }
        assert_eq!(sids(&sending.begin(vec![many[0].clone(), notice('f', 'f', 0)])), ["a10", "ff0"]);
    }

    #[test]
    fn a_notice_is_tried_four_times() {
        let pauses: Vec<_> =
            (0..6).map(|attempts| LogoutNotice { attempts, ..notice('a', '1', 0) }.pause_secs()).collect();
        assert_eq!(pauses, [None, Some(1), Some(5), Some(25), None, None]);
        let used_up = |attempts| LogoutNotice { attempts, ..notice('a', '1', 0) }.is_used_up();
        assert_eq!((0..6).map(used_up).collect::<Vec<_>>(), [false, false, false, false, true, true]);
    }
}
