//! Unwraps metadata from the text in which people paste it, and recognises other documents that they load by mistake.

use super::dom::Element;
use super::{mail_source, ns, pasted};
use crate::domain::decoded::decoded;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::text::is_invisible;
use crate::domain::{file_kind, pem};
use percent_encoding::percent_decode_str;
use quick_xml::escape::unescape;
use std::borrow::Cow;

const EMPTY: Phrase = phrase!("metadata-empty");
const PRIVATE: Phrase = phrase!("metadata-private-key");
const CERTIFICATE: Phrase = phrase!("metadata-certificate");
const ADDRESS: Phrase = phrase!("metadata-address");
const DISCOVERY: Phrase = phrase!("metadata-discovery");
const JSON: Phrase = phrase!("metadata-json");
const VIEW: Phrase = phrase!("metadata-view");
const PAGE: Phrase = phrase!("metadata-page");
const TEXT: Phrase = phrase!("metadata-text");

const RTF: Phrase = phrase!("metadata-rtf");
const PKCS12: Phrase = phrase!("metadata-pkcs12");

/// The maximum number of wrappings that are removed from a text. For example, a quoted e-mail with a code fence has two.
const MOST_LAYERS: usize = 4;

/// Decodes the content of a metadata file to text.
///
/// # Errors
/// A phrase that names the kind of file, if it is not text.
pub fn metadata_file(bytes: &[u8]) -> Result<String, Phrase> {
    decoded(bytes, None).map_err(|why| binary(bytes).unwrap_or(why))
}

/// Recognises files that are not text.
fn binary(bytes: &[u8]) -> Option<Phrase> {
    if let Some(kind) = file_kind(bytes) {
        return Some(if kind.is_archive {
            phrase!("metadata-file-archive", kind = kind.name)
        } else {
            phrase!("metadata-file-kind", kind = kind.name)
        });
    }
    let known = [(pasted::is_certificate_file(bytes), CERTIFICATE), (pasted::is_key_store(bytes), PKCS12)];
    known.into_iter().find(|(is, _)| *is).map(|(_, what)| what)
}

/// The XML in a pasted text: removes base64, quoted-printable, the > of quoted e-mails, JSON and similar wrappings.
///
/// # Errors
/// A phrase that names the kind of text, if it has no metadata.
pub(super) fn xml_of(text: &str) -> Result<Cow<'_, str>, Phrase> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..MOST_LAYERS {
        let plain = text.trim_start_matches('\u{feff}').trim();
        if let Some(carried) = mail_source::carried(plain, is_or_holds_metadata) {
            text = Cow::Owned(carried);
            continue;
        }
        if let Some(what) = unlike(plain) {
            return Err(what);
        }
        if plain.starts_with('<') {
            return Ok(Cow::Owned(plain.to_owned()));
        }
        text = Cow::Owned(inner(plain)?);
    }
    Err(TEXT)
}

/// True if a part of an e-mail is metadata or base64 of metadata.
fn is_or_holds_metadata(part: &str) -> bool {
    let holds = || pem::base64_bytes(part).and_then(|bytes| decoded(&bytes, None).ok());
    part.contains(NAME) || holds().is_some_and(|text| text.contains(NAME))
}

/// Removes one wrapping from a text.
fn inner(text: &str) -> Result<String, Phrase> {
    let start: String = text.chars().take(4).collect::<String>().to_ascii_lowercase();
    if let Some(bytes) = pem::base64_bytes(text) {
        return decoded(&bytes, None).map_err(|_| binary(&bytes).unwrap_or(TEXT));
    }
    let escaped = start == "&lt;" || (text.contains("&lt;") && text.contains(NAME) && !text.contains('<'));
    let found = match () {
        () if text.starts_with(['"', '{', '[']) => of_json(text),
        () if start.starts_with("%3c") => unquoted(text),
        () if escaped => unescape(text).ok().map(Cow::into_owned),
        () => of_mail(text).or_else(|| sliced(text).map(str::to_owned)),
    };
    found.filter(|found| found != text).ok_or(TEXT)
}

/// The element name that identifies metadata.
const NAME: &str = "EntityDescriptor";

/// The metadata in a JSON document, if exactly one of its strings is metadata.
fn of_json(text: &str) -> Option<String> {
    let mut found = Vec::new();
    gather(&serde_json::from_str(text).ok()?, &mut found);
    found.pop().filter(|_| found.is_empty())
}

fn gather(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) if text.contains(NAME) => found.push(text.clone()),
        serde_json::Value::Array(all) => all.iter().for_each(|one| gather(one, found)),
        serde_json::Value::Object(all) => all.values().for_each(|one| gather(one, found)),
        _ => {}
    }
}

/// Decodes URL-encoded text, in which a form may have written spaces as +.
fn unquoted(text: &str) -> Option<String> {
    let spaced = if text.contains(' ') || text.contains("%20") { text.to_owned() } else { text.replace('+', " ") };
    percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

/// The quoted lines of an e-mail, without their >; `None` if other lines contain XML too.
fn of_mail(text: &str) -> Option<String> {
    let is_quoted = |line: &&str| line.trim_start().starts_with('>');
    let quoted: Vec<_> = text.lines().filter(is_quoted).collect();
    let others = text.lines().filter(|line| !is_quoted(line)).any(|line| line.contains("</") || line.contains(NAME));
    let bare = |line: &&str| line.trim_start().trim_start_matches(['>', ' ']).to_owned();
    let bare: Vec<_> = quoted.iter().map(bare).collect();
    (!others && !quoted.is_empty()).then(|| bare.join("\n"))
}

/// The document inside other text, such as a code fence or an e-mail: from the start of its root element to the last
/// end tag of a root.
fn sliced(text: &str) -> Option<&str> {
    const ROOTS: [&str; 2] = ["EntityDescriptor", "EntitiesDescriptor"];
    let first = ROOTS.iter().filter_map(|name| text.find(name)).min()?;
    let start = text.get(..first)?.rfind('<')?;
    let end = ROOTS.iter().filter_map(|name| Some(text.rfind(&format!("{name}>"))? + name.len() + 1)).max()?;
    text.get(start..end)
}

/// Repairs unambiguous damage to a document that cannot be parsed: text around it, typographic quotation marks or
/// spaces, escaped quotation marks.
pub(super) fn repaired(text: &str) -> Option<String> {
    let mut plain = sliced(text)?.to_owned();
    if plain.contains("=\\\"") {
        plain =
            plain.replace("\\\"", "\"").replace("\\r", "").replace("\\n", "\n").replace("\\t", " ").replace("\\/", "/");
    }
    let repaired = plain.chars().filter(|c| !is_invisible(*c)).map(|c| match c {
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2018}'..='\u{201b}' => '\'',
        c if c.is_whitespace() && !c.is_ascii() => ' ',
        c => c,
    });
    Some(repaired.collect())
}

fn unlike(text: &str) -> Option<Phrase> {
    let start: String = text.chars().take(2000).collect::<String>().to_ascii_lowercase();
    let is_xml = text.starts_with('<');
    let one_word = !text.contains(char::is_whitespace);
    let is_discovery = ["authorization_endpoint", "\"issuer\""].iter().any(|word| start.contains(word));
    let is_json = || start.starts_with(['{', '[']) && of_json(text).is_none();
    let known = [
        (text.is_empty(), EMPTY),
        (pem::blocks(text).iter().any(pem::Block::is_private_key), PRIVATE),
        (start.starts_with("{\\rtf"), RTF),
        (is_page(&start), PAGE),
        (is_view(text, &start), VIEW),
        (one_word && (start.starts_with("https://") || start.starts_with("http://")), ADDRESS),
        (is_discovery && is_json(), DISCOVERY),
        (is_json(), JSON),
        (!is_xml && pasted::certificates(text).is_ok(), CERTIFICATE),
    ];
    known.into_iter().find(|(is, _)| *is).map(|(_, what)| what)
}

/// True if the text is a web page, which may begin with a declaration and comments. `start`: its beginning, in lower
/// case.
pub(super) fn is_page(start: &str) -> bool {
    let tag = |name: &str| start.find(name).is_some_and(|at| !start[..at].contains("entitydescriptor"));
    start.starts_with('<') && (tag("<!doctype html") || tag("<html"))
}

/// True if the text was copied from a browser's view of XML: it has the browser's sentence or fold marks.
fn is_view(text: &str, start: &str) -> bool {
    let sentences = ["any style information associated with it", "document tree is shown below"];
    let folds = |line: &str| {
        ["-<", "- <", "\u{25bc}", "\u{25b6}", "\u{25be}", "\u{25b8}"]
            .iter()
            .any(|mark| line.trim_start().starts_with(mark))
    };
    sentences.iter().any(|sentence| start.contains(sentence)) || text.lines().take(20).any(folds)
}

/// Recognises a document that is not metadata by its root element.
pub(super) fn root(root: &Element) -> Option<Phrase> {
    let what = match (root.namespace.as_str(), root.name.as_str()) {
        (ns::PROTOCOL, "Response") | (ns::ASSERTION, "Assertion") => {
            phrase!("metadata-sign-in-message")
        }
        (ns::PROTOCOL, _) => phrase!("metadata-saml-message"),
        (ns::DSIG, _) => phrase!("metadata-signature"),
        (ns::METADATA, "IDPSSODescriptor" | "KeyDescriptor" | "SPSSODescriptor") => {
            phrase!("metadata-part")
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

    /// 30 November 2026.
    const NOW: Timestamp = Timestamp(1_796_000_000);
    const TWIN: &str = include_str!("../../tests/inputs/metadata-good-twin.xml");
    const BAG: &str = include_str!("../../tests/inputs/certificate-bag-attributes.pem");

    fn entity_id(text: &str) -> String {
        IdpMetadata::parse(text, NOW).map_or_else(|fault| panic!("{fault} in {text}"), |read| read.entity_id)
    }

    #[test]
    fn metadata_is_read_from_base64_and_other_encodings() {
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

    /// An e-mail with an attachment.
    fn of_a_mail(encoding: &str, body: &str) -> String {
        format!(
            "From: Bob <bob@idp.example.com>\nContent-Type: multipart/mixed; boundary=\"_=1\"\n\n--_=1\n\
             Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nOur metadata=2E\n--_=1\n\
             Content-Disposition: attachment; filename=\"idp.xml\"\nContent-Transfer-Encoding: {encoding}\n\
             Content-Type: text/xml\n\n{body}\n--_=1--\n"
        )
    }

    #[test]
    fn metadata_is_found_inside_other_text() {
        let (json, plain) = (serde_json::json!(TWIN).to_string(), TWIN.trim());
        let quoted = format!("> {}\n", plain.lines().collect::<Vec<_>>().join("\n> "));
        let escaped = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert!(TWIN.contains("=\"") && !TWIN.contains("='"), "the quotation marks that are replaced");
        for text in [
            format!("```xml\n{plain}\n```\n"),
            format!("Hello Ann,\n\nhere is our metadata:\n\n{plain}\n\nKind regards\nBob <bob@idp.example.com>\n"),
            format!("Diese XML-Datei hat keine Stilinformationen.\n{TWIN}"),
            format!("{plain}\n```\n"),
            quoted.clone(),
            quoted.replace("> ", ">> "),
            format!("On Monday Bob <bob@idp.example.com> wrote:\n{quoted}\nThanks"),
            format!("On Monday Bob wrote:\n> ```\n{quoted}> ```\n"),
            json.clone(),
            format!("{{\"name\": \"idp\", \"files\": [{{\"metadata\": {json}}}]}}"),
            json.trim_matches('"').to_owned(),
            plain.replace('"', "\u{201d}"),
            plain.replace("=\"", "=\u{201c}").replace('"', "\u{201d}"),
            plain.replacen(' ', "\u{a0}", 6),
            plain.replacen("<md:", "<\u{200b}md:", 1),
            escaped.clone(),
            format!("```\n{escaped}\n```"),
            escaped.replace("&lt;", "&LT;").replace("&LT;", "&#60;").replacen("&#60;", "&lt;", 1),
            mail_source::quoted_printable(plain),
            mail_source::quoted_printable(plain).replace("\r\n", "\n"),
            mail_source::quoted_printable(&format!("Hello Ann,\r\nhere it is:\r\n\r\n{plain}\r\n\r\nBob\r\n")),
            mail_source::quoted_printable(&STANDARD.encode(plain)),
            format!("> {}", mail_source::quoted_printable(plain).replace("\r\n", "\n> ")),
            of_a_mail("quoted-printable", &mail_source::quoted_printable(plain)),
            of_a_mail("base64", &STANDARD.encode(plain)),
            of_a_mail("7bit", plain),
            plain.replace('%', "%25").replace('<', "%3C").replace('+', "%2B").replace(' ', "+").replace('\n', "%0A"),
            plain.replace('%', "%25").replace('<', "%3C").replace(' ', "%20").replace('\n', "%0A"),
        ] {
            assert_eq!(entity_id(&text), "https://idp.example.com/e", "{text}");
        }
    }

    #[test]
    fn a_binary_file_is_refused_with_its_kind() {
        let certificate = openssl::x509::X509::from_pem(BAG.as_bytes()).expect("a certificate");
        let store = openssl::pkcs12::Pkcs12::builder().cert(&certificate).build2("secret").expect("made");
        let store = store.to_der().expect("DER");
        for (bytes, why) in [
            (include_bytes!("../../tests/inputs/certificate.der.cer").as_slice(), "is a certificate"),
            (&store, "is a PKCS#12 file"),
            (b"PK\x03\x04\0\0word/document.xml\xff", "is a Word document (.docx); load the provider's metadata itself"),
            (b"PK\x03\x04\0\0idp.xml\xff", "is a ZIP archive; unpack it"),
            (b"%PDF-1.7\xff", "is a PDF document"),
            (b"a\0b", "is not a text file"),
        ] {
            let refused = metadata_file(bytes).expect_err("refused").to_string();
            assert!(refused.starts_with(why), "{refused}");
            let pasted = IdpMetadata::parse(&STANDARD.encode(bytes), NOW).expect_err("refused").to_string();
            assert!(pasted.starts_with(&format!("metadata_xml: {why}")) || why == "is not a text file", "{pasted}");
        }
    }

    #[test]
    fn other_documents_are_refused_with_their_kind_and_a_key_is_never_repeated() {
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
            (
                &format!("This XML file does not appear to have any style information associated with it.\n{TWIN}"),
                "is a browser's view",
            ),
            ("{\\rtf1\\ansi\\cocoartf2639 <md:EntityDescriptor>}", "is an RTF document"),
            (&STANDARD.encode(b"PK\x03\x04\0\0word/document.xml"), "is a Word document (.docx); load"),
            (&STANDARD.encode(b"PK\x03\x04\0\0idp.xml"), "is a ZIP archive; unpack it"),
            (&format!("{{\"a\": {0}, \"b\": {0}}}", serde_json::json!(TWIN)), "is JSON"),
            (
                r#"{"issuer":"https://idp.test","authorization_endpoint":"https://idp.test/a"}"#,
                "is the discovery document",
            ),
            (r#"{"keys":[]}"#, "is JSON"),
            (page, "is a web page"),
            ("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "is a web page"),
            (&STANDARD.encode(page), "is a web page"),
            ("%3Cmd%3AEntityDescriptor%3E", "must be plain XML, but has"),
            (&TWIN.replace("</md:IDPSSODescriptor>", ""), "must be plain XML, but has"),
            ("https://idp.test/metadata.xml", "is an address"),
            (BAG, "is a certificate"),
            (&STANDARD.encode(include_bytes!("../../tests/inputs/certificate.der.cer")), "is a certificate"),
            (key, "contains a private key"),
            (&service, "is a service provider's metadata"),
            (&older, "has no IDPSSODescriptor for SAML 2.0"),
            (message, "is the message of a sign-in"),
            (part, "is only a part of the metadata"),
            ("some words", "is not XML"),
            ("<x/>", "must contain an EntityDescriptor"),
            (&TWIN[..900], "must be plain XML, but has"),
        ] {
            let refused = IdpMetadata::parse(text, NOW).expect_err("refused").to_string();
            assert!(refused.starts_with(&format!("metadata_xml: {why}")), "{why}: {refused}");
            assert!(!refused.contains("c2VjcmV0"), "{refused}");
        }
    }

    #[test]
    fn the_saml_2_0_role_is_found_at_any_place_and_only_the_four_certificates_that_expire_last_are_used() {
        let roles = include_str!("../../tests/inputs/metadata-saml11-role-first.xml");
        let read = IdpMetadata::parse(roles, NOW).expect("usable");
        let own = IdpMetadata::parse_to_explain(&roles.replace("SAML:1.1:protocol", "other"), false).expect("usable");
        assert_eq!((&read.entity_id, &read.certificates), (&own.entity_id, &own.certificates));
        assert!(read.sign_on_url.starts_with("https://idp.example.com/") && !read.sign_on_url.contains("shib1"));
        let both = roles.replace("SAML:1.1:protocol", "SAML:2.0:protocol");
        assert_eq!(IdpMetadata::parse(&both, NOW).expect("usable").sign_on_url, read.sign_on_url);

        let five = IdpMetadata::parse(include_str!("../../tests/inputs/metadata-five-certificates.xml"), NOW);
        let five = five.expect("usable");
        let said = five.left_out.expect("said").to_string();
        assert_eq!(five.certificates.len(), 4);
        assert!(said.contains("has 5 signing certificates") && said.contains("(ends at 20"), "{said}");
        assert!(five.certificates.iter().all(|one| !said.contains(&one.fingerprint())), "{said}");
        assert_eq!(IdpMetadata::parse(TWIN, NOW).expect("usable").left_out, None);
    }
}
