//! Sign-in at applications behind a reverse proxy: from the application's host to the sign-in page, and back.
//!
//! The browser gets a nonce at the application's host, in a cookie. The sealed request with the digest of the nonce goes to
//! the public URL, where the person signs in unless they are signed in already. A code that works once returns to the
//! host, where it is accepted only together with the cookie. So a code that is stolen or planted in another browser is
//! useless.

use super::{Author, Caller, security, sessions};
use crate::app::App;
use crate::domain::application::{ApplicationSession, Hosted, Opening};
use crate::domain::application_host::AppHost;
use crate::domain::application_rule::Require;
use crate::domain::audit::{Actor, Event};
use crate::domain::forward_auth::{OriginalRequest, may_enter, origin};
use crate::domain::ids::{ApplicationId, hex, random_bytes};
use crate::domain::phrase::phrase;
use crate::domain::principal::Claim;
use crate::domain::seal::{digest, secret};
use crate::domain::session::SignedIn;
use crate::domain::{Error, Result, Timestamp};
use crate::store::{ApplicationCode, Db, Tx};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use url::form_urlencoded::byte_serialize;

/// How long a person may take from the application's host to the sign-in and back, in seconds.
pub const START_SECS: i64 = 600;
/// How long a code works, in seconds.
const CODE_SECS: i64 = 30;
/// The longest path to which a browser returns, in bytes.
const MOST_RETURN_BYTES: usize = 4096;
/// The longest path that a start cookie keeps, in bytes: browsers ignore cookies whose name and value have more than 4,096
/// bytes, and sealing adds a third.
const MOST_KEPT_BYTES: usize = 2900;
/// The paths of an application's host that Vestibule serves.
pub const OWN_PATHS: &str = "/.vestibule/";

/// The purposes of sealed values.
const REQUEST: &str = "application sign-in";
const START: &str = "application start";

/// The request that leads a browser from an application's host to the sign-in.
#[derive(Serialize, Deserialize)]
struct SignInRequest {
    application: String,
    host: String,
    secure: bool,
    /// The digest of the nonce, in hexadecimal digits.
    nonce: String,
    /// True if the path to which the browser returns only needs that the person is signed in.
    signed_in_only: bool,
    /// True if the browser has lost its cookie once.
    retried: bool,
}

/// The value of a start cookie.
#[derive(Serialize, Deserialize)]
struct Start {
    nonce: String,
    return_path: String,
}

/// A sign-in that begins at an application's host.
#[derive(Debug)]
pub struct Begun {
    /// The sealed value of the start cookie.
    pub cookie: String,
    /// The address at the public URL to which the browser is redirected.
    pub location: String,
}

/// A start cookie that a browser brought.
#[derive(Debug, Clone)]
pub struct StartCookie {
    /// Its name, so that it can be removed.
    pub name: String,
    /// When it expires.
    pub expires_at: Timestamp,
    nonce: String,
    return_path: String,
}

/// Reads a start cookie; `None` if it is not ours or has expired.
pub fn start_cookie(app: &App, name: &str, sealed: &str) -> Option<StartCookie> {
    let (expires_at, Start { nonce, return_path }) = app.seal().open_until(START, sealed, app.now())?;
    Some(StartCookie { name: name.into(), expires_at, nonce, return_path })
}

/// The path to which a browser returns at an application's host; `/` for one that is not usable.
fn return_path(raw: &str) -> &str {
    let local = raw.starts_with('/')
        && !raw.starts_with("//")
        && raw.len() <= MOST_RETURN_BYTES
        && raw.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if local && !raw.starts_with(OWN_PATHS) { raw } else { "/" }
}

/// The address at the application's host where a sign-in begins that returns to this request.
pub fn start_url(original: &OriginalRequest) -> String {
    let target = original.target();
    let path = std::str::from_utf8(&target).map_or("/", return_path);
    format!("{}{OWN_PATHS}start?return={}", original.origin(), byte_serialize(path.as_bytes()).collect::<String>())
}

/// A return path that fits into a start cookie: without its query if it is too long, or `/` if it is still too long.
fn fitting(return_path: &str) -> &str {
    let path = return_path.split('?').next().unwrap_or("/");
    // A quotation mark takes two bytes in the cookie.
    let fits = |path: &&str| path.len() + path.matches('"').count() <= MOST_KEPT_BYTES;
    [return_path, path].into_iter().find(fits).unwrap_or("/")
}

/// True if a path, with its query, only needs that the person is signed in.
fn signed_in_only(hosted: &Hosted, return_path: &str) -> bool {
    let path = return_path.split('?').next().unwrap_or_default();
    hosted.rules.required("GET", path.as_bytes()) == Require::SignedIn
}

/// Begins a sign-in at the host of an application. `retried`: true if the browser has lost its cookie once.
pub fn begin(app: &App, hosted: &Hosted, at: (&AppHost, bool), path: &str, retried: bool) -> Begun {
    let ((host, secure), now) = (at, app.now());
    let path = fitting(return_path(path));
    let nonce = hex(&random_bytes::<16>());
    let request = SignInRequest {
        application: hosted.application.to_string(),
        host: host.as_str().to_owned(),
        secure,
        nonce: hex(&digest(&nonce)),
        signed_in_only: signed_in_only(hosted, path),
        retried,
    };
    let sealed = app.seal().seal(REQUEST, &request, now, START_SECS);
    let start = Start { nonce, return_path: path.to_owned() };
    Begun {
        cookie: app.seal().seal(START, &start, now, START_SECS),
        location: app.config.public_url.join(&format!("/auth/start?request={sealed}")),
    }
}

/// What a browser that came from an application's host does next, at the public URL.
#[derive(Debug)]
pub enum Onward {
    /// Return to the application's host, at this address.
    Back(String),
    /// Sign in. `portal`: the portal key of an organisation that accepts SAML only.
    SignIn {
        /// The portal key.
        portal: Option<String>,
    },
    /// The person who is signed in may not open the application.
    Denied(Box<Denial>),
}

/// A person who may not open an application.
#[derive(Debug)]
pub struct Denial {
    /// The application's display name.
    pub application: String,
    /// The organisation's display name.
    pub organisation: String,
    /// The person's e-mail address.
    pub email: String,
    /// True if the person belongs to the organisation.
    pub belongs: bool,
    /// The e-mail addresses of people who can give access: admins of the workspace and of the organisation, at most five.
    /// Empty for a person who does not belong to the organisation.
    pub admins: Vec<String>,
}

/// The judgement on a person who wants to enter an application.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Judgement {
    /// They may.
    Enters,
    /// They belong to the organisation, and must sign in to it.
    MustSignIn,
    /// They may not.
    Denied,
}

/// Judges whether a person may enter an application. `person`: as they are in the database now.
fn judge(db: &Db, hosted: &Hosted, person: &SignedIn, signed_in_only: bool) -> Result<Judgement> {
    let organisation = &hosted.organisation;
    let role = db.find_application_role(&hosted.application, &person.user.id)?;
    if may_enter(organisation, person, role.as_ref(), signed_in_only) {
        return Ok(Judgement::Enters);
    }
    let seat = person.seats.iter().find(|seat| seat.organisation.id == organisation.id && person.sees(seat));
    let closed = seat.is_some_and(|seat| person.application_grant(seat).is_none());
    Ok(if closed { Judgement::MustSignIn } else { Judgement::Denied })
}

/// The application at a host, as it is in the database now; `None` if it is another one than `application`.
fn still_hosted(db: &Db, host: &AppHost, application: &ApplicationId) -> Result<Option<Hosted>> {
    Ok(db.find_hosted(host)?.filter(|hosted| hosted.granted && hosted.application == *application))
}

/// Continues the sign-in of a browser that came from an application's host. A request that has expired begins again at
/// the host.
///
/// # Errors
/// `BadRequest` with code `state_lost` when the application has changed; `Throttled` after too many sign-ins.
pub fn onward(app: &App, sealed: &str, person: Option<&SignedIn>) -> Result<Onward> {
    let (expires_at, request): (_, SignInRequest) = app.seal().open_late(REQUEST, sealed).ok_or_else(lost)?;
    let host = AppHost::read(&request.host).ok_or_else(lost)?;
    let hosted = hosted(app, &host)?.filter(|hosted| hosted.application.as_str() == request.application);
    let hosted = hosted.ok_or_else(lost)?;
    let own = format!("{}{OWN_PATHS}", origin(request.secure, &host));
    if app.now() >= expires_at {
        return Ok(Onward::Back(format!("{own}{}", restart("/", false))));
    }
    let Some(person) = person else { return Ok(sign_in_at(&hosted)) };
    app.throttle.charge_application_sign_in(&person.allowance(), app.now())?;
    let code = secret();
    Ok(match enter(app, request, host, &hosted.application, person, code.clone()) {
        Ok(Judgement::Enters) => Onward::Back(format!("{own}finish?code={code}")),
        // Their session has ended meanwhile.
        Ok(Judgement::MustSignIn) | Err(Error::SessionOver { .. }) => sign_in_at(&hosted),
        Ok(Judgement::Denied) => Onward::Denied(Box::new(denied(app, &hosted, person)?)),
        Err(other) => return Err(other),
    })
}

/// Judges a person, and stores a code with which they enter the application if they may, in one transaction.
fn enter(
    app: &App,
    request: SignInRequest,
    host: AppHost,
    application: &ApplicationId,
    person: &SignedIn,
    code: String,
) -> Result<Judgement> {
    let (session, application, expires_at) =
        (person.session.id.clone(), application.clone(), app.now().plus(CODE_SECS));
    app.write(&Claim::of_person(person), move |tx| {
        let hosted = still_hosted(tx, &host, &application)?.ok_or_else(lost)?;
        let person = tx.signed_in_by_id(&session)?.ok_or_else(Error::session_over)?;
        let judgement = judge(tx, &hosted, &person, request.signed_in_only)?;
        if judgement == Judgement::Enters {
            let (nonce_hash, retried) = (request.nonce.into_bytes(), request.retried);
            let made = ApplicationCode { application, session, host, nonce_hash, retried, expires_at };
            tx.add_application_code(&code, &made)?;
        }
        Ok(judgement)
    })
}

fn sign_in_at(hosted: &Hosted) -> Onward {
    let organisation = &hosted.organisation;
    let portal = organisation.portal_key.clone().filter(|_| organisation.sign_in_policy().enforced());
    Onward::SignIn { portal }
}

fn lost() -> Error {
    Error::BadRequest { code: "state_lost", message: phrase!("application-state-lost") }
}

/// Why a person may not open an application, and whom they can ask.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn denied(app: &App, hosted: &Hosted, person: &SignedIn) -> Result<Denial> {
    let organisation = &hosted.organisation;
    let belongs = person.open_seat(&organisation.id).is_some();
    let admins = if belongs {
        app.store.read(|db| db.application_admins(&hosted.workspace_id, &organisation.id))?
    } else {
        Vec::new()
    };
    Ok(Denial {
        application: hosted.name.to_string(),
        organisation: organisation.name.clone(),
        email: person.user.email.to_string(),
        belongs,
        admins: admins.iter().map(ToString::to_string).collect(),
    })
}

/// The outcome of returning to an application's host with a code.
#[derive(Debug)]
pub enum Finished {
    /// A session at the application has begun.
    Entered {
        /// The secret for its cookie.
        token: String,
        /// The name of the start cookie, which is no longer needed.
        start: String,
        /// The path to which the browser returns.
        return_path: String,
    },
    /// The sign-in begins again, at this address of the application's host: the browser does not have the cookie of this
    /// sign-in, it returned too late, or the person lost access meanwhile.
    StartAgain(String),
}

/// The part of an address below `/.vestibule/` where a sign-in begins. `retried`: true if the browser has lost its cookie.
fn restart(return_path: &str, retried: bool) -> String {
    let again = if retried { "&again=1" } else { "" };
    format!("start?return={}{again}", byte_serialize(return_path.as_bytes()).collect::<String>())
}

/// A browser that returns to an application's host.
pub struct Returning {
    /// The host.
    pub host: AppHost,
    /// The code that it brings.
    pub code: String,
    /// Its start cookies.
    pub starts: Vec<StartCookie>,
    /// The secret of the session at the application that it has, which ends.
    pub old: Option<String>,
    /// The address from which it came.
    pub address: String,
}

/// Begins a session at an application with a code.
///
/// # Errors
/// `BadRequest` with code `state_lost`.
pub fn finish(app: &App, browser: Returning) -> Result<Finished> {
    // Guessed codes do not occupy the writer.
    let (session, application) = app.store.read(|db| db.find_application_code(&browser.code))?.ok_or_else(lost)?;
    let line = app.throttle.charge_opened_line(&session, &application, app.now());
    let logged = line.is_some();
    // The code is used up in any case.
    let finished = app.write(&Claim::sign_in(), move |tx| {
        let code = tx.take_application_code(&browser.code)?.filter(|code| code.host == browser.host);
        code.map_or_else(|| Ok(Err(lost())), |code| finish_with(tx, code, browser, logged))
    });
    if !matches!(finished, Ok(Ok(Finished::Entered { .. })))
        && let Some(line) = line
    {
        app.throttle.refund(&line);
    }
    finished?
}

fn finish_with(tx: &Tx, code: ApplicationCode, browser: Returning, logged: bool) -> Result<Result<Finished>> {
    let again = |path: &str, retried| Ok(Ok(Finished::StartAgain(format!("{OWN_PATHS}{}", restart(path, retried)))));
    let mine = |start: &StartCookie| hex(&digest(&start.nonce)).into_bytes() == code.nonce_hash;
    let Some(StartCookie { name: start, return_path, .. }) = browser.starts.into_iter().find(mine) else {
        return if code.retried { Ok(Err(lost())) } else { again("/", true) };
    };
    let Some(hosted) = still_hosted(tx, &code.host, &code.application)? else { return Ok(Err(lost())) };
    let Some(person) = tx.signed_in_by_id(&code.session)? else { return again(&return_path, false) };
    let judgement = judge(tx, &hosted, &person, signed_in_only(&hosted, &return_path))?;
    if tx.now() >= code.expires_at || judgement != Judgement::Enters {
        return again(&return_path, false);
    }
    let token = secret();
    if let Some(old) = &browser.old {
        tx.delete_application_session(old)?;
    }
    tx.add_application_session(&token, &code)?;
    if logged {
        let event = Event::new("application.opened", "application", &hosted.application, &hosted.name);
        let event = event.within(&hosted.organisation.id).at(&hosted.workspace_id);
        Author::person(&person.user, &browser.address).log(tx, &event)?;
    }
    Ok(Ok(Finished::Entered { token, start, return_path }))
}

/// The application that is served at a host: a proxy application whose host is granted now.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn hosted(app: &App, host: &AppHost) -> Result<Option<Arc<Hosted>>> {
    Ok(app.store.hosted(host)?.filter(|hosted| hosted.granted))
}

/// As `hosted`, but only from the in-memory cache; the outer `None` where the database is needed.
#[allow(clippy::option_option)] // unknown, no application, and an application are three things
pub fn known_hosted(app: &App, host: &AppHost) -> Option<Option<Arc<Hosted>>> {
    app.store.known_hosted(host).map(|found| found.filter(|hosted| hosted.granted))
}

/// True if an application is served at this name, at any port.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn names_hosted(app: &App, name: &AppHost) -> Result<bool> {
    app.store.read(|db| db.is_application_name(name))
}

/// The person who holds the session at an application with this secret, and the application.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn session(app: &App, token: &str) -> Result<Option<(SignedIn, Opening)>> {
    app.store.application_session(token)
}

/// As `session`, but only from the in-memory cache; `None` where the database is needed.
pub fn known_session(app: &App, token: &str) -> Option<(SignedIn, Opening)> {
    app.store.known_application_session(token)
}

/// True if this secret was that of a session at an application not long ago. The session may have ended since.
pub fn was_session(app: &App, token: &str) -> bool {
    app.store.was_application_session(token)
}

/// Signs a person out at an application: ends the session behind their session there.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn sign_out(app: &App, person: &SignedIn, address: &str) -> Result<()> {
    let (user, session, address) = (person.user.clone(), person.session.id.clone(), address.to_owned());
    app.write(&Claim::sign_in(), move |tx| sessions::end(tx, &user, &session, &address))
}

/// Logs, for operators, that a proxy asked about a host without an application.
pub fn note_unknown_host(app: &App, host: &AppHost, address: &str) {
    let event = Event::new("security.unknown_host", "security", "", host.as_str());
    security::note(app, Actor::Anonymous, address, event);
}

/// The newest sessions at an application, at most 200.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list_sessions(app: &App, caller: &Caller, application: &ApplicationId) -> Result<Vec<ApplicationSession>> {
    app.read(&caller.claim, |db| {
        let mut sessions = db.application_sessions(application)?;
        // An application of another kind has none.
        sessions.extend(db.client_sessions(application)?);
        Ok(sessions)
    })
}
