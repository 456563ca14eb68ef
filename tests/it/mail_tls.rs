//! E-mail over TLS, by STARTTLS and by SMTPS.

use crate::app::TestApp;
use crate::mail::{request_reset, unsent_when};
use crate::mail_server::{MailServer, make_certificate, tls_port_to};

#[test]
fn starttls_is_required_and_the_servers_certificate_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    make_certificate(folder.path());
    let mail_server = MailServer::with_tls(folder.path(), "p+w&d");
    let plain = MailServer::new();
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
    let trusting = app_of(mail_server.port, true);
    request_reset(&trusting, "olivia@vestibule.test");
    assert!(mail_server.newest(1, "olivia@vestibule.test").text.contains("From: \"Acme Sign-in\" <door@acme.test>"));
    for (app, why) in [(app_of(mail_server.port, false), "certificate"), (app_of(plain.port, true), "STARTTLS")] {
        request_reset(&app, "olivia@vestibule.test");
        let items = unsent_when(&mut app.operator(), |items| items.first().is_some_and(|one| one["attempts"] != 0));
        let error = items[0]["last_error"].as_str().expect("a reason");
        assert!(error.contains(why) && !error.contains("p+w"), "{error}");
    }
    assert_eq!((mail_server.received().len(), plain.received().len()), (1, 0));
}

#[test]
fn smtps_uses_tls_from_the_first_byte_and_the_servers_certificate_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    make_certificate(folder.path());
    let mail_server = MailServer::new();
    let tls = tls_port_to(folder.path(), mail_server.port);
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
    request_reset(&trusting, "olivia@vestibule.test");
    assert!(mail_server.newest(1, "olivia@vestibule.test").text.contains("From: door@acme.test"));
    let suspicious = app_of(false);
    request_reset(&suspicious, "olivia@vestibule.test");
    let items = unsent_when(&mut suspicious.operator(), |items| items.first().is_some_and(|one| one["attempts"] != 0));
    assert!(items[0]["last_error"].as_str().is_some_and(|error| error.contains("certificate")), "{items:?}");
    assert_eq!(mail_server.received().len(), 1);
}
