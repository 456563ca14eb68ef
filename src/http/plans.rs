//! Plans.
#![allow(clippy::option_option)] // absent, null and a number are three things

use super::answer::shown;
use super::blocking::{blocking, costly};
use super::body::{Body, given};
use super::guard::Operator;
use crate::actions::Run;
use crate::actions::plans::{self, PlanChange, change_plan, limit};
use crate::api::effect::EffectView;
use crate::api::page::Listing;
use crate::api::plans::PlanUseView;
use crate::app::App;
use crate::domain::access::AuthMode;
use crate::domain::{Name, Page, Result, Together};
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use utoipa::ToSchema;

/// `GET /api/v1/plans`: for operators.
#[utoipa::path(
    get, path = "/plans", tag = "Plans", summary = "List plans",
    params(Page),
    responses((status = 200, body = Listing<PlanUseView>)),
)]
pub async fn list_plans(app: Data<App>, _operator: Operator, page: Page) -> Result<Json<Listing<PlanUseView>>> {
    let plans = blocking(&app, plans::list).await?;
    Ok(Json(page.part_of(plans, |used| used.plan.id.clone()).into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanChange, example = json!({"auth_mode": "password_or_saml", "max_members": 50}))]
pub struct Changed {
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    #[schema(value_type = Option<AuthMode>)]
    auth_mode: Option<String>,
    /// Null means no limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    max_members: Option<Option<i64>>,
    /// Null means no limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    max_workspaces: Option<Option<i64>>,
    /// The most e-mails a day that people of an organisation may cause (invitations and reminders). Null means no limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    max_mails_per_day: Option<Option<i64>>,
}

/// `PATCH /api/v1/plans/{plan}`: for operators; answers with the effect on all organisations on it.
#[utoipa::path(
    patch, path = "/plans/{plan}", tag = "Plans", summary = "Change a plan",
    params(Run),
    request_body = Changed,
    responses((status = 200, body = EffectView), (status = 409)),
)]
pub async fn update_plan(
    app: Data<App>,
    operator: Operator,
    path: Path<String>,
    run: Run,
    body: Body<Changed>,
) -> Result<Json<EffectView>> {
    costly(&app, operator.caller, move |app, caller| {
        let Changed { name, auth_mode, max_members, max_workspaces, max_mails_per_day } = body.read()?;
        let (name, auth_mode, max_members, max_workspaces, max_mails_per_day) = (
            name.map(|name| Name::parse("name", &name)).transpose(),
            auth_mode.map(|mode| AuthMode::parse(&mode)).transpose(),
            limit("max_members", max_members),
            limit("max_workspaces", max_workspaces),
            limit("max_mails_per_day", max_mails_per_day),
        )
            .together()?;
        let change = PlanChange { name, auth_mode, max_members, max_workspaces, max_mails_per_day };
        change_plan(app, caller, path.into_inner(), change, run)
    })
    .await
    .map(shown)
}
