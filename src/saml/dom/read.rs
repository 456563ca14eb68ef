//! The strict XML parser.

use super::build::{Builder, MOST_ATTRIBUTES, too_complex};
use super::words::{attribute as attribute_fault, broken};
use super::{Attribute, Element, Read, Unreadable};
use crate::saml::refusal::reasons;
use quick_xml::escape::{EscapeError, resolve_xml_entity};
use quick_xml::events::attributes::Attribute as RawAttribute;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{PrefixDeclaration, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Parses a message.
///
/// # Errors
/// The fault.
pub fn parse(xml: &str) -> Read<Element> {
    read(xml, false)
}

/// Parses a document whose signature we do not verify, such as metadata. It may contain comments, and its declaration
/// may name another encoding, from which it was already decoded.
///
/// # Errors
/// The fault.
pub fn parse_document(xml: &str) -> Read<Element> {
    read(xml, true)
}

fn read(xml: &str, is_document: bool) -> Read<Element> {
    only_xml_chars(xml)?;
    if xml.starts_with('\u{feff}') {
        return Err("a byte order mark where text should begin".into());
    }
    let mut reader = NsReader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut builder = Builder::default();
    loop {
        let at_start = reader.buffer_position() == 0;
        let (namespace, event) = reader.read_resolved_event().map_err(broken)?;
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                let namespace = resolved(namespace)?;
                builder.open(element(&reader, namespace, start)?)?;
                if matches!(event, Event::Empty(_)) {
                    builder.close()?;
                }
            }
            Event::End(_) => builder.close()?,
            Event::Text(text) => builder.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => builder.reference(&entity(&reference)?)?,
            Event::Decl(decl) if at_start => declaration(&decl, is_document)?,
            Event::Decl(_) => {
                return Err(
                    "an XML declaration that is not at the start: there is white space or text before it".into()
                );
            }
            Event::Comment(_) if is_document => {}
            Event::Eof => return builder.finish(),
            other => return Err(unwanted(&other)),
        }
    }
}

/// The error for constructs that messages do not need and that parsers treat differently.
fn unwanted(event: &Event) -> Unreadable {
    match event {
        Event::CData(_) => Unreadable::new(&reasons::CDATA, "a CDATA section"),
        Event::Comment(_) => Unreadable::new(&reasons::COMMENT, "a comment"),
        Event::PI(_) => Unreadable::new(&reasons::PROCESSING_INSTRUCTION, "a processing instruction"),
        Event::DocType(_) => Unreadable::new(&reasons::DOCTYPE, "a DOCTYPE"),
        other => format!("{other:?}").into(),
    }
}

fn resolved(namespace: ResolveResult) -> Read<String> {
    match namespace {
        ResolveResult::Bound(namespace) => Ok(namespace.as_ref().to_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(prefix) => Err(format!("the undeclared prefix {prefix:?}").into()),
    }
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

fn only_xml_chars(text: &str) -> Read<()> {
    match text.chars().find(|c| !is_xml_char(*c)) {
        Some(c) => Err(format!("a character that XML forbids (U+{:04X})", u32::from(c)).into()),
        None => Ok(()),
    }
}

fn declaration(decl: &BytesDecl, any_encoding: bool) -> Read<()> {
    let version = decl.version().map_err(broken)?;
    if version != "1.0" {
        return Err(format!("XML version {version}").into());
    }
    match decl.encoding() {
        None => Ok(()),
        Some(Ok(encoding)) if any_encoding || encoding.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(Ok(encoding)) => Err(format!("the encoding {encoding} (UTF-8 is needed)").into()),
        Some(Err(cause)) => Err(attribute_fault(&cause).into()),
    }
}

fn no_such_entity(name: &str) -> Unreadable {
    Unreadable::new(&reasons::ENTITY, format!("the entity &{name};"))
}

/// The text of a reference: one of XML's five predefined entities, or a character reference.
fn entity(reference: &BytesRef) -> Read<String> {
    let name: &str = reference;
    if name.starts_with('#') {
        let c = reference.resolve_char_ref().ok().flatten().filter(|c| is_xml_char(*c));
        return c.map(String::from).ok_or_else(|| no_such_entity(name));
    }
    resolve_xml_entity(name).map(ToOwned::to_owned).ok_or_else(|| no_such_entity(name))
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

fn element(reader: &NsReader<&[u8]>, namespace: String, start: &BytesStart) -> Read<Element> {
    // The prefix xmlns is reserved for declarations; libxml2 would treat it as a part of the name.
    if !is_qualified_name(start.name().as_ref()) || start.name().as_ref().starts_with("xmlns:") {
        return Err(format!("the element name {:?}", start.name().as_ref()).into());
    }
    spaced(start.attributes_raw())?;
    let mut element = Element { namespace, name: start.local_name().as_ref().to_owned(), ..Element::default() };
    for (count, attribute) in start.attributes().enumerate() {
        let attribute = attribute.map_err(|cause| attribute_fault(&cause))?;
        if count >= MOST_ATTRIBUTES {
            return Err(too_complex(format!("an element with more than {MOST_ATTRIBUTES} attributes")));
        }
        let value = value(&attribute)?;
        if let Some(prefix) = attribute.key.as_namespace_binding() {
            element.declared.push(declaration_of(prefix, value, &attribute.value)?);
            continue;
        }
        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
        let namespace = resolved(namespace)?;
        add_attribute(&mut element, Attribute { namespace, name: local.as_ref().to_owned(), value })?;
    }
    Ok(element)
}

/// Checks that there is white space between attributes, which quick-xml does not require.
fn spaced(attributes: &str) -> Read<()> {
    let (mut quote, mut closed) = (None, false);
    for c in attributes.chars() {
        if closed && !c.is_ascii_whitespace() {
            return Err("attributes without a space between them".into());
        }
        closed = quote == Some(c);
        match quote {
            Some(_) if closed => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            _ => {}
        }
    }
    Ok(())
}

fn value(attribute: &RawAttribute) -> Read<String> {
    let name = attribute.key.as_ref();
    if !is_qualified_name(name) || attribute.value.contains('<') {
        return Err(format!("the attribute {name:?}").into());
    }
    let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|cause| match cause {
        quick_xml::Error::Escape(EscapeError::UnrecognizedEntity(_, name)) => no_such_entity(&name),
        quick_xml::Error::Escape(_) => {
            format!("the attribute {name:.60} with an & that does not begin a reference; in XML it is written &amp;")
                .into()
        }
        other => broken(other),
    })?;
    only_xml_chars(&value)?;
    Ok(value.into_owned())
}

/// The prefix and the namespace of a declaration. References and white space in the namespace are refused, because
/// parsers that do not resolve them would see a different namespace.
fn declaration_of(prefix: PrefixDeclaration, value: String, raw: &str) -> Read<(String, String)> {
    if raw.contains(|c: char| c == '&' || c.is_whitespace()) {
        return Err("a namespace with a reference or white space in it".into());
    }
    match prefix {
        PrefixDeclaration::Named(_) if value.is_empty() => Err("an undeclared prefix".into()),
        PrefixDeclaration::Named(prefix) => Ok((prefix.to_string(), value)),
        PrefixDeclaration::Default => Ok((String::new(), value)),
    }
}

fn add_attribute(element: &mut Element, attribute: Attribute) -> Read<()> {
    // xml:id would be a second kind of ID, and xml:base would change the meaning of URLs. Some parsers read a prefixed
    // ID as ID.
    if attribute.namespace == XML && attribute.name != "lang" && attribute.name != "space" {
        return Err(format!("the attribute xml:{}", attribute.name).into());
    }
    if !attribute.namespace.is_empty() && attribute.name.eq_ignore_ascii_case("id") {
        return Err("an ID attribute with a prefix".into());
    }
    let twin = |other: &Attribute| other.namespace == attribute.namespace && other.name == attribute.name;
    if element.attributes.iter().any(twin) {
        return Err(format!("the attribute {} twice on one element", attribute.name).into());
    }
    element.attributes.push(attribute);
    Ok(())
}
