//! People in workspaces and organisations, and their sessions there.

use super::effect::EffectView;
use super::roles::name_of;
use crate::domain::access::Effect;
use crate::domain::ids::{SessionId, UserId, WorkspaceId};
use crate::domain::method::Method;
use crate::domain::person::{self, Place, Role};
use crate::domain::session::PartOfSession;
use crate::domain::{Email, Name, Timestamp};
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
    /// The name of a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<Name>,
    organisation_admin: bool,
    joined_at: Timestamp,
    last_sign_in_at: Option<Timestamp>,
    last_method: Option<Method>,
    /// True if an operator has disabled them.
    disabled: bool,
    /// The effect on people, in the answer to a change of the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<EffectView>,
}

impl From<person::WorkspaceMember> for WorkspaceMemberView {
    fn from(member: person::WorkspaceMember) -> Self {
        Self {
            user: member.user,
            name: member.name,
            email: member.email,
            role_name: name_of(&member.role),
            role: member.role,
            organisation_admin: member.organisation_admin,
            joined_at: member.joined_at,
            last_sign_in_at: member.last_sign_in.map(|(at, _)| at),
            last_method: member.last_sign_in.map(|(_, method)| method),
            disabled: member.disabled,
            effect: None,
        }
    }
}

impl From<(person::WorkspaceMember, Effect)> for WorkspaceMemberView {
    fn from((member, effect): (person::WorkspaceMember, Effect)) -> Self {
        Self { effect: Some(effect.into()), ..Self::from(member) }
    }
}

/// A person's role in a workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = Place)]
pub struct PlaceView {
    /// The workspace.
    id: WorkspaceId,
    /// The workspace's name.
    name: String,
    /// The person's role there.
    role: Role,
    /// The name of a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<Name>,
}

impl From<Place> for PlaceView {
    fn from(Place { id, name, role }: Place) -> Self {
        Self { id, name, role_name: name_of(&role), role }
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
