//! Our own SAML keys of one organisation: their certificates, never the keys.

use super::connection::CertificateView;
use crate::domain::ids::OwnKeysId;
use crate::domain::own_keys::OwnKeys;
use crate::domain::{Result, Timestamp};
use crate::saml::Certificate;
use serde::Serialize;
use utoipa::ToSchema;

/// A generation of our own SAML keys: their certificates, never the keys.
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
    /// One generation at `now`; `signs` if it signs our requests.
    ///
    /// # Errors
    /// `Internal` when a stored certificate cannot be read.
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
