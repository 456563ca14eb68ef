//! Values of attributes: browsers read them as CSS, so that each must only draw.

use super::allowed::{FUNCTIONS, has};
use super::parts::shown;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use crate::logo::refused;

/// A gradient may take its colours from another one of the same image; nothing else refers to anything.
pub fn reference(element: &str, value: &str) -> Result<String> {
    let value = value.trim();
    if element.ends_with("Gradient") && is_own_part(value) { Ok(value.to_owned()) } else { Err(outside()) }
}

fn outside() -> Error {
    refused(phrase!("logo-svg-outside"))
}

/// True if a value, which browsers read as CSS, calls what only draws.
pub fn harmless(name: &str, value: &str) -> Result<()> {
    let odd = |c: char| c == '\\' || c == '<' || (c.is_control() && !c.is_whitespace());
    if value.contains(odd) || value.contains("/*") {
        return Err(refused(phrase!("logo-svg-value", name = shown(name))));
    }
    for (at, _) in value.match_indices('(') {
        let before = value[..at].rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next();
        let function = before.unwrap_or_default().to_ascii_lowercase();
        if !has(FUNCTIONS, &function) {
            let (function, name) = (shown(&function), shown(name));
            return Err(refused(phrase!("logo-svg-function", function = function, name = name)));
        }
        let inside = value[at + 1..].split(')').next().unwrap_or_default().trim();
        if function == "url" && !is_own_part(inside.trim_matches(['"', '\''])) {
            return Err(outside());
        }
    }
    Ok(())
}

/// `#name`, of this image.
fn is_own_part(reference: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || "-_.:".contains(c);
    reference.strip_prefix('#').is_some_and(|name| !name.is_empty() && name.chars().all(part))
}
