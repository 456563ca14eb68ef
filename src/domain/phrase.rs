//! Sentences for people, which are put into a language only when they are written.

use super::catalogue::{Language, sentence};
use fluent_bundle::{FluentArgs, FluentValue};
use std::borrow::Cow;
use std::fmt;

/// A sentence, or a part of one: a key of the catalogue (`locales/`) with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phrase {
    /// A message of the catalogue.
    Keyed {
        /// Its key.
        key: Cow<'static, str>,
        /// Its values, by name.
        values: Vec<(Cow<'static, str>, Value)>,
    },
    /// Several phrases, with this separator between them.
    Joined(Vec<Self>, &'static str),
    /// Text that is in no catalogue: of another program, of a file, of the command line.
    Words(String),
}

/// A value in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text that is the same in each language, such as a name or an address.
    Text(String),
    /// A number, by which the catalogue may choose between singular and plural.
    Number(u64),
    /// Another sentence, or a part of one.
    Phrase(Phrase),
}

impl Phrase {
    /// A message of the catalogue with these values; the macro `phrase!` is easier to read.
    pub const fn keyed(key: &'static str, values: Vec<(Cow<'static, str>, Value)>) -> Self {
        Self::Keyed { key: Cow::Borrowed(key), values }
    }

    /// Text that is in no catalogue.
    pub fn words(words: impl Into<String>) -> Self {
        Self::Words(words.into())
    }

    /// A list of names, separated by commas.
    pub fn list<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self::Joined(names.into_iter().map(Self::words).collect(), ", ")
    }

    /// The sentence in the language of the answer that is being written.
    pub fn spoken(&self) -> String {
        self.within(Language::spoken())
    }

    /// The sentence in a language.
    pub fn within(&self, language: Language) -> String {
        match self {
            Self::Keyed { key, values } => sentence(language, key, &arguments(values, language)),
            Self::Joined(parts, between) => {
                parts.iter().map(|part| part.within(language)).collect::<Vec<_>>().join(between)
            }
            Self::Words(words) => words.clone(),
        }
    }
}

/// The values in the form that Fluent takes.
pub(super) fn arguments<'v>(values: &'v [(Cow<'static, str>, Value)], language: Language) -> FluentArgs<'v> {
    let argument = |(name, value): &'v (Cow<'static, str>, Value)| {
        let value = match value {
            Value::Text(text) => FluentValue::from(text.as_str()),
            Value::Number(number) => FluentValue::from(*number),
            Value::Phrase(phrase) => FluentValue::from(phrase.within(language)),
        };
        (name.as_ref(), value)
    };
    values.iter().map(argument).collect()
}

/// In English, for logs and the command line.
impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.within(Language::ENGLISH))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(u64::try_from(number).unwrap_or_default())
    }
}

impl From<Phrase> for Value {
    fn from(phrase: Phrase) -> Self {
        Self::Phrase(phrase)
    }
}

/// A sentence of the catalogue: its key and its values, such as `phrase!("field-too-long", most = 100_u64)`.
macro_rules! phrase {
    ($key:literal) => {
        $crate::domain::phrase::Phrase::keyed($key, Vec::new())
    };
    ($key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::domain::phrase::Phrase::keyed(
            $key,
            vec![$((stringify!($name).into(), $crate::domain::phrase::Value::from($value))),+],
        )
    };
}
pub(crate) use phrase;
