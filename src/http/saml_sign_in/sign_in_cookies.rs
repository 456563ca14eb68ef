//! The cookies of SAML sign-ins that are under way. Their names have a part of the request's id, so that parallel tabs work.

use crate::actions::saml_sign_in::start::Start;
use crate::actions::saml_sign_in::under_way::{self, Kept, LATE_SECS, Late};
use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::seal::REQUEST_SECS;
use crate::http::cookies::{Cookies, build};
use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use std::cmp::Reverse;

/// The most sign-ins that one browser can have under way.
const MOST_STARTED: usize = 10;
/// The most that their cookies may weigh together, in bytes: proxies take 8 KiB of headers.
const MOST_BYTES: usize = 6 * 1024;
/// The most cookies of a kind that are opened: more than a browser has that takes away what it is told to.
const MOST_OPENED: usize = 20;
/// The most of a kind that an answer takes away.
const MOST_ENDED: usize = 50;
/// The mark of a start in place of an unsolicited response.
const MARK: &str = "vestibule_again";

/// One of the two cookies of a sign-in.
struct Kind {
    prefix: &'static str,
    secs: i64,
    expires_at: fn(&App, &str) -> Option<Timestamp>,
}

/// The data for the finish.
static STARTED: Kind = Kind { prefix: "vestibule_sso_", secs: REQUEST_SECS, expires_at: under_way::started_expires_at };
/// The data to start again if the provider's response comes too late.
static LATE: Kind = Kind { prefix: "vestibule_late_", secs: LATE_SECS, expires_at: under_way::late_expires_at };

impl Kind {
    fn cookie(&self, app: &App, suffix: &str, value: String) -> Cookie<'static> {
        build(&app.config.public_url, &format!("{}{suffix}", self.prefix), value, self.secs)
    }

    fn end(&self, app: &App, suffix: &str) -> Cookie<'static> {
        build(&app.config.public_url, &format!("{}{suffix}", self.prefix), String::new(), 0)
    }

    /// The suffix and the value of each of these that the browser has, newest first: browsers send those first that they had
    /// first.
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

    /// Those of them that are opened.
    fn newest(&self, app: &App, request: &HttpRequest) -> impl Iterator<Item = (String, String)> {
        self.all(app, request).into_iter().take(MOST_OPENED)
    }
}

/// The cookies that a browser keeps from the start of a sign-in: at most ten of each kind, and 6 KiB together. Of those that it
/// has, the oldest are removed first, and those for the finish last.
pub fn begun(app: &App, request: &HttpRequest, start: &Start) -> Vec<Cookie<'static>> {
    let kept = STARTED.cookie(app, &start.cookie_suffix, start.cookie_value.clone());
    let late = LATE.cookie(app, &start.cookie_suffix, start.late.clone());
    let mark = start.mark.as_ref().map(|mark| build(&app.config.public_url, MARK, mark.clone(), REQUEST_SECS));
    let new = [kept, late];
    surplus(app, request, &new).into_iter().chain(new).chain(mark).collect()
}

/// Those that must go so that these fit.
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
                // All that are older go with it.
                room = 0;
                gone.push(kind.end(app, &suffix));
            }
        }
    }
    gone
}

/// Ends what the browser keeps of a sign-in that is done, or begins again.
pub fn ended(app: &App, request: &HttpRequest, suffix: &str) -> Vec<Cookie<'static>> {
    let late = LATE.all(app, request).into_iter().filter(|(late, _)| late == suffix);
    let started = STARTED.all(app, request).into_iter().filter(|(started, _)| started == suffix);
    late.map(|_| LATE.end(app, suffix)).chain(started.map(|_| STARTED.end(app, suffix))).collect()
}

/// The values of the start cookies that the browser has.
pub fn all_started(app: &App, request: &HttpRequest) -> Vec<String> {
    STARTED.newest(app, request).map(|(_, value)| value).collect()
}

/// The browser's record of sign-ins that are under way.
pub fn kept(app: &App, request: &HttpRequest) -> Kept {
    let late = LATE.newest(app, request).map(|(_, value)| value).collect();
    Kept { started: all_started(app, request), late }
}

/// The browser's record of a sign-in whose response came too late.
pub fn late_of(app: &App, request: &HttpRequest, suffix: &str) -> Option<Late> {
    let (suffix, value) = LATE.all(app, request).into_iter().find(|(late, _)| late == suffix)?;
    under_way::late(app, &suffix, &value)
}

/// The mark of an earlier start in place of an unsolicited response.
pub fn mark_of(app: &App, request: &HttpRequest) -> Option<String> {
    Cookies::of(app, request).value(MARK).map(ToOwned::to_owned)
}

/// Ends that mark, where the browser has it.
pub fn no_mark(app: &App, request: &HttpRequest) -> Option<Cookie<'static>> {
    mark_of(app, request).map(|_| build(&app.config.public_url, MARK, String::new(), 0))
}
