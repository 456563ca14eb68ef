//! Refusing a sign-in at an organisation's door: what is traced, audited and counted, and what the browser is told.

use super::notice::Notice;
use crate::actions::Author;
use crate::actions::attempts::{Traced, kept_since};
use crate::app::App;
use crate::domain::attempt::AttemptOutcome;
use crate::domain::audit::Event;
use crate::domain::organisation::Organisation;
use crate::domain::principal::Claim;
use crate::domain::{Email, Result};
use crate::saml::Refusal;
use crate::store::EarnedSession;
use serde_json::json;

/// A response to a request of ours.
#[derive(Clone)]
pub(super) struct Answer {
    /// The request's id.
    pub to: String,
    /// The digest of the response.
    pub hash: Vec<u8>,
    /// The person whom it names, where it was verified.
    pub email: Option<Email>,
}

impl Answer {
    /// True if this session was earned by the same response, or by another one to the same request for the same person: a back
    /// button posts the form again, or leads to a page of the provider that makes a new one.
    pub fn repeats(&self, earned: &EarnedSession) -> bool {
        self.hash == earned.response_hash || self.email.as_ref() == Some(&earned.email)
    }
}

/// An organisation's door, and from where somebody came to it.
pub(super) struct RefusingDoor<'a> {
    pub app: &'a App,
    pub organisation: &'a Organisation,
    pub address: &'a str,
}

impl RefusingDoor<'_> {
    /// Refuses what answers a request of ours, or carries our mark: the admin finds it in the trace, where there is room.
    ///
    /// Where it repeats the response of a session which is still alive, it is audited only once it turns out that another browser
    /// sent it: the callback's post comes without cookies.
    pub fn refuse(&self, traced: Traced, refusal: &Refusal, answer: Option<Answer>) -> Result<Notice> {
        let stored = Some(refusal.to_stored());
        let (now, kept_since) = (self.app.now(), kept_since(self.app));
        let attempt = traced.attempt(&self.organisation.id, now, AttemptOutcome::Refused, None, stored);
        let (id, reference) = (attempt.id.clone(), attempt.reference.clone());
        let event = refused_event(self.organisation, refusal.reason.code, &reference);
        let address = self.address.to_owned();
        let request = answer.as_ref().map(|answer| answer.to.clone());
        let (repeated, traced) = self.app.write(&Claim::sign_in(), move |tx| {
            let repeats = |answer: Answer| Ok(tx.find_earned(&answer.to)?.is_some_and(|one| answer.repeats(&one)));
            let repeated = answer.map(repeats).transpose()? == Some(true);
            if !tx.has_room_for_refusal(&attempt.organisation)? {
                return Ok((repeated, false));
            }
            tx.add_attempt(&attempt, kept_since)?;
            if !repeated {
                Author::anonymous(&address).log(tx, &event)?;
            }
            Ok((repeated, true))
        })?;
        if !traced {
            self.app.count_untraced(&self.organisation.id);
        }
        Ok(Notice {
            // A reference that leads nowhere would send somebody to search for it.
            reference: traced.then_some(reference),
            request,
            repeats: repeated.then(|| id.to_string()),
            reason: Some(refusal.reason.code.into()),
            connection: Some(self.organisation.connection_id.to_string()),
            ..Notice::plain("sso_not_verified")
        })
    }

    /// Refuses what answers no request of ours: anybody can send any number of these, so they are only counted. Only the admin who
    /// tests the connection is told the reason, by their own browser.
    pub fn refuse_untraced(&self, code: &str, refusal: &Refusal) -> Notice {
        log::debug!("refused a response at {}: {}", self.organisation.slug, refusal.reason.code);
        self.app.count_untraced(&self.organisation.id);
        Notice {
            untraced: Some(refusal.to_stored()),
            connection: Some(self.organisation.connection_id.to_string()),
            ..Notice::plain(code)
        }
    }
}

/// The audit entry of a refusal.
pub(super) fn refused_event(organisation: &Organisation, code: &str, reference: &str) -> Event {
    let event = Event::new("sso.refused", "connection", &organisation.id, code);
    event.within(&organisation.id).with(json!({ "reference": reference }))
}
