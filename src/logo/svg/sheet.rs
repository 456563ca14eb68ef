//! Reads the style sheets that drawing programs write, which have rules for classes. The declarations become attributes
//! of the elements, and the sheet is removed.

use super::parts::{each, unescaped};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result};
use crate::logo::refused;
use quick_xml::events::Event;
use std::collections::{BTreeSet, HashMap};

/// The maximum number of bytes of the declarations of all classes together. It is limited because each element of a
/// class repeats them.
const MOST_BYTES: usize = 8 * 1024;
/// The maximum number of bytes of declarations that all elements together may repeat.
const MOST_REPEATED: usize = 512 * 1024;
/// The maximum number of classes of one element.
const MOST_CLASSES: usize = 100;
const LARGE: Phrase = phrase!("logo-svg-large-style");

/// The rules of a style sheet.
pub struct Sheet {
    /// The declarations of each rule, in the order of the sheet.
    rules: Vec<String>,
    /// The indices in `rules` of the rules for each class.
    classes: HashMap<String, Vec<usize>>,
    /// The number of bytes that may still be added to elements.
    room: usize,
}

impl Sheet {
    /// Reads the style sheets of an image.
    ///
    /// # Errors
    /// `Invalid` when they contain anything except rules for classes.
    pub fn of(svg: &str) -> Result<Self> {
        let (mut text, mut inside) = (String::new(), false);
        each(svg, |ours, event| {
            match event {
                Event::Start(element) => inside = ours && element.local_name().as_ref() == "style",
                Event::End(_) => inside = false,
                Event::Text(part) if inside => text.push_str(&unescaped(part)?),
                Event::CData(part) if inside => text.push_str(part),
                Event::GeneralRef(_) if inside => return Err(unusual()),
                _ => {}
            }
            Ok(())
        })?;
        Self::read(&without_remarks(&text)?)
    }

    fn read(text: &str) -> Result<Self> {
        if text.contains(['@', '\\', '<']) {
            return Err(unusual());
        }
        let (mut rules, mut room) = (Vec::new(), MOST_BYTES);
        let mut classes = HashMap::<_, Vec<_>>::new();
        let mut parts = text.split('}').peekable();
        while let Some(rule) = parts.next() {
            if parts.peek().is_none() && rule.trim().is_empty() {
                break;
            }
            let (selectors, declarations) = rule.split_once('{').ok_or_else(unusual)?;
            // Text after the last } is an incomplete rule.
            if parts.peek().is_none() || declarations.contains('{') {
                return Err(unusual());
            }
            for selector in selectors.split(',') {
                let class = selector.trim().strip_prefix('.').filter(|class| is_name(class)).ok_or_else(unusual)?;
                room = room.checked_sub(declarations.len()).ok_or_else(|| refused(LARGE))?;
                let of_class = classes.entry(class.to_owned()).or_default();
                // A rule that names a class twice is listed once. Otherwise a small style sheet could list the same
                // rule many times, and each element of the class would have to read the whole list.
                if of_class.last() != Some(&rules.len()) {
                    of_class.push(rules.len());
                }
            }
            rules.push(declarations.to_owned());
        }
        Ok(Self { rules, classes, room: MOST_REPEATED })
    }

    /// The declarations for an element with these classes, each followed by a semicolon. Later ones take precedence.
    ///
    /// # Errors
    /// `Invalid` when the element has too many classes, or all elements together would repeat too many declarations.
    pub fn of_classes(&mut self, classes: &str) -> Result<String> {
        let names: Vec<_> = classes.split_ascii_whitespace().take(MOST_CLASSES + 1).collect();
        if names.len() > MOST_CLASSES {
            return Err(refused(phrase!("logo-svg-classes")));
        }
        let names: BTreeSet<_> = names.into_iter().collect();
        let rules: BTreeSet<_> = names.iter().filter_map(|name| self.classes.get(*name)).flatten().collect();
        let declarations: String = rules.into_iter().flat_map(|rule| [self.rules[*rule].as_str(), ";"]).collect();
        self.room = self.room.checked_sub(declarations.len()).ok_or_else(|| refused(LARGE))?;
        Ok(declarations)
    }
}

fn is_name(class: &str) -> bool {
    !class.is_empty() && class.chars().all(|c| c.is_alphanumeric() || "-_".contains(c))
}

fn without_remarks(text: &str) -> Result<String> {
    let mut parts = text.split("/*");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        rest.push_str(part.split_once("*/").ok_or_else(unusual)?.1);
    }
    Ok(rest)
}

fn unusual() -> Error {
    refused(phrase!("logo-svg-style"))
}
