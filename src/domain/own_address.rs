//! Recognises our own URLs, which are often entered instead of the identity provider's.

use super::phrase::{Phrase, phrase};
use url::Url;

/// The kinds of our own URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAddress {
    /// Our entity ID, which is also the URL of our metadata.
    EntityId,
    /// The URL to which the provider sends its responses.
    CallbackUrl,
    /// The URL at which members start to sign in.
    PortalUrl,
    /// Another page.
    Page,
}

impl OwnAddress {
    /// The kind of our URL that `text` is, for any organisation; `None` if it is not ours. Other paths at the public
    /// URL's host may belong to a provider. `public_url`: without a path.
    pub fn of(public_url: &str, text: &str) -> Option<Self> {
        let (ours, theirs) = (Url::parse(public_url).ok()?, Url::parse(text.trim()).ok()?);
        let usual = |url: &Url| matches!((url.scheme(), url.port()), ("http" | "https", None));
        let same_port = ours.port_or_known_default() == theirs.port_or_known_default();
        if ours.host()? != theirs.host()? || !(same_port || usual(&ours) && usual(&theirs)) {
            return None;
        }
        let parts: Vec<_> = theirs.path().split('/').filter(|part| !part.is_empty()).collect();
        match parts[..] {
            ["saml", _, "metadata"] => Some(Self::EntityId),
            ["saml", _, "acs"] => Some(Self::CallbackUrl),
            ["sso"] => Some(Self::PortalUrl),
            [] | ["login" | "sso-setup"] | ["o", ..] => Some(Self::Page),
            _ => None,
        }
    }

    /// The portal key in one of our URLs: people type the whole Portal URL instead of the key, and may omit its scheme.
    pub fn portal_key(public_url: &str, text: &str) -> Option<String> {
        let text = text.trim().trim_matches(['"', '\'', '<', '>']);
        let scheme = public_url.split_once("://")?.0;
        let whole = if text.contains("://") { text.to_owned() } else { format!("{scheme}://{text}") };
        Self::of(public_url, &whole)?;
        let url = Url::parse(&whole).ok()?;
        url.query_pairs().find(|(name, _)| name == "key").map(|(_, key)| key.into_owned())
    }

    /// Its name in the SSO settings.
    pub const fn name(self) -> Phrase {
        match self {
            Self::EntityId => phrase!("own-entity-id"),
            Self::CallbackUrl => phrase!("own-callback-url"),
            Self::PortalUrl => phrase!("own-portal-url"),
            Self::Page => phrase!("own-page"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_urls_are_recognised_in_all_spellings_and_other_urls_at_the_same_host_are_not() {
        let of = |text| OwnAddress::of("https://door.acme.test", text);
        for (text, which) in [
            ("https://door.acme.test/saml/0a1b/metadata", OwnAddress::EntityId),
            ("http://DOOR.acme.test/saml/0a1b/metadata/", OwnAddress::EntityId),
            (" https://door.acme.test:443/saml/0a1b/acs ", OwnAddress::CallbackUrl),
            ("https://door.acme.test/sso?key=acme_SSO", OwnAddress::PortalUrl),
            ("https://door.acme.test", OwnAddress::Page),
            ("https://door.acme.test/o/acme/sso", OwnAddress::Page),
        ] {
            assert_eq!(of(text), Some(which), "{text}");
        }
        for other in [
            "https://idp.acme.test/sso",
            "https://door.acme.test:8443/saml/0a1b/acs",
            "https://door.acme.test/auth/realms/acme",
            "https://door.acme.test/saml/sso",
            "urn:door.acme.test",
            "",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(OwnAddress::of("http://127.0.0.1:8080", "http://127.0.0.1:9090/sso"), None);
        let key = |text| OwnAddress::portal_key("https://door.acme.test", text);
        for text in [
            "https://door.acme.test/sso?key=acme_SSO",
            " <https://DOOR.acme.test/sso?return=%2Faccount&key=acme_SSO>\n",
            "door.acme.test/sso?key=acme_SSO",
            "https://door.acme.test/login?key=acme_SSO",
        ] {
            assert_eq!(key(text).as_deref(), Some("acme_SSO"), "{text}");
        }
        for text in
            ["acme_SSO", "https://door.acme.test/sso", "https://idp.test/sso?key=acme_SSO", "door.acme.test", ""]
        {
            assert_eq!(key(text), None, "{text}");
        }
        assert_eq!(OwnAddress::of("http://127.0.0.1:8080", "http://127.0.0.1:8080/sso"), Some(OwnAddress::PortalUrl));
    }
}
