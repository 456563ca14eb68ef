//! Principals and rights.
//!
//! A route declares the right that it needs. It is judged when the request arrives, and again inside the transaction that uses
//! it: between the two a session may end, a key be deleted, a role be taken away.

use super::access::SamlAccess;
use super::ids::{KeyId, OrganisationId, SessionId, SetupLinkId, WorkspaceId};
use super::key::{Key, Scope};
use super::method::Method;
use super::person::Role;
use super::phrase::{Phrase, phrase};
use super::session::{Seat, SecretDigest, SignedIn};
use super::setup_link::SetupLink;
use super::{Error, Result};

/// The principal, by its id in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person, by a session while it has this secret.
    Session(SessionId, SecretDigest),
    /// A program, by an API key.
    Key(KeyId),
    /// Somebody with a set-up link.
    SetupLink(SetupLinkId),
    /// Somebody with a shell on the machine.
    CommandLine,
    /// Somebody who proves who they are inside the transaction: by a password, a one-time link, a ticket, a session to be ended.
    SignIn,
    /// The first person of an appliance without people, who proves the set-up link inside the transaction.
    FirstRun,
    /// The appliance itself: background work, and notes of what it saw.
    Job,
}

/// The kind of right that an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Any live session or key.
    Anybody,
    /// A person with a session.
    Person,
    /// A person who gave their own password in this session.
    OwnSettings,
    /// An operator.
    Operator,
    /// An operator with a session: no key gives what this gives.
    OperatorInPerson,
    /// Somebody to whom the organisation is open.
    Member,
    /// An admin of the organisation, or an operator.
    OrganisationAdmin,
    /// The same with a session: no key gives what this gives.
    OrganisationAdminInPerson,
    /// Somebody to whom the workspace is open.
    WorkspaceMember,
    /// An Admin of the workspace, an admin of its organisation, or an operator.
    WorkspaceAdmin,
    /// Somebody with a set-up link of the organisation.
    SetupLink,
}

/// Where a right holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the appliance as a whole.
    Appliance,
    /// In this organisation.
    Organisation(OrganisationId),
    /// In this workspace of this organisation.
    Workspace(WorkspaceId, OrganisationId),
}

/// A right that an operation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// Its kind.
    pub need: Need,
    /// Where it holds.
    pub place: Place,
    /// The scope that an organisation's API key needs; `None` where the operation is not for such keys.
    pub scope: Option<Scope>,
    /// True if the organisation's plan must have SSO.
    pub sso_plan: bool,
    /// The greatest age of the grant by which a person acts, in seconds; `None` where its age does not matter.
    pub fresh_secs: Option<i64>,
}

impl Right {
    /// A right without further conditions, by its kind and place.
    pub const fn of(need: Need, place: Place) -> Self {
        Self { need, place, scope: None, sso_plan: false, fresh_secs: None }
    }

    /// The organisation that it is about, if it is about one.
    pub const fn organisation(&self) -> Option<&OrganisationId> {
        match &self.place {
            Place::Appliance => None,
            Place::Organisation(organisation) | Place::Workspace(_, organisation) => Some(organisation),
        }
    }
}

/// A principal and the right by which they act: what a transaction that writes is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub principal: Principal,
    /// The right that it uses.
    pub right: Right,
}

impl Claim {
    const fn of(principal: Principal) -> Self {
        Self { principal, right: Right::of(Need::Anybody, Place::Appliance) }
    }

    /// Somebody with a shell on the machine.
    pub const fn command_line() -> Self {
        Self::of(Principal::CommandLine)
    }

    /// Somebody who proves who they are inside the transaction.
    pub const fn sign_in() -> Self {
        Self::of(Principal::SignIn)
    }

    /// The first person of an appliance without people.
    pub const fn first_run() -> Self {
        Self::of(Principal::FirstRun)
    }

    /// The appliance itself.
    pub const fn job() -> Self {
        Self::of(Principal::Job)
    }
}

/// A right as it was found to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// A member's or a person's own.
    Member,
    /// An organisation admin's, by their own place.
    Admin,
    /// That of an organisation's API key, as far as its scopes go; less than an organisation admin's.
    Key,
    /// That of a set-up link.
    SetupLink,
    /// An operator's, of the command line, or of the appliance itself.
    Operator,
}

impl Granted {
    /// True if it reaches beyond one's own workspaces.
    pub const fn manages(self) -> bool {
        matches!(self, Self::Admin | Self::Key | Self::Operator)
    }

    /// True if it is enough to make organisation admins.
    pub const fn makes_admins(self) -> bool {
        matches!(self, Self::Admin | Self::Operator)
    }
}

/// The principal, as the database has it at this moment.
#[derive(Debug, Clone)]
pub enum Asking {
    /// A person with a session.
    Person(Box<SignedIn>),
    /// A program with a key.
    Key(Key),
    /// Somebody with a set-up link that is live.
    SetupLink(SetupLink),
}

impl Asking {
    /// The id to find them again.
    pub fn principal(&self) -> Principal {
        match self {
            Self::Person(person) => Principal::Session(person.session.id.clone(), person.session.digest.clone()),
            Self::Key(key) => Principal::Key(key.id.clone()),
            Self::SetupLink(link) => Principal::SetupLink(link.id.clone()),
        }
    }

    /// The person, where it is one.
    pub fn person(&self) -> Option<&SignedIn> {
        match self {
            Self::Person(person) => Some(person),
            Self::Key(_) | Self::SetupLink(_) => None,
        }
    }

    /// True if they have an operator's rights now.
    pub fn is_operator(&self) -> bool {
        match self {
            Self::Person(person) => person.is_operator(),
            Self::Key(key) => key.organisation.is_none(),
            Self::SetupLink(_) => false,
        }
    }

    /// Judges a right. `role`: the person's role in the workspace that the right is about.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound` for what belongs to another tenant; `Reauthenticate` when the grant is too old.
    pub fn judge(&self, right: &Right, role: Option<Role>) -> Result<Granted> {
        match self {
            Self::Person(person) => {
                let granted = of_person(person, right, role)?;
                fresh(person, right, granted)?;
                Ok(granted)
            }
            Self::Key(key) => of_key(key, right),
            Self::SetupLink(link)
                if right.need == Need::SetupLink && right.organisation() == Some(&link.organisation) =>
            {
                Ok(Granted::SetupLink)
            }
            Self::SetupLink(_) => Err(Error::forbidden(phrase!("set-up-link-limited"))),
        }
    }
}

fn of_person(person: &SignedIn, right: &Right, role: Option<Role>) -> Result<Granted> {
    match (right.need, &right.place) {
        (Need::Anybody | Need::Operator | Need::OperatorInPerson, _) if person.is_operator() => Ok(Granted::Operator),
        (Need::Anybody | Need::Person, _) => Ok(Granted::Member),
        (Need::OwnSettings, _) => person.own_settings().map(|()| Granted::Member),
        (Need::Operator | Need::OperatorInPerson, _) => Err(operators_only()),
        (Need::SetupLink, _) => Err(Error::forbidden(phrase!("set-up-link-needed"))),
        (Need::Member, Place::Organisation(organisation)) => in_organisation(person, organisation),
        (Need::OrganisationAdmin | Need::OrganisationAdminInPerson, Place::Organisation(organisation)) => {
            managing(in_organisation(person, organisation)?, phrase!("organisation-admins-only"))
        }
        (need, Place::Workspace(_, organisation)) => in_workspace(person, organisation, role, need),
        (_, Place::Appliance | Place::Organisation(_)) => {
            Err(Error::internal("a right was asked for in the wrong place"))
        }
    }
}

fn operators_only() -> Error {
    Error::forbidden(phrase!("operators-only"))
}

fn managing(granted: Granted, message: Phrase) -> Result<Granted> {
    if granted.manages() { Ok(granted) } else { Err(Error::forbidden(message)) }
}

fn in_organisation(person: &SignedIn, organisation: &OrganisationId) -> Result<Granted> {
    match person.open_seat(organisation).map(|seat| seat.standing.admin) {
        Some(true) => Ok(Granted::Admin),
        _ if person.is_operator() => Ok(Granted::Operator),
        Some(false) => Ok(Granted::Member),
        None => {
            let mut seats = person.seats.iter();
            let seen = seats.find(|seat| seat.organisation.id == *organisation && person.sees(seat));
            Err(closed(seen.ok_or_else(|| Error::NotFound(phrase!("organisation-not-found")))?))
        }
    }
}

fn closed(seat: &Seat) -> Error {
    let door = seat.organisation.door();
    let message = match door.saml() {
        SamlAccess::Yes => phrase!("another-method-sso"),
        _ if door.password(seat.standing) => phrase!("another-method-password"),
        _ => phrase!("another-method-none"),
    };
    Error::Closed { organisation: seat.organisation.id.to_string(), message }
}

/// A workspace that a member is not in is as unknown to them as one of another tenant.
fn in_workspace(person: &SignedIn, organisation: &OrganisationId, role: Option<Role>, need: Need) -> Result<Granted> {
    let unknown = || Error::NotFound(phrase!("workspace-not-found"));
    let granted = in_organisation(person, organisation).map_err(|refusal| match refusal {
        Error::NotFound(_) => unknown(),
        other => other,
    })?;
    if granted.manages() {
        return Ok(granted);
    }
    match (role.ok_or_else(unknown)?, need) {
        (_, Need::WorkspaceMember) | (Role::Admin, Need::WorkspaceAdmin) => Ok(granted),
        (_, Need::WorkspaceAdmin) => Err(Error::forbidden(phrase!("workspace-admins-only"))),
        _ => managing(granted, phrase!("organisation-admins-only")),
    }
}

/// How far a grant may be in the future, in seconds: the clock was set back a little since it was made.
const MOST_FUTURE_SECS: i64 = 60;

/// The age of a grant matters where it is the one that a sensitive action is done by.
fn fresh(person: &SignedIn, right: &Right, granted: Granted) -> Result<()> {
    let Some(fresh_secs) = right.fresh_secs else { return Ok(()) };
    let seat = right.organisation().filter(|_| granted != Granted::Operator).and_then(|id| person.open_seat(id));
    let (proved_at, methods) = match seat {
        Some(seat) => (person.newest_grant(seat), person.ways_to_prove(seat)),
        None => (person.session.password_at, vec![Method::Password]),
    };
    if proved_at.is_some_and(|at| (-MOST_FUTURE_SECS..fresh_secs).contains(&(person.now.0 - at.0))) {
        return Ok(());
    }
    Err(Error::Reauthenticate { methods })
}

fn of_key(key: &Key, right: &Right) -> Result<Granted> {
    let Some(own) = &key.organisation else {
        let for_people = [Need::Person, Need::OwnSettings, Need::OperatorInPerson, Need::OrganisationAdminInPerson];
        return if for_people.contains(&right.need) || right.need == Need::SetupLink {
            Err(people_only())
        } else {
            Ok(Granted::Operator)
        };
    };
    match (right.need, right.organisation()) {
        (Need::Anybody, _) => return Ok(Granted::Key),
        (Need::Operator | Need::OperatorInPerson, _) => return Err(operators_only()),
        (_, Some(organisation)) if organisation != own => {
            let in_workspace = matches!(right.place, Place::Workspace(..));
            let what = if in_workspace { phrase!("workspace-not-found") } else { phrase!("organisation-not-found") };
            return Err(Error::NotFound(what));
        }
        _ => {}
    }
    match right.scope {
        Some(scope) if key.allows(own, scope) => Ok(Granted::Key),
        Some(scope) => {
            Err(Error::Forbidden { code: "scope_required", message: phrase!("scope-needed", scope = scope.as_str()) })
        }
        None => Err(people_only()),
    }
}

fn people_only() -> Error {
    Error::forbidden(phrase!("person-needed"))
}
