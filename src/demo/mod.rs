//! The demo: everything on one machine, offline, with demo data and the practice identity provider.
//!
//! Used only by `vestibule demo`. The provider is a separate site with its own key, and its responses go through the
//! same callback as those of any other provider. Requests to the demo's applications go through the same checks as those
//! of any other proxy.

mod applications;
mod client;
mod crowd;
mod fault;
mod people;
mod provider;
mod proxy;
mod recipients;
mod roles;
mod seed;

pub use applications::Served;
pub use people::{PASSWORD, People};
pub use provider::Provider;
pub use roles::NIGHT_SHIFT;

use crate::domain::phrase::Phrase;
use recipients::Recipients;

use crate::app::App;
use crate::config::{Config, FetchFlags, Flags, ProviderFlags};
use crate::domain::application::ApplicationKind;
use crate::domain::{Clock, Error, Result};
use crate::http;
use crate::jobs;
use actix_web::dev::Server;
use actix_web::web::Data;
use std::net::TcpListener;
use std::path::PathBuf;

/// A demo that is ready to be served.
pub struct Demo {
    app: Data<App>,
    provider: Data<Provider>,
    listeners: (TcpListener, TcpListener),
    /// The demo's applications.
    pub applications: Vec<Served>,
    /// The people of the demo.
    pub people: People,
}

/// The options of a demo.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// True if the practice provider encrypts its assertions.
    pub encrypt: bool,
    /// The number of additional people in the Enterprise organisation.
    pub crowd: usize,
    /// The number of minutes after a sign-in when sensitive actions ask for it again.
    pub reauthentication_minutes: Option<i64>,
}

impl Demo {
    /// Opens both ports, fills an empty data folder, and connects the practice provider by a test sign-in.
    ///
    /// # Errors
    /// `Unavailable` when the folder or a port cannot be used.
    pub fn prepare(data: PathBuf, vestibule: TcpListener, practice: TcpListener, options: Options) -> Result<Self> {
        let Options { encrypt, crowd, reauthentication_minutes } = options;
        let port = |listener: &TcpListener| listener.local_addr().map(|at| at.port()).map_err(Error::internal);
        // Two host names of one machine, so that the browser treats them as different sites, as in production.
        let listen = format!("127.0.0.1:{}", port(&vestibule)?);
        // Connections may also load the practice provider's metadata by its URL.
        let fetch = FetchFlags { metadata_private_hosts: Some("localhost,127.0.0.1".into()), ..FetchFlags::default() };
        let providers = ProviderFlags { fetch, ..ProviderFlags::default() };
        let config = Config::read(&Flags { listen, reauthentication_minutes, providers, ..Flags::default() }, data)
            .map_err(|faults| Error::invalid("demo", Phrase::words(faults.join("\n"))))?;
        let app = Data::new(App::open(config, Clock::System)?);
        let recipients = encrypt.then(|| Recipients::of(app.clone()));
        let provider = Provider::new(&format!("http://localhost:{}", port(&practice)?), recipients);
        crate::saml::lockdown(false);
        let people = People::new();
        let applications = applications::listen();
        seed::prepare(&app, &provider, &people, &applications)?;
        crowd::add(&app, people.companies[1].slug, crowd)?;
        Ok(Self { app, provider: Data::new(provider), listeners: (vestibule, practice), applications, people })
    }

    /// The address of Vestibule.
    pub fn url(&self) -> &str {
        self.app.config.public_url.origin()
    }

    /// The address of the practice provider.
    pub fn provider_url(&self) -> &str {
        self.provider.origin()
    }

    /// Serves all sites until they are stopped.
    ///
    /// # Errors
    /// `Unavailable` when a listener cannot be used.
    pub async fn serve(self) -> Result<()> {
        let mut others = vec![provider::serve(self.provider, self.listeners.1)?];
        jobs::start(&self.app.clone().into_inner())?;
        let origin = self.app.config.public_url.origin();
        for served in self.applications {
            if served.site.kind == ApplicationKind::Proxy {
                others.push(proxy::serve(self.app.clone(), origin, served.listener)?);
            } else if let Some(application) = served.find(&self.app)? {
                others.push(client::serve(origin, application.id.as_str(), served)?);
            }
        }
        let vestibule = http::serve(self.app.clone(), self.listeners.0, None)?;
        let stops: Vec<_> = others.iter().map(Server::handle).collect();
        for other in others {
            actix_web::rt::spawn(other);
        }
        let served = vestibule.await.map_err(Error::internal);
        for stop in stops {
            stop.stop(false).await;
        }
        self.app.stop();
        served
    }
}
