//! Disabling people, removing them from an organisation, and ending their sessions.

use super::blocking::{blocking, costly};
use super::guard::{Member, Operator, OrganisationAdmin};
use crate::actions::removal::{self, MemberSession};
use crate::actions::{Run, disabling};
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::method::Method;
use crate::domain::{Listing, Page, Result, Timestamp};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;

/// `POST /api/v1/users/{user}/disable`: answers with the effect.
#[utoipa::path(
    post, path = "/users/{user}/disable", tag = "People", summary = "Disable a person in every organisation",
    description = "Their sessions, grants, links and invitations end, and they cannot sign in. The effect names what ends, and \
        the API keys that they made, which keep working.",
    params(Run),
    responses((status = 200, body = Effect), (status = 409)),
)]
pub async fn disable_user(app: Data<App>, operator: Operator, path: Path<String>, run: Run) -> Result<Json<Effect>> {
    let id = UserId::parse(&path)?;
    costly(&app, operator.caller, move |app, caller| disabling::disable(app, caller, id, run)).await.map(Json)
}

/// `POST /api/v1/users/{user}/enable`: answers with the effect.
#[utoipa::path(
    post, path = "/users/{user}/enable", tag = "People", summary = "Enable a person again",
    description = "What ended when they were disabled does not come back. An API key cannot enable an operator.",
    params(Run),
    responses((status = 200, body = Effect)),
)]
pub async fn enable_user(app: Data<App>, operator: Operator, path: Path<String>, run: Run) -> Result<Json<Effect>> {
    let id = UserId::parse(&path)?;
    costly(&app, operator.caller, move |app, caller| disabling::enable(app, caller, id, run)).await.map(Json)
}

/// `DELETE /api/v1/organisations/{org}/members/{user}`: answers with the effect.
#[utoipa::path(
    delete, path = "/organisations/{org}/members/{user}", tag = "People", summary = "Remove a person from the organisation",
    description = "From all workspaces, and as organisation admin.",
    operation_id = "remove_member",
    params(Run),
    responses((status = 200, body = Effect), (status = 409)),
)]
pub async fn delete_member(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
    run: Run,
) -> Result<Json<Effect>> {
    let (Member { organisation, caller, .. }, user) = (admin.0, UserId::parse(&path.1)?);
    costly(&app, caller, move |app, caller| removal::remove(app, caller, &organisation, user, run)).await.map(Json)
}

/// A member's session, as far as it concerns one organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberSession)]
pub struct MemberSessionView {
    id: SessionId,
    /// The browser's own name for itself.
    agent: String,
    /// Where it signed in; null where its latest sign-in was to another organisation.
    address: Option<String>,
    grants: Vec<MemberGrant>,
}

/// The access that a session has in the organisation.
#[derive(Serialize, ToSchema)]
pub struct MemberGrant {
    method: Method,
    at: Timestamp,
    expires_at: Timestamp,
}

impl From<MemberSession> for MemberSessionView {
    fn from(MemberSession { session, address }: MemberSession) -> Self {
        let grants = session.grants.into_iter();
        let grants =
            grants.map(|grant| MemberGrant { method: grant.method, at: grant.at, expires_at: grant.expires_at });
        Self { id: session.id, agent: session.agent, address, grants: grants.collect() }
    }
}

/// `GET /api/v1/organisations/{org}/members/{user}/sessions`: their grants for this organisation, and nothing of others.
#[utoipa::path(
    get, path = "/organisations/{org}/members/{user}/sessions", tag = "People", summary = "List a person’s sessions for the organisation",
    description = "Their grants for this organisation only.",
    operation_id = "list_member_sessions",
    params(Page),
    responses((status = 200, body = Listing<MemberSessionView>)),
)]
pub async fn list_sessions(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
    page: Page,
) -> Result<Json<Listing<MemberSessionView>>> {
    let (organisation, user) = (admin.0.organisation, UserId::parse(&path.1)?);
    let sessions = blocking(&app, move |app| removal::sessions(app, &organisation, &user)).await?;
    Ok(Json(page.part_of(sessions, |one| one.session.id.to_string()).map(MemberSessionView::from)))
}

/// `DELETE /api/v1/organisations/{org}/members/{user}/sessions`: ends these grants.
#[utoipa::path(
    delete, path = "/organisations/{org}/members/{user}/sessions", tag = "People", summary = "End a person’s sessions for the organisation",
    description = "Their grants for this organisation end, and the sessions that open nothing else.",
    operation_id = "delete_member_sessions",
    responses((status = 204)),
)]
pub async fn delete_sessions(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (Member { organisation, caller, .. }, user) = (admin.0, UserId::parse(&path.1)?);
    costly(&app, caller, move |app, caller| removal::end_sessions(app, caller, &organisation, user)).await?;
    Ok(HttpResponse::NoContent().finish())
}
