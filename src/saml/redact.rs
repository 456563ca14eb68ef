//! The redacted form of a message for the trace: readable, limited in size, and useless to an attacker.
//!
//! Always removed: the text of `SignatureValue` and `CipherValue` (without them, no service provider accepts the
//! message again), the text of `X509Certificate` (long, and the trace has its fingerprint), and all but the first nine
//! characters of ids (`ID`, InResponseTo, `SessionIndex`, `URI="#..."`), which are enough to find the sign-in in the
//! provider's log. If values are hidden, the text of NameID and `AttributeValue` is also removed.

use super::dom::{self, Element};
use super::{escape, ns};
use std::fmt::Write;

/// The longest text that is kept, in bytes.
const MOST_BYTES: usize = 16 * 1024;
/// The longest value of an element or attribute, in characters.
const MOST_CHARS: usize = 400;

/// The longest part of an id that is kept, in characters.
const MOST_ID_CHARS: usize = 9;

const IDS: [&str; 4] = ["ID", "InResponseTo", "SessionIndex", "URI"];
const CUT: [&str; 3] = ["SignatureValue", "CipherValue", "X509Certificate"];
const PERSONAL: [&str; 2] = ["NameID", "AttributeValue"];

/// A message's content, indented, with the usual prefixes in place of the original ones.
///
/// `hide_values`: true also removes the values about the person.
pub(super) fn redacted(root: &Element, hide_values: bool) -> String {
    let mut page = Page { text: String::new(), hide_values };
    page.element(root, 0, true);
    page.text
}

struct Page {
    text: String,
    hide_values: bool,
}

impl Page {
    fn element(&mut self, element: &Element, depth: usize, root: bool) {
        if self.text.len() > MOST_BYTES {
            return;
        }
        let name = format!("{}{}", prefix(&element.namespace), element.name);
        let indent = "  ".repeat(depth);
        let declared = if root { declarations(element) } else { String::new() };
        let _ = write!(self.text, "{indent}<{name}{declared}{}", attributes(element));
        let content = self.content(element);
        if element.children.is_empty() {
            let end = if content.is_empty() { "/>\n".into() } else { format!(">{content}</{name}>\n") };
            self.text.push_str(&end);
            return;
        }
        let _ = writeln!(self.text, ">{content}");
        element.children.iter().for_each(|child| self.element(child, depth + 1, false));
        if self.text.len() > MOST_BYTES {
            let _ = writeln!(self.text, "{indent}[the rest is cut]");
        }
        let _ = writeln!(self.text, "{indent}</{name}>");
    }

    fn content(&self, element: &Element) -> String {
        let text = element.text.trim();
        let name = element.name.as_str();
        match text.chars().filter(|c| !c.is_whitespace()).count() {
            0 => String::new(),
            length if CUT.contains(&name) => format!("[{length} characters cut]"),
            _ if self.hide_values && PERSONAL.contains(&name) => "[hidden]".into(),
            _ => shown(text),
        }
    }
}

fn attributes(element: &Element) -> String {
    let shown = |one: &dom::Attribute| {
        let id = IDS.contains(&one.name.as_str()) && (one.name != "URI" || one.value.starts_with('#'));
        if id { shortened(&one.value, MOST_ID_CHARS, "…") } else { shown(&one.value) }
    };
    let written = |one: &dom::Attribute| format!(" {}=\"{}\"", one.name, shown(one));
    element.attributes.iter().map(written).collect::<Vec<_>>().concat()
}

fn shown(text: &str) -> String {
    shortened(text, MOST_CHARS, " [cut]")
}

fn shortened(text: &str, most_chars: usize, mark: &str) -> String {
    let short: String = text.chars().take(most_chars).collect();
    let mark = if short.len() < text.len() { mark } else { "" };
    escape(&short) + mark
}

/// The prefix that the specifications use for a namespace; empty for an unknown one.
fn prefix(namespace: &str) -> &'static str {
    PREFIXES.iter().find(|(known, _)| *known == namespace).map_or("", |(_, prefix)| prefix)
}

const PREFIXES: [(&str, &str); 4] =
    [(ns::PROTOCOL, "samlp:"), (ns::ASSERTION, "saml:"), (ns::DSIG, "ds:"), (ns::ENCRYPTION, "xenc:")];

fn declarations(root: &Element) -> String {
    let used = PREFIXES.iter().filter(|(namespace, _)| root.any(&|element| element.namespace == *namespace));
    let declared = used.map(|(namespace, prefix)| format!(" xmlns:{}=\"{namespace}\"", prefix.trim_end_matches(':')));
    declared.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::super::test_idp::{Minted, ReceivedRequest, Sign, SigningKey};
    use super::*;
    use crate::domain::Timestamp;

    fn kept_of(xml: &str, hide_values: bool) -> String {
        redacted(&dom::parse(xml).expect("XML"), hide_values)
    }

    fn minted() -> Minted {
        let request = ReceivedRequest {
            id: "_r1".into(),
            issuer: "https://sp.test/metadata".into(),
            acs_url: "https://sp.test/acs".into(),
        };
        Minted::answer(&request, "https://idp.test", "ann@acme.test", Timestamp(1_795_510_800))
    }

    #[test]
    fn secrets_and_reusable_ids_are_removed() {
        let signed = minted().sign(&SigningKey::rsa("idp"), Sign::Both);
        let kept = kept_of(&signed, false);
        for element in
            ["SignatureValue>", "X509Certificate>", "SessionIndex=\"", " ID=\"", "URI=\"#", "InResponseTo=\""]
        {
            for value in signed.split(element).skip(1).filter_map(|rest| rest.split(['<', '"']).next()) {
                assert!(value.len() < 4 || !kept.contains(value), "{element} {value}");
            }
        }
        assert!(kept.contains("<ds:SignatureValue>[344 characters cut]</ds:SignatureValue>"), "{kept}");
        assert!(kept.contains("https://sp.test/acs") && kept.contains("ann@acme.test"), "{kept}");
    }

    #[test]
    fn hiding_values_keeps_the_names_of_attributes() {
        let kept = kept_of(&minted().sign(&SigningKey::rsa("idp"), Sign::Assertion), true);
        assert!(!kept.contains("ann@acme.test"), "{kept}");
        assert!(kept.contains("Name=\"email\"") && kept.contains("[hidden]"), "{kept}");
    }

    #[test]
    fn the_redacted_form_is_limited_in_size_and_escaped() {
        let groups = "<g>a&lt;b</g>".repeat(9000);
        let long = "x".repeat(100_000);
        let kept = kept_of(&format!("<r a='&quot;&gt;{long}'>{groups}</r>"), false);
        assert!(kept.len() < MOST_BYTES + 2000, "{}", kept.len());
        assert!(kept.contains("a&lt;b") && kept.contains("[the rest is cut]") && !kept.contains("\">x"));
    }
}
