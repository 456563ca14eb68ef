//! Plans, and which of them an organisation is on.
#![allow(clippy::option_option)] // a limit may stay, go, or become a number

use super::dry_run::{door_change, switch};
use super::mail::Outbox;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::access::{AuthMode, Door, Effect};
use crate::domain::audit::Event;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::plan::PlanUse;
use crate::domain::{Error, Name, Plan, Result, Together};
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

/// Whatever an organisation has more of than this plan allows.
fn over_limits(db: &Db, plan: &Plan, organisation: &Organisation) -> Result<Vec<Phrase>> {
    let (people, workspaces) = (db.count_people(&organisation.id)?, db.count_workspaces(&organisation.id)?);
    let over = |count: i64, limit: Option<i64>| limit.filter(|limit| count > *limit);
    let people = over(people, plan.max_members)
        .map(|limit| phrase!("warning-people-over", count = people, plan = &plan.name, limit = limit));
    let workspaces = over(workspaces, plan.max_workspaces)
        .map(|limit| phrase!("warning-workspaces-over", count = workspaces, plan = &plan.name, limit = limit));
    Ok(people.into_iter().chain(workspaces).collect())
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
    /// People an organisation may have; `Some(None)` is unlimited.
    pub max_members: Option<Option<i64>>,
    /// Workspaces an organisation may have; `Some(None)` is unlimited.
    pub max_workspaces: Option<Option<i64>>,
    /// Letters that an organisation's people may cause in a day; `Some(None)` is unlimited.
    pub max_mails_per_day: Option<Option<i64>>,
}

/// A limit that a plan may have.
///
/// # Errors
/// `Invalid` with `field` where it is less than 1.
pub fn limit(field: &str, limit: Option<Option<i64>>) -> Result<Option<Option<i64>>> {
    if limit.flatten().is_some_and(|limit| limit < 1) {
        return Err(Error::invalid(field, phrase!("field-limit")));
    }
    Ok(limit)
}

impl PlanChange {
    fn of(&self, plan: Plan) -> Result<Plan> {
        (
            limit("max_members", self.max_members),
            limit("max_workspaces", self.max_workspaces),
            limit("max_mails_per_day", self.max_mails_per_day),
        )
            .together()?;
        Ok(Plan {
            name: self.name.as_ref().map_or(plan.name, ToString::to_string),
            auth_mode: self.auth_mode.unwrap_or(plan.auth_mode),
            max_members: self.max_members.unwrap_or(plan.max_members),
            max_workspaces: self.max_workspaces.unwrap_or(plan.max_workspaces),
            max_mails_per_day: self.max_mails_per_day.unwrap_or(plan.max_mails_per_day),
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
