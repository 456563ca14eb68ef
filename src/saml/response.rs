//! Verifies a response: its form, its signature, and then every rule on the content that the signature covers.

use super::covered::Covered;
use super::dom::Element;
use super::message::Message;
use super::refusal::{Refusal, reasons};
use super::report::{Failed, Report};
use super::rules::Judge;
use super::signature::{Trust, in_plain};
use super::{Expected, IdentityProvider, ServiceProvider, encrypted_response, lockdown, ns};
use crate::domain::Timestamp;
use std::borrow::Cow;

/// Verifies a response and returns the result of every rule.
///
/// `xml`: decoded, at most 256 KiB. `now`: Unix seconds. Never panics. Content that no signature covers can only cause
/// a refusal.
///
/// Source: SAML 2.0 Core 2.5.1 (conditions); Profiles 4.1.4.3 (checks on arrival); `docs/security.md`.
pub fn verify(sp: &ServiceProvider, idp: &IdentityProvider, expected: &Expected, xml: &str, now: Timestamp) -> Report {
    match Message::read(xml) {
        Err(refusal) => unreadable(refusal),
        Ok(message) => verify_message(sp, idp, expected, &message, now),
    }
}

/// As `verify`, for a response that was parsed already.
pub fn verify_message(
    sp: &ServiceProvider,
    idp: &IdentityProvider,
    expected: &Expected,
    message: &Message,
    now: Timestamp,
) -> Report {
    lockdown(expected.allow_sha1);
    let mut judge = Judge::default();
    match arrive(&mut judge, sp, &Trust { idp, expected, now }, message) {
        Err((rule, refusal)) => judge.refused_at(rule, refusal),
        Ok((root, covered)) => judge.judge(sp, idp, expected, &root, &covered, now),
    }
}

/// The steps before our own rules: form, encryption, signatures. Returns the received response with its assertion
/// decrypted, and the content that the signatures cover.
fn arrive<'m>(
    judge: &mut Judge,
    sp: &ServiceProvider,
    trust: &Trust,
    message: &'m Message,
) -> Result<(Cow<'m, Element>, Covered), Failed> {
    let Message { xml, root } = message;
    judge.passed("form", "a plain SAML 2.0 Response", "as expected");
    status(root).map_err(|refusal| ("status", refusal))?;
    judge.passed("status", SUCCESS, SUCCESS);
    if root.all(ns::ASSERTION, "EncryptedAssertion").next().is_some() {
        let (opened, covered) = encrypted_response::opened(judge, sp, trust, message)?;
        return Ok((Cow::Owned(opened), covered));
    }
    let covered = in_plain(judge, trust, xml, root, "not encrypted")?;
    Ok((Cow::Borrowed(root), covered))
}

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

fn status(root: &Element) -> Result<(), Refusal> {
    let status = root.child(ns::PROTOCOL, "Status");
    let code = status.and_then(|status| status.child(ns::PROTOCOL, "StatusCode"));
    let value = code.and_then(|code| code.attribute("Value")).unwrap_or("no status");
    if value == SUCCESS {
        return Ok(());
    }
    let inner = code.and_then(|code| code.child(ns::PROTOCOL, "StatusCode")?.attribute("Value"));
    let message = status.and_then(|status| status.child(ns::PROTOCOL, "StatusMessage")?.plain_text());
    let received: Vec<_> = [Some(value), inner, message].into_iter().flatten().collect();
    Err(Refusal::new(&reasons::STATUS, SUCCESS, received.join(": ")))
}

/// The report for a message that could not be decoded.
pub fn unreadable(refusal: Refusal) -> Report {
    Judge::default().refused_at("form", refusal)
}
