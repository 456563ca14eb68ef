//! Encrypted assertions. The unchanged message is encrypted with AES-256-GCM for our key by RSA-OAEP.

use super::keys::{OTHER_KEY, OURS};
use super::message::{assertion_of, forged, part, valid_message};
use super::{Attack, KEY, encrypted_then_altered};
use base64::{Engine, engine::general_purpose::STANDARD};
use vestibule::saml::make_own_keys;
use vestibule::saml::test_idp::{Encryption, Key, Sign, encrypt};

/// The encryption of the unchanged message.
pub fn gcm() -> Encryption<'static> {
    Encryption::gcm(&OURS.encryption.certificate)
}

fn with(how: Encryption<'static>, sign: Sign) -> String {
    valid_message().sign_and_encrypt(&KEY, sign, &how)
}

fn content(content: &'static str, sign: Sign) -> String {
    with(Encryption { content, ..gcm() }, sign)
}

fn encrypted_of(xml: &str) -> &str {
    part(xml, "<saml:EncryptedAssertion", "</saml:EncryptedAssertion>")
}

/// The same message with other content, encrypted for our key.
fn with_encrypted(xml: &str, plain: &str) -> String {
    xml.replacen(encrypted_of(xml), &encrypt(plain, &gcm()), 1)
}

/// An attack whose encrypted content is the signed assertion in another form.
fn with_plain_form(name: &str, refused_as: &'static str, form: impl Fn(&str) -> String + 'static) -> Attack {
    encrypted_then_altered(name, Sign::Assertion, refused_as, move |xml| {
        with_encrypted(xml, &form(assertion_of(&valid_message().sign(&KEY, Sign::Assertion))))
    })
}

/// Flips one bit of the n-th `CipherValue`: 0 is the key, 1 the content. `at`: the position of the byte, counted from
/// the end if negative.
fn flipped(xml: &str, n: usize, at: isize) -> String {
    let (start, name) = xml.match_indices("<xenc:CipherValue>").nth(n).expect("a value");
    let start = start + name.len();
    let end = start + xml[start..].find('<').expect("an end");
    let mut bytes = STANDARD.decode(&xml[start..end]).expect("base64");
    let at = if at < 0 { bytes.len() - at.unsigned_abs() } else { at.unsigned_abs() };
    bytes[at] ^= 1;
    format!("{}{}{}", &xml[..start], STANDARD.encode(bytes), &xml[end..])
}

fn swapped(name: &str, refused_as: &'static str, from: &'static str, to: &'static str) -> Attack {
    encrypted_then_altered(name, Sign::Assertion, refused_as, move |xml| xml.replacen(from, to, 1))
}

pub fn attacks() -> Vec<Attack> {
    let mut all = algorithms();
    all.extend(changed());
    all.extend(shapes());
    all.extend(contents());
    all
}

fn algorithms() -> Vec<Attack> {
    let cbc = |name: &str, which: &'static str| {
        encrypted_then_altered(name, Sign::Assertion, "cbc_unsigned", move |_| content(which, Sign::Assertion))
    };
    let rsa = |name: &str, sign| {
        encrypted_then_altered(name, sign, "rsa_1_5", move |_| with(Encryption { key: Key::Rsa15, ..gcm() }, sign))
    };
    let mgf1p = "rsa-oaep-mgf1p\"/>";
    vec![
        rsa("RSA PKCS #1 v1.5", Sign::Assertion),
        rsa("RSA PKCS #1 v1.5 in a signed response", Sign::Response),
        encrypted_then_altered("Triple DES", Sign::Response, "triple_des", |_| {
            content("tripledes-cbc", Sign::Response)
        }),
        cbc("AES-128-CBC in an unsigned response", "aes128-cbc"),
        cbc("AES-256-CBC in an unsigned response", "aes256-cbc"),
        swapped("The key encrypted with AES key wrap", "key_transport", "rsa-oaep-mgf1p", "kw-aes256"),
        swapped(
            "RSA-OAEP with MD5",
            "key_transport",
            mgf1p,
            "rsa-oaep-mgf1p\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#md5\"/></xenc:EncryptionMethod>",
        ),
        swapped("An unknown content algorithm", "content_encryption", "xmlenc11#aes256-gcm", "xmlenc11#rot13"),
        swapped("No content algorithm", "content_encryption", "http://www.w3.org/2009/xmlenc11#aes256-gcm", ""),
    ]
}

fn changed() -> Vec<Attack> {
    let places = [("first byte", 0), ("end of the nonce", 11), ("middle", 500), ("tag", -1)];
    let gcm = places.map(|(place, at)| {
        let name = format!("A changed bit in AES-GCM ({place})");
        encrypted_then_altered(&name, Sign::Assertion, "decryption", move |xml| flipped(xml, 1, at))
    });
    let blocks = [("initial block", 0), ("middle", 500), ("block before the last", -17), ("last block", -1)];
    let cbc = blocks.map(|(place, at)| {
        let name = format!("A changed bit in signed AES-CBC ({place})");
        encrypted_then_altered(&name, Sign::Response, "bad_signature", move |_| {
            flipped(&content("aes256-cbc", Sign::Response), 1, at)
        })
    });
    let mut all: Vec<_> = gcm.into_iter().chain(cbc).collect();
    all.extend([
        encrypted_then_altered("A changed bit in the encrypted key", Sign::Assertion, "decryption", |xml| {
            flipped(xml, 0, 100)
        }),
        encrypted_then_altered("Encrypted for another recipient", Sign::Assertion, "decryption", |_| {
            let other = make_own_keys("globex", super::NOW).expect("made");
            valid_message().sign_and_encrypt(&KEY, Sign::Assertion, &Encryption::gcm(&other.encryption.certificate))
        }),
        encrypted_then_altered("The key of another message", Sign::Assertion, "decryption", |xml| {
            let key = |xml: &'_ str| part(xml, "<xenc:EncryptedKey", "</xenc:EncryptedKey>").to_owned();
            xml.replacen(&key(xml), &key(&with(self::gcm(), Sign::Assertion)), 1)
        }),
        encrypted_then_altered("A ciphertext shorter than its nonce", Sign::Assertion, "decryption", |xml| {
            let value =
                part(&xml[xml.find("</ds:KeyInfo>").expect("an end")..], "<xenc:CipherValue>", "</xenc:CipherValue>");
            xml.replacen(value, "<xenc:CipherValue>AAAA</xenc:CipherValue>", 1)
        }),
    ]);
    all
}

/// Messages of the same form and size that our keys cannot decrypt, each for a different reason.
pub fn undecryptable() -> Vec<(&'static str, String)> {
    let encrypted = || with(gcm(), Sign::Assertion);
    let other = make_own_keys("globex", super::NOW).expect("made");
    let to_other = Encryption::gcm(&other.encryption.certificate);
    let shorter_key = content("aes128-gcm", Sign::Assertion).replacen("aes128-gcm", "aes256-gcm", 1);
    vec![
        ("RSA-OAEP: a bit of the key flipped", flipped(&encrypted(), 0, 100)),
        ("RSA-OAEP: for another recipient", valid_message().sign_and_encrypt(&KEY, Sign::Assertion, &to_other)),
        ("The key is of another length", shorter_key),
        ("AES-GCM: a bit of the first block flipped", flipped(&encrypted(), 1, 12)),
        ("AES-GCM: a bit of the tag flipped", flipped(&encrypted(), 1, -1)),
    ]
}

fn shapes() -> Vec<Attack> {
    let shape = "encryption_shape";
    let reference = |name: &str, uri: &'static str| {
        encrypted_then_altered(name, Sign::Assertion, shape, move |xml| {
            let value = part(xml, "<xenc:CipherValue>", "</xenc:CipherValue>");
            xml.replacen(value, &format!("<xenc:CipherReference URI=\"{uri}\"/>"), 1)
        })
    };
    vec![
        reference("A CipherReference to http", "http://127.0.0.1:1/"),
        reference("A CipherReference to a file", "file:///dev/zero"),
        swapped(
            "A RetrievalMethod to http",
            shape,
            "<ds:KeyInfo>",
            "<ds:KeyInfo><ds:RetrievalMethod URI=\"http://127.0.0.1:1/\"/>",
        ),
        swapped("A key from a key agreement", shape, "<ds:KeyInfo>", "<ds:KeyInfo><xenc:AgreementMethod/>"),
        swapped("Content of another type", shape, "xmlenc#Element", "xmlenc#Content"),
        swapped(
            "An empty EncryptedAssertion next to the first one",
            "several_assertions",
            "<saml:EncryptedAssertion",
            "<saml:EncryptedAssertion/><saml:EncryptedAssertion",
        ),
        swapped("The same id on key and content", "bad_id", "_key", "_data"),
        encrypted_then_altered("No EncryptedKey", Sign::Assertion, shape, |xml| {
            xml.replacen(part(xml, "<xenc:EncryptedKey", "</xenc:EncryptedKey>"), "", 1)
        }),
        encrypted_then_altered("Five EncryptedKeys", Sign::Assertion, shape, |xml| {
            let key = part(xml, "<xenc:EncryptedKey", "</xenc:EncryptedKey>").replacen(" Id=\"_key\"", "", 1);
            xml.replacen("<ds:KeyInfo>", &format!("<ds:KeyInfo>{}", key.repeat(4)), 1)
        }),
        encrypted_then_altered("An EncryptedAssertion twice", Sign::Assertion, "bad_id", |xml| {
            xml.replacen(encrypted_of(xml), &encrypted_of(xml).repeat(2), 1)
        }),
        encrypted_then_altered(
            "A forged assertion before the encrypted one",
            Sign::Assertion,
            "several_assertions",
            |xml| {
                let plain = valid_message().sign(&KEY, Sign::Nothing);
                xml.replacen(
                    "<saml:EncryptedAssertion",
                    &format!("{}<saml:EncryptedAssertion", forged(assertion_of(&plain))),
                    1,
                )
            },
        ),
    ]
}

fn contents() -> Vec<Attack> {
    vec![
        encrypted_then_altered(
            "An unsigned assertion, encrypted with our public key",
            Sign::Assertion,
            "unsigned",
            |xml| with_encrypted(xml, &forged(assertion_of(&valid_message().sign(&KEY, Sign::Nothing)))),
        ),
        encrypted_then_altered(
            "An encrypted assertion, signed with another key",
            Sign::Assertion,
            "bad_signature",
            |xml| with_encrypted(xml, assertion_of(&valid_message().sign(&OTHER_KEY, Sign::Assertion))),
        ),
        encrypted_then_altered(
            "Another encrypted assertion in a signed response",
            Sign::Response,
            "bad_signature",
            |xml| with_encrypted(xml, &forged(assertion_of(&valid_message().sign(&KEY, Sign::Nothing)))),
        ),
        with_plain_form("Another person in the encrypted assertion", "bad_signature", forged),
        with_plain_form("A comment in the encrypted assertion", "decryption", |xml| {
            xml.replacen("ann@", "ann<!-- -->@", 1)
        }),
        with_plain_form("A DOCTYPE in the encrypted assertion", "decryption", |xml| format!("<!DOCTYPE x>{xml}")),
        with_plain_form("A whole response in the encrypted assertion", "decryption", |_| {
            valid_message().sign(&KEY, Sign::Both)
        }),
        with_plain_form("Two assertions in the encrypted assertion", "decryption", |xml| xml.repeat(2)),
        with_plain_form("An empty encrypted assertion", "decryption", |_| String::new()),
        with_plain_form("The response's id in the encrypted assertion", "bad_id", |xml| {
            xml.replacen("<saml:Subject>", "<saml:Subject ID=\"_response1\">", 1)
        }),
        with_plain_form("An encrypted NameID in the encrypted assertion", "encrypted_id", |xml| {
            xml.replacen("<saml:NameID", "<saml:EncryptedID/><saml:NameID", 1)
        }),
    ]
}
