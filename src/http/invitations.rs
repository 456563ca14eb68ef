//! Invitations.

use super::blocking::blocking;
use super::body::Body;
use super::cookies;
use super::guard::{Asking, FromBrowser, WorkspaceAdmin, WorkspaceMember};
use crate::actions::invitations::{self, Accepted, Invited, Wanted};
use crate::app::App;
use crate::domain::ids::InvitationId;
use crate::domain::invitation::Invitation;
use crate::domain::person::Role;
use crate::domain::{Email, Listing, Page, Result, Timestamp};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

fn view(invitation: &Invitation, now: Timestamp) -> Value {
    json!({
        "id": invitation.id,
        "workspace": invitation.workspace,
        "email": invitation.email,
        "role": invitation.role,
        "status": if now < invitation.expires_at { "pending" } else { "expired" },
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "invited_by": invitation.invited_by,
    })
}

/// An invitation, with its link where the inviter hands it on.
pub fn view_with_link(invited: &Invited) -> Value {
    let mut json = view(&invited.invitation, invited.invitation.created_at);
    if let Some(url) = &invited.accept_url {
        json["accept_url"] = json!(url);
    }
    json
}

/// `GET /api/v1/workspaces/{id}/invitations`.
pub async fn list_invitations(app: Data<App>, admin: WorkspaceAdmin, page: Page) -> Result<Json<Listing<Value>>> {
    let (id, now) = (admin.0.workspace.id, app.now());
    let listing = blocking(&app, move |app| app.store.read(|db| db.invitations(&id, &page))).await?;
    Ok(Json(listing.map(|invitation| view(&invitation, now))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    email: String,
    role: String,
}

/// `POST /api/v1/workspaces/{id}/invitations`.
pub async fn create_invitation(
    app: Data<App>,
    admin: WorkspaceAdmin,
    body: Body<NewInvitation>,
) -> Result<HttpResponse> {
    let WorkspaceMember { workspace, organisation, caller, .. } = admin.0;
    let invited = blocking(&app, move |app| {
        let wanted = body.read()?;
        let (email, role) = (Email::parse(&wanted.email)?, Role::parse(&wanted.role)?);
        invitations::invite(app, &caller, &organisation, &workspace, Wanted { email, role, organisation_admin: false })
    })
    .await?;
    Ok(HttpResponse::Created().json(view_with_link(&invited)))
}

/// `POST /api/v1/workspaces/{id}/invitations/{inv}/resend`: a new link for a new day.
pub async fn resend_invitation(
    app: Data<App>,
    admin: WorkspaceAdmin,
    path: Path<(String, String)>,
) -> Result<Json<Value>> {
    let may_make_admins = admin.0.right.makes_admins();
    let WorkspaceMember { workspace, organisation, caller, .. } = admin.0;
    let id = InvitationId::parse(&path.1)?;
    let invited =
        blocking(&app, move |app| invitations::resend(app, &caller, &organisation, &workspace, id, may_make_admins))
            .await?;
    Ok(Json(view_with_link(&invited)))
}

/// `DELETE /api/v1/workspaces/{id}/invitations/{inv}`.
pub async fn delete_invitation(
    app: Data<App>,
    admin: WorkspaceAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let may_make_admins = admin.0.right.makes_admins();
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    let id = InvitationId::parse(&path.1)?;
    blocking(&app, move |app| invitations::withdraw(app, &caller, &workspace, id, may_make_admins)).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    token: String,
}

/// `POST /api/v1/invitations/inspect`: what its person sees before accepting. The token stays out of addresses and logs.
pub async fn inspect_invitation(app: Data<App>, body: Body<Token>) -> Result<Json<Value>> {
    let inspected = blocking(&app, move |app| invitations::inspect(app, &body.read()?.token)).await?;
    let enforced = inspected.organisation.door().enforced();
    let portal_key = inspected.organisation.portal_key.as_deref().filter(|_| enforced);
    Ok(Json(json!({
        "email": inspected.invitation.email,
        "organisation": inspected.organisation.name,
        "workspace": inspected.workspace.name,
        "role": inspected.invitation.role,
        "expires_at": inspected.invitation.expires_at,
        "account": inspected.account,
        "saml_only": enforced,
        "portal_url": portal_key.map(|key| app.portal_url(key)),
    })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    token: String,
    name: Option<String>,
    password: Option<String>,
}

/// `POST /api/v1/invitations/accept`: a membership and a session; under SAML-only, the way to the portal instead.
pub async fn accept_invitation(
    app: Data<App>,
    browser: FromBrowser,
    asking: Asking,
    body: Body<Acceptance>,
) -> Result<HttpResponse> {
    let Acceptance { token, name, password } = body.read()?;
    let accepted =
        blocking(&app, move |app| invitations::accept(app, token, name, password, asking.0, browser.0)).await?;
    Ok(match accepted {
        Accepted::In(token) => {
            HttpResponse::Ok().cookie(cookies::session(&app, token)).json(json!({ "accepted": true }))
        }
        Accepted::ThroughSaml(portal_url) => {
            HttpResponse::Ok().json(json!({ "accepted": false, "portal_url": portal_url }))
        }
    })
}
