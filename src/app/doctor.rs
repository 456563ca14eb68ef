//! The base-URL doctor: whether the proxy in front tells us what people asked for, by the requests that come.

use crate::config::{Config, PublicUrl};
use crate::domain::Timestamp;
use crate::domain::phrase::{Phrase, phrase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Observations are saved at most this often, in seconds.
const SAVED_EVERY_SECS: i64 = 60;
/// Observations are forgotten after this long, in seconds.
const WINDOW_SECS: i64 = 3600;
/// The longest header that is quoted, in characters.
const MOST_CHARS: usize = 100;

/// How a request arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The peer: the proxy, if there is one.
    pub peer: IpAddr,
    /// The header Host.
    pub host: &'a str,
    /// X-Forwarded-Host, or `host` of Forwarded.
    pub forwarded_host: Option<&'a str>,
    /// X-Forwarded-Proto, or `proto` of Forwarded.
    pub forwarded_proto: Option<&'a str>,
    /// X-Forwarded-For, or Forwarded.
    pub forwarded_for: Option<&'a str>,
    /// True if the last hop of these is an address.
    pub names_client: bool,
}

/// The mistakes that a proxy can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Another host than the public URL's.
    Host,
    /// It forwards, and is not trusted.
    UntrustedProxy,
    /// It does not pass on the client's address.
    NoAddress,
    /// People reached it with https where the public URL has http, or the other way round.
    Scheme,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Host, Self::UntrustedProxy, Self::NoAddress, Self::Scheme];
}

impl Arrival<'_> {
    /// Everything that is wrong with it.
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
                let nearest_to_the_person = self.forwarded_proto.and_then(|all| all.split(',').next());
                trusted
                    && nearest_to_the_person.is_some_and(|proto| {
                        proto.trim().eq_ignore_ascii_case("https") != config.public_url.is_secure()
                    })
            }
        }
    }

    fn asked_host(&self, trusted: bool) -> &str {
        self.forwarded_host.filter(|_| trusted).unwrap_or(self.host)
    }

    /// The header that shows a mistake, quoted.
    pub fn sample(&self, trouble: Trouble, config: &Config) -> Sample {
        let quoted = match trouble {
            Trouble::Host => self.asked_host(config.trusts(self.peer)),
            Trouble::Scheme => self.forwarded_proto.unwrap_or_default(),
            Trouble::UntrustedProxy | Trouble::NoAddress => "",
        };
        let quoted = quoted.chars().filter(|c| c.is_ascii_graphic()).take(MOST_CHARS).collect();
        Sample { quoted, peer: self.peer.to_canonical().to_string() }
    }
}

/// One request that showed a trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The header that showed it.
    pub quoted: String,
    /// The sender.
    pub peer: String,
}

/// The count of a mistake, and how it looked last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// How many requests showed it.
    pub count: u64,
    /// The last of them.
    pub sample: Sample,
}

/// Observations from the requests of the last hour.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sightings {
    /// When the first of them came, in Unix seconds.
    pub since: i64,
    /// How many there were.
    pub all: u64,
    /// The faults of some.
    pub wrong: BTreeMap<Trouble, Wrong>,
}

/// Gathers sightings while the appliance serves.
#[derive(Debug, Default)]
pub struct Lookout {
    seen: Mutex<Sightings>,
    saved_at: AtomicI64,
}

impl Lookout {
    /// Looks at a request; says whether it is time to save what was seen.
    pub fn note(&self, arrival: &Arrival, config: &Config, now: Timestamp) -> bool {
        let troubles = arrival.troubles(config);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if now.0 >= seen.since + WINDOW_SECS {
            // Started again, so that a corrected mistake is soon forgotten.
            *seen = Sightings { since: now.0, ..Sightings::default() };
        }
        seen.all += 1;
        for trouble in troubles {
            let count = seen.wrong.get(&trouble).map_or(1, |wrong| wrong.count + 1);
            seen.wrong.insert(trouble, Wrong { count, sample: arrival.sample(trouble, config) });
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

/// A line for each proxy's configuration; text in parentheses where there is nothing to write.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // each field is the proxy that it is for
pub struct ProxyLines {
    pub nginx: String,
    pub caddy: String,
    pub traefik: String,
    pub apache: String,
}

/// The fix for a trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The fix in a sentence.
    pub what: Phrase,
    /// Which line to write where.
    pub lines: Option<ProxyLines>,
}

const BY_ITSELF: &str = "(does so by default: remove the line that forbids it)";

impl Trouble {
    /// In words, what requests like this show.
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
        }
    }

    /// The fix.
    pub fn fix(self, sample: &Sample, config: &Config) -> Fix {
        let (public_url, peer) = (&config.public_url, &sample.peer);
        match self {
            Self::Host => Fix { what: phrase!("proxy-fix-host"), lines: Some(host_lines(config)) },
            Self::UntrustedProxy => Fix { what: phrase!("proxy-fix-untrusted", peer = peer), lines: None },
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
        caddy: format!("reverse_proxy {} # without a header_up Host below it", config.listen),
        traefik: "loadBalancer.passHostHeader: true".into(),
        apache: "ProxyPreserveHost On".into(),
    }
}

fn address_lines() -> ProxyLines {
    ProxyLines {
        nginx: "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;".into(),
        caddy: BY_ITSELF.into(),
        traefik: BY_ITSELF.into(),
        apache: "ProxyAddHeaders On".into(),
    }
}

fn https_lines(public_url: &PublicUrl) -> ProxyLines {
    ProxyLines {
        nginx: "return 301 https://$host$request_uri;".into(),
        caddy: format!("{} {{ ... }} # without http:// before the name", public_url.host()),
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
    fn a_request_as_it_should_be_shows_nothing_and_each_damage_shows_its_trouble() {
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
    fn a_host_that_is_forwarded_by_a_stranger_counts_for_nothing() {
        let config = config("https://login.example.com");
        let stranger = Arrival { forwarded_host: Some("login.example.com"), ..arrival("192.0.2.9", "evil.test") };
        assert_eq!(stranger.troubles(&config), [Trouble::Host, Trouble::UntrustedProxy]);
    }

    #[test]
    fn nginx_is_told_the_host_with_its_port_where_the_public_url_has_one() {
        let line = |public_url: &str| {
            let config = config(public_url);
            let sample = arrival("10.0.0.1", "x").sample(Trouble::Host, &config);
            Trouble::Host.fix(&sample, &config).lines.expect("lines").nginx
        };
        assert_eq!(line("https://login.example.com"), "proxy_set_header Host $host;");
        assert_eq!(line("https://login.example.com:8443"), "proxy_set_header Host $http_host;");
    }

    #[test]
    fn what_was_mended_is_forgotten_within_the_hour() {
        let (config, lookout) = (config("https://login.example.com"), Lookout::default());
        assert!(lookout.note(&arrival("10.0.0.1", "wrong"), &config, NOW), "the first is saved at once");
        assert!(!lookout.note(&arrival("10.0.0.1", "wrong"), &config, NOW.plus(59)));
        assert!(lookout.note(&arrival("10.0.0.1", "login.example.com"), &config, NOW.plus(60)));
        assert_eq!((lookout.seen().all, lookout.seen().wrong[&Trouble::Host].count), (3, 2));
        lookout.note(&arrival("10.0.0.1", "login.example.com"), &config, NOW.plus(3600));
        assert_eq!((lookout.seen().all, lookout.seen().wrong.len()), (1, 0));
    }
}
