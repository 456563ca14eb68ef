//! Plans, and switching the plan of an organisation.

use super::dry_run::{policy_change, switch};
use super::mail::Outbox;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::access::{AuthMode, Effect, SignInPolicy};
use crate::domain::audit::Event;
use crate::domain::ids::OrganisationId;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::plan::{LimitChanges, PlanLimit, PlanUse};
use crate::domain::{Error, Name, Plan, Result};
use crate::store::Db;

/// All plans, with the number of organisations and people on each.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(app: &App) -> Result<Vec<PlanUse>> {
    app.store.read(|db| db.plans())
}

/// Checks that a plan of this id exists.
///
/// # Errors
/// `Invalid` with field `plan`.
pub fn known(app: &App, plan: &str) -> Result<()> {
    app.store.read(|db| db.plan(plan).map(drop))
}

/// Switches the plan of an organisation. If the new plan has no SSO, the connection is kept but inactive, and SAML-only
/// is turned off.
///
/// # Errors
/// `Invalid` with field `plan`.
pub fn switch_plan(app: &App, caller: &Caller, organisation: &Organisation, plan: String, run: Run) -> Result<Effect> {
    let (author, id, outbox) = (caller.author.clone(), organisation.id.clone(), Outbox::of(app));
    let planned = move |db: &Db| {
        let organisation = db.organisation(id.as_str())?;
        let plan = db.plan(&plan)?;
        let after = on_plan(&plan, &organisation);
        let (mut effect, change) = policy_change(db, &outbox, &organisation, after)?;
        effect.warnings.extend(over_limits(db, &plan, &organisation)?);
        Ok((effect, (organisation, plan, after, change)))
    };
    switch(app, caller, run, planned, move |tx, (organisation, plan, after, change)| {
        if plan.id == organisation.plan.id {
            return Ok(());
        }
        tx.set_organisation_plan(&organisation.id, &plan.id)?;
        tx.set_saml_only(&organisation.id, after.saml_only)?;
        change.apply(tx, &author)?;
        let event = Event::new("organisation.plan_switched", "organisation", &organisation.id, &organisation.name);
        let detail = serde_json::json!({ "from": organisation.plan.id, "to": plan.id });
        author.log(tx, &event.within(&organisation.id).with(detail))
    })
}

/// The number of people or workspaces in an organisation, whichever `limit` limits; `None` for a limit per day.
fn taken(db: &Db, limit: PlanLimit, organisation: &OrganisationId) -> Result<Option<i64>> {
    match limit {
        PlanLimit::Members => db.count_people(organisation).map(Some),
        PlanLimit::Workspaces => db.count_workspaces(organisation).map(Some),
        PlanLimit::MailsPerDay => Ok(None),
    }
}

/// A warning for each limit of this plan that the organisation exceeds.
fn over_limits(db: &Db, plan: &Plan, organisation: &Organisation) -> Result<Vec<Phrase>> {
    let mut warnings = Vec::new();
    for limit in PlanLimit::ALL {
        let Some((most, count)) = plan.limits.most(limit).zip(taken(db, limit, &organisation.id)?) else { continue };
        if count > most {
            let (what, plan) = (limit.as_str(), &plan.name);
            warnings.push(phrase!("warning-over-limit", what = what, count = count, plan = plan, limit = most));
        }
    }
    Ok(warnings)
}

/// An organisation's sign-in policy on this plan: SAML-only is turned off if the plan has no SSO.
fn on_plan(plan: &Plan, organisation: &Organisation) -> SignInPolicy {
    let policy = SignInPolicy { mode: plan.auth_mode, ..organisation.sign_in_policy() };
    SignInPolicy { saml_only: policy.saml_only && policy.sso_available(), ..policy }
}

/// Changes to a plan; `None` leaves a value unchanged.
#[derive(Debug, Clone, Default)]
pub struct PlanChange {
    /// Its display name.
    pub name: Option<Name>,
    /// How members of its organisations may sign in.
    pub auth_mode: Option<AuthMode>,
    /// Its limits.
    pub limits: LimitChanges,
}

impl PlanChange {
    fn of(self, plan: Plan) -> Result<Plan> {
        Ok(Plan {
            name: self.name.map_or(plan.name, |name| name.to_string()),
            auth_mode: self.auth_mode.unwrap_or(plan.auth_mode),
            limits: plan.limits.with(self.limits)?,
            id: plan.id,
        })
    }
}

/// Changes a plan, and with it all organisations on it. The effect covers all of them.
///
/// # Errors
/// `NotFound`; `Invalid` with the field that is not valid.
pub fn change_plan(app: &App, caller: &Caller, plan: String, change: PlanChange, run: Run) -> Result<Effect> {
    let (author, outbox) = (caller.author.clone(), Outbox::of(app));
    let planned = move |db: &Db| {
        let before = db.plan(&plan).map_err(|_| Error::NotFound(phrase!("plan-not-found")))?;
        let plan = change.of(before.clone())?;
        let mut effect = Effect::default();
        let mut changes = Vec::new();
        for organisation in db.organisations_on_plan(&plan.id)? {
            let after = on_plan(&plan, &organisation);
            let (mut own_effect, change) = policy_change(db, &outbox, &organisation, after)?;
            own_effect.warnings.extend(over_limits(db, &plan, &organisation)?);
            effect = effect.and(own_effect.in_organisation(&organisation.id, &organisation.name));
            changes.push((organisation, after.saml_only, change));
        }
        Ok((effect, (before, plan, changes)))
    };
    switch(app, caller, run, planned, move |tx, (before, plan, changes)| {
        if plan == before {
            return Ok(());
        }
        tx.set_plan(&plan)?;
        for (organisation, saml_only, change) in &changes {
            tx.set_saml_only(&organisation.id, *saml_only)?;
            change.apply(tx, &author)?;
        }
        let event = Event::new("plan.changed", "plan", &plan.id, &plan.name);
        author.log(tx, &event.with(serde_json::json!({ "from": before, "to": plan })))
    })
}
