//! Disabling a person in the whole appliance, and enabling them again.

use super::dry_run::switch;
use super::handed_over::{Ending, KnownPasswords, held_by, keep_an_operator};
use super::lost_applications::{named, opened_by};
use super::made::{Makers, end_too, keys_that_stay, links_in_words};
use super::operators::not_by_key;
use super::{Author, Caller, Run};
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::{Affected, Effect, Line, MOST_LINES, SignInPolicy};
use crate::domain::audit::Event;
use crate::domain::ids::UserId;
use crate::domain::person::User;
use crate::domain::phrase::{Phrase, phrase};
use crate::store::{Db, Tx};

/// Disables a person: their sessions, grants, links and invitations end in every organisation, and none of their
/// credentials work until they are enabled again. The effect names what ends, and what keeps working: the API keys that
/// they made, the operators that they added, and the passwords set by links that they received, unless `passwords` says
/// that these end, too.
///
/// # Errors
/// `NotFound`; `Conflict` with code `last_operator`.
pub fn disable(app: &App, caller: &Caller, id: UserId, passwords: KnownPasswords, run: Run) -> Result<Effect> {
    let author = caller.author.clone();
    let planned = move |db: &Db| {
        let user = db.user(&id)?;
        let (effect, ends) = Ending::person(&user).effect(db, passwords)?;
        if user.is_disabled() {
            let already = || unchanged(phrase!("warning-disabled-already", email = user.email.as_str()));
            let effect = if ends.people.is_empty() { already() } else { effect };
            keep_an_operator(db, None, &ends)?;
            return Ok((effect, (user, ends)));
        }
        keep_an_operator(db, Some(&user), &ends)?;
        Ok((effect_of_disabling(db, &user)?.and(effect), (user, ends)))
    };
    switch(app, caller, run, planned, move |tx, (user, ends)| {
        ends.end(tx, &author)?;
        if user.is_disabled() {
            return Ok(());
        }
        tx.set_disabled(&user.id, Some(tx.now()))?;
        end_everything(tx, &author, &user)?;
        author.log_in_each_of(tx, &user.id, &event("person.disabled", &user))
    })
}

/// Enables a person again: they sign in as before. Everything that ended when they were disabled stays ended.
///
/// # Errors
/// `NotFound`; `Forbidden` when an API key would enable an operator.
pub fn enable(app: &App, caller: &Caller, id: UserId, run: Run) -> Result<Effect> {
    let asks = caller.clone();
    let author = caller.author.clone();
    let planned = move |db: &Db| {
        let user = db.user(&id)?;
        not_by_key(&asks, &user)?;
        if !user.is_disabled() {
            return Ok((unchanged(phrase!("warning-not-disabled", email = user.email.as_str())), user));
        }
        let mut effect = effect_of_enabling(db, &user)?;
        if user.operator {
            effect.warnings.push(phrase!("warning-operator-again", email = user.email.as_str()));
        }
        if user.password_hash.is_none() {
            effect.warnings.push(phrase!("warning-no-password", email = user.email.as_str()));
        }
        Ok((effect, user))
    };
    switch(app, caller, run, planned, move |tx, user| {
        if !user.is_disabled() {
            return Ok(());
        }
        tx.set_disabled(&user.id, None)?;
        author.log_in_each_of(tx, &user.id, &event("person.enabled", &user))
    })
}

fn event(action: &'static str, user: &User) -> Event {
    Event::new(action, "person", &user.id, &user.email)
}

fn unchanged(warning: Phrase) -> Effect {
    Effect { warnings: vec![warning], ..Effect::default() }
}

/// The effects on a person in each of their organisations, combined.
fn in_each_organisation(db: &Db, id: &UserId, effect: fn(SignInPolicy, &Affected) -> Effect) -> Result<Effect> {
    let mut all = Effect::default();
    for seat in db.seats(id)? {
        let organisation = seat.organisation;
        if let Some(person) = db.find_affected(&organisation.id, id)? {
            let share =
                effect(organisation.sign_in_policy(), &person).in_organisation(&organisation.id, &organisation.name);
            all = all.and(share);
        }
    }
    Ok(all)
}

/// A line about a person, not about one organisation.
fn line(user: &User, reason: Phrase) -> Line {
    Line { user: user.id.clone(), email: user.email.clone(), reason, organisation: None }
}

/// The name of the organisation of a line.
fn organisation_of<'a>(effect: &'a Effect, line: &Line) -> Option<&'a str> {
    let share = effect.organisations.iter().find(|share| Some(&share.organisation) == line.organisation.as_ref());
    share.map(|share| share.name.as_str())
}

fn effect_of_disabling(db: &Db, user: &User) -> Result<Effect> {
    let mut effect = in_each_organisation(db, &user.id, Effect::of_disabling)?;
    let lost: Vec<_> = effect.loses.iter().filter_map(|line| organisation_of(&effect, line)).collect();
    // An operator may have access to no organisation.
    let reason = if lost.is_empty() {
        phrase!("reason-disabled")
    } else {
        phrase!("reason-disabled-loses", organisations = Phrase::list(lost))
    };
    effect.loses = vec![line(user, reason)];
    effect.counts.loses = 1;
    (effect.counts.sessions, effect.counts.grants) = held_by(db, &user.id)?;
    effect = effect.with_ended(db.count_application_access(&user.id, None)?);
    for seat in db.seats(&user.id)? {
        effect.applications.extend(named(opened_by(db, &seat.organisation.id, &user.id)?));
    }
    effect.applications.truncate(MOST_LINES);
    effect.warnings.extend(links_that_end(db, user)?);
    effect.warnings.extend(organisations_without_admin(db, &user.id)?);
    effect.warnings.extend(keys_that_stay(db, user, None)?);
    Ok(effect)
}

fn effect_of_enabling(db: &Db, user: &User) -> Result<Effect> {
    let mut effect = in_each_organisation(db, &user.id, Effect::of_enabling)?;
    let reasons = effect.keeps.iter().filter_map(|one| {
        let (organisation, reason) = (organisation_of(&effect, one)?, one.reason.clone());
        Some(phrase!("reason-in-organisation", organisation = organisation, reason = reason))
    });
    let reasons: Vec<_> = reasons.collect();
    if !reasons.is_empty() {
        effect.keeps = vec![line(user, Phrase::Joined(reasons, "; "))];
        effect.counts.keeps = 1;
    }
    Ok(effect)
}

fn links_that_end(db: &Db, user: &User) -> Result<Option<Phrase>> {
    let (passwords, recoveries) = db.count_links(&user.id)?;
    let invitations = i64::try_from(db.invitations_of(&user.email)?.len()).unwrap_or(i64::MAX);
    let to_them = [
        (passwords, phrase!("reset-links", count = passwords)),
        (recoveries, phrase!("recovery-links", count = recoveries)),
        (invitations, phrase!("invitations-to-them", count = invitations)),
    ];
    let to_them = to_them.into_iter().filter(|(count, _)| *count > 0).map(|(_, counted)| counted);
    let made = links_in_words(db.links_made_by(&["person", "operator"], user.id.as_str())?, Makers::Person);
    Ok(end_too(to_them.chain(made).collect()))
}

fn organisations_without_admin(db: &Db, user: &UserId) -> Result<Vec<Phrase>> {
    let mut left = Vec::new();
    for seat in db.seats(user)?.iter().filter(|seat| seat.standing.admin) {
        if !db.has_other_admin(&seat.organisation.id, user)? {
            left.push(phrase!("warning-no-other-admin", organisation = &seat.organisation.name));
        }
    }
    Ok(left)
}

/// Deletes the links, invitations and e-mails that would work again when the person is enabled. Their sessions end with
/// the transaction.
fn end_everything(tx: &Tx, author: &Author, user: &User) -> Result<()> {
    tx.delete_password_links(&user.id)?;
    tx.delete_recovery_links(&user.id)?;
    tx.end_links_made_by(&["person", "operator"], user.id.as_str())?;
    for invitation in tx.invitations_of(&user.email)? {
        tx.delete_invitation(&invitation.id)?;
        let event = Event::new("invitation.withdrawn", "invitation", &invitation.id, &invitation.email);
        author.log(tx, &event.within(&invitation.organisation).at(&invitation.workspace))?;
    }
    tx.delete_mails_to(&user.email)
}
