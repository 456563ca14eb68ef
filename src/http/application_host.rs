//! `/.vestibule/` at the hosts of applications: the sign-in begins and ends here, and the application learns who is signed
//! in.

use super::application_cookies::{self as cookies, application_token};
use super::application_pages::{self, Shown};
use super::assets;
use super::at_host::{AtHost, here};
use super::blocking::blocking;
use super::forward_auth::{denied, is_page, is_secure, session_of, unauthorized};
use super::html::sentence;
use super::origin::{self, client_address};
use super::pages::see_other;
use super::query::param;
use crate::actions::forward_auth::{self, Finished, Returning};
use crate::api::applications::ApplicationUserView;
use crate::app::App;
use crate::domain::application::Opening;
use crate::domain::application_rule::Require;
use crate::domain::forward_auth::{Identity, origin as origin_of};
use crate::domain::phrase::phrase;
use crate::domain::session::SignedIn;
use crate::domain::{Error, Result};
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ORIGIN};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// True if the browser uses https, as a trusted proxy says.
fn is_https(app: &App, request: &HttpRequest) -> Result<bool> {
    let proto = request.headers().get("x-forwarded-proto").filter(|_| origin::is_believed(&app.config, request));
    let secure = proto.and_then(|proto| is_secure(proto.as_bytes())).unwrap_or_default();
    if secure || here(request)?.host.is_loopback() {
        return Ok(secure);
    }
    Err(Error::Forbidden { code: "insecure", message: phrase!("application-insecure") })
}

fn with_cookies(mut answer: HttpResponse, cookies: impl IntoIterator<Item = Cookie<'static>>) -> Result<HttpResponse> {
    for cookie in cookies {
        answer.add_cookie(&cookie).map_err(Error::internal)?;
    }
    Ok(answer)
}

/// `GET /.vestibule/start?return=PATH`: remembers where the browser came from, and sends it to the public URL.
pub async fn start(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let AtHost { host, hosted } = here(&request)?;
    let secure = is_https(&app, &request)?;
    let path = param(&request, "return").unwrap_or_default();
    let retried = param(&request, "again").is_some();
    let begun = forward_auth::begin(&app, &hosted, (&host, secure), &path, retried);
    with_cookies(see_other(&begun.location), cookies::start(&app, request.headers(), secure, begun.cookie))
}

/// `GET /.vestibule/finish?code=CODE`: begins the session at the application.
pub async fn finish(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let AtHost { host, .. } = here(&request)?;
    let secure = is_https(&app, &request)?;
    let browser = Returning {
        host,
        code: param(&request, "code").unwrap_or_default(),
        starts: cookies::starts(&app, request.headers(), secure),
        old: application_token(request.headers(), secure),
        address: client_address(&app.config, &request),
    };
    match blocking(&app, move |app| forward_auth::finish(app, browser)).await? {
        Finished::Entered { token, start, return_path } => {
            let cookies = [cookies::application(secure, token), cookies::no_start(secure, &start)];
            with_cookies(see_other(&return_path), cookies)
        }
        Finished::StartAgain(start) => Ok(see_other(&start)),
    }
}

/// The session at this application, if the browser has one.
async fn session(app: &Data<App>, request: &HttpRequest) -> Result<Option<(SignedIn, Opening)>> {
    let found = session_of(app, request, is_https(app, request)?).await?;
    let AtHost { host, hosted } = here(request)?;
    Ok(found.filter(|(_, opening)| opening.is_at(&hosted.application, &host)))
}

/// `GET /.vestibule/me`: who is signed in at the application.
pub async fn show_me(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let at = here(&request)?;
    let session = session(&app, &request).await?;
    Ok(match session.and_then(|(person, opening)| Identity::of(&person, &at.hosted, opening.role.as_ref())) {
        Some(person) => HttpResponse::Ok().json(ApplicationUserView::from(person)),
        None => unauthorized(),
    })
}

/// `GET /.vestibule/sign-out`: asks for confirmation.
pub async fn show_sign_out(request: HttpRequest) -> Result<HttpResponse> {
    let name = here(&request)?.hosted.name.to_string();
    let (told, label) = (sentence(&phrase!("sign-out-what", application = name)), sentence(&phrase!("sign-out-do")));
    let form = format!("<p>{told}</p><form method=\"post\"><button class=\"primary\">{label}</button></form>");
    Ok(application_pages::page(Shown::AtApplication, StatusCode::OK, &phrase!("sign-out-title"), &form))
}

/// `POST /.vestibule/sign-out`: ends the session at the application, and the session behind it.
pub async fn sign_out(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let at = here(&request)?;
    let secure = is_https(&app, &request)?;
    let headers = request.headers();
    let own = match (headers.get("sec-fetch-site"), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(from)) => *from == *origin_of(secure, &at.host),
        (None, None) => false,
    };
    if !own {
        return Err(Error::Forbidden { code: "cross_site", message: phrase!("cross-site") });
    }
    if let Some((person, _)) = session(&app, &request).await? {
        let address = client_address(&app.config, &request);
        blocking(&app, move |app| forward_auth::sign_out(app, &person, &address)).await?;
    }
    let link = format!("<p><a href=\"/\">{}</a></p>", sentence(&phrase!("sign-out-again")));
    let told = format!("<p>{}</p>{link}", sentence(&phrase!("sign-out-done")));
    let page = application_pages::page(Shown::AtApplication, StatusCode::OK, &phrase!("sign-out-done-title"), &told);
    with_cookies(page, [cookies::no_application(secure)])
}

/// `GET /.vestibule/style.css`: the style sheet of the pages at an application's host.
pub async fn show_style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(assets::page("style.css"))
}

/// `/.vestibule/again`: nginx shows it in place of its own page for a form that was sent without being signed in.
pub async fn show_again(request: HttpRequest) -> HttpResponse {
    if is_page(request.headers()) { application_pages::again() } else { unauthorized() }
}

/// `/.vestibule/denied`: nginx shows it in place of its own page for a request that the person may not make.
pub async fn show_denied(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let at = here(&request)?;
    let Some((person, _)) = session(&app, &request).await? else { return Ok(unauthorized()) };
    let hosted = at.hosted;
    let denial = blocking(&app, move |app| forward_auth::denied(app, &hosted, &person)).await?;
    Ok(denied(request.headers(), &denial, Require::DEFAULT))
}
