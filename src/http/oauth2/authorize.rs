//! The authorization endpoint.

use super::form::Fields;
use super::request_cookies;
use crate::actions::oidc::authorize::{self, Next, return_path};
use crate::app::App;
use crate::domain::oidc_request::Pending;
use crate::domain::{Error, Result};
use crate::http::application_pages::{self, Shown};
use crate::http::blocking::blocking;
use crate::http::guard::Asking;
use crate::http::origin::client_address;
use crate::http::pages::see_other;
use crate::http::query::{pairs, param};
use actix_web::cookie::Cookie;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use url::form_urlencoded::byte_serialize;

/// `GET /oauth2/authorize`: returns a signed-in person to the application, and sends others to the sign-in.
pub async fn authorize(app: Data<App>, request: HttpRequest, asking: Asking) -> Result<HttpResponse> {
    let pairs: Vec<_> = pairs(request.query_string().as_bytes()).collect();
    let (person, address) = (asking.0, client_address(&app.config, &request));
    let next = blocking(&app, move |app| authorize::begin(app, &pairs, person.as_ref(), &address)).await?;
    answer(&app, &request, next, None)
}

/// `POST /oauth2/authorize`: redirects to the same request by GET, which has the browser's cookies.
///
/// # Errors
/// `AddressTooLong` when no request by GET can be that long.
pub async fn redirect(fields: Fields) -> Result<HttpResponse> {
    fields.to_query("/oauth2/authorize")
}

/// `GET /auth/continue`: continues a request after the sign-in. With `deny=1`, a person who may not open the application
/// returns to it.
pub async fn resume(app: Data<App>, request: HttpRequest, asking: Asking) -> Result<HttpResponse> {
    let id = param(&request, "request").unwrap_or_default();
    let pending = request_cookies::find(&app, &request, &id).ok_or_else(authorize::lost)?;
    let before = pending.clone();
    if param(&request, "deny").as_deref() == Some("1") {
        let url = blocking(&app, move |app| authorize::give_up(app, &pending)).await?;
        return answer(&app, &request, Next::Back(url), Some(&before));
    }
    let (person, address) = (asking.0, client_address(&app.config, &request));
    let next = blocking(&app, move |app| authorize::resume(app, pending, person.as_ref(), &address)).await?;
    answer(&app, &request, next, Some(&before))
}

/// `before`: the request that was kept until now.
fn answer(app: &App, request: &HttpRequest, next: Next, before: Option<&Pending>) -> Result<HttpResponse> {
    let ended = before.map(|before| request_cookies::end(app, &before.id));
    match next {
        Next::Back(url) => with_cookies(see_other(&url), ended),
        Next::SignIn { path, kept } => {
            with_cookies(see_other(&path), ended.into_iter().chain(request_cookies::kept(app, request, kept)))
        }
        Next::Denied { denial, kept } => {
            let back = return_path(&kept.id);
            let switch = format!("/login?return={}", byte_serialize(back.as_bytes()).collect::<String>());
            let give_up = format!("{back}&deny=1");
            let page = application_pages::denied(Shown::AtHome, &denial, None, Some(&switch), Some(&give_up));
            with_cookies(page, ended.into_iter().chain(request_cookies::kept(app, request, kept)))
        }
    }
}

fn with_cookies(mut answer: HttpResponse, cookies: impl IntoIterator<Item = Cookie<'static>>) -> Result<HttpResponse> {
    for cookie in cookies {
        answer.add_cookie(&cookie).map_err(Error::internal)?;
    }
    Ok(answer)
}
