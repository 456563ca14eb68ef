//! Redirects HTTP to the public URL, if the server itself speaks HTTPS. Programs are refused, so that they do not send secrets
//! unencrypted without being noticed.

use super::refusals::error_body;
use crate::app::App;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result};
use actix_web::dev::Server;
use actix_web::http::header::{CONNECTION, LOCATION};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, HttpServer};
use std::net::TcpListener;

/// The maximum number of connections that are open at once.
const MOST_CONNECTIONS: usize = 256;

/// Redirects every request until the process is stopped.
///
/// # Errors
/// `Unavailable` when the listener cannot be used.
pub fn serve_redirect(app: Data<App>, listener: TcpListener) -> Result<Server> {
    let server =
        HttpServer::new(move || actix_web::App::new().app_data(app.clone()).default_service(web::to(redirect)));
    let server = server.workers(1).max_connections(MOST_CONNECTIONS).disable_signals().listen(listener);
    server.map(HttpServer::run).map_err(|cause| Error::unavailable(Phrase::words(format!("cannot listen: {cause}"))))
}

/// The paths that programs use.
const OF_PROGRAMS: [&str; 3] = ["/api/", "/oauth2/", "/auth/check"];

/// The same address at the public URL, whatever host the request names.
async fn redirect(app: Data<App>, request: HttpRequest) -> HttpResponse {
    if OF_PROGRAMS.iter().any(|start| request.path().starts_with(start)) {
        let message = phrase!("insecure-http", url = app.config.public_url.origin());
        let error = Error::Forbidden { code: "insecure", message };
        return HttpResponse::Forbidden().insert_header((CONNECTION, "close")).json(error_body(&error));
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    // A path that begins with two slashes would be read as another host.
    let path = format!("/{}", path.trim_start_matches('/'));
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, app.config.public_url.join(&path)))
        .insert_header((CONNECTION, "close"))
        .finish()
}
