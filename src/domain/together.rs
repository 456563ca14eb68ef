//! Combines several results, so that all invalid fields of a form are reported, and not only the first.

use super::phrase::Phrase;
use super::{Error, Result};

/// Results whose values are all needed.
pub trait Together {
    /// The values of all results.
    type All;

    /// Returns all values.
    ///
    /// # Errors
    /// `Invalid` or `SeveralInvalid` with all invalid fields; any other error at once.
    fn together(self) -> Result<Self::All>;
}

/// Returns the value, or adds the invalid fields to `faults`.
fn noting<T>(outcome: Result<T>, faults: &mut Vec<(String, Phrase)>) -> Result<Option<T>> {
    match outcome {
        Ok(value) => return Ok(Some(value)),
        Err(Error::Invalid { field, message }) => faults.push((field, message)),
        Err(Error::SeveralInvalid(more)) => faults.extend(more),
        Err(other) => return Err(other),
    }
    Ok(None)
}

macro_rules! together {
    ($($one:ident)+) => {
        impl<$($one),+> Together for ($(Result<$one>,)+) {
            type All = ($($one,)+);

            #[allow(non_snake_case)] // each value is named after its type
            fn together(self) -> Result<Self::All> {
                let ($($one,)+) = self;
                let mut faults = Vec::new();
                $(let $one = noting($one, &mut faults)?;)+
                match ($($one,)+) {
                    ($(Some($one),)+) => Ok(($($one,)+)),
                    _ => Err(Error::of_fields(faults)),
                }
            }
        }
    };
}

impl<T> Together for Vec<Result<T>> {
    type All = Vec<T>;

    fn together(self) -> Result<Vec<T>> {
        let mut faults = Vec::new();
        let all: Vec<_> = self.into_iter().map(|one| noting(one, &mut faults)).collect::<Result<_>>()?;
        if faults.is_empty() { Ok(all.into_iter().flatten().collect()) } else { Err(Error::of_fields(faults)) }
    }
}

together! { A B }
together! { A B C }
together! { A B C D }
together! { A B C D E }
together! { A B C D E F }

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(field: &str) -> Result<u8> {
        Err(Error::invalid(field, Phrase::words("must be good")))
    }

    #[test]
    fn all_invalid_fields_are_named() {
        assert_eq!((Ok(1), Ok("two")).together(), Ok((1, "two")));
        assert_eq!((bad("a"), Ok(2)).together(), Err(Error::invalid("a", Phrase::words("must be good"))));
        let three = (bad("a"), Ok(2), (bad("b"), bad("c")).together()).together().expect_err("three faults");
        assert_eq!(three.to_string(), "a: must be good\nb: must be good\nc: must be good");
        assert_eq!(three.code(), "invalid");
        assert_eq!(
            vec![bad("a"), Ok(2), bad("b")].together().expect_err("two faults").to_string(),
            "a: must be good\nb: must be good"
        );
        assert_eq!(vec![Ok(1), Ok(2)].together(), Ok(vec![1, 2]));
    }

    #[test]
    fn another_error_takes_precedence_over_invalid_fields() {
        let gone: Result<u8> = Err(Error::NotFound(Phrase::words("Link not found.")));
        assert_eq!((bad("a"), gone).together(), Err(Error::NotFound(Phrase::words("Link not found."))));
    }
}
