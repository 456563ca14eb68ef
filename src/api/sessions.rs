//! A person's own sessions.

use crate::domain::Timestamp;
use crate::domain::ids::{OrganisationId, SessionId};
use crate::domain::method::Method;
use crate::domain::session::{PartOfSession, SignedIn};
use serde::Serialize;
use utoipa::ToSchema;

/// One of your own sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    id: SessionId,
    /// True for the session that makes this request.
    current: bool,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    /// The address of the latest sign-in; null if this session has no password grant and that sign-in was to another
    /// organisation.
    address: Option<String>,
    agent: String,
    /// The methods by which the person signed in.
    methods: Vec<Method>,
    /// The names of the organisations that the session can access.
    organisations: Vec<String>,
    /// The sign-in method for each of them.
    opens: Vec<Opening>,
}

/// An organisation that a session can access.
#[derive(Serialize, ToSchema)]
pub struct Opening {
    organisation: String,
    method: Method,
}

impl SessionView {
    /// A session as its person sees it. `asking`: the session of the request.
    pub fn of(asking: &SignedIn, PartOfSession { session, address }: PartOfSession) -> Self {
        let live = session.grants.iter().filter(|grant| asking.now < grant.expires_at);
        let seen: Vec<_> =
            live.filter_map(|grant| Some((grant.method, organisation_name(asking, &grant.organisation)?))).collect();
        let mut methods: Vec<_> = seen.iter().map(|(method, _)| *method).collect();
        if asking.has_password() && session.password_at.is_some() {
            methods.push(Method::Password);
        }
        methods.sort_unstable_by_key(|method| method.as_str());
        methods.dedup();
        let mut organisations: Vec<_> = seen.iter().map(|(_, name)| (*name).to_owned()).collect();
        organisations.dedup();
        let opening = |(method, name): &(Method, &str)| Opening { organisation: (*name).to_owned(), method: *method };
        let opens = seen.iter().map(opening).collect();
        Self {
            current: session.id == asking.session.id,
            id: session.id,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            address,
            agent: session.agent,
            methods,
            organisations,
            opens,
        }
    }
}

fn organisation_name<'a>(asking: &'a SignedIn, id: &OrganisationId) -> Option<&'a str> {
    let seat = asking.seats.iter().find(|seat| seat.organisation.id == *id)?;
    asking.sees(seat).then_some(seat.organisation.name.as_str())
}
