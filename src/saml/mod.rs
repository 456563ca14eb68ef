//! The only samael, openssl and XML: text in, [`Identity`] or [`Refusal`] out. No database, no HTTP. Imports `domain` alone.
//!
//! The way of a response: `decode` (size, base64, UTF-8), `Message` (its elements, read once), `profile` (the strict profile, before any cryptography), `encrypted_response` (of
//! what is encrypted, by `encrypted` and `decrypt`), `verify`
//! (signature by samael under `lockdown`, then our own rules on what the signature covers, and on nothing else).

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
pub use keys::make_own_keys;
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

/// Us, towards one organisation's identity provider.
#[derive(Debug, Clone)]
pub struct ServiceProvider {
    /// Our entity ID: the audience that an assertion must name.
    pub entity_id: String,
    /// Our assertion consumer service: the only recipient and destination.
    pub acs_url: String,
    /// The keys for encrypted assertions; each is tried.
    pub keys: Vec<PrivateKey>,
}

/// An organisation's identity provider.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    /// The issuer that an assertion must name.
    pub entity_id: String,
    /// Its signing certificates, tried in turn.
    pub certificates: Vec<Certificate>,
}

/// The conditions for checking a response, besides the two parties.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The AuthnRequest that it must answer; `None` leaves that rule unjudged, for explaining alone.
    pub request_id: Option<String>,
    /// When the person must have proved who they are, at the earliest, where the request asked for that.
    pub authenticated_after: Option<Timestamp>,
    /// How far the provider's clock may be off: 0 to 300 seconds.
    pub skew_secs: i64,
    /// Take SHA-1 and short keys too: for explaining old messages, never at the door.
    pub allow_sha1: bool,
    /// Refuse what is signed with a certificate that has ended, in place of a warning.
    pub refuse_expired: bool,
}

/// Namespaces.
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

/// The version of the OpenSSL that checks signatures.
pub fn openssl_version() -> &'static str {
    openssl::version::version()
}

/// Text as XML: it cannot end the element or the attribute that it stands in.
fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
