//! Confirming one's identity again in the current session: sensitive actions ask for it when the grant that they use is
//! no longer fresh. Through SAML, this is a new sign-in (`saml_sign_in/start.rs`, `fresh`).

use super::mail::Outbox;
use super::sessions::{log_password, newly_opened};
use super::{Browser, Caller, proof};
use crate::app::{App, Source};
use crate::domain::audit::Event;
use crate::domain::method::Method;
use crate::domain::phrase::phrase;
use crate::domain::seal::secret;
use crate::domain::session::{Grant, Seat, SignedIn};
use crate::domain::{Error, KnownBrowser, Password, Result, Timestamp};

/// Renews by the person's password every grant that it can give: for each organisation to which it gives access, for
/// operator rights and their own account, and recovery grants. Grants that the session did not have before are logged
/// and reported as a sign-in. Returns the session's new secret (the old one stops working), and the browser's record of
/// the people who signed in from it.
///
/// # Errors `Refused` when the password is wrong; `Forbidden` with code `sso_required` when the password gives access
/// to nothing here; `Throttled`.
pub fn reauthenticate(
    app: &App,
    caller: &Caller,
    asking: &SignedIn,
    password: &Password,
    browser: &Browser,
) -> Result<(String, KnownBrowser)> {
    // A session through an identity provider does not count as a known source: guesses of the password there are
    // charged like those of a stranger.
    let own = asking.has_password().then(|| asking.session.id.as_str());
    let email = &asking.user.email;
    let source = Source { known: own.or(browser.source(email).known), address: &caller.address };
    let user = proof::by_password(app, email, source, password, phrase!("wrong-password"))?;
    let (author, claim, hash) = (caller.author.clone(), caller.claim.clone(), user.password_hash);
    let (token, outbox) = (secret(), Outbox::of(app));
    let (kept, from) = (token.clone(), browser.clone());
    app.write(&caller.claim, move |tx| {
        let asking = tx.asking(&claim)?;
        let person = asking.person().ok_or_else(Error::unauthorized)?;
        // The password may have been changed while it was being checked.
        if person.user.password_hash != hash {
            return Err(Error::refused());
        }
        let renewed = renewed(person, tx.now());
        if renewed.is_empty() && !person.user.operator {
            let message = phrase!("confirm-through-sso");
            return Err(Error::Forbidden { code: "sso_required", message });
        }
        let by_password = person.user.operator || renewed.iter().any(|grant| grant.method == Method::Password);
        let opens = renewed.iter().filter(|grant| grant.method == Method::Password);
        let opened = newly_opened(Some(&person.session), opens.map(|grant| grant.organisation.clone()), tx.now());
        let gains = by_password && person.session.password_at.is_none();
        if gains || !opened.is_empty() {
            log_password(tx, &person.user, &opened, &from)?;
        }
        opened.iter().try_for_each(|one| tx.set_last_sign_in(one, &person.user.id, Method::Password))?;
        if gains && !from.knows(&person.user.email, None) {
            outbox.tell_of_browser(tx, &person.user, &from, None)?;
        }
        renewed.iter().try_for_each(|grant| tx.set_grant(&person.session.id, grant))?;
        tx.renew_session(&person.session.id, &kept, by_password.then_some(tx.now()))?;
        author.log(tx, &Event::new("session.confirmed", "session", &person.session.id, &person.user.email))
    })?;
    Ok((token, browser.known.clone().with(email)))
}

/// The grants that the right password renews or adds.
fn renewed(person: &SignedIn, now: Timestamp) -> Vec<Grant> {
    let expires_at = now.plus(person.lives.session_secs()).min(person.session.expires_at);
    let opens = |seat: &&Seat| seat.organisation.sign_in_policy().password(seat.standing);
    let by_password = person.seats.iter().filter(opens).map(|seat| Grant {
        organisation: seat.organisation.id.clone(),
        method: Method::Password,
        at: now,
        expires_at,
        ends_at: None,
    });
    let live = |grant: &&Grant| grant.method == Method::Recovery && now < grant.expires_at;
    let recovery = person.session.grants.iter().filter(live).map(|grant| Grant { at: now, ..grant.clone() });
    by_password.chain(recovery).collect()
}
