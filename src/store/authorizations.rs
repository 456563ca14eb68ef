//! Authorizations of OpenID Connect clients, with their codes and tokens, of which only digests are stored.

use super::engine::Row;
use super::rows::word;
use super::{Db, Tx};
use crate::domain::application::Hosted;
use crate::domain::authorization::{
    Authorization, CODE_SECS, Code, Presented, REFRESH_IDLE_SECS, REFRESH_SECS, Subject, authorization_of,
};
use crate::domain::forward_auth::Identity;
use crate::domain::ids::{ApplicationId, SessionId, hex, random_bytes};
use crate::domain::level::Level;
use crate::domain::method::Method;
use crate::domain::oidc_claims::TOKEN_SECS;
use crate::domain::oidc_request::AuthorizationRequest;
use crate::domain::seal::digest;
use crate::domain::session::{Grant, Live, Session, SignedIn};
use crate::domain::{Error, Result, Timestamp};
use std::sync::{Arc, OnceLock};

/// The maximum number of authorizations that outlive their sessions, of one person at one client. The oldest end beyond
/// that.
const MOST_OFFLINE: i64 = 100;
/// The maximum number of authorizations of one session at one client that end with the session, and of those that outlive
/// it. The oldest end beyond that.
const MOST_OF_A_SESSION: i64 = 20;
/// The maximum number of access tokens of one authorization. The oldest end beyond that.
const MOST_ACCESS_TOKENS: i64 = 10;
/// The maximum number of rows of each table that one transaction deletes because they have expired.
const PURGED_AT_ONCE: i64 = 500;

const AUTHORIZATION: &str =
    "a.id, c.id AS sid, c.application_id, c.organisation_id, c.user_id, c.session_id, a.scope, a.claims, a.nonce,
    a.method, a.auth_at, a.ends_at, a.offline, a.created_at, a.used_at";
const FROM: &str = "FROM authorizations a JOIN client_sessions c ON c.id = a.client_session_id";

fn from_row(row: &Row) -> Result<Authorization> {
    Ok(Authorization {
        id: row.get("id")?,
        sid: row.get("sid")?,
        application: row.get("application_id")?,
        organisation: row.get("organisation_id")?,
        user: row.get("user_id")?,
        session: row.get("session_id")?,
        scope: row.get("scope")?,
        claims: word(row, "claims", |json| serde_json::from_str(json).ok())?,
        nonce: row.get("nonce")?,
        method: word(row, "method", Method::parse)?,
        auth_at: row.get("auth_at")?,
        ends_at: row.get("ends_at")?,
        offline: row.get("offline")?,
        created_at: row.get("created_at")?,
        used_at: row.get("used_at")?,
    })
}

impl Db<'_> {
    /// The code with this secret, whether or not it was used or has expired.
    pub fn find_code(&self, secret: &str) -> Result<Option<Code>> {
        let sql = format!(
            "SELECT {AUTHORIZATION}, a.redirect_uri, a.challenge, a.code_expires_at, a.code_used {FROM} WHERE a.code_hash = ?1"
        );
        self.one(&sql, [digest(secret)], |row| {
            Ok(Code {
                authorization: from_row(row)?,
                redirect_uri: row.get("redirect_uri")?,
                challenge: row.get("challenge")?,
                expires_at: row.get("code_expires_at")?,
                used: row.get("code_used")?,
            })
        })
    }

    /// The access token with this secret, if it has not expired.
    pub fn find_access_token(&self, secret: &str) -> Result<Option<Presented>> {
        let sql = format!(
            "SELECT {AUTHORIZATION}, t.scope AS token_scope, t.expires_at {FROM} JOIN access_tokens t ON t.authorization_id = a.id
             WHERE t.token_hash = ?1 AND t.expires_at > ?2"
        );
        self.one(&sql, (digest(secret), self.now()), |row| {
            Ok(Presented {
                authorization: from_row(row)?,
                scope: row.get("token_scope")?,
                expires_at: row.get("expires_at")?,
            })
        })
    }

    /// The authorization of the refresh token with this secret, and whether the token was used before. Of the tokens of an
    /// authorization, only the last one is stored; all others were used.
    pub fn find_refresh_token(&self, secret: &str) -> Result<Option<(Authorization, bool)>> {
        let sql = format!(
            "SELECT {AUTHORIZATION}, t.used {FROM} JOIN refresh_tokens t ON t.authorization_id = a.id WHERE t.token_hash = ?1"
        );
        let stored = self.one(&sql, [digest(secret)], |row| Ok((from_row(row)?, row.get("used")?)))?;
        let (None, Some(id)) = (&stored, authorization_of(secret)) else { return Ok(stored) };
        let sql = format!("SELECT {AUTHORIZATION} {FROM} WHERE a.id = ?1 AND a.offline = 1");
        self.one(&sql, [id], |row| Ok((from_row(row)?, true)))
    }

    /// The person of an authorization, if it stands now: the person may open the application by their session, or by
    /// the sign-in that outlives it.
    pub fn find_subject(&self, authorization: &Authorization) -> Result<Option<Subject>> {
        let person = match (&authorization.session, authorization.offline) {
            (_, true) => self.as_if_signed_in(authorization)?,
            (Some(session), false) => self.signed_in_by_id(session)?,
            (None, false) => None,
        };
        let Some(person) = person else { return Ok(None) };
        let hosted = self.client_application(&authorization.application)?;
        let role = self.find_application_role(&hosted.application, &person.user.id)?;
        let identity =
            Identity::of(&person, &hosted, role.as_ref()).filter(|identity| identity.level > Level::NoAccess);
        let Some(identity) = identity else { return Ok(None) };
        let email_verified = self.is_email_proved(&person.user.id)?;
        Ok(Some(Subject { identity, hosted, email_verified }))
    }

    /// The application of a client, with its organisation and workspace.
    pub fn client_application(&self, id: &ApplicationId) -> Result<Hosted> {
        self.as_hosted(self.application(id)?)
    }

    /// A person as if the grant with which they signed in still stood, although their session may have expired. `None`
    /// if their session was ended, or the authorization has expired.
    fn as_if_signed_in(&self, authorization: &Authorization) -> Result<Option<SignedIn>> {
        let now = self.now();
        let ended = match &authorization.session {
            Some(session) => self.count("SELECT count(*) FROM sessions WHERE id = ?1", [session])? == 0,
            None => false,
        };
        if ended || !authorization.is_refreshable(now) {
            return Ok(None);
        }
        let expires_at = authorization.ends_at.unwrap_or_else(|| now.plus(TOKEN_SECS));
        let grant = Grant {
            organisation: authorization.organisation.clone(),
            method: authorization.method,
            at: authorization.auth_at,
            expires_at,
            ends_at: authorization.ends_at,
        };
        let session = Session {
            id: SessionId::random(),
            digest: Vec::new(),
            password_at: None,
            created_at: authorization.auth_at,
            last_seen_at: now,
            expires_at,
            address: String::new(),
            agent: String::new(),
            grants: vec![grant],
        };
        let (user, seats, lives) = (self.user(&authorization.user)?, self.seats(&authorization.user)?, self.lives()?);
        let live = Live { user, session, seats, lives, details: OnceLock::new() };
        Ok(Some(SignedIn::new(Arc::new(live), now)).filter(|person| !person.is_over()))
    }
}

impl Tx<'_> {
    /// The id by which a client knows a session; a new one if the session is new to the client.
    fn client_session(&self, application: &ApplicationId, person: &SignedIn, grant: &Grant) -> Result<String> {
        let session = &person.session.id;
        let sql = "SELECT id FROM client_sessions WHERE session_id = ?1 AND application_id = ?2";
        if let Some(known) = self.one(sql, (session, application), |row| row.get(0))? {
            return Ok(known);
        }
        let id = hex(&random_bytes::<16>());
        self.run(
            "INSERT INTO client_sessions (id, application_id, organisation_id, user_id, session_id, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (&id, application, &grant.organisation, &person.user.id, session, self.now()),
        )?;
        Ok(id)
    }

    /// Adds the authorization that a person gives by signing in at a client. `secret`: its code.
    pub fn add_authorization(
        &self,
        secret: &str,
        application: &ApplicationId,
        request: &AuthorizationRequest,
        person: &SignedIn,
        grant: &Grant,
    ) -> Result<()> {
        let (now, client_session) = (self.now(), self.client_session(application, person, grant)?);
        let offline = request.has_scope("offline_access");
        // Before the new one is added, which is as old as others of the same second.
        let sql = "DELETE FROM authorizations WHERE id IN (SELECT id FROM authorizations WHERE client_session_id = ?1 AND offline = ?2
            ORDER BY used_at DESC, created_at DESC, id LIMIT 1000 OFFSET ?3)";
        self.run(sql, (&client_session, offline, MOST_OF_A_SESSION - 1))?;
        self.run(
            "INSERT INTO authorizations (id, client_session_id, code_hash, code_expires_at, code_used, redirect_uri, challenge, nonce,
                scope, claims, method, auth_at, ends_at, offline, created_at, used_at)
             VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)",
            (
                hex(&random_bytes::<16>()),
                &client_session,
                digest(secret),
                now.plus(CODE_SECS),
                &request.redirect_uri,
                &request.challenge,
                &request.nonce,
                &request.scope,
                serde_json::to_string(&request.claims).map_err(Error::internal)?,
                grant.method.as_str(),
                grant.at,
                grant.ends_at,
                offline,
                now,
            ),
        )?;
        if offline {
            let sql = "DELETE FROM authorizations WHERE id IN (SELECT a.id FROM authorizations a
                JOIN client_sessions c ON c.id = a.client_session_id
                WHERE a.offline = 1 AND c.user_id = ?1 AND c.application_id = ?2
                ORDER BY a.used_at DESC, a.created_at DESC, a.id LIMIT 1000 OFFSET ?3)";
            self.run(sql, (&person.user.id, application, MOST_OFFLINE))?;
        }
        Ok(())
    }

    /// Marks the code of an authorization as used.
    pub fn use_code(&self, authorization: &str) -> Result<()> {
        self.run("UPDATE authorizations SET code_used = 1 WHERE id = ?1", [authorization]).map(drop)
    }

    /// Adds an access token, and ends the oldest ones of the same authorization if there are too many.
    pub fn add_access_token(&self, secret: &str, authorization: &str, scope: &str) -> Result<()> {
        // Before the new one is added, which is as old as others of the same second.
        let sql = "DELETE FROM access_tokens WHERE token_hash IN (SELECT token_hash FROM access_tokens WHERE authorization_id = ?1
            ORDER BY expires_at DESC, token_hash LIMIT 1000 OFFSET ?2)";
        self.run(sql, (authorization, MOST_ACCESS_TOKENS - 1))?;
        let sql = "INSERT INTO access_tokens (token_hash, authorization_id, scope, expires_at) VALUES (?1, ?2, ?3, ?4)";
        self.run(sql, (digest(secret), authorization, scope, self.now().plus(TOKEN_SECS))).map(drop)
    }

    /// Adds a refresh token.
    pub fn add_refresh_token(&self, secret: &str, authorization: &str) -> Result<()> {
        let sql = "INSERT INTO refresh_tokens (token_hash, authorization_id, used, created_at) VALUES (?1, ?2, 0, ?3)";
        self.run(sql, (digest(secret), authorization, self.now())).map(drop)
    }

    /// Records the use of a refresh token. Only a token of an earlier version is kept, which does not contain the id of its
    /// authorization.
    pub fn use_refresh_token(&self, secret: &str, authorization: &str) -> Result<()> {
        let sql = match authorization_of(secret) {
            Some(_) => "DELETE FROM refresh_tokens WHERE token_hash = ?1",
            None => "UPDATE refresh_tokens SET used = 1 WHERE token_hash = ?1",
        };
        self.run(sql, [digest(secret)])?;
        self.run("UPDATE authorizations SET used_at = ?2 WHERE id = ?1", (authorization, self.now())).map(drop)
    }

    /// Ends an authorization, with its tokens.
    pub fn delete_authorization(&self, id: &str) -> Result<()> {
        self.run("DELETE FROM authorizations WHERE id = ?1", [id]).map(drop)
    }

    /// Ends an access token.
    pub fn delete_access_token(&self, secret: &str) -> Result<()> {
        self.run("DELETE FROM access_tokens WHERE token_hash = ?1", [digest(secret)]).map(drop)
    }

    /// Deletes codes and tokens that have expired, at most `PURGED_AT_ONCE` rows of each table; true if there may be more.
    /// Used codes, and refresh tokens of earlier versions, are kept for longer, so that a second use is noticed.
    pub fn purge_authorizations(&self) -> Result<bool> {
        let now = self.now();
        let before = |secs: i64| -> Timestamp { now.plus(-secs) };
        let tokens = "DELETE FROM access_tokens WHERE token_hash IN
            (SELECT token_hash FROM access_tokens WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
        let used = "DELETE FROM refresh_tokens WHERE token_hash IN
            (SELECT token_hash FROM refresh_tokens WHERE used = 1 AND created_at <= ?1 LIMIT ?2)";
        let authorizations = "DELETE FROM authorizations WHERE id IN (SELECT id FROM authorizations
            WHERE (offline = 0 AND code_expires_at <= ?1) OR (code_used = 0 AND code_expires_at <= ?1)
                OR used_at <= ?2 OR created_at <= ?3 OR ends_at <= ?4 LIMIT ?5)";
        let old = (before(2 * TOKEN_SECS), before(REFRESH_IDLE_SECS), before(REFRESH_SECS), now, PURGED_AT_ONCE);
        let deleted = [
            self.run(tokens, (now, PURGED_AT_ONCE))?,
            self.run(used, (before(REFRESH_IDLE_SECS), PURGED_AT_ONCE))?,
            self.run(authorizations, old)?,
            self.end_left_client_sessions(PURGED_AT_ONCE)?,
        ];
        Ok(deleted.into_iter().any(|rows| i64::try_from(rows).is_ok_and(|rows| rows >= PURGED_AT_ONCE)))
    }
}
