//! Reads the parts of an SVG document.

use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use crate::logo::refused;
use quick_xml::NsReader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};

const SVG: &str = "http://www.w3.org/2000/svg";

/// Calls `take` with each part of a document. Its first argument is true if the part is in SVG's namespace or in no
/// namespace.
pub fn each(text: &str, mut take: impl FnMut(bool, &Event) -> Result<()>) -> Result<()> {
    let mut reader = NsReader::from_str(text);
    loop {
        let begun = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let (namespace, event) = reader.read_resolved_event().map_err(|_| malformed(text, begun))?;
        let ours = match namespace {
            ResolveResult::Bound(Namespace(namespace)) => namespace == SVG,
            ResolveResult::Unbound => true,
            ResolveResult::Unknown(_) => false,
        };
        if matches!(event, Event::Eof) {
            return Ok(());
        }
        take(ours, &event)?;
    }
}

/// The error for a text that is not well-formed XML, with the number of the faulty line. `read`: the number of bytes
/// before the fault.
fn malformed(text: &str, read: usize) -> Error {
    let line = 1 + text.bytes().take(read).filter(|byte| *byte == b'\n').count();
    refused(phrase!("logo-svg-malformed", line = line.to_string()))
}

/// Resolves the entities in a text. Only XML's predefined ones are allowed.
pub fn unescaped(text: &str) -> Result<String> {
    unescape(text).map(|text| text.into_owned()).map_err(|_| refused(phrase!("logo-svg-entity")))
}

/// A name from the file, shortened for an error message.
pub fn shown(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_graphic()).take(40).collect()
}
