//! The number of people who have signed in through SAML, and reminders for the others.

use crate::acme::Acme;
use crate::app::TestApp;
use crate::browser::Browser;
use crate::idp::saml_sign_in;
use crate::mail_server::MailServer;
use crate::program::vestibule;
use serde_json::{Value, json};

fn acme(mail_server: Option<&MailServer>) -> (TestApp, Browser) {
    let app = TestApp::with_operator(|flags| flags.mail.smtp_url = mail_server.map(MailServer::url));
    let Acme { app, org, admin } = Acme::connected_at(app);
    app.member(&org, "cleo@acme.test");
    (app, admin)
}

fn readiness(browser: &mut Browser) -> (i64, i64) {
    let json = browser.read("/organisations/acme/sso/readiness").json();
    (json["ready"].as_i64().expect("a number"), json["total"].as_i64().expect("a number"))
}

fn remind(browser: &mut Browser, body: &Value) -> crate::browser::Answer {
    browser.api("POST", "/organisations/acme/sso/reminders", body)
}

#[test]
fn readiness_counts_people_who_signed_in_through_saml_since_the_test() {
    let (app, mut admin) = acme(None);
    assert_eq!(readiness(&mut admin), (1, 3));
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "bob@acme.test");
    app.signed_in("cleo@acme.test");
    assert_eq!(readiness(&mut admin), (2, 3));
    let waiting = admin.read("/organisations/acme/members?saml=waiting").json();
    assert_eq!(waiting["items"][0]["email"], "cleo@acme.test");
    let json = admin.read("/organisations/acme/sso/readiness").json();
    assert!(json["since"].is_string() && json["portal_url"].as_str().is_some_and(|url| url.ends_with("key=acme_SSO")));
    let mut moved = crate::idp::settings("acme_SSO");
    moved["sign_on_url"] = json!("https://idp.test/elsewhere");
    admin.api("PUT", "/organisations/acme/sso", &moved);
    assert_eq!(readiness(&mut admin), (0, 3), "sign-ins through the previous connection do not count");
    assert_eq!(remind(&mut admin, &json!({})).code(), "not_ready");
}

#[test]
fn people_are_reminded_at_most_once_a_day_and_reminders_are_logged() {
    let mail_server = MailServer::new();
    let (app, mut admin) = acme(Some(&mail_server));
    let one = remind(&mut admin, &json!({ "email": "bob@acme.test" }));
    assert_eq!((one.status, one.json()["reminded"].as_i64()), (200, Some(1)), "{}", one.body);
    let mail = mail_server.newest(1, "bob@acme.test");
    assert!(mail.text.contains("/sso?key=acme_SSO"), "{}", mail.text);
    assert_eq!(remind(&mut admin, &json!({ "email": "bob@acme.test" })).code(), "reminded_already");
    assert_eq!(remind(&mut admin, &json!({ "email": "ann@acme.test" })).code(), "already_ready");
    assert_eq!(remind(&mut admin, &json!({ "email": "zoe@acme.test" })).field(), "email");
    let all = remind(&mut admin, &json!({})).json();
    assert_eq!(all, json!({ "reminded": 1, "skipped": 1, "left": 0 }));
    mail_server.newest(2, "cleo@acme.test");
    app.wait(24 * 3600 + 1);
    let mut admin = app.signed_in("ann@acme.test");
    assert_eq!(remind(&mut admin, &json!({})).json()["reminded"], 2);
    let log = admin.read("/organisations/acme/audit").json().to_string();
    assert!(log.contains("member.reminded") && log.contains("connection.reminded"));
    let bob = admin.read("/organisations/acme/members?search=bob").json();
    assert!(bob["items"][0]["reminded_at"].is_string());
}

#[test]
fn setting_the_clock_back_does_not_prevent_reminders() {
    let mail_server = MailServer::new();
    let (app, mut admin) = acme(Some(&mail_server));
    assert_eq!(remind(&mut admin, &json!({ "email": "bob@acme.test" })).status, 200);
    app.wait(-3 * 24 * 3600);
    let mut admin = app.signed_in("ann@acme.test");
    assert_eq!(remind(&mut admin, &json!({ "email": "bob@acme.test" })).status, 200);
    assert_eq!(remind(&mut admin, &json!({ "email": "bob@acme.test" })).code(), "reminded_already");
    app.wait(-3 * 24 * 3600);
    assert_eq!(remind(&mut app.signed_in("ann@acme.test"), &json!({})).json()["reminded"], 2);
}

#[test]
fn without_a_mail_server_reminders_are_refused_with_the_portal_url() {
    let (app, mut admin) = acme(None);
    let refused = remind(&mut admin, &json!({}));
    assert_eq!((refused.status, refused.code().as_str()), (409, "no_mail_server"));
    assert!(refused.body.contains("/sso?key=acme_SSO"));
    assert_eq!(admin.read("/organisations/acme/sso/readiness").json()["mail_server"], false);
    assert_eq!(remind(&mut app.signed_in("bob@acme.test"), &json!({})).status, 403);
}

#[test]
fn the_command_line_shows_readiness_and_sends_reminders() {
    let mail_server = MailServer::new();
    let (app, _admin) = acme(Some(&mail_server));
    let run = |args: &[&str]| {
        let output = vestibule(app.data.path(), args);
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, reported) = run(&["sso", "readiness", "acme", "--json"]);
    assert_eq!(code, Some(0));
    let reported: Value = serde_json::from_str(&reported).expect("JSON");
    assert_eq!((&reported["ready"], &reported["total"]), (&json!(1), &json!(3)));
    assert_eq!(reported["waiting"], json!(["bob@acme.test", "cleo@acme.test"]));
    assert!(run(&["sso", "readiness", "acme"]).1.starts_with("1 of 3 have signed in through SAML since"));

    assert_eq!(
        run(&["sso", "remind", "acme", "bob@acme.test"]),
        (Some(0), "1 reminded by mail; 0 had been reminded within the last day.\n".into())
    );
    // The command uses the system clock, which has advanced since the clock of the appliance was set.
    app.wait(60);
    mail_server.newest(1, "bob@acme.test");
    assert_eq!(run(&["sso", "remind", "acme"]).1, "1 reminded by mail; 1 had been reminded within the last day.\n");
    app.wait(60);
    mail_server.newest(2, "cleo@acme.test");
    assert_eq!(run(&["sso", "remind", "acme", "ann@acme.test"]).0, Some(1));
    for (unknown, code) in
        [(["nobody", "bob@acme.test"], 1), (["acme", "nobody@acme.test"], 1), (["acme", "nobody"], 2)]
    {
        assert_eq!(run(&[&["sso", "remind"][..], &unknown].concat()).0, Some(code), "{unknown:?}");
    }

    let emails = |args: &[&str]| {
        let listed: Value =
            serde_json::from_str(&run(&[&["member", "list", "acme", "--json"], args].concat()).1).expect("JSON");
        listed
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["email"].as_str().expect("text").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(emails(&["--saml", "ready"]), ["ann@acme.test"]);
    assert_eq!(emails(&["--search", "CLE", "--method", "never"]), ["cleo@acme.test"]);
    assert_eq!(emails(&["--role", "organisation_admin"]), ["ann@acme.test"]);
    assert_eq!(run(&["member", "list", "acme", "--role", "cake"]).0, Some(2));
}
