//! Lists of names in the sentences of an effect.

use crate::domain::phrase::{Phrase, phrase};

/// The largest number of names in a list.
const MOST: usize = 20;

/// The first names of the list, and the number of the others.
pub(super) fn some_of(names: &[String]) -> Phrase {
    some_of_phrases(names.iter().map(Phrase::words).collect())
}

/// As `some_of`, for names that are phrases.
pub(super) fn some_of_phrases(mut names: Vec<Phrase>) -> Phrase {
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    let shown = Phrase::Joined(names, ", ");
    if more > 0 { phrase!("names-and-more", names = shown, count = more) } else { shown }
}
