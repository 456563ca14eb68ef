//! After a refused response: what the browser is told, and what is decided once its cookies are here again.

use super::Author;
use super::sso::refused_event;
use crate::app::App;
use crate::domain::ids::{AttemptId, ConnectionId};
use crate::domain::principal::Claim;
use crate::domain::session::SignedIn;
use crate::domain::{Error, Result, Timestamp};
use crate::saml::Refusal;
use crate::store::Tx;

/// How long the notice is kept, in seconds.
pub const NOTICE_SECS: i64 = 300;

/// What a refused browser is told, by way of a cookie: never in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// Which sentence.
    pub code: String,
    /// Whom the identity provider named.
    pub email: Option<String>,
    /// The organisation's name.
    pub organisation: Option<String>,
    /// Where the admin finds it in the trace.
    pub reference: Option<String>,
    /// The request of ours that was answered: by it the browser knows whether it was a test.
    #[serde(default)]
    pub request: Option<String>,
    /// Whether a recovery code was typed, too.
    #[serde(default)]
    pub by_code: bool,
    /// The connection by which the browser came: the sign-in page is of its organisation.
    #[serde(default)]
    pub connection: Option<String>,
    /// The line of the trace, where the response earned a session that may be this browser's.
    #[serde(default)]
    pub repeats: Option<String>,
    /// Where to sign in instead.
    #[serde(default)]
    pub portal_urls: Vec<String>,
}

impl Notice {
    /// A sentence that needs nothing more.
    pub fn plain(code: &str) -> Self {
        Self { code: code.into(), ..Self::default() }
    }
}

/// The response came once before, and earned a session. Where this browser holds that session, or the one that took over from it,
/// nothing is wrong (a back button posts again): gives where that sign-in led, and the line in the trace goes. From any other
/// browser it was a replay, which is audited now, once.
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
