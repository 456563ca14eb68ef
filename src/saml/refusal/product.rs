//! The identity providers whose words we speak.

use crate::domain::connection::Provider;
use serde::Serialize;
use utoipa::ToSchema;

/// An identity provider's software, with admin screens of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
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
    #[serde(rename = "jumpcloud")]
    JumpCloud,
    /// OneLogin.
    #[serde(rename = "onelogin")]
    OneLogin,
    /// Any other.
    Other,
}

impl Product {
    /// All of them, in the order in which people are told.
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

    /// The word in the API.
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

    /// As its maker writes it.
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

    /// What a connection may be to: one for the providers that have a form of their own; for `custom`, the one that the
    /// shape of its entity ID gives away, else those that it can be.
    pub fn behind(provider: Provider, entity_id: &str) -> Vec<Self> {
        match provider {
            Provider::Google => vec![Self::Google],
            Provider::Okta => vec![Self::Okta],
            Provider::Entra => vec![Self::Entra],
            Provider::Custom => {
                Self::guess(entity_id).map_or_else(|| vec![Self::Keycloak, Self::Adfs, Self::Other], |one| vec![one])
            }
        }
    }

    /// By the entity IDs that each product gives itself unless told otherwise.
    pub fn guess(entity_id: &str) -> Option<Self> {
        let has = |part: &str| entity_id.contains(part);
        match () {
            () if has("://accounts.google.com/") => Some(Self::Google),
            () if has("://www.okta.com/") || has(".okta.com/") || has(".oktapreview.com/") => Some(Self::Okta),
            () if has("://sts.windows.net/") => Some(Self::Entra),
            () if has("/realms/") => Some(Self::Keycloak),
            () if has("/adfs/services/trust") => Some(Self::Adfs),
            () if has(".onelogin.com/") => Some(Self::OneLogin),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_provider_is_known_by_its_entity_id() {
        let behind = |entity_id| Product::behind(Provider::Custom, entity_id);
        assert_eq!(behind("https://login.acme.test/realms/acme"), [Product::Keycloak]);
        assert_eq!(behind("http://adfs.acme.test/adfs/services/trust"), [Product::Adfs]);
        assert_eq!(behind("https://idp.acme.test/metadata"), [Product::Keycloak, Product::Adfs, Product::Other]);
        assert_eq!(Product::behind(Provider::Okta, "https://login.acme.test/realms/acme"), [Product::Okta]);
    }

    #[test]
    fn the_word_of_a_product_is_the_same_wherever_it_stands() {
        for product in Product::ALL {
            assert_eq!(serde_json::to_value(product).expect("a word"), product.as_str());
        }
    }
}
