//! The language of the answer that is being written.

use super::catalogue::Language;
use std::cell::Cell;
use std::future::Future;

tokio::task_local! {
    static WISHES: Cell<Wishes>;
}

/// The preferred languages for one answer, in order of precedence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The language that the signed-in person has chosen.
    pub person: Option<Language>,
    /// The language that the browser requests.
    pub browser: Option<Language>,
    /// The default language of the organisation that the answer concerns.
    pub organisation: Option<Language>,
}

impl Wishes {
    /// The preferences for the current answer; empty if none is being written.
    pub fn present() -> Self {
        WISHES.try_with(Cell::get).unwrap_or_default()
    }

    /// The resulting language.
    pub fn language(self) -> Language {
        self.person.or(self.browser).or(self.organisation).unwrap_or(Language::ENGLISH)
    }

    /// Runs work that writes an answer, with these preferences and those that become known during the work.
    pub fn during<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        WISHES.scope(Cell::new(self), work)
    }

    /// As `during`, but for synchronous work.
    pub fn within<T>(self, work: impl FnOnce() -> T) -> T {
        WISHES.sync_scope(Cell::new(self), work)
    }
}

/// Records the language that the signed-in person has chosen, if any.
pub fn by_person(language: Option<Language>) {
    wish(|wishes| wishes.person = language.or(wishes.person));
}

/// Records the default language of the organisation that the answer concerns, if any.
pub fn by_organisation(language: Option<Language>) {
    wish(|wishes| wishes.organisation = language.or(wishes.organisation));
}

/// Records the languages that a request asks for, in place of those of the browser. `tags`: separated by spaces, the
/// preferred one first.
pub fn by_request(tags: Option<&str>) {
    let wanted = tags.into_iter().flat_map(|tags| tags.split(' ')).find_map(Language::nearest);
    wish(|wishes| wishes.browser = wanted.or(wishes.browser));
}

fn wish(change: impl FnOnce(&mut Wishes)) {
    // If no answer is being written, there is nothing to record.
    let _ = WISHES.try_with(|wishes| {
        let mut changed = wishes.get();
        change(&mut changed);
        wishes.set(changed);
    });
}

impl Language {
    /// The language of the current answer; English if none is being written.
    pub fn spoken() -> Self {
        Wishes::present().language()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSONS: Option<Language> = Some(Language::named("x-person"));
    const BROWSERS: Option<Language> = Some(Language::named("x-browser"));
    const ORGANISATIONS: Option<Language> = Some(Language::named("x-organisation"));

    #[test]
    fn the_language_of_the_person_precedes_the_browsers_and_that_precedes_the_organisations() {
        let all = Wishes { person: PERSONS, browser: BROWSERS, organisation: ORGANISATIONS };
        let tag = |wishes: Wishes| wishes.language().tag();
        assert_eq!(tag(all), "x-person");
        assert_eq!(tag(Wishes { person: None, ..all }), "x-browser");
        assert_eq!(tag(Wishes { person: None, browser: None, ..all }), "x-organisation");
        assert_eq!(tag(Wishes::default()), "en");
    }

    #[test]
    fn an_answer_follows_preferences_that_become_known_while_it_is_written() {
        Wishes { browser: BROWSERS, ..Wishes::default() }.within(|| {
            by_organisation(ORGANISATIONS);
            assert_eq!(Language::spoken().tag(), "x-browser");
            by_person(PERSONS);
            by_person(None);
            assert_eq!(Language::spoken().tag(), "x-person");
            assert_eq!(Wishes::default().within(Language::spoken), Language::ENGLISH, "another answer");
        });
        by_person(PERSONS);
        assert_eq!(Language::spoken(), Language::ENGLISH, "no answer is being written");
    }
}
