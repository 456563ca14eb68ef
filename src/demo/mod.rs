//! Everything on one machine, offline: demo data and the practice identity provider.
//!
//! Reachable from `vestibule demo` alone. The provider is another site with a key of its own, and its answers go through the
//! same callback as any other's.

mod crowd;
mod fault;
mod people;
mod provider;
mod recipients;
mod seed;

pub use people::{PASSWORD, People};
pub use provider::Provider;

use crate::domain::phrase::Phrase;
use recipients::Recipients;

use crate::app::App;
use crate::config::{Config, FetchFlags, Flags, ProviderFlags};
use crate::domain::{Clock, Error, Result};
use crate::http;
use crate::jobs;
use actix_web::web::Data;
use std::net::TcpListener;
use std::path::PathBuf;

/// A demo that is ready to be served.
pub struct Demo {
    app: Data<App>,
    provider: Data<Provider>,
    listeners: (TcpListener, TcpListener),
    /// Who is here.
    pub people: People,
}

/// The options of a demo.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// True if the practice provider encrypts its assertions.
    pub encrypt: bool,
    /// How many more people the organisation on Enterprise has.
    pub crowd: usize,
    /// How many minutes after a sign-in sensitive actions ask again.
    pub reauthentication_minutes: Option<i64>,
}

impl Demo {
    /// Opens both ports, fills an empty data folder, and connects the practice provider by a test sign-in.
    ///
    /// `encrypt`: whether the provider encrypts its assertions. `crowd`: how many more people the organisation on Enterprise has.
    ///
    /// # Errors
    /// `Unavailable` when the folder or a port cannot be used.
    pub fn prepare(data: PathBuf, application: TcpListener, practice: TcpListener, options: Options) -> Result<Self> {
        let Options { encrypt, crowd, reauthentication_minutes } = options;
        let port = |listener: &TcpListener| listener.local_addr().map(|at| at.port()).map_err(Error::internal);
        // Two names of one machine, so that the two are different sites for a browser, as in life.
        let listen = format!("127.0.0.1:{}", port(&application)?);
        // The practice provider's metadata can be followed by its URL, too.
        let fetch = FetchFlags { metadata_private_hosts: Some("localhost,127.0.0.1".into()), ..FetchFlags::default() };
        let providers = ProviderFlags { fetch, ..ProviderFlags::default() };
        let config = Config::read(&Flags { listen, reauthentication_minutes, providers, ..Flags::default() }, data)
            .map_err(|faults| Error::invalid("demo", Phrase::words(faults.join("\n"))))?;
        let app = Data::new(App::open(config, Clock::System)?);
        let recipients = encrypt.then(|| Recipients::of(app.clone()));
        let provider = Provider::new(&format!("http://localhost:{}", port(&practice)?), recipients);
        crate::saml::lockdown(false);
        let people = People::new();
        seed::prepare(&app, &provider, &people)?;
        crowd::add(&app, people.companies[1].slug, crowd)?;
        Ok(Self { app, provider: Data::new(provider), listeners: (application, practice), people })
    }

    /// The address of the application.
    pub fn url(&self) -> &str {
        self.app.config.public_url.origin()
    }

    /// The address of the practice provider.
    pub fn provider_url(&self) -> &str {
        self.provider.origin()
    }

    /// Serves both until told to stop.
    ///
    /// # Errors
    /// `Unavailable` when a listener cannot be used.
    pub async fn serve(self) -> Result<()> {
        let provider = provider::serve(self.provider, self.listeners.1)?;
        jobs::start(&self.app.clone().into_inner())?;
        let application = http::serve(self.app.clone(), self.listeners.0)?;
        let stop_provider = provider.handle();
        actix_web::rt::spawn(provider);
        let served = application.await.map_err(Error::internal);
        stop_provider.stop(false).await;
        self.app.stop();
        served
    }
}
