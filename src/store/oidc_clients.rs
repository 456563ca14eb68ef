//! OpenID Connect clients, and their secrets.

use super::engine::Row;
use super::rows::word;
use super::{Db, Tx};
use crate::domain::ids::{ApplicationId, ClientSecretId};
use crate::domain::oidc_client::{ClientSecret, ClientType, OidcClient, Signing, TokenAuth};
use crate::domain::phrase::phrase;
use crate::domain::registered_client::RegisteredClient;
use crate::domain::seal::digest;
use crate::domain::session::SecretDigest;
use crate::domain::{Error, Result};

fn from_row(row: &Row) -> Result<OidcClient> {
    let uris = |column| word(row, column, |json| serde_json::from_str(json).ok());
    Ok(OidcClient {
        redirect_uris: uris("redirect_uris")?,
        post_logout_redirect_uris: uris("post_logout_redirect_uris")?,
        backchannel_logout_uri: row.get("backchannel_logout_uri")?,
        client_type: word(row, "client_type", |word| ClientType::parse(word).ok())?,
        token_auth: word(row, "token_auth", |word| TokenAuth::parse(word).ok())?,
        signing: word(row, "signing", |word| Signing::parse(word).ok())?,
        pkce_optional: row.get("pkce_optional")?,
        secrets: Vec::new(),
    })
}

impl Db<'_> {
    /// The client with this id, with the digests of its secrets.
    ///
    /// # Errors
    /// `NotFound`, also for an application of another kind.
    pub fn oidc_client(&self, id: &ApplicationId) -> Result<RegisteredClient> {
        let application = self.application(id)?;
        let client = application.oidc.clone().ok_or_else(|| Error::NotFound(phrase!("application-not-found")))?;
        let sql = "SELECT secret_hash FROM client_secrets WHERE application_id = ?1 ORDER BY number";
        let digests: Vec<SecretDigest> = self.all(sql, [id], |row| row.get(0))?;
        Ok(RegisteredClient { application, client, digests })
    }

    /// True if pages of this origin may read the answers for some client. `origin`: as `sent_origin` gives it.
    pub fn is_client_origin(&self, origin: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM client_origins WHERE origin = ?1 LIMIT 1";
        Ok(self.one(sql, [origin], |_| Ok(()))?.is_some())
    }

    /// True if pages of this origin may read the answers for this client. `origin`: as `sent_origin` gives it.
    pub fn is_origin_of(&self, client: &ApplicationId, origin: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM client_origins WHERE origin = ?1 AND application_id = ?2";
        Ok(self.one(sql, (origin, client), |_| Ok(()))?.is_some())
    }

    /// The settings of a client, with its secrets.
    pub(super) fn client_settings(&self, application: &ApplicationId) -> Result<OidcClient> {
        let sql =
            "SELECT redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, client_type, token_auth, signing,
            pkce_optional FROM oidc_clients WHERE application_id = ?1";
        let client = self.one(sql, [application], from_row)?;
        let client = client.ok_or_else(|| Error::internal("an application has no settings of its client"))?;
        let sql = "SELECT id, created_at FROM client_secrets WHERE application_id = ?1 ORDER BY number";
        let secret = |row: &Row| Ok(ClientSecret { id: row.get("id")?, created_at: row.get("created_at")? });
        Ok(OidcClient { secrets: self.all(sql, [application], secret)?, ..client })
    }
}

fn in_json(uris: &[String]) -> Result<String> {
    serde_json::to_string(uris).map_err(Error::internal)
}

impl Tx<'_> {
    /// Sets the settings of a client; its secrets stay.
    pub(super) fn set_client_settings(&self, application: &ApplicationId, client: &OidcClient) -> Result<()> {
        self.run(
            "INSERT INTO oidc_clients (application_id, redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, client_type,
                token_auth, signing, pkce_optional)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (application_id) DO UPDATE SET redirect_uris = excluded.redirect_uris,
                post_logout_redirect_uris = excluded.post_logout_redirect_uris,
                backchannel_logout_uri = excluded.backchannel_logout_uri, client_type = excluded.client_type,
                token_auth = excluded.token_auth, signing = excluded.signing, pkce_optional = excluded.pkce_optional",
            (
                application,
                in_json(&client.redirect_uris)?,
                in_json(&client.post_logout_redirect_uris)?,
                &client.backchannel_logout_uri,
                client.client_type.as_str(),
                client.token_auth.as_str(),
                client.signing.as_str(),
                client.pkce_optional,
            ),
        )?;
        self.run("DELETE FROM client_origins WHERE application_id = ?1", [application])?;
        let sql = "INSERT INTO client_origins (origin, application_id) VALUES (?1, ?2)";
        client.page_origins().iter().try_for_each(|origin| self.run(sql, (origin, application)).map(drop))
    }

    /// Adds a secret of a client. Only its digest is stored.
    pub fn add_client_secret(&self, application: &ApplicationId, id: &ClientSecretId, secret: &str) -> Result<()> {
        let sql = "INSERT INTO client_secrets (id, application_id, number, secret_hash, created_at)
            SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4 FROM client_secrets WHERE application_id = ?2";
        self.run(sql, (id, application, digest(secret), self.now())).map(drop)
    }

    /// Deletes a secret of a client.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn delete_client_secret(&self, application: &ApplicationId, id: &ClientSecretId) -> Result<()> {
        let sql = "DELETE FROM client_secrets WHERE application_id = ?1 AND id = ?2";
        match self.run(sql, (application, id))? {
            0 => Err(Error::NotFound(phrase!("client-secret-not-found"))),
            _ => Ok(()),
        }
    }

    /// Deletes all secrets of a client.
    pub fn delete_client_secrets(&self, application: &ApplicationId) -> Result<()> {
        self.run("DELETE FROM client_secrets WHERE application_id = ?1", [application]).map(drop)
    }
}
