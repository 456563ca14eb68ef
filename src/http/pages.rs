//! Pages that the server itself writes: they work without JavaScript.

use super::blocking::blocking;
use super::html::escape;
use super::{assets, cookies, origin};
use crate::actions::branding::{self, ShownBrand};
use crate::actions::saml_sign_in::notice::Notice;
use crate::api::branding::BrandView;
use crate::app::App;
use crate::domain::ReturnPath;
use crate::domain::email::{is_directory_name, is_guest_name};
use crate::domain::error::still_works;
use crate::domain::phrase::phrase;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use url::form_urlencoded::byte_serialize;

/// The one notice that is good news.
pub const SIGNED_OUT: &str = "signed_out";

/// The most portals that a notice offers: a cookie has little room, and few people belong to more organisations.
pub const MOST_PORTALS: usize = 5;

/// Any other page: the web UI, whose script looks at the address.
pub async fn show_ui(app: Data<App>, request: HttpRequest) -> HttpResponse {
    // A page that cannot know the brand shows ours.
    let brand = blocking(&app, branding::of_appliance).await.ok().flatten();
    let brand = brand.map(|brand| format!(" data-brand=\"{}\"", escape(&json!(BrandView::from(brand)).to_string())));
    let mail = if app.sends_mail { "" } else { " data-mail=\"none\"" };
    assets::show_ui(request.path(), &(brand.unwrap_or_default() + mail))
}

/// The brand at the top of a page that the server renders, as HTML; ours if none is set.
pub fn brand_line(brand: Option<&ShownBrand>) -> String {
    let Some(ShownBrand { name, logo, label }) = brand else {
        let icon = assets::address("icon.svg");
        return format!("<p class=\"brand\"><img src=\"{icon}\" alt=\"\" width=\"28\" height=\"28\">Vestibule</p>");
    };
    // Beside the name, the logo says nothing more.
    let alt = if name.is_some() { "" } else { label.as_str() };
    let image = logo.as_ref().map(|address| format!("<img class=\"logo\" src=\"{address}\" alt=\"{}\">", escape(alt)));
    format!("<p class=\"brand\">{}{}</p>", image.unwrap_or_default(), escape(name.as_deref().unwrap_or_default()))
}

/// The section of the help about a refused sign-in. `trace`: whether an admin is told more.
fn help_of(code: &str, trace: bool) -> &'static str {
    match code {
        "sso_not_verified" | "sso_test_other_person" if trace => "/help/identity-providers#when-it-does-not-work",
        code if code.starts_with("sso_") => "/help/signing-in#with-single-sign-on",
        "session_over" => "/help/signing-in#when-you-are-signed-out",
        _ => "/help/signing-in#with-a-password",
    }
}

/// A small page that the server writes by itself. `title` is text, `head` and `body` are HTML.
pub fn plain(title: &str, head: &str, body: &str) -> String {
    let (title, style, theme) = (escape(title), assets::address("style.css"), assets::address("theme.js"));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"{style}\"><script src=\"{theme}\"></script>{head}</head>\
         <body><div class=\"gate\"><main class=\"card stack\"><h1>{title}</h1>{body}</main></div></body></html>"
    )
}

/// On to another address, with GET.
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, location)).finish()
}

/// A refused browser: on to the sign-in page, which says why. What it says travels in a cookie, never in the URL.
pub fn refuse(app: &App, notice: &Notice) -> HttpResponse {
    let code: String = byte_serialize(notice.code.as_bytes()).collect();
    let mut answer = see_other(&format!("/login?error={code}"));
    // If the cookie cannot be added, only the details of the notice are lost.
    drop(answer.add_cookie(&cookies::notice(app, notice)));
    answer
}

/// The path to land on, as a parameter of an address.
pub fn return_query(path: &ReturnPath) -> String {
    format!("return={}", byte_serialize(path.as_str().as_bytes()).collect::<String>())
}

/// Where to sign in, for a person who opened the page at another host than the public URL's; before anything is typed. The host that
/// the request names is not trusted, and behind a proxy that hides it the browser knows better: `address.js`.
pub fn address_box(app: &App, request: &HttpRequest, return_path: Option<&ReturnPath>) -> String {
    if !origin::is_elsewhere(&app.config, request) {
        return String::new();
    }
    let (home, script) = (escape(app.config.public_url.origin()), assets::address("address.js"));
    let query = return_path.map(|path| format!("?{}", return_query(path))).unwrap_or_default();
    format!(
        "<div class=\"notice\" role=\"alert\" data-address=\"{home}\">You opened Vestibule at the wrong address. Sign in at <a href=\"{home}/login{query}\">{home}</a>.</div><script src=\"{script}\"></script>"
    )
}

/// The sign-in page's box that says why a sign-in was refused; empty where it was not. `trace`: the page that tells an admin more.
pub fn notice_box(
    app: &App,
    request: &HttpRequest,
    code: Option<&str>,
    trace: Option<&str>,
    return_path: Option<&ReturnPath>,
) -> String {
    let Some(code) = code else { return String::new() };
    let notice = cookies::notice_of(app, request).filter(|notice| notice.code == code);
    let sentence = match code {
        "throttled" => format!(
            "Too many failed sign-ins for this account. Wait a few minutes and try again. {}",
            still_works(app.sends_mail)
        ),
        code => sentence(code, &notice.clone().unwrap_or_default()),
    };
    let used = notice.as_ref().is_some_and(is_used);
    let referenced = notice.as_ref().is_some_and(|notice| notice.reference.is_some());
    let urls = notice.map(|notice| notice.portal_urls).unwrap_or_default();
    let onward = return_path.map(|path| format!("&{}", return_query(path))).unwrap_or_default();
    let link = |url: &String| {
        let key = url.rsplit_once("key=").map_or("", |(_, key)| key);
        let name = if urls.len() > 1 { format!(" ({})", escape(key)) } else { String::new() };
        format!(" <a href=\"{}\">Sign in with SSO{name}</a>", escape(&format!("{url}{onward}")))
    };
    let more = |path: &str| format!(" <a href=\"{}\">See what to change</a>", escape(path));
    let links: String = urls.iter().map(link).chain(trace.map(more)).collect();
    // Whoever is no admin has somebody to ask.
    let ask = match (code, trace, referenced) {
        ("sso_not_verified", ..) if used => "",
        ("sso_not_verified", None, true) => "<br>Tell your admin the reference.",
        ("sso_not_verified", None, false) => {
            "<br>Sign in again. If it happens each time, tell your admin when you tried."
        }
        _ => "",
    };
    if code == SIGNED_OUT {
        return format!("<div class=\"notice good\" role=\"alert\">{}</div>", escape(&sentence));
    }
    let help = format!(" <a href=\"{}\">Help</a>", help_of(code, trace.is_some()));
    format!("<div class=\"notice\" role=\"alert\">{}{links}{ask}{help}</div>", escape(&sentence))
}

/// The advice if the provider keeps sending unsolicited responses.
const UNASKED: &str = " It sent a response that we did not request. Start here with your portal key, not from the provider's app tile. If you see this again, an admin must correct the sign-on URL in the SSO settings: it is probably a launch link.";

/// True if the response is a further one to a request that was answered already.
fn is_used(notice: &Notice) -> bool {
    notice.reason.as_deref() == Some("request_used")
}

fn sentence(code: &str, notice: &Notice) -> String {
    let email = notice.email.as_deref().unwrap_or("somebody");
    let organisation = notice.organisation.as_deref().unwrap_or("this organisation");
    let reference = notice.reference.as_deref().map(|text| format!(" Reference: {text}")).unwrap_or_default();
    match code {
        "refused" if notice.by_code => {
            "E-mail, password or recovery code is wrong. Check all three and try again.".into()
        }
        "refused" => phrase!("refused").to_string(),
        "disabled" => phrase!("disabled").to_string(),
        "no_organisation" => phrase!("no-organisation").to_string(),
        "busy" => phrase!("busy-sign-ins").to_string(),
        "sso_required" if notice.portal_urls.is_empty() => {
            phrase!("sso-required-elsewhere").to_string()
        }
        "sso_required" => "Your password is right, but your organisation signs in with single sign-on.".into(),
        "sso_unavailable" => "Single sign-on is not available for this key.".into(),
        "sso_not_a_member" if is_guest_name(email) => format!(
            "Your identity provider signed you in as {email}. That is the internal name of a guest account, not your \
             e-mail address. Ask an admin of your identity provider to send your own address instead (in Entra ID the \
             claim user.mail), and an admin of {organisation} to invite it."
        ),
        "sso_not_a_member" if is_directory_name(email) => format!(
            "Your identity provider signed you in as {email}, but {email} is not a member of {organisation}. If your e-mail address is \
             another, ask an admin of your identity provider to send that (in Entra ID the claim user.mail). Otherwise ask an admin of \
             {organisation} to invite you."
        ),
        "sso_not_a_member" => format!(
            "Your identity provider signed you in as {email}, but {email} is not a member of {organisation}. \
             Ask an admin to invite you."
        ),
        "sso_not_verified" if is_used(notice) => {
            format!("This sign-in was already used; each one works once. Start again.{reference}")
        }
        "sso_not_verified" => {
            let unasked = notice.reason.as_deref() == Some("unsolicited");
            format!(
                "We could not verify the response from your identity provider.{reference}{}",
                if unasked { UNASKED } else { "" }
            )
        }
        "sso_took_too_long" => format!(
            "Your sign-in at the identity provider took longer than ten minutes. Sign in again.{reference}"
        ),
        "sso_expired" => "This sign-in took too long or was finished already. Start again.".into(),
        "sso_other_browser" => {
            "This sign-in was started in another browser, too many others were started in this one since, or cookies are blocked. \
             Start again here."
                .into()
        }
        "sso_test_other_person" => format!(
            "The test sign-in must be made by yourself, but your identity provider signed in {email}. \
             Sign out there and test again as yourself."
        ),
        "sso_confirmed_other_person" => format!(
            "Your identity provider signed in {email}, but someone else is signed in here and must confirm their identity."
        ),
        "session_over" => {
            "Your session has ended: it expired, you were signed out elsewhere, your access was removed, or your organisation changed \
             how members sign in. Sign in again."
                .into()
        }
        SIGNED_OUT => "You are signed out.".into(),
        _ => "That did not work. Start again.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escape("<b class=\"x\" id='y'>&"), "&lt;b class=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
    }
}
