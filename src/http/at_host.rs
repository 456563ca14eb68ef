//! Keeps the hosts of applications and the public URL's host apart: at an application's host there is only
//! `/.vestibule/`, and elsewhere there is no `/.vestibule/`.

use super::application_cookies::note_known;
use super::arrival::PROBES;
use super::blocking::looking_up;
use crate::actions::forward_auth::{OWN_PATHS, hosted, known_hosted, names_hosted};
use crate::app::App;
use crate::domain::application::Hosted;
use crate::domain::application_host::{AppHost, without_port};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HOST;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use std::sync::Arc;

/// The start of the paths of proxies' checks.
pub const CHECKS: &str = "/auth/check";

/// True for the checks of proxies, which may come with any host.
fn is_check(path: &str) -> bool {
    ["", "/nginx"].iter().any(|end| path.strip_prefix(CHECKS) == Some(end)) || path.starts_with("/auth/check/envoy/")
}

/// The host of a request, and the application that is served there.
#[derive(Clone)]
pub struct AtHost {
    /// The host.
    pub host: AppHost,
    /// The application.
    pub hosted: Arc<Hosted>,
}

/// The host that a request names; `None` if it names none.
fn host_of(request: &HttpRequest) -> Option<&str> {
    request.headers().get(HOST)?.to_str().ok()
}

/// True if a request names the host of the public URL, at any port.
pub fn is_home(app: &App, request: &HttpRequest) -> bool {
    // With a dot at its end, a name is the same.
    host_of(request).is_some_and(|host| {
        without_port(host).trim_end_matches('.').eq_ignore_ascii_case(app.config.public_url.host_name())
    })
}

/// The application at the host of a request, if there is one.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
async fn find(app: &Data<App>, request: &HttpRequest) -> Result<Option<AtHost>> {
    let Some(host) = host_of(request).and_then(AppHost::of_request) else { return Ok(None) };
    Ok(hosted_at(app, &host).await?.map(|hosted| AtHost { host, hosted }))
}

/// True if a request names the host of an application at another port, or with a dot at its end. Browsers send the
/// cookies of a host to all its ports, so the console must not be there.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
async fn names_application(app: &Data<App>, request: &HttpRequest) -> Result<bool> {
    let Some(host) = host_of(request) else { return Ok(false) };
    let Some(name) = AppHost::read(without_port(host).trim_end_matches('.')) else { return Ok(false) };
    looking_up(app, move |app| names_hosted(app, &name)).await
}

/// The application that is served at a host, if there is one.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub async fn hosted_at(app: &Data<App>, host: &AppHost) -> Result<Option<Arc<Hosted>>> {
    if let Some(known) = known_hosted(app, host) {
        return Ok(known);
    }
    let host = host.clone();
    looking_up(app, move |app| hosted(app, &host)).await
}

/// Passes a request on if its host serves its path. The application of the host is left for the handlers of
/// `/.vestibule/`.
pub async fn separate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let refusal = match request.app_data::<Data<App>>().cloned() {
        Some(app) => judge(&app, request.request()).await.err(),
        None => None,
    };
    match refusal {
        None => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
        Some(refusal) => {
            let request = request.into_parts().0;
            Ok(ServiceResponse::new(request, HttpResponse::from_error(refusal)))
        }
    }
}

async fn judge(app: &Data<App>, request: &HttpRequest) -> Result<()> {
    let own = request.path().starts_with(OWN_PATHS);
    let nothing = || Error::NotFound(phrase!("nothing-here"));
    let misdirected = || Error::Misdirected(phrase!("application-host-only"));
    if is_home(app, request) {
        return if own { Err(nothing()) } else { Ok(()) };
    }
    if is_check(request.path()) {
        return Ok(());
    }
    // Health checks do not wait for the database.
    if PROBES.contains(&request.path()) {
        let host = host_of(request).and_then(AppHost::of_request);
        let of_application = host.and_then(|host| known_hosted(app, &host)).flatten().is_some();
        return if of_application { Err(misdirected()) } else { Ok(()) };
    }
    if own {
        // Known people do not wait behind strangers.
        for secure in [true, false] {
            note_known(app, request, secure);
        }
    }
    match find(app, request).await? {
        Some(at) if own => {
            request.extensions_mut().insert(at);
            Ok(())
        }
        Some(_) => Err(misdirected()),
        None if names_application(app, request).await? => Err(misdirected()),
        None if own => Err(nothing()),
        None => Ok(()),
    }
}

/// The application at the host of a request that `separate` let through.
///
/// # Errors
/// `NotFound` elsewhere.
pub fn here(request: &HttpRequest) -> Result<AtHost> {
    request.extensions().get::<AtHost>().cloned().ok_or_else(|| Error::NotFound(phrase!("nothing-here")))
}
