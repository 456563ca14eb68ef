//! Records refusals in the security log.

use super::origin;
use crate::actions::security;
use crate::app::App;
use crate::domain::Error;
use crate::domain::audit::{Actor, Event};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde_json::json;

/// Refusals that are about the plan, the age of the sign-in or a proxy, not about a missing right.
const NO_LACK_OF_RIGHT: [&str; 4] = ["plan_required", "reauthentication_required", "unknown_host", "untrusted_proxy"];

/// Records refusals: throttling, missing rights, requests from other sites, unknown keys.
pub async fn note_refusals<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let answer = next.call(request).await?;
    let kept = answer.response().extensions().get::<Error>().cloned();
    let error = kept.or_else(|| answer.response().error()?.as_error::<Error>().cloned());
    let action = error.as_ref().and_then(|error| action(error, answer.request()));
    if let (Some(error), Some(action), Some(app)) = (error, action, answer.request().app_data::<Data<App>>()) {
        let request = answer.request();
        let actor = request.extensions().get::<Actor>().cloned().unwrap_or(Actor::Anonymous);
        // The route's pattern, not the address, which may contain a secret.
        let place = format!("{} {}", method(request.method()), request.match_pattern().unwrap_or_default());
        let event = Event::new(action, "security", "", place).with(json!({ "code": error.code() }));
        security::note(app, actor, &origin::client_address(&app.config, request), event);
    }
    Ok(answer)
}

/// The name of a common method; another text from a client is not logged.
fn method(method: &Method) -> &str {
    let usual = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if usual.contains(method) { method.as_str() } else { "OTHER" }
}

fn action(error: &Error, request: &HttpRequest) -> Option<&'static str> {
    match error {
        Error::Throttled { .. } | Error::TooManyGuesses { .. } | Error::MailLimit { .. } => Some("security.throttled"),
        Error::Forbidden { code: "cross_site", .. } => Some("security.cross_site"),
        Error::Forbidden { code, .. } if !NO_LACK_OF_RIGHT.contains(code) => Some("security.refused"),
        Error::Closed { .. } => Some("security.refused"),
        Error::Refused { code: "unauthorized", .. } => {
            let by_key = request.headers().get(AUTHORIZATION).is_some_and(|one| one.as_bytes().starts_with(b"Bearer "));
            by_key.then_some("security.unknown_key")
        }
        _ => None,
    }
}

/// Stores the caller with the request, for the log entry about a refusal.
pub fn keep_actor(request: &HttpRequest, actor: Actor) {
    request.extensions_mut().insert(actor);
}

/// Stores the error of an answer that is not an error in HTTP, such as a redirect.
pub fn keep_error(answer: &mut HttpResponse, error: Error) {
    answer.extensions_mut().insert(error);
}
