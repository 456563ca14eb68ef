//! Plans.

use crate::domain::Plan;
use crate::domain::access::AuthMode;
use crate::store::PlanUse;
use serde::Serialize;
use utoipa::ToSchema;

mirror! {
    /// A plan.
    #[schema(as = Plan)]
    PlanView of Plan {
        /// `starter`, `business` or `enterprise` to begin with.
        id: String,
        /// Its display name.
        name: String,
        /// How its organisations may sign in.
        auth_mode: AuthMode,
        /// How many people an organisation may have; empty is unlimited.
        max_members: Option<i64>,
        /// How many workspaces; empty is unlimited.
        max_workspaces: Option<i64>,
        /// How many e-mails its people may cause in a day (invitations, reminders); empty is unlimited.
        max_mails_per_day: Option<i64>,
    }
}

/// A plan, and how many are on it.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanUse)]
pub struct PlanUseView {
    id: String,
    name: String,
    auth_mode: AuthMode,
    /// Null is unlimited.
    max_members: Option<i64>,
    /// Null is unlimited.
    max_workspaces: Option<i64>,
    /// E-mails that people of an organisation may cause in a day. Null is unlimited.
    max_mails_per_day: Option<i64>,
    organisations: i64,
    people: i64,
}

impl From<PlanUse> for PlanUseView {
    fn from(used: PlanUse) -> Self {
        let PlanUse { plan, organisations, people } = used;
        Self {
            id: plan.id,
            name: plan.name,
            auth_mode: plan.auth_mode,
            max_members: plan.max_members,
            max_workspaces: plan.max_workspaces,
            max_mails_per_day: plan.max_mails_per_day,
            organisations,
            people,
        }
    }
}
