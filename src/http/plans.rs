//! Plans.
#![allow(clippy::option_option)] // absent, null and a number are three things

use super::blocking::blocking;
use super::body::Body;
use super::guard::Operator;
use crate::actions::Run;
use crate::actions::plans::{PlanChange, change_plan};
use crate::app::App;
use crate::domain::access::{AuthMode, Effect};
use crate::domain::{Listing, Name, Page, Result};
use crate::store::PlanUse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Deserializer};
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
pub async fn list_plans(app: Data<App>, _operator: Operator, page: Page) -> Result<Json<Listing<Value>>> {
    let plans = blocking(&app, |app| app.store.read(|db| db.plans())).await?;
    Ok(Json(page.part_of(plans, |used| used.plan.id.clone()).map(|used| view(&used))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    name: Option<String>,
    auth_mode: Option<String>,
    #[serde(default, deserialize_with = "given")]
    max_members: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    max_workspaces: Option<Option<i64>>,
}

/// A null that is there is not the same as a field that is not.
fn given<'de, D: Deserializer<'de>>(value: D) -> std::result::Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// `PATCH /api/v1/plans/{plan}`: for operators; answers with the effect on all organisations on it.
pub async fn update_plan(
    app: Data<App>,
    operator: Operator,
    path: Path<String>,
    run: Run,
    body: Body<Changed>,
) -> Result<Json<Effect>> {
    blocking(&app, move |app| {
        let Changed { name, auth_mode, max_members, max_workspaces } = body.read()?;
        let name = name.map(|name| Name::parse("name", &name)).transpose()?;
        let auth_mode = auth_mode.map(|mode| AuthMode::parse(&mode)).transpose()?;
        let change = PlanChange { name, auth_mode, max_members, max_workspaces };
        change_plan(app, &operator.caller, path.into_inner(), change, run)
    })
    .await
    .map(Json)
}
