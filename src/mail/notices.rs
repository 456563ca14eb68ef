//! Letters that tell people what has happened to their account or organisation, and what to do if it was not them.

use super::Letter;
use crate::domain::mail::MailKind;
use crate::domain::notice::{Change, News, Scene};
use crate::domain::text::plain_name;

const OWN: &str = "If this was you, there is nothing to do. If not, change your password, end any session \
    you do not recognise, and tell your admin.";
const TO_ADMINS: &str = "If you expected this, there is nothing to do. If not, undo it, check the audit log for other \
    actions of that account, have its password changed and its sessions ended, and tell your operator.";
const TO_OPERATORS: &str = "If you expected this, there is nothing to do. If not, undo it, check the audit log for other \
    actions of that account, and change its password.";

/// A letter that tells this. `url` makes an address of a page's path.
pub fn notice(news: &News, scene: &Scene, url: impl FnOnce(&str) -> String) -> Letter {
    let name = scene.organisation.as_ref().map_or_else(|| "Vestibule".into(), |one| plain_name(&one.name));
    let otherwise = match (news, &scene.organisation) {
        (News::PasswordChanged | News::NewBrowser, _) => OWN,
        (_, Some(_)) => TO_ADMINS,
        (_, None) => TO_OPERATORS,
    };
    let from = Some(scene.from()).filter(|from| !from.is_empty()).map(|from| format!(", {from}")).unwrap_or_default();
    let what = format!("{} When: {}{from}.", what(news, scene, &name), scene.at);
    let (label, page) = page(news, scene);
    Letter {
        kind: MailKind::Notice(news.kind()),
        subject: subject(news, &name),
        paragraphs: vec![what, otherwise.into()],
        link: Some((label, url(&page))),
    }
}

fn subject(news: &News, name: &str) -> String {
    match news {
        News::PasswordChanged => "Your password was changed".into(),
        News::NewBrowser => "A new sign-in to your account".into(),
        News::OperatorAdded(added) => format!("{added} is now an operator"),
        News::AdminAdded(added) => format!("{name}: {added} is now an organisation admin"),
        News::AdminRemoved(removed) => format!("{name}: {removed} is no longer an organisation admin"),
        News::KeyMade(_) => format!("{name}: a new API key"),
        News::ConnectionChanged(_) => format!("{name}: single sign-on settings changed"),
        News::SamlOnlyChanged(true) => format!("{name}: SAML-only is on"),
        News::SamlOnlyChanged(false) => format!("{name}: SAML-only is off"),
        News::RecoveryUsed(person, _) => format!("{person} signed in to {name} by recovery"),
    }
}

/// The event as a sentence.
fn what(news: &News, scene: &Scene, name: &str) -> String {
    let who = scene.who();
    match news {
        News::PasswordChanged => "The password of your account was set or changed.".into(),
        News::NewBrowser => {
            let place = scene.organisation.as_ref().map(|_| format!(" to {name}")).unwrap_or_default();
            format!("Your account signed in{place} from a browser that it had not used before.")
        }
        News::OperatorAdded(added) => format!("{who} made {added} an operator of {name}."),
        News::AdminAdded(added) if added.as_str() == who => {
            format!("{added} accepted an invitation to be an organisation admin of {name}.")
        }
        News::AdminAdded(added) => format!("{who} made {added} an organisation admin of {name}."),
        News::AdminRemoved(removed) => format!("{who} removed {removed} as an organisation admin of {name}."),
        News::KeyMade(key) => format!("{who} made the API key {} of {name}.", plain_name(key)),
        News::ConnectionChanged(change) => format!("{who} {} of {name}.", changed(*change)),
        News::SamlOnlyChanged(true) => {
            format!("{who} turned SAML-only on for {name}: members can no longer use passwords.")
        }
        News::SamlOnlyChanged(false) => format!("{who} turned SAML-only off for {name}."),
        News::RecoveryUsed(person, how) => format!("{person} signed in to {name} with {how}."),
    }
}

const fn changed(change: Change) -> &'static str {
    match change {
        Change::Settings => "changed the single sign-on settings",
        Change::Removed => "removed the single sign-on settings",
        Change::CertificateAdded => "added a certificate of the identity provider to the single sign-on settings",
        Change::OwnKeys => "changed our own SAML keys",
    }
}

/// The link's text, and the page that it opens.
fn page(news: &News, scene: &Scene) -> (&'static str, String) {
    let (label, rest) = match news {
        News::PasswordChanged | News::NewBrowser => return ("Open your account", "/account".into()),
        News::AdminAdded(_) | News::AdminRemoved(_) => ("Open the list of people", "people"),
        News::KeyMade(_) => ("Open the API keys", "keys"),
        News::OperatorAdded(_) => ("Open the audit log", "audit"),
        News::ConnectionChanged(_) | News::SamlOnlyChanged(_) | News::RecoveryUsed(..) => {
            ("Open the single sign-on settings", "sso")
        }
    };
    match &scene.organisation {
        Some(organisation) => (label, format!("/o/{}/{rest}", organisation.slug)),
        None => ("Open the audit log", "/operator/audit".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::Actor;
    use crate::domain::ids::KeyId;
    use crate::domain::{Email, Timestamp};

    #[test]
    fn neither_names_nor_what_a_browser_calls_itself_become_a_link() {
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
            News::AdminAdded(ann.clone()),
            News::AdminRemoved(ann.clone()),
            News::KeyMade(bad.into()),
            News::ConnectionChanged(Change::Settings),
            News::SamlOnlyChanged(true),
            News::RecoveryUsed(ann, "a recovery code"),
        ] {
            let letter = notice(&news, &scene, |path| format!("https://login.acme.test{path}"));
            assert!(letter.plain(None).contains("https://login.acme.test/"), "{}", letter.plain(None));
            for text in
                [letter.subject.clone(), letter.plain(None), letter.html(None), subject(&news, &plain_name(bad))]
            {
                assert!(!text.contains("evil.example") && !text.contains("eve@"), "{text}");
            }
            assert!(!letter.subject.contains('\n'));
        }
    }
}
