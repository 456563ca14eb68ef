//! Plans.

use super::answer::shown;
use super::blocking::{blocking, costly};
use super::body::{Body, whole};
use super::guard::Operator;
use crate::actions::Run;
use crate::actions::plans::{self, PlanChange, change_plan};
use crate::api::effect::EffectView;
use crate::api::page::Listing;
use crate::api::plans::{PlanUseView, limits_schema};
use crate::app::App;
use crate::domain::access::AuthMode;
use crate::domain::phrase::phrase;
use crate::domain::plan::{LimitChanges, PlanLimit};
use crate::domain::{Error, Name, Page, Result, Together};
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, Schema};
use utoipa::{PartialSchema, ToSchema};

/// `GET /api/v1/plans`: for operators.
#[utoipa::path(
    get, path = "/plans", tag = "Plans", summary = "List plans",
    params(Page),
    responses((status = 200, body = Listing<PlanUseView>)),
)]
pub async fn list_plans(app: Data<App>, _operator: Operator, page: Page) -> Result<Json<Listing<PlanUseView>>> {
    let plans = blocking(&app, plans::list).await?;
    // Plans are never deleted, so that their places do not change.
    let listing = page.part_of(plans.into_iter().enumerate().collect(), |(place, _)| *place)?;
    Ok(Json(listing.map(|(_, used)| used).into()))
}

#[derive(Deserialize, ToSchema)]
#[schema(as = PlanChange, example = json!({"auth_mode": "password_or_saml", "max_members": 50}))]
pub struct Changed {
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    #[schema(value_type = Option<AuthMode>)]
    auth_mode: Option<String>,
    #[serde(flatten)]
    #[schema(value_type = LimitFields, inline)]
    others: Map<String, Value>,
}

/// A schema with a field for each limit, and no others.
struct LimitFields;

impl PartialSchema for LimitFields {
    fn schema() -> RefOr<Schema> {
        limits_schema().additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false))).into()
    }
}

impl ToSchema for LimitFields {}

/// Reads the limits from the other fields of a body, and refuses unknown fields. serde cannot refuse those beside
/// `flatten`.
fn limits(mut fields: Map<String, Value>) -> Result<LimitChanges> {
    let given = PlanLimit::ALL.into_iter().filter_map(|limit| Some((limit, fields.remove(limit.as_str())?)));
    let read = |(limit, value): (PlanLimit, Value)| {
        let most = whole(value).map_err(|_| Error::invalid(limit.as_str(), phrase!("field-wrong-type")));
        most.and_then(|most| limit.checked(most))
    };
    let mut outcomes: Vec<_> = given.map(read).collect();
    outcomes.extend(fields.keys().map(|unknown| Err(Error::invalid(unknown, phrase!("field-unknown")))));
    Ok(outcomes.together()?.into_iter().collect())
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
        let Changed { name, auth_mode, others } = body.read()?;
        let (name, auth_mode, limits) = (
            name.map(|name| Name::parse("name", &name)).transpose(),
            auth_mode.map(|mode| AuthMode::parse(&mode)).transpose(),
            limits(others),
        )
            .together()?;
        let change = PlanChange { name, auth_mode, limits };
        change_plan(app, caller, path.into_inner(), change, run)
    })
    .await
    .map(shown)
}
