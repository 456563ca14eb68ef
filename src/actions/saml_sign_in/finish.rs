//! The finish of a SAML sign-in: the browser has returned with its cookies, and the session begins.

use super::notice::Notice;
use super::parties::{is_signer, still_trusted};
use super::under_way::{STARTED, Started};
use crate::actions::connection::confirm_tested;
use crate::actions::invitations::take_up;
use crate::actions::mail::Outbox;
use crate::actions::sessions::{Earned, SignIn, begin};
use crate::actions::{Author, Browser};
use crate::app::App;
use crate::domain::access::SamlAccess;
use crate::domain::attempt::AttemptOutcome;
use crate::domain::audit::Event;
use crate::domain::connection::Settings;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::organisation::Organisation;
use crate::domain::person::User;
use crate::domain::principal::Claim;
use crate::domain::{Email, Name, Result, ReturnPath};
use crate::saml::Refusal;
use crate::store::{AnsweredRequest, Ticket, Tx};

/// The outcome of a sign-in.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // one value per request
pub enum Finished {
    /// The person is signed in.
    In {
        /// The session.
        sign_in: SignIn,
        /// The return path of the sign-in.
        return_path: Option<ReturnPath>,
        /// The suffix of the start cookie, which can be deleted.
        cookie_suffix: String,
    },
    /// Refused.
    Refused(Notice),
}

/// Finishes a sign-in in the browser that began it, in one transaction. The ticket is used up in any case.
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
        let Some(ticket) = tx.take_ticket(&ticket)? else {
            return Ok(Finished::Refused(Notice::plain("sso_expired")));
        };
        let started = started.into_iter().find(|started| started.id == ticket.request_id);
        Finish { tx, outbox: &outbox, ticket, browser }.judge(started)
    })
}

/// The largest number of invitations that one sign-in accepts, because other writes wait for its transaction.
const MOST_TAKEN_UP: usize = 100;

/// The finish of one sign-in, inside its transaction.
struct Finish<'t, 'c> {
    tx: &'t Tx<'c>,
    outbox: &'t Outbox,
    ticket: Ticket,
    browser: Browser,
}

impl Finish<'_, '_> {
    fn judge(self, started: Option<Started>) -> Result<Finished> {
        let organisation = self.tx.organisation(self.ticket.organisation.as_str())?;
        let Some(started) = started else {
            return self.refuse(&organisation, "sso_other_browser", &Refusal::other_browser());
        };
        let connection = self.tx.find_connection(&organisation.id)?;
        // A test confirms only the settings that its admin saw when they began it.
        let followed = self.tx.find_metadata_url(&organisation.id)?;
        let same = |settings: &Settings| {
            started.tester.is_none() || started.seen.as_ref() == Some(&settings.digest(followed.as_deref()))
        };
        if !connection.is_some_and(|connection| {
            still_trusted(&connection.settings, &self.ticket.settings_hash) && same(&connection.settings)
        }) {
            return self.refuse(&organisation, "sso_expired", &Refusal::connection_changed());
        }
        let tester = match &started.tester {
            Some(tester) => self.tester(tester)?,
            None => None,
        };
        match organisation.sign_in_policy().saml() {
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

    /// The admin who began this test, if their session still exists and they are still an admin.
    fn tester(&self, id: &str) -> Result<Option<User>> {
        let session = self.browser.token.as_deref().map(|token| self.tx.signed_in(token)).transpose()?.flatten();
        Ok(session
            .filter(|asking| {
                let seat = asking.open_seat(&self.ticket.organisation);
                asking.user.id.as_str() == id && seat.is_some_and(|seat| seat.standing.admin)
            })
            .map(|asking| asking.user.clone()))
    }

    /// The member whom the ticket names. Pending invitations count, because an admin asked for this person, and are
    /// accepted now. Exceptions: a disabled person, and an invitation to a workspace that the person is in already,
    /// which they may accept with their password. If there are very many, the rest are accepted at the next sign-ins.
    fn member(&self, organisation: &Organisation) -> Result<Option<User>> {
        let email = &self.ticket.email;
        let known = self.tx.find_user(email)?;
        let standing =
            known.as_ref().map(|user| self.tx.find_standing(&organisation.id, &user.id)).transpose()?.flatten();
        let mut invitations = self.tx.pending_invitations(&organisation.id, email)?;
        // Ignore invitations whose link was given to a creator who may no longer invite people.
        invitations.retain(|invitation| invitation.backed);
        if standing.is_none() && invitations.is_empty() {
            return Ok(None);
        }
        if known.as_ref().is_some_and(User::is_disabled) {
            return Ok(known);
        }
        // The owner of an existing account may be another person than the one that this identity provider identifies.
        let password_agreed = known.is_none();
        let name = self.ticket.name.as_ref().map_or(email.local_part(), Name::as_str);
        let user = match known {
            Some(user) => user,
            None => self.tx.add_user(email, name, None, false)?,
        };
        let caller = Author::person(&user, &self.browser.address);
        for invitation in invitations.iter().take(MOST_TAKEN_UP) {
            if self.tx.find_role(&invitation.workspace, &user.id)?.is_some() {
                continue;
            }
            take_up(self.tx, self.outbox, &caller, invitation, &user, password_agreed)?;
        }
        Ok(Some(user))
    }

    fn sign_in(self, organisation: &Organisation, user: &User, started: Started) -> Result<Finished> {
        // A test of a ready connection confirms its current certificates.
        if organisation.sign_in_policy().saml() == SamlAccess::TestOnly || started.tester.is_some() {
            if let Some(connection) = self.tx.find_connection(&organisation.id)? {
                let hash = &self.ticket.settings_hash;
                let settings = connection.settings.clone();
                confirm_tested(self.tx, connection, |pem| is_signer(&settings, pem, hash))?;
            }
            self.tx.set_connection_tested(&organisation.id)?;
            self.tx.finish_setup_links(&organisation.id)?;
            let event = Event::new("connection.tested", "connection", &organisation.id, &organisation.name);
            let author = Author::person(user, &self.browser.address);
            author.log(self.tx, &event.within(&organisation.id))?;
            // On a plan that allows only SAML, SAML is required from the test sign-in on.
            let tested = self.tx.organisation(organisation.id.as_str())?;
            self.outbox.tell_of_saml_only(self.tx, &author, &tested, organisation.sign_in_policy())?;
        }
        self.tx.set_attempt(&self.ticket.attempt, AttemptOutcome::SignedIn, None)?;
        let earned = Earned::by_saml(organisation.id.clone(), self.ticket.session_ends_at, self.tx.now());
        let sign_in = begin(self.tx, self.outbox, user, earned, &self.browser)?;
        let event = Event::new("session.saml", "session", &user.id, &user.email).within(&organisation.id);
        Author::person(user, &self.browser.address).log(self.tx, &event)?;
        let return_path = started.return_path.as_deref().and_then(|path| ReturnPath::parse(path).ok());
        self.remember(&sign_in.begun().session, return_path.as_ref())?;
        let cookie_suffix = self.ticket.request_id.get(1..9).unwrap_or_default().into();
        Ok(Finished::In { sign_in, return_path, cookie_suffix })
    }

    /// Stores the destination of this sign-in: if this browser posts the same response again, it is redirected there.
    fn remember(&self, session: &SessionId, return_path: Option<&ReturnPath>) -> Result<()> {
        let answered = AnsweredRequest {
            request_id: self.ticket.request_id.clone(),
            response_hash: self.ticket.response_hash.clone(),
            landing: return_path.map_or("/", ReturnPath::as_str).into(),
        };
        self.tx.add_answered_request(session, &answered)
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
        Author::anonymous(&self.browser.address).log(self.tx, &event)?;
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
