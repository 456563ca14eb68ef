//! Sends letters to the mail server.

use crate::domain::mail::{Mail, MailSecurity, MailServer};
use crate::domain::{Error, Result};
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, Message, SmtpTransport, Transport};
use std::time::Duration;

/// How long one step of the conversation may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The way to the mail server.
pub struct Sender {
    transport: SmtpTransport,
    from: Mailbox,
}

/// Why a letter was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the mail server said, or that it said nothing.
    pub reason: String,
    /// The server will never take it: another attempt is of no use.
    pub permanent: bool,
    /// The server answered; other letters may fare better.
    pub reached: bool,
}

impl Sender {
    /// To this server, from `from` (`Name <address>` or an address); `authorities` are certificates in PEM that are trusted
    /// besides the system's.
    ///
    /// # Errors
    /// `Invalid` with the flag that cannot be used.
    pub fn new(server: &MailServer, from: &str, authorities: Option<&[u8]>) -> Result<Self> {
        let from = from
            .parse()
            .map_err(|_| Error::invalid("--mail-from", "must be an address, such as Acme <no-reply@acme.example>"))?;
        let mut builder = SmtpTransport::builder_dangerous(&server.host)
            .port(server.port)
            .timeout(Some(TIMEOUT))
            .tls(tls(server, authorities)?);
        if let Some((user, password)) = &server.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Sends a letter: when this returns `Ok`, the server has taken it.
    ///
    /// # Errors
    /// What the server said.
    pub fn send(&self, mail: &Mail) -> std::result::Result<(), Failure> {
        let unusable =
            |cause: &dyn std::fmt::Display| Failure { reason: cause.to_string(), permanent: true, reached: true };
        let to: Address = mail.to.as_str().parse().map_err(|cause: lettre::address::AddressError| unusable(&cause))?;
        let part = |kind: ContentType, text: &str| SinglePart::builder().header(kind).body(text.to_owned());
        let message = Message::builder()
            .from(self.from.clone())
            .to(to.into())
            .subject(&mail.subject)
            .header(AutoSubmitted)
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, &mail.plain))
                    .singlepart(part(ContentType::TEXT_HTML, &mail.html)),
            )
            .map_err(|cause| unusable(&cause))?;
        self.transport.send(&message).map(drop).map_err(|cause| Failure {
            reason: in_full(&cause),
            permanent: cause.is_permanent(),
            reached: cause.status().is_some(),
        })
    }

    /// Speaks to the server without sending anything.
    ///
    /// # Errors
    /// What went wrong.
    pub fn check(&self) -> std::result::Result<(), String> {
        match self.transport.test_connection() {
            Ok(true) => Ok(()),
            Ok(false) => Err("the mail server hung up".into()),
            Err(cause) => Err(in_full(&cause)),
        }
    }
}

fn tls(server: &MailServer, authorities: Option<&[u8]>) -> Result<Tls> {
    if server.security == MailSecurity::Clear {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(server.host.clone());
    if let Some(pem) = authorities {
        let certificate = Certificate::from_pem(pem)
            .map_err(|_| Error::invalid("--smtp-ca-file", "must hold a certificate in PEM"))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    let parameters = parameters.build().map_err(Error::internal)?;
    Ok(match server.security {
        MailSecurity::StartTls => Tls::Required(parameters),
        _ => Tls::Wrapper(parameters),
    })
}

/// An error with what caused it: the outer text alone says little.
fn in_full(cause: &dyn std::error::Error) -> String {
    let mut text = cause.to_string();
    let mut inner = cause.source();
    while let Some(cause) = inner {
        let more = cause.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        inner = cause.source();
    }
    text.chars().take(500).collect()
}

/// Nobody wrote this by hand: no out-of-office answers, please.
///
/// Source: RFC 3834 5.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}
