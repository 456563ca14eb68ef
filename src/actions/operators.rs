//! Operators: the people who run the appliance.

use super::dry_run::{logged, switch, switch_giving};
use super::handed_over::{Ending, Known, KnownPasswords, held_by, keep_an_operator};
use super::made::{Makers, end_too, keys_that_stay, links_in_words};
use super::mail::Outbox;
use super::new_password::gone;
use super::{Author, Browser, Caller, Run, proof};
use crate::app::App;
use crate::domain::access::{Counts, Effect, Line};
use crate::domain::audit::Event;
use crate::domain::ids::UserId;
use crate::domain::mail::Place;
use crate::domain::notice::NoticeEvent;
use crate::domain::person::{LinkUse, User};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::principal::{Claim, Principal};
use crate::domain::{Email, Error, Password, Result};
use crate::mail as letters;
use crate::store::{Db, Tx};

/// Refuses API keys that would act on an operator's account. A key can remove an operator, but never make one: its
/// holder would become an operator whose access outlives the key.
///
/// # Errors
/// `Forbidden` when the caller is an API key and `user` is an operator.
pub(super) fn not_by_key(caller: &Caller, user: &User) -> Result<()> {
    if user.operator && caller.is_key() {
        return Err(Error::forbidden(phrase!("api-key-and-operators")));
    }
    Ok(())
}

/// The outcome of adding an operator.
pub struct Added {
    /// The person; not an operator yet if they must confirm with the link first.
    pub user: User,
    /// The link, if no e-mail is sent.
    pub link: Option<String>,
}

/// The operators, by address, then the people who become operators once they have used their link.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(app: &App) -> Result<Vec<User>> {
    app.store.read(|db| Ok([db.operators()?, db.pending_operators()?].concat()))
}

/// Adds an operator. A new person gets a link that sets their password. An existing person keeps their password and
/// sessions, and becomes an operator once they have used their link together with that password. If `new_password` is
/// true, or the password was set by a link that an API key received, the password and their sessions end, and they set
/// a new one. The link is sent by e-mail; if no e-mail is sent, it is returned to the caller.
///
/// # Errors
/// `Conflict` with field `email` when the person is an operator already, unless the caller is the command line with
/// `new_password`; `Conflict` with code `disabled`.
pub fn add(app: &App, caller: &Caller, email: Email, new_password: bool, run: Run) -> Result<(Effect, Option<Added>)> {
    let (author, outbox) = (caller.author.clone(), Outbox::of(app));
    let again = new_password && caller.claim.principal == Principal::CommandLine;
    let planned = move |db: &Db| Addition::plan(db, email, Asked { new_password, again });
    switch_giving(app, caller, run, planned, move |tx, addition| addition.apply(tx, &outbox, &author))
}

/// The options of adding an operator.
#[derive(Clone, Copy)]
struct Asked {
    /// True if an existing person must set a new password.
    new_password: bool,
    /// True if a person who is already an operator gets a new password, too.
    again: bool,
}

/// How adding a person as an operator affects their password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Becomes {
    /// The person has no password, and sets one with the link.
    First,
    /// The password stays, and the link asks for it.
    Kept,
    /// The password ends, and the person sets a new one with the link.
    Replaced,
}

impl Becomes {
    fn of(known: Option<&User>, new_password: bool) -> Self {
        match known {
            Some(user) if user.password_hash.is_none() => Self::First,
            Some(user) if new_password || user.password_by_key() => Self::Replaced,
            Some(_) => Self::Kept,
            None => Self::First,
        }
    }

    fn reason(self, user: &User) -> Phrase {
        match self {
            Self::First if user.operator => phrase!("reason-stays-operator"),
            Self::First => phrase!("reason-becomes-operator"),
            Self::Kept => phrase!("reason-becomes-operator-keeps"),
            Self::Replaced if user.password_by_key() => phrase!("reason-becomes-operator-known-password"),
            Self::Replaced if user.operator => phrase!("reason-stays-operator-replaced"),
            Self::Replaced => phrase!("reason-becomes-operator-replaced"),
        }
    }
}

/// The changes by which an operator is added.
struct Addition {
    email: Email,
    known: Option<User>,
    becomes: Becomes,
}

impl Addition {
    fn plan(db: &Db, email: Email, asked: Asked) -> Result<(Effect, Self)> {
        let known = db.find_user(&email)?;
        if !asked.again && known.as_ref().is_some_and(|user| user.operator) {
            return Err(Error::taken("email", phrase!("operator-already")));
        }
        known.as_ref().map_or(Ok(()), User::takes_links)?;
        let becomes = Becomes::of(known.as_ref(), asked.new_password);
        let effect = if let Some(user) = &known {
            effect_on(db, user, becomes)?
        } else {
            let warning = phrase!("warning-no-account-yet", email = email.as_str());
            Effect { warnings: vec![warning], ..Effect::default() }
        };
        Ok((effect, Self { email, known, becomes }))
    }

    fn apply(&self, tx: &Tx, outbox: &Outbox, author: &Author) -> Result<Added> {
        let user = match &self.known {
            Some(user) => user.clone(),
            None => tx.add_user(&self.email, self.email.local_part(), None, true)?,
        };
        let is_new = self.known.as_ref().is_none_or(|user| !user.operator);
        // Other people may have the links that were made before.
        tx.delete_password_links(&user.id)?;
        tx.delete_recovery_links(&user.id)?;
        if self.becomes == Becomes::Replaced {
            tx.clear_password(&user.id)?;
            tx.delete_other_sessions(&user.id, None)?;
        }
        let pending = self.becomes == Becomes::Kept;
        let place = Place::default().urgent();
        let link = if pending {
            outbox.password_link(tx, Some(author), (&user, LinkUse::Operator), letters::operator_wanted, place)?
        } else {
            tx.set_operator(&user.id, true)?;
            outbox.password_link(tx, Some(author), (&user, LinkUse::Password), letters::operator_link, place)?
        };
        tx.delete_setup_token()?;
        if is_new {
            let notice = if pending { NoticeEvent::OperatorWanted } else { NoticeEvent::OperatorAdded };
            outbox.tell_operators(tx, author, &notice(self.email.clone()))?;
        }
        let event = Event::new("operator.added", "person", &user.id, &self.email);
        author.log(tx, &event.with(serde_json::json!({ "pending": pending })))?;
        Ok(Added { user: tx.user(&user.id)?, link })
    }
}

fn effect_on(db: &Db, user: &User, becomes: Becomes) -> Result<Effect> {
    let line =
        Line { user: user.id.clone(), email: user.email.clone(), reason: becomes.reason(user), organisation: None };
    let mut effect = Effect::default();
    if becomes == Becomes::Replaced {
        let (sessions, grants) = held_by(db, &user.id)?;
        effect.counts = Counts { loses: 1, sessions, grants, ..Counts::default() };
        effect.loses = vec![line];
    } else {
        effect.counts.keeps = 1;
        effect.keeps = vec![line];
    }
    Ok(effect)
}

/// Makes the person of a link an operator. They agree by their current password: the link alone gives no access to
/// another person who has it. Returns their address.
///
/// # Errors
/// `Refused` for a wrong password; `NotFound` when the link was used meanwhile; `Throttled`.
pub(super) fn confirm(app: &App, token: String, user: &User, password: &Password, browser: &Browser) -> Result<Email> {
    let source = browser.source(&user.email);
    let proved = proof::by_password(app, &user.email, source, password, phrase!("wrong-current-password"))?;
    let outbox = Outbox::of(app);
    let author = Author::person(user, &browser.address);
    app.write(&Claim::sign_in(), move |tx| {
        let link = tx.find_password_link(&token)?.filter(|link| link.confirms_operator);
        let user = link.ok_or_else(gone)?.user;
        // The password may have been changed while it was being checked.
        if user.id != proved.id || user.password_hash != proved.password_hash {
            return Err(Error::refused());
        }
        if user.password_by_key() {
            return Err(Error::conflict("new_password_required", phrase!("password-set-by-api-key")));
        }
        tx.set_operator(&user.id, true)?;
        tx.delete_password_links(&user.id)?;
        outbox.tell_operators(tx, &author, &NoticeEvent::OperatorAdded(user.email.clone()))?;
        author.log(tx, &Event::new("operator.confirmed", "person", &user.id, &user.email))?;
        Ok(user.email)
    })
    .inspect(|_| app.store.forget())
}

/// Removes a person's operator rights, or revokes the link of a person who has not confirmed yet. Operator access ends
/// at once, and so do the links that they made as an operator, a link that would set their password, and sessions that
/// give access to no organisation. `passwords`: whether the passwords set by these links end, too, with the links and
/// keys made with these. The effect names what keeps working: the API keys that they made, the operators that they
/// added, and such passwords.
///
/// # Errors
/// `NotFound` when they are not an operator; `Conflict` with code `last_operator`.
pub fn remove(app: &App, caller: &Caller, id: UserId, passwords: KnownPasswords, run: Run) -> Result<Effect> {
    let author = caller.author.clone();
    let planned = move |db: &Db| {
        let user = db.user(&id)?;
        let reason = match user.operator {
            true => phrase!("reason-no-operator"),
            false if !db.is_pending_operator(&id)? => return Err(Error::NotFound(phrase!("operator-not-found"))),
            false => phrase!("reason-does-not-become-operator"),
        };
        let line = Line { user: id, email: user.email.clone(), reason, organisation: None };
        let mut effect = Effect { loses: vec![line], ..Effect::default() };
        effect.counts.loses = 1;
        let mut ends = Known::default();
        if user.operator {
            effect
                .warnings
                .extend(end_too(links_in_words(db.links_made_by(&["operator"], user.id.as_str())?, Makers::Person)));
            effect.warnings.extend(keys_that_stay(db, &user, None)?);
            let (known, ended) = Ending::operator(&user).effect(db, passwords)?;
            keep_an_operator(db, Some(&user), &ended)?;
            (effect, ends) = (effect.and(known), ended);
        }
        let event = Event::new("operator.removed", "person", &user.id, &user.email).with(logged(&effect));
        Ok((effect, (user, ends, event)))
    };
    switch(app, caller, run, planned, move |tx, (user, ends, event)| {
        ends.end(tx, &author)?;
        if user.operator {
            tx.set_operator(&user.id, false)?;
            tx.delete_password_links(&user.id)?;
            tx.end_links_made_by(&["operator"], user.id.as_str())?;
        } else {
            tx.delete_operator_link(&user.id)?;
        }
        author.log(tx, &event)
    })
}
