//! Requests by scripts of public clients: pages at the origins of their redirect URIs may read the answers. No answer
//! depends on a cookie, and none allows credentials.

use crate::actions::oidc::client;
use crate::app::App;
use crate::domain::Result;
use crate::http::blocking::blocking;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    HeaderValue, ORIGIN, VARY,
};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// The longest origin that is looked up, in bytes.
const MOST_BYTES: usize = 300;

/// The origin of the page that sends a request.
fn origin_of(request: &HttpRequest) -> Option<String> {
    let origin = request.headers().get(ORIGIN)?.to_str().ok()?;
    (origin.len() <= MOST_BYTES).then(|| origin.to_owned())
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
    if blocking(app, move |app| client::allows_origin(app, &client, &asked)).await?
        && let Ok(origin) = HeaderValue::from_str(&origin)
    {
        answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    answer.headers_mut().insert(VARY, HeaderValue::from_static("Origin"));
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
    if blocking(app, move |app| client::is_known_origin(app, &asked)).await?
        && let Ok(origin) = HeaderValue::from_str(&origin)
    {
        answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    answer.headers_mut().insert(VARY, HeaderValue::from_static("Origin"));
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
