//! Times that are in the past, in the future, absent or invalid. The allowed clock skew is 90 seconds.

use super::message::NOW;
use super::{Attack, signed_in_form, swap, with_content};
use vestibule::saml::test_idp::{Minted, Sign};

fn at(secs: i64) -> String {
    NOW.plus(secs).to_string()
}

fn with_time(name: &str, refused_as: &'static str, say: impl Fn(&mut Minted) + 'static) -> Attack {
    with_content(name, Sign::Assertion, refused_as, say)
}

/// Invalid times.
const INVALID: [(&str, &str); 8] = [
    ("that is a word", "yesterday"),
    ("that is empty", ""),
    ("without a time zone", "2026-11-24T09:00:00"),
    ("without a time of day", "2026-11-24"),
    ("in a 13th month", "2026-13-24T09:00:00Z"),
    ("in a 25th hour", "2026-11-24T25:00:00Z"),
    ("with a year of six digits", "202611-11-24T09:00:00Z"),
    ("in seconds since 1970", "1795510800"),
];

pub fn attacks() -> Vec<Attack> {
    let mut all = vec![
        with_time("Issued 391 seconds ago", "issue_instant", |it| it.issue_instant = at(-391)),
        with_time("Issued 391 seconds ahead", "issue_instant", |it| it.issue_instant = at(391)),
        with_time("Issued in the year 9999", "issue_instant", |it| it.issue_instant = "9999-12-31T23:59:59Z".into()),
        with_time("Issued in the year 0", "issue_instant", |it| it.issue_instant = "0000-01-01T00:00:00Z".into()),
        with_time("Delivered 90 seconds late", "subject_expired", |it| it.subject_not_on_or_after = Some(at(-90))),
        with_time("No end of the delivery time", "subject_expired", |it| it.subject_not_on_or_after = None),
        signed_in_form("Delivered 91 seconds too early", Sign::Assertion, "subject_not_yet_valid", {
            swap("<saml:SubjectConfirmationData", &format!("<saml:SubjectConfirmationData NotBefore=\"{}\"", at(91)))
        }),
        with_time("Valid in 91 seconds", "not_yet_valid", |it| it.not_before = Some(at(91))),
        with_time("Valid until 90 seconds ago", "expired", |it| it.not_on_or_after = Some(at(-90))),
        with_time("Valid until yesterday", "expired", |it| it.not_on_or_after = Some(at(-86_400))),
        with_time("An expired session of the provider", "session_expired", |it| {
            it.session_not_on_or_after = Some(at(-90));
        }),
    ];
    for (name, none) in INVALID {
        all.push(with_time(&format!("IssueInstant {name}"), "issue_instant", |it| it.issue_instant = none.into()));
        all.push(with_time(&format!("NotBefore {name}"), "not_yet_valid", |it| it.not_before = Some(none.into())));
        all.push(with_time(&format!("NotOnOrAfter {name}"), "expired", |it| it.not_on_or_after = Some(none.into())));
        all.push(with_time(&format!("The subject's NotOnOrAfter {name}"), "subject_expired", |it| {
            it.subject_not_on_or_after = Some(none.into());
        }));
        all.push(with_time(&format!("SessionNotOnOrAfter {name}"), "session_expired", |it| {
            it.session_not_on_or_after = Some(none.into());
        }));
    }
    all
}
