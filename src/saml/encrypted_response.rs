//! Verifies a response whose assertion is encrypted: profile, signatures and decryption.

use super::covered::{Covered, covered_response, not_as_promised};
use super::dom::{self, Element};
use super::encrypted::{self, Encrypted};
use super::message::Message;
use super::profile::{self, Signed};
use super::refusal::{Refusal, reasons};
use super::report::Failed;
use super::rules::Judge;
use super::signature::{OPENS, SIGNED, Trust, in_plain, structure, unencrypted};
use super::{ServiceProvider, decrypt, ns};
use crate::domain::own_keys::PrivateKey;

/// Checks the outer response against the profile, tries its signature if it has one, and only then decrypts the
/// assertion; then checks the decrypted response. Returns it with the content that the signatures cover.
///
/// If the outer signature is valid, the provider encrypted the assertion, which then needs no separate signature.
/// Without a valid outer signature the ciphertext proves nothing, because anyone can encrypt with our public key. Then
/// AES-CBC is refused, because it would allow a decryption oracle, and the decrypted response is verified as if it had
/// arrived unencrypted. This also accepts providers that sign the response first and encrypt afterwards.
pub(super) fn opened(
    judge: &mut Judge,
    sp: &ServiceProvider,
    trust: &Trust,
    message: &Message,
) -> Result<(Element, Covered), Failed> {
    let Message { xml, root } = message;
    let outer = profile::structure(root, trust.expected.allow_sha1).map_err(|refusal| ("structure", refusal))?;
    let encrypted = readable(root, &sp.keys, outer).map_err(|refusal| ("encryption", refusal))?;
    let around = if outer.response { trust.verified(judge, xml).map(Some) } else { Ok(None) };
    match around {
        Ok(Some(text)) => inside_signed(judge, sp, trust, &covered_response(&text, root)?),
        Err(failed) if !encrypted.content.is_authenticated() => Err(failed),
        around => {
            let opened = open(root, &sp.keys).map_err(|refusal| around.err().unwrap_or(("encryption", refusal)))?;
            let plain = dom::replace_child(xml, "EncryptedAssertion", &opened.text).ok_or_else(not_as_promised)?;
            let root = profile::response(&plain).map_err(|refusal| ("form", refusal))?;
            let covered = in_plain(judge, trust, &plain, &root, &opened.how)?;
            Ok((root, Covered { opened_with: Some(opened.with), ..covered }))
        }
    }
}

/// Reads the encrypted assertion of a response, and checks that it can be decrypted safely: AES-CBC needs a signed
/// response, and there must be a key.
fn readable(root: &Element, keys: &[PrivateKey], outer: Signed) -> Result<Encrypted, Refusal> {
    let encrypted = encrypted(root)?;
    if !outer.response && !encrypted.content.is_authenticated() {
        let expected = "AES-GCM, or a signed Response around AES-CBC";
        return Err(Refusal::new(&reasons::CBC_UNSIGNED, expected, encrypted.content.name()));
    }
    if keys.is_empty() {
        let expected = "an unencrypted Assertion, or own SAML keys to decrypt it";
        return Err(Refusal::new(&reasons::ENCRYPTED_ASSERTION, expected, "EncryptedAssertion"));
    }
    Ok(encrypted)
}

/// Decrypts the assertion in `response`, which a verified signature covers. If the assertion is also signed, its
/// signature must be valid too.
fn inside_signed(
    judge: &mut Judge,
    sp: &ServiceProvider,
    trust: &Trust,
    response: &Element,
) -> Result<(Element, Covered), Failed> {
    let opened = open(response, &sp.keys).map_err(|refusal| ("encryption", refusal))?;
    unencrypted(&opened.response).map_err(|refusal| ("encryption", refusal))?;
    judge.passed("encryption", OPENS, opened.how.clone());
    let inner = structure(judge, &opened.response, trust.expected)?;
    judge.passed("signed", SIGNED, Signed { response: true, ..inner }.what());
    let assertion = inner.assertion.then(|| trust.covered(judge, &opened.text, &opened.response, inner)).transpose()?;
    let covered = Covered {
        response: Some(opened.response.clone()),
        assertion: assertion.and_then(|covered| covered.assertion),
        opened_with: Some(opened.with),
    };
    Ok((opened.response, covered))
}

/// Reads the single assertion of a response, which must be encrypted.
fn encrypted(root: &Element) -> Result<Encrypted, Refusal> {
    let is_assertion = |child: &&Element| child.namespace == ns::ASSERTION && child.name.ends_with("Assertion");
    let all: Vec<_> = root.children.iter().filter(is_assertion).collect();
    let [assertion] = all[..] else {
        return Err(Refusal::new(&reasons::SEVERAL_ASSERTIONS, "one Assertion", all.len().to_string()));
    };
    encrypted::read(assertion)
}

/// A decrypted assertion.
struct Opened {
    /// The index of the key that decrypted it.
    with: usize,
    /// The encryption algorithm, for the trace.
    how: String,
    /// The assertion as a separate document.
    text: String,
    /// The response with the decrypted assertion in place of the encrypted one.
    response: Element,
}

/// Decrypts the assertion of a response. The refusal does not reveal which key, step or byte failed.
fn open(root: &Element, keys: &[PrivateKey]) -> Result<Opened, Refusal> {
    let failed = || {
        Refusal::new(
            &reasons::DECRYPTION,
            "an Assertion that is encrypted for one of our keys",
            "cannot be decrypted with our keys",
        )
    };
    let encrypted = encrypted(root)?;
    let (with, text) = decrypt::open(&encrypted, keys).ok_or_else(failed)?;
    let mut response = root.clone();
    let is_encrypted = |child: &&mut Element| child.is(ns::ASSERTION, "EncryptedAssertion");
    let place = response.children.iter_mut().find(is_encrypted).ok_or_else(failed)?;
    // The decrypted text may use namespaces that are declared around it.
    let scope = [root.declared.as_slice(), &place.declared].concat();
    let text = dom::in_scope(&text, &scope).ok_or_else(failed)?;
    let assertion = dom::parse(&text).ok().filter(|element| element.is(ns::ASSERTION, "Assertion"));
    *place = assertion.ok_or_else(failed)?;
    Ok(Opened { with, how: format!("{}, decrypted", encrypted.content.name()), text, response })
}
