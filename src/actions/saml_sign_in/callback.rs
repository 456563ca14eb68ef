//! The callback of a SAML sign-in: verifies the response of an identity provider, and keeps the identity for the
//! finish.

use super::notice::Notice;
use super::parties::{self, settings_hash};
use super::refusal::{Answer, Refuser};
use super::start::is_marked;
use crate::actions::Author;
use crate::actions::attempts::{Traced, kept_since};
use crate::app::App;
use crate::domain::access::SamlAccess;
use crate::domain::attempt::AttemptOutcome;
use crate::domain::audit::Event;
use crate::domain::ids::ConnectionId;
use crate::domain::portal::{Portal, PortalName};
use crate::domain::principal::Claim;
use crate::domain::seal::{RequestId, UnknownRequest, digest, secret};
use crate::domain::skew::ALLOWED_SECS;
use crate::domain::{Email, Error, Result, Timestamp};
use crate::saml::{self, Expected, Identity, Message, Refusal, Report};
use crate::store::Ticket;
use serde_json::json;
use std::sync::Arc;

/// How long a verified identity is kept until the browser returns, in seconds.
const TICKET_SECS: i64 = 60;

/// The outcome of a response.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // one value per request
pub enum Received {
    /// Verified: the browser continues to `/sso/finish` with this ticket.
    Ticket(String),
    /// Unsolicited: a new sign-in begins at this portal key.
    Restart(String),
    /// The response came after its request had expired: a new sign-in begins at this portal key.
    Late {
        /// The portal key.
        key: String,
        /// The part of the request's id that the names of its cookies contain.
        suffix: String,
    },
    /// Refused.
    Refused(Notice),
}

/// Handles a response that a browser posted to the callback.
///
/// # Errors
/// `Unavailable` when the database cannot be reached.
pub fn receive(
    app: &App,
    connection: &ConnectionId,
    response: Result<Message, Refusal>,
    relay_state: &str,
    address: &str,
) -> Result<Received> {
    match app.store.portal(&PortalName::Connection(connection.clone()))? {
        Some(portal) if is_open(&portal) => Callback::new(app, portal, address).receive(response, relay_state),
        _ => Ok(unavailable()),
    }
}

/// Parses the field `SAMLResponse`.
///
/// # Errors
/// The refusal of a field that is not XML in base64, or not a SAML response.
pub fn parse(response: &str) -> Result<Message, Refusal> {
    saml::decode(response).and_then(Message::read)
}

/// Refuses a response that could not be parsed, if the portal is cached; `None` if the database must be read.
pub fn refuse_from_memory(app: &App, connection: &ConnectionId, refusal: &Refusal, address: &str) -> Option<Received> {
    let portal = app.store.known_portal(&PortalName::Connection(connection.clone()))?;
    let refused =
        if is_open(&portal) { Callback::new(app, portal, address).refuse_untraced(refusal) } else { unavailable() };
    Some(refused)
}

fn is_open(portal: &Portal) -> bool {
    portal.organisation.sign_in_policy().saml() != SamlAccess::No
}

fn unavailable() -> Received {
    Received::Refused(Notice::plain("sso_unavailable"))
}

/// A response at the callback of an organisation.
struct Callback<'a> {
    app: &'a App,
    portal: Arc<Portal>,
    now: Timestamp,
    address: String,
}

impl<'a> Callback<'a> {
    fn new(app: &'a App, portal: Arc<Portal>, address: &str) -> Self {
        Self { app, portal, now: app.now(), address: address.into() }
    }

    fn receive(self, response: Result<Message, Refusal>, relay_state: &str) -> Result<Received> {
        let message = match response {
            Ok(message) => message,
            Err(refusal) => return Ok(self.refuse_untraced(&refusal)),
        };
        let Some(answers) = message.in_response_to() else { return self.unsolicited(&message, relay_state) };
        let answer = Answer { to: answers.to_owned(), hash: digest(message.xml()), email: None };
        let seal = self.app.store.seal();
        let request = match seal.open_request_id(&self.portal.organisation.connection_id, &answer.to, self.now) {
            Ok(request) => request,
            Err(UnknownRequest::NotOurs) => return Ok(self.refuse_untraced(&Refusal::unknown_request(&answer.to))),
            Err(UnknownRequest::Expired(request)) => return self.late(&request, answer, &message),
        };
        let report = self.verify(&request, &message, self.now)?;
        if report.outcome.is_err()
            && self.app.store.read(|db| db.is_request_used(&answer.to))?
            && let Some((email, report)) = self.when_made(&request, &message, &report)?
        {
            let traced = Traced::of(self.app, &report, &message);
            return self.refuse_used(Answer { email: Some(email), ..answer }, traced);
        }
        let report = if self.app.config.trace.hide_values { report.without_values() } else { report };
        let traced = Traced::of(self.app, &report, &message);
        match report.outcome {
            Ok(identity) => self.keep(request, answer, identity, traced),
            Err(refusal) => self.refuse(answer, traced, &refusal),
        }
    }

    /// The person that a refused response would have identified at the time when it was issued, with the report as of
    /// that time; `None` if it would have been refused then, too. It gives no access: it only tells that a response was
    /// posted again.
    fn when_made(&self, request: &RequestId, message: &Message, report: &Report) -> Result<Option<(Email, Report)>> {
        let Some(at) = report.facts.issued_at else { return Ok(None) };
        let report = self.verify(request, message, at)?;
        let email = report.outcome.as_ref().ok().map(|identity| identity.email.clone());
        let report = if self.app.config.trace.hide_values { report.without_values() } else { report };
        Ok(email.map(|email| (email, report)))
    }

    fn verify(&self, request: &RequestId, message: &Message, now: Timestamp) -> Result<Report> {
        let idp = parties::other_side(&self.portal.connection)?;
        let sp = parties::own_side(self.app, &self.portal.organisation, self.portal.keyring.as_ref());
        let force_authn = self.portal.connection.settings.requests.force_authn;
        let expected = Expected {
            request_id: Some(request.as_str().into()),
            authenticated_after: (force_authn || request.manner.fresh).then(|| request.issued_at()),
            skew_secs: ALLOWED_SECS,
            allow_sha1: false,
            refuse_expired: self.app.config.providers.refuse_expired,
        };
        Ok(saml::verify_message(&sp, &idp, &expected, message, now))
    }

    /// Handles a response without a request, which is never accepted: a new sign-in starts instead, once. At a draft
    /// connection the response is refused, because only an admin who tests the connection can start a sign-in there.
    fn unsolicited(&self, message: &Message, relay_state: &str) -> Result<Received> {
        let refusal = Refusal::unsolicited(&self.portal.connection.settings.sign_on_url);
        if is_marked(self.app, &self.portal.organisation, relay_state, self.now) {
            return self.refuser().refuse(Traced::unjudged(self.app, message), &refusal, None).map(Received::Refused);
        }
        if self.portal.organisation.sign_in_policy().saml() != SamlAccess::Yes {
            return Ok(Received::Refused(self.refuser().refuse_untraced("sso_unavailable", &refusal)));
        }
        Ok(Received::Restart(self.portal.connection.settings.portal_key.as_str().into()))
    }

    /// The response came after the request expired: the sign-in begins again automatically, once. If an earlier
    /// response to the request began a session already, this one is a repeat and is refused.
    fn late(&self, request: &RequestId, answer: Answer, message: &Message) -> Result<Received> {
        if let Some(earned) = self.app.store.read(|db| db.find_earned(&answer.to))? {
            let report = self.verify(request, message, self.now)?;
            let email = self.when_made(request, message, &report)?.map(|(email, _)| email);
            let answer = Answer { email, ..answer.clone() };
            if answer.repeats(&earned) {
                return self.refuse_used(answer, Traced::unjudged(self.app, message));
            }
        }
        if !request.manner.second {
            let key = self.portal.connection.settings.portal_key.as_str().into();
            return Ok(Received::Late { key, suffix: request.short().into() });
        }
        let notice =
            self.refuser().refuse(Traced::unjudged(self.app, message), &Refusal::request_expired(), Some(answer))?;
        Ok(Received::Refused(notice.took_too_long().with_portal(self.portal_url())))
    }

    /// Marks the request and the assertion as used, and stores the identity for the finish, in one transaction.
    fn keep(self, request: RequestId, answer: Answer, identity: Identity, traced: Traced) -> Result<Received> {
        let token = secret();
        let certificate = traced.facts.certificate.clone().unwrap_or_default();
        let named = identity.email.clone();
        let attempt = traced.clone().attempt(
            &self.portal.organisation.id,
            self.now,
            AttemptOutcome::Verified,
            Some(named.to_string()),
            None,
        );
        let kept_since = kept_since(self.app);
        let ticket = Ticket {
            organisation: self.portal.organisation.id.clone(),
            attempt: attempt.id.clone(),
            request_id: request.as_str().into(),
            email: identity.email.clone(),
            name: identity.name,
            response_hash: answer.hash.clone(),
            settings_hash: settings_hash(&self.portal.connection.settings, &certificate),
            session_ends_at: identity.session_not_on_or_after,
            expires_at: self.now.plus(TICKET_SECS),
        };
        let opened_with = identity.opened_with.and_then(|place| self.portal.keyring.as_ref()?.generations().nth(place));
        let opened_with = opened_with.map(|keys| keys.id.clone());
        let (address, kept) = (self.address.clone(), token.clone());
        let event = Event::new("sso.verified", "connection", &self.portal.organisation.id, &identity.email);
        let event = event.within(&self.portal.organisation.id).with(json!({ "reference": attempt.reference }));
        let written = self.app.write(&Claim::sign_in(), move |tx| {
            tx.purge_sso()?;
            tx.use_request(request.as_str(), request.expires_at)?;
            tx.use_assertion(&ticket.organisation, &identity.assertion_id, identity.not_on_or_after)?;
            tx.add_ticket(&ticket, &kept)?;
            if let Some(keys) = &opened_with {
                tx.touch_own_keys(keys)?;
            }
            tx.add_attempt(&attempt, kept_since)?;
            Author::anonymous(&address).log(tx, &event)
        });
        match written {
            Ok(()) => Ok(Received::Ticket(token)),
            Err(Error::Conflict { code: "request_used", .. }) => {
                self.refuse_used(Answer { email: Some(named), ..answer }, traced)
            }
            Err(Error::Conflict { code: "assertion_used", .. }) => {
                self.refuse(answer, traced, &Refusal::assertion_used())
            }
            Err(other) => Err(other),
        }
    }

    /// Refuses a response to one of our requests; the attempt is stored in the trace.
    fn refuse(&self, answer: Answer, traced: Traced, refusal: &Refusal) -> Result<Received> {
        self.refuser().refuse(traced, refusal, Some(answer)).map(Received::Refused)
    }

    /// Refuses another response to a request that was answered already, with the portal URL to start again.
    fn refuse_used(&self, answer: Answer, traced: Traced) -> Result<Received> {
        let notice = self.refuser().refuse(traced, &Refusal::request_used(), Some(answer))?;
        Ok(Received::Refused(notice.with_portal(self.portal_url())))
    }

    /// The portal URL for members; `None` for a draft, which only its admins can test.
    fn portal_url(&self) -> Option<String> {
        let open = self.portal.organisation.sign_in_policy().saml() == SamlAccess::Yes;
        open.then(|| self.app.portal_url(self.portal.connection.settings.portal_key.as_str()))
    }

    /// Refuses a response that answers none of our requests, without an attempt in the trace.
    fn refuse_untraced(&self, refusal: &Refusal) -> Received {
        Received::Refused(self.refuser().refuse_untraced("sso_not_verified", refusal))
    }

    fn refuser(&self) -> Refuser<'_> {
        Refuser { app: self.app, organisation: &self.portal.organisation, address: &self.address }
    }
}
