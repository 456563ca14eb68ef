//! Which plan an organisation is on.

use super::effects::{door_change, end_closed_grants, switch};
use super::{Caller, Run};
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::{Door, Effect};
use crate::domain::audit::Event;
use crate::domain::organisation::Organisation;

/// Puts an organisation on another plan. Leaving SSO keeps its connection, asleep, with SAML-only off.
///
/// # Errors
/// `Invalid` with field `plan`.
pub fn switch_plan(app: &App, caller: &Caller, organisation: &Organisation, plan: String, run: Run) -> Result<Effect> {
    let (caller, id, now) = (caller.clone(), organisation.id.clone(), app.now());
    let planned = move |db: &crate::store::Db| {
        let organisation = db.organisation(id.as_str())?;
        let plan = db.plan(&plan)?;
        let before = organisation.door();
        let mut after = Door { mode: plan.auth_mode, ..before };
        after.saml_only &= after.sso_available();
        let mut effect = door_change(before, after, &db.affected(&organisation.id, now)?);
        let (people, workspaces) = (db.count_people(&organisation.id, now)?, db.count_workspaces(&organisation.id)?);
        for (room, what) in
            [(plan.room_for_member(people - 1), "People"), (plan.room_for_workspace(workspaces - 1), "Workspaces")]
        {
            if room.is_err() {
                effect
                    .warnings
                    .push(format!("{what} over the {} plan's limit stay; no new ones can be added.", plan.name));
            }
        }
        Ok((effect, (organisation, plan, after)))
    };
    switch(app, run, planned, move |tx, (organisation, plan, after)| {
        tx.set_organisation_plan(&organisation.id, &plan.id)?;
        if !after.saml_only {
            tx.set_saml_only(&organisation.id, false)?;
        }
        end_closed_grants(tx, &organisation.id, after)?;
        let event = Event::new("organisation.plan_switched", "organisation", &organisation.id, &organisation.name);
        let detail = serde_json::json!({ "from": organisation.plan.id, "to": plan.id });
        caller.log(tx, now, &event.within(&organisation.id).with(detail))
    })
}
