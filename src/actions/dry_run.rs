//! Switches: one function computes the effect, for dry runs and real runs alike.

use super::lost_applications::lost_with_access;
use super::mail::Outbox;
use super::{Author, Caller, Run};
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::{Affected, AuthMode, ConnectionStatus, Effect, Line, SamlAccess, SignInPolicy};
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::mail::Place;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::mail as letters;
use crate::store::{Db, Tx};
use serde_json::{Value, json};

/// Computes the effect of a switch and, in a real run, applies it in the same transaction.
///
/// `plan` reads, and returns the effect and the input of `apply`; `apply` writes.
pub(super) fn switch<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    run: Run,
    plan: impl FnOnce(&Db) -> Result<(Effect, T)> + Send + 'static,
    apply: impl FnOnce(&Tx, T) -> Result<()> + Send + 'static,
) -> Result<Effect> {
    switch_giving(app, caller, run, plan, apply).map(|(effect, _)| effect)
}

/// As `switch`, for an `apply` that returns a value: a real run returns it, too.
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

/// An effect as the detail of an audit entry, with at most 200 items of each list. The entry stays when the people and
/// resources that it names are deleted.
pub(super) fn logged(effect: &Effect) -> Value {
    let part = effect.clone().part(0);
    let emails = |lines: &[Line]| lines.iter().map(|line| line.email.clone()).collect::<Vec<_>>();
    let ends: Vec<_> = part.warnings.iter().map(Phrase::to_string).collect();
    let mut detail =
        json!({ "loses": emails(&part.loses), "keeps": emails(&part.keeps), "counts": part.counts, "ends": ends });
    if !part.applications.is_empty() {
        detail["applications"] = part.applications.iter().map(|(_, name)| name.clone()).collect();
    }
    detail
}

/// A change of an organisation's sign-in policy.
pub(super) struct PolicyChange {
    outbox: Outbox,
    organisation: OrganisationId,
    before: SignInPolicy,
    /// People who lose access unless they set a password.
    need_link: Vec<UserId>,
}

/// Returns the effect of a new sign-in policy on an organisation's people, and the change that the real run applies.
pub(super) fn policy_change(
    db: &Db,
    outbox: &Outbox,
    organisation: &Organisation,
    after: SignInPolicy,
) -> Result<(Effect, PolicyChange)> {
    let people = db.affected(&organisation.id)?;
    let (effect, change) = change_for(&people, outbox, organisation, after);
    Ok((with_applications(db, organisation, &people, effect, after)?, change))
}

/// The effect of a new sign-in policy with the applications that people lose, and the sessions and tokens there that end.
pub(super) fn with_applications(
    db: &Db,
    organisation: &Organisation,
    people: &[Affected],
    mut effect: Effect,
    after: SignInPolicy,
) -> Result<Effect> {
    effect.applications = lost_with_access(db, &organisation.id, people, &effect)?;
    Ok(effect.with_ended(db.count_access_closed_by(&organisation.id, after)?))
}

/// As `policy_change`, for saved settings: if the sign-in policy stays the same, nobody is affected, and the people of
/// the organisation, of whom there may be many, are not read.
pub(super) fn policy_change_by_settings(
    db: &Db,
    outbox: &Outbox,
    organisation: &Organisation,
    after: SignInPolicy,
) -> Result<(Effect, PolicyChange)> {
    if organisation.sign_in_policy() == after {
        return Ok(change_for(&[], outbox, organisation, after));
    }
    policy_change(db, outbox, organisation, after)
}

/// As `policy_change`, for people who were read already.
pub(super) fn change_for(
    people: &[Affected],
    outbox: &Outbox,
    organisation: &Organisation,
    after: SignInPolicy,
) -> (Effect, PolicyChange) {
    let before = organisation.sign_in_policy();
    let mut effect = Effect::of(before, after, people);
    let need_link: Vec<_> = people.iter().filter(|person| person.wants_link(before, after)).collect();
    if before.sso_available() && !after.sso_available() {
        if before.connection != ConnectionStatus::None {
            effect.warnings.push(phrase!("warning-connection-inactive"));
        }
        if before.saml_only {
            effect.warnings.push(phrase!("warning-saml-only-off"));
        }
    }
    if !need_link.is_empty() {
        effect.warnings.push(warning_about_links(&need_link, outbox.is_open()));
    }
    if after.mode == AuthMode::Saml && after.saml() != SamlAccess::Yes {
        effect.warnings.push(phrase!("warning-only-admins"));
    }
    let need_link = need_link.into_iter().map(|person| person.user.clone()).collect();
    let change = PolicyChange { outbox: outbox.clone(), organisation: organisation.id.clone(), before, need_link };
    (effect, change)
}

/// A warning about people who need a link to set a password. `mailed`: true if they are sent one.
fn warning_about_links(need_link: &[&Affected], mailed: bool) -> Phrase {
    let unconfirmed = need_link.iter().any(|person| person.after.is_some_and(|standing| !standing.password_agreed));
    let (email, count) = (need_link.first().map_or("", |person| person.email.as_str()), need_link.len());
    match (mailed, unconfirmed) {
        (true, _) => phrase!("warning-links-mailed", count = count, email = email),
        (false, false) => phrase!("warning-links-wanted", count = count, email = email),
        (false, true) => phrase!("warning-links-and-invitations-wanted", count = count, email = email),
    }
}

impl PolicyChange {
    /// Notifies the organisation's admins if SAML-only is turned on or off, and mails a link to set a password to
    /// everybody who loses access because they have none. The new sign-in policy must be stored already; the grants
    /// that it no longer allows end with the transaction.
    pub fn apply(&self, tx: &Tx, author: &Author) -> Result<()> {
        let organisation = tx.organisation(self.organisation.as_str())?;
        self.outbox.tell_of_saml_only(tx, author, &organisation, self.before)?;
        if !self.outbox.is_open() {
            return Ok(());
        }
        let place = Place::of(&organisation.id);
        for user in &self.need_link {
            let letter = |url, until| letters::sso_left(&organisation.name, url, until);
            self.outbox.mail_password_link(tx, &tx.user(user)?, letter, place.clone())?;
        }
        Ok(())
    }
}
