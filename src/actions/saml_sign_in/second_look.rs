//! Decisions after a refused response that need the cookies of the browser, which the callback's request did not have.

use super::notice::{NOTICE_SECS, Notice};
use super::refusal::{Refuser, refused_event};
use super::under_way::{Kept, Purpose, UnderWay};
use crate::actions::Author;
use crate::actions::attempts::{self, Traced};
use crate::app::App;
use crate::domain::ids::{AttemptId, ConnectionId};
use crate::domain::principal::Claim;
use crate::domain::session::SignedIn;
use crate::domain::{Error, Result};
use crate::saml::Refusal;
use crate::store::Tx;

/// Handles a response to a request that was answered before, for the same person, and had begun a session. If this
/// browser holds that session or its successor, it is not an attack: the back button posts the form again, or makes the
/// provider issue a new response. Then the attempt is deleted from the trace, and the destination of that sign-in is
/// returned. From any other browser it is a replay, which is logged once.
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
    let session = asking.map(|asking| asking.session.id.clone());
    app.write(&Claim::sign_in(), move |tx| {
        let landing = session.map(|session| tx.find_landing(&request, &session)).transpose()?.flatten();
        match landing {
            Some(_) => tx.delete_attempt(&repeat.attempt)?,
            None => repeat.audit_once(tx)?,
        }
        Ok(landing)
    })
}

/// Stores an attempt for a test sign-in whose response was refused before it was known which request it answers, and
/// returns the page of this attempt. Returns `None` if `asking` is not the admin who tests the connection.
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
    let refuser = Refuser { app, organisation: &organisation, address };
    match refuser.refuse(Traced::default(), &refusal, None)?.reference {
        Some(reference) => attempts::page_of(app, asking, &reference, true),
        None => Ok(None),
    }
}

/// A repeated response, as its notice describes it.
struct Repeat {
    attempt: AttemptId,
    connection: ConnectionId,
    reference: String,
    address: String,
}

impl Repeat {
    fn audit_once(&self, tx: &Tx) -> Result<()> {
        // Without a reference there is no attempt in the trace, because the limit was reached: such refusals are only
        // counted.
        if self.reference.is_empty() {
            return Ok(());
        }
        match tx.use_request(&format!("audit of {}", self.attempt), tx.now().plus(NOTICE_SECS)) {
            Err(Error::Conflict { .. }) => return Ok(()),
            used => used?,
        }
        let Some(organisation) = tx.find_organisation_of_connection(&self.connection)? else { return Ok(()) };
        let event = refused_event(&organisation, Refusal::request_used().reason.code, &self.reference);
        Author::anonymous(&self.address).log(tx, &event)
    }
}
