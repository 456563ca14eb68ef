//! Switches: one function works out who is concerned, for the dry and the real run alike.

use super::mail::Outbox;
use super::{Author, Caller, Run};
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::{Affected, AuthMode, ConnectionStatus, Door, Effect, Line, SamlAccess};
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::mail::Place;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::mail as letters;
use crate::store::{Db, Tx};
use serde_json::{Value, json};

/// Works out a switch and, in a real run, does it in the same transaction.
///
/// `plan` reads and gives the effect and what `apply` needs; `apply` writes.
pub(super) fn switch<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    run: Run,
    plan: impl FnOnce(&Db) -> Result<(Effect, T)> + Send + 'static,
    apply: impl FnOnce(&Tx, T) -> Result<()> + Send + 'static,
) -> Result<Effect> {
    switch_giving(app, caller, run, plan, apply).map(|(effect, _)| effect)
}

/// The same where `apply` makes something: that is given too, in a real run.
pub(super) fn switch_giving<T: Send + 'static, M: Send + 'static>(
    app: &App,
    caller: &Caller,
    run: Run,
    plan: impl FnOnce(&Db) -> Result<(Effect, T)> + Send + 'static,
    apply: impl FnOnce(&Tx, T) -> Result<M> + Send + 'static,
) -> Result<(Effect, Option<M>)> {
    match run {
        Run::Dry { skip } => app.read(&caller.claim, |db| plan(db).map(|(effect, _)| (effect.part(skip), None))),
        Run::Real => app.write_long(&caller.claim, move |tx| {
            let (effect, planned) = plan(tx)?;
            let made = apply(tx, planned)?;
            Ok((Effect { applied: true, ..effect.part(0) }, Some(made)))
        }),
    }
}

/// An effect in the detail of an audit entry, which outlives the people and things that it names: at most 200 of each list.
pub(super) fn logged(effect: &Effect) -> Value {
    let told = effect.clone().part(0);
    let emails = |lines: &[Line]| lines.iter().map(|line| line.email.clone()).collect::<Vec<_>>();
    let ends: Vec<_> = told.warnings.iter().map(Phrase::to_string).collect();
    json!({ "loses": emails(&told.loses), "keeps": emails(&told.keeps), "counts": told.counts, "ends": ends })
}

/// An organisation's door on its way to another state.
pub(super) struct DoorChange {
    outbox: Outbox,
    organisation: OrganisationId,
    before: Door,
    /// People who are locked out because they have no password.
    wanting: Vec<UserId>,
}

/// The effect on an organisation's people when its door changes, and what the real run does to them.
pub(super) fn door_change(
    db: &Db,
    outbox: &Outbox,
    organisation: &Organisation,
    after: Door,
) -> Result<(Effect, DoorChange)> {
    Ok(change_for(&db.affected(&organisation.id)?, outbox, organisation, after))
}

/// The same where settings are saved: a door that stays as it is concerns nobody, and a large organisation's people take long to read.
pub(super) fn change_by_settings(
    db: &Db,
    outbox: &Outbox,
    organisation: &Organisation,
    after: Door,
) -> Result<(Effect, DoorChange)> {
    if organisation.door() == after {
        return Ok(change_for(&[], outbox, organisation, after));
    }
    door_change(db, outbox, organisation, after)
}

fn change_for(people: &[Affected], outbox: &Outbox, organisation: &Organisation, after: Door) -> (Effect, DoorChange) {
    let before = organisation.door();
    let mut effect = Effect::of(before, after, people);
    let wanting: Vec<_> = people.iter().filter(|person| person.wants_link(before, after)).collect();
    if before.sso_available() && !after.sso_available() {
        if before.connection != ConnectionStatus::None {
            effect.warnings.push(phrase!("warning-connection-inactive"));
        }
        if before.saml_only {
            effect.warnings.push(phrase!("warning-saml-only-off"));
        }
    }
    if !wanting.is_empty() {
        effect.warnings.push(links_wanted(&wanting, outbox.is_open()));
    }
    if after.mode == AuthMode::Saml && after.saml() != SamlAccess::Yes {
        effect.warnings.push(phrase!("warning-only-admins"));
    }
    let wanting = wanting.into_iter().map(|person| person.user.clone()).collect();
    let change = DoorChange { outbox: outbox.clone(), organisation: organisation.id.clone(), before, wanting };
    (effect, change)
}

/// Who gets a link to set a password, or has to be made one.
fn links_wanted(wanting: &[&Affected], mailed: bool) -> Phrase {
    let unconfirmed = wanting.iter().any(|person| person.after.is_some_and(|standing| !standing.password_agreed));
    let (email, count) = (wanting.first().map_or("", |person| person.email.as_str()), wanting.len());
    match (mailed, unconfirmed) {
        (true, _) => phrase!("warning-links-mailed", count = count, email = email),
        (false, false) => phrase!("warning-links-wanted", count = count, email = email),
        (false, true) => phrase!("warning-links-and-invitations-wanted", count = count, email = email),
    }
}

impl DoorChange {
    /// Tells the organisation's admins where SAML-only is on or off from now on, and mails a link to set a password to everybody whom
    /// the new door shuts out for want of one. The door has been written before; the grants that it closes end by themselves with the
    /// transaction.
    pub fn apply(&self, tx: &Tx, author: &Author) -> Result<()> {
        let organisation = tx.organisation(self.organisation.as_str())?;
        self.outbox.tell_of_door(tx, author, &organisation, self.before)?;
        if !self.outbox.is_open() {
            return Ok(());
        }
        let place = Place::of(&organisation.id);
        for user in &self.wanting {
            let letter = |url, until| letters::sso_left(&organisation.name, url, until);
            self.outbox.mail_password_link(tx, &tx.user(user)?, letter, place.clone())?;
        }
        Ok(())
    }
}
