//! Invitations.

use super::blocking::{blocking, costly};
use super::body::{Body, LargeBody, Token};
use super::guard::{Asking, FromBrowser, WorkspaceAdmin, WorkspaceMember};
use super::signed_in;
use crate::actions::Run;
use crate::actions::bulk_invitations::{self};
use crate::actions::invitations::{self, Accepted};
use crate::actions::roles;
use crate::api::branding::BrandView;
use crate::api::invitations::{AcceptedInvitation, InspectedInvitation, InvitationView, TriedInvitations, TriedView};
use crate::api::page::Listing;
use crate::app::App;
use crate::domain::access::SamlAccess;
use crate::domain::custom_role::RoleNames;
use crate::domain::ids::InvitationId;
use crate::domain::invitees::Listed;
use crate::domain::person::Role;
use crate::domain::phrase::phrase;
use crate::domain::{Email, Error, Name, Page, Result};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/workspaces/{id}/invitations`.
#[utoipa::path(
    get, path = "/workspaces/{id}/invitations", tag = "Invitations", summary = "List the invitations to a workspace",
    params(Page),
    responses((status = 200, body = Listing<InvitationView>)),
)]
pub async fn list_invitations(
    app: Data<App>,
    admin: WorkspaceAdmin,
    page: Page,
) -> Result<Json<Listing<InvitationView>>> {
    let (id, now) = (admin.0.workspace.id, app.now());
    let listing = blocking(&app, move |app| invitations::list(app, &id, &page)).await?;
    Ok(Json(listing.map(|invitation| InvitationView::of(invitation, now)).into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ann@acme.example", "role": "power_user"}))]
pub struct NewInvitation {
    #[schema(value_type = Email)]
    email: String,
    #[schema(value_type = Role)]
    role: String,
}

/// `POST /api/v1/workspaces/{id}/invitations`.
#[utoipa::path(
    post, path = "/workspaces/{id}/invitations", tag = "Invitations", summary = "Invite a person to a workspace",
    request_body = NewInvitation,
    responses((status = 201, body = InvitationView), (status = 402), (status = 409), (status = 429)),
)]
pub async fn create_invitation(
    app: Data<App>,
    admin: WorkspaceAdmin,
    body: Body<NewInvitation>,
) -> Result<HttpResponse> {
    let WorkspaceMember { workspace, organisation, caller, .. } = admin.0;
    let invited = blocking(&app, move |app| {
        let wanted = body.read()?;
        let invited = (Email::parse(&wanted.email)?, wanted.role);
        invitations::invite(app, &caller, &organisation, &workspace, invited)
    })
    .await?;
    Ok(HttpResponse::Created().json(InvitationView::from(invited)))
}

/// The people to invite, as a list or as text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"invitations": [{"email": "ann@acme.example", "role": "power_user"}]}))]
pub struct NewInvitations {
    #[schema(value_type = Option<Vec<NewInvitation>>, min_items = 1, max_items = 500)]
    invitations: Option<Vec<ListedInvitation>>,
    /// Lines from a file, a spreadsheet or a mail program, in place of `invitations`.
    #[schema(example = "ann@acme.example, Admin")]
    text: Option<String>,
    /// With `text`: the role of people for whom the list names none.
    #[schema(value_type = Option<Role>)]
    role: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedInvitation {
    email: String,
    role: String,
}

impl ListedInvitation {
    /// This person as a line of a list. An unusable address or role is reported later, in the outcome of the line, and does
    /// not affect other lines.
    fn listed(self, at: usize, custom: &RoleNames) -> Listed {
        Listed {
            line: at + 1,
            text: self.email.clone(),
            name: String::new(),
            role: custom.given(&self.role).ok().or_else(|| custom.named(&self.role)),
            email: self.email,
            fault: None,
        }
    }
}

impl NewInvitations {
    fn people(self, custom: &RoleNames) -> Result<(Vec<Listed>, Option<Role>)> {
        let role = self.role.as_deref().map(|role| custom.given(role)).transpose()?;
        match (self.invitations, self.text) {
            (Some(invitations), None) => {
                bulk_invitations::bounded("invitations", invitations.len())?;
                let listed = invitations.into_iter().enumerate().map(|(at, one)| one.listed(at, custom));
                Ok((listed.collect(), None))
            }
            (None, Some(text)) => Ok((bulk_invitations::read(&text, custom)?, Some(role.unwrap_or(Role::PowerUser)))),
            _ => Err(Error::invalid("invitations", phrase!("field-invitations-or-text"))),
        }
    }
}

/// `POST /api/v1/workspaces/{id}/invitations/bulk`: one transaction, with an outcome for each line.
#[utoipa::path(
    post, path = "/workspaces/{id}/invitations/bulk", tag = "Invitations", summary = "Invite many people to a workspace",
    description = "At most 500. A line that cannot be invited says why; the others are still invited.",
    params(Run),
    request_body = NewInvitations,
    responses((status = 200, body = TriedInvitations)),
)]
pub async fn create_invitations(
    app: Data<App>,
    admin: WorkspaceAdmin,
    run: Run,
    body: LargeBody<NewInvitations>,
) -> Result<Json<TriedInvitations>> {
    let WorkspaceMember { workspace, organisation, caller, .. } = admin.0;
    let tried = costly(&app, caller, move |app, caller| {
        let (people, role) = body.read()?.people(&roles::names(app, &organisation.id)?)?;
        bulk_invitations::invite_all(app, caller, &organisation, &workspace, people, role, run)
    })
    .await?;
    Ok(Json(TriedInvitations { applied: run == Run::Real, items: tried.into_iter().map(TriedView::from).collect() }))
}

/// `POST /api/v1/workspaces/{id}/invitations/{inv}/resend`: a new link, with a new expiry.
#[utoipa::path(
    post, path = "/workspaces/{id}/invitations/{inv}/resend", tag = "Invitations", summary = "Create a new link for an invitation",
    description = "The new link is valid as long as a new invitation, until `expires_at`; the earlier link stops working.",
    responses((status = 200, body = InvitationView), (status = 402), (status = 409), (status = 429)),
)]
pub async fn resend_invitation(
    app: Data<App>,
    admin: WorkspaceAdmin,
    path: Path<(String, String)>,
) -> Result<Json<InvitationView>> {
    let WorkspaceMember { workspace, organisation, caller, .. } = admin.0;
    let id = InvitationId::parse(&path.1)?;
    let invited = blocking(&app, move |app| invitations::resend(app, &caller, &organisation, &workspace, id)).await?;
    Ok(Json(InvitationView::from(invited)))
}

/// `DELETE /api/v1/workspaces/{id}/invitations/{inv}`.
#[utoipa::path(
    delete, path = "/workspaces/{id}/invitations/{inv}", tag = "Invitations", summary = "Withdraw an invitation",
    responses((status = 204)),
)]
pub async fn delete_invitation(
    app: Data<App>,
    admin: WorkspaceAdmin,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    let id = InvitationId::parse(&path.1)?;
    blocking(&app, move |app| invitations::withdraw(app, &caller, &workspace, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /api/v1/invitations/inspect`: the invitation as the invited person sees it before accepting. The token is in
/// the body, so that it is in no address or log.
#[utoipa::path(
    post, path = "/invitations/inspect", tag = "Invitations", summary = "Inspect an invitation by its token",
    request_body = Token,
    responses((status = 200, body = InspectedInvitation), (status = 404)),
)]
pub async fn inspect_invitation(
    app: Data<App>,
    asking: Asking,
    body: Body<Token>,
) -> Result<Json<InspectedInvitation>> {
    let inspected = blocking(&app, move |app| invitations::inspect(app, &body.read()?.token)).await?;
    let own = asking.0.is_some_and(|asking| asking.user.email == inspected.invitation.email);
    let policy = inspected.organisation.sign_in_policy();
    let (enforced, open) = (policy.enforced(), policy.saml() == SamlAccess::Yes);
    let portal_key = inspected.organisation.portal_key.as_deref().filter(|_| enforced || open);
    Ok(Json(InspectedInvitation {
        email: inspected.invitation.email,
        organisation: inspected.organisation.name.clone(),
        workspace: inspected.workspace.name,
        role_name: inspected.invitation.role.custom().map(|custom| custom.name.clone()),
        role: inspected.invitation.role,
        expires_at: inspected.invitation.expires_at,
        account: own.then_some(inspected.account),
        saml_only: enforced,
        portal_url: portal_key.map(|key| app.portal_url(key)),
        brand: inspected.brand.map(BrandView::from),
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "pXq3…", "name": "Ann Archer", "password": "copper walnut tides 9"}))]
pub struct Acceptance {
    token: String,
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    #[schema(min_length = 12, max_length = 128, format = Password)]
    password: Option<String>,
}

/// `POST /api/v1/invitations/accept`: creates a membership and a session, or, under SAML-only, answers with the portal
/// URL.
#[utoipa::path(
    post, path = "/invitations/accept", tag = "Invitations", summary = "Accept an invitation",
    description = "Begins a session. A person who has an account already is signed in to it, or gives its password.",
    request_body = Acceptance,
    responses((status = 200, body = AcceptedInvitation), (status = 401), (status = 402), (status = 404), (status = 409), (status = 429)),
)]
pub async fn accept_invitation(app: Data<App>, browser: FromBrowser, body: Body<Acceptance>) -> Result<HttpResponse> {
    let Acceptance { token, name, password } = body.read()?;
    let accepted = blocking(&app, move |app| invitations::accept(app, token, name, password, browser.0)).await?;
    match accepted {
        Accepted::In(sign_in) => {
            let answer = HttpResponse::Ok().json(AcceptedInvitation { accepted: true, portal_url: None });
            signed_in::with_cookies(&app, &sign_in, answer)
        }
        Accepted::ThroughSaml(portal_url) => {
            Ok(HttpResponse::Ok().json(AcceptedInvitation { accepted: false, portal_url: Some(portal_url) }))
        }
    }
}
