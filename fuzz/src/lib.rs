//! What each fuzz target does with its bytes. The ordinary tests do the same with every file of `corpus/`.

use libxml::parser::Parser;
use libxml::tree::{Node, NodeType};
use std::sync::LazyLock;
use vestibule::domain::Timestamp;
use vestibule::domain::own_keys::PrivateKey;
use vestibule::saml::dom::{self, Element};
use vestibule::saml::test_idp::{self, Encryption, Key, Place};
use vestibule::saml::{self, Certificate, Expected, IdentityProvider, IdpMetadata, Report, ServiceProvider};

/// The provider whose signed answers are in the corpus; its private key was thrown away when they were made.
pub const PROVIDER: &str = include_str!("../provider.pem");
/// Another one, which signed the responses around encrypted assertions; its private key was thrown away too.
pub const ENCRYPTING_PROVIDER: &str = include_str!("../encrypting_provider.pem");
/// Whom they encrypted for: a certificate, and its private key, which opens nothing but what is in the corpus.
pub const OPENER: &str = include_str!("../opener.pem");
/// When those answers are good, and what they say.
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

/// Whoever is let in is the one person whom the provider signed for.
fn nobody_else(report: &Report) {
    if let Ok(identity) = &report.outcome {
        assert_eq!(identity.email.to_string(), PERSON, "somebody else was let in");
    }
}

/// The form alone: without a certificate, nothing gets further.
pub fn gate(bytes: &[u8]) {
    if let Ok(xml) = std::str::from_utf8(bytes) {
        assert!(judge(xml, Vec::new(), Some(REQUEST)).outcome.is_err(), "taken without a certificate");
    }
}

/// Form, signature and rules.
pub fn response(bytes: &[u8]) {
    if let Ok(xml) = std::str::from_utf8(bytes) {
        nobody_else(&judge(xml, provider(), Some(REQUEST)));
    }
}

/// What is found in an encrypted assertion, whatever it is: it says no more than the same in plain. The first byte chooses how it
/// was encrypted, the rest is what was.
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
        assert!(in_plain.outcome.is_ok(), "taken when encrypted, and refused in plain");
    }
}

/// A response, which nobody signed, around an assertion. It declares the namespaces that an EncryptedAssertion brings, so that what
/// leans on them reads the same without it.
fn around(assertion: &str) -> String {
    format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" ID=\"_around\" Version=\"2.0\" IssueInstant=\"{NOW}\" \
         Destination=\"{ACS}\" InResponseTo=\"{REQUEST}\"><saml:Issuer>{ISSUER}</saml:Issuer><samlp:Status>\
         <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{assertion}</samlp:Response>"
    )
}

/// What an admin pastes or uploads as metadata.
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

/// What an admin pastes as a certificate: what is taken reads the same from the store.
pub fn certificate(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(certificate) = Certificate::parse(&text, NOW) {
        assert!(certificate.not_after() > NOW);
        assert_eq!(Certificate::stored(certificate.pem()).as_ref(), Ok(&certificate));
    }
}

/// A file of any kind, as `saml explain` reads it.
pub fn explain(bytes: &[u8]) {
    let report = match saml::read(bytes).map(|copied| copied.xml) {
        Ok(xml) => judge(&xml, provider(), None),
        Err(refusal) => saml::unreadable(refusal),
    };
    nobody_else(&report);
    assert!(report.to_json(&[]).is_object());
}

/// Whatever our reader takes, libxml2, which verifies, reads as the same elements, attributes, namespaces and text.
pub fn parsers(bytes: &[u8]) {
    let Ok(xml) = std::str::from_utf8(bytes) else { return };
    let Ok(ours) = dom::parse(xml) else { return };
    saml::lockdown(false);
    let document = Parser::default().parse_string(xml).expect("libxml2 reads what we read");
    let theirs = document.get_root_element().expect("libxml2 sees a root");
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
    // libxml2 gives one attribute for each local name here; where a name stands in two namespaces, each is asked for alone.
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
