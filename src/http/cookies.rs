//! The cookies: their names, and how each is set and read.

use crate::actions::Browser;
use crate::actions::saml_sign_in::notice::{NOTICE_SECS, Notice};
use crate::app::App;
use crate::config::PublicUrl;
use crate::domain::KnownBrowser;
use crate::domain::known_browser::KNOWN_SECS;
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header::USER_AGENT;

/// The purposes of sealed values.
const NOTICE: &str = "notice";
const KNOWN: &str = "known browser";

/// On https the prefix makes a browser refuse the cookie from a neighbouring host; the suffix tells two ports of one host apart.
pub(super) fn name(public_url: &PublicUrl, plain: &str) -> String {
    let prefix = if public_url.is_secure() { "__Host-" } else { "" };
    format!("{prefix}{plain}{}", public_url.cookie_suffix())
}

pub(super) fn build(public_url: &PublicUrl, plain: &str, value: String, secs: i64) -> Cookie<'static> {
    Cookie::build(name(public_url, plain), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(public_url.is_secure())
        .max_age(Duration::seconds(secs))
        .finish()
}

/// The session's secret.
pub fn session(app: &App, token: String) -> Cookie<'static> {
    build(&app.config.public_url, "vestibule_session", token, app.config.lives.session_secs())
}

/// Ends the session cookie.
pub fn no_session(app: &App) -> Cookie<'static> {
    build(&app.config.public_url, "vestibule_session", String::new(), 0)
}

/// The secret of the session that the browser has, if any.
pub fn session_of(app: &App, request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(&name(&app.config.public_url, "vestibule_session"))?;
    Some(cookie.value().to_owned()).filter(|token| !token.is_empty())
}

/// The browser behind a request.
pub fn browser(app: &App, request: &HttpRequest) -> Browser {
    let agent = request.headers().get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    Browser {
        address: super::origin::client_address(&app.config, request),
        agent: agent.map(|agent| agent.chars().take(200).collect()).unwrap_or_default(),
        token: session_of(app, request),
        known: known_of(app, request),
    }
}

/// Notes who has signed in from this browser.
pub fn known(app: &App, browser: &KnownBrowser) -> Cookie<'static> {
    let sealed = app.seal().seal(KNOWN, browser, app.now(), KNOWN_SECS);
    build(&app.config.public_url, "vestibule_known", sealed, KNOWN_SECS)
}

fn known_of(app: &App, request: &HttpRequest) -> KnownBrowser {
    let cookie = request.cookie(&name(&app.config.public_url, "vestibule_known"));
    cookie.and_then(|cookie| app.seal().open(KNOWN, cookie.value(), app.now())).unwrap_or_default()
}

/// Why a request was refused, for the page that says it in words.
pub fn notice(app: &App, notice: &Notice) -> Cookie<'static> {
    let sealed = app.seal().seal(NOTICE, notice, app.now(), NOTICE_SECS);
    build(&app.config.public_url, "vestibule_notice", sealed, NOTICE_SECS)
}

/// Ends that.
pub fn no_notice(app: &App) -> Cookie<'static> {
    build(&app.config.public_url, "vestibule_notice", String::new(), 0)
}

/// Reads that.
pub fn notice_of(app: &App, request: &HttpRequest) -> Option<Notice> {
    let cookie = request.cookie(&name(&app.config.public_url, "vestibule_notice"))?;
    app.seal().open(NOTICE, cookie.value(), app.now())
}
