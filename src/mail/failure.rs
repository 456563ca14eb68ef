//! Explains to operators why an e-mail could not be sent.

use lettre::transport::smtp::Error as Cause;
use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind};

/// The longest text of a mail server that is shown, in characters.
const LONGEST: usize = 500;

/// A step of sending an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The connection and the greeting.
    Connect,
    /// The start of TLS.
    Secure,
    /// The sign-in with a user name and password.
    SignIn,
    /// The e-mail itself.
    Send,
}

impl Step {
    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Secure => "tls",
            Self::SignIn => "sign_in",
            Self::Send => "send",
        }
    }
}

/// Why an e-mail was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The step that failed.
    pub step: Step,
    /// A phrase with the problem, which includes the mail server's answer, if any.
    pub reason: String,
    /// A sentence with the next step.
    pub advice: &'static str,
    /// True if the server will never accept this e-mail, so that it is not retried.
    pub permanent: bool,
    /// True if the server can be used, so that other e-mails may succeed.
    pub reached: bool,
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.reason, self.advice)
    }
}

impl Failure {
    /// A failure of the connection, which would affect every e-mail.
    fn on_the_way(step: Step, reason: String, advice: &'static str) -> Self {
        Self { step, reason, advice, permanent: false, reached: false }
    }

    /// The port uses the protocol of the other scheme.
    pub(super) fn wrong_scheme(port: u16, speaks: &str, wanted: &str, written: &str) -> Self {
        let reason = format!("port {port} {speaks}: it needs {wanted} in --smtp-url instead of {written}");
        Self::on_the_way(
            Step::Connect,
            reason,
            "Change the scheme, or the port: 587 is usual for smtp://, 465 for smtps://.",
        )
    }

    /// The server accepts a connection but sends nothing.
    pub(super) fn silent(place: &str) -> Self {
        let advice = "Check host and port in --smtp-url: another program or a firewall may answer there.";
        Self::on_the_way(Step::Connect, format!("{place} accepts the connection and then says nothing"), advice)
    }

    pub(super) fn of_connection(cause: &Cause, place: &str, host: &str) -> Self {
        if is_about_certificate(cause) {
            return Self::of_tls(cause, host);
        }
        let (reason, advice) = match io_cause(cause) {
            Some(io) if io.to_string().contains("lookup address") => (
                format!("the host name {host} cannot be resolved"),
                "Check the host in --smtp-url, and this machine's DNS.",
            ),
            Some(io) if io.kind() == ErrorKind::ConnectionRefused => (
                format!("nothing listens at {place} (connection refused)"),
                "Check host and port in --smtp-url, and whether the mail server runs.",
            ),
            Some(io) if matches!(io.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => (
                format!("{place} does not answer"),
                "Check host and port in --smtp-url, and firewalls on the way: many networks block port 25, so use 587 or 465.",
            ),
            _ if cause.status().is_some() => (
                format!("{place} rejected us: {}", one_line(&whole(cause))),
                "Ask the mail server's administrator; some servers expect another name from us (--smtp-helo).",
            ),
            _ if cause.is_response() => (
                format!("{place} responds, but not like a mail server: {}", one_line(&whole(cause))),
                "Check the port in --smtp-url: 587 is usual for smtp://, 465 for smtps://.",
            ),
            _ => (format!("{place}: {}", one_line(&whole(cause))), "Check host and port in --smtp-url."),
        };
        Self::on_the_way(Step::Connect, reason, advice)
    }

    pub(super) fn of_tls(cause: &Cause, host: &str) -> Self {
        let text = one_line(&whole(cause));
        if cause.is_client() {
            let reason =
                "the mail server does not offer TLS (STARTTLS), and Vestibule sends nothing unencrypted to another machine".into();
            let advice = "Use its TLS port: smtps://, usually port 465.";
            return Self::on_the_way(Step::Secure, reason, advice);
        }
        if is_about_certificate(cause) {
            let reason = format!("the mail server's certificate cannot be verified for {host}: {text}");
            let advice = "Where your own authority signed it, name that authority's certificate with --smtp-ca-file; otherwise the host in \
                 --smtp-url must be a name in the certificate.";
            return Self::on_the_way(Step::Secure, reason, advice);
        }
        let advice = "Ask the mail server's administrator which TLS versions it supports: 1.2 or 1.3 is required.";
        Self::on_the_way(Step::Secure, format!("TLS failed: {text}"), advice)
    }

    pub(super) fn of_sign_in(cause: &Cause) -> Self {
        let text = one_line(&whole(cause));
        let (reason, advice) = if cause.is_client() {
            (
                "the mail server does not accept a user name and password here (neither AUTH PLAIN nor LOGIN)".into(),
                "Remove them from --smtp-url, or use the port for authenticated senders: usually 587 or 465.",
            )
        } else {
            (
                format!("the mail server refused the user name or the password: {text}"),
                "Check both in --smtp-url, percent-encoded; some providers require an app password.",
            )
        };
        Self::on_the_way(Step::SignIn, reason, advice)
    }

    pub(super) fn of_letter(cause: &Cause) -> Self {
        let text = one_line(&whole(cause));
        if let Some(refused) = Self::of_want(cause, &text) {
            return refused;
        }
        let (reason, advice) = match cause.status() {
            Some(_) if cause.is_permanent() => (
                format!("the mail server refused the e-mail: {text}"),
                "Its answer says whether the recipient, the sender (--mail-from) or the rights of the user in --smtp-url are the problem.",
            ),
            Some(_) => (
                format!("the mail server does not accept the e-mail now: {text}"),
                "It is retried automatically, unless this was a test.",
            ),
            None => (
                format!("the connection broke while the e-mail was sent: {text}"),
                "It is retried automatically, unless this was a test.",
            ),
        };
        Self { step: Step::Send, reason, advice, permanent: cause.is_permanent(), reached: cause.status().is_some() }
    }

    /// The server accepts e-mails only after a sign-in, or only over TLS, which affects every e-mail; `None` for any
    /// other answer.
    ///
    /// Source: RFC 4954, 6 and RFC 3207, 4 (530).
    fn of_want(cause: &Cause, text: &str) -> Option<Self> {
        let code = cause.status().map(u16::from)?;
        let lower = text.to_lowercase();
        if code == 530 && lower.contains("starttls") {
            let reason = format!("the mail server accepts e-mail only over TLS: {text}");
            let advice = "Add ?tls=required to --smtp-url, or use smtps:// with the server's TLS port, usually 465.";
            return Some(Self::on_the_way(Step::Secure, reason, advice));
        }
        (code == 530 || (code >= 500 && lower.contains("authentication required"))).then(|| {
            let reason = format!("the mail server accepts e-mail only after a sign-in: {text}");
            let advice =
                "Put the user name and password into --smtp-url, percent-encoded: smtp://user:password@host:587.";
            Self::on_the_way(Step::SignIn, reason, advice)
        })
    }

    /// The e-mail cannot be formatted as a message.
    pub(super) fn unusable_letter(reason: String) -> Self {
        Self { step: Step::Send, reason, advice: "Discard it and send a new one.", permanent: true, reached: true }
    }
}

fn is_about_certificate(cause: &Cause) -> bool {
    whole(cause).contains("certificate")
}

/// The network error that caused the failure, if any.
fn io_cause(cause: &Cause) -> Option<&io::Error> {
    let mut inner = cause.source();
    while let Some(cause) = inner {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            return Some(io);
        }
        inner = cause.source();
    }
    None
}

/// The text of an error with all its causes, because the outermost text says little.
fn whole(cause: &dyn Error) -> String {
    let mut text = cause.to_string();
    let mut inner = cause.source();
    while let Some(cause) = inner {
        let more = cause.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        inner = cause.source();
    }
    text
}

/// A mail server's text on one line, without control characters, and shortened.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect::<String>().trim().to_owned()
}
