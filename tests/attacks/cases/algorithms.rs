//! Transforms, canonicalisations, digests and signature methods that are not in the list of accepted ones.

use super::{Attack, altered, swap};
use vestibule::saml::test_idp::Sign;

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const ENVELOPED: &str = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
const EXCLUSIVE: &str = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
const FIRST_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#\"";
const METHOD: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const DIGEST: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

fn transform(algorithm: &str, inside: &str) -> String {
    format!("<ds:Transform Algorithm=\"{algorithm}\">{inside}</ds:Transform>")
}

fn transforms(name: &str, refused_as: &'static str, chain: &str) -> Attack {
    altered(name, Sign::Assertion, refused_as, swap(&format!("{ENVELOPED}{EXCLUSIVE}"), chain))
}

pub fn attacks() -> Vec<Attack> {
    let mut all = chains();
    all.extend(canonicalisations());
    all.extend(methods());
    all
}

fn chains() -> Vec<Attack> {
    let xslt = "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"/>";
    let with = |algorithm: &str, inside: &str| format!("{ENVELOPED}{}{EXCLUSIVE}", transform(algorithm, inside));
    let refused = "signature_transform";
    let xpath = "http://www.w3.org/TR/1999/REC-xpath-19991116";
    let filter = "http://www.w3.org/2002/06/xmldsig-filter2";
    vec![
        transforms(
            "An XSLT transform",
            "unknown_namespace",
            &with("http://www.w3.org/TR/1999/REC-xslt-19991116", xslt),
        ),
        transforms("An XPath transform", refused, &with(xpath, "<ds:XPath>//*</ds:XPath>")),
        transforms("An XPath filter 2.0", refused, &with(filter, "")),
        transforms("An XPointer transform", refused, &with("http://www.w3.org/2001/04/xmldsig-more/xptr", "")),
        transforms("A base64 transform", refused, &with(&format!("{DSIG}base64"), "")),
        transforms("An unknown transform", refused, &with("urn:x", "")),
        transforms("A transform without a name", refused, &with("", "")),
        transforms("No transform", refused, ""),
        transforms("Only enveloped-signature", refused, ENVELOPED),
        transforms("Only canonicalisation", refused, EXCLUSIVE),
        transforms(
            "Enveloped-signature and canonicalisation in the wrong order",
            refused,
            &format!("{EXCLUSIVE}{ENVELOPED}"),
        ),
        transforms("Enveloped-signature twice", refused, &format!("{ENVELOPED}{ENVELOPED}{EXCLUSIVE}")),
        transforms("1,000 transforms", refused, &format!("{ENVELOPED}{}", EXCLUSIVE.repeat(1000))),
        transforms("An enveloped-signature with a child", refused, &{
            format!("{}{EXCLUSIVE}", transform(&format!("{DSIG}enveloped-signature"), "<ds:XPath>//*</ds:XPath>"))
        }),
    ]
}

fn canonicalisations() -> Vec<Attack> {
    let inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"";
    let prefixes = |list: &str| {
        format!("<c:InclusiveNamespaces xmlns:c=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{list}\"/>")
    };
    let many = (0..200).map(|n| format!("p{n}")).collect::<Vec<_>>().join(" ");
    let exclusive = |inside: &str| transform("http://www.w3.org/2001/10/xml-exc-c14n#", inside);
    let chain = |inside: &str| format!("{ENVELOPED}{}", exclusive(inside));
    vec![
        altered(
            "Inclusive canonicalisation of the SignedInfo",
            Sign::Assertion,
            "inclusive_c14n",
            swap(FIRST_C14N, inclusive),
        ),
        transforms("Inclusive canonicalisation of the assertion", "inclusive_c14n", &{
            format!("{ENVELOPED}{EXCLUSIVE}").replace(FIRST_C14N, inclusive)
        }),
        altered("Canonicalisation with comments", Sign::Assertion, "signature_transform", {
            swap(FIRST_C14N, "http://www.w3.org/2001/10/xml-exc-c14n#WithComments\"")
        }),
        altered(
            "Canonicalisation 1.1",
            Sign::Assertion,
            "inclusive_c14n",
            swap(FIRST_C14N, "http://www.w3.org/2006/12/xml-c14n11\""),
        ),
        altered("An unknown canonicalisation", Sign::Assertion, "signature_transform", swap(FIRST_C14N, "urn:x\"")),
        transforms("InclusiveNamespaces twice", "signature_transform", &chain(&prefixes("saml").repeat(2))),
        transforms("InclusiveNamespaces with 200 prefixes", "signature_transform", &chain(&prefixes(&many))),
        transforms(
            "Another element than InclusiveNamespaces",
            "signature_transform",
            &chain("<ds:XPath>//*</ds:XPath>"),
        ),
    ]
}

fn methods() -> Vec<Attack> {
    let method = |name: &str, code, other: &str| altered(name, Sign::Assertion, code, swap(METHOD, other));
    let digest = |name: &str, code, other: &str| altered(name, Sign::Assertion, code, swap(DIGEST, other));
    let refused = "signature_algorithm";
    vec![
        method("RSA with SHA-1", "sha1", &format!("{DSIG}rsa-sha1")),
        method("ECDSA with SHA-1", "sha1", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"),
        method("RSA-PSS", "rsa_pss", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"),
        method("RSA with MD5", refused, "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"),
        method("RSA with RIPEMD-160", refused, "http://www.w3.org/2001/04/xmldsig-more#rsa-ripemd160"),
        method("RSA with SHA-224", refused, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha224"),
        method("DSA", refused, &format!("{DSIG}dsa-sha1")),
        method("HMAC with SHA-1", refused, &format!("{DSIG}hmac-sha1")),
        method("No algorithm", refused, ""),
        method("The algorithm “none”", refused, "none"),
        method("The algorithm in another case", refused, "http://www.w3.org/2001/04/xmldsig-more#RSA-SHA256"),
        method(
            "An algorithm that does not match the type of the key",
            "bad_signature",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        ),
        method(
            "Another digest algorithm than the signed one",
            "bad_signature",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        ),
        digest("A SHA-1 digest", "sha1", &format!("{DSIG}sha1")),
        digest("An MD5 digest", refused, "http://www.w3.org/2001/04/xmldsig-more#md5"),
        digest("A SHA-224 digest", refused, "http://www.w3.org/2001/04/xmldsig-more#sha224"),
        digest("A digest without a name", refused, ""),
    ]
}
