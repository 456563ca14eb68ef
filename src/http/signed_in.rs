//! The last step of every sign-in: the cookies of the session that has begun, and where the browser goes next.

use super::cookies;
use super::oauth2::request_cookies;
use super::pages::{leave_for, see_other};
use crate::actions::me::Me;
use crate::actions::sessions::SignIn;
use crate::api::me::MeView;
use crate::app::App;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

/// The paths that redirect to another site: that of an application.
const LEAVING: [&str; 2] = ["/auth/start", "/auth/continue"];

/// Sets the session's cookies and redirects to a page.
pub fn to_page(app: &App, request: &HttpRequest, sign_in: &SignIn, path: &str) -> Result<HttpResponse> {
    let leaves = path.split('?').next().is_some_and(|page| LEAVING.contains(&page));
    let answer =
        if leaves { leave_for(request, &phrase!("application-continue-title"), path) } else { see_other(path) };
    let mut answer = with_cookies(app, sign_in, answer)?;
    if let Some(cookie) = request_cookies::answered(app, request, path, &sign_in.begun().token) {
        answer.add_cookie(&cookie).map_err(Error::internal)?;
    }
    Ok(answer)
}

/// Sets the session's cookies and answers with `me`.
pub fn as_me(app: &App, (sign_in, me): (SignIn, Me), status: StatusCode) -> Result<HttpResponse> {
    with_cookies(app, &sign_in, HttpResponse::build(status).json(MeView::from(me)))
}

/// Adds the session's cookies to an answer.
pub fn with_cookies(app: &App, sign_in: &SignIn, mut answer: HttpResponse) -> Result<HttpResponse> {
    let begun = sign_in.begun();
    for cookie in [cookies::session(app, begun.token.clone()), cookies::known(app, &begun.known_browser)] {
        answer.add_cookie(&cookie).map_err(Error::internal)?;
    }
    Ok(answer)
}
