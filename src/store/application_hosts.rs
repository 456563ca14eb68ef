//! The hosts of applications, and the hosts that are granted to organisations.

use super::hosts::with_ports;
use super::{Db, Tx};
use crate::domain::application_host::{AppHost, HostGrant};
use crate::domain::ids::{ApplicationId, OrganisationId};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};

impl Db<'_> {
    /// The hosts that are granted to an organisation, by name.
    pub fn host_grants(&self, organisation: &OrganisationId) -> Result<Vec<HostGrant>> {
        let sql = "SELECT host FROM host_grants WHERE organisation_id = ?1 ORDER BY host";
        let hosts: Vec<String> = self.all(sql, [organisation], |row| row.get(0))?;
        hosts.iter().map(|host| HostGrant::parse(host).map_err(Error::internal)).collect()
    }

    /// A grant of another organisation that overlaps with this one, if any.
    pub fn find_overlapping_grant(
        &self,
        organisation: &OrganisationId,
        grant: &HostGrant,
    ) -> Result<Option<HostGrant>> {
        let sql = "SELECT host FROM host_grants WHERE organisation_id <> ?1";
        let others: Vec<String> = self.all(sql, [organisation], |row| row.get(0))?;
        let others = others.iter().filter_map(|host| HostGrant::parse(host).ok());
        Ok(others.into_iter().find(|other| other.overlaps(grant)))
    }

    /// The hosts of an organisation's applications, each with the id and name of its application, by name.
    pub fn hosts_of_applications(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Vec<(ApplicationId, String, AppHost)>> {
        let sql = "SELECT a.id, a.name, h.host FROM application_hosts h JOIN applications a ON a.id = h.application_id
            WHERE a.organisation_id = ?1 ORDER BY a.name, a.id, h.host";
        self.all(sql, [organisation], |row| Ok((row.get("id")?, row.get("name")?, row.get("host")?)))
    }

    /// The hosts of an application, by name.
    pub fn application_hosts(&self, application: &ApplicationId) -> Result<Vec<AppHost>> {
        let sql = "SELECT host FROM application_hosts WHERE application_id = ?1 ORDER BY host";
        self.all(sql, [application], |row| row.get(0))
    }
}

impl Tx<'_> {
    /// Replaces the hosts that are granted to an organisation.
    pub fn set_host_grants(&self, organisation: &OrganisationId, grants: &[HostGrant]) -> Result<()> {
        self.run("DELETE FROM host_grants WHERE organisation_id = ?1", [organisation])?;
        for grant in grants {
            let sql = "INSERT INTO host_grants (host, organisation_id) VALUES (?1, ?2)";
            self.run(sql, (grant.as_str(), organisation))?;
        }
        Ok(())
    }

    /// Replaces the hosts of an application.
    ///
    /// # Errors
    /// `Conflict` with field `hosts` when another application has one of them.
    pub(super) fn set_application_hosts(&self, application: &ApplicationId, hosts: &[AppHost]) -> Result<()> {
        self.run("DELETE FROM application_hosts WHERE application_id = ?1", [application])?;
        for host in hosts {
            let taken = || Error::taken("hosts", phrase!("application-host-taken", host = host.name()));
            // Whatever the port, because proxies choose the application by the name alone.
            let (first, end) = with_ports(host.name());
            let sql = "SELECT count(*) FROM application_hosts
                WHERE application_id <> ?1 AND (host = ?2 OR (host > ?3 AND host < ?4))";
            if self.count(sql, (application, host.name(), first, end))? > 0 {
                return Err(taken());
            }
            let sql = "INSERT INTO application_hosts (host, application_id) VALUES (?1, ?2)";
            self.run_unless_taken(sql, (host, application), taken)?;
        }
        Ok(())
    }
}
