//! The parts of an e-mail that mail servers check before they accept it: its headers, its sender, and the host name of
//! the appliance.

use crate::app::TestApp;
use crate::mail::{invite, request_reset, unsent_when, with_flags};
use crate::mail_server::{MailBehaviour, MailServer, Received};
use crate::program::vestibule;
use serde_json::json;

/// The headers of an e-mail, with lower-case names and with folded lines joined.
fn headers(mail: &Received) -> Vec<(String, String)> {
    let head = mail.raw.split("\r\n\r\n").next().expect("a head").replace("\r\n ", " ").replace("\r\n\t", " ");
    let one = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    head.split("\r\n").filter_map(one).collect()
}

fn header(mail: &Received, name: &str) -> String {
    let found: Vec<_> = headers(mail).into_iter().filter(|(one, _)| one == name).collect();
    assert_eq!(found.len(), 1, "{name}: {}", mail.raw);
    found[0].1.clone()
}

/// The id in `<id@domain>`.
fn message_id(mail: &Received, domain: &str) -> String {
    let whole = header(mail, "message-id");
    let id = whole.strip_prefix('<').and_then(|rest| rest.strip_suffix(&format!("@{domain}>")));
    id.unwrap_or_else(|| panic!("{whole} is not an id of {domain}")).to_owned()
}

#[test]
fn every_email_has_the_headers_that_large_providers_require() {
    let mail_server = MailServer::new();
    let app = with_flags(&mail_server, |_| {});
    let org = app.org("Zürich & Söhne", "business");
    app.admin(&org, "ann@acme.test");
    invite(&mut app.signed_in("ann@acme.test"), org.workspace.as_str(), "bob@acme.test");
    request_reset(&app, "ann@acme.test");
    app.operator().api("POST", "/mails/test", &json!({ "email": "cleo@acme.test" }));
    let mails = mail_server.wait_for(3);
    let mut ids = Vec::new();
    for mail in &mails {
        let date = chrono::DateTime::parse_from_rfc2822(&header(mail, "date")).expect("a date of RFC 5322");
        assert!((chrono::Utc::now() - date.to_utc()).num_seconds().abs() < 60, "{date}");
        assert_eq!(header(mail, "mime-version"), "1.0");
        assert_eq!(header(mail, "auto-submitted"), "auto-generated");
        assert_eq!(header(mail, "to"), mail.to);
        assert!(header(mail, "content-type").starts_with("multipart/alternative; boundary="), "{}", mail.raw);
        assert!(!headers(mail).iter().any(|(name, _)| name.starts_with("list-")), "no headers of mailing lists");
        for kind in ["text/plain; charset=utf-8", "text/html; charset=utf-8"] {
            assert_eq!(mail.raw.matches(&format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: ")).count(), 1);
        }
        assert!(mail.raw.is_ascii() && mail.raw.split("\r\n").all(|line| line.len() <= 998), "{}", mail.raw);
        ids.push(message_id(mail, "[127.0.0.1]"));
    }
    assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())), "{ids:?}");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "each e-mail has its own Message-ID");
    assert!(mails.iter().any(|mail| mail.raw.contains("=?utf-8?b?")), "{mails:?}");
}

#[test]
fn a_retried_email_keeps_its_message_id() {
    let mail_server = MailServer::new();
    mail_server.set_behaviour(MailBehaviour::BusyForNow);
    let app = with_flags(&mail_server, |_| {});
    request_reset(&app, "olivia@vestibule.test");
    let items = unsent_when(&mut app.operator(), |items| items.first().is_some_and(|one| one["attempts"] == 1));
    mail_server.set_behaviour(MailBehaviour::Accepts);
    app.wait(31);
    assert_eq!(json!(message_id(&mail_server.wait_for(1)[0], "[127.0.0.1]")), items[0]["id"]);
}

/// The e-mail that `vestibule mail test` sends with these flags.
fn test_email(app: &TestApp, mail_server: &MailServer, flags: &[&str]) -> Received {
    let before = mail_server.all_received().len();
    let url = mail_server.url();
    let args = [&["mail", "test", "cleo@acme.test", "--smtp-url", &url], flags].concat();
    let done = vestibule(app.data.path(), &args);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    mail_server.wait_for(before + 1).pop().expect("an e-mail")
}

#[test]
fn the_public_url_or_a_flag_sets_the_host_name_sent_to_the_mail_server() {
    let mail_server = MailServer::new();
    let app = TestApp::with_flags(|flags| flags.public_url = Some("https://login.acme.example:8443".into()));
    for (flags, hello, domain, from) in [
        (&[][..], "login.acme.example", "login.acme.example", "vestibule@login.acme.example"),
        (
            &["--smtp-helo", "Mail.Acme.example"],
            "mail.acme.example",
            "login.acme.example",
            "vestibule@login.acme.example",
        ),
        (&["--smtp-helo", "192.0.2.7"], "[192.0.2.7]", "login.acme.example", "vestibule@login.acme.example"),
        (&["--public-url", "http://127.0.0.1:8080"], "[127.0.0.1]", "[127.0.0.1]", "vestibule@localhost"),
        (&["--public-url", "http://[::1]:8080"], "[IPv6:::1]", "[IPv6:::1]", "vestibule@localhost"),
        (
            &["--public-url", "http://bücher.example"],
            "xn--bcher-kva.example",
            "xn--bcher-kva.example",
            "vestibule@xn--bcher-kva.example",
        ),
        (&["--mail-from", "Zoë <door@acme.example>"], "login.acme.example", "login.acme.example", "door@acme.example"),
    ] {
        let mail = test_email(&app, &mail_server, flags);
        message_id(&mail, domain);
        assert_eq!((mail.hello.as_str(), mail.from.as_str()), (hello, from), "{flags:?}");
        assert!(header(&mail, "from").contains(from), "bounces are returned to the sender's address: {}", mail.raw);
    }
}

#[test]
fn host_names_that_mail_servers_refuse_are_reported_with_their_flag() {
    let app = TestApp::new();
    for (flag, bad) in [
        ("--smtp-helo", "mail_1.acme.example"),
        ("--smtp-helo", "mail.acme.example:25"),
        ("--mail-from", "nobody"),
        ("--mail-from", "zoë@acme.example"),
        ("--mail-from", "a@acme.example, b@acme.example"),
    ] {
        let done =
            vestibule(app.data.path(), &["mail", "test", "a@b.test", "--smtp-url", "smtp://127.0.0.1:9", flag, bad]);
        let printed = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(
            done.status.code() == Some(2) && printed.starts_with(&format!("vestibule: {flag}: ")),
            "{bad}: {printed}"
        );
    }
}

#[test]
fn a_sender_that_other_mail_servers_refuse_causes_a_warning() {
    let app = TestApp::new();
    // Nothing listens on port 9 of this machine; with `tls=required` it is treated as another machine.
    let url = "smtp://localhost:9?tls=required";
    let done = vestibule(app.data.path(), &["mail", "test", "a@b.test", "--smtp-url", url]);
    let printed = String::from_utf8(done.stdout).expect("text");
    assert!(
        done.status.code() == Some(1) && printed.contains("set an address of your own with --mail-from"),
        "{printed}"
    );
    let more = ["mail", "test", "a@b.test", "--smtp-url", url, "--mail-from", "door@acme.example"];
    let printed = String::from_utf8(vestibule(app.data.path(), &more).stdout).expect("text");
    assert!(printed.contains("set a host name with --smtp-helo"), "{printed}");
    let printed = String::from_utf8(
        vestibule(app.data.path(), &[&more[..], &["--smtp-helo", "mail.acme.example"]].concat()).stdout,
    );
    assert!(!printed.expect("text").contains("note"));
}
