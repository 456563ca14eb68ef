//! Checks the values of attributes. Browsers read them as CSS, so that they could load or run something.

use super::allowed::{FUNCTIONS, has};
use super::parts::shown;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use crate::logo::refused;

/// Checks a reference: only a gradient may refer to another gradient of the same image.
pub fn reference(element: &str, value: &str) -> Result<String> {
    let value = value.trim();
    if element.ends_with("Gradient") && is_own_part(value) { Ok(value.to_owned()) } else { Err(outside()) }
}

fn outside() -> Error {
    refused(phrase!("logo-svg-outside"))
}

/// Checks that a value calls only functions that draw, and refers only to parts of the same image.
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

/// True for `#name`, a reference to a part of the same image.
fn is_own_part(reference: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || "-_.:".contains(c);
    reference.strip_prefix('#').is_some_and(|name| !name.is_empty() && name.chars().all(part))
}
