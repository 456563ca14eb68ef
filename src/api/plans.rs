//! Plans.

use crate::domain::Plan;
use crate::domain::access::AuthMode;
use crate::domain::plan::PlanUse;
use serde::Serialize;
use utoipa::ToSchema;

mirror! {
    /// A plan.
    #[schema(as = Plan)]
    PlanView of Plan {
        /// At first `starter`, `business` or `enterprise`.
        id: String,
        /// Its display name.
        name: String,
        /// How members of its organisations may sign in.
        auth_mode: AuthMode,
        /// The most people that an organisation may have; null means no limit.
        max_members: Option<i64>,
        /// The most workspaces that an organisation may have; null means no limit.
        max_workspaces: Option<i64>,
        /// The most e-mails a day that its people may cause (invitations, reminders); null means no limit.
        max_mails_per_day: Option<i64>,
    }
}

/// A plan, and how many are on it.
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
