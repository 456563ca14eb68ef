//! The echo application: shows what an application behind a proxy receives, and what is wrong with it.

use super::application_pages::{self, Shown};
use super::at_host::hosted_at;
use super::html::{escape, marked, sentence};
use super::language::negotiate;
use crate::app::App;
use crate::domain::application_host::AppHost;
use crate::domain::forward_auth::IDENTITY_HEADERS;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result};
use actix_web::dev::Server;
use actix_web::http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, COOKIE, HOST, HeaderMap};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpServer, web};
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::TcpListener;

/// The maximum number of connections that are open at once.
const MOST_CONNECTIONS: usize = 256;

/// Serves the echo application until the process is stopped.
///
/// # Errors
/// `Unavailable` when the listener cannot be used.
pub fn serve_echo(app: Data<App>, listener: TcpListener) -> Result<Server> {
    let server = HttpServer::new(move || {
        let service = actix_web::App::new().app_data(app.clone()).wrap(from_fn(negotiate));
        service.default_service(web::to(show))
    });
    let server = server.workers(1).max_connections(MOST_CONNECTIONS).disable_signals().listen(listener);
    server.map(HttpServer::run).map_err(|cause| Error::unavailable(Phrase::words(format!("cannot listen: {cause}"))))
}

async fn show(app: Data<App>, request: HttpRequest) -> HttpResponse {
    echo(&app, request.method(), request.uri(), request.headers()).await
}

/// What the application received.
#[derive(Serialize)]
struct Echo<'a> {
    method: &'a str,
    path: &'a str,
    /// Each header with its value; of cookies and credentials only the names.
    headers: Vec<(String, String)>,
    /// What is wrong, as sentences.
    faults: Vec<String>,
}

/// The answer to a request: a page for browsers, JSON for programs.
pub async fn echo(app: &Data<App>, method: &Method, uri: &Uri, headers: &HeaderMap) -> HttpResponse {
    let faults: Vec<_> = faults(headers).iter().map(Phrase::spoken).collect();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let echo = Echo { method: method.as_str(), path, headers: shown(headers), faults };
    let accepts = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    if !accepts.is_some_and(|accept| accept.contains("text/html")) {
        return HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(echo);
    }
    let decisions = decisions_url(app, headers).await;
    let title = phrase!("echo-title");
    application_pages::page(Shown::AtApplication, StatusCode::OK, &title, &body(&echo, headers, decisions.as_deref()))
}

/// The page of the console with the latest decisions about the application at the host of a request.
async fn decisions_url(app: &Data<App>, headers: &HeaderMap) -> Option<String> {
    let host = headers.get(HOST)?.to_str().ok().and_then(AppHost::of_request)?;
    // If the database cannot be read, the page has no link.
    let hosted = hosted_at(app, &host).await.ok().flatten()?;
    let origin = app.config.public_url.origin();
    Some(format!("{origin}/w/{}/applications/{}", hosted.workspace_id, hosted.application))
}

/// The header whose name applications that use CGI, WSGI or PHP cannot tell from this one.
fn dashed(name: &str) -> String {
    name.replace('_', "-")
}

/// What is wrong with the headers of a request.
fn faults(headers: &HeaderMap) -> Vec<Phrase> {
    let count = |name: &str| headers.get_all(name).count();
    let missing: Vec<_> = IDENTITY_HEADERS.into_iter().filter(|name| count(name) == 0).collect();
    if missing.len() == IDENTITY_HEADERS.len() {
        return vec![phrase!("echo-no-headers")];
    }
    let mut faults = Vec::new();
    if !missing.is_empty() {
        faults.push(phrase!("echo-missing", names = missing.join(", ")));
    }
    let repeated: Vec<_> = IDENTITY_HEADERS.into_iter().filter(|name| count(name) > 1).collect();
    if !repeated.is_empty() {
        faults.push(phrase!("echo-repeated", names = repeated.join(", ")));
    }
    let names = headers.keys().map(|name| name.as_str());
    let similar: BTreeSet<_> =
        names.filter(|name| name.contains('_') && IDENTITY_HEADERS.contains(&&dashed(name)[..])).collect();
    if !similar.is_empty() {
        faults.push(phrase!("echo-similar", names = similar.into_iter().collect::<Vec<_>>().join(", ")));
    }
    if headers.get("remote-user") != headers.get("remote-email") {
        faults.push(phrase!("echo-differs"));
    }
    faults
}

/// The headers by name, without the values of cookies and credentials.
fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut shown: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = match *name {
                COOKIE => value.split(';').filter_map(|one| one.split('=').next()).collect::<Vec<_>>().join(";"),
                AUTHORIZATION => value.split(' ').next().unwrap_or_default().to_owned(),
                _ => value.into_owned(),
            };
            (name.to_string(), value)
        })
        .collect();
    shown.sort();
    shown
}

/// The page's HTML.
fn body(echo: &Echo, headers: &HeaderMap, decisions: Option<&str>) -> String {
    let text = |name: &str| {
        let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        value.filter(|value| !value.is_empty())
    };
    let who = match (text("remote-email"), text("x-vestibule-level")) {
        (Some(email), Some(level)) => {
            let marks = [email, level].map(|value| format!("<strong>{}</strong>", escape(&value)));
            marked(marks.each_ref().map(String::as_str), |[email, level]| {
                phrase!("echo-who", email = email, level = level)
            })
        }
        _ => sentence(&phrase!("echo-nobody")),
    };
    let faults: Vec<_> = echo.faults.iter().map(|fault| format!("<li>{}</li>", escape(fault))).collect();
    let faults = match faults.concat().as_str() {
        "" => format!("<p class=\"notice good\">{}</p>", sentence(&phrase!("echo-no-faults"))),
        faults => format!("<div class=\"notice\" role=\"alert\"><ul>{faults}</ul></div>"),
    };
    let (ours, others): (Vec<_>, Vec<_>) =
        echo.headers.iter().partition(|(name, _)| IDENTITY_HEADERS.contains(&&dashed(name)[..]));
    let list = |rows: &[&(String, String)]| {
        let row = |(name, value): &(String, String)| {
            let value = if value.is_empty() { sentence(&phrase!("echo-empty")) } else { escape(value) };
            format!("<dt><code>{}</code></dt><dd>{value}</dd>", escape(name))
        };
        format!("<dl class=\"facts\">{}</dl>", rows.iter().map(|pair| row(pair)).collect::<Vec<_>>().concat())
    };
    let link = decisions.map(|url| {
        let label = sentence(&phrase!("echo-decisions"));
        format!("<p><a href=\"{}\">{label}</a></p>", escape(url))
    });
    let request = format!("<p><code>{} {}</code></p>", escape(echo.method), escape(echo.path));
    let sign_out = format!("<p><a href=\"/.vestibule/sign-out\">{}</a></p>", sentence(&phrase!("sign-out-do")));
    [
        format!("<p>{who}</p>"),
        faults,
        request,
        format!("<h2>{}</h2>{}", sentence(&phrase!("echo-ours")), list(&ours)),
        format!("<details><summary>{}</summary>{}</details>", sentence(&phrase!("echo-others")), list(&others)),
        link.unwrap_or_default(),
        sign_out,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Language;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut all = HeaderMap::new();
        for (name, value) in pairs {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            all.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
        }
        all
    }

    fn keys(pairs: &[(&str, &str)]) -> Vec<String> {
        faults(&headers(pairs)).iter().map(|fault| fault.within(Language::ENGLISH)).collect()
    }

    #[test]
    fn a_proxy_that_passes_each_header_once_has_no_faults() {
        let all = IDENTITY_HEADERS.map(|name| (name, ""));
        assert_eq!(keys(&all), [""; 0]);
    }

    #[test]
    fn missing_repeated_and_similar_headers_are_faults() {
        assert_eq!(keys(&[("host", "x")]).len(), 1, "one fault for all missing headers");
        let all = IDENTITY_HEADERS.map(|name| (name, "a"));
        assert!(keys(&all[1..])[0].contains("remote-user"));
        assert!(keys(&[&all[..], &[("remote-name", "b")]].concat())[0].contains("remote-name"));
        let found = keys(&[&all[..], &[("Remote_User", "admin")]].concat());
        assert!(found.len() == 1 && found[0].contains("remote_user"), "{found:?}");
        let differing: Vec<_> =
            all.iter().map(|(name, value)| (*name, if *name == "remote-user" { "b" } else { *value })).collect();
        assert_eq!(keys(&differing).len(), 1);
    }

    #[test]
    fn the_values_of_cookies_and_credentials_are_not_shown() {
        let shown =
            shown(&headers(&[("cookie", "a=secret; b=other"), ("authorization", "Bearer secret"), ("x-a", "1")]));
        let shown: Vec<_> = shown.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(shown, [("authorization", "Bearer"), ("cookie", "a; b"), ("x-a", "1")]);
    }
}
