//! Finishing a SAML sign-in: the callback, where the identity provider vouches, and the finish, where the session begins.

use super::attempts::{Traced, kept_since};
use super::connection::confirm_tested;
use super::invitations::take_up;
use super::mail::Outbox;
use super::sessions::{Earned, begin};
use super::sso_notice::Notice;
use super::sso_refusal::{Answer, RefusingDoor};
use super::sso_start::is_marked;
use super::sso_under_way::{STARTED, Started};
use super::{Author, Browser, parties};
use crate::app::App;
use crate::domain::access::SamlAccess;
use crate::domain::audit::Event;
use crate::domain::connection::{Connection, Settings};
use crate::domain::ids::{ConnectionId, UserId};
use crate::domain::organisation::Organisation;
use crate::domain::own_keys::Keyring;
use crate::domain::person::User;
use crate::domain::principal::Claim;
use crate::domain::seal::{RequestId, UnknownRequest, digest, secret};
use crate::domain::skew::ALLOWED_SECS;
use crate::domain::{Email, Error, KnownBrowser, Name, Result, ReturnPath, Timestamp};
use crate::saml::{self, Certificate, Expected, Identity, Refusal, Report};
use crate::store::{AnsweredRequest, AttemptOutcome, Ticket, Tx};
use serde_json::json;

/// How long a verified identity waits for the browser to come back, in seconds.
const TICKET_SECS: i64 = 60;

/// What came of a response.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // one for a request
pub enum Received {
    /// Verified: on to `/sso/finish` with this ticket.
    Ticket(String),
    /// Not asked for: begin a fresh one at this portal key.
    Restart(String),
    /// Right, and too late: begin a fresh one at this portal key.
    Late {
        /// The portal key.
        key: String,
        /// The part of the request's id that names its cookies.
        suffix: String,
    },
    /// Refused.
    Refused(Notice),
}

/// Judges a response that a browser brought to the callback.
///
/// # Errors
/// `Unavailable` when the database cannot be reached.
pub fn receive(
    app: &App,
    connection: &ConnectionId,
    response: &str,
    relay_state: &str,
    address: &str,
) -> Result<Received> {
    let found = app.store.read(|db| {
        let Some(organisation) = db.find_organisation_of_connection(connection)? else { return Ok(None) };
        let Some(connection) = db.find_connection(&organisation.id)? else { return Ok(None) };
        let keyring = db.find_keyring(&organisation.id)?;
        Ok(Some((organisation, connection, keyring)))
    })?;
    let Some((organisation, connection, keyring)) = found.filter(|(found, ..)| found.door().saml() != SamlAccess::No)
    else {
        return Ok(Received::Refused(Notice::plain("sso_unavailable")));
    };
    let callback = Callback { app, organisation, connection, keyring, now: app.now(), address: address.into() };
    callback.receive(response, relay_state)
}

/// One response at one organisation's callback.
struct Callback<'a> {
    app: &'a App,
    organisation: Organisation,
    connection: Connection,
    /// What opens encrypted assertions; `None` where no metadata has offered a key yet.
    keyring: Option<Keyring>,
    now: Timestamp,
    address: String,
}

impl Callback<'_> {
    fn receive(self, response: &str, relay_state: &str) -> Result<Received> {
        let xml = match saml::decode(response) {
            Ok(xml) => xml,
            Err(refusal) => return Ok(self.refuse_untraced(&refusal)),
        };
        let answers = match saml::in_response_to(&xml) {
            Ok(Some(answers)) => answers,
            Ok(None) => return self.unsolicited(&xml, relay_state),
            Err(refusal) => return Ok(self.refuse_untraced(&refusal)),
        };
        let answer = Answer { to: answers, hash: digest(&xml), email: None };
        let seal = self.app.store.seal();
        let request = match seal.open_request_id(&self.organisation.connection_id, &answer.to, self.now) {
            Ok(request) => request,
            Err(UnknownRequest::NotOurs) => return Ok(self.refuse_untraced(&Refusal::unknown_request(&answer.to))),
            Err(UnknownRequest::Expired(request)) => return self.late(&request, answer, &xml),
        };
        let report = self.verify(&request, &xml, self.now)?;
        if report.outcome.is_err()
            && self.app.store.read(|db| db.is_request_used(&answer.to))?
            && let Some((email, report)) = self.when_made(&request, &xml, &report)?
        {
            let traced = Traced::of(self.app, &report, &xml);
            return self.refuse_used(Answer { email: Some(email), ..answer }, traced);
        }
        let report = if self.app.config.trace.hide_values { report.without_values() } else { report };
        let traced = Traced::of(self.app, &report, &xml);
        match report.outcome {
            Ok(identity) => self.keep(request, answer, identity, traced),
            Err(refusal) => self.refuse(answer, traced, &refusal),
        }
    }

    /// The person whom a response named at the time at which it was made, as its signature tells that, though it is refused by now:
    /// somebody came back to it. It opens nothing.
    fn when_made(&self, request: &RequestId, xml: &str, report: &Report) -> Result<Option<(Email, Report)>> {
        let Some(at) = report.facts.issued_at else { return Ok(None) };
        let report = self.verify(request, xml, at)?;
        let email = report.outcome.as_ref().ok().map(|identity| identity.email.clone());
        let report = if self.app.config.trace.hide_values { report.without_values() } else { report };
        Ok(email.map(|email| (email, report)))
    }

    fn verify(&self, request: &RequestId, xml: &str, now: Timestamp) -> Result<Report> {
        let idp = parties::other_side(&self.connection)?;
        let sp = parties::own_side(self.app, &self.organisation, self.keyring.as_ref());
        let force_authn = self.connection.settings.requests.force_authn;
        let expected = Expected {
            request_id: Some(request.as_str().into()),
            authenticated_after: (force_authn || request.manner.fresh).then(|| request.issued_at()),
            skew_secs: ALLOWED_SECS,
            allow_sha1: false,
            refuse_expired: self.app.config.providers.refuse_expired,
        };
        Ok(saml::verify(&sp, &idp, &expected, xml, now))
    }

    /// A response that nobody here asked for is never taken: a fresh sign-in is begun in its place, once. At a draft nobody but an
    /// admin who tests it can begin one.
    fn unsolicited(&self, xml: &str, relay_state: &str) -> Result<Received> {
        let refusal = Refusal::unsolicited(&self.connection.settings.sign_on_url);
        if is_marked(self.app, &self.organisation, relay_state, self.now) {
            return self.door().refuse(Traced::unjudged(self.app, xml), &refusal, None).map(Received::Refused);
        }
        if self.organisation.door().saml() != SamlAccess::Yes {
            return Ok(Received::Refused(self.door().refuse_untraced("sso_unavailable", &refusal)));
        }
        Ok(Received::Restart(self.connection.settings.portal_key.as_str().into()))
    }

    /// The provider took longer than a request lives: the sign-in begins again by itself, once. Where it earned a session meanwhile,
    /// somebody has come back to it.
    fn late(&self, request: &RequestId, answer: Answer, xml: &str) -> Result<Received> {
        if let Some(earned) = self.app.store.read(|db| db.find_earned(&answer.to, self.now))? {
            let report = self.verify(request, xml, self.now)?;
            let email = self.when_made(request, xml, &report)?.map(|(email, _)| email);
            let answer = Answer { email, ..answer.clone() };
            if answer.repeats(&earned) {
                return self.refuse_used(answer, Traced::unjudged(self.app, xml));
            }
        }
        if !request.manner.second {
            let key = self.connection.settings.portal_key.as_str().into();
            return Ok(Received::Late { key, suffix: request.short().into() });
        }
        let notice = self.door().refuse(Traced::unjudged(self.app, xml), &Refusal::request_expired(), Some(answer))?;
        Ok(Received::Refused(notice.took_too_long().with_portal(self.portal_url())))
    }

    /// Uses up the request and the assertion, and keeps the identity for the finish, all in one transaction.
    fn keep(self, request: RequestId, answer: Answer, identity: Identity, traced: Traced) -> Result<Received> {
        let token = secret();
        let certificate = traced.evidence.certificate.clone().unwrap_or_default();
        let named = identity.email.clone();
        let attempt = traced.clone().attempt(
            &self.organisation.id,
            self.now,
            AttemptOutcome::Verified,
            Some(named.to_string()),
            None,
        );
        let kept_since = kept_since(self.app);
        let ticket = Ticket {
            organisation: self.organisation.id.clone(),
            attempt: attempt.id.clone(),
            request_id: request.as_str().into(),
            email: identity.email.clone(),
            name: identity.name,
            response_hash: answer.hash.clone(),
            settings_hash: settings_hash(&self.connection.settings, &certificate),
            session_ends_at: identity.session_not_on_or_after,
            expires_at: self.now.plus(TICKET_SECS),
        };
        let opened_with = identity.opened_with.and_then(|place| self.keyring.as_ref()?.generations().nth(place));
        let opened_with = opened_with.map(|keys| keys.id.clone());
        let (now, address, kept) = (self.now, self.address.clone(), token.clone());
        let event = Event::new("sso.verified", "connection", &self.organisation.id, &identity.email);
        let event = event.within(&self.organisation.id).with(json!({ "reference": attempt.reference }));
        let written = self.app.write(&Claim::sign_in(), move |tx| {
            tx.purge_sso(now)?;
            tx.use_request(request.as_str(), request.expires_at)?;
            tx.use_assertion(&ticket.organisation, &identity.assertion_id, identity.not_on_or_after)?;
            tx.add_ticket(&ticket, &kept)?;
            if let Some(keys) = &opened_with {
                tx.touch_own_keys(keys, now)?;
            }
            tx.add_attempt(&attempt, kept_since)?;
            Author::anonymous(&address).log(tx, now, &event)
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

    /// Refuses an answer to a request of ours: the admin finds it in the trace.
    fn refuse(&self, answer: Answer, traced: Traced, refusal: &Refusal) -> Result<Received> {
        self.door().refuse(traced, refusal, Some(answer)).map(Received::Refused)
    }

    /// Refuses a further response to a request that was answered already, and says where to start again.
    fn refuse_used(&self, answer: Answer, traced: Traced) -> Result<Received> {
        let notice = self.door().refuse(traced, &Refusal::request_used(), Some(answer))?;
        Ok(Received::Refused(notice.with_portal(self.portal_url())))
    }

    /// Where everybody starts; nothing at a draft, which only its admin tests.
    fn portal_url(&self) -> Option<String> {
        let open = self.organisation.door().saml() == SamlAccess::Yes;
        open.then(|| self.app.portal_url(self.connection.settings.portal_key.as_str()))
    }

    /// Refuses what answers no request of ours.
    fn refuse_untraced(&self, refusal: &Refusal) -> Received {
        Received::Refused(self.door().refuse_untraced("sso_not_verified", refusal))
    }

    fn door(&self) -> RefusingDoor<'_> {
        RefusingDoor { app: self.app, organisation: &self.organisation, address: &self.address }
    }
}

/// What a connection vouched with when a response was verified under it: its provider, and the certificate of this fingerprint.
fn settings_hash(settings: &Settings, certificate: &str) -> Vec<u8> {
    digest(&format!("{}\n{}\n{certificate}", settings.idp_entity_id, settings.sign_on_url))
}

/// Whether it still does. A certificate that joined the others meanwhile, or left them, shuts nobody out who came by another.
fn still_vouches(settings: &Settings, hash: &[u8]) -> bool {
    settings.certificates.iter().any(|pem| is_signer(settings, pem, hash))
}

/// Whether this is the certificate by which a response was verified.
fn is_signer(settings: &Settings, pem: &str, hash: &[u8]) -> bool {
    Certificate::fingerprint_of_stored(pem).is_some_and(|print| settings_hash(settings, &print) == hash)
}

/// How a sign-in ended.
#[derive(Debug)]
pub enum Finished {
    /// In: the session's secret, and where to land.
    In {
        /// For the cookie.
        token: String,
        /// Where they were going.
        return_path: Option<ReturnPath>,
        /// The suffix of the start cookie, which has done its work.
        cookie_suffix: String,
        /// Who has signed in from this browser, for its cookie.
        known: KnownBrowser,
    },
    /// Refused.
    Refused(Notice),
}

/// Ends a sign-in in the browser that began it, all in one transaction. The ticket is used up whatever comes of it.
///
/// `cookies`: the values of the start cookies that the browser sent.
///
/// # Errors
/// `Unavailable` when the database cannot be reached.
pub fn finish(app: &App, ticket: &str, cookies: &[String], browser: Browser) -> Result<Finished> {
    let now = app.now();
    let seal = app.store.seal();
    let started: Vec<Started> = cookies.iter().filter_map(|value| seal.open(STARTED, value, now)).collect();
    let (ticket, outbox) = (ticket.to_owned(), Outbox::of(app));
    app.write(&Claim::sign_in(), move |tx| {
        let Some(ticket) = tx.take_ticket(&ticket, now)? else {
            return Ok(Finished::Refused(Notice::plain("sso_expired")));
        };
        let started = started.into_iter().find(|started| started.id == ticket.request_id);
        Finish { tx, outbox: &outbox, ticket, browser, now }.judge(started)
    })
}

/// The end of one sign-in, inside its transaction.
struct Finish<'t, 'c> {
    tx: &'t Tx<'c>,
    outbox: &'t Outbox,
    ticket: Ticket,
    browser: Browser,
    now: Timestamp,
}

impl Finish<'_, '_> {
    fn judge(self, started: Option<Started>) -> Result<Finished> {
        let organisation = self.tx.organisation(self.ticket.organisation.as_str())?;
        let Some(started) = started else {
            return self.refuse(&organisation, "sso_other_browser", &Refusal::other_browser());
        };
        let connection = self.tx.find_connection(&organisation.id)?;
        if !connection.is_some_and(|connection| still_vouches(&connection.settings, &self.ticket.settings_hash)) {
            return self.refuse(&organisation, "sso_expired", &Refusal::connection_changed());
        }
        let tester = match &started.tester {
            Some(tester) => self.tester(tester)?,
            None => None,
        };
        match organisation.door().saml() {
            SamlAccess::Yes if started.tester.is_none() => {}
            SamlAccess::Yes | SamlAccess::TestOnly => match tester {
                Some(tester) if tester.email == self.ticket.email => {}
                Some(tester) => return self.refuse_test(&organisation, &tester.email),
                None => return self.refuse(&organisation, "sso_unavailable", &Refusal::test_without_session()),
            },
            SamlAccess::No => return self.refuse(&organisation, "sso_unavailable", &Refusal::sso_off()),
        }
        let Some(user) = self.member(&organisation)? else {
            return self.refuse(&organisation, "sso_not_a_member", &Refusal::not_a_member(self.ticket.email.as_str()));
        };
        if user.is_disabled() {
            return self.refuse(&organisation, "disabled", &Refusal::disabled(self.ticket.email.as_str()));
        }
        if let Some(confirms) = started.confirms.as_deref().filter(|id| *id != user.id.as_str()) {
            let expected = self.tx.user(&UserId::parse(confirms)?)?.email;
            let refusal = Refusal::test_of_other_person(expected.as_str(), self.ticket.email.as_str());
            return self.refuse(&organisation, "sso_confirmed_other_person", &refusal);
        }
        self.sign_in(&organisation, &user, started)
    }

    /// The admin who began this test, if their session is still here and still may.
    fn tester(&self, id: &str) -> Result<Option<User>> {
        let session =
            self.browser.token.as_deref().map(|token| self.tx.signed_in(token, self.now)).transpose()?.flatten();
        Ok(session
            .filter(|asking| {
                let seat = asking.open_seat(&self.ticket.organisation);
                asking.user.id.as_str() == id && seat.is_some_and(|seat| seat.standing.admin)
            })
            .map(|asking| asking.user))
    }

    /// The member whom the ticket names. A pending invitation counts as "an admin asked for this person", and is accepted but for
    /// a disabled one.
    fn member(&self, organisation: &Organisation) -> Result<Option<User>> {
        let email = &self.ticket.email;
        let known = self.tx.find_user(email)?;
        let standing =
            known.as_ref().map(|user| self.tx.find_standing(&organisation.id, &user.id)).transpose()?.flatten();
        let invitations = self.tx.pending_invitations(&organisation.id, email, self.now)?;
        if standing.is_none() && invitations.is_empty() {
            return Ok(None);
        }
        if known.as_ref().is_some_and(User::is_disabled) {
            return Ok(known);
        }
        // Whoever made an existing account need not be the person whom this identity provider vouches for.
        let password_agreed = known.is_none();
        let name = self.ticket.name.as_ref().map_or(email.local_part(), Name::as_str);
        let user = match known {
            Some(user) => user,
            None => self.tx.add_user(email, name, None, false, self.now)?,
        };
        let caller = Author::person(&user, &self.browser.address);
        for invitation in &invitations {
            take_up(self.tx, self.outbox, &caller, invitation, &user, password_agreed, self.now)?;
        }
        Ok(Some(user))
    }

    fn sign_in(self, organisation: &Organisation, user: &User, started: Started) -> Result<Finished> {
        // A test of a ready connection vouches for the certificates that it has now.
        if organisation.door().saml() == SamlAccess::TestOnly || started.tester.is_some() {
            if let Some(connection) = self.tx.find_connection(&organisation.id)? {
                let hash = &self.ticket.settings_hash;
                let settings = connection.settings.clone();
                confirm_tested(self.tx, connection, |pem| is_signer(&settings, pem, hash))?;
            }
            self.tx.set_connection_tested(&organisation.id, self.now)?;
            self.tx.finish_setup_links(&organisation.id, self.now)?;
            let event = Event::new("connection.tested", "connection", &organisation.id, &organisation.name);
            Author::person(user, &self.browser.address).log(self.tx, self.now, &event.within(&organisation.id))?;
        }
        self.tx.set_attempt(&self.ticket.attempt, AttemptOutcome::SignedIn, None)?;
        let earned = Earned::by_saml(organisation.id.clone(), self.ticket.session_ends_at, self.now);
        let token = begin(self.tx, self.outbox, user, earned, &self.browser, self.now)?;
        let event = Event::new("session.saml", "session", &user.id, &user.email).within(&organisation.id);
        Author::person(user, &self.browser.address).log(self.tx, self.now, &event)?;
        let return_path = started.return_path.as_deref().and_then(|path| ReturnPath::parse(path).ok());
        self.remember(&token, return_path.as_ref())?;
        let cookie_suffix = self.ticket.request_id.get(1..9).unwrap_or_default().into();
        let known = self.browser.known.with_through(&user.email, &organisation.id);
        Ok(Finished::In { token, return_path, cookie_suffix, known })
    }

    /// The same response may come again from this browser: then it goes on to where this sign-in leads.
    fn remember(&self, token: &str, return_path: Option<&ReturnPath>) -> Result<()> {
        let Some((_, session)) = self.tx.find_session(token, self.now)? else { return Ok(()) };
        let answered = AnsweredRequest {
            request_id: self.ticket.request_id.clone(),
            response_hash: self.ticket.response_hash.clone(),
            landing: return_path.map_or("/", ReturnPath::as_str).into(),
        };
        self.tx.add_answered_request(&session.id, &answered)
    }

    fn refuse_test(&self, organisation: &Organisation, tester: &Email) -> Result<Finished> {
        self.refuse(
            organisation,
            "sso_test_other_person",
            &Refusal::test_of_other_person(tester.as_str(), self.ticket.email.as_str()),
        )
    }

    fn refuse(&self, organisation: &Organisation, code: &str, refusal: &Refusal) -> Result<Finished> {
        self.tx.set_attempt(&self.ticket.attempt, AttemptOutcome::Refused, Some(&refusal.to_stored()))?;
        let event =
            Event::new("sso.refused", "connection", &organisation.id, refusal.reason.code).within(&organisation.id);
        Author::anonymous(&self.browser.address).log(self.tx, self.now, &event)?;
        let attempt = self.tx.attempt(&organisation.id, &self.ticket.attempt)?;
        Ok(Finished::Refused(Notice {
            email: Some(self.ticket.email.to_string()),
            organisation: Some(organisation.name.clone()),
            reference: Some(attempt.reference),
            request: Some(self.ticket.request_id.clone()),
            connection: Some(organisation.connection_id.to_string()),
            ..Notice::plain(code)
        }))
    }
}
