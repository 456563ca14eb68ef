//! The answers of the OpenID Connect endpoints for clients.

use crate::actions::oidc::presented::Active;
use crate::actions::oidc::tokens::Tokens;
use serde::Serialize;

/// New tokens.
///
/// Source: RFC 6749 5.1; OpenID Connect Core 1.0, 3.1.3.3.
#[derive(Serialize)]
pub struct TokensView {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl From<Tokens> for TokensView {
    fn from(tokens: Tokens) -> Self {
        let Tokens { access_token, expires_in, id_token, refresh_token, scope } = tokens;
        Self { access_token, token_type: "Bearer", expires_in, scope, id_token, refresh_token }
    }
}

/// Whether a token is valid, and what it says.
///
/// Source: RFC 7662 2.2.
#[derive(Default, Serialize)]
pub struct ActiveTokenView {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}

impl From<Option<Active>> for ActiveTokenView {
    fn from(found: Option<Active>) -> Self {
        let Some(Active { sub, client_id, scope, exp, sid }) = found else { return Self::default() };
        Self {
            active: true,
            sub: Some(sub),
            client_id: Some(client_id),
            scope: Some(scope),
            exp: Some(exp.0),
            sid: Some(sid),
        }
    }
}
