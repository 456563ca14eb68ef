//! The fixes for refusals, and the place of each setting in each provider's admin screens: the messages `fix-NAME` and
//! `fix-NAME-PRODUCT` of the catalogue.

use super::Product;
use crate::domain::phrase::{Phrase, phrase};

/// A fix for a refusal.
#[derive(Debug)]
pub struct Fix {
    /// The catalogue key of the advice.
    advice: &'static str,
    /// True if the setting is at the identity provider, so that each product has a place for it.
    there: bool,
}

impl Fix {
    const fn here(advice: &'static str) -> Self {
        Self { advice, there: false }
    }

    const fn there(advice: &'static str) -> Self {
        Self { advice, there: true }
    }

    /// The advice, for any provider.
    pub fn what(&self) -> Phrase {
        Phrase::keyed(self.advice, Vec::new())
    }

    /// The advice, with the place of the setting in this product.
    pub fn at(&self, product: Product) -> Phrase {
        Phrase::Joined([self.what()].into_iter().chain(self.place(product)).collect(), " ")
    }

    /// The advice for these products: with the place if there is only one product, otherwise with each place after its
    /// product's name.
    pub fn at_any(&self, products: &[Product]) -> Phrase {
        if let [one] = products {
            return self.at(*one);
        }
        let named = |product: &Product| {
            let place = self.place(*product)?;
            Some(phrase!("fix-at-product", product = product.name(), place = place))
        };
        Phrase::Joined([self.what()].into_iter().chain(products.iter().filter_map(named)).collect(), " ")
    }

    /// The place of the setting in this product; `None` if the setting is not at the provider.
    pub fn place(&self, product: Product) -> Option<Phrase> {
        let key = format!("{}-{}", self.advice, product.as_str()).into();
        self.there.then_some(Phrase::Keyed { key, values: Vec::new() })
    }
}

pub(super) static CALLBACK: Fix = Fix::there("fix-callback");
pub(super) static AUDIENCE: Fix = Fix::there("fix-audience");
pub(super) static ISSUER: Fix = Fix::there("fix-issuer");
pub(super) static CLOCK: Fix = Fix::there("fix-clock");
pub(super) static SIGN: Fix = Fix::there("fix-sign");
pub(super) static ALGORITHM: Fix = Fix::there("fix-algorithm");
pub(super) static CANONICAL: Fix = Fix::there("fix-canonical");
pub(super) static CERTIFICATE: Fix = Fix::there("fix-certificate");
pub(super) static STRONG_KEY: Fix = Fix::there("fix-strong-key");
pub(super) static ENCRYPT: Fix = Fix::there("fix-encrypt");
pub(super) static NO_ENCRYPTION: Fix = Fix::there("fix-no-encryption");
pub(super) static FRESH: Fix = Fix::there("fix-fresh");
pub(super) static EMAIL: Fix = Fix::there("fix-email");
pub(super) static GUEST_EMAIL: Fix = Fix::there("fix-guest-email");
pub(super) static ONE_EMAIL: Fix = Fix::there("fix-one-email");
pub(super) static FEWER_ATTRIBUTES: Fix = Fix::there("fix-fewer-attributes");
pub(super) static ASSIGNED: Fix = Fix::there("fix-assigned");
pub(super) static POST_BACK: Fix = Fix::there("fix-post-back");
pub(super) static PLAIN_MESSAGE: Fix = Fix::there("fix-plain-message");
pub(super) static TILE: Fix = Fix::there("fix-tile");
pub(super) static TEST_AS_YOURSELF: Fix = Fix::there("fix-test-as-yourself");
pub(super) static INVITE: Fix = Fix::there("fix-invite");
pub(super) static AGAIN: Fix = Fix::here("fix-again");
pub(super) static SAME_BROWSER: Fix = Fix::here("fix-same-browser");
pub(super) static TEST_SIGN_IN: Fix = Fix::here("fix-test-sign-in");
pub(super) static ENABLE: Fix = Fix::here("fix-enable");
pub(super) static PLAN: Fix = Fix::here("fix-plan");
pub(super) static COPY_MESSAGE: Fix = Fix::here("fix-copy-message");
pub(super) static AS_SENT: Fix = Fix::here("fix-as-sent");
