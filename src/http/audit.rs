//! The audit log.

use super::answer::shown;
use super::blocking::at_gate;
use super::download::{CSV, Download, Reading, file_name, in_turn};
use super::guard::{Member, Operator, OrganisationAdmin};
use super::query::param;
use crate::actions::{Caller, audit};
use crate::api::audit::{Activity, AuditListing};
use crate::app::App;
use crate::domain::audit::{Actor, Entry, Filter};
use crate::domain::{Listing, Page, Result};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::Arc;

/// The key at the gate for reading the log of an organisation, or of all organisations. API keys and downloads have
/// separate keys, so that a program does not delay people.
fn gate_key(caller: &Caller, filter: &Filter, file: bool) -> String {
    let organisation = filter.organisation.as_ref().map_or("", |id| id.as_str());
    let apart = match caller.author.actor {
        _ if file => " file",
        Actor::Key { .. } => " key",
        _ => "",
    };
    format!("{organisation}{apart}")
}

/// Reads the log: at most two reads at a time for each organisation, and two for the operators' log of all organisations.
async fn read_log<T: Send + 'static>(
    app: &Data<App>,
    caller: &Caller,
    filter: Filter,
    read: impl FnOnce(&App, &Filter) -> Result<T> + Send + 'static,
) -> Result<T> {
    let key = gate_key(caller, &filter, false);
    at_gate(app, &app.audit_reads, &key, caller.claim.clone(), move |app| read(app, &filter)).await
}

async fn listing(app: &Data<App>, caller: &Caller, filter: Filter, page: Page) -> Result<Json<AuditListing>> {
    let listing = read_log(app, caller, filter, move |app, filter| audit::entries(app, filter, &page)).await?;
    Ok(Json(listing.into()))
}

/// `GET /api/v1/organisations/{org}/audit`: newest first; filters `user`, `resource_type`, `resource`, `workspace`,
/// `from`, `to`.
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
    let Member { organisation, caller, .. } = admin.0;
    listing(&app, &caller, Filter { organisation: Some(organisation.id), ..filter }, page).await
}

/// `GET /api/v1/audit`: the log of all organisations and of the appliance, for operators.
#[utoipa::path(
    get, path = "/audit", tag = "Audit log", summary = "Read the audit log of everything",
    params(Page, Filter),
    responses((status = 200, body = AuditListing), (status = 429)),
)]
pub async fn list_audit(
    app: Data<App>,
    operator: Operator,
    page: Page,
    request: HttpRequest,
) -> Result<Json<AuditListing>> {
    listing(&app, &operator.caller, Filter::parse(|name| param(&request, name))?, page).await
}

/// The log as a file. The download holds a permit of the gate only while a page is read, not while the client receives
/// the page.
async fn file(
    app: Data<App>,
    caller: Caller,
    filter: Filter,
    download: Download,
    of: Option<&str>,
) -> Result<HttpResponse> {
    let name = file_name(of, "audit", app.now());
    let (shared, receiver, filter) = (app.clone(), caller.clone(), Arc::new(filter));
    let read = move |page: Page| {
        let (app, caller, filter) = (shared.clone(), caller.clone(), filter.clone());
        Box::pin(async move { in_turn(&page, || page_of(&app, &caller, &filter, &page)).await }) as Reading<_>
    };
    download.answer(&app, &receiver, &name, read).await
}

/// One page of the file.
async fn page_of(app: &Data<App>, caller: &Caller, filter: &Arc<Filter>, page: &Page) -> Result<Listing<Entry>> {
    let key = gate_key(caller, filter, true);
    let (claim, filter, page) = (caller.claim.clone(), filter.clone(), page.clone());
    let judged = claim.clone();
    at_gate(app, &app.audit_reads, &key, claim, move |app| audit::file_page(app, &judged, &filter, &page)).await
}

/// `GET /api/v1/organisations/{org}/audit.csv`: all entries that match the filters, newest first.
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

/// `GET /api/v1/audit.csv`: the log of all organisations and of the appliance, for operators.
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

async fn activity(app: &Data<App>, caller: &Caller, filter: Filter) -> Result<Json<Activity>> {
    read_log(app, caller, filter, audit::activity).await.map(shown)
}

/// `GET /api/v1/organisations/{org}/audit/activity`: the number of entries by hour or day, with the filters of the log.
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
    let Member { organisation, caller, .. } = admin.0;
    activity(&app, &caller, Filter { organisation: Some(organisation.id), ..filter }).await
}

/// `GET /api/v1/audit/activity`: the counts of all organisations and of the appliance, for operators.
#[utoipa::path(
    get, path = "/audit/activity", tag = "Audit log", summary = "Count the audit log of everything by time",
    params(Filter),
    responses((status = 200, body = Activity), (status = 429)),
)]
pub async fn show_activity(app: Data<App>, operator: Operator, request: HttpRequest) -> Result<Json<Activity>> {
    activity(&app, &operator.caller, Filter::parse(|name| param(&request, name))?).await
}
