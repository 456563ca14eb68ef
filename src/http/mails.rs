//! E-mails that are not sent yet, for operators.

use super::answer::shown;
use super::blocking::{blocking, calling};
use super::body::Body;
use super::guard::Operator;
use crate::actions::mail;
use crate::actions::mail_test::{self};
use crate::api::mails::MailTestView;
use crate::api::mails::{MailListing, MailView};
use crate::app::App;
use crate::domain::ids::MailId;
use crate::domain::{Email, Page, Result};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/mails`: oldest first, and whether a mail server is set up.
#[utoipa::path(
    get, path = "/mails", tag = "Mail", summary = "List the e-mails that are not sent yet",
    params(Page),
    responses((status = 200, body = MailListing)),
)]
pub async fn list_mails(app: Data<App>, _operator: Operator, page: Page) -> Result<Json<MailListing>> {
    let listing = blocking(&app, move |app| mail::waiting(app, &page)).await?;
    let items = listing.items.into_iter().map(MailView::from).collect();
    Ok(Json(MailListing { items, next: listing.next, mail_server: app.mail.is_some() }))
}

/// The recipient of a test e-mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestMail {
    #[schema(value_type = Email)]
    email: String,
}

/// `POST /api/v1/mails/test`: sends a test e-mail now, and reports each step.
#[utoipa::path(
    post, path = "/mails/test", tag = "Mail", summary = "Send a test e-mail now",
    description = "Answers 200 even if the mail server refuses it: `steps` says which step failed, and what to do.",
    request_body = TestMail,
    responses((status = 200, body = MailTestView), (status = 409)),
)]
pub async fn create_test_mail(app: Data<App>, operator: Operator, body: Body<TestMail>) -> Result<Json<MailTestView>> {
    let to = Email::parse(&body.read()?.email)?;
    let caller = operator.caller;
    calling(&app, caller.claim.clone(), move |app| mail_test::send(app, &caller, to)).await.map(shown)
}

/// `POST /api/v1/mails/{mail}/retry`: retries now instead of at the planned time.
#[utoipa::path(
    post, path = "/mails/{mail}/retry", tag = "Mail", summary = "Retry an e-mail now",
    responses((status = 200, body = MailView)),
)]
pub async fn retry_mail(app: Data<App>, operator: Operator, path: Path<String>) -> Result<Json<MailView>> {
    let id = MailId::parse(&path)?;
    let mail = blocking(&app, move |app| mail::retry(app, &operator.caller, id)).await?;
    Ok(Json(mail.into()))
}

/// `DELETE /api/v1/mails/{mail}`: discards the e-mail.
#[utoipa::path(
    delete, path = "/mails/{mail}", tag = "Mail", summary = "Discard an e-mail",
    responses((status = 204)),
)]
pub async fn delete_mail(app: Data<App>, operator: Operator, path: Path<String>) -> Result<HttpResponse> {
    let id = MailId::parse(&path)?;
    blocking(&app, move |app| mail::discard(app, &operator.caller, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
