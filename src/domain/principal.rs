//! Principals and rights.
//!
//! A route declares the right that it needs. The right is judged when the request arrives, and again inside the
//! transaction that uses it, because a session may end, a key may be deleted or a role revoked in between.

use super::access::SamlAccess;
use super::ids::{ApplicationId, KeyId, OrganisationId, SessionId, SetupLinkId, WorkspaceId};
use super::key::{Key, Scope};
use super::method::Method;
use super::oidc_client::TokenAuth;
use super::person::Role;
use super::phrase::{Phrase, phrase};
use super::session::{Seat, SecretDigest, SignedIn};
use super::setup_link::SetupLink;
use super::{Error, Result};

/// The person or program that makes a request, by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person, by their session, as long as its secret has this digest.
    Session(SessionId, SecretDigest),
    /// A program, by an API key.
    Key(KeyId),
    /// The holder of a set-up link.
    SetupLink(SetupLinkId),
    /// A person with a shell on the machine.
    CommandLine,
    /// A person who proves their identity inside the transaction: by a password, a one-time link, a ticket, or a
    /// session that is to be ended.
    SignIn,
    /// An OpenID Connect client that has proved its identity by this method, as long as it uses this method and its secret
    /// has this digest; without a digest for a client that has no secret.
    Client(ApplicationId, TokenAuth, Option<SecretDigest>),
    /// The first person of an empty appliance, whose set-up link is checked inside the transaction.
    FirstRun,
    /// The appliance itself, for background work and for records of its observations.
    Job,
}

/// The kind of right that an operation needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Any valid session or key.
    Anybody,
    /// A person with a session.
    Person,
    /// A person who gave their own password in this session.
    OwnSettings,
    /// An operator.
    Operator,
    /// An operator with a session; a key is not enough.
    OperatorInPerson,
    /// A principal with access to the organisation.
    Member,
    /// An admin of the organisation, or an operator.
    OrganisationAdmin,
    /// An admin of the organisation, or an operator, with a session; a key is not enough.
    OrganisationAdminInPerson,
    /// A principal with access to the workspace.
    WorkspaceMember,
    /// An Admin of the workspace, an admin of its organisation, or an operator.
    WorkspaceAdmin,
    /// The holder of a set-up link of the organisation.
    SetupLink,
}

/// The object to which a right applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The appliance as a whole.
    Appliance,
    /// This organisation.
    Organisation(OrganisationId),
    /// This workspace of this organisation.
    Workspace(WorkspaceId, OrganisationId),
}

/// A right that an operation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// The kind of right.
    pub need: Need,
    /// The object to which it applies.
    pub place: Place,
    /// The scope that an organisation's API key needs; `None` if the operation is not for such keys.
    pub scope: Option<Scope>,
    /// True if the organisation's plan must have SSO.
    pub sso_plan: bool,
    /// The maximum age of the grant by which a person acts, in seconds; `None` for any age.
    pub fresh_secs: Option<i64>,
}

impl Right {
    /// A right without further conditions, of this kind and for this object.
    pub const fn of(need: Need, place: Place) -> Self {
        Self { need, place, scope: None, sso_plan: false, fresh_secs: None }
    }

    /// The organisation to which the right applies, or which has the workspace to which it applies; `None` for the
    /// appliance.
    pub const fn organisation(&self) -> Option<&OrganisationId> {
        match &self.place {
            Place::Appliance => None,
            Place::Organisation(organisation) | Place::Workspace(_, organisation) => Some(organisation),
        }
    }
}

/// A principal and the right by which they act. Every transaction that writes begins by judging a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The principal.
    pub principal: Principal,
    /// The right that it uses.
    pub right: Right,
}

impl Claim {
    const fn of(principal: Principal) -> Self {
        Self { principal, right: Right::of(Need::Anybody, Place::Appliance) }
    }

    /// The claim of a person with a shell on the machine.
    pub const fn command_line() -> Self {
        Self::of(Principal::CommandLine)
    }

    /// The claim of a person who proves their identity inside the transaction.
    pub const fn sign_in() -> Self {
        Self::of(Principal::SignIn)
    }

    /// The claim of a person by their session.
    pub fn of_person(person: &SignedIn) -> Self {
        let principal = Principal::Session(person.session.id.clone(), person.session.digest.clone());
        Self { principal, right: Right::of(Need::Person, Place::Appliance) }
    }

    /// The claim of an OpenID Connect client. `digest`: of the secret that it has presented; `None` for a client without
    /// secrets.
    pub const fn of_client(client: ApplicationId, method: TokenAuth, digest: Option<SecretDigest>) -> Self {
        Self::of(Principal::Client(client, method, digest))
    }

    /// The claim of the first person of an empty appliance.
    pub const fn first_run() -> Self {
        Self::of(Principal::FirstRun)
    }

    /// The claim of the appliance itself.
    pub const fn job() -> Self {
        Self::of(Principal::Job)
    }
}

/// The kind of right that a principal was found to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// The right of a member, or of a person over their own data.
    Member,
    /// The right of an organisation admin, by their own role.
    Admin,
    /// The right of an organisation's API key, within its scopes; less than that of an organisation admin.
    Key,
    /// The right of a set-up link.
    SetupLink,
    /// The right of an operator, of the command line, or of the appliance itself.
    Operator,
}

impl Granted {
    /// True if it extends beyond the principal's own workspaces.
    pub const fn manages(self) -> bool {
        matches!(self, Self::Admin | Self::Key | Self::Operator)
    }

    /// True if it is enough to make organisation admins.
    pub const fn makes_admins(self) -> bool {
        matches!(self, Self::Admin | Self::Operator)
    }
}

/// The principal, with its current record in the database.
#[derive(Debug, Clone)]
pub enum Asking {
    /// A person with a session.
    Person(Box<SignedIn>),
    /// A program with a key.
    Key(Key),
    /// The holder of a valid set-up link.
    SetupLink(SetupLink),
}

impl Asking {
    /// The principal by id.
    pub fn principal(&self) -> Principal {
        match self {
            Self::Person(person) => Principal::Session(person.session.id.clone(), person.session.digest.clone()),
            Self::Key(key) => Principal::Key(key.id.clone()),
            Self::SetupLink(link) => Principal::SetupLink(link.id.clone()),
        }
    }

    /// The person, if the principal is one.
    pub fn person(&self) -> Option<&SignedIn> {
        match self {
            Self::Person(person) => Some(person),
            Self::Key(_) | Self::SetupLink(_) => None,
        }
    }

    /// True if the principal has an operator's rights now.
    pub fn is_operator(&self) -> bool {
        match self {
            Self::Person(person) => person.is_operator(),
            Self::Key(key) => key.organisation.is_none(),
            Self::SetupLink(_) => false,
        }
    }

    /// Judges a right. `role`: the person's role in the workspace for which it is needed.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound` for a resource of another tenant; `Reauthenticate` when the grant is too old.
    pub fn judge(&self, right: &Right, role: Option<&Role>) -> Result<Granted> {
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

fn of_person(person: &SignedIn, right: &Right, role: Option<&Role>) -> Result<Granted> {
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
    let policy = seat.organisation.sign_in_policy();
    let message = match policy.saml() {
        SamlAccess::Yes => phrase!("another-method-sso"),
        _ if policy.password(seat.standing) => phrase!("another-method-password"),
        _ => phrase!("another-method-none"),
    };
    Error::Closed { organisation: seat.organisation.id.to_string(), message }
}

/// Judges a right in a workspace. A person without access to the workspace gets the same `NotFound` as for a workspace of
/// another tenant.
fn in_workspace(person: &SignedIn, organisation: &OrganisationId, role: Option<&Role>, need: Need) -> Result<Granted> {
    let unknown = || Error::NotFound(phrase!("workspace-not-found"));
    let granted = in_organisation(person, organisation).map_err(|refusal| match refusal {
        Error::NotFound(_) => unknown(),
        other => other,
    })?;
    if granted.manages() {
        return Ok(granted);
    }
    // A custom role gives levels in applications, and never the right to manage members or settings.
    match (role.ok_or_else(unknown)?, need) {
        (_, Need::WorkspaceMember) | (Role::Admin, Need::WorkspaceAdmin) => Ok(granted),
        (_, Need::WorkspaceAdmin) => Err(Error::forbidden(phrase!("workspace-admins-only"))),
        _ => managing(granted, phrase!("organisation-admins-only")),
    }
}

/// The maximum time by which a grant may be in the future, in seconds: the clock may have been set back a little since.
const MOST_FUTURE_SECS: i64 = 60;

/// Checks the age of the grant that a sensitive action relies on.
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
