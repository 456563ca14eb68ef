//! Letters that are not sent yet, for operators.

use super::blocking::blocking;
use super::guard::Operator;
use crate::actions::mail;
use crate::app::App;
use crate::domain::ids::MailId;
use crate::domain::mail::Mail;
use crate::domain::{Page, Result};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde_json::{Value, json};

/// A letter without its text, which may hold a link.
fn view(mail: &Mail) -> Value {
    json!({
        "id": mail.id,
        "to": mail.to,
        "kind": mail.kind,
        "subject": mail.subject,
        "attempts": mail.attempts,
        "next_attempt_at": mail.next_attempt_at,
        "last_error": mail.last_error,
        "created_at": mail.created_at,
        "expires_at": mail.expires_at,
    })
}

/// `GET /api/v1/mails`: oldest first, and whether there is a mail server at all.
pub async fn list_mails(app: Data<App>, _operator: Operator, page: Page) -> Result<Json<Value>> {
    let listing = blocking(&app, move |app| app.store.read(|db| db.mails(&page))).await?;
    let items: Vec<_> = listing.items.iter().map(view).collect();
    Ok(Json(json!({ "items": items, "next": listing.next, "mail_server": app.mail.is_some() })))
}

/// `POST /api/v1/mails/{mail}/retry`: now, rather than when it is its turn.
pub async fn retry_mail(app: Data<App>, operator: Operator, path: Path<String>) -> Result<Json<Value>> {
    let id = MailId::parse(&path)?;
    let mail = blocking(&app, move |app| mail::retry(app, &operator.caller, id)).await?;
    Ok(Json(view(&mail)))
}

/// `DELETE /api/v1/mails/{mail}`: it is never sent.
pub async fn delete_mail(app: Data<App>, operator: Operator, path: Path<String>) -> Result<HttpResponse> {
    let id = MailId::parse(&path)?;
    blocking(&app, move |app| mail::discard(app, &operator.caller, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
