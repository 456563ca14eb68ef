//! A person's own account, and the links that set a password.
#![allow(clippy::option_option)] // absent, null and a text are three things

use super::answer::shown;
use super::blocking::{blocking, costly};
use super::body::{Body, Token, given_text, language_tag};
use super::cookies;
use super::guard::{FromBrowser, Operator, Person};
use crate::actions::account::MadeLink;
use crate::actions::me::{me_of_caller, me_of_token};
use crate::actions::{Caller, Run, account, reauthentication};
use crate::api::account::{InspectedReset, Nothing, ResetLink, ResetRequested, SsoOnlyOrganisation};
use crate::api::me::MeView;
use crate::app::App;
use crate::domain::ids::UserId;
use crate::domain::{Email, Name, Password, Result, ReturnPath};
use crate::mail::{PasswordUse, SsoOnly};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChange, example = json!({"name": "Ann Archer", "language": "en"}))]
pub struct Change {
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    /// The language tag of your pages and e-mails. Null: the browser’s language, or your organisation’s. A language
    /// that is not offered has no effect.
    #[serde(default, deserialize_with = "given_text")]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35, pattern = "^[A-Za-z0-9-]+$")]
    language: Option<Option<String>>,
    /// True to get an e-mail at each sign-in from an unknown browser. Operators and organisation admins always get one.
    notify_new_browser: Option<bool>,
}

/// `PATCH /api/v1/me`.
#[utoipa::path(
    patch, path = "/me", tag = "Own account", summary = "Change your name, language or e-mail settings",
    request_body = Change,
    responses((status = 200, body = MeView), (status = 429)),
)]
pub async fn update_me(app: Data<App>, person: Person, body: Body<Change>) -> Result<Json<MeView>> {
    blocking(&app, move |app| {
        let change = body.read()?;
        let name = change.name.map(|name| Name::parse("name", &name)).transpose()?;
        let language = change.language.map(language_tag).transpose()?;
        account::change(app, &person.caller, &person.asking, name, language, change.notify_new_browser)?;
        me_of_caller(app, &person.caller)
    })
    .await
    .map(shown)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "right horse battery", "new_password": "copper walnut tides 9"}))]
pub struct NewPassword {
    #[schema(format = Password)]
    current_password: String,
    #[schema(min_length = 12, max_length = 128, format = Password)]
    new_password: String,
}

/// `PUT /api/v1/me/password`: the person's other sessions end.
#[utoipa::path(
    put, path = "/me/password", tag = "Own account", summary = "Change your password",
    description = "Your other sessions end, and this one has a new cookie.",
    request_body = NewPassword,
    responses((status = 200, body = Nothing), (status = 429)),
)]
pub async fn update_password(app: Data<App>, person: Person, body: Body<NewPassword>) -> Result<HttpResponse> {
    let NewPassword { current_password, new_password } = body.read()?;
    let current = Password::typed(current_password);
    let change = move |app: &App| account::change_password(app, &person.caller, &person.asking, &current, new_password);
    let token = blocking(&app, change).await?;
    Ok(HttpResponse::Ok().cookie(cookies::session(&app, token)).json(Nothing {}))
}

/// The password of the signed-in person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "right horse battery"}))]
pub struct Reauthentication {
    #[schema(format = Password)]
    password: String,
}

/// `POST /api/v1/me/reauthenticate`: confirms the person's password, so that sensitive actions become available.
#[utoipa::path(
    post, path = "/me/reauthenticate", tag = "Own account", summary = "Confirm your identity with your password",
    description = "Renews this session, so that sensitive actions are allowed for a while. To confirm through SAML, open `/sso?key=KEY&return=PATH&fresh=1`.",
    request_body = Reauthentication,
    responses((status = 200, body = MeView), (status = 429)),
)]
pub async fn create_reauthentication(
    app: Data<App>,
    person: Person,
    browser: FromBrowser,
    body: Body<Reauthentication>,
) -> Result<HttpResponse> {
    let password = Password::typed(body.read()?.password);
    let (token, known, me) = blocking(&app, move |app| {
        let (token, known) =
            reauthentication::reauthenticate(app, &person.caller, &person.asking, &password, &browser.0)?;
        let me = me_of_token(app, &token)?;
        Ok((token, known, me))
    })
    .await?;
    let (session, known) = (cookies::session(&app, token), cookies::known(&app, &known));
    Ok(HttpResponse::Ok().cookie(session).cookie(known).json(MeView::from(me)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForgottenPassword)]
pub struct Forgotten {
    #[schema(value_type = Email)]
    email: String,
    /// The page to open after the new password is set: a path on this site. Anything else is ignored.
    r#return: Option<String>,
}

/// `POST /api/v1/password-reset`: the answer is the same whether or not the address is known.
#[utoipa::path(
    post, path = "/password-reset", tag = "Signing in", summary = "Ask for a link that sets a password",
    description = "The answer is the same whether or not the address is known.",
    request_body = Forgotten,
    responses((status = 200, body = ResetRequested), (status = 429)),
)]
pub async fn request_reset(
    app: Data<App>,
    browser: FromBrowser,
    body: Body<Forgotten>,
) -> Result<Json<ResetRequested>> {
    let Forgotten { email, r#return } = body.read()?;
    let email = Email::parse(&email)?;
    let path = r#return.and_then(|path| ReturnPath::parse(&path).ok());
    let mail_server = blocking(&app, move |app| account::request_reset(app, &email, path, browser.0.address)).await?;
    Ok(Json(ResetRequested { mail_server }))
}

/// `POST /api/v1/password-reset/inspect`: whether a link still works, and whose password it sets.
#[utoipa::path(
    post, path = "/password-reset/inspect", tag = "Signing in", summary = "Inspect a password link by its token",
    request_body = Token,
    responses((status = 200, body = InspectedReset), (status = 404)),
)]
pub async fn inspect_reset(app: Data<App>, body: Body<Token>) -> Result<Json<InspectedReset>> {
    let inspect = move |app: &App| account::inspect_reset_with_use(app, &body.read()?.token);
    let (link, useful) = blocking(&app, inspect).await?;
    let is_first = useful.is_some() && link.user.password_hash.is_none();
    let useful = useful.unwrap_or_else(|| PasswordUse { opens: true, ..PasswordUse::default() });
    let shown = |list: Vec<SsoOnly>, unconfirmed| {
        let shown =
            move |SsoOnly { organisation, portal_url }| SsoOnlyOrganisation { organisation, portal_url, unconfirmed };
        list.into_iter().map(shown)
    };
    Ok(Json(InspectedReset {
        email: link.user.email,
        confirms_operator: link.confirms_operator,
        r#return: link.return_path.map(|path| path.as_str().to_owned()),
        first: is_first,
        opens_nothing: !useful.opens && !link.confirms_operator,
        with_code: !useful.opens && useful.with_code && !useful.sso_only.is_empty(),
        sso_only: shown(useful.sso_only, false).chain(shown(useful.unconfirmed, true)).collect(),
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordReset, example = json!({"token": "pXq3…", "password": "copper walnut tides 9"}))]
pub struct Finish {
    token: String,
    #[schema(min_length = 12, max_length = 128, format = Password)]
    password: String,
}

/// `POST /api/v1/password-reset/finish`: sets a password with the token of a link.
#[utoipa::path(
    post, path = "/password-reset/finish", tag = "Signing in", summary = "Set a password with the token of a link",
    description = "With a link that confirms an operator, `password` is the person’s current password, which does not change.",
    request_body = Finish,
    responses((status = 200, body = Nothing), (status = 401), (status = 403), (status = 404), (status = 409), (status = 429)),
)]
pub async fn finish_reset(app: Data<App>, browser: FromBrowser, body: Body<Finish>) -> Result<HttpResponse> {
    let Finish { token, password } = body.read()?;
    let known = browser.0.known.clone();
    let email = blocking(&app, move |app| account::finish_reset(app, token, password, browser.0)).await?;
    // Failed sign-ins from other browsers no longer block this person in this browser.
    Ok(HttpResponse::Ok().cookie(cookies::known(&app, &known.with(&email))).json(Nothing {}))
}

/// `POST /api/v1/users/{user}/reset-link`: for operators. The link is sent by e-mail; without a mail server, the
/// operator passes it on.
#[utoipa::path(
    post, path = "/users/{user}/reset-link", tag = "People", summary = "Create a link that sets a person’s password",
    description = "An API key cannot create one for an operator; nobody can for a disabled person. The warnings of `effect` say what \
        using the link ends, if they have no password yet, and which of their organisations will not accept it.",
    params(Run),
    responses((status = 200, body = ResetLink), (status = 409)),
)]
pub async fn create_reset_link(
    app: Data<App>,
    operator: Operator,
    path: Path<String>,
    run: Run,
) -> Result<Json<ResetLink>> {
    let id = UserId::parse(&path)?;
    let (effect, made) =
        costly(&app, operator.caller, move |app: &App, caller: &Caller| account::reset_link(app, caller, id, run))
            .await?;
    let (mailed, reset_url) = match made {
        Some(MadeLink::Mailed) => (Some(true), None),
        Some(MadeLink::Shown(url)) => (None, Some(url)),
        None => (None, None),
    };
    Ok(Json(ResetLink { mailed, reset_url, effect: Some(effect.into()) }))
}
