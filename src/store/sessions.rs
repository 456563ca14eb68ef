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

/// The most live sessions of a kind that one person has: past that, the one used longest ago ends when another begins.
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
    })
}

/// The grants of one method that people of one standing hold for an organisation.
const HELD: &str = "FROM grants g JOIN sessions s ON s.id = g.session_id
    JOIN people p ON p.organisation_id = g.organisation_id AND p.user_id = s.user_id
    WHERE g.organisation_id = ?1 AND g.method = ?2 AND p.admin = ?3 AND p.password_agreed = ?4 AND ?5 = ''";

/// The same of one person, found by their sessions: an organisation may have many.
const HELD_BY: &str = "FROM sessions s JOIN grants g ON g.session_id = s.id
    JOIN people p ON p.organisation_id = g.organisation_id AND p.user_id = s.user_id
    WHERE g.organisation_id = ?1 AND g.method = ?2 AND p.admin = ?3 AND p.password_agreed = ?4 AND s.user_id = ?5";

const fn held(user: Option<&UserId>) -> &'static str {
    if user.is_some() { HELD_BY } else { HELD }
}

/// A session as long as its life may be, with its grants.
fn completed(session: Session, grants: &mut HashMap<SessionId, Vec<Grant>>, lives: Lives) -> Session {
    let expires_at = session.expires_at.min(session.created_at.plus(lives.session_secs()));
    Session { expires_at, grants: grants.remove(&session.id).unwrap_or_default(), ..session }
}

impl Db<'_> {
    /// The live session with this secret, and whose it is.
    pub fn find_session(&self, token: &str) -> Result<Option<(UserId, Session)>> {
        self.find_live_session("s.token_hash = ?1", digest(token))
    }

    /// The live session with this id, and whose it is.
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

    /// The User-Agent that a person used last at this address; empty if unknown.
    pub fn agent_at(&self, user: &str, address: &str) -> Result<String> {
        let sql = "SELECT agent FROM sessions WHERE user_id = ?1 AND address = ?2 ORDER BY last_seen_at DESC LIMIT 1";
        Ok(self.one(sql, (user, address), |row| row.get(0))?.unwrap_or_default())
    }

    /// The live grants of sessions, by the lives of the appliance and the organisations: a grant ends early where its organisation wants
    /// a shorter one, and the session lives on by the others.
    fn live_grants_of(&self, which: &str, value: impl ToValue, lives: Lives) -> Result<HashMap<SessionId, Vec<Grant>>> {
        let sql = format!(
            "SELECT s.id, g.organisation_id, g.method, g.at, g.expires_at, o.session_days
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
    /// Notes that a session was used. Grants of organisations for which it was idle too long end first: its new use does not wake them.
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
    /// Adds a session with its grants, known by the digest in it.
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

    /// Gives a session a grant, or renews it.
    pub fn set_grant(&self, session: &SessionId, grant: &Grant) -> Result<()> {
        self.run(
            "INSERT INTO grants (session_id, organisation_id, method, at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (session_id, organisation_id, method) DO UPDATE SET at = excluded.at, expires_at = excluded.expires_at",
            (session, &grant.organisation, grant.method.as_str(), grant.at, grant.expires_at),
        )
        .map(drop)
    }

    /// Gives a session another secret, and the moment when its person's password was given, where it was.
    pub fn renew_session(&self, id: &SessionId, token: &str, password_at: Option<Timestamp>) -> Result<()> {
        let sql = "UPDATE sessions SET token_hash = ?2, password_at = coalesce(?3, password_at) WHERE id = ?1";
        self.run(sql, (id, digest(token), password_at)).map(drop)
    }

    /// Ends one of a person's sessions.
    ///
    /// # Errors
    /// `NotFound` when it is none of theirs.
    pub fn delete_session(&self, user: &UserId, id: &SessionId) -> Result<()> {
        let gone = self.run("DELETE FROM sessions WHERE id = ?1 AND user_id = ?2", (id, user))?;
        if gone == 0 { Err(Error::NotFound(phrase!("session-not-found"))) } else { Ok(()) }
    }

    /// Ends those of a person's sessions of the kind of `kept` that were used longest ago, so that it and at most `MOST_SESSIONS`
    /// of the kind in all are left.
    ///
    /// Sessions that a password or a recovery has a part in are one kind. Those by SAML alone are of the kind of their organisations,
    /// so that an identity provider ends no session that was not earned through it.
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
        self.run(sql, (user, kept, MOST_SESSIONS - 1)).map(drop)
    }

    /// Ends a person's sessions but for one.
    pub fn delete_other_sessions(&self, user: &UserId, kept: Option<&SessionId>) -> Result<()> {
        let kept = kept.map_or("", SessionId::as_str);
        self.run("DELETE FROM sessions WHERE user_id = ?1 AND id <> ?2", (user, kept)).map(drop)
    }

    /// Remembers the sessions whose grants of one method are about to end, of people of one standing, or of one of these.
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

    /// Ends the grants of one method that people of one standing, or one of these, hold for an organisation; gives who held them.
    ///
    /// Where its password opens nothing any more, it proves nothing more either: sessions that hold no other password grant lose
    /// the person's own affairs with it. Operators' passwords always count.
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

    /// Ends what a person's sessions have earned for an organisation.
    pub fn delete_grants(&self, organisation: &OrganisationId, user: &UserId) -> Result<()> {
        self.note_person(user);
        self.run(
            "DELETE FROM grants WHERE organisation_id = ?1 AND session_id IN (SELECT id FROM sessions WHERE user_id = ?2)",
            (organisation, user),
        )
        .map(drop)
    }

    /// Somebody is no longer an operator: their password proves nothing in a session that it opened no organisation in.
    pub(super) fn forget_operators_password(&self, user: &UserId) -> Result<()> {
        let sql = "UPDATE sessions SET password_at = NULL WHERE user_id = ?1
            AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.session_id = sessions.id AND g.method = 'password')";
        self.run(sql, [user]).map(drop)
    }

    /// Forgets sessions that are over.
    pub fn purge_sessions(&self) -> Result<()> {
        self.run("DELETE FROM sessions WHERE expires_at <= ?1", [self.now()]).map(drop)
    }
}
