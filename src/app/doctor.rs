//! The doctor's check of the base URL: examines incoming requests to see whether the reverse proxy passes on the host,
//! the scheme and the address of the client.

use crate::config::{Config, PublicUrl};
use crate::domain::Timestamp;
use crate::domain::phrase::{Phrase, phrase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The shortest time between two saves of the observations, in seconds.
const SAVED_EVERY_SECS: i64 = 60;
/// The time after which observations are discarded, in seconds.
const WINDOW_SECS: i64 = 3600;
/// The maximum length of a quoted header, in characters.
const MOST_CHARS: usize = 100;

/// How a request arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The address of the TCP peer: the reverse proxy, if there is one.
    pub peer: IpAddr,
    /// The header `Host`.
    pub host: &'a str,
    /// The header `X-Forwarded-Host`, or `host` of `Forwarded`.
    pub forwarded_host: Option<&'a str>,
    /// The header `X-Forwarded-Proto`, or `proto` of `Forwarded`.
    pub forwarded_proto: Option<&'a str>,
    /// The header `X-Forwarded-For`, or `Forwarded`.
    pub forwarded_for: Option<&'a str>,
    /// True if the last hop in `forwarded_for` is an IP address.
    pub names_client: bool,
}

/// The mistakes that a proxy can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The request names another host than the public URL.
    Host,
    /// The sender adds forwarding headers but is not a trusted proxy.
    UntrustedProxy,
    /// A trusted proxy does not pass on the client's address.
    NoAddress,
    /// The client used HTTPS where the public URL has `http`, or the other way round.
    Scheme,
    /// A sender asks about requests to applications but is not a trusted proxy.
    UntrustedCheck,
}

impl Trouble {
    /// The mistakes that any request can show.
    pub const ALL: [Self; 4] = [Self::Host, Self::UntrustedProxy, Self::NoAddress, Self::Scheme];
}

impl Arrival<'_> {
    /// The mistakes that this request shows.
    pub fn troubles(&self, config: &Config) -> Vec<Trouble> {
        Trouble::ALL.into_iter().filter(|trouble| self.shows(*trouble, config)).collect()
    }

    fn shows(&self, trouble: Trouble, config: &Config) -> bool {
        let trusted = config.trusts(self.peer);
        match trouble {
            Trouble::Host => !self.asked_host(trusted).eq_ignore_ascii_case(config.public_url.host()),
            Trouble::UntrustedProxy => {
                !trusted && [self.forwarded_for, self.forwarded_host, self.forwarded_proto].iter().any(Option::is_some)
            }
            Trouble::NoAddress => trusted && !self.names_client,
            Trouble::Scheme => {
                let client_proto = self.forwarded_proto.and_then(|all| all.split(',').next());
                trusted
                    && client_proto.is_some_and(|proto| {
                        proto.trim().eq_ignore_ascii_case("https") != config.public_url.is_secure()
                    })
            }
            Trouble::UntrustedCheck => false,
        }
    }

    fn asked_host(&self, trusted: bool) -> &str {
        self.forwarded_host.filter(|_| trusted).unwrap_or(self.host)
    }

    /// The evidence of a mistake in this request.
    pub fn sample(&self, trouble: Trouble, config: &Config) -> Sample {
        let quoted = match trouble {
            Trouble::Host => self.asked_host(config.trusts(self.peer)),
            Trouble::Scheme => self.forwarded_proto.unwrap_or_default(),
            Trouble::UntrustedProxy | Trouble::NoAddress | Trouble::UntrustedCheck => "",
        };
        let quoted = quoted.chars().filter(|c| c.is_ascii_graphic()).take(MOST_CHARS).collect();
        Sample { quoted, peer: self.peer.to_canonical().to_string() }
    }
}

/// The evidence of a mistake, from one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The value of the header that shows the mistake; empty if no header does.
    pub quoted: String,
    /// The IP address of the sender.
    pub peer: String,
}

/// The number of requests that showed a mistake, and the latest evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The number of requests that showed the mistake.
    pub count: u64,
    /// The evidence from the latest of them.
    pub sample: Sample,
}

/// Observations of requests since the current window of an hour began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sightings {
    /// When the first request of the window arrived, in Unix seconds.
    pub since: i64,
    /// The number of requests.
    pub all: u64,
    /// The mistakes that some of the requests showed.
    pub wrong: BTreeMap<Trouble, Wrong>,
}

/// Collects observations while the server runs.
#[derive(Debug, Default)]
pub struct Lookout {
    seen: Mutex<Sightings>,
    saved_at: AtomicI64,
}

impl Lookout {
    /// Records a request. Returns true if the observations are due to be saved.
    pub fn note(&self, arrival: &Arrival, config: &Config, now: Timestamp) -> bool {
        let troubles = arrival.troubles(config);
        let wrong = troubles.into_iter().map(|trouble| (trouble, arrival.sample(trouble, config)));
        self.note_wrong(wrong.collect(), now)
    }

    /// Records a sender that asked about a request to an application but is not a trusted proxy. Returns true if the
    /// observations are due to be saved.
    pub fn note_untrusted_check(&self, peer: IpAddr, now: Timestamp) -> bool {
        let sample = Sample { quoted: String::new(), peer: peer.to_canonical().to_string() };
        self.note_wrong(vec![(Trouble::UntrustedCheck, sample)], now)
    }

    fn note_wrong(&self, wrong: Vec<(Trouble, Sample)>, now: Timestamp) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if now.0 >= seen.since + WINDOW_SECS {
            // A new window begins, so that a corrected mistake disappears within an hour.
            *seen = Sightings { since: now.0, ..Sightings::default() };
        }
        seen.all += 1;
        for (trouble, sample) in wrong {
            let count = seen.wrong.get(&trouble).map_or(1, |wrong| wrong.count + 1);
            seen.wrong.insert(trouble, Wrong { count, sample });
        }
        drop(seen);
        let saved_at = self.saved_at.load(Ordering::Relaxed);
        let due = now.0 >= saved_at + SAVED_EVERY_SECS;
        due && self.saved_at.compare_exchange(saved_at, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// The observations so far.
    pub fn seen(&self) -> Sightings {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The line to add to each proxy's configuration; a remark in parentheses where the proxy needs none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // each field is named after its proxy
pub struct ProxyLines {
    pub nginx: String,
    pub caddy: String,
    pub traefik: String,
    pub apache: String,
}

/// The fix for a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// A sentence that says what to do.
    pub what: Phrase,
    /// The lines to add to the proxy's configuration, if any.
    pub lines: Option<ProxyLines>,
}

impl Trouble {
    /// A sentence that describes the mistake shown by `sample`.
    pub fn words(self, sample: &Sample, public_url: &PublicUrl) -> Phrase {
        let Sample { quoted, peer } = sample;
        match self {
            Self::Host => phrase!("proxy-host", peer = peer, host = format!("{quoted:?}"), url = public_url.origin()),
            Self::UntrustedProxy => phrase!("proxy-untrusted", peer = peer),
            Self::NoAddress => {
                phrase!("proxy-no-address", peer = peer)
            }
            Self::Scheme => {
                phrase!("proxy-scheme", peer = peer, scheme = quoted, url = public_url.origin())
            }
            Self::UntrustedCheck => phrase!("proxy-untrusted-check", peer = peer),
        }
    }

    /// The fix for this mistake.
    pub fn fix(self, sample: &Sample, config: &Config) -> Fix {
        let (public_url, peer) = (&config.public_url, &sample.peer);
        match self {
            Self::Host => Fix { what: phrase!("proxy-fix-host"), lines: Some(host_lines(config)) },
            Self::UntrustedProxy | Self::UntrustedCheck => {
                Fix { what: phrase!("proxy-fix-untrusted", peer = peer), lines: None }
            }
            Self::NoAddress => Fix { what: phrase!("proxy-fix-address"), lines: Some(address_lines()) },
            Self::Scheme if public_url.is_secure() => {
                Fix { what: phrase!("proxy-fix-https"), lines: Some(https_lines(public_url)) }
            }
            Self::Scheme => Fix { what: phrase!("proxy-fix-public-url", host = public_url.host()), lines: None },
        }
    }
}

fn host_lines(config: &Config) -> ProxyLines {
    // `$host` lacks the port, which a public URL on a non-default port needs.
    let variable = if config.public_url.host().contains(':') { "$http_host" } else { "$host" };
    ProxyLines {
        nginx: format!("proxy_set_header Host {variable};"),
        caddy: format!("reverse_proxy {} # {}", config.listen, phrase!("proxy-caddy-host").spoken()),
        traefik: "loadBalancer.passHostHeader: true".into(),
        apache: "ProxyPreserveHost On".into(),
    }
}

fn address_lines() -> ProxyLines {
    let by_itself = format!("({})", phrase!("proxy-by-itself").spoken());
    ProxyLines {
        nginx: "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;".into(),
        caddy: by_itself.clone(),
        traefik: by_itself,
        apache: "ProxyAddHeaders On".into(),
    }
}

fn https_lines(public_url: &PublicUrl) -> ProxyLines {
    ProxyLines {
        nginx: "return 301 https://$host$request_uri;".into(),
        caddy: format!("{} {{ ... }} # {}", public_url.host(), phrase!("proxy-caddy-https").spoken()),
        traefik: "entryPoints.web.http.redirections.entryPoint.to: websecure".into(),
        apache: format!("Redirect permanent / {}/", public_url.origin()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    const NOW: Timestamp = Timestamp(1_795_510_800);

    fn config(public_url: &str) -> Config {
        let flags = Flags {
            listen: "127.0.0.1:8080".into(),
            public_url: Some(public_url.into()),
            trusted_proxies: Some("10.0.0.1".into()),
            ..Flags::default()
        };
        Config::read(&flags, "data".into()).expect("usable")
    }

    fn arrival<'a>(peer: &str, host: &'a str) -> Arrival<'a> {
        let peer = peer.parse().expect("an address");
        Arrival {
            peer,
            host,
            forwarded_host: None,
            forwarded_proto: Some("https"),
            forwarded_for: Some("192.0.2.7"),
            names_client: true,
        }
    }

    #[test]
    fn a_correct_request_shows_no_mistake_and_each_wrong_header_shows_its_own() {
        let config = config("https://login.example.com");
        let right = arrival("10.0.0.1", "Login.example.com");
        let troubles = |arrival: Arrival| arrival.troubles(&config);
        assert_eq!(troubles(right), []);
        assert_eq!(troubles(Arrival { host: "127.0.0.1:8080", ..right }), [Trouble::Host]);
        assert_eq!(troubles(Arrival { forwarded_host: Some("login.example.com"), host: "vestibule", ..right }), []);
        assert_eq!(troubles(arrival("10.0.0.2", "login.example.com")), [Trouble::UntrustedProxy]);
        assert_eq!(
            troubles(Arrival { forwarded_for: Some("unknown"), names_client: false, ..right }),
            [Trouble::NoAddress]
        );
        assert_eq!(troubles(Arrival { forwarded_proto: Some("http, https"), ..right }), [Trouble::Scheme]);
        assert_eq!(troubles(Arrival { forwarded_proto: None, ..right }), []);
    }

    #[test]
    fn a_host_forwarded_by_an_untrusted_sender_is_ignored() {
        let config = config("https://login.example.com");
        let stranger = Arrival { forwarded_host: Some("login.example.com"), ..arrival("192.0.2.9", "evil.test") };
        assert_eq!(stranger.troubles(&config), [Trouble::Host, Trouble::UntrustedProxy]);
    }

    #[test]
    fn the_line_for_nginx_passes_on_the_port_if_the_public_url_has_one() {
        let line = |public_url: &str| {
            let config = config(public_url);
            let sample = arrival("10.0.0.1", "x").sample(Trouble::Host, &config);
            Trouble::Host.fix(&sample, &config).lines.expect("lines").nginx
        };
        assert_eq!(line("https://login.example.com"), "proxy_set_header Host $host;");
        assert_eq!(line("https://login.example.com:8443"), "proxy_set_header Host $http_host;");
    }

    #[test]
    fn a_corrected_mistake_is_forgotten_within_an_hour() {
        let (config, lookout) = (config("https://login.example.com"), Lookout::default());
        assert!(lookout.note(&arrival("10.0.0.1", "wrong"), &config, NOW), "the first is saved at once");
        assert!(!lookout.note(&arrival("10.0.0.1", "wrong"), &config, NOW.plus(59)));
        assert!(lookout.note(&arrival("10.0.0.1", "login.example.com"), &config, NOW.plus(60)));
        assert_eq!((lookout.seen().all, lookout.seen().wrong[&Trouble::Host].count), (3, 2));
        lookout.note(&arrival("10.0.0.1", "login.example.com"), &config, NOW.plus(3600));
        assert_eq!((lookout.seen().all, lookout.seen().wrong.len()), (1, 0));
    }
}
