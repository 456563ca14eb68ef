//! Ends grants and sessions that a change has closed. A grant is open while the organisation's sign-in policy accepts
//! it, and a session ends with its last open grant. The writes of the store record whose grants they may have closed;
//! before the transaction is committed, the closed grants end, and so do the sessions without an open grant.

use super::db::Closed;
use super::{Db, Tx};
use crate::domain::access::{SamlAccess, SignInPolicy, Standing};
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::method::Method;
use crate::domain::organisation::Organisation;
use crate::domain::seal::digest;
use crate::domain::session::{Live, SignedIn};
use crate::domain::{Error, Result};
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

/// How long `ended_grants` are kept, in seconds.
const KNOWN_SECS: i64 = 7 * 24 * 3600;

impl Db<'_> {
    /// The organisations for which a session, which may have ended, had grants.
    pub fn once_opened(&self, token: &str) -> Result<Vec<Organisation>> {
        let sql =
            "SELECT g.organisation_id FROM grants g JOIN sessions s ON s.id = g.session_id WHERE s.token_hash = ?1
            UNION SELECT organisation_id FROM ended_grants WHERE token_hash = ?1";
        let ids: Vec<OrganisationId> = self.all(sql, [digest(token)], |row| row.get(0))?;
        ids.iter().map(|id| self.organisation(id.as_str())).collect()
    }
}

impl Tx<'_> {
    /// Records that an organisation's sign-in policy is about to change.
    pub(super) fn note_policy(&self, organisation: &OrganisationId) -> Result<()> {
        if !self.closed.borrow().organisations.contains_key(organisation) {
            let policy = self.organisation(organisation.as_str())?.sign_in_policy();
            self.closed.borrow_mut().organisations.insert(organisation.clone(), policy);
        }
        Ok(())
    }

    /// Records that a person's membership status in an organisation may have changed.
    pub(super) fn note_standing(&self, organisation: &OrganisationId, user: &UserId) {
        self.closed.borrow_mut().standings.insert((organisation.clone(), user.clone()));
    }

    /// Records that a person may have lost grants or a right.
    pub(super) fn note_person(&self, user: &UserId) {
        self.closed.borrow_mut().people.insert(user.clone());
    }

    /// Records that everyone with a grant for an organisation may lose it.
    pub(super) fn note_holders(&self, organisation: &OrganisationId) -> Result<()> {
        let sql = "SELECT DISTINCT s.user_id FROM grants g JOIN sessions s ON s.id = g.session_id
            WHERE g.organisation_id = ?1";
        let holders: Vec<UserId> = self.all(sql, [organisation], |row| row.get(0))?;
        self.closed.borrow_mut().people.extend(holders);
        Ok(())
    }

    /// Records that a person's levels in applications may have changed.
    pub(super) fn note_level(&self, user: &UserId) {
        self.closed.borrow_mut().levels.insert(user.clone());
    }

    /// Ends the grants that this transaction has closed, so that a later switch cannot reopen them, and the sessions
    /// without an open grant.
    pub(super) fn end_closed(&self) -> Result<()> {
        let Closed { organisations, standings, mut people, levels } = self.closed.take();
        for (organisation, before) in &organisations {
            let policy = self.find_policy(organisation)?.filter(|after| after != before);
            people.extend(
                policy.map(|policy| self.end_closed_grants(organisation, policy)).transpose()?.unwrap_or_default(),
            );
        }
        for (organisation, user) in standings {
            self.end_closed_grants_of(&organisation, &user)?;
            people.insert(user);
        }
        people.iter().try_for_each(|user| self.end_closed_sessions(user))?;
        levels.iter().try_for_each(|user| self.end_client_sessions_without_level(user))
    }

    /// An organisation's current sign-in policy; `None` if the organisation, and so its grants, was deleted in this
    /// transaction.
    fn find_policy(&self, id: &OrganisationId) -> Result<Option<SignInPolicy>> {
        match self.organisation(id.as_str()) {
            Ok(organisation) => Ok(Some(organisation.sign_in_policy())),
            Err(Error::NotFound(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Ends the grants of a person for an organisation that its sign-in policy does not accept with the person's
    /// current membership status.
    fn end_closed_grants_of(&self, id: &OrganisationId, user: &UserId) -> Result<()> {
        let (Some(policy), Some(standing)) = (self.find_policy(id)?, self.find_standing(id, user)?) else {
            return Ok(());
        };
        for method in Method::ALL.into_iter().filter(|method| !policy.opens(*method, standing)) {
            if policy.saml() == SamlAccess::Yes {
                self.keep_ended_grants(id, method, standing, Some(user))?;
            }
            self.end_grants(id, method, standing, Some(user))?;
        }
        Ok(())
    }

    /// Ends the grants for an organisation that its sign-in policy does not accept; returns the people who held them.
    fn end_closed_grants(&self, id: &OrganisationId, policy: SignInPolicy) -> Result<HashSet<UserId>> {
        let mut held = HashSet::new();
        for method in Method::ALL {
            for standing in Standing::ALL.into_iter().filter(|standing| !policy.opens(method, *standing)) {
                if policy.saml() == SamlAccess::Yes {
                    self.keep_ended_grants(id, method, standing, None)?;
                }
                held.extend(self.end_grants(id, method, standing, None)?);
            }
        }
        Ok(held)
    }

    /// Deletes the records of grants that ended more than `KNOWN_SECS` ago.
    pub fn purge_ended_grants(&self) -> Result<()> {
        self.run("DELETE FROM ended_grants WHERE ended_at <= ?1", [self.now().plus(-KNOWN_SECS)]).map(drop)
    }

    /// Ends a person's sessions at applications, the codes with which others would begin, and the tokens of clients, because
    /// their password has changed.
    pub(super) fn end_application_access(&self, user: &UserId) -> Result<()> {
        for table in ["application_sessions", "application_codes"] {
            let sql = format!("DELETE FROM {table} WHERE session_id IN (SELECT id FROM sessions WHERE user_id = ?1)");
            self.run(&sql, [user])?;
        }
        self.end_tokens(user)
    }

    fn end_closed_sessions(&self, user: &UserId) -> Result<()> {
        let sessions = self.sessions(user)?;
        let Some(session) = sessions.first().cloned() else { return Ok(()) };
        let (user, seats, lives) = (self.user(user)?, self.seats(user)?, self.lives()?);
        let live = Live { user, session, seats, lives, details: OnceLock::new() };
        let person = SignedIn::new(Arc::new(live), self.now());
        let mut ended = sessions.iter().filter(|session| person.has_ended(session));
        ended.try_for_each(|session| self.delete_session(&person.user.id, &session.id))
    }
}
