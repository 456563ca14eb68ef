//! The first minute of an empty appliance.

use super::plans::PlanView;
use serde::Serialize;
use utoipa::ToSchema;

/// The values that the first person enters.
#[derive(Serialize, ToSchema)]
pub struct InspectedSetUp {
    pub(crate) plans: Vec<PlanView>,
}
