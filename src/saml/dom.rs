//! XML as a small tree with its namespaces resolved, read strictly and within limits.
//!
//! Stricter than XML itself: what two parsers could read in two ways is refused, so that there is nothing to disagree about.

use quick_xml::escape::{escape, resolve_xml_entity};
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{PrefixDeclaration, ResolveResult};
use quick_xml::{NsReader, Reader, XmlVersion};
use std::collections::BTreeMap;

/// What a document may hold at most.
const MOST_DEPTH: usize = 40;
const MOST_ELEMENTS: usize = 20_000;
const MOST_ATTRIBUTES: usize = 40;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// An element.
#[derive(Debug, Default, Clone)]
pub struct Element {
    /// Its namespace; empty for none.
    pub namespace: String,
    /// Its name without prefix.
    pub name: String,
    /// Its attributes but for namespace declarations.
    pub attributes: Vec<Attribute>,
    /// The namespaces that it declares, by prefix; an empty prefix is the default.
    pub declared: Vec<(String, String)>,
    /// Its child elements.
    pub children: Vec<Element>,
    /// Its text, without that of its children.
    pub text: String,
}

/// An attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its namespace; empty for none.
    pub namespace: String,
    /// Its name without prefix.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Element {
    /// Whether it is this element.
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// The value of an attribute that is in no namespace.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|attribute| attribute.namespace.is_empty() && attribute.name == name);
        found.map(|attribute| attribute.value.as_str())
    }

    /// The children of this name.
    pub fn all<'a>(&'a self, namespace: &'a str, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.is(namespace, name))
    }

    /// The first child of this name.
    pub fn child<'a>(&'a self, namespace: &'a str, name: &'a str) -> Option<&'a Element> {
        self.all(namespace, name).next()
    }

    /// Its trimmed text, where it has no children that could hide more.
    pub fn plain_text(&self) -> Option<&str> {
        self.children.is_empty().then(|| self.text.trim())
    }

    /// Whether it or anything in it fits.
    pub fn any(&self, fits: &impl Fn(&Element) -> bool) -> bool {
        fits(self) || self.children.iter().any(|child| child.any(fits))
    }
}

/// Reads a message.
///
/// # Errors
/// What is wrong with it, as a clause.
pub fn parse(xml: &str) -> Result<Element, String> {
    read(xml, false)
}

/// Reads a document that no signature of ours depends on, such as metadata: providers put comments into it.
///
/// # Errors
/// What is wrong with it, as a clause.
pub fn parse_with_comments(xml: &str) -> Result<Element, String> {
    read(xml, true)
}

fn read(xml: &str, comments: bool) -> Result<Element, String> {
    if let Some(c) = xml.chars().find(|c| !is_xml_char(*c)) {
        return Err(format!("a character that XML forbids (U+{:04X})", u32::from(c)));
    }
    let mut reader = NsReader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut builder = Builder::default();
    loop {
        let at_start = reader.buffer_position() == 0;
        let (namespace, event) = reader.read_resolved_event().map_err(|cause| cause.to_string())?;
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => namespace.as_ref().to_owned(),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(prefix) => return Err(format!("the undeclared prefix {prefix:?}")),
        };
        match event {
            Event::Start(start) => {
                let element = element(&reader, namespace, &start)?;
                builder.open(element)?;
            }
            Event::Empty(start) => {
                let element = element(&reader, namespace, &start)?;
                builder.open(element)?;
                builder.close()?;
            }
            Event::End(_) => builder.close()?,
            Event::Text(text) => builder.text(&text)?,
            Event::GeneralRef(reference) => builder.text(&entity(&reference)?)?,
            Event::Decl(decl) if at_start => declaration(&decl)?,
            Event::Decl(_) => return Err("an XML declaration that is not at the start".into()),
            Event::Eof => return builder.finish(),
            Event::CData(_) => return Err("a CDATA section".into()),
            Event::Comment(_) if comments => {}
            Event::Comment(_) => return Err("a comment".into()),
            Event::PI(_) => return Err("a processing instruction".into()),
            Event::DocType(_) => return Err("a DOCTYPE".into()),
        }
    }
}

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

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

fn declaration(decl: &BytesDecl) -> Result<(), String> {
    let version = decl.version().map_err(|cause| cause.to_string())?;
    if version != "1.0" {
        return Err(format!("XML version {version}"));
    }
    match decl.encoding() {
        None => Ok(()),
        Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(Ok(encoding)) => Err(format!("the encoding {encoding} (UTF-8 is needed)")),
        Some(Err(cause)) => Err(cause.to_string()),
    }
}

/// What a reference in the text stands for: one of the five that XML defines, or one character.
fn entity(reference: &BytesRef) -> Result<String, String> {
    let name: &str = reference;
    if name.starts_with('#') {
        let c = reference.resolve_char_ref().map_err(|cause| cause.to_string())?;
        let c = c.ok_or_else(|| format!("the reference &{name};"))?;
        return if is_xml_char(c) { Ok(c.into()) } else { Err(format!("the reference &{name};")) };
    }
    resolve_xml_entity(name).map(ToOwned::to_owned).ok_or_else(|| format!("the entity &{name};"))
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn is_qualified_name(name: &str) -> bool {
    match name.split_once(':') {
        None => is_name(name),
        Some((prefix, local)) => is_name(prefix) && is_name(local),
    }
}

fn element(reader: &NsReader<&[u8]>, namespace: String, start: &BytesStart) -> Result<Element, String> {
    if !is_qualified_name(start.name().as_ref()) {
        return Err(format!("the element name {:?}", start.name().as_ref()));
    }
    let mut element = Element { namespace, name: start.local_name().as_ref().to_owned(), ..Element::default() };
    for (count, attribute) in start.attributes().enumerate() {
        let attribute = attribute.map_err(|cause| cause.to_string())?;
        if count >= MOST_ATTRIBUTES {
            return Err(format!("an element with more than {MOST_ATTRIBUTES} attributes"));
        }
        let name = attribute.key.as_ref().to_owned();
        if !is_qualified_name(&name) || attribute.value.contains('<') {
            return Err(format!("the attribute {name:?}"));
        }
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|cause| cause.to_string())?;
        if let Some(c) = value.chars().find(|c| !is_xml_char(*c)) {
            return Err(format!("a character that XML forbids (U+{:04X})", u32::from(c)));
        }
        match attribute.key.as_namespace_binding() {
            Some(PrefixDeclaration::Named(_)) if value.is_empty() => return Err("an undeclared prefix".into()),
            Some(PrefixDeclaration::Named(prefix)) => element.declared.push((prefix.to_string(), value.into_owned())),
            Some(PrefixDeclaration::Default) => element.declared.push((String::new(), value.into_owned())),
            None => {
                let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
                let namespace = match namespace {
                    ResolveResult::Bound(namespace) => namespace.as_ref().to_owned(),
                    ResolveResult::Unbound => String::new(),
                    ResolveResult::Unknown(prefix) => return Err(format!("the undeclared prefix {prefix:?}")),
                };
                let attribute = Attribute { namespace, name: local.as_ref().to_owned(), value: value.into_owned() };
                add_attribute(&mut element, attribute)?;
            }
        }
    }
    Ok(element)
}

fn add_attribute(element: &mut Element, attribute: Attribute) -> Result<(), String> {
    // xml:id would be a second kind of id, and xml:base a second meaning of URLs; a prefixed ID is read by some as ID.
    if attribute.namespace == XML && attribute.name != "lang" && attribute.name != "space" {
        return Err(format!("the attribute xml:{}", attribute.name));
    }
    if !attribute.namespace.is_empty() && attribute.name.eq_ignore_ascii_case("id") {
        return Err("an ID attribute with a prefix".into());
    }
    let twin = |other: &Attribute| other.namespace == attribute.namespace && other.name == attribute.name;
    if element.attributes.iter().any(twin) {
        return Err(format!("the attribute {} twice on one element", attribute.name));
    }
    element.attributes.push(attribute);
    Ok(())
}

#[derive(Default)]
struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Builder {
    fn open(&mut self, element: Element) -> Result<(), String> {
        self.elements += 1;
        if self.root.is_some() {
            return Err("a second root element".into());
        }
        if self.elements > MOST_ELEMENTS {
            return Err(format!("more than {MOST_ELEMENTS} elements"));
        }
        if self.open.len() >= MOST_DEPTH {
            return Err(format!("elements more than {MOST_DEPTH} deep"));
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let element = self.open.pop().ok_or("an end tag without its start")?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        if text.contains("]]>") {
            return Err("the sequence ]]> in text".into());
        }
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() => {}
            None => return Err("text outside the root element".into()),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, String> {
        if !self.open.is_empty() {
            return Err("an element that does not end".into());
        }
        self.root.ok_or_else(|| "no element at all".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_document_is_read_with_its_namespaces() {
        let root = parse(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a:x xmlns:a='urn:a' k='1 &amp; 2'>t&lt;&#x41;<y/></a:x>\n",
        )
        .expect("plain");
        assert!(root.is("urn:a", "x"));
        assert_eq!(root.attribute("k"), Some("1 & 2"));
        assert_eq!(root.text, "t<A");
        assert!(root.children[0].is("", "y"));
    }

    #[test]
    fn what_two_parsers_could_read_in_two_ways_is_refused() {
        for bad in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<a><!-- c --></a>",
            "<a><![CDATA[x]]></a>",
            "<?pi x?><a/>",
            "<a><?pi x?></a>",
            "<!DOCTYPE a><a/>",
            "<a>&x;</a>",
            "<a>&#0;</a>",
            "<a>&#xFFFE;</a>",
            "<a k='&x;'/>",
            "<a k='1' k='2'/>",
            "<a k=1/>",
            "<a k='<'/>",
            "<p:a/>",
            "<a p:k='1'/>",
            "<a xml:id='x'/>",
            "<a xml:base='x'/>",
            "<a xmlns:p='urn:p' xmlns:q='urn:p' p:k='1' q:k='2'/>",
            "<a xmlns:p='urn:p' p:ID='x'/>",
            "<?xml version='1.1'?><a/>",
            "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
            "<a>]]></a>",
            " <?xml version='1.0'?><a/>",
            "<a>\u{0}</a>",
            "<a>\u{1}</a>",
            "<a>\u{fffe}</a>",
            "<1a/>",
            "<a:b:c xmlns:a='x'/>",
            "<é/>",
            "<a",
            "<a k='1",
            "</a>",
            "<a xmlns:p=''><p:b/></a>",
        ] {
            assert!(parse(bad).is_err(), "{bad:?} was read");
        }
    }

    #[test]
    fn depth_elements_and_attributes_are_bounded() {
        let deep = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(parse(&deep(40)).is_ok());
        assert!(parse(&deep(41)).is_err());
        let wide = |n: usize| format!("<a>{}</a>", "<b/>".repeat(n));
        assert!(parse(&wide(19_999)).is_ok());
        assert!(parse(&wide(20_000)).is_err());
        let attributes = |n: usize| {
            let all: Vec<_> = (0..n).map(|n| format!("k{n}='v'")).collect();
            format!("<a {}/>", all.join(" "))
        };
        assert!(parse(&attributes(40)).is_ok());
        assert!(parse(&attributes(41)).is_err());
    }
}
