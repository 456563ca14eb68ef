//! The cookies at the hosts of applications.

use super::client;
use crate::actions::forward_auth::{START_SECS, StartCookie, start_cookie, was_session};
use crate::app::App;
use crate::domain::ids::{hex, random_bytes};
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header::{COOKIE, HeaderMap};

const APPLICATION: &str = "vestibule_app";
const START: &str = "vestibule_start_";
/// The maximum number of start cookies of a browser, and their maximum size together, in bytes.
const MOST_STARTS: usize = 10;
const MOST_START_BYTES: usize = 6 * 1024;
/// The maximum number of start cookies that are read: more than we set, because verifying each takes time.
const MOST_READ: usize = 20;

/// On https, the prefix makes browsers refuse such a cookie if another host of the same domain sets it.
const fn prefix(secure: bool) -> &'static str {
    if secure { "__Host-" } else { "" }
}

fn build(secure: bool, name: &str, value: String, secs: Option<i64>) -> Cookie<'static> {
    let cookie = Cookie::build(format!("{}{name}", prefix(secure)), value);
    let cookie = cookie.path("/").http_only(true).same_site(SameSite::Lax).secure(secure);
    match secs {
        Some(secs) => cookie.max_age(Duration::seconds(secs)).finish(),
        None => cookie.finish(),
    }
}

/// The names, without prefix, and the values of the cookies that have the prefix of this scheme.
fn ours(headers: &HeaderMap, secure: bool) -> impl Iterator<Item = (&str, &str)> {
    // Each cookie by itself: another application's may have any bytes.
    let all = headers.get_all(COOKIE).flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let all = all.filter_map(|cookie| std::str::from_utf8(cookie).ok()?.trim().split_once('='));
    all.filter_map(move |(name, value)| Some((name.strip_prefix(prefix(secure))?, value)))
}

/// The secret of the session at an application, if the browser has one.
pub fn application_token(headers: &HeaderMap, secure: bool) -> Option<String> {
    let found = ours(headers, secure).find(|(name, _)| *name == APPLICATION);
    found.map(|(_, token)| token.to_owned()).filter(|token| !token.is_empty())
}

/// The cookie of a session at an application, which ends with the browser or with the session that made it.
pub fn application(secure: bool, token: String) -> Cookie<'static> {
    build(secure, APPLICATION, token, None)
}

/// Removes the cookie of a session at an application.
pub fn no_application(secure: bool) -> Cookie<'static> {
    build(secure, APPLICATION, String::new(), Some(0))
}

/// The start cookies of a browser that have not expired, oldest first, each with its size in bytes.
fn starts_with_sizes(app: &App, headers: &HeaderMap, secure: bool) -> Vec<(StartCookie, usize)> {
    let starts = ours(headers, secure).filter(|(name, _)| name.starts_with(START)).take(MOST_READ);
    let read = |(name, value): (&str, &str)| Some((start_cookie(app, name, value)?, name.len() + value.len()));
    let mut starts: Vec<_> = starts.filter_map(read).collect();
    starts.sort_by_key(|(start, _)| start.expires_at);
    starts
}

/// The start cookies of a browser that have not expired.
pub fn starts(app: &App, headers: &HeaderMap, secure: bool) -> Vec<StartCookie> {
    starts_with_sizes(app, headers, secure).into_iter().map(|(start, _)| start).collect()
}

/// A new start cookie, and the removal of the oldest ones if there are too many.
pub fn start(app: &App, headers: &HeaderMap, secure: bool, sealed: String) -> Vec<Cookie<'static>> {
    let name = format!("{START}{}", hex(&random_bytes::<4>()));
    let mut kept = starts_with_sizes(app, headers, secure);
    let mut cookies = Vec::new();
    let bytes = |kept: &[(StartCookie, usize)]| kept.iter().map(|(_, size)| size).sum::<usize>();
    while !kept.is_empty() && (kept.len() >= MOST_STARTS || bytes(&kept) + name.len() + sealed.len() > MOST_START_BYTES)
    {
        cookies.push(no_start(secure, &kept.remove(0).0.name));
    }
    cookies.push(build(secure, &name, sealed, Some(START_SECS)));
    cookies
}

/// Removes a start cookie. `name`: without prefix.
pub fn no_start(secure: bool, name: &str) -> Cookie<'static> {
    build(secure, name, String::new(), Some(0))
}

/// Records that a request comes from a known client if its session at an application was found before: its data may have
/// changed since, and reading it must not wait behind strangers.
pub fn note_known(app: &App, request: &HttpRequest, secure: bool) {
    if application_token(request.headers(), secure).is_some_and(|token| was_session(app, &token)) {
        client::note_admitted();
    }
}
