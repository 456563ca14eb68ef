//! Digests and signature values that occur twice, or that different readers could read differently.

use super::message::{FORGED, PERSON, forged, good, part, signature_of};
use super::{Attack, KEY, cut, swap};
use vestibule::saml::test_idp::Sign;

const DIGEST: (&str, &str) = ("<ds:DigestValue>", "</ds:DigestValue>");
const VALUE: (&str, &str) = ("<ds:SignatureValue>", "</ds:SignatureValue>");
const INFO: (&str, &str) = ("<ds:SignedInfo>", "</ds:SignedInfo>");

fn of<'a>(xml: &'a str, (start, end): (&str, &str)) -> &'a str {
    part(xml, start, end)
}

/// Another message signed by the same provider, with the ids of the valid message.
fn other_signed() -> String {
    let mut other = good();
    (other.name_id, other.attributes) = (FORGED.into(), vec![("email".into(), vec![FORGED.into()])]);
    other.sign(&KEY, Sign::Assertion)
}

pub fn attacks() -> Vec<Attack> {
    let mut all = changed();
    all.extend(told_twice());
    all.extend(hidden_inside());
    all
}

fn changed() -> Vec<Attack> {
    let mut all: Vec<_> = [("assertion", Sign::Assertion), ("response", Sign::Response), ("both", Sign::Both)]
        .map(|(name, sign)| cut(&format!("Another person in the signed part ({name})"), sign, "bad_signature", forged))
        .into();
    all.extend([
        cut("Another person only in the NameID", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(&format!("{PERSON}</saml:NameID>"), &format!("{FORGED}</saml:NameID>"), 1)
        }),
        cut("An attribute added after signing", Sign::Assertion, "bad_signature", |xml| {
            let more =
                "<saml:Attribute Name=\"groups\"><saml:AttributeValue>admins</saml:AttributeValue></saml:Attribute>";
            xml.replacen("</saml:AttributeStatement>", &format!("{more}</saml:AttributeStatement>"), 1)
        }),
        cut("A condition removed from the signed part", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(part(xml, "<saml:AuthnStatement", "</saml:AuthnStatement>"), "", 1)
        }),
        cut("DigestValue recomputed for the forged content", Sign::Assertion, "bad_signature", |xml| {
            let other = other_signed();
            forged(xml).replacen(of(xml, DIGEST), of(&other, DIGEST), 1)
        }),
        cut("SignedInfo of another message", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(of(xml, INFO), of(&other_signed(), INFO), 1)
        }),
        cut("SignatureValue of another message", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(of(xml, VALUE), of(&other_signed(), VALUE), 1)
        }),
        cut("Signature of another message with the same ids", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(signature_of(xml), signature_of(&other_signed()), 1)
        }),
        cut("DigestValue changed", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(of(xml, DIGEST), "<ds:DigestValue>AAAA</ds:DigestValue>", 1)
        }),
        cut("An empty DigestValue", Sign::Assertion, "bad_signature", |xml| {
            xml.replacen(of(xml, DIGEST), "<ds:DigestValue/>", 1)
        }),
        cut("SignatureValue changed", Sign::Assertion, "bad_signature", swap(VALUE.0, "<ds:SignatureValue>AAAA")),
    ]);
    all
}

fn told_twice() -> Vec<Attack> {
    vec![
        cut("Two DigestValues", Sign::Assertion, "signature_shape", |xml| {
            let digest = of(xml, DIGEST);
            xml.replacen(digest, &format!("{digest}<ds:DigestValue>AAAA</ds:DigestValue>"), 1)
        }),
        cut("Two DigestValues, the forged one first", Sign::Assertion, "signature_shape", |xml| {
            let (digest, other) = (of(xml, DIGEST), other_signed());
            forged(xml).replacen(digest, &format!("{}{digest}", of(&other, DIGEST)), 1)
        }),
        cut("Two SignedInfos (CVE-2025-29774)", Sign::Assertion, "signature_shape", |xml| {
            let (info, other) = (of(xml, INFO), other_signed());
            forged(xml).replacen(info, &format!("{info}{}", of(&other, INFO)), 1)
        }),
        cut("Two SignedInfos, the forged one first (CVE-2025-29774)", Sign::Assertion, "signature_shape", |xml| {
            let (info, other) = (of(xml, INFO), other_signed());
            forged(xml).replacen(info, &format!("{}{info}", of(&other, INFO)), 1)
        }),
        cut("A SignedInfo in an Object", Sign::Assertion, "signature_shape", |xml| {
            let object = format!("<ds:Object>{}</ds:Object></ds:Signature>", of(xml, INFO));
            xml.replacen("</ds:Signature>", &object, 1)
        }),
        cut(
            "An empty SignedInfo before the genuine one",
            Sign::Assertion,
            "signature_shape",
            swap(INFO.0, "<ds:SignedInfo/><ds:SignedInfo>"),
        ),
        cut("Two SignatureValues", Sign::Assertion, "signature_shape", |xml| {
            xml.replacen(of(xml, VALUE), &of(xml, VALUE).repeat(2), 1)
        }),
        cut("Two SignatureMethods", Sign::Assertion, "signature_shape", |xml| {
            let method = part(xml, "<ds:SignatureMethod", "/>");
            xml.replacen(method, &method.repeat(2), 1)
        }),
        cut("Two DigestMethods", Sign::Assertion, "signature_shape", |xml| {
            let method = part(xml, "<ds:DigestMethod", "/>");
            xml.replacen(method, &method.repeat(2), 1)
        }),
    ]
}

fn hidden_inside() -> Vec<Attack> {
    let inside = |name: &'static str, (start, end): (&'static str, &'static str), what: &'static str, code| {
        cut(name, Sign::Assertion, code, move |xml: &str| {
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
        cut("An HMACOutputLength in the SignatureMethod", Sign::Assertion, "signature_shape", |xml| {
            let method = part(xml, "<ds:SignatureMethod", "/>");
            let longer = format!(
                "{}><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>",
                &method[..method.len() - 2]
            );
            xml.replacen(method, &longer, 1)
        }),
        cut("A child of the DigestMethod", Sign::Assertion, "signature_shape", |xml| {
            let method = part(xml, "<ds:DigestMethod", "/>");
            let longer = format!("{}><ds:DigestValue/></ds:DigestMethod>", &method[..method.len() - 2]);
            xml.replacen(method, &longer, 1)
        }),
        cut("Text in the SignedInfo", Sign::Assertion, "signature_shape", swap(INFO.0, "<ds:SignedInfo>AAAA")),
    ]
}
