//! The letters, each as text and as HTML.

use crate::domain::Timestamp;
use crate::domain::mail::MailKind;
use crate::domain::text::plain_name;

/// An e-mail; the queue adds the recipient and the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its purpose.
    pub kind: MailKind,
    /// Its subject.
    pub subject: String,
    /// Its paragraphs.
    pub(super) paragraphs: Vec<String>,
    /// A link, and what it does, as a label.
    pub(super) link: Option<(&'static str, String)>,
}

/// To somebody whom an admin asks for.
pub fn invitation(inviter: &str, organisation: &str, workspace: &str, url: String, expires_at: Timestamp) -> Letter {
    let [inviter, organisation, workspace] = [inviter, organisation, workspace].map(plain_name);
    let what = if workspace == organisation { organisation.clone() } else { format!("{workspace} of {organisation}") };
    Letter {
        kind: MailKind::Invitation,
        subject: format!("You are invited to {organisation}"),
        paragraphs: vec![
            format!("{inviter} invited you to join {what}."),
            format!(
                "The link works once, until {expires_at}. If you did not expect an invitation, ignore this message."
            ),
        ],
        link: Some(("Accept the invitation", url)),
    }
}

/// An organisation where single sign-on is the only way in.
#[derive(Debug, Clone)]
pub struct SsoOnly {
    /// Its name.
    pub organisation: String,
    /// Where to sign in.
    pub portal_url: String,
}

/// To somebody who forgot their password, or so somebody says. `sso_only`: where no password opens anything to them;
/// `password_opens`: whether one opens anything else.
pub fn reset(sso_only: &[SsoOnly], password_opens: bool, url: String, expires_at: Timestamp) -> Letter {
    let asked = "Someone asked to reset the password of your account.";
    let ignore = "If it was not you, ignore this message: your password stays the same.";
    let requires = |one: &SsoOnly| {
        let name = plain_name(&one.organisation);
        format!("{name} requires single sign-on. Sign in here: {}", one.portal_url)
    };
    let letter = |paragraphs, link| Letter {
        kind: MailKind::Reset,
        subject: "Set a new password".into(),
        paragraphs,
        link: Some(link),
    };
    match sso_only {
        [first, others @ ..] if !password_opens => {
            let name = plain_name(&first.organisation);
            let mut paragraphs = vec![format!("{asked} You need no password: {name} requires single sign-on.")];
            paragraphs.extend(others.iter().map(requires));
            paragraphs.push(format!(
                "You need a password only to sign in with a recovery code. Set one here (the link works once, until {expires_at}): {url}"
            ));
            paragraphs.push(ignore.into());
            letter(paragraphs, ("Sign in with SSO", first.portal_url.clone()))
        }
        all => {
            let mut paragraphs = vec![
                format!("{asked} If it was you, set it here."),
                format!("The link works once, until {expires_at}. {ignore}"),
            ];
            paragraphs.extend(all.iter().map(requires));
            letter(paragraphs, ("Set a new password", url))
        }
    }
}

/// To somebody for whom an operator made a link.
pub fn reset_link(url: String, expires_at: Timestamp) -> Letter {
    password_wanted("An operator has sent you a link to set your password.".into(), url, expires_at)
}

/// To a new operator.
pub fn operator_link(url: String, expires_at: Timestamp) -> Letter {
    password_wanted("You are now an operator of Vestibule.".into(), url, expires_at)
}

/// To somebody with an account who was added as operator.
pub fn operator_wanted(url: String, expires_at: Timestamp) -> Letter {
    Letter {
        kind: MailKind::ResetLink,
        subject: "Confirm that you want to become an operator".into(),
        paragraphs: vec![
            "You were added as an operator of this Vestibule. Open the link and enter your current password to confirm it.".into(),
            format!("The link works once, until {expires_at}. If you did not expect this, tell the operator and do not open it."),
        ],
        link: Some(("Confirm", url)),
    }
}

/// To somebody whose organisation has left single sign-on, and who has no password.
pub fn sso_left(organisation: &str, url: String, expires_at: Timestamp) -> Letter {
    let organisation = plain_name(organisation);
    let why = format!("{organisation} no longer signs you in through single sign-on. You need a password now.");
    password_wanted(why, url, expires_at)
}

fn password_wanted(why: String, url: String, expires_at: Timestamp) -> Letter {
    Letter {
        kind: MailKind::ResetLink,
        subject: "Set your password".into(),
        paragraphs: vec![why, format!("The link works once, until {expires_at}.")],
        link: Some(("Set your password", url)),
    }
}

/// To every admin of an organisation: the last certificate of its connection ends, in this many days at most.
pub fn certificate_expiring(organisation: &str, days: i64, not_after: Timestamp, url: String) -> Letter {
    let organisation = plain_name(organisation);
    let when = if days == 1 { "within a day".into() } else { format!("within {days} days") };
    Letter {
        kind: MailKind::CertificateExpiring,
        subject: format!("{organisation}: your identity provider's certificate expires {when}"),
        paragraphs: vec![
            format!("The signing certificate of {organisation}'s identity provider expires at {not_after}."),
            "Create the next certificate at the provider and add it here before the provider starts to use it. Sign-ins then \
             continue during the change."
                .into(),
        ],
        link: Some(("Open the single sign-on settings", url)),
    }
}

/// Tells that an API key added a certificate, which waits for an organisation admin.
pub fn certificate_waiting(
    organisation: &str,
    key: &str,
    fingerprint: &str,
    not_after: Timestamp,
    url: String,
) -> Letter {
    let [organisation, key] = [organisation, key].map(plain_name);
    Letter {
        kind: MailKind::CertificateFound,
        subject: format!("{organisation}: approve a new certificate"),
        paragraphs: vec![
            format!(
                "The API key {key} added a certificate to the single sign-on of {organisation}. It expires at {not_after}. \
                 SHA-256 {fingerprint}"
            ),
            "It is not in use yet. Adopt it if your identity provider announced it; otherwise delete the API key."
                .into(),
        ],
        link: Some(("Open the single sign-on settings", url)),
    }
}

/// To every admin of an organisation: a certificate in its provider's metadata waits for them.
pub fn certificate_found(organisation: &str, fingerprint: &str, not_after: Timestamp, url: String) -> Letter {
    let organisation = plain_name(organisation);
    Letter {
        kind: MailKind::CertificateFound,
        subject: format!("{organisation}: your identity provider has a new certificate"),
        paragraphs: vec![
            format!(
                "The metadata of the identity provider of {organisation} has a new certificate, which expires at {not_after}."
            ),
            format!(
                "Adopt it with one click if your provider is going to use it. Until then, responses signed with it are refused. \
                 SHA-256 {fingerprint}"
            ),
        ],
        link: Some(("Open the single sign-on settings", url)),
    }
}

/// To every admin of an organisation: the bearer of its set-up link saved the connection.
pub fn connection_waiting(organisation: &str, url: String) -> Letter {
    let organisation = plain_name(organisation);
    Letter {
        kind: MailKind::ConnectionWaiting,
        subject: format!("{organisation}: test the new single sign-on settings"),
        paragraphs: vec![
            format!("The single sign-on settings of {organisation} were saved through a set-up link."),
            "Check them and sign in through them once yourself. Members can use them from then on, and the link \
             stops working. If you did not expect this, revoke the link."
                .into(),
        ],
        link: Some(("Open the single sign-on settings", url)),
    }
}

/// To somebody who has not signed in through SAML since the connection was tested.
pub fn saml_reminder(organisation: &str, url: String) -> Letter {
    let organisation = plain_name(organisation);
    Letter {
        kind: MailKind::SamlReminder,
        subject: format!("{organisation}: sign in once through single sign-on"),
        paragraphs: vec![
            format!("{organisation} is moving to single sign-on: you will sign in with your company's account, without another password."),
            "Please sign in that way once now. It shows that your company's sign-in works for you, so that you are not locked out later. If you are \
             refused, tell your admin what the page says."
                .into(),
        ],
        link: Some(("Sign in through single sign-on", url)),
    }
}

/// A test e-mail. `url`: the public URL.
pub fn test(url: &str, now: Timestamp) -> Letter {
    Letter {
        kind: MailKind::Test,
        subject: "Test of the mail from Vestibule".into(),
        paragraphs: vec![
            format!(
                "An operator of the Vestibule at {url} sent this message at {now} to test whether its mail arrives."
            ),
            "It did, so there is nothing to do. If it is in your spam folder, tell that operator.".into(),
        ],
        link: None,
    }
}

impl Letter {
    /// The same, to stand for all letters of its kind that an hour has.
    #[must_use]
    pub fn for_all_of_an_hour(mut self) -> Self {
        self.subject = format!("More than once: {}", self.subject);
        self.paragraphs.push(
            "You have received ten messages like this within a day. Until there are fewer, you get one message an hour for \
             all events of this kind. The audit log and Your account list all of them."
                .into(),
        );
        self
    }

    /// The text without markup. `brand`: whose letter it is, which stands at its top.
    pub fn plain(&self, brand: Option<&str>) -> String {
        let mut parts = self.paragraphs.clone();
        if let Some((label, url)) = &self.link {
            parts.insert(1.min(parts.len()), format!("{label}:\n{url}"));
        }
        parts.splice(0..0, brand.map(plain_name));
        parts.join("\n\n") + "\n"
    }

    /// The same as HTML: no image, nothing loaded from anywhere.
    pub fn html(&self, brand: Option<&str>) -> String {
        let mut parts: Vec<_> = self.paragraphs.iter().map(|text| format!("<p>{}</p>", escape(text))).collect();
        if let Some((label, url)) = &self.link {
            let (label, url) = (escape(label), escape(url));
            let button = format!(
                "<p><a href=\"{url}\" style=\"display:inline-block;padding:10px 18px;border-radius:8px;background:#1c5e58;\
                 color:#ffffff;text-decoration:none;font-weight:600\">{label}</a></p>\
                 <p style=\"font-size:13px;color:#555555\">Or open this address:<br>{url}</p>"
            );
            parts.insert(1.min(parts.len()), button);
        }
        let head = |name: String| format!("<p style=\"font-size:20px;font-weight:700\">{}</p>", escape(&name));
        parts.splice(0..0, brand.map(plain_name).map(head));
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body style=\"margin:0;padding:24px;background:#f5f6f8;color:#1b1d22;font:16px/1.5 system-ui,sans-serif\">\
             <div style=\"max-width:34em;margin:0 auto;padding:24px 28px;background:#ffffff;border-radius:12px\">{}</div>\
             </body></html>",
            escape(&self.subject),
            parts.concat()
        )
    }
}

/// Text as HTML: a name cannot become markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_no_link_in_any_letter() {
        let bad = "visit https://evil.example/x\r\nBcc: eve@evil.example";
        let (url, at) = (|| "https://login.acme.test/x".to_owned(), Timestamp(0));
        let letters = [
            invitation(bad, bad, bad, url(), at),
            sso_left(bad, url(), at),
            certificate_expiring(bad, 7, at, url()),
            certificate_found(bad, "22:CB", at, url()),
            connection_waiting(bad, url()),
            saml_reminder(bad, url()),
            reset(&[SsoOnly { organisation: bad.into(), portal_url: url() }], false, url(), at),
            reset(&[SsoOnly { organisation: bad.into(), portal_url: url() }], true, url(), at),
        ];
        for letter in letters.iter().flat_map(|one| [one.clone(), one.clone().for_all_of_an_hour()]) {
            for text in [letter.subject.clone(), letter.plain(None), letter.html(None)] {
                assert!(
                    !text.contains("evil.example") && !text.contains("eve@") && !text.contains("https://evil"),
                    "{text}"
                );
            }
            assert!(!letter.subject.contains('\n') && letter.plain(None).contains("visit https evil example"));
        }
    }

    #[test]
    fn both_forms_say_the_same_and_names_stay_text() {
        let url = "https://login.acme.test/invitation?token=1&x=2".to_owned();
        let letter = invitation("eve@evil.test", "<b>Acme</b> & Co", "Office", url.clone(), Timestamp(0));
        assert!(letter.plain(None).contains(&url) && letter.plain(None).contains("<b>Acme</b> & Co"));
        let html = letter.html(None);
        assert!(html.contains("&lt;b&gt;Acme&lt;/b&gt; &amp; Co") && !html.contains("<b>"));
        assert!(html.contains("background:#1c5e58;color:#ffffff"), "the product's green: {html}");
        let (plain, html) = (letter.plain(Some("visit evil.example")), letter.html(Some("<i>Acme</i> evil.example")));
        assert!(plain.starts_with("visit evil example\n\neve evil test invited"), "{plain}");
        assert!(html.contains("&lt;i&gt;Acme&lt;/i&gt; evil example"), "{html}");
        assert!(html.contains("token=1&amp;x=2") && html.contains("until 1970-01-01T00:00:00Z"));
    }
}
