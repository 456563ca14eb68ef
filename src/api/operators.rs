//! Operators.

use super::effect::EffectView;
use crate::domain::Email;
use crate::domain::ids::UserId;
use crate::domain::person::User;
use serde::Serialize;
use utoipa::ToSchema;

/// An operator.
#[derive(Serialize, ToSchema)]
#[schema(as = Operator)]
pub struct OperatorView {
    pub(crate) user: UserId,
    pub(crate) name: String,
    pub(crate) email: Email,
    /// True if they have a password; without one they cannot sign in as operator.
    pub(crate) password: bool,
    pub(crate) disabled: bool,
    /// True if they are not an operator yet, because they have not used their link.
    pub(crate) pending: bool,
    /// The link by which they set or confirm their password; only in the answer that adds them, and only without a mail
    /// server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) accept_url: Option<String>,
    /// The effect of adding them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effect: Option<EffectView>,
}

impl From<User> for OperatorView {
    fn from(user: User) -> Self {
        Self {
            password: user.password_hash.is_some(),
            disabled: user.is_disabled(),
            pending: !user.operator,
            user: user.id,
            name: user.name,
            email: user.email,
            accept_url: None,
            effect: None,
        }
    }
}
