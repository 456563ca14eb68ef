//! The last step of a refusal: the only place that writes the body of an error, as JSON for programs, in the form of OAuth
//! for clients, or as a page for people.

use super::application_pages::{CONTENT_SECURITY, shell};
use super::at_host::CHECKS;
use super::error::message;
use super::html::{HTML, escape, sentence};
use super::oauth2;
use super::pages::plain;
use crate::actions::forward_auth::OWN_PATHS;
use crate::api::error::SsoRequired;
use crate::app::App;
use crate::domain::Error;
use crate::domain::phrase::{Phrase, phrase};
use actix_web::HttpRequest;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use actix_web::web::Data;
use serde_json::{Value, json};

/// The format of an error.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Json,
    Oauth,
    Page,
}

impl Dialect {
    fn of(request: &HttpRequest) -> Self {
        let accepted = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
        if request.path().starts_with(CHECKS) {
            return Self::Json;
        }
        if oauth2::refusals::is_endpoint(request.path()) {
            return Self::Oauth;
        }
        let by_browser = accepted.is_some_and(|accept| accept.contains("text/html"));
        if by_browser && !request.path().starts_with("/api/") { Self::Page } else { Self::Json }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Json | Self::Oauth => "application/json",
            Self::Page => HTML,
        }
    }
}

/// The JSON body of an error.
pub fn error_body(error: &Error) -> Value {
    json!(SsoRequired::of(error, message(error)))
}

/// Adds a body to an answer that was made from an error.
pub fn written(answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let Some(error) = answer.response().error().and_then(|cause| cause.as_error::<Error>()) else { return answer };
    let request = answer.request();
    let dialect = Dialect::of(request);
    let own = request.path().starts_with(OWN_PATHS);
    let body = match dialect {
        Dialect::Json => error_body(error).to_string(),
        Dialect::Oauth => oauth2::refusals::body(error, answer.status()).to_string(),
        Dialect::Page if own => {
            let link = format!("<p><a href=\"/\">{}</a></p>", sentence(&phrase!("page-start")));
            shell(&title(error, answer.status()), &format!("<p>{}</p>{link}", escape(&message(error))))
        }
        Dialect::Page => {
            let app = request.app_data::<Data<App>>();
            page(error, answer.status(), app.map_or("", |app| app.config.public_url.origin()))
        }
    };
    answer.map_body(|head, _| {
        head.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(dialect.content_type()));
        if own {
            head.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY));
        }
        body.boxed()
    })
}

/// The page of an error. `home`: the public URL.
fn page(error: &Error, status: StatusCode, home: &str) -> String {
    let onward = match (status, error.code()) {
        (StatusCode::SERVICE_UNAVAILABLE, _) => String::new(),
        (_, "other_address") => {
            let behind = help("/help/install#behind-a-proxy", &phrase!("help-on-addresses"));
            let (home, open) = (escape(home), sentence(&phrase!("page-open", address = home)));
            format!("<p><a class=\"button primary\" href=\"{home}/login\">{open}</a></p>{behind}")
        }
        (status, _) => format!("<p><a href=\"/\">{}</a></p>{}", sentence(&phrase!("page-start")), help_of(status)),
    };
    plain(&title(error, status), "", &format!("<p>{}</p>{onward}", escape(&message(error))))
}

fn title(error: &Error, status: StatusCode) -> Phrase {
    match (status, error.code()) {
        (StatusCode::NOT_FOUND, _) => phrase!("page-nothing-here"),
        (StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, _) => {
            phrase!("page-too-large")
        }
        (StatusCode::TOO_MANY_REQUESTS, _) => phrase!("page-too-many"),
        (_, "setup_required") => phrase!("page-not-set-up"),
        (_, "other_address") => phrase!("page-other-address"),
        (StatusCode::SERVICE_UNAVAILABLE, _) => phrase!("page-not-available"),
        (status, _) if status.is_server_error() => phrase!("page-went-wrong"),
        _ => phrase!("page-did-not-work"),
    }
}

/// A paragraph with a link to a section of the help. `label`: the section's subject.
fn help(address: &str, label: &Phrase) -> String {
    format!("<p><a href=\"{address}\">{}</a></p>", sentence(label))
}

fn help_of(status: StatusCode) -> String {
    match status {
        StatusCode::TOO_MANY_REQUESTS => help("/help/signing-in#with-a-password", &phrase!("help-on-signing-in")),
        status if status.is_server_error() => help("/help/install", &phrase!("help-on-running")),
        _ => help("/help", &phrase!("help-on-vestibule")),
    }
}
