//! Enforces a route's policy before its handler runs, and leaves the admitted caller for the extractors of `guard.rs`.

use super::blocking::looking_up;
use super::cookies::Cookies;
use super::pages::{MOST_PORTALS, SESSION_OVER};
use super::policy::Policy;
use super::query::param;
use super::{arrival, client, cookies, origin, security};
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

/// The signed-in person, if any, on a route that is open to everybody.
pub struct Looked(pub Option<SignedIn>);

/// Passes a request on to its handler if the policy allows it. The body is not read before that.
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

/// The answer to a refused request. If a session has ended, it sets a cookie, so that the sign-in page can offer the
/// portals of the person's organisations.
fn refused(request: &HttpRequest, refusal: Error) -> HttpResponse {
    let notice = match &refusal {
        Error::SessionOver { portal_urls } if !portal_urls.is_empty() => Some(Notice {
            portal_urls: portal_urls.iter().take(MOST_PORTALS).cloned().collect(),
            ..Notice::plain(SESSION_OVER)
        }),
        _ => None,
    };
    // Not `into_response`, which loses the error: `refusals::written` and the security log need it.
    let mut answer = HttpResponse::from_error(refusal);
    if let (Some(notice), Some(app)) = (notice, request.app_data::<Data<App>>()) {
        // If the cookie cannot be added, only the links to the portals are missing.
        drop(answer.add_cookie(&cookies::notice(app, &notice)));
    }
    answer
}

async fn check(policy: Policy, request: &HttpRequest) -> Result<()> {
    let app = request.app_data::<Data<App>>().cloned().ok_or_else(|| Error::internal("no app in the request"))?;
    if !policy.of_applications {
        arrival::note(&app, request);
        client::note_cookies(Cookies::of(&app, request));
    }
    if !policy.before_set_up {
        set_up(&app).await?;
    }
    let safe = [Method::GET, Method::HEAD].contains(request.method());
    if !safe && !policy.cross_site {
        origin::same_origin(&app.config, request)?;
    }
    match policy.need {
        Some(need) => judge(app, policy, need, request).await,
        // The answers of open routes are in the language of the signed-in person, too.
        None if policy.of_applications => Ok(()),
        None if policy.looks || (!policy.before_set_up && cookies::session_of(&app, request).is_some()) => {
            look(app, request).await
        }
        None => Ok(()),
    }
}

/// Refuses every request until the appliance is set up. Once it is, `app.set_up` says so without a query.
async fn set_up(app: &Data<App>) -> Result<()> {
    if app.set_up.load(Ordering::Relaxed) || !looking_up(app, is_pending).await? {
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
    // A dry run changes nothing, so only the real run needs a fresh sign-in.
    let fresh = policy.sensitive && dry_run.as_deref() != Some("true");
    let right = policy.right(need, fresh.then_some(app.config.fresh_secs));
    let (named, address) = (named(request), origin::client_address(&app.config, request));
    let judged = match admission::admit_from_memory(&app, &credential, &right, &named, &address) {
        Some(judged) => judged,
        None => looking_up(&app, move |app| Ok(admission::admit(app, &credential, right, &named, &address))).await?,
    };
    if let Some(actor) = judged.actor {
        security::keep_actor(request, actor);
    }
    spoken::by_person(judged.languages.person);
    spoken::by_organisation(judged.languages.organisation);
    let admitted = judged.outcome?;
    client::note_admitted();
    spoken::by_organisation(admitted.organisation.as_ref().and_then(Organisation::default_language));
    request.extensions_mut().insert(admitted);
    Ok(())
}

async fn look(app: Data<App>, request: &HttpRequest) -> Result<()> {
    let found = match cookies::session_of(&app, request) {
        Some(token) => match sessions::known(&app, &token) {
            known @ Some(_) => known,
            None => looking_up(&app, move |app| sessions::look(app, &token)).await?,
        },
        None => None,
    };
    let languages = found.as_ref().map(Languages::of).unwrap_or_default();
    spoken::by_person(languages.person);
    spoken::by_organisation(languages.organisation);
    request.extensions_mut().insert(Looked(found));
    Ok(())
}

/// The credential of a request. A route of the set-up link takes that link only, even if there is also a session; on
/// other routes an API key takes precedence over a session.
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

/// The text after `scheme` in the `Authorization` header.
fn authorization(request: &HttpRequest, scheme: &str) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    header.strip_prefix(scheme).map(ToOwned::to_owned)
}

/// A workspace's id unchanged, or `organisation/workspace` with its slash decoded.
fn slugs(id: &str) -> String {
    id.replacen("%2F", "/", 1).replacen("%2f", "/", 1)
}

/// The organisation `{org}`, the workspace `{id}` or the application `{app}` that the path names.
fn named(request: &HttpRequest) -> Named {
    let in_path = |name: &str| request.match_info().get(name).map(ToOwned::to_owned);
    let organisation = || in_path("org").map(Named::Organisation);
    let workspace = || in_path("id").map(|id| Named::Workspace(slugs(&id)));
    let application = || in_path("app").map(Named::Application);
    organisation().or_else(workspace).or_else(application).unwrap_or(Named::Appliance)
}
