//! E-mails that notify people of events in their account or organisation, and say what to do if they did not expect
//! them.

use super::Letter;
use crate::domain::mail::MailKind;
use crate::domain::notice::{Change, NoticeEvent, Recovered, Scene};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::text::plain_name;
use crate::domain::time::in_words;

/// The e-mail about an event. `url`: makes a URL from the path of a page.
pub fn notice(event: &NoticeEvent, scene: &Scene, url: impl FnOnce(&str) -> String) -> Letter {
    let name = scene.organisation.as_ref().map_or_else(|| "Vestibule".into(), |one| plain_name(&one.name));
    let otherwise = match (event, &scene.organisation) {
        (NoticeEvent::PasswordChanged | NoticeEvent::NewBrowser, _) => phrase!("news-if-not-you"),
        (_, Some(_)) => phrase!("news-if-not-expected"),
        (_, None) => phrase!("news-if-not-expected-by-operators"),
    };
    let (what, at) = (what(event, scene, &name), in_words(scene.at));
    let told = match scene.from() {
        Some(from) => phrase!("news-told-from", what = what, at = at, from = from),
        None => phrase!("news-told", what = what, at = at),
    };
    let (label, page) = page(event, scene);
    Letter {
        kind: MailKind::Notice(event.kind()),
        subject: subject(event, &name),
        paragraphs: vec![told, otherwise],
        link: Some((label, url(&page))),
    }
}

fn subject(event: &NoticeEvent, name: &str) -> Phrase {
    match event {
        NoticeEvent::PasswordChanged => phrase!("news-password-subject"),
        NoticeEvent::NewBrowser => phrase!("news-browser-subject"),
        NoticeEvent::OperatorAdded(added) => phrase!("news-operator-subject", added = added.as_str()),
        NoticeEvent::OperatorWanted(wanted) => phrase!("news-operator-wanted-subject", added = wanted.as_str()),
        NoticeEvent::AdminAdded(added) => phrase!("news-admin-subject", name = name, added = added.as_str()),
        NoticeEvent::AdminRemoved(removed) => phrase!("news-no-admin-subject", name = name, removed = removed.as_str()),
        NoticeEvent::KeyMade(_) => phrase!("news-key-subject", name = name),
        NoticeEvent::ConnectionChanged(_) => phrase!("news-connection-subject", name = name),
        NoticeEvent::SamlOnlyChanged(true) => phrase!("news-saml-only-on-subject", name = name),
        NoticeEvent::SamlOnlyChanged(false) => phrase!("news-saml-only-off-subject", name = name),
        NoticeEvent::RecoveryUsed(person, _) => phrase!("news-recovery-subject", person = person.as_str(), name = name),
    }
}

/// The event as a sentence.
fn what(event: &NoticeEvent, scene: &Scene, name: &str) -> Phrase {
    let who = scene.who();
    match event {
        NoticeEvent::PasswordChanged => phrase!("news-password"),
        NoticeEvent::NewBrowser if scene.organisation.is_some() => phrase!("news-browser-of", name = name),
        NoticeEvent::NewBrowser => phrase!("news-browser"),
        NoticeEvent::OperatorAdded(added) => phrase!("news-operator", who = who, added = added.as_str(), name = name),
        NoticeEvent::OperatorWanted(wanted) => {
            phrase!("news-operator-wanted", who = who, added = wanted.as_str(), name = name)
        }
        NoticeEvent::AdminAdded(added) if scene.is_by(added) => {
            phrase!("news-admin-accepted", added = added.as_str(), name = name)
        }
        NoticeEvent::AdminAdded(added) => phrase!("news-admin", who = who, added = added.as_str(), name = name),
        NoticeEvent::AdminRemoved(removed) => {
            phrase!("news-no-admin", who = who, removed = removed.as_str(), name = name)
        }
        NoticeEvent::KeyMade(key) => phrase!("news-key", who = who, key = plain_name(key), name = name),
        NoticeEvent::ConnectionChanged(Change::Settings) => phrase!("news-settings", who = who, name = name),
        NoticeEvent::ConnectionChanged(Change::Removed) => phrase!("news-settings-removed", who = who, name = name),
        NoticeEvent::ConnectionChanged(Change::CertificateAdded) => phrase!("news-certificate", who = who, name = name),
        NoticeEvent::ConnectionChanged(Change::OwnKeys) => phrase!("news-own-keys", who = who, name = name),
        NoticeEvent::SamlOnlyChanged(true) => phrase!("news-saml-only-on", who = who, name = name),
        NoticeEvent::SamlOnlyChanged(false) => phrase!("news-saml-only-off", who = who, name = name),
        NoticeEvent::RecoveryUsed(person, Recovered::Code) => {
            phrase!("news-recovery-code", person = person.as_str(), name = name)
        }
        NoticeEvent::RecoveryUsed(person, Recovered::Link) => {
            phrase!("news-recovery-link", person = person.as_str(), name = name)
        }
    }
}

/// The label of the link, and the path of its page.
fn page(event: &NoticeEvent, scene: &Scene) -> (Phrase, String) {
    let (label, rest) = match event {
        NoticeEvent::PasswordChanged | NoticeEvent::NewBrowser => {
            return (phrase!("mail-open-account"), "/account".into());
        }
        NoticeEvent::AdminAdded(_) | NoticeEvent::AdminRemoved(_) => (phrase!("mail-open-people"), "people"),
        NoticeEvent::KeyMade(_) => (phrase!("mail-open-keys"), "keys"),
        NoticeEvent::OperatorAdded(_) | NoticeEvent::OperatorWanted(_) => (phrase!("mail-open-audit"), "audit"),
        NoticeEvent::ConnectionChanged(_) | NoticeEvent::SamlOnlyChanged(_) | NoticeEvent::RecoveryUsed(..) => {
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
        for event in [
            NoticeEvent::PasswordChanged,
            NoticeEvent::NewBrowser,
            NoticeEvent::OperatorAdded(ann.clone()),
            NoticeEvent::OperatorWanted(ann.clone()),
            NoticeEvent::AdminAdded(ann.clone()),
            NoticeEvent::AdminRemoved(ann.clone()),
            NoticeEvent::KeyMade(bad.into()),
            NoticeEvent::ConnectionChanged(Change::Settings),
            NoticeEvent::SamlOnlyChanged(true),
            NoticeEvent::RecoveryUsed(ann, Recovered::Code),
        ] {
            let letter = notice(&event, &scene, |path| format!("https://login.acme.test{path}"));
            let letter = letter.within(Language::ENGLISH);
            assert!(letter.plain(None).contains("https://login.acme.test/"), "{}", letter.plain(None));
            for text in [
                letter.subject.clone(),
                letter.plain(None),
                letter.html(None),
                subject(&event, &plain_name(bad)).to_string(),
            ] {
                assert!(!text.contains("evil.example") && !text.contains("eve@"), "{text}");
            }
            assert!(!letter.subject.contains('\n'));
        }
    }
}
