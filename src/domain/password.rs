//! The requirements for passwords. `app/hasher.rs` hashes them.

use super::phrase::{Phrase, phrase};
use super::{Error, Result};
use icu_normalizer::ComposingNormalizerBorrowed;
use std::borrow::Cow;
use zxcvbn::feedback::Warning;
use zxcvbn::{Score, zxcvbn};

/// A typed password. Its text is never printed, not even by `Debug`.
#[derive(Clone)]
pub struct Password {
    /// The text in NFKC.
    text: String,
    /// The text as typed, if it differs.
    unnormalised: Option<String>,
}

/// The NFKC form of a text. Keyboards and systems write the same character in different ways: `ü` is one code point or
/// two.
///
/// Source: NIST SP 800-63B-4, 3.1.1.2 (Unicode passwords are normalised by NFKC or NFKD before hashing).
fn normalised(raw: &str) -> Cow<'_, str> {
    const { ComposingNormalizerBorrowed::new_nfkc() }.normalize(raw)
}

impl Password {
    /// Takes any text: a password that is checked against a hash need not be strong.
    pub fn typed(raw: String) -> Self {
        let text = normalised(&raw).into_owned();
        let unnormalised = (text != raw).then_some(raw);
        Self { text, unnormalised }
    }

    /// Accepts 12 to 128 characters with a strength of 3 or more, where the owner's own words count as easy to guess.
    ///
    /// # Errors
    /// `Invalid` with `field`, saying how to make it stronger.
    pub fn new(field: &str, raw: String, owner: &Owner) -> Result<Self> {
        match Strength::of(&raw, owner).fault {
            Some(fault) => Err(Error::invalid(field, fault)),
            None => Ok(Self::typed(raw)),
        }
    }

    /// The normalised text, for hashing.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The text before normalisation, if it differs: hashes from before passwords were normalised were made of it.
    pub fn reveal_unnormalised(&self) -> Option<&str> {
        self.unnormalised.as_deref()
    }
}

/// The names of a password's owner and of their organisations, which are guessed first.
#[derive(Debug, Clone)]
pub struct Owner(Vec<String>);

impl Owner {
    /// Takes the owner's name, their e-mail address, and the names of their organisations; empty if unknown. Only the
    /// first 32 of them are used, and the first 254 characters of each.
    pub fn new<'a>(name: &'a str, email: &'a str, organisations: impl IntoIterator<Item = &'a str>) -> Self {
        let texts = [name, email].into_iter().chain(organisations).take(MOST_TEXTS);
        Self(texts.map(|text| normalised(first_chars(text, MOST_TEXT_CHARS)).to_lowercase()).collect())
    }

    /// The owner's words in lower case, at most 100: of each name its words, the name without spaces and punctuation,
    /// and the whole name.
    fn words(&self) -> Vec<String> {
        let mut words = vec!["vestibule".to_owned()];
        for name in &self.0 {
            words.extend(name.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
            words.extend([squeezed(name), name.clone()]);
        }
        words.retain(|word| word.chars().count() >= LEAST_WORD_CHARS);
        words.truncate(MOST_WORDS);
        words
    }
}

/// The maximum number of names and addresses in an `Owner`.
const MOST_TEXTS: usize = 32;
/// The maximum length of each name or address, in characters.
const MOST_TEXT_CHARS: usize = 254;
/// The maximum number of words that an `Owner` consists of.
const MOST_WORDS: usize = 100;
/// Shorter words are ignored: they occur in every password.
const LEAST_WORD_CHARS: usize = 3;

fn first_chars(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

/// The maximum number of characters that `zxcvbn` rates; the rest counts only for the length.
const MOST_JUDGED: usize = 40;
/// The maximum work of one rating, as combinations of substitutions times characters squared: about 20 ms of a core.
const MOST_WORK: usize = 100_000;
/// The characters that `zxcvbn` takes for a letter, in one text for each letter. It tries every combination of those
/// that a password contains.
const SUBSTITUTES: [&str; 7] = ["4@", "([{<", "69", "1!|", "1|7", "$5", "+7"];

/// The beginning of a password that is rated. It is shortened until rating it takes at most `MOST_WORK`: a password
/// that takes more has so many different symbols that its beginning is strong enough.
fn judged_part(raw: &str) -> &str {
    let mut length = MOST_JUDGED;
    while length > 1 {
        let part = first_chars(raw, length);
        let choices = |letter: &str| letter.chars().filter(|c| part.contains(*c)).count().max(1);
        let combinations: usize = SUBSTITUTES.iter().map(|letter| choices(letter)).product();
        if combinations * length * length <= MOST_WORK {
            break;
        }
        length -= 1;
    }
    first_chars(raw, length)
}

/// The number of letters and digits that a password has besides its owner's words; `None` if it contains none of these
/// words.
fn count_others(raw: &str, words: &[String]) -> Option<usize> {
    let mut words: Vec<_> = words.iter().map(|word| squeezed(word)).collect();
    words.retain(|word| word.chars().count() >= LEAST_WORD_CHARS);
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let whole = squeezed(&raw.to_lowercase());
    // A removed word leaves a gap, so that its neighbours do not form a new word.
    let rest = words.iter().fold(whole.clone(), |rest, word| rest.replace(word, " "));
    (rest != whole).then(|| squeezed(&rest).chars().count())
}

/// Only the letters and digits of a text.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The minimum number of letters and digits that a password needs besides its owner's words.
const LEAST_OTHERS: usize = 6;

/// The strength of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strength {
    /// From 0 (very easy to guess) to 4 (very hard), as `zxcvbn` rates it; at most 1 if there is little besides the
    /// owner's words.
    pub score: u8,
    /// Why it is refused, as the rest of a sentence that begins with the field's name; `None` if it is accepted.
    pub fault: Option<Phrase>,
}

impl Strength {
    /// Rates a password, after normalisation, by its length, by `zxcvbn` with its owner's words counted as easy to
    /// guess, and by the characters besides these words: `zxcvbn` rates several words in a row as hard to guess, even
    /// if all are the owner's.
    pub fn of(raw: &str, owner: &Owner) -> Self {
        let raw = &*normalised(raw);
        let length = raw.chars().count();
        // Longer passwords are not rated, because that takes time.
        if length > 128 {
            return Self { score: 0, fault: Some(phrase!("field-password-too-long")) };
        }
        let words = owner.words();
        let estimate = zxcvbn(judged_part(raw), &words.iter().map(String::as_str).collect::<Vec<_>>());
        let only_own = count_others(raw, &words).is_some_and(|others| others < LEAST_OTHERS);
        let score = if only_own { estimate.score().min(Score::One) } else { estimate.score() };
        let easy = || match estimate.feedback().and_then(|feedback| feedback.warning()) {
            _ if only_own => phrase!("field-password-own-words"),
            Some(warning) => phrase!("field-password-easy-since", warning = told(warning)),
            None => phrase!("field-password-easy"),
        };
        let fault = if length < 12 {
            Some(phrase!("field-password-too-short"))
        } else if score < Score::Three {
            Some(easy())
        } else {
            None
        };
        Self { score: score.into(), fault }
    }
}

/// A warning of `zxcvbn`, as a sentence of the catalogue.
const fn told(warning: Warning) -> Phrase {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => phrase!("password-rows-of-keys"),
        Warning::ShortKeyboardPatternsAreEasyToGuess => phrase!("password-keyboard-pattern"),
        Warning::RepeatsLikeAaaAreEasyToGuess => phrase!("password-repeated-letter"),
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => phrase!("password-repeated-word"),
        Warning::ThisIsATop10Password => phrase!("password-top-10"),
        Warning::ThisIsATop100Password => phrase!("password-top-100"),
        Warning::ThisIsACommonPassword => phrase!("password-common"),
        Warning::ThisIsSimilarToACommonlyUsedPassword => phrase!("password-like-common"),
        Warning::SequencesLikeAbcAreEasyToGuess => phrase!("password-sequence"),
        Warning::RecentYearsAreEasyToGuess => phrase!("password-recent-year"),
        Warning::AWordByItselfIsEasyToGuess => phrase!("password-one-word"),
        Warning::DatesAreOftenEasyToGuess => phrase!("password-date"),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => phrase!("password-name-alone"),
        Warning::CommonNamesAndSurnamesAreEasyToGuess => phrase!("password-common-name"),
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str, email: &str, organisation: &str) -> Owner {
        Owner::new(name, email, [organisation])
    }

    fn check(raw: &str) -> Result<Password> {
        Password::new("password", raw.into(), &owner("Ann Miller", "ann.miller@acme.test", "Acme Rockets"))
    }

    #[test]
    fn a_password_must_be_long_and_strong_enough() {
        assert!(check("right horse battery").is_ok());
        for weak in ["short", "aaaaaaaaaaaaaaa", "password1234", "ann.miller@acme.test", "Acme Rockets1"] {
            assert!(check(weak).is_err(), "{weak} was taken");
        }
        assert!(check(&"kx7 Ü".repeat(40)).is_err());
    }

    #[test]
    fn strength_has_a_score_and_says_what_is_missing() {
        let judge = |raw: &str| Strength::of(raw, &owner("", "", "Acme Rockets"));
        assert_eq!(judge("right horse battery"), Strength { score: 4, fault: None });
        assert_eq!(judge("aaaaaaaaaaaaaaa").score, 0);
        let weak = [("short", "at least 12"), ("Acme Rockets1", "too easy"), (&"x".repeat(129)[..], "at most 128")];
        for (raw, expected) in weak {
            assert!(judge(raw).fault.is_some_and(|fault| fault.to_string().contains(expected)), "{raw}");
        }
    }

    #[test]
    fn any_number_of_own_words_is_easy_to_guess() {
        let bruno = owner("Bruno O'Birch", "bruno.b@birch.example", "Birch Bakery");
        let score = |raw: &str| Strength::of(raw, &bruno).score;
        for own in
            ["bruno birch bakery", "Birch-Bruno-Bakery-99", "birchbakery birchbakery 12", "BAKERY example vestibule!"]
        {
            let judged = Strength::of(own, &bruno);
            assert!(judged.score <= 1, "{own}");
            let fault = judged.fault.expect("why not").to_string();
            assert!(fault.contains("add another uncommon word. Your own name"), "{own}: {fault}");
        }
        let acme = owner("", "ann@acme.test", "Acme");
        assert_eq!(Strength::of("Acme acme acme 12", &acme).score, 1);
        assert!(Strength::of("ob", &bruno).fault.is_some_and(|fault| fault.to_string().contains("at least 12")));
        for other in ["bruno birch bakery violet", "bruno-strong-password-9", "copper walnut tides 9"] {
            assert_eq!(score(other), u8::from(zxcvbn(other, &[]).score()), "{other}");
        }
    }

    #[test]
    fn a_password_without_own_words_needs_no_letters() {
        let symbols = "~#?>[}^|<_&{/)=";
        assert_eq!(Strength::of(symbols, &owner("Ann", "ann@acme.test", "Acme")), Strength { score: 4, fault: None });
    }

    /// Passwords of the maximum length that are the most expensive to rate.
    fn costly() -> impl Iterator<Item = String> {
        let alphabets = [
            "4@8({[<369$5+7%2!1|0",
            "~#?>[}^|<_&{/)=",
            "a4@b8c({[<e3g69i1!|l17o0s$5t+7x%z2",
            "1!|7+$5",
            "12",
            "a",
            "äöß漢🏢",
        ];
        let all: String = (33..127_u8).map(char::from).collect();
        let long = |alphabet: &str| alphabet.chars().cycle().take(128).collect();
        alphabets.into_iter().map(str::to_owned).chain([all]).map(move |alphabet| long(&alphabet))
    }

    fn cpu_micros() -> i64 {
        let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        spent.tv_sec * 1_000_000 + spent.tv_nsec / 1000
    }

    #[test]
    fn rating_any_password_takes_at_most_100_ms() {
        let names: Vec<String> =
            (0..500).map(|n| format!("Organisation {n} of many words {}", "and more ".repeat(50))).collect();
        let owner = Owner::new(&"long name ".repeat(500), &"x".repeat(5000), names.iter().map(String::as_str));
        for raw in costly() {
            // The fastest of three runs counts, because a busy machine slows down some of them.
            let took = (0..3).map(|_| {
                let begun = cpu_micros();
                drop(Strength::of(&raw, &owner));
                cpu_micros() - begun
            });
            let fastest = took.min().expect("three");
            assert!(fastest < 100_000, "{raw}: {fastest} microseconds");
        }
    }

    #[test]
    fn the_beginning_is_rated_and_the_rest_counts_for_the_length() {
        let nobody = owner("", "", "");
        let score = |raw: &str| Strength::of(raw, &nobody).score;
        assert_eq!(score(&"a".repeat(40)), score(&format!("{}kx7 Ü# violet tides", "a".repeat(40))));
        assert_eq!(score(&format!("kx7 Ü# violet tides {}", "a".repeat(100))), 4);
        assert!(
            Strength::of(&"kx7#".repeat(33), &nobody)
                .fault
                .is_some_and(|fault| fault.to_string().contains("at most 128"))
        );
        // Most of the symbols that replace letters: a shorter part is rated, and it is strong.
        let symbols = "4@8({[<369$5+7%2!1|0".repeat(2);
        assert!((12..40).contains(&judged_part(&symbols).chars().count()) && score(&symbols) == 4);
        assert_eq!(judged_part("right horse battery"), "right horse battery");
    }

    #[test]
    fn one_password_in_two_unicode_forms_is_rated_the_same() {
        let (composed, decomposed) = ("Zürich ｖiolet tides", "Zu\u{308}rich violet tides");
        assert_eq!(Password::typed(composed.into()).reveal(), Password::typed(decomposed.into()).reveal());
        assert_eq!(Password::typed("violet".into()).reveal_unnormalised(), None);
        assert_eq!(Password::typed(decomposed.into()).reveal_unnormalised(), Some(decomposed));
        let zoe = owner("Zoë Müller", "", "Müller Zürich");
        let strengths =
            ["Zoë Müller Zürich", "Zoe\u{308} Mu\u{308}ller Zu\u{308}rich"].map(|raw| Strength::of(raw, &zoe));
        assert!(strengths[0] == strengths[1] && strengths[0].score <= 1, "{strengths:?}");
        let decomposed_name = owner("Zoe\u{308} Mu\u{308}ller", "", "Mu\u{308}ller Zürich");
        assert_eq!(Strength::of("Zoë Müller Zürich", &decomposed_name), strengths[0]);
        // 128 characters in one form, 256 code points in the other.
        let long = format!("violet tractor lagoon {}", "u\u{308}".repeat(106));
        assert_eq!(Strength::of(&long, &zoe).fault, None);
        // Eleven characters, in twelve code points.
        assert!(
            Strength::of("Zu\u{308}rich kx7", &zoe)
                .fault
                .is_some_and(|fault| fault.to_string().contains("at least 12"))
        );
    }

    #[test]
    fn a_password_is_never_printed() {
        assert_eq!(format!("{:?}", Password::typed("secret".into())), "Password(..)");
    }
}
