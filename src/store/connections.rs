//! SAML connections.

use super::engine::Row;
use super::rows::word;
use super::{Db, Tx};
use crate::domain::connection::{Connection, PortalKey, Provider, Settings, WaitingCertificate};
use crate::domain::ids::OrganisationId;
use crate::domain::request_options::{NameIdFormat, RequestOptions};
use crate::domain::{Error, Result};

fn list(row: &Row, column: &str) -> Result<Vec<String>> {
    word(row, column, |text| serde_json::from_str(text).ok())
}

const CONNECTION: &str =
    "SELECT c.organisation_id, c.provider, c.portal_key, c.sign_on_url, c.idp_entity_id, c.certificates,
    c.sign_requests, c.force_authn, c.name_id_format, c.tested_at, c.tested_certificates, c.saml_only FROM connections c";

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
        tested_certificates: list(row, "tested_certificates")?,
        saml_only: row.get("saml_only")?,
    })
}

impl Db<'_> {
    /// An organisation's connection, if it has one.
    pub fn find_connection(&self, organisation: &OrganisationId) -> Result<Option<Connection>> {
        self.one(&format!("{CONNECTION} WHERE c.organisation_id = ?1"), [organisation], connection_from_row)
    }

    /// Every connection, with the slug of its organisation, by that.
    pub fn connections(&self) -> Result<Vec<(String, Connection)>> {
        let sql = format!("{CONNECTION} JOIN organisations o ON o.id = c.organisation_id ORDER BY o.slug");
        self.all(&sql.replacen("SELECT", "SELECT o.slug,", 1), (), |row| {
            Ok((row.get("slug")?, connection_from_row(row)?))
        })
    }

    /// Certificates that API keys added to an organisation's connection and that nobody has adopted yet, oldest first.
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
    /// Adds a certificate that waits for an organisation admin; one that waits already stays as it is.
    pub fn add_waiting_certificate(&self, organisation: &OrganisationId, waiting: &WaitingCertificate) -> Result<()> {
        self.run(
            "INSERT INTO certificate_candidates (organisation_id, certificate, added_by, added_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (organisation_id, certificate) DO NOTHING",
            (organisation, &waiting.certificate, &waiting.added_by, waiting.added_at),
        )
        .map(drop)
    }

    /// Forgets a certificate that waited.
    pub fn delete_waiting_certificate(&self, organisation: &OrganisationId, certificate: &str) -> Result<()> {
        let sql = "DELETE FROM certificate_candidates WHERE organisation_id = ?1 AND certificate = ?2";
        self.run(sql, (organisation, certificate)).map(drop)
    }

    /// Saves a connection, the first or a changed one.
    ///
    /// # Errors
    /// `Conflict` when another organisation has the portal key, in any case.
    pub fn set_connection(&self, connection: &Connection) -> Result<()> {
        self.note_organisation(&connection.organisation);
        let json = |list: &[String]| serde_json::to_string(list).map_err(Error::internal);
        let settings = &connection.settings;
        self.run_unless_taken(
            "INSERT INTO connections (organisation_id, provider, portal_key, portal_key_folded, sign_on_url, idp_entity_id,
                certificates, sign_requests, force_authn, name_id_format, tested_at, tested_certificates, saml_only)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (organisation_id) DO UPDATE SET provider = excluded.provider, portal_key = excluded.portal_key,
                portal_key_folded = excluded.portal_key_folded, sign_on_url = excluded.sign_on_url,
                idp_entity_id = excluded.idp_entity_id, certificates = excluded.certificates,
                sign_requests = excluded.sign_requests, force_authn = excluded.force_authn,
                name_id_format = excluded.name_id_format, tested_at = excluded.tested_at,
                tested_certificates = excluded.tested_certificates, saml_only = excluded.saml_only",
            (
                &connection.organisation,
                settings.provider.as_str(),
                settings.portal_key.as_str(),
                settings.portal_key.folded(),
                &settings.sign_on_url,
                &settings.idp_entity_id,
                json(&settings.certificates)?,
                settings.requests.sign,
                settings.requests.force_authn,
                settings.requests.name_id_format.as_str(),
                connection.tested_at,
                json(&connection.tested_certificates)?,
                connection.saml_only,
            ),
            || Error::taken("portal_key", "This SSO portal key is taken. Choose another."),
        )
    }

    /// Notes that the test sign-in went through under the present settings. A further one confirms the certificates that are
    /// there now, and changes nothing for those who came in through SAML since the first.
    pub fn set_connection_tested(&self, organisation: &OrganisationId) -> Result<()> {
        self.note_organisation(organisation);
        self.run(
            "UPDATE connections SET tested_at = coalesce(tested_at, ?2), tested_certificates = certificates
             WHERE organisation_id = ?1",
            (organisation, self.now()),
        )
        .map(drop)
    }

    /// Removes a connection.
    pub fn delete_connection(&self, organisation: &OrganisationId) -> Result<()> {
        self.note_organisation(organisation);
        self.run("DELETE FROM connections WHERE organisation_id = ?1", [organisation]).map(drop)
    }

    /// Turns SAML-only on or off.
    pub fn set_saml_only(&self, organisation: &OrganisationId, on: bool) -> Result<()> {
        self.note_organisation(organisation);
        self.run("UPDATE connections SET saml_only = ?2 WHERE organisation_id = ?1", (organisation, on)).map(drop)
    }
}
