//! The secrets of OpenID Connect clients.

use super::application_event::event;
use super::dry_run::switch;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::application::Application;
use crate::domain::ids::{ApplicationId, ClientSecretId};
use crate::domain::oidc_client::{ClientSecret, ClientType, MOST_SECRETS, OidcClient};
use crate::domain::phrase::phrase;
use crate::domain::seal::secret;
use crate::domain::{Error, Result};
use crate::store::{Db, Tx};
use serde_json::json;

/// Every client secret begins with this, so that people and secret scanners recognise it.
const PREFIX: &str = "vcs_";

/// Makes the secrets of a saved client fit its type: a confidential client without one gets its first, which is
/// returned; a public client keeps none.
pub(super) fn fit_secrets(tx: &Tx, application: &Application) -> Result<Option<String>> {
    match &application.oidc {
        Some(OidcClient { client_type: ClientType::Confidential, secrets, .. }) if secrets.is_empty() => {
            add(tx, application).map(|(_, secret)| Some(secret))
        }
        Some(OidcClient { client_type: ClientType::Public, .. }) => {
            tx.delete_client_secrets(&application.id).map(|()| None)
        }
        _ => Ok(None),
    }
}

fn add(tx: &Tx, application: &Application) -> Result<(ClientSecretId, String)> {
    let (id, secret) = (ClientSecretId::random(), format!("{PREFIX}{}", secret()));
    tx.add_client_secret(&application.id, &id, &secret)?;
    Ok((id, secret))
}

/// The secrets of a confidential client, and its application.
fn secrets_of(db: &Db, id: &ApplicationId) -> Result<(Application, Vec<ClientSecret>)> {
    let mut application = db.application(id)?;
    match application.oidc.take() {
        Some(client) if client.client_type == ClientType::Confidential => Ok((application, client.secrets)),
        _ => Err(Error::conflict("no_secrets", phrase!("client-no-secrets"))),
    }
}

/// Adds a second secret to a confidential client. Returns its id and the secret, which cannot be shown again.
///
/// # Errors
/// `NotFound`; `Conflict` with code `no_secrets` for another application, and `too_many_secrets` when it has two.
pub fn add_secret(app: &App, caller: &Caller, id: &ApplicationId) -> Result<(ClientSecretId, String)> {
    let (author, id) = (caller.author.clone(), id.clone());
    app.write(&caller.claim, move |tx| {
        let (application, secrets) = secrets_of(tx, &id)?;
        if secrets.len() >= MOST_SECRETS {
            return Err(Error::conflict("too_many_secrets", phrase!("client-secrets-most", most = MOST_SECRETS)));
        }
        let made = add(tx, &application)?;
        author.log(tx, &event("application.secret_created", &application).with(json!({ "id": made.0 })))?;
        Ok(made)
    })
}

/// Adds a secret to a confidential client, and ends the oldest if it has two, or with `end_old` all earlier ones. Returns
/// its id and the secret, which cannot be shown again.
///
/// # Errors
/// `NotFound`; `Conflict` with code `no_secrets` for another application.
pub fn rotate_secret(
    app: &App,
    caller: &Caller,
    id: &ApplicationId,
    end_old: bool,
) -> Result<(ClientSecretId, String)> {
    let (author, id) = (caller.author.clone(), id.clone());
    app.write(&caller.claim, move |tx| {
        let (application, secrets) = secrets_of(tx, &id)?;
        let kept = if end_old { 0 } else { MOST_SECRETS - 1 };
        for old in &secrets[..secrets.len().saturating_sub(kept)] {
            tx.delete_client_secret(&id, &old.id)?;
            author.log(tx, &event("application.secret_deleted", &application).with(json!({ "id": old.id })))?;
        }
        let made = add(tx, &application)?;
        author.log(tx, &event("application.secret_created", &application).with(json!({ "id": made.0 })))?;
        Ok(made)
    })
}

/// Deletes one of the two secrets of a client. From then on it is refused.
///
/// # Errors
/// `NotFound`; `Conflict` with code `no_secrets` for another application, and `last_secret` for the only secret.
pub fn delete_secret(
    app: &App,
    caller: &Caller,
    id: &ApplicationId,
    secret: &ClientSecretId,
    run: Run,
) -> Result<Effect> {
    let (author, id, secret) = (caller.author.clone(), id.clone(), secret.clone());
    let planned = move |db: &Db| {
        let (application, secrets) = secrets_of(db, &id)?;
        if !secrets.iter().any(|one| one.id == secret) {
            return Err(Error::NotFound(phrase!("client-secret-not-found")));
        }
        if secrets.len() == 1 {
            return Err(Error::conflict("last_secret", phrase!("client-secret-last")));
        }
        Ok((Effect::default(), (application, secret)))
    };
    switch(app, caller, run, planned, move |tx, (application, secret)| {
        tx.delete_client_secret(&application.id, &secret)?;
        author.log(tx, &event("application.secret_deleted", &application).with(json!({ "id": secret })))
    })
}
