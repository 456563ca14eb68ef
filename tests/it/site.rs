//! Web sites for tests, with configurable answers.

use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The answer of a site.
#[derive(Clone)]
pub enum SiteAnswer {
    /// This text, with status 200.
    Text(String),
    /// These bytes, with this content type.
    Bytes(&'static str, Vec<u8>),
    /// This status line and these headers, without a body.
    Head(String),
    /// One byte a second, without end.
    Drip,
}

/// A site on loopback. It runs until the tests end.
pub struct Site {
    pub port: u16,
    reply: Arc<Mutex<SiteAnswer>>,
    visits: Arc<AtomicUsize>,
}

impl Site {
    /// A site without TLS.
    pub fn new(reply: SiteAnswer) -> Self {
        Self::start(reply, None)
    }

    /// A site with TLS, which uses `mail.pem` and `mail.key` of this folder. They are valid for `localhost`.
    pub fn with_tls(reply: SiteAnswer, folder: &Path) -> Self {
        let mut tls = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).expect("OpenSSL speaks TLS");
        tls.set_private_key_file(folder.join("mail.key"), SslFiletype::PEM).expect("a key");
        tls.set_certificate_chain_file(folder.join("mail.pem")).expect("a certificate");
        Self::start(reply, Some(tls.build()))
    }

    fn start(reply: SiteAnswer, tls: Option<SslAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (reply, visits) = (Arc::new(Mutex::new(reply)), Arc::new(AtomicUsize::new(0)));
        let (now, counted) = (reply.clone(), visits.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                let (stream, reply, tls) = (stream.expect("a visitor"), now.lock().expect("free").clone(), tls.clone());
                std::thread::spawn(move || answer(stream, &reply, tls.as_ref()));
            }
        });
        Self { port, reply, visits }
    }

    pub fn url(&self) -> String {
        format!("http://localhost:{}/metadata?id=1", self.port)
    }

    pub fn https_url(&self) -> String {
        format!("https://localhost:{}/metadata", self.port)
    }

    pub fn set_answer(&self, reply: SiteAnswer) {
        *self.reply.lock().expect("free") = reply;
    }

    pub fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

fn answer(stream: TcpStream, reply: &SiteAnswer, tls: Option<&SslAcceptor>) {
    match tls {
        // A client that does not trust the certificate closes the connection.
        Some(tls) => drop(tls.accept(stream).map(|mut stream| send_answer(&mut stream, reply))),
        None => send_answer(&mut { stream }, reply),
    }
}

fn send_answer(stream: &mut (impl Read + Write), reply: &SiteAnswer) {
    drop(stream.read(&mut [0; 4096]));
    let head = |kind: &str, length: usize| {
        format!("HTTP/1.1 200 OK\r\n{kind}Content-Length: {length}\r\nConnection: close\r\n\r\n")
    };
    let answer = match reply {
        SiteAnswer::Text(text) => [head("", text.len()).as_bytes(), text.as_bytes()].concat(),
        SiteAnswer::Bytes(kind, bytes) => {
            [head(&format!("Content-Type: {kind}\r\n"), bytes.len()).as_bytes(), bytes].concat()
        }
        SiteAnswer::Head(head) => {
            format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
        }
        SiteAnswer::Drip => {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"));
            while stream.write_all(b"<").and_then(|()| stream.flush()).is_ok() {
                std::thread::sleep(Duration::from_secs(1));
            }
            return;
        }
    };
    drop(stream.write_all(&answer).and_then(|()| stream.flush()));
}
