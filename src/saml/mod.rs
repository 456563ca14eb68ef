//! SAML: turns a response into an [`Identity`] or a [`Refusal`]. The only module that uses samael, openssl and SAML's
//! XML. No database, no HTTP. Imports only `domain`.
//!
//! The steps for a response: `decode` (size, base64, UTF-8); `Message` (parsed once); `profile` (the strict profile,
//! before any cryptography); `encrypted_response` for an encrypted assertion, with `encrypted` and `decrypt`; `verify`
//! (the signature by samael under `lockdown`, then our own rules, applied only to content that the signature covers).

mod certificate;
mod copied;
mod covered;
mod decrypt;
pub mod dom;
mod encoding;
mod encrypt;
mod encrypted;
mod encrypted_response;
mod facts;
mod hidden_values;
mod keys;
mod lockdown;
mod mail_source;
mod message;
mod metadata;
mod not_metadata;
mod other_input;
mod pasted;
mod person_name;
mod profile;
mod redact;
mod refusal;
mod report;
mod request;
mod response;
mod rules;
mod ruleset;
mod signature;
mod signature_shape;
pub mod test_idp;
mod trace_words;

pub use certificate::{Certificate, Given};
pub use copied::{Copied, read};
pub use decrypt::read_private_key;
pub use facts::Facts;
pub use keys::{are_readable, make_own_keys};
pub use lockdown::{libxml2_version, lockdown, xmlsec_version};
pub use message::Message;
pub use metadata::{IdpMetadata, service_provider_in, service_provider_metadata};
pub use not_metadata::metadata_file;
pub use pasted::certificate_file;
pub use profile::decode;
pub use refusal::{Fault, Product, REASONS, Reason, Refusal};
pub use report::{Identity, Report, Rule};
pub use request::AuthnRequest;
pub use response::{unreadable, verify, verify_message};
pub use ruleset::{RULES, RuleText, rule_text, rules_told};
pub use trace_words::{TRACE_WORDS, TraceWords};

use crate::domain::Timestamp;
use crate::domain::own_keys::PrivateKey;

/// This server as the service provider for one organisation's identity provider.
#[derive(Debug, Clone)]
pub struct ServiceProvider {
    /// The service provider's entity ID, which must be the audience of an assertion.
    pub entity_id: String,
    /// The URL of the assertion consumer service, which must be the recipient and destination.
    pub acs_url: String,
    /// The private keys for encrypted assertions. Each is tried.
    pub keys: Vec<PrivateKey>,
}

/// An organisation's identity provider.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    /// The entity ID, which must be the issuer of an assertion.
    pub entity_id: String,
    /// The signing certificates. Each is tried.
    pub certificates: Vec<Certificate>,
}

/// The options for verifying a response.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The id of the AuthnRequest that the response must answer. `None`, used only by `saml explain`, skips that rule.
    pub request_id: Option<String>,
    /// The earliest accepted time of the person's authentication, if the request asked for a new one (ForceAuthn).
    pub authenticated_after: Option<Timestamp>,
    /// The accepted difference of the provider's clock, 0 to 300 seconds.
    pub skew_secs: i64,
    /// Also accept SHA-1 and short keys: only for explaining old messages, never for a sign-in.
    pub allow_sha1: bool,
    /// Refuse signatures with an expired certificate, instead of only warning.
    pub refuse_expired: bool,
}

/// XML namespaces.
mod ns {
    pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
    pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
    pub const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
    pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
    pub const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    pub const ENCRYPTION: &str = "http://www.w3.org/2001/04/xmlenc#";
    pub const ENCRYPTION_11: &str = "http://www.w3.org/2009/xmlenc11#";
    /// The elements allowed in a response outside attribute values.
    pub const KNOWN: [&str; 7] =
        [PROTOCOL, ASSERTION, DSIG, EXCLUSIVE_C14N, ENCRYPTION, ENCRYPTION_11, "http://www.w3.org/2009/xmldsig11#"];
}

/// The version of OpenSSL in use.
pub fn openssl_version() -> &'static str {
    openssl::version::version()
}

/// Escapes text for XML content and attribute values.
fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
