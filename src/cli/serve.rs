//! `vestibule serve`.

use super::logging::LogFormat;
use crate::actions::first_run;
use crate::app::{App, file_limit, low_file_limit, raise_file_limit};
use crate::config::{Config, Flags, MailConfig};
use crate::domain::phrase::Phrase;
use crate::domain::{Clock, Error, Result};
use crate::http::{self, Tls};
use crate::jobs;
use actix_web::web::Data;
use clap::ArgMatches;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The flags of `serve`.
#[derive(clap::Args)]
pub struct Serve {
    /// The folder that holds vestibule.db; created if missing
    #[arg(long, env = "VESTIBULE_DATA", default_value = "data", value_name = "DIR")]
    data: PathBuf,
    /// The form of the log: lines for people, or a JSON object in each line
    #[arg(long, env = "VESTIBULE_LOG_FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
    #[command(flatten)]
    flags: Flags,
}

/// The chosen form of the log; `None` for other commands.
pub fn log_format(matches: &ArgMatches) -> Option<LogFormat> {
    matches.subcommand_matches("serve")?.get_one("log_format").copied()
}

impl Serve {
    /// Runs the server until it is stopped.
    pub fn run(self) -> Result<ExitCode> {
        let Self { data, mut flags, .. } = self;
        let named = flags.public_url.is_some();
        let mut config = read_config(&flags, &data)?;
        raise_file_limit();
        if let Some(warning) = low_file_limit(file_limit()) {
            log::warn!("{warning}");
        }
        let listener = listen("--listen", config.listen)?;
        let plain = config.tls.as_ref().and_then(|tls| tls.http_listen);
        let plain = plain.map(|address| listen("--http-listen", address)).transpose()?;
        let echo = config.echo_listen.map(|address| listen("--echo-listen", address)).transpose()?;
        // Port 0 means any free port: links must contain the real one.
        if config.listen.port() == 0 {
            flags.listen = address_of(&listener)?.to_string();
            config = read_config(&flags, &data)?;
        }
        config.echo_listen = echo.as_ref().map(address_of).transpose()?;
        let tls = config.tls.as_ref().map(Tls::read).transpose()?;
        let app = App::open(config, Clock::System)?;
        crate::saml::lockdown(false);
        if !app.config.public_url.is_secure() {
            log::warn!(
                "the public URL is {}: passwords and cookies are sent unencrypted",
                app.config.public_url.origin()
            );
        }
        if app.config.listen.ip().is_unspecified() && !named {
            log::warn!(
                "links name {}, which works on this machine only: set the URL that people type with --public-url",
                app.config.public_url.origin()
            );
        }
        if let Some(doubt) = app.config.mail.as_ref().and_then(MailConfig::doubt) {
            log::warn!("{doubt}");
        }
        if let Some(doubt) = first_run::doubt(&app)? {
            log::warn!("{doubt}");
        }
        if let Some(link) = first_run::link(&app)? {
            say!("Set-up link: {link}");
            say!("Open it to set up Vestibule. It works until the set-up is done, or until the server starts again.");
        }
        if let Some(address) = app.config.echo_listen {
            log::info!("the echo application listens on {address}");
        }
        log::info!("listening on {}, reached at {}", app.config.listen, app.config.public_url.origin());
        let app = Data::new(app);
        jobs::start(&app.clone().into_inner())?;
        let served = actix_web::rt::System::new().block_on(async {
            let server = http::serve(app.clone(), listener, tls)?;
            if let Some(plain) = plain {
                actix_web::rt::spawn(http::serve_redirect(app.clone(), plain)?);
            }
            if let Some(echo) = echo {
                actix_web::rt::spawn(http::serve_echo(app.clone(), echo)?);
            }
            server.await.map_err(Error::internal)
        });
        app.stop();
        served?;
        Ok(ExitCode::SUCCESS)
    }
}

fn read_config(flags: &Flags, data: &Path) -> Result<Config> {
    Config::read(flags, data.to_owned()).map_err(|faults| Error::unavailable(Phrase::words(faults.join("\n"))))
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr> {
    listener.local_addr().map_err(Error::internal)
}

fn listen(flag: &str, address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|cause| {
        let told = format!("Cannot listen on {address}: {cause}. Choose another address with {flag}.");
        Error::unavailable(Phrase::words(told))
    })
}
