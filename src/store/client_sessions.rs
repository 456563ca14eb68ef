//! The sessions that OpenID Connect clients know. When one ends, its authorizations end, and a client that has an address
//! for it is told.

use super::engine::Params;
use super::rows::word;
use super::{Db, Tx};
use crate::domain::access::{SignInPolicy, Standing};
use crate::domain::authorization::{REFRESH_IDLE_SECS, REFRESH_SECS};
use crate::domain::ids::{ApplicationId, OrganisationId, SessionId, UserId, WorkspaceId};
use crate::domain::level::Level;
use crate::domain::logout_notice::{LogoutNotice, MOST_OF_A_CLIENT};
use crate::domain::method::Method;
use crate::domain::oidc_client::Signing;
use crate::domain::session::USES_SECS;
use crate::domain::{Error, Result, Timestamp};
use std::collections::HashMap;

/// The maximum number of notices that are read or made at once.
const MOST_NOTICES: i64 = 1000;
/// The maximum number of notices of one organisation that are read at once.
const MOST_DUE_OF_AN_ORGANISATION: i64 = 32;
/// The last use of a session is in the database a little later.
const USES_LATE_SECS: i64 = 2 * USES_SECS;

/// SQL: the sessions of clients that are told of it, whose sign-in has expired. The parameters are those of `expiry`; the 120
/// seconds are `USES_LATE_SECS`.
const EXPIRED: &str = "SELECT c.id FROM oidc_clients k JOIN client_sessions c ON c.application_id = k.application_id
    JOIN organisations o ON o.id = c.organisation_id LEFT JOIN sessions s ON s.id = c.session_id
    WHERE k.backchannel_logout_uri IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM authorizations a WHERE a.client_session_id = c.id AND a.offline = 1
        AND a.used_at > ?4 AND a.created_at > ?5 AND (a.ends_at IS NULL OR a.ends_at > ?1))
    AND (s.id IS NULL OR s.expires_at <= ?1 OR s.last_seen_at <= ?2 OR s.created_at <= ?3
        OR NOT EXISTS (SELECT 1 FROM grants g WHERE g.session_id = s.id AND g.organisation_id = c.organisation_id
            AND g.method <> 'recovery' AND g.expires_at > ?1 AND (g.ends_at IS NULL OR g.ends_at > ?1)
            AND (o.session_days IS NULL OR ?1 - g.at < 86400 * o.session_days)
            AND (o.session_idle_hours IS NULL OR ?1 - s.last_seen_at < 3600 * o.session_idle_hours + 120)))";

impl Db<'_> {
    /// The id by which a client knows a session, if the person signed in at it in this session.
    pub fn find_client_session(&self, application: &ApplicationId, session: &SessionId) -> Result<Option<String>> {
        let sql = "SELECT id FROM client_sessions WHERE session_id = ?1 AND application_id = ?2";
        self.one(sql, (session, application), |row| row.get(0))
    }

    /// The number of sessions at applications behind a reverse proxy, and of refresh tokens. `which`: SQL about the
    /// application `p` and the person `u`.
    fn count_access(&self, which: &str, params: impl Params + Copy) -> Result<(i64, i64)> {
        let sessions = format!(
            "SELECT count(*) FROM application_sessions a JOIN applications p ON p.id = a.application_id
             JOIN sessions s ON s.id = a.session_id JOIN users u ON u.id = s.user_id WHERE {which}"
        );
        let tokens = format!(
            "SELECT count(*) FROM refresh_tokens t JOIN authorizations a ON a.id = t.authorization_id
             JOIN client_sessions c ON c.id = a.client_session_id JOIN applications p ON p.id = c.application_id
             JOIN users u ON u.id = c.user_id WHERE t.used = 0 AND {which}"
        );
        Ok((self.count(&sessions, params)?, self.count(&tokens, params)?))
    }

    /// The number of sessions at applications behind a reverse proxy, and of refresh tokens, that a person has: at the
    /// applications of one organisation or of all.
    pub fn count_application_access(&self, user: &UserId, organisation: Option<&OrganisationId>) -> Result<(i64, i64)> {
        let organisation = organisation.map_or("", OrganisationId::as_str);
        self.count_access("u.id = ?1 AND (?2 = '' OR p.organisation_id = ?2)", (user, organisation))
    }

    /// As `count_application_access`, without the applications of one workspace.
    pub fn count_access_outside(
        &self,
        user: &UserId,
        organisation: &OrganisationId,
        workspace: &WorkspaceId,
    ) -> Result<(i64, i64)> {
        let which = "u.id = ?1 AND p.organisation_id = ?2 AND p.workspace_id <> ?3";
        self.count_access(which, (user, organisation, workspace))
    }

    /// The numbers of `count_application_access` at one application, for all people.
    pub fn count_access_to(&self, application: &ApplicationId) -> Result<(i64, i64)> {
        self.count_access("p.id = ?1", [application])
    }

    /// The numbers of `count_application_access` at the applications of a workspace, for all people.
    pub fn count_access_in_workspace(&self, workspace: &WorkspaceId) -> Result<(i64, i64)> {
        self.count_access("p.workspace_id = ?1", [workspace])
    }

    /// The numbers of `count_application_access` at the applications of an organisation, for all people.
    pub fn count_access_in_organisation(&self, organisation: &OrganisationId) -> Result<(i64, i64)> {
        self.count_access("p.organisation_id = ?1", [organisation])
    }

    /// The number of refresh tokens of each person at an application.
    pub fn count_refresh_tokens(&self, application: &ApplicationId) -> Result<HashMap<UserId, i64>> {
        let sql = "SELECT c.user_id, count(*) FROM refresh_tokens t JOIN authorizations a ON a.id = t.authorization_id
            JOIN client_sessions c ON c.id = a.client_session_id
            WHERE t.used = 0 AND c.application_id = ?1 GROUP BY c.user_id";
        Ok(self.all(sql, [application], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
    }

    /// The numbers of `count_application_access` that a sign-in policy ends, for all people of an organisation.
    pub fn count_access_closed_by(&self, organisation: &OrganisationId, policy: SignInPolicy) -> Result<(i64, i64)> {
        let sessions = "SELECT count(*) FROM application_sessions a JOIN applications x ON x.id = a.application_id
            JOIN sessions s ON s.id = a.session_id
            JOIN people p ON p.organisation_id = x.organisation_id AND p.user_id = s.user_id
            WHERE x.organisation_id = ?1 AND p.admin = ?2 AND p.password_agreed = ?3 AND NOT EXISTS (SELECT 1 FROM grants g
                WHERE g.session_id = s.id AND g.organisation_id = ?1
                    AND ((g.method = 'password' AND ?4 = 1) OR (g.method = 'saml' AND ?5 = 1)))";
        let tokens = "SELECT count(*) FROM refresh_tokens t JOIN authorizations a ON a.id = t.authorization_id
            JOIN client_sessions c ON c.id = a.client_session_id
            JOIN people p ON p.organisation_id = c.organisation_id AND p.user_id = c.user_id
            WHERE t.used = 0 AND c.organisation_id = ?1 AND p.admin = ?2 AND p.password_agreed = ?3
                AND NOT ((a.method = 'password' AND ?4 = 1) OR (a.method = 'saml' AND ?5 = 1))";
        let (mut closed_sessions, mut closed_tokens) = (0, 0);
        for standing in Standing::ALL {
            let opens = |method| policy.opens(method, standing);
            let (password, saml) = (opens(Method::Password), opens(Method::Saml));
            let params = (organisation, standing.admin, standing.password_agreed, password, saml);
            closed_sessions += self.count(sessions, params)?;
            closed_tokens += self.count(tokens, params)?;
        }
        Ok((closed_sessions, closed_tokens))
    }

    /// The notices that are due: of each client only as many as are sent to it at once, and of each organisation only the first
    /// ones of its clients. The organisations take turns, so that none fills the list; each one's oldest come first.
    pub fn due_logout_notices(&self) -> Result<Vec<LogoutNotice>> {
        let sql = "SELECT sid, application_id, organisation_id, user_id, uri, signing, attempts
            FROM (SELECT near.*, row_number() OVER (PARTITION BY near.organisation_id ORDER BY near.place, near.next_at, near.sid) AS turn
                FROM (SELECT n.*, row_number() OVER (PARTITION BY n.application_id ORDER BY n.next_at, n.sid) AS place
                    FROM logout_notices n WHERE n.next_at <= ?1) AS near WHERE near.place <= ?2) AS due
            WHERE turn <= ?3 ORDER BY turn, next_at, sid LIMIT ?4";
        let each = i64::try_from(MOST_OF_A_CLIENT).map_err(Error::internal)?;
        self.all(sql, (self.now(), each, MOST_DUE_OF_AN_ORGANISATION, MOST_NOTICES), |row| {
            Ok(LogoutNotice {
                sid: row.get("sid")?,
                application: row.get("application_id")?,
                organisation: row.get("organisation_id")?,
                user: row.get("user_id")?,
                uri: row.get("uri")?,
                signing: word(row, "signing", |word| Signing::parse(word).ok())?,
                attempts: row.get("attempts")?,
            })
        })
    }

    /// True if sessions of clients that are told of it have expired.
    pub fn has_expired_client_sessions(&self) -> Result<bool> {
        Ok(self.one(&format!("{EXPIRED} LIMIT 1"), self.expiry()?, |row| row.get::<String>(0))?.is_some())
    }

    /// The parameters of `EXPIRED`: the current time, and the latest times at which an expired session was used and created,
    /// and at which an expired refresh token was used and created.
    fn expiry(&self) -> Result<(Timestamp, Timestamp, Timestamp, Timestamp, Timestamp)> {
        let (now, lives) = (self.now(), self.lives()?);
        Ok((
            now,
            now.plus(-lives.idle_secs() - USES_LATE_SECS),
            now.plus(-lives.session_secs()),
            now.plus(-REFRESH_IDLE_SECS),
            now.plus(-REFRESH_SECS),
        ))
    }

    /// When the next notice is due; `None` if there is none.
    pub fn next_logout_notice_at(&self) -> Result<Option<Timestamp>> {
        self.one("SELECT next_at FROM logout_notices ORDER BY next_at LIMIT 1", (), |row| row.get(0))
    }
}

impl Tx<'_> {
    /// Ends the sessions `c` of clients for which this condition holds; returns how many.
    fn end_client_sessions(&self, which: &str, params: impl Params) -> Result<usize> {
        let sql = format!(
            "SELECT c.id, c.application_id, c.organisation_id, c.user_id, k.backchannel_logout_uri, k.signing FROM client_sessions c
             LEFT JOIN oidc_clients k ON k.application_id = c.application_id WHERE {which}"
        );
        let ended = self.all(&sql, params, |row| {
            let told: Option<String> = row.get("backchannel_logout_uri")?;
            Ok((
                row.get::<String>("id")?,
                row.get::<ApplicationId>("application_id")?,
                row.get::<OrganisationId>("organisation_id")?,
                row.get::<UserId>("user_id")?,
                told.map(|uri| Ok::<_, Error>((uri, row.get::<String>("signing")?))).transpose()?,
            ))
        })?;
        for (sid, application, organisation, user, told) in &ended {
            if let Some((uri, signing)) = told {
                let sql = "INSERT INTO logout_notices (sid, application_id, organisation_id, user_id, uri, signing, attempts, next_at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7) ON CONFLICT (sid) DO NOTHING";
                self.run(sql, (sid, application, organisation, user, uri, signing, self.now()))?;
            }
            self.run("DELETE FROM client_sessions WHERE id = ?1", [sid])?;
        }
        Ok(ended.len())
    }

    /// Ends what a client, which is about to be deleted, knows of people.
    pub(super) fn end_client_sessions_of_application(&self, application: &ApplicationId) -> Result<()> {
        self.end_client_sessions("c.application_id = ?1", [application]).map(drop)
    }

    /// Ends what the clients of a workspace, which is about to be deleted, know of people.
    pub(super) fn end_client_sessions_of_workspace(&self, workspace: &WorkspaceId) -> Result<()> {
        let which = "c.application_id IN (SELECT id FROM applications WHERE workspace_id = ?1)";
        self.end_client_sessions(which, [workspace]).map(drop)
    }

    /// Ends what the clients of an organisation, which is about to be deleted, know of people.
    pub(super) fn end_client_sessions_of_organisation(&self, organisation: &OrganisationId) -> Result<()> {
        self.end_client_sessions("c.organisation_id = ?1", [organisation]).map(drop)
    }

    /// Ends the sessions of clients that are told of it and whose sign-in has expired, at most `MOST_NOTICES`; true if there
    /// may be more. Refresh tokens that outlive the sign-in keep it.
    pub fn end_expired_client_sessions(&self) -> Result<bool> {
        let which = format!("c.id IN (SELECT expired.id FROM ({EXPIRED}) AS expired LIMIT ?6)");
        let (now, unused, created, refresh_idle, refresh) = self.expiry()?;
        let ended = self.end_client_sessions(&which, (now, unused, created, refresh_idle, refresh, MOST_NOTICES))?;
        Ok(i64::try_from(ended).is_ok_and(|ended| ended >= MOST_NOTICES))
    }

    /// Ends what clients know of a session, which ends.
    pub(super) fn end_client_sessions_of(&self, session: &SessionId) -> Result<()> {
        self.end_client_sessions("c.session_id = ?1", [session]).map(drop)
    }

    /// Ends what clients know of a person, except in one session.
    pub(super) fn end_other_client_sessions(&self, user: &UserId, kept: &str) -> Result<()> {
        let which = "c.user_id = ?1 AND (c.session_id IS NULL OR c.session_id <> ?2)";
        self.end_client_sessions(which, (user, kept)).map(drop)
    }

    /// Ends everything that clients know of a person.
    pub(super) fn end_all_client_sessions(&self, user: &UserId) -> Result<()> {
        self.end_client_sessions("c.user_id = ?1", [user]).map(drop)
    }

    /// Ends what clients know of sessions of a person that were deleted.
    pub(super) fn end_client_sessions_without_session(&self, user: &UserId) -> Result<()> {
        let which = "c.user_id = ?1 AND c.session_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = c.session_id)";
        self.end_client_sessions(which, [user]).map(drop)
    }

    /// Ends what clients of an organisation know of a person, in all sessions or in one.
    pub(super) fn end_client_sessions_at(
        &self,
        organisation: &OrganisationId,
        user: &UserId,
        session: Option<&SessionId>,
    ) -> Result<()> {
        let session = session.map_or("", SessionId::as_str);
        let which = "c.organisation_id = ?1 AND c.user_id = ?2 AND (?3 = '' OR c.session_id = ?3)";
        self.end_client_sessions(which, (organisation, user, session)).map(drop)
    }

    /// Ends what clients of an organisation know of people whose grants of one method end. `people`: SQL for the ids of
    /// the people, with the parameters of `end_grants`.
    pub(super) fn end_client_sessions_by(
        &self,
        organisation: &OrganisationId,
        method: Method,
        (admin, password_agreed): (bool, bool),
        user: &str,
    ) -> Result<()> {
        let of_people =
            "c.organisation_id = ?1 AND (?5 = '' OR c.user_id = ?5) AND c.user_id IN (SELECT p.user_id FROM people p
            WHERE p.organisation_id = ?1 AND p.admin = ?3 AND p.password_agreed = ?4)";
        // A session that has grants of several methods stays; what it gave by this method ends.
        let which = format!(
            "{of_people} AND CASE WHEN c.session_id IS NULL
                THEN NOT EXISTS (SELECT 1 FROM authorizations a WHERE a.client_session_id = c.id AND a.method <> ?2)
                ELSE NOT EXISTS (SELECT 1 FROM grants g WHERE g.session_id = c.session_id AND g.organisation_id = ?1
                    AND g.method <> ?2 AND g.method <> 'recovery') END"
        );
        let params = (organisation, method.as_str(), admin, password_agreed, user);
        self.end_client_sessions(&which, params)?;
        let sql = format!(
            "DELETE FROM authorizations WHERE method = ?2 AND client_session_id IN (SELECT c.id FROM client_sessions c WHERE {of_people})"
        );
        self.run(&sql, params).map(drop)
    }

    /// Ends what clients know of a person who no longer has a level there.
    pub(super) fn end_client_sessions_without_level(&self, user: &UserId) -> Result<()> {
        let sql = "SELECT c.id, c.organisation_id, c.application_id FROM client_sessions c WHERE c.user_id = ?1";
        let all = self.all(sql, [user], |row| {
            Ok((
                row.get::<String>("id")?,
                row.get::<OrganisationId>("organisation_id")?,
                row.get::<ApplicationId>("application_id")?,
            ))
        })?;
        for (sid, organisation, application) in all {
            let standing = self.find_standing(&organisation, user)?;
            let role = self.find_application_role(&application, user)?;
            if standing.is_none_or(|standing| Level::of(standing, role.as_ref()) == Level::NoAccess) {
                self.end_client_sessions("c.id = ?1", [&sid])?;
            }
        }
        Ok(())
    }

    /// Ends the codes and the tokens of a person, whose password has changed.
    pub(super) fn end_tokens(&self, user: &UserId) -> Result<()> {
        let sql = "DELETE FROM authorizations
            WHERE client_session_id IN (SELECT id FROM client_sessions WHERE user_id = ?1)";
        self.run(sql, [user]).map(drop)
    }

    /// Ends the codes and the tokens of a client.
    pub fn end_tokens_of(&self, application: &ApplicationId) -> Result<()> {
        let sql = "DELETE FROM authorizations
            WHERE client_session_id IN (SELECT id FROM client_sessions WHERE application_id = ?1)";
        self.run(sql, [application]).map(drop)
    }

    /// Separates what outlives the sessions that are about to expire, and deletes the rest.
    pub(super) fn detach_client_sessions(&self) -> Result<()> {
        let expired = "session_id IN (SELECT id FROM sessions WHERE expires_at <= ?1)";
        let sql = format!(
            "UPDATE client_sessions SET session_id = NULL WHERE {expired}
                AND EXISTS (SELECT 1 FROM authorizations a WHERE a.client_session_id = client_sessions.id AND a.offline = 1)"
        );
        self.run(&sql, [self.now()])?;
        self.end_client_sessions(&format!("c.{expired}"), [self.now()]).map(drop)
    }

    /// Moves what clients know of a session to the session that replaces it for the same person in the same browser.
    pub fn move_client_sessions(&self, from: &SessionId, to: &SessionId) -> Result<()> {
        self.run("UPDATE client_sessions SET session_id = ?2 WHERE session_id = ?1", (from, to)).map(drop)
    }

    /// Ends what clients know of sessions that have expired and of which no authorization is left, at most `most`; returns how
    /// many.
    pub(super) fn end_left_client_sessions(&self, most: i64) -> Result<usize> {
        let which = "c.id IN (SELECT l.id FROM client_sessions l WHERE l.session_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM authorizations a WHERE a.client_session_id = l.id) LIMIT ?1)";
        self.end_client_sessions(which, [most])
    }

    /// Takes a notice that is due, before it is sent; false if another process has taken it. Counts the attempt, so that a
    /// notice is not sent for ever by a server that does not survive it. `next_at`: when it is due again if its outcome is
    /// never recorded.
    pub fn take_logout_notice(&self, sid: &str, next_at: Timestamp) -> Result<bool> {
        let sql = "UPDATE logout_notices SET attempts = attempts + 1, next_at = ?2 WHERE sid = ?1 AND next_at <= ?3";
        Ok(self.run(sql, (sid, next_at, self.now()))? > 0)
    }

    /// Deletes a notice that arrived, or that is not tried again.
    pub fn delete_logout_notice(&self, sid: &str) -> Result<()> {
        self.run("DELETE FROM logout_notices WHERE sid = ?1", [sid]).map(drop)
    }

    /// Records when a notice that did not arrive is tried again.
    pub fn postpone_logout_notice(&self, sid: &str, next_at: Timestamp) -> Result<()> {
        self.run("UPDATE logout_notices SET next_at = ?2 WHERE sid = ?1", (sid, next_at)).map(drop)
    }
}
