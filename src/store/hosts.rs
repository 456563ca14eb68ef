//! The applications at hosts, and the subjects on which they depend.

use super::Db;
use super::changes::Subject;
use super::stamped::Stamped;
use crate::domain::Result;
use crate::domain::application::{Application, Hosted};
use crate::domain::application_host::AppHost;
use crate::domain::application_rule::RuleSet;
use crate::domain::ids::ApplicationId;
use std::sync::Arc;

/// The maximum number of cached hosts, with and without an application.
pub const MOST_HOSTS: usize = 4096;

/// The cached hosts: the application of each, or `None` if there is none.
pub type Hosts = Stamped<AppHost, Option<Arc<Hosted>>>;

/// The subjects whose changes make an entry out of date.
pub fn subjects<'a>(host: &'a AppHost, hosted: Option<&'a Hosted>) -> impl Iterator<Item = (Subject, &'a str)> {
    let of_application = hosted.into_iter().flat_map(|hosted| {
        let organisation = &hosted.organisation;
        [(Subject::Organisation, organisation.id.as_str()), (Subject::Plan, organisation.plan.id.as_str())]
    });
    [(Subject::Host, host.as_str())].into_iter().chain(of_application)
}

/// The range of the hosts that have this name and a port, without its ends: the character after `:` is `;`.
pub(super) fn with_ports(name: &str) -> (String, String) {
    (format!("{name}:"), format!("{name};"))
}

impl Db<'_> {
    /// The application that is served at a host, if any.
    pub fn find_hosted(&self, host: &AppHost) -> Result<Option<Hosted>> {
        let sql = "SELECT application_id FROM application_hosts WHERE host = ?1";
        let Some(id) = self.one(sql, [host], |row| row.get::<ApplicationId>(0))? else { return Ok(None) };
        let mut hosted = self.as_hosted(self.application(&id)?)?;
        hosted.granted = self.host_grants(&hosted.organisation.id)?.iter().any(|grant| grant.covers(host));
        Ok(Some(hosted))
    }

    /// True if an application is served at this name, at any port.
    pub fn is_application_name(&self, name: &AppHost) -> Result<bool> {
        let (first, end) = with_ports(name.name());
        let sql = "SELECT 1 FROM application_hosts WHERE host = ?1 OR (host > ?2 AND host < ?3) LIMIT 1";
        Ok(self.one(sql, (name.name(), first, end), |_| Ok(()))?.is_some())
    }

    /// An application with its organisation and its workspace, at no host.
    pub(super) fn as_hosted(&self, application: Application) -> Result<Hosted> {
        let Application { id, workspace: workspace_id, organisation, tile, proxy, .. } = application;
        let organisation = self.organisation(organisation.as_str())?;
        let workspace = self.workspace(&workspace_id)?.name;
        let (name, rules, assertion) = (tile.name, RuleSet::new(&proxy.rules), proxy.assertion);
        Ok(Hosted { application: id, name, rules, assertion, organisation, workspace, workspace_id, granted: false })
    }
}
