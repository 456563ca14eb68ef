//! Organisations, their people and their plan.
#![allow(clippy::option_option)] // absent, null and a value are three things

use super::answer::shown;
use super::blocking::{blocking, costly};
use super::body::{Body, given, given_text, language_tag};
use super::download::{CSV, Download, Reading, file_name, in_turn};
use super::guard::{Anybody, Member, Operator, OrganisationAdmin};
use super::member_search::OfOrganisation;
use super::query::param;
use crate::actions::organisations::OrganisationChange;
use crate::actions::{Caller, Run, deletion, members, organisations, plans};
use crate::api::effect::EffectView;
use crate::api::members::MemberView;
use crate::api::organisations::{CreatedOrganisation, OrganisationView};
use crate::api::page::Listing;
use crate::app::App;
use crate::domain::lives::LivesChange;
use crate::domain::{Email, Name, Page, Result, Together};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/organisations`: all organisations for operators, by name; otherwise those that the session can access.
#[utoipa::path(
    get, path = "/organisations", tag = "Organisations", summary = "List organisations",
    description = "All organisations for operators; otherwise those that you can access.",
    params(Page, ("search" = Option<String>, Query, description = "For operators: part of the name.")),
    responses((status = 200, body = Listing<OrganisationView>)),
)]
pub async fn list_organisations(
    app: Data<App>,
    anybody: Anybody,
    page: Page,
    request: HttpRequest,
) -> Result<Json<Listing<OrganisationView>>> {
    let search = param(&request, "search").unwrap_or_default();
    let listing = blocking(&app, move |app| match anybody {
        Anybody::Operator => organisations::list(app, &search, &page),
        Anybody::Key(own) => {
            let own = vec![organisations::summary(app, &own)?];
            page.part_of(own, |summary| summary.organisation.id.to_string())
        }
        Anybody::Person(asking) => organisations::open_to(app, &asking, &page),
    })
    .await?;
    Ok(Json(listing.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Harbour Lights", "plan": "business", "admin_email": "hana@harbour.example"}))]
pub struct NewOrganisation {
    #[schema(value_type = Name)]
    name: String,
    plan: String,
    #[schema(value_type = Email)]
    admin_email: String,
}

/// `POST /api/v1/organisations`: with its first workspace and the invitation of its first admin.
#[utoipa::path(
    post, path = "/organisations", tag = "Organisations", summary = "Create an organisation",
    description = "Also creates its first workspace, and the invitation of its first admin.",
    request_body = NewOrganisation,
    responses((status = 201, body = CreatedOrganisation), (status = 409), (status = 429)),
)]
pub async fn create_organisation(
    app: Data<App>,
    operator: Operator,
    body: Body<NewOrganisation>,
) -> Result<HttpResponse> {
    let (summary, workspace, invited) = blocking(&app, move |app| {
        let NewOrganisation { name, plan, admin_email } = body.read()?;
        let admin = Email::parse(&admin_email).map_err(|fault| fault.for_field("admin_email"));
        let known = plans::known(app, &plan);
        let (name, (), admin) = (Name::parse("name", &name), known, admin).together()?;
        organisations::create(app, &operator.caller, name, plan, admin)
    })
    .await?;
    Ok(HttpResponse::Created().json(CreatedOrganisation::of(summary, workspace, invited)))
}

/// `GET /api/v1/organisations/{org}`.
#[utoipa::path(
    get, path = "/organisations/{org}", tag = "Organisations", summary = "Show an organisation",
    responses((status = 200, body = OrganisationView)),
)]
pub async fn show_organisation(app: Data<App>, member: Member) -> Result<Json<OrganisationView>> {
    let id = member.organisation.id;
    let summary = blocking(&app, move |app| organisations::summary(app, &id)).await?;
    Ok(Json(summary.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrganisationChange, example = json!({"name": "Harbour Lights", "session_days": 1}))]
pub struct Changed {
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    /// The language tag of e-mails and pages for people who have chosen no language and whose browser asks for none
    /// that is offered. Null means English.
    #[serde(default, deserialize_with = "given_text")]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35, pattern = "^[A-Za-z0-9-]+$")]
    language: Option<Option<String>>,
    /// Hours for which an invitation can be accepted, at most the appliance's. Null means the appliance's value.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    invitation_hours: Option<Option<i64>>,
    /// Hours without a request after which a sign-in ends for this organisation, at most the appliance's. Null means
    /// the appliance's value.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    session_idle_hours: Option<Option<i64>>,
    /// Days after which a sign-in ends for this organisation, at most the appliance's. Null means the appliance's
    /// value.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    session_days: Option<Option<i64>>,
}

/// `PATCH /api/v1/organisations/{org}`.
#[utoipa::path(
    patch, path = "/organisations/{org}", tag = "Organisations", summary = "Change an organisation",
    description = "Its name, its language, and how long its invitations and sign-ins last. Absent fields stay unchanged.",
    request_body = Changed,
    responses((status = 200, body = OrganisationView), (status = 409)),
)]
pub async fn update_organisation(
    app: Data<App>,
    admin: OrganisationAdmin,
    body: Body<Changed>,
) -> Result<Json<OrganisationView>> {
    let admin = admin.0;
    let summary = costly(&app, admin.caller, move |app, caller| {
        let Changed { name, language, invitation_hours, session_idle_hours, session_days } = body.read()?;
        let change = OrganisationChange {
            name: name.map(|name| Name::parse("name", &name)).transpose()?,
            language: language.map(language_tag).transpose()?,
            lives: LivesChange { invitation_hours, session_idle_hours, session_days },
        };
        organisations::change(app, caller, &admin.organisation, change)
    })
    .await?;
    Ok(Json(summary.into()))
}

/// `DELETE /api/v1/organisations/{org}`: for operators; answers with the effect.
#[utoipa::path(
    delete, path = "/organisations/{org}", tag = "Organisations", summary = "Delete an organisation",
    description = "The effect names who loses access, and the applications, workspaces, invitations, API keys, custom roles, granted hosts and connection that end.",
    params(Run, ("confirm" = Option<String>, Query, description = "The organisation's name. A dry run needs none.")),
    responses((status = 200, body = EffectView)),
)]
pub async fn delete_organisation(
    app: Data<App>,
    operator: Member,
    run: Run,
    request: HttpRequest,
) -> Result<Json<EffectView>> {
    let (Member { organisation, caller, .. }, confirm) = (operator, param(&request, "confirm"));
    let delete =
        move |app: &App, caller: &Caller| deletion::delete_organisation(app, caller, &organisation, confirm, run);
    costly(&app, caller, delete).await.map(shown)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"plan": "enterprise"}))]
pub struct PlanChoice {
    plan: String,
}

/// `PUT /api/v1/organisations/{org}/plan`: for operators; answers with the effect.
#[utoipa::path(
    put, path = "/organisations/{org}/plan", tag = "Organisations", summary = "Switch an organisation’s plan",
    operation_id = "switch_plan",
    params(Run),
    request_body = PlanChoice,
    responses((status = 200, body = EffectView), (status = 409)),
)]
pub async fn update_plan(
    app: Data<App>,
    operator: Member,
    run: Run,
    body: Body<PlanChoice>,
) -> Result<Json<EffectView>> {
    let Member { organisation, caller, .. } = operator;
    let switch =
        move |app: &App, caller: &Caller| plans::switch_plan(app, caller, &organisation, body.read()?.plan, run);
    costly(&app, caller, switch).await.map(shown)
}

/// `GET /api/v1/organisations/{org}/members`: sorted by e-mail address.
#[utoipa::path(
    get, path = "/organisations/{org}/members", tag = "People", summary = "List the people of an organisation",
    params(Page, OfOrganisation),
    responses((status = 200, body = Listing<MemberView>)),
)]
pub async fn list_members(
    app: Data<App>,
    admin: OrganisationAdmin,
    page: Page,
    wanted: OfOrganisation,
) -> Result<Json<Listing<MemberView>>> {
    let (Member { organisation, caller, .. }, filter) = (admin.0, wanted.0);
    let read = move |app: &App, _: &Caller| members::of_organisation(app, &organisation.id, &filter, &page);
    let listing = costly(&app, caller, read).await?;
    Ok(Json(listing.into()))
}

/// `GET /api/v1/organisations/{org}/members.csv`: all people who match the filters, sorted by e-mail address.
#[utoipa::path(
    get, path = "/organisations/{org}/members.csv", tag = "People", summary = "Download the people of an organisation as CSV",
    description = "Everyone, sorted by address. A cell that a spreadsheet would read as a formula starts with an apostrophe.",
    params(OfOrganisation, Download),
    responses((status = 200, body = String, content_type = CSV)),
)]
pub async fn download_members(
    app: Data<App>,
    admin: OrganisationAdmin,
    wanted: OfOrganisation,
    download: Download,
) -> Result<HttpResponse> {
    let (Member { organisation, caller, .. }, filter) = (admin.0, wanted.0);
    let name = file_name(Some(&organisation.slug), "members", app.now());
    let receiver = caller.clone();
    let page_of =
        move |app: &App, caller: &Caller, page: &Page| members::file_page(app, caller, &organisation.id, &filter, page);
    let shared = app.clone();
    let read = move |page: Page| {
        let (app, caller, page_of) = (shared.clone(), caller.clone(), page_of.clone());
        Box::pin(async move {
            let read = || {
                let (page, page_of) = (page.clone(), page_of.clone());
                costly(&app, caller.clone(), move |app, caller| page_of(app, caller, &page))
            };
            in_turn(&page, read).await
        }) as Reading<_>
    };
    download.answer(&app, &receiver, &name, read).await
}
