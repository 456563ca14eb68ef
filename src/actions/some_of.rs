//! Names in the words of an effect.

/// How many names are told; there may be more.
const MOST: usize = 20;

/// The first names, and how many there are besides.
pub(super) fn some_of(names: &[String]) -> String {
    let told = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(MOST);
    if more > 0 { format!("{told} and {more} more") } else { told }
}
