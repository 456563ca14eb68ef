//! Disabling people, removing them from an organisation, and ending their sessions.

use super::answer::shown;
use super::blocking::costly;
use super::guard::{Member, Operator, OrganisationAdmin};
use crate::actions::handed_over::KnownPasswords;
use crate::actions::removal::{self};
use crate::actions::{Caller, Run, disabling};
use crate::api::effect::EffectView;
use crate::api::members::MemberSessionView;
use crate::api::page::Listing;
use crate::app::App;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::session::PartOfSession;
use crate::domain::{Page, Result};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};

/// `POST /api/v1/users/{user}/disable`: answers with the effect.
#[utoipa::path(
    post, path = "/users/{user}/disable", tag = "People", summary = "Disable a person in every organisation",
    description = "Their sessions, grants, links and invitations end, and they cannot sign in. The effect names what ends, and \
        the API keys that they made and passwords that were set with links that they received, which keep working.",
    params(Run, KnownPasswords),
    responses((status = 200, body = EffectView), (status = 409)),
)]
pub async fn disable_user(
    app: Data<App>,
    operator: Operator,
    path: Path<String>,
    run: Run,
    passwords: KnownPasswords,
) -> Result<Json<EffectView>> {
    let id = UserId::parse(&path)?;
    let disable = move |app: &App, caller: &Caller| disabling::disable(app, caller, id, passwords, run);
    costly(&app, operator.caller, disable).await.map(shown)
}

/// `POST /api/v1/users/{user}/enable`: answers with the effect.
#[utoipa::path(
    post, path = "/users/{user}/enable", tag = "People", summary = "Enable a person again",
    description = "Sessions, grants, links and invitations that ended are not restored. An API key cannot enable an operator.",
    params(Run),
    responses((status = 200, body = EffectView)),
)]
pub async fn enable_user(app: Data<App>, operator: Operator, path: Path<String>, run: Run) -> Result<Json<EffectView>> {
    let id = UserId::parse(&path)?;
    costly(&app, operator.caller, move |app, caller| disabling::enable(app, caller, id, run)).await.map(shown)
}

/// `DELETE /api/v1/organisations/{org}/members/{user}`: answers with the effect.
#[utoipa::path(
    delete, path = "/organisations/{org}/members/{user}", tag = "People", summary = "Remove a person from the organisation",
    description = "Removes their roles in all workspaces and as organisation admin.",
    operation_id = "remove_member",
    params(Run),
    responses((status = 200, body = EffectView), (status = 409)),
)]
pub async fn delete_member(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
    run: Run,
) -> Result<Json<EffectView>> {
    let (Member { organisation, caller, .. }, user) = (admin.0, UserId::parse(&path.1)?);
    costly(&app, caller, move |app, caller| removal::remove(app, caller, &organisation, user, run)).await.map(shown)
}

/// `GET /api/v1/organisations/{org}/members/{user}/sessions`: their grants for this organisation, and nothing of
/// others.
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
    let (Member { organisation, caller, .. }, user) = (admin.0, UserId::parse(&path.1)?);
    let sessions = costly(&app, caller, move |app, _| removal::sessions(app, &organisation, &user)).await?;
    Ok(Json(page.part_of(sessions, PartOfSession::position)?.into()))
}

/// `DELETE /api/v1/organisations/{org}/members/{user}/sessions`: ends the person's grants for it.
#[utoipa::path(
    delete, path = "/organisations/{org}/members/{user}/sessions", tag = "People", summary = "End a person’s sessions for the organisation",
    description = "Their grants for this organisation end, and so do sessions without any other grant.",
    operation_id = "delete_member_sessions",
    responses((status = 204)),
)]
pub async fn delete_sessions(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let (Member { organisation, caller, .. }, user) = (admin.0, UserId::parse(&path.1)?);
    costly(&app, caller, move |app, caller| removal::end_sessions(app, caller, &organisation, user, None)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /api/v1/organisations/{org}/members/{user}/sessions/{session}`: ends the grants for it in one session.
#[utoipa::path(
    delete, path = "/organisations/{org}/members/{user}/sessions/{session}", tag = "People", summary = "End one of a person’s sessions for the organisation",
    description = "Its grants for this organisation end, and the session, if it opens nothing else.",
    operation_id = "delete_member_session",
    responses((status = 204)),
)]
pub async fn delete_session(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let (user, session) = (UserId::parse(&path.1)?, SessionId::parse(&path.2)?);
    let end = move |app: &App, caller: &Caller| removal::end_sessions(app, caller, &organisation, user, Some(session));
    costly(&app, caller, end).await?;
    Ok(HttpResponse::NoContent().finish())
}
