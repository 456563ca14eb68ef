//! The page behind a recovery link. It works without JavaScript.

use super::blocking::blocking;
use super::cookies;
use super::guard::FromBrowser;
use super::login::Form;
use super::pages::{HTML, escape, html, plain, see_other};
use super::query::param;
use crate::actions::recovery;
use crate::app::App;
use crate::domain::{Error, Result};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};

/// `GET /recover?token=`.
pub async fn show_recovery(request: HttpRequest) -> HttpResponse {
    html(page(&param(&request, "token").unwrap_or_default(), None))
}

/// `POST /recover`: sets the password, and on to the organisation's SSO settings.
pub async fn create_recovery(app: Data<App>, browser: FromBrowser, mut form: Form) -> Result<HttpResponse> {
    let (token, password) = (form.take("token"), form.take("password"));
    let again = token.clone();
    match blocking(&app, move |app| recovery::finish(app, token, password, browser.0)).await {
        Ok((session, slug)) => {
            let mut answer = see_other(&format!("/o/{slug}/sso"));
            answer.add_cookie(&cookies::session(&app, session)).map_err(Error::internal)?;
            Ok(answer)
        }
        Err(refusal @ (Error::Invalid { .. } | Error::NotFound(_))) => {
            let body = page(&again, Some(&super::error::message(&refusal)));
            Ok(HttpResponse::build(refusal.status_code()).content_type(HTML).body(body))
        }
        Err(other) => Err(other),
    }
}

fn page(token: &str, refusal: Option<&str>) -> String {
    let sentence =
        |text: &str| if text.starts_with(char::is_uppercase) { text.into() } else { format!("The password {text}.") };
    let notice = refusal.map(|text| format!("<p class=\"notice\" role=\"alert\">{}</p>", escape(&sentence(text))));
    plain(
        "Recover access",
        "",
        &format!(
            "{}<p>Choose a new password. You then come in as organisation admin, to mend single sign-on, or to turn SAML-only off where the plan has passwords.</p>\
             <form method=\"post\" action=\"/recover\"><input type=\"hidden\" name=\"token\" value=\"{}\">\
             <div class=\"field\"><label for=\"password\">New password</label><input id=\"password\" name=\"password\" \
             type=\"password\" autocomplete=\"new-password\" required></div>\
             <button class=\"primary wide\">Set password and come in</button></form>",
            notice.unwrap_or_default(),
            escape(token)
        ),
    )
}
