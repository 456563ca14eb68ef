//! Limits on the e-mails that people can cause, counted in a sliding window by the transaction that queues the e-mail.
//!
//! E-mails about security are never suppressed, so that nobody can use up a limit to hide an event from a person. See
//! `mail::Outbox::notify`.

use super::Author;
use crate::domain::audit::Actor;
use crate::domain::error::wait;
use crate::domain::invitation::Invitation;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::plan::PlanLimit;
use crate::domain::{Email, Error, Result};
use crate::store::{Db, Tx};

const HOUR_SECS: i64 = 3600;
const DAY_SECS: i64 = 24 * HOUR_SECS;
/// The largest number of times that one invitation is sent in an hour.
const SENDS: i64 = 3;
/// The largest number of invitations that one person or key sends to one organisation in an hour.
const INVITATIONS: i64 = 60;
/// The largest number of e-mails that other people can cause to one address in a day, in the whole appliance; and of
/// password links.
const TO_ONE_ADDRESS: i64 = 10;

/// At most `most` e-mails with the same `counted` in any `window_secs`.
struct Limit {
    counted: String,
    most: i64,
    window_secs: i64,
    /// The message when the limit is reached.
    message: Phrase,
}

impl Limit {
    /// Limits how often one invitation is sent, also if it is withdrawn and made again.
    fn of_invitation(invitation: &Invitation) -> Self {
        Self {
            counted: format!("invitation {} {}", invitation.workspace, invitation.email),
            most: SENDS,
            window_secs: HOUR_SECS,
            message: phrase!("mail-limit-of-invitation", most = SENDS),
        }
    }

    /// Limits the invitations of one inviter, separately for each organisation: the identity provider of another
    /// organisation, which can sign in as the inviter, cannot use up the limit here.
    fn of_inviter(author: &Author, organisation: &Organisation) -> Option<Self> {
        if author.actor == Actor::CommandLine {
            return None;
        }
        let (kind, id, _) = author.actor.columns();
        Some(Self {
            counted: format!("inviter {kind} {} {}", id.unwrap_or_default(), organisation.id),
            most: INVITATIONS,
            window_secs: HOUR_SECS,
            message: phrase!("mail-limit-of-inviter", most = INVITATIONS),
        })
    }

    fn of_organisation(organisation: &Organisation) -> Option<Self> {
        organisation.plan.limits.most(PlanLimit::MailsPerDay).map(|most| Self {
            counted: format!("organisation {}", organisation.id),
            most,
            window_secs: DAY_SECS,
            message: phrase!("mail-limit-of-plan", plan = &organisation.plan.name, most = most),
        })
    }

    fn of_recipient(email: &Email) -> Self {
        Self {
            counted: format!("recipient {email}"),
            most: TO_ONE_ADDRESS,
            window_secs: DAY_SECS,
            message: phrase!("mail-limit-of-address", most = TO_ONE_ADDRESS),
        }
    }

    fn of_links(email: &Email) -> Self {
        Self { counted: format!("links {email}"), ..Self::of_recipient(email) }
    }

    /// `planned`: how many e-mails to count in addition.
    fn wait(&self, db: &Db, planned: i64) -> Result<i64> {
        db.mail_wait(&self.counted, self.most, self.window_secs, planned)
    }

    /// Counts an e-mail if the limit allows it; returns true if it does.
    fn count_if_room(&self, tx: &Tx) -> Result<bool> {
        let room = self.wait(tx, 0)? == 0;
        if room {
            tx.count_mail(&self.counted)?;
        }
        Ok(room)
    }
}

/// Counts an e-mail against all of these limits, or against none if one of them is reached.
fn charge(tx: &Tx, limits: &[Limit]) -> Result<()> {
    room(tx, limits.iter().map(|limit| (limit, 0)))?;
    limits.iter().try_for_each(|limit| tx.count_mail(&limit.counted))
}

/// Checks that one more e-mail is allowed by each of these limits, each with the number of e-mails to count in addition.
///
/// # Errors
/// `MailLimit` with the longest wait.
fn room<'l>(db: &Db, limits: impl IntoIterator<Item = (&'l Limit, i64)>) -> Result<()> {
    let mut longest: Option<(i64, &Limit)> = None;
    for (limit, planned) in limits {
        let wait = limit.wait(db, planned)?;
        if wait > longest.map_or(0, |(wait, _)| wait) {
            longest = Some((wait, limit));
        }
    }
    longest.map_or(Ok(()), |(wait, limit)| Err(reached(limit, wait)))
}

fn reached(limit: &Limit, wait_secs: i64) -> Error {
    let retry_after_secs = u64::try_from(wait_secs).unwrap_or(1);
    Error::MailLimit {
        message: phrase!("mail-limit-wait", told = limit.message.clone(), wait = wait(retry_after_secs)),
        retry_after_secs,
    }
}

/// Counts an invitation that is sent, or sent again. If links are not e-mailed, only sending it again counts.
///
/// # Errors
/// `MailLimit`.
pub(super) fn charge_invitation(
    tx: &Tx,
    by_mail: bool,
    author: &Author,
    organisation: &Organisation,
    invitation: &Invitation,
) -> Result<()> {
    let mut limits = vec![Limit::of_invitation(invitation)];
    if by_mail {
        limits.push(Limit::of_recipient(&invitation.email));
        limits.extend(shared_limits(author, organisation, invitation));
    }
    charge(tx, &limits)
}

/// The limits that the invitations of a list share.
fn shared_limits(author: &Author, organisation: &Organisation, invitation: &Invitation) -> impl Iterator<Item = Limit> {
    // The first admin of an organisation is invited by the operator who creates it.
    let inviter = Limit::of_inviter(author, organisation).filter(|_| !invitation.organisation_admin);
    Limit::of_organisation(organisation).into_iter().chain(inviter)
}

/// Checks that an invitation could be e-mailed after `planned` others to other people. Counts nothing.
///
/// # Errors
/// `MailLimit`.
pub(super) fn room_for_invitation(
    db: &Db,
    author: &Author,
    organisation: &Organisation,
    invitation: &Invitation,
    planned: i64,
) -> Result<()> {
    let own = [Limit::of_invitation(invitation), Limit::of_recipient(&invitation.email)];
    let shared: Vec<_> = shared_limits(author, organisation, invitation).collect();
    room(db, own.iter().map(|limit| (limit, 0)).chain(shared.iter().map(|limit| (limit, planned))))
}

/// Counts a reminder to a person.
///
/// # Errors
/// `MailLimit`.
pub(super) fn charge_reminder(tx: &Tx, organisation: &Organisation, email: &Email) -> Result<()> {
    let mut limits = vec![Limit::of_recipient(email)];
    limits.extend(Limit::of_organisation(organisation));
    charge(tx, &limits)
}

/// Checks that an organisation may send one more reminder.
///
/// # Errors
/// `MailLimit`.
pub(super) fn room_for_reminder(tx: &Tx, organisation: &Organisation) -> Result<()> {
    let Some(limit) = Limit::of_organisation(organisation) else { return Ok(()) };
    match limit.wait(tx, 0)? {
        0 => Ok(()),
        wait => Err(reached(&limit, wait)),
    }
}

/// Counts a password link; returns true if the limit allows it. If not, the last ten links are at most a day old, so
/// the newest still works unless it was used.
pub(super) fn charge_link(tx: &Tx, email: &Email) -> Result<bool> {
    Limit::of_links(email).count_if_room(tx)
}

/// Counts a notice of one kind to a person; returns true if it is among the first ten of the day.
pub(super) fn charge_notice(tx: &Tx, kind: &str, organisation: &str, email: &Email) -> Result<bool> {
    let counted = format!("news {kind} {organisation} {email}");
    Limit { counted, ..Limit::of_recipient(email) }.count_if_room(tx)
}
