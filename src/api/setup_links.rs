//! Set-up links, and the view of their holders.

use super::branding::BrandView;
use super::connection::{CertificateView, SettingsView};
use super::effect::EffectView;
use crate::actions::branding::ShownBrand;
use crate::actions::connection_overview::Overview;
use crate::domain::Timestamp;
use crate::domain::access::{ConnectionStatus, Effect};
use crate::domain::ids::SetupLinkId;
use crate::domain::setup_link::{SetupLink, SetupLinkStatus};
use serde::Serialize;
use utoipa::ToSchema;

/// A set-up link. Only the answer that creates it contains its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = SetupLink)]
pub struct SetupLinkView {
    id: SetupLinkId,
    status: SetupLinkStatus,
    /// A note, such as the recipient; may be empty.
    note: String,
    created_by: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    last_used_at: Option<Timestamp>,
    /// The link itself; only in the answer that creates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://login.acme.example/sso-setup?token=2cf24dba5fb0a30e26e83b2ac5b9e29e")]
    url: Option<String>,
}

impl SetupLinkView {
    /// A link at `now`, with its address if it is new.
    pub fn of(link: SetupLink, url: Option<String>, now: Timestamp) -> Self {
        Self {
            status: link.status(now),
            id: link.id,
            note: link.note,
            created_by: link.created_by,
            created_at: link.created_at,
            expires_at: link.expires_at,
            last_used_at: link.last_used_at,
            url,
        }
    }
}

/// The connection as the holder of a set-up link sees it: our values and the provider's, and nothing about people.
#[derive(Serialize, ToSchema)]
#[schema(as = SetupConnection)]
pub struct SetupView {
    /// The organisation's name.
    organisation: String,
    /// The organisation's name and logo on pages; null if none is set.
    brand: Option<BrandView>,
    status: ConnectionStatus,
    entity_id: String,
    callback_url: String,
    suggested_portal_key: String,
    #[serde(flatten)]
    settings: Option<SettingsView>,
    certificates: Vec<CertificateView>,
    /// The metadata that the connection follows.
    metadata_url: Option<String>,
    adopt_certificates: bool,
    /// When the link stops working.
    expires_at: Timestamp,
    /// The effect of a save, without any people.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<EffectView>,
}

impl SetupView {
    /// The view for the holder of `link`. The effect only says whether it was applied, since a full effect names
    /// people.
    pub fn of(overview: Overview, brand: Option<ShownBrand>, link: &SetupLink, applied: Option<bool>) -> Self {
        let Overview { organisation, service_provider, suggested_portal_key, connected, now, .. } = overview;
        let source = connected.as_ref().and_then(|connected| connected.source.as_ref());
        Self {
            suggested_portal_key,
            status: organisation.connection_status,
            organisation: organisation.name,
            brand: brand.map(BrandView::from),
            entity_id: service_provider.entity_id,
            callback_url: service_provider.acs_url,
            metadata_url: source.map(|source| source.url.clone()),
            adopt_certificates: source.is_some_and(|source| source.adopt),
            settings: connected.as_ref().map(|connected| SettingsView::of(connected).without_clock()),
            certificates: connected.map(|one| CertificateView::all(&one.certificates, now)).unwrap_or_default(),
            expires_at: link.expires_at,
            effect: applied.map(|applied| Effect { applied, ..Effect::default() }.into()),
        }
    }
}
