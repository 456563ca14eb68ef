//! A person's own account, and the links that set a password.

use super::blocking::blocking;
use super::body::Body;
use super::guard::{FromBrowser, Operator, Person};
use crate::actions::account;
use crate::actions::me::{Me, me_of_user};
use crate::app::App;
use crate::domain::ids::UserId;
use crate::domain::{Email, Name, Password, Result};
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    name: Option<String>,
    language: Option<String>,
}

/// `PATCH /api/v1/me`.
pub async fn update_me(app: Data<App>, person: Person, body: Body<Change>) -> Result<Json<Me>> {
    blocking(&app, move |app| {
        let change = body.read()?;
        let name = change.name.map(|name| Name::parse("name", &name)).transpose()?;
        let language = change.language.map(|language| account::parse_language(&language)).transpose()?;
        account::change(app, &person.caller, &person.asking, name, language)?;
        me_of_user(app, person.asking)
    })
    .await
    .map(Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    current_password: String,
    new_password: String,
}

/// `PUT /api/v1/me/password`: the person's other sessions end.
pub async fn update_password(app: Data<App>, person: Person, body: Body<NewPassword>) -> Result<Json<Value>> {
    let NewPassword { current_password, new_password } = body.read()?;
    let current = Password::typed(current_password);
    blocking(&app, move |app| account::change_password(app, &person.caller, &person.asking, &current, new_password))
        .await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    email: String,
}

/// `POST /api/v1/password-reset`: one answer, whether or not the address is known.
pub async fn request_reset(app: Data<App>, browser: FromBrowser, body: Body<Forgotten>) -> Result<Json<Value>> {
    let email = Email::parse(&body.read()?.email)?;
    let mails = blocking(&app, move |app| account::request_reset(app, &email, browser.0.address)).await?;
    Ok(Json(json!({ "mail_server": mails })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    token: String,
    password: String,
}

/// `POST /api/v1/password-reset/finish`: by the token of a link.
pub async fn finish_reset(app: Data<App>, browser: FromBrowser, body: Body<Finish>) -> Result<Json<Value>> {
    let Finish { token, password } = body.read()?;
    blocking(&app, move |app| account::finish_reset(app, token, password, browser.0.address)).await?;
    Ok(Json(json!({})))
}

/// `POST /api/v1/users/{user}/reset-link`: for operators. It goes by mail; where no mail is sent, they hand it on.
pub async fn create_reset_link(app: Data<App>, operator: Operator, path: Path<String>) -> Result<Json<Value>> {
    let id = UserId::parse(&path)?;
    let link =
        blocking(&app, move |app| account::reset_link(app, &operator.caller, |db| db.user(&id).map(Some))).await?;
    Ok(Json(link.map_or_else(|| json!({ "mailed": true }), |url| json!({ "reset_url": url }))))
}
