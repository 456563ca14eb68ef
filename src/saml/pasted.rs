//! Reads certificates from an admin's input: text or a file in one of the formats that providers and their tools
//! produce.

use super::mail_source;
use crate::domain::decoded::decoded;
use crate::domain::file_kind;
use crate::domain::pem::{self, Block};
use crate::domain::phrase::{Phrase, phrase};
use base64::{Engine, engine::general_purpose::STANDARD};
use openssl::pkcs7::Pkcs7;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509Crl, X509Req};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// The maximum number of certificates in one text. A bundle of certificate authorities has more, and is not a provider's
/// certificate.
const MOST: usize = 20;
/// The maximum number of encodings that are removed from a text, one after the other.
const MOST_LAYERS: u8 = 3;

const PRIVATE: Phrase = phrase!("certificate-private-key");
const REQUEST: Phrase = phrase!("certificate-request");
const PUBLIC: Phrase = phrase!("certificate-public-key");
const PKCS7: Phrase = phrase!("certificate-pkcs7");
const PKCS12: Phrase = phrase!("certificate-pkcs12");
const REVOCATIONS: Phrase = phrase!("certificate-revocations");

/// Converts the content of a file to text that `certificates` reads: DER and other bytes become base64.
pub fn certificate_file(bytes: &[u8]) -> String {
    decoded(bytes, None).unwrap_or_else(|_| STANDARD.encode(bytes))
}

/// True if a file is a DER certificate.
pub(super) fn is_certificate_file(bytes: &[u8]) -> bool {
    X509::from_der(bytes).is_ok()
}

/// True if a file is a PKCS#12 key store.
pub(super) fn is_key_store(bytes: &[u8]) -> bool {
    Pkcs12::from_der(bytes).is_ok()
}

/// The different certificates in a text.
///
/// # Errors
/// A phrase that names the kind of text, if it has no certificate; it repeats nothing of the text.
pub(super) fn certificates(raw: &str) -> Result<Vec<X509>, Phrase> {
    let mut found = Vec::new();
    for one in within(raw, 0)? {
        if !found.contains(&one) {
            found.push(one);
        }
        if found.len() > MOST {
            return Err(phrase!("certificate-too-many", most = MOST));
        }
    }
    Ok(found)
}

/// The certificates in a text. `depth`: the number of encodings that were removed.
fn within(raw: &str, depth: u8) -> Result<Vec<X509>, Phrase> {
    let text = raw.trim_start_matches('\u{feff}').trim();
    let blocks = pem::blocks(text);
    if text.to_ascii_uppercase().contains("PRIVATE KEY") || blocks.iter().any(Block::is_private_key) {
        return Err(PRIVATE);
    }
    let taken_off = || mail_source::carried(text, is_or_holds_certificate).or_else(|| unquoted(text));
    if depth < MOST_LAYERS
        && let Some(plain) = taken_off()
    {
        return within(&plain, depth + 1);
    }
    if text.contains("EntityDescriptor") {
        return Err(phrase!("certificate-metadata"));
    }
    let elements = elements(text);
    if !elements.is_empty() {
        return each(&elements, |text| within(text, depth));
    }
    if !blocks.is_empty() {
        return of_blocks(&blocks);
    }
    // This check comes first because the digits of a fingerprint are also valid base64.
    if let Some(what) = unlike(text) {
        return Err(what);
    }
    if let Some(bytes) = hexadecimal(text) {
        return of_bytes(&bytes, depth);
    }
    pem::base64_bytes(text).map_or_else(|| Err(MUST_BE), |bytes| of_bytes(&bytes, depth))
}

/// True if a part of an e-mail is a certificate in PEM or base64.
fn is_or_holds_certificate(part: &str) -> bool {
    let holds = |bytes: Vec<u8>| is_certificate_file(&bytes) || bytes.windows(11).any(|word| word == b"CERTIFICATE");
    pem::blocks(part).iter().any(Block::is_certificate) || pem::base64_bytes(part).is_some_and(holds)
}

/// Decodes URL-encoded text, in which a form may have written spaces as +; `None` if the text is not URL-encoded.
fn unquoted(text: &str) -> Option<String> {
    let is_quoted =
        ["%2B", "%2b", "%0A", "%0a", "%0D", "%20", "%2F", "%2f", "%3D", "%3d"].iter().any(|sign| text.contains(sign));
    let spaced = if text.contains("BEGIN+") { text.replace('+', " ") } else { text.to_owned() };
    is_quoted
        .then(|| percent_decode_str(&spaced).decode_utf8().ok())?
        .map(Cow::into_owned)
        .filter(|plain| plain != text)
}

/// Decodes a certificate in hexadecimal digits, as in databases and source code.
fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let plain = text.to_ascii_lowercase().replace("0x", "").replace("\\x", "");
    let noise = |c: char| c.is_whitespace() || matches!(c, ':' | '-' | ',' | ';' | '{' | '}' | '\'' | '"');
    let digits: Vec<_> = plain.chars().filter(|c| !noise(*c)).map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let bytes = digits.chunks_exact(2).filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect::<Vec<_>>();
    // Every certificate is a DER sequence of more than 127 bytes.
    (digits.len() % 2 == 0 && bytes.len() > 128 && bytes.starts_with(&[0x30])).then_some(bytes)
}

fn each<T>(parts: &[T], read: impl Fn(&T) -> Result<Vec<X509>, Phrase>) -> Result<Vec<X509>, Phrase> {
    let mut all = Vec::new();
    for part in parts {
        all.extend(read(part)?);
    }
    Ok(all)
}

/// The contents of `X509Certificate` elements in the text.
fn elements(text: &str) -> Vec<&str> {
    let contents = text.split("X509Certificate>").skip(1).filter(|part| !part.trim_start().starts_with('<'));
    contents.filter_map(|part| part.split_once("</")).map(|(content, _)| content).collect()
}

/// The certificates among the PEM blocks; other blocks, such as a certificate request, are ignored.
fn of_blocks(blocks: &[Block]) -> Result<Vec<X509>, Phrase> {
    let certificates: Vec<_> = blocks.iter().filter(|block| block.is_certificate()).collect();
    if certificates.is_empty() {
        return each(blocks, of_other);
    }
    each(&certificates, |block| {
        let der = block.der.as_deref().ok_or(phrase!("certificate-damaged"))?;
        let (whole, trusted) = (certificate(der)?, block.label.starts_with("TRUSTED"));
        // OpenSSL's trusted certificates are followed by data about their trusted uses.
        if trusted || is_whole(&whole, der) { Ok(vec![whole]) } else { Err(phrase!("certificate-more")) }
    })
}

fn of_other(block: &Block) -> Result<Vec<X509>, Phrase> {
    match block.label.as_str() {
        label if label.ends_with("CERTIFICATE REQUEST") => Err(REQUEST),
        label if label.contains("PUBLIC KEY") => Err(PUBLIC),
        label if label.ends_with("CRL") => Err(REVOCATIONS),
        label if label.starts_with("PKCS7") || label.starts_with("PKCS #7") || label == "CMS" => {
            block.der.as_deref().and_then(bundled).ok_or(PKCS7)
        }
        _ => Err(phrase!("certificate-other-block")),
    }
}

/// The certificates in decoded bytes, which can be DER or, because some providers encode a whole PEM text in base64,
/// text again.
fn of_bytes(bytes: &[u8], depth: u8) -> Result<Vec<X509>, Phrase> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && depth < MOST_LAYERS
        && text.chars().all(|c| !c.is_control() || c.is_whitespace())
    {
        return within(text, depth + 1);
    }
    if let Some(bundled) = bundled(bytes) {
        return Ok(bundled);
    }
    let one = certificate(bytes)?;
    if is_whole(&one, bytes) { Ok(vec![one]) } else { Err(phrase!("certificate-more")) }
}

fn certificate(der: &[u8]) -> Result<X509, Phrase> {
    X509::from_der(der).map_err(|_| unlike_der(der))
}

fn is_whole(certificate: &X509, der: &[u8]) -> bool {
    certificate.to_der().ok().as_deref() == Some(der)
}

fn bundled(der: &[u8]) -> Option<Vec<X509>> {
    let bundle = Pkcs7::from_der(der).ok()?;
    let certificates: Vec<_> = bundle.signed()?.certificates()?.iter().map(ToOwned::to_owned).collect();
    Some(certificates).filter(|all| !all.is_empty())
}

/// Recognises bytes that are not a certificate.
fn unlike_der(der: &[u8]) -> Phrase {
    let known = [
        (PKey::private_key_from_der(der).is_ok() || is_encrypted_key(der), PRIVATE),
        (X509Req::from_der(der).is_ok(), REQUEST),
        (PKey::public_key_from_der(der).is_ok(), PUBLIC),
        (Pkcs7::from_der(der).is_ok(), PKCS7),
        (Pkcs12::from_der(der).is_ok(), PKCS12),
        (X509Crl::from_der(der).is_ok(), REVOCATIONS),
    ];
    if let Some((_, what)) = known.into_iter().find(|(is, _)| *is) {
        return what;
    }
    if let Some(kind) = file_kind(der) {
        return if kind.is_archive {
            phrase!("certificate-file-archive", kind = kind.name)
        } else {
            phrase!("certificate-file-kind", kind = kind.name)
        };
    }
    match promised_bytes(der) {
        Some(promised) if promised > der.len() => {
            phrase!("certificate-cut-off", there = der.len(), promised = promised)
        }
        _ => MUST_BE,
    }
}

/// True for a PKCS#8 key that is encrypted with a password: its sequence begins with an algorithm of PKCS#5
/// (1.2.840.113549.1.5).
fn is_encrypted_key(der: &[u8]) -> bool {
    const PASSWORD_BASED: [u8; 10] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05];
    der.get(..24).is_some_and(|start| start.windows(PASSWORD_BASED.len()).any(|part| part == PASSWORD_BASED))
}

/// The length of a DER sequence according to its header, including the header.
fn promised_bytes(der: &[u8]) -> Option<usize> {
    match der {
        [0x30, 0x82, high, low, ..] => Some(usize::from(*high) * 256 + usize::from(*low) + 4),
        [0x30, 0x81, length, ..] => Some(usize::from(*length) + 3),
        _ => None,
    }
}

const MUST_BE: Phrase = phrase!("certificate-must-be");

/// Recognises texts that are often mistaken for a certificate.
fn unlike(text: &str) -> Option<Phrase> {
    let digits = text.rsplit(['=', '\n']).next().unwrap_or(text).trim();
    let hexadecimal: Vec<_> = digits.chars().filter(|c| !matches!(c, ':' | ' ' | '-')).collect();
    if matches!(hexadecimal.len(), 32 | 40 | 64) && hexadecimal.iter().all(char::is_ascii_hexdigit) {
        return Some(phrase!("certificate-fingerprint"));
    }
    if text.starts_with("{\\rtf") {
        return Some(phrase!("certificate-rtf"));
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        let what = phrase!("certificate-address");
        return Some(what);
    }
    let is_ssh = text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-");
    is_ssh.then_some(phrase!("certificate-ssh-key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::saml::{Certificate, test_idp::SigningKey};

    /// 30 November 2026.
    const NOW: Timestamp = Timestamp(1_796_000_000);
    const DER: &[u8] = include_bytes!("../../tests/inputs/certificate.der.cer");
    const BAG: &str = include_str!("../../tests/inputs/certificate-bag-attributes.pem");
    const TRUSTED: &str = include_str!("../../tests/inputs/certificate-trusted.pem");
    const BUNDLE: &str = include_str!("../../tests/inputs/certificate.p7b");
    const CHAIN: &str = include_str!("../../tests/inputs/certificate-chain.pem");

    fn refusal(text: &str) -> String {
        Certificate::all(text, NOW).expect_err("refused").to_string()
    }

    #[test]
    fn a_certificate_is_read_from_every_usual_format() {
        let bare = STANDARD.encode(DER);
        let (_, pem) = BAG.split_once("subject=").expect("text around");
        let hex = |between: &str| DER.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between);
        let in_elements = format!("<ds:X509Data><ds:X509Certificate>\n{bare}\n</ds:X509Certificate></ds:X509Data>");
        let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(BAG.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let in_a_mail = "\n--_1\nContent-Transfer-Encoding: 7bit\n\nHello.\n\n--_1\nContent-Transfer-Encoding: ";
        let bundle = BUNDLE.lines().filter(|line| !line.contains("-----")).collect::<String>();
        for text in [
            bare.clone(),
            bare.trim_end_matches('=').to_owned(),
            BAG.to_owned(),
            BAG.replace('\n', "\r\n"),
            BAG.replace("-----", "\u{2014}"),
            BAG.replace("-----", "--"),
            pem.replace('\n', " "),
            pem.replace('\n', "\\n"),
            STANDARD.encode(BAG),
            STANDARD.encode(&bare),
            format!("{BAG}{BAG}"),
            include_str!("../../tests/inputs/certificate-one-line.pem").into(),
            BAG.replace("BEGIN ", "BEGIN\u{a0}").replace("END ", "END\u{2003}"),
            format!(
                "{}-----END CERTIFICATE-----",
                pem.split_once("-----BEGIN CERTIFICATE-----")
                    .expect("one")
                    .1
                    .split_once("-----END")
                    .expect("its end")
                    .0
            ),
            bare.replace('+', "-").replace('/', "_"),
            bare.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned(),
            BAG.replace('%', "%25").replace('+', "%2B").replace(' ', "%20").replace('\n', "%0A").replace('=', "%3D"),
            BAG.replace('%', "%25").replace('+', "%2B").replace(' ', "+").replace('\n', "%0A"),
            bare.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"),
            hex(""),
            hex("").to_uppercase(),
            hex(":"),
            hex(", 0x"),
            format!("\\x{}", hex("\\x")),
            format!("0x{}", hex("")),
            hex(" "),
            TRUSTED.into(),
            BUNDLE.into(),
            BUNDLE.replace("PKCS7", "PKCS #7 SIGNED DATA"),
            bundle,
            format!("{}{BAG}", include_str!("../../tests/inputs/certificate-request.pem")),
            in_elements,
            mail_source::quoted_printable(BAG),
            mail_source::quoted_printable(&bare),
            mail_source::quoted_printable(&bare).replace("\r\n", "\n"),
            format!("Subject: a\n{in_a_mail}quoted-printable\n\n{}\n--_1--\n", mail_source::quoted_printable(BAG)),
            format!("Subject: a\n{in_a_mail}base64\nContent-Type: application/pkix-cert\n\n{bare}\n--_1--\n"),
            certificate_file(DER),
            certificate_file(BAG.as_bytes()),
            certificate_file(&marked),
        ] {
            let given = Certificate::all(&text, NOW).unwrap_or_else(|fault| panic!("{fault} in {text}"));
            let ders: Vec<_> = given.certificates.iter().map(Certificate::der).collect();
            assert_eq!((ders, given.note), (vec![DER], None), "{text}");
        }
    }

    #[test]
    fn other_input_is_refused_with_its_kind_and_never_repeated() {
        let key = SigningKey::rsa("key");
        let (private, public) = (key.private_key_pem(), include_str!("../../tests/inputs/public-key.pem"));
        let bare = |pem: &str| pem.lines().filter(|line| !line.contains("-----")).collect::<String>();
        let request = include_str!("../../tests/inputs/certificate-request.pem");
        let cut = STANDARD.encode(&DER[..500]);
        let digits = "3A:".repeat(31) + "3A";
        for (text, why) in [
            (private.clone(), "is a private key"),
            (private.replace("-----", "\u{2014}"), "is a private key"),
            (bare(&private), "is a private key"),
            (STANDARD.encode(&private), "is a private key"),
            (format!("{BAG}{private}"), "is a private key"),
            (request.into(), "is a certificate request"),
            (bare(request), "is a certificate request"),
            (public.into(), "is only a public key"),
            (bare(public), "is only a public key"),
            (private.replace("PRIVATE KEY", "PRIVATE\u{a0}KEY"), "is a private key"),
            (private.replace(' ', "%20").replace('\n', "%0A"), "is a private key"),
            (mail_source::quoted_printable(&private), "is a private key"),
            (private.split_once("KEY-----").expect("a line").1.into(), "is a private key"),
            (STANDARD.encode(b"PK\x03\x04\0\0idp.cer\xff"), "is a ZIP archive; unpack it"),
            (
                STANDARD.encode(b"PK\x03\x04\0\0word/document.xml\xff"),
                "is a Word document (.docx); choose the certificate",
            ),
            ("{\\rtf1\\ansi cert}".into(), "is an RTF document"),
            (cut, "is cut off: 500 of its 704 bytes"),
            (digits.clone(), "is the fingerprint"),
            (digits.replace(':', ""), "is the fingerprint"),
            (format!("SHA256 Fingerprint={digits}"), "is the fingerprint"),
            ("https://idp.test/cert.pem".into(), "is an address"),
            ("ssh-rsa AAAA ann@host".into(), "is an SSH key"),
            (include_str!("../../tests/inputs/metadata-certificate-base64-of-pem.xml").into(), "is metadata"),
            ("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----".into(), "is damaged"),
            ("-----BEGIN DH PARAMETERS-----\nYWJj\n-----END DH PARAMETERS-----".into(), "must be a certificate"),
            ("junk".into(), "must be a certificate"),
            (String::new(), "must be a certificate"),
        ] {
            let refused = refusal(&text);
            assert!(refused.starts_with(&format!("certificates: {why}")), "{why}: {refused}");
            assert!(private.lines().all(|line| !refused.contains(line)), "{refused}");
        }
    }

    #[test]
    fn an_unusable_key_is_refused_with_its_kind_and_the_usable_kinds() {
        let now = crate::domain::Clock::System.now().plus(86_400);
        for (pem, words) in [
            (
                include_str!("../../tests/inputs/certificate-ed25519.pem"),
                "of a kind that is not supported here (Ed25519)",
            ),
            (include_str!("../../tests/inputs/certificate-dsa.pem"), "of a kind that is not supported here (DSA 2048)"),
            (include_str!("../../tests/inputs/certificate-secp256k1.pem"), "(EC secp256k1)"),
            (&SigningKey::rsa_of(1024, "short").certificate_pem(), "that is too weak (RSA 1024)"),
        ] {
            let refused = Certificate::all(pem, now).expect_err("refused").to_string();
            let rest = "; let the provider sign with RSA of 2048 bits or more, or EC P-256, P-384 or P-521, and enter that certificate";
            assert!(
                refused.starts_with("certificates: has a key") && refused.contains(&format!("{words}{rest}")),
                "{refused}"
            );
        }
    }

    #[test]
    fn only_the_end_of_a_chain_and_usable_certificates_are_taken_with_a_note_about_the_others() {
        let given = Certificate::all(CHAIN, NOW).expect("usable");
        let subjects: Vec<_> = given.certificates.iter().map(Certificate::subject).collect();
        assert_eq!(subjects, ["CN=Signing of the provider"]);
        assert!(given.note.expect("said").to_string().contains("left out: 1 of the authorities that issued it"));
        // A renewed self-signed certificate has the same subject as the previous one.
        let pem = |days: i64| SigningKey::rsa("idp.test").valid_for(days).certificate_pem();
        let (old, new, next) = (pem(-2), pem(100), pem(200));
        let now = crate::domain::Clock::System.now();
        let two = Certificate::all(&format!("{new}{next}"), now).expect("usable");
        assert_eq!((two.certificates.len(), two.note), (2, None));
        let one = Certificate::all(&format!("{old}{new}"), now).expect("usable");
        assert_eq!((one.certificates.len(), one.certificates[0].pem()), (1, new.as_str()));
        assert!(one.note.expect("said").to_string().contains("left out: one that expired at"));
        assert!(Certificate::all(&old, now).expect_err("refused").to_string().contains("expired"));
        let many: String = (0..=MOST).map(|n| SigningKey::ec(&n.to_string()).certificate_pem()).collect();
        assert!(refusal(&many).contains("contains more than 20 certificates"));
    }

    /// Each decoding removes one layer and leaves another URL-encoded text.
    #[test]
    fn a_text_with_many_url_encodings_is_read_quickly() {
        let mut text = String::new();
        let mut layer = String::from("%20");
        while text.len() < 200_000 {
            text.push_str(&layer);
            layer = layer.replace('%', "%25");
        }
        let begun = std::time::Instant::now();
        assert!(certificates(&text).is_err());
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}
