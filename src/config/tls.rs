//! TLS of the server.

use super::{keep, parse_listen};
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Flags and environment variables about TLS, unparsed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct TlsFlags {
    /// The certificate of the server with its chain (PEM): serve HTTPS. Read again when the file changes
    #[arg(long, env = "VESTIBULE_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of the certificate (PEM)
    #[arg(long, env = "VESTIBULE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Also listen here for HTTP, and redirect every request to the public URL
    #[arg(long, env = "VESTIBULE_HTTP_LISTEN", value_name = "HOST:PORT")]
    pub http_listen: Option<String>,
}

/// The files of the server's certificate, and the address of the redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsConfig {
    /// The certificate with its chain, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
    /// The address at which HTTP is redirected, if any.
    pub http_listen: Option<SocketAddr>,
}

impl TlsConfig {
    /// Reads the flags; `None` if the server has no certificate.
    ///
    /// # Errors
    /// `Invalid` with the name of the flag.
    pub fn read(flags: &TlsFlags, faults: &mut Vec<String>) -> Option<Self> {
        let http_listen = flags.http_listen.as_deref().map(|raw| parse_listen("--http-listen", raw)).transpose();
        let http_listen = keep(faults, http_listen).flatten();
        keep(faults, both(flags)).flatten().map(|(certificate, key)| Self { certificate, key, http_listen })
    }
}

fn both(flags: &TlsFlags) -> Result<Option<(PathBuf, PathBuf)>> {
    let missing = |flag: &str, other: &str| Error::invalid(flag, Phrase::words(format!("is needed with {other}")));
    match (&flags.tls_cert, &flags.tls_key) {
        (Some(certificate), Some(key)) => Ok(Some((certificate.clone(), key.clone()))),
        (Some(_), None) => Err(missing("--tls-key", "--tls-cert")),
        (None, Some(_)) => Err(missing("--tls-cert", "--tls-key")),
        (None, None) if flags.http_listen.is_some() => Err(missing("--tls-cert", "--http-listen")),
        (None, None) => Ok(None),
    }
}
