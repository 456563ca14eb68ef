//! The metadata that connections follow, and the notices about expiring certificates.

use super::engine::Row;
use super::{Db, Tx};
use crate::domain::ids::OrganisationId;
use crate::domain::metadata::{FRESH_SECS, MetadataSource};
use crate::domain::phrase::Phrase;
use crate::domain::{Result, Timestamp};

fn source_from_row(row: &Row) -> Result<MetadataSource> {
    let failed_at: Option<Timestamp> = row.get("failed_at")?;
    Ok(MetadataSource {
        url: row.get("url")?,
        adopt: row.get("adopt")?,
        document: row.get("document")?,
        fetched_at: row.get("fetched_at")?,
        next_at: row.get("next_at")?,
        failure: failed_at.zip(row.get::<Option<String>>("failure")?.map(Phrase::of_kept)),
    })
}

impl Db<'_> {
    /// The metadata that an organisation's connection follows, if any.
    pub fn find_metadata_source(&self, organisation: &OrganisationId) -> Result<Option<MetadataSource>> {
        let sql = "SELECT url, adopt, document, fetched_at, next_at, failed_at, failure FROM metadata_sources
            WHERE organisation_id = ?1";
        self.one(sql, [organisation], source_from_row)
    }

    /// The address of the metadata that an organisation's connection follows, without the copy, which may be large.
    pub fn find_metadata_url(&self, organisation: &OrganisationId) -> Result<Option<String>> {
        self.one("SELECT url FROM metadata_sources WHERE organisation_id = ?1", [organisation], |row| row.get("url"))
    }

    /// The organisations whose last metadata fetch failed: slug, URL and reason.
    pub fn failing_metadata_sources(&self) -> Result<Vec<(String, String, Phrase)>> {
        let sql =
            "SELECT o.slug, s.url, s.failure FROM metadata_sources s JOIN organisations o ON o.id = s.organisation_id
            WHERE s.failure IS NOT NULL ORDER BY o.slug";
        self.all(sql, (), |row| Ok((row.get(0)?, row.get(1)?, Phrase::of_kept(row.get(2)?))))
    }

    /// True if admins were notified `days` days before the certificate that expires at `not_after`.
    pub fn has_expiry_notice(&self, organisation: &OrganisationId, not_after: Timestamp, days: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM expiry_notices WHERE organisation_id = ?1 AND not_after = ?2 AND days = ?3";
        Ok(self.one(sql, (organisation, not_after, days), |_| Ok(()))?.is_some())
    }

    /// The organisations whose metadata is due to be fetched, longest overdue first. A due time too far in the future,
    /// set while the clock was ahead, also counts as due.
    pub fn due_metadata_sources(&self) -> Result<Vec<OrganisationId>> {
        let sql = "SELECT organisation_id FROM metadata_sources WHERE next_at <= ?1 OR next_at > ?2 ORDER BY next_at";
        self.all(sql, (self.now(), self.now().plus(FRESH_SECS)), |row| row.get(0))
    }
}

impl Tx<'_> {
    /// Sets the metadata that an organisation's connection follows; `None`: it follows none.
    pub fn set_metadata_source(&self, organisation: &OrganisationId, source: Option<&MetadataSource>) -> Result<()> {
        let Some(source) = source else {
            return self.run("DELETE FROM metadata_sources WHERE organisation_id = ?1", [organisation]).map(drop);
        };
        let failure = source.failure.as_ref();
        self.run(
            "INSERT INTO metadata_sources (organisation_id, url, adopt, document, fetched_at, next_at, failed_at, failure)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (organisation_id) DO UPDATE SET url = excluded.url, adopt = excluded.adopt,
                document = excluded.document, fetched_at = excluded.fetched_at, next_at = excluded.next_at,
                failed_at = excluded.failed_at, failure = excluded.failure",
            (
                organisation,
                &source.url,
                source.adopt,
                &source.document,
                source.fetched_at,
                source.next_at,
                failure.map(|(at, _)| *at),
                failure.map(|(_, why)| why.kept()),
            ),
        )
        .map(drop)
    }

    /// Records that admins are notified `days` days before the certificate that expires at `not_after`.
    pub fn add_expiry_notice(&self, organisation: &OrganisationId, not_after: Timestamp, days: i64) -> Result<()> {
        let sql = "INSERT INTO expiry_notices (organisation_id, not_after, days) VALUES (?1, ?2, ?3)";
        self.run(sql, (organisation, not_after, days)).map(drop)
    }
}
