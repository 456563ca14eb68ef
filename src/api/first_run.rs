//! The set-up of an empty appliance.

use super::plans::PlanView;
use serde::Serialize;
use utoipa::ToSchema;

/// The plans to choose from in the set-up.
#[derive(Serialize, ToSchema)]
pub struct InspectedSetUp {
    pub(crate) plans: Vec<PlanView>,
}
