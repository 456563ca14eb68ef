//! A person's own account.

use super::effect::EffectView;
use crate::domain::Email;
use serde::Serialize;
use utoipa::ToSchema;

/// An answer that only confirms success.
#[derive(Serialize, ToSchema)]
pub struct Nothing {}

/// True if links are sent by e-mail here. The answer is the same for every address.
#[derive(Serialize, ToSchema)]
pub struct ResetRequested {
    pub(crate) mail_server: bool,
}

/// A link that sets a password: sent by e-mail, or in this answer if there is no mail server.
#[derive(Serialize, ToSchema)]
pub struct ResetLink {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mailed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reset_url: Option<String>,
    /// In a dry run, or if there is something to know about the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effect: Option<EffectView>,
}

/// The person whose password a link sets.
#[derive(Serialize, ToSchema)]
#[allow(clippy::struct_excessive_bools)] // independent properties
pub struct InspectedReset {
    pub(crate) email: Email,
    /// True if the link makes the person an operator: it asks for their current password and sets none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(crate) confirms_operator: bool,
    /// The page on this site to open after signing in, if the person asked for one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) r#return: Option<String>,
    /// True if the person has no password yet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(crate) first: bool,
    /// True if the password currently gives access to nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(crate) opens_nothing: bool,
    /// The person's organisations that do not accept the password, but single sign-on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) sso_only: Vec<SsoOnlyOrganisation>,
    /// True if the password is accepted only with a recovery code.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(crate) with_code: bool,
}

/// An organisation to which a person has access through single sign-on only.
#[derive(Serialize, ToSchema)]
pub struct SsoOnlyOrganisation {
    pub(crate) organisation: String,
    #[schema(example = "https://access.example.com/sso?key=acme")]
    pub(crate) portal_url: String,
    /// True if the organisation does not require single sign-on: it does not accept the password because the person
    /// joined through SAML, and the link was not sent by e-mail.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(crate) unconfirmed: bool,
}
