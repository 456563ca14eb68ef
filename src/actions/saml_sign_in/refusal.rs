//! Refusing a SAML response: what is traced, logged and counted, and the notice for the browser.

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

/// A response to one of our requests.
#[derive(Clone)]
pub(super) struct Answer {
    /// The request's id.
    pub to: String,
    /// The digest of the response.
    pub hash: Vec<u8>,
    /// The person whom the response identifies, if it was verified.
    pub email: Option<Email>,
}

impl Answer {
    /// True if this session was begun by the same response, or by another response to the same request for the same
    /// person. Both happen with the back button: it posts the form again, or returns to a page of the provider that
    /// issues a new response.
    pub fn repeats(&self, earned: &EarnedSession) -> bool {
        self.hash == earned.response_hash || self.email.as_ref() == Some(&earned.email)
    }
}

/// An organisation that refuses a response, and the address of the request.
pub(super) struct Refuser<'a> {
    pub app: &'a App,
    pub organisation: &'a Organisation,
    pub address: &'a str,
}

impl Refuser<'_> {
    /// Refuses a response to one of our requests, or one with our mark. The attempt is stored in the trace if the limit
    /// of refusals allows it.
    ///
    /// A response that repeats the response of a live session is not logged here: the callback's request has no
    /// cookies, so it is not known yet whether the same browser sent it (see `second_look.rs`).
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
            // Without an attempt in the trace, a reference would only send the person searching for it.
            reference: traced.then_some(reference),
            request,
            repeats: repeated.then(|| id.to_string()),
            reason: Some(refusal.reason.code.into()),
            connection: Some(self.organisation.connection_id.to_string()),
            ..Notice::plain("sso_not_verified")
        })
    }

    /// Refuses a response that answers none of our requests. Anybody can send any number of these, so they are only
    /// counted. The reason is in the notice, and is shown only to the admin who tests the connection.
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
