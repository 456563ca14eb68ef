//! SAML connections: their settings, certificates and metadata.

use super::effect::EffectView;
use crate::actions::certificates::Candidate;
use crate::actions::connection::ProviderValues;
use crate::actions::connection_overview::{Connected, Overview};
use crate::actions::metadata_changes::Change;
use crate::domain::access::{ConnectionStatus, Effect};
use crate::domain::connection::Provider;
use crate::domain::metadata::{MetadataSource, days_left};
use crate::domain::phrase::Phrase;
use crate::domain::request_options::NameIdFormat;
use crate::domain::skew::{Skew, SkewLevel};
use crate::domain::{Error, Timestamp};
use crate::saml::Certificate;
use serde::Serialize;
use utoipa::ToSchema;

/// The connection as an admin sees it. Our own values are there even before the first save.
#[derive(Serialize, ToSchema)]
#[schema(as = Connection)]
pub struct ConnectionView {
    status: ConnectionStatus,
    /// True if the plan includes SSO.
    available: bool,
    read_only: bool,
    entity_id: String,
    callback_url: String,
    /// Also true if the plan requires SSO.
    saml_only: bool,
    recovery_codes_left: i64,
    suggested_portal_key: String,
    #[serde(flatten)]
    settings: Option<SettingsView>,
    certificates: Vec<CertificateView>,
    /// Certificates that wait for an organisation admin, from the metadata or from an API key.
    candidates: Vec<CandidateView>,
    /// Values of the provider's metadata that differ from the settings.
    changes: Vec<ChangeView>,
    #[serde(flatten)]
    source: Option<SourceView>,
    /// The effect on people, in the answer to a switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<EffectView>,
}

/// The saved settings.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectionSettings)]
pub struct SettingsView {
    provider: Provider,
    portal_key: String,
    portal_url: String,
    sign_on_url: String,
    idp_entity_id: String,
    sign_requests: bool,
    force_authn: bool,
    name_id_format: NameIdFormat,
    /// When the settings first passed the test sign-in; null while the connection is a draft.
    tested_at: Option<Timestamp>,
    /// When they last passed it.
    last_tested_at: Option<Timestamp>,
    /// A digest of the sign-on URL, the entity ID, the metadata address and the certificates. The test sign-in takes it
    /// as `settings`, and is refused if they have changed since.
    settings_digest: String,
    /// When the last of the certificates expires.
    certificates_end_at: Timestamp,
    clock: Option<SkewView>,
}

/// The metadata that the connection follows.
#[derive(Serialize, ToSchema)]
#[schema(as = MetadataSource)]
pub struct SourceView {
    metadata_url: String,
    adopt_certificates: bool,
    metadata: MetadataView,
}

/// When the metadata was last fetched, and the error if the latest attempt failed.
#[derive(Serialize, ToSchema)]
#[schema(as = MetadataCopy)]
pub struct MetadataView {
    fetched_at: Timestamp,
    next_at: Timestamp,
    failed_at: Option<Timestamp>,
    failure: Option<String>,
}

/// The details of a certificate.
#[derive(Serialize, ToSchema)]
#[schema(as = Certificate)]
pub struct CertificateView {
    pem: String,
    subject: String,
    #[schema(example = "RSA 2048")]
    key: String,
    /// The SHA-256 fingerprint.
    fingerprint: String,
    not_before: Timestamp,
    not_after: Timestamp,
    days_left: i64,
}

/// A certificate that waits for an organisation admin.
#[derive(Serialize, ToSchema)]
#[schema(as = CandidateCertificate)]
pub struct CandidateView {
    #[serde(flatten)]
    certificate: CertificateView,
    /// The API key that added it; null if it is from the metadata.
    added_by: Option<String>,
    at: Option<Timestamp>,
}

/// The effect of turning SAML-only on or off.
#[derive(Serialize, ToSchema)]
pub struct SamlOnlyEffect {
    #[serde(flatten)]
    pub(crate) effect: EffectView,
    /// Ten single-use codes, only in the answer that turns SAML-only on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recovery_codes: Option<Vec<String>>,
}

/// The effect that turning SAML-only on would have.
#[derive(Serialize, ToSchema)]
pub struct SamlOnlyForesight {
    #[serde(flatten)]
    pub(crate) effect: EffectView,
    /// Why you cannot turn it on now; null if you can.
    pub(crate) obstacle: Option<Obstacle>,
}

/// The refusal that a request would get now.
#[derive(Serialize, ToSchema)]
pub struct Obstacle {
    #[schema(example = "saml_grant_required")]
    code: &'static str,
    /// The reason, and what to do.
    message: String,
}

impl From<Error> for Obstacle {
    fn from(refusal: Error) -> Self {
        Self { code: refusal.code(), message: refusal.message().spoken() }
    }
}

/// Ten single-use codes, which are not shown again.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    pub(crate) recovery_codes: Vec<String>,
}

mirror! {
    /// The clock difference over the last responses.
    #[schema(as = Clock)]
    SkewView of Skew {
        /// Our time at arrival minus the provider's time of issue, in seconds, the median; positive if the provider's
        /// clock is behind.
        median_secs: i64,
        /// The smallest difference.
        least_secs: i64,
        /// The largest difference.
        most_secs: i64,
        /// The number of responses behind these values.
        samples: usize,
        /// The allowed difference, in either direction.
        allowed_secs: i64,
        /// How serious the difference is.
        level: SkewLevel,
    }
}

mirror! {
    /// A value that differs in the provider's metadata.
    #[schema(as = Change)]
    ChangeView of Change {
        /// `idp_entity_id` or `sign_on_url`.
        field: &'static str,
        /// The value in the connection.
        ours: String,
        /// The value in the metadata.
        theirs: String,
    }
}

/// The values read from an identity provider's metadata.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderValues)]
pub struct ProviderValuesView {
    /// The provider's sign-on URL.
    sign_on_url: String,
    /// The provider's entity ID.
    idp_entity_id: String,
    /// The provider's signing certificates, as PEM.
    certificates: Vec<String>,
    /// True if the provider wants signed requests.
    sign_requests: bool,
    /// Sentences about parts of the metadata that were not used.
    warnings: Vec<String>,
}

impl From<ProviderValues> for ProviderValuesView {
    fn from(values: ProviderValues) -> Self {
        let ProviderValues { sign_on_url, idp_entity_id, certificates, sign_requests, warnings } = values;
        let warnings = warnings.iter().map(Phrase::spoken).collect();
        Self { sign_on_url, idp_entity_id, certificates, sign_requests, warnings }
    }
}

impl ConnectionView {
    /// The connection, with the effect if this is the answer to a switch.
    pub fn of(overview: Overview, effect: Option<Effect>) -> Self {
        let Overview { organisation, service_provider, recovery_codes_left, suggested_portal_key, connected, now } =
            overview;
        let available = organisation.sign_in_policy().sso_available();
        let mut view = Self {
            status: organisation.connection_status,
            available,
            read_only: !available,
            entity_id: service_provider.entity_id,
            callback_url: service_provider.acs_url,
            saml_only: organisation.sign_in_policy().is_saml_only(),
            recovery_codes_left,
            suggested_portal_key,
            settings: None,
            certificates: Vec::new(),
            candidates: Vec::new(),
            changes: Vec::new(),
            source: None,
            effect: effect.map(EffectView::from),
        };
        if let Some(connected) = connected {
            view.settings = Some(SettingsView::of(&connected));
            view.certificates = CertificateView::all(&connected.certificates, now);
            view.candidates = connected.candidates.into_iter().map(|one| CandidateView::of(one, now)).collect();
            view.changes = connected.changes.into_iter().map(ChangeView::from).collect();
            view.source = connected.source.map(SourceView::from);
        }
        view
    }
}

impl SettingsView {
    /// The connection without the observed difference of the provider's clock.
    #[must_use]
    pub fn without_clock(self) -> Self {
        Self { clock: None, ..self }
    }

    /// The settings of a saved connection.
    pub fn of(connected: &Connected) -> Self {
        let settings = &connected.connection.settings;
        Self {
            provider: settings.provider,
            portal_key: settings.portal_key.as_str().to_owned(),
            portal_url: connected.portal_url.clone(),
            sign_on_url: settings.sign_on_url.clone(),
            idp_entity_id: settings.idp_entity_id.clone(),
            sign_requests: settings.requests.sign,
            force_authn: settings.requests.force_authn,
            name_id_format: settings.requests.name_id_format,
            tested_at: connected.connection.tested_at,
            last_tested_at: connected.connection.last_tested_at,
            settings_digest: settings.digest(connected.source.as_ref().map(|source| source.url.as_str())),
            certificates_end_at: connected.certificates_end_at,
            clock: connected.clock.clone().map(SkewView::from),
        }
    }
}

impl From<MetadataSource> for SourceView {
    fn from(source: MetadataSource) -> Self {
        let (failed_at, failure) = source.failure.map(|(at, why)| (at, why.spoken())).unzip();
        Self {
            metadata_url: source.url,
            adopt_certificates: source.adopt,
            metadata: MetadataView { fetched_at: source.fetched_at, next_at: source.next_at, failed_at, failure },
        }
    }
}

impl CertificateView {
    /// The details of a certificate at `now`.
    pub fn of(certificate: &Certificate, now: Timestamp) -> Self {
        Self {
            pem: certificate.pem().to_owned(),
            subject: certificate.subject().to_owned(),
            key: certificate.key().to_owned(),
            fingerprint: certificate.fingerprint(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            days_left: days_left(certificate.not_after(), now),
        }
    }

    /// The details of several certificates at `now`.
    pub fn all(certificates: &[Certificate], now: Timestamp) -> Vec<Self> {
        certificates.iter().map(|one| Self::of(one, now)).collect()
    }
}

impl CandidateView {
    fn of(candidate: Candidate, now: Timestamp) -> Self {
        let certificate = CertificateView::of(&candidate.certificate, now);
        let (added_by, at) = candidate.added.unzip();
        Self { certificate, added_by, at }
    }
}
