//! Custom names and logos of organisations and of the appliance.

use super::engine::Row;
use super::{Db, Tx};
use crate::domain::branding::{Brand, Branding, Kind, Logo};
use crate::domain::ids::{LogoId, OrganisationId};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Name, Result};

fn logo_from_row(row: &Row) -> Result<Option<Logo>> {
    let kind: Option<String> = row.get("logo_type")?;
    let bytes: Option<Vec<u8>> = row.get("logo")?;
    let kind = kind.as_deref().and_then(Kind::of_media_type);
    Ok(kind.zip(bytes).map(|(kind, bytes)| Logo { kind, bytes }))
}

/// The key of an owner: empty for the appliance.
fn key(organisation: Option<&OrganisationId>) -> &str {
    organisation.map_or("", OrganisationId::as_str)
}

impl Db<'_> {
    /// The branding of an organisation, or of the appliance with `None`; empty if none is set.
    pub fn branding(&self, organisation: Option<&OrganisationId>) -> Result<Branding> {
        let sql = "SELECT name, logo_type, logo FROM branding WHERE coalesce(organisation_id, '') = ?1";
        let found =
            self.one(sql, [key(organisation)], |row| Ok((row.get::<Option<String>>("name")?, logo_from_row(row)?)))?;
        let Some((name, logo)) = found else { return Ok(Branding::default()) };
        Ok(Branding { name: name.map(|name| Name::parse("name", &name)).transpose()?, logo })
    }

    /// As `branding`, in the form that pages show; `None` if none is set.
    pub fn find_brand(&self, organisation: Option<&OrganisationId>) -> Result<Option<Brand>> {
        let sql = "SELECT name, logo_id FROM branding WHERE coalesce(organisation_id, '') = ?1";
        self.one(sql, [key(organisation)], |row| Ok(Brand { name: row.get("name")?, logo: row.get("logo_id")? }))
    }

    /// A logo by the id in its address.
    ///
    /// # Errors
    /// `NotFound` when it is unknown or was replaced.
    pub fn logo(&self, id: &LogoId) -> Result<Logo> {
        let found = self.one("SELECT logo_type, logo FROM branding WHERE logo_id = ?1", [id], logo_from_row)?;
        found.flatten().ok_or_else(|| Error::NotFound(phrase!("logo-not-found")))
    }
}

impl Tx<'_> {
    /// Replaces the branding; the logo gets a new id.
    pub fn set_branding(&self, organisation: Option<&OrganisationId>, branding: &Branding) -> Result<()> {
        self.delete_branding(organisation)?;
        let logo = branding.logo.as_ref();
        self.run(
            "INSERT INTO branding (organisation_id, name, logo_id, logo_type, logo) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                organisation,
                branding.name.as_ref().map(Name::as_str),
                logo.map(|_| LogoId::random()),
                logo.map(|logo| logo.kind.media_type()),
                logo.map(|logo| &logo.bytes),
            ),
        )
        .map(drop)
    }

    /// Deletes the branding; true if there was any.
    pub fn delete_branding(&self, organisation: Option<&OrganisationId>) -> Result<bool> {
        let sql = "DELETE FROM branding WHERE coalesce(organisation_id, '') = ?1";
        Ok(self.run(sql, [key(organisation)])? > 0)
    }
}
