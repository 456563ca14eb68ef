//! The demo's applications, each at an address of this machine: one for each organisation behind the demo's reverse proxy, and
//! one that speaks OpenID Connect.

use super::people::OFFICE;
use crate::actions::applications::{self, NewApplication};
use crate::actions::{Caller, Run, host_grants};
use crate::app::App;
use crate::domain::application::{Application, ApplicationKind, ProxySettings, Tile, read_url};
use crate::domain::application_host::{AppHost, HostGrant};
use crate::domain::application_rule::Rule;
use crate::domain::level::Level;
use crate::domain::oidc_client::{ClientType, GivenClient};
use crate::domain::{Error, Name, Page, Result};
use std::net::{Ipv4Addr, TcpListener};
use url::Url;

/// The path of an OpenID Connect client to which people return from the sign-in.
pub const CALLBACK: &str = "/callback";
/// The port of the applications, if it is free.
const USUAL_PORT: u16 = 8082;

/// An application of the demo. Browsers send cookies to all ports of an address, so that each has an address for itself.
#[derive(Debug)]
pub struct Site {
    /// The slug of its organisation.
    pub organisation: &'static str,
    address: Ipv4Addr,
    /// Its name.
    pub name: &'static str,
    /// How it learns who is signed in.
    pub kind: ApplicationKind,
    /// The level that the demo's custom role has there, if it is not the default one.
    pub night_shift: Option<Level>,
    description: &'static str,
}

const SITES: [Site; 3] = [
    Site {
        organisation: "birch-bakery",
        address: Ipv4Addr::new(127, 0, 0, 2),
        name: "Recipe book",
        kind: ApplicationKind::Proxy,
        night_shift: None,
        description: "Shows what an application behind a reverse proxy receives",
    },
    Site {
        organisation: "northwind-robotics",
        address: Ipv4Addr::new(127, 0, 0, 3),
        name: "Robot manual",
        kind: ApplicationKind::Proxy,
        night_shift: Some(Level::NoAccess),
        description: "Shows what an application behind a reverse proxy receives",
    },
    Site {
        organisation: "northwind-robotics",
        address: Ipv4Addr::new(127, 0, 0, 4),
        name: "Shift planner",
        kind: ApplicationKind::Oidc,
        night_shift: Some(Level::Operator),
        description: "Shows what an application receives through OpenID Connect",
    },
];

/// An application that is served.
pub struct Served {
    /// The application.
    pub site: &'static Site,
    /// Its address.
    pub url: String,
    pub(super) listener: TcpListener,
}

/// Listens for each application. Those whose address this machine does not have are left out, with a warning in the log.
pub fn listen() -> Vec<Served> {
    let served = SITES.iter().filter_map(|site| {
        let listener = TcpListener::bind((site.address, USUAL_PORT)).or_else(|_| TcpListener::bind((site.address, 0)));
        match listener.and_then(|listener| listener.local_addr().map(|at| (listener, at))) {
            Ok((listener, at)) => Some(Served { site, url: format!("http://{at}"), listener }),
            Err(cause) => {
                log::warn!("the demo runs without {}: cannot listen on {}: {cause}", site.name, site.address);
                None
            }
        }
    });
    served.collect()
}

/// Creates the applications in a new database.
pub fn create(app: &App, caller: &Caller, served: &[Served]) -> Result<()> {
    served.iter().try_for_each(|one| {
        let (organisation, workspace) = app.store.read(|db| {
            let organisation = db.organisation(one.site.organisation)?;
            let mut workspaces = db.workspaces(&organisation.id, &Page::first())?.items.into_iter();
            let office = workspaces.find(|workspace| workspace.name.as_str() == OFFICE);
            Ok((organisation, office.ok_or_else(|| Error::internal("no workspace of everybody"))?))
        })?;
        if one.site.kind == ApplicationKind::Proxy {
            let grant = HostGrant::parse(&one.site.address.to_string())?;
            host_grants::set(app, caller, &organisation, vec![grant], Run::Real)?;
        }
        applications::create(app, caller, &workspace, one.new_application()?).map(drop)
    })
}

impl Served {
    fn new_application(&self) -> Result<NewApplication> {
        let Site { name, kind, description, .. } = self.site;
        let tile = Tile {
            name: Name::parse("name", name)?,
            url: read_url(&self.url)?,
            icon: None,
            description: Some((*description).into()),
        };
        let (mut proxy, mut oidc) = (ProxySettings::default(), None);
        if *kind == ApplicationKind::Proxy {
            let rules = vec![Rule::parse(0, "/public/", None, "public")?, Rule::parse(1, "/admin/", None, "admin")?];
            proxy = ProxySettings { hosts: vec![self.host()?], rules, assertion: true };
        } else {
            oidc = Some(self.client().create()?);
        }
        Ok(NewApplication { kind: *kind, tile, proxy, oidc })
    }

    /// The settings of a client without a secret, which the demo could not keep.
    fn client(&self) -> GivenClient {
        GivenClient {
            redirect_uris: Some(vec![format!("{}{CALLBACK}", self.url)]),
            post_logout_redirect_uris: Some(vec![format!("{}/", self.url)]),
            client_type: Some(ClientType::Public.as_str().into()),
            ..GivenClient::default()
        }
    }

    fn host(&self) -> Result<AppHost> {
        AppHost::parse(self.url.trim_start_matches("http://"))
    }

    /// The application in the database, unless the demo's user has deleted it.
    pub(super) fn find(&self, app: &App) -> Result<Option<Application>> {
        let address = Some(self.site.address.to_string());
        let is_own = |found: &Application| {
            let url = Url::parse(&found.tile.url).ok();
            found.kind == self.site.kind && url.and_then(|url| url.host_str().map(ToOwned::to_owned)) == address
        };
        let found = app.store.read(|db| {
            let organisation = db.organisation(self.site.organisation)?;
            let workspaces = db.workspaces(&organisation.id, &Page::first())?.items;
            let all = workspaces.iter().map(|workspace| Ok(db.applications(&workspace.id, &Page::first())?.items));
            Ok(all.collect::<Result<Vec<_>>>()?.into_iter().flatten().find(is_own))
        });
        match found {
            Err(Error::NotFound(_)) => Ok(None),
            other => other,
        }
    }
}

/// Gives the applications of an earlier demo their addresses of this start, whose ports may be others.
pub fn move_to(app: &App, caller: &Caller, served: &[Served]) -> Result<()> {
    served.iter().try_for_each(|one| {
        let Some(found) = one.find(app)? else { return Ok(()) };
        let (host, url, client) = (one.host()?, read_url(&one.url)?, one.client());
        let change = move |mut application: Application| {
            if let Some(oidc) = application.oidc.take() {
                application.oidc = Some(client.apply(oidc)?);
            } else {
                application.proxy.hosts.retain(|old| old.name() != host.name());
                application.proxy.hosts.push(host);
            }
            application.tile.url = url;
            Ok(application)
        };
        applications::update(app, caller, &found.id, change).map(drop)
    })
}
