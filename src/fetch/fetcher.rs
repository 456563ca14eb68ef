//! Fetches text from URLs that users enter. It connects only to public addresses, so that it cannot be used to reach
//! internal services.

use super::address::is_public;
use crate::domain::Result;
use crate::domain::decoded::decoded;
use crate::domain::phrase::{Phrase, phrase};
use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use ureq::config::Config;
use ureq::http::header::LOCATION;
use ureq::http::{Response, StatusCode, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body};

/// The largest response body, in bytes.
pub const MOST_BYTES: u64 = 1024 * 1024;
/// The longest time for a fetch, from the name lookup to the last byte.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time for a post, which others wait for.
const POST_TIMEOUT: Duration = Duration::from_secs(5);
const ACCEPT: &str = "application/samlmetadata+xml, application/xml, text/xml";

/// Fetches text.
pub struct Fetcher {
    agent: Agent,
    /// An agent that trusts the additional certificate authorities, if any.
    private: Option<Agent>,
}

impl Fetcher {
    /// `private_hosts`: the names of hosts that may have private addresses. `authorities`: DER certificates that are
    /// trusted in addition to the system's.
    pub fn new(private_hosts: &[String], authorities: &[Vec<u8>]) -> Self {
        Self::by(private_hosts, authorities, Arc::new(DefaultResolver::default()))
    }

    fn by(private_hosts: &[String], authorities: &[Vec<u8>], inner: Arc<dyn Resolver>) -> Self {
        let resolver = Checked { private_hosts: private_hosts.to_vec(), inner };
        Self::with(resolver, (!authorities.is_empty()).then(|| roots(authorities)))
    }

    fn with(resolver: Checked, private: Option<RootCerts>) -> Self {
        Self {
            private: private.map(|roots| agent(roots, resolver.clone())),
            agent: agent(RootCerts::PlatformVerifier, resolver),
        }
    }

    /// Fetches the text at a URL. Redirects are not followed, and a proxy from the environment is not used, because
    /// both would connect to another address than the one that was checked.
    ///
    /// # Errors
    /// The reason, as a phrase for the admin who entered the URL, such as `it answered 404 Not Found`.
    pub fn text(&self, url: &str) -> Result<String, Phrase> {
        let answer = match (self.agent.get(url).call(), &self.private) {
            (Err(ureq::Error::NativeTls(_)), Some(private)) => private.get(url).call(),
            (answer, _) => answer,
        };
        read(answer.map_err(|cause| reason(&cause))?)
    }
}

impl Fetcher {
    /// Posts a form to a URL, under the rules of `text`.
    ///
    /// # Errors
    /// The reason, as a phrase for the admin who entered the URL.
    pub fn post(&self, url: &str, fields: &[(&str, &str)]) -> Result<(), Phrase> {
        let send = |agent: &Agent| {
            let request = agent.post(url).config().timeout_global(Some(POST_TIMEOUT)).build();
            request.send_form(fields.iter().copied())
        };
        let answer = match (send(&self.agent), &self.private) {
            (Err(ureq::Error::NativeTls(_)), Some(private)) => send(private),
            (answer, _) => answer,
        };
        let answer = answer.map_err(|cause| match cause {
            ureq::Error::Timeout(_) => phrase!("fetch-late", secs = POST_TIMEOUT.as_secs()),
            other => reason(&other),
        })?;
        if answer.status().is_success() { Ok(()) } else { read(answer).map(drop) }
    }
}

impl Default for Fetcher {
    /// Connects only to public addresses, and trusts only the system's certificate authorities.
    fn default() -> Self {
        Self::with(Checked { private_hosts: Vec::new(), inner: Arc::new(DefaultResolver::default()) }, None)
    }
}

fn agent(roots: RootCerts, resolver: Checked) -> Agent {
    let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(roots).build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(TIMEOUT))
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .max_idle_connections(0)
        .user_agent(concat!("Vestibule/", env!("CARGO_PKG_VERSION")))
        .accept(ACCEPT)
        .build();
    Agent::with_parts(config, DefaultConnector::default(), resolver)
}

fn roots(authorities: &[Vec<u8>]) -> RootCerts {
    let certificates: Vec<_> = authorities.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    RootCerts::new_with_certs(&certificates)
}

fn read(mut answer: Response<Body>) -> Result<String, Phrase> {
    match answer.status() {
        StatusCode::OK => {}
        status if status.is_redirection() => {
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            return Err(to.map_or_else(|| phrase!("fetch-redirect-nowhere"), |to| phrase!("fetch-redirect", to = to)));
        }
        status => return Err(phrase!("fetch-status", status = status.to_string())),
    }
    let charset = answer.body().charset().map(ToOwned::to_owned);
    let bytes = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(|cause| reason(&cause))?;
    decoded(&bytes, charset.as_deref()).map_err(|why| phrase!("fetch-no-text", why = why))
}

fn reason(cause: &ureq::Error) -> Phrase {
    match cause {
        ureq::Error::Timeout(_) => phrase!("fetch-late", secs = TIMEOUT.as_secs()),
        ureq::Error::BodyExceedsLimit(_) => phrase!("fetch-too-large"),
        ureq::Error::HostNotFound => phrase!("fetch-unknown-host"),
        ureq::Error::Io(cause) if cause.kind() == ErrorKind::ConnectionRefused => phrase!("fetch-nothing-there"),
        ureq::Error::Io(cause) => phrase!("fetch-broken", cause = cause.to_string()),
        ureq::Error::Other(ours) if ours.is::<NotPublic>() => phrase!("fetch-not-public", host = ours.to_string()),
        ureq::Error::NativeTls(cause) => phrase!("fetch-tls", cause = cause.to_string()),
        other => phrase!("fetch-failed", cause = other.to_string()),
    }
}

/// The host has an address that is not public.
#[derive(Debug)]
struct NotPublic(String);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotPublic {}

/// A resolver that refuses names with an address that is not public. The connection uses the addresses that were
/// checked here: the name is not resolved a second time.
#[derive(Debug, Clone)]
struct Checked {
    private_hosts: Vec<String>,
    inner: Arc<dyn Resolver>,
}

impl Resolver for Checked {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        let addresses = self.inner.resolve(uri, config, timeout)?;
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let allowed = self.private_hosts.iter().any(|name| name.trim_matches(['[', ']']).eq_ignore_ascii_case(host));
        if allowed || addresses.iter().all(|address| is_public(address.ip())) {
            return Ok(addresses);
        }
        Err(ureq::Error::Other(Box::new(NotPublic(host.to_owned()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A resolver that returns a different answer each time.
    #[derive(Debug)]
    struct Rebinding {
        answers: Vec<Vec<SocketAddr>>,
        asked: Arc<AtomicUsize>,
    }

    impl Resolver for Rebinding {
        fn resolve(
            &self,
            _: &Uri,
            _: &Config,
            _: NextTimeout,
        ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
            let turn = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
            let mut found = self.empty();
            self.answers[turn].iter().for_each(|address| found.push(*address));
            Ok(found)
        }
    }

    fn rebinding(private: &[&str], answers: Vec<Vec<SocketAddr>>) -> (Fetcher, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let private: Vec<_> = private.iter().map(ToString::to_string).collect();
        let resolver = Rebinding { answers, asked: asked.clone() };
        (Fetcher::by(&private, &[], Arc::new(resolver)), asked)
    }

    /// A server that always answers with this text, and counts its connections.
    fn server(text: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (address, visits) = (listener.local_addr().expect("bound"), Arc::new(AtomicUsize::new(0)));
        let counted = visits.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a visitor");
                counted.fetch_add(1, Ordering::SeqCst);
                drop(stream.read(&mut [0; 1024]));
                let length = text.len();
                drop(write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{text}"));
            }
        });
        (address, visits)
    }

    #[test]
    fn a_name_is_resolved_once_and_the_checked_address_is_used() {
        let (address, visits) = server("secret");
        let public: SocketAddr = "192.0.2.1:80".parse().expect("an address");
        let (fetcher, asked) = rebinding(&["idp.test"], vec![vec![address], vec![public]]);
        assert_eq!(fetcher.text("http://idp.test/").as_deref(), Ok("secret"));
        assert_eq!((asked.load(Ordering::SeqCst), visits.load(Ordering::SeqCst)), (1, 1));
    }

    #[test]
    fn a_name_with_any_private_address_is_refused() {
        let (address, visits) = server("secret");
        let public: SocketAddr = "1.1.1.1:80".parse().expect("an address");
        let mapped = SocketAddr::new("::ffff:127.0.0.1".parse().expect("an address"), address.port());
        for answer in [vec![address], vec![public, address], vec![mapped]] {
            let (fetcher, _) = rebinding(&["other.test"], vec![answer]);
            let refused = fetcher.text("http://idp.test/").expect_err("private").to_string();
            assert!(refused.contains("idp.test has an address that is not public"), "{refused}");
        }
        assert_eq!(visits.load(Ordering::SeqCst), 0);
        let (fetcher, _) = rebinding(&["idp.test"], vec![vec![address]]);
        assert_eq!(fetcher.text("http://IDP.test/").as_deref(), Ok("secret"));
    }

    #[test]
    fn every_notation_of_loopback_is_refused() {
        let (address, visits) = server("secret");
        let fetcher = Fetcher::new(&[], &[]);
        for host in ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::ffff:127.0.0.1]"]
        {
            assert!(fetcher.text(&format!("http://{host}:{}/", address.port())).is_err(), "{host} was reached");
        }
        assert_eq!(visits.load(Ordering::SeqCst), 0);
        let allowed = Fetcher::new(&["127.0.0.1".into()], &[]);
        assert_eq!(allowed.text(&format!("http://{address}/")).as_deref(), Ok("secret"));
    }
}
