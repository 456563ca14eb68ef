//! E-mail addresses, which identify people.

use super::error::{Error, Result};
use super::phrase::{Value, phrase};
use serde::{Serialize, Serializer};
use url::Host;

/// An e-mail address in the form in which it is stored: ASCII, trimmed, lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Accepts `Ann@Acme.test` and keeps `ann@acme.test`; at most 254 characters, ASCII only (IDN domains as punycode).
    ///
    /// # Errors
    /// `Invalid` with field `email`.
    ///
    /// Source: RFC 5321 4.5.3.1 (lengths), RFC 5322 3.2.3 (dot-atom), RFC 1123 2.1 (host names).
    pub fn parse(raw: &str) -> Result<Self> {
        let text = raw.trim_matches(|c: char| c.is_ascii_whitespace());
        if !text.is_ascii() {
            let at_fault = text.split_once('@').filter(|(local, _)| local.is_ascii());
            let message = at_fault.map_or(phrase!("field-email-ascii"), |_| phrase!("field-email-domain-ascii"));
            return Err(Error::invalid("email", message));
        }
        let usable = text.len() <= 254
            && text
                .split_once('@')
                .is_some_and(|(local, domain)| is_dot_atom(local) && local.len() <= 64 && is_host_name(domain));
        if usable { Ok(Self(text.to_ascii_lowercase())) } else { Err(Error::invalid("email", phrase!("field-email"))) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split_once('@').map_or(self.0.as_str(), |(local, _)| local)
    }
}

/// True if an address is the internal name that Entra ID gives to a guest, such as
/// `ann_acme.test#EXT#@contoso.onmicrosoft.com` or `live.com#ann@acme.test`: e-mails to it are not delivered.
pub fn is_guest_name(address: &str) -> bool {
    let local = address.split_once('@').map_or(address, |(local, _)| local).to_ascii_lowercase();
    local.contains("#ext#") || ["live.com#", "google.com#", "mail#"].iter().any(|kind| local.starts_with(kind))
}

/// True if an address is probably a user name in a directory and not a mailbox: it has Entra ID's initial domain, or a
/// domain that exists only inside a network.
pub fn is_directory_name(address: &str) -> bool {
    const INSIDE: [&str; 6] = [".onmicrosoft.com", ".local", ".localdomain", ".internal", ".lan", ".corp"];
    let address = address.to_ascii_lowercase();
    INSIDE.iter().any(|domain| address.ends_with(domain))
}

/// The fault of a text that is not a usable address, as a clause; `None` if it has none of the common faults.
pub fn fault_of(text: &str) -> Option<String> {
    let text = text.trim();
    let small = text.to_ascii_lowercase();
    if let Some(scheme) = ["mailto:", "smtp:", "sip:"].iter().find(|scheme| small.starts_with(**scheme)) {
        return Some(format!("which has {scheme} before the address"));
    }
    if text.ends_with('>') && text.contains('<') {
        return Some("which has a name before the address".into());
    }
    let parts = text.split([';', ',', ' ', '\n']).filter(|part| Email::parse(part).is_ok());
    if parts.count() > 1 {
        return Some("which contains several addresses".into());
    }
    let (local, domain) = text.split_once('@')?;
    if let Some(letter) = local.chars().find(|c| !c.is_ascii()) {
        return Some(format!(
            "which has {letter} (U+{:04X}) before the @, where only ASCII is accepted",
            u32::from(letter)
        ));
    }
    match Host::parse(domain) {
        Ok(Host::Domain(ascii)) if !domain.is_ascii() => Some(format!("whose domain in ASCII is {ascii}")),
        _ => None,
    }
}

fn is_dot_atom(local: &str) -> bool {
    let atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&c);
    local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
}

fn is_host_name(domain: &str) -> bool {
    domain.len() <= 253
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
        })
}

impl From<&Email> for Value {
    fn from(email: &Email) -> Self {
        Self::from(email.as_str())
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_outer_spaces_do_not_matter() {
        let ann = Email::parse("  Ann.O'Hara+x@ACME.test\n").expect("usable");
        assert_eq!(ann.as_str(), "ann.o'hara+x@acme.test");
        assert_eq!(ann.local_part(), "ann.o'hara+x");
    }

    #[test]
    fn invalid_addresses_are_refused() {
        for bad in [
            "",
            "ann",
            "@acme.test",
            "ann@",
            "ann@@acme.test",
            "a b@acme.test",
            "ann@acme..test",
            "ann@-acme.test",
            ".ann@acme.test",
            "ann@acme.test, bob@acme.test",
            "änn@acme.test",
            "ann@ａcme.test",
            "ann@acme.test\0",
            "\"ann\"@acme.test",
            "ann@[127.0.0.1]",
            "K@acme.test\u{212a}",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?} was taken");
        }
        let why = |bad: &str| Email::parse(bad).expect_err("refused").to_string();
        assert!(why("ann@bücher.test").contains("punycode") && why("änn@bücher.test").contains("another address"));
        assert!(Email::parse(&format!("{}@acme.test", "a".repeat(65))).is_err());
    }

    #[test]
    fn common_faults_of_an_address_are_named_and_directory_names_are_recognised() {
        for (text, fault) in [
            ("mailto:ann@acme.test", Some("which has mailto: before the address")),
            ("SMTP:ann@acme.test", Some("which has smtp: before the address")),
            ("Ann <ann@acme.test>", Some("which has a name before the address")),
            ("ann@acme.test;a.north@acme.test", Some("which contains several addresses")),
            ("j\u{fc}rgen@acme.test", Some("which has \u{fc} (U+00FC) before the @, where only ASCII is accepted")),
            ("ann@m\u{fc}nchen.example", Some("whose domain in ASCII is xn--mnchen-3ya.example")),
            ("ann@acme..test", None),
            ("ann", None),
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
            assert_eq!(fault_of(text).as_deref(), fault, "{text}");
        }
        for name in ["ann@Contoso.onmicrosoft.com", "ann@corp.local", "ann@ad.internal"] {
            assert!(is_directory_name(name), "{name}");
        }
        assert!(!is_directory_name("ann@local.test") && !is_directory_name("ann@onmicrosoft.com"));
    }

    #[test]
    fn internal_names_of_guests_are_recognised() {
        for guest in ["ann_acme.test#EXT#@contoso.onmicrosoft.com", "ann#ext#@contoso.test", "live.com#ann@acme.test"] {
            assert!(is_guest_name(guest), "{guest}");
        }
        for other in ["ann@acme.test", "ann#1@acme.test", "ann.ext@acme.test", "ann"] {
            assert!(!is_guest_name(other), "{other}");
        }
    }
}
