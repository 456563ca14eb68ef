//! SAML connections.

use super::engine::Row;
use super::rows::word;
use super::{Db, Tx};
use crate::domain::connection::{Connection, PortalKey, Provider, Settings, WaitingCertificate, portal_key_taken};
use crate::domain::ids::OrganisationId;
use crate::domain::request_options::{NameIdFormat, RequestOptions};
use crate::domain::{Error, Result};

fn list(row: &Row, column: &str) -> Result<Vec<String>> {
    word(row, column, |text| serde_json::from_str(text).ok())
}

const CONNECTION: &str =
    "SELECT c.organisation_id, c.provider, c.portal_key, c.sign_on_url, c.idp_entity_id, c.certificates,
    c.sign_requests, c.force_authn, c.name_id_format, c.tested_at, c.last_tested_at, c.tested_certificates, c.saml_only FROM connections c";

fn connection_from_row(row: &Row) -> Result<Connection> {
    Ok(Connection {
        organisation: row.get("organisation_id")?,
        settings: Settings {
            provider: word(row, "provider", |text| Provider::parse(text).ok())?,
            portal_key: word(row, "portal_key", |text| PortalKey::parse(text).ok())?,
            sign_on_url: row.get("sign_on_url")?,
            idp_entity_id: row.get("idp_entity_id")?,
            certificates: list(row, "certificates")?,
            requests: RequestOptions {
                sign: row.get("sign_requests")?,
                force_authn: row.get("force_authn")?,
                name_id_format: word(row, "name_id_format", |text| NameIdFormat::parse(text).ok())?,
            },
        },
        tested_at: row.get("tested_at")?,
        last_tested_at: row.get("last_tested_at")?,
        tested_certificates: list(row, "tested_certificates")?,
        saml_only: row.get("saml_only")?,
    })
}

/// How long a former portal key stays reserved for its organisation.
const RESERVED_SECS: i64 = 180 * 24 * 3600;
/// The maximum number of former portal keys that are reserved for an organisation, so that it cannot block many names by
/// changing its key repeatedly.
const MOST_RESERVED: i64 = 10;

impl Db<'_> {
    /// The organisation for which a former portal key is still reserved. `folded`: the key's form for comparison
    /// without case.
    pub fn find_former_holder(&self, folded: &str) -> Result<Option<OrganisationId>> {
        self.one(
            "SELECT organisation_id FROM former_portal_keys WHERE portal_key_folded = ?1 AND given_up_at > ?2",
            (folded, self.now().plus(-RESERVED_SECS)),
            |row| row.get(0),
        )
    }

    /// An organisation's connection, if any.
    pub fn find_connection(&self, organisation: &OrganisationId) -> Result<Option<Connection>> {
        self.one(&format!("{CONNECTION} WHERE c.organisation_id = ?1"), [organisation], connection_from_row)
    }

    /// All connections with the slugs of their organisations, by slug.
    pub fn connections(&self) -> Result<Vec<(String, Connection)>> {
        let sql = format!("{CONNECTION} JOIN organisations o ON o.id = c.organisation_id ORDER BY o.slug");
        self.all(&sql.replacen("SELECT", "SELECT o.slug,", 1), (), |row| {
            Ok((row.get("slug")?, connection_from_row(row)?))
        })
    }

    /// The certificates that API keys added to an organisation's connection and that no admin has adopted yet, oldest
    /// first.
    pub fn waiting_certificates(&self, organisation: &OrganisationId) -> Result<Vec<WaitingCertificate>> {
        let sql = "SELECT certificate, added_by, added_at FROM certificate_candidates WHERE organisation_id = ?1
            ORDER BY added_at, certificate";
        self.all(sql, [organisation], |row| {
            Ok(WaitingCertificate {
                certificate: row.get("certificate")?,
                added_by: row.get("added_by")?,
                added_at: row.get("added_at")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Adds a certificate that waits for an organisation admin. If it already waits, nothing changes.
    pub fn add_waiting_certificate(&self, organisation: &OrganisationId, waiting: &WaitingCertificate) -> Result<()> {
        self.run(
            "INSERT INTO certificate_candidates (organisation_id, certificate, added_by, added_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (organisation_id, certificate) DO NOTHING",
            (organisation, &waiting.certificate, &waiting.added_by, waiting.added_at),
        )
        .map(drop)
    }

    /// Deletes a waiting certificate.
    pub fn delete_waiting_certificate(&self, organisation: &OrganisationId, certificate: &str) -> Result<()> {
        let sql = "DELETE FROM certificate_candidates WHERE organisation_id = ?1 AND certificate = ?2";
        self.run(sql, (organisation, certificate)).map(drop)
    }

    /// Reserves the current portal key of an organisation for it, unless the key equals `keeps`.
    pub(super) fn reserve_portal_key(&self, organisation: &OrganisationId, keeps: Option<&str>) -> Result<()> {
        self.run("DELETE FROM former_portal_keys WHERE given_up_at <= ?1", [self.now().plus(-RESERVED_SECS)])?;
        self.run(
            "INSERT INTO former_portal_keys (portal_key_folded, organisation_id, given_up_at)
             SELECT portal_key_folded, organisation_id, ?2 FROM connections WHERE organisation_id = ?1 AND portal_key_folded <> ?3
             ON CONFLICT (portal_key_folded) DO UPDATE SET organisation_id = excluded.organisation_id,
                given_up_at = excluded.given_up_at",
            (organisation, self.now(), keeps.unwrap_or_default()),
        )?;
        self.run(
            "DELETE FROM former_portal_keys WHERE organisation_id = ?1 AND portal_key_folded NOT IN
                (SELECT portal_key_folded FROM former_portal_keys WHERE organisation_id = ?1 ORDER BY given_up_at DESC LIMIT ?2)",
            (organisation, MOST_RESERVED),
        )
        .map(drop)
    }

    /// Adds or replaces an organisation's connection.
    ///
    /// # Errors
    /// `Conflict` when another organisation has the portal key; upper and lower case count as equal.
    pub fn set_connection(&self, connection: &Connection) -> Result<()> {
        self.note_policy(&connection.organisation)?;
        let json = |list: &[String]| serde_json::to_string(list).map_err(Error::internal);
        let settings = &connection.settings;
        let folded = settings.portal_key.folded();
        self.reserve_portal_key(&connection.organisation, Some(&folded))?;
        self.run("DELETE FROM former_portal_keys WHERE portal_key_folded = ?1", [folded.as_str()])?;
        self.run_unless_taken(
            "INSERT INTO connections (organisation_id, provider, portal_key, portal_key_folded, sign_on_url, idp_entity_id,
                certificates, sign_requests, force_authn, name_id_format, tested_at, tested_certificates, saml_only,
                last_tested_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (organisation_id) DO UPDATE SET provider = excluded.provider, portal_key = excluded.portal_key,
                portal_key_folded = excluded.portal_key_folded, sign_on_url = excluded.sign_on_url,
                idp_entity_id = excluded.idp_entity_id, certificates = excluded.certificates,
                sign_requests = excluded.sign_requests, force_authn = excluded.force_authn,
                name_id_format = excluded.name_id_format, tested_at = excluded.tested_at,
                tested_certificates = excluded.tested_certificates, saml_only = excluded.saml_only,
                last_tested_at = excluded.last_tested_at",
            (
                &connection.organisation,
                settings.provider.as_str(),
                settings.portal_key.as_str(),
                folded,
                &settings.sign_on_url,
                &settings.idp_entity_id,
                json(&settings.certificates)?,
                settings.requests.sign,
                settings.requests.force_authn,
                settings.requests.name_id_format.as_str(),
                connection.tested_at,
                json(&connection.tested_certificates)?,
                connection.saml_only,
                connection.last_tested_at,
            ),
            portal_key_taken,
        )
    }

    /// Records a successful test sign-in with the current settings. A repeated test confirms the current certificates;
    /// the time of the first test stays, so that SAML sign-ins since then still count.
    pub fn set_connection_tested(&self, organisation: &OrganisationId) -> Result<()> {
        self.note_policy(organisation)?;
        self.run(
            "UPDATE connections SET tested_at = coalesce(tested_at, ?2), last_tested_at = ?2,
                tested_certificates = certificates
             WHERE organisation_id = ?1",
            (organisation, self.now()),
        )
        .map(drop)
    }

    /// Removes a connection.
    pub fn delete_connection(&self, organisation: &OrganisationId) -> Result<()> {
        self.note_policy(organisation)?;
        self.reserve_portal_key(organisation, None)?;
        self.run("DELETE FROM connections WHERE organisation_id = ?1", [organisation]).map(drop)
    }

    /// Turns SAML-only on or off.
    pub fn set_saml_only(&self, organisation: &OrganisationId, on: bool) -> Result<()> {
        self.note_policy(organisation)?;
        self.run("UPDATE connections SET saml_only = ?2 WHERE organisation_id = ?1", (organisation, on)).map(drop)
    }
}
