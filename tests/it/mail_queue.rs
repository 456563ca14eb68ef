//! The queue of e-mails: the order of sending, the removal of obsolete e-mails, and the list that operators see.

use crate::app::{Org, TestApp};
use crate::browser::Browser;
use crate::idp::{connect, saml_sign_in, settings};
use crate::mail::{invite, request_reset, unsent_when, with};
use crate::mail_server::{MailBehaviour, MailServer};
use crate::program::vestibule;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vestibule::domain::ids::MailId;
use vestibule::domain::mail::{Mail, MailKind, Place};

/// A mail server that temporarily accepts nothing, and an organisation with its admin's browser.
fn with_busy_mail_server() -> (MailServer, TestApp, Org, Browser) {
    let mail_server = MailServer::new();
    mail_server.set_behaviour(MailBehaviour::BusyForNow);
    let app = with(&mail_server);
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let ann = app.signed_in("ann@acme.test");
    (mail_server, app, org, ann)
}

fn recipients(app: &TestApp, count: usize) -> Vec<String> {
    let items = unsent_when(&mut app.operator(), |items| items.len() == count);
    let mut to: Vec<_> = items.iter().map(|one| one["to"].as_str().expect("text").to_owned()).collect();
    to.sort();
    to
}

fn invited(browser: &mut Browser, org: &Org, email: &str) -> String {
    invite(browser, org.workspace.as_str(), email).json()["id"].as_str().expect("an id").to_owned()
}

#[test]
fn resending_replaces_the_waiting_email() {
    let (mail_server, app, org, mut ann) = with_busy_mail_server();
    let bob = invited(&mut ann, &org, "bob@acme.test");
    unsent_when(&mut app.operator(), |items| items.first().is_some_and(|one| one["attempts"] == 1));
    let path = format!("/workspaces/{}/invitations/{bob}/resend", org.workspace);
    assert_eq!(ann.api("POST", &path, &Value::Null).status, 200);
    assert_eq!(recipients(&app, 1), ["bob@acme.test"]);
    mail_server.set_behaviour(MailBehaviour::Accepts);
    app.wait(3601);
    let token = json!({ "token": mail_server.newest(1, "bob@acme.test").token() });
    unsent_when(&mut app.operator(), <[Value]>::is_empty);
    assert_eq!(mail_server.received().len(), 1);
    assert_eq!(app.anonymous().api("POST", "/invitations/inspect", &token).status, 200);
}

#[test]
fn setting_the_clock_back_does_not_delay_waiting_emails() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    // The second time is shorter than the longest pause between two attempts.
    for (nth, ahead, email) in [(1, 3 * 24 * 3600, "bob@acme.test"), (2, 1800, "cleo@acme.test")] {
        mail_server.set_behaviour(MailBehaviour::BusyForNow);
        app.wait(ahead);
        invited(&mut app.signed_in("ann@acme.test"), &org, email);
        let tried = |items: &[Value]| items.first().is_some_and(|one| one["attempts"] == 1);
        let made = unsent_when(&mut app.operator(), tried)[0]["created_at"].clone();
        mail_server.set_behaviour(MailBehaviour::Accepts);
        app.wait(-ahead);
        // The job plans its next attempt half a minute later.
        unsent_when(&mut app.operator(), |items| items.first().is_some_and(|one| one["created_at"] != made));
        app.wait(31);
        assert!(mail_server.newest(nth, email).text.contains("/invitation?token="));
        unsent_when(&mut app.operator(), <[Value]>::is_empty);
    }
}

#[test]
fn the_email_of_an_invitation_is_removed_with_the_invitation_or_its_workspace() {
    let (_post, app, org, mut ann) = with_busy_mail_server();
    let bob = invited(&mut ann, &org, "bob@acme.test");
    let more = ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "More" })).json();
    let more = more["id"].as_str().expect("an id");
    invite(&mut ann, more, "cleo@acme.test");
    invited(&mut ann, &org, "dora@acme.test");
    assert_eq!(recipients(&app, 3).len(), 3);
    ann.api("DELETE", &format!("/workspaces/{}/invitations/{bob}", org.workspace), &Value::Null);
    assert_eq!(recipients(&app, 2), ["cleo@acme.test", "dora@acme.test"]);
    assert_eq!(ann.api("DELETE", &format!("/workspaces/{more}"), &Value::Null).status, 200);
    assert_eq!(recipients(&app, 1), ["dora@acme.test"]);
    assert_eq!(app.operator().api("DELETE", "/organisations/acme?confirm=Acme", &Value::Null).status, 200);
    assert_eq!(recipients(&app, 0), [""; 0]);
}

#[test]
fn the_email_of_an_invitation_accepted_through_saml_is_removed() {
    let (_post, app, org, _) = with_busy_mail_server();
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    invited(&mut ann, &org, "bob@acme.test");
    invited(&mut ann, &org, "cleo@acme.test");
    unsent_when(&mut app.operator(), |items| items.iter().any(|one| one["to"] == "bob@acme.test"));
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "bob@acme.test");
    let items = unsent_when(&mut app.operator(), |items| !items.iter().any(|one| one["to"] == "bob@acme.test"));
    assert!(items.iter().any(|one| one["to"] == "cleo@acme.test"), "the e-mail to another person is kept");
}

#[test]
fn the_email_of_an_invalid_reset_link_is_removed() {
    let (mail_server, app, org, mut ann) = with_busy_mail_server();
    app.member(&org, "bob@acme.test");
    for email in ["ann@acme.test", "bob@acme.test", "bob@acme.test"] {
        request_reset(&app, email);
    }
    assert_eq!(recipients(&app, 2), ["ann@acme.test", "bob@acme.test"]);
    let change = json!({ "current_password": crate::app::PASSWORD, "new_password": "violet tractor lagoon" });
    assert_eq!(ann.api("PUT", "/me/password", &change).status, 200);
    let kinds = |items: &[Value]| items.iter().filter(|one| one["kind"] == "reset").count();
    unsent_when(&mut app.operator(), |items| kinds(items) == 1);
    mail_server.set_behaviour(MailBehaviour::Accepts);
    app.wait(3601);
    let token = json!({ "token": mail_server.newest(1, "bob@acme.test").token() });
    assert_eq!(app.anonymous().api("POST", "/password-reset/inspect", &token).status, 200, "the newer link is valid");
    assert!(!mail_server.received().iter().any(|one| one.to == "ann@acme.test" && one.text.contains("token=")));
}

#[test]
fn the_notice_of_a_revoked_setup_link_is_removed() {
    let (_post, app, _org, mut ann) = with_busy_mail_server();
    let link = ann.api("POST", "/organisations/acme/sso/setup-links", &json!({})).json();
    let token = link["url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    let mut helper = app.anonymous();
    helper.headers.push(("authorization", format!("SetupLink {token}")));
    assert_eq!(helper.api("PUT", "/setup-link/sso", &settings("acme_SSO")).status, 200);
    let waits = |items: &[Value]| items.iter().any(|one| one["kind"] == "connection_waiting");
    unsent_when(&mut app.operator(), waits);
    let path = format!("/organisations/acme/sso/setup-links/{}", link["id"].as_str().expect("an id"));
    assert_eq!(ann.api("DELETE", &path, &Value::Null).status, 204);
    unsent_when(&mut app.operator(), |items| !waits(items));
}

#[test]
fn a_reminder_to_a_former_member_is_removed() {
    let (_post, app, org, _) = with_busy_mail_server();
    let bob = app.member(&org, "bob@acme.test");
    app.member(&org, "cleo@acme.test");
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    assert_eq!(ann.api("POST", "/organisations/acme/sso/reminders", &json!({})).json()["reminded"], 2);
    let reminded = |items: &[Value]| items.iter().filter(|one| one["kind"] == "saml_reminder").count();
    unsent_when(&mut app.operator(), |items| reminded(items) == 2);
    let path = format!("/workspaces/{}/members/{bob}", org.workspace);
    assert_eq!(ann.api("DELETE", &path, &Value::Null).status, 200);
    unsent_when(&mut app.operator(), |items| reminded(items) == 1);
}

#[test]
fn ten_thousand_emails_of_one_organisation_do_not_delay_others_and_resets_are_sent_first() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let (crowd, acme) = (app.org("Crowd", "enterprise"), app.org("Acme", "business"));
    app.admin(&acme, "ann@acme.test");
    let now = app.now();
    app.write(move |tx| {
        for n in 0..10_000 {
            let mail = Mail {
                id: MailId::random(),
                kind: MailKind::SamlReminder,
                to: crate::app::email(&format!("p{n}@crowd.test")),
                subject: "Many".into(),
                plain: "Many".into(),
                html: "Many".into(),
                created_at: now,
                expires_at: now.plus(86_400),
                attempts: 0,
                next_attempt_at: Some(now),
                last_error: None,
            };
            tx.add_mail(&mail, &Place::of(&crowd.id))?;
        }
        Ok(())
    });
    let mut ann = app.signed_in("ann@acme.test");
    assert_eq!(invite(&mut ann, acme.workspace.as_str(), "bob@acme.test").status, 201);
    let position = |to: &str, text: &str| {
        let begun = Instant::now();
        loop {
            let received = mail_server.received();
            if let Some(place) = received.iter().position(|one| one.to == to && one.text.contains(text)) {
                return place;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(20) && received.len() < 5_000,
                "the e-mail to {to} waits behind the ten thousand"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    let bobs = position("bob@acme.test", "You are invited to Acme");
    assert!(bobs < 3, "the e-mail to Bob was at position {bobs}");
    let before = mail_server.received().len();
    request_reset(&app, "ann@acme.test");
    let anns = position("ann@acme.test", "Set a new password");
    // Some e-mails are sent while the request is processed.
    assert!(anns < before + 400, "position {anns}, and {before} before the request");
}

#[test]
fn operators_see_failed_and_long_waiting_emails() {
    let mail_server = MailServer::new();
    mail_server.set_behaviour(MailBehaviour::NoSuchMailbox);
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut operator = app.operator();
    let step = |operator: &mut Browser| {
        let steps = operator.read("/next-steps").json();
        let items = steps["items"].as_array().expect("a list").clone();
        items.into_iter().find(|one| one["step"] == "mail_stuck").map(|one| one["text"].clone())
    };
    let doctor = |operator: &mut Browser| {
        let checks = operator.read("/doctor").json()["checks"].as_array().expect("a list").clone();
        checks.into_iter().find(|one| one["check"] == "mail queue").expect("a finding of the mail queue")
    };
    assert_eq!((step(&mut operator), &doctor(&mut operator)["ok"]), (None, &json!(true)));
    let mut ann = app.signed_in("ann@acme.test");
    invited(&mut ann, &org, "bob@acme.test");
    let items = unsent_when(&mut operator, |items| items.first().is_some_and(|one| one["next_attempt_at"].is_null()));
    assert_eq!(step(&mut operator), Some(json!("1 e-mail could not be sent.")));
    assert_eq!(doctor(&mut operator)["ok"], json!(false));

    mail_server.set_behaviour(MailBehaviour::BusyForNow);
    invited(&mut ann, &org, "cleo@acme.test");
    unsent_when(&mut operator, |items| {
        items.iter().any(|one| one["attempts"] == 1 && one["next_attempt_at"].is_string())
    });
    assert_eq!(
        step(&mut operator),
        Some(json!("1 e-mail could not be sent.")),
        "the other e-mail has not waited long yet"
    );
    app.wait(15 * 60);
    let reported = "1 e-mail could not be sent, and 1 e-mail has waited for more than 15 minutes.";
    assert_eq!(step(&mut operator), Some(json!(reported)));

    let beside = vestibule(app.data.path(), &["doctor", "--json"]);
    let checks: Value = serde_json::from_slice(&beside.stdout).expect("JSON");
    let checks = checks["checks"].as_array().expect("a list").clone();
    let found = checks.iter().find(|one| one["check"] == "mail queue").expect("a finding of the mail queue");
    assert!(found["ok"] == false && found["found"].as_str().is_some_and(|text| text.contains("could not be sent")));

    mail_server.set_behaviour(MailBehaviour::Accepts);
    operator.api("DELETE", &format!("/mails/{}", items[0]["id"].as_str().expect("an id")), &Value::Null);
    app.wait(3601);
    unsent_when(&mut operator, <[Value]>::is_empty);
    assert_eq!((step(&mut operator), &doctor(&mut operator)["ok"]), (None, &json!(true)));
}

#[test]
fn a_name_that_looks_like_an_address_does_not_become_a_link_in_an_email() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("visit https://evil.example/login", "business");
    let ann = app.admin(&org, "ann@acme.test");
    app.write(move |tx| tx.set_user(&ann, "Ann @ www.evil.example", None));
    let path = format!("/workspaces/{}", org.workspace);
    let mut ann = app.signed_in("ann@acme.test");
    assert_eq!(ann.api("PATCH", &path, &json!({ "name": "x.evil.example" })).status, 200);
    invited(&mut ann, &org, "bob@acme.test");
    let mail = mail_server.newest(1, "bob@acme.test").text;
    assert!(!mail.contains("evil.example") && !mail.contains("ann@acme.test"), "{mail}");
    assert!(mail.contains("Subject: You are invited to visit https evil example/login"), "{mail}");
    assert!(
        mail.contains("Ann www evil example invited you to join x evil example of visit https evil example"),
        "{mail}"
    );
}
