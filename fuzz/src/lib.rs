//! The functions behind the fuzz targets. The ordinary tests call them with every file of `corpus/`.

use libxml::parser::Parser;
use libxml::tree::{Node, NodeType};
use std::sync::LazyLock;
use vestibule::domain::Timestamp;
use vestibule::domain::own_keys::PrivateKey;
use vestibule::saml::dom::{self, Element};
use vestibule::saml::test_idp::{self, Encryption, Key, Place};
use vestibule::saml::{self, Certificate, Expected, IdentityProvider, IdpMetadata, Report, ServiceProvider};

/// The certificate of the provider whose signed responses are in the corpus. Its private key was deleted after the
/// signing.
pub const PROVIDER: &str = include_str!("../provider.pem");
/// The certificate of the provider that signed the responses around encrypted assertions. Its private key was deleted
/// too.
pub const ENCRYPTING_PROVIDER: &str = include_str!("../encrypting_provider.pem");
/// The recipient's certificate and private key, with which the corpus is encrypted. They are used for nothing else.
pub const OPENER: &str = include_str!("../opener.pem");
/// A time at which the responses in the corpus are valid. The other constants are their content.
pub const NOW: Timestamp = Timestamp(1_795_510_800);
pub const AUDIENCE: &str = "https://sp.test/saml/1/metadata";
pub const ACS: &str = "https://sp.test/saml/1/acs";
pub const ISSUER: &str = "https://idp.test/metadata";
pub const REQUEST: &str = "_request1";
pub const PERSON: &str = "ann@acme.test";

fn opener() -> PrivateKey {
    static KEY: LazyLock<PrivateKey> =
        LazyLock::new(|| saml::read_private_key(OPENER.as_bytes()).expect("a private key"));
    KEY.clone()
}

fn judge(xml: &str, certificates: Vec<Certificate>, request_id: Option<&str>) -> Report {
    let sp = ServiceProvider { entity_id: AUDIENCE.into(), acs_url: ACS.into(), keys: vec![opener()] };
    let idp = IdentityProvider { entity_id: ISSUER.into(), certificates };
    let expected = Expected {
        request_id: request_id.map(Into::into),
        authenticated_after: None,
        skew_secs: 90,
        allow_sha1: false,
        refuse_expired: false,
    };
    saml::verify(&sp, &idp, &expected, xml, NOW)
}

fn provider() -> Vec<Certificate> {
    [PROVIDER, ENCRYPTING_PROVIDER].map(|pem| Certificate::stored(pem).expect("a certificate")).into()
}

/// Checks that an accepted response identifies the only person for whom the provider signed.
fn nobody_else(report: &Report) {
    if let Ok(identity) = &report.outcome {
        assert_eq!(identity.email.to_string(), PERSON, "another person was accepted");
    }
}

/// Checks only the form of a response: without a certificate, it must be refused.
pub fn gate(bytes: &[u8]) {
    if let Ok(xml) = std::str::from_utf8(bytes) {
        assert!(judge(xml, Vec::new(), Some(REQUEST)).outcome.is_err(), "accepted without a certificate");
    }
}

/// Checks the form, signature and rules of a response.
pub fn response(bytes: &[u8]) {
    if let Ok(xml) = std::str::from_utf8(bytes) {
        nobody_else(&judge(xml, provider(), Some(REQUEST)));
    }
}

/// Checks the content of an encrypted assertion: it may be accepted only if the same content is accepted unencrypted.
/// The first byte chooses the encryption, the rest is the content.
pub fn opened(bytes: &[u8]) {
    let Some((choice, plain)) = bytes.split_first() else { return };
    let Ok(plain) = std::str::from_utf8(plain) else { return };
    let how = Encryption {
        certificate: OPENER,
        content: if choice & 1 == 0 { "aes256-gcm" } else { "aes128-gcm" },
        key: if choice & 2 == 0 { Key::OaepSha1 } else { Key::OaepSha256 },
        place: if choice & 4 == 0 { Place::Inside } else { Place::Beside },
    };
    let sealed = judge(&around(&test_idp::encrypt(plain, &how)), provider(), Some(REQUEST));
    nobody_else(&sealed);
    if sealed.outcome.is_ok() {
        let in_plain = judge(&around(plain), provider(), Some(REQUEST));
        assert!(in_plain.outcome.is_ok(), "accepted when encrypted, but refused unencrypted");
    }
}

/// An unsigned response around an assertion. It declares the namespaces of an EncryptedAssertion, so that content which
/// uses them has the same meaning unencrypted.
fn around(assertion: &str) -> String {
    format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" ID=\"_around\" Version=\"2.0\" IssueInstant=\"{NOW}\" \
         Destination=\"{ACS}\" InResponseTo=\"{REQUEST}\"><saml:Issuer>{ISSUER}</saml:Issuer><samlp:Status>\
         <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{assertion}</samlp:Response>"
    )
}

/// Reads metadata that an admin pastes or uploads.
pub fn metadata(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(metadata) = IdpMetadata::parse(&text, NOW) {
        assert!((1..=4).contains(&metadata.certificates.len()));
        assert!(!metadata.entity_id.is_empty());
    }
    if let Ok(metadata) = IdpMetadata::parse_to_explain(&text, true) {
        assert!(!metadata.certificates.is_empty());
    }
}

/// Reads a certificate that an admin pastes. An accepted one must read the same from the database.
pub fn certificate(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(certificate) = Certificate::parse(&text, NOW) {
        assert!(certificate.not_after() > NOW);
        assert_eq!(Certificate::stored(certificate.pem()).as_ref(), Ok(&certificate));
    }
}

/// Reads a file of any kind, like `saml explain`.
pub fn explain(bytes: &[u8]) {
    let report = match saml::read(bytes).map(|copied| copied.xml) {
        Ok(xml) => judge(&xml, provider(), None),
        Err(refusal) => saml::unreadable(refusal),
    };
    nobody_else(&report);
    assert!(report.to_json(&[]).is_object());
}

/// Checks that libxml2, which verifies signatures, reads the same elements, attributes, namespaces and text as our
/// parser from each document that our parser accepts.
pub fn parsers(bytes: &[u8]) {
    let Ok(xml) = std::str::from_utf8(bytes) else { return };
    let Ok(ours) = dom::parse(xml) else { return };
    saml::lockdown(false);
    let document = Parser::default().parse_string(xml).expect("libxml2 parses what our parser accepts");
    let theirs = document.get_root_element().expect("libxml2 finds a root");
    same(&ours, &theirs);
}

fn same(ours: &Element, theirs: &Node) {
    assert_eq!(ours.name, theirs.get_name(), "name");
    assert_eq!(ours.namespace, namespace(theirs), "namespace of {}", ours.name);
    same_attributes(ours, theirs);
    let (mut text, mut children) = (String::new(), Vec::new());
    for child in theirs.get_child_nodes() {
        match child.get_type() {
            Some(NodeType::TextNode) => text.push_str(&child.get_content()),
            Some(NodeType::ElementNode) => children.push(child),
            other => panic!("libxml2 sees a {other:?} in {}", ours.name),
        }
    }
    assert_eq!(ours.text, text, "text of {}", ours.name);
    assert_eq!(ours.children.len(), children.len(), "children of {}", ours.name);
    for (our, their) in ours.children.iter().zip(&children) {
        same(our, their);
    }
}

fn namespace(node: &Node) -> String {
    node.get_namespace().map(|namespace| namespace.get_href()).unwrap_or_default()
}

fn same_attributes(ours: &Element, theirs: &Node) {
    // libxml2 returns one attribute for each local name here. A name that exists in two namespaces is looked up by its
    // namespace.
    for attribute in &ours.attributes {
        let alone = ours.attributes.iter().filter(|other| other.name == attribute.name).count() == 1;
        let value = match attribute.namespace.as_str() {
            "" if alone => theirs.get_property(&attribute.name),
            "" => continue,
            namespace => theirs.get_property_ns(&attribute.name, namespace),
        };
        assert_eq!(Some(&attribute.value), value.as_ref(), "attribute {} of {}", attribute.name, ours.name);
    }
    let names: std::collections::HashSet<_> = ours.attributes.iter().map(|attribute| &attribute.name).collect();
    assert_eq!(names.len(), theirs.get_properties().len(), "attributes of {}", ours.name);
}
