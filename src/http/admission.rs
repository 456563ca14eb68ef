//! Stands before every handler: enforces the route's policy, and leaves for the extractors of `guard.rs` who was let in.

use super::blocking::blocking;
use super::pages::MOST_PORTALS;
use super::policy::Policy;
use super::query::param;
use super::{arrival, cookies, origin, security};
use crate::actions::admission::{self, Credential, Languages, Named};
use crate::actions::first_run::is_pending;
use crate::actions::saml_sign_in::notice::Notice;
use crate::actions::sessions;
use crate::app::App;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::phrase;
use crate::domain::principal::Need;
use crate::domain::session::SignedIn;
use crate::domain::spoken;
use crate::domain::{Error, Result};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use std::sync::atomic::Ordering;

/// The person who is signed in, if any, for a route that is open to everybody.
pub struct Looked(pub Option<SignedIn>);

/// Lets a request through to its handler where the policy allows it; its body is not read before that.
pub async fn admit(
    policy: Policy,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match check(policy, request.request()).await {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
        Err(refusal) => {
            let request = request.into_parts().0;
            let answer = refused(&request, refusal);
            Ok(ServiceResponse::new(request, answer))
        }
    }
}

/// The answer to whom the policy does not let through. The sign-in page, where a browser whose session has ended goes next, is to
/// offer the portals of its organisations.
fn refused(request: &HttpRequest, refusal: Error) -> HttpResponse {
    let notice = match &refusal {
        Error::SessionOver { portal_urls } if !portal_urls.is_empty() => Some(Notice {
            portal_urls: portal_urls.iter().take(MOST_PORTALS).cloned().collect(),
            ..Notice::plain("session_over")
        }),
        _ => None,
    };
    // Not `into_response`, which loses the error: `refusals::written` and the security log need it.
    let mut answer = HttpResponse::from_error(refusal);
    if let (Some(notice), Some(app)) = (notice, request.app_data::<Data<App>>()) {
        // A cookie that cannot be added would only cost the links to the portals.
        drop(answer.add_cookie(&cookies::notice(app, &notice)));
    }
    answer
}

async fn check(policy: Policy, request: &HttpRequest) -> Result<()> {
    let app = request.app_data::<Data<App>>().cloned().ok_or_else(|| Error::internal("no app in the request"))?;
    arrival::note(&app, request);
    if !policy.before_set_up {
        set_up(&app).await?;
    }
    let safe = [Method::GET, Method::HEAD].contains(request.method());
    if !safe && !policy.cross_site {
        origin::same_origin(&app.config, request)?;
    }
    match policy.need {
        Some(need) => judge(app, policy, need, request).await,
        // Whoever is signed in is answered in their language everywhere.
        None if policy.looks || (!policy.before_set_up && cookies::session_of(&app, request).is_some()) => {
            look(app, request).await
        }
        None => Ok(()),
    }
}

/// Until somebody has set the appliance up, there is nothing behind the door. Once that is done, memory knows it.
async fn set_up(app: &Data<App>) -> Result<()> {
    if app.set_up.load(Ordering::Relaxed) || !blocking(app, is_pending).await? {
        return Ok(());
    }
    Err(Error::Unavailable { code: "setup_required", message: phrase!("not-set-up"), retry_after_secs: None })
}

async fn judge(app: Data<App>, policy: Policy, need: Need, request: &HttpRequest) -> Result<()> {
    let credential = credential(&app, need, request)?;
    let dry_run = param(request, "dry_run");
    if dry_run.is_some() && !policy.switch && request.method() != Method::GET {
        return Err(Error::invalid("dry_run", phrase!("field-no-dry-run")));
    }
    // A dry run changes nothing: the real run asks.
    let fresh = policy.sensitive && dry_run.as_deref() != Some("true");
    let right = policy.right(need, fresh.then_some(app.config.fresh_secs));
    let (named, address) = (named(request), origin::client_address(&app.config, request));
    let judged = match admission::admit_from_memory(&app, &credential, &right, &named, &address) {
        Some(judged) => judged,
        None => blocking(&app, move |app| Ok(admission::admit(app, &credential, right, &named, &address))).await?,
    };
    if let Some(actor) = judged.actor {
        security::keep_actor(request, actor);
    }
    spoken::by_person(judged.languages.person);
    spoken::by_organisation(judged.languages.organisation);
    let admitted = judged.outcome?;
    spoken::by_organisation(admitted.organisation.as_ref().and_then(Organisation::default_language));
    request.extensions_mut().insert(admitted);
    Ok(())
}

async fn look(app: Data<App>, request: &HttpRequest) -> Result<()> {
    let found = match cookies::session_of(&app, request) {
        Some(token) => match sessions::known(&app, &token) {
            known @ Some(_) => known,
            None => blocking(&app, move |app| sessions::look(app, &token)).await?,
        },
        None => None,
    };
    let languages = found.as_ref().map(Languages::of).unwrap_or_default();
    spoken::by_person(languages.person);
    spoken::by_organisation(languages.organisation);
    request.extensions_mut().insert(Looked(found));
    Ok(())
}

/// The secret by which a request says who sends it. A set-up link opens the set-up only, and a session beside it does not count;
/// an API key goes before a session.
fn credential(app: &App, need: Need, request: &HttpRequest) -> Result<Credential> {
    if need == Need::SetupLink {
        let message = phrase!("set-up-link-needed");
        let unauthorized = || Error::Refused { code: "unauthorized", message };
        return authorization(request, "SetupLink ").map(Credential::SetupLink).ok_or_else(unauthorized);
    }
    if request.headers().contains_key(AUTHORIZATION) {
        return Ok(Credential::Key(authorization(request, "Bearer ").unwrap_or_default()));
    }
    cookies::session_of(app, request).map(Credential::Session).ok_or_else(Error::unauthorized)
}

/// The text behind the scheme in the header.
fn authorization(request: &HttpRequest, scheme: &str) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    header.strip_prefix(scheme).map(ToOwned::to_owned)
}

/// An id as it is, and the slugs `organisation/workspace`, whose slash an address holds encoded.
fn slugs(id: &str) -> String {
    id.replacen("%2F", "/", 1).replacen("%2f", "/", 1)
}

/// The place that the address names: `{org}`, else the workspace `{id}`.
fn named(request: &HttpRequest) -> Named {
    let in_path = |name: &str| request.match_info().get(name).map(ToOwned::to_owned);
    match in_path("org").map(Named::Organisation) {
        Some(organisation) => organisation,
        None => in_path("id").map_or(Named::Appliance, |id| Named::Workspace(slugs(&id))),
    }
}
