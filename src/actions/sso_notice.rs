//! After a refused response: what the browser is told, and what is decided once its cookies are here again.

use super::Author;
use super::attempts::{self, Traced};
use super::sso_refusal::{RefusingDoor, refused_event};
use super::sso_under_way::{Kept, Purpose, UnderWay};
use crate::app::App;
use crate::domain::ids::{AttemptId, ConnectionId};
use crate::domain::principal::Claim;
use crate::domain::session::SignedIn;
use crate::domain::{Error, Result, Timestamp};
use crate::saml::Refusal;
use crate::store::Tx;

/// How long the notice is kept, in seconds.
pub const NOTICE_SECS: i64 = 300;

/// The notice for a refused browser, sent in a cookie and never in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// Which sentence.
    pub code: String,
    /// The person whom the identity provider identified.
    pub email: Option<String>,
    /// The organisation's name.
    pub organisation: Option<String>,
    /// Where the admin finds it in the trace.
    pub reference: Option<String>,
    /// The request of ours that was answered: by it the browser knows whether it was a test.
    #[serde(default)]
    pub request: Option<String>,
    /// True if a recovery code was typed, too.
    #[serde(default)]
    pub by_code: bool,
    /// The connection by which the browser came: the sign-in page is of its organisation.
    #[serde(default)]
    pub connection: Option<String>,
    /// The line of the trace, where the response earned a session that may be this browser's.
    #[serde(default)]
    pub repeats: Option<String>,
    /// Why a response was refused that left no line in the trace, as a line would keep it: for the admin who tests the connection.
    #[serde(default)]
    pub untraced: Option<serde_json::Value>,
    /// The reason's code, where the page has a word about it.
    #[serde(default)]
    pub reason: Option<String>,
    /// The portal key that was typed: it stays in its field.
    #[serde(default)]
    pub key: Option<String>,
    /// Where they were going.
    #[serde(default)]
    pub return_path: Option<String>,
    /// Where to sign in instead.
    #[serde(default)]
    pub portal_urls: Vec<String>,
}

impl Notice {
    /// A sentence that needs nothing more.
    pub fn plain(code: &str) -> Self {
        Self { code: code.into(), ..Self::default() }
    }

    /// The same, of a sign-in that took too long.
    #[must_use]
    pub(super) fn took_too_long(self) -> Self {
        Self { code: "sso_took_too_long".into(), ..self }
    }

    /// The same, with where to start again.
    #[must_use]
    pub(super) fn with_portal(self, portal_url: Option<String>) -> Self {
        Self { portal_urls: portal_url.into_iter().collect(), ..self }
    }
}

/// The request was answered before, for the same person, and earned a session. Where this browser holds that session, or the one that
/// took over from it, nothing is wrong (a back button posts again, or leads the provider to make a new response): gives where that
/// sign-in led, and the line in the trace goes. From any other browser it was a replay, which is audited now, once.
///
/// # Errors
/// `Unavailable` when the database cannot be reached.
pub fn settle_repeat(app: &App, notice: &Notice, asking: Option<&SignedIn>, address: &str) -> Result<Option<String>> {
    let (Some(repeats), Some(request)) = (&notice.repeats, notice.request.clone()) else { return Ok(None) };
    let repeat = Repeat {
        attempt: AttemptId::parse(repeats)?,
        connection: ConnectionId::parse(notice.connection.as_deref().unwrap_or_default())?,
        reference: notice.reference.clone().unwrap_or_default(),
        address: address.into(),
    };
    let (session, now) = (asking.map(|asking| asking.session.id.clone()), app.now());
    app.write(&Claim::sign_in(), move |tx| {
        let landing = session.map(|session| tx.find_landing(&request, &session)).transpose()?.flatten();
        match landing {
            Some(_) => tx.delete_attempt(&repeat.attempt)?,
            None => repeat.audit_once(tx, now)?,
        }
        Ok(landing)
    })
}

/// The admin who tests a connection is told why a response was refused before it was known which request it answers: now there is a
/// line in the trace. Gives the page of it; nothing to anybody else.
///
/// # Errors
/// `Unavailable` when the database cannot be reached.
pub fn trace_test(app: &App, notice: &Notice, asking: &SignedIn, kept: &Kept, address: &str) -> Result<Option<String>> {
    let connection = ConnectionId::parse(notice.connection.as_deref().unwrap_or_default())?;
    let refusal = notice.untraced.as_ref().and_then(Refusal::from_stored);
    let organisation = app.store.read(|db| db.find_organisation_of_connection(&connection))?;
    let (Some(refusal), Some(organisation)) = (refusal, organisation) else { return Ok(None) };
    if !UnderWay::at(app, &connection, kept).is_by(&asking.user.id, Purpose::Test) {
        return Ok(None);
    }
    let door = RefusingDoor { app, organisation: &organisation, address };
    match door.refuse(Traced::default(), &refusal, None)?.reference {
        Some(reference) => attempts::page_of(app, asking, &reference, true),
        None => Ok(None),
    }
}

/// A response that came again, as the notice tells of it.
struct Repeat {
    attempt: AttemptId,
    connection: ConnectionId,
    reference: String,
    address: String,
}

impl Repeat {
    fn audit_once(&self, tx: &Tx, now: Timestamp) -> Result<()> {
        match tx.use_request(&format!("audit of {}", self.attempt), now.plus(NOTICE_SECS)) {
            Err(Error::Conflict { .. }) => return Ok(()),
            used => used?,
        }
        let Some(organisation) = tx.find_organisation_of_connection(&self.connection)? else { return Ok(()) };
        let event = refused_event(&organisation, Refusal::request_used().reason.code, &self.reference);
        Author::anonymous(&self.address).log(tx, now, &event)
    }
}
