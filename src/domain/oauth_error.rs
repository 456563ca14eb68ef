//! The errors of OAuth and OpenID Connect, as applications receive them.

/// An error for an application. Its texts are for developers, and not translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OauthError {
    /// The code.
    pub code: &'static str,
    /// What was wrong.
    pub description: &'static str,
}

impl OauthError {
    /// An error with this code.
    pub const fn new(code: &'static str, description: &'static str) -> Self {
        Self { code, description }
    }

    /// A malformed request.
    pub const fn invalid_request(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }

    /// A code or a refresh token that cannot be used. The description does not say why: the sender may be an attacker.
    pub const fn invalid_grant() -> Self {
        Self::new("invalid_grant", "the code or the token is unknown, used, expired, or of another client or request")
    }

    /// A client that did not prove its identity.
    pub const fn invalid_client() -> Self {
        Self::new("invalid_client", "unknown client, wrong secret, or another method than the client's token_auth")
    }
}
