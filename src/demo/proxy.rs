//! The demo's reverse proxy: asks Vestibule about each request, as nginx or Caddy would, and passes the allowed ones on to the
//! echo application.

use crate::app::App;
use crate::domain::forward_auth::IDENTITY_HEADERS;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result};
use crate::http::{echo, negotiate};
use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, HttpServer};
use std::net::TcpListener;
use std::time::Duration;
use ureq::{Agent, http};

/// The time that Vestibule has for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The largest body that is passed on to Vestibule, in bytes.
const MOST_BYTES: usize = 64 * 1024;
/// Headers that belong to one connection, or that this proxy sets.
const OWN: [HeaderName; 4] = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, ACCEPT_ENCODING];
/// The headers that describe the original request. Those of a client are removed.
const DESCRIPTION: [&str; 6] = [
    "x-forwarded-method",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-uri",
    "x-original-method",
    "x-original-url",
];

/// The connection to Vestibule.
struct Upstream {
    origin: String,
    agent: Agent,
}

/// An answer of Vestibule.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A client of HTTP for requests to Vestibule, which returns every answer as it is.
pub fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(PATIENCE));
    Agent::from(config.proxy(None).build())
}

/// Serves an application until the process is stopped. `origin`: the address of Vestibule.
///
/// # Errors
/// `Unavailable` when the listener cannot be used.
pub fn serve(app: Data<App>, origin: &str, listener: TcpListener) -> Result<Server> {
    let upstream = Data::new(Upstream { origin: origin.to_owned(), agent: agent() });
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(upstream.clone())
            .app_data(web::PayloadConfig::new(MOST_BYTES))
            .wrap(from_fn(negotiate))
            .default_service(web::to(pass))
    });
    let server = server.workers(1).disable_signals().listen(listener);
    server.map(HttpServer::run).map_err(|cause| Error::unavailable(Phrase::words(format!("cannot listen: {cause}"))))
}

async fn pass(app: Data<App>, upstream: Data<Upstream>, request: HttpRequest, body: Bytes) -> Result<HttpResponse> {
    let own_path = request.path().starts_with("/.vestibule/");
    let described = if own_path { own_request(&request) } else { check_of(&request) };
    let body = if own_path { body.to_vec() } else { Vec::new() };
    let asked = web::block(move || upstream.ask(described?, body)).await.map_err(Error::internal)?;
    let answer = asked?;
    if own_path || answer.status != StatusCode::OK {
        return Ok(answer.into());
    }
    let mut headers = request.headers().clone();
    let spoofed: Vec<_> = headers
        .keys()
        .filter(|name| IDENTITY_HEADERS.contains(&&name.as_str().replace('_', "-")[..]))
        .cloned()
        .collect();
    for name in spoofed {
        headers.remove(name);
    }
    for name in IDENTITY_HEADERS {
        let value = answer.headers.get(name).cloned().unwrap_or(HeaderValue::from_static(""));
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(echo(&app, request.method(), request.uri(), &headers).await)
}

/// A request to Vestibule without its body: method, path and headers.
type Described = (String, String, HeaderMap);

/// The headers of a request that are passed on. Its scheme is the only thing that this proxy adds.
fn passed(request: &HttpRequest) -> Result<HeaderMap> {
    let mut headers = request.headers().clone();
    for name in OWN {
        headers.remove(name);
    }
    for name in DESCRIPTION {
        headers.remove(name);
    }
    let scheme = HeaderName::from_static("x-forwarded-proto");
    headers.insert(scheme, HeaderValue::from_static("http"));
    match headers.get(HOST) {
        Some(_) => Ok(headers),
        None => Err(Error::NotFound(phrase!("nothing-here"))),
    }
}

/// A request for a path that Vestibule serves at the application's host.
fn own_request(request: &HttpRequest) -> Result<Described> {
    Ok((request.method().to_string(), request.uri().to_string(), passed(request)?))
}

/// The check of a request to the application.
fn check_of(request: &HttpRequest) -> Result<Described> {
    let mut headers = passed(request)?;
    let host = headers.get(HOST).cloned().unwrap_or(HeaderValue::from_static(""));
    let value = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    headers.insert(HeaderName::from_static("x-forwarded-method"), value(request.method().as_str())?);
    headers.insert(HeaderName::from_static("x-forwarded-host"), host);
    headers.insert(HeaderName::from_static("x-forwarded-uri"), value(&request.uri().to_string())?);
    Ok(("GET".into(), "/auth/check".into(), headers))
}

impl Upstream {
    fn ask(&self, (method, path, headers): Described, body: Vec<u8>) -> Result<Answer> {
        let mut built = http::Request::builder().method(method.as_str()).uri(format!("{}{path}", self.origin));
        for (name, value) in &headers {
            built = built.header(name.as_str(), value.as_bytes());
        }
        let asked = if body.is_empty() && method != "POST" {
            self.agent.run(built.body(()).map_err(Error::internal)?)
        } else {
            self.agent.run(built.body(body).map_err(Error::internal)?)
        };
        let mut answer = asked.map_err(Error::internal)?;
        let status = StatusCode::from_u16(answer.status().as_u16()).map_err(Error::internal)?;
        let mut headers = HeaderMap::new();
        for (name, value) in answer.headers() {
            let name = HeaderName::from_bytes(name.as_ref()).map_err(Error::internal)?;
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).map_err(Error::internal)?);
        }
        let body = answer.body_mut().read_to_vec().map_err(Error::internal)?;
        Ok(Answer { status, headers, body })
    }
}

impl From<Answer> for HttpResponse {
    fn from(answer: Answer) -> Self {
        let mut built = Self::build(answer.status);
        for (name, value) in answer.headers.iter().filter(|(name, _)| !OWN.contains(name)) {
            built.append_header((name, value));
        }
        built.body(answer.body)
    }
}
