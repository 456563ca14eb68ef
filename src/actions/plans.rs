//! Plans, and which of them an organisation is on.

use super::dry_run::{door_change, switch};
use super::mail::Outbox;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::access::{AuthMode, Door, Effect};
use crate::domain::audit::Event;
use crate::domain::ids::OrganisationId;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::plan::{LimitChanges, PlanLimit, PlanUse};
use crate::domain::{Error, Name, Plan, Result};
use crate::store::Db;

/// All plans, and how many are on each.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(app: &App) -> Result<Vec<PlanUse>> {
    app.store.read(|db| db.plans())
}

/// Checks that there is a plan of this id.
///
/// # Errors
/// `Invalid` with field `plan`.
pub fn known(app: &App, plan: &str) -> Result<()> {
    app.store.read(|db| db.plan(plan).map(drop))
}

/// Puts an organisation on another plan. Leaving SSO keeps its connection, asleep, with SAML-only off.
///
/// # Errors
/// `Invalid` with field `plan`.
pub fn switch_plan(app: &App, caller: &Caller, organisation: &Organisation, plan: String, run: Run) -> Result<Effect> {
    let (author, id, outbox) = (caller.author.clone(), organisation.id.clone(), Outbox::of(app));
    let planned = move |db: &Db| {
        let organisation = db.organisation(id.as_str())?;
        let plan = db.plan(&plan)?;
        let after = on_plan(&plan, &organisation);
        let (mut effect, change) = door_change(db, &outbox, &organisation, after)?;
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

/// How much an organisation has of what this limits; `None` where it limits what is done in a day.
fn taken(db: &Db, limit: PlanLimit, organisation: &OrganisationId) -> Result<Option<i64>> {
    match limit {
        PlanLimit::Members => db.count_people(organisation).map(Some),
        PlanLimit::Workspaces => db.count_workspaces(organisation).map(Some),
        PlanLimit::MailsPerDay => Ok(None),
    }
}

/// Whatever an organisation has more of than this plan allows.
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

/// An organisation's door on this plan: leaving SSO turns SAML-only off.
fn on_plan(plan: &Plan, organisation: &Organisation) -> Door {
    let door = Door { mode: plan.auth_mode, ..organisation.door() };
    Door { saml_only: door.saml_only && door.sso_available(), ..door }
}

/// Changes to a plan; `None` stays unchanged.
#[derive(Debug, Clone, Default)]
pub struct PlanChange {
    /// Its display name.
    pub name: Option<Name>,
    /// How its organisations may sign in.
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

/// Changes a plan, with all organisations on it at once. The effect joins theirs.
///
/// # Errors
/// `NotFound`; `Invalid` with the field that cannot be taken.
pub fn change_plan(app: &App, caller: &Caller, plan: String, change: PlanChange, run: Run) -> Result<Effect> {
    let (author, outbox) = (caller.author.clone(), Outbox::of(app));
    let planned = move |db: &Db| {
        let before = db.plan(&plan).map_err(|_| Error::NotFound(phrase!("plan-not-found")))?;
        let plan = change.of(before.clone())?;
        let mut effect = Effect::default();
        let mut doors = Vec::new();
        for organisation in db.organisations_on_plan(&plan.id)? {
            let after = on_plan(&plan, &organisation);
            let (mut its, change) = door_change(db, &outbox, &organisation, after)?;
            its.warnings.extend(over_limits(db, &plan, &organisation)?);
            effect = effect.and(its.in_organisation(&organisation.id, &organisation.name));
            doors.push((organisation, after.saml_only, change));
        }
        Ok((effect, (before, plan, doors)))
    };
    switch(app, caller, run, planned, move |tx, (before, plan, doors)| {
        if plan == before {
            return Ok(());
        }
        tx.set_plan(&plan)?;
        for (organisation, saml_only, change) in &doors {
            tx.set_saml_only(&organisation.id, *saml_only)?;
            change.apply(tx, &author)?;
        }
        let event = Event::new("plan.changed", "plan", &plan.id, &plan.name);
        author.log(tx, &event.with(serde_json::json!({ "from": before, "to": plan })))
    })
}
