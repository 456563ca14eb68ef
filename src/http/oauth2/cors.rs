//! Requests by scripts of public clients: pages at the origins of their redirect URIs may read the answers. No answer
//! depends on a cookie, and none allows credentials.

use super::refusals::{RETRY_SECS, is_endpoint, is_temporary};
use crate::actions::oidc::client;
use crate::app::App;
use crate::domain::Result;
use crate::http::blocking::blocking;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, HeaderMap, HeaderValue, ORIGIN, RETRY_AFTER,
    VARY,
};
use actix_web::middleware::Next;
use actix_web::rt::time::timeout;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use std::time::Duration;

/// The longest origin that is looked up, in bytes.
const MOST_BYTES: usize = 300;
/// How long an error waits for the database.
const PATIENCE: Duration = Duration::from_secs(1);

/// The origin of the page that sends a request.
fn origin_of(request: &HttpRequest) -> Option<String> {
    let origin = request.headers().get(ORIGIN)?.to_str().ok()?;
    (origin.len() <= MOST_BYTES).then(|| origin.to_owned())
}

/// Lets pages of this origin read an answer, if it is allowed.
fn share(answer: &mut HeaderMap, origin: &str, allowed: bool) {
    if allowed && let Ok(origin) = HeaderValue::from_str(origin) {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After, WWW-Authenticate"));
    }
    answer.insert(VARY, HeaderValue::from_static("Origin"));
}

/// Lets a page read an answer for a client, if it is at one of the client's origins.
pub async fn shared(
    app: &Data<App>,
    request: &HttpRequest,
    client: &str,
    mut answer: HttpResponse,
) -> Result<HttpResponse> {
    let Some(origin) = origin_of(request) else { return Ok(answer) };
    let (client, asked) = (client.to_owned(), origin.clone());
    let allowed = blocking(app, move |app| client::allows_origin(app, &client, &asked)).await?;
    share(answer.headers_mut(), &origin, allowed);
    Ok(answer)
}

/// Lets a page at an origin of some client read an answer that is for no known client, such as a refusal.
pub async fn shared_with_clients(
    app: &Data<App>,
    request: &HttpRequest,
    mut answer: HttpResponse,
) -> Result<HttpResponse> {
    let Some(origin) = origin_of(request) else { return Ok(answer) };
    let asked = origin.clone();
    let allowed = blocking(app, move |app| client::is_known_origin(app, &asked)).await?;
    share(answer.headers_mut(), &origin, allowed);
    Ok(answer)
}

/// Lets pages of clients read the errors with which the endpoints of clients answer before or in place of their handlers,
/// such as too many requests.
///
/// # Errors
/// The errors of the rest of the chain.
pub async fn share_refusals<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let shares = is_endpoint(request.path()) && request.path() != "/oauth2/introspect";
    let mut answer = next.call(request).await?;
    let status = answer.status();
    if !is_endpoint(answer.request().path()) || status.as_u16() < 400 {
        return Ok(answer);
    }
    // Set here, as the language of these answers is always the same.
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_temporary(status) && !answer.headers().contains_key(RETRY_AFTER) {
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECS));
    }
    let asked = origin_of(answer.request()).filter(|_| shares && !answer.headers().contains_key(VARY));
    let app = answer.request().app_data::<Data<App>>().cloned();
    if let (Some(origin), Some(app)) = (asked, app) {
        let asked = origin.clone();
        let known = blocking(&app, move |app| client::is_known_origin(app, &asked));
        // An overloaded server answers without it, rather than late.
        let allowed = timeout(PATIENCE, known).await.is_ok_and(|known| known.unwrap_or_default());
        share(answer.headers_mut(), &origin, allowed);
    }
    Ok(answer)
}

/// `OPTIONS` of the token, userinfo and revocation endpoints: what browsers ask before such a request.
pub async fn preflight(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let mut answer = HttpResponse::NoContent();
    answer.insert_header((VARY, "Origin"));
    let Some(origin) = origin_of(&request) else { return Ok(answer.finish()) };
    let asked = origin.clone();
    if blocking(&app, move |app| client::is_known_origin(app, &asked)).await? {
        answer
            .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin))
            .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
            .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type"))
            .insert_header((ACCESS_CONTROL_MAX_AGE, "600"));
    }
    Ok(answer.finish())
}
