//! A client of OpenID Connect together with its application, as the protocol needs it.

use super::application::Application;
use super::oidc_client::{OidcClient, is_secret};
use super::session::SecretDigest;

/// A client as the protocol needs it.
#[derive(Debug, Clone)]
pub struct RegisteredClient {
    /// Its application, which has the settings of the client.
    pub application: Application,
    /// Its settings.
    pub client: OidcClient,
    /// The digests of its secrets.
    pub digests: Vec<SecretDigest>,
}

impl RegisteredClient {
    /// True if this is one of the client's secrets.
    pub fn has_secret(&self, presented: &str) -> bool {
        is_secret(&self.digests, presented)
    }
}
