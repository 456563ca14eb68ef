//! Pages about applications, at the public URL's host and at the hosts of applications.

use super::html::{HTML, escape, marked, sentence};
use super::pages::{bare, plain};
use crate::actions::forward_auth::{Denial, OWN_PATHS};
use crate::domain::phrase::{Phrase, phrase};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};

/// Where a page is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// At the public URL's host.
    AtHome,
    /// At an application's host, which serves only one style sheet of ours.
    AtApplication,
}

/// The content security policy: nothing from other sites, and no scripts.
pub const CONTENT_SECURITY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page with a title and a body of HTML.
pub fn page(shown: Shown, status: StatusCode, title: &Phrase, body: &str) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    if shown == Shown::AtHome {
        return answer.content_type(HTML).body(plain(title, "", body));
    }
    answer
        .content_type(HTML)
        .insert_header((CONTENT_SECURITY_POLICY, CONTENT_SECURITY))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(shell(title, body))
}

/// A page at an application's host. `body`: HTML.
pub fn shell(title: &Phrase, body: &str) -> String {
    bare(title, &format!("<link rel=\"stylesheet\" href=\"{OWN_PATHS}style.css\">"), body)
}

/// The page for a person who may not open an application. `needs`: the level that the request needs, if the person may
/// open the application otherwise. `switch`: the address at which another person can sign in. `back`: the address at which the
/// person returns to the application.
pub fn denied(
    shown: Shown,
    denial: &Denial,
    needs: Option<&str>,
    switch: Option<&str>,
    back: Option<&str>,
) -> HttpResponse {
    let Denial { application, organisation, email, belongs, admins } = denial;
    let strong = |text: &str| format!("<strong>{}</strong>", escape(text));
    let marks = [&strong(email)[..], &strong(application), &strong(organisation)];
    let why = marked(marks, |[email, application, organisation]| match (needs, belongs) {
        (Some(level), _) => phrase!("denied-level", email = email, application = application, level = level),
        (None, true) => phrase!("denied-no-access", email = email, application = application),
        (None, false) => {
            phrase!("denied-other-organisation", email = email, application = application, organisation = organisation)
        }
    });
    let ask = match admins.len() {
        0 => sentence(&phrase!("denied-ask-organisation", organisation = organisation)),
        _ => sentence(&phrase!("denied-ask", admins = admins.join(", "))),
    };
    let label = sentence(&phrase!("denied-other-person"));
    let switch = switch.map(|url| format!("<p><a href=\"{}\">{label}</a></p>", escape(url))).unwrap_or_default();
    let label = sentence(&phrase!("denied-back"));
    let back =
        back.map(|url| format!("<p><a class=\"button\" href=\"{}\">{label}</a></p>", escape(url))).unwrap_or_default();
    page(shown, StatusCode::FORBIDDEN, &phrase!("denied-title"), &format!("<p>{why}</p><p>{ask}</p>{switch}{back}"))
}

/// The page for a form that was sent without being signed in.
pub fn again() -> HttpResponse {
    let told = sentence(&phrase!("again-what"));
    page(Shown::AtApplication, StatusCode::UNAUTHORIZED, &phrase!("again-title"), &format!("<p>{told}</p>"))
}
