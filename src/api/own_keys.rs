//! Our own SAML keys for one organisation. Only their certificates are shown, never the keys.

use super::connection::CertificateView;
use crate::domain::ids::OwnKeysId;
use crate::domain::own_keys::OwnKeys;
use crate::domain::{Result, Timestamp};
use crate::saml::Certificate;
use serde::Serialize;
use utoipa::ToSchema;

/// A generation of our own SAML keys. Only the certificates are shown, never the keys.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnKeys)]
pub struct OwnKeysView {
    id: OwnKeysId,
    created_at: Timestamp,
    /// True if this one signs our requests.
    signs: bool,
    last_decrypted_at: Option<Timestamp>,
    signing: CertificateView,
    encryption: CertificateView,
}

impl OwnKeysView {
    /// A generation at `now`. `signs`: whether it signs our requests.
    ///
    /// # Errors
    /// `Internal` if a stored certificate cannot be read.
    pub fn of(keys: &OwnKeys, signs: bool, now: Timestamp) -> Result<Self> {
        let certificate = |pem: &str| Certificate::stored(pem).map(|one| CertificateView::of(&one, now));
        Ok(Self {
            id: keys.id.clone(),
            created_at: keys.created_at,
            signs,
            last_decrypted_at: keys.last_decrypted_at,
            signing: certificate(&keys.signing.certificate)?,
            encryption: certificate(&keys.encryption.certificate)?,
        })
    }
}
