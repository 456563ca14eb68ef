//! Functions that cut fragments out of XML text and insert them.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// Turns a fragment of a document into a separate document: its root gets declarations of the namespaces that were in
/// scope, except for prefixes that it declares itself. `scope`: prefixes and URIs, outermost first.
pub fn in_scope(xml: &str, scope: &[(String, String)]) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    let start = loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => break start,
            Event::Decl(_) | Event::Text(_) => {}
            _ => return None,
        }
    };
    let own: Vec<_> = start.attributes().flatten().map(|attribute| attribute.key.as_ref().to_owned()).collect();
    let mut missing: BTreeMap<String, &str> = BTreeMap::new();
    for (prefix, uri) in scope {
        let name = if prefix.is_empty() { "xmlns".into() } else { format!("xmlns:{prefix}") };
        missing.insert(name, uri);
    }
    missing.retain(|name, _| !own.contains(name));
    let declarations: Vec<_> = missing.iter().map(|(name, uri)| format!(" {name}=\"{}\"", escape(*uri))).collect();
    let tag = format!("<{}", start.name().as_ref());
    // Before the root there is at most an XML declaration, which is not allowed inside a document.
    let root = xml.get(xml.find(&tag)?..)?.trim_end();
    Some(root.replacen(&tag, &format!("{tag}{}", declarations.concat()), 1))
}

/// The document with `text` in place of the root's first child with this name; `None` if there is no such child.
pub fn replace_child(xml: &str, name: &str, text: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    let (mut depth, mut from) = (0, None);
    loop {
        let before = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let after = usize::try_from(reader.buffer_position()).ok()?;
        match event {
            Event::Start(start) => {
                if depth == 1 && from.is_none() && start.local_name().as_ref() == name {
                    from = Some(before);
                }
                depth += 1;
            }
            Event::End(_) => {
                depth -= 1;
                if let (1, Some(from)) = (depth, from) {
                    return Some(format!("{}{text}{}", xml.get(..from)?, xml.get(after..)?));
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::dom::parse;

    #[test]
    fn a_fragment_gets_the_namespaces_in_scope_and_its_own_declarations_take_precedence() {
        let scope = [("p".into(), "urn:p".into()), ("q".into(), "urn:q".into()), ("p".into(), "urn:inner".into())];
        let read = |xml: &str| parse(&in_scope(xml, &scope).expect("a fragment")).expect("plain");
        assert!(read("<p:a><q:b/></p:a>").is("urn:inner", "a"));
        assert!(read("<p:a><q:b/></p:a>").children[0].is("urn:q", "b"));
        assert!(read("<?xml version='1.0'?>\n<p:a xmlns:p='urn:own'/>\n").is("urn:own", "a"));
        assert!(read("<a/>").is("", "a"));
        for bad in ["", "text", "<!-- c --><a/>", "<?pi x?><a/>"] {
            assert!(in_scope(bad, &scope).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_a_direct_child_of_the_root_is_replaced_with_all_its_content() {
        let replaced = |xml| replace_child(xml, "b", "<x/>");
        let nested = "<?xml version='1.0'?><a k='<'><c><b/></c> <p:b><b>1</b>2</p:b><b>3</b></a>".replace("'<'", "'1'");
        assert_eq!(replaced(&nested).as_deref(), Some("<?xml version='1.0'?><a k='1'><c><b/></c> <x/><b>3</b></a>"));
        assert_eq!(replaced("<a><c><b>1</b></c></a>"), None);
        assert_eq!(replaced("<b>1</b>"), None);
    }
}
