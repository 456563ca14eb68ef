//! The trace: successful and refused SAML sign-ins, with the result of each rule.

use super::engine::Row;
use super::rows::word;
use super::{Db, Tx};
use crate::domain::attempt::{Attempt, AttemptOutcome};
use crate::domain::ids::{AttemptId, OrganisationId};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Listing, Page, Result, Timestamp};
use serde_json::Value;

/// The maximum number of attempts that are kept for a connection; the oldest are deleted first.
const MOST_KEPT: i64 = 1000;
/// The maximum number of responses from which a clock difference is calculated.
const MOST_SAMPLES: i64 = 20;
/// The maximum number of refusals that are stored in a minute for a connection.
const MOST_REFUSALS_A_MINUTE: i64 = 60;

/// A response whose address is not this server's callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misdirected {
    /// The slug of the organisation.
    pub organisation: String,
    /// This server's callback URL.
    pub expected: String,
    /// The URL in the response.
    pub received: String,
}

const ATTEMPT: &str = "SELECT number, id, organisation_id, at, reference, outcome, email, refusal, rules, issued_at,
    facts, message FROM attempts";

fn attempt_from_row(row: &Row) -> Result<Attempt> {
    let refusal: Option<String> = row.get("refusal")?;
    Ok(Attempt {
        number: row.get("number")?,
        id: row.get("id")?,
        organisation: row.get("organisation_id")?,
        at: row.get("at")?,
        reference: row.get("reference")?,
        outcome: word(row, "outcome", AttemptOutcome::parse)?,
        email: row.get("email")?,
        refusal: refusal.and_then(|json| serde_json::from_str(&json).ok()),
        rules: word(row, "rules", |json| serde_json::from_str(json).ok())?,
        issued_at: row.get("issued_at")?,
        facts: word(row, "facts", |json| serde_json::from_str(json).ok())?,
        message: row.get("message")?,
    })
}

impl Db<'_> {
    /// The attempts at an organisation's connection since `since`, newest first; with `reference`, only those with that
    /// reference. Messages and facts, which are long, are left out. A page with long attempts ends early.
    pub fn attempts(
        &self,
        organisation: &OrganisationId,
        since: Timestamp,
        reference: Option<&str>,
        page: &Page,
    ) -> Result<Listing<Attempt>> {
        let before: i64 = page.after(0).parse().unwrap_or(i64::MAX);
        let columns = ATTEMPT.replacen("facts, message", "'{}' AS facts, NULL AS message", 1);
        let sql = format!(
            "{columns} WHERE organisation_id = ?1 AND number < ?2 AND at >= ?3 AND (CAST(?5 AS TEXT) IS NULL OR reference = ?5)
             ORDER BY number DESC LIMIT ?4"
        );
        let rows = self.all(&sql, (organisation, before, since, page.fetch(), reference), attempt_from_row)?;
        let bytes = |attempt: &Attempt| {
            let refusal = attempt.refusal.as_ref().map(Value::to_string).unwrap_or_default();
            refusal.len() + attempt.rules.to_string().len()
        };
        Ok(page.listing_within(Page::MOST_BYTES, bytes, rows, |attempt| vec![attempt.number.to_string()]))
    }

    /// An attempt at an organisation's connection.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn attempt(&self, organisation: &OrganisationId, id: &AttemptId) -> Result<Attempt> {
        self.one(&format!("{ATTEMPT} WHERE organisation_id = ?1 AND id = ?2"), (organisation, id), attempt_from_row)?
            .ok_or_else(|| Error::NotFound(phrase!("sign-in-not-found")))
    }

    /// For the last responses since `since`, newest first: the number of seconds from the time of issue, by the
    /// provider's clock, to the arrival.
    pub fn clock_differences(&self, organisation: &OrganisationId, since: Timestamp) -> Result<Vec<i64>> {
        self.all(
            "SELECT at - issued_at FROM attempts WHERE organisation_id = ?1 AND at >= ?2 AND issued_at IS NOT NULL
             ORDER BY number DESC LIMIT ?3",
            (organisation, since, MOST_SAMPLES),
            |row| row.get(0),
        )
    }

    /// The organisations whose newest sign-in since `since` was refused because the response was addressed to another
    /// URL than this server's callback.
    pub fn misdirected(&self, since: Timestamp) -> Result<Vec<Misdirected>> {
        let newest: Vec<(String, Value)> = self.all(
            "SELECT o.slug, a.refusal FROM attempts a JOIN organisations o ON o.id = a.organisation_id
             WHERE a.number IN (SELECT max(number) FROM attempts GROUP BY organisation_id) AND a.at >= ?1
                AND a.refusal IS NOT NULL ORDER BY o.slug",
            [since],
            |row| Ok((row.get(0)?, word(row, "refusal", |json| serde_json::from_str(json).ok())?)),
        )?;
        let misdirected = |refusal: &Value| matches!(refusal["code"].as_str(), Some("destination" | "recipient"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let found = newest.into_iter().filter(|(_, refusal)| misdirected(refusal));
        Ok(found
            .map(|(organisation, refusal)| {
                let (expected, received) = (text(&refusal["expected"]), text(&refusal["received"]));
                Misdirected { organisation, expected, received }
            })
            .collect())
    }

    /// The facts of the newest successful sign-in, if it is in the trace.
    pub fn facts_of_last_sign_in(&self, organisation: &OrganisationId) -> Result<Option<Value>> {
        let sql = "SELECT facts FROM attempts WHERE organisation_id = ?1 AND outcome = ?2 ORDER BY number DESC LIMIT 1";
        self.one(sql, (organisation, AttemptOutcome::SignedIn.as_str()), |row| {
            word(row, "facts", |json| serde_json::from_str(json).ok())
        })
    }

    /// The newest attempt of an organisation with this reference.
    pub fn find_attempt_of(&self, organisation: &OrganisationId, reference: &str) -> Result<Option<AttemptId>> {
        let sql = "SELECT id FROM attempts WHERE organisation_id = ?1 AND reference = ?2 ORDER BY number DESC LIMIT 1";
        self.one(sql, (organisation, reference), |row| row.get(0))
    }

    /// True if one more refusal can be stored within the limit for a minute.
    pub fn has_room_for_refusal(&self, organisation: &OrganisationId) -> Result<bool> {
        let sql =
            "SELECT count(*) FROM attempts WHERE organisation_id = ?1 AND at > ?2 AND at <= ?3 AND outcome = 'refused'";
        Ok(self.count(sql, (organisation, self.now().plus(-60), self.now()))? < MOST_REFUSALS_A_MINUTE)
    }
}

impl Tx<'_> {
    /// Adds an attempt. Deletes the oldest ones past the limit, and all from before `kept_since`.
    pub fn add_attempt(&self, attempt: &Attempt, kept_since: Timestamp) -> Result<()> {
        self.purge_attempts(kept_since)?;
        self.run(
            "INSERT INTO attempts (id, organisation_id, at, reference, outcome, email, refusal, rules, issued_at,
                facts, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                &attempt.id,
                &attempt.organisation,
                attempt.at,
                &attempt.reference,
                attempt.outcome.as_str(),
                &attempt.email,
                attempt.refusal.as_ref().map(Value::to_string),
                attempt.rules.to_string(),
                attempt.issued_at,
                attempt.facts.to_string(),
                &attempt.message,
            ),
        )?;
        self.run(
            "DELETE FROM attempts WHERE organisation_id = ?1 AND number <
                (SELECT number FROM attempts WHERE organisation_id = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
            (&attempt.organisation, MOST_KEPT - 1),
        )
        .map(drop)
    }

    /// Deletes the attempts of all organisations from before this time.
    pub fn purge_attempts(&self, before: Timestamp) -> Result<()> {
        self.run("DELETE FROM attempts WHERE at < ?1", [before]).map(drop)
    }

    /// Deletes an attempt.
    pub fn delete_attempt(&self, id: &AttemptId) -> Result<()> {
        self.run("DELETE FROM attempts WHERE id = ?1", [id]).map(drop)
    }

    /// Sets the outcome of a verified sign-in.
    pub fn set_attempt(&self, id: &AttemptId, outcome: AttemptOutcome, refusal: Option<&Value>) -> Result<()> {
        self.run(
            "UPDATE attempts SET outcome = ?2, refusal = ?3 WHERE id = ?1",
            (id, outcome.as_str(), refusal.map(Value::to_string)),
        )
        .map(drop)
    }
}
