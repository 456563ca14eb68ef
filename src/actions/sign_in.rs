//! Signing in with a password.

use super::mail::Outbox;
use super::proof::{checked, note_refusal, note_refusal_in, wrong_password};
use super::sessions::{Earned, SignIn, begin, log_password, portal_urls};
use super::{Author, Browser};
use crate::app::{App, Checked};
use crate::domain::audit::Event;
use crate::domain::notice::Recovered;
use crate::domain::person::User;
use crate::domain::principal::Claim;
use crate::domain::session::Seat;
use crate::domain::{Email, Error, Password, Result};
use crate::store::Tx;

/// The recovery code that SAML-only requires besides the password.
#[derive(Debug, Clone, Default)]
pub struct Recovery {
    /// One of the organisation's codes, as typed.
    pub code: String,
    /// The organisation's id or slug; if empty, every organisation of which the person is an admin.
    pub organisation: Option<String>,
}

impl Recovery {
    /// True if the code may belong to this organisation.
    fn is_for(&self, seat: &Seat) -> bool {
        let named = match self.organisation.as_deref().filter(|named| !named.is_empty()) {
            Some(named) => seat.organisation.id.as_str() == named || seat.organisation.slug == named,
            None => true,
        };
        named && seat.standing.admin && seat.standing.password_agreed && seat.organisation.sign_in_policy().enforced()
    }
}

/// Checks a password and begins a session with a grant for every organisation to which it gives access; with a recovery
/// code, only for the organisation of the code, without access to the person's own account.
///
/// # Errors `Refused`, the same for unknown people and wrong passwords; `SsoRequired` when the password is right but
/// gives access to nothing; `Forbidden` with code `disabled` when it is right and the person is disabled;
/// `TooManyGuesses` after too many wrong ones; `Unavailable` when too many people are signing in at once.
pub fn sign_in(
    app: &App,
    email: &str,
    password: Password,
    recovery: Option<Recovery>,
    browser: Browser,
) -> Result<SignIn> {
    // An invalid address has no account; the answer must look the same as for an unknown one.
    let email = Email::parse(email).map_err(|_| Error::refused())?;
    let charge = app.throttle.charge(&email, browser.source(&email), app.now()).map_err(|refused| match refused {
        Error::Throttled { retry_after_secs } => Error::TooManyGuesses { retry_after_secs, mail: app.sends_mail },
        other => other,
    })?;
    let outcome = Attempt { app, email, browser }.judge(&password, recovery);
    // A wrong recovery code is charged like a wrong password; every other outcome is refunded.
    if !matches!(outcome, Err(Error::Refused { .. })) {
        app.throttle.refund(&charge);
    }
    outcome
}

/// An attempt to sign in with a password.
struct Attempt<'a> {
    app: &'a App,
    email: Email,
    browser: Browser,
}

impl Attempt<'_> {
    fn judge(&self, password: &Password, recovery: Option<Recovery>) -> Result<SignIn> {
        let source = self.browser.source(&self.email);
        let (user, checked) = checked(self.app, &self.email, source, password)?;
        let (Some(user), Checked::Right { rehash }) = (&user, checked) else {
            let reason = wrong_password(user.as_ref());
            self.note_refusal(user, reason);
            return Err(Error::refused());
        };
        // Only after the password check, so that other people cannot find out who is disabled.
        if let Err(disabled) = user.enabled() {
            self.note_refusal(Some(user.clone()), "disabled");
            return Err(disabled);
        }
        match recovery {
            Some(recovery) => self.recover(user, recovery),
            None if rehash => self.enter(user, Some(self.app.hasher.hash(&source.line(&self.email), password)?)),
            None => self.enter(user, None),
        }
    }

    fn recover(&self, user: &User, recovery: Recovery) -> Result<SignIn> {
        let outbox = Outbox::of(self.app);
        let (person, browser, asked) = (user.clone(), self.browser.clone(), recovery.clone());
        let token = self.app.write(&Claim::sign_in(), move |tx| recover(tx, &outbox, &person, &recovery, &browser));
        if matches!(token, Err(Error::Refused { .. })) {
            note_wrong_code(self.app, user, asked, &self.browser);
        }
        token
    }

    fn enter(&self, user: &User, new_hash: Option<String>) -> Result<SignIn> {
        let seats = self.app.store.read(|db| db.seats(&user.id))?;
        if !user.operator && !seats.iter().any(opens) {
            if seats.is_empty() {
                self.note_refusal(Some(user.clone()), "no_organisation");
                return Err(Error::SsoRequired { portal_urls: Vec::new(), belongs: false });
            }
            self.note_refusal(Some(user.clone()), "sso_required");
            return Err(Error::SsoRequired { portal_urls: portal_urls(self.app, &seats), belongs: true });
        }
        let (user, browser) = (user.clone(), self.browser.clone());
        let outbox = Outbox::of(self.app);
        self.app.write(&Claim::sign_in(), move |tx| record(tx, &outbox, user, new_hash.as_deref(), &browser))
    }

    fn note_refusal(&self, user: Option<User>, reason: &str) {
        note_refusal(self.app, &self.browser.address, user, reason);
    }
}

/// Begins a session for an admin of the organisation of the recovery code, with access to only that organisation.
fn recover(tx: &Tx, outbox: &Outbox, user: &User, recovery: &Recovery, browser: &Browser) -> Result<SignIn> {
    still_proved(tx, user)?;
    for seat in tx.seats(&user.id)?.iter().filter(|seat| recovery.is_for(seat)) {
        if tx.take_recovery_code(&seat.organisation.id, &recovery.code)? {
            let earned = Earned::by_recovery(seat.organisation.id.clone(), tx.now());
            let begun = begin(tx, outbox, user, earned, browser)?;
            let left = tx.count_recovery_codes(&seat.organisation.id)?;
            let event = Event::new("session.recovery", "session", &user.id, &user.email);
            let event = event.within(&seat.organisation.id).with(serde_json::json!({ "codes_left": left }));
            Author::person(user, &browser.address).log(tx, &event)?;
            outbox.tell_of_recovery(tx, user, &seat.organisation, Recovered::Code, browser)?;
            return Ok(begun);
        }
    }
    Err(Error::refused())
}

/// Logs a wrong recovery code, only in the organisations that it may have been for.
fn note_wrong_code(app: &App, user: &User, recovery: Recovery, browser: &Browser) {
    note_refusal_in(app, &browser.address, user, "wrong_recovery_code", move |seat| recovery.is_for(seat));
}

fn opens(seat: &Seat) -> bool {
    seat.organisation.sign_in_policy().password(seat.standing)
}

/// Refuses if the password was changed while it was being checked.
fn still_proved(tx: &Tx, user: &User) -> Result<()> {
    if tx.user(&user.id)?.password_hash == user.password_hash { Ok(()) } else { Err(Error::refused()) }
}

fn record(tx: &Tx, outbox: &Outbox, user: User, new_hash: Option<&str>, browser: &Browser) -> Result<SignIn> {
    still_proved(tx, &user)?;
    if let (Some(old), Some(new)) = (&user.password_hash, new_hash) {
        tx.upgrade_password(&user.id, old, new)?;
    }
    let open: Vec<_> = tx.seats(&user.id)?.into_iter().filter(opens).map(|seat| seat.organisation.id).collect();
    log_password(tx, &user, &open, browser)?;
    begin(tx, outbox, &user, Earned::by_password(open, tx.now()), browser)
}
