//! Plans.

use super::blocking::blocking;
use super::guard::Operator;
use crate::app::App;
use crate::domain::Result;
use crate::store::PlanUse;
use actix_web::web::{Data, Json};
use serde_json::{Value, json};

/// A plan, and how many are on it.
pub fn view(used: &PlanUse) -> Value {
    json!({
        "id": used.plan.id,
        "name": used.plan.name,
        "auth_mode": used.plan.auth_mode,
        "max_members": used.plan.max_members,
        "max_workspaces": used.plan.max_workspaces,
        "organisations": used.organisations,
        "people": used.people,
    })
}

/// `GET /api/v1/plans`: for operators.
pub async fn list_plans(app: Data<App>, _operator: Operator) -> Result<Json<Value>> {
    let plans = blocking(&app, |app| app.store.read(|db| db.plans())).await?;
    let items: Vec<_> = plans.iter().map(view).collect();
    Ok(Json(json!({ "items": items, "next": null })))
}
