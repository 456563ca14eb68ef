//! TLS of the server: the certificate, which is read again when its file changes or on SIGHUP, and the handshake.
//!
//! HTTP/1.1 only: an HTTP/2 connection has many requests at once, which the limits of a connection do not count.

use super::watch::Watched;
use crate::config::TlsConfig;
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use actix_web::rt::time::timeout;
use openssl::error::ErrorStack;
use openssl::ssl::{
    AlpnError, Ssl, SslAcceptor, SslFiletype, SslMethod, SslOptions, SslSessionCacheMode, SslVersion, select_next_proto,
};
use std::fs::metadata;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::signal::unix::{SignalKind, signal};
use tokio_openssl::SslStream;

/// The time between two checks for a new certificate.
const LOOK: Duration = Duration::from_secs(2);
/// The only protocol inside TLS, as ALPN names it.
const HTTP_1_1: &[u8] = b"\x08http/1.1";

/// The server's certificate.
pub struct Tls {
    config: TlsConfig,
    acceptor: RwLock<Arc<SslAcceptor>>,
}

impl Tls {
    /// Reads the certificate and its key.
    ///
    /// # Errors
    /// `Unavailable` with the file that cannot be used.
    pub fn read(config: &TlsConfig) -> Result<Arc<Self>> {
        let acceptor = RwLock::new(Arc::new(acceptor(config)?));
        Ok(Arc::new(Self { config: config.clone(), acceptor }))
    }

    /// A new connection's state of TLS.
    ///
    /// # Errors
    /// The error of OpenSSL.
    pub fn start(&self) -> std::result::Result<Ssl, ErrorStack> {
        Ssl::new(self.acceptor.read().unwrap_or_else(PoisonError::into_inner).context())
    }

    /// Reads the certificate again; connections that are open keep theirs. A file that cannot be used changes nothing.
    fn read_again(&self) {
        match acceptor(&self.config) {
            Ok(new) => {
                *self.acceptor.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
                log::info!("the certificate in {} is used from now on", self.config.certificate.display());
            }
            Err(cause) => log::error!("the old certificate stays in use: {cause}"),
        }
    }

    /// When the files changed last.
    fn changed_at(&self) -> [Option<SystemTime>; 2] {
        [&self.config.certificate, &self.config.key].map(|file| metadata(file).and_then(|file| file.modified()).ok())
    }
}

/// Reads the certificate again whenever its files change, and on SIGHUP.
pub async fn follow(tls: Arc<Tls>) {
    let mut hangup = match signal(SignalKind::hangup()) {
        Ok(hangup) => hangup,
        Err(cause) => return log::error!("SIGHUP cannot be received, and changed certificates are not read: {cause}"),
    };
    let mut seen = tls.changed_at();
    loop {
        let is_told = timeout(LOOK, hangup.recv()).await.is_ok();
        let now = tls.changed_at();
        // While one file is being replaced, it may be missing.
        if is_told || now != seen && now.iter().all(Option::is_some) {
            seen = now;
            tls.read_again();
        }
    }
}

/// The settings of TLS: 1.2 and 1.3, with ciphers that have forward secrecy.
///
/// Source: Mozilla's *intermediate* configuration, version 5.
fn acceptor(config: &TlsConfig) -> Result<SslAcceptor> {
    let of_file = |file: &Path, cause: ErrorStack| {
        let cause = cause.errors().first().and_then(|error| error.reason()).unwrap_or("not PEM").to_owned();
        Error::unavailable(Phrase::words(format!("{} cannot be used for TLS: {cause}.", file.display())))
    };
    for file in [&config.certificate, &config.key] {
        std::fs::File::open(file).map_err(|cause| {
            Error::unavailable(Phrase::words(format!("{} cannot be read: {cause}.", file.display())))
        })?;
    }
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).map_err(Error::internal)?;
    builder.set_certificate_chain_file(&config.certificate).map_err(|cause| of_file(&config.certificate, cause))?;
    let (key, certificate) = (config.key.display(), config.certificate.display());
    let other = format!("{key} is not the private key of the certificate in {certificate}.");
    let other = || Error::unavailable(Phrase::words(other));
    builder.set_private_key_file(&config.key, SslFiletype::PEM).map_err(|cause| match cause.to_string() {
        text if text.contains("mismatch") => other(),
        _ => of_file(&config.key, cause),
    })?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2)).map_err(Error::internal)?;
    builder.set_options(SslOptions::NO_RENEGOTIATION);
    // Sessions are resumed with tickets, without memory in the server.
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_alpn_select_callback(|_, offered| select_next_proto(HTTP_1_1, offered).ok_or(AlpnError::NOACK));
    Ok(builder.build())
}

/// A watched connection, with or without TLS.
pub enum Stream {
    /// Without TLS.
    Plain(Watched),
    /// With TLS.
    Tls(SslStream<Watched>),
}

impl Stream {
    /// The connection under TLS.
    pub fn watched(&self) -> &Watched {
        match self {
            Self::Plain(watched) => watched,
            Self::Tls(stream) => stream.get_ref(),
        }
    }

    /// Runs the handshake if there is TLS.
    ///
    /// # Errors
    /// The error of the handshake.
    pub async fn begin(watched: Watched, tls: Option<&Tls>) -> io::Result<Self> {
        let Some(tls) = tls else { return Ok(Self::Plain(watched)) };
        let mut stream = SslStream::new(tls.start().map_err(io::Error::other)?, watched).map_err(io::Error::other)?;
        Pin::new(&mut stream).accept().await.map_err(io::Error::other)?;
        Ok(Self::Tls(stream))
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(watched) => Pin::new(watched).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(watched) => Pin::new(watched).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(watched) => Pin::new(watched).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(watched) => Pin::new(watched).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
