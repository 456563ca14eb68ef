//! Limits on the number of e-mails that people may cause, with a real mail server on loopback.

use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{connect, saml_sign_in};
use crate::mail::{finish_reset, invite, request_reset, unsent_when, with};
use crate::mail_server::MailServer;
use crate::program::vestibule;
use serde_json::{Value, json};

fn set_limit(app: &TestApp, plan: &str, most: &Value) {
    let answer = app.operator().api("PATCH", &format!("/plans/{plan}"), &json!({ "max_mails_per_day": most }));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn id(invited: &Answer) -> String {
    invited.json()["id"].as_str().unwrap_or_else(|| panic!("no invitation: {}", invited.body)).to_owned()
}

fn resend(browser: &mut Browser, org: &Org, id: &str) -> Answer {
    browser.api("POST", &format!("/workspaces/{}/invitations/{id}/resend", org.workspace), &Value::Null)
}

/// Asserts that the request is throttled for `secs` seconds, and that the message contains `part`.
fn assert_throttled(answer: &Answer, part: &str, secs: i64) {
    assert_eq!((answer.status, answer.code().as_str()), (429, "throttled"), "{}", answer.body);
    assert!(answer.body.contains(part), "{}", answer.body);
    assert_eq!(answer.headers.get("retry-after"), Some(&secs.to_string()), "{}", answer.body);
}

#[test]
fn setting_the_clock_back_does_not_extend_a_limit() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    app.wait(3 * 24 * 3600);
    let mut ann = app.signed_in("ann@acme.test");
    let bob = id(&invite(&mut ann, org.workspace.as_str(), "bob@acme.test"));
    assert_eq!((resend(&mut ann, &org, &bob).status, resend(&mut ann, &org, &bob).status), (200, 200));
    assert_throttled(&resend(&mut ann, &org, &bob), "3 times an hour", 3600);
    app.wait(-3 * 24 * 3600);
    let mut ann = app.signed_in("ann@acme.test");
    for _ in 0..3 {
        assert_eq!(resend(&mut ann, &org, &bob).status, 200);
    }
    assert_throttled(&resend(&mut ann, &org, &bob), "3 times an hour", 3600);
    app.wait(3 * 24 * 3600);
    assert_eq!(
        resend(&mut app.signed_in("ann@acme.test"), &org, &bob).status,
        200,
        "the invitation was counted only once"
    );
}

#[test]
fn an_invitation_is_sent_at_most_three_times_an_hour() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let bob = id(&invite(&mut ann, org.workspace.as_str(), "bob@acme.test"));
    app.wait(60);
    assert_eq!((resend(&mut ann, &org, &bob).status, resend(&mut ann, &org, &bob).status), (200, 200));
    assert_throttled(&resend(&mut ann, &org, &bob), "3 times an hour", 3540);
    app.finish_log();
    let log = app.operator().read("/audit?resource_type=security").json();
    let line = &log["items"][0];
    assert_eq!(
        (&line["action"], &line["actor"]["name"]),
        (&json!("security.throttled"), &json!("ann@acme.test")),
        "{log}"
    );
    unsent_when(&mut app.operator(), <[Value]>::is_empty);
    let token = json!({ "token": mail_server.newest(1, "bob@acme.test").token() });
    assert_eq!(app.anonymous().api("POST", "/invitations/inspect", &token).status, 200, "the last link still works");
    assert_eq!(
        invite(&mut ann, org.workspace.as_str(), "eve@acme.test").status,
        201,
        "other people can still be invited"
    );
    app.wait(3540);
    assert_eq!(resend(&mut ann, &org, &bob).status, 200);
    assert_throttled(&resend(&mut ann, &org, &bob), "3 times an hour", 60);
}

#[test]
fn withdrawing_and_recreating_an_invitation_counts_as_resending() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let mut again = || {
        let invited = invite(&mut ann, org.workspace.as_str(), "bob@acme.test");
        if invited.status == 201 {
            let path = format!("/workspaces/{}/invitations/{}", org.workspace, id(&invited));
            assert_eq!(ann.api("DELETE", &path, &Value::Null).status, 204);
        }
        invited
    };
    assert_eq!([again().status, again().status, again().status], [201, 201, 201]);
    assert_throttled(&again(), "3 times an hour", 3600);
}

#[test]
fn without_a_mail_server_only_resending_is_throttled() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    for n in 0..65 {
        assert_eq!(invite(&mut ann, org.workspace.as_str(), &format!("p{n}@acme.test")).status, 201, "{n}");
    }
    let bob = id(&invite(&mut ann, org.workspace.as_str(), "bob@acme.test"));
    assert_eq!([(); 3].map(|()| resend(&mut ann, &org, &bob).status), [200; 3]);
    assert_throttled(&resend(&mut ann, &org, &bob), "3 times an hour", 3600);
}

#[test]
fn one_person_sends_at_most_sixty_invitations_an_hour() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    app.admin(&org, "amy@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    for n in 0..60 {
        assert_eq!(invite(&mut ann, org.workspace.as_str(), &format!("p{n}@acme.test")).status, 201, "{n}");
    }
    assert_throttled(&invite(&mut ann, org.workspace.as_str(), "one@acme.test"), "60 invitations", 3600);
    let mut amy = app.signed_in("amy@acme.test");
    assert_eq!(invite(&mut amy, org.workspace.as_str(), "one@acme.test").status, 201);
    app.wait(3600);
    assert_eq!(invite(&mut ann, org.workspace.as_str(), "two@acme.test").status, 201);
}

#[test]
fn a_session_through_another_provider_does_not_use_up_a_persons_invitations() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let (acme, birch) = (app.org("Acme", "enterprise"), app.org("Birch", "business"));
    app.admin(&acme, "tess@acme.test");
    connect(&app, &acme, "tess@acme.test", "acme_SSO");
    app.admin(&acme, "bob@birch.test");
    app.admin(&birch, "bob@birch.test");
    let (mut own, mut through) = (app.signed_in("bob@birch.test"), app.anonymous());
    saml_sign_in(&app, &mut through, "/sso?key=acme_SSO", "bob@birch.test");
    for n in 0..60 {
        assert_eq!(invite(&mut through, acme.workspace.as_str(), &format!("p{n}@acme.test")).status, 201, "{n}");
    }
    assert_throttled(&invite(&mut through, acme.workspace.as_str(), "one@acme.test"), "60 invitations", 3600);
    assert_eq!(invite(&mut own, birch.workspace.as_str(), "one@birch.test").status, 201);
}

#[test]
fn an_organisation_sends_at_most_as_many_emails_a_day_as_its_plan_allows() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let (acme, globex) = (app.org("Acme", "business"), app.org("Globex", "business"));
    app.admin(&acme, "ann@acme.test");
    app.admin(&globex, "gus@globex.test");
    set_limit(&app, "business", &json!(3));
    let mut ann = app.signed_in("ann@acme.test");
    let mut ask = |n: usize| invite(&mut ann, acme.workspace.as_str(), &format!("p{n}@acme.test"));
    assert_eq!([1, 2, 3].map(|n| ask(n).status), [201; 3]);
    assert_throttled(&ask(4), "The Business plan allows 3", 24 * 3600);
    let gus = invite(&mut app.signed_in("gus@globex.test"), globex.workspace.as_str(), "p4@acme.test");
    assert_eq!(gus.status, 201, "another organisation has its own limit");

    let args = ["member", "invite", acme.workspace.as_str(), "p4@acme.test", "--role", "power_user"];
    let beside = vestibule(app.data.path(), &args);
    assert_eq!(beside.status.code(), Some(1), "the limit applies to the command line too");
    assert!(String::from_utf8_lossy(&beside.stderr).contains("The Business plan allows 3"));

    assert_eq!(request_reset(&app, "ann@acme.test").status, 200);
    assert!(
        mail_server.newest(5, "ann@acme.test").text.contains("Set a new password"),
        "a reset link does not count as an e-mail of the organisation"
    );
    app.wait(24 * 3600);
    let mut ann = app.signed_in("ann@acme.test");
    assert_eq!(invite(&mut ann, acme.workspace.as_str(), "p4@acme.test").status, 201);
    set_limit(&app, "business", &Value::Null);
    for n in 5..9 {
        assert_eq!(
            invite(&mut ann, acme.workspace.as_str(), &format!("p{n}@acme.test")).status,
            201,
            "a plan without a limit"
        );
    }
}

#[test]
fn reminders_stop_at_the_organisations_limit_and_report_the_number_left() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    for n in 0..5 {
        app.member(&org, &format!("p{n}@acme.test"));
    }
    set_limit(&app, "enterprise", &json!(3));
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    let mut remind = |body: &Value| ann.api("POST", "/organisations/acme/sso/reminders", body);
    assert_eq!(remind(&json!({})).json(), json!({ "reminded": 3, "skipped": 0, "left": 2 }));
    assert_throttled(&remind(&json!({})), "The Enterprise plan allows 3", 24 * 3600);
    assert_throttled(&remind(&json!({ "email": "p4@acme.test" })), "The Enterprise plan allows 3", 24 * 3600);
    set_limit(&app, "enterprise", &json!(5));
    assert_eq!(remind(&json!({})).json(), json!({ "reminded": 2, "skipped": 3, "left": 0 }));
}

/// Uses up the number of e-mails a day that others may cause to this address; returns an organisation that has sent
/// none of them.
fn use_up_emails_to(app: &TestApp, email: &str) -> Org {
    for n in 0..5 {
        let org = app.org(&format!("Sender {n}"), "business");
        let admin = format!("a{n}@acme.test");
        app.admin(&org, &admin);
        let mut admin = app.signed_in(&admin);
        let invited = id(&invite(&mut admin, org.workspace.as_str(), email));
        assert_eq!(resend(&mut admin, &org, &invited).status, 200);
    }
    app.org("Acme", "enterprise")
}

#[test]
fn one_address_gets_at_most_ten_invitations_and_reminders_a_day() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = use_up_emails_to(&app, "victor@acme.test");
    app.admin(&org, "ann@acme.test");
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    assert_throttled(
        &invite(&mut ann, org.workspace.as_str(), "victor@acme.test"),
        "to one address in a day",
        24 * 3600,
    );
    assert_eq!(invite(&mut ann, org.workspace.as_str(), "bob@acme.test").status, 201);

    app.member(&org, "victor@acme.test");
    app.member(&org, "cleo@acme.test");
    let all = ann.api("POST", "/organisations/acme/sso/reminders", &json!({})).json();
    assert_eq!(all, json!({ "reminded": 1, "skipped": 1, "left": 0 }), "other members are still reminded");
    app.wait(24 * 3600);
    let mut amy = app.signed_in("a0@acme.test");
    let last = invite(&mut amy, app.org("Last", "business").workspace.as_str(), "victor@acme.test");
    assert_eq!(last.status, 404, "a workspace of another organisation");
    let mut ann = app.signed_in("ann@acme.test");
    assert_eq!(ann.api("POST", "/organisations/acme/sso/reminders", &json!({})).json()["reminded"], 2);
}

#[test]
fn invitations_do_not_use_up_the_limit_of_password_links() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = use_up_emails_to(&app, "victor@acme.test");
    let victor = app.member(&org, "victor@acme.test");
    unsent_when(&mut app.operator(), <[Value]>::is_empty);
    let sent = mail_server.received().len();
    request_reset(&app, "victor@acme.test");
    let link = mail_server.newest(sent + 1, "victor@acme.test");
    assert_eq!(finish_reset(&app, &link.token()).status, 200);
    let mailed = app.operator().api("POST", &format!("/users/{victor}/reset-link"), &Value::Null);
    assert_eq!(mailed.json()["mailed"], true);
}

#[test]
fn after_ten_password_links_a_day_the_last_one_still_works() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let victor = app.member(&app.org("Acme", "business"), "victor@acme.test");
    for n in 1..=10 {
        request_reset(&app, "victor@acme.test");
        mail_server.wait_for(n);
        app.wait(600);
    }
    let tenth = mail_server.newest(10, "victor@acme.test").token();
    let answer = request_reset(&app, "victor@acme.test");
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({ "mail_server": true })),
        "the answer does not reveal the limit"
    );
    let inspect = json!({ "token": tenth });
    assert_eq!(app.anonymous().api("POST", "/password-reset/inspect", &inspect).status, 200);
    assert_eq!(mail_server.received().len(), 10);
    app.operator().api("POST", &format!("/users/{victor}/reset-link"), &Value::Null);
    assert_eq!(
        finish_reset(&app, &mail_server.newest(11, "victor@acme.test").token()).status,
        200,
        "an operator can still send a link"
    );
}
