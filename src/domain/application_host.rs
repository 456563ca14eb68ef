//! The hosts of applications, and the hosts that operators grant to organisations.

use super::phrase::phrase;
use super::{Error, Result};
use serde::{Serialize, Serializer};
use url::{Host, Url};

/// The longest host, in bytes (RFC 1035).
const MOST_BYTES: usize = 253;
/// The longest label of a name, in bytes.
const MOST_LABEL_BYTES: usize = 63;

/// The host of an application: a name or an address in lower case, with the port if it is not the scheme's default.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppHost(String);

impl AppHost {
    /// Reads a host such as `wiki.example.com`, `wiki.example.com:8443` or `[::1]:8080`. International names become
    /// punycode; the ports 80 and 443 are dropped.
    ///
    /// # Errors
    /// `Invalid` with field `hosts`.
    pub fn parse(raw: &str) -> Result<Self> {
        Self::read(raw).ok_or_else(|| Error::invalid("hosts", phrase!("field-application-host", value = raw)))
    }

    /// As `parse`; `None` if the text is not a host.
    pub fn read(raw: &str) -> Option<Self> {
        let text = raw.trim();
        if text.len() > MOST_BYTES + 6 || text.contains(['/', '\\', '?', '#', '@', '%', '*', '_']) {
            return None;
        }
        let url = Url::parse(&format!("http://{text}/")).ok()?;
        let host = url.host_str().filter(|host| host.len() <= MOST_BYTES)?;
        // A name without a character between two dots, and an address in another spelling, are other hosts to some programs.
        let is_spelled_out = match url.host()? {
            Host::Domain(name) => name.split('.').all(|label| (1..=MOST_LABEL_BYTES).contains(&label.len())),
            Host::Ipv4(_) => without_port(text) == host,
            Host::Ipv6(_) => true,
        };
        if !is_spelled_out || url.port() == Some(0) {
            return None;
        }
        // Parsing as `http` has dropped its port 80.
        let port = url.port().filter(|port| *port != 443);
        Some(Self(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))))
    }

    /// The host that a request names. Only the spelling that `read` returns is a host, in upper or lower case and with any
    /// port: a reverse proxy that knows fewer spellings would pass the request on to another application.
    pub fn of_request(raw: &str) -> Option<Self> {
        let host = Self::read(raw)?;
        let spelled = raw.to_ascii_lowercase();
        let plain = spelled.strip_suffix(":80").or_else(|| spelled.strip_suffix(":443")).unwrap_or(&spelled);
        (plain == host.as_str()).then_some(host)
    }

    /// The host and port, as in a URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name or address without the port.
    pub fn name(&self) -> &str {
        without_port(&self.0)
    }

    /// True if the host is an address or a name of this machine, at which `http` is safe.
    pub fn is_loopback(&self) -> bool {
        let name = self.name();
        let address = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || name.ends_with(".localhost") || address.parse().is_ok_and(is_loopback_address)
    }
}

fn is_loopback_address(address: std::net::IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// The host of an authority such as `wiki.example.com:8443`, without its port.
pub fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => authority,
    }
}

impl Serialize for AppHost {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A host that an operator granted to an organisation: a name, an address, or `*.` and a name, for all names with one
/// more label. A grant covers every port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostGrant(String);

impl HostGrant {
    /// Reads a grant such as `wiki.example.com` or `*.apps.example.com`.
    ///
    /// # Errors
    /// `Invalid` with field `hosts`.
    pub fn parse(raw: &str) -> Result<Self> {
        let refused = || Error::invalid("hosts", phrase!("field-host-grant", value = raw));
        let text = raw.trim().to_ascii_lowercase();
        let (wild, name) = text.strip_prefix("*.").map_or((false, text.as_str()), |name| (true, name));
        let host = AppHost::read(name).filter(|host| host.name() == host.as_str() && !name.ends_with(":80"));
        let host = host.filter(|_| !name.ends_with(":443")).ok_or_else(refused)?;
        // A wildcard below a top-level domain, or below an address, is a mistake.
        let last = host.as_str().rsplit('.').next().unwrap_or_default();
        let is_address = host.as_str().starts_with('[') || last.bytes().all(|byte| byte.is_ascii_digit());
        if wild && (is_address || !(host.as_str().contains('.') || host.as_str() == "localhost")) {
            return Err(refused());
        }
        Ok(Self(if wild { format!("*.{}", host.as_str()) } else { host.0 }))
    }

    /// The grant as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn wildcard(&self) -> Option<&str> {
        self.0.strip_prefix('*')
    }

    /// True if an application may use this host.
    pub fn covers(&self, host: &AppHost) -> bool {
        self.covers_name(host.name())
    }

    /// True if the grant covers this name or address.
    pub fn covers_name(&self, name: &str) -> bool {
        match self.wildcard() {
            Some(suffix) => name.strip_suffix(suffix).is_some_and(|label| !label.is_empty() && !label.contains('.')),
            None => self.0 == name,
        }
    }

    /// True if the grants overlap, so that two organisations must not have both: they are equal, or one is below the
    /// wildcard of the other, at any depth, because a wildcard usually stands for a zone of the organisation.
    pub fn overlaps(&self, other: &Self) -> bool {
        let within = |one: &Self, zone: &Self| zone.wildcard().is_some_and(|suffix| one.0.ends_with(suffix));
        self == other || within(self, other) || within(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses_in_one_spelling() {
        for (raw, host) in [
            (" Wiki.Example.COM ", "wiki.example.com"),
            ("wiki.example.com:443", "wiki.example.com"),
            ("wiki.example.com:80", "wiki.example.com"),
            ("wiki.example.com:8443", "wiki.example.com:8443"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("127.0.0.2:8080", "127.0.0.2:8080"),
            ("[::1]:8080", "[::1]:8080"),
        ] {
            assert_eq!(AppHost::parse(raw).expect(raw).as_str(), host);
        }
        for bad in [
            "",
            "a b",
            "https://wiki.example.com",
            "wiki.example.com/x",
            "u@wiki.example.com",
            "*.example.com",
            "wiki.example.com.",
            "wiki%2eexample.com",
            "a_b.example.com",
            "wiki.example.com:x",
            "wiki.example.com:0",
            "wiki..example.com",
            ".example.com",
            "2130706433",
            "0x7f.1",
            "127.1",
            "127.0.0.1.",
            &"a".repeat(300),
        ] {
            assert!(AppHost::parse(bad).is_err(), "{bad} was taken");
        }
        for (host, loopback) in [
            ("127.0.0.3:81", true),
            ("[::1]", true),
            ("wiki.localhost", true),
            ("10.0.0.1", false),
            ("localhost.example.com", false),
        ] {
            assert_eq!(AppHost::parse(host).expect(host).is_loopback(), loopback, "{host}");
        }
    }

    #[test]
    fn a_request_names_a_host_only_in_one_spelling() {
        for (raw, host) in [
            ("wiki.example.com", "wiki.example.com"),
            ("WIKI.example.com:443", "wiki.example.com"),
            ("wiki.example.com:80", "wiki.example.com"),
            ("wiki.example.com:8443", "wiki.example.com:8443"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("127.0.0.2:81", "127.0.0.2:81"),
            ("[::1]:8080", "[::1]:8080"),
        ] {
            assert_eq!(AppHost::of_request(raw).expect(raw).as_str(), host);
        }
        for other in [
            "\u{ff57}iki.example.com",
            "wi\u{ad}ki.example.com",
            "wi\tki.example.com",
            " wiki.example.com",
            "b\u{fc}cher.example",
            "127.1",
            "0x7f.0.0.2",
            "[0:0:0:0:0:0:0:1]",
            "wiki.example.com:0443",
            "wiki.example.com:",
            "wiki.example.com.",
        ] {
            assert_eq!(AppHost::of_request(other), None, "{other}");
        }
    }

    #[test]
    fn a_wildcard_covers_names_with_one_more_label() {
        let grant = HostGrant::parse("*.Apps.example.com").expect("usable");
        for (host, covered) in [
            ("a.apps.example.com", true),
            ("a.apps.example.com:8443", true),
            ("apps.example.com", false),
            ("a.b.apps.example.com", false),
            ("xapps.example.com", false),
        ] {
            assert_eq!(grant.covers(&AppHost::parse(host).expect(host)), covered, "{host}");
        }
        assert!(
            HostGrant::parse("127.0.0.2").expect("usable").covers(&AppHost::parse("127.0.0.2:81").expect("usable"))
        );
        for bad in [
            "*",
            "*.",
            "*.com",
            "*.*.example.com",
            "a.*.example.com",
            "*.127.0.0.1",
            "wiki.example.com:8443",
            "x/y",
            "wiki.example.com:443",
        ] {
            assert!(HostGrant::parse(bad).is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn grants_overlap_at_and_below_a_wildcard() {
        let grant = |raw: &str| HostGrant::parse(raw).expect(raw);
        for (one, other, overlap) in [
            ("wiki.example.com", "wiki.example.com", true),
            ("wiki.example.com", "*.example.com", true),
            ("a.b.example.com", "*.example.com", true),
            ("*.b.example.com", "*.example.com", true),
            ("example.com", "*.example.com", false),
            ("wiki.example.com", "wiki.example.org", false),
            ("*.example.com", "*.example.org", false),
        ] {
            assert_eq!((grant(one).overlaps(&grant(other)), grant(other).overlaps(&grant(one))), (overlap, overlap));
        }
    }
}
