//! Plans.

use crate::domain::Plan;
use crate::domain::access::AuthMode;
use crate::domain::plan::{PlanLimit, PlanLimits, PlanUse};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

mirror! {
    /// A plan.
    #[schema(as = Plan)]
    PlanView of Plan {
        /// The first plans are `starter`, `business` and `enterprise`.
        id: String,
        /// The plan's display name.
        name: String,
        /// How members of its organisations may sign in.
        auth_mode: AuthMode,
        #[serde(flatten)]
        #[schema(inline)]
        limits: LimitsView,
    }
}

/// The limits of a plan.
#[derive(Serialize)]
pub struct LimitsView(PlanLimits);

impl From<PlanLimits> for LimitsView {
    fn from(limits: PlanLimits) -> Self {
        Self(limits)
    }
}

impl PartialSchema for LimitsView {
    fn schema() -> RefOr<Schema> {
        PlanLimit::ALL.into_iter().fold(limits_schema(), |object, limit| object.required(limit.as_str())).into()
    }
}

impl ToSchema for LimitsView {}

/// An object with a field for each limit.
pub fn limits_schema() -> ObjectBuilder {
    PlanLimit::ALL.into_iter().fold(ObjectBuilder::new(), |object, limit| {
        let number = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(1))
            .description(Some(format!("{}; null means no limit.", limit.description())));
        object.property(limit.as_str(), number)
    })
}

/// A plan, and the number of organisations on it.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanUse)]
pub struct PlanUseView {
    #[serde(flatten)]
    #[schema(inline)]
    plan: PlanView,
    organisations: i64,
    people: i64,
}

impl From<PlanUse> for PlanUseView {
    fn from(used: PlanUse) -> Self {
        let PlanUse { plan, organisations, people } = used;
        Self { plan: plan.into(), organisations, people }
    }
}
