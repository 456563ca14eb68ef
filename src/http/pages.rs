//! Pages that the server writes itself; they work without JavaScript.

use super::blocking::blocking;
use super::html::{escape, html, marked, sentence};
use super::{assets, cookies, origin};
use crate::actions::branding::{self, ShownBrand};
use crate::actions::first_run;
use crate::actions::saml_sign_in::notice::Notice;
use crate::api::branding::BrandView;
use crate::app::App;
use crate::domain::ReturnPath;
use crate::domain::catalogue::Language;
use crate::domain::email::{is_directory_name, is_guest_name};
use crate::domain::error::still_works;
use crate::domain::language_tag::name_of;
use crate::domain::phrase::{Phrase, phrase};
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use url::form_urlencoded::byte_serialize;

/// The code of the only notice that is not an error.
pub const SIGNED_OUT: &str = "signed_out";

/// The code of the notice for a page whose session is over.
pub const SESSION_OVER: &str = "session_over";

/// The maximum number of portals in a notice: a cookie has little room, and few people belong to more organisations.
pub const MOST_PORTALS: usize = 5;

/// Any other page: the web UI, whose script reads the address.
pub async fn show_ui(app: Data<App>, request: HttpRequest) -> HttpResponse {
    // If the brand cannot be read, the page shows Vestibule's.
    let brand = blocking(&app, branding::of_appliance).await.ok().flatten();
    let brand = brand.map(|brand| format!(" data-brand=\"{}\"", escape(&json!(BrandView::from(brand)).to_string())));
    let mail = if app.sends_mail { "" } else { " data-mail=\"none\"" };
    // Only the set-up page needs to know whether the set-up is done, to tell visitors without a token.
    let pending = request.path() != "/setup" || blocking(&app, first_run::is_pending).await.unwrap_or(true);
    let set_up = if pending { "" } else { " data-set-up=\"done\"" };
    let told = [brand.unwrap_or_default(), mail.into(), set_up.into(), offered_languages()].concat();
    assets::show_ui(request.path(), Language::spoken(), &told)
}

/// The HTML attribute with the languages to choose from; empty if there is only one.
fn offered_languages() -> String {
    let offered: Vec<_> = Language::offered().map(|language| (language.tag(), name_of(language))).collect();
    if offered.len() < 2 {
        return String::new();
    }
    format!(" data-languages=\"{}\"", escape(&json!(offered).to_string()))
}

/// The brand at the top of a server-rendered page, as HTML; Vestibule's if none is set.
pub fn brand_line(brand: Option<&ShownBrand>) -> String {
    let Some(ShownBrand { name, logo, label }) = brand else {
        let icon = assets::address("icon.svg");
        return format!("<p class=\"brand\"><img src=\"{icon}\" alt=\"\" width=\"28\" height=\"28\">Vestibule</p>");
    };
    // Beside the name, the logo needs no alternative text.
    let alt = if name.is_some() { "" } else { label.as_str() };
    let image = logo.as_ref().map(|address| format!("<img class=\"logo\" src=\"{address}\" alt=\"{}\">", escape(alt)));
    format!("<p class=\"brand\">{}{}</p>", image.unwrap_or_default(), escape(name.as_deref().unwrap_or_default()))
}

/// The section of the help about a refused sign-in. `trace`: an admin sees the recorded sign-in.
fn help_of(code: &str, trace: bool) -> &'static str {
    match code {
        "sso_not_verified" | "sso_test_other_person" if trace => "/help/identity-providers#when-it-does-not-work",
        code if code.starts_with("sso_") => "/help/signing-in#with-single-sign-on",
        SESSION_OVER => "/help/signing-in#when-you-are-signed-out",
        _ => "/help/signing-in#with-a-password",
    }
}

/// A link to a section of the help.
pub fn help_link(address: &str) -> String {
    format!("<a href=\"{address}\">{}</a>", sentence(&phrase!("notice-help")))
}

/// A small page that the server writes. `head` and `body` are HTML.
pub fn plain(title: &Phrase, head: &str, body: &str) -> String {
    let (style, theme) = (assets::address("style.css"), assets::address("theme.js"));
    bare(title, &format!("<link rel=\"stylesheet\" href=\"{style}\"><script src=\"{theme}\"></script>{head}"), body)
}

/// Leads from a form to another site, or to a page that redirects there. A browser gets a page of this site first, because
/// `form-action` applies to the whole chain of redirects that begins with a form.
pub fn leave_for(request: &HttpRequest, title: &Phrase, url: &str) -> HttpResponse {
    // Programs do not send this header, and follow redirects only.
    let in_browser = request.headers().get("sec-fetch-dest").is_some_and(|shown_as| shown_as == "document");
    if in_browser { html(going_on(title, "", url, &phrase!("application-continue"))) } else { see_other(url) }
}

/// A page that opens another address at once, with a link to it. `line` is HTML above the link.
pub fn going_on(title: &Phrase, line: &str, url: &str, label: &Phrase) -> String {
    let (url, label) = (escape(url), sentence(label));
    plain(
        title,
        &format!("<meta http-equiv=\"refresh\" content=\"0;url={url}\">"),
        &format!("{line}<p><a class=\"button primary\" href=\"{url}\">{label}</a></p>"),
    )
}

/// As `plain`, but with only the style sheets and scripts of `head`.
pub fn bare(title: &Phrase, head: &str, body: &str) -> String {
    let (title, language) = (sentence(title), Language::spoken().tag());
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\">{head}</head>\
         <body><div class=\"gate\"><main class=\"card stack\"><h1>{title}</h1>{body}</main></div></body></html>"
    )
}

/// Redirects to another address, with GET.
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, location)).finish()
}

/// Redirects a refused browser to the sign-in page, which shows the reason. The details are in a cookie, never in the
/// URL.
pub fn refuse(app: &App, notice: &Notice) -> HttpResponse {
    let code: String = byte_serialize(notice.code.as_bytes()).collect();
    let mut answer = see_other(&format!("/login?error={code}"));
    // If the cookie cannot be added, only the notice's details are missing.
    drop(answer.add_cookie(&cookies::notice(app, notice)));
    answer
}

/// The return path as a query parameter.
pub fn return_query(path: &ReturnPath) -> String {
    format!("return={}", byte_serialize(path.as_str().as_bytes()).collect::<String>())
}

/// A box with the right address to sign in at, if the page was opened at another host than the public URL's. The host
/// that the request names is not trusted; behind a proxy that hides the host, `address.js` checks it in the browser.
pub fn address_box(app: &App, request: &HttpRequest, return_path: Option<&ReturnPath>) -> String {
    if !origin::is_elsewhere(&app.config, request) {
        return String::new();
    }
    let (home, script) = (escape(app.config.public_url.origin()), assets::address("address.js"));
    let query = return_path.map(|path| format!("?{}", return_query(path))).unwrap_or_default();
    let link = format!("<a href=\"{home}/login{query}\">{home}</a>");
    let told = marked([&link], |[link]| phrase!("wrong-address", link = link));
    format!(
        "<div class=\"notice\" role=\"alert\" data-address=\"{home}\">{told}</div><script src=\"{script}\"></script>"
    )
}

/// The sign-in page's box about a refused sign-in; empty if there was none. `trace`: the page that shows more to an
/// admin.
pub fn notice_box(
    app: &App,
    request: &HttpRequest,
    code: Option<&str>,
    trace: Option<&str>,
    return_path: Option<&ReturnPath>,
) -> String {
    let Some(code) = code else { return String::new() };
    let notice = cookies::notice_of(app, request).filter(|notice| notice.code == code);
    let said = sentence(&match code {
        "throttled" => phrase!("notice-throttled", meanwhile = still_works(app.sends_mail)),
        code => with_reference(said(code, &notice.clone().unwrap_or_default()), notice.as_ref()),
    });
    let used = notice.as_ref().is_some_and(is_used);
    let referenced = notice.as_ref().is_some_and(|notice| notice.reference.is_some());
    let urls = notice.map(|notice| notice.portal_urls).unwrap_or_default();
    let onward = return_path.map(|path| format!("&{}", return_query(path))).unwrap_or_default();
    let link = |url: &String| {
        let key = url.rsplit_once("key=").map_or("", |(_, key)| key);
        let label = if urls.len() > 1 { phrase!("notice-portal-of", key = key) } else { phrase!("notice-portal") };
        format!(" <a href=\"{}\">{}</a>", escape(&format!("{url}{onward}")), sentence(&label))
    };
    let more = |path: &str| format!(" <a href=\"{}\">{}</a>", escape(path), sentence(&phrase!("notice-see-what")));
    let links: String = urls.iter().map(link).chain(trace.map(more)).collect();
    // People who are not admins are told whom to ask.
    let ask = match (code, trace, referenced) {
        ("sso_not_verified", ..) if used => None,
        ("sso_not_verified", None, true) => Some(phrase!("notice-tell-reference")),
        ("sso_not_verified", None, false) => Some(phrase!("notice-tell-time")),
        _ => None,
    };
    let ask = ask.map(|ask| format!("<br>{}", sentence(&ask))).unwrap_or_default();
    if code == SIGNED_OUT {
        return format!("<div class=\"notice good\" role=\"alert\">{said}</div>");
    }
    let help = help_link(help_of(code, trace.is_some()));
    format!("<div class=\"notice\" role=\"alert\">{said}{links}{ask} {help}</div>")
}

/// True if the request of this response was answered before.
fn is_used(notice: &Notice) -> bool {
    notice.reason.as_deref() == Some("request_used")
}

fn said(code: &str, notice: &Notice) -> Phrase {
    let email = notice.email.clone().unwrap_or_else(|| phrase!("notice-somebody").spoken());
    let organisation = notice.organisation.clone().unwrap_or_else(|| phrase!("notice-this-organisation").spoken());
    match code {
        "refused" if notice.by_code => phrase!("notice-wrong-code"),
        "refused" => phrase!("refused"),
        "disabled" => phrase!("disabled"),
        "no_organisation" => phrase!("no-organisation"),
        "busy" => phrase!("busy-sign-ins"),
        "sso_required" if notice.portal_urls.is_empty() => phrase!("sso-required-elsewhere"),
        "sso_required" => phrase!("notice-sso-required"),
        "sso_unavailable" => phrase!("notice-sso-unavailable"),
        "sso_not_a_member" if is_guest_name(&email) => {
            phrase!("notice-guest-name", email = email, organisation = organisation)
        }
        "sso_not_a_member" if is_directory_name(&email) => {
            phrase!("notice-directory-name", email = email, organisation = organisation)
        }
        "sso_not_a_member" => phrase!("notice-not-a-member", email = email, organisation = organisation),
        "sso_not_verified" if is_used(notice) => phrase!("notice-used"),
        "sso_not_verified" if notice.reason.as_deref() == Some("unsolicited") => {
            phrase!("notice-unsolicited", told = phrase!("notice-not-verified"))
        }
        "sso_not_verified" => phrase!("notice-not-verified"),
        "sso_took_too_long" => phrase!("notice-took-too-long"),
        "sso_expired" => phrase!("notice-expired"),
        "sso_other_browser" => phrase!("notice-other-browser"),
        "sso_test_other_person" => phrase!("notice-test-other-person", email = email),
        "sso_confirmed_other_person" => phrase!("notice-confirmed-other-person", email = email),
        SESSION_OVER => phrase!("notice-session-over"),
        SIGNED_OUT => phrase!("notice-signed-out"),
        _ => phrase!("notice-else"),
    }
}

/// Adds the reference by which an admin finds the attempt, if there is one.
fn with_reference(told: Phrase, notice: Option<&Notice>) -> Phrase {
    match notice.and_then(|notice| notice.reference.as_ref()) {
        Some(reference) => phrase!("notice-reference", told = told, reference = reference),
        None => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_in_html() {
        assert_eq!(escape("<b class=\"x\" id='y'>&"), "&lt;b class=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
    }
}
