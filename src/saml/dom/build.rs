//! Builds the tree, within limits.

use super::{Element, Read, Unreadable};
use crate::saml::refusal::reasons;

/// The deepest nesting of elements.
const MOST_DEPTH: usize = 40;
const MOST_ELEMENTS: usize = 20_000;
pub(super) const MOST_ATTRIBUTES: usize = 40;
/// The maximum number of namespaces in scope at one element, because each name is looked up among them.
const MOST_NAMESPACES: usize = 100;

/// The error for a document over a limit.
pub(super) fn too_complex(found: impl Into<String>) -> Unreadable {
    Unreadable::new(&reasons::TOO_COMPLEX, found)
}

#[derive(Default)]
pub(super) struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    namespaces: usize,
}

impl Builder {
    pub fn open(&mut self, element: Element) -> Read<()> {
        self.elements += 1;
        self.namespaces += element.declared.len();
        if self.root.is_some() {
            return Err("a second root element".into());
        }
        if self.elements > MOST_ELEMENTS {
            return Err(too_complex(format!("more than {MOST_ELEMENTS} elements")));
        }
        if self.open.len() >= MOST_DEPTH {
            return Err(too_complex(format!("elements more than {MOST_DEPTH} deep")));
        }
        if self.namespaces > MOST_NAMESPACES {
            return Err(too_complex(format!("more than {MOST_NAMESPACES} namespaces at once")));
        }
        self.open.push(element);
        Ok(())
    }

    pub fn close(&mut self) -> Read<()> {
        let element = self.open.pop().ok_or("an end tag without its start")?;
        self.namespaces -= element.declared.len();
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    pub fn text(&mut self, text: &str) -> Read<()> {
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

    /// Adds the text of a reference. Outside the root element none is allowed, even if it is white space.
    pub fn reference(&mut self, text: &str) -> Read<()> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None => return Err("a reference outside the root element".into()),
        }
        Ok(())
    }

    pub fn finish(self) -> Read<Element> {
        if let Some(open) = self.open.last() {
            return Err(format!("the element {:.60} without its end: the text is cut off", open.name).into());
        }
        self.root.ok_or_else(|| "no element at all".into())
    }
}
