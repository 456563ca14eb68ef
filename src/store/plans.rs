//! Plans.

use super::engine::Row;
use super::rows::word;
use super::{Db, Tx};
use crate::domain::access::AuthMode;
use crate::domain::phrase::phrase;
use crate::domain::plan::PlanUse;
use crate::domain::{Error, Plan, Result};
use serde_json::json;

/// The columns of a plan `p`, as `plan_from_row` reads them.
macro_rules! plan_columns {
    () => {
        "p.id AS plan_id, p.name AS plan_name, p.auth_mode, p.limits"
    };
}
pub(super) use plan_columns;

const PLAN: &str = plan_columns!();

pub(super) fn plan_from_row(row: &Row) -> Result<Plan> {
    Ok(Plan {
        id: row.get("plan_id")?,
        name: row.get("plan_name")?,
        auth_mode: word(row, "auth_mode", |text| AuthMode::parse(text).ok())?,
        limits: word(row, "limits", |json| serde_json::from_str(json).ok())?,
    })
}

impl Db<'_> {
    /// All plans, smallest first.
    pub fn plans(&self) -> Result<Vec<PlanUse>> {
        let sql = format!(
            "SELECT {PLAN},
                (SELECT count(*) FROM organisations o WHERE o.plan_id = p.id) AS organisations,
                (SELECT count(*) FROM organisations o JOIN people m ON m.organisation_id = o.id WHERE o.plan_id = p.id) AS people
             FROM plans p ORDER BY p.position"
        );
        self.all(&sql, (), |row| {
            Ok(PlanUse {
                plan: plan_from_row(row)?,
                organisations: row.get("organisations")?,
                people: row.get("people")?,
            })
        })
    }

    /// The plan with this id.
    ///
    /// # Errors
    /// `Invalid` with field `plan` when there is no such plan.
    pub fn plan(&self, id: &str) -> Result<Plan> {
        let plan = self.one(&format!("SELECT {PLAN} FROM plans p WHERE p.id = ?1"), [id], plan_from_row)?;
        plan.ok_or_else(|| Error::invalid("plan", phrase!("field-plan")))
    }
}

impl Tx<'_> {
    /// Changes a plan's name, auth mode and limits.
    pub fn set_plan(&self, plan: &Plan) -> Result<()> {
        self.organisations_on_plan(&plan.id)?.iter().try_for_each(|organisation| self.note_policy(&organisation.id))?;
        self.run(
            "UPDATE plans SET name = ?2, auth_mode = ?3, limits = ?4 WHERE id = ?1",
            (&plan.id, &plan.name, plan.auth_mode.as_str(), json!(plan.limits).to_string()),
        )
        .map(drop)
    }
}
