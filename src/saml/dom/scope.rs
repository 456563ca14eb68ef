//! Pieces cut out of a document.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// A fragment of a larger document as a document of its own: its root declares the namespaces in whose scope it stood, but
/// for the prefixes that it declares itself. `scope`: outermost first.
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
    Some(xml.replacen(&tag, &format!("{tag}{}", declarations.concat()), 1))
}
