//! Documents that people load instead of metadata: each is named, with advice on how to get the right file.

use super::dom::Element;
use super::{ns, pasted};
use crate::domain::decoded::decoded;
use crate::domain::pem;
use std::borrow::Cow;

const EMPTY: &str = "is empty; load the provider's metadata, an XML file that contains an EntityDescriptor";
const PRIVATE: &str = "contains a private key, which must stay with its owner; choose the provider's metadata";
const CERTIFICATE: &str = "is a certificate; enter it as the certificate, with the provider's other values, or load the \
                           provider's metadata, which holds it";
const ADDRESS: &str = "is an address; load it as the metadata URL, or open it and load the file that is there";
const DISCOVERY: &str = "is the discovery document of OpenID Connect; SAML metadata is XML: look for it where the application is set up as SAML 2.0";
const JSON: &str = "is JSON; SAML metadata is XML. Look for the provider's metadata link or Download metadata";
const VIEW: &str = "is a browser's view of XML, copied as text; save the page itself as a file (Ctrl+S, on a Mac Command+S) \
                    and load that, or load its address as the metadata URL";
const PAGE: &str = "is a web page, such as a sign-in page; use the provider's metadata link, which opens as XML without signing in, or a file that was downloaded from it";
const ESCAPED: &str =
    "has its < written as &lt; or %3C, as the source of a page or an address has; load the file itself";
const TEXT: &str = "is not XML; load the provider's metadata, an XML file that contains an EntityDescriptor";

/// The XML in what was given: base64 is taken off once.
///
/// # Errors
/// What it is instead, as a clause.
pub(super) fn xml_of(text: &str) -> Result<Cow<'_, str>, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if let Some(what) = unlike(text) {
        return Err(what.into());
    }
    if text.starts_with('<') {
        return Ok(Cow::Borrowed(text));
    }
    let decoded = pem::base64_bytes(text).and_then(|bytes| decoded(&bytes, None).ok());
    let inner = decoded.map(|inner| inner.trim().to_owned()).filter(|inner| inner.starts_with('<'));
    let inner = inner.ok_or_else(|| TEXT.to_owned())?;
    unlike(&inner).map_or(Ok(Cow::Owned(inner)), |what| Err(what.into()))
}

fn unlike(text: &str) -> Option<&'static str> {
    let start: String = text.chars().take(2000).collect::<String>().to_ascii_lowercase();
    let is_xml = text.starts_with('<');
    let one_word = !text.contains(char::is_whitespace);
    let is_discovery = ["authorization_endpoint", "\"issuer\""].iter().any(|word| start.contains(word));
    let known = [
        (text.is_empty(), EMPTY),
        (pem::blocks(text).iter().any(pem::Block::is_private_key), PRIVATE),
        (is_page(&start), PAGE),
        (is_view(text, &start), VIEW),
        (one_word && (start.starts_with("https://") || start.starts_with("http://")), ADDRESS),
        (start.starts_with('{') && is_discovery, DISCOVERY),
        (start.starts_with(['{', '[']), JSON),
        (start.starts_with("&lt;") || start.starts_with("%3c"), ESCAPED),
        (!is_xml && pasted::certificates(text).is_ok(), CERTIFICATE),
    ];
    known.into_iter().find(|(is, _)| *is).map(|(_, what)| what)
}

/// `start`: in small letters. A page may begin with a declaration and comments.
pub(super) fn is_page(start: &str) -> bool {
    let tag = |name: &str| start.find(name).is_some_and(|at| !start[..at].contains("entitydescriptor"));
    start.starts_with('<') && (tag("<!doctype html") || tag("<html"))
}

/// The text that browsers put before an XML tree, and its fold marks.
fn is_view(text: &str, start: &str) -> bool {
    let sentences = ["any style information associated with it", "document tree is shown below"];
    let folds = |line: &str| {
        ["-<", "- <", "\u{25bc}", "\u{25b6}", "\u{25be}", "\u{25b8}"]
            .iter()
            .any(|mark| line.trim_start().starts_with(mark))
    };
    let other_words = !start.starts_with('<') && text.contains("EntityDescriptor") && text.contains('<');
    sentences.iter().any(|sentence| start.contains(sentence)) || text.lines().take(20).any(folds) || other_words
}

/// The kind of a document that is not metadata, by its root.
pub(super) fn root(root: &Element) -> Option<&'static str> {
    let what = match (root.namespace.as_str(), root.name.as_str()) {
        (ns::PROTOCOL, "Response") | (ns::ASSERTION, "Assertion") => {
            "is the message of a sign-in, not metadata; check that with `vestibule saml explain`"
        }
        (ns::PROTOCOL, _) => "is a SAML message, not metadata; load the provider's metadata",
        (ns::DSIG, _) => "is only a part of the metadata; load the whole file, from its first to its last line",
        (ns::METADATA, "IDPSSODescriptor" | "KeyDescriptor" | "SPSSODescriptor") => {
            "is only a part of the metadata; load the whole file, from <EntityDescriptor to </EntityDescriptor>"
        }
        (_, "html") => PAGE,
        _ => return None,
    };
    Some(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::saml::IdpMetadata;
    use base64::{Engine, engine::general_purpose::STANDARD};

    /// The thirtieth of November 2026.
    const NOW: Timestamp = Timestamp(1_796_000_000);
    const TWIN: &str = include_str!("../../tests/inputs/metadata-good-twin.xml");
    const BAG: &str = include_str!("../../tests/inputs/certificate-bag-attributes.pem");

    fn entity_id(text: &str) -> String {
        IdpMetadata::parse(text, NOW).map_or_else(|fault| panic!("{fault} in {text}"), |read| read.entity_id)
    }

    #[test]
    fn metadata_is_read_from_base64_and_whatever_encoding_its_declaration_named() {
        let sixteen: Vec<u8> = [0xff, 0xfe].into_iter().chain(TWIN.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let file = include_bytes!("../../tests/inputs/metadata-utf16.xml");
        for text in [
            TWIN.to_owned(),
            format!("\u{feff}\r\n{TWIN}"),
            TWIN.replace("UTF-8", "utf-16"),
            STANDARD.encode(TWIN),
            STANDARD.encode(sixteen),
            decoded(file, None).expect("text"),
        ] {
            assert_eq!(entity_id(&text), "https://idp.example.com/e");
        }
    }

    #[test]
    fn what_is_no_metadata_is_named_with_the_way_to_it_and_a_key_is_never_repeated() {
        let key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----";
        let page = "<!-- c --><!DOCTYPE html>\n<html><title>Sign in</title></html>";
        let service = TWIN.replace("IDPSSODescriptor", "SPSSODescriptor");
        let older = TWIN.replace("SAML:2.0:protocol", "SAML:1.1:protocol");
        let message = "<p:Response xmlns:p='urn:oasis:names:tc:SAML:2.0:protocol'/>";
        let part = "<m:IDPSSODescriptor xmlns:m='urn:oasis:names:tc:SAML:2.0:metadata'/>";
        for (text, why) in [
            ("", "is empty"),
            (" \r\n", "is empty"),
            (include_str!("../../tests/inputs/metadata-copied-from-chrome.txt"), "is a browser's view"),
            (&TWIN.replace("\n<md:Entity", "\n-<md:Entity"), "is a browser's view"),
            (&format!("Diese XML-Datei hat keine Stilinformationen.\n{TWIN}"), "is a browser's view"),
            (
                r#"{"issuer":"https://idp.test","authorization_endpoint":"https://idp.test/a"}"#,
                "is the discovery document",
            ),
            (r#"{"keys":[]}"#, "is JSON"),
            (page, "is a web page"),
            ("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "is a web page"),
            (&STANDARD.encode(page), "is a web page"),
            (&TWIN.replace('<', "&lt;"), "has its < written as &lt;"),
            ("%3Cmd%3AEntityDescriptor%3E", "has its < written as &lt; or %3C"),
            ("https://idp.test/metadata.xml", "is an address"),
            (BAG, "is a certificate"),
            (&STANDARD.encode(include_bytes!("../../tests/inputs/certificate.der.cer")), "is a certificate"),
            (key, "contains a private key"),
            (&service, "is a service provider's metadata"),
            (&older, "has no IDPSSODescriptor for SAML 2.0"),
            (message, "is the message of a sign-in"),
            (part, "is only a part of the metadata"),
            ("some words", "is not XML"),
            ("<x/>", "must hold an EntityDescriptor"),
            (&TWIN[..900], "must be plain XML, but has"),
        ] {
            let refused = IdpMetadata::parse(text, NOW).expect_err("refused").to_string();
            assert!(refused.starts_with(&format!("metadata_xml: {why}")), "{why}: {refused}");
            assert!(!refused.contains("c2VjcmV0"), "{refused}");
        }
    }

    #[test]
    fn the_role_of_saml_2_0_is_read_wherever_it_stands_and_of_five_certificates_the_four_that_end_last() {
        let roles = include_str!("../../tests/inputs/metadata-saml11-role-first.xml");
        let read = IdpMetadata::parse(roles, NOW).expect("usable");
        let own = IdpMetadata::parse_to_explain(&roles.replace("SAML:1.1:protocol", "other"), false).expect("usable");
        assert_eq!((&read.entity_id, &read.certificates), (&own.entity_id, &own.certificates));
        assert!(read.sign_on_url.starts_with("https://idp.example.com/") && !read.sign_on_url.contains("shib1"));
        let both = roles.replace("SAML:1.1:protocol", "SAML:2.0:protocol");
        assert_eq!(IdpMetadata::parse(&both, NOW).expect("usable").sign_on_url, read.sign_on_url);

        let five = IdpMetadata::parse(include_str!("../../tests/inputs/metadata-five-certificates.xml"), NOW);
        let five = five.expect("usable");
        let said = five.left_out.expect("said");
        assert_eq!(five.certificates.len(), 4);
        assert!(said.contains("has 5 signing certificates") && said.contains("(ends at 20"), "{said}");
        assert!(five.certificates.iter().all(|one| !said.contains(&one.fingerprint())), "{said}");
        assert_eq!(IdpMetadata::parse(TWIN, NOW).expect("usable").left_out, None);
    }
}
