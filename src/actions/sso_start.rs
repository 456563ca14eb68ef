//! Beginning a SAML sign-in: from a portal key to the identity provider.

use super::own_keys;
use crate::app::App;
use crate::domain::access::SamlAccess;
use crate::domain::connection::PortalKey;
use crate::domain::ids::UserId;
use crate::domain::organisation::Organisation;
use crate::domain::seal::REQUEST_SECS;
use crate::domain::session::SignedIn;
use crate::domain::{Result, ReturnPath, Timestamp};
use crate::saml::AuthnRequest;
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

/// The purposes of sealed values: none opens as another.
pub(super) const STARTED: &str = "sso started";
const RESTARTED: &str = "sso restarted";

/// Where the browser goes, and what it keeps.
#[derive(Debug)]
pub struct Start {
    /// The identity provider's sign-on URL with the AuthnRequest.
    pub redirect_url: String,
    /// The part of the cookie's name that tells parallel sign-ins apart: 8 hexadecimal digits.
    pub cookie_suffix: String,
    /// The cookie's value.
    pub cookie_value: String,
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
    /// Begun anew after an unsolicited response: the identity provider is told, so that it happens once.
    pub restart: bool,
    /// The provider must ask for the person's password or factor again: it confirms who is at a session that is there already.
    pub fresh: bool,
    /// The person who is signed in, and confirms by a fresh sign-in who they are.
    pub confirms: Option<UserId>,
}

/// Begins a sign-in. Nothing is stored. `None` is the neutral refusal: unknown key, SSO off, plan without SSO, a draft.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn start(app: &App, ask: &Ask) -> Result<Option<Start>> {
    let Ok(key) = PortalKey::parse(&ask.key) else { return Ok(None) };
    let now = app.now();
    let found = app.store.read(|db| {
        let Some(organisation) = db.find_organisation_of_portal_key(&key.folded())? else { return Ok(None) };
        Ok(db.find_connection(&organisation.id)?.map(|connection| (organisation, connection)))
    })?;
    let Some((organisation, connection)) = found else { return Ok(None) };
    let tester = ask.test.as_ref().and_then(|asking| tester(asking, &organisation));
    let open = match organisation.door().saml() {
        SamlAccess::No => false,
        SamlAccess::TestOnly => tester.is_some(),
        SamlAccess::Yes => tester.is_some() || ask.test.is_none(),
    };
    if !open {
        return Ok(None);
    }
    let id = app.store.seal().request_id(&organisation.connection_id, ask.fresh, now);
    let sp = app.service_provider(&organisation.connection_id);
    let mut requests = connection.settings.requests;
    requests.force_authn |= ask.fresh;
    let keyring = requests.sign.then(|| own_keys::keyring(app, &organisation)).transpose()?;
    let relay_state = ask.restart.then(|| mark(app, &organisation, now));
    let request = AuthnRequest {
        id: id.as_str(),
        sign_on_url: &connection.settings.sign_on_url,
        sp: &sp,
        relay_state: relay_state.as_deref(),
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
    Ok(Some(Start {
        redirect_url: request.redirect_url()?,
        cookie_suffix: id.short().into(),
        cookie_value: app.store.seal().seal(STARTED, &started, now, REQUEST_SECS),
    }))
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

/// Goes out as RelayState and comes back: this sign-in was begun anew once already.
fn mark(app: &App, organisation: &Organisation, now: Timestamp) -> String {
    app.store.seal().seal(RESTARTED, &organisation.connection_id.as_str(), now, REQUEST_SECS)
}

pub(super) fn is_marked(app: &App, organisation: &Organisation, relay_state: &str, now: Timestamp) -> bool {
    let marked = app.store.seal().open::<String>(RESTARTED, relay_state, now);
    marked.is_some_and(|connection| connection == organisation.connection_id.as_str())
}

/// Whether this person began that request as a test sign-in. `cookies`: the values of the start cookies of their browser.
pub fn is_test_of(app: &App, person: &UserId, request: &str, cookies: &[String]) -> bool {
    let started = cookies.iter().filter_map(|value| app.store.seal().open::<Started>(STARTED, value, app.now()));
    started.into_iter().any(|started| started.id == request && started.tester.as_deref() == Some(person.as_str()))
}

/// When a start cookie gets too old; `None` when it is already, or is not ours.
pub fn started_expires_at(app: &App, cookie_value: &str) -> Option<Timestamp> {
    app.store.seal().open_until::<Started>(STARTED, cookie_value, app.now()).map(|(expires_at, _)| expires_at)
}
