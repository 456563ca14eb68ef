//! SAML sign-ins in the browser: start, callback, finish, and our metadata.

pub mod second_look;
pub mod sign_in_cookies;
pub mod test_page;

use crate::actions::saml_sign_in::callback::{self, Received};
use crate::actions::saml_sign_in::finish::{self, Finished};
use crate::actions::saml_sign_in::notice::Notice;
use crate::actions::saml_sign_in::start::{self, Ask, Begun, Restart};
use crate::actions::saml_sign_in::under_way::Late;
use crate::actions::{own_keys, portal};
use crate::app::App;
use crate::domain::ids::ConnectionId;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result, ReturnPath};
use crate::http::blocking::{blocking, receiving};
use crate::http::client;
use crate::http::guard::{Asking, FromBrowser};
use crate::http::oauth2::request_cookies;
use crate::http::origin::{self, client_address};
use crate::http::own_keys::with_keys;
use crate::http::pages::{refuse, see_other};
use crate::http::query::param;
use crate::http::{
    body::{self, Collected},
    signed_in,
};
use crate::saml::{Message, Refusal};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use url::form_urlencoded;

/// The maximum length of a portal key that the form keeps, in characters. No key is longer, and an address typed by
/// mistake is still recognised.
const MOST_KEY_CHARS: usize = 100;
/// The maximum size of a response, in bytes after decoding.
const MOST_RESPONSE_BYTES: usize = 256 * 1024;
/// The maximum size of a form that is parsed on the thread that received it, in bytes.
const SMALL_FORM_BYTES: usize = 16 * 1024;
/// The maximum size of the callback's form, in bytes: a response of that size in base64, with every character escaped,
/// and a RelayState.
const MOST_FORM_BYTES: usize = MOST_RESPONSE_BYTES * 4 + 64 * 1024;

/// `GET /sso?key=KEY&return=PATH`: redirects to the identity provider.
///
/// Only keys that do not work are charged to the client's address, so a valid key is never throttled.
pub async fn start(app: Data<App>, request: HttpRequest, asking: Asking) -> Result<HttpResponse> {
    if let Some(home) = other_host(&app, &request) {
        return Ok(see_other(&home));
    }
    let late = match param(&request, "late") {
        None => None,
        Some(suffix) => match sign_in_cookies::late_of(&app, &request, &suffix) {
            Some(late) => Some((suffix, late)),
            None => return took_too_long(&app, &request).await,
        },
    };
    let (late_suffix, late) = late.unzip();
    let going = typed_return(&request).map(|path| path.as_str().to_owned());
    let unavailable = Notice { return_path: going, ..Notice::plain("sso_unavailable") };
    let Some(ask) = ask_of(&app, &request, asking, late) else {
        return Ok(refuse(&app, &unavailable));
    };
    let key = Some(ask.key.chars().take(MOST_KEY_CHARS).collect()).filter(|key: &String| !key.is_empty());
    let typed = Notice { key, ..unavailable };
    let begun = match start::start_from_memory(&app, &ask) {
        Some(begun) => begun?,
        None => blocking(&app, move |app| start::start(app, &ask)).await?,
    };
    let (mut answer, cookies) = match begun {
        Begun::On(start) => (see_other(&start.redirect_url), sign_in_cookies::begun(&app, &request, &start)),
        Begun::Refused(notice) => {
            (refuse(&app, &notice), sign_in_cookies::no_mark(&app, &request).into_iter().collect())
        }
        Begun::Look(look) => (test_page::show(&look), Vec::new()),
        Begun::Nowhere => {
            app.charge_sso_failure(&client_address(&app.config, &request))?;
            return Ok(refuse(&app, &typed));
        }
    };
    let ended = late_suffix.map(|suffix| sign_in_cookies::ended(&app, &request, &suffix)).unwrap_or_default();
    ended.iter().chain(&cookies).try_for_each(|cookie| answer.add_cookie(cookie)).map_err(Error::internal)?;
    Ok(answer)
}

/// The sign-in that a request asks for; `None` if it is not allowed.
fn ask_of(app: &App, request: &HttpRequest, asking: Asking, late: Option<Late>) -> Option<Ask> {
    let flag = |name: &str| param(request, name).as_deref() == Some("1");
    // A test puts a draft of the settings in force, so only our own pages can start one.
    let foreign = flag("test") && origin::same_origin(&app.config, request).is_err();
    let test = flag("test") || late.as_ref().is_some_and(|late| late.seen.is_some());
    if foreign || (test && asking.0.is_none()) {
        return None;
    }
    let return_path = match &late {
        Some(late) => late.return_path(),
        None => typed_return(request),
    };
    let pending = request_cookies::behind(app, request, return_path.as_ref());
    let asked = pending.as_ref().is_some_and(|pending| pending.fresh);
    let fresh = asked || flag("fresh") || late.as_ref().is_some_and(|late| late.fresh);
    let again = || Restart::Unsolicited {
        mark: sign_in_cookies::mark_of(app, request),
        kept: sign_in_cookies::kept(app, request),
    };
    let unsolicited = || flag("restart").then(again);
    Some(Ask {
        key: portal::key_in(app, &param(request, "key").unwrap_or_default()),
        return_path,
        asking: asking.0,
        test,
        seen: late.as_ref().and_then(|late| late.seen.clone()).or_else(|| param(request, "settings")),
        from_outside: origin::is_from_outside(request),
        restart: late.map_or_else(unsolicited, |_| Some(Restart::Late)),
        fresh,
        anybody: pending.is_some(),
        address: client_address(&app.config, request),
    })
}

/// The return path in the query.
fn typed_return(request: &HttpRequest) -> Option<ReturnPath> {
    param(request, "return").and_then(|path| ReturnPath::parse(&path).ok())
}

/// Refuses a response that came too late, if no cookie is left to start its sign-in again.
async fn took_too_long(app: &Data<App>, request: &HttpRequest) -> Result<HttpResponse> {
    let key = param(request, "key").unwrap_or_default();
    let typed = key.clone();
    let behind = blocking(app, move |app| portal::find_behind(app, &typed)).await?;
    let portal_urls = behind.as_ref().map(|_| app.portal_url(&key)).into_iter().collect();
    let connection = behind.map(|organisation| organisation.connection_id.to_string());
    Ok(refuse(app, &Notice { connection, portal_urls, ..Notice::plain("sso_took_too_long") }))
}

/// The address to redirect to if the request came on another host than the public URL's: the cookie must be set on the
/// callback's host. It redirects only once, to avoid a loop behind a proxy that hides the host.
fn other_host(app: &App, request: &HttpRequest) -> Option<String> {
    let away = origin::is_elsewhere(&app.config, request) && param(request, "home").is_none();
    away.then(|| app.config.public_url.join(&format!("/sso?{}&home=1", request.query_string())))
}

/// `GET /saml/{connection}/metadata`: our metadata for the organisation's identity provider; on any plan.
pub async fn show_metadata(app: Data<App>, path: Path<String>) -> Result<HttpResponse> {
    let id = ConnectionId::parse(&path)?;
    let xml = with_keys(&app, move |app| own_keys::metadata(app, &id)).await?;
    Ok(HttpResponse::Ok().content_type("application/samlmetadata+xml; charset=utf-8").body(xml))
}

/// `POST /saml/{connection}/acs`: the callback. A verified response redirects to `/sso/finish`.
pub async fn receive(
    app: Data<App>,
    browser: FromBrowser,
    path: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse> {
    let charge = app.charge_sso_failure(&browser.0.address)?;
    let connection = ConnectionId::parse(&path).ok();
    let came_by = connection.as_ref().map(ToString::to_string);
    let received = match body::collect(&request, &mut payload.into_inner(), MOST_FORM_BYTES).await {
        Ok(form) => receive_form(&app, connection, form, browser.0.address).await,
        Err(refusal) => Err(refusal),
    };
    // A response that was not processed does not count as a failed sign-in.
    let unseen = matches!(&received, Err(Error::Unavailable { code: "busy", .. }));
    if unseen || !matches!(&received, Ok(Received::Refused(_)) | Err(_)) {
        app.throttle.refund(&charge);
    } else {
        app.callbacks.note_waste(client::network());
    }
    Ok(match received? {
        Received::Ticket(ticket) => see_other(&app.config.public_url.join(&format!("/sso/finish?ticket={ticket}"))),
        Received::Restart(key) => see_other(&format!("{}&restart=1", app.portal_url(&key))),
        Received::Late { key, suffix } => see_other(&format!("{}&late={suffix}", app.portal_url(&key))),
        Received::Refused(notice) => refuse(&app, &Notice { connection: came_by, ..notice }),
    })
}

async fn receive_form(
    app: &Data<App>,
    connection: Option<ConnectionId>,
    form: Collected,
    address: String,
) -> Result<Received> {
    let Some(connection) = connection else { return Ok(Received::Refused(Notice::plain("sso_unavailable"))) };
    let parsed = (form.len() <= SMALL_FORM_BYTES).then(|| parse_form(&form)).transpose()?;
    if let Some((Err(refusal), _)) = &parsed
        && let Some(refused) = callback::refuse_from_memory(app, &connection, refusal, &address)
    {
        return Ok(refused);
    }
    receiving(app, form, move |app, form| {
        let (response, relay_state) = parsed.map_or_else(|| parse_form(form), Ok)?;
        callback::receive(app, &connection, response, &relay_state, &address)
    })
    .await
}

/// The parsed response of the callback's form, and its `RelayState`.
///
/// # Errors
/// `TooLarge`.
fn parse_form(form: &[u8]) -> Result<(Result<Message, Refusal>, String)> {
    let (response, relay_state) = fields(form);
    if response.bytes().filter(|byte| !byte.is_ascii_whitespace()).count() / 4 * 3 > MOST_RESPONSE_BYTES + 3 {
        return Err(Error::TooLarge(phrase!("response-too-large")));
    }
    Ok((callback::parse(&response), relay_state))
}

/// The first `SAMLResponse` and `RelayState` of the callback's form.
fn fields(form: &[u8]) -> (String, String) {
    let (mut response, mut relay_state) = (None, None);
    for (name, value) in form_urlencoded::parse(form) {
        let field = match name.as_ref() {
            "SAMLResponse" => &mut response,
            "RelayState" => &mut relay_state,
            _ => continue,
        };
        field.get_or_insert(value);
    }
    (response.unwrap_or_default().into_owned(), relay_state.unwrap_or_default().into_owned())
}

/// `GET /sso/finish?ticket=`: the browser returns with its cookie, and the session begins.
pub async fn finish(app: Data<App>, browser: FromBrowser, request: HttpRequest) -> Result<HttpResponse> {
    let ticket = param(&request, "ticket").unwrap_or_default();
    let started = sign_in_cookies::all_started(&app, &request);
    match blocking(&app, move |app| finish::finish(app, &ticket, &started, browser.0)).await? {
        Finished::In { sign_in, return_path, cookie_suffix } => {
            let path = return_path.as_ref().map_or("/", ReturnPath::as_str);
            let mut answer = signed_in::to_page(&app, &request, &sign_in, path)?;
            let ended = sign_in_cookies::ended(&app, &request, &cookie_suffix);
            let mut all = ended.into_iter().chain(sign_in_cookies::no_mark(&app, &request));
            all.try_for_each(|cookie| answer.add_cookie(&cookie)).map_err(Error::internal)?;
            Ok(answer)
        }
        Finished::Refused(notice) => Ok(refuse(&app, &notice)),
    }
}
