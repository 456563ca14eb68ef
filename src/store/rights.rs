//! Checks rights against the current state of the database.

use super::{Db, Tx};
use crate::domain::application::Opening;
use crate::domain::ids::{ApplicationId, SessionId, UserId};
use crate::domain::oidc_client::TokenAuth;
use crate::domain::person::Role;
use crate::domain::phrase::phrase;
use crate::domain::principal::{Asking, Claim, Granted, Place, Principal, Right};
use crate::domain::session::{Live, SecretDigest, Session, SignedIn};
use crate::domain::setup_link;
use crate::domain::{Error, Result};
use std::sync::{Arc, OnceLock};

impl Db<'_> {
    /// The person who holds the live session with this secret, if any.
    pub fn signed_in(&self, token: &str) -> Result<Option<SignedIn>> {
        Ok(self.person_of(self.find_session(token)?)?.filter(|person| !person.is_over()))
    }

    /// The person who holds the session at an application with this secret, and the application.
    pub fn find_application_session(&self, token: &str) -> Result<Option<(SignedIn, Opening)>> {
        let Some((session, application, host)) = self.find_application_session_row(token)? else { return Ok(None) };
        let found = self.person_of(self.find_session_of_id(&session)?)?;
        let Some(person) = found.filter(|person| !person.is_over()) else { return Ok(None) };
        let role = self.find_application_role(&application, &person.user.id)?;
        Ok(Some((person, Opening { application, host, role })))
    }

    /// The person who holds the live session with this id.
    pub fn signed_in_by_id(&self, session: &SessionId) -> Result<Option<SignedIn>> {
        Ok(self.person_of(self.find_session_of_id(session)?)?.filter(|person| !person.is_over()))
    }

    /// The person who holds a session, with all data for checking it; `None` if there is no session.
    fn person_of(&self, found: Option<(UserId, Session)>) -> Result<Option<SignedIn>> {
        let Some((user, session)) = found else { return Ok(None) };
        let (user, seats, lives) = (self.user(&user)?, self.seats(&user)?, self.lives()?);
        let live = Live { user, session, seats, lives, details: OnceLock::new() };
        Ok(Some(SignedIn::new(Arc::new(live), self.now())))
    }

    /// The role of a person in the workspace that a right is about.
    pub fn role_of(&self, asking: &Asking, right: &Right) -> Result<Option<Role>> {
        match (&right.place, asking.person()) {
            (Place::Workspace(workspace, _), Some(person)) => self.find_role(workspace, &person.user.id),
            _ => Ok(None),
        }
    }

    /// Checks a right of a principal that was just read from the database. `role`: the result of `role_of`.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound` for a resource of another tenant; `Reauthenticate` when the grant is too old.
    pub fn judge(&self, asking: &Asking, right: &Right, role: Option<&Role>) -> Result<Granted> {
        let granted = asking.judge(right, role)?;
        if let Asking::SetupLink(link) = asking {
            link.opens(&self.organisation(link.organisation.as_str())?, self.now())?;
        }
        if let Some(organisation) = right.organisation().filter(|_| right.sso_plan) {
            self.organisation(organisation.as_str())?.sso_in_plan()?;
        }
        Ok(granted)
    }

    /// Checks again a claim that was granted before: that the session, key or link still exists and still has the
    /// right.
    ///
    /// # Errors
    /// `SessionOver` or `Refused` when the principal no longer exists; the errors of `judge` when the right was lost.
    pub fn judge_again(&self, claim: &Claim) -> Result<Granted> {
        match &claim.principal {
            Principal::CommandLine | Principal::Job => return Ok(Granted::Operator),
            Principal::SignIn => return Ok(Granted::Member),
            Principal::Client(client, method, digest) => {
                return self.judge_client(client, *method, digest.as_ref()).map(|()| Granted::Member);
            }
            Principal::FirstRun if self.is_empty()? => return Ok(Granted::Operator),
            Principal::FirstRun => return Err(Error::NotFound(phrase!("set-up-link-not-found"))),
            Principal::Session(..) | Principal::Key(_) | Principal::SetupLink(_) => {}
        }
        if let Place::Workspace(workspace, _) = &claim.right.place {
            self.workspace(workspace)?;
        }
        let asking = self.asking(claim)?;
        let role = self.role_of(&asking, &claim.right)?;
        self.judge(&asking, &claim.right, role.as_ref())
    }

    /// Checks again how a client has proved its identity.
    fn judge_client(&self, id: &ApplicationId, method: TokenAuth, digest: Option<&SecretDigest>) -> Result<()> {
        let client = match self.oidc_client(id) {
            Err(Error::NotFound(_)) => return Err(Error::unauthorized()),
            found => found?,
        };
        let has_proof = match digest {
            Some(digest) => client.digests.contains(digest),
            None => method == TokenAuth::None,
        };
        if has_proof && client.client.token_auth == method { Ok(()) } else { Err(Error::unauthorized()) }
    }

    /// The principal of a claim, as it is in the database now.
    ///
    /// # Errors
    /// `SessionOver` when their session has ended; `Refused` when their key or link is gone.
    pub fn asking(&self, claim: &Claim) -> Result<Asking> {
        let found = match &claim.principal {
            Principal::Session(id, digest) => {
                let live = self.find_session_of_id(id)?;
                // A different secret means that the person has entered or changed their password since: the old secret
                // is no longer valid.
                let same = live.filter(|(_, session)| session.digest == *digest);
                let person = self.person_of(same)?.filter(|person| !person.is_over());
                Some(Asking::Person(Box::new(person.ok_or_else(Error::session_over)?)))
            }
            Principal::Key(id) => self.find_key_of_id(id)?.map(Asking::Key),
            Principal::SetupLink(id) => match claim.right.organisation() {
                Some(organisation) => {
                    let link = self.setup_link(organisation, id).map_err(|_| setup_link::gone())?;
                    Some(Asking::SetupLink(link))
                }
                None => None,
            },
            Principal::CommandLine
            | Principal::SignIn
            | Principal::Client(..)
            | Principal::FirstRun
            | Principal::Job => None,
        };
        found.ok_or_else(Error::unauthorized)
    }
}

impl Tx<'_> {
    /// The right with which this transaction writes.
    pub const fn granted(&self) -> Granted {
        self.granted
    }
}
