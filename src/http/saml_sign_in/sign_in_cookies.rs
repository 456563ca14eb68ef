//! The cookies of SAML sign-ins under way. Their names contain a part of the request's id, so that parallel tabs work.

use crate::actions::saml_sign_in::start::Start;
use crate::actions::saml_sign_in::under_way::{self, Kept, LATE_SECS, Late};
use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::seal::REQUEST_SECS;
use crate::http::cookies::{Cookies, build};
use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use std::cmp::Reverse;

/// The maximum number of sign-ins under way in one browser.
const MOST_STARTED: usize = 10;
/// The maximum size of their cookies together, in bytes: proxies accept 8 KiB of headers.
const MOST_BYTES: usize = 6 * 1024;
/// The maximum number of cookies of a kind that are opened: more than a browser has that follows our answers.
const MOST_OPENED: usize = 20;
/// The maximum number of cookies of a kind that one answer removes.
const MOST_ENDED: usize = 50;
/// The cookie that marks a sign-in started in reply to an unsolicited response.
const MARK: &str = "vestibule_again";

/// One of the two kinds of cookie of a sign-in.
struct Kind {
    prefix: &'static str,
    secs: i64,
    expires_at: fn(&App, &str) -> Option<Timestamp>,
}

/// The cookie with the data that the finish needs.
static STARTED: Kind = Kind { prefix: "vestibule_sso_", secs: REQUEST_SECS, expires_at: under_way::started_expires_at };
/// The cookie with the data to start again if the provider's response comes too late.
static LATE: Kind = Kind { prefix: "vestibule_late_", secs: LATE_SECS, expires_at: under_way::late_expires_at };

impl Kind {
    fn cookie(&self, app: &App, suffix: &str, value: String) -> Cookie<'static> {
        build(&app.config.public_url, &format!("{}{suffix}", self.prefix), value, self.secs)
    }

    fn end(&self, app: &App, suffix: &str) -> Cookie<'static> {
        build(&app.config.public_url, &format!("{}{suffix}", self.prefix), String::new(), 0)
    }

    /// The suffix and value of each cookie of this kind, newest first. Browsers send the oldest first.
    ///
    /// Source: RFC 6265, 5.4.
    fn all(&self, app: &App, request: &HttpRequest) -> Vec<(String, String)> {
        Cookies::of(app, request)
            .iter()
            .rev()
            .filter_map(|(name, value)| Some((name.strip_prefix(self.prefix)?, value)))
            .filter(|(suffix, _)| suffix.len() == 8 && suffix.bytes().all(|b| b.is_ascii_hexdigit()))
            .take(MOST_ENDED)
            .map(|(suffix, value)| (suffix.to_owned(), value.to_owned()))
            .collect()
    }

    /// The newest cookies of this kind, at most `MOST_OPENED`.
    fn newest(&self, app: &App, request: &HttpRequest) -> impl Iterator<Item = (String, String)> {
        self.all(app, request).into_iter().take(MOST_OPENED)
    }
}

/// The cookies to set at the start of a sign-in: at most ten of each kind, and 6 KiB together. To make room, older
/// cookies are removed: first those for late responses, last those for the finish.
pub fn begun(app: &App, request: &HttpRequest, start: &Start) -> Vec<Cookie<'static>> {
    let kept = STARTED.cookie(app, &start.cookie_suffix, start.cookie_value.clone());
    let late = LATE.cookie(app, &start.cookie_suffix, start.late.clone());
    let mark = start.mark.as_ref().map(|mark| build(&app.config.public_url, MARK, mark.clone(), REQUEST_SECS));
    let new = [kept, late];
    surplus(app, request, &new).into_iter().chain(new).chain(mark).collect()
}

/// Removals of old cookies, so that the new ones fit.
fn surplus(app: &App, request: &HttpRequest, new: &[Cookie]) -> Vec<Cookie<'static>> {
    let weight = |cookie: &Cookie| cookie.name().len() + cookie.value().len() + "=; ".len();
    let mut room = MOST_BYTES.saturating_sub(new.iter().map(weight).sum());
    let mut gone = Vec::new();
    for kind in [&STARTED, &LATE] {
        let mut all = kind.all(app, request);
        gone.extend(all.drain(MOST_OPENED.min(all.len())..).map(|(suffix, _)| kind.end(app, &suffix)));
        let opened = all.into_iter().map(|(suffix, value)| ((kind.expires_at)(app, &value), suffix, value));
        let mut opened: Vec<_> = opened.collect();
        opened.sort_by_key(|(expires_at, ..)| Reverse(*expires_at));
        for (place, (expires_at, suffix, value)) in opened.into_iter().enumerate() {
            let alive = expires_at.is_some();
            let weight = weight(&kind.cookie(app, &suffix, value));
            if alive && place + 1 < MOST_STARTED && weight <= room {
                room -= weight;
            } else {
                // All older ones are removed, too.
                room = 0;
                gone.push(kind.end(app, &suffix));
            }
        }
    }
    gone
}

/// Removals of the cookies of a sign-in that is finished or restarted.
pub fn ended(app: &App, request: &HttpRequest, suffix: &str) -> Vec<Cookie<'static>> {
    let late = LATE.all(app, request).into_iter().filter(|(late, _)| late == suffix);
    let started = STARTED.all(app, request).into_iter().filter(|(started, _)| started == suffix);
    late.map(|_| LATE.end(app, suffix)).chain(started.map(|_| STARTED.end(app, suffix))).collect()
}

/// The values of the browser's start cookies.
pub fn all_started(app: &App, request: &HttpRequest) -> Vec<String> {
    STARTED.newest(app, request).map(|(_, value)| value).collect()
}

/// The browser's cookies of sign-ins under way.
pub fn kept(app: &App, request: &HttpRequest) -> Kept {
    let late = LATE.newest(app, request).map(|(_, value)| value).collect();
    Kept { started: all_started(app, request), late }
}

/// The cookie of a sign-in whose response came too late.
pub fn late_of(app: &App, request: &HttpRequest, suffix: &str) -> Option<Late> {
    let (suffix, value) = LATE.all(app, request).into_iter().find(|(late, _)| late == suffix)?;
    under_way::late(app, &suffix, &value)
}

/// The mark of an earlier sign-in started in reply to an unsolicited response.
pub fn mark_of(app: &App, request: &HttpRequest) -> Option<String> {
    Cookies::of(app, request).value(MARK).map(ToOwned::to_owned)
}

/// Removes that mark, if the browser has it.
pub fn no_mark(app: &App, request: &HttpRequest) -> Option<Cookie<'static>> {
    mark_of(app, request).map(|_| build(&app.config.public_url, MARK, String::new(), 0))
}
