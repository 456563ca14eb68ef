//! Our own addresses, which are often entered where the provider's belong.

use url::Url;

/// Which of our addresses one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAddress {
    /// Who we are, and where our metadata is.
    EntityId,
    /// Where the provider sends its answers.
    CallbackUrl,
    /// Where members begin a sign-in.
    PortalUrl,
    /// A page.
    Page,
}

impl OwnAddress {
    /// Which of ours `text` is, of whatever organisation; `None` where it is not ours. What else lies behind the public URL's
    /// host may be a provider's. `public_url`: without a path.
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

    /// The portal key in one of ours: somebody typed the whole Portal URL in place of the key, perhaps without its scheme.
    pub fn portal_key(public_url: &str, text: &str) -> Option<String> {
        let text = text.trim().trim_matches(['"', '\'', '<', '>']);
        let scheme = public_url.split_once("://")?.0;
        let whole = if text.contains("://") { text.to_owned() } else { format!("{scheme}://{text}") };
        Self::of(public_url, &whole)?;
        let url = Url::parse(&whole).ok()?;
        url.query_pairs().find(|(name, _)| name == "key").map(|(_, key)| key.into_owned())
    }

    /// As the SSO settings call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EntityId => "our Entity ID",
            Self::CallbackUrl => "our Callback URL",
            Self::PortalUrl => "our Portal URL",
            Self::Page => "an address of this site",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_addresses_are_known_however_they_are_typed_and_a_neighbour_is_not_taken_for_us() {
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
