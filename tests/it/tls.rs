//! HTTPS by the server itself: the certificate, its exchange while requests are served, deadlines, and the redirect from HTTP.

use crate::program::{BINARY, Server, free_port, serve_with};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A server with a certificate for 127.0.0.1.
struct Secure {
    files: TempDir,
    data: TempDir,
    port: u16,
    plain: u16,
    server: Server,
}

/// Makes a certificate for 127.0.0.1 and its key in a folder.
fn certificate(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", &format!("/CN={name}"), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", printed(&made));
    (certificate, key)
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

impl Secure {
    fn start() -> Self {
        let (files, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let (certificate, key) = certificate(files.path(), "first");
        let (port, plain) = (free_port(), free_port());
        let mut command = Command::new(BINARY);
        command.env("VESTIBULE_TLS_CERT", certificate).env("VESTIBULE_TLS_KEY", key);
        command.env("VESTIBULE_HTTP_LISTEN", format!("127.0.0.1:{plain}"));
        let (server, link) = serve_with(command, data.path(), port);
        let begins = format!("https://127.0.0.1:{port}/setup?token=");
        assert!(link.expect("a set-up link").starts_with(&begins));
        Self { files, data, port, plain, server }
    }

    /// Replaces the certificate and the key in their files.
    fn exchange(&self, certificate: &Path, key: &Path) {
        fs::copy(key, self.files.path().join("first.key")).expect("copied");
        fs::copy(certificate, self.files.path().join("first.pem")).expect("copied");
    }

    fn curl(&self, more: &[&str], path: &str) -> Output {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--include", "--max-time", "20"]).args(more);
        curl.arg(format!("https://127.0.0.1:{}{path}", self.port)).output().expect("curl is installed")
    }

    /// The name in the certificate that the server shows.
    fn name(&self) -> String {
        let shown = Command::new("sh")
            .args(["-c", "openssl s_client -connect \"$0\" </dev/null 2>/dev/null | openssl x509 -noout -subject"])
            .arg(format!("127.0.0.1:{}", self.port))
            .output()
            .expect("openssl is installed");
        printed(&shown).trim().rsplit(['=', ' ']).next().unwrap_or_default().to_owned()
    }

    fn wait_for_name(&self, name: &str) {
        let begun = Instant::now();
        while self.name() != name {
            assert!(begun.elapsed() < Duration::from_secs(20), "the certificate {name} is not shown");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

#[test]
fn the_server_speaks_https_with_its_certificate_and_nothing_older_than_tls_1_2() {
    let one = Secure::start();
    let authority = one.files.path().join("first.pem");
    let authority = ["--cacert", authority.to_str().expect("text")];
    let page = printed(&one.curl(&authority, "/healthz"));
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.to_lowercase().contains("strict-transport-security: max-age=31536000"), "{page}");
    for version in ["--tls-max=1.2", "--tlsv1.3"] {
        let version: Vec<_> = version.split('=').collect();
        let page = printed(&one.curl(&[&authority[..], &version].concat(), "/healthz"));
        assert!(page.starts_with("HTTP/1.1 200"), "{version:?}: {page}");
    }
    let old = one.curl(
        &[&authority[..], &["--tlsv1.1", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"]].concat(),
        "/healthz",
    );
    assert!(!old.status.success(), "{}", printed(&old));
    assert!(!one.curl(&[], "/healthz").status.success(), "the certificate is not trusted without its authority");
    let report = printed(&crate::program::vestibule(one.data.path(), &["doctor"]));
    let line = report.lines().find(|line| line.contains("TLS certificate")).expect("a finding");
    assert!(
        line.starts_with("BAD") && line.contains("first.pem is valid until") && line.contains(" more day"),
        "{line}"
    );
    // HTTP at the port of HTTPS gets no answer of the application.
    let mut plain = TcpStream::connect(("127.0.0.1", one.port)).expect("connected");
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    drop(plain.read_to_end(&mut answer));
    assert!(!String::from_utf8_lossy(&answer).contains("200"), "{answer:?}");
}

#[test]
fn http_is_redirected_to_the_public_url_whatever_it_asks() {
    let one = Secure::start();
    for (path, host) in [("/login?return=%2Fx", "127.0.0.1"), ("//evil.test/x", "evil.test"), ("/", "evil.test")] {
        let answer = Command::new("curl")
            .args(["--silent", "--include", "--path-as-is", "--header", &format!("Host: {host}"), "--request", "POST"])
            .arg(format!("http://127.0.0.1:{}{path}", one.plain))
            .output()
            .expect("curl is installed");
        let answer = printed(&answer);
        let expected = format!("location: https://127.0.0.1:{}/{}\r\n", one.port, path.trim_start_matches('/'));
        assert!(
            answer.starts_with("HTTP/1.1 308") && answer.to_lowercase().contains(&expected.to_lowercase()),
            "{path}: {answer}"
        );
    }
}

#[test]
fn programs_are_refused_over_http_instead_of_being_redirected() {
    let one = Secure::start();
    for path in ["/api/v1/me", "/oauth2/token", "/auth/check"] {
        let url = format!("http://127.0.0.1:{}{path}", one.plain);
        let answer = Command::new("curl").args(["--silent", "--include", &url]).output().expect("curl is installed");
        let answer = printed(&answer);
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("\"insecure\""), "{path}: {answer}");
        assert!(answer.contains(&format!("https://127.0.0.1:{}", one.port)), "{path}: {answer}");
    }
}

#[test]
fn a_new_certificate_is_used_without_a_failed_request_and_an_unusable_one_is_not() {
    let one = Arc::new(Secure::start());
    let over = Arc::new(AtomicBool::new(false));
    let visitors: Vec<_> = (0..3)
        .map(|_| {
            let (one, over) = (one.clone(), over.clone());
            std::thread::spawn(move || {
                let mut answers = Vec::new();
                while !over.load(Ordering::SeqCst) {
                    answers.push(one.curl(&["--insecure"], "/healthz"));
                }
                answers
            })
        })
        .collect();
    assert_eq!(one.name(), "first");
    let (certificate_2, key_2) = certificate(one.files.path(), "second");
    one.exchange(&certificate_2, &key_2);
    one.wait_for_name("second");
    fs::write(one.files.path().join("first.pem"), "no certificate").expect("written");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(one.name(), "second", "the old certificate stays in use");
    let (certificate_3, key_3) = certificate(one.files.path(), "third");
    one.exchange(&certificate_3, &key_3);
    let hangup = Command::new("kill").args(["-HUP", &one.server.0.id().to_string()]).status().expect("sent");
    assert!(hangup.success());
    one.wait_for_name("third");
    over.store(true, Ordering::SeqCst);
    let answers: Vec<_> = visitors.into_iter().flat_map(|visitor| visitor.join().expect("joined")).collect();
    assert!(answers.len() > 20, "{}", answers.len());
    for answer in answers {
        assert!(printed(&answer).starts_with("HTTP/1.1 200"), "{}", printed(&answer));
    }
}

#[test]
fn an_unfinished_handshake_is_closed_and_delays_nobody() {
    let one = Secure::start();
    let mut silent = TcpStream::connect(("127.0.0.1", one.port)).expect("connected");
    let mut half = TcpStream::connect(("127.0.0.1", one.port)).expect("connected");
    // The beginning of a ClientHello.
    half.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01]).expect("sent");
    let begun = Instant::now();
    assert!(one.curl(&["--insecure"], "/healthz").status.success());
    assert!(begun.elapsed() < Duration::from_secs(3));
    for stream in [&mut silent, &mut half] {
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        let mut rest = Vec::new();
        // Closed, with or without an alert.
        assert!(stream.read_to_end(&mut rest).is_ok() || begun.elapsed() < Duration::from_secs(15), "not closed");
    }
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    drop(one.data);
}

#[test]
fn settings_that_do_not_fit_are_refused_in_words() {
    let files = tempfile::tempdir().expect("a folder");
    let (certificate_1, key_1) = certificate(files.path(), "one");
    let (_, key_2) = certificate(files.path(), "two");
    let text = |path: &Path| path.to_str().expect("text").to_owned();
    let (certificate_1, key_1, key_2) = (text(&certificate_1), text(&key_1), text(&key_2));
    let missing = text(&files.path().join("missing.pem"));
    let cases: [(Vec<&str>, &str); 6] = [
        (vec!["--tls-cert", &certificate_1], "--tls-key"),
        (vec!["--tls-key", &key_1], "--tls-cert"),
        (vec!["--http-listen", "127.0.0.1:0"], "--tls-cert"),
        (vec!["--tls-cert", &certificate_1, "--tls-key", &key_2], "is not the private key"),
        (vec!["--tls-cert", &missing, "--tls-key", &key_1], "cannot be read"),
        (
            vec!["--tls-cert", &certificate_1, "--tls-key", &key_1, "--public-url", "http://login.test"],
            "must begin with https://",
        ),
    ];
    for (flags, words) in cases {
        let data = tempfile::tempdir().expect("a folder");
        let listen = format!("127.0.0.1:{}", free_port());
        let refused = Command::new(BINARY)
            .args(["serve", "--listen", &listen, "--data"])
            .arg(data.path())
            .args(&flags)
            .output()
            .expect("the program runs");
        assert_eq!(refused.status.code(), Some(2), "{flags:?}: {}", printed(&refused));
        assert!(printed(&refused).contains(words), "{flags:?}: {}", printed(&refused));
    }
}
