//! A person's own account.

use crate::domain::Email;
use serde::Serialize;
use utoipa::ToSchema;

/// An answer that only confirms that it is done.
#[derive(Serialize, ToSchema)]
pub struct Nothing {}

/// True if links are sent by mail here; the same for every address.
#[derive(Serialize, ToSchema)]
pub struct ResetRequested {
    pub(crate) mail_server: bool,
}

/// A link that sets a password: on its way by mail, or here where no mail is sent.
#[derive(Serialize, ToSchema)]
pub struct ResetLink {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mailed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reset_url: Option<String>,
}

/// The person whose password a link sets.
#[derive(Serialize, ToSchema)]
pub struct InspectedReset {
    pub(crate) email: Email,
    /// True if the link makes its person an operator: it takes their current password, and sets none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(crate) confirms_operator: bool,
    /// The page to open after signing in, if the person was on the way to one: a path on this site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) r#return: Option<String>,
}
