//! Sessions and their grants.

use super::engine::{Row, ToValue};
use super::rows::word;
use super::{Db, Note, Tx};
use crate::domain::access::Standing;
use crate::domain::ids::{OrganisationId, SessionId, UserId};
use crate::domain::lives::{Lives, OwnLives};
use crate::domain::method::Method;
use crate::domain::phrase::phrase;
use crate::domain::seal::digest;
use crate::domain::session::{Grant, Session};
use crate::domain::{Error, Result, Timestamp};
use std::collections::HashMap;

/// The maximum number of live sessions of one kind for a person. Beyond that, the least recently used session ends when another
/// begins. `end_oldest_sessions` describes the kinds.
pub const MOST_SESSIONS: i64 = 500;

const SESSION: &str =
    "s.id, s.token_hash, s.password_at, s.created_at, s.last_seen_at, s.expires_at, s.address, s.agent";

fn session_from_row(row: &Row) -> Result<Session> {
    Ok(Session {
        id: row.get("id")?,
        digest: row.get("token_hash")?,
        password_at: row.get("password_at")?,
        created_at: row.get("created_at")?,
        last_seen_at: row.get("last_seen_at")?,
        expires_at: row.get("expires_at")?,
        address: row.get("address")?,
        agent: row.get("agent")?,
        grants: Vec::new(),
    })
}

fn grant_from_row(row: &Row) -> Result<Grant> {
    Ok(Grant {
        organisation: row.get("organisation_id")?,
        method: word(row, "method", Method::parse)?,
        at: row.get("at")?,
        expires_at: row.get("expires_at")?,
        ends_at: row.get("ends_at")?,
    })
}

/// SQL: the grants of one method for an organisation, held by people with one membership status.
const HELD: &str = "FROM grants g JOIN sessions s ON s.id = g.session_id
    JOIN people p ON p.organisation_id = g.organisation_id AND p.user_id = s.user_id
    WHERE g.organisation_id = ?1 AND g.method = ?2 AND p.admin = ?3 AND p.password_agreed = ?4 AND ?5 = ''";

/// As `HELD`, but of one person. The query starts at the person's sessions, because an organisation can have many
/// grants.
const HELD_BY: &str = "FROM sessions s JOIN grants g ON g.session_id = s.id
    JOIN people p ON p.organisation_id = g.organisation_id AND p.user_id = s.user_id
    WHERE g.organisation_id = ?1 AND g.method = ?2 AND p.admin = ?3 AND p.password_agreed = ?4 AND s.user_id = ?5";

const fn held(user: Option<&UserId>) -> &'static str {
    if user.is_some() { HELD_BY } else { HELD }
}

/// Adds a session's grants, and limits its expiry to the maximum session lifetime.
fn completed(session: Session, grants: &mut HashMap<SessionId, Vec<Grant>>, lives: Lives) -> Session {
    let expires_at = session.expires_at.min(session.created_at.plus(lives.session_secs()));
    Session { expires_at, grants: grants.remove(&session.id).unwrap_or_default(), ..session }
}

fn no_session() -> Error {
    Error::NotFound(phrase!("session-not-found"))
}

impl Db<'_> {
    /// The live session with this secret, and the person who holds it.
    pub fn find_session(&self, token: &str) -> Result<Option<(UserId, Session)>> {
        self.find_live_session("s.token_hash = ?1", digest(token))
    }

    /// The live session with this id, and the person who holds it.
    pub fn find_session_of_id(&self, id: &SessionId) -> Result<Option<(UserId, Session)>> {
        self.find_live_session("s.id = ?1", id)
    }

    fn find_live_session(&self, which: &str, value: impl ToValue) -> Result<Option<(UserId, Session)>> {
        let now = self.now();
        let lives = self.lives()?;
        let sql = format!(
            "SELECT s.user_id, {SESSION} FROM sessions s
             WHERE {which} AND s.expires_at > ?2 AND s.last_seen_at > ?3 AND s.created_at > ?4"
        );
        let params = (value, now, now.plus(-lives.idle_secs()), now.plus(-lives.session_secs()));
        let found = self.one(&sql, params, |row| Ok((row.get("user_id")?, session_from_row(row)?)))?;
        let Some((user, session)) = found else { return Ok(None) };
        let mut grants = self.live_grants_of("s.id = ?1", &session.id, lives)?;
        Ok(Some((user, completed(session, &mut grants, lives))))
    }

    /// A person's live sessions, newest first.
    pub fn sessions(&self, user: &UserId) -> Result<Vec<Session>> {
        let now = self.now();
        let lives = self.lives()?;
        let sql = format!(
            "SELECT {SESSION} FROM sessions s
             WHERE s.user_id = ?1 AND s.expires_at > ?2 AND s.last_seen_at > ?3 AND s.created_at > ?4
             ORDER BY s.created_at DESC, s.id"
        );
        let params = (user, now, now.plus(-lives.idle_secs()), now.plus(-lives.session_secs()));
        let sessions = self.all(&sql, params, session_from_row)?;
        let mut grants = self.live_grants_of("s.user_id = ?1", user, lives)?;
        Ok(sessions.into_iter().map(|session| completed(session, &mut grants, lives)).collect())
    }

    /// The User-Agent header that a person last used from this network address; empty if unknown.
    pub fn agent_at(&self, user: &str, address: &str) -> Result<String> {
        let sql = "SELECT agent FROM sessions WHERE user_id = ?1 AND address = ?2 ORDER BY last_seen_at DESC LIMIT 1";
        Ok(self.one(sql, (user, address), |row| row.get(0))?.unwrap_or_default())
    }

    /// The live grants of sessions, by session. An organisation can set shorter lifetimes than the appliance: its
    /// grants then end earlier, and the session continues with its other grants.
    fn live_grants_of(&self, which: &str, value: impl ToValue, lives: Lives) -> Result<HashMap<SessionId, Vec<Grant>>> {
        let sql = format!(
            "SELECT s.id, g.organisation_id, g.method, g.at, g.expires_at, g.ends_at, o.session_days
             FROM sessions s JOIN grants g ON g.session_id = s.id JOIN organisations o ON o.id = g.organisation_id
             WHERE {which} AND (o.session_idle_hours IS NULL OR ?2 - s.last_seen_at < 3600 * o.session_idle_hours)
             ORDER BY g.at"
        );
        let rows = self.all(&sql, (value, self.now()), |row| {
            let own = OwnLives { session_days: row.get("session_days")?, ..OwnLives::default() };
            let grant = grant_from_row(row)?;
            let longest = grant.at.plus(lives.narrowed(own).session_secs());
            let grant = Grant { expires_at: grant.expires_at.min(longest), ..grant };
            Ok((row.get::<SessionId>("id")?, grant))
        })?;
        let mut grants = HashMap::<_, Vec<_>>::new();
        for (session, grant) in rows {
            grants.entry(session).or_default().push(grant);
        }
        Ok(grants)
    }
}

impl Note<'_> {
    /// Records the last use of a session. First ends its grants for organisations whose idle limit has passed, so that
    /// the new use does not reactivate them.
    pub fn touch_session(&self, id: &SessionId, at: Timestamp) -> Result<()> {
        self.run(
            "DELETE FROM grants WHERE session_id = ?1 AND EXISTS (SELECT 1 FROM organisations o JOIN sessions s ON s.id = ?1
                WHERE o.id = grants.organisation_id AND ?2 - s.last_seen_at >= 3600 * o.session_idle_hours)",
            (id, at),
        )?;
        self.run("UPDATE sessions SET last_seen_at = ?2 WHERE id = ?1", (id, at)).map(drop)
    }
}

impl Tx<'_> {
    /// Adds a session with its grants.
    pub fn add_session(&self, user: &UserId, session: &Session) -> Result<()> {
        self.run(
            "INSERT INTO sessions (id, token_hash, user_id, password_at, created_at, last_seen_at, expires_at, address, agent)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                &session.id,
                &session.digest,
                user,
                session.password_at,
                session.created_at,
                session.last_seen_at,
                session.expires_at,
                &session.address,
                &session.agent,
            ),
        )?;
        session.grants.iter().try_for_each(|grant| self.set_grant(&session.id, grant))
    }

    /// Adds a grant to a session, or renews it.
    pub fn set_grant(&self, session: &SessionId, grant: &Grant) -> Result<()> {
        self.run(
            "INSERT INTO grants (session_id, organisation_id, method, at, expires_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (session_id, organisation_id, method) DO UPDATE SET at = excluded.at, expires_at = excluded.expires_at,
                ends_at = excluded.ends_at",
            (session, &grant.organisation, grant.method.as_str(), grant.at, grant.expires_at, grant.ends_at),
        )
        .map(drop)
    }

    /// Gives a session a new secret and, with `password_at`, the time at which the person entered their password.
    pub fn renew_session(&self, id: &SessionId, token: &str, password_at: Option<Timestamp>) -> Result<()> {
        let sql = "UPDATE sessions SET token_hash = ?2, password_at = coalesce(?3, password_at) WHERE id = ?1";
        self.run(sql, (id, digest(token), password_at)).map(drop)
    }

    /// Ends one of a person's sessions.
    ///
    /// # Errors
    /// `NotFound` when the person has no such session.
    pub fn delete_session(&self, user: &UserId, id: &SessionId) -> Result<()> {
        let gone = self.run("DELETE FROM sessions WHERE id = ?1 AND user_id = ?2", (id, user))?;
        if gone == 0 {
            return Err(no_session());
        }
        self.end_client_sessions_of(id)
    }

    /// Ends a person's least recently used sessions of the same kind as `kept`, so that at most `MOST_SESSIONS` of that
    /// kind remain, `kept` included.
    ///
    /// Sessions with a password or a recovery sign-in are one kind. If `kept` is a SAML-only session, its kind is the SAML-only
    /// sessions whose organisations are all among those of `kept`, so that a sign-in through one identity provider cannot end
    /// sessions of another one.
    pub fn end_oldest_sessions(&self, user: &UserId, kept: &SessionId) -> Result<()> {
        let sql = "WITH own AS (
                SELECT s.id, s.last_seen_at, s.created_at, (s.password_at IS NOT NULL OR EXISTS
                    (SELECT 1 FROM grants g WHERE g.session_id = s.id AND g.method <> 'saml')) AS proven
                FROM sessions s WHERE s.user_id = ?1),
            others AS (
                SELECT own.id, row_number() OVER (ORDER BY own.last_seen_at DESC, own.created_at DESC, own.id) AS place
                FROM own JOIN own kept ON kept.id = ?2 AND kept.proven = own.proven
                WHERE own.id <> ?2 AND (own.proven OR NOT EXISTS (SELECT 1 FROM grants g WHERE g.session_id = own.id
                    AND g.organisation_id NOT IN (SELECT organisation_id FROM grants WHERE session_id = ?2))))
            DELETE FROM sessions WHERE id IN (SELECT id FROM others WHERE place > ?3)";
        match self.run(sql, (user, kept, MOST_SESSIONS - 1))? {
            0 => Ok(()),
            _ => self.end_client_sessions_without_session(user),
        }
    }

    /// Ends all sessions of a person, except `kept`.
    pub fn delete_other_sessions(&self, user: &UserId, kept: Option<&SessionId>) -> Result<()> {
        let kept = kept.map_or("", SessionId::as_str);
        self.run("DELETE FROM sessions WHERE user_id = ?1 AND id <> ?2", (user, kept))?;
        self.end_other_client_sessions(user, kept)
    }

    /// Records in `ended_grants` the grants that `end_grants` is about to end.
    pub(super) fn keep_ended_grants(
        &self,
        organisation: &OrganisationId,
        method: Method,
        standing: Standing,
        user: Option<&UserId>,
    ) -> Result<()> {
        let held = held(user);
        let sql = format!(
            "INSERT INTO ended_grants (token_hash, organisation_id, ended_at) SELECT s.token_hash, g.organisation_id, ?6 {held}
             ON CONFLICT (token_hash, organisation_id) DO UPDATE SET ended_at = excluded.ended_at"
        );
        let params = (
            organisation,
            method.as_str(),
            standing.admin,
            standing.password_agreed,
            user.map_or("", UserId::as_str),
            self.now(),
        );
        self.run(&sql, params).map(drop)
    }

    /// Ends the grants of one method for an organisation, held by people with one membership status, or by only one of
    /// them. Returns the people who held them.
    ///
    /// When password grants end, sessions without a password grant for another organisation also lose `password_at`,
    /// and with it the access to the person's own account settings. The sessions of operators keep it.
    pub(super) fn end_grants(
        &self,
        organisation: &OrganisationId,
        method: Method,
        standing: Standing,
        user: Option<&UserId>,
    ) -> Result<Vec<UserId>> {
        let held = held(user);
        let params =
            (organisation, method.as_str(), standing.admin, standing.password_agreed, user.map_or("", UserId::as_str));
        if method != Method::Recovery {
            let who = (standing.admin, standing.password_agreed);
            self.end_client_sessions_by(organisation, method, who, user.map_or("", UserId::as_str))?;
        }
        let holders: Vec<UserId> = self.all(&format!("SELECT DISTINCT s.user_id {held}"), params, |row| row.get(0))?;
        if holders.is_empty() {
            return Ok(holders);
        }
        if method == Method::Password {
            let sql = format!(
                "UPDATE sessions SET password_at = NULL WHERE id IN (SELECT g.session_id {held})
                    AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.session_id = sessions.id AND g.method = 'password'
                        AND g.organisation_id <> ?1)
                    AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = sessions.user_id AND u.operator = 1)"
            );
            self.run(&sql, params)?;
        }
        let sql = format!(
            "DELETE FROM grants WHERE organisation_id = ?1 AND method = ?2 AND session_id IN (SELECT g.session_id {held})"
        );
        self.run(&sql, params)?;
        Ok(holders)
    }

    /// Ends a person's grants for an organisation, in all their sessions.
    pub fn delete_grants(&self, organisation: &OrganisationId, user: &UserId) -> Result<()> {
        self.note_person(user);
        self.end_client_sessions_at(organisation, user, None)?;
        self.run(
            "DELETE FROM grants WHERE organisation_id = ?1 AND session_id IN (SELECT id FROM sessions WHERE user_id = ?2)",
            (organisation, user),
        )
        .map(drop)
    }

    /// Ends the grants for an organisation in one of a person's sessions.
    ///
    /// # Errors
    /// `NotFound` when the person has no such session, or it has no grant for the organisation.
    pub fn delete_grants_of(&self, organisation: &OrganisationId, user: &UserId, session: &SessionId) -> Result<()> {
        self.note_person(user);
        let gone = self.run(
            "DELETE FROM grants WHERE organisation_id = ?1
                AND session_id IN (SELECT id FROM sessions WHERE user_id = ?2 AND id = ?3)",
            (organisation, user, session),
        )?;
        if gone == 0 {
            return Err(no_session());
        }
        self.end_client_sessions_at(organisation, user, Some(session))
    }

    /// Clears `password_at` in the sessions of a former operator that have no password grant.
    pub(super) fn forget_operators_password(&self, user: &UserId) -> Result<()> {
        let sql = "UPDATE sessions SET password_at = NULL WHERE user_id = ?1
            AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.session_id = sessions.id AND g.method = 'password')";
        self.run(sql, [user]).map(drop)
    }

    /// Deletes expired sessions.
    pub fn purge_sessions(&self) -> Result<()> {
        self.detach_client_sessions()?;
        self.run("DELETE FROM sessions WHERE expires_at <= ?1", [self.now()]).map(drop)
    }
}
