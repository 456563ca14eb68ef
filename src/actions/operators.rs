//! The people who run the appliance.

use super::Caller;
use super::mail::Outbox;
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::ids::UserId;
use crate::domain::mail::Place;
use crate::domain::notice::News;
use crate::domain::person::User;
use crate::domain::principal::Principal;
use crate::domain::{Email, Error, Result};
use crate::mail as letters;

/// A key withdraws an operator's access, and never gives it: its holder would become an operator whom nobody can revoke by
/// deleting the key.
///
/// # Errors
/// `Forbidden` where a key asks for something of an operator's.
pub(super) fn not_by_key(caller: &Caller, user: &User) -> Result<()> {
    if user.operator && caller.is_key() {
        return Err(Error::forbidden(
            "An API key cannot give access to an operator. An operator does this, signed in.",
        ));
    }
    Ok(())
}

pub(super) fn last_operator() -> Error {
    Error::conflict("last_operator", "This is the last operator who can sign in. Add another operator first.")
}

/// Makes somebody an operator, a new person too, with a link that sets their password. It goes by mail; where no mail is sent, it
/// is given to the caller.
///
/// # Errors
/// `Conflict` with field `email` when they are an operator already, unless the command line asks, for which that is a new link;
/// `Conflict` with code `disabled`.
pub fn add(app: &App, caller: &Caller, email: Email) -> Result<(User, Option<String>)> {
    let (author, outbox, now) = (caller.author.clone(), Outbox::of(app), app.now());
    let again = caller.claim.principal == Principal::CommandLine;
    app.write(&caller.claim, move |tx| {
        let known = tx.find_user(&email)?;
        if !again && known.as_ref().is_some_and(|user| user.operator) {
            return Err(Error::taken("email", "This person is an operator already."));
        }
        let is_new = known.as_ref().is_none_or(|user| !user.operator);
        let user = match known {
            Some(user) => user,
            None => tx.add_user(&email, email.local_part(), None, true, now)?,
        };
        user.takes_links()?;
        if !user.operator {
            // The account may have been made by somebody other than the person whom the link is for.
            tx.clear_password(&user.id)?;
            tx.delete_other_sessions(&user.id, None)?;
        }
        tx.set_operator(&user.id, true)?;
        let link = outbox.password_link(tx, &user, letters::operator_link, Place::default().urgent(), now)?;
        tx.delete_setup_token()?;
        if is_new {
            outbox.tell_operators(tx, &author, &News::OperatorAdded(email.clone()), now)?;
        }
        author.log(tx, now, &Event::new("operator.added", "person", &user.id, &email))?;
        Ok((tx.user(&user.id)?, link))
    })
}

/// Makes an operator a plain person again. What only operators may do ends at once, and so do the set-up links that they made as
/// an operator, a link that would set their password, and sessions that open no organisation.
///
/// # Errors
/// `NotFound` when they are no operator; `Conflict` with code `last_operator`.
pub fn remove(app: &App, caller: &Caller, id: UserId) -> Result<()> {
    let (author, now) = (caller.author.clone(), app.now());
    app.write(&caller.claim, move |tx| {
        let user = tx.user(&id)?;
        if !user.operator {
            return Err(Error::not_found("Operator"));
        }
        if !tx.has_other_operator(&id)? {
            return Err(last_operator());
        }
        tx.set_operator(&id, false)?;
        tx.delete_password_links(&id)?;
        tx.delete_all_setup_links_of(&["operator"], id.as_str())?;
        author.log(tx, now, &Event::new("operator.removed", "person", &id, &user.email))
    })
}
