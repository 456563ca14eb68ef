//! The identity provider products for which there are specific instructions.

use crate::domain::connection::Provider;
use serde::{Serialize, Serializer};

/// An identity provider product, with its own admin screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Google Workspace.
    Google,
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
    /// Keycloak.
    Keycloak,
    /// Microsoft AD FS.
    Adfs,
    /// JumpCloud.
    JumpCloud,
    /// OneLogin.
    OneLogin,
    /// Any other.
    Other,
}

impl Product {
    /// All products, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Google,
        Self::Okta,
        Self::Entra,
        Self::Keycloak,
        Self::Adfs,
        Self::JumpCloud,
        Self::OneLogin,
        Self::Other,
    ];

    /// The name in the API and in catalogue keys, and the id of its guide in static/guides/providers.js.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::Keycloak => "keycloak",
            Self::Adfs => "adfs",
            Self::JumpCloud => "jumpcloud",
            Self::OneLogin => "onelogin",
            Self::Other => "other",
        }
    }

    /// The product's name, as its vendor writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Google => "Google Workspace",
            Self::Okta => "Okta",
            Self::Entra => "Entra ID",
            Self::Keycloak => "Keycloak",
            Self::Adfs => "ADFS",
            Self::JumpCloud => "JumpCloud",
            Self::OneLogin => "OneLogin",
            Self::Other => "Any other",
        }
    }

    /// The products that a connection may be to: the chosen provider; for `custom`, the product that `guess`
    /// recognises, or else the products that are run at custom addresses. `addresses`: see `guess`.
    pub fn behind(provider: Provider, addresses: [&str; 2]) -> Vec<Self> {
        match provider {
            Provider::Google => vec![Self::Google],
            Provider::Okta => vec![Self::Okta],
            Provider::Entra => vec![Self::Entra],
            Provider::Custom => {
                Self::guess(addresses).map_or_else(|| vec![Self::Keycloak, Self::Adfs, Self::Other], |one| vec![one])
            }
        }
    }

    /// Recognises a product by its default addresses. `addresses`: the entity ID and the sign-on URL, in either order.
    /// Both are needed, because JumpCloud's admins choose its entity ID freely, so that only the sign-on URL identifies
    /// it.
    pub fn guess(addresses: [&str; 2]) -> Option<Self> {
        Self::ALL.into_iter().find(|product| addresses.iter().any(|address| product.is_at(address)))
    }

    /// True if an address has the default form of this product: the same check as `known` of its guide in
    /// static/guides/providers.js.
    fn is_at(self, address: &str) -> bool {
        let (host, path) = host_and_path(address).unwrap_or_default();
        match self {
            Self::Google => host == "accounts.google.com" && path.starts_with("/o/saml2"),
            Self::Okta => ["okta.com", "oktapreview.com", "okta-emea.com"].iter().any(|domain| is_of(host, domain)),
            Self::Entra => [
                "sts.windows.net",
                "login.microsoftonline.com",
                "login.microsoftonline.us",
                "login.partner.microsoftonline.cn",
            ]
            .contains(&host),
            Self::Keycloak => path.contains("/realms/"),
            Self::Adfs => {
                let path = path.to_ascii_lowercase();
                path.contains("/adfs/ls") || path.contains("/adfs/services/trust")
            }
            // Other regions have a label between `sso.` and the domain.
            Self::JumpCloud => host.strip_prefix("sso.").is_some_and(|rest| is_of(rest, "jumpcloud.com")),
            Self::OneLogin => is_of(host, "onelogin.com"),
            Self::Other => false,
        }
    }
}

impl Serialize for Product {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The host and the path of an address: `login.acme.test` and `/realms/acme` of `https://login.acme.test/realms/acme`.
fn host_and_path(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    Some(rest.split_at(rest.find('/')?))
}

/// True if the host is this domain or one of its subdomains.
fn is_of(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Known {
        product: String,
        entity_id: String,
        sign_on_url: String,
    }

    #[test]
    fn a_custom_provider_is_recognised_by_either_of_its_addresses() {
        let known: Vec<Known> = serde_json::from_str(include_str!("../../../tests/recognised.json")).expect("a list");
        for Known { product, entity_id, sign_on_url } in &known {
            for addresses in [[entity_id.as_str(), sign_on_url.as_str()], [sign_on_url, entity_id]] {
                let guessed = Product::guess(addresses).map_or("other", Product::as_str);
                assert_eq!(guessed, product, "{addresses:?}");
            }
        }
        for product in Product::ALL {
            assert!(known.iter().any(|one| one.product == product.as_str()), "{}", product.name());
        }
    }

    #[test]
    fn a_chosen_provider_is_one_product_and_an_unknown_custom_one_may_be_any_self_hosted_product() {
        let keycloak = ["https://login.acme.test/realms/acme", "https://login.acme.test/realms/acme/protocol/saml"];
        assert_eq!(Product::behind(Provider::Custom, keycloak), [Product::Keycloak]);
        assert_eq!(Product::behind(Provider::Okta, keycloak), [Product::Okta]);
        let unknown = ["https://idp.acme.test/metadata", "https://idp.acme.test/sso"];
        assert_eq!(Product::behind(Provider::Custom, unknown), [Product::Keycloak, Product::Adfs, Product::Other]);
    }
}
