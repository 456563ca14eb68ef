//! The sign-in page. It works without JavaScript.

use super::blocking::blocking;
use super::guard::{Asking, FromBrowser};
use super::html::{escape, fill, html, marked, sentence};
use super::oauth2::request_cookies;
use super::origin::client_address;
use super::pages::{
    MOST_PORTALS, SESSION_OVER, SIGNED_OUT, address_box, brand_line, going_on, help_link, notice_box, refuse,
    return_query, see_other,
};
use super::query::{MOST_PAIRS, are_too_many, pairs, param};
use super::saml_sign_in::{second_look, sign_in_cookies};
use super::{assets, body, cookies, security, signed_in};
use crate::actions::branding::Surroundings;
use crate::actions::oidc::authorize::{self, Shown};
use crate::actions::saml_sign_in::notice::Notice;
use crate::actions::saml_sign_in::under_way::{Purpose, UnderWay};
use crate::actions::sign_in::Recovery;
use crate::actions::{attempts, branding, portal, sessions, sign_in};
use crate::app::App;
use crate::domain::catalogue::Language;
use crate::domain::connection::Mistaken;
use crate::domain::ids::ConnectionId;
use crate::domain::phrase::phrase;
use crate::domain::session::SignedIn;
use crate::domain::spoken;
use crate::domain::{Error, Password, Result, ReturnPath};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use url::form_urlencoded;

/// The maximum size of a sign-in form, in bytes.
const MOST_BYTES: usize = 64 * 1024;

/// The fields of a small form. If a field occurs twice, the first counts.
pub struct Form(HashMap<String, String>);

impl Form {
    /// The value of a field; empty if it is absent.
    pub fn take(&mut self, name: &str) -> String {
        self.0.remove(name).unwrap_or_default()
    }

    fn return_path(&self) -> Option<ReturnPath> {
        self.0.get("return").and_then(|path| ReturnPath::parse(path).ok())
    }
}

impl FromRequest for Form {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = body::collect(request, payload, MOST_BYTES);
        Box::pin(async move {
            let form = bytes.await?;
            if are_too_many(&form) {
                return Err(Error::TooLarge(phrase!("form-too-many", most = MOST_PAIRS)));
            }
            let mut fields = HashMap::new();
            for (name, value) in pairs(&form) {
                fields.entry(name).or_insert(value);
            }
            Ok(Self(fields))
        })
    }
}

/// The message for a portal key that does not work. It is the same whether the key is unknown or SSO is off for its
/// organisation; text that cannot be a key gets a more specific one.
fn key_error(key: &str) -> String {
    let told = match Mistaken::of(key) {
        Some(Mistaken::Address) => sentence(&phrase!("key-is-address")),
        Some(Mistaken::Email) => sentence(&phrase!("key-is-email")),
        None => {
            format!("{} {}", sentence(&phrase!("key-unavailable")), help_link("/help/signing-in#with-single-sign-on"))
        }
    };
    format!("<p class=\"error\" id=\"key-error\" role=\"alert\">{told}</p>")
}
const KEY_INVALID: &str = " aria-invalid=\"true\" aria-describedby=\"key-error key-hint\" autofocus";

/// A box that names the signed-in person, with a link to continue.
fn signed_in_box(asking: &SignedIn, return_path: Option<&ReturnPath>) -> String {
    let onward = escape(return_path.map_or("/", ReturnPath::as_str));
    let link = format!("<a href=\"{onward}\">{}</a>", sentence(&phrase!("login-continue")));
    let told = marked([&strong(asking), &link], |[email, link]| phrase!("login-signed-in", email = email, link = link));
    format!("<div class=\"notice info\">{told}</div>")
}

fn strong(asking: &SignedIn) -> String {
    format!("<strong>{}</strong>", escape(asking.user.email.as_str()))
}

/// `GET /login`. An admin whose own test sign-in was refused is redirected to the page where they started it. So is a
/// page that found its session over although the browser is signed in: another tab signed in at the same time, and
/// its session replaced the one that the page had sent.
pub async fn show_login(app: Data<App>, request: HttpRequest, asking: Asking) -> Result<HttpResponse> {
    let error = param(&request, "error");
    let notice = cookies::notice_of(&app, &request).unwrap_or_default();
    let replaced = error.as_deref() == Some(SESSION_OVER) && asking.0.is_some();
    if let Some(path) = param(&request, "return").filter(|_| replaced).and_then(|path| ReturnPath::parse(&path).ok()) {
        return Ok(see_other(path.as_str()));
    }
    let refused = error.as_ref() == Some(&notice.code);
    if refused && let Some(onward) = second_look::onward(&app, &request, &notice, asking.0.as_ref()).await? {
        let mut answer = see_other(&onward);
        answer.add_cookie(&cookies::no_notice(&app)).map_err(Error::internal)?;
        return Ok(answer);
    }
    let (answered, came_by) = (notice.request.as_deref(), notice.connection.as_deref());
    let known = || UnderWay::about(&app, answered, came_by, &sign_in_cookies::kept(&app, &request));
    let under_way = refused.then(known).unwrap_or_default();
    let own = |purpose| asking.0.as_ref().filter(|asking| under_way.is_by(&asking.user.id, purpose));
    let (test, confirming) = (own(Purpose::Test).is_some(), own(Purpose::Confirmation));
    let kept = || match confirming {
        Some(_) => None,
        None => under_way.return_path(),
    };
    let noted = notice.return_path.clone().filter(|_| refused);
    let return_path = param(&request, "return").or(noted).and_then(|path| ReturnPath::parse(&path).ok()).or_else(kept);
    let wrong_key = notice.key.clone().filter(|_| refused);
    let key = wrong_key.clone().or_else(|| param(&request, "key")).unwrap_or_default();
    let (from, typed) = (client_address(&app.config, &request), key.clone());
    let (here, came_by) = (asking.0.clone(), notice.connection.clone().filter(|_| refused));
    let known_by = move |app: &App| match came_by.and_then(|id| ConnectionId::parse(&id).ok()) {
        Some(connection) => branding::of_connection(app, &connection),
        None => branding::of_sign_in(app, &typed, &from, here.as_ref()),
    };
    let Surroundings { brand, language } = blocking(&app, known_by).await?;
    // Nothing has been translated before this line.
    spoken::by_organisation(language);
    let address = address_box(&app, &request, return_path.as_ref());
    let pending = request_cookies::behind(&app, &request, return_path.as_ref());
    let asked = pending.clone();
    let application = match asked {
        Some(pending) => blocking(&app, move |app| authorize::shown(app, &pending)).await?,
        None => None,
    };
    spoken::by_request(pending.as_ref().and_then(|pending| pending.request.ui_locales.as_deref()));
    let opens = application.as_ref().map(application_box).unwrap_or_default();
    let fresh = pending.as_ref().is_some_and(|pending| pending.fresh);
    let here = asking.0.as_ref().filter(|_| error.is_none() && !fresh);
    let signed_in = here.map(|asking| signed_in_box(asking, return_path.as_ref())).unwrap_or_default();
    let unconfirmed = confirming.map(unconfirmed_box).unwrap_or_default();
    let trace = match (asking.0, notice.reference.clone()) {
        (Some(asking), Some(reference)) => {
            blocking(&app, move |app| attempts::page_of(app, &asking, &reference, test)).await?
        }
        _ => None,
    };
    if let (true, Some(step)) = (test, &trace) {
        return Ok(see_other(step));
    }
    let code = error.as_deref().filter(|_| wrong_key.is_none());
    let said = notice_box(&app, &request, code, trace.as_deref(), return_path.as_ref());
    let wrong = refused && notice.code == "refused";
    let hint = || pending.as_ref().and_then(|pending| pending.request.login_hint.clone());
    let email = notice.email.filter(|_| wrong).or_else(hint).unwrap_or_default();
    let forgot = return_path.as_ref().map(|path| format!("?{}", return_query(path))).unwrap_or_default();
    let values: [(&str, &str); 13] = [
        ("language", Language::spoken().tag()),
        ("brand", &brand_line(brand.as_ref())),
        ("label", &escape(brand.as_ref().map_or("Vestibule", |brand| &brand.label))),
        ("signed_in", &signed_in),
        ("address", &address),
        ("notice", &(opens + &said + &unconfirmed)),
        ("key_state", if wrong_key.is_some() { KEY_INVALID } else { " aria-describedby=\"key-hint\"" }),
        ("key_error", &wrong_key.as_deref().map(key_error).unwrap_or_default()),
        ("email", &escape(&email)),
        ("forgot", &escape(&forgot)),
        // The form for recovery codes is open after a wrong code.
        ("code_open", if wrong && notice.by_code { " open" } else { "" }),
        ("key", &escape(&key)),
        ("return", &escape(return_path.as_ref().map_or("", ReturnPath::as_str))),
    ];
    Ok(html(fill(&assets::page("login.html"), &values)))
}

/// A box that names the application at which the person signs in.
fn application_box(shown: &Shown) -> String {
    let strong = |text: &str| format!("<strong>{}</strong>", escape(text));
    let marks = [&strong(&shown.application)[..], &strong(&shown.organisation)];
    let told = marked(marks, |[application, organisation]| {
        phrase!("login-application", application = application, organisation = organisation)
    });
    format!("<div class=\"notice info\">{told}</div>")
}

/// A box for a person whose confirmation failed: they can return to the page that asked for it, as their session is
/// unchanged.
fn unconfirmed_box(asking: &SignedIn) -> String {
    let plain = asking.user.email.as_str();
    let told = marked([&strong(asking)], |[email]| phrase!("login-unconfirmed", email = email, plain = plain));
    format!("<div class=\"notice info\">{told}</div>")
}

/// `POST /login`: signs in with a password, then redirects to the return path.
pub async fn create_session(
    app: Data<App>,
    request: HttpRequest,
    browser: FromBrowser,
    mut form: Form,
) -> HttpResponse {
    let (email, password) = (form.take("email"), Password::typed(form.take("password")));
    let (code, organisation) = (form.take("recovery_code"), form.take("organisation"));
    let recovery = (!code.trim().is_empty()).then_some(Recovery { code, organisation: Some(organisation) });
    let by_code = recovery.is_some();
    let return_path = form.return_path();
    let going = return_path.as_ref().map(|path| path.as_str().to_owned());
    let notice = |code| Notice { return_path: going.clone(), ..Notice::plain(code) };
    let typed = email.clone();
    match blocking(&app, move |app| sign_in::sign_in(app, &email, password, recovery, browser.0)).await {
        Ok(sign_in) => {
            let path = return_path.as_ref().map_or("/", ReturnPath::as_str);
            signed_in::to_page(&app, &request, &sign_in, path).unwrap_or_else(HttpResponse::from_error)
        }
        Err(Error::Refused { .. }) => refuse(&app, &Notice { email: Some(typed), by_code, ..notice("refused") }),
        Err(Error::SsoRequired { belongs: false, .. }) => refuse(&app, &notice("no_organisation")),
        Err(Error::SsoRequired { portal_urls, .. }) => {
            let portal_urls = portal_urls.into_iter().take(MOST_PORTALS).collect();
            refuse(&app, &Notice { portal_urls, ..notice("sso_required") })
        }
        Err(Error::Forbidden { code: "disabled", .. }) => refuse(&app, &notice("disabled")),
        Err(error @ Error::TooManyGuesses { .. }) => {
            let mut answer = refuse(&app, &notice("throttled"));
            security::keep_error(&mut answer, error);
            answer
        }
        Err(Error::Unavailable { code: "busy", .. }) => refuse(&app, &notice("busy")),
        Err(other) => HttpResponse::from_error(other),
    }
}

/// `POST /login/sso`: a page with a link and a refresh to the portal URL. Browsers would block a redirect, as
/// `form-action` applies to the whole chain, and the identity provider is another site.
///
/// A key that does not work is charged to the client's address, and gets the same answer whether or not it exists.
pub async fn start_sso(app: Data<App>, browser: FromBrowser, mut form: Form) -> Result<HttpResponse> {
    let path = form.return_path();
    let key = portal::key_in(&app, &form.take("key"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("key", &key);
    let known = blocking(&app, move |app| branding::behind(app, &key)).await?;
    if known.is_none() {
        app.charge_sso_failure(&browser.0.address)?;
    }
    let Surroundings { brand, language } = known.unwrap_or_default();
    spoken::by_organisation(language);
    if let Some(path) = &path {
        query.append_pair("return", path.as_str());
    }
    let url = app.config.public_url.join(&format!("/sso?{}", query.finish()));
    let line = brand.map(|brand| brand_line(Some(&brand))).unwrap_or_default();
    Ok(html(going_on(&phrase!("portal-title"), &line, &url, &phrase!("portal-continue"))))
}

/// `POST /logout`.
pub async fn delete_session(app: Data<App>, browser: FromBrowser) -> Result<HttpResponse> {
    blocking(&app, move |app| sessions::sign_out(app, &browser.0)).await?;
    let mut answer = see_other(&format!("/login?error={SIGNED_OUT}"));
    answer.add_cookie(&cookies::no_session(&app)).map_err(Error::internal)?;
    Ok(answer)
}
