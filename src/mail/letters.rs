//! The e-mails, each as plain text and as HTML.

use crate::domain::Timestamp;
use crate::domain::catalogue::Language;
use crate::domain::mail::MailKind;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::text::plain_name;
use crate::domain::time::in_words;

/// An e-mail that is not translated yet. The queue adds the recipient and the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The kind, which is the e-mail's purpose.
    pub kind: MailKind,
    /// The subject.
    pub(super) subject: Phrase,
    /// The paragraphs.
    pub(super) paragraphs: Vec<Phrase>,
    /// The label and the URL of a link.
    pub(super) link: Option<(Phrase, String)>,
}

/// The inviter, as shown to the invited person.
#[derive(Debug, Clone)]
pub enum Inviter {
    /// A person or an API key with this name.
    Named(String),
    /// An admin who no longer has an account.
    Admin,
    /// An operator, through the command line.
    Operator,
}

impl Inviter {
    fn called(&self) -> Phrase {
        match self {
            Self::Named(name) => Phrase::words(plain_name(name)),
            Self::Admin => phrase!("inviter-admin"),
            Self::Operator => phrase!("inviter-operator"),
        }
    }
}

/// To a person who is invited to a workspace.
pub fn invitation(
    inviter: &Inviter,
    organisation: &str,
    workspace: &str,
    url: String,
    expires_at: Timestamp,
) -> Letter {
    let [organisation, workspace] = [organisation, workspace].map(plain_name);
    let inviter = inviter.called();
    let asked = if workspace == organisation {
        phrase!("mail-invitation", inviter = inviter, organisation = &organisation)
    } else {
        phrase!("mail-invitation-to-workspace", inviter = inviter, workspace = workspace, organisation = &organisation)
    };
    Letter {
        kind: MailKind::Invitation,
        subject: phrase!("mail-invitation-subject", organisation = organisation),
        paragraphs: vec![asked, phrase!("mail-invitation-until", until = in_words(expires_at))],
        link: Some((phrase!("mail-invitation-link"), url)),
    }
}

/// An organisation to which a person has access through single sign-on only.
#[derive(Debug, Clone)]
pub struct SsoOnly {
    /// The organisation's name.
    pub organisation: String,
    /// The URL where its people sign in.
    pub portal_url: String,
}

/// The use of a person's password.
#[derive(Debug, Clone, Default)]
pub struct PasswordUse {
    /// True if they can sign in with it.
    pub opens: bool,
    /// True if an organisation that requires single sign-on accepts it with a recovery code: they are an admin there.
    pub with_code: bool,
    /// Their organisations that do not accept it, because they require single sign-on.
    pub sso_only: Vec<SsoOnly>,
    /// Their other organisations that do not accept it, because they joined through SAML and the password is set by a
    /// link that was not sent by e-mail.
    pub unconfirmed: Vec<SsoOnly>,
}

/// To a person for whom a password reset was requested, by themselves or by someone else.
pub fn reset(useful: &PasswordUse, url: String, expires_at: Timestamp) -> Letter {
    let requires =
        |one: &SsoOnly| phrase!("mail-reset-sso", organisation = plain_name(&one.organisation), url = &one.portal_url);
    let until = in_words(expires_at);
    let letter = |paragraphs, link| Letter {
        kind: MailKind::Reset,
        subject: phrase!("mail-reset-subject"),
        paragraphs,
        link: Some(link),
    };
    match &useful.sso_only[..] {
        [first, others @ ..] if !useful.opens => {
            let organisation = plain_name(&first.organisation);
            let mut paragraphs = vec![phrase!("mail-reset-no-password", organisation = &organisation)];
            paragraphs.extend(others.iter().map(requires));
            paragraphs.push(if useful.with_code {
                phrase!("mail-reset-for-code", until = until, url = url)
            } else {
                phrase!("mail-reset-not-enough", organisation = &organisation, until = until, url = url)
            });
            paragraphs.push(phrase!("mail-reset-ignore"));
            letter(paragraphs, (phrase!("mail-reset-sso-link"), first.portal_url.clone()))
        }
        all => {
            let mut paragraphs = vec![phrase!("mail-reset"), phrase!("mail-reset-until", until = until)];
            paragraphs.extend(all.iter().map(requires));
            letter(paragraphs, (phrase!("mail-reset-link"), url))
        }
    }
}

/// To a person for whom an operator made a password link.
pub fn reset_link(url: String, expires_at: Timestamp) -> Letter {
    password_wanted(phrase!("mail-password-by-operator"), url, expires_at)
}

/// To a new operator who has no password yet.
pub fn operator_link(url: String, expires_at: Timestamp) -> Letter {
    password_wanted(phrase!("mail-password-of-operator"), url, expires_at)
}

/// To a person with an account who was added as an operator.
pub fn operator_wanted(url: String, expires_at: Timestamp) -> Letter {
    Letter {
        kind: MailKind::ResetLink,
        subject: phrase!("mail-operator-subject"),
        paragraphs: vec![phrase!("mail-operator"), phrase!("mail-operator-until", until = in_words(expires_at))],
        link: Some((phrase!("mail-operator-link"), url)),
    }
}

/// To a person without a password whose organisation no longer uses single sign-on.
pub fn sso_left(organisation: &str, url: String, expires_at: Timestamp) -> Letter {
    password_wanted(phrase!("mail-password-after-sso", organisation = plain_name(organisation)), url, expires_at)
}

fn password_wanted(why: Phrase, url: String, expires_at: Timestamp) -> Letter {
    Letter {
        kind: MailKind::ResetLink,
        subject: phrase!("mail-password-subject"),
        paragraphs: vec![why, phrase!("mail-password-until", until = in_words(expires_at))],
        link: Some((phrase!("mail-password-link"), url)),
    }
}

/// To each admin of an organisation: the last certificate of its connection expires in at most `days` days.
pub fn certificate_expiring(organisation: &str, days: i64, not_after: Timestamp, url: String) -> Letter {
    let organisation = plain_name(organisation);
    Letter {
        kind: MailKind::CertificateExpiring,
        subject: phrase!("mail-expiring-subject", organisation = &organisation, days = days),
        paragraphs: vec![
            phrase!("mail-expiring", organisation = organisation, at = in_words(not_after)),
            phrase!("mail-expiring-next"),
        ],
        link: Some(to_settings(url)),
    }
}

/// To each operator: no backup was made in two periods. `last`: when the last one was made, if any.
pub fn backup_late(last: Option<Timestamp>, url: String) -> Letter {
    let since = match last {
        Some(at) => phrase!("mail-backup-late-since", at = in_words(at)),
        None => phrase!("mail-backup-late-none"),
    };
    Letter {
        kind: MailKind::BackupLate,
        subject: phrase!("mail-backup-late-subject"),
        paragraphs: vec![since, phrase!("mail-backup-late-next")],
        link: Some((phrase!("mail-backup-late-link"), url)),
    }
}

/// To each admin of an organisation: an API key added a certificate, which must be adopted by an admin.
pub fn certificate_waiting(
    organisation: &str,
    key: &str,
    fingerprint: &str,
    not_after: Timestamp,
    url: String,
) -> Letter {
    let [organisation, key] = [organisation, key].map(plain_name);
    let at = in_words(not_after);
    Letter {
        kind: MailKind::CertificateFound,
        subject: phrase!("mail-waiting-subject", organisation = &organisation),
        paragraphs: vec![
            phrase!("mail-waiting", key = key, organisation = organisation, at = at, fingerprint = fingerprint),
            phrase!("mail-waiting-next"),
        ],
        link: Some(to_settings(url)),
    }
}

/// To each admin of an organisation: a certificate in its provider's metadata must be adopted by an admin.
pub fn certificate_found(organisation: &str, fingerprint: &str, not_after: Timestamp, url: String) -> Letter {
    let organisation = plain_name(organisation);
    Letter {
        kind: MailKind::CertificateFound,
        subject: phrase!("mail-found-subject", organisation = &organisation),
        paragraphs: vec![
            phrase!("mail-found", organisation = organisation, at = in_words(not_after)),
            phrase!("mail-found-next", fingerprint = fingerprint),
        ],
        link: Some(to_settings(url)),
    }
}

/// To each admin of an organisation: the person with its set-up link has saved the connection.
pub fn connection_waiting(organisation: &str, url: String) -> Letter {
    let organisation = plain_name(organisation);
    Letter {
        kind: MailKind::ConnectionWaiting,
        subject: phrase!("mail-saved-subject", organisation = &organisation),
        paragraphs: vec![phrase!("mail-saved", organisation = organisation), phrase!("mail-saved-next")],
        link: Some(to_settings(url)),
    }
}

fn to_settings(url: String) -> (Phrase, String) {
    (phrase!("mail-open-sso"), url)
}

/// To a person who has not signed in through SAML since the connection was tested.
pub fn saml_reminder(organisation: &str, url: String) -> Letter {
    let organisation = plain_name(organisation);
    Letter {
        kind: MailKind::SamlReminder,
        subject: phrase!("mail-reminder-subject", organisation = &organisation),
        paragraphs: vec![phrase!("mail-reminder", organisation = organisation), phrase!("mail-reminder-next")],
        link: Some((phrase!("mail-reminder-link"), url)),
    }
}

/// A test e-mail. `url`: the public URL.
pub fn test(url: &str, now: Timestamp) -> Letter {
    Letter {
        kind: MailKind::Test,
        subject: phrase!("mail-test-subject"),
        paragraphs: vec![phrase!("mail-test", url = url, at = in_words(now)), phrase!("mail-test-next")],
        link: None,
    }
}

impl Letter {
    /// Changes the e-mail so that it replaces all e-mails of its kind within an hour.
    #[must_use]
    pub fn for_all_of_an_hour(mut self) -> Self {
        self.subject = phrase!("mail-gathered-subject", subject = self.subject);
        self.paragraphs.push(phrase!("mail-gathered"));
        self
    }

    /// Translates the e-mail into a language.
    pub fn within(&self, language: Language) -> Written {
        Written {
            language,
            subject: self.subject.within(language),
            paragraphs: self.paragraphs.iter().map(|one| one.within(language)).collect(),
            link: self.link.as_ref().map(|(label, url)| (label.within(language), url.clone())),
        }
    }
}

/// An e-mail in one language.
pub struct Written {
    language: Language,
    /// The subject.
    pub subject: String,
    paragraphs: Vec<String>,
    link: Option<(String, String)>,
}

impl Written {
    /// The plain text. `brand`: the sender's name, shown at the top.
    pub fn plain(&self, brand: Option<&str>) -> String {
        let mut parts = self.paragraphs.clone();
        if let Some((label, url)) = &self.link {
            parts.insert(1.min(parts.len()), format!("{label}:\n{url}"));
        }
        parts.splice(0..0, brand.map(plain_name));
        parts.join("\n\n") + "\n"
    }

    /// The HTML, without images or other content that would be loaded. `brand`: the sender's name, shown at the top.
    pub fn html(&self, brand: Option<&str>) -> String {
        let mut parts: Vec<_> = self.paragraphs.iter().map(|text| format!("<p>{}</p>", escape(text))).collect();
        if let Some((label, url)) = &self.link {
            let (label, url) = (escape(label), escape(url));
            let button = format!(
                "<p><a href=\"{url}\" style=\"display:inline-block;padding:10px 18px;border-radius:8px;background:#1c5e58;\
                 color:#ffffff;text-decoration:none;font-weight:600\">{label}</a></p>\
                 <p style=\"font-size:13px;color:#555555\">{}<br>{url}</p>",
                escape(&phrase!("mail-or-address").within(self.language))
            );
            parts.insert(1.min(parts.len()), button);
        }
        let head = |name: String| format!("<p style=\"font-size:20px;font-weight:700\">{}</p>", escape(&name));
        parts.splice(0..0, brand.map(plain_name).map(head));
        format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body style=\"margin:0;padding:24px;background:#f5f6f8;color:#1b1d22;font:16px/1.5 system-ui,sans-serif\">\
             <div style=\"max-width:34em;margin:0 auto;padding:24px 28px;background:#ffffff;border-radius:12px\">{}</div>\
             </body></html>",
            self.language.tag(),
            escape(&self.subject),
            parts.concat()
        )
    }
}

/// Escapes text for HTML, so that a name cannot become markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_becomes_a_link_in_any_email() {
        let bad = "visit https://evil.example/x\r\nBcc: eve@evil.example";
        let (url, at) = (|| "https://login.acme.test/x".to_owned(), Timestamp(0));
        let useful = |opens, with_code| {
            let sso_only = vec![SsoOnly { organisation: bad.into(), portal_url: url() }];
            PasswordUse { opens, with_code, sso_only, unconfirmed: Vec::new() }
        };
        let letters = [
            invitation(&Inviter::Named(bad.into()), bad, bad, url(), at),
            sso_left(bad, url(), at),
            certificate_expiring(bad, 7, at, url()),
            certificate_found(bad, "22:CB", at, url()),
            connection_waiting(bad, url()),
            saml_reminder(bad, url()),
            reset(&useful(false, false), url(), at),
            reset(&useful(false, true), url(), at),
            reset(&useful(true, false), url(), at),
        ];
        for letter in letters.iter().flat_map(|one| [one.clone(), one.clone().for_all_of_an_hour()]) {
            let letter = letter.within(Language::ENGLISH);
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
    fn the_plain_text_and_the_html_have_the_same_content_and_names_are_escaped() {
        let url = "https://login.acme.test/invitation?token=1&x=2".to_owned();
        let letter = invitation(
            &Inviter::Named("eve@evil.test".into()),
            "<b>Acme</b> & Co",
            "Office",
            url.clone(),
            Timestamp(0),
        )
        .within(Language::ENGLISH);
        assert!(letter.plain(None).contains(&url) && letter.plain(None).contains("<b>Acme</b> & Co"));
        let html = letter.html(None);
        assert!(html.contains("&lt;b&gt;Acme&lt;/b&gt; &amp; Co") && !html.contains("<b>"));
        assert!(html.contains("background:#1c5e58;color:#ffffff"), "the product's green: {html}");
        let (plain, html) = (letter.plain(Some("visit evil.example")), letter.html(Some("<i>Acme</i> evil.example")));
        assert!(plain.starts_with("visit evil example\n\neve evil test invited"), "{plain}");
        assert!(html.contains("&lt;i&gt;Acme&lt;/i&gt; evil example"), "{html}");
        assert!(html.contains("token=1&amp;x=2") && html.contains("until 1 January 1970 at 00:00 UTC"));
    }
}
