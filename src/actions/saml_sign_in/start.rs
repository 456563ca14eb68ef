//! Beginning a SAML sign-in: from a portal key to the identity provider.

use super::notice::Notice;
use super::refusal::Refuser;
use super::under_way::{Kept, LATE, LATE_SECS, Late, Purpose, STARTED, Started, UnderWay};
use crate::actions::attempts::Traced;
use crate::actions::own_keys;
use crate::app::App;
use crate::domain::access::SamlAccess;
use crate::domain::connection::{PortalKey, Settings};
use crate::domain::ids::UserId;
use crate::domain::organisation::Organisation;
use crate::domain::portal::{Portal, PortalName};
use crate::domain::seal::{Manner, REQUEST_SECS};
use crate::domain::session::SignedIn;
use crate::domain::{Result, ReturnPath, Timestamp};
use crate::saml::{AuthnRequest, Refusal};

/// The purpose for which restart marks are sealed.
const RESTARTED: &str = "sso restarted";

/// The redirect to the identity provider, and the cookies that the browser keeps.
#[derive(Debug)]
pub struct Start {
    /// The identity provider's sign-on URL with the AuthnRequest.
    pub redirect_url: String,
    /// The part of the cookie's name that distinguishes parallel sign-ins: 8 hexadecimal digits.
    pub cookie_suffix: String,
    /// The value of the start cookie.
    pub cookie_value: String,
    /// The value of the cookie from which a new sign-in starts if the provider's response comes too late.
    pub late: String,
    /// The restart mark, if this sign-in starts in place of an unsolicited response.
    pub mark: Option<String>,
}

/// The outcome of beginning a sign-in.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // one value per request
pub enum Begun {
    /// The browser is redirected to the provider.
    On(Start),
    /// A second unsolicited response: the sign-in has already been restarted once. The page says what to do.
    Refused(Notice),
    /// A test sign-in that the admin must confirm after a look at the settings.
    Look(Look),
    /// The neutral refusal: the key is unknown, the connection is a draft, or the organisation has no SSO.
    Nowhere,
}

/// The settings that a test sign-in is about, and its options.
#[derive(Debug)]
pub struct Look {
    /// The organisation's name.
    pub organisation: String,
    /// The organisation's settings.
    pub settings: Settings,
    /// The metadata URL that the connection follows, if any.
    pub metadata_url: Option<String>,
    /// True if the settings differ from those that the admin saw.
    pub changed: bool,
    /// The return path after the sign-in.
    pub return_path: Option<ReturnPath>,
    /// True if the provider must ask the person to sign in again.
    pub fresh: bool,
}

/// The reason why a new sign-in replaces an earlier one.
#[derive(Debug)]
pub enum Restart {
    /// An unsolicited response: the new sign-in replaces the newest unfinished one of this browser at the portal.
    Unsolicited {
        /// The restart mark that the browser has from an earlier restart, if any.
        mark: Option<String>,
        /// The browser's records of unfinished sign-ins.
        kept: Kept,
    },
    /// A sign-in whose response came too late.
    Late,
}

/// A request to `/sso`.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // independent properties
pub struct Ask {
    /// The portal key as typed.
    pub key: String,
    /// The return path after the sign-in.
    pub return_path: Option<ReturnPath>,
    /// The session of the person who sends the request.
    pub asking: Option<SignedIn>,
    /// True for a test sign-in by the person of that session.
    pub test: bool,
    /// The digest of the settings that the person saw, if the request contains it.
    pub seen: Option<String>,
    /// True if the browser did not come from another page: the address was typed, or opened from a bookmark or another
    /// program.
    pub from_outside: bool,
    /// The reason why the sign-in replaces an earlier one; `None` if it does not.
    pub restart: Option<Restart>,
    /// True if the provider must ask for the person's password or second factor again, to confirm who uses the current
    /// session.
    pub fresh: bool,
    /// True if another person than that of the current session may sign in, although `fresh` is set.
    pub anybody: bool,
    /// The address of the request.
    pub address: String,
}

/// Begins a sign-in. Stores nothing, except the refusal of a second unsolicited response.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn start(app: &App, ask: &Ask) -> Result<Begun> {
    let Some(name) = portal_name(ask) else { return Ok(Begun::Nowhere) };
    match app.store.portal(&name)? {
        Some(portal) => start_at(app, ask, &portal),
        None => Ok(Begun::Nowhere),
    }
}

/// As `start`, but without the database: returns `None` if the portal is not cached, if the request must be signed,
/// which takes long, or if the sign-in replaces an unsolicited response.
pub fn start_from_memory(app: &App, ask: &Ask) -> Option<Result<Begun>> {
    let portal = app.store.known_portal(&portal_name(ask)?)?;
    let waits = portal.connection.settings.requests.sign || matches!(ask.restart, Some(Restart::Unsolicited { .. }));
    (!waits).then(|| start_at(app, ask, &portal))
}

fn portal_name(ask: &Ask) -> Option<PortalName> {
    PortalKey::parse(&ask.key).ok().map(|key| PortalName::Key(key.folded()))
}

fn start_at(app: &App, ask: &Ask, portal: &Portal) -> Result<Begun> {
    let Portal { organisation, connection, metadata_url, .. } = portal;
    let now = app.now();
    let digest = connection.settings.digest(metadata_url.as_deref());
    let intent = Intent::of(app, ask, organisation, &digest);
    let tester = intent.tester(ask, organisation);
    let open = match organisation.sign_in_policy().saml() {
        SamlAccess::No => false,
        SamlAccess::TestOnly => tester.is_some(),
        SamlAccess::Yes => tester.is_some() || !intent.test,
    };
    if !open {
        return Ok(Begun::Nowhere);
    }
    // A test sign-in confirms a draft, so only an admin who has seen the draft's settings may start it.
    if tester.is_some() && (ask.from_outside || intent.changed) {
        return Ok(Begun::Look(intent.look(portal)));
    }
    if let Some(Restart::Unsolicited { mark: Some(mark), .. }) = &ask.restart
        && is_marked(app, organisation, mark, now)
    {
        let refuser = Refuser { app, organisation, address: &ask.address };
        let refusal = Refusal::unsolicited(&connection.settings.sign_on_url);
        return refuser.refuse(Traced::default(), &refusal, None).map(Begun::Refused);
    }
    let second = matches!(ask.restart, Some(Restart::Late));
    let id = app.store.seal().request_id(&organisation.connection_id, Manner { fresh: intent.fresh, second }, now);
    let sp = app.service_provider(&organisation.connection_id);
    let mut requests = connection.settings.requests;
    requests.force_authn |= intent.fresh;
    let keyring = requests.sign.then(|| own_keys::keyring(app, organisation)).transpose()?;
    let mark = matches!(ask.restart, Some(Restart::Unsolicited { .. })).then(|| mark(app, organisation, now));
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
        confirms: intent.confirms(ask),
        return_path: intent.return_path.map(|path| path.as_str().into()),
        seen: tester.is_some().then_some(digest),
        tester: tester.map(|user| user.to_string()),
    };
    let late = Late {
        id: id.as_str().into(),
        to: started.return_path.clone(),
        seen: started.seen.clone(),
        fresh: intent.fresh,
        second,
    };
    let seal = app.store.seal();
    Ok(Begun::On(Start {
        redirect_url: request.redirect_url()?,
        cookie_suffix: id.short().into(),
        cookie_value: seal.seal(STARTED, &started, now, REQUEST_SECS),
        late: seal.seal(LATE, &late, now, LATE_SECS),
        mark,
    }))
}

/// The purpose of a sign-in: that of the request, or of the unfinished sign-in that it replaces.
struct Intent {
    return_path: Option<ReturnPath>,
    test: bool,
    /// True if the test uses other settings than those that the admin saw.
    changed: bool,
    fresh: bool,
}

impl Intent {
    /// `digest`: the digest of the current settings.
    fn of(app: &App, ask: &Ask, organisation: &Organisation, digest: &str) -> Self {
        let others = |seen: &Option<String>| seen.as_deref().is_none_or(|seen| seen != digest);
        let changed = ask.seen.is_some() && others(&ask.seen);
        let asked = Self { return_path: ask.return_path.clone(), test: ask.test, changed, fresh: ask.fresh };
        let Some(Restart::Unsolicited { kept, .. }) = &ask.restart else { return asked };
        let Some(before) = UnderWay::at(app, &organisation.connection_id, kept).into_newest() else { return asked };
        let by_asking = |purpose| ask.asking.as_ref().is_some_and(|asking| before.is_by(&asking.user.id, purpose));
        let tested = by_asking(Purpose::Test);
        Self {
            test: asked.test || tested,
            changed: asked.changed || (tested && others(&before.seen)),
            fresh: asked.fresh || by_asking(Purpose::Confirmation),
            return_path: asked.return_path.or_else(|| before.return_path()),
        }
    }

    fn look(self, portal: &Portal) -> Look {
        let Self { return_path, changed, fresh, .. } = self;
        Look {
            organisation: portal.organisation.name.clone(),
            settings: portal.connection.settings.clone(),
            metadata_url: portal.metadata_url.clone(),
            changed,
            return_path,
            fresh,
        }
    }

    /// The admin who makes this test sign-in; `None` if it is no test, or they are not an admin of that organisation.
    fn tester(&self, ask: &Ask, organisation: &Organisation) -> Option<UserId> {
        let asking = ask.asking.as_ref().filter(|_| self.test)?;
        let admin = asking.open_seat(&organisation.id).is_some_and(|seat| seat.standing.admin);
        admin.then(|| asking.user.id.clone())
    }

    /// The id of the person who confirms their identity by this sign-in.
    fn confirms(&self, ask: &Ask) -> Option<String> {
        ask.asking.as_ref().filter(|_| self.fresh && !ask.anybody).map(|asking| asking.user.id.to_string())
    }
}

/// The restart mark, which says that a sign-in has been restarted once. It is sent as RelayState, and the provider
/// returns it with the response.
fn mark(app: &App, organisation: &Organisation, now: Timestamp) -> String {
    app.store.seal().mark(RESTARTED, organisation.connection_id.as_str(), now, REQUEST_SECS)
}

pub(super) fn is_marked(app: &App, organisation: &Organisation, mark: &str, now: Timestamp) -> bool {
    app.store.seal().is_marked(RESTARTED, organisation.connection_id.as_str(), mark, now)
}
