//! Authorizations: what a client may learn about a person, because the person signed in at it.

use super::Timestamp;
use super::application::Hosted;
use super::forward_auth::Identity;
use super::ids::{ApplicationId, OrganisationId, SessionId, UserId};
use super::method::Method;
use super::oidc_request::WantedClaims;
use super::seal::secret;

/// How long a code works, in seconds.
pub const CODE_SECS: i64 = 60;
/// How long a refresh token works without being used, in seconds.
pub const REFRESH_IDLE_SECS: i64 = 30 * 24 * 3600;
/// How long the refresh tokens of one authorization work at most, in seconds.
pub const REFRESH_SECS: i64 = 90 * 24 * 3600;

/// A new refresh token of an authorization. It contains the id of its authorization, so that a used token is recognised
/// although nothing of it is stored any longer. Only the refresh tokens of an authorization reveal its id.
pub fn refresh_token(authorization: &str) -> String {
    format!("{authorization}.{}", secret())
}

/// The id of the authorization that a refresh token contains; `None` for tokens of earlier versions, and for other texts.
pub fn authorization_of(token: &str) -> Option<&str> {
    let (authorization, own) = token.split_once('.')?;
    let is_hex = |text: &str, digits| text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
    (is_hex(authorization, 32) && is_hex(own, 64)).then_some(authorization)
}

/// An authorization. Its code, access tokens and refresh tokens end with it.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// Its id.
    pub id: String,
    /// The id by which the client knows the session.
    pub sid: String,
    /// The client.
    pub application: ApplicationId,
    /// The client's organisation.
    pub organisation: OrganisationId,
    /// The person.
    pub user: UserId,
    /// The session in which the person signed in; `None` once it has expired.
    pub session: Option<SessionId>,
    /// The scopes.
    pub scope: String,
    /// The claims that were asked for by name.
    pub claims: WantedClaims,
    /// The value of the request for the ID token.
    pub nonce: Option<String>,
    /// How the person signed in.
    pub method: Method,
    /// When they signed in.
    pub auth_at: Timestamp,
    /// When the sign-in ends, if the identity provider said so.
    pub ends_at: Option<Timestamp>,
    /// True if it outlives the session, with refresh tokens.
    pub offline: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a refresh token was last used.
    pub used_at: Timestamp,
}

impl Authorization {
    /// True if its refresh tokens have not expired.
    pub fn is_refreshable(&self, now: Timestamp) -> bool {
        let lives = now < self.used_at.plus(REFRESH_IDLE_SECS) && now < self.created_at.plus(REFRESH_SECS);
        self.offline && lives && self.ends_at.is_none_or(|at| now < at)
    }
}

/// The code of an authorization, and what its request said.
#[derive(Debug, Clone)]
pub struct Code {
    /// The authorization.
    pub authorization: Authorization,
    /// The redirect URI of the request.
    pub redirect_uri: String,
    /// The digest of the PKCE verifier.
    pub challenge: Option<String>,
    /// When it expires.
    pub expires_at: Timestamp,
    /// True if it has been used.
    pub used: bool,
}

/// The person of an authorization that stands now.
#[derive(Debug)]
pub struct Subject {
    /// The person as the application sees them.
    pub identity: Identity,
    /// The application.
    pub hosted: Hosted,
    /// True if the person is known to receive e-mail at their address.
    pub email_verified: bool,
}

/// A token that a client presented.
#[derive(Debug)]
pub struct Presented {
    /// Its authorization.
    pub authorization: Authorization,
    /// The scopes.
    pub scope: String,
    /// When it expires.
    pub expires_at: Timestamp,
}
