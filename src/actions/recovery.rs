//! Recovery from a shell: a one-time link by which an organisation admin sets a password and signs in.

use super::mail::Outbox;
use super::new_password::{Payer, hash_of_new};
use super::sessions::{Earned, SignIn, begin};
use super::{Author, Browser, Caller, account};
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::notice::Recovered;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::phrase;
use crate::domain::principal::Claim;
use crate::domain::seal::secret;
use crate::domain::{Email, Error, Result};

/// How long a recovery link is valid, in seconds.
pub const LINK_SECS: i64 = 15 * 60;

/// Makes a new recovery link for an admin of the organisation; the previous one stops working.
///
/// # Errors
/// `NotFound` when no admin of the organisation has this address; `Conflict` with code `disabled`.
pub fn link(app: &App, caller: &Caller, organisation: &Organisation, email: Email) -> Result<String> {
    let (author, organisation, token) = (caller.author.clone(), organisation.clone(), secret());
    let link = app.config.public_url.join(&format!("/recover?token={token}"));
    app.write(&caller.claim, move |tx| {
        let no_admin =
            || Error::NotFound(phrase!("not-organisation-admin", email = &email, organisation = &organisation.name));
        let user = tx.find_user(&email)?.ok_or_else(no_admin)?;
        user.takes_links()?;
        let standing = tx.find_standing(&organisation.id, &user.id)?;
        standing.filter(|standing| standing.admin).ok_or_else(no_admin)?;
        tx.set_recovery_link(&user.id, &organisation.id, &token, tx.now().plus(LINK_SECS))?;
        let event = Event::new("recovery.link_made", "member", &user.id, &email);
        author.log(tx, &event.within(&organisation.id))
    })?;
    Ok(link)
}

/// Checks that a recovery link still works, without using it.
///
/// # Errors
/// `NotFound` when the link is unknown, used or expired.
pub fn inspect(app: &App, token: &str) -> Result<()> {
    app.store.read(|db| db.find_recovery_link(token))?.map(drop).ok_or_else(gone)
}

fn gone() -> Error {
    Error::NotFound(phrase!("recovery-link-over"))
}

/// Sets the admin's password, ends their other sessions, and begins a session with a recovery grant. Returns the
/// sign-in and the organisation's slug.
///
/// # Errors
/// `NotFound` when the link is unknown, used or expired; `Invalid` with field `password`.
pub fn finish(app: &App, token: String, password: String, browser: Browser) -> Result<(SignIn, String)> {
    let (user, organisation, seats) = app.store.read(|db| {
        let (user, organisation) = db.find_recovery_link(&token)?.ok_or_else(gone)?;
        Ok((db.user(&user)?, db.organisation(organisation.as_str())?, db.seats(&user)?))
    })?;
    let owner = account::owner(&user, &seats);
    let hash = hash_of_new(app, &Payer::by_link(&user.id, &token, &browser.address), "password", password, &owner)?;
    let outbox = Outbox::of(app);
    app.write(&Claim::sign_in(), move |tx| {
        tx.find_recovery_link(&token)?.ok_or_else(gone)?;
        tx.set_password(&user.id, &hash)?;
        tx.set_password_by(&user.id, None)?;
        // The link was made for this person in this organisation, so the organisation accepts the password that they
        // set with it.
        tx.agree_password_here(&user.id, &organisation.id)?;
        tx.delete_other_sessions(&user.id, None)?;
        outbox.tell_of_password(tx, &user, &browser)?;
        let begun = begin(tx, &outbox, &user, Earned::by_recovery(organisation.id.clone(), tx.now()), &browser)?;
        let event = Event::new("session.recovery", "session", &user.id, &user.email).within(&organisation.id);
        Author::person(&user, &browser.address).log(tx, &event)?;
        outbox.tell_of_recovery(tx, &user, &organisation, Recovered::Link, &browser)?;
        Ok((begun, organisation.slug))
    })
    .inspect(|_| app.store.forget())
}
