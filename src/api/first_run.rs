//! The first minute of an empty appliance.

use super::plans::PlanView;
use serde::Serialize;
use utoipa::ToSchema;

/// The choices of the first person.
#[derive(Serialize, ToSchema)]
pub struct InspectedSetUp {
    pub(crate) plans: Vec<PlanView>,
}
