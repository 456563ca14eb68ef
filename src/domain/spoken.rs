//! The language of the answer that is being written.

use super::catalogue::Language;
use std::cell::Cell;
use std::future::Future;

tokio::task_local! {
    static WISHES: Cell<Wishes>;
}

/// The languages that are wished for one answer, by whose wish goes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Chosen by the person who is signed in.
    pub person: Option<Language>,
    /// Asked for by the browser.
    pub browser: Option<Language>,
    /// The default of the organisation that the answer is about.
    pub organisation: Option<Language>,
}

impl Wishes {
    /// The wishes for the present answer; none where none is being written.
    pub fn present() -> Self {
        WISHES.try_with(Cell::get).unwrap_or_default()
    }

    /// The language that they come to.
    pub fn language(self) -> Language {
        self.person.or(self.browser).or(self.organisation).unwrap_or(Language::ENGLISH)
    }

    /// Writes an answer by these wishes, and by those that become known meanwhile.
    pub fn during<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        WISHES.scope(Cell::new(self), work)
    }

    /// The same on a thread of its own.
    pub fn within<T>(self, work: impl FnOnce() -> T) -> T {
        WISHES.sync_scope(Cell::new(self), work)
    }
}

/// The person who is signed in has chosen this language, if any.
pub fn by_person(language: Option<Language>) {
    wish(|wishes| wishes.person = language.or(wishes.person));
}

/// The organisation that the answer is about has this default, if any.
pub fn by_organisation(language: Option<Language>) {
    wish(|wishes| wishes.organisation = language.or(wishes.organisation));
}

fn wish(change: impl FnOnce(&mut Wishes)) {
    // Without an answer there is nothing to remember it for.
    let _ = WISHES.try_with(|wishes| {
        let mut changed = wishes.get();
        change(&mut changed);
        wishes.set(changed);
    });
}

impl Language {
    /// The language of the present answer; English where none is being written.
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
    fn the_person_goes_before_the_browser_and_that_before_the_organisation() {
        let all = Wishes { person: PERSONS, browser: BROWSERS, organisation: ORGANISATIONS };
        let tag = |wishes: Wishes| wishes.language().tag();
        assert_eq!(tag(all), "x-person");
        assert_eq!(tag(Wishes { person: None, ..all }), "x-browser");
        assert_eq!(tag(Wishes { person: None, browser: None, ..all }), "x-organisation");
        assert_eq!(tag(Wishes::default()), "en");
    }

    #[test]
    fn an_answer_follows_the_wishes_that_become_known_while_it_is_written() {
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
