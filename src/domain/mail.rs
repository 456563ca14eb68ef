//! E-mails that wait to be sent, and the mail server that takes them.

use super::connection::is_loopback;
use super::ids::{InvitationId, MailId, OrganisationId, SetupLinkId, UserId};
use super::mail_host::MailHost;
use super::notice::NoticeKind;
use super::phrase::{Phrase, phrase};
use super::{Email, Error, Result, Timestamp};
use percent_encoding::percent_decode_str;
use serde::{Serialize, Serializer};
use url::Url;

/// The purpose of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// The link of an invitation.
    Invitation,
    /// A link that sets a password, for a person who forgot theirs.
    Reset,
    /// A link that sets a password, from an operator or after a switch.
    ResetLink,
    /// A warning to all admins: the identity provider's certificate expires soon.
    CertificateExpiring,
    /// A message to all admins: the identity provider's metadata has a new certificate.
    CertificateFound,
    /// A message to all admins: the connection was saved by a set-up link, and needs their test sign-in.
    ConnectionWaiting,
    /// A reminder to a person who has not signed in through SAML yet.
    SamlReminder,
    /// A warning to all operators: no backup was made in two periods.
    BackupLate,
    /// A test e-mail, which is sent at once and never queued.
    Test,
    /// A notice of an event.
    Notice(NoticeKind),
}

impl MailKind {
    const WITHOUT_NOTICES: [Self; 8] = [
        Self::Invitation,
        Self::Reset,
        Self::ResetLink,
        Self::CertificateExpiring,
        Self::CertificateFound,
        Self::ConnectionWaiting,
        Self::SamlReminder,
        Self::BackupLate,
    ];

    /// All kinds that can be queued.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::WITHOUT_NOTICES.into_iter().chain(NoticeKind::ALL.map(Self::Notice))
    }

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::ResetLink => "reset_link",
            Self::CertificateExpiring => "certificate_expiring",
            Self::CertificateFound => "certificate_found",
            Self::ConnectionWaiting => "connection_waiting",
            Self::SamlReminder => "saml_reminder",
            Self::BackupLate => "backup_late",
            Self::Test => "test",
            Self::Notice(kind) => kind.as_str(),
        }
    }

    /// Reads the word in the database and the API.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::all().find(|kind| kind.as_str() == raw)
    }
}

impl Serialize for MailKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The order of an e-mail in the queue, and the object without which it is not sent.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// True if it is sent before all e-mails that are not urgent, because a person needs it to sign in.
    pub urgent: bool,
    /// The organisation to which the e-mail belongs. Organisations take turns in the queue; all e-mails without an
    /// organisation count as one more.
    pub organisation: Option<OrganisationId>,
    /// When this object no longer exists, the e-mail is removed from the queue.
    pub about: About,
}

impl Place {
    /// The order of an e-mail that is not urgent, among the e-mails of an organisation.
    pub fn of(organisation: &OrganisationId) -> Self {
        Self { organisation: Some(organisation.clone()), ..Self::default() }
    }

    /// Sets the object without which the e-mail is not sent.
    #[must_use]
    pub fn about(self, about: About) -> Self {
        Self { about, ..self }
    }

    /// Makes the e-mail urgent.
    #[must_use]
    pub fn urgent(self) -> Self {
        Self { urgent: true, ..self }
    }
}

/// The object without which an e-mail would be useless, and is not sent.
#[derive(Debug, Clone, Default)]
pub enum About {
    /// No object: the e-mail reports an event.
    #[default]
    Nothing,
    /// The invitation whose link it contains.
    Invitation(InvitationId),
    /// The link that sets a password, by the digest of its token.
    PasswordLink(Vec<u8>),
    /// The set-up link whose use it reports.
    SetupLink(SetupLinkId),
    /// The recipient's membership in the organisation of its `Place`.
    Member(UserId),
}

/// The numbers of e-mails that need an operator's attention.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stuck {
    /// The number of e-mails given up: the mail server refused them, or their link expired first.
    pub given_up: i64,
    /// The number of other e-mails that have waited for longer than `OVERDUE_SECS`.
    pub overdue: i64,
}

/// How long an e-mail may wait before operators are warned, in seconds.
pub const OVERDUE_SECS: i64 = 15 * 60;

impl Stuck {
    /// A description in words; `None` if both numbers are 0.
    pub fn words(self) -> Option<Phrase> {
        let given_up = (self.given_up > 0).then(|| phrase!("stuck-given-up", count = self.given_up));
        let overdue = (self.overdue > 0).then(|| phrase!("stuck-overdue", count = self.overdue));
        match (given_up, overdue) {
            (Some(given_up), Some(overdue)) => Some(phrase!("stuck-both", given_up = given_up, overdue = overdue)),
            (given_up, overdue) => given_up.or(overdue),
        }
    }
}

/// An e-mail that has not been sent yet. It is deleted once it is sent, because it may contain a link.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// Its purpose.
    pub kind: MailKind,
    /// The recipient.
    pub to: Email,
    /// Its subject.
    pub subject: String,
    /// Its text, as plain text.
    pub plain: String,
    /// Its text, as HTML.
    pub html: String,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it becomes useless, because its link expires.
    pub expires_at: Timestamp,
    /// The number of attempts to send it.
    pub attempts: i64,
    /// When the next attempt is due; `None` once it is given up.
    pub next_attempt_at: Option<Timestamp>,
    /// The mail server's last error.
    pub last_error: Option<Phrase>,
}

/// The first wait after a failure, in seconds; it doubles each time.
const FIRST_WAIT_SECS: i64 = 30;
/// The longest wait, in seconds.
pub const LONGEST_WAIT_SECS: i64 = 3600;

impl Mail {
    /// When to try again after another failure; `None` if its link will have expired by then.
    pub fn retry_at(&self, now: Timestamp) -> Option<Timestamp> {
        let doublings = u32::try_from(self.attempts.clamp(0, 10)).unwrap_or(10);
        let wait = (FIRST_WAIT_SECS << doublings).min(LONGEST_WAIT_SECS);
        Some(now.plus(wait)).filter(|at| *at < self.expires_at)
    }
}

/// The encryption of the connection to the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// Unencrypted: only to a server on this machine.
    Clear,
    /// STARTTLS: nothing is sent unless the server accepts it.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// The mail server that takes our e-mails.
#[derive(Clone, PartialEq, Eq)]
pub struct MailServer {
    /// Its host name, which its certificate must contain.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The encryption of the connection to it.
    pub security: MailSecurity,
    /// User name and password, if it requires them.
    pub credentials: Option<(String, String)>,
}

impl MailServer {
    /// Reads `smtp://user:password@mail.example.com:587` (STARTTLS; unencrypted on loopback, unless `?tls=required`) or
    /// `smtps://mail.example.com` (TLS).
    ///
    /// # Errors
    /// `Invalid` with field `--smtp-url`; its text never contains the URL, which may contain a password.
    ///
    /// Source: RFC 8314 3.3 (ports 465 and 587).
    pub fn parse(raw: &str) -> Result<Self> {
        let refuse = |why: &str| Error::invalid("--smtp-url", Phrase::words(why));
        let url = Url::parse(raw.trim()).map_err(|_| refuse("must be a URL such as smtp://mail.example.com:587"))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| refuse("must name a host"))?;
        let strict = match url.query() {
            None => false,
            Some("tls=required") => true,
            Some(_) => return Err(refuse("accepts only ?tls=required")),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(refuse("must have no path"));
        }
        let security = match url.scheme() {
            "smtps" => MailSecurity::Tls,
            "smtp" if is_loopback(host) && !strict => MailSecurity::Clear,
            "smtp" => MailSecurity::StartTls,
            _ => return Err(refuse("must begin with smtp:// (STARTTLS) or smtps:// (TLS)")),
        };
        let usual = match security {
            MailSecurity::Clear => 25,
            MailSecurity::StartTls => 587,
            MailSecurity::Tls => 465,
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let password = url.password().map(&decoded);
        let credentials = password.map(|password| (decoded(url.username()), password));
        if credentials.is_none() && !url.username().is_empty() {
            return Err(refuse("names a user without a password; write smtp://user:password@host"));
        }
        let host = host.trim_matches(['[', ']']).to_owned();
        Ok(Self { host, port: url.port().unwrap_or(usual), security, credentials })
    }
}

/// The sender of e-mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSender {
    /// The sender's address, to which bounces are sent too: an address, or `Name <address>`.
    pub from: String,
    /// The name that we give to the mail server (EHLO).
    pub hello: MailHost,
    /// The public host, after the `@` of each Message-ID.
    pub domain: MailHost,
}

impl MailSender {
    /// A setting that other mail servers would reject, and what to do; `None` if there is none.
    pub fn doubt(&self) -> Option<Phrase> {
        let from = self.from.rsplit('@').next().unwrap_or_default().trim_end_matches(['>', ' ']);
        if !from.contains('.') || from.starts_with('[') {
            return Some(phrase!("smtp-sender-unknown", from = &self.from));
        }
        (!self.hello.is_known_outside()).then(|| phrase!("smtp-hello-unknown", hello = self.hello.to_string()))
    }
}

impl std::fmt::Debug for MailServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MailServer({}:{}, {:?})", self.host, self.port, self.security)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> (String, u16, MailSecurity) {
        let server = MailServer::parse(raw).expect(raw);
        (server.host, server.port, server.security)
    }

    #[test]
    fn only_mail_to_this_machine_is_sent_unencrypted() {
        assert_eq!(read("smtp://127.0.0.1:2525"), ("127.0.0.1".into(), 2525, MailSecurity::Clear));
        assert_eq!(read("smtp://[::1]"), ("::1".into(), 25, MailSecurity::Clear));
        assert_eq!(read("smtp://localhost?tls=required"), ("localhost".into(), 587, MailSecurity::StartTls));
        assert_eq!(read("smtp://mail.example.com"), ("mail.example.com".into(), 587, MailSecurity::StartTls));
        assert_eq!(read("smtps://mail.example.com"), ("mail.example.com".into(), 465, MailSecurity::Tls));
        for bad in [
            "mail.example.com",
            "http://x.test",
            "smtp://",
            "smtp://x.test/path",
            "smtp://x.test?tls=off",
            "smtp://ann@x.test",
        ] {
            assert!(MailServer::parse(bad).is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn credentials_are_decoded_and_never_printed() {
        let server = MailServer::parse("smtp://ann%40acme.test:p+%3Aw%26d@mail.example.com").expect("usable");
        assert_eq!(server.credentials, Some(("ann@acme.test".into(), "p+:w&d".into())));
        assert!(!format!("{server:?}").contains("acme"));
    }

    #[test]
    fn stuck_e_mails_are_described_in_words() {
        let words = |given_up, overdue| Stuck { given_up, overdue }.words().map(|words| words.to_string());
        assert_eq!(words(0, 0), None);
        assert_eq!(words(1, 0).as_deref(), Some("1 e-mail could not be sent"));
        let both = "2 e-mails could not be sent, and 1 e-mail has waited for more than 15 minutes";
        assert_eq!(words(2, 1).as_deref(), Some(both));
    }

    #[test]
    fn waits_between_attempts_double_up_to_an_hour_and_end_when_the_link_expires() {
        let at = |attempts, expires_at| {
            let mail = Mail {
                id: MailId::random(),
                kind: MailKind::Reset,
                to: Email::parse("ann@acme.test").expect("usable"),
                subject: String::new(),
                plain: String::new(),
                html: String::new(),
                created_at: Timestamp(0),
                expires_at: Timestamp(expires_at),
                attempts,
                next_attempt_at: None,
                last_error: None,
            };
            mail.retry_at(Timestamp(0)).map(|at| at.0)
        };
        assert_eq!([0, 1, 2, 6, 7, 99].map(|attempts| at(attempts, 86_400)), [30, 60, 120, 1920, 3600, 3600].map(Some));
        assert_eq!(at(7, 3600), None);
    }
}
