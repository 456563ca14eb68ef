//! The tickets between the callback and the finish of a SAML sign-in, and the used ids of requests and assertions.

use super::{Db, Tx};
use crate::domain::ids::{AttemptId, OrganisationId};
use crate::domain::phrase::phrase;
use crate::domain::seal::digest;
use crate::domain::{Email, Error, Name, Result, Timestamp};

/// A verified identity, kept from the callback until `/sso/finish`.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// The organisation whose connection verified it.
    pub organisation: OrganisationId,
    /// The attempt in the trace.
    pub attempt: AttemptId,
    /// The id of the request that the response answered.
    pub request_id: String,
    /// The e-mail address of the identified person.
    pub email: Email,
    /// The person's name in the response, if any. It is used for a new account.
    pub name: Option<Name>,
    /// The digest of the response.
    pub response_hash: Vec<u8>,
    /// The digest of the connection's settings with which the response was verified.
    pub settings_hash: Vec<u8>,
    /// The end of the session according to the identity provider.
    pub session_ends_at: Option<Timestamp>,
    /// The ticket works before this time.
    pub expires_at: Timestamp,
}

impl Db<'_> {
    /// True if a response to this request was accepted.
    pub fn is_request_used(&self, request_id: &str) -> Result<bool> {
        Ok(self.count("SELECT count(*) FROM used_requests WHERE request_id = ?1", [request_id])? > 0)
    }
}

impl Tx<'_> {
    /// Uses up a request id.
    ///
    /// # Errors
    /// `Conflict` with code `request_used` when it was used before.
    pub fn use_request(&self, request_id: &str, expires_at: Timestamp) -> Result<()> {
        let sql = "INSERT INTO used_requests (request_id, expires_at) VALUES (?1, ?2)";
        self.run_unless_taken(sql, (request_id, expires_at), || {
            Error::conflict("request_used", phrase!("sign-in-finished"))
        })
    }

    /// Uses up an assertion id.
    ///
    /// # Errors
    /// `Conflict` with code `assertion_used` when it was used before.
    pub fn use_assertion(
        &self,
        organisation: &OrganisationId,
        assertion_id: &str,
        expires_at: Timestamp,
    ) -> Result<()> {
        self.run_unless_taken(
            "INSERT INTO used_assertions (organisation_id, assertion_id, expires_at) VALUES (?1, ?2, ?3)",
            (organisation, assertion_id, expires_at),
            || Error::conflict("assertion_used", phrase!("assertion-used")),
        )
    }

    /// Adds a ticket. Only the digest of `token` is stored.
    pub fn add_ticket(&self, ticket: &Ticket, token: &str) -> Result<()> {
        self.run(
            "INSERT INTO tickets (token_hash, organisation_id, attempt_id, request_id, email, name, response_hash, settings_hash,
                session_ends_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            (
                digest(token),
                &ticket.organisation,
                &ticket.attempt,
                &ticket.request_id,
                &ticket.email,
                ticket.name.as_ref().map(Name::as_str),
                &ticket.response_hash,
                &ticket.settings_hash,
                ticket.session_ends_at,
                ticket.expires_at,
            ),
        )
        .map(drop)
    }

    /// Deletes a ticket and returns it, if it is unexpired: it works once.
    pub fn take_ticket(&self, token: &str) -> Result<Option<Ticket>> {
        self.one(
            "DELETE FROM tickets WHERE token_hash = ?1
             RETURNING organisation_id, attempt_id, request_id, email, name, response_hash, settings_hash, session_ends_at,
                expires_at",
            [digest(token)],
            |row| {
                Ok(Ticket {
                    organisation: row.get("organisation_id")?,
                    attempt: row.get("attempt_id")?,
                    request_id: row.get("request_id")?,
                    email: row.get("email")?,
                    name: row.get::<Option<String>>("name")?.and_then(|name| Name::parse("name", &name).ok()),
                    response_hash: row.get("response_hash")?,
                    settings_hash: row.get("settings_hash")?,
                    session_ends_at: row.get("session_ends_at")?,
                    expires_at: row.get("expires_at")?,
                })
            },
        )
        .map(|ticket| ticket.filter(|ticket| self.now() < ticket.expires_at))
    }

    /// Deletes expired tickets, and used ids of requests and assertions that would be refused for their age anyway.
    pub fn purge_sso(&self) -> Result<()> {
        let now = self.now();
        self.run("DELETE FROM used_requests WHERE expires_at <= ?1", [now])?;
        self.run("DELETE FROM used_assertions WHERE expires_at <= ?1", [now])?;
        self.run("DELETE FROM tickets WHERE expires_at <= ?1", [now]).map(drop)
    }
}
