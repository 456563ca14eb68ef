//! Explains to operators why an e-mail could not be sent.

use crate::domain::phrase::{Phrase, phrase};
use lettre::transport::smtp::Error as Cause;
use std::error::Error;
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
    pub reason: Phrase,
    /// A sentence with the next step.
    pub advice: Phrase,
    /// True if the server will never accept this e-mail, so that it is not retried.
    pub permanent: bool,
    /// True if the server can be used, so that other e-mails may succeed.
    pub reached: bool,
}

impl Failure {
    /// The reason and the advice.
    pub fn words(&self) -> Phrase {
        phrase!("smtp-failure", reason = self.reason.clone(), advice = self.advice.clone())
    }

    /// A failure of the connection, which would affect every e-mail.
    const fn on_the_way(step: Step, reason: Phrase, advice: Phrase) -> Self {
        Self { step, reason, advice, permanent: false, reached: false }
    }

    /// The port begins without TLS, but the scheme is smtps://.
    pub(super) fn tls_too_early(port: u16) -> Self {
        Self::on_the_way(Step::Connect, phrase!("smtp-port-clear", port = port.to_string()), phrase!("smtp-fix-scheme"))
    }

    /// The port uses TLS from the first byte, but the scheme is smtp://.
    pub(super) fn tls_too_late(port: u16) -> Self {
        Self::on_the_way(Step::Connect, phrase!("smtp-port-tls", port = port.to_string()), phrase!("smtp-fix-scheme"))
    }

    /// The server accepts a connection but sends nothing.
    pub(super) fn silent(place: &str) -> Self {
        Self::on_the_way(Step::Connect, phrase!("smtp-silent", server = place), phrase!("smtp-fix-silent"))
    }

    pub(super) fn of_connection(cause: &Cause, place: &str, host: &str) -> Self {
        if is_about_certificate(cause) {
            return Self::of_tls(cause, host);
        }
        let text = one_line(&whole(cause));
        let (reason, advice) = match io_cause(cause) {
            Some(io) if io.to_string().contains("lookup address") => {
                (phrase!("smtp-unknown-host", host = host), phrase!("smtp-fix-unknown-host"))
            }
            Some(io) if io.kind() == ErrorKind::ConnectionRefused => {
                (phrase!("smtp-nothing-there", server = place), phrase!("smtp-fix-nothing-there"))
            }
            Some(io) if matches!(io.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                (phrase!("smtp-no-answer", server = place), phrase!("smtp-fix-no-answer"))
            }
            _ if cause.status().is_some() => {
                (phrase!("smtp-rejected", server = place, answer = text), phrase!("smtp-fix-rejected"))
            }
            _ if cause.is_response() => {
                (phrase!("smtp-not-mail", server = place, answer = text), phrase!("smtp-fix-port"))
            }
            _ => (phrase!("smtp-not-connected", server = place, cause = text), phrase!("smtp-fix-place")),
        };
        Self::on_the_way(Step::Connect, reason, advice)
    }

    pub(super) fn of_tls(cause: &Cause, host: &str) -> Self {
        let text = one_line(&whole(cause));
        let (reason, advice) = if cause.is_client() {
            (phrase!("smtp-no-tls"), phrase!("smtp-fix-no-tls"))
        } else if is_about_certificate(cause) {
            (phrase!("smtp-certificate", host = host, cause = text), phrase!("smtp-fix-certificate"))
        } else {
            (phrase!("smtp-tls-failed", cause = text), phrase!("smtp-fix-tls"))
        };
        Self::on_the_way(Step::Secure, reason, advice)
    }

    pub(super) fn of_sign_in(cause: &Cause) -> Self {
        let (reason, advice) = if cause.is_client() {
            (phrase!("smtp-no-sign-in"), phrase!("smtp-fix-no-sign-in"))
        } else {
            let answer = one_line(&whole(cause));
            (phrase!("smtp-wrong-password", answer = answer), phrase!("smtp-fix-password"))
        };
        Self::on_the_way(Step::SignIn, reason, advice)
    }

    pub(super) fn of_letter(cause: &Cause) -> Self {
        let text = one_line(&whole(cause));
        if let Some(refused) = Self::of_want(cause, &text) {
            return refused;
        }
        let (reason, advice) = match cause.status() {
            Some(_) if cause.is_permanent() => (phrase!("smtp-refused", answer = text), phrase!("smtp-fix-refused")),
            Some(_) => (phrase!("smtp-not-now", answer = text), phrase!("smtp-retried")),
            None => (phrase!("smtp-broken", cause = text), phrase!("smtp-retried")),
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
            let reason = phrase!("smtp-tls-wanted", answer = text);
            return Some(Self::on_the_way(Step::Secure, reason, phrase!("smtp-fix-tls-wanted")));
        }
        (code == 530 || (code >= 500 && lower.contains("authentication required"))).then(|| {
            let reason = phrase!("smtp-sign-in-wanted", answer = text);
            Self::on_the_way(Step::SignIn, reason, phrase!("smtp-fix-sign-in-wanted"))
        })
    }

    /// The e-mail cannot be formatted as a message. `cause`: the mail library's words.
    pub(super) fn unusable_letter(cause: String) -> Self {
        let reason = phrase!("smtp-unusable-letter", cause = cause);
        Self { step: Step::Send, reason, advice: phrase!("smtp-fix-unusable-letter"), permanent: true, reached: true }
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
