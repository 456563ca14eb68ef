//! The differences between a connection and the metadata that it follows.

use crate::domain::Timestamp;
use crate::domain::connection::Settings;
use crate::domain::metadata::MetadataSource;
use crate::saml::{Certificate, IdpMetadata};

/// The differences between a connection and the provider's metadata.
#[derive(Debug, Default)]
pub struct Found {
    /// The metadata's certificates that the connection does not have, in order. Empty if the entity ID differs, because
    /// then it is another provider.
    pub candidates: Vec<Certificate>,
    /// The values that differ: reported, and never adopted automatically.
    pub changes: Vec<Change>,
}

/// A value that differs between the connection and the metadata.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// `idp_entity_id` or `sign_on_url`.
    pub field: &'static str,
    /// The connection's value.
    pub ours: String,
    /// The metadata's value.
    pub theirs: String,
}

/// Compares a connection with the last good copy of the metadata that it follows.
pub fn found(settings: &Settings, source: &MetadataSource, now: Timestamp) -> Found {
    // A copy that has expired is not compared.
    let Ok(metadata) = IdpMetadata::parse(&source.document, now) else { return Found::default() };
    let pairs = [
        ("idp_entity_id", &settings.idp_entity_id, metadata.entity_id),
        ("sign_on_url", &settings.sign_on_url, metadata.sign_on_url),
    ];
    let same_provider = pairs[0].1.as_str() == pairs[0].2.trim();
    let changes = pairs.into_iter().filter(|(_, ours, theirs)| ours.as_str() != theirs.trim());
    let unknown = |one: &Certificate| !settings.certificates.iter().any(|pem| pem == one.pem());
    Found {
        changes: changes.map(|(field, ours, theirs)| Change { field, ours: ours.clone(), theirs }).collect(),
        candidates: metadata.certificates.into_iter().filter(|one| same_provider && unknown(one)).collect(),
    }
}
