//! Metadata: writes the service provider's, and reads identity providers'.

use super::dom::{self, Element};
use super::trace_words::trace_phrase;
use super::{Certificate, ServiceProvider, escape, not_metadata, ns};
use crate::domain::connection::MOST_CERTIFICATES;
use crate::domain::own_keys::Keyring;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::request_options::{NameIdFormat, RequestOptions};
use crate::domain::{Error, Result, Timestamp};

const FIELD: &str = "metadata_xml";
const MOST_BYTES: usize = 1024 * 1024;
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// The encryption algorithms that the metadata offers, in order of preference. AES-CBC is accepted in a signed
/// response, but not offered.
const ENCRYPTION_METHODS: [&str; 4] = [
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2009/xmlenc11#rsa-oaep",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
];

/// The service provider's metadata for one organisation. During a key rotation it contains both generations: for
/// signing, the older one first, which still signs; for encryption, the newer one first, so that providers stop using
/// the older one.
///
/// `requests`: the options of AuthnRequests, including whether they are signed.
///
/// Source: SAML 2.0 Metadata 2.4.4 and 2.4.1.1.
pub fn service_provider_metadata(sp: &ServiceProvider, keyring: &Keyring, requests: RequestOptions) -> String {
    let signing: String =
        keyring.generations().map(|keys| key_descriptor("signing", &keys.signing.certificate, "")).collect();
    let methods: String = ENCRYPTION_METHODS.map(|uri| format!("<md:EncryptionMethod Algorithm=\"{uri}\"/>")).concat();
    let newest_first = keyring.generations().rev();
    let encryption: String =
        newest_first.map(|keys| key_descriptor("encryption", &keys.encryption.certificate, &methods)).collect();
    // If requests ask for no NameID format, an e-mail address is the most useful one.
    let format = requests.name_id_format.uri().or(NameIdFormat::Email.uri()).unwrap_or_default();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor xmlns:md=\"{}\" xmlns:ds=\"{}\" entityID=\"{}\">\
         <md:SPSSODescriptor AuthnRequestsSigned=\"{}\" WantAssertionsSigned=\"true\" protocolSupportEnumeration=\"{}\">\
         {signing}{encryption}\
         <md:NameIDFormat>{}</md:NameIDFormat>\
         <md:AssertionConsumerService Binding=\"{POST}\" Location=\"{}\" index=\"0\" isDefault=\"true\"/>\
         </md:SPSSODescriptor></md:EntityDescriptor>\n",
        ns::METADATA,
        ns::DSIG,
        escape(&sp.entity_id),
        requests.sign,
        ns::PROTOCOL,
        format,
        escape(&sp.acs_url)
    )
}

fn key_descriptor(purpose: &str, pem: &str, methods: &str) -> String {
    let base64: String = pem.lines().filter(|line| !line.contains("-----")).collect();
    format!(
        "<md:KeyDescriptor use=\"{purpose}\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{base64}</ds:X509Certificate>\
         </ds:X509Data></ds:KeyInfo>{methods}</md:KeyDescriptor>"
    )
}

/// The content of an identity provider's metadata.
#[derive(Debug, Clone)]
pub struct IdpMetadata {
    /// The entity ID.
    pub entity_id: String,
    /// The sign-on URL for HTTP-Redirect.
    pub sign_on_url: String,
    /// The signing certificates.
    pub certificates: Vec<Certificate>,
    /// True if the provider wants signed requests.
    pub wants_signed_requests: bool,
    /// A sentence about certificates that were left out, if any.
    pub left_out: Option<Phrase>,
}

const NO_CERTIFICATE: Phrase = phrase!("metadata-no-certificate");

impl IdpMetadata {
    /// Reads metadata for a connection. It must have one identity provider, with an HTTP-Redirect URL and usable
    /// certificates. Expired certificates are left out; of more than four, the ones that expire last are used.
    ///
    /// # Errors
    /// `Invalid` with field `metadata_xml`.
    pub fn parse(xml: &str, now: Timestamp) -> Result<Self> {
        let root = read(xml)?;
        let (entity, idp) = only_provider(&root)?;
        expiry(&[&root, entity, idp], now)?;
        let sign_on_url = sign_on_url(idp, &[REDIRECT]).ok_or_else(|| invalid(phrase!("metadata-no-redirect")))?;
        let (usable, faults) = certificates(idp, |text| Certificate::parse(text, now));
        if usable.is_empty() {
            let fault = faults.into_iter().next().unwrap_or_else(|| invalid(NO_CERTIFICATE));
            return Err(fault.for_field(FIELD));
        }
        let (certificates, left_out) = last_to_end(usable);
        Ok(Self {
            entity_id: entity_id(entity)?,
            sign_on_url,
            certificates,
            wants_signed_requests: wants_signed_requests(idp),
            left_out,
        })
    }

    /// Reads metadata for `saml explain`: expired certificates are accepted, and with `allow_weak` also weak keys.
    ///
    /// # Errors
    /// `Invalid` with field `metadata_xml`, also when there is no usable certificate.
    pub fn parse_to_explain(xml: &str, allow_weak: bool) -> Result<Self> {
        let root = read(xml)?;
        let (entity, idp) = only_provider(&root)?;
        let usable = |text: &str| {
            let certificate = Certificate::any(text)?;
            if allow_weak || certificate.is_strong() {
                Ok(certificate)
            } else {
                Err(invalid(phrase!("metadata-weak-key")))
            }
        };
        let (certificates, _) = certificates(idp, usable);
        if certificates.is_empty() {
            return Err(invalid(phrase!("metadata-no-usable-certificate")));
        }
        let sign_on_url = sign_on_url(idp, &[REDIRECT, POST]).unwrap_or_default();
        let wants_signed_requests = wants_signed_requests(idp);
        Ok(Self { entity_id: entity_id(entity)?, sign_on_url, certificates, wants_signed_requests, left_out: None })
    }
}

fn not_plain(fault: &dom::Unreadable) -> Phrase {
    let found = fault.to_string();
    phrase!("metadata-not-plain", found = trace_phrase(&found).unwrap_or(Phrase::Words(found)))
}

fn invalid(why: Phrase) -> Error {
    Error::invalid(FIELD, why)
}

/// The entity ID of the service provider that metadata describes; `None` if the text is not a service provider's
/// metadata.
pub fn service_provider_in(text: &str) -> Option<String> {
    let root = read(text).ok()?;
    let mut entities = Vec::new();
    gather(&root, &mut entities);
    let provider = entities.into_iter().find(|entity| entity.child(ns::METADATA, "SPSSODescriptor").is_some())?;
    provider.attribute("entityID").map(ToOwned::to_owned)
}

/// Parses text that was decoded already, whatever encoding its declaration names.
fn read(text: &str) -> Result<Element> {
    if text.len() > MOST_BYTES {
        return Err(Error::TooLarge(phrase!("metadata-too-large")));
    }
    let text = not_metadata::xml_of(text).map_err(invalid)?;
    let repaired = || not_metadata::repaired(&text).and_then(|text| dom::parse_document(&text).ok());
    let root = dom::parse_document(&text).or_else(|found| repaired().ok_or_else(|| invalid(not_plain(&found))))?;
    not_metadata::root(&root).map_or(Ok(root), |what| Err(invalid(what)))
}

/// The single identity provider in a document, which is an EntityDescriptor or an EntitiesDescriptor with one, and its
/// SAML 2.0 role.
fn only_provider(root: &Element) -> Result<(&Element, &Element)> {
    let mut entities = Vec::new();
    gather(root, &mut entities);
    let providers: Vec<_> = entities.iter().filter_map(|entity| Some((*entity, role(entity)?))).collect();
    match providers[..] {
        [provider] => Ok(provider),
        [] => Err(without_provider(&entities)),
        _ => {
            let names = providers.iter().take(5).filter_map(|(entity, _)| entity.attribute("entityID"));
            let names = names.collect::<Vec<_>>().join(", ");
            Err(invalid(phrase!("metadata-several-providers", names = names)))
        }
    }
}

/// An entity's role as a SAML 2.0 identity provider; if there are several, one that accepts requests by HTTP-Redirect.
///
/// Source: SAML 2.0 Metadata 2.4.1 (protocolSupportEnumeration is a list of URIs).
fn role(entity: &Element) -> Option<&Element> {
    let speaks = |role: &&Element| {
        let protocols = role.attribute("protocolSupportEnumeration");
        protocols.is_none_or(|all| all.split_whitespace().any(|one| one == ns::PROTOCOL))
    };
    let roles = || entity.all(ns::METADATA, "IDPSSODescriptor").filter(speaks);
    roles().find(|role| sign_on_url(role, &[REDIRECT]).is_some()).or_else(|| roles().next())
}

fn without_provider(entities: &[&Element]) -> Error {
    let any = |name| entities.iter().any(|entity| entity.child(ns::METADATA, name).is_some());
    invalid(if any("IDPSSODescriptor") {
        phrase!("metadata-other-versions")
    } else if any("SPSSODescriptor") {
        phrase!("metadata-of-application")
    } else {
        phrase!("metadata-no-provider")
    })
}

fn gather<'a>(element: &'a Element, entities: &mut Vec<&'a Element>) {
    if element.is(ns::METADATA, "EntityDescriptor") {
        entities.push(element);
    } else if element.is(ns::METADATA, "EntitiesDescriptor") {
        element.children.iter().for_each(|child| gather(child, entities));
    }
}

fn entity_id(entity: &Element) -> Result<String> {
    let id = entity.attribute("entityID").filter(|id| !id.is_empty());
    id.map(ToOwned::to_owned).ok_or_else(|| invalid(phrase!("metadata-no-entity-id")))
}

/// Refuses metadata whose `validUntil` has passed. A time without a zone is UTC.
fn expiry(elements: &[&Element], now: Timestamp) -> Result<()> {
    for until in elements.iter().filter_map(|element| element.attribute("validUntil")) {
        let at = Timestamp::parse(until).or_else(|| Timestamp::parse(&format!("{until}Z")));
        if at.is_some_and(|at| at <= now) {
            return Err(invalid(phrase!("metadata-expired", until = until)));
        }
    }
    Ok(())
}

fn sign_on_url(idp: &Element, bindings: &[&str]) -> Option<String> {
    let services: Vec<_> = idp.all(ns::METADATA, "SingleSignOnService").collect();
    let of = |binding: &&str| services.iter().find(|service| service.attribute("Binding") == Some(*binding));
    bindings.iter().find_map(of).and_then(|service| service.attribute("Location")).map(ToOwned::to_owned)
}

/// Source: SAML 2.0 Metadata 2.4.3; XML Schema's booleans are `true` and `1`.
fn wants_signed_requests(idp: &Element) -> bool {
    matches!(idp.attribute("WantAuthnRequestsSigned"), Some("true" | "1"))
}

/// The four certificates that expire last, in their original order, and a sentence about the others.
fn last_to_end(mut all: Vec<Certificate>) -> (Vec<Certificate>, Option<Phrase>) {
    let count = all.len();
    if count <= MOST_CERTIFICATES {
        return (all, None);
    }
    let mut ends: Vec<_> = all.iter().map(|one| (std::cmp::Reverse(one.not_after()), one.fingerprint())).collect();
    ends.sort();
    let others: Vec<_> = ends.into_iter().skip(MOST_CERTIFICATES).collect();
    all.retain(|one| !others.iter().any(|(_, fingerprint)| *fingerprint == one.fingerprint()));
    let named: Vec<_> = others
        .iter()
        .map(|(end, fingerprint)| phrase!("certificate-ends", fingerprint = fingerprint, at = end.0.to_string()))
        .collect();
    let named = named.into_iter().take(5).collect();
    let said = phrase!(
        "metadata-certificates-left-out",
        count = count,
        most = MOST_CERTIFICATES,
        others = Phrase::Joined(named, ", ")
    );
    (all, Some(said))
}

/// The different signing certificates that `read` accepts, and its errors for the others.
fn certificates(idp: &Element, read: impl Fn(&str) -> Result<Certificate>) -> (Vec<Certificate>, Vec<Error>) {
    let (mut usable, mut faults) = (Vec::new(), Vec::new());
    // A key without `use` is for signing and encryption.
    let signing = |descriptor: &&Element| descriptor.attribute("use") != Some("encryption");
    let keys = idp.all(ns::METADATA, "KeyDescriptor").filter(signing);
    let infos = keys.flat_map(|key| key.all(ns::DSIG, "KeyInfo")).flat_map(|info| info.all(ns::DSIG, "X509Data"));
    for text in infos.flat_map(|info| info.all(ns::DSIG, "X509Certificate")).filter_map(Element::plain_text) {
        match read(text) {
            Ok(certificate) if usable.contains(&certificate) => {}
            Ok(certificate) => usable.push(certificate),
            Err(fault) => faults.push(fault),
        }
    }
    (usable, faults)
}
