//! Forward auth: the answers to reverse proxies that ask about a request to an application, and the sign-in that begins at
//! an application's host.

use super::application_cookies::{application_token, note_known};
use super::application_pages::{self, Shown};
use super::arrival;
use super::at_host::{hosted_at, is_home};
use super::blocking::{blocking, looking_up};
use super::guard::Asking;
use super::origin::{self, client_address};
use super::pages::see_other;
use super::query::param;
use super::refusals::error_body;
use crate::actions::assertions;
use crate::actions::forward_auth::{self, Denial, Onward, start_url};
use crate::app::App;
use crate::domain::application::{Hosted, Opening};
use crate::domain::application_log::LogEntry;
use crate::domain::application_rule::Require;
use crate::domain::forward_auth::{Decision, IDENTITY_HEADERS, Identity, OriginalRequest, Overrides, decide};
use crate::domain::level::Level;
use crate::domain::phrase::phrase;
use crate::domain::session::SignedIn;
use crate::domain::{Error, Result};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, UPGRADE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use std::sync::Arc;
use url::form_urlencoded::byte_serialize;

/// The headers in which Caddy, Traefik and `HAProxy` describe the original request; two of them mark this convention.
const FORWARDED: [&str; 4] = ["x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"];
const FORWARDED_MARKS: [&str; 2] = ["x-forwarded-uri", "x-forwarded-method"];
/// The headers in which nginx describes it.
const ORIGINAL: [&str; 2] = ["x-original-method", "x-original-url"];
/// The headers by which some applications take another method than that of the request, or another path.
const METHOD_OVERRIDES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];
const PATH_OVERRIDES: [&str; 2] = ["x-rewrite-url", "x-override-url"];
/// The address for Envoy, before the original path.
const ENVOY: &str = "/auth/check/envoy";

/// How a proxy describes the original request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Convention {
    /// In `X-Forwarded-*`.
    Forwarded,
    /// In `X-Original-*`, by nginx, which does not pass on a redirect.
    Nginx,
    /// In the request line, by Envoy.
    Envoy,
}

/// `/auth/check`.
pub async fn check_forwarded(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    check(app, request, Convention::Forwarded).await
}

/// `/auth/check/nginx`.
pub async fn check_nginx(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    check(app, request, Convention::Nginx).await
}

/// `/auth/check/envoy/...`.
pub async fn check_envoy(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    check(app, request, Convention::Envoy).await
}

async fn check(app: Data<App>, request: HttpRequest, convention: Convention) -> Result<HttpResponse> {
    // The public URL is for people. On a local machine, both are the same address.
    if is_home(&app, &request) && !app.config.public_url.is_loopback() {
        return Err(Error::NotFound(phrase!("nothing-here")));
    }
    believed(&app, &request)?;
    let original = OriginalRequest { overrides: overrides(request.headers()), ..convention.read(&request)? };
    note_known(&app, &request, original.secure);
    let hosted = hosted(&app, &request, &original).await?;
    if !original.secure && !original.host.is_loopback() {
        return Err(Error::Forbidden { code: "insecure", message: phrase!("application-insecure") });
    }
    let session = session_of(&app, &request, original.secure).await?;
    let (needs, decision) = decide(&hosted, &original, session.as_ref());
    let entry = LogEntry::new(app.now(), &original, needs, &decision);
    app.application_log.note(&hosted.organisation.id, &hosted.application, entry);
    match decision {
        Decision::Allowed(person) => {
            let assertion = match &person {
                Some(person) if hosted.assertion => assertion(&app, &request, &original, &hosted, person).await?,
                _ => String::new(),
            };
            Ok(allowed(person.as_ref(), &assertion))
        }
        Decision::SignIn => Ok(sign_in(&request, convention, &original)),
        Decision::Denied(_) => {
            let Some((person, _)) = session else { return Err(Error::internal("nobody was denied")) };
            let denied_to = hosted.clone();
            let denial = blocking(&app, move |app| forward_auth::denied(app, &denied_to, &person)).await?;
            Ok(denied(request.headers(), &denial, needs))
        }
    }
}

/// Refuses peers that are not trusted proxies.
fn believed(app: &Data<App>, request: &HttpRequest) -> Result<()> {
    if origin::is_believed(&app.config, request) {
        return Ok(());
    }
    if let Some(peer) = request.peer_addr()
        && app.lookout.note_untrusted_check(peer.ip(), app.now())
    {
        arrival::save(app);
    }
    Err(Error::Forbidden { code: "untrusted_proxy", message: phrase!("application-untrusted-proxy") })
}

fn bad_request() -> Error {
    Error::BadRequest { code: "bad_request", message: phrase!("application-bad-request") }
}

fn two_conventions() -> Error {
    Error::BadRequest { code: "two_conventions", message: phrase!("application-two-conventions") }
}

/// The value of a header that occurs once.
fn only<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a [u8]>> {
    let mut values = headers.get_all(name);
    let first = values.next().map(HeaderValue::as_bytes);
    if values.next().is_some() { Err(bad_request()) } else { Ok(first) }
}

impl Convention {
    /// Reads the original request, and refuses one that has the headers of another convention as well.
    fn read(self, request: &HttpRequest) -> Result<OriginalRequest> {
        let headers = request.headers();
        let has = |names: &[&str]| names.iter().any(|name| headers.contains_key(*name));
        let other = match self {
            Self::Forwarded => has(&ORIGINAL),
            Self::Nginx => has(&FORWARDED_MARKS),
            Self::Envoy => has(&ORIGINAL) || has(&FORWARDED_MARKS),
        };
        if other {
            return Err(two_conventions());
        }
        let found = match self {
            Self::Forwarded => {
                let [method, proto, host, uri] = FORWARDED.map(|name| only(headers, name));
                let parts = method?.zip(proto?).zip(host?.zip(uri?));
                parts.and_then(|((method, proto), (host, uri))| {
                    OriginalRequest::new(method, is_secure(proto)?, host, uri)
                })
            }
            Self::Nginx => {
                let [method, url] = ORIGINAL.map(|name| only(headers, name));
                method?.zip(url?).and_then(|(method, url)| OriginalRequest::of_url(method, url))
            }
            Self::Envoy => {
                let secure = only(headers, "x-forwarded-proto")?.map_or(Some(true), is_secure);
                let target = request.uri().path_and_query().and_then(|all| all.as_str().strip_prefix(ENVOY));
                let host = only(headers, HOST.as_str())?;
                let parts = secure.zip(host.zip(target));
                parts.and_then(|(secure, (host, target))| {
                    OriginalRequest::new(request.method().as_str().as_bytes(), secure, host, target.as_bytes())
                })
            }
        };
        found.ok_or_else(bad_request)
    }
}

/// The headers by which a client asks for another method or path. Proxies pass them on, both to us and to the application.
fn overrides(headers: &HeaderMap) -> Overrides {
    let methods = METHOD_OVERRIDES.into_iter().flat_map(|name| headers.get_all(name));
    let methods = methods.map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_uppercase());
    Overrides { methods: methods.collect(), path: PATH_OVERRIDES.iter().any(|name| headers.contains_key(*name)) }
}

/// Reads a scheme; proxies name that of a websocket too.
pub fn is_secure(proto: &[u8]) -> Option<bool> {
    match proto {
        b"https" | b"wss" => Some(true),
        b"http" | b"ws" => Some(false),
        _ => None,
    }
}

async fn hosted(app: &Data<App>, request: &HttpRequest, original: &OriginalRequest) -> Result<Arc<Hosted>> {
    let found = hosted_at(app, &original.host).await?;
    found.ok_or_else(|| {
        forward_auth::note_unknown_host(app, &original.host, &client_address(&app.config, request));
        let message = phrase!("application-unknown-host", host = original.host.as_str());
        Error::Forbidden { code: "unknown_host", message }
    })
}

/// The session at an application whose cookie a request has. `secure`: true if the browser uses https.
pub async fn session_of(app: &Data<App>, request: &HttpRequest, secure: bool) -> Result<Option<(SignedIn, Opening)>> {
    let Some(token) = application_token(request.headers(), secure) else { return Ok(None) };
    let known = forward_auth::known_session(app, &token);
    if known.is_some() {
        return Ok(known);
    }
    note_known(app, request, secure);
    looking_up(app, move |app| forward_auth::session(app, &token)).await
}

/// The signed statement about the person.
async fn assertion(
    app: &Data<App>,
    request: &HttpRequest,
    original: &OriginalRequest,
    hosted: &Arc<Hosted>,
    person: &Identity,
) -> Result<String> {
    let token = application_token(request.headers(), original.secure).unwrap_or_default();
    if let Some(made) = assertions::make_from_memory(app, hosted, person, &token) {
        return made;
    }
    let (hosted, person) = (hosted.clone(), person.clone());
    blocking(app, move |app| assertions::make(app, &hosted, &person, &token)).await
}

/// The headers about the person. All of them are always sent: in place of a missing one, some proxies would pass on a
/// header from the client, or a placeholder.
fn allowed(person: Option<&Identity>, assertion: &str) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "no-store"));
    let text = |get: fn(&Identity) -> &str| person.map_or("", get);
    let email = text(|person| &person.email);
    let groups = person.map(|person| person.groups().join(",")).unwrap_or_default();
    let level = person.map_or("", |person| person.level.as_str());
    let values = [
        email,
        email,
        text(|person| &person.name),
        &groups,
        text(|person| &person.user),
        text(|person| &person.organisation),
        text(|person| &person.workspace),
        text(|person| &person.role),
        level,
        assertion,
    ];
    for (name, value) in IDENTITY_HEADERS.into_iter().zip(values) {
        add(&mut answer, name, value);
    }
    answer.finish()
}

fn add(answer: &mut HttpResponseBuilder, name: &'static str, value: &str) {
    // The values contain no control characters, the only ones that a header value must not have.
    let value = HeaderValue::from_bytes(value.as_bytes()).unwrap_or(HeaderValue::from_static(""));
    answer.insert_header((HeaderName::from_static(name), value));
}

/// True if a browser opens a page with this request, whatever its method.
pub fn is_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accepts.is_some_and(|accept| accept.contains("text/html"))
        && !headers.contains_key("x-requested-with")
        && !headers.contains_key(UPGRADE)
        && headers.get("sec-fetch-mode").is_none_or(|mode| mode == "navigate")
}

/// The answer to a request that needs a sign-in.
fn sign_in(request: &HttpRequest, convention: Convention, original: &OriginalRequest) -> HttpResponse {
    let status = if convention == Convention::Nginx { StatusCode::UNAUTHORIZED } else { StatusCode::FOUND };
    match (is_page(request.headers()), original.method.as_str()) {
        (true, "GET" | "HEAD") => HttpResponse::build(status)
            .insert_header((LOCATION, start_url(original)))
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish(),
        (true, _) => application_pages::again(),
        (false, _) => unauthorized(),
    }
}

/// The JSON for a request that needs a sign-in.
pub fn unauthorized() -> HttpResponse {
    let error = Error::Refused { code: "sign_in_required", message: phrase!("application-sign-in") };
    HttpResponse::Unauthorized().insert_header((CACHE_CONTROL, "no-store")).json(error_body(&error))
}

/// The answer to a request that the person may not make: a page, or JSON for programs.
pub fn denied(headers: &HeaderMap, denial: &Denial, needs: Require) -> HttpResponse {
    let level = match needs {
        Require::Level(level) if level > Level::Viewer => Some(level.as_str()),
        _ => None,
    };
    if is_page(headers) {
        return application_pages::denied(Shown::AtApplication, denial, level, None, None);
    }
    let message = phrase!("application-denied", application = &denial.application);
    let error = Error::Forbidden { code: "access_denied", message };
    HttpResponse::Forbidden().insert_header((CACHE_CONTROL, "no-store")).json(error_body(&error))
}

/// `GET /auth/start`: returns a signed-in person to the application, and sends others to the sign-in.
pub async fn continue_sign_in(app: Data<App>, request: HttpRequest, asking: Asking) -> Result<HttpResponse> {
    let sealed = param(&request, "request").unwrap_or_default();
    let (read, person) = (sealed.clone(), asking.0);
    let answer = match blocking(&app, move |app| forward_auth::onward(app, &read, person.as_ref())).await? {
        Onward::Back(url) => see_other(&url),
        Onward::SignIn { portal } => see_other(&sign_in_url(portal.as_deref(), &sealed)),
        Onward::Denied(denial) => {
            let switch = sign_in_url(None, &sealed);
            application_pages::denied(Shown::AtHome, &denial, None, Some(&switch), None)
        }
    };
    Ok(answer)
}

/// The address of the sign-in from which a person returns to `/auth/start`.
fn sign_in_url(portal: Option<&str>, sealed: &str) -> String {
    let back: String = byte_serialize(format!("/auth/start?request={sealed}").as_bytes()).collect();
    match portal {
        Some(key) => format!("/sso?key={}&return={back}", byte_serialize(key.as_bytes()).collect::<String>()),
        None => format!("/login?return={back}"),
    }
}
