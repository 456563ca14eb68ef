//! `vestibule mail test` and its API operation report each step, with advice if a step fails.

use crate::app::TestApp;
use crate::cli::{doctor, finding};
use crate::mail::{request_reset, unsent_when, with_flags};
use crate::mail_server::{
    MailBehaviour, MailServer, make_certificate, make_certificate_for, port_with_greeting, slow_port_to, tls_port_to,
};
use crate::program::{free_port, vestibule};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// The exit code of `vestibule mail test` and its JSON.
fn test_mail(app: &TestApp, more: &[&str]) -> (Option<i32>, Value) {
    let done = vestibule(app.data.path(), &[&["mail", "test", "cleo@acme.test", "--json"], more].concat());
    let json = serde_json::from_slice(&done.stdout);
    (done.status.code(), json.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr))))
}

/// The steps of a test, each with whether it succeeded.
fn steps(test: &Value) -> Vec<(String, bool)> {
    let one =
        |step: &Value| (step["step"].as_str().expect("text").to_owned(), step["ok"].as_bool().expect("a boolean"));
    test["steps"].as_array().expect("a list").iter().map(one).collect()
}

/// The result of the last step, followed by the advice.
fn last_step(test: &Value) -> String {
    let last = test["steps"].as_array().and_then(|steps| steps.last()).expect("a step");
    format!("{} {}", last["found"].as_str().expect("text"), last["what"].as_str().unwrap_or_default())
}

fn all_done(names: &[&str]) -> Vec<(String, bool)> {
    names.iter().map(|name| ((*name).to_owned(), true)).collect()
}

fn failed_after(names: &[&str], last: &str) -> Vec<(String, bool)> {
    [all_done(names), vec![(last.to_owned(), false)]].concat()
}

#[test]
fn a_test_email_reports_each_step_and_the_servers_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    make_certificate(folder.path());
    let mail_server = MailServer::with_tls(folder.path(), "secret");
    let app = TestApp::new();
    let url = format!("smtp://vestibule:secret@localhost:{}?tls=required", mail_server.port);
    let authority = folder.path().join("mail.pem");
    let flags = ["--smtp-url", &url, "--smtp-ca-file", authority.to_str().expect("text")];
    let (code, reported) = test_mail(&app, &flags);
    assert_eq!((code, &reported["accepted"]), (Some(0), &json!(true)), "{reported}");
    assert_eq!(steps(&reported), all_done(&["connect", "tls", "sign_in", "send"]));
    assert!(last_step(&reported).contains("250"), "{reported}");
    let mail = mail_server.newest(1, "cleo@acme.test");
    assert!(mail.text.contains("Subject: Test of the mail from Vestibule"), "{}", mail.text);
    let words = vestibule(app.data.path(), &[&["mail", "test", "cleo@acme.test"], &flags[..]].concat());
    let words = String::from_utf8(words.stdout).expect("text");
    assert!(
        words.contains("ok    send     the server accepted the e-mail: 250") && !words.contains("secret"),
        "{words}"
    );
    let wrong = url.replace("secret", "swordfish");
    let (code, reported) = test_mail(&app, &["--smtp-url", &wrong, "--smtp-ca-file", flags[3]]);
    assert_eq!((code, steps(&reported)), (Some(1), failed_after(&["connect", "tls"], "sign_in")));
    assert!(
        last_step(&reported).contains("refused the user name or the password")
            && !reported.to_string().contains("swordfish"),
        "{reported}"
    );
}

#[test]
fn a_refused_test_email_reports_the_reason_and_advice() {
    let mail_server = MailServer::new();
    let app = TestApp::new();
    for (mood, words) in [
        (MailBehaviour::NoSuchMailbox, "refused the e-mail: permanent error (550)"),
        (MailBehaviour::BusyForNow, "does not accept the e-mail now"),
    ] {
        mail_server.set_behaviour(mood);
        let (code, reported) = test_mail(&app, &["--smtp-url", &mail_server.url()]);
        assert_eq!((code, steps(&reported)), (Some(1), failed_after(&["connect", "tls"], "send")));
        assert!(last_step(&reported).contains(words), "{reported}");
    }
    let nobody = format!("smtp://127.0.0.1:{}", free_port());
    for (url, words) in [
        (nobody.as_str(), "nothing listens at 127.0.0.1:"),
        ("smtp://no-such-host.invalid", "the host name no-such-host.invalid cannot be resolved"),
        (&format!("smtp://127.0.0.1:{}", port_with_greeting(b"* OK IMAP4rev1 ready\r\n")), "not like a mail server"),
        (&format!("smtps://127.0.0.1:{}", port_with_greeting(b"+OK POP3 ready\r\n")), "127.0.0.1"),
        (
            &format!("smtp://127.0.0.1:{}", port_with_greeting(b"554 no service for you\r\n")),
            "rejected us: permanent error (554): no service",
        ),
        (&format!("smtp://ann:secret@127.0.0.1:{}", mail_server.port), "does not accept a user name and password here"),
    ] {
        let (code, reported) = test_mail(&app, &["--smtp-url", url]);
        assert!(
            code == Some(1) && last_step(&reported).contains(words) && !reported.to_string().contains("secret"),
            "{reported}"
        );
        assert!(
            reported["steps"].as_array().is_some_and(|steps| steps.last().is_some_and(|one| one["what"].is_string()))
        );
    }
}

#[test]
fn a_server_that_requires_authentication_is_reported_and_emails_are_kept() {
    let mail_server = MailServer::new();
    mail_server.set_behaviour(MailBehaviour::RequiresAuthentication);
    let app = with_flags(&mail_server, |_| {});
    let (code, reported) = test_mail(&app, &["--smtp-url", &mail_server.url()]);
    assert_eq!((code, steps(&reported)), (Some(1), failed_after(&["connect", "tls"], "sign_in")), "{reported}");
    assert!(last_step(&reported).contains("accepts e-mail only after a sign-in: permanent error (530)"), "{reported}");
    assert!(last_step(&reported).contains("Put the user name and password into --smtp-url"), "{reported}");
    app.account("bob@acme.test");
    request_reset(&app, "bob@acme.test");
    let mails = unsent_when(&mut app.operator(), |mails| mails.iter().any(|one| one["attempts"] == 1));
    assert!(mails[0]["next_attempt_at"].is_string(), "the e-mail will be retried: {mails:?}");
}

#[test]
fn a_test_email_through_the_api_is_for_operators_and_in_the_audit_log() {
    let mail_server = MailServer::new();
    let app = with_flags(&mail_server, |_| {});
    let mut operator = app.operator();
    let body = json!({ "email": "cleo@acme.test" });
    let reported = operator.api("POST", "/mails/test", &body);
    assert_eq!((reported.status, &reported.json()["accepted"]), (200, &json!(true)), "{}", reported.body);
    assert_eq!(steps(&reported.json()), all_done(&["connect", "tls", "send"]));
    assert_eq!(mail_server.wait_for(1)[0].to, "cleo@acme.test");
    let audit = operator.read("/audit").json();
    assert_eq!(
        (&audit["items"][0]["action"], &audit["items"][0]["resource_name"]),
        (&json!("mail.tested"), &json!("cleo@acme.test"))
    );
    mail_server.set_behaviour(MailBehaviour::NoSuchMailbox);
    let reported = operator.api("POST", "/mails/test", &body);
    assert_eq!((reported.status, &reported.json()["accepted"]), (200, &json!(false)), "{}", reported.body);
    assert_eq!(operator.read("/mails").json()["items"], json!([]), "a test e-mail is never queued");
    let bad = operator.api("POST", "/mails/test", &json!({ "email": "nobody" }));
    assert_eq!((bad.status, &bad.json()["error"]["field"]), (422, &json!("email")));
    app.admin(&app.org("Acme", "business"), "ann@acme.test");
    assert_eq!(app.signed_in("ann@acme.test").api("POST", "/mails/test", &body).status, 403);
}

#[test]
fn without_a_mail_server_a_test_explains_how_to_set_one_up() {
    let app = TestApp::new();
    let refused = app.operator().api("POST", "/mails/test", &json!({ "email": "cleo@acme.test" }));
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (409, &json!("no_mail_server")));
    let run = |app: &TestApp| vestibule(app.data.path(), &["mail", "test", "cleo@acme.test"]);
    let printed = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let output = run(&app);
    assert!(
        output.status.code() == Some(1) && printed(&output).contains("Set one with --smtp-url"),
        "{}",
        printed(&output)
    );
    let mail_server = MailServer::new();
    let output = run(&with_flags(&mail_server, |_| {}));
    assert!(printed(&output).contains("Send a test e-mail under Operator > Mail"), "{}", printed(&output));
    let output = vestibule(app.data.path(), &["mail", "test", "nobody", "--smtp-url", &mail_server.url()]);
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
}

/// The findings of `mail test` and of the doctor for a port that does not match the scheme. Asserts that `mail test`
/// fails soon, at the first step.
fn findings_for(app: &TestApp, url: &str, authority: &Path) -> [String; 2] {
    let flags = ["--smtp-url", url, "--smtp-ca-file", authority.to_str().expect("text")];
    let begun = Instant::now();
    let (code, reported) = test_mail(app, &flags);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!((code, steps(&reported)), (Some(1), failed_after(&[], "connect")), "{reported}");
    let (_, report) = doctor(app.data.path(), &flags);
    [last_step(&reported), finding(&report, "mail")["found"].as_str().expect("text").to_owned()]
}

#[test]
fn a_scheme_that_does_not_match_the_port_is_reported_quickly() {
    let folder = tempfile::tempdir().expect("a folder");
    make_certificate(folder.path());
    let authority = folder.path().join("mail.pem");
    let (clear, starttls) = (MailServer::new(), MailServer::with_tls(folder.path(), "secret"));
    let tls = tls_port_to(folder.path(), clear.port);
    let app = TestApp::new();
    for (url, words) in [
        (
            format!("smtp://localhost:{tls}?tls=required"),
            format!("port {tls} speaks TLS from the first byte: it needs smtps://"),
        ),
        (format!("smtp://127.0.0.1:{tls}"), format!("port {tls} speaks TLS from the first byte: it needs smtps://")),
        (
            format!("smtps://localhost:{}", starttls.port),
            format!("port {} begins without TLS: it needs smtp://", starttls.port),
        ),
    ] {
        for reported in findings_for(&app, &url, &authority) {
            assert!(reported.contains(&words), "{url}: {reported}");
        }
    }
    let queued = TestApp::with_flags(|flags| flags.mail.smtp_url = Some(format!("smtp://127.0.0.1:{tls}")));
    queued.add_operator();
    request_reset(&queued, "olivia@vestibule.test");
    let items = unsent_when(&mut queued.operator(), |items| items.first().is_some_and(|one| one["attempts"] == 1));
    assert!(items[0]["last_error"].as_str().is_some_and(|text| text.contains("it needs smtps://")), "{items:?}");
    assert!(items[0]["next_attempt_at"].is_string(), "the e-mail will be retried, because the settings are the cause");
    assert_eq!((clear.all_received().len(), starttls.all_received().len()), (0, 0));
}

#[test]
fn a_slow_greeting_of_the_mail_server_is_accepted() {
    let mail_server = MailServer::new();
    let app = TestApp::new();
    let url = format!("smtp://127.0.0.1:{}", slow_port_to(Duration::from_secs(4), mail_server.port));
    let (code, reported) = test_mail(&app, &["--smtp-url", &url]);
    assert_eq!((code, &reported["accepted"]), (Some(0), &json!(true)), "{reported}");
}

#[test]
fn emails_are_kept_while_the_mail_password_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    make_certificate(folder.path());
    let mail_server = MailServer::with_tls(folder.path(), "secret");
    let app = TestApp::with_flags(|flags| {
        flags.mail.smtp_url = Some(format!("smtp://vestibule:other@localhost:{}?tls=required", mail_server.port));
        flags.mail.smtp_ca_file = Some(folder.path().join("mail.pem"));
    });
    app.add_operator();
    request_reset(&app, "olivia@vestibule.test");
    let items = unsent_when(&mut app.operator(), |items| items.first().is_some_and(|one| one["attempts"] == 1));
    assert!(items[0]["next_attempt_at"].is_string(), "{items:?}");
}

#[test]
fn every_certificate_of_a_ca_file_is_trusted_and_a_file_without_one_is_reported() {
    let (ours, theirs) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    make_certificate(ours.path());
    make_certificate_for("other.test", theirs.path());
    let mail_server = MailServer::new();
    let url = format!("smtps://localhost:{}", tls_port_to(ours.path(), mail_server.port));
    let app = TestApp::new();
    let pem = |folder: &Path| std::fs::read_to_string(folder.join("mail.pem")).expect("text");
    let bundle = ours.path().join("bundle.pem");
    let run = |text: &str| {
        std::fs::write(&bundle, text).expect("written");
        vestibule(
            app.data.path(),
            &["mail", "test", "a@b.test", "--smtp-url", &url, "--smtp-ca-file", bundle.to_str().expect("text")],
        )
    };
    for second in [
        format!("{}{}", pem(theirs.path()), pem(ours.path())),
        format!("# Acme's own\n\n{}\nsubject=CN = localhost\r\n{}\n", pem(theirs.path()), pem(ours.path())),
        pem(ours.path()),
    ] {
        let done = run(&second);
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stdout));
    }
    let done = run(&pem(theirs.path()));
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.code() == Some(1) && printed.contains("certificate cannot be verified"), "{printed}");
    let broken = pem(ours.path()).replace("-----BEGIN CERTIFICATE-----\nMII", "-----BEGIN CERTIFICATE-----\nXXX");
    for (text, why) in [
        ("", "contains no certificate"),
        ("nothing\n", "contains no certificate"),
        ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "number 1 cannot be read"),
        (&format!("{}{broken}", pem(theirs.path())), "number 2 cannot be read"),
    ] {
        let done = run(text);
        let printed = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(
            done.status.code() == Some(2) && printed.contains("--smtp-ca-file: ") && printed.contains(why),
            "{text}: {printed}"
        );
    }
}

#[test]
fn a_silent_server_is_reported_within_seconds() {
    let app = TestApp::new();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    for scheme in ["smtp", "smtps"] {
        let begun = std::time::Instant::now();
        let (code, reported) = test_mail(&app, &["--smtp-url", &format!("{scheme}://127.0.0.1:{port}")]);
        // The command waits twice, once for each protocol that the port may use.
        assert!(begun.elapsed().as_secs() < 60, "{scheme}: {reported}");
        assert_eq!((code, steps(&reported)), (Some(1), failed_after(&[], "connect")), "{scheme}: {reported}");
        let result = last_step(&reported);
        assert!(result.contains("says nothing") || result.contains("does not answer"), "{result}");
    }
}
