//! The names of the cookies, and how each is set and read.

use super::facts::once;
use crate::actions::saml_sign_in::notice::{NOTICE_SECS, Notice};
use crate::actions::{Browser, sessions};
use crate::app::App;
use crate::config::PublicUrl;
use crate::domain::KnownBrowser;
use crate::domain::known_browser::KNOWN_SECS;
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header::{COOKIE, HeaderMap, USER_AGENT};
use std::rc::Rc;

/// The purposes of sealed cookie values.
const NOTICE: &str = "notice";
const KNOWN: &str = "known browser";

/// The prefix of the names of all our cookies.
const OURS: &str = "vestibule_";
/// The maximum length of a cookie's name and value together, in bytes: browsers ignore longer ones.
const MOST_BYTES: usize = 4096;

/// On https, the prefix makes a browser refuse the cookie from a neighbouring host. The suffix distinguishes two ports
/// of one host.
fn name(public_url: &PublicUrl, plain: &str) -> String {
    format!("{}{plain}{}", prefix(public_url), public_url.cookie_suffix())
}

fn prefix(public_url: &PublicUrl) -> &'static str {
    if public_url.is_secure() { "__Host-" } else { "" }
}

/// Our cookies of a request, in order. Cookies of other applications are skipped, even malformed ones.
pub struct Cookies {
    /// The plain names and the values, concatenated.
    text: String,
    /// The end of each name, and of its value, in `text`.
    ends: Vec<(usize, usize)>,
}

impl Cookies {
    /// Our cookies of a request.
    pub fn of(app: &App, request: &HttpRequest) -> Rc<Self> {
        once(request, |request| Self::among(request.headers(), &app.config.public_url))
    }

    pub(super) fn among(headers: &HeaderMap, public_url: &PublicUrl) -> Self {
        let (prefix, suffix) = (prefix(public_url), public_url.cookie_suffix());
        let mut ours = Self { text: String::new(), ends: Vec::new() };
        let all = headers.get_all(COOKIE).flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        for cookie in all.map(<[u8]>::trim_ascii).filter(|cookie| cookie.len() <= MOST_BYTES) {
            let Some(cookie) = cookie.strip_prefix(prefix.as_bytes()).filter(|own| own.starts_with(OURS.as_bytes()))
            else {
                continue;
            };
            let (name, value) =
                std::str::from_utf8(cookie).ok().and_then(|own| own.split_once('=')).unwrap_or_default();
            if let Some(plain) = name.strip_suffix(&suffix) {
                ours.add(plain, value);
            }
        }
        ours
    }

    fn add(&mut self, plain: &str, value: &str) {
        self.text.push_str(plain);
        let name_ends = self.text.len();
        self.text.push_str(value);
        self.ends.push((name_ends, self.text.len()));
    }

    /// The plain name and the value of each cookie.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        let begin = |n: usize| n.checked_sub(1).map_or(0, |before| self.ends[before].1);
        let ends = self.ends.iter().enumerate();
        ends.map(move |(n, (name, value))| (&self.text[begin(n)..*name], &self.text[*name..*value]))
    }

    /// The value of the first cookie of this name.
    pub fn value(&self, plain: &str) -> Option<&str> {
        self.iter().find(|(name, _)| *name == plain).map(|(_, value)| value)
    }
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

/// The session cookie, with the session's token.
pub fn session(app: &App, token: String) -> Cookie<'static> {
    build(&app.config.public_url, "vestibule_session", token, app.config.lives.session_secs())
}

/// Removes the session cookie.
pub fn no_session(app: &App) -> Cookie<'static> {
    build(&app.config.public_url, "vestibule_session", String::new(), 0)
}

/// The token of the browser's session, if any.
pub fn session_of(app: &App, request: &HttpRequest) -> Option<String> {
    Cookies::of(app, request).value("vestibule_session").filter(|token| !token.is_empty()).map(ToOwned::to_owned)
}

/// The browser that sent a request.
pub fn browser(app: &App, request: &HttpRequest) -> Browser {
    let agent = request.headers().get(USER_AGENT).map(|agent| agent.as_bytes());
    // At most 200 characters, each of at most four bytes.
    let agent = agent.map(|agent| String::from_utf8_lossy(&agent[..agent.len().min(800)]).chars().take(200).collect());
    Browser {
        address: super::origin::client_address(&app.config, request),
        agent: agent.unwrap_or_default(),
        token: session_of(app, request),
        known: known_of(app, request),
    }
}

/// Records which people have signed in with this browser.
pub fn known(app: &App, browser: &KnownBrowser) -> Cookie<'static> {
    let sealed = app.seal().seal(KNOWN, browser, app.now(), KNOWN_SECS);
    build(&app.config.public_url, "vestibule_known", sealed, KNOWN_SECS)
}

fn known_of(app: &App, request: &HttpRequest) -> KnownBrowser {
    known_among(app, &Cookies::of(app, request))
}

fn known_among(app: &App, cookies: &Cookies) -> KnownBrowser {
    cookies.value("vestibule_known").and_then(|sealed| app.seal().open(KNOWN, sealed, app.now())).unwrap_or_default()
}

/// True if the cookies have a session that is in the in-memory cache, or a verified record of people who have signed in
/// from this browser.
pub fn are_of_known(app: &App, cookies: &Cookies) -> bool {
    cookies.value("vestibule_session").is_some_and(|token| sessions::known(app, token).is_some())
        || known_among(app, cookies) != KnownBrowser::default()
}

/// The reason for a refusal, for the page that explains it.
pub fn notice(app: &App, notice: &Notice) -> Cookie<'static> {
    let sealed = app.seal().seal(NOTICE, notice, app.now(), NOTICE_SECS);
    build(&app.config.public_url, "vestibule_notice", sealed, NOTICE_SECS)
}

/// Removes the notice cookie.
pub fn no_notice(app: &App) -> Cookie<'static> {
    build(&app.config.public_url, "vestibule_notice", String::new(), 0)
}

/// Reads the notice cookie.
pub fn notice_of(app: &App, request: &HttpRequest) -> Option<Notice> {
    app.seal().open(NOTICE, Cookies::of(app, request).value("vestibule_notice")?, app.now())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn ours(public_url: &str, lines: &[&str]) -> Vec<(String, String)> {
        let mut request = TestRequest::default();
        for line in lines {
            request = request.append_header((COOKIE, *line));
        }
        let public_url = PublicUrl::parse(public_url).expect("a URL");
        let ours = Cookies::among(request.to_http_request().headers(), &public_url);
        ours.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn our_cookies_are_read_in_order_and_those_of_other_applications_skipped() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let lines =
            ["junk; =; a=b;vestibule_session=one ; vestibule_session_80=x", "vestibule_late_0=\u{e9}=2; vestibule_=;"];
        let found = [pair("vestibule_session", "one"), pair("vestibule_session_80", "x")];
        let more = [pair("vestibule_late_0", "\u{e9}=2"), pair("vestibule_", "")];
        assert_eq!(ours("http://x.test", &lines), [&found[..], &more].concat());
        let lines = ["vestibule_session=0; __Host-vestibule_session=1; __Host-vestibule_session=2; __Host-other=3"];
        assert_eq!(ours("https://x.test", &lines), [pair("vestibule_session", "1"), pair("vestibule_session", "2")]);
        let lines = ["vestibule_session=0; vestibule_session_8080=1; vestibule_session_80801=2"];
        assert_eq!(ours("http://x.test:8080", &lines), [pair("vestibule_session", "1")]);
        let long = "x".repeat(5000);
        assert_eq!(ours("http://x.test", &[&format!("vestibule_known={long}; vestibule_known=1")])[0].1, "1");
    }
}
