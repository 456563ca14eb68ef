//! The demo's applications: one for each organisation, each at an address of this machine, behind the demo's reverse proxy.

use super::people::{Company, People};
use super::seed::OFFICE;
use crate::actions::Caller;
use crate::actions::applications::{self, NewApplication};
use crate::app::App;
use crate::domain::application::{ApplicationKind, ProxySettings, Tile, read_url};
use crate::domain::application_host::{AppHost, HostGrant};
use crate::domain::application_rule::Rule;
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::{Error, Name, Page, Result};
use std::net::{Ipv4Addr, TcpListener};

/// The port of the applications, if it is free.
const USUAL_PORT: u16 = 8082;

/// An application of the demo. Browsers send cookies to all ports of an address, so that each has an address for itself.
struct Site {
    organisation: &'static str,
    address: Ipv4Addr,
    name: &'static str,
    description: &'static str,
}

const SITES: [Site; 2] = [
    Site {
        organisation: "birch-bakery",
        address: Ipv4Addr::new(127, 0, 0, 2),
        name: "Recipe book",
        description: "Shows what an application behind a reverse proxy receives",
    },
    Site {
        organisation: "northwind-robotics",
        address: Ipv4Addr::new(127, 0, 0, 3),
        name: "Robot manual",
        description: "Shows what an application behind a reverse proxy receives",
    },
];

/// An application that is served.
pub struct Served {
    /// Its name.
    pub name: &'static str,
    /// The slug of its organisation.
    pub organisation: &'static str,
    /// Its address.
    pub url: String,
    pub(super) listener: TcpListener,
}

/// Listens for each application. Those whose address this machine does not have are left out, with a warning in the log.
pub fn listen() -> Vec<Served> {
    let served = SITES.iter().filter_map(|site| {
        let listener = TcpListener::bind((site.address, USUAL_PORT)).or_else(|_| TcpListener::bind((site.address, 0)));
        match listener.and_then(|listener| listener.local_addr().map(|at| (listener, at))) {
            Ok((listener, at)) => {
                Some(Served { name: site.name, organisation: site.organisation, url: format!("http://{at}"), listener })
            }
            Err(cause) => {
                log::warn!("the demo runs without {}: cannot listen on {}: {cause}", site.name, site.address);
                None
            }
        }
    });
    served.collect()
}

/// Creates the applications in a new database.
pub fn create(app: &App, caller: &Caller, served: &[Served], people: &People) -> Result<()> {
    people.companies.iter().try_for_each(|company| {
        let Some(one) = served.iter().find(|one| one.organisation == company.slug) else { return Ok(()) };
        create_one(app, caller, company, one)
    })
}

fn create_one(app: &App, caller: &Caller, company: &Company, served: &Served) -> Result<()> {
    let (organisation, workspace) = app.store.read(|db| {
        let organisation = db.organisation(company.slug)?;
        let mut workspaces = db.workspaces(&organisation.id, &Page::first())?.items.into_iter();
        let office = workspaces.find(|workspace| workspace.name.as_str() == OFFICE);
        Ok((organisation, office.ok_or_else(|| Error::internal("no workspace of everybody"))?))
    })?;
    let host = host(served)?;
    applications::set_host_grants(app, caller, &organisation, vec![HostGrant::parse(host.name())?])?;
    let rules = vec![Rule::parse(0, "/public/", None, "public")?, Rule::parse(1, "/admin/", None, "admin")?];
    let site = SITES.iter().find(|site| site.organisation == company.slug);
    let new = NewApplication {
        kind: ApplicationKind::Proxy,
        tile: Tile {
            name: Name::parse("name", served.name)?,
            url: read_url(&served.url)?,
            icon: None,
            description: site.map(|site| site.description.to_owned()),
        },
        proxy: ProxySettings { hosts: vec![host], rules, assertion: true },
        oidc: None,
    };
    applications::create(app, caller, &workspace, new)?;
    Ok(())
}

fn host(served: &Served) -> Result<AppHost> {
    AppHost::parse(served.url.trim_start_matches("http://"))
}

/// Gives the applications of an earlier demo their addresses of this start, whose ports may be others.
pub fn move_to(app: &App, caller: &Caller, served: &[Served]) -> Result<()> {
    served.iter().try_for_each(|one| match app.store.read(|db| db.organisation(one.organisation)) {
        Ok(organisation) => move_one(app, caller, &organisation, one),
        Err(Error::NotFound(_)) => Ok(()),
        Err(other) => Err(other),
    })
}

fn move_one(app: &App, caller: &Caller, organisation: &Organisation, served: &Served) -> Result<()> {
    let host = host(served)?;
    let url = read_url(&served.url)?;
    let workspaces: Vec<Workspace> = app.store.read(|db| Ok(db.workspaces(&organisation.id, &Page::first())?.items))?;
    for workspace in workspaces {
        for found in applications::all(app, &workspace, &Page::first())?.items {
            if !found.proxy.hosts.iter().any(|old| old.name() == host.name()) {
                continue;
            }
            let (host, url) = (host.clone(), url.clone());
            applications::update(app, caller, &found.id, move |mut application| {
                application.proxy.hosts.retain(|old| old.name() != host.name());
                application.proxy.hosts.push(host);
                application.tile.url = url;
                Ok(application)
            })?;
        }
    }
    Ok(())
}
