//! Recognises input that is not a response, for `saml explain`, and describes it.

use super::dom::{self, Element};
use super::not_metadata::is_page;
use super::refusal::{Refusal, reasons};
use super::{ns, pasted};
use crate::domain::pem;
use crate::domain::{decoded, file_kind};

const WANTED: &str = "the value of SAMLResponse as the browser posts it to the callback URL, or its XML";

fn other(what: impl Into<String>) -> Refusal {
    Refusal::new(&reasons::OTHER_INPUT, WANTED, what)
}

/// Describes a message that is not a SAML 2.0 Response; `None` if its root element is unknown.
pub(super) fn described(root: &Element) -> Option<&'static str> {
    Some(match (root.namespace.as_str(), root.name.as_str()) {
        (ns::METADATA, "EntityDescriptor" | "EntitiesDescriptor") => "metadata, which describes a provider",
        (ns::PROTOCOL, "AuthnRequest") => "our own request to the identity provider, which comes before the response",
        (ns::PROTOCOL, "LogoutRequest") => "a request to sign out",
        (ns::PROTOCOL, "LogoutResponse") => "the response of a sign-out, not of a sign-in",
        (ns::PROTOCOL, "ArtifactResponse") => "a response by the artifact binding; the callback accepts only HTTP-POST",
        (ns::ASSERTION, "Assertion" | "EncryptedAssertion") => "an assertion without the Response that contains it",
        ("urn:oasis:names:tc:SAML:1.0:protocol" | "urn:oasis:names:tc:SAML:1.0:assertion", _) => {
            "a message of SAML 1.1"
        }
        (_, "RequestSecurityTokenResponse" | "RequestSecurityTokenResponseCollection") => "a message of WS-Federation",
        ("http://schemas.xmlsoap.org/soap/envelope/" | "http://www.w3.org/2003/05/soap-envelope", "Envelope") => {
            "a SOAP envelope"
        }
        (_, "html") => "a web page",
        _ => return None,
    })
}

/// True if a text is the source of a web page.
pub(super) fn is_web_page(text: &str) -> bool {
    is_page(&text.trim_start().chars().take(2000).collect::<String>().to_ascii_lowercase())
}

/// Refuses XML that is certainly not a response.
///
/// # Errors
/// A refusal that names the kind of the document.
pub(super) fn of_xml(xml: &str) -> Result<(), Refusal> {
    if is_web_page(xml) {
        return Err(other("a web page without the value of a field SAMLResponse"));
    }
    let Ok(root) = dom::parse_document(xml.trim_start()) else { return Ok(()) };
    let advice = match (root.namespace.as_str(), root.name.as_str()) {
        (ns::METADATA, _) => "metadata, which describes a provider; give that as --idp-metadata",
        (ns::PROTOCOL, "AuthnRequest") => {
            "our own request to the identity provider (AuthnRequest); the response comes back after it, to the callback URL"
        }
        (ns::PROTOCOL, "LogoutRequest") => "a request to sign out (LogoutRequest)",
        (ns::ASSERTION, "Assertion") => {
            "an assertion without the Response that contains it; copy the whole message, as it was sent"
        }
        _ => return Ok(()),
    };
    Err(other(advice))
}

/// Recognises text that is neither XML nor base64 of XML.
pub(super) fn of_text(text: &str) -> Option<Refusal> {
    let text = text.trim();
    let one_word = !text.contains(char::is_whitespace);
    let blocks = pem::blocks(text);
    let start: String = text.chars().take(12).collect::<String>().to_ascii_lowercase();
    let known = [
        (text.is_empty(), "nothing: the file or the input is empty"),
        (blocks.iter().any(pem::Block::is_private_key), "a private key, which must stay with its owner"),
        (blocks.iter().any(pem::Block::is_certificate), "a certificate; it is read from --idp-metadata"),
        (
            text.contains("SAMLRequest"),
            "a SAMLRequest, our own request to the identity provider; the response comes back after it, to the callback URL",
        ),
        (text.contains("SAMLart="), "an artifact (SAMLart); the callback accepts HTTP-POST"),
        (one_word && (start.starts_with("https://") || start.starts_with("http://")), "an address"),
        (one_word && text.starts_with("eyJ"), "a token of OpenID Connect (JWT), not a message of SAML"),
        (start.starts_with("{\\rtf"), "an RTF document; save it as plain text"),
        (start.starts_with('{') || start.starts_with("[{"), "JSON without the value of a field SAMLResponse"),
        (text.contains("SAMLResponse") && text.len() < 200, "the name SAMLResponse without its value"),
    ];
    known.into_iter().find(|(is, _)| *is).map(|(_, what)| other(what))
}

/// Recognises binary files.
pub(super) fn of_bytes(bytes: &[u8]) -> Option<Refusal> {
    if let Some(kind) = file_kind(bytes) {
        return Some(other(kind.name.to_string()));
    }
    let binary = decoded::decoded(bytes, None).is_err();
    (binary && pasted::is_certificate_file(bytes)).then(|| other("a certificate; it is read from --idp-metadata"))
}

/// The refusal for text that is not recognised.
pub(super) fn unknown(text: &str) -> Refusal {
    let start: String = text.trim().chars().take(40).collect();
    other(format!("text that is neither XML nor base64: {start}"))
}
