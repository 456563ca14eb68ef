//! A cache of the application at each host. An entry whose host, application, organisation or plan has changed since it was
//! read is not used.

use super::Db;
use super::changes::{Changes, Stamp, Subject};
use crate::domain::Result;
use crate::domain::application::Hosted;
use crate::domain::application_host::AppHost;
use crate::domain::ids::ApplicationId;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// The maximum number of cached hosts, with and without an application.
const MOST: usize = 4096;

/// A cached host.
struct Entry {
    /// The application; `None` if there is none at this host.
    hosted: Option<Arc<Hosted>>,
    stamp: Stamp,
}

/// The cached hosts.
pub struct Hosts(Cache<AppHost, Arc<Entry>>);

impl Default for Hosts {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Hosts {
    /// The application of a host; the outer `None` if the database must be read.
    #[allow(clippy::option_option)] // unknown, no application, and an application are three things
    pub fn find(&self, host: &AppHost, changes: &Changes) -> Option<Option<Arc<Hosted>>> {
        let entry = self.0.get(host)?;
        changes.is_current(&entry.stamp).then(|| entry.hosted.clone())
    }

    /// Adds a host to the cache.
    pub fn keep(&self, host: AppHost, hosted: Option<Arc<Hosted>>, stamp: Stamp) {
        self.0.insert(host, Arc::new(Entry { hosted, stamp }));
    }
}

/// The subjects whose changes make an entry out of date.
pub fn subjects<'a>(host: &'a AppHost, hosted: Option<&'a Hosted>) -> impl Iterator<Item = (Subject, &'a str)> {
    let of_application = hosted.into_iter().flat_map(|hosted| {
        let organisation = &hosted.organisation;
        [(Subject::Organisation, organisation.id.as_str()), (Subject::Plan, organisation.plan.id.as_str())]
    });
    [(Subject::Host, host.as_str())].into_iter().chain(of_application)
}

impl Db<'_> {
    /// The application that is served at a host, if any.
    pub(super) fn find_hosted(&self, host: &AppHost) -> Result<Option<Hosted>> {
        let sql = "SELECT application_id FROM application_hosts WHERE host = ?1";
        let Some(id) = self.one(sql, [host], |row| row.get::<ApplicationId>(0))? else { return Ok(None) };
        let application = self.application(&id)?;
        let organisation = self.organisation(application.organisation.as_str())?;
        let workspace = self.workspace(&application.workspace)?.name;
        let granted = self.host_grants(&organisation.id)?.iter().any(|grant| grant.covers(host));
        Ok(Some(Hosted { application, organisation, workspace, granted }))
    }
}
