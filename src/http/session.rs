//! Signing in and out through the API, the signed-in person, and their sessions.

use super::answer::shown;
use super::blocking::{blocking, looking_up};
use super::body::Body;
use super::guard::{FromBrowser, Person};
use super::own_lists::own_list;
use super::{cookies, signed_in};
use crate::actions::me::{me, me_from_memory, with_me};
use crate::actions::sign_in::Recovery;
use crate::actions::{sessions, sign_in};
use crate::api::error::SsoRequired;
use crate::api::me::MeView;
use crate::api::page::Listing;
use crate::api::sessions::SessionView;
use crate::app::App;
use crate::domain::ids::SessionId;
use crate::domain::{Page, Password, Result};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ann@acme.example", "password": "right horse battery"}))]
pub struct SignIn {
    email: String,
    #[schema(format = Password)]
    password: String,
    recovery_code: Option<String>,
    #[schema(example = "acme")]
    organisation: Option<String>,
}

/// `POST /api/v1/login`: begins a session with a password.
#[utoipa::path(
    post, path = "/login", tag = "Signing in", summary = "Sign in with a password",
    description = "Sets the session’s cookie.",
    request_body = SignIn,
    responses((status = 200, body = MeView), (status = 401), (status = 403, description = "The password is right, and the organisation signs in through SAML: `sso_required`, with the portals’ addresses, of which a person without an organisation has none.", body = SsoRequired), (status = 429)),
)]
pub async fn create_session(app: Data<App>, browser: FromBrowser, body: Body<SignIn>) -> Result<HttpResponse> {
    let (SignIn { email, password, recovery_code, organisation }, browser) = (body.read()?, browser.0);
    let recovery = recovery_code.filter(|code| !code.trim().is_empty()).map(|code| Recovery { code, organisation });
    let password = Password::typed(password);
    let sign_in =
        blocking(&app, move |app| with_me(app, sign_in::sign_in(app, &email, password, recovery, browser)?)).await?;
    signed_in::as_me(&app, sign_in, StatusCode::OK)
}

/// `POST /api/v1/logout`.
#[utoipa::path(
    post, path = "/logout", tag = "Signing in", summary = "Sign out",
    responses((status = 204)),
)]
pub async fn delete_current_session(app: Data<App>, browser: FromBrowser) -> Result<HttpResponse> {
    blocking(&app, move |app| sessions::sign_out(app, &browser.0)).await?;
    Ok(HttpResponse::NoContent().cookie(cookies::no_session(&app)).finish())
}

/// `GET /api/v1/me`.
#[utoipa::path(
    get, path = "/me", tag = "Own account", summary = "Show who you are and what you can access",
    responses((status = 200, body = MeView)),
)]
pub async fn show_me(app: Data<App>, person: Person) -> Result<Json<MeView>> {
    match me_from_memory(&app, &person.asking) {
        Some(me) => Ok(shown(me)),
        None => looking_up(&app, move |app| me(app, &person.asking)).await.map(shown),
    }
}

/// `GET /api/v1/me/sessions`.
#[utoipa::path(
    get, path = "/me/sessions", tag = "Own account", summary = "List your sessions",
    params(Page),
    responses((status = 200, body = Listing<SessionView>)),
)]
pub async fn list_sessions(app: Data<App>, person: Person, page: Page) -> Result<Json<Listing<SessionView>>> {
    let asking = person.asking.clone();
    let read = move |app: &App| {
        let listing = sessions::own_sessions(app, &asking, &page)?;
        Ok(listing.map(|session| SessionView::of(&asking, session)))
    };
    own_list(&app, &person.caller, &person.asking, read).await.map(shown)
}

/// `DELETE /api/v1/me/sessions`: ends all sessions but the current one.
#[utoipa::path(
    delete, path = "/me/sessions", tag = "Own account", summary = "End all of your other sessions",
    responses((status = 204)),
)]
pub async fn delete_other_sessions(app: Data<App>, person: Person) -> Result<HttpResponse> {
    blocking(&app, move |app| sessions::end_other_sessions(app, &person.caller, &person.asking)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /api/v1/me/sessions/{session}`.
#[utoipa::path(
    delete, path = "/me/sessions/{session}", tag = "Own account", summary = "End one of your sessions",
    responses((status = 204)),
)]
pub async fn delete_session(app: Data<App>, person: Person, path: Path<String>) -> Result<HttpResponse> {
    let id = SessionId::parse(&path)?;
    blocking(&app, move |app| sessions::end_own_session(app, &person.caller, &person.asking, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
