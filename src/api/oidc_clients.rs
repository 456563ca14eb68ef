//! OpenID Connect clients.

use crate::domain::Timestamp;
use crate::domain::ids::ClientSecretId;
use crate::domain::oidc_client::ClientSecret;
use serde::Serialize;
use utoipa::ToSchema;

mirror! {
    /// A secret of an OpenID Connect client, without the secret itself.
    #[schema(as = ClientSecret)]
    SecretView of ClientSecret {
        id: ClientSecretId,
        created_at: Timestamp,
    }
}

/// A new secret of an OpenID Connect client.
#[derive(Serialize, ToSchema)]
#[schema(as = NewClientSecret)]
pub struct NewSecretView {
    id: ClientSecretId,
    /// The secret; only in this answer.
    client_secret: String,
}

impl NewSecretView {
    /// The answer to the request that made it.
    pub fn made(id: ClientSecretId, client_secret: String) -> Self {
        Self { id, client_secret }
    }
}
