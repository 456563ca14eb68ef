//! Signing in and out over the API, who am I, and my sessions.

use super::blocking::blocking;
use super::body::Body;
use super::cookies;
use super::guard::{FromBrowser, Person};
use crate::actions::me::{Me, me, me_of_token};
use crate::actions::sign_in::Recovery;
use crate::actions::{sessions, sign_in};
use crate::app::App;
use crate::domain::ids::{OrganisationId, SessionId};
use crate::domain::session::{Session, SignedIn};
use crate::domain::{KnownBrowser, Listing, Page, Password, Result};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    email: String,
    password: String,
    recovery_code: Option<String>,
    organisation: Option<String>,
}

/// `POST /api/v1/login`: a session, by password.
pub async fn create_session(app: Data<App>, browser: FromBrowser, body: Body<SignIn>) -> Result<HttpResponse> {
    let (SignIn { email, password, recovery_code, organisation }, browser) = (body.read()?, browser.0);
    let recovery = recovery_code.filter(|code| !code.trim().is_empty()).map(|code| Recovery { code, organisation });
    let password = Password::typed(password);
    let known = browser.known.clone();
    let token = blocking(&app, move |app| sign_in::sign_in(app, &email, password, recovery, browser)).await?;
    begun(&app, token, known, StatusCode::OK).await
}

/// Answers with `me` and the cookies of the session that has just begun by password, in a browser so far known to these.
pub async fn begun(app: &Data<App>, token: String, known: KnownBrowser, status: StatusCode) -> Result<HttpResponse> {
    let secret = token.clone();
    let me = blocking(app, move |app| me_of_token(app, &secret)).await?;
    let known = cookies::known(app, known, me.email());
    Ok(HttpResponse::build(status).cookie(cookies::session(app, token)).cookie(known).json(me))
}

/// `POST /api/v1/logout`.
pub async fn delete_current_session(app: Data<App>, browser: FromBrowser) -> Result<HttpResponse> {
    blocking(&app, move |app| sessions::sign_out(app, &browser.0)).await?;
    Ok(HttpResponse::NoContent().cookie(cookies::no_session(&app)).finish())
}

/// `GET /api/v1/me`.
pub async fn show_me(app: Data<App>, person: Person) -> Result<Json<Me>> {
    blocking(&app, move |app| me(app, &person.asking)).await.map(Json)
}

/// `GET /api/v1/me/sessions`.
pub async fn list_sessions(app: Data<App>, person: Person, page: Page) -> Result<Json<Listing<Value>>> {
    let (asking, sessions) =
        blocking(&app, move |app| sessions::own_sessions(app, &person.asking).map(|list| (person.asking, list)))
            .await?;
    let listing = page.part_of(sessions, |session| session.id.to_string());
    Ok(Json(listing.map(|session| view(&asking, &session))))
}

fn view(asking: &SignedIn, session: &Session) -> Value {
    let live = session.grants.iter().filter(|grant| asking.now < grant.expires_at);
    let seen: Vec<_> =
        live.filter_map(|grant| Some((grant.method, organisation_name(asking, &grant.organisation)?))).collect();
    let mut methods: Vec<_> = seen.iter().map(|(method, _)| method.as_str()).collect();
    if asking.has_password() && session.password_at.is_some() {
        methods.push("password");
    }
    methods.sort_unstable();
    methods.dedup();
    let mut organisations: Vec<_> = seen.iter().map(|(_, name)| *name).collect();
    organisations.dedup();
    json!({
        "id": session.id,
        "current": session.id == asking.session.id,
        "created_at": session.created_at,
        "last_seen_at": session.last_seen_at,
        "expires_at": session.expires_at,
        "address": session.address,
        "agent": session.agent,
        "methods": methods,
        "organisations": organisations,
    })
}

fn organisation_name<'a>(asking: &'a SignedIn, id: &OrganisationId) -> Option<&'a str> {
    let seat = asking.seats.iter().find(|seat| seat.organisation.id == *id)?;
    asking.sees(seat).then_some(seat.organisation.name.as_str())
}

/// `DELETE /api/v1/me/sessions/{session}`.
pub async fn delete_session(app: Data<App>, person: Person, path: Path<String>) -> Result<HttpResponse> {
    let id = SessionId::parse(&path)?;
    blocking(&app, move |app| sessions::end_own_session(app, &person.caller, &person.asking, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
