//! What to change, and where each thing is set in each provider's own admin screens: the messages `fix-NAME` and
//! `fix-NAME-PRODUCT` of the catalogue.

use super::Product;
use crate::domain::phrase::{Phrase, phrase};

/// One fix, and its place at each provider.
#[derive(Debug)]
pub struct Fix {
    /// The key of the advice.
    advice: &'static str,
    /// The keys of the places, in the order of `Product::ALL`; none where the fix is here.
    places: Option<[&'static str; Product::ALL.len()]>,
}

impl Fix {
    /// The advice, for any provider.
    pub fn what(&self) -> Phrase {
        Phrase::keyed(self.advice, Vec::new())
    }

    /// The fix at this provider, and its place.
    pub fn at(&self, product: Product) -> Phrase {
        Phrase::Joined([self.what()].into_iter().chain(self.place(product)).collect(), " ")
    }

    /// The advice for these products: the place if there is only one, otherwise each place after its product's name.
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

    /// Where that is set at this provider; none where the fix is here.
    pub fn place(&self, product: Product) -> Option<Phrase> {
        let at = Product::ALL.iter().position(|one| *one == product)?;
        Some(Phrase::keyed(self.places?[at], Vec::new()))
    }
}

/// Makes a named fix of each line: `here`, or `there` at the provider.
macro_rules! fixes {
    ($($name:ident $key:literal $where:ident;)*) => {
        $(pub(super) static $name: Fix = Fix { advice: concat!("fix-", $key), places: fixes!(@$where $key) };)*
    };
    (@here $key:literal) => { None };
    (@there $key:literal) => {
        Some([
            concat!("fix-", $key, "-google"),
            concat!("fix-", $key, "-okta"),
            concat!("fix-", $key, "-entra"),
            concat!("fix-", $key, "-keycloak"),
            concat!("fix-", $key, "-adfs"),
            concat!("fix-", $key, "-jumpcloud"),
            concat!("fix-", $key, "-onelogin"),
            concat!("fix-", $key, "-other"),
        ])
    };
}

fixes! {
    CALLBACK "callback" there;
    AUDIENCE "audience" there;
    ISSUER "issuer" there;
    CLOCK "clock" there;
    SIGN "sign" there;
    ALGORITHM "algorithm" there;
    CANONICAL "canonical" there;
    CERTIFICATE "certificate" there;
    STRONG_KEY "strong-key" there;
    ENCRYPT "encrypt" there;
    NO_ENCRYPTION "no-encryption" there;
    FRESH "fresh" there;
    EMAIL "email" there;
    GUEST_EMAIL "guest-email" there;
    ONE_EMAIL "one-email" there;
    FEWER_ATTRIBUTES "fewer-attributes" there;
    ASSIGNED "assigned" there;
    POST_BACK "post-back" there;
    PLAIN_MESSAGE "plain-message" there;
    TILE "tile" there;
    TEST_AS_YOURSELF "test-as-yourself" there;
    INVITE "invite" there;
    AGAIN "again" here;
    SAME_BROWSER "same-browser" here;
    TEST_SIGN_IN "test-sign-in" here;
    ENABLE "enable" here;
    PLAN "plan" here;
    COPY_MESSAGE "copy-message" here;
    AS_SENT "as-sent" here;
}
