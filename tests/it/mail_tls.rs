//! Mail over TLS, by STARTTLS and by SMTPS.

use crate::app::TestApp;
use crate::mail::{ask_for_reset, waiting};
use crate::post::{Post, make_certificate, tls_before};

#[test]
fn starttls_is_required_and_the_servers_certificate_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    make_certificate(folder.path());
    let post = Post::with_tls(folder.path(), "p+w&d");
    let plain = Post::new();
    let app_of = |port: u16, trusted: bool| {
        let url_file = folder.path().join("smtp-url");
        std::fs::write(&url_file, format!("smtp://vestibule:p+w%26d@localhost:{port}?tls=required\n"))
            .expect("written");
        let app = TestApp::with_flags(|flags| {
            flags.mail.smtp_url_file = Some(url_file);
            flags.mail.smtp_ca_file = trusted.then(|| folder.path().join("mail.pem"));
            flags.mail.mail_from = Some("Acme Sign-in <door@acme.test>".into());
        });
        app.add_operator();
        app
    };
    let trusting = app_of(post.port, true);
    ask_for_reset(&trusting, "olivia@vestibule.test");
    assert!(post.newest(1, "olivia@vestibule.test").text.contains("From: \"Acme Sign-in\" <door@acme.test>"));
    for (app, why) in [(app_of(post.port, false), "certificate"), (app_of(plain.port, true), "STARTTLS")] {
        ask_for_reset(&app, "olivia@vestibule.test");
        let items = waiting(&mut app.operator(), |items| items.first().is_some_and(|one| one["attempts"] != 0));
        let said = items[0]["last_error"].as_str().expect("a reason");
        assert!(said.contains(why) && !said.contains("p+w"), "{said}");
    }
    assert_eq!((post.received().len(), plain.received().len()), (1, 0));
}

#[test]
fn smtps_speaks_tls_from_the_first_byte_and_the_servers_certificate_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    make_certificate(folder.path());
    let post = Post::new();
    let tls = tls_before(folder.path(), post.port);
    let app_of = |trusted: bool| {
        let app = TestApp::with_flags(|flags| {
            flags.mail.smtp_url = Some(format!("smtps://localhost:{tls}"));
            flags.mail.smtp_ca_file = trusted.then(|| folder.path().join("mail.pem"));
            flags.mail.mail_from = Some("door@acme.test".into());
        });
        app.add_operator();
        app
    };
    let trusting = app_of(true);
    ask_for_reset(&trusting, "olivia@vestibule.test");
    assert!(post.newest(1, "olivia@vestibule.test").text.contains("From: door@acme.test"));
    let suspicious = app_of(false);
    ask_for_reset(&suspicious, "olivia@vestibule.test");
    let items = waiting(&mut suspicious.operator(), |items| items.first().is_some_and(|one| one["attempts"] != 0));
    assert!(items[0]["last_error"].as_str().is_some_and(|said| said.contains("certificate")), "{items:?}");
    assert_eq!(post.received().len(), 1);
}
