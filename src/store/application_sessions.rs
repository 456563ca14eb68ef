//! Sessions at applications, and the codes with which they begin.

use super::{Db, Tx};
use crate::domain::application::ApplicationSession;
use crate::domain::application_host::AppHost;
use crate::domain::ids::{ApplicationId, SessionId};
use crate::domain::seal::digest;
use crate::domain::{Result, Timestamp};

/// The maximum number of sessions at one host of an application that one session has; the oldest end beyond that.
const MOST_OF_A_SESSION: i64 = 10;

/// How long a code is kept after it has expired, in seconds: a browser that returns late begins its sign-in again.
const LATE_SECS: i64 = 600;

/// The maximum number of codes of one session.
const MOST_CODES: i64 = 20;

/// The maximum number of expired codes that one transaction deletes.
const PURGED_AT_ONCE: i64 = 100;

/// A code with which a browser returns from sign-in to the host of an application.
#[derive(Debug)]
pub struct ApplicationCode {
    /// The application.
    pub application: ApplicationId,
    /// The session that was signed in.
    pub session: SessionId,
    /// The host to which the browser returns.
    pub host: AppHost,
    /// The digest of the nonce in the browser's start cookie.
    pub nonce_hash: Vec<u8>,
    /// True if the browser has lost its cookie once.
    pub retried: bool,
    /// When the code expires.
    pub expires_at: Timestamp,
}

impl Db<'_> {
    /// The session, the application and the host of the session at an application with this secret.
    pub(super) fn find_application_session_row(
        &self,
        token: &str,
    ) -> Result<Option<(SessionId, ApplicationId, AppHost)>> {
        let sql = "SELECT session_id, application_id, host FROM application_sessions WHERE token_hash = ?1";
        self.one(sql, [digest(token)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    /// The session and the application of the code with this secret, if there is one. It may have expired.
    pub fn find_application_code(&self, secret: &str) -> Result<Option<(SessionId, ApplicationId)>> {
        let sql = "SELECT session_id, application_id FROM application_codes WHERE code_hash = ?1";
        self.one(sql, [digest(secret)], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The newest sessions at an application, at most 200.
    pub fn application_sessions(&self, application: &ApplicationId) -> Result<Vec<ApplicationSession>> {
        let sql = "SELECT s.user_id, u.email, a.host, a.created_at, s.last_seen_at FROM application_sessions a
            JOIN sessions s ON s.id = a.session_id JOIN users u ON u.id = s.user_id
            WHERE a.application_id = ?1 AND s.expires_at > ?2 ORDER BY a.created_at DESC, u.email LIMIT 200";
        self.all(sql, (application, self.now()), |row| {
            Ok(ApplicationSession {
                user: row.get("user_id")?,
                email: row.get("email")?,
                host: row.get("host")?,
                created_at: row.get("created_at")?,
                last_seen_at: row.get("last_seen_at")?,
            })
        })
    }

    /// The newest sessions that a client knows, at most 200, also expired ones that refresh tokens outlive.
    pub fn client_sessions(&self, application: &ApplicationId) -> Result<Vec<ApplicationSession>> {
        let sql = "SELECT c.user_id, u.email, c.created_at, coalesce(s.last_seen_at,
                (SELECT max(a.used_at) FROM authorizations a WHERE a.client_session_id = c.id)) AS last_seen_at
            FROM client_sessions c JOIN users u ON u.id = c.user_id LEFT JOIN sessions s ON s.id = c.session_id
            WHERE c.application_id = ?1 AND (s.expires_at > ?2 OR (c.session_id IS NULL
                AND EXISTS (SELECT 1 FROM authorizations a WHERE a.client_session_id = c.id)))
            ORDER BY c.created_at DESC, u.email LIMIT 200";
        self.all(sql, (application, self.now()), |row| {
            Ok(ApplicationSession {
                user: row.get("user_id")?,
                email: row.get("email")?,
                host: None,
                created_at: row.get("created_at")?,
                last_seen_at: row.get("last_seen_at")?,
            })
        })
    }

    /// The number of sessions at an application.
    pub fn count_application_sessions(&self, application: &ApplicationId) -> Result<i64> {
        self.count("SELECT count(*) FROM application_sessions WHERE application_id = ?1", [application])
    }
}

impl Tx<'_> {
    /// Adds a code, and deletes the oldest ones of the same session if there are too many. Only the digest of `secret` is
    /// stored.
    pub fn add_application_code(&self, secret: &str, code: &ApplicationCode) -> Result<()> {
        self.purge_application_codes()?;
        // Before the new one is added, which is as old as others of the same second.
        self.run(
            "DELETE FROM application_codes WHERE session_id = ?1 AND code_hash NOT IN
                (SELECT code_hash FROM application_codes WHERE session_id = ?1 ORDER BY expires_at DESC, code_hash LIMIT ?2)",
            (&code.session, MOST_CODES - 1),
        )?;
        self.run(
            "INSERT INTO application_codes (code_hash, application_id, session_id, host, nonce_hash, retried, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                digest(secret),
                &code.application,
                &code.session,
                &code.host,
                &code.nonce_hash,
                code.retried,
                code.expires_at,
            ),
        )
        .map(drop)
    }

    /// Deletes codes that expired long ago, at most `PURGED_AT_ONCE`.
    pub fn purge_application_codes(&self) -> Result<()> {
        let sql = "DELETE FROM application_codes WHERE code_hash IN
            (SELECT code_hash FROM application_codes WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
        self.run(sql, (self.now().plus(-LATE_SECS), PURGED_AT_ONCE)).map(drop)
    }

    /// Takes out the code with this secret, which therefore works once; `None` if it is unknown. It may have expired.
    pub fn take_application_code(&self, secret: &str) -> Result<Option<ApplicationCode>> {
        let hash = digest(secret);
        let sql = "SELECT application_id, session_id, host, nonce_hash, retried, expires_at FROM application_codes
            WHERE code_hash = ?1";
        let found = self.one(sql, [&hash], |row| {
            Ok(ApplicationCode {
                application: row.get("application_id")?,
                session: row.get("session_id")?,
                host: row.get("host")?,
                nonce_hash: row.get("nonce_hash")?,
                retried: row.get("retried")?,
                expires_at: row.get("expires_at")?,
            })
        })?;
        self.run("DELETE FROM application_codes WHERE code_hash = ?1", [&hash])?;
        Ok(found)
    }

    /// Adds a session at an application, and ends the oldest ones of the same session at the same host if there are too
    /// many. Only the digest of `token` is stored.
    pub fn add_application_session(&self, token: &str, code: &ApplicationCode) -> Result<()> {
        // Before the new one is added, which is as old as others of the same second.
        self.run(
            "DELETE FROM application_sessions WHERE session_id = ?1 AND application_id = ?2 AND host = ?3 AND token_hash NOT IN
                (SELECT token_hash FROM application_sessions WHERE session_id = ?1 AND application_id = ?2 AND host = ?3
                 ORDER BY created_at DESC, token_hash LIMIT ?4)",
            (&code.session, &code.application, &code.host, MOST_OF_A_SESSION - 1),
        )?;
        self.run(
            "INSERT INTO application_sessions (token_hash, application_id, session_id, host, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (digest(token), &code.application, &code.session, &code.host, self.now()),
        )
        .map(drop)
    }

    /// Ends the session at an application with this secret.
    pub fn delete_application_session(&self, token: &str) -> Result<()> {
        self.run("DELETE FROM application_sessions WHERE token_hash = ?1", [digest(token)]).map(drop)
    }

    /// Moves the sessions at applications of a session to the session that replaces it for the same person in the same
    /// browser.
    pub fn move_application_sessions(&self, from: &SessionId, to: &SessionId) -> Result<()> {
        self.run("UPDATE application_sessions SET session_id = ?2 WHERE session_id = ?1", (from, to)).map(drop)
    }
}
