//! A mail server on loopback that keeps the e-mails that it receives.

use mailin_embedded::{Handler, Response, Server, SslConfig, response};
use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod, SslStream};
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The server's reaction to e-mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailBehaviour {
    Accepts,
    /// Temporary error: try again later.
    BusyForNow,
    /// Permanent error: no such mailbox.
    NoSuchMailbox,
    /// Requires a user name and a password.
    RequiresAuthentication,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The host name that the sender stated.
    pub hello: String,
    /// The return path.
    pub from: String,
    pub to: String,
    /// The e-mail as received.
    pub raw: String,
    /// The headers and both forms of the text, without quoted-printable encoding.
    pub text: String,
}

impl Received {
    /// The one-time token of the link in the e-mail.
    pub fn token(&self) -> String {
        let (_, rest) = self.text.split_once("token=").unwrap_or_else(|| panic!("no link: {}", self.text));
        rest.chars().take_while(char::is_ascii_hexdigit).collect()
    }
}

/// Parts of the subjects of notices that only `notices.rs` tests.
const NOTICES_OF_SET_UP: [&str; 3] =
    ["Subject: Your password was changed", ": single sign-on settings changed\r\n", ": SAML-only is o"];

#[derive(Clone)]
struct Connection {
    state: Arc<Mutex<(MailBehaviour, Vec<Received>)>>,
    password: Option<&'static str>,
    known: bool,
    hello: String,
    from: String,
    to: String,
    data: Vec<u8>,
}

impl Handler for Connection {
    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        self.known = user == "vestibule" && Some(password) == self.password;
        if self.known { response::AUTH_OK } else { response::INVALID_CREDENTIALS }
    }

    fn helo(&mut self, _: IpAddr, domain: &str) -> Response {
        domain.clone_into(&mut self.hello);
        response::OK
    }

    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        from.clone_into(&mut self.from);
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        to.clone_into(&mut self.to);
        match self.state.lock().expect("free").0 {
            _ if self.password.is_some() && !self.known => response::AUTHENTICATION_REQUIRED,
            MailBehaviour::Accepts => response::OK,
            MailBehaviour::BusyForNow => response::INTERNAL_ERROR,
            MailBehaviour::NoSuchMailbox => response::NO_MAILBOX,
            MailBehaviour::RequiresAuthentication => response::AUTHENTICATION_REQUIRED,
        }
    }

    fn data(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.data.extend(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let raw = String::from_utf8_lossy(&std::mem::take(&mut self.data)).into_owned();
        let text = raw.replace("=\r\n", "").replace("=3D", "=");
        let (hello, from, to) = (self.hello.clone(), self.from.clone(), self.to.clone());
        self.state.lock().expect("free").1.push(Received { hello, from, to, raw, text });
        response::OK
    }
}

/// The mail server. It runs until the tests end.
pub struct MailServer {
    pub port: u16,
    state: Arc<Mutex<(MailBehaviour, Vec<Received>)>>,
}

impl MailServer {
    /// A server without TLS.
    pub fn new() -> Self {
        Self::start(None, None)
    }

    /// A server with STARTTLS, with the certificate and key in this folder, and this password for the user `vestibule`.
    pub fn with_tls(folder: &Path, password: &'static str) -> Self {
        Self::start(Some(folder), Some(password))
    }

    fn start(folder: Option<&Path>, password: Option<&'static str>) -> Self {
        let state = Arc::new(Mutex::new((MailBehaviour::Accepts, Vec::new())));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (hello, from, to) = (String::new(), String::new(), String::new());
        let connection = Connection { state: state.clone(), password, known: false, hello, from, to, data: Vec::new() };
        let mut server = Server::new(connection);
        server.with_tcp_listener(listener);
        if let Some(folder) = folder {
            let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
            let tls = SslConfig::SelfSigned { cert_path: path("mail.pem"), key_path: path("mail.key") };
            server.with_ssl(tls).expect("a usable certificate");
            server.with_auth(mailin_embedded::AuthMechanism::Plain);
        }
        std::thread::spawn(move || drop(server.serve()));
        Self { port, state }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn set_behaviour(&self, behaviour: MailBehaviour) {
        self.state.lock().expect("free").0 = behaviour;
    }

    /// All e-mails received so far.
    pub fn all_received(&self) -> Vec<Received> {
        self.state.lock().expect("free").1.clone()
    }

    /// All e-mails, without the notices that the preparation of a test causes, such as the set-up of a connection.
    pub fn received(&self) -> Vec<Received> {
        let mut mails = self.all_received();
        mails.retain(|one| !NOTICES_OF_SET_UP.iter().any(|subject| one.text.contains(subject)));
        mails
    }

    /// Waits until there are at least `count` e-mails, and returns all.
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        let begun = Instant::now();
        while self.received().len() < count {
            assert!(begun.elapsed() < Duration::from_secs(20), "only {:?}", self.received());
            std::thread::sleep(Duration::from_millis(10));
        }
        self.received()
    }

    /// Waits until there are at least `count` e-mails in all, and returns the newest one to this address.
    pub fn newest(&self, count: usize, to: &str) -> Received {
        let all = self.wait_for(count);
        all.iter().rev().find(|one| one.to == to).unwrap_or_else(|| panic!("none to {to}: {all:?}")).clone()
    }
}

/// A port that uses TLS from the first byte, with the certificate and the key in this folder, and forwards to port
/// `to`.
pub fn tls_port_to(folder: &Path, to: u16) -> u16 {
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).expect("made");
    acceptor.set_private_key_file(folder.join("mail.key"), SslFiletype::PEM).expect("usable");
    acceptor.set_certificate_chain_file(folder.join("mail.pem")).expect("usable");
    let (acceptor, listener) = (acceptor.build(), TcpListener::bind("127.0.0.1:0").expect("a port"));
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if let Ok(client) = acceptor.accept(client) {
                let server = TcpStream::connect(("127.0.0.1", to)).expect("the port accepts connections");
                std::thread::spawn(move || forward(client, server));
            }
        }
    });
    port
}

/// A port that waits before it forwards to port `to`. Some mail servers delay their greeting in this way.
pub fn slow_port_to(delay: Duration, to: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            std::thread::spawn(move || {
                std::thread::sleep(delay);
                let mut server = TcpStream::connect(("127.0.0.1", to)).expect("the port accepts connections");
                for stream in [&client, &server] {
                    stream.set_read_timeout(Some(Duration::from_millis(20))).expect("set");
                }
                while copy(&mut server, &mut client) && copy(&mut client, &mut server) {}
            });
        }
    });
    port
}

/// A port that sends this greeting and nothing else.
pub fn port_with_greeting(greeting: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            std::thread::spawn(move || client.write_all(greeting).and_then(|()| client.read_to_end(&mut Vec::new())));
        }
    });
    port
}

/// Forwards alternately in both directions, because SMTP is a dialogue in turns.
fn forward(mut client: SslStream<TcpStream>, mut server: TcpStream) {
    for stream in [client.get_ref(), &server] {
        stream.set_read_timeout(Some(Duration::from_millis(20))).expect("set");
    }
    while copy(&mut server, &mut client) && copy(&mut client, &mut server) {}
}

/// Forwards the available bytes; false at the end of the stream.
fn copy(from: &mut impl Read, to: &mut impl Write) -> bool {
    let mut buffer = [0; 16 * 1024];
    match from.read(&mut buffer) {
        Ok(0) => false,
        Ok(length) => to.write_all(&buffer[..length]).is_ok(),
        Err(cause) => matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

/// Creates `mail.pem` and `mail.key` for `localhost` in this folder.
pub fn make_certificate(folder: &Path) {
    make_certificate_for("localhost", folder);
}

/// Creates `mail.pem` and `mail.key` for this host in this folder.
pub fn make_certificate_for(host: &str, folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", &format!("/CN={host}")])
        .args(["-addext", &format!("subjectAltName=DNS:{host}"), "-keyout", "mail.key", "-out", "mail.pem"])
        .current_dir(folder)
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
