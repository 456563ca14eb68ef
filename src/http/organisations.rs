//! Organisations, their people, and the plan they are on.

use super::blocking::blocking;
use super::body::Body;
use super::guard::{Anybody, Member, Operator, OrganisationAdmin};
use super::invitations;
use super::query::param;
use super::workspaces;
use crate::actions::{Run, organisations, plans};
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::person;
use crate::domain::{Email, Listing, Name, Page, Result};
use crate::store::OrganisationSummary;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

/// An organisation, and how large it is.
pub fn view(summary: &OrganisationSummary) -> Value {
    let organisation = &summary.organisation;
    json!({
        "id": organisation.id,
        "slug": organisation.slug,
        "name": organisation.name,
        "plan": organisation.plan,
        "created_at": organisation.created_at,
        "people": summary.people,
        "workspaces": summary.workspaces,
        "sso": organisation.connection_status,
        "saml_only": organisation.saml_only,
    })
}

/// `GET /api/v1/organisations`: all for operators, by name; else those open to the session.
pub async fn list_organisations(
    app: Data<App>,
    anybody: Anybody,
    page: Page,
    request: HttpRequest,
) -> Result<Json<Listing<Value>>> {
    let search = param(&request, "search").unwrap_or_default();
    let id = |summary: &OrganisationSummary| summary.organisation.id.to_string();
    let listing = blocking(&app, move |app| {
        app.store.read(|db| match anybody {
            Anybody::Operator => db.organisations(&search, &page),
            Anybody::Key(own) => Ok(page.part_of(vec![db.organisation_summary(&own)?], id)),
            Anybody::Person(asking) => {
                let open = asking.seats.iter().filter(|seat| asking.opens(seat));
                let all = open.map(|seat| db.organisation_summary(&seat.organisation.id)).collect::<Result<_>>()?;
                Ok(page.part_of(all, id))
            }
        })
    })
    .await?;
    Ok(Json(listing.map(|summary| view(&summary))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrganisation {
    name: String,
    plan: String,
    admin_email: String,
}

/// `POST /api/v1/organisations`: with its first workspace and the invitation of its first admin.
pub async fn create_organisation(
    app: Data<App>,
    operator: Operator,
    body: Body<NewOrganisation>,
) -> Result<HttpResponse> {
    let (summary, workspace, invited) = blocking(&app, move |app| {
        let NewOrganisation { name, plan, admin_email } = body.read()?;
        let name = Name::parse("name", &name)?;
        let admin = Email::parse(&admin_email).map_err(|fault| fault.for_field("admin_email"))?;
        let (organisation, workspace, invited) = organisations::create(app, &operator.caller, name, plan, admin)?;
        let summary = app.store.read(|db| db.organisation_summary(&organisation.id))?;
        Ok((summary, workspace, invited))
    })
    .await?;
    Ok(HttpResponse::Created().json(json!({
        "organisation": view(&summary),
        "workspace": workspaces::view(&workspace, None),
        "invitation": invitations::view_with_link(&invited),
    })))
}

/// `GET /api/v1/organisations/{org}`.
pub async fn show_organisation(app: Data<App>, member: Member) -> Result<Json<Value>> {
    let id = member.organisation.id;
    let summary = blocking(&app, move |app| app.store.read(|db| db.organisation_summary(&id))).await?;
    Ok(Json(view(&summary)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renamed {
    name: String,
}

/// `PATCH /api/v1/organisations/{org}`.
pub async fn update_organisation(app: Data<App>, admin: OrganisationAdmin, body: Body<Renamed>) -> Result<Json<Value>> {
    let admin = admin.0;
    let summary = blocking(&app, move |app| {
        let name = Name::parse("name", &body.read()?.name)?;
        organisations::rename(app, &admin.caller, &admin.organisation, name)?;
        app.store.read(|db| db.organisation_summary(&admin.organisation.id))
    })
    .await?;
    Ok(Json(view(&summary)))
}

/// `DELETE /api/v1/organisations/{org}`: for operators.
pub async fn delete_organisation(app: Data<App>, operator: Operator, member: Member) -> Result<HttpResponse> {
    blocking(&app, move |app| organisations::delete(app, &operator.caller, &member.organisation)).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanChoice {
    plan: String,
}

/// `PUT /api/v1/organisations/{org}/plan`: for operators; answers with the effect.
pub async fn update_plan(
    app: Data<App>,
    operator: Operator,
    member: Member,
    run: Run,
    body: Body<PlanChoice>,
) -> Result<Json<Effect>> {
    blocking(&app, move |app| plans::switch_plan(app, &operator.caller, &member.organisation, body.read()?.plan, run))
        .await
        .map(Json)
}

/// `GET /api/v1/organisations/{org}/members`.
pub async fn list_members(app: Data<App>, admin: OrganisationAdmin, page: Page) -> Result<Json<Listing<Value>>> {
    let id = admin.0.organisation.id;
    let listing = blocking(&app, move |app| app.store.read(|db| db.members(&id, &page))).await?;
    Ok(Json(listing.map(|member| member_view(&member))))
}

fn member_view(member: &person::Member) -> Value {
    json!({
        "user": member.user,
        "name": member.name,
        "email": member.email,
        "admin": member.standing.admin,
        "password": member.has_password && member.standing.password_agreed,
        "workspaces": member.workspaces,
        "last_sign_in_at": member.last_sign_in.map(|(at, _)| at),
        "last_method": member.last_sign_in.map(|(_, method)| method),
    })
}
