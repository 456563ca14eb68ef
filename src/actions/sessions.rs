//! Starting, finding and ending sessions.

use super::mail::Outbox;
use super::{Author, Browser, Caller};
use crate::app::App;
use crate::domain::access::SamlAccess;
use crate::domain::audit::Event;
use crate::domain::ids::{OrganisationId, SessionId};
use crate::domain::lives::Lives;
use crate::domain::method::Method;
use crate::domain::organisation::Organisation;
use crate::domain::person::User;
use crate::domain::phrase::phrase;
use crate::domain::principal::{Claim, Need};
use crate::domain::seal::{digest, secret};
use crate::domain::session::{Grant, PartOfSession, Seat, Session, SignedIn};
use crate::domain::{Error, KnownBrowser, Listing, Page, Result, Timestamp};
use crate::store::Tx;

/// The access that a person gets by a sign-in.
#[derive(Debug)]
pub(super) struct Earned {
    /// When the person gave their own password, if they did.
    pub password_at: Option<Timestamp>,
    organisations: Vec<OrganisationId>,
    method: Method,
    at: Timestamp,
    /// When the access ends at the latest, if the identity provider says so.
    ends_at: Option<Timestamp>,
}

impl Earned {
    /// Access by the person's own password, given at `at`, to these organisations.
    pub fn by_password(organisations: impl IntoIterator<Item = OrganisationId>, at: Timestamp) -> Self {
        let organisations = organisations.into_iter().collect();
        Self { password_at: Some(at), organisations, method: Method::Password, at, ends_at: None }
    }

    /// Access to one organisation by a recovery code or link.
    pub fn by_recovery(organisation: OrganisationId, at: Timestamp) -> Self {
        let organisations = vec![organisation];
        Self { password_at: None, organisations, method: Method::Recovery, at, ends_at: None }
    }

    /// Access to one organisation through its identity provider, which may end it earlier than we would.
    pub fn by_saml(organisation: OrganisationId, ends_at: Option<Timestamp>, at: Timestamp) -> Self {
        Self { password_at: None, organisations: vec![organisation], method: Method::Saml, at, ends_at }
    }

    /// The organisation whose identity provider was used; `None` for other methods.
    fn through(&self) -> Option<&OrganisationId> {
        self.organisations.first().filter(|_| self.method == Method::Saml)
    }

    fn grants(&self, lives: Lives) -> Vec<Grant> {
        let latest = self.at.plus(lives.session_secs());
        let expires_at = self.ends_at.map_or(latest, |ends_at| ends_at.min(latest));
        let grant =
            |organisation| Grant { organisation, method: self.method, at: self.at, expires_at, ends_at: self.ends_at };
        self.organisations.iter().cloned().map(grant).collect()
    }
}

/// The outcome of a sign-in whose proof was accepted.
#[derive(Debug)]
pub enum SignIn {
    /// A session has begun.
    Begun(Box<Begun>),
    /// A second factor is missing.
    Pending {
        /// The factor.
        factor: Factor,
    },
}

impl SignIn {
    /// The session: every sign-in begins one, because there are no second factors yet.
    pub fn begun(&self) -> &Begun {
        match self {
            Self::Begun(begun) => begun,
            Self::Pending { factor } => match *factor {},
        }
    }
}

/// A second factor. There are none yet.
#[derive(Debug, Clone, Copy)]
pub enum Factor {}

/// A session that has begun.
#[derive(Debug)]
pub struct Begun {
    /// The session's secret, for the cookie.
    pub token: String,
    /// The session's id.
    pub session: SessionId,
    /// The session's owner.
    pub person: User,
    /// The browser's record of the people who signed in from it.
    pub known_browser: KnownBrowser,
}

/// Logs a password sign-in in each organisation to which it newly gives access, so that their admins see it; if there
/// are none, logs it outside of organisations.
pub(super) fn log_password(tx: &Tx, user: &User, opened: &[OrganisationId], browser: &Browser) -> Result<()> {
    let event = Event::new("session.password", "session", &user.id, &user.email);
    Author::person(user, &browser.address).log_in_each(tx, opened, &event)
}

/// The organisations among `open` for which the session has no live password grant yet.
pub(super) fn newly_opened(
    session: Option<&Session>,
    open: impl IntoIterator<Item = OrganisationId>,
    now: Timestamp,
) -> Vec<OrganisationId> {
    let by_password = |grant: &&Grant| grant.method == Method::Password && now < grant.expires_at;
    let has = |one: &OrganisationId| {
        session.is_some_and(|held| held.grants.iter().filter(by_password).any(|grant| grant.organisation == *one))
    };
    open.into_iter().filter(|one| !has(one)).collect()
}

/// Begins a session and ends the browser's old one. If the old session is the same person's, the new one takes over its
/// grants. If the person has too many sessions then, the least recently used ones end.
///
/// # Errors
/// `Forbidden` with code `disabled`: a disabled person gets no session, however they proved who they are.
pub(super) fn begin(tx: &Tx, outbox: &Outbox, user: &User, earned: Earned, browser: &Browser) -> Result<SignIn> {
    let now = tx.now();
    tx.user(&user.id)?.enabled()?;
    tx.purge_sessions()?;
    let (through, lives) = (earned.through().cloned(), tx.lives()?);
    let grants = earned.grants(lives);
    let mut known = browser.knows(&user.email, through.as_ref());
    let token = secret();
    let mut session = Session {
        id: SessionId::random(),
        digest: digest(&token),
        password_at: earned.password_at,
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(lives.session_secs()),
        address: browser.address.clone(),
        agent: browser.agent.clone(),
        grants: Vec::new(),
    };
    let old = browser.token.as_deref().map(|token| tx.find_session(token)).transpose()?.flatten();
    if let Some((_, old)) = old.as_ref().filter(|(owner, _)| *owner == user.id) {
        known |=
            old.password_at.is_some() || old.grants.iter().any(|grant| Some(&grant.organisation) == through.as_ref());
        session.password_at = session.password_at.or(old.password_at);
        session.grants.clone_from(&old.grants);
    }
    for grant in &grants {
        tx.set_last_sign_in(&grant.organisation, &user.id, grant.method)?;
    }
    // The first sign-in of a new account is not reported as an unknown browser.
    let first = tx.note_sign_in(&user.id)?;
    if !known && !first {
        outbox.tell_of_browser(tx, user, browser, through.as_ref())?;
    }
    tx.add_session(&user.id, &session)?;
    grants.iter().try_for_each(|grant| tx.set_grant(&session.id, grant))?;
    if let Some((owner, old)) = old {
        if owner == user.id {
            tx.move_answered_requests(&old.id, &session.id)?;
            tx.move_application_sessions(&old.id, &session.id)?;
            tx.move_client_sessions(&old.id, &session.id)?;
        }
        tx.delete_session(&owner, &old.id)?;
    }
    tx.end_oldest_sessions(&user.id, &session.id)?;
    let known_browser = match &through {
        Some(organisation) => browser.known.clone().with_through(&user.email, organisation),
        None => browser.known.clone().with(&user.email),
    };
    let person = user.clone();
    Ok(SignIn::Begun(Box::new(Begun { token, session: session.id, person, known_browser })))
}

/// The owner of the session with this secret, and the access that the session gives now.
///
/// # Errors
/// `SessionOver` when there is no such session, or when it no longer gives access to anything.
pub fn authenticate(app: &App, token: &str) -> Result<SignedIn> {
    if let Some(found) = app.store.signed_in(token)? {
        return Ok(found);
    }
    let once = app.store.read(|db| db.once_opened(token))?;
    Err(Error::SessionOver { portal_urls: portals(app, &once) })
}

/// As `authenticate`, but only from the in-memory cache; `None` where the database is needed.
pub fn known(app: &App, token: &str) -> Option<SignedIn> {
    app.store.known_signed_in(token)
}

/// As `authenticate`, for routes that are open to everybody: `None` if the session has ended.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn look(app: &App, token: &str) -> Result<Option<SignedIn>> {
    match authenticate(app, token) {
        Err(Error::SessionOver { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// The portal URLs of the organisations of these seats that use SAML.
pub(super) fn portal_urls<'a>(app: &App, seats: impl IntoIterator<Item = &'a Seat>) -> Vec<String> {
    portals(app, seats.into_iter().map(|seat| &seat.organisation))
}

fn portals<'a>(app: &App, organisations: impl IntoIterator<Item = &'a Organisation>) -> Vec<String> {
    let ready = organisations.into_iter().filter(|one| one.sign_in_policy().saml() == SamlAccess::Yes);
    ready.filter_map(|one| one.portal_key.as_deref()).map(|key| app.portal_url(key)).collect()
}

/// Signs out: deletes the session.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn sign_out(app: &App, browser: &Browser) -> Result<()> {
    let Some(token) = browser.token.clone() else { return Ok(()) };
    let address = browser.address.clone();
    app.write(&Claim::sign_in(), move |tx| {
        let Some((user, session)) = tx.find_session(&token)? else { return Ok(()) };
        end(tx, &tx.user(&user)?, &session.id, &address)
    })
}

/// Ends a session because its owner signs out.
pub(super) fn end(tx: &Tx, user: &User, session: &SessionId, address: &str) -> Result<()> {
    tx.delete_session(&user.id, session)?;
    let event = Event::new("session.ended", "session", session, &user.email);
    Author::person(user, address).log(tx, &event)
}

/// A page of a person's own live sessions, newest first, as far as the current session may show them.
///
/// # Errors
/// `Invalid` with field `cursor`; `Unavailable` when the database cannot be read.
pub fn own_sessions(app: &App, asking: &SignedIn, page: &Page) -> Result<Listing<PartOfSession>> {
    let sessions = app.store.read(|db| db.sessions(&asking.user.id))?;
    page.part_of(sessions.into_iter().filter_map(|session| asking.shown(session)).collect(), PartOfSession::position)
}

/// Ends all of a person's own sessions except the current one.
///
/// # Errors
/// `Forbidden` without a password grant.
pub fn end_other_sessions(app: &App, caller: &Caller, asking: &SignedIn) -> Result<()> {
    let (author, user, kept) = (caller.author.clone(), asking.user.clone(), asking.session.id.clone());
    app.write(&caller.claim, move |tx| {
        for session in tx.sessions(&user.id)?.iter().filter(|session| session.id != kept) {
            author.log(tx, &Event::new("session.ended", "session", &session.id, &user.email))?;
        }
        tx.delete_other_sessions(&user.id, Some(&kept))
    })
}

/// Ends one of a person's own sessions.
///
/// # Errors `NotFound` when the session is not theirs or is not shown to them; `Forbidden` when a session without a
/// password grant would end another session.
pub fn end_own_session(app: &App, caller: &Caller, asking: &SignedIn, id: SessionId) -> Result<()> {
    let found = app.store.read(|db| db.find_session_of_id(&id))?;
    if !found.is_some_and(|(owner, session)| owner == asking.user.id && asking.sees_session(&session)) {
        return Err(Error::NotFound(phrase!("session-not-found")));
    }
    let caller = if id == asking.session.id { caller.clone() } else { caller.clone().needing(Need::OwnSettings) };
    let (author, user) = (caller.author.clone(), asking.user.clone());
    app.write(&caller.claim, move |tx| {
        tx.delete_session(&user.id, &id)?;
        author.log(tx, &Event::new("session.ended", "session", &id, &user.email))
    })
}
