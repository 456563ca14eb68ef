//! People in workspaces and organisations, and their sessions there.

use crate::domain::ids::{SessionId, UserId, WorkspaceId};
use crate::domain::method::Method;
use crate::domain::person::{self, Place, Role};
use crate::domain::session::PartOfSession;
use crate::domain::{Email, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A person in a workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = WorkspaceMember)]
pub struct WorkspaceMemberView {
    user: UserId,
    name: String,
    email: Email,
    role: Role,
    organisation_admin: bool,
    joined_at: Timestamp,
    last_sign_in_at: Option<Timestamp>,
    last_method: Option<Method>,
    /// True if an operator has disabled them.
    disabled: bool,
}

impl From<person::WorkspaceMember> for WorkspaceMemberView {
    fn from(member: person::WorkspaceMember) -> Self {
        Self {
            user: member.user,
            name: member.name,
            email: member.email,
            role: member.role,
            organisation_admin: member.organisation_admin,
            joined_at: member.joined_at,
            last_sign_in_at: member.last_sign_in.map(|(at, _)| at),
            last_method: member.last_sign_in.map(|(_, method)| method),
            disabled: member.disabled,
        }
    }
}

mirror! {
    /// A person's role in a workspace.
    #[schema(as = Place)]
    PlaceView of Place {
        /// The workspace.
        id: WorkspaceId,
        /// The workspace's name.
        name: String,
        /// The person's role there.
        role: Role,
    }
}

/// A person in an organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberView {
    user: UserId,
    name: String,
    email: Email,
    admin: bool,
    /// True if they have a password, which gives access to this organisation if it accepts passwords.
    password: bool,
    workspaces: Vec<PlaceView>,
    last_sign_in_at: Option<Timestamp>,
    last_method: Option<Method>,
    /// When they were last reminded to sign in through SAML.
    reminded_at: Option<Timestamp>,
    /// True if an operator has disabled them.
    disabled: bool,
}

impl From<person::Member> for MemberView {
    fn from(member: person::Member) -> Self {
        Self {
            password: member.opens_by_password(),
            user: member.user,
            name: member.name,
            email: member.email,
            admin: member.standing.admin,
            workspaces: member.workspaces.into_iter().map(PlaceView::from).collect(),
            last_sign_in_at: member.last_sign_in.map(|(at, _)| at),
            last_method: member.last_sign_in.map(|(_, method)| method),
            reminded_at: member.reminded_at,
            disabled: member.disabled,
        }
    }
}

/// A member's session, as far as it concerns this organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberSession)]
pub struct MemberSessionView {
    id: SessionId,
    /// The browser's User-Agent.
    agent: String,
    /// The address of the latest sign-in; null if that was to another organisation.
    address: Option<String>,
    grants: Vec<MemberGrant>,
}

/// A session's access to the organisation.
#[derive(Serialize, ToSchema)]
pub struct MemberGrant {
    method: Method,
    at: Timestamp,
    expires_at: Timestamp,
}

impl From<PartOfSession> for MemberSessionView {
    fn from(PartOfSession { session, address }: PartOfSession) -> Self {
        let grants = session.grants.into_iter();
        let grants =
            grants.map(|grant| MemberGrant { method: grant.method, at: grant.at, expires_at: grant.expires_at });
        Self { id: session.id, agent: session.agent, address, grants: grants.collect() }
    }
}
