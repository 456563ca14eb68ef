//! Refusals: the expected and the received value, who has to fix it, and how.
//!
//! `reasons` is the list of all reasons, `places` has the fixes and their places in admin screens, `product` the
//! identity provider products.

mod difference;
mod places;
mod product;
pub(super) mod reasons;

pub(super) use difference::shorten;
pub use places::Fix;
pub use product::Product;
pub use reasons::REASONS;

use super::ruleset::add_texts;
use crate::domain::email::{is_directory_name, is_guest_name};
use crate::domain::phrase::{Phrase, phrase};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The side that has to fix the fault, as far as the message shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The identity provider: its admin has to change a setting there.
    Provider,
    /// The organisation's settings in Vestibule.
    Settings,
    /// The operator of this Vestibule.
    Operator,
    /// One of the two clocks: the provider's or this server's.
    Clock,
    /// The person who tries to sign in.
    Person,
    /// Nobody: the fault occurs in normal operation.
    Nobody,
}

impl Fault {
    /// A sentence that says which side has to fix the fault.
    pub fn words(self) -> Phrase {
        match self {
            Self::Provider => phrase!("fault-of-provider"),
            Self::Settings => phrase!("fault-of-settings"),
            Self::Operator => phrase!("fault-of-operator"),
            Self::Clock => phrase!("fault-of-clock"),
            Self::Person => phrase!("fault-of-person"),
            Self::Nobody => phrase!("fault-of-nobody"),
        }
    }
}

/// A reason for a refusal: everything that does not depend on the message.
#[derive(Debug)]
pub struct Reason {
    /// The stable code for programs.
    pub code: &'static str,
    /// The side that has to fix it.
    pub fault: Fault,
    /// The catalogue key of its sentence.
    text: &'static str,
    /// The fix.
    pub fix: &'static Fix,
}

impl Reason {
    /// The sentence for the admin.
    pub fn message(&self) -> Phrase {
        Phrase::keyed(self.text, Vec::new())
    }

    /// A sentence with the cause. For an unknown person no setting is wrong.
    pub fn cause(&self) -> Phrase {
        if self.code == reasons::NOT_A_MEMBER.code { phrase!("fault-not-invited") } else { self.fault.words() }
    }

    /// The reason with this code.
    pub fn of(code: &str) -> Option<&'static Self> {
        REASONS.iter().copied().find(|reason| reason.code == code)
    }

    /// `{code, message, fault, fault_text, fix, fix_for, fixes, what, places}`, in the language of the answer. `fix`:
    /// for these products, which are `fix_for`. `fixes`: for each product. `what` and `places`: the same in two parts,
    /// the advice and its place in each product.
    pub fn to_json(&self, products: &[Product]) -> Value {
        let fixes = Product::ALL.iter().map(|one| (one.as_str().to_owned(), self.fix.at(*one).spoken().into()));
        let places = Product::ALL
            .iter()
            .filter_map(|one| Some((one.as_str().to_owned(), self.fix.place(*one)?.spoken().into())));
        json!({
            "code": self.code, "message": self.message().spoken(), "fault": self.fault, "fault_text": self.cause().spoken(),
            "fix": self.fix.at_any(products).spoken(), "fix_for": products, "fixes": fixes.collect::<Map<_, _>>(),
            "what": self.fix.what().spoken(), "places": places.collect::<Map<_, _>>(),
        })
    }
}

/// The refusal of a response or a sign-in. It is precise, and shown only in the admin's trace; the person who tried to
/// sign in sees a neutral sentence.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The reason.
    pub reason: &'static Reason,
    /// The expected value.
    pub expected: String,
    /// The received value.
    pub received: String,
}

impl Refusal {
    /// A refusal for this reason. The received value is prepared for people, see `difference`.
    pub(super) fn new(reason: &'static Reason, expected: impl Into<String>, received: impl Into<String>) -> Self {
        let expected = expected.into();
        let received = difference::told(&expected, &received.into());
        Self { reason, expected, received }
    }

    /// The stored form: `{code, expected, received}`.
    pub fn to_stored(&self) -> Value {
        json!({ "code": self.reason.code, "expected": self.expected, "received": self.received })
    }

    /// Reads a stored refusal; `None` if its reason no longer exists.
    pub fn from_stored(stored: &Value) -> Option<Self> {
        let text = |name: &str| stored[name].as_str().map(ToOwned::to_owned);
        let reason = Reason::of(stored["code"].as_str()?)?;
        Some(Self { reason, expected: text("expected")?, received: text("received")? })
    }

    /// Adds to a stored refusal its texts for these products. One with an unknown reason, from an older version, is
    /// returned unchanged.
    pub fn told(stored: &Value, products: &[Product]) -> Value {
        let mut json = stored.clone();
        if let Some(reason) = stored["code"].as_str().and_then(Reason::of)
            && let (Some(kept), Value::Object(told)) = (json.as_object_mut(), reason.to_json(products))
        {
            kept.extend(told);
        }
        add_texts(&mut json);
        json
    }

    /// The InResponseTo is not the id of a request that this server issued for this connection.
    pub fn unknown_request(received: &str) -> Self {
        Self::new(&reasons::UNKNOWN_REQUEST, "the id of a request of this connection", received)
    }

    /// The request is from this server, but too old.
    pub fn request_expired() -> Self {
        Self::new(&reasons::REQUEST_EXPIRED, "a response within 10 minutes", "a later response")
    }

    /// The response has no InResponseTo. `sign_on_url`: the URL to which this connection sends its requests.
    pub fn unsolicited(sign_on_url: &str) -> Self {
        let received = format!("none; the configured sign-on URL is {sign_on_url}");
        Self::new(&reasons::UNSOLICITED, "InResponseTo with the id of our request", received)
    }

    /// The request was answered before.
    pub fn request_used() -> Self {
        Self::new(&reasons::REQUEST_USED, "a request that has not been answered yet", "already answered")
    }

    /// The assertion was used before.
    pub fn assertion_used() -> Self {
        Self::new(&reasons::ASSERTION_USED, "an assertion that has not been used yet", "already used")
    }

    /// The browser has no cookie for this sign-in.
    pub fn other_browser() -> Self {
        Self::new(&reasons::OTHER_BROWSER, "the cookie of the browser that started this sign-in", "none")
    }

    /// The connection's settings have changed since the response was verified.
    pub fn connection_changed() -> Self {
        Self::new(&reasons::CONNECTION_CHANGED, "the same settings as at the start of the sign-in", "changed settings")
    }

    /// The connection is a draft, and the sign-in is not an admin's test.
    pub fn test_without_session() -> Self {
        Self::new(&reasons::TEST_WITHOUT_SESSION, "a test sign-in by a signed-in organisation admin", "another sign-in")
    }

    /// The plan has no SSO, or there is no connection.
    pub fn sso_off() -> Self {
        Self::new(&reasons::SSO_OFF, "a plan with SSO, and a connection", "one of them is missing, or both")
    }

    /// The verified person is not a member, often because the provider sends an internal name for a guest.
    pub fn not_a_member(email: &str) -> Self {
        let reason = match email {
            email if is_guest_name(email) => &reasons::GUEST_NAME,
            email if is_directory_name(email) => &reasons::DIRECTORY_NAME,
            _ => &reasons::NOT_A_MEMBER,
        };
        Self::new(reason, "a member or an invited person", email)
    }

    /// The verified person is disabled.
    pub fn disabled(email: &str) -> Self {
        Self::new(&reasons::DISABLED, "a person who is not disabled", email)
    }

    /// The verified person is not the admin who makes the test.
    pub fn test_of_other_person(expected: &str, received: &str) -> Self {
        let reason = if is_guest_name(received) { &reasons::GUEST_NAME } else { &reasons::TEST_OF_OTHER_PERSON };
        Self::new(reason, expected, received)
    }
}

#[cfg(test)]
mod tests {
    use super::reasons::RECIPIENT;
    use super::*;
    use crate::domain::catalogue::Language;

    #[test]
    fn every_reason_appears_once_and_has_sentences_for_its_fault_and_for_the_fix_at_each_provider() {
        for (index, reason) in REASONS.iter().enumerate() {
            let code = reason.code;
            assert!(!REASONS[..index].iter().any(|other| other.code == code), "{code} stands twice");
            for told in [reason.message(), reason.cause()] {
                assert!(told.to_string().ends_with('.'), "{code}: {told}");
            }
            for product in Product::ALL {
                let fix = reason.fix.at(product).to_string();
                assert!(fix.len() > 20 && fix.ends_with('.'), "{code} at {}: {fix}", product.name());
            }
        }
        assert!(REASONS.len() >= 30);
    }

    #[test]
    fn each_fix_at_the_provider_has_a_different_place_for_each_product() {
        for reason in REASONS.iter().filter(|reason| reason.fault == Fault::Provider) {
            let mut places: Vec<_> = Product::ALL.iter().map(|product| reason.fix.at(*product).to_string()).collect();
            places.sort();
            places.dedup();
            assert_eq!(places.len(), Product::ALL.len(), "{}", reason.code);
        }
    }

    #[test]
    fn the_fixes_name_the_same_fields_as_the_setup_guides() {
        let guides = include_str!("../../../static/guides/providers.js");
        let put = |guide: &str, ours: &str| {
            let labels = guide.split("put(t('").skip(1).filter_map(|rest| rest.split_once("'), '"));
            let ours =
                labels.filter(|(_, value)| value.starts_with(ours)).map(|(key, _)| Language::ENGLISH.message(key));
            ours.collect::<Vec<_>>()
        };
        // ADFS's wizard uses other labels than its Properties page, and Other lists the labels of several providers.
        for product in Product::ALL.into_iter().filter(|one| ![Product::Adfs, Product::Other].contains(one)) {
            let start = format!("\nconst {} = {{", product.as_str());
            let (_, guide) = guides.split_once(&start).expect("a guide");
            let guide = guide.split("\n};").next().unwrap_or_default();
            for (ours, fix) in [("entity_id", &places::AUDIENCE), ("callback_url", &places::CALLBACK)] {
                let labels = put(guide, ours);
                assert!(!labels.is_empty(), "{start} has no field for {ours}");
                let place = fix.place(product).expect("a place").to_string();
                assert!(labels.iter().all(|label| place.contains(label)), "{labels:?}: {place}");
            }
        }
    }

    #[test]
    fn a_refusal_is_described_in_the_terms_of_the_connections_provider() {
        let refusal = Refusal::new(&RECIPIENT, "https://sp.test/acs", "https://sp.test/other");
        let told = |products: &[Product]| Refusal::told(&refusal.to_stored(), products);
        let entra = told(&[Product::Entra]);
        let fix = entra["fix"].as_str().expect("text");
        assert!(fix.contains("Basic SAML Configuration > Reply URL") && !fix.contains("Keycloak:"), "{fix}");
        assert_eq!((&entra["fault"], &entra["received"]), (&json!("provider"), &json!("https://sp.test/other")));
        let custom = told(&[Product::Keycloak, Product::Adfs, Product::Other]);
        for name in ["Keycloak:", "ADFS:", "Any other:"] {
            assert!(custom["fix"].as_str().expect("text").contains(name));
        }
    }

    #[test]
    fn a_refusal_of_an_older_version_is_returned_unchanged() {
        let kept =
            json!({ "code": "gone", "message": "A sentence.", "expected": "a", "received": "b", "fix": "This." });
        assert_eq!(Refusal::told(&kept, &[Product::Okta]), kept);
    }
}
