//! Who may: the extractors that stand before every handler. What opens an organisation is `domain/access.rs`.

use super::blocking::blocking;
use super::{cookies, origin, security};
use crate::actions::{Browser, Caller, connection, keys, sessions, setup_links};
use crate::app::App;
use crate::domain::access::SamlAccess;
use crate::domain::audit::Actor;
use crate::domain::ids::{OrganisationId, WorkspaceId};
use crate::domain::key::{Key, Scope};
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::person::{Role, User};
use crate::domain::session::SignedIn;
use crate::domain::setup_link::SetupLink;
use crate::domain::{Error, Result};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use std::future::Future;
use std::pin::Pin;

/// Makes an extractor of each type by its `of`.
macro_rules! extractors {
    ($($guard:ty)*) => {$(
        impl FromRequest for $guard {
            type Error = Error;
            type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move { Self::of(&request).await })
            }
        }
    )*};
}

extractors! { Asking Person Operator Anybody Member OrganisationAdmin SsoAdmin WorkspaceMember WorkspaceAdmin Bearer }

fn app(request: &HttpRequest) -> Result<Data<App>> {
    request.app_data::<Data<App>>().cloned().ok_or_else(|| Error::internal("no app in the request"))
}

/// What stands behind the scheme in the header.
fn authorization(request: &HttpRequest, scheme: &str) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    header.strip_prefix(scheme).map(ToOwned::to_owned)
}

/// Who asks: a person with a session, or a program with a key.
#[derive(Clone)]
enum Principal {
    Person(Box<SignedIn>),
    Key(Key),
}

/// What somebody may do in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// What its members may.
    Member,
    /// What its admins may, by their own place.
    Admin,
    /// What the scopes of its API key say, which are judged already; never more than its admins.
    Key,
    /// What its admins may, by running the appliance.
    Operator,
}

impl Right {
    /// Whether it reaches beyond one's own places.
    pub fn manages(self) -> bool {
        self != Self::Member
    }

    /// Whether it reaches to making organisation admins.
    pub fn makes_admins(self) -> bool {
        matches!(self, Self::Admin | Self::Operator)
    }
}

/// What a key needs for this request; `None` where no scope is enough.
fn scope_needed(request: &HttpRequest) -> Option<Scope> {
    scope_of(request.method(), &request.match_pattern().unwrap_or_default())
}

/// The same by method and pattern of the address.
pub fn scope_of(method: &Method, pattern: &str) -> Option<Scope> {
    let in_path = |part: &str| pattern.contains(part);
    match *method {
        // Who may come in, and with what, is for people to know.
        _ if in_path("/keys") => None,
        Method::GET | Method::HEAD => Some(Scope::Read),
        _ if in_path("/sso") => Some(Scope::ManageSso),
        _ if in_path("/members") || in_path("/invitations") => Some(Scope::ManageMembers),
        _ => None,
    }
}

impl Principal {
    async fn of(request: &HttpRequest) -> Result<Option<Self>> {
        let found = Self::find(request).await?;
        if let Some(principal) = &found {
            security::keep_actor(request, principal.actor(Right::Member));
        }
        Ok(found)
    }

    async fn find(request: &HttpRequest) -> Result<Option<Self>> {
        let app = app(request)?;
        if request.headers().contains_key(AUTHORIZATION) {
            let secret = authorization(request, "Bearer ").unwrap_or_default();
            let key = blocking(&app, move |app| keys::authenticate(app, &secret)).await?;
            let unknown = || Error::Refused { code: "unauthorized", message: "This API key is not known.".into() };
            return key.map(Self::Key).map(Some).ok_or_else(unknown);
        }
        let Some(token) = cookies::session_of(&app, request) else { return Ok(None) };
        let found = blocking(&app, move |app| sessions::authenticate(app, &token)).await?;
        Ok(found.map(|signed_in| Self::Person(Box::new(signed_in))))
    }

    async fn required(request: &HttpRequest) -> Result<Self> {
        Self::of(request).await?.ok_or_else(Error::unauthorized)
    }

    fn is_operator(&self) -> bool {
        match self {
            Self::Person(asking) => asking.is_operator(),
            Self::Key(key) => key.organisation.is_none(),
        }
    }

    /// The right in an organisation.
    ///
    /// # Errors
    /// `NotFound` when it is another tenant's; `Forbidden` when it is their own, and closed to this session or beyond the
    /// key's scopes.
    fn right(&self, organisation: &OrganisationId, request: &HttpRequest) -> Result<Right> {
        let asking = match self {
            Self::Key(key) => return key_right(key, organisation, request),
            Self::Person(asking) => asking,
        };
        let own = asking.open_seat(organisation).map(|seat| seat.standing.admin);
        match own {
            Some(true) => Ok(Right::Admin),
            _ if asking.is_operator() => Ok(Right::Operator),
            Some(false) => Ok(Right::Member),
            None => {
                let mut seats = asking.seats.iter();
                let seen = seats.find(|seat| seat.organisation.id == *organisation && asking.sees(seat));
                let door = seen.ok_or_else(|| Error::not_found("Organisation"))?.organisation.door();
                let how = match door.saml() {
                    SamlAccess::Yes => "through its SSO portal",
                    _ => "again with your password",
                };
                let message = format!("This organisation is closed to your session. Sign in {how}.");
                Err(Error::Forbidden { code: "sso_required", message })
            }
        }
    }

    fn caller(&self, request: &HttpRequest, right: Right) -> Result<Caller> {
        let address = origin::client_address(&app(request)?.config, request);
        Ok(Caller { actor: self.actor(right), address })
    }

    fn actor(&self, right: Right) -> Actor {
        match (self, right) {
            (Self::Key(key), _) => Actor::Key { id: key.id.clone(), name: key.name.clone() },
            (Self::Person(asking), Right::Operator) => {
                Actor::Operator { id: asking.user.id.clone(), email: asking.user.email.to_string() }
            }
            (Self::Person(asking), _) => {
                Actor::Person { id: asking.user.id.clone(), email: asking.user.email.to_string() }
            }
        }
    }

    fn asking(self) -> Option<SignedIn> {
        match self {
            Self::Person(asking) => Some(*asking),
            Self::Key(_) => None,
        }
    }
}

fn key_right(key: &Key, organisation: &OrganisationId, request: &HttpRequest) -> Result<Right> {
    match &key.organisation {
        None => Ok(Right::Operator),
        Some(own) if own != organisation => Err(Error::not_found("Organisation")),
        Some(_) => match scope_needed(request) {
            Some(scope) if key.allows(organisation, scope) => Ok(Right::Key),
            Some(scope) => Err(Error::Forbidden {
                code: "scope_required",
                message: format!("This key has not the scope {}. Make one that has.", scope.as_str()),
            }),
            None => Err(Error::forbidden("This is for people, not for API keys.")),
        },
    }
}

/// The browser behind the request.
pub struct FromBrowser(pub Browser);

impl FromRequest for FromBrowser {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(app(request).map(|app| Self(cookies::browser(&app, request))))
    }
}

/// Whoever is signed in, if anybody.
pub struct Asking(pub Option<SignedIn>);

impl Asking {
    async fn of(request: &HttpRequest) -> Result<Self> {
        Ok(Self(Principal::of(request).await?.and_then(Principal::asking)))
    }
}

/// A person with a session.
pub struct Person {
    /// Their session.
    pub asking: SignedIn,
    /// Them, for the audit log.
    pub caller: Caller,
}

impl Person {
    async fn of(request: &HttpRequest) -> Result<Self> {
        let principal = Principal::required(request).await?;
        let caller = principal.caller(request, Right::Member)?;
        let asking = principal.asking().ok_or_else(|| Error::forbidden("This is for people, not for API keys."))?;
        Ok(Self { asking, caller })
    }
}

/// Somebody who runs the appliance.
pub struct Operator {
    /// Them, for the audit log.
    pub caller: Caller,
}

impl Operator {
    async fn of(request: &HttpRequest) -> Result<Self> {
        let principal = Principal::required(request).await?;
        if !principal.is_operator() {
            return Err(Error::forbidden("This is for operators, signed in with their password."));
        }
        Ok(Self { caller: principal.caller(request, Right::Operator)? })
    }
}

/// Anybody signed in: the operators' view of all, or a person's view of their own.
pub enum Anybody {
    /// An operator.
    Operator,
    /// A person, of their own.
    Person(Box<SignedIn>),
    /// A key, of its organisation.
    Key(OrganisationId),
}

impl Anybody {
    async fn of(request: &HttpRequest) -> Result<Self> {
        Ok(match Principal::required(request).await? {
            Principal::Person(asking) if !asking.is_operator() => Self::Person(asking),
            Principal::Key(Key { organisation: Some(organisation), .. }) => Self::Key(organisation),
            _ => Self::Operator,
        })
    }
}

/// Somebody to whom the organisation `{org}` of the path is open.
pub struct Member {
    /// The organisation.
    pub organisation: Organisation,
    /// What they may.
    pub right: Right,
    /// Them, for the audit log.
    pub caller: Caller,
    /// The person, where it is one.
    pub user: Option<User>,
}

impl Member {
    async fn of(request: &HttpRequest) -> Result<Self> {
        let principal = Principal::required(request).await?;
        let name = request.match_info().get("org").unwrap_or_default().to_owned();
        let organisation = blocking(&app(request)?, move |app| app.store.read(|db| db.organisation(&name))).await?;
        let right = principal.right(&organisation.id, request)?;
        let caller = principal.caller(request, right)?;
        Ok(Self { organisation, right, caller, user: principal.asking().map(|asking| asking.user) })
    }
}

/// An admin of the organisation `{org}` of the path, or an operator.
pub struct OrganisationAdmin(pub Member);

impl OrganisationAdmin {
    async fn of(request: &HttpRequest) -> Result<Self> {
        let member = Member::of(request).await?;
        if member.right.manages() { Ok(Self(member)) } else { Err(admins_only()) }
    }
}

/// The same, of an organisation whose plan has SSO: on any other its settings can be looked at, and not changed.
pub struct SsoAdmin(pub Member);

impl SsoAdmin {
    async fn of(request: &HttpRequest) -> Result<Self> {
        let member = OrganisationAdmin::of(request).await?.0;
        connection::sso_in_plan(&member.organisation)?;
        Ok(Self(member))
    }
}

fn admins_only() -> Error {
    Error::forbidden("This is for organisation admins. Ask one of them.")
}

/// Somebody to whom the workspace `{id}` of the path is open.
pub struct WorkspaceMember {
    /// The workspace.
    pub workspace: Workspace,
    /// Its organisation.
    pub organisation: Organisation,
    /// Their role in it, if they are in it.
    pub role: Option<Role>,
    /// What they may in the organisation.
    pub right: Right,
    /// Them, for the audit log.
    pub caller: Caller,
    /// Their session, where it is a person.
    pub asking: Option<SignedIn>,
}

impl WorkspaceMember {
    async fn of(request: &HttpRequest) -> Result<Self> {
        let principal = Principal::required(request).await?;
        let id = WorkspaceId::parse(request.match_info().get("id").unwrap_or_default())?;
        let user = match &principal {
            Principal::Person(asking) => Some(asking.user.id.clone()),
            Principal::Key(_) => None,
        };
        let (workspace, organisation, role) = blocking(&app(request)?, move |app| {
            app.store.read(|db| {
                let workspace = db.workspace(&id)?;
                let organisation = db.organisation(workspace.organisation.as_str())?;
                let role = user.map(|user| db.find_role(&id, &user)).transpose()?.flatten();
                Ok((workspace, organisation, role))
            })
        })
        .await?;
        let right = principal.right(&organisation.id, request).map_err(|refusal| match refusal {
            Error::NotFound(_) => Error::not_found("Workspace"),
            other => other,
        })?;
        // A workspace that a member is not in is as unknown to them as another tenant's.
        if !right.manages() && role.is_none() {
            return Err(Error::not_found("Workspace"));
        }
        let caller = principal.caller(request, right)?;
        Ok(Self { workspace, organisation, role, right, caller, asking: principal.asking() })
    }

    /// Some of a workspace's affairs are its organisation's.
    ///
    /// # Errors
    /// `Forbidden` for everybody but organisation admins and operators.
    pub fn require_organisation_admin(&self) -> Result<()> {
        if self.right.manages() { Ok(()) } else { Err(admins_only()) }
    }

    fn is_admin(&self) -> bool {
        self.right.manages() || self.role == Some(Role::Admin)
    }
}

/// An Admin of the workspace `{id}` of the path, an admin of its organisation, or an operator.
pub struct WorkspaceAdmin(pub WorkspaceMember);

impl WorkspaceAdmin {
    async fn of(request: &HttpRequest) -> Result<Self> {
        let member = WorkspaceMember::of(request).await?;
        if member.is_admin() {
            Ok(Self(member))
        } else {
            Err(Error::forbidden("This is for the workspace's Admins. Ask one of them."))
        }
    }
}

/// Whoever has a set-up link: `Authorization: SetupLink TOKEN`, which opens nothing but the set-up. A session beside it counts for
/// nothing.
pub struct Bearer {
    /// Their link.
    pub link: SetupLink,
    /// Its organisation, whose connection is not ready.
    pub organisation: Organisation,
    /// The link, for the audit log.
    pub caller: Caller,
}

impl Bearer {
    async fn of(request: &HttpRequest) -> Result<Self> {
        let app = app(request)?;
        let address = origin::client_address(&app.config, request);
        let secret = authorization(request, "SetupLink ").ok_or_else(|| Error::Refused {
            code: "unauthorized",
            message: "This takes the token of a set-up link.".into(),
        })?;
        blocking(&app, move |app| {
            let (link, organisation) = setup_links::authenticate(app, &secret, &address)?;
            let caller = Caller { actor: link.actor(), address };
            setup_links::note_opened(app, &caller, &link);
            Ok(Self { link, organisation, caller })
        })
        .await
    }
}
