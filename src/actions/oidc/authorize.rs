//! Authorization requests: a person who may open the application returns to it with a code.
//!
//! While the person signs in, the browser keeps the request in a sealed cookie. The address of the sign-in only has the id of
//! the request: what the browser brings back decides neither where it goes nor what the application gets.

use super::client::find;
use super::{issuer, read_hint};
use crate::actions::Author;
use crate::actions::forward_auth::{Denial, denied};
use crate::app::App;
use crate::domain::application::Hosted;
use crate::domain::application_log::{ClientEvent, LogEntry};
use crate::domain::audit::Event;
use crate::domain::forward_auth::may_enter;
use crate::domain::ids::{ApplicationId, SessionId, hex, random_bytes};
use crate::domain::method::Method;
use crate::domain::oauth_error::OauthError;
use crate::domain::oidc_claims::acr;
use crate::domain::oidc_request::{
    ANSWER_SECS, AuthorizationRequest, Pairs, Pending, error_url, is_registered, mark_of, single, with_parameters,
};
use crate::domain::phrase::phrase;
use crate::domain::principal::Claim;
use crate::domain::registered_client::RegisteredClient;
use crate::domain::seal::{digest, secret};
use crate::domain::session::{Grant, SignedIn};
use crate::domain::{Error, Result, Timestamp};
use crate::store::Tx;
use url::form_urlencoded::byte_serialize;

/// The purpose of the sealed cookie.
const PENDING: &str = "authorization request";
/// How long a person may take to sign in, in seconds.
pub const PENDING_SECS: i64 = 3600;
/// The longest cookie, in bytes: browsers ignore longer ones.
const MOST_COOKIE_BYTES: usize = 3800;

/// What the browser does next.
#[derive(Debug)]
pub enum Next {
    /// Return to the application, at this address.
    Back(String),
    /// Sign in, at this address.
    SignIn {
        /// The path of the sign-in.
        path: String,
        /// The request, for the browser to keep.
        kept: Kept,
    },
    /// The person who is signed in may not open the application.
    Denied {
        /// Why, and whom to ask.
        denial: Box<Denial>,
        /// The request, for the browser to keep.
        kept: Kept,
    },
}

/// A request as the browser keeps it.
#[derive(Debug)]
pub struct Kept {
    /// The id of the request.
    pub id: String,
    /// The value of the cookie.
    pub sealed: String,
}

/// Reads the cookie of a request that waits for the sign-in; `None` if it is not ours or has expired.
pub fn pending(app: &App, sealed: &str) -> Option<(Timestamp, Pending)> {
    app.seal().open_until(PENDING, sealed, app.now())
}

/// The request as the browser keeps it after the sign-in for it. `token`: the secret of the session that has begun.
pub fn answered(app: &App, pending: Pending, token: &str) -> Kept {
    let pending = Pending { answer: Some(mark_of(&digest(token))), ..pending };
    let sealed = app.seal().seal(PENDING, &pending, app.now(), PENDING_SECS);
    Kept { id: pending.id, sealed }
}

/// The path at which a sign-in returns to its request.
pub fn return_path(id: &str) -> String {
    format!("/auth/continue?request={id}")
}

/// The id of the request to which a sign-in with this return path returns.
pub fn request_of(return_path: &str) -> Option<&str> {
    return_path.strip_prefix("/auth/continue?request=").filter(|id| id.len() == 8)
}

/// Answers an authorization request. `person`: who is signed in in this browser.
///
/// # Errors
/// `BadRequest` for an unknown client or an address that is not registered, to which nothing is sent.
pub fn begin(app: &App, pairs: &Pairs, person: Option<&SignedIn>, address: &str) -> Result<Next> {
    let (client, redirect_uri) = target(app, pairs)?;
    let token = single(pairs, "id_token_hint").ok().flatten().unwrap_or_default();
    let hint = if token.is_empty() { None } else { read_hint(app, token)? };
    let id = &client.application.id;
    let hint = hint.filter(|hint| hint.client == id.as_str()).map(|hint| hint.person);
    match AuthorizationRequest::read(pairs, id, &client.client, |_| hint) {
        Ok(request) => Asked { app, client: &client, request, address }.answer(person, None),
        Err(error) => {
            let state = single(pairs, "state").ok().flatten();
            Ok(Next::Back(error_url(&redirect_uri, state, issuer(app), error)))
        }
    }
}

/// The client and the redirect URI of a request, which are checked before anything is sent there.
fn target(app: &App, pairs: &Pairs) -> Result<(RegisteredClient, String)> {
    let bad = |code, message| Error::BadRequest { code, message };
    let only = |name: &'static str| {
        single(pairs, name).map_err(|_| bad("invalid_request", phrase!("oidc-repeated", name = name)))
    };
    let (id, redirect_uri) = (only("client_id")?, only("redirect_uri")?);
    let client =
        find(app, id.unwrap_or_default())?.ok_or_else(|| bad("unknown_client", phrase!("oidc-unknown-client")))?;
    let redirect_uri = redirect_uri.filter(|uri| is_registered(&client.client, uri));
    let name = client.application.tile.name.to_string();
    let redirect_uri = redirect_uri
        .ok_or_else(|| bad("redirect_uri_mismatch", phrase!("oidc-redirect-uri", application = name)))?
        .to_owned();
    Ok((client, redirect_uri))
}

/// Continues a request after the sign-in.
///
/// # Errors
/// `BadRequest` with code `state_lost` when the client has changed meanwhile.
pub fn resume(app: &App, pending: Pending, person: Option<&SignedIn>, address: &str) -> Result<Next> {
    let client = find(app, &pending.request.client)?;
    let client =
        client.filter(|client| is_registered(&client.client, &pending.request.redirect_uri)).ok_or_else(lost)?;
    let request = pending.request.clone();
    Asked { app, client: &client, request, address }.answer(person, Some(&pending))
}

/// The address to which a person returns who may not open the application.
///
/// # Errors
/// The errors of `resume`.
pub fn give_up(app: &App, pending: &Pending) -> Result<String> {
    let request = &pending.request;
    let client = find(app, &request.client)?.filter(|client| is_registered(&client.client, &request.redirect_uri));
    client.ok_or_else(lost)?;
    let error = OauthError::new("access_denied", "the person may not open the application");
    Ok(error_url(&request.redirect_uri, request.state.as_deref(), issuer(app), error))
}

/// The error for a request that the browser no longer has.
pub fn lost() -> Error {
    Error::BadRequest { code: "state_lost", message: phrase!("oidc-state-lost") }
}

/// What the sign-in page shows of a request.
#[derive(Debug)]
pub struct Shown {
    /// The application's name.
    pub application: String,
    /// The organisation's name.
    pub organisation: String,
}

/// The application and the organisation of a request.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn shown(app: &App, pending: &Pending) -> Result<Option<Shown>> {
    let Some(client) = find(app, &pending.request.client)? else { return Ok(None) };
    let application = client.application.tile.name.to_string();
    let organisation = app.store.read(|db| db.organisation(client.application.organisation.as_str()))?;
    Ok(Some(Shown { application, organisation: organisation.name }))
}

/// Whether the person of a browser may open an application.
enum Judged {
    SignedOut,
    Denied,
    May(Grant),
}

fn judge(app: &App, hosted: &Hosted, person: Option<&SignedIn>) -> Result<Judged> {
    let Some(person) = person else { return Ok(Judged::SignedOut) };
    let organisation = &hosted.organisation;
    let role = app.store.read(|db| db.find_application_role(&hosted.application, &person.user.id))?;
    let grant = person.open_seat(&organisation.id).and_then(|seat| person.application_grant(seat));
    if let Some(grant) = grant.filter(|_| may_enter(organisation, person, role.as_ref(), false)) {
        return Ok(Judged::May(grant.clone()));
    }
    // A person of the organisation who is not signed in to it, or only by a recovery code, can sign in to it.
    let seat = person.seats.iter().find(|seat| seat.organisation.id == organisation.id && person.sees(seat));
    let entered = seat.is_some_and(|seat| person.methods(seat).any(|method| method != Method::Recovery));
    Ok(if seat.is_some() && !entered { Judged::SignedOut } else { Judged::Denied })
}

/// What the sign-in of a person lacks for a request.
enum Lacking {
    /// They must sign in again.
    SignIn,
    /// This error is the answer.
    Other(OauthError),
}

/// What a grant lacks for a request. `before`: the request as it was kept, after a sign-in.
fn lacking(
    request: &AuthorizationRequest,
    before: Option<&Pending>,
    person: &SignedIn,
    grant: &Grant,
    now: Timestamp,
) -> Option<Lacking> {
    let answered = before.is_some_and(|before| before.is_answered_by(&person.session, grant, now));
    if request.wants_fresh(&person.user.id, grant, now) && !answered {
        return Some(Lacking::SignIn);
    }
    if request.wants_other(&person.user.id) {
        let error = OauthError::new("login_required", "another person than the requested one signed in");
        return Some(Lacking::Other(error));
    }
    let wanted = &request.claims.acr;
    let meets = wanted.is_empty() || wanted.iter().any(|one| one == acr(grant.method));
    let error = || OauthError::new("unmet_authentication_requirements", "the person signed in by another method");
    (!meets).then(|| Lacking::Other(error()))
}

/// A request in order, and where it came from.
struct Asked<'a> {
    app: &'a App,
    client: &'a RegisteredClient,
    request: AuthorizationRequest,
    address: &'a str,
}

impl Asked<'_> {
    /// `before`: the request as it was kept, after a sign-in.
    fn answer(self, person: Option<&SignedIn>, before: Option<&Pending>) -> Result<Next> {
        let id = self.client.application.id.clone();
        let hosted = self.app.store.read(|db| db.client_application(&id))?;
        let changed = |person: &SignedIn| {
            before.is_some_and(|before| before.session.as_deref() != Some(person.session.id.as_str()))
        };
        let other = person.is_some_and(|person| (self.request.login || self.request.select) && !changed(person));
        match (judge(self.app, &hosted, person)?, person) {
            (Judged::May(grant), Some(person)) => self.answer_as(&hosted, person, &grant, before),
            (Judged::Denied, Some(person)) if !self.request.silent && !other => {
                let denial = Box::new(denied(self.app, &hosted, person)?);
                self.note(person, ClientEvent::NoAccess);
                match self.keep(Some(person), before.is_some_and(|before| before.fresh)) {
                    Ok(kept) => Ok(Next::Denied { denial, kept }),
                    Err(error) => Ok(self.refused(error)),
                }
            }
            (Judged::Denied, Some(person)) if self.request.silent => {
                self.note(person, ClientEvent::NoAccess);
                Ok(self.refused(OauthError::new("access_denied", "the person may not open the application")))
            }
            _ => Ok(self.sign_in(&hosted, person, self.request.login || self.request.select)),
        }
    }

    fn answer_as(self, hosted: &Hosted, person: &SignedIn, grant: &Grant, before: Option<&Pending>) -> Result<Next> {
        let now = self.app.now();
        if let Some(lacking) = lacking(&self.request, before, person, grant, now) {
            return Ok(self.answer_lacking(hosted, person, lacking));
        }
        // A sign-in for this request answers it once, although the browser may keep the cookie.
        let answered = before.filter(|_| self.request.wants_fresh(&person.user.id, grant, now));
        let is_first = |before: &Pending| self.app.answered.is_first(before.name(), now.plus(ANSWER_SECS + 1), now);
        if answered.is_some_and(|before| !is_first(before)) {
            return Ok(self.sign_in(hosted, Some(person), true));
        }
        self.give_code(hosted, person, before)
    }

    fn answer_lacking(&self, hosted: &Hosted, person: &SignedIn, lacking: Lacking) -> Next {
        match lacking {
            Lacking::SignIn => self.sign_in(hosted, Some(person), true),
            Lacking::Other(error) => self.refused(error),
        }
    }

    /// Sends the person to the sign-in. `fresh`: they must sign in again.
    fn sign_in(&self, hosted: &Hosted, person: Option<&SignedIn>, fresh: bool) -> Next {
        if self.request.silent {
            return self
                .refused(OauthError::new("login_required", "nobody is signed in who can answer without a page"));
        }
        let kept = match self.keep(person, fresh) {
            Ok(kept) => kept,
            Err(error) => return self.refused(error),
        };
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let organisation = &hosted.organisation;
        let back = encoded(&return_path(&kept.id));
        let portal = organisation.portal_key.as_deref().map(encoded);
        let path = match portal {
            Some(key) if organisation.sign_in_policy().enforced() => format!("/sso?key={key}&return={back}"),
            Some(key) => format!("/login?return={back}&key={key}"),
            None => format!("/login?return={back}"),
        };
        Next::SignIn { path, kept }
    }

    fn keep(&self, person: Option<&SignedIn>, fresh: bool) -> Result<Kept, OauthError> {
        let (now, id) = (self.app.now(), hex(&random_bytes::<4>()));
        let session = person.map(|person| person.session.id.to_string());
        let pending =
            Pending { id: id.clone(), request: self.request.clone(), asked_at: now.0, fresh, session, answer: None };
        let sealed = self.app.seal().seal(PENDING, &pending, now, PENDING_SECS);
        if sealed.len() > MOST_COOKIE_BYTES {
            return Err(OauthError::invalid_request("the request is too long"));
        }
        Ok(Kept { id, sealed })
    }

    fn refused(&self, error: OauthError) -> Next {
        let AuthorizationRequest { redirect_uri, state, .. } = &self.request;
        Next::Back(error_url(redirect_uri, state.as_deref(), issuer(self.app), error))
    }

    fn note(&self, person: &SignedIn, event: ClientEvent) {
        let entry = LogEntry::of_client(self.app.now(), "/oauth2/authorize", Some(person.user.email.as_str()), event);
        self.app.application_log.note(&self.client.application.organisation, &self.client.application.id, entry);
    }

    fn give_code(self, hosted: &Hosted, person: &SignedIn, before: Option<&Pending>) -> Result<Next> {
        self.app.throttle.charge_application_sign_in(&person.allowance(), self.app.now())?;
        let code = secret();
        let (application, request) = (self.client.application.id.clone(), self.request.clone());
        let giving = Giving {
            code: code.clone(),
            session: person.session.id.clone(),
            application,
            request,
            before: before.cloned(),
            address: self.address.to_owned(),
        };
        match self.app.write(&Claim::of_person(person), move |tx| giving.give(tx)) {
            Ok(Given::Code) => {}
            // Another grant has taken the place of the one that was judged.
            Ok(Given::Lacking(lacking)) => return Ok(self.answer_lacking(hosted, person, lacking)),
            // Their access or their session has ended meanwhile.
            Ok(Given::NoAccess) | Err(Error::SessionOver { .. }) => {
                return Ok(self.refused(OauthError::new("access_denied", "the person may not open the application")));
            }
            Err(other) => return Err(other),
        }
        self.note(person, ClientEvent::SignedIn);
        let mut pairs = vec![("code", code.as_str())];
        pairs.extend(self.request.state.as_deref().map(|state| ("state", state)));
        pairs.push(("iss", issuer(self.app)));
        Ok(Next::Back(with_parameters(&self.request.redirect_uri, &pairs)))
    }
}

/// A code that is given to a client.
struct Giving {
    code: String,
    session: SessionId,
    application: ApplicationId,
    request: AuthorizationRequest,
    /// The request as it was kept, after a sign-in.
    before: Option<Pending>,
    address: String,
}

/// The outcome of giving a code.
enum Given {
    /// It is stored.
    Code,
    /// The person may not open the application.
    NoAccess,
    /// Their sign-in is not enough for the request.
    Lacking(Lacking),
}

impl Giving {
    /// Judges the person and their sign-in again, and stores the code if they may open the application.
    fn give(self, tx: &Tx) -> Result<Given> {
        let RegisteredClient { application, client, .. } = tx.oidc_client(&self.application)?;
        // PKCE may have become mandatory while the person signed in.
        let lacks_challenge = self.request.challenge.is_none() && !client.pkce_optional;
        if lacks_challenge || !is_registered(&client, &self.request.redirect_uri) {
            return Err(lost());
        }
        let hosted = tx.client_application(&application.id)?;
        let Some(person) = tx.signed_in_by_id(&self.session)? else { return Ok(Given::NoAccess) };
        let role = tx.find_application_role(&application.id, &person.user.id)?;
        let seat = person.open_seat(&hosted.organisation.id);
        let grant = seat.and_then(|seat| person.application_grant(seat));
        let Some(grant) = grant.filter(|_| may_enter(&hosted.organisation, &person, role.as_ref(), false)) else {
            return Ok(Given::NoAccess);
        };
        if let Some(lacking) = lacking(&self.request, self.before.as_ref(), &person, grant, tx.now()) {
            return Ok(Given::Lacking(lacking));
        }
        if tx.find_client_session(&application.id, &self.session)?.is_none() {
            let event = Event::new("application.opened", "application", &application.id, &application.tile.name);
            let event = event.within(&application.organisation).at(&application.workspace);
            Author::person(&person.user, &self.address).log(tx, &event)?;
        }
        tx.add_authorization(&self.code, &application.id, &self.request, &person, grant)?;
        Ok(Given::Code)
    }
}
