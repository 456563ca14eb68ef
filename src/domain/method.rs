//! The ways to sign in.

use serde::Serialize;

/// The method by which a grant was obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By the person's password.
    Password,
    /// By the organisation's identity provider.
    Saml,
    /// By password and a recovery code.
    Recovery,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 3] = [Self::Password, Self::Saml, Self::Recovery];
}
