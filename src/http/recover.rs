//! The page behind a recovery link. It works without JavaScript.

use super::blocking::blocking;
use super::guard::FromBrowser;
use super::html::{HTML, escape, html};
use super::login::Form;
use super::pages::plain;
use super::query::param;
use super::{assets, signed_in};
use crate::actions::recovery;
use crate::app::App;
use crate::domain::{Error, Result};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};

/// `GET /recover?token=`: the form, or that the link no longer works.
pub async fn show_recovery(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let token = param(&request, "token").unwrap_or_default();
    let judged = token.clone();
    match blocking(&app, move |app| recovery::inspect(app, &judged)).await {
        Ok(()) => Ok(html(page(&token, None))),
        Err(gone @ Error::NotFound(_)) => Ok(dead(&gone)),
        Err(other) => Err(other),
    }
}

/// `POST /recover`: sets the password, and on to the organisation's SSO settings.
pub async fn create_recovery(app: Data<App>, browser: FromBrowser, mut form: Form) -> Result<HttpResponse> {
    let (token, password) = (form.take("token"), form.take("password"));
    let again = token.clone();
    match blocking(&app, move |app| recovery::finish(app, token, password, browser.0)).await {
        Ok((sign_in, slug)) => signed_in::to_page(&app, &sign_in, &format!("/o/{slug}/sso")),
        Err(Error::Invalid { message, .. }) => {
            let body = page(&again, Some(&message.to_string()));
            Ok(HttpResponse::UnprocessableEntity().content_type(HTML).body(body))
        }
        Err(gone @ Error::NotFound(_)) => Ok(dead(&gone)),
        Err(other) => Err(other),
    }
}

/// In place of the form: no password that is typed there would be taken.
fn dead(gone: &Error) -> HttpResponse {
    let body = format!(
        "<p>{}</p><p>Your operator can create a new one on the server:</p>\
         <p><code>vestibule org recover ORG EMAIL</code></p><p><a href=\"/login\">Go to the sign-in page</a></p>",
        escape(&super::error::message(gone))
    );
    let page = plain("This recovery link no longer works", "", &body);
    HttpResponse::build(gone.status_code()).content_type(HTML).body(page)
}

fn page(token: &str, refusal: Option<&str>) -> String {
    let notice = refusal.map(|text| {
        let end = if text.ends_with('.') { "" } else { "." };
        format!("<p class=\"notice\" role=\"alert\">The password {}{end}</p>", escape(text))
    });
    plain(
        "Recover access",
        &format!("<script src=\"{}\"></script>", assets::address("leave_address.js")),
        &format!(
            "{}<p>Choose a new password. You are then signed in as organisation admin, so that you can repair single sign-on or, if the plan allows passwords, turn SAML-only off.</p>\
             <form method=\"post\" action=\"/recover\"><input type=\"hidden\" name=\"token\" value=\"{}\">\
             <div class=\"field\"><label for=\"password\">New password</label><input id=\"password\" name=\"password\" \
             type=\"password\" autocomplete=\"new-password\" required></div>\
             <button class=\"primary wide\">Set password and sign in</button></form>",
            notice.unwrap_or_default(),
            escape(token)
        ),
    )
}
