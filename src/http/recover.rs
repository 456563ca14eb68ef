//! The page of a recovery link. It works without JavaScript.

use super::blocking::blocking;
use super::guard::FromBrowser;
use super::html::{HTML, escape, html, sentence};
use super::login::Form;
use super::pages::plain;
use super::query::param;
use super::{assets, signed_in};
use crate::actions::recovery;
use crate::app::App;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};

/// `GET /recover?token=`: the form, or a message that the link no longer works.
pub async fn show_recovery(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let token = param(&request, "token").unwrap_or_default();
    let judged = token.clone();
    match blocking(&app, move |app| recovery::inspect(app, &judged)).await {
        Ok(()) => Ok(html(page(&token, None))),
        Err(gone @ Error::NotFound(_)) => Ok(expired_page(&gone)),
        Err(other) => Err(other),
    }
}

/// `POST /recover`: sets the password, then redirects to the organisation's SSO settings.
pub async fn create_recovery(
    app: Data<App>,
    request: HttpRequest,
    browser: FromBrowser,
    mut form: Form,
) -> Result<HttpResponse> {
    let (token, password) = (form.take("token"), form.take("password"));
    let again = token.clone();
    match blocking(&app, move |app| recovery::finish(app, token, password, browser.0)).await {
        Ok((sign_in, slug)) => signed_in::to_page(&app, &request, &sign_in, &format!("/o/{slug}/sso")),
        Err(Error::Invalid { message, .. }) => {
            let body = page(&again, Some(message));
            Ok(HttpResponse::UnprocessableEntity().content_type(HTML).body(body))
        }
        Err(gone @ Error::NotFound(_)) => Ok(expired_page(&gone)),
        Err(other) => Err(other),
    }
}

/// The page for a link that no longer works. It has no form, as the password would not be accepted.
fn expired_page(gone: &Error) -> HttpResponse {
    let body = format!(
        "<p>{}</p><p>{}</p><p><code>vestibule org recover ORG EMAIL</code></p><p><a href=\"/login\">{}</a></p>",
        escape(&super::error::message(gone)),
        sentence(&phrase!("recover-again")),
        sentence(&phrase!("recover-to-sign-in"))
    );
    let page = plain(&phrase!("recover-dead-title"), "", &body);
    HttpResponse::build(gone.status_code()).content_type(HTML).body(page)
}

fn page(token: &str, refusal: Option<Phrase>) -> String {
    let notice = refusal.map(|fault| {
        let ends = fault.spoken().ends_with('.');
        let told =
            if ends { phrase!("recover-fault-ends", fault = fault) } else { phrase!("recover-fault", fault = fault) };
        format!("<p class=\"notice\" role=\"alert\">{}</p>", sentence(&told))
    });
    plain(
        &phrase!("recover-title"),
        &format!("<script src=\"{}\"></script>", assets::address("leave_address.js")),
        &format!(
            "{}<p>{}</p>\
             <form method=\"post\" action=\"/recover\"><input type=\"hidden\" name=\"token\" value=\"{}\">\
             <div class=\"field\"><label for=\"password\">{}</label><input id=\"password\" name=\"password\" \
             type=\"password\" autocomplete=\"new-password\" required></div>\
             <button class=\"primary wide\">{}</button></form>",
            notice.unwrap_or_default(),
            sentence(&phrase!("recover-about")),
            escape(token),
            sentence(&phrase!("recover-new-password")),
            sentence(&phrase!("recover-submit"))
        ),
    )
}
