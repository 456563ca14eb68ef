//! Clients: finding them, and checking how they prove their identity.

use crate::app::App;
use crate::domain::ids::{ApplicationId, hex};
use crate::domain::oauth_error::OauthError;
use crate::domain::oidc_client::{TokenAuth, is_secret, sent_origin};
use crate::domain::principal::Claim;
use crate::domain::registered_client::RegisteredClient;
use crate::domain::seal::digest;
use crate::domain::{Error, Result};

/// How a client proves its identity in a request.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The client's id, as sent.
    pub id: String,
    /// The secret; empty if there is none.
    pub secret: String,
    /// The method.
    pub method: TokenAuth,
}

/// The outcome of a request for an application, which may be an error that it learns.
pub type Outcome<T> = Result<T, OauthError>;

/// The client with this id; `None` if there is none.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn find(app: &App, id: &str) -> Result<Option<RegisteredClient>> {
    let Ok(id) = ApplicationId::parse(id) else { return Ok(None) };
    match app.store.read(|db| db.oidc_client(&id)) {
        Err(Error::NotFound(_)) => Ok(None),
        other => other.map(Some),
    }
}

/// Runs a request of a client that proves its identity. Requests without a right proof are limited, for one client from one
/// network; they never make a right proof fail. The answers for an unknown client and for a wrong secret are the same.
/// `work` uses the claim for all that it reads and writes, so that the proof is judged again in its transaction.
///
/// # Errors
/// `Throttled`; the errors of `work`.
pub(super) fn authenticated<T>(
    app: &App,
    proof: &Proof,
    address: &str,
    work: impl FnOnce(&RegisteredClient, &Claim) -> Result<Outcome<T>>,
) -> Result<Outcome<T>> {
    let client = find(app, &proof.id)?;
    // The presented id, known or not: otherwise, the limit would reveal which ids exist.
    let name = &hex(&digest(&proof.id));
    let digests = client.as_ref().map(|client| &client.digests[..]).unwrap_or_default();
    let right_secret = is_secret(digests, &proof.secret);
    let is_proved = |client: &RegisteredClient| {
        client.client.token_auth == proof.method && (right_secret || proof.method == TokenAuth::None)
    };
    let outcome = match client.as_ref().filter(|client| is_proved(client)) {
        Some(client) => {
            let secret = (proof.method != TokenAuth::None).then(|| digest(&proof.secret));
            let claim = Claim::of_client(client.application.id.clone(), proof.method, secret);
            match work(client, &claim) {
                // The proof was right when the request began.
                Err(Error::Refused { .. }) => Err(OauthError::invalid_client()),
                other => other?,
            }
        }
        None => Err(OauthError::invalid_client()),
    };
    if matches!(&outcome, Err(OauthError { code: "invalid_client", .. })) {
        // Secrets are too long to be guessed, so that limiting only the failures reveals nothing.
        app.throttle.charge_client(name, address, app.now())?;
    }
    Ok(outcome)
}

/// True if pages of this origin may read the answers for a client.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn allows_origin(app: &App, client: &str, origin: &str) -> Result<bool> {
    let Some((client, origin)) = ApplicationId::parse(client).ok().zip(sent_origin(origin)) else { return Ok(false) };
    app.store.read(|db| db.is_origin_of(&client, &origin))
}

/// True if pages of this origin may read the answers for some client.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn is_known_origin(app: &App, origin: &str) -> Result<bool> {
    let Some(origin) = sent_origin(origin) else { return Ok(false) };
    app.store.read(|db| db.is_client_origin(&origin))
}
