//! The extractors that give a handler the admitted caller. `admission.rs` has enforced the route's policy before; an
//! extractor only reads its result.

use super::admission::Looked;
use super::cookies;
use crate::actions::admission::Admitted;
use crate::actions::{Browser, Caller};
use crate::app::App;
use crate::domain::application::Application;
use crate::domain::ids::OrganisationId;
use crate::domain::key::Key;
use crate::domain::organisation::{self, Organisation};
use crate::domain::person::Role;
use crate::domain::principal::{self, Granted, Need};
use crate::domain::session::SignedIn;
use crate::domain::setup_link::SetupLink;
use crate::domain::{Error, Result};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use std::future::{Ready, ready};

/// Implements an extractor for a type that is built from a caller admitted for one of these needs.
macro_rules! extractors {
    ($($guard:ty: $($need:ident)|+;)*) => {$(
        impl FromRequest for $guard {
            type Error = Error;
            type Future = Ready<Result<Self>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let admitted = request.extensions_mut().remove::<Admitted>();
                // A handler that takes more than its route's policy declares is a bug, and gets an internal error.
                let fits = admitted.filter(|admitted| matches!(admitted.caller.claim.right.need, $(Need::$need)|+));
                ready(fits.and_then(Self::of).ok_or_else(|| Error::internal("the route declares another right")))
            }
        }
    )*};
}

extractors! {
    Person: Person | OwnSettings;
    Operator: Operator | OperatorInPerson;
    Anybody: Anybody;
    Member: Member | OrganisationAdmin | Operator;
    OrganisationAdmin: OrganisationAdmin | OrganisationAdminInPerson | Operator;
    WorkspaceMember: WorkspaceMember | WorkspaceAdmin | OrganisationAdmin;
    WorkspaceAdmin: WorkspaceAdmin | OrganisationAdmin;
    ApplicationMember: WorkspaceMember | WorkspaceAdmin;
    ApplicationAdmin: WorkspaceAdmin;
    Bearer: SetupLink;
}

/// The browser that sent the request.
pub struct FromBrowser(pub Browser);

impl FromRequest for FromBrowser {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<Data<App>>().ok_or_else(|| Error::internal("no app in the request"));
        ready(app.map(|app| Self(cookies::browser(app, request))))
    }
}

/// The signed-in person, if any, on a route that is open to everybody.
pub struct Asking(pub Option<SignedIn>);

impl FromRequest for Asking {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let looked = request.extensions_mut().remove::<Looked>();
        ready(
            looked
                .map(|looked| Self(looked.0))
                .ok_or_else(|| Error::internal("the policy of the route does not look up the session")),
        )
    }
}

/// A person with a session.
pub struct Person {
    /// The person's session.
    pub asking: SignedIn,
    /// The person as caller, with their right.
    pub caller: Caller,
}

impl Person {
    fn of(admitted: Admitted) -> Option<Self> {
        Some(Self { asking: person(admitted.asking)?, caller: admitted.caller })
    }
}

fn person(asking: principal::Asking) -> Option<SignedIn> {
    match asking {
        principal::Asking::Person(person) => Some(*person),
        principal::Asking::Key(_) | principal::Asking::SetupLink(_) => None,
    }
}

/// An operator.
pub struct Operator {
    /// The operator as caller, with their right.
    pub caller: Caller,
}

impl Operator {
    #[allow(clippy::unnecessary_wraps)] // same signature as the other extractors
    fn of(admitted: Admitted) -> Option<Self> {
        Some(Self { caller: admitted.caller })
    }
}

/// Any signed-in caller: operators see everything, others only what they have access to.
pub enum Anybody {
    /// An operator, who sees everything.
    Operator,
    /// A person, who sees only the organisations to which they have access.
    Person(Box<SignedIn>),
    /// A key, which sees its organisation.
    Key(OrganisationId),
}

impl Anybody {
    fn of(admitted: Admitted) -> Option<Self> {
        match admitted.asking {
            _ if admitted.granted == Granted::Operator => Some(Self::Operator),
            principal::Asking::Person(person) => Some(Self::Person(person)),
            principal::Asking::Key(Key { organisation, .. }) => organisation.map(Self::Key),
            principal::Asking::SetupLink(_) => None,
        }
    }
}

/// A caller who can access the organisation `{org}` of the path.
pub struct Member {
    /// The organisation.
    pub organisation: Organisation,
    /// The role or scope by which the caller was admitted.
    pub granted: Granted,
    /// The caller and their right.
    pub caller: Caller,
    /// The caller's session, if the caller is a person.
    pub asking: Option<SignedIn>,
}

impl Member {
    fn of(admitted: Admitted) -> Option<Self> {
        let Admitted { asking, granted, organisation, caller, .. } = admitted;
        Some(Self { organisation: organisation?, granted, caller, asking: person(asking) })
    }
}

/// An admin of the organisation `{org}` of the path, or an operator.
pub struct OrganisationAdmin(pub Member);

impl OrganisationAdmin {
    fn of(admitted: Admitted) -> Option<Self> {
        Member::of(admitted).map(Self)
    }
}

/// A caller who can access the workspace `{id}` of the path.
pub struct WorkspaceMember {
    /// The workspace.
    pub workspace: organisation::Workspace,
    /// The workspace's organisation.
    pub organisation: Organisation,
    /// The role or scope by which the caller was admitted.
    pub granted: Granted,
    /// The caller's role in the workspace, if they are a member.
    pub role: Option<Role>,
    /// The caller and their right.
    pub caller: Caller,
    /// The caller's session, if the caller is a person.
    pub asking: Option<SignedIn>,
}

impl WorkspaceMember {
    fn of(admitted: Admitted) -> Option<Self> {
        let Admitted { asking, granted, organisation, workspace, role, caller, .. } = admitted;
        let asking = person(asking);
        Some(Self { workspace: workspace?, organisation: organisation?, granted, role, caller, asking })
    }
}

/// An Admin of the workspace `{id}` of the path, an admin of its organisation, or an operator.
pub struct WorkspaceAdmin(pub WorkspaceMember);

impl WorkspaceAdmin {
    fn of(admitted: Admitted) -> Option<Self> {
        WorkspaceMember::of(admitted).map(Self)
    }
}

/// A caller who can access the workspace of the application `{app}` of the path.
pub struct ApplicationMember {
    /// The application.
    pub application: Application,
    /// The caller, in the application's workspace.
    pub member: WorkspaceMember,
}

impl ApplicationMember {
    fn of(mut admitted: Admitted) -> Option<Self> {
        Some(Self { application: admitted.application.take()?, member: WorkspaceMember::of(admitted)? })
    }
}

/// An Admin of the workspace of the application `{app}` of the path, an admin of its organisation, or an operator.
pub struct ApplicationAdmin(pub ApplicationMember);

impl ApplicationAdmin {
    fn of(admitted: Admitted) -> Option<Self> {
        ApplicationMember::of(admitted).map(Self)
    }
}

/// The holder of a set-up link: `Authorization: SetupLink TOKEN`.
pub struct Bearer {
    /// The link.
    pub link: SetupLink,
    /// The link's organisation, whose connection is not ready.
    pub organisation: Organisation,
    /// The link as caller, with its right.
    pub caller: Caller,
}

impl Bearer {
    fn of(admitted: Admitted) -> Option<Self> {
        match admitted.asking {
            principal::Asking::SetupLink(link) => {
                Some(Self { link, organisation: admitted.organisation?, caller: admitted.caller })
            }
            principal::Asking::Person(_) | principal::Asking::Key(_) => None,
        }
    }
}
