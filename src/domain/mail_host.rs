//! A host in the form that e-mail uses: after EHLO, and after the `@` of a Message-ID.

use super::phrase::phrase;
use super::{Error, Result};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::Host;

/// The maximum length of a DNS name, in bytes.
const LONGEST_NAME: usize = 253;
/// The maximum length of a label in a DNS name, in bytes.
const LONGEST_LABEL: usize = 63;

/// A host in e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailHost {
    /// A DNS name, in lower case; an internationalised one as punycode.
    Name(String),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address.
    V6(Ipv6Addr),
}

impl MailHost {
    /// Reads a name, or an address with or without its brackets: `login.example.com`, `192.0.2.7`, `[IPv6:2001:db8::7]`.
    ///
    /// # Errors
    /// `Invalid` with this field.
    ///
    /// Source: RFC 5321 4.1.2 and 4.1.3.
    pub fn parse(field: &str, raw: &str) -> Result<Self> {
        let raw = raw.trim();
        let inside = raw.strip_prefix('[').and_then(|raw| raw.strip_suffix(']'));
        let address = inside.unwrap_or(raw);
        let tagged =
            address.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:")).map_or(address, |_| &address[5..]);
        if let Ok(address) = tagged.parse::<IpAddr>() {
            return Ok(address.into());
        }
        let refuse = || Error::invalid(field, phrase!("field-host", value = format!("{raw:?}")));
        match Host::parse(raw.strip_suffix('.').unwrap_or(raw)) {
            Ok(Host::Domain(name)) if is_name(&name) => Ok(Self::Name(name)),
            _ => Err(refuse()),
        }
    }

    /// True if other machines can know the host by this name or address: a name within a domain, or an address that is
    /// not a loopback address.
    pub fn is_known_outside(&self) -> bool {
        match self {
            Self::Name(name) => name.contains('.') && !name.ends_with(".localhost"),
            Self::V4(address) => !address.is_loopback(),
            Self::V6(address) => !address.is_loopback(),
        }
    }
}

impl From<IpAddr> for MailHost {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6(address),
        }
    }
}

impl fmt::Display for MailHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => write!(f, "[{address}]"),
            Self::V6(address) => write!(f, "[IPv6:{address}]"),
        }
    }
}

/// True for a name of letters, digits and hyphens: mail servers refuse others.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= LONGEST_NAME && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_written_as_smtp_writes_them() {
        for (raw, written) in [
            ("Login.Example.com", "login.example.com"),
            ("login.example.com.", "login.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("localhost", "localhost"),
            ("127.0.0.1", "[127.0.0.1]"),
            ("[192.0.2.7]", "[192.0.2.7]"),
            ("::1", "[IPv6:::1]"),
            ("[2001:db8::7]", "[IPv6:2001:db8::7]"),
            ("[ipv6:2001:DB8::7]", "[IPv6:2001:db8::7]"),
        ] {
            assert_eq!(MailHost::parse("--smtp-helo", raw).expect(raw).to_string(), written, "{raw}");
        }
    }

    #[test]
    fn invalid_host_names_are_refused() {
        let long = format!("{}.example", "a".repeat(64));
        for bad in
            ["", " ", "a b", "mail_1.example", "-mail.example", "mail-.example", "a..b", "mail:25", "x\r\nRCPT", &long]
        {
            let fault = MailHost::parse("--smtp-helo", bad).expect_err(bad).to_string();
            assert!(fault.starts_with("--smtp-helo: "), "{fault}");
        }
    }

    #[test]
    fn names_that_only_this_machine_knows_are_recognised() {
        let known = |raw| MailHost::parse("--smtp-helo", raw).expect(raw).is_known_outside();
        assert!(known("login.example.com") && known("192.0.2.7") && known("2001:db8::7"));
        assert!(!known("localhost") && !known("intranet") && !known("127.0.0.1") && !known("::1"));
    }
}
