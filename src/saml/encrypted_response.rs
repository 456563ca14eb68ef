//! The way of a response whose assertion is encrypted, from the profile to what its signatures cover.

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

/// The response around the assertion fits the profile, a signature over it is verified, and
/// only then is it opened; what it holds fits the profile and passes the verification in its place.
///
/// Beneath a verified Response signature it is the provider who encrypted, and the assertion needs no signature of its own.
/// Otherwise the ciphertext proves nothing, since anybody can encrypt for our public key: AES-CBC is refused, which would let
/// others ask us about a ciphertext until it is read, and what was opened is judged as if it had come in plain. That takes
/// providers too that sign the response first and encrypt then.
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
        Ok(Some(text)) => beneath(judge, sp, trust, &covered_response(&text, root)?),
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

/// The encrypted assertion of a response, where it is of the right form and there is something to open it with.
fn readable(root: &Element, keys: &[PrivateKey], outer: Signed) -> Result<Encrypted, Refusal> {
    let encrypted = encrypted(root)?;
    if !outer.response && !encrypted.content.is_authenticated() {
        let expected = "AES-GCM, or a signed Response around AES-CBC";
        return Err(Refusal::new(&reasons::CBC_UNSIGNED, expected, encrypted.content.name()));
    }
    if keys.is_empty() {
        let expected = "a plain Assertion, or a key of ours";
        return Err(Refusal::new(&reasons::ENCRYPTED_ASSERTION, expected, "EncryptedAssertion"));
    }
    Ok(encrypted)
}

/// Opens the assertion in `response`, which a signature covers. A signature of the assertion's own must hold too.
fn beneath(
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

/// The one encrypted assertion of a response that holds nothing else of the kind.
fn encrypted(root: &Element) -> Result<Encrypted, Refusal> {
    let is_assertion = |child: &&Element| child.namespace == ns::ASSERTION && child.name.ends_with("Assertion");
    let all: Vec<_> = root.children.iter().filter(is_assertion).collect();
    let [assertion] = all[..] else {
        return Err(Refusal::new(&reasons::SEVERAL_ASSERTIONS, "one Assertion", all.len().to_string()));
    };
    encrypted::read(assertion)
}

/// An assertion that was encrypted.
struct Opened {
    /// The place of our key that opened it.
    with: usize,
    /// How it was encrypted, for people.
    how: String,
    /// Its text, as a document of its own.
    text: String,
    /// The response with the decrypted assertion in place of the encrypted one.
    response: Element,
}

/// Opens a response's assertion. Which key, which step and which byte failed is nobody's to learn.
fn open(root: &Element, keys: &[PrivateKey]) -> Result<Opened, Refusal> {
    let failed = || {
        Refusal::new(&reasons::DECRYPTION, "an Assertion that is encrypted for our key", "what our keys do not open")
    };
    let encrypted = encrypted(root)?;
    let (with, text) = decrypt::open(&encrypted, keys).ok_or_else(failed)?;
    let mut response = root.clone();
    let is_encrypted = |child: &&mut Element| child.is(ns::ASSERTION, "EncryptedAssertion");
    let place = response.children.iter_mut().find(is_encrypted).ok_or_else(failed)?;
    // It was cut out of this scope, and may lean on its namespaces.
    let scope = [root.declared.as_slice(), &place.declared].concat();
    let text = dom::in_scope(&text, &scope).ok_or_else(failed)?;
    let assertion = dom::parse(&text).ok().filter(|element| element.is(ns::ASSERTION, "Assertion"));
    *place = assertion.ok_or_else(failed)?;
    Ok(Opened { with, how: format!("{}, opened", encrypted.content.name()), text, response })
}
