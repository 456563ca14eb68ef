//! Signing in and out over the API, who am I, and my sessions.

use super::blocking::blocking;
use super::body::Body;
use super::guard::{FromBrowser, Person};
use super::{cookies, signed_in};
use crate::actions::me::{Me, me};
use crate::actions::sign_in::Recovery;
use crate::actions::{sessions, sign_in};
use crate::app::App;
use crate::domain::ids::{OrganisationId, SessionId};
use crate::domain::method::Method;
use crate::domain::session::{Session, SignedIn};
use crate::domain::{Listing, Page, Password, Result, Timestamp};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
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

/// `POST /api/v1/login`: a session, by password.
#[utoipa::path(
    post, path = "/login", tag = "Signing in", summary = "Sign in with a password",
    description = "Sets the session’s cookie.",
    request_body = SignIn,
    responses((status = 200, body = Me), (status = 401), (status = 403, description = "The password is right, and the organisation signs in through SAML: `sso_required`, with the portals’ addresses, of which a person without an organisation has none.", body = super::error_body::SsoRequired), (status = 429)),
)]
pub async fn create_session(app: Data<App>, browser: FromBrowser, body: Body<SignIn>) -> Result<HttpResponse> {
    let (SignIn { email, password, recovery_code, organisation }, browser) = (body.read()?, browser.0);
    let recovery = recovery_code.filter(|code| !code.trim().is_empty()).map(|code| Recovery { code, organisation });
    let password = Password::typed(password);
    let sign_in = blocking(&app, move |app| sign_in::sign_in(app, &email, password, recovery, browser)).await?;
    signed_in::as_me(&app, sign_in, StatusCode::OK).await
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
    responses((status = 200, body = Me)),
)]
pub async fn show_me(app: Data<App>, person: Person) -> Result<Json<Me>> {
    blocking(&app, move |app| me(app, &person.asking)).await.map(Json)
}

/// `GET /api/v1/me/sessions`.
#[utoipa::path(
    get, path = "/me/sessions", tag = "Own account", summary = "List your sessions",
    params(Page),
    responses((status = 200, body = Listing<SessionView>)),
)]
pub async fn list_sessions(app: Data<App>, person: Person, page: Page) -> Result<Json<Listing<SessionView>>> {
    let (asking, sessions) =
        blocking(&app, move |app| sessions::own_sessions(app, &person.asking).map(|list| (person.asking, list)))
            .await?;
    let listing = page.part_of(sessions, |session| session.id.to_string());
    Ok(Json(listing.map(|session| view(&asking, &session))))
}

/// A session of one's own.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    id: SessionId,
    /// True if it is the one that asks.
    current: bool,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    address: String,
    agent: String,
    /// How it signed in.
    methods: Vec<Method>,
    /// Names of the organisations that it may open.
    organisations: Vec<String>,
    /// By which method it may open each of them.
    opens: Vec<Opening>,
}

/// An organisation that a session may open.
#[derive(Serialize, ToSchema)]
pub struct Opening {
    organisation: String,
    method: Method,
}

fn view(asking: &SignedIn, session: &Session) -> SessionView {
    let live = session.grants.iter().filter(|grant| asking.now < grant.expires_at);
    let seen: Vec<_> =
        live.filter_map(|grant| Some((grant.method, organisation_name(asking, &grant.organisation)?))).collect();
    let mut methods: Vec<_> = seen.iter().map(|(method, _)| *method).collect();
    if asking.has_password() && session.password_at.is_some() {
        methods.push(Method::Password);
    }
    methods.sort_unstable_by_key(|method| method.as_str());
    methods.dedup();
    let mut organisations: Vec<_> = seen.iter().map(|(_, name)| (*name).to_owned()).collect();
    organisations.dedup();
    let opening = |(method, name): &(Method, &str)| Opening { organisation: (*name).to_owned(), method: *method };
    let opens = seen.iter().map(opening).collect();
    SessionView {
        id: session.id.clone(),
        current: session.id == asking.session.id,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        address: session.address.clone(),
        agent: session.agent.clone(),
        methods,
        organisations,
        opens,
    }
}

fn organisation_name<'a>(asking: &'a SignedIn, id: &OrganisationId) -> Option<&'a str> {
    let seat = asking.seats.iter().find(|seat| seat.organisation.id == *id)?;
    asking.sees(seat).then_some(seat.organisation.name.as_str())
}

/// `DELETE /api/v1/me/sessions`: all but the one that asks.
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
