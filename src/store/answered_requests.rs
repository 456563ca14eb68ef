//! The SAML responses from which a session got its grants, each with the path to which its sign-in redirected: for a
//! browser that posts the same response again.

use super::{Db, Tx};
use crate::domain::ids::SessionId;
use crate::domain::{Email, Result};

/// The maximum number of responses that are kept for a session; the oldest are deleted first.
const MOST_KEPT: i64 = 20;

/// A response from which a session got a grant.
#[derive(Debug, Clone)]
pub struct AnsweredRequest {
    /// The id of the request that it answered.
    pub request_id: String,
    /// The digest of the response.
    pub response_hash: Vec<u8>,
    /// The path on this site to which its sign-in redirected.
    pub landing: String,
}

/// A live session that began with, or was extended by, a response.
#[derive(Debug, Clone)]
pub struct EarnedSession {
    /// The digest of the response.
    pub response_hash: Vec<u8>,
    /// The person's e-mail address.
    pub email: Email,
}

impl Db<'_> {
    /// The live session that the response to this request began or extended, if any.
    pub fn find_earned(&self, request_id: &str) -> Result<Option<EarnedSession>> {
        let now = self.now();
        let sql = "SELECT a.response_hash, u.email FROM answered_requests a
            JOIN sessions s ON s.id = a.session_id JOIN users u ON u.id = s.user_id
            WHERE a.request_id = ?1 AND s.expires_at > ?2 AND s.last_seen_at > ?3 AND s.created_at > ?4";
        let lives = self.lives()?;
        let since = (now.plus(-lives.idle_secs()), now.plus(-lives.session_secs()));
        self.one(sql, (request_id, now, since.0, since.1), |row| {
            Ok(EarnedSession { response_hash: row.get("response_hash")?, email: row.get("email")? })
        })
    }

    /// The path to which the response to this request redirected, if it began or extended this session.
    pub fn find_landing(&self, request_id: &str, session: &SessionId) -> Result<Option<String>> {
        let sql = "SELECT landing FROM answered_requests WHERE request_id = ?1 AND session_id = ?2";
        self.one(sql, (request_id, session), |row| row.get(0))
    }
}

impl Tx<'_> {
    /// Records the response that began or extended a session, and deletes the oldest ones past the limit.
    pub fn add_answered_request(&self, session: &SessionId, answered: &AnsweredRequest) -> Result<()> {
        self.run(
            "INSERT INTO answered_requests (request_id, session_id, response_hash, landing) VALUES (?1, ?2, ?3, ?4)",
            (&answered.request_id, session, &answered.response_hash, &answered.landing),
        )?;
        self.run(
            "DELETE FROM answered_requests WHERE session_id = ?1 AND number <=
                (SELECT number FROM answered_requests WHERE session_id = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
            (session, MOST_KEPT),
        )
        .map(drop)
    }

    /// Moves the responses of a session to the session that replaces it for the same person in the same browser.
    pub fn move_answered_requests(&self, from: &SessionId, to: &SessionId) -> Result<()> {
        self.run("UPDATE answered_requests SET session_id = ?2 WHERE session_id = ?1", (from, to)).map(drop)
    }
}
