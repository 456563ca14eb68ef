//! Requiring SAML for everyone in an organisation, and the recovery codes for it.

use super::dry_run::{PolicyChange, change_for, switch, with_applications};
use super::mail::Outbox;
use super::some_of::some_of;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::access::{Affected, AuthMode, ConnectionStatus, Effect, SignInPolicy};
use crate::domain::audit::Event;
use crate::domain::method::Method;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::principal::{Claim, Principal};
use crate::domain::recovery::new_codes;
use crate::domain::{Error, Result};
use crate::store::Db;

/// Turns SAML-only on or off. Turning it on returns ten new recovery codes, which cannot be shown again.
///
/// # Errors
/// `Forbidden` with code `plan_required`, or `saml_grant_required` when the caller turns it on without having signed in
/// through SAML; `Conflict` with code `not_ready` before the test sign-in, or `saml_only_on` when the plan requires
/// SAML.
pub fn set_saml_only(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    on: bool,
    run: Run,
) -> Result<(Effect, Option<Vec<String>>)> {
    switch_to(app, caller, organisation, on, Proof::Required, run)
}

/// The effect of turning SAML-only on, for operators, who cannot turn it on.
///
/// # Errors
/// The errors of `set_saml_only`, except `saml_grant_required`.
pub fn preview(app: &App, caller: &Caller, organisation: &Organisation) -> Result<Effect> {
    switch_to(app, caller, organisation, true, Proof::Waived, Run::Dry { skip: 0 }).map(|(effect, _)| effect)
}

/// The effect that turning SAML-only on would have, and the refusal that the caller would get now, if any. Before the
/// connection is ready, the effect is that of a ready connection.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn foresee(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    skip: usize,
) -> Result<(Effect, Option<Error>)> {
    let (claim, outbox) = (caller.claim.clone(), Outbox::of(app));
    app.read(&caller.claim, |db| {
        let organisation = db.organisation(organisation.id.as_str())?;
        let allowed = switchable(&organisation, true)
            .and_then(|()| holds(db, &claim, &organisation, &[Method::Saml], phrase!("saml-sign-in-first")));
        let obstacle = match allowed {
            Ok(()) => None,
            Err(refusal @ (Error::Forbidden { .. } | Error::Conflict { .. })) => Some(refusal),
            Err(fault) => return Err(fault),
        };
        let ready = SignInPolicy { connection: ConnectionStatus::Ready, ..organisation.sign_in_policy() };
        let (effect, _) = effect_of(db, &outbox, &organisation, SignInPolicy { saml_only: true, ..ready })?;
        Ok((effect.part(skip), obstacle))
    })
}

/// The effect of a policy with another value of SAML-only, with the warnings about it.
fn effect_of(
    db: &Db,
    outbox: &Outbox,
    organisation: &Organisation,
    after: SignInPolicy,
) -> Result<(Effect, PolicyChange)> {
    let people = db.affected(&organisation.id)?;
    let (effect, change) = change_for(&people, outbox, organisation, after);
    let mut effect = with_applications(db, organisation, &people, effect, after)?;
    match (after.saml_only, organisation.sign_in_policy().enforced()) {
        (true, false) => effect.warnings.extend(warnings(&people)),
        (true, true) => effect.warnings.extend(already_on(&people)),
        (false, false) => effect.warnings.push(phrase!("warning-saml-only-off-already")),
        (false, true) => {}
    }
    Ok((effect, change))
}

fn switch_to(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    on: bool,
    proof: Proof,
    run: Run,
) -> Result<(Effect, Option<Vec<String>>)> {
    let claim = caller.claim.clone();
    let codes = (on && run == Run::Real).then(new_codes);
    let (author, id, kept) = (caller.author.clone(), organisation.id.clone(), codes.clone());
    let outbox = Outbox::of(app);
    let planned = move |db: &Db| {
        let organisation = db.organisation(id.as_str())?;
        if on && proof == Proof::Required {
            let advice = phrase!("saml-sign-in-first");
            holds(db, &claim, &organisation, &[Method::Saml], advice)?;
        }
        switchable(&organisation, on)?;
        let after = SignInPolicy { saml_only: on, ..organisation.sign_in_policy() };
        let (effect, change) = effect_of(db, &outbox, &organisation, after)?;
        Ok((effect, (organisation, change)))
    };
    let effect = switch(app, caller, run, planned, move |tx, (organisation, change)| {
        tx.set_saml_only(&organisation.id, on)?;
        change.apply(tx, &author)?;
        if let Some(codes) = &kept {
            tx.set_recovery_codes(&organisation.id, codes)?;
        }
        let action = if on { "connection.saml_only_on" } else { "connection.saml_only_off" };
        let event = Event::new(action, "connection", &organisation.id, &organisation.name);
        author.log(tx, &event.within(&organisation.id))
    })?;
    Ok((effect, codes))
}

/// Whether the caller must have signed in through SAML.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    Required,
    Waived,
}

fn switchable(organisation: &Organisation, on: bool) -> Result<()> {
    organisation.sso_in_plan()?;
    if organisation.connection_status != ConnectionStatus::Ready {
        let message = if on || organisation.saml_only { phrase!("not-ready") } else { phrase!("saml-only-not-on") };
        return Err(Error::conflict("not_ready", message));
    }
    if !on && organisation.plan.auth_mode == AuthMode::Saml {
        return Err(Error::conflict("saml_only_on", phrase!("plan-only-saml")));
    }
    Ok(())
}

/// Warnings if SAML is required already: about people who have not signed in through SAML yet, and admins who could not
/// use a recovery code.
fn already_on(people: &[Affected]) -> Vec<Phrase> {
    let mut warnings = vec![phrase!("warning-saml-only-already")];
    let unproved: Vec<_> = people.iter().filter(|one| !one.disabled && !one.proved_saml).collect();
    if !unproved.is_empty() {
        let names: Vec<_> = unproved.iter().map(|person| person.email.to_string()).collect();
        warnings.push(phrase!("warning-not-through-saml-yet", count = names.len(), people = some_of(&names)));
    }
    warnings.extend(without_password(people));
    warnings
}

/// Warnings before SAML is required.
fn warnings(people: &[Affected]) -> Vec<Phrase> {
    let unknown = phrase!("warning-unknown-locked-out");
    [unknown].into_iter().chain(without_password(people)).collect()
}

/// Names the admins who could not use a recovery code.
fn without_password(people: &[Affected]) -> Option<Phrase> {
    let without = |person: &&Affected| {
        person.before.admin && !person.disabled && !(person.has_password && person.before.password_agreed)
    };
    let admins: Vec<_> = people.iter().filter(without).map(|person| person.email.as_str()).collect();
    (!admins.is_empty()).then(|| phrase!("warning-admins-without-password", admins = Phrase::list(admins)))
}

/// Checks that the caller's session has access to the organisation now, by one of these methods.
fn holds(db: &Db, claim: &Claim, organisation: &Organisation, methods: &[Method], advice: Phrase) -> Result<()> {
    let held = match &claim.principal {
        Principal::Session(..) => db.asking(claim)?.person().is_some_and(|person| {
            let seat = person.open_seat(&organisation.id);
            seat.is_some_and(|seat| person.methods(seat).any(|method| methods.contains(&method)))
        }),
        _ => false,
    };
    if held {
        return Ok(());
    }
    Err(Error::Forbidden { code: "saml_grant_required", message: advice })
}

/// Makes ten new recovery codes; the old ones stop working.
///
/// # Errors
/// `Forbidden` with code `saml_grant_required` without a SAML or recovery grant.
pub fn new_recovery_codes(app: &App, caller: &Caller, organisation: &Organisation) -> Result<Vec<String>> {
    let claim = caller.claim.clone();
    let codes = new_codes();
    let (author, organisation, kept) = (caller.author.clone(), organisation.clone(), codes.clone());
    app.write(&caller.claim, move |tx| {
        let advice = phrase!("saml-or-recovery-sign-in-first");
        holds(tx, &claim, &organisation, &[Method::Saml, Method::Recovery], advice)?;
        tx.set_recovery_codes(&organisation.id, &kept)?;
        let event = Event::new("recovery.codes_made", "connection", &organisation.id, &organisation.name);
        author.log(tx, &event.within(&organisation.id))
    })?;
    Ok(codes)
}
