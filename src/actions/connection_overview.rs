//! An organisation's connection as its admins see it, read in one view of the database.

use super::certificates::{self, Candidate};
use super::connection::suggested_portal_key;
use super::metadata_changes::{self, Change};
use super::{attempts, branding};
use crate::app::App;
use crate::domain::connection::Connection;
use crate::domain::ids::OrganisationId;
use crate::domain::metadata::MetadataSource;
use crate::domain::organisation::Organisation;
use crate::domain::skew::Skew;
use crate::domain::{Result, Timestamp};
use crate::saml::{Certificate, ServiceProvider};
use crate::store::Db;

/// The connection, and our own values, which exist before the first save.
pub struct Overview {
    /// The organisation of the connection.
    pub organisation: Organisation,
    /// Our own values, for the identity provider.
    pub service_provider: ServiceProvider,
    /// The number of unused recovery codes.
    pub recovery_codes_left: i64,
    /// The portal key that is suggested before the first save.
    pub suggested_portal_key: String,
    /// The saved connection; `None` before the first save.
    pub connected: Option<Connected>,
    /// When the overview was read.
    pub now: Timestamp,
}

/// A connection that was saved.
pub struct Connected {
    /// The connection and its settings.
    pub connection: Connection,
    /// Where members sign in.
    pub portal_url: String,
    /// The certificates in use.
    pub certificates: Vec<Certificate>,
    /// When the last of these certificates expires.
    pub certificates_end_at: Timestamp,
    /// Certificates that wait for an organisation admin.
    pub candidates: Vec<Candidate>,
    /// The difference between the provider's clock and ours; `None` before the first response.
    pub clock: Option<Skew>,
    /// The metadata that the connection follows, if any.
    pub source: Option<MetadataSource>,
    /// The values in that metadata that differ from the connection's.
    pub changes: Vec<Change>,
}

/// The connection of an organisation, with everything that its page shows.
///
/// # Errors
/// `NotFound` when the organisation was deleted; `Unavailable` when the database cannot be read.
pub fn overview(app: &App, organisation: &OrganisationId) -> Result<Overview> {
    app.store.read(|db| read(app, db, organisation))
}

/// As `overview`, with the organisation's brand, for the holder of a set-up link.
///
/// # Errors
/// The errors of `overview`.
pub fn overview_with_brand(
    app: &App,
    organisation: &OrganisationId,
) -> Result<(Overview, Option<branding::ShownBrand>)> {
    app.store.read(|db| {
        let overview = read(app, db, organisation)?;
        let brand = branding::of_organisation(db, &overview.organisation)?;
        Ok((overview, brand))
    })
}

fn read(app: &App, db: &Db, organisation: &OrganisationId) -> Result<Overview> {
    let organisation = db.organisation(organisation.as_str())?;
    let connection = db.find_connection(&organisation.id)?;
    Ok(Overview {
        service_provider: app.service_provider(&organisation.connection_id),
        recovery_codes_left: db.count_recovery_codes(&organisation.id)?,
        suggested_portal_key: suggested_portal_key(&organisation),
        connected: connection.map(|connection| connected(app, db, connection)).transpose()?,
        now: app.now(),
        organisation,
    })
}

fn connected(app: &App, db: &Db, connection: Connection) -> Result<Connected> {
    let settings = &connection.settings;
    let source = db.find_metadata_source(&connection.organisation)?;
    let found = source.as_ref().map(|source| metadata_changes::found(settings, source, app.now()));
    let (offered, changes) = found.map(|found| (found.candidates, found.changes)).unwrap_or_default();
    Ok(Connected {
        portal_url: app.portal_url(settings.portal_key.as_str()),
        certificates: settings.certificates.iter().map(|pem| Certificate::stored(pem)).collect::<Result<_>>()?,
        certificates_end_at: certificates::end_at(settings)?,
        candidates: certificates::candidates(db, &connection, offered)?,
        clock: attempts::skew(app, db, &connection.organisation)?,
        changes,
        source,
        connection,
    })
}
