//! Tokens that are presented: for userinfo, introspection and revocation. Whether a token is valid is read from the
//! database at each request.

use super::client::{Outcome, Proof, authenticated};
use crate::app::App;
use crate::domain::authorization::{Authorization, REFRESH_IDLE_SECS, REFRESH_SECS};
use crate::domain::ids::ApplicationId;
use crate::domain::oauth_error::OauthError;
use crate::domain::oidc_claims::about;
use crate::domain::oidc_client::ClientType;
use crate::domain::oidc_request::has_scope;
use crate::domain::registered_client::RegisteredClient;
use crate::domain::{Result, Timestamp};
use crate::store::Db;
use serde_json::{Map, Value};

/// What an access token says about its person.
#[derive(Debug)]
pub struct UserInfo {
    /// The client's id.
    pub client: String,
    /// The claims; `None` if the scope of the token does not have `openid`.
    pub claims: Option<Map<String, Value>>,
}

/// The claims about the person of an access token; `None` if it is not valid.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn userinfo(app: &App, token: &str) -> Result<Option<UserInfo>> {
    app.store.read(|db| {
        let Some(found) = db.find_access_token(token)? else { return Ok(None) };
        let authorization = &found.authorization;
        let Some(subject) = db.find_subject(authorization)? else { return Ok(None) };
        let client = authorization.application.to_string();
        if !has_scope(&found.scope, "openid") {
            return Ok(Some(UserInfo { client, claims: None }));
        }
        let (identity, wanted) = (&subject.identity, &authorization.claims.userinfo);
        let mut claims = about(identity, &subject.hosted, subject.email_verified, &found.scope, wanted);
        claims.insert("sub".into(), identity.user.clone().into());
        Ok(Some(UserInfo { client, claims: Some(claims) }))
    })
}

/// A token that is valid.
#[derive(Debug)]
pub struct Active {
    /// The person.
    pub sub: String,
    /// The client.
    pub client_id: String,
    /// The scopes.
    pub scope: String,
    /// When it expires.
    pub exp: Timestamp,
    /// The session.
    pub sid: String,
}

/// What a token of a confidential client says; the inner `None` if it is not valid, or is of another client.
///
/// # Errors
/// `Throttled`; `Unavailable` when the database cannot be read.
pub fn introspect(app: &App, proof: &Proof, token: &str, address: &str) -> Result<Outcome<Option<Active>>> {
    authenticated(app, proof, address, |client, claim| {
        if client.client.client_type != ClientType::Confidential {
            return Ok(Err(OauthError::invalid_client()));
        }
        app.read(claim, |db| {
            let Some((authorization, scope, exp)) = valid(db, client, token)? else { return Ok(Ok(None)) };
            let Authorization { user, application, sid, .. } = authorization;
            let (sub, client_id) = (user.to_string(), application.to_string());
            Ok(Ok(Some(Active { sub, client_id, scope, exp, sid })))
        })
    })
}

/// The authorization of a valid token of a client, with the scopes and the expiry of the token.
fn valid(db: &Db, client: &RegisteredClient, token: &str) -> Result<Option<(Authorization, String, Timestamp)>> {
    let found = match db.find_access_token(token)? {
        Some(found) => Some((found.authorization, found.scope, found.expires_at)),
        None => db.find_refresh_token(token)?.filter(|(_, used)| !used).map(|(authorization, _)| {
            let (scope, exp) = (authorization.scope.clone(), expiry(&authorization));
            (authorization, scope, exp)
        }),
    };
    let own = found.filter(|(authorization, ..)| authorization.application == client.application.id);
    match own {
        Some(own) if db.find_subject(&own.0)?.is_some() => Ok(Some(own)),
        _ => Ok(None),
    }
}

/// When a refresh token expires if it is not used.
fn expiry(authorization: &Authorization) -> Timestamp {
    let Authorization { used_at, created_at, ends_at, .. } = authorization;
    let latest = used_at.plus(REFRESH_IDLE_SECS).min(created_at.plus(REFRESH_SECS));
    ends_at.map_or(latest, |ends_at| ends_at.min(latest))
}

/// Ends a token of a client: an access token alone, a refresh token with all tokens of its authorization. Unknown tokens
/// and those of other clients are left as they are.
///
/// # Errors
/// `Throttled`; `Unavailable` when the database cannot be written.
pub fn revoke(app: &App, proof: &Proof, token: &str, address: &str) -> Result<Outcome<()>> {
    authenticated(app, proof, address, |client, claim| {
        let (id, token) = (client.application.id.clone(), token.to_owned());
        // Without a write for an unknown token, because a client without secrets may be named by anybody.
        if !app.read(claim, |db| is_known(db, &id, &token))? {
            return Ok(Ok(()));
        }
        app.write(claim, move |tx| {
            let access = tx.find_access_token(&token)?;
            if access.is_some_and(|found| found.authorization.application == id) {
                tx.delete_access_token(&token)?;
            }
            let refresh = tx.find_refresh_token(&token)?;
            if let Some((authorization, _)) = refresh.filter(|(found, _)| found.application == id) {
                tx.delete_authorization(&authorization.id)?;
            }
            Ok(Ok(()))
        })
    })
}

/// True if this is an access or refresh token of the client.
fn is_known(db: &Db, client: &ApplicationId, token: &str) -> Result<bool> {
    let access = db.find_access_token(token)?.map(|found| found.authorization);
    let refresh = db.find_refresh_token(token)?.map(|(authorization, _)| authorization);
    Ok([access, refresh].into_iter().flatten().any(|found| found.application == *client))
}
