//! The cookies of authorization requests whose person is signing in, each with the request, sealed. A request belongs to
//! the browser that has its cookie.

use crate::actions::oidc::authorize::{self, Kept, PENDING_SECS, pending, request_of};
use crate::app::App;
use crate::domain::ReturnPath;
use crate::domain::oidc_request::Pending;
use crate::http::cookies::{Cookies, build};
use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use std::cmp::Reverse;

const PREFIX: &str = "vestibule_request_";
/// The maximum number of requests that wait in one browser, and their maximum size together, in bytes.
const MOST: usize = 10;
const MOST_BYTES: usize = 6 * 1024;

fn cookie(app: &App, id: &str, value: String, secs: i64) -> Cookie<'static> {
    build(&app.config.public_url, &format!("{PREFIX}{id}"), value, secs)
}

/// The request with this id that this browser keeps, if it has not expired.
pub fn find(app: &App, request: &HttpRequest, id: &str) -> Option<Pending> {
    let cookies = Cookies::of(app, request);
    let value = cookies.value(&format!("{PREFIX}{id}"))?;
    pending(app, value).map(|(_, pending)| pending).filter(|pending| pending.id == id)
}

/// The request to which a sign-in with this return path returns, if this browser keeps it.
pub fn behind(app: &App, request: &HttpRequest, return_path: Option<&ReturnPath>) -> Option<Pending> {
    find(app, request, request_of(return_path?.as_str())?)
}

/// The cookies to set for a request: its own, and removals of the oldest others if there are too many.
pub fn kept(app: &App, request: &HttpRequest, kept: Kept) -> Vec<Cookie<'static>> {
    let cookies = Cookies::of(app, request);
    let named = cookies.iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)));
    let mut others: Vec<_> =
        named.map(|(id, value)| (pending(app, value).map(|(until, _)| until), id, value)).collect();
    others.sort_by_key(|(until, ..)| Reverse(*until));
    let mut room = MOST_BYTES.saturating_sub(kept.sealed.len());
    let mut changes = Vec::new();
    for (place, (until, id, value)) in others.into_iter().take(50).enumerate() {
        let fits = until.is_some() && place + 1 < MOST && value.len() <= room;
        if fits {
            room -= value.len();
        } else {
            room = 0;
            changes.push(end(app, id));
        }
    }
    changes.push(cookie(app, &kept.id, kept.sealed, PENDING_SECS));
    changes
}

/// The cookie of the request to which a sign-in with this return path returns, if this browser keeps it: it now says that the
/// sign-in was made for it. `token`: the secret of the session that has begun.
pub fn answered(app: &App, request: &HttpRequest, path: &str, token: &str) -> Option<Cookie<'static>> {
    let pending = find(app, request, request_of(path)?)?;
    let Kept { id, sealed } = authorize::answered(app, pending, token);
    Some(cookie(app, &id, sealed, PENDING_SECS))
}

/// Removes the cookie of a request.
pub fn end(app: &App, id: &str) -> Cookie<'static> {
    cookie(app, id, String::new(), 0)
}
