//! The extractors by which a handler receives who was let in. The route's policy was enforced before (`admission.rs`); an
//! extractor takes what that found, and asks nothing again.

use super::admission::Looked;
use super::cookies;
use crate::actions::admission::Admitted;
use crate::actions::{Browser, Caller};
use crate::app::App;
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

/// Makes an extractor of a type that is made of what was let in by one of these needs.
macro_rules! extractors {
    ($($guard:ty: $($need:ident)|+;)*) => {$(
        impl FromRequest for $guard {
            type Error = Error;
            type Future = Ready<Result<Self>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let admitted = request.extensions_mut().remove::<Admitted>();
                // A handler whose route declares too little is our own fault, and opens nothing.
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
    Bearer: SetupLink;
}

/// The browser behind the request.
pub struct FromBrowser(pub Browser);

impl FromRequest for FromBrowser {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<Data<App>>().ok_or_else(|| Error::internal("no app in the request"));
        ready(app.map(|app| Self(cookies::browser(app, request))))
    }
}

/// The person who is signed in, if anybody is, on a route that is open to everybody.
pub struct Asking(pub Option<SignedIn>);

impl FromRequest for Asking {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let looked = request.extensions_mut().remove::<Looked>();
        ready(
            looked.map(|looked| Self(looked.0)).ok_or_else(|| Error::internal("the route does not look who is there")),
        )
    }
}

/// A person with a session.
pub struct Person {
    /// Their session.
    pub asking: SignedIn,
    /// Them and their right.
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
    /// Them and their right.
    pub caller: Caller,
}

impl Operator {
    #[allow(clippy::unnecessary_wraps)] // as its neighbours
    fn of(admitted: Admitted) -> Option<Self> {
        Some(Self { caller: admitted.caller })
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
    fn of(admitted: Admitted) -> Option<Self> {
        match admitted.asking {
            _ if admitted.granted == Granted::Operator => Some(Self::Operator),
            principal::Asking::Person(person) => Some(Self::Person(person)),
            principal::Asking::Key(Key { organisation, .. }) => organisation.map(Self::Key),
            principal::Asking::SetupLink(_) => None,
        }
    }
}

/// Somebody to whom the organisation `{org}` of the path is open.
pub struct Member {
    /// The organisation.
    pub organisation: Organisation,
    /// The right that they were found to have.
    pub granted: Granted,
    /// Them and their right.
    pub caller: Caller,
    /// Their session, where it is a person.
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

/// Somebody to whom the workspace `{id}` of the path is open.
pub struct WorkspaceMember {
    /// The workspace.
    pub workspace: organisation::Workspace,
    /// Its organisation.
    pub organisation: Organisation,
    /// Their role in it, if they are in it.
    pub role: Option<Role>,
    /// Them and their right.
    pub caller: Caller,
    /// Their session, where it is a person.
    pub asking: Option<SignedIn>,
}

impl WorkspaceMember {
    fn of(admitted: Admitted) -> Option<Self> {
        let Admitted { asking, organisation, workspace, role, caller, .. } = admitted;
        Some(Self { workspace: workspace?, organisation: organisation?, role, caller, asking: person(asking) })
    }
}

/// An Admin of the workspace `{id}` of the path, an admin of its organisation, or an operator.
pub struct WorkspaceAdmin(pub WorkspaceMember);

impl WorkspaceAdmin {
    fn of(admitted: Admitted) -> Option<Self> {
        WorkspaceMember::of(admitted).map(Self)
    }
}

/// Somebody with a set-up link: `Authorization: SetupLink TOKEN`.
pub struct Bearer {
    /// Their link.
    pub link: SetupLink,
    /// Its organisation, whose connection is not ready.
    pub organisation: Organisation,
    /// The link and its right.
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
