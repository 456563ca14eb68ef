//! Beginning a SAML sign-in: from a portal key to the identity provider.

use super::own_keys;
use super::sso_notice::Notice;
use super::sso_refusal::RefusingDoor;
use super::trace::Traced;
use crate::app::App;
use crate::domain::access::SamlAccess;
use crate::domain::connection::PortalKey;
use crate::domain::ids::{ConnectionId, UserId};
use crate::domain::organisation::Organisation;
use crate::domain::seal::{Manner, REQUEST_SECS};
use crate::domain::session::SignedIn;
use crate::domain::{Result, ReturnPath, Timestamp};
use crate::saml::{AuthnRequest, Refusal};
use serde::{Deserialize, Serialize};

/// What the browser keeps, sealed, between the start and the finish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Started {
    /// The request's id.
    pub id: String,
    /// Where to land.
    pub return_path: Option<String>,
    /// The admin whose test sign-in it is.
    pub tester: Option<String>,
    /// The person who confirms by it who they are.
    #[serde(default)]
    pub confirms: Option<String>,
}

/// What the browser keeps for longer, sealed, so that a sign-in which takes too long at the provider begins again by itself, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// The part of the request's id that names its cookie.
    id: String,
    /// Where to land.
    to: Option<String>,
    /// Whether it is a test sign-in.
    pub test: bool,
    /// Whether it must be a fresh one.
    pub fresh: bool,
}

impl Late {
    /// Where to land.
    pub fn return_path(&self) -> Option<ReturnPath> {
        self.to.as_ref().and_then(|path| ReturnPath::parse(path).ok())
    }
}

/// The purposes of sealed values: none opens as another.
pub(super) const STARTED: &str = "sso started";
const LATE: &str = "sso late";
const RESTARTED: &str = "sso restarted";
/// How long a sign-in may take at the provider and still begin again by itself, in seconds.
pub const LATE_SECS: i64 = 3600;

/// Where the browser goes, and what it keeps.
#[derive(Debug)]
pub struct Start {
    /// The identity provider's sign-on URL with the AuthnRequest.
    pub redirect_url: String,
    /// The part of the cookie's name that tells parallel sign-ins apart: 8 hexadecimal digits.
    pub cookie_suffix: String,
    /// The cookie's value.
    pub cookie_value: String,
    /// The value of the cookie by which it begins again where the provider's answer comes too late; a second time it does not.
    pub late: Option<String>,
    /// The mark of a start in place of an unsolicited response.
    pub mark: Option<String>,
}

/// How a sign-in begins.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // one for a request
pub enum Begun {
    /// On to the provider.
    On(Start),
    /// It began once already in place of what came unasked: the page says what to do.
    Refused(Notice),
    /// The neutral refusal: unknown key, SSO off, plan without SSO, a draft.
    Nowhere,
}

/// In place of what a sign-in begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restart {
    /// Of an unsolicited response. With the mark that the browser keeps of an earlier one, if it does.
    Unsolicited(Option<String>),
    /// Of one that was answered too late.
    Late,
}

/// What somebody asks for at `/sso`.
#[derive(Debug, Default)]
pub struct Ask {
    /// The portal key as typed.
    pub key: String,
    /// Where to land afterwards.
    pub return_path: Option<ReturnPath>,
    /// A test sign-in, by this session.
    pub test: Option<SignedIn>,
    /// In place of what, if it is.
    pub restart: Option<Restart>,
    /// The provider must ask for the person's password or factor again: it confirms who is at a session that is there already.
    pub fresh: bool,
    /// The person who is signed in, and confirms by a fresh sign-in who they are.
    pub confirms: Option<UserId>,
    /// The address that it comes from.
    pub address: String,
}

/// Begins a sign-in. Nothing is stored, but that it came unasked twice.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn start(app: &App, ask: &Ask) -> Result<Begun> {
    let Ok(key) = PortalKey::parse(&ask.key) else { return Ok(Begun::Nowhere) };
    let now = app.now();
    let found = app.store.read(|db| {
        let Some(organisation) = db.find_organisation_of_portal_key(&key.folded())? else { return Ok(None) };
        Ok(db.find_connection(&organisation.id)?.map(|connection| (organisation, connection)))
    })?;
    let Some((organisation, connection)) = found else { return Ok(Begun::Nowhere) };
    let tester = ask.test.as_ref().and_then(|asking| tester(asking, &organisation));
    let open = match organisation.door().saml() {
        SamlAccess::No => false,
        SamlAccess::TestOnly => tester.is_some(),
        SamlAccess::Yes => tester.is_some() || ask.test.is_none(),
    };
    if !open {
        return Ok(Begun::Nowhere);
    }
    if let Some(Restart::Unsolicited(Some(mark))) = &ask.restart
        && is_marked(app, &organisation, mark, now)
    {
        let door = RefusingDoor { app, organisation: &organisation, address: &ask.address };
        let refusal = Refusal::unsolicited(&connection.settings.sign_on_url);
        return door.refuse(Traced::default(), &refusal, None).map(Begun::Refused);
    }
    let second = ask.restart == Some(Restart::Late);
    let id = app.store.seal().request_id(&organisation.connection_id, Manner { fresh: ask.fresh, second }, now);
    let sp = app.service_provider(&organisation.connection_id);
    let mut requests = connection.settings.requests;
    requests.force_authn |= ask.fresh;
    let keyring = requests.sign.then(|| own_keys::keyring(app, &organisation)).transpose()?;
    let mark = matches!(ask.restart, Some(Restart::Unsolicited(_))).then(|| mark(app, &organisation, now));
    let request = AuthnRequest {
        id: id.as_str(),
        sign_on_url: &connection.settings.sign_on_url,
        sp: &sp,
        relay_state: mark.as_deref(),
        options: requests,
        signer: keyring.as_ref().map(|keyring| &keyring.signer().signing.key),
        issued_at: now,
    };
    let started = Started {
        id: id.as_str().into(),
        return_path: ask.return_path.as_ref().map(|path| path.as_str().into()),
        tester: tester.map(|user| user.to_string()),
        confirms: ask.confirms.as_ref().map(ToString::to_string),
    };
    let late = Late {
        id: id.short().into(),
        to: started.return_path.clone(),
        test: started.tester.is_some(),
        fresh: ask.fresh,
    };
    let seal = app.store.seal();
    Ok(Begun::On(Start {
        redirect_url: request.redirect_url()?,
        cookie_suffix: id.short().into(),
        cookie_value: seal.seal(STARTED, &started, now, REQUEST_SECS),
        late: (!second).then(|| seal.seal(LATE, &late, now, LATE_SECS)),
        mark,
    }))
}

/// What the browser kept of the sign-in with this part of its id. `cookie`: what it says that it kept.
pub fn late(app: &App, suffix: &str, cookie: &str) -> Option<Late> {
    app.store.seal().open::<Late>(LATE, cookie, app.now()).filter(|late| late.id == suffix)
}

/// The organisation to which a portal key leads its members; none where it leads nowhere.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn find_behind(app: &App, key: &str) -> Result<Option<Organisation>> {
    let Ok(key) = PortalKey::parse(key) else { return Ok(None) };
    let organisation = app.store.read(|db| db.find_organisation_of_portal_key(&key.folded()))?;
    Ok(organisation.filter(|organisation| organisation.door().saml() == SamlAccess::Yes))
}

/// Whose test sign-in it is, if this session is one of an admin of that organisation.
fn tester(asking: &SignedIn, organisation: &Organisation) -> Option<UserId> {
    let admin = asking.open_seat(&organisation.id).is_some_and(|seat| seat.standing.admin);
    admin.then(|| asking.user.id.clone())
}

/// Goes out as RelayState and comes back: this sign-in has been started again once.
fn mark(app: &App, organisation: &Organisation, now: Timestamp) -> String {
    app.store.seal().mark(RESTARTED, organisation.connection_id.as_str(), now, REQUEST_SECS)
}

pub(super) fn is_marked(app: &App, organisation: &Organisation, mark: &str, now: Timestamp) -> bool {
    app.store.seal().is_marked(RESTARTED, organisation.connection_id.as_str(), mark, now)
}

/// Whether this person began that request as a test sign-in. `cookies`: the values of the start cookies of their browser.
pub fn is_test_of(app: &App, person: &UserId, request: &str, cookies: &[String]) -> bool {
    let started = cookies.iter().filter_map(|value| app.store.seal().open::<Started>(STARTED, value, app.now()));
    started.into_iter().any(|started| started.id == request && started.tester.as_deref() == Some(person.as_str()))
}

/// Whether this person has a test sign-in under way at that connection. `cookies`: as above.
pub fn has_test_at(app: &App, person: &UserId, connection: &ConnectionId, cookies: &[String]) -> bool {
    let (seal, now) = (app.store.seal(), app.now());
    let started = cookies.iter().filter_map(|value| seal.open::<Started>(STARTED, value, now));
    let mut tests = started.filter(|started| started.tester.as_deref() == Some(person.as_str()));
    tests.any(|started| seal.open_request_id(connection, &started.id, now).is_ok())
}

/// When a start cookie gets too old; `None` when it is already, or is not ours.
pub fn started_expires_at(app: &App, cookie_value: &str) -> Option<Timestamp> {
    app.store.seal().open_until::<Started>(STARTED, cookie_value, app.now()).map(|(expires_at, _)| expires_at)
}

/// The same of what is kept for longer.
pub fn late_expires_at(app: &App, cookie_value: &str) -> Option<Timestamp> {
    app.store.seal().open_until::<Late>(LATE, cookie_value, app.now()).map(|(expires_at, _)| expires_at)
}
