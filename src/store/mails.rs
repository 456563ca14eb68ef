//! Letters that wait to be sent.

use super::rows::word;
use super::{Db, Tx};
use crate::domain::ids::MailId;
use crate::domain::mail::{Mail, MailKind};
use crate::domain::{Email, Error, Listing, Page, Result, Timestamp};
use rusqlite::Row;

const MAIL: &str =
    "SELECT id, kind, recipient, subject, plain, html, created_at, expires_at, attempts, next_attempt_at,
    last_error FROM mails";

fn mail_from_row(row: &Row) -> rusqlite::Result<Mail> {
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
        last_error: row.get("last_error")?,
    })
}

impl Db<'_> {
    /// The letter whose turn it is, if one's is.
    pub fn find_due_mail(&self, now: Timestamp) -> Result<Option<Mail>> {
        let sql = format!("{MAIL} WHERE next_attempt_at <= ?1 ORDER BY next_attempt_at LIMIT 1");
        self.one(&sql, [now], mail_from_row)
    }

    /// When the next letter's turn is, if one waits.
    pub fn next_mail_at(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(next_attempt_at) FROM mails WHERE next_attempt_at IS NOT NULL";
        Ok(self.one(sql, [], |row| row.get(0))?.flatten())
    }

    /// A letter that is not sent.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn mail(&self, id: &MailId) -> Result<Mail> {
        self.one(&format!("{MAIL} WHERE id = ?1"), [id], mail_from_row)?.ok_or_else(|| Error::not_found("Mail"))
    }

    /// The letters that are not sent, oldest first.
    pub fn mails(&self, page: &Page) -> Result<Listing<Mail>> {
        let sql = format!("{MAIL} WHERE (created_at, id) > (?1, ?2) ORDER BY created_at, id LIMIT ?3");
        let since = page.after(0).parse().unwrap_or(i64::MIN);
        let rows = self.all(&sql, (since, page.after(1), page.fetch()), mail_from_row)?;
        Ok(page.listing(rows, |mail| vec![mail.created_at.0.to_string(), mail.id.to_string()]))
    }
}

impl Tx<'_> {
    /// Adds a letter, to be sent at once.
    pub fn add_mail(&self, mail: &Mail) -> Result<()> {
        self.run(
            "INSERT INTO mails (id, kind, recipient, subject, plain, html, created_at, expires_at, attempts, next_attempt_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9)",
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
            ),
        )
        .map(drop)
    }

    /// Notes an attempt that failed, and when the next is; never, where that is `None`.
    pub fn set_mail_failed(&self, id: &MailId, next_attempt_at: Option<Timestamp>, error: &str) -> Result<()> {
        self.run(
            "UPDATE mails SET attempts = attempts + 1, next_attempt_at = ?2, last_error = ?3 WHERE id = ?1",
            (id, next_attempt_at, error),
        )
        .map(drop)
    }

    /// Makes it a letter's turn.
    ///
    /// # Errors
    /// `NotFound` when it was sent meanwhile.
    pub fn set_mail_due(&self, id: &MailId, now: Timestamp) -> Result<()> {
        let found = self.run("UPDATE mails SET next_attempt_at = ?2 WHERE id = ?1", (id, now))?;
        if found == 0 { Err(Error::not_found("Mail")) } else { Ok(()) }
    }

    /// Deletes a letter: sent, or discarded.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_mail(&self, id: &MailId) -> Result<()> {
        let gone = self.run("DELETE FROM mails WHERE id = ?1", [id])?;
        if gone == 0 { Err(Error::not_found("Mail")) } else { Ok(()) }
    }

    /// Discards the letters that wait for this address.
    pub fn delete_mails_to(&self, to: &Email) -> Result<()> {
        self.run("DELETE FROM mails WHERE recipient = ?1", [to]).map(drop)
    }

    /// Gives up on letters whose link is dead.
    pub fn give_up_dead_mails(&self, now: Timestamp) -> Result<()> {
        self.run(
            "UPDATE mails SET next_attempt_at = NULL, last_error = coalesce(last_error, 'its link is dead')
             WHERE next_attempt_at <= ?1 AND expires_at <= ?1",
            [now],
        )
        .map(drop)
    }

    /// Forgets letters that wait since before then.
    pub fn purge_mails(&self, before: Timestamp) -> Result<()> {
        self.run("DELETE FROM mails WHERE created_at < ?1", [before]).map(drop)
    }
}
