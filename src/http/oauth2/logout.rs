//! The logout endpoint.

use super::form::Fields;
use crate::actions::oidc::logout::{self, ASKS, Logout};
use crate::app::App;
use crate::domain::oidc_request::Pairs;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use crate::http::application_pages::{self, Shown};
use crate::http::blocking::blocking;
use crate::http::cookies;
use crate::http::guard::{Asking, FromBrowser};
use crate::http::html::{escape, marked, sentence};
use crate::http::pages::{leave_for, see_other};
use crate::http::query::pairs;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// `GET /oauth2/logout`: ends the session that the application's ID token names, or asks.
pub async fn show(app: Data<App>, request: HttpRequest, browser: FromBrowser, asking: Asking) -> Result<HttpResponse> {
    let pairs: Pairs = pairs(request.query_string().as_bytes()).collect();
    // A cookie that the browser did not send may be that of a session that goes on.
    let (person, had_session) = (asking.0, browser.0.token.is_some());
    let begun = blocking(&app, move |app| logout::begin(app, &pairs, person.as_ref(), &browser.0)).await?;
    match begun {
        Logout::Done(to) => done(&app, to.as_deref().map(see_other), had_session),
        Logout::Ask { sealed, email } => Ok(ask(&sealed, &email)),
    }
}

/// `POST /oauth2/logout`: redirects to the same request by GET, which has the browser's cookies. It always asks there,
/// since any site can send the form.
///
/// # Errors
/// `AddressTooLong` when no request by GET can be that long.
pub async fn redirect(fields: Fields) -> Result<HttpResponse> {
    let mut pairs: Pairs = fields.0.into_iter().filter(|(name, _)| name != ASKS).collect();
    pairs.push((ASKS.to_owned(), "1".to_owned()));
    Fields(pairs).to_query("/oauth2/logout")
}

/// `POST /auth/sign-out`: the person has confirmed the logout.
pub async fn confirm(
    app: Data<App>,
    request: HttpRequest,
    browser: FromBrowser,
    fields: Fields,
) -> Result<HttpResponse> {
    let had_session = browser.0.token.is_some();
    let sealed = fields.given("logout").unwrap_or_default().to_owned();
    let to = blocking(&app, move |app| logout::confirm(app, &sealed, &browser.0)).await?;
    let title = phrase!("sign-out-done-title");
    done(&app, to.map(|to| leave_for(&request, &title, &to)), had_session)
}

/// Removes the session's cookie if the browser sent it. `to`: the answer that leads to the application; without it, a page
/// says that the person is signed out.
fn done(app: &App, to: Option<HttpResponse>, had_session: bool) -> Result<HttpResponse> {
    let mut answer = to.unwrap_or_else(signed_out);
    if had_session {
        answer.add_cookie(&cookies::no_session(app)).map_err(Error::internal)?;
    }
    Ok(answer)
}

fn signed_out() -> HttpResponse {
    let link = format!("<p><a href=\"/login\">{}</a></p>", sentence(&phrase!("oidc-sign-in-again")));
    let told = format!("<p>{}</p>{link}", sentence(&phrase!("sign-out-done")));
    application_pages::page(Shown::AtHome, StatusCode::OK, &phrase!("sign-out-done-title"), &told)
}

/// The page that asks for confirmation.
fn ask(sealed: &str, email: &str) -> HttpResponse {
    let strong = format!("<strong>{}</strong>", escape(email));
    let told = marked([&strong], |[email]| phrase!("oidc-logout-what", email = email));
    let (sealed, label) = (escape(sealed), sentence(&phrase!("sign-out-do")));
    let form = format!(
        "<p>{told}</p><form method=\"post\" action=\"/auth/sign-out\"><input type=\"hidden\" name=\"logout\" value=\"{sealed}\">\
         <button class=\"primary\">{label}</button></form>"
    );
    application_pages::page(Shown::AtHome, StatusCode::OK, &phrase!("sign-out-title"), &form)
}
