//! E-mails that wait to be sent, and the counts of recently queued ones.
//!
//! Organisations take turns: the `turn` of a new e-mail is one after that of its organisation's last e-mail or one
//! after that of the next due e-mail, whichever is later. So the first e-mail of one organisation is sent next, however
//! many e-mails of another organisation wait.

use super::engine::Row;
use super::rows::word;
use super::{Db, Tx};
use crate::domain::ids::{MailId, OrganisationId};
use crate::domain::mail::{About, LONGEST_WAIT_SECS, Mail, MailKind, OVERDUE_SECS, Place, Stuck};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::seal::digest;
use crate::domain::{Email, Error, Listing, Page, Result, Timestamp};

/// How long the counts are kept, in seconds: the longest period of a limit.
const COUNTED_SECS: i64 = 24 * 3600;

const MAIL: &str =
    "SELECT id, kind, recipient, subject, plain, html, created_at, expires_at, attempts, next_attempt_at,
    last_error FROM mails";

fn mail_from_row(row: &Row) -> Result<Mail> {
    Ok(Mail {
        id: row.get("id")?,
        kind: word(row, "kind", MailKind::parse)?,
        to: row.get("recipient")?,
        subject: row.get("subject")?,
        plain: row.get("plain")?,
        html: row.get("html")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        attempts: row.get("attempts")?,
        next_attempt_at: row.get("next_attempt_at")?,
        last_error: row.get::<Option<String>>("last_error")?.map(Phrase::of_kept),
    })
}

impl Db<'_> {
    /// The next e-mail to send now, if any.
    pub fn find_due_mail(&self) -> Result<Option<Mail>> {
        // The `+` makes SQLite use the index `mails_turn`, so that it needs no sort.
        let sql = format!("{MAIL} WHERE +next_attempt_at <= ?1 ORDER BY urgent DESC, turn LIMIT 1");
        self.one(&sql, [self.now()], mail_from_row)
    }

    /// The time of the next attempt to send an e-mail, if any waits.
    pub fn next_mail_at(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(next_attempt_at) FROM mails WHERE next_attempt_at IS NOT NULL";
        Ok(self.one(sql, (), |row| row.get(0))?.flatten())
    }

    /// An e-mail that has not been sent.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn mail(&self, id: &MailId) -> Result<Mail> {
        self.one(&format!("{MAIL} WHERE id = ?1"), [id], mail_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("mail-not-found")))
    }

    /// The e-mails that have not been sent, oldest first.
    pub fn mails(&self, page: &Page) -> Result<Listing<Mail>> {
        let sql = format!("{MAIL} WHERE (created_at, id) > (?1, ?2) ORDER BY created_at, id LIMIT ?3");
        let since = page.after(0).parse().unwrap_or(i64::MIN);
        let rows = self.all(&sql, (since, page.after(1), page.fetch()), mail_from_row)?;
        Ok(page.listing(rows, |mail| vec![mail.created_at.0.to_string(), mail.id.to_string()]))
    }

    /// The number of e-mails that need an operator's attention.
    pub fn stuck_mails(&self) -> Result<Stuck> {
        let given_up = self.count("SELECT count(*) FROM mails WHERE next_attempt_at IS NULL", ())?;
        // An e-mail that was queued for a later time is not overdue.
        let sql = "SELECT count(*) FROM mails WHERE created_at <= ?1 AND next_attempt_at IS NOT NULL
            AND (attempts > 0 OR next_attempt_at <= ?1)";
        Ok(Stuck { given_up, overdue: self.count(sql, [self.now().plus(-OVERDUE_SECS)])? })
    }

    /// True if an e-mail of this kind to this person, about this organisation or about none, is queued for a later
    /// time.
    pub fn has_later_mail(&self, to: &Email, kind: MailKind, organisation: Option<&OrganisationId>) -> Result<bool> {
        let sql =
            "SELECT count(*) FROM mails WHERE recipient = ?1 AND kind = ?2 AND organisation_id IS NOT DISTINCT FROM ?3 AND attempts = 0
            AND next_attempt_at > ?4";
        Ok(self.count(sql, (to, kind.as_str(), organisation, self.now()))? > 0)
    }

    /// The number of seconds until one more e-mail may be queued for `counted`, with at most `most` in any
    /// `window_secs`; 0 if it may be queued now. `planned`: how many e-mails to count in addition, as queued now.
    /// Counts with a time in the future, from a clock that was ahead, are ignored.
    pub fn mail_wait(&self, counted: &str, most: i64, window_secs: i64, planned: i64) -> Result<i64> {
        let now = self.now();
        let mut counts: Vec<(Timestamp, i64)> = self.all(
            "SELECT at, letters FROM mail_counts WHERE counted = ?1 AND at > ?2 AND at <= ?3 ORDER BY at",
            (digest(counted), now.plus(-window_secs), now),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        counts.push((now, planned));
        let mut left: i64 = counts.iter().map(|(_, letters)| letters).sum();
        let mut wait = 0;
        for (at, letters) in counts {
            if left < most {
                break;
            }
            left -= letters;
            wait = at.plus(window_secs).0 - now.0;
        }
        Ok(wait)
    }
}

impl Tx<'_> {
    /// Counts an e-mail, and deletes counts that are older than a day or in the future, from a clock that was ahead.
    pub fn count_mail(&self, counted: &str) -> Result<()> {
        let now = self.now();
        self.run("DELETE FROM mail_counts WHERE at <= ?1 OR at > ?2", (now.plus(-COUNTED_SECS), now))?;
        self.run(
            "INSERT INTO mail_counts (counted, at, letters) VALUES (?1, ?2, 1)
             ON CONFLICT (counted, at) DO UPDATE SET letters = mail_counts.letters + 1",
            (digest(counted), now),
        )
        .map(drop)
    }

    /// Queues an e-mail.
    pub fn add_mail(&self, mail: &Mail, place: &Place) -> Result<()> {
        let (mut member, mut invitation, mut password_link, mut setup_link) = (None, None, None, None);
        match &place.about {
            About::Nothing => {}
            About::Invitation(id) => invitation = Some(id),
            About::PasswordLink(token_hash) => password_link = Some(token_hash),
            About::SetupLink(id) => setup_link = Some(id),
            About::Member(id) => member = Some(id),
        }
        let turn = self.next_turn(place.organisation.as_ref(), mail.created_at)?;
        self.run(
            "INSERT INTO mails (id, kind, recipient, subject, plain, html, created_at, expires_at, attempts, next_attempt_at, urgent,
                organisation_id, member_id, invitation_id, password_link, setup_link_id, turn)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            (
                &mail.id,
                mail.kind.as_str(),
                &mail.to,
                &mail.subject,
                &mail.plain,
                &mail.html,
                mail.created_at,
                mail.expires_at,
                mail.next_attempt_at,
                place.urgent,
                &place.organisation,
                member,
                invitation,
                password_link,
                setup_link,
                turn,
            ),
        )
        .map(drop)
    }

    /// The turn of a new e-mail of an organisation, or of no organisation.
    fn next_turn(&self, organisation: Option<&OrganisationId>, now: Timestamp) -> Result<i64> {
        let own = "SELECT coalesce(max(turn), 0) FROM mails
            WHERE organisation_id IS NOT DISTINCT FROM ?1 AND next_attempt_at IS NOT NULL";
        let due = "SELECT turn FROM mails WHERE attempts = 0 AND +next_attempt_at <= ?1 ORDER BY turn LIMIT 1";
        Ok(1 + self.count(own, [organisation])?.max(self.count(due, [now])?))
    }

    /// Records a failed attempt and the time of the next one; `None`: no further attempt.
    pub fn set_mail_failed(&self, id: &MailId, next_attempt_at: Option<Timestamp>, error: &Phrase) -> Result<()> {
        self.run(
            "UPDATE mails SET attempts = attempts + 1, next_attempt_at = ?2, last_error = ?3 WHERE id = ?1",
            (id, next_attempt_at, error.kept()),
        )
        .map(drop)
    }

    /// Makes an e-mail due now.
    ///
    /// # Errors
    /// `NotFound` when it was sent meanwhile.
    pub fn set_mail_due(&self, id: &MailId) -> Result<()> {
        let found = self.run("UPDATE mails SET next_attempt_at = ?2 WHERE id = ?1", (id, self.now()))?;
        if found == 0 { Err(Error::NotFound(phrase!("mail-not-found"))) } else { Ok(()) }
    }

    /// Deletes an e-mail that was sent or discarded.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_mail(&self, id: &MailId) -> Result<()> {
        let gone = self.run("DELETE FROM mails WHERE id = ?1", [id])?;
        if gone == 0 { Err(Error::NotFound(phrase!("mail-not-found"))) } else { Ok(()) }
    }

    /// Moves the times of e-mails that were queued while the clock was ahead back to the current time, so that they do
    /// not wait until the clock reaches these times again.
    pub fn take_mails_back(&self) -> Result<()> {
        let now = self.now();
        self.run(
            "UPDATE mails SET next_attempt_at = next_attempt_at - created_at + ?1, created_at = ?1 WHERE created_at > ?1",
            [now],
        )?;
        let sql = "UPDATE mails SET next_attempt_at = ?1 WHERE next_attempt_at > ?2";
        self.run(sql, (now, now.plus(LONGEST_WAIT_SECS))).map(drop)
    }

    /// Discards the waiting e-mails to this address.
    pub fn delete_mails_to(&self, to: &Email) -> Result<()> {
        self.run("DELETE FROM mails WHERE recipient = ?1", [to]).map(drop)
    }

    /// Gives up on e-mails whose link has expired.
    pub fn give_up_dead_mails(&self) -> Result<()> {
        self.run(
            "UPDATE mails SET next_attempt_at = NULL, last_error = coalesce(last_error, ?2)
             WHERE next_attempt_at IS NOT NULL AND expires_at <= ?1",
            (self.now(), phrase!("mail-link-dead").kept()),
        )
        .map(drop)
    }

    /// Deletes e-mails that were queued before this time.
    pub fn purge_mails(&self, before: Timestamp) -> Result<()> {
        self.run("DELETE FROM mails WHERE created_at < ?1", [before]).map(drop)
    }
}
