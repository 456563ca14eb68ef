//! Connections: the SAML settings of an organisation's identity provider.

use super::access::ConnectionStatus;
use super::ids::OrganisationId;
use super::phrase::{Phrase, phrase};
use super::request_options::RequestOptions;
use super::seal::digest;
use super::{Error, Result, Timestamp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use url::{Host, Url};

/// The product of an identity provider, which decides the wording of its form and guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Google Workspace.
    Google,
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
    /// Any other product.
    Custom,
}

impl Provider {
    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::Custom => "custom",
        }
    }

    /// Reads the word in the database and the API.
    ///
    /// # Errors
    /// `Invalid` with field `provider`.
    pub fn parse(raw: &str) -> Result<Self> {
        [Self::Google, Self::Okta, Self::Entra, Self::Custom]
            .into_iter()
            .find(|provider| provider.as_str() == raw)
            .ok_or_else(|| Error::invalid("provider", phrase!("field-provider")))
    }
}

/// Another kind of text that was typed instead of a portal key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistaken {
    /// The URL of a page, of metadata or of a callback.
    Address,
    /// An e-mail address.
    Email,
}

impl Mistaken {
    /// The kind of the text; `None` if it may be a portal key.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.contains(['/', '?']) || text.starts_with("www.") {
            return Some(Self::Address);
        }
        text.contains('@').then_some(Self::Email)
    }

    /// The message about the field.
    pub fn words(self) -> Phrase {
        match self {
            Self::Address => phrase!("field-portal-key-address"),
            Self::Email => phrase!("field-portal-key-email"),
        }
    }
}

/// The short word that members type to find their identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalKey(String);

impl PortalKey {
    /// Accepts 3 to 64 of `A-Z a-z 0-9 _ -`.
    ///
    /// # Errors
    /// `Invalid` with field `portal_key`.
    pub fn parse(raw: &str) -> Result<Self> {
        let text = raw.trim();
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if let Some(mistaken) = Mistaken::of(text) {
            return Err(Error::invalid("portal_key", mistaken.words()));
        }
        if plain && (3..=64).contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            Err(Error::invalid("portal_key", phrase!("field-portal-key")))
        }
    }

    /// The key as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form for comparison: keys are unique on an appliance, regardless of case.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// The error for a portal key that another organisation has, or had until recently.
pub fn portal_key_taken() -> Error {
    Error::taken("portal_key", phrase!("portal-key-taken"))
}

/// Reads an absolute https URL (http on loopback only), at most 2,048 characters, without a fragment or credentials.
///
/// # Errors
/// `Invalid` with `field`.
pub fn parse_url(field: &str, raw: &str) -> Result<String> {
    let text = raw.trim();
    let refuse = |why: Phrase| Err(Error::invalid(field, why));
    if text.len() > 2048 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return refuse(phrase!("field-url-characters"));
    }
    let Ok(url) = Url::parse(text) else {
        return refuse(phrase!("field-url-absolute"));
    };
    let loopback = url.host_str().is_some_and(is_loopback);
    match url.scheme() {
        "https" if url.host().is_some() => {}
        "http" if loopback => {}
        "http" => return refuse(phrase!("field-url-https")),
        _ => return refuse(phrase!("field-url-scheme")),
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return refuse(phrase!("field-url-parts"));
    }
    Ok(text.into())
}

/// True if a URL's host is this machine.
pub fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(ip)) => ip.is_loopback(),
        Ok(Host::Ipv6(ip)) => ip.is_loopback(),
        Err(_) => false,
    }
}

/// Reads an identity provider's entity ID. It is compared byte for byte, so only surrounding spaces are removed.
///
/// # Errors
/// `Invalid` with field `idp_entity_id`.
///
/// Source: SAML 2.0 Core 8.3.6 (at most 1,024 characters).
pub fn parse_entity_id(raw: &str) -> Result<String> {
    let text = raw.trim();
    if text.is_empty() || text.chars().count() > 1024 || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Error::invalid("idp_entity_id", phrase!("field-entity-id")));
    }
    Ok(text.into())
}

/// A certificate that an API key added to a ready connection: it is used once an organisation admin has accepted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingCertificate {
    /// The certificate as PEM.
    pub certificate: String,
    /// The name of the API key.
    pub added_by: String,
    /// When it was added.
    pub added_at: Timestamp,
}

/// The maximum number of certificates of a connection.
pub const MOST_CERTIFICATES: usize = 4;

/// The settings that an admin makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The provider's product.
    pub provider: Provider,
    /// The key that members type.
    pub portal_key: PortalKey,
    /// The provider's sign-on URL.
    pub sign_on_url: String,
    /// Its entity ID.
    pub idp_entity_id: String,
    /// Its signing certificates as PEM, one to four.
    pub certificates: Vec<String>,
    /// The options of our authentication requests.
    pub requests: RequestOptions,
}

impl Settings {
    /// A digest that identifies the provider: its entity ID, sign-on URL and certificates, and the URL from which its
    /// metadata is refreshed, if any. Line breaks separate the parts safely: only the certificates, which come last,
    /// contain any.
    pub fn digest(&self, metadata_url: Option<&str>) -> String {
        let mut certificates: Vec<_> = self.certificates.iter().map(|pem| pem.trim()).collect();
        certificates.sort_unstable();
        let metadata_url = metadata_url.unwrap_or_default();
        let text = format!("{}\n{}\n{metadata_url}\n{}", self.idp_entity_id, self.sign_on_url, certificates.join("\n"));
        URL_SAFE_NO_PAD.encode(digest(&text))
    }
}

/// A connection as stored.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The organisation to which it belongs.
    pub organisation: OrganisationId,
    /// The settings.
    pub settings: Settings,
    /// When its current settings first passed the test sign-in; `None` while it is a draft.
    pub tested_at: Option<Timestamp>,
    /// When they last passed it.
    pub last_tested_at: Option<Timestamp>,
    /// The certificates that it had at that time.
    pub tested_certificates: Vec<String>,
    /// True if SAML-only is on.
    pub saml_only: bool,
}

impl Connection {
    /// Draft or ready.
    pub const fn status(&self) -> ConnectionStatus {
        if self.tested_at.is_some() { ConnectionStatus::Ready } else { ConnectionStatus::Draft }
    }

    /// True if `settings` need a new test sign-in: because of another entity ID or URL, or because no tested
    /// certificate is left.
    pub fn needs_test_under(&self, settings: &Settings) -> bool {
        self.settings.idp_entity_id != settings.idp_entity_id
            || self.settings.sign_on_url != settings.sign_on_url
            || !settings.certificates.iter().any(|pem| self.tested_certificates.contains(pem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portal_keys_are_short_and_plain() {
        assert_eq!(PortalKey::parse(" Acme_SSO ").expect("usable").folded(), "acme_sso");
        for bad in ["", "ab", "a b c", "äcme", "acme.sso", &"a".repeat(65)] {
            assert!(PortalKey::parse(bad).is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn urls_are_https_or_loopback() {
        for good in [
            "https://accounts.google.com/o/saml2/idp?idpid=C01abc",
            "http://localhost:8081/sso",
            "http://127.0.0.1:8081/sso",
            "http://[::1]:8081/sso",
        ] {
            assert_eq!(parse_url("sign_on_url", good).expect(good), good);
        }
        for bad in [
            "",
            "idp.example.com",
            "/sso",
            "http://idp.example.com/sso",
            "ftp://idp.example.com",
            "https://",
            "javascript:alert(1)",
            "https://ann:pw@idp.example.com/",
            "https://idp.example.com/#x",
            "http://localhost.evil.test/",
        ] {
            assert!(parse_url("sign_on_url", bad).is_err(), "{bad} was taken");
        }
    }

    fn connection() -> Connection {
        let settings = Settings {
            provider: Provider::Custom,
            portal_key: PortalKey::parse("acme").expect("usable"),
            sign_on_url: "https://idp.test/sso".into(),
            idp_entity_id: "https://idp.test".into(),
            certificates: vec!["one".into()],
            requests: RequestOptions::default(),
        };
        Connection {
            organisation: OrganisationId::random(),
            settings,
            tested_at: Some(Timestamp(1)),
            last_tested_at: Some(Timestamp(1)),
            tested_certificates: vec!["one".into()],
            saml_only: false,
        }
    }

    #[test]
    fn adding_a_certificate_needs_no_new_test_and_replacing_all_does() {
        let connection = connection();
        let with = |certificates: &[&str]| Settings {
            certificates: certificates.iter().map(ToString::to_string).collect(),
            ..connection.settings.clone()
        };
        assert!(!connection.needs_test_under(&with(&["two", "one"])));
        assert!(connection.needs_test_under(&with(&["two"])));
        let moved = Settings { sign_on_url: "https://idp.test/other".into(), ..connection.settings.clone() };
        assert!(connection.needs_test_under(&moved));
        let renamed =
            Settings { portal_key: PortalKey::parse("other").expect("usable"), ..connection.settings.clone() };
        assert!(!connection.needs_test_under(&renamed));
        let requests = RequestOptions { sign: true, force_authn: true, ..RequestOptions::default() };
        assert!(!connection.needs_test_under(&Settings { requests, ..connection.settings.clone() }));
    }
}
