//! Names in the words of an effect.

use crate::domain::phrase::{Phrase, phrase};

/// How many names are told; there may be more.
const MOST: usize = 20;

/// The first names, and how many there are besides.
pub(super) fn some_of(names: &[String]) -> Phrase {
    some_of_phrases(names.iter().map(Phrase::words).collect())
}

/// The same of names that are phrases.
pub(super) fn some_of_phrases(mut names: Vec<Phrase>) -> Phrase {
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    let told = Phrase::Joined(names, ", ");
    if more > 0 { phrase!("names-and-more", names = told, count = more) } else { told }
}
