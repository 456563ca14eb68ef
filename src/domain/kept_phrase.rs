//! Stored sentences: the database stores their keys and values, so that each reader sees them in their own language.

use super::catalogue::{Language, has};
use super::phrase::{Phrase, Value, arguments};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A stored sentence as JSON. The field `phrase` distinguishes it from all other stored objects.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Kept {
    Words(String),
    Joined {
        joined: Vec<Kept>,
        between: String,
    },
    Keyed {
        phrase: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<String, KeptValue>,
        /// The sentence in English, for later versions whose catalogue does not have it.
        words: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptValue {
    Number(u64),
    Phrase(Kept),
}

/// The separators between the parts of a sentence.
const BETWEEN: [&str; 4] = [", ", "; ", ". ", " "];

impl From<&Phrase> for Kept {
    fn from(phrase: &Phrase) -> Self {
        match phrase {
            Phrase::Words(words) => Self::Words(words.clone()),
            Phrase::Joined(parts, between) => {
                Self::Joined { joined: parts.iter().map(Self::from).collect(), between: (*between).into() }
            }
            Phrase::Keyed { key, values } => Self::Keyed {
                phrase: key.to_string(),
                values: values.iter().map(|(name, value)| (name.to_string(), KeptValue::from(value))).collect(),
                words: phrase.within(Language::ENGLISH),
            },
        }
    }
}

impl From<&Value> for KeptValue {
    fn from(value: &Value) -> Self {
        match value {
            Value::Text(text) => Self::Phrase(Kept::Words(text.clone())),
            Value::Number(number) => Self::Number(*number),
            Value::Phrase(phrase) => Self::Phrase(phrase.into()),
        }
    }
}

impl From<Kept> for Phrase {
    fn from(kept: Kept) -> Self {
        let (key, values, words) = match kept {
            Kept::Words(words) => return Self::Words(words),
            Kept::Joined { joined, between } => {
                let between = BETWEEN.into_iter().find(|known| *known == between).unwrap_or(BETWEEN[0]);
                return Self::Joined(joined.into_iter().map(Self::from).collect(), between);
            }
            Kept::Keyed { phrase, values, words } => (phrase, values, words),
        };
        let values: Vec<_> = values.into_iter().map(|(name, value)| (Cow::Owned(name), Value::from(value))).collect();
        if !has(&key, &arguments(&values, Language::ENGLISH)) {
            return Self::Words(words);
        }
        Self::Keyed { key: Cow::Owned(key), values }
    }
}

impl From<KeptValue> for Value {
    fn from(kept: KeptValue) -> Self {
        match kept {
            KeptValue::Number(number) => Self::Number(number),
            KeptValue::Phrase(Kept::Words(text)) => Self::Text(text),
            KeptValue::Phrase(phrase) => Self::Phrase(phrase.into()),
        }
    }
}

impl Serialize for Phrase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Kept::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Phrase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Kept::deserialize(deserializer).map(Self::from)
    }
}

impl Phrase {
    /// The form in which a column stores the sentence.
    pub fn kept(&self) -> String {
        match self {
            Self::Words(words) => words.clone(),
            other => serde_json::to_string(other).unwrap_or_else(|_| other.to_string()),
        }
    }

    /// Reads the form in which a column stores a sentence. Any other text becomes words: older versions stored
    /// sentences in English.
    pub fn of_kept(text: String) -> Self {
        let sentence = text.starts_with('{').then(|| serde_json::from_str(&text).ok()).flatten();
        sentence.unwrap_or(Self::Words(text))
    }
}

/// Stored details, with each sentence put into a language.
#[must_use]
pub fn in_language(details: serde_json::Value, language: Language) -> serde_json::Value {
    use serde_json::Value as Json;
    match details {
        Json::Object(all) if all.contains_key("phrase") => {
            match serde_json::from_value::<Phrase>(Json::Object(all.clone())) {
                Ok(phrase) => Json::String(phrase.within(language)),
                Err(_) => Json::Object(all),
            }
        }
        Json::Object(all) => {
            Json::Object(all.into_iter().map(|(name, value)| (name, in_language(value, language))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phrase::phrase;
    use crate::domain::spoken::Wishes;

    fn in_french<T>(work: impl FnOnce() -> T) -> T {
        Wishes { browser: Language::nearest("fr"), ..Wishes::default() }.within(work)
    }

    #[test]
    fn a_stored_sentence_is_shown_in_the_language_of_its_reader() {
        let wait = phrase!("seconds", count = 2_u64);
        let several = Phrase::Joined(vec![phrase!("late"), Phrase::words("550 no")], "; ");
        for sentence in [phrase!("throttled", wait = wait), phrase!("wrong-method", allowed = several)] {
            let read = Phrase::of_kept(sentence.kept());
            for language in Language::offered() {
                assert_eq!(read.within(language), sentence.within(language));
            }
            for language in Language::offered() {
                let kept = serde_json::json!({ "reason": sentence, "count": 2, "old": { "phrase": 3 } });
                let expected =
                    serde_json::json!({ "reason": sentence.within(language), "count": 2, "old": { "phrase": 3 } });
                assert_eq!(in_language(kept, language), expected);
            }
        }
    }

    #[test]
    fn a_text_from_an_older_version_is_shown_unchanged() {
        for text in ["the mail server refused the e-mail: 550 no", "{ not ours", "{\"reason\":\"x\"}", ""] {
            assert_eq!(Phrase::of_kept(text.into()), Phrase::words(text));
        }
    }

    #[test]
    fn a_sentence_that_is_no_longer_in_the_catalogue_is_shown_in_english() {
        for kept in [
            r#"{"phrase":"no-such-sentence","values":{"port":25},"words":"port 25 is shut"}"#,
            r#"{"phrase":"wrong-method","values":{"other":"GET"},"words":"port 25 is shut"}"#,
        ] {
            assert_eq!(in_french(|| Phrase::of_kept(kept.into()).spoken()), "port 25 is shut");
        }
    }
}
