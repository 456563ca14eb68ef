//! Operators, and their API keys.

use super::blocking::{blocking, costly};
use super::body::Body;
use super::guard::Operator;
use super::keys::read_at;
use crate::actions::handed_over::KnownPasswords;
use crate::actions::operators::Added;
use crate::actions::{Caller, Run, keys, operators};
use crate::api::effect::EffectView;
use crate::api::keys::KeyView;
use crate::api::operators::OperatorView;
use crate::api::page::Listing;
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::ids::{KeyId, UserId};
use crate::domain::{Email, Name, Page, Result, Timestamp};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// `GET /api/v1/operators`: sorted by e-mail address; those who have not used their link yet come last.
#[utoipa::path(
    get, path = "/operators", tag = "Operators", summary = "List operators",
    params(Page),
    responses((status = 200, body = Listing<OperatorView>)),
)]
pub async fn list_operators(app: Data<App>, _operator: Operator, page: Page) -> Result<Json<Listing<OperatorView>>> {
    let listed = blocking(&app, operators::list).await?;
    Ok(Json(page.part_of(listed, |user| (!user.operator, user.email.to_string()))?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOperator {
    #[schema(value_type = Email)]
    email: String,
    /// True if an existing person must set a new password: theirs ends at once, with their sessions.
    #[serde(default)]
    new_password: bool,
}

/// `POST /api/v1/operators`: with a link, sent by e-mail or, without a mail server, in the answer.
#[utoipa::path(
    post, path = "/operators", tag = "Operators", summary = "Add an operator",
    description = "The person gets a link by e-mail or, without a mail server, in `accept_url`. A new person sets their password with it. An existing person keeps password and sessions, and becomes an operator (`pending` until then) after opening the link and entering their current password. With `new_password`, or if an API key received the link that set their password, their password and \
        sessions end, and the link sets a new password. API keys cannot add operators.",
    params(Run),
    request_body = NewOperator,
    responses(
        (status = 200, description = "With `dry_run=true`: what it would do.", body = EffectView),
        (status = 201, body = OperatorView),
        (status = 409),
    ),
)]
pub async fn create_operator(
    app: Data<App>,
    operator: Operator,
    run: Run,
    body: Body<NewOperator>,
) -> Result<HttpResponse> {
    let add = move |app: &App, caller: &Caller| {
        let NewOperator { email, new_password } = body.read()?;
        operators::add(app, caller, Email::parse(&email)?, new_password, run)
    };
    let (effect, added) = costly(&app, operator.caller, add).await?;
    let Some(Added { user, link }) = added else { return Ok(HttpResponse::Ok().json(EffectView::from(effect))) };
    let view = OperatorView { accept_url: link, effect: Some(effect.into()), ..user.into() };
    Ok(HttpResponse::Created().json(view))
}

/// `DELETE /api/v1/operators/{user}`.
#[utoipa::path(
    delete, path = "/operators/{user}", tag = "Operators", summary = "Remove an operator",
    description = "They keep their account and memberships. API keys that they made keep working, and so do passwords that were set \
        with links that they received; the dry run names both, and the audit log keeps what it named. The link of a `pending` operator ends.",
    params(Run, KnownPasswords),
    responses(
        (status = 200, description = "With `dry_run=true`: what it would do.", body = EffectView),
        (status = 204),
        (status = 409),
    ),
)]
pub async fn delete_operator(
    app: Data<App>,
    operator: Operator,
    path: Path<String>,
    run: Run,
    passwords: KnownPasswords,
) -> Result<HttpResponse> {
    let id = UserId::parse(&path)?;
    let effect =
        costly(&app, operator.caller, move |app, caller| operators::remove(app, caller, id, passwords, run)).await?;
    Ok(ended(effect))
}

/// Answers with the effect of a dry run, or with 204 after a real run.
fn ended(effect: Effect) -> HttpResponse {
    if effect.applied { HttpResponse::NoContent().finish() } else { HttpResponse::Ok().json(EffectView::from(effect)) }
}

/// `GET /api/v1/keys`: the keys with operator rights, without their secrets.
#[utoipa::path(
    get, path = "/keys", tag = "Operators", summary = "List operators’ API keys",
    operation_id = "list_operators_keys",
    params(Page),
    responses((status = 200, body = Listing<KeyView>)),
)]
pub async fn list_keys(app: Data<App>, _operator: Operator, page: Page) -> Result<Json<Listing<KeyView>>> {
    let listing = blocking(&app, move |app| keys::list(app, None, &page)).await?;
    Ok(Json(listing.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOperatorsKey, example = json!({"name": "Provisioning", "expires_at": "2027-01-31T00:00:00Z"}))]
#[allow(clippy::option_option)] // absent, null and a time are three things
pub struct NewKey {
    #[schema(value_type = Name)]
    name: String,
    /// 90 days from now if absent; null means never.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Timestamp>)]
    expires_at: Option<Option<String>>,
}

/// Distinguishes a null field from an absent one.
#[allow(clippy::option_option)]
fn given<'de, D: Deserializer<'de>>(value: D) -> std::result::Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// `POST /api/v1/keys`: answers with the key's secret, which is not shown again.
#[utoipa::path(
    post, path = "/keys", tag = "Operators", summary = "Create an API key with operator rights",
    operation_id = "create_operators_key",
    description = "The secret is only in this answer. It expires after 90 days unless `expires_at` says \
        otherwise; null is never. API keys cannot make it.",
    request_body = NewKey,
    responses((status = 201, body = KeyView)),
)]
pub async fn create_key(app: Data<App>, operator: Operator, body: Body<NewKey>) -> Result<HttpResponse> {
    let (key, secret) = blocking(&app, move |app| {
        let NewKey { name, expires_at } = body.read()?;
        let expires_at = expires_at.map(|at| at.as_deref().map(read_at).transpose()).transpose()?;
        keys::create_operator_key(app, &operator.caller, Name::parse("name", &name)?, expires_at)
    })
    .await?;
    Ok(HttpResponse::Created().json(KeyView::made(key, secret)))
}

/// `DELETE /api/v1/keys/{key}`.
#[utoipa::path(
    delete, path = "/keys/{key}", tag = "Operators", summary = "Delete an operators’ API key",
    description = "API keys of organisations, set-up links and password links that it created end with it. Passwords that were set with \
        links that it received keep working. The dry run and the audit log name all of these.",
    operation_id = "delete_operators_key",
    params(Run, KnownPasswords),
    responses(
        (status = 200, description = "With `dry_run=true`: what it would do.", body = EffectView),
        (status = 204),
        (status = 409),
    ),
)]
pub async fn delete_key(
    app: Data<App>,
    operator: Operator,
    path: Path<String>,
    run: Run,
    passwords: KnownPasswords,
) -> Result<HttpResponse> {
    let id = KeyId::parse(&path)?;
    let effect =
        costly(&app, operator.caller, move |app, caller| keys::delete_operator_key(app, caller, id, passwords, run))
            .await?;
    Ok(ended(effect))
}
