//! After a refused response: the decisions that need the cookies of the browser, which did not come with the callback's request.

use super::notice::{NOTICE_SECS, Notice};
use super::refusal::{RefusingDoor, refused_event};
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
    fn audit_once(&self, tx: &Tx) -> Result<()> {
        // Without a line in the trace there was no room for one: it was counted, as all beyond the limit are.
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
