//! E-mails that notify people of events in their account or organisation, and say what to do if they did not expect
//! them.

use super::Letter;
use crate::domain::mail::MailKind;
use crate::domain::notice::{Change, News, Recovered, Scene};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::text::plain_name;
use crate::domain::time::in_words;

/// The e-mail about an event. `url`: makes a URL from the path of a page.
pub fn notice(news: &News, scene: &Scene, url: impl FnOnce(&str) -> String) -> Letter {
    let name = scene.organisation.as_ref().map_or_else(|| "Vestibule".into(), |one| plain_name(&one.name));
    let otherwise = match (news, &scene.organisation) {
        (News::PasswordChanged | News::NewBrowser, _) => phrase!("news-if-not-you"),
        (_, Some(_)) => phrase!("news-if-not-expected"),
        (_, None) => phrase!("news-if-not-expected-by-operators"),
    };
    let (what, at) = (what(news, scene, &name), in_words(scene.at));
    let told = match scene.from() {
        Some(from) => phrase!("news-told-from", what = what, at = at, from = from),
        None => phrase!("news-told", what = what, at = at),
    };
    let (label, page) = page(news, scene);
    Letter {
        kind: MailKind::Notice(news.kind()),
        subject: subject(news, &name),
        paragraphs: vec![told, otherwise],
        link: Some((label, url(&page))),
    }
}

fn subject(news: &News, name: &str) -> Phrase {
    match news {
        News::PasswordChanged => phrase!("news-password-subject"),
        News::NewBrowser => phrase!("news-browser-subject"),
        News::OperatorAdded(added) => phrase!("news-operator-subject", added = added.as_str()),
        News::OperatorWanted(wanted) => phrase!("news-operator-wanted-subject", added = wanted.as_str()),
        News::AdminAdded(added) => phrase!("news-admin-subject", name = name, added = added.as_str()),
        News::AdminRemoved(removed) => phrase!("news-no-admin-subject", name = name, removed = removed.as_str()),
        News::KeyMade(_) => phrase!("news-key-subject", name = name),
        News::ConnectionChanged(_) => phrase!("news-connection-subject", name = name),
        News::SamlOnlyChanged(true) => phrase!("news-saml-only-on-subject", name = name),
        News::SamlOnlyChanged(false) => phrase!("news-saml-only-off-subject", name = name),
        News::RecoveryUsed(person, _) => phrase!("news-recovery-subject", person = person.as_str(), name = name),
    }
}

/// The event as a sentence.
fn what(news: &News, scene: &Scene, name: &str) -> Phrase {
    let who = scene.who();
    match news {
        News::PasswordChanged => phrase!("news-password"),
        News::NewBrowser if scene.organisation.is_some() => phrase!("news-browser-of", name = name),
        News::NewBrowser => phrase!("news-browser"),
        News::OperatorAdded(added) => phrase!("news-operator", who = who, added = added.as_str(), name = name),
        News::OperatorWanted(wanted) => {
            phrase!("news-operator-wanted", who = who, added = wanted.as_str(), name = name)
        }
        News::AdminAdded(added) if scene.is_by(added) => {
            phrase!("news-admin-accepted", added = added.as_str(), name = name)
        }
        News::AdminAdded(added) => phrase!("news-admin", who = who, added = added.as_str(), name = name),
        News::AdminRemoved(removed) => phrase!("news-no-admin", who = who, removed = removed.as_str(), name = name),
        News::KeyMade(key) => phrase!("news-key", who = who, key = plain_name(key), name = name),
        News::ConnectionChanged(Change::Settings) => phrase!("news-settings", who = who, name = name),
        News::ConnectionChanged(Change::Removed) => phrase!("news-settings-removed", who = who, name = name),
        News::ConnectionChanged(Change::CertificateAdded) => phrase!("news-certificate", who = who, name = name),
        News::ConnectionChanged(Change::OwnKeys) => phrase!("news-own-keys", who = who, name = name),
        News::SamlOnlyChanged(true) => phrase!("news-saml-only-on", who = who, name = name),
        News::SamlOnlyChanged(false) => phrase!("news-saml-only-off", who = who, name = name),
        News::RecoveryUsed(person, Recovered::Code) => {
            phrase!("news-recovery-code", person = person.as_str(), name = name)
        }
        News::RecoveryUsed(person, Recovered::Link) => {
            phrase!("news-recovery-link", person = person.as_str(), name = name)
        }
    }
}

/// The label of the link, and the path of its page.
fn page(news: &News, scene: &Scene) -> (Phrase, String) {
    let (label, rest) = match news {
        News::PasswordChanged | News::NewBrowser => return (phrase!("mail-open-account"), "/account".into()),
        News::AdminAdded(_) | News::AdminRemoved(_) => (phrase!("mail-open-people"), "people"),
        News::KeyMade(_) => (phrase!("mail-open-keys"), "keys"),
        News::OperatorAdded(_) | News::OperatorWanted(_) => (phrase!("mail-open-audit"), "audit"),
        News::ConnectionChanged(_) | News::SamlOnlyChanged(_) | News::RecoveryUsed(..) => {
            (phrase!("mail-open-sso"), "sso")
        }
    };
    match &scene.organisation {
        Some(organisation) => (label, format!("/o/{}/{rest}", organisation.slug)),
        None => (phrase!("mail-open-audit"), "/operator/audit".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::Actor;
    use crate::domain::catalogue::Language;
    use crate::domain::ids::KeyId;
    use crate::domain::{Email, Timestamp};

    #[test]
    fn names_and_user_agents_never_become_links() {
        let bad = "visit https://evil.example/x\r\nBcc: eve@evil.example";
        let scene = Scene {
            actor: Actor::Key { id: KeyId::random(), name: bad.into() },
            address: bad.into(),
            agent: bad.into(),
            at: Timestamp(0),
            organisation: None,
        };
        let ann = Email::parse("ann@acme.test").expect("usable");
        for news in [
            News::PasswordChanged,
            News::NewBrowser,
            News::OperatorAdded(ann.clone()),
            News::OperatorWanted(ann.clone()),
            News::AdminAdded(ann.clone()),
            News::AdminRemoved(ann.clone()),
            News::KeyMade(bad.into()),
            News::ConnectionChanged(Change::Settings),
            News::SamlOnlyChanged(true),
            News::RecoveryUsed(ann, Recovered::Code),
        ] {
            let letter = notice(&news, &scene, |path| format!("https://login.acme.test{path}"));
            let letter = letter.within(Language::ENGLISH);
            assert!(letter.plain(None).contains("https://login.acme.test/"), "{}", letter.plain(None));
            for text in [
                letter.subject.clone(),
                letter.plain(None),
                letter.html(None),
                subject(&news, &plain_name(bad)).to_string(),
            ] {
                assert!(!text.contains("evil.example") && !text.contains("eve@"), "{text}");
            }
            assert!(!letter.subject.contains('\n'));
        }
    }
}
