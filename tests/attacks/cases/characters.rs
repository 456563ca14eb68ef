//! Messages that two parsers could read differently: markup, references, encodings.

use super::message::{FORGED, PERSON, row};
use super::{Attack, altered, posted_as, swap};
use base64::{Engine, engine::general_purpose::STANDARD};
use vestibule::saml::test_idp::Sign;

/// The start of the document. A parser could read a shorter name of this element.
const ROOT: &str = "<samlp:Response";
const END: &str = "</samlp:Response>";
const NAME: &str = "ann@acme.test</saml:NameID>";
const VALUE: &str = "ann@acme.test</saml:AttributeValue>";

fn with_replacement(name: &str, refused_as: &'static str, from: &str, to: &str) -> Attack {
    altered(name, Sign::Assertion, refused_as, swap(from, to))
}

fn before(name: &str, refused_as: &'static str, what: &str) -> Attack {
    with_replacement(name, refused_as, ROOT, &format!("{what}{ROOT}"))
}

fn behind(name: &str, refused_as: &'static str, what: &str) -> Attack {
    with_replacement(name, refused_as, END, &format!("{END}{what}"))
}

pub fn attacks() -> Vec<Attack> {
    let mut all = comments();
    all.extend(sections_and_instructions());
    all.extend(document_types());
    all.extend(references());
    all.extend(ends());
    all.extend(encodings());
    all.extend(base64());
    all
}

fn comments() -> Vec<Attack> {
    let split = "ann@acme.test<!-- -->.evil.test</saml:";
    vec![
        with_replacement("A comment in the NameID", "comment", NAME, &format!("{split}NameID>")),
        with_replacement("A comment in an AttributeValue", "comment", VALUE, &format!("{split}AttributeValue>")),
        with_replacement(
            "A comment in the Issuer",
            "comment",
            "https://idp.test/metadata",
            "https://idp.test/<!-- -->metadata",
        ),
        with_replacement("A comment in the Audience", "comment", "<saml:Audience>", "<saml:Audience><!-- -->"),
        with_replacement("A comment between elements", "comment", "<saml:Subject>", "<!-- --><saml:Subject>"),
        before("A comment before the root", "comment", "<!-- -->"),
        behind("A comment after the root", "comment", "<!-- -->"),
        with_replacement("An unclosed comment", "malformed_xml", "<saml:Subject>", "<!-- <saml:Subject>"),
        with_replacement("A comment with two hyphens in it", "comment", "<saml:Subject>", "<!-- -- --><saml:Subject>"),
    ]
}

fn sections_and_instructions() -> Vec<Attack> {
    let section = format!("<![CDATA[{PERSON}]]></saml:NameID>");
    let instruction = "processing_instruction";
    vec![
        with_replacement("CDATA in the NameID", "cdata", NAME, &section),
        with_replacement(
            "CDATA in an AttributeValue",
            "cdata",
            VALUE,
            "<![CDATA[ann@acme.test]]></saml:AttributeValue>",
        ),
        with_replacement(
            "A forged element in CDATA",
            "cdata",
            "<saml:Subject>",
            "<![CDATA[<saml:Subject>]]><saml:Subject>",
        ),
        with_replacement(
            "A processing instruction in the NameID",
            instruction,
            NAME,
            "ann@acme.test<?x y?>.evil.test</saml:NameID>",
        ),
        before("A stylesheet before the root", instruction, "<?xml-stylesheet href=\"http://127.0.0.1:1/\"?>"),
        behind("A processing instruction after the root", instruction, "<?x y?>"),
        with_replacement(
            "A second XML declaration",
            "malformed_xml",
            "<saml:Subject>",
            "<?xml version=\"1.0\"?><saml:Subject>",
        ),
        before("An XML declaration after a space", "malformed_xml", " <?xml version=\"1.0\"?>"),
        before("XML 1.1", "malformed_xml", "<?xml version=\"1.1\"?>"),
    ]
}

fn document_types() -> Vec<Attack> {
    let bomb = row(8, |n| format!("<!ENTITY a{} \"{}\">", n + 1, format!("&a{n};").repeat(10)));
    let types = [
        ("An empty DOCTYPE", "<!DOCTYPE samlp:Response>".to_owned()),
        ("A DOCTYPE with an entity", format!("<!DOCTYPE x [<!ENTITY a \"{FORGED}\">]>")),
        ("A DOCTYPE that refers to a file", "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">".into()),
        ("A DOCTYPE that refers to an http URL", "<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\">".into()),
        ("A DOCTYPE with a public id", "<!DOCTYPE x PUBLIC \"-//X//X\" \"http://127.0.0.1:1/x.dtd\">".into()),
        ("An external entity", "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>".into()),
        ("A parameter entity", "<!DOCTYPE x [<!ENTITY % a SYSTEM \"http://127.0.0.1:1/\"> %a;]>".into()),
        ("The “billion laughs” entities", format!("<!DOCTYPE x [<!ENTITY a0 \"ha\">{bomb}]>")),
        (
            "An attribute default that creates ids",
            "<!DOCTYPE x [<!ATTLIST saml:Subject ID ID \"_assertion1\">]>".into(),
        ),
        (
            "An attribute default that declares namespaces",
            "<!DOCTYPE x [<!ATTLIST saml:Assertion xmlns CDATA \"urn:x\">]>".into(),
        ),
        (
            "A notation that imitates the end of the DOCTYPE (CVE-2025-25291)",
            "<!DOCTYPE x [<!NOTATION x PUBLIC \"'><!--\">]>".into(),
        ),
    ];
    types.map(|(name, what)| before(name, "doctype", &what)).into()
}

fn references() -> Vec<Attack> {
    let name = |what: &str| format!("ann@acme.test{what}</saml:NameID>");
    vec![
        with_replacement("An undeclared entity", "entity", NAME, &name("&ann;")),
        with_replacement("An HTML entity", "entity", NAME, &name("&nbsp;")),
        with_replacement("An entity in an attribute", "entity", "Version=\"2.0\"", "Version=\"&two;\""),
        with_replacement("A reference to NUL", "entity", NAME, &name("&#0;")),
        with_replacement("A reference to a control character", "entity", NAME, &name("&#x1;")),
        with_replacement("A reference to a Unicode noncharacter", "entity", NAME, &name("&#xFFFE;")),
        with_replacement("A reference to a surrogate", "entity", NAME, &name("&#xD800;")),
        with_replacement("A reference beyond Unicode", "entity", NAME, &name("&#x110000;")),
        with_replacement("An unterminated reference", "malformed_xml", NAME, &name("&amp")),
        with_replacement("A bare ampersand", "malformed_xml", NAME, &name(" & ")),
        with_replacement(
            "A reference to a control character in an attribute",
            "malformed_xml",
            "Version=\"2.0\"",
            "Version=\"2.0&#x1;\"",
        ),
        with_replacement("]]> in text", "malformed_xml", NAME, &name("]]>")),
        with_replacement("A NUL", "malformed_xml", NAME, &name("\0")),
        with_replacement("A control character", "malformed_xml", NAME, &name("\u{1}")),
        with_replacement("A Unicode noncharacter", "malformed_xml", NAME, &name("\u{fffe}")),
    ]
}

fn ends() -> Vec<Attack> {
    vec![
        behind("Text after the root", "malformed_xml", "x"),
        behind("A second root element", "malformed_xml", "<x/>"),
        behind("A NUL after the root", "malformed_xml", "\0"),
        before("Text before the root", "malformed_xml", "x"),
        with_replacement("An unclosed root element", "malformed_xml", END, ""),
        with_replacement("An unclosed element", "malformed_xml", "</saml:Subject>", ""),
        with_replacement("The end tag of another element", "malformed_xml", "</saml:Subject>", "</saml:Issuer>"),
        with_replacement("Overlapping elements", "malformed_xml", "</saml:NameID>", "</saml:Subject></saml:NameID>"),
        with_replacement("An attribute without quotes", "malformed_xml", "Version=\"2.0\"", "Version=2.0"),
        with_replacement("An attribute without a value", "malformed_xml", "Version=\"2.0\"", "Version"),
        with_replacement("A < in an attribute", "malformed_xml", "Version=\"2.0\"", "Version=\"<2.0\""),
        with_replacement(
            "Attributes without a space between them",
            "malformed_xml",
            "Version=\"2.0\" ",
            "Version=\"2.0\"",
        ),
        with_replacement("An end tag with an attribute", "malformed_xml", "</saml:Subject>", "</saml:Subject a=\"b\">"),
    ]
}

/// Posts bytes that are not the UTF-8 of the message.
fn bytes(name: &str, refused_as: &'static str, change: impl Fn(Vec<u8>) -> Vec<u8> + 'static) -> Attack {
    posted_as(name, refused_as, move |posted| STANDARD.encode(change(STANDARD.decode(posted).expect("base64"))))
}

/// Inserts bytes after the first `ann`.
fn insert(what: &'static [u8]) -> impl Fn(Vec<u8>) -> Vec<u8> + 'static {
    move |mut xml| {
        let at = xml.windows(3).position(|three| three == b"ann").expect("a name") + 3;
        xml.splice(at..at, what.iter().copied());
        xml
    }
}

fn encodings() -> Vec<Attack> {
    let declared = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>");
    let utf16 = |xml: &[u8]| -> Vec<u8> {
        let text = String::from_utf8_lossy(xml).into_owned();
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    vec![
        before("Declared as Latin-1", "malformed_xml", &declared("ISO-8859-1")),
        before("Declared as UTF-16", "malformed_xml", &declared("UTF-16")),
        before("Declared as UTF-7", "malformed_xml", &declared("UTF-7")),
        before("Declared as EBCDIC", "malformed_xml", &declared("IBM037")),
        bytes("Latin-1 bytes", "not_utf8", insert(b"\xe9")),
        bytes("Overlong UTF-8", "not_utf8", insert(b"\xc0\xbc")),
        bytes("A surrogate in UTF-8", "not_utf8", insert(b"\xed\xa0\x80")),
        bytes("Truncated UTF-8", "not_utf8", insert(b"\xe2\x82")),
        bytes("UTF-16 with a byte order mark", "not_utf8", move |xml| [vec![0xff, 0xfe], utf16(&xml)].concat()),
        bytes("UTF-16 without a byte order mark", "malformed_xml", move |xml| utf16(&xml)),
        bytes("Two byte order marks", "malformed_xml", |xml| [b"\xef\xbb\xbf\xef\xbb\xbf".to_vec(), xml].concat()),
        bytes("A byte order mark inside the document", "malformed_xml", |xml| [xml, b"\xef\xbb\xbf".to_vec()].concat()),
        bytes("Gzip-compressed XML", "not_utf8", |_| b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec()),
    ]
}

fn base64() -> Vec<Attack> {
    vec![
        posted_as("A character that is not base64", "not_base64", |posted| posted.replacen('A', "*", 1)),
        posted_as("URL-safe base64", "not_base64", |posted| format!("{}-_", &posted[..posted.len() - 4])),
        posted_as("Percent-encoded twice", "not_base64", |posted| posted.replacen('P', "%50", 1)),
        posted_as("Padding inside the base64", "not_base64", |posted| format!("{}={}", &posted[..8], &posted[8..])),
        posted_as("Extra bits at the end of the base64", "not_base64", |_| "PHgvPh==".into()),
        posted_as("A second message after the padding", "not_base64", |posted| format!("{posted}=={posted}")),
        posted_as("Plain XML", "not_base64", |posted| {
            String::from_utf8(STANDARD.decode(posted).expect("base64")).expect("UTF-8")
        }),
        posted_as("An empty message", "malformed_xml", |_| String::new()),
    ]
}
