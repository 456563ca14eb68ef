//! Organisation admins.

use crate::domain::Email;
use crate::domain::ids::UserId;
use crate::domain::person::User;
use serde::Serialize;
use utoipa::ToSchema;

/// An organisation admin.
#[derive(Serialize, ToSchema)]
#[schema(as = OrganisationAdmin)]
pub struct AdminView {
    user: UserId,
    name: String,
    email: Email,
    /// True if an operator has disabled them.
    disabled: bool,
}

impl From<User> for AdminView {
    fn from(user: User) -> Self {
        let disabled = user.is_disabled();
        Self { user: user.id, name: user.name, email: user.email, disabled }
    }
}
