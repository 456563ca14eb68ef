//! The parts of an e-mail that mail servers check before they accept it: its headers, its sender, and our host name.

use crate::app::TestApp;
use crate::mail::{ask_for_reset, invite, waiting, with_flags};
use crate::post::{Mood, Post, Received};
use crate::program::vestibule;
use serde_json::json;

/// The headers of an e-mail, in lower case, with folded lines joined.
fn headers(letter: &Received) -> Vec<(String, String)> {
    let head = letter.raw.split("\r\n\r\n").next().expect("a head").replace("\r\n ", " ").replace("\r\n\t", " ");
    let one = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    head.split("\r\n").filter_map(one).collect()
}

fn header(letter: &Received, name: &str) -> String {
    let found: Vec<_> = headers(letter).into_iter().filter(|(one, _)| one == name).collect();
    assert_eq!(found.len(), 1, "{name}: {}", letter.raw);
    found[0].1.clone()
}

/// The id in `<id@domain>`.
fn message_id(letter: &Received, domain: &str) -> String {
    let whole = header(letter, "message-id");
    let id = whole.strip_prefix('<').and_then(|rest| rest.strip_suffix(&format!("@{domain}>")));
    id.unwrap_or_else(|| panic!("{whole} is not of {domain}")).to_owned()
}

#[test]
fn every_email_has_the_headers_that_large_providers_require() {
    let post = Post::new();
    let app = with_flags(&post, |_| {});
    let org = app.org("Zürich & Söhne", "business");
    app.admin(&org, "ann@acme.test");
    invite(&mut app.signed_in("ann@acme.test"), org.workspace.as_str(), "bob@acme.test");
    ask_for_reset(&app, "ann@acme.test");
    app.operator().api("POST", "/mails/test", &json!({ "email": "cleo@acme.test" }));
    let letters = post.wait_for(3);
    let mut ids = Vec::new();
    for letter in &letters {
        let date = chrono::DateTime::parse_from_rfc2822(&header(letter, "date")).expect("a date of RFC 5322");
        assert!((chrono::Utc::now() - date.to_utc()).num_seconds().abs() < 60, "{date}");
        assert_eq!(header(letter, "mime-version"), "1.0");
        assert_eq!(header(letter, "auto-submitted"), "auto-generated");
        assert_eq!(header(letter, "to"), letter.to);
        assert!(header(letter, "content-type").starts_with("multipart/alternative; boundary="), "{}", letter.raw);
        assert!(!headers(letter).iter().any(|(name, _)| name.starts_with("list-")), "it is for no list");
        for kind in ["text/plain; charset=utf-8", "text/html; charset=utf-8"] {
            assert_eq!(letter.raw.matches(&format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: ")).count(), 1);
        }
        assert!(letter.raw.is_ascii() && letter.raw.split("\r\n").all(|line| line.len() <= 998), "{}", letter.raw);
        ids.push(message_id(letter, "[127.0.0.1]"));
    }
    assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())), "{ids:?}");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "each letter has its own");
    assert!(letters.iter().any(|letter| letter.raw.contains("=?utf-8?b?")), "{letters:?}");
}

#[test]
fn a_retried_email_keeps_its_message_id() {
    let post = Post::new();
    post.is_now(Mood::Busy);
    let app = with_flags(&post, |_| {});
    ask_for_reset(&app, "olivia@vestibule.test");
    let items = waiting(&mut app.operator(), |items| items.first().is_some_and(|one| one["attempts"] == 1));
    post.is_now(Mood::Takes);
    app.wait(31);
    assert_eq!(json!(message_id(&post.wait_for(1)[0], "[127.0.0.1]")), items[0]["id"]);
}

/// The e-mail that `vestibule mail test` sends with these flags.
fn tested(app: &TestApp, post: &Post, flags: &[&str]) -> Received {
    let before = post.everything().len();
    let url = post.url();
    let args = [&["mail", "test", "cleo@acme.test", "--smtp-url", &url], flags].concat();
    let done = vestibule(app.data.path(), &args);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    post.wait_for(before + 1).pop().expect("a letter")
}

#[test]
fn the_public_url_or_a_flag_sets_the_host_name_sent_to_the_mail_server() {
    let post = Post::new();
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
        let letter = tested(&app, &post, flags);
        message_id(&letter, domain);
        assert_eq!((letter.hello.as_str(), letter.from.as_str()), (hello, from), "{flags:?}");
        assert!(header(&letter, "from").contains(from), "what is sent back goes where it came from: {}", letter.raw);
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
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.code() == Some(2) && told.starts_with(&format!("vestibule: {flag}: ")), "{bad}: {told}");
    }
}

#[test]
fn a_sender_that_other_mail_servers_refuse_causes_a_warning() {
    let app = TestApp::new();
    // Nothing listens at port 9 of this machine; `tls=required` makes it count as another machine.
    let url = "smtp://localhost:9?tls=required";
    let done = vestibule(app.data.path(), &["mail", "test", "a@b.test", "--smtp-url", url]);
    let told = String::from_utf8(done.stdout).expect("text");
    assert!(done.status.code() == Some(1) && told.contains("set an address of your own with --mail-from"), "{told}");
    let more = ["mail", "test", "a@b.test", "--smtp-url", url, "--mail-from", "door@acme.example"];
    let told = String::from_utf8(vestibule(app.data.path(), &more).stdout).expect("text");
    assert!(told.contains("set a host name with --smtp-helo"), "{told}");
    let told = String::from_utf8(
        vestibule(app.data.path(), &[&more[..], &["--smtp-helo", "mail.acme.example"]].concat()).stdout,
    );
    assert!(!told.expect("text").contains("note"));
}
