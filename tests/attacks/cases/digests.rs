//! Digests and signature values that occur twice, or that two readers could read differently.

use super::message::{FORGED, PERSON, forged, part, signature_of, valid_message};
use super::{Attack, KEY, altered, swap};
use vestibule::saml::test_idp::Sign;

const DIGEST: (&str, &str) = ("<ds:DigestValue>", "</ds:DigestValue>");
const VALUE: (&str, &str) = ("<ds:SignatureValue>", "</ds:SignatureValue>");
const INFO: (&str, &str) = ("<ds:SignedInfo>", "</ds:SignedInfo>");

fn part_of<'a>(xml: &'a str, (start, end): (&str, &str)) -> &'a str {
    part(xml, start, end)
}

/// Another message that the same provider signed, with the ids of the valid message.
fn other_signed() -> String {
    let mut other = valid_message();
    (other.name_id, other.attributes) = (FORGED.into(), vec![("email".into(), vec![FORGED.into()])]);
    other.sign(&KEY, Sign::Assertion)
}

pub fn attacks() -> Vec<Attack> {
    let mut all = changed();
    all.extend(duplicates());
    all.extend(hidden_inside());
    all
}

fn changed() -> Vec<Attack> {
    let mut all: Vec<_> = [("assertion", Sign::Assertion), ("response", Sign::Response), ("both", Sign::Both)]
        .map(|(name, sign)| {
            altered(&format!("Another person in the signed part ({name})"), sign, "bad_signature", forged)
        })
        .into();
    all.extend([
        altered("Another person only in the NameID", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(&format!("{PERSON}</saml:NameID>"), &format!("{FORGED}</saml:NameID>"), 1)
        }),
        altered("An attribute added after signing", Sign::Assertion, "bad_signature", |xml| {
            let more =
                "<saml:Attribute Name=\"groups\"><saml:AttributeValue>admins</saml:AttributeValue></saml:Attribute>";
            xml.replacen("</saml:AttributeStatement>", &format!("{more}</saml:AttributeStatement>"), 1)
        }),
        altered("A condition removed from the signed part", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(part(xml, "<saml:AuthnStatement", "</saml:AuthnStatement>"), "", 1)
        }),
        altered("DigestValue recomputed for the forged content", Sign::Assertion, "bad_signature", |xml| {
            let other = other_signed();
            forged(xml).replacen(part_of(xml, DIGEST), part_of(&other, DIGEST), 1)
        }),
        altered("SignedInfo of another message", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(part_of(xml, INFO), part_of(&other_signed(), INFO), 1)
        }),
        altered("SignatureValue of another message", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(part_of(xml, VALUE), part_of(&other_signed(), VALUE), 1)
        }),
        altered("Signature of another message with the same ids", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(signature_of(xml), signature_of(&other_signed()), 1)
        }),
        altered("DigestValue changed", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(part_of(xml, DIGEST), "<ds:DigestValue>AAAA</ds:DigestValue>", 1)
        }),
        altered("An empty DigestValue", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(part_of(xml, DIGEST), "<ds:DigestValue/>", 1)
        }),
        altered("SignatureValue changed", Sign::Assertion, "bad_signature", swap(VALUE.0, "<ds:SignatureValue>AAAA")),
    ]);
    all
}

fn duplicates() -> Vec<Attack> {
    vec![
        altered("Two DigestValues", Sign::Assertion, "signature_shape", |xml| {
            let digest = part_of(xml, DIGEST);
            xml.replacen(digest, &format!("{digest}<ds:DigestValue>AAAA</ds:DigestValue>"), 1)
        }),
        altered("Two DigestValues, the forged one first", Sign::Assertion, "signature_shape", |xml| {
            let (digest, other) = (part_of(xml, DIGEST), other_signed());
            forged(xml).replacen(digest, &format!("{}{digest}", part_of(&other, DIGEST)), 1)
        }),
        altered("Two SignedInfos (CVE-2025-29774)", Sign::Assertion, "signature_shape", |xml| {
            let (info, other) = (part_of(xml, INFO), other_signed());
            forged(xml).replacen(info, &format!("{info}{}", part_of(&other, INFO)), 1)
        }),
        altered("Two SignedInfos, the forged one first (CVE-2025-29774)", Sign::Assertion, "signature_shape", |xml| {
            let (info, other) = (part_of(xml, INFO), other_signed());
            forged(xml).replacen(info, &format!("{}{info}", part_of(&other, INFO)), 1)
        }),
        altered("A SignedInfo in an Object", Sign::Assertion, "signature_shape", |xml| {
            let object = format!("<ds:Object>{}</ds:Object></ds:Signature>", part_of(xml, INFO));
            xml.replacen("</ds:Signature>", &object, 1)
        }),
        altered(
            "An empty SignedInfo before the genuine one",
            Sign::Assertion,
            "signature_shape",
            swap(INFO.0, "<ds:SignedInfo/><ds:SignedInfo>"),
        ),
        altered("Two SignatureValues", Sign::Assertion, "signature_shape", |xml| {
            xml.replacen(part_of(xml, VALUE), &part_of(xml, VALUE).repeat(2), 1)
        }),
        altered("Two SignatureMethods", Sign::Assertion, "signature_shape", |xml| {
            let method = part(xml, "<ds:SignatureMethod", "/>");
            xml.replacen(method, &method.repeat(2), 1)
        }),
        altered("Two DigestMethods", Sign::Assertion, "signature_shape", |xml| {
            let method = part(xml, "<ds:DigestMethod", "/>");
            xml.replacen(method, &method.repeat(2), 1)
        }),
    ]
}

fn hidden_inside() -> Vec<Attack> {
    let inside = |name: &'static str, (start, end): (&'static str, &'static str), what: &'static str, code| {
        altered(name, Sign::Assertion, code, move |xml: &str| {
            let value = part(xml, start, end);
            xml.replacen(value, &value.replacen(start, &format!("{start}{what}"), 1), 1)
        })
    };
    let foreign = "<x:x xmlns:x=\"urn:x\">AAAA</x:x>";
    vec![
        inside("A comment in the DigestValue (CVE-2025-29775)", DIGEST, "<!-- AAAA -->", "comment"),
        inside("An empty comment in the DigestValue (CVE-2025-29775)", DIGEST, "<!---->", "comment"),
        inside("A comment in the SignatureValue", VALUE, "<!-- AAAA -->", "comment"),
        inside("A comment in the SignedInfo", INFO, "<!-- x -->", "comment"),
        inside("CDATA in the DigestValue", DIGEST, "<![CDATA[AAAA]]>", "cdata"),
        inside("A processing instruction in the DigestValue", DIGEST, "<?x AAAA?>", "processing_instruction"),
        inside("An element in the DigestValue", DIGEST, foreign, "unknown_namespace"),
        inside("A DigestValue in the DigestValue", DIGEST, "<ds:DigestValue>AAAA</ds:DigestValue>", "signature_shape"),
        inside(
            "A SignatureValue in the SignatureValue",
            VALUE,
            "<ds:SignatureValue>AAAA</ds:SignatureValue>",
            "signature_shape",
        ),
        altered("An HMACOutputLength in the SignatureMethod", Sign::Assertion, "signature_shape", |xml| {
            let method = part(xml, "<ds:SignatureMethod", "/>");
            let longer = format!(
                "{}><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>",
                &method[..method.len() - 2]
            );
            xml.replacen(method, &longer, 1)
        }),
        altered("A child of the DigestMethod", Sign::Assertion, "signature_shape", |xml| {
            let method = part(xml, "<ds:DigestMethod", "/>");
            let longer = format!("{}><ds:DigestValue/></ds:DigestMethod>", &method[..method.len() - 2]);
            xml.replacen(method, &longer, 1)
        }),
        altered("Text in the SignedInfo", Sign::Assertion, "signature_shape", swap(INFO.0, "<ds:SignedInfo>AAAA")),
    ]
}
