//! Metadata: ours, and what an identity provider says of itself.

use super::dom::{self, Element};
use super::{Certificate, ServiceProvider, escape, ns};
use crate::domain::own_keys::Keyring;
use crate::domain::request_options::{NameIdFormat, RequestOptions};
use crate::domain::{Error, Result, Timestamp};

const FIELD: &str = "metadata_xml";
const MOST_BYTES: usize = 1024 * 1024;
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// What we decrypt: it is asked for in this order. AES-CBC is taken under a signature, and not asked for.
const ENCRYPTION_METHODS: [&str; 4] = [
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2009/xmlenc11#rsa-oaep",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
];

/// Our metadata for one organisation: exactly what we do. While keys are exchanged both generations stand in it: the one that
/// signs first, and the newer one first to encrypt for, so that the older falls out of use.
///
/// `requests`: what they ask for, and whether they are signed.
///
/// Source: SAML 2.0 Metadata 2.4.4 and 2.4.1.1.
pub fn service_provider_metadata(sp: &ServiceProvider, keyring: &Keyring, requests: RequestOptions) -> String {
    let signing: String =
        keyring.generations().map(|keys| key_descriptor("signing", &keys.signing.certificate, "")).collect();
    let methods: String = ENCRYPTION_METHODS.map(|uri| format!("<md:EncryptionMethod Algorithm=\"{uri}\"/>")).concat();
    let newest_first = keyring.generations().rev();
    let encryption: String =
        newest_first.map(|keys| key_descriptor("encryption", &keys.encryption.certificate, &methods)).collect();
    // Where none is asked for, an e-mail address is what serves best.
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

/// What an identity provider's metadata says.
#[derive(Debug, Clone)]
pub struct IdpMetadata {
    /// Who it is.
    pub entity_id: String,
    /// Where a sign-in begins, by HTTP-Redirect.
    pub sign_on_url: String,
    /// What it signs with.
    pub certificates: Vec<Certificate>,
    /// Whether it wants our requests signed.
    pub wants_signed_requests: bool,
}

impl IdpMetadata {
    /// Reads metadata for a connection: one identity provider, with an HTTP-Redirect address and usable certificates. Expired
    /// ones are left out.
    ///
    /// # Errors
    /// `Invalid` with field `metadata_xml`.
    pub fn parse(xml: &str, now: Timestamp) -> Result<Self> {
        let root = read(xml)?;
        let (entity, idp) = only_provider(&root)?;
        expiry(&[&root, entity, idp], now)?;
        let sign_on_url = sign_on_url(idp, &[REDIRECT]).ok_or_else(|| {
            invalid("has no SingleSignOnService with the HTTP-Redirect binding; turn it on at the provider")
        })?;
        let (usable, faults) = certificates(idp, |text| Certificate::parse(text, now));
        match usable.len() {
            0 => {
                Err(faults.into_iter().next().unwrap_or_else(|| invalid("has no signing certificate")).for_field(FIELD))
            }
            1..=4 => Ok(Self {
                entity_id: entity_id(entity)?,
                sign_on_url,
                certificates: usable,
                wants_signed_requests: wants_signed_requests(idp),
            }),
            _ => Err(invalid("has more than four signing certificates; paste those in use one by one")),
        }
    }

    /// Reads metadata for explaining: whatever its certificates' age, and with `allow_weak` whatever their keys.
    ///
    /// # Errors
    /// `Invalid` with field `metadata_xml`, also when there is no usable certificate.
    pub fn parse_to_explain(xml: &str, allow_weak: bool) -> Result<Self> {
        let root = read(xml)?;
        let (entity, idp) = only_provider(&root)?;
        let usable = |text: &str| {
            let certificate = Certificate::any(text)?;
            if allow_weak || certificate.is_strong() { Ok(certificate) } else { Err(invalid("has a weak key")) }
        };
        let (certificates, _) = certificates(idp, usable);
        if certificates.is_empty() {
            return Err(invalid("has no usable signing certificate"));
        }
        let sign_on_url = sign_on_url(idp, &[REDIRECT, POST]).unwrap_or_default();
        let wants_signed_requests = wants_signed_requests(idp);
        Ok(Self { entity_id: entity_id(entity)?, sign_on_url, certificates, wants_signed_requests })
    }
}

fn invalid(why: &str) -> Error {
    Error::invalid(FIELD, why)
}

fn read(xml: &str) -> Result<Element> {
    if xml.len() > MOST_BYTES {
        return Err(Error::TooLarge("Metadata may hold at most 1 MiB.".into()));
    }
    let xml = xml.strip_prefix('\u{feff}').unwrap_or(xml).trim();
    let start = xml.get(..14).unwrap_or(xml).to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Err(invalid("is a web page; what is wanted is the XML behind the provider's own metadata link"));
    }
    dom::parse_with_comments(xml).map_err(|found| invalid(&format!("must be plain XML, but has {found}")))
}

/// The one identity provider of a document: an EntityDescriptor, or an EntitiesDescriptor that holds one.
fn only_provider(root: &Element) -> Result<(&Element, &Element)> {
    let mut entities = Vec::new();
    gather(root, &mut entities);
    let mut providers =
        entities.into_iter().filter_map(|entity| Some((entity, entity.child(ns::METADATA, "IDPSSODescriptor")?)));
    match (providers.next(), providers.next()) {
        (Some(provider), None) => Ok(provider),
        (None, _) => {
            Err(invalid("must hold an EntityDescriptor with an IDPSSODescriptor: an identity provider's metadata"))
        }
        _ => Err(invalid("holds several identity providers; export that of one")),
    }
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
    id.map(ToOwned::to_owned).ok_or_else(|| invalid("has no entityID"))
}

/// Metadata says itself until when it is good; a time without zone is UTC.
fn expiry(elements: &[&Element], now: Timestamp) -> Result<()> {
    for until in elements.iter().filter_map(|element| element.attribute("validUntil")) {
        let at = Timestamp::parse(until).or_else(|| Timestamp::parse(&format!("{until}Z")));
        if at.is_some_and(|at| at <= now) {
            return Err(invalid(&format!("was valid until {until}; download it again from the provider")));
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

/// The signing certificates that `read` takes, each once, and what it said of the others.
fn certificates(idp: &Element, read: impl Fn(&str) -> Result<Certificate>) -> (Vec<Certificate>, Vec<Error>) {
    let (mut usable, mut faults) = (Vec::new(), Vec::new());
    // Without a use, a key is for both.
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
