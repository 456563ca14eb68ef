//! Messages that are small to send and expensive to process.

use super::message::{forged, part, row};
use super::{Attack, Trusted, altered, posted_as, signed_in_form, swap, with_content};
use base64::{Engine, engine::general_purpose::STANDARD};
use vestibule::saml::test_idp::Sign;

/// The number of bytes that fit in addition to the message itself.
const ROOM: usize = 230_000;

fn in_attribute_value(name: &str, refused_as: &'static str, what: String) -> Attack {
    altered(name, Sign::Assertion, refused_as, swap("<saml:AttributeValue>", &format!("<saml:AttributeValue>{what}")))
}

fn nested(depth: usize) -> String {
    format!("{}{}", "<x xmlns=\"urn:x\">".repeat(depth), "</x>".repeat(depth))
}

/// An element that declares prefixes and contains elements that use the first prefix.
fn with_prefixes(prefixes: usize, uses: &str) -> String {
    let all = row(prefixes, |n| format!(" xmlns:p{n}=\"u{n}\""));
    format!("<p0:x{all}>{uses}</p0:x>")
}

/// Nested elements, each with the maximum number of prefixes.
fn nested_prefixes(depth: usize, uses: &str) -> String {
    let open = row(depth, |layer| {
        let all = row(38, |n| format!(" xmlns:p{layer}x{n}=\"u{layer}x{n}\""));
        format!("<p{layer}x0:x{all}>")
    });
    let close = row(depth, |layer| format!("</p{}x0:x>", depth - 1 - layer));
    format!("{open}{uses}{close}")
}

pub fn attacks() -> Vec<Attack> {
    let mut all = sizes();
    all.extend(trees());
    all.extend(expensive());
    all
}

fn sizes() -> Vec<Attack> {
    vec![
        posted_as("A body of 20 MB", "too_large", |_| "A".repeat(20_000_000)),
        posted_as("One byte over 256 KiB", "too_large", |_| STANDARD.encode(vec![b'<'; 256 * 1024 + 1])),
        posted_as("Megabytes of line breaks", "too_large", |posted| format!("{posted}{}", "\n".repeat(2_000_000))),
        posted_as("256 KiB of < only", "malformed_xml", |_| STANDARD.encode(vec![b'<'; 256 * 1024])),
        posted_as("256 KiB of open tags", "too_complex", |_| STANDARD.encode("<a>".repeat(256 * 1024 / 3))),
        posted_as("256 KiB of ampersands", "malformed_xml", |_| {
            STANDARD.encode(format!("<a>{}", "&".repeat(256 * 1024 - 3)))
        }),
        posted_as("256 KiB of one attribute", "malformed_xml", |_| {
            STANDARD.encode(format!("<a k='{}", "x".repeat(256 * 1024 - 6)))
        }),
        posted_as("A deflate bomb", "deflated", |_| STANDARD.encode(deflated())),
    ]
}

/// 200 MB of the same letter, deflated to 200 kB.
fn deflated() -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    let chunk = vec![b'<'; 1_000_000];
    (0..200).for_each(|_| encoder.write_all(&chunk).expect("memory"));
    encoder.finish().expect("memory")
}

fn trees() -> Vec<Attack> {
    let complex = "too_complex";
    let attributes = |count| row(count, |n| format!(" k{n}=\"v\""));
    vec![
        in_attribute_value("60 elements deep", complex, nested(60)),
        in_attribute_value("10,000 elements deep", complex, nested(10_000)),
        in_attribute_value("25,000 sibling elements", complex, "<x xmlns='u'/>".repeat(15_000) + &"<a/>".repeat(5_000)),
        in_attribute_value("41 attributes on an element", complex, format!("<x xmlns=\"urn:x\"{}/>", attributes(41))),
        in_attribute_value(
            "10,000 attributes on an element",
            complex,
            format!("<x xmlns=\"urn:x\"{}/>", attributes(10_000)),
        ),
        in_attribute_value("41 namespaces on an element", complex, with_prefixes(41, "")),
        in_attribute_value("10,000 namespaces on an element", complex, with_prefixes(10_000, "")),
        in_attribute_value("1,100 namespaces in scope", complex, nested_prefixes(29, &"<p0x0:a/>".repeat(15_000))),
    ]
}

/// Messages that pass the syntax checks and then cost the verification the most.
fn expensive() -> Vec<Attack> {
    let prefix_list = row(20_000, |n| format!("p{n} "));
    let twenty = "<saml:Attribute Name=\"a\"><saml:AttributeValue>b</saml:AttributeValue></saml:Attribute>".repeat(20);
    vec![
        altered("20 identical attributes and a comment", Sign::Assertion, "comment", {
            swap("<saml:AttributeStatement>", &format!("<saml:AttributeStatement>{twenty}<!-- -->"))
        }),
        altered("20,000 prefixes in InclusiveNamespaces", Sign::Assertion, "signature_transform", move |xml| {
            let transform = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
            let inclusive = format!(
                "{transform}><c:InclusiveNamespaces xmlns:c=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{prefix_list}\"/></ds:Transform>"
            );
            xml.replacen(&format!("{transform}/>"), &inclusive, 1)
        }),
        in_attribute_value(
            "19,000 elements with an invalid signature",
            "bad_signature",
            "<a xmlns=''/>".repeat(ROOM / 13),
        ),
        in_attribute_value(
            "19,000 elements with an invalid signature, and four certificates to try",
            "bad_signature",
            "<a xmlns=''/>".repeat(ROOM / 13),
        )
        .with_trusted(Trusted::Four),
        in_attribute_value("Elements in 39 namespaces with an invalid signature", "bad_signature", {
            with_prefixes(39, &"<p38:a/>".repeat(19_000))
        }),
        in_attribute_value("230 kB of text with an invalid signature", "bad_signature", "x".repeat(ROOM)),
        in_attribute_value("46,000 references with an invalid signature", "bad_signature", "&amp;".repeat(ROOM / 5)),
        in_attribute_value("57,000 line breaks with an invalid signature", "bad_signature", "\r\n".repeat(ROOM / 2)),
        altered("230 kB of white space in the DigestValue", Sign::Assertion, "bad_signature", {
            swap("<ds:DigestValue>", &format!("<ds:DigestValue>{}", " ".repeat(ROOM)))
        }),
        altered("230 kB of base64 in the SignatureValue", Sign::Assertion, "bad_signature", {
            swap("<ds:SignatureValue>", &format!("<ds:SignatureValue>{}", "A".repeat(ROOM)))
        }),
        altered("A KeyInfo of 15,000 names with an invalid signature", Sign::Assertion, "bad_signature", |xml| {
            let info = part(xml, "<ds:KeyInfo>", "</ds:KeyInfo>");
            let names = format!("<ds:KeyInfo>{}</ds:KeyInfo>", "<ds:KeyName/>".repeat(15_000));
            forged(xml).replacen(info, &names, 1)
        }),
        with_content("4,000 groups for another audience", Sign::Assertion, "audience", |it| {
            it.audiences = vec!["https://other.test".into()];
            it.attributes.push(("groups".into(), (0..4000).map(|n| format!("group {n}")).collect()));
        }),
        with_content("4,000 addresses", Sign::Assertion, "several_emails", |it| {
            it.attributes = vec![("email".into(), (0..4000).map(|n| format!("ann{n}@acme.test")).collect())];
        }),
        with_content("3,000 audiences", Sign::Assertion, "audience", |it| {
            it.audiences = (0..3000).map(|_| "x".into()).collect();
        }),
        signed_in_form(
            "An e-mail address of 200 kB",
            Sign::Assertion,
            "bad_email",
            swap("ann@acme.test</saml:AttributeValue>", &{
                format!("{}@acme.test</saml:AttributeValue>", "a".repeat(200_000))
            }),
        ),
    ]
}
