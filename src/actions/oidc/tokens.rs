//! The token endpoint: a client redeems a code or a refresh token.

use super::client::{Outcome, Proof, authenticated};
use super::issuer;
use crate::actions::signing_keys;
use crate::app::App;
use crate::domain::application_log::{ClientEvent, LogEntry};
use crate::domain::authorization::{Authorization, Subject, refresh_token};
use crate::domain::ids::ApplicationId;
use crate::domain::oauth_error::OauthError;
use crate::domain::oidc_claims::TOKEN_SECS;
use crate::domain::oidc_claims::{ID_TOKEN, IdToken, about, acr, at_hash};
use crate::domain::oidc_client::Signing;
use crate::domain::oidc_request::{has_scope, is_registered, is_verified, known_scopes};
use crate::domain::principal::Claim;
use crate::domain::registered_client::RegisteredClient;
use crate::domain::seal::{digest, secret};
use crate::domain::signing_key::{Algorithm, SigningKey};
use crate::domain::{Error, Result};
use crate::store::{Db, Tx};
use crate::tokens::signed;

/// What a client presents to get tokens.
#[derive(Debug, Clone)]
pub enum Given {
    /// A code.
    Code {
        /// The code.
        code: String,
        /// The redirect URI of its request.
        redirect_uri: String,
        /// The PKCE verifier.
        verifier: Option<String>,
    },
    /// A refresh token.
    Refresh {
        /// The token.
        token: String,
        /// The scopes that the client still wants; `None` for all.
        scope: Option<String>,
    },
}

impl Given {
    fn secret(&self) -> &str {
        match self {
            Self::Code { code, .. } => code,
            Self::Refresh { token, .. } => token,
        }
    }

    /// True if this is or was a code or token of the client.
    fn is_known(&self, db: &Db, client: &ApplicationId) -> Result<bool> {
        let authorization = match self {
            Self::Code { code, .. } => db.find_code(code)?.map(|found| found.authorization),
            Self::Refresh { token, .. } => db.find_refresh_token(token)?.map(|(authorization, _)| authorization),
        };
        Ok(authorization.is_some_and(|found| found.application == *client))
    }
}

/// The tokens for a client.
#[derive(Debug)]
pub struct Tokens {
    /// The access token.
    pub access_token: String,
    /// How long it is valid, in seconds.
    pub expires_in: i64,
    /// The ID token, if the scope has `openid`.
    pub id_token: Option<String>,
    /// The refresh token, if there is one.
    pub refresh_token: Option<String>,
    /// The scopes.
    pub scope: String,
}

/// The secrets of new tokens, and what they are for.
struct Issued {
    authorization: Authorization,
    subject: Subject,
    scope: String,
    access_token: String,
    refresh_token: Option<String>,
    nonce: Option<String>,
}

/// Redeems what a client presents.
///
/// # Errors
/// `Throttled`; `Unavailable` when the database cannot be written.
pub fn redeem(app: &App, proof: &Proof, given: Given, address: &str) -> Result<Outcome<Tokens>> {
    authenticated(app, proof, address, |client, claim| {
        let algorithm = match client.client.signing {
            Signing::Rs256 => Algorithm::Rs256,
            Signing::Es256 => Algorithm::Es256,
        };
        let keys = signing_keys::keys(app)?;
        let key = keys.current(algorithm).ok_or_else(|| Error::internal("no key signs"))?;
        let issued = issued(app, client, claim, given, address)?;
        note(app, client, &issued);
        issued.map_or_else(|error| Ok(Err(error)), |issued| tokens(app, key, issued).map(Ok))
    })
}

/// Redeems what a client presents in one transaction. What is not a code or token of the client does not get that far, and
/// is limited; one that is, and does not succeed, is limited by itself. So nobody else's failures limit a request that
/// succeeds, also not at a client without secrets.
fn issued(app: &App, client: &RegisteredClient, claim: &Claim, given: Given, address: &str) -> Result<Outcome<Issued>> {
    let id = client.application.id.clone();
    if !app.read(claim, |db| given.is_known(db, &id))? {
        app.throttle.charge_client_grant(id.as_str(), address, app.now())?;
        return Ok(Err(OauthError::invalid_grant()));
    }
    let charge = app.throttle.charge_grant(&digest(given.secret()), address, app.now())?;
    let issued = app.write(claim, move |tx| match given {
        Given::Code { code, redirect_uri, verifier } => {
            let fits = |client: &Authorization| client.application == id;
            redeem_code(tx, &code, &redirect_uri, verifier.as_deref(), fits)
        }
        Given::Refresh { token, scope } => refresh(tx, &token, scope.as_deref(), |one| one.application == id),
    })?;
    if issued.is_ok() {
        app.throttle.refund(&charge);
    }
    Ok(issued)
}

fn note(app: &App, client: &RegisteredClient, issued: &Outcome<Issued>) {
    let (email, event) = match issued {
        Ok(issued) => (Some(issued.subject.identity.email.as_str()), ClientEvent::Tokens),
        Err(error) => (None, ClientEvent::Refused(error.code)),
    };
    let entry = LogEntry::of_client(app.now(), "/oauth2/token", email, event);
    app.application_log.note(&client.application.organisation, &client.application.id, entry);
}

/// Redeems a code, which works once. A second use ends everything that was made from it.
fn redeem_code(
    tx: &Tx,
    code: &str,
    redirect_uri: &str,
    verifier: Option<&str>,
    is_of_client: impl FnOnce(&Authorization) -> bool,
) -> Result<Outcome<Issued>> {
    let refused = Ok(Err(OauthError::invalid_grant()));
    let Some(found) = tx.find_code(code)?.filter(|found| is_of_client(&found.authorization)) else { return refused };
    let authorization = found.authorization;
    if found.used {
        tx.delete_authorization(&authorization.id)?;
        return refused;
    }
    let fits = found.redirect_uri == redirect_uri && is_verified(found.challenge.as_deref(), verifier);
    // The address may have been removed since the code was given.
    let client = tx.oidc_client(&authorization.application)?.client;
    let lacks_challenge = found.challenge.is_none() && !client.pkce_optional;
    if tx.now() >= found.expires_at || !fits || lacks_challenge || !is_registered(&client, redirect_uri) {
        return refused;
    }
    let Some(subject) = tx.find_subject(&authorization)? else {
        tx.delete_authorization(&authorization.id)?;
        return refused;
    };
    tx.use_code(&authorization.id)?;
    let (scope, nonce) = (authorization.scope.clone(), authorization.nonce.clone());
    issue(tx, authorization, subject, scope, nonce)
}

/// Replaces a refresh token, which works once. A second use ends all tokens of its authorization.
fn refresh(
    tx: &Tx,
    token: &str,
    scope: Option<&str>,
    is_of_client: impl FnOnce(&Authorization) -> bool,
) -> Result<Outcome<Issued>> {
    let refused = Ok(Err(OauthError::invalid_grant()));
    let found = tx.find_refresh_token(token)?.filter(|(authorization, _)| is_of_client(authorization));
    let Some((authorization, used)) = found else { return refused };
    if used {
        tx.delete_authorization(&authorization.id)?;
        return refused;
    }
    let wanted = || scope.unwrap_or(&authorization.scope).split(' ').filter(|one| !one.is_empty());
    let scope = known_scopes(wanted());
    if scope.is_empty() || !wanted().all(|one| has_scope(&authorization.scope, one)) {
        return Ok(Err(OauthError::new("invalid_scope", "scope has more than the first request")));
    }
    let Some(subject) = tx.find_subject(&authorization)? else {
        tx.delete_authorization(&authorization.id)?;
        return refused;
    };
    tx.use_refresh_token(token, &authorization.id)?;
    issue(tx, authorization, subject, scope, None)
}

fn issue(
    tx: &Tx,
    authorization: Authorization,
    subject: Subject,
    scope: String,
    nonce: Option<String>,
) -> Result<Outcome<Issued>> {
    let (access_token, refresh_token) = (secret(), authorization.offline.then(|| refresh_token(&authorization.id)));
    tx.add_access_token(&access_token, &authorization.id, &scope)?;
    if let Some(refresh_token) = &refresh_token {
        tx.add_refresh_token(refresh_token, &authorization.id)?;
    }
    Ok(Ok(Issued { authorization, subject, scope, access_token, refresh_token, nonce }))
}

fn tokens(app: &App, key: &SigningKey, issued: Issued) -> Result<Tokens> {
    let Issued { authorization, subject, scope, access_token, refresh_token, nonce } = issued;
    let Subject { identity, hosted, email_verified } = &subject;
    let (now, acr) = (app.now(), acr(authorization.method));
    let claims = IdToken {
        iss: issuer(app),
        sub: &identity.user,
        aud: authorization.application.as_str(),
        sid: &authorization.sid,
        iat: now.0,
        exp: now.plus(TOKEN_SECS).0,
        auth_time: authorization.auth_at.0,
        acr,
        amr: [acr],
        nonce: nonce.as_deref(),
        at_hash: at_hash(&access_token),
        about: about(identity, hosted, *email_verified, &scope, &authorization.claims.id_token),
    };
    let id_token = has_scope(&scope, "openid").then(|| signed(key, ID_TOKEN, &claims)).transpose()?;
    Ok(Tokens { access_token, expires_in: TOKEN_SECS, id_token, refresh_token, scope })
}
