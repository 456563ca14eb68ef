//! The audit log.

use super::answer::shown;
use super::blocking::{blocking, enter};
use super::download::{CSV, Download, Reading, file_name};
use super::guard::{Member, Operator, OrganisationAdmin};
use super::query::param;
use crate::actions::Caller;
use crate::api::audit::{Activity, AuditListing};
use crate::app::{App, Permit};
use crate::domain::audit::Filter;
use crate::domain::{Page, Result};
use crate::store::Db;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::Arc;

/// A place among those who read the log of an organisation, or of everything.
async fn turn(app: &Data<App>, filter: &Filter) -> Result<Permit> {
    let organisation = filter.organisation.as_ref().map_or("", |id| id.as_str());
    enter(&app.audit_reads, organisation).await
}

/// Reads the log, at most two at a time for each organisation, and for the operators' log of everything.
async fn read_log<T: Send + 'static>(
    app: &Data<App>,
    filter: Filter,
    read: impl FnOnce(&Db, &Filter) -> Result<T> + Send + 'static,
) -> Result<T> {
    let permit = turn(app, &filter).await?;
    blocking(app, move |app| {
        let _permit = permit;
        app.store.read(|db| read(db, &filter))
    })
    .await
}

async fn listing(app: &Data<App>, filter: Filter, page: Page) -> Result<Json<AuditListing>> {
    let listing = read_log(app, filter, move |db, filter| db.audit(filter, &page)).await?;
    Ok(Json(listing.into()))
}

/// `GET /api/v1/organisations/{org}/audit`: newest first; filters `user`, `resource_type`, `resource`, `workspace`, `from`, `to`.
#[utoipa::path(
    get, path = "/organisations/{org}/audit", tag = "Audit log", summary = "Read the organisation’s audit log",
    params(Page, Filter),
    responses((status = 200, body = AuditListing), (status = 429)),
)]
pub async fn list_organisation_audit(
    app: Data<App>,
    admin: OrganisationAdmin,
    page: Page,
    request: HttpRequest,
) -> Result<Json<AuditListing>> {
    let filter = Filter::parse(|name| param(&request, name))?;
    listing(&app, Filter { organisation: Some(admin.0.organisation.id), ..filter }, page).await
}

/// `GET /api/v1/audit`: of all organisations and of none, for operators.
#[utoipa::path(
    get, path = "/audit", tag = "Audit log", summary = "Read the audit log of everything",
    params(Page, Filter),
    responses((status = 200, body = AuditListing), (status = 429)),
)]
pub async fn list_audit(
    app: Data<App>,
    _operator: Operator,
    page: Page,
    request: HttpRequest,
) -> Result<Json<AuditListing>> {
    listing(&app, Filter::parse(|name| param(&request, name))?, page).await
}

/// The log as a file. It has its place among the two who read at once until it is sent, or the client is gone.
async fn file(
    app: Data<App>,
    caller: Caller,
    filter: Filter,
    download: Download,
    of: Option<&str>,
) -> Result<HttpResponse> {
    let name = file_name(of, "audit", app.now());
    let (permit, filter) = (Arc::new(turn(&app, &filter).await?), Arc::new(filter));
    let read = move |page: Page| {
        let (app, caller, filter, permit) = (app.clone(), caller.clone(), filter.clone(), permit.clone());
        let read = move |app: &App| {
            let _permit = permit;
            app.read(&caller.claim, |db| db.audit(&filter, &page))
        };
        Box::pin(async move { blocking(&app, read).await }) as Reading<_>
    };
    download.answer(&name, read).await
}

/// `GET /api/v1/organisations/{org}/audit.csv`: all of the log that fits the filters, newest first.
#[utoipa::path(
    get, path = "/organisations/{org}/audit.csv", tag = "Audit log", summary = "Download the organisation’s audit log as CSV",
    description = "All entries, newest first. A cell that a spreadsheet would read as a formula starts with an apostrophe.",
    params(Filter, Download),
    responses((status = 200, body = String, content_type = CSV), (status = 429)),
)]
pub async fn download_organisation_audit(
    app: Data<App>,
    admin: OrganisationAdmin,
    download: Download,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let filter = Filter::parse(|name| param(&request, name))?;
    let filter = Filter { organisation: Some(organisation.id), ..filter };
    file(app, caller, filter, download, Some(&organisation.slug)).await
}

/// `GET /api/v1/audit.csv`: of all organisations and of none, for operators.
#[utoipa::path(
    get, path = "/audit.csv", tag = "Audit log", summary = "Download the audit log of everything as CSV",
    params(Filter, Download),
    responses((status = 200, body = String, content_type = CSV), (status = 429)),
)]
pub async fn download_audit(
    app: Data<App>,
    operator: Operator,
    download: Download,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let filter = Filter::parse(|name| param(&request, name))?;
    file(app, operator.caller, filter, download, None).await
}

async fn activity(app: &Data<App>, filter: Filter) -> Result<Json<Activity>> {
    read_log(app, filter, |db, filter| db.activity(filter)).await.map(shown)
}

/// `GET /api/v1/organisations/{org}/audit/activity`: how much was done, by the hour or day, with the filters of the log.
#[utoipa::path(
    get, path = "/organisations/{org}/audit/activity", tag = "Audit log", summary = "Count the organisation’s audit log by time",
    description = "By the hour for up to two days, otherwise by the day; the last 30 days by default, at most 90.",
    params(Filter),
    responses((status = 200, body = Activity), (status = 429)),
)]
pub async fn show_organisation_activity(
    app: Data<App>,
    admin: OrganisationAdmin,
    request: HttpRequest,
) -> Result<Json<Activity>> {
    let filter = Filter::parse(|name| param(&request, name))?;
    activity(&app, Filter { organisation: Some(admin.0.organisation.id), ..filter }).await
}

/// `GET /api/v1/audit/activity`: of all organisations and of none, for operators.
#[utoipa::path(
    get, path = "/audit/activity", tag = "Audit log", summary = "Count the audit log of everything by time",
    params(Filter),
    responses((status = 200, body = Activity), (status = 429)),
)]
pub async fn show_activity(app: Data<App>, _operator: Operator, request: HttpRequest) -> Result<Json<Activity>> {
    activity(&app, Filter::parse(|name| param(&request, name))?).await
}
