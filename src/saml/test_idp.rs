//! Creates responses like an identity provider: for the demo's practice provider, and for tests.

use super::dom;
use super::{escape, keys, lockdown, ns};
use crate::domain::ids::{hex, random_bytes};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result, Timestamp};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::DeflateDecoder;
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::X509;
use samael::crypto::{CryptoProvider, XmlSec};
use std::io::Read;

pub use super::encrypt::{Encryption, Key, Place, encrypt};

/// A newly generated signing key with a self-signed certificate.
pub struct SigningKey {
    key: PKey<Private>,
    certificate: X509,
    method: &'static str,
}

impl SigningKey {
    /// Generates an RSA key of 2048 bits.
    ///
    /// # Panics
    /// When OpenSSL cannot generate keys.
    pub fn rsa(name: &str) -> Self {
        Self::rsa_of(2048, name)
    }

    /// Generates an RSA key of any size, for tests of short keys.
    ///
    /// # Panics
    /// When OpenSSL cannot generate keys.
    #[allow(clippy::expect_used)]
    pub fn rsa_of(bits: u32, name: &str) -> Self {
        let key = Rsa::generate(bits).and_then(PKey::from_rsa).expect("OpenSSL makes RSA keys");
        Self::with(key, name, 3650, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
    }

    /// Generates an EC P-256 key.
    ///
    /// # Panics
    /// When OpenSSL cannot generate keys.
    #[allow(clippy::expect_used)]
    pub fn ec(name: &str) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("OpenSSL knows P-256");
        let key = EcKey::generate(&group).and_then(PKey::from_ec_key).expect("OpenSSL makes EC keys");
        Self::with(key, name, 3650, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")
    }

    /// The same key with a certificate that expires in `days` days; a negative number means that it has expired.
    ///
    /// # Panics
    /// When OpenSSL cannot sign.
    #[must_use]
    pub fn valid_for(self, days: i64) -> Self {
        Self::with(self.key, "other validity", days, self.method)
    }

    #[allow(clippy::expect_used)]
    fn with(key: PKey<Private>, name: &str, days: i64, method: &'static str) -> Self {
        let now = crate::domain::Clock::System.now();
        let (start, end) = (now.plus(days.min(0) * 86_400 - 86_400), now.plus(days * 86_400));
        let certificate = keys::self_signed(&key, name, start, end).expect("OpenSSL signs certificates");
        Self { key, certificate, method }
    }

    /// The certificate as PEM.
    ///
    /// # Panics
    /// When OpenSSL cannot write it.
    #[allow(clippy::expect_used)]
    pub fn certificate_pem(&self) -> String {
        String::from_utf8(self.certificate.to_pem().expect("OpenSSL writes PEM")).expect("PEM is ASCII")
    }

    /// The private key as PEM, for tests that it is refused as input.
    ///
    /// # Panics
    /// When OpenSSL cannot write it.
    #[allow(clippy::expect_used)]
    pub fn private_key_pem(&self) -> String {
        String::from_utf8(self.key.private_key_to_pem_pkcs8().expect("OpenSSL writes PEM")).expect("PEM is ASCII")
    }

    /// Signs a document: fills in its first empty signature.
    ///
    /// # Panics
    /// When xmlsec cannot sign.
    #[allow(clippy::expect_used)]
    pub fn fill_signature(&self, xml: &str) -> String {
        lockdown(false);
        let key = self.key.private_key_to_der().expect("OpenSSL writes DER");
        let signed = XmlSec::sign_xml(xml, &key).expect("xmlsec signs");
        let start = signed.find("?>").map_or(0, |end| end + 2);
        signed[start..].trim().to_owned()
    }

    /// An empty signature over the element with this id.
    pub fn empty_signature(&self, id: &str) -> String {
        let certificate: String =
            self.certificate_pem().lines().filter(|line| !line.contains("-----")).collect::<Vec<_>>().concat();
        format!(
            "<ds:Signature xmlns:ds=\"{dsig}\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{c14n}\"/>\
             <ds:SignatureMethod Algorithm=\"{method}\"/><ds:Reference URI=\"#{id}\"><ds:Transforms>\
             <ds:Transform Algorithm=\"{dsig}enveloped-signature\"/><ds:Transform Algorithm=\"{c14n}\"/></ds:Transforms>\
             <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/></ds:Reference>\
             </ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
            dsig = ns::DSIG,
            c14n = ns::EXCLUSIVE_C14N,
            method = self.method,
        )
    }
}

/// The parts of a response to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The assertion.
    Assertion,
    /// The response.
    Response,
    /// The assertion, and then the response around it.
    Both,
    /// No part, for tests.
    Nothing,
}

/// The content of a response to create. A field that is `None` is left out.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // each field is named after the XML element or attribute that it fills
pub struct Minted {
    pub response_id: String,
    pub assertion_id: String,
    pub version: String,
    pub issue_instant: String,
    pub issuer: String,
    pub destination: Option<String>,
    pub in_response_to: Option<String>,
    pub status: String,
    pub name_id: String,
    pub name_id_format: String,
    pub recipient: Option<String>,
    pub subject_in_response_to: Option<String>,
    pub subject_not_on_or_after: Option<String>,
    pub not_before: Option<String>,
    pub not_on_or_after: Option<String>,
    /// The audiences, with one AudienceRestriction for each.
    pub audiences: Vec<String>,
    pub conditions: bool,
    pub session_not_on_or_after: Option<String>,
    pub authn_statement: bool,
    pub authn_instant: String,
    /// The attributes: name and values.
    pub attributes: Vec<(String, Vec<String>)>,
}

fn id() -> String {
    format!("_{}", hex(&random_bytes::<16>()))
}

impl Minted {
    /// A correct response to a request, valid for five minutes.
    pub fn answer(request: &ReceivedRequest, issuer: &str, email: &str, now: Timestamp) -> Self {
        let end = Some(now.plus(300).to_string());
        Self {
            response_id: id(),
            assertion_id: id(),
            version: "2.0".into(),
            issue_instant: now.to_string(),
            issuer: issuer.into(),
            destination: Some(request.acs_url.clone()),
            in_response_to: Some(request.id.clone()),
            status: "urn:oasis:names:tc:SAML:2.0:status:Success".into(),
            name_id: email.into(),
            name_id_format: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress".into(),
            recipient: Some(request.acs_url.clone()),
            subject_in_response_to: Some(request.id.clone()),
            subject_not_on_or_after: end.clone(),
            not_before: Some(now.plus(-60).to_string()),
            not_on_or_after: end,
            audiences: vec![request.issuer.clone()],
            conditions: true,
            session_not_on_or_after: None,
            authn_statement: true,
            authn_instant: now.to_string(),
            attributes: vec![("email".into(), vec![email.into()])],
        }
    }

    /// The response, signed.
    ///
    /// # Panics
    /// When xmlsec cannot sign.
    pub fn sign(&self, key: &SigningKey, what: Sign) -> String {
        let empty = |id: &str, wanted: bool| if wanted { key.empty_signature(id) } else { String::new() };
        let inner = empty(&self.assertion_id, matches!(what, Sign::Assertion | Sign::Both));
        let outer = empty(&self.response_id, matches!(what, Sign::Response | Sign::Both));
        match what {
            Sign::Nothing => self.xml("", ""),
            Sign::Assertion => key.fill_signature(&self.xml("", &inner)),
            Sign::Response => key.fill_signature(&self.xml(&outer, "")),
            Sign::Both => {
                let signed = key.fill_signature(&self.xml("", &inner));
                self.sign_response(key, &signed)
            }
        }
    }

    /// The response, signed and with its assertion encrypted. As providers do it, the assertion is signed before the
    /// encryption, and the response after it.
    ///
    /// # Panics
    /// When xmlsec cannot sign, or OpenSSL cannot encrypt.
    pub fn sign_and_encrypt(&self, key: &SigningKey, what: Sign, how: &Encryption) -> String {
        let inner = match what {
            Sign::Both | Sign::Assertion => self.sign(key, Sign::Assertion),
            Sign::Response | Sign::Nothing => self.sign(key, Sign::Nothing),
        };
        let start = inner.find("<saml:Assertion").unwrap_or(inner.len());
        let end = inner.find("</saml:Assertion>").map_or(inner.len(), |at| at + "</saml:Assertion>".len());
        let encrypted = format!("{}{}{}", &inner[..start], encrypt(&inner[start..end], how), &inner[end..]);
        match what {
            Sign::Both | Sign::Response => self.sign_response(key, &encrypted),
            Sign::Assertion | Sign::Nothing => encrypted,
        }
    }

    /// Signs a whole response that has the id `response_id`, whatever its content.
    ///
    /// # Panics
    /// When xmlsec cannot sign.
    pub fn sign_response(&self, key: &SigningKey, xml: &str) -> String {
        let at = xml.find("</saml:Issuer>").map_or(0, |at| at + "</saml:Issuer>".len());
        key.fill_signature(&format!("{}{}{}", &xml[..at], key.empty_signature(&self.response_id), &xml[at..]))
    }

    fn xml(&self, response_signature: &str, assertion_signature: &str) -> String {
        format!(
            "<samlp:Response xmlns:samlp=\"{}\" xmlns:saml=\"{}\" ID=\"{}\" Version=\"{}\" IssueInstant=\"{}\"{}{}>\
             <saml:Issuer>{}</saml:Issuer>{response_signature}<samlp:Status><samlp:StatusCode Value=\"{}\"/></samlp:Status>{}\
             </samlp:Response>",
            ns::PROTOCOL,
            ns::ASSERTION,
            escape(&self.response_id),
            escape(&self.version),
            escape(&self.issue_instant),
            attribute("Destination", self.destination.as_deref()),
            attribute("InResponseTo", self.in_response_to.as_deref()),
            escape(&self.issuer),
            escape(&self.status),
            self.assertion(assertion_signature),
        )
    }

    fn assertion(&self, signature: &str) -> String {
        format!(
            "<saml:Assertion ID=\"{}\" Version=\"{}\" IssueInstant=\"{}\"><saml:Issuer>{}</saml:Issuer>{signature}{}{}{}{}\
             </saml:Assertion>",
            escape(&self.assertion_id),
            escape(&self.version),
            escape(&self.issue_instant),
            escape(&self.issuer),
            self.subject(),
            self.conditions_xml(),
            self.authn_statement_xml(),
            self.attribute_statement(),
        )
    }

    fn subject(&self) -> String {
        format!(
            "<saml:Subject><saml:NameID Format=\"{}\">{}</saml:NameID>\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData{}{}{}/>\
             </saml:SubjectConfirmation></saml:Subject>",
            escape(&self.name_id_format),
            escape(&self.name_id),
            attribute("Recipient", self.recipient.as_deref()),
            attribute("NotOnOrAfter", self.subject_not_on_or_after.as_deref()),
            attribute("InResponseTo", self.subject_in_response_to.as_deref()),
        )
    }

    fn conditions_xml(&self) -> String {
        if !self.conditions {
            return String::new();
        }
        let restriction = |audience: &String| {
            format!(
                "<saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction>",
                escape(audience)
            )
        };
        format!(
            "<saml:Conditions{}{}>{}</saml:Conditions>",
            attribute("NotBefore", self.not_before.as_deref()),
            attribute("NotOnOrAfter", self.not_on_or_after.as_deref()),
            self.audiences.iter().map(restriction).collect::<String>(),
        )
    }

    fn authn_statement_xml(&self) -> String {
        if !self.authn_statement {
            return String::new();
        }
        format!(
            "<saml:AuthnStatement AuthnInstant=\"{}\" SessionIndex=\"{}\"{}><saml:AuthnContext><saml:AuthnContextClassRef>\
             urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext>\
             </saml:AuthnStatement>",
            escape(&self.authn_instant),
            escape(&self.assertion_id),
            attribute("SessionNotOnOrAfter", self.session_not_on_or_after.as_deref()),
        )
    }

    fn attribute_statement(&self) -> String {
        if self.attributes.is_empty() {
            return String::new();
        }
        let value = |value: &String| format!("<saml:AttributeValue>{}</saml:AttributeValue>", escape(value));
        let one = |(name, values): &(String, Vec<String>)| {
            let values: String = values.iter().map(value).collect();
            format!("<saml:Attribute Name=\"{}\">{values}</saml:Attribute>", escape(name))
        };
        let all: String = self.attributes.iter().map(one).collect();
        format!("<saml:AttributeStatement>{all}</saml:AttributeStatement>")
    }
}

fn attribute(name: &str, value: Option<&str>) -> String {
    value.map(|value| format!(" {name}=\"{}\"", escape(value))).unwrap_or_default()
}

/// A received AuthnRequest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedRequest {
    /// The id, for the InResponseTo of the response.
    pub id: String,
    /// The entity ID of the service provider.
    pub issuer: String,
    /// The callback URL for the response.
    pub acs_url: String,
}

/// Reads the SAMLRequest of a redirect; at most 64 KiB are inflated.
///
/// # Errors
/// `Invalid` with field `SAMLRequest`.
pub fn parse_authn_request(saml_request: &str) -> Result<ReceivedRequest> {
    let none = || Error::invalid("SAMLRequest", phrase!("field-authn-request"));
    let deflated = STANDARD.decode(saml_request).map_err(|_| none())?;
    let mut xml = String::new();
    DeflateDecoder::new(deflated.as_slice()).take(64 * 1024).read_to_string(&mut xml).map_err(|_| none())?;
    let root = dom::parse(&xml).map_err(|_| none())?;
    let attribute = |name: &str| root.attribute(name).map(ToOwned::to_owned).ok_or_else(none);
    let issuer = root.child(ns::ASSERTION, "Issuer").and_then(dom::Element::plain_text).ok_or_else(none)?;
    if !root.is(ns::PROTOCOL, "AuthnRequest") {
        return Err(none());
    }
    Ok(ReceivedRequest {
        id: attribute("ID")?,
        issuer: issuer.to_owned(),
        acs_url: attribute("AssertionConsumerServiceURL")?,
    })
}

/// Creates an identity provider's metadata.
pub fn idp_metadata(entity_id: &str, sign_on_url: &str, certificate_pem: &str) -> String {
    let certificate: Vec<_> = certificate_pem.lines().filter(|line| !line.contains("-----")).collect();
    format!(
        "<md:EntityDescriptor xmlns:md=\"{}\" xmlns:ds=\"{}\" entityID=\"{}\"><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"{}\"><md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"{}\"/></md:IDPSSODescriptor>\
         </md:EntityDescriptor>",
        ns::METADATA,
        ns::DSIG,
        escape(entity_id),
        ns::PROTOCOL,
        certificate.concat(),
        escape(sign_on_url),
    )
}
