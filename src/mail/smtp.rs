//! Sends e-mails to the mail server.

use super::failure::{Failure, Step, one_line};
use crate::domain::mail::{Mail, MailSecurity, MailSender, MailServer};
use crate::domain::mail_host::MailHost;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Email, Error, Result};
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use lettre::{Address, Message};
use native_tls::{HandshakeError, TlsConnector};
use std::io::Read;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The longest time for one step of the SMTP session.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How long to wait for the server's greeting before checking whether the port uses the other scheme.
const GREETING: Duration = Duration::from_secs(2);

/// Sends e-mails through a mail server.
pub struct Sender {
    server: MailServer,
    credentials: Option<Credentials>,
    tls: TlsParameters,
    hello: ClientId,
    from: Mailbox,
    domain: MailHost,
    /// True if the server has been slow to greet, which some servers are on purpose.
    slow: AtomicBool,
}

/// An e-mail to send.
pub struct Outgoing<'l> {
    /// The e-mail's id, the same for each attempt, so that mail servers can recognise a repeated e-mail.
    pub id: &'l str,
    /// The recipient.
    pub to: &'l Email,
    /// The subject.
    pub subject: &'l str,
    /// The plain text.
    pub plain: &'l str,
    /// The HTML.
    pub html: &'l str,
}

impl<'l> From<&'l Mail> for Outgoing<'l> {
    fn from(mail: &'l Mail) -> Self {
        Self { id: mail.id.as_str(), to: &mail.to, subject: &mail.subject, plain: &mail.plain, html: &mail.html }
    }
}

/// The port's reaction to the start of a TLS handshake.
#[derive(PartialEq, Eq)]
enum Reaction {
    Tls,
    Silence,
    /// No connection, or another answer.
    Other,
}

/// A callback for each completed step, with a description.
pub type Told<'t> = &'t mut dyn FnMut(Step, Phrase);

impl Sender {
    /// A sender for this server. `authorities`: DER certificates that are trusted in addition to the system's.
    ///
    /// # Errors
    /// `Invalid` with the flag whose value cannot be used.
    pub fn new(server: &MailServer, sender: &MailSender, authorities: &[Vec<u8>]) -> Result<Self> {
        let unusable =
            || Error::invalid("--mail-from", Phrase::words("must be an address, such as Acme <no-reply@acme.example>"));
        let from: Mailbox = sender.from.parse().map_err(|_| unusable())?;
        Email::parse(from.email.as_ref()).map_err(|_| unusable())?;
        let mut tls = TlsParameters::builder(server.host.clone());
        for (index, der) in authorities.iter().enumerate() {
            tls = tls.add_root_certificate(Certificate::from_der(der.clone()).map_err(|_| {
                Error::invalid(
                    "--smtp-ca-file",
                    Phrase::words(format!("certificate number {} cannot be read", index + 1)),
                )
            })?);
        }
        Ok(Self {
            credentials: server.credentials.clone().map(|(user, password)| Credentials::new(user, password)),
            tls: tls.build().map_err(Error::internal)?,
            hello: client_id(&sender.hello),
            domain: sender.domain.clone(),
            server: server.clone(),
            from,
            slow: AtomicBool::new(false),
        })
    }

    /// The host and port of the server, such as `mail.example.com:587`.
    pub fn place(&self) -> String {
        let MailServer { host, port, .. } = &self.server;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// The sender address of e-mails.
    pub fn from(&self) -> String {
        self.from.to_string()
    }

    /// Sends an e-mail. When this returns `Ok`, the server has accepted it.
    ///
    /// # Errors
    /// The step that failed, with the server's answer.
    pub fn send(&self, letter: &Outgoing, told: Told) -> std::result::Result<(), Failure> {
        let message = self.message(letter).map_err(Failure::unusable_letter)?;
        let mut connection = self.open(told)?;
        let answer =
            connection.send(message.envelope(), &message.formatted()).map_err(|cause| Failure::of_letter(&cause))?;
        told(Step::Send, phrase!("smtp-sent", answer = said(&answer)));
        // The server has accepted the e-mail, so the result of QUIT does not matter.
        drop(connection.quit());
        Ok(())
    }

    /// Connects and signs in to the server without sending an e-mail.
    ///
    /// # Errors
    /// The step that failed.
    pub fn check(&self) -> std::result::Result<(), Failure> {
        drop(self.open(&mut |_, _| {})?.quit());
        Ok(())
    }

    /// Formats an e-mail. It has no `List-Unsubscribe` header, because no e-mail goes to a list: each one answers a
    /// request or reports an event in an account, and one click in a mail program must not turn that off. People can
    /// turn off messages about new browsers in *Your account*.
    ///
    /// Source: RFC 5322 3.6 (Date, From, Message-ID); RFC 2369 3.2 and RFC 8058 1 (for lists).
    fn message(&self, letter: &Outgoing) -> std::result::Result<Message, String> {
        let to: Address =
            letter.to.as_str().parse().map_err(|cause: lettre::address::AddressError| cause.to_string())?;
        let part = |kind: ContentType, text: &str| SinglePart::builder().header(kind).body(text.to_owned());
        Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.id, self.domain)))
            .date_now()
            .from(self.from.clone())
            .to(to.into())
            .subject(letter.subject)
            .header(AutoSubmitted)
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, letter.plain))
                    .singlepart(part(ContentType::TEXT_HTML, letter.html)),
            )
            .map_err(|cause| cause.to_string())
    }

    /// Opens a connection over which e-mails can be sent.
    fn open(&self, told: Told) -> std::result::Result<SmtpConnection, Failure> {
        let mut connection = self.greet()?;
        told(Step::Connect, phrase!("smtp-answers", server = self.place()));
        let host = &self.server.host;
        let secured = match self.server.security {
            MailSecurity::Clear => phrase!("smtp-without-tls"),
            MailSecurity::Tls => phrase!("smtp-tls", host = host),
            MailSecurity::StartTls => {
                connection.starttls(&self.tls, &self.hello).map_err(|cause| Failure::of_tls(&cause, host))?;
                phrase!("smtp-starttls", host = host)
            }
        };
        told(Step::Secure, secured);
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, credentials).map_err(|cause| Failure::of_sign_in(&cause))?;
            told(Step::SignIn, phrase!("smtp-signed-in"));
        }
        Ok(connection)
    }

    /// Connects to the server. If that fails, checks whether the port uses the other scheme, because then both sides
    /// would wait for each other.
    fn greet(&self) -> std::result::Result<SmtpConnection, Failure> {
        let patience = if self.slow.load(Ordering::Relaxed) { TIMEOUT } else { GREETING };
        let begun = Instant::now();
        let failure = match self.dial(patience) {
            Ok(connection) => return Ok(connection),
            Err(failure) => failure,
        };
        let waited = begun.elapsed() >= patience;
        if failure.step == Step::Secure {
            return Err(failure);
        }
        if let Some(failure) = self.wrong_scheme() {
            return Err(failure);
        }
        if !waited || patience == TIMEOUT {
            return Err(failure);
        }
        let connection = self.dial(TIMEOUT)?;
        self.slow.store(true, Ordering::Relaxed);
        Ok(connection)
    }

    fn dial(&self, patience: Duration) -> std::result::Result<SmtpConnection, Failure> {
        let MailServer { host, port, security, .. } = &self.server;
        let wrapped = (*security == MailSecurity::Tls).then_some(&self.tls);
        // lettre sets its timeouts only after the TLS handshake, so that it would wait forever for a silent server.
        if wrapped.is_some() && self.try_handshake(patience) == Reaction::Silence {
            return Err(Failure::silent(&self.place()));
        }
        let mut connection =
            SmtpConnection::connect((host.as_str(), *port), Some(patience), &self.hello, wrapped, None)
                .map_err(|cause| Failure::of_connection(&cause, &self.place(), host))?;
        // A server that greets quickly may still take long to accept an e-mail.
        drop(connection.set_timeout(Some(TIMEOUT)));
        Ok(connection)
    }

    /// Starts a TLS handshake to see whether the port uses TLS. The certificate is not verified, because nothing is
    /// sent over this connection.
    fn try_handshake(&self, patience: Duration) -> Reaction {
        let place = (self.server.host.as_str(), self.server.port);
        let address = place.to_socket_addrs().ok().and_then(|mut all| all.next());
        let stream = address.and_then(|address| TcpStream::connect_timeout(&address, patience).ok()).filter(|stream| {
            stream.set_read_timeout(Some(patience)).is_ok() && stream.set_write_timeout(Some(patience)).is_ok()
        });
        let any =
            TlsConnector::builder().danger_accept_invalid_certs(true).danger_accept_invalid_hostnames(true).build();
        let (Some(stream), Ok(any)) = (stream, any) else { return Reaction::Other };
        match any.connect(&self.server.host, stream) {
            Ok(_) => Reaction::Tls,
            Err(HandshakeError::WouldBlock(_)) => Reaction::Silence,
            Err(HandshakeError::Failure(_)) => Reaction::Other,
        }
    }

    /// The failure if the port uses the protocol of the other scheme; `None` if it does not.
    fn wrong_scheme(&self) -> Option<Failure> {
        let port = self.server.port;
        if self.server.security == MailSecurity::Tls {
            let greeting = self.greeting_in_the_clear()?;
            let greets = greeting.get(..3).is_some_and(|code| code.iter().all(u8::is_ascii_digit));
            return greets.then(|| Failure::tls_too_early(port));
        }
        let is_tls = self.try_handshake(GREETING) == Reaction::Tls;
        is_tls.then(|| Failure::tls_too_late(port))
    }

    /// The first bytes that the port sends without TLS; `None` if it sends nothing.
    fn greeting_in_the_clear(&self) -> Option<Vec<u8>> {
        let address = (self.server.host.as_str(), self.server.port).to_socket_addrs().ok()?.next()?;
        let mut stream = TcpStream::connect_timeout(&address, GREETING).ok()?;
        stream.set_read_timeout(Some(GREETING)).ok()?;
        let mut greeting = vec![0; 512];
        let length = stream.read(&mut greeting).ok()?;
        greeting.truncate(length);
        Some(greeting)
    }
}

fn client_id(host: &MailHost) -> ClientId {
    match host {
        MailHost::Name(name) => ClientId::Domain(name.clone()),
        MailHost::V4(address) => ClientId::Ipv4(*address),
        MailHost::V6(address) => ClientId::Ipv6(*address),
    }
}

/// A server's answer on one line.
fn said(answer: &Response) -> String {
    one_line(&format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" ")))
}

/// The header for automatic e-mails, which prevents out-of-office replies.
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
