//! E-mails for invitations, password links and notices, sent through a real mail server on loopback.

use crate::app::{PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{connect, saml_sign_in};
use crate::mail_server::{MailBehaviour, MailServer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vestibule::config::Flags;
use vestibule::domain::person::Role;

const NEW: &str = "violet tractor lagoon";

pub fn with(mail_server: &MailServer) -> TestApp {
    with_flags(mail_server, |_| {})
}

pub fn with_flags(mail_server: &MailServer, change: impl FnOnce(&mut Flags)) -> TestApp {
    TestApp::with_operator(|flags| {
        flags.mail.smtp_url = Some(mail_server.url());
        change(flags);
    })
}

pub fn invite(browser: &mut Browser, workspace: &str, email: &str) -> Answer {
    let body = json!({ "email": email, "role": "power_user" });
    browser.api("POST", &format!("/workspaces/{workspace}/invitations"), &body)
}

pub fn request_reset(app: &TestApp, email: &str) -> Answer {
    app.anonymous().api("POST", "/password-reset", &json!({ "email": email }))
}

pub fn finish_reset(app: &TestApp, token: &str) -> Answer {
    app.anonymous().api("POST", "/password-reset/finish", &json!({ "token": token, "password": NEW }))
}

/// The unsent e-mails as operators see them, as soon as they satisfy `fits`.
pub fn unsent_when(operator: &mut Browser, fits: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let items = operator.read("/mails").json()["items"].as_array().expect("a list").clone();
        if fits(&items) {
            return items;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{items:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_invitation_is_emailed_and_its_link_is_not_in_the_answer() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme <b>", "business");
    app.admin(&org, "ann@acme.test");
    let invited = invite(&mut app.signed_in("ann@acme.test"), org.workspace.as_str(), "bob@acme.test");
    assert_eq!((invited.status, &invited.json()["accept_url"]), (201, &Value::Null));
    let mail = mail_server.newest(1, "bob@acme.test");
    assert!(mail.text.contains("Subject: You are invited to Acme <b>"), "{}", mail.text);
    assert!(mail.text.contains("Auto-Submitted: auto-generated") && mail.text.contains("text/html"));
    assert!(mail.text.contains("Acme &lt;b&gt;"), "the organisation's name is escaped");
    assert!(mail.text.contains("background:#1c5e58;color:#ffffff"), "the button has the product's colour");
    let accept = json!({ "token": mail.token(), "name": "Bob", "password": NEW });
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &accept).status, 200);
}

#[test]
fn resending_emails_a_new_link_and_invalidates_the_old_one() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let id = invite(&mut ann, org.workspace.as_str(), "bob@acme.test").json()["id"].as_str().expect("an id").to_owned();
    let old = mail_server.newest(1, "bob@acme.test").token();
    let path = format!("/workspaces/{}/invitations/{id}/resend", org.workspace);
    assert_eq!(ann.api("POST", &path, &Value::Null).json()["accept_url"], Value::Null);
    let new = mail_server.newest(2, "bob@acme.test").token();
    let inspect = |token: &str| app.anonymous().api("POST", "/invitations/inspect", &json!({ "token": token })).status;
    assert_eq!((inspect(&old), inspect(&new)), (404, 200));
}

#[test]
fn a_reset_link_is_emailed_and_the_answer_does_not_reveal_whether_the_address_is_known() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let (known, unknown) = (request_reset(&app, "Ann@acme.test"), request_reset(&app, "nobody@acme.test"));
    assert_eq!((known.status, known.json()), (200, json!({ "mail_server": true })));
    assert_eq!(known, unknown);
    let mail = mail_server.newest(1, "ann@acme.test");
    assert_eq!(ann.read("/me").status, 200, "a request for a link ends no session");
    assert_eq!(finish_reset(&app, &mail.token()).status, 200);
    assert_eq!(finish_reset(&app, &mail.token()).status, 404);
    assert_eq!(ann.read("/me").status, 401);
    assert_eq!(app.anonymous().sign_in("ann@acme.test", NEW).status, 200);
    assert_eq!(mail_server.received().len(), 1);
}

#[test]
fn a_reset_keeps_the_return_path_out_of_the_email() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    let cases = [
        ("ann@acme.test", json!("/account?tab=sessions"), json!("/account?tab=sessions")),
        ("ben@acme.test", json!("//evil.test"), Value::Null),
        ("cleo@acme.test", json!("/saml/x/acs"), Value::Null),
        ("dan@acme.test", Value::Null, Value::Null),
    ];
    for (number, (email, asked, kept)) in cases.into_iter().enumerate() {
        app.member(&org, email);
        let body = json!({ "email": email, "return": asked });
        assert_eq!(app.anonymous().api("POST", "/password-reset", &body).status, 200);
        let mail = mail_server.newest(number + 1, email);
        assert!(!mail.text.contains("sessions") && !mail.text.contains("evil"), "{}", mail.text);
        let token = json!({ "token": mail.token() });
        let inspected = app.anonymous().api("POST", "/password-reset/inspect", &token).json();
        assert_eq!((&inspected["email"], &inspected["return"]), (&json!(email), &kept), "{asked}");
    }
}

#[test]
fn an_emailed_link_refuses_the_current_password_and_accepts_another() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    request_reset(&app, "olivia@vestibule.test");
    let token = mail_server.newest(1, "olivia@vestibule.test").token();
    let finish = |password: &str| {
        app.anonymous().api("POST", "/password-reset/finish", &json!({ "token": token, "password": password }))
    };
    let same = finish(PASSWORD);
    assert_eq!((same.status, same.field().as_str()), (422, "password"));
    assert!(same.body.contains("This is your current password. Choose a new one."), "{}", same.body);
    assert_eq!(finish(NEW).status, 200, "the link works again after the refusal");
}

#[test]
fn a_reset_link_expires_after_a_day() {
    for (secs, status) in [(24 * 3600 - 1, 200), (24 * 3600, 404)] {
        let mail_server = MailServer::new();
        let app = with(&mail_server);
        request_reset(&app, "olivia@vestibule.test");
        let mail = mail_server.newest(1, "olivia@vestibule.test");
        app.wait(secs);
        assert_eq!(finish_reset(&app, &mail.token()).status, status, "after {secs} seconds");
    }
}

#[test]
fn reset_emails_are_limited_and_the_answer_is_the_same_for_unknown_addresses() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    let statuses = |email: &str| [(); 4].map(|()| request_reset(&app, email).status);
    assert_eq!(statuses("ann@acme.test"), [200, 200, 200, 429]);
    assert_eq!(statuses("nobody@acme.test"), [200, 200, 200, 429]);
    unsent_when(&mut app.operator(), <[Value]>::is_empty);
    // If the next e-mail is requested before one is sent, the earlier one is not sent, because its link is not valid
    // any more.
    assert!((1..=3).contains(&mail_server.wait_for(1).len()));
}

#[test]
fn without_a_mail_server_operators_pass_on_reset_links() {
    let app = TestApp::new();
    let user = app.member(&app.org("Acme", "business"), "ann@acme.test");
    assert_eq!(request_reset(&app, "ann@acme.test").json(), json!({ "mail_server": false }));
    let mut operator = app.operator();
    assert_eq!(operator.read("/mails").json(), json!({ "items": [], "next": null, "mail_server": false }));
    let link = operator.api("POST", &format!("/users/{user}/reset-link"), &Value::Null).json();
    assert!(link["reset_url"].as_str().is_some_and(|url| url.contains("/reset?token=")), "{link}");
}

#[test]
fn with_a_mail_server_operators_send_links_and_never_see_them() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let user = app.member(&app.org("Acme", "business"), "ann@acme.test");
    let sent = app.operator().api("POST", &format!("/users/{user}/reset-link"), &Value::Null).json();
    assert_eq!((&sent["mailed"], sent.get("reset_url")), (&json!(true), None), "{sent}");
    let told = sent["effect"]["warnings"][0].as_str().expect("a warning");
    assert!(told.contains("ends all their sessions"), "{told}");
    assert_eq!(finish_reset(&app, &mail_server.newest(1, "ann@acme.test").token()).status, 200);
}

#[test]
fn an_email_that_cannot_be_sent_now_is_kept_shown_and_sent_later() {
    let mail_server = MailServer::new();
    mail_server.set_behaviour(MailBehaviour::BusyForNow);
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut operator = app.operator();
    assert_eq!(invite(&mut app.signed_in("ann@acme.test"), org.workspace.as_str(), "bob@acme.test").status, 201);
    let items = unsent_when(&mut operator, |items| items.first().is_some_and(|one| one["attempts"] == 1));
    assert_eq!((items[0]["to"].as_str(), items[0]["kind"].as_str()), (Some("bob@acme.test"), Some("invitation")));
    assert!(items[0]["last_error"].as_str().is_some_and(|text| text.contains("local error")), "{items:?}");
    assert!(!items[0].to_string().contains("token="), "operators do not see links");
    mail_server.set_behaviour(MailBehaviour::Accepts);
    app.wait(31);
    assert_eq!(mail_server.wait_for(1)[0].to, "bob@acme.test");
    unsent_when(&mut operator, <[Value]>::is_empty);
}

#[test]
fn a_refused_email_is_kept_as_failed_and_can_be_retried_or_discarded() {
    let mail_server = MailServer::new();
    mail_server.set_behaviour(MailBehaviour::NoSuchMailbox);
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut operator = app.operator();
    for email in ["bob@acme.test", "eve@acme.test"] {
        invite(&mut app.signed_in("ann@acme.test"), org.workspace.as_str(), email);
    }
    let given_up = |items: &[Value]| items.len() == 2 && items.iter().all(|one| one["next_attempt_at"].is_null());
    let items = unsent_when(&mut operator, given_up);
    let id = |n: usize| items[n]["id"].as_str().expect("an id").to_owned();
    assert_eq!(app.signed_in("ann@acme.test").read("/mails").status, 403);
    mail_server.set_behaviour(MailBehaviour::Accepts);
    assert_eq!(operator.api("POST", &format!("/mails/{}/retry", id(0)), &Value::Null).status, 200);
    assert_eq!(operator.api("DELETE", &format!("/mails/{}", id(1)), &Value::Null).status, 204);
    assert_eq!(mail_server.wait_for(1)[0].to, items[0]["to"].as_str().expect("an address"));
    unsent_when(&mut operator, <[Value]>::is_empty);
    assert_eq!(operator.api("POST", &format!("/mails/{}/retry", id(1)), &Value::Null).status, 404);
}

#[test]
fn no_email_is_lost_while_the_mail_server_is_down() {
    let unused_port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let app = TestApp::with_operator(|flags| flags.mail.smtp_url = Some(format!("smtp://127.0.0.1:{unused_port}")));
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    assert_eq!(request_reset(&app, "ann@acme.test").status, 200);
    let items = unsent_when(&mut app.operator(), |items| items.first().is_some_and(|one| one["attempts"] == 1));
    assert!(items[0]["next_attempt_at"].is_string() && items[0]["last_error"].is_string(), "{items:?}");
}

#[test]
fn all_admins_are_notified_of_a_recovery() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.admin(&org, "amy@acme.test");
    app.member(&org, "bob@acme.test");
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    let on = ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).json();
    let code = on["recovery_codes"][0].as_str().expect("a code");
    let body = json!({ "email": "amy@acme.test", "password": PASSWORD, "recovery_code": code, "organisation": "acme" });
    assert_eq!(app.anonymous().api("POST", "/login", &body).status, 200);
    let mut to: Vec<_> = mail_server.wait_for(2).into_iter().map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, ["amy@acme.test", "ann@acme.test"]);
    let mail = mail_server.newest(2, "ann@acme.test").text;
    assert!(mail.contains("amy@acme.test signed in to Acme with a recovery code") && !mail.contains(code), "{mail}");
}

/// An appliance where Bob is a member of Acme through SAML and has no password. One e-mail has been sent: his
/// invitation.
fn bob_through_saml(mail_server: &MailServer) -> TestApp {
    let app = with(mail_server);
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    invite(&mut ann, org.workspace.as_str(), "bob@acme.test");
    mail_server.wait_for(1);
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "bob@acme.test");
    app
}

#[test]
fn leaving_a_plan_with_saml_emails_a_link_to_people_without_a_password() {
    let mail_server = MailServer::new();
    let app = bob_through_saml(&mail_server);
    let mut operator = app.operator();
    let dry = operator.api("PUT", "/organisations/acme/plan?dry_run=true", &json!({ "plan": "business" })).json();
    assert_eq!((dry["loses"][0]["email"].as_str(), dry["counts"]["loses"].as_i64()), (Some("bob@acme.test"), Some(1)));
    assert!(dry["warnings"].to_string().contains("has no password here yet, and is mailed a link"), "{dry}");
    assert_eq!(mail_server.received().len(), 1, "a dry run sends no e-mail");
    operator.api("PUT", "/organisations/acme/plan", &json!({ "plan": "business" }));
    let mail = mail_server.newest(2, "bob@acme.test");
    assert!(mail.text.contains("Acme no longer signs you in through single sign-on"), "{}", mail.text);
    assert_eq!(finish_reset(&app, &mail.token()).status, 200);
    assert_eq!(app.anonymous().sign_in("bob@acme.test", NEW).status, 200);
    assert_eq!(mail_server.received().len(), 2);
}

#[test]
fn a_switch_on_the_command_line_sends_the_same_emails_as_the_api() {
    let mail_server = MailServer::new();
    let app = bob_through_saml(&mail_server);
    let mut operator = app.operator();
    let over_api = operator.api("PUT", "/organisations/acme/plan?dry_run=true", &json!({ "plan": "business" })).json();
    let switch = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(["org", "set-plan", "acme", "business", "--json", "--data"]).arg(app.data.path()).args(more);
        serde_json::from_slice::<Value>(&command.output().expect("the program runs").stdout).expect("JSON")
    };
    assert_eq!(switch(&["--dry-run"]), over_api);
    let mut real = switch(&[]);
    real["applied"] = json!(false);
    assert_eq!(real, over_api);
    // The command uses the system clock, which has advanced since the clock of the appliance was set.
    app.wait(60);
    let mail = mail_server.newest(2, "bob@acme.test");
    assert!(mail.text.contains("Acme no longer signs you in"), "{}", mail.text);
}

/// Mallory has an account with the address of a person whom Acme's identity provider knows, and knows its password.
/// Returns the browser of that person, Victor, signed in through SAML.
fn premade_account(mail_server: &MailServer) -> (TestApp, Browser) {
    let app = with(mail_server);
    let acme = app.org("Acme", "enterprise");
    app.admin(&acme, "ann@acme.test");
    let mallorys = app.org("Mallory & Co", "business");
    app.person(&mallorys, "victor@acme.test", Role::PowerUser, false);
    let mut ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    invite(&mut ann, acme.workspace.as_str(), "victor@acme.test");
    mail_server.wait_for(1);
    let mut victor = app.anonymous();
    saml_sign_in(&app, &mut victor, "/sso?key=acme_SSO", "victor@acme.test");
    (app, victor)
}

fn gives_access_to_acme(app: &TestApp, password: &str) -> bool {
    let me = app.anonymous().sign_in("victor@acme.test", password).json();
    me["organisations"].as_array().expect("a list").iter().any(|one| one["slug"] == "acme" && one["open"] == true)
}

#[test]
fn a_password_known_to_an_attacker_gives_no_access_to_a_saml_membership() {
    let mail_server = MailServer::new();
    let (app, mut victor) = premade_account(&mail_server);
    assert_eq!(victor.read("/me").json()["organisations"][0]["slug"], "acme");
    assert!(!gives_access_to_acme(&app, PASSWORD), "a password that Mallory knows gives no access to Acme");
}

#[test]
fn a_password_set_by_a_later_emailed_link_gives_access_and_one_set_earlier_does_not() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let acme = app.org("Acme", "enterprise");
    app.admin(&acme, "ann@acme.test");
    app.person(&app.org("Mallory & Co", "business"), "victor@acme.test", Role::PowerUser, false);
    let mut ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    request_reset(&app, "victor@acme.test");
    let early = mail_server.newest(1, "victor@acme.test").token();
    app.wait(60);
    invite(&mut ann, acme.workspace.as_str(), "victor@acme.test");
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "victor@acme.test");
    assert_eq!(finish_reset(&app, &early).status, 200);
    assert!(!gives_access_to_acme(&app, NEW), "a link requested before the person joined does not confirm them");
    request_reset(&app, "victor@acme.test");
    assert_eq!(finish_reset(&app, &mail_server.newest(3, "victor@acme.test").token()).status, 200);
    assert!(gives_access_to_acme(&app, NEW));
}

#[test]
fn a_password_set_by_an_operators_link_gives_no_access_to_a_saml_membership() {
    let app = TestApp::new();
    let acme = app.org("Acme", "enterprise");
    app.admin(&acme, "ann@acme.test");
    let victor = app.person(&app.org("Mallory & Co", "business"), "victor@acme.test", Role::PowerUser, false);
    let mut ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    invite(&mut ann, acme.workspace.as_str(), "victor@acme.test");
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "victor@acme.test");
    let link = app.operator().api("POST", &format!("/users/{victor}/reset-link"), &Value::Null).json();
    let token = link["reset_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    assert_eq!(finish_reset(&app, &token).status, 200);
    assert!(!gives_access_to_acme(&app, NEW));
}

#[test]
fn without_a_mail_server_a_new_invitation_confirms_a_saml_membership() {
    let app = TestApp::new();
    let acme = app.org("Acme", "enterprise");
    app.admin(&acme, "ann@acme.test");
    app.person(&app.org("Victor Ltd", "business"), "victor@acme.test", Role::PowerUser, false);
    let mut ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    let path = format!("/workspaces/{}/invitations", acme.workspace);
    let wanted = json!({ "email": "victor@acme.test", "role": "power_user" });
    ann.api("POST", &path, &wanted);
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "victor@acme.test");
    let dry = app.operator().api("PUT", "/organisations/acme/plan?dry_run=true", &json!({ "plan": "business" })).json();
    assert!(dry["warnings"].to_string().contains("a new invitation"), "{dry}");
    let again = ann.api("POST", &path, &wanted);
    assert_eq!(again.status, 201, "{}", again.body);
    let link = again.json()["accept_url"].as_str().expect("a link").to_owned();
    let token = json!({ "token": link.split_once("token=").expect("a token").1 });
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &token).code(), "sign_in_first");
    assert_eq!(app.signed_in("victor@acme.test").api("POST", "/invitations/accept", &token).status, 200);
    assert!(gives_access_to_acme(&app, PASSWORD));
    assert_eq!(
        ann.api("POST", &path, &wanted).code(),
        "taken",
        "the membership is confirmed, so no new invitation is possible"
    );
}

#[test]
fn a_reset_password_does_not_bypass_saml_only() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.member(&org, "bob@acme.test");
    let mut ann = connect(&app, &org, "ann@acme.test", "acme_SSO");
    ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true }));
    let known = request_reset(&app, "bob@acme.test");
    assert_eq!(
        known,
        request_reset(&app, "nobody@acme.test"),
        "the answer does not reveal whether the address is known"
    );
    let mail = mail_server.newest(1, "bob@acme.test");
    assert!(mail.text.contains("You need no password: Acme requires single sign-on."), "{}", mail.text);
    let portal_url = format!("{}/sso?key=acme_SSO", app.url);
    assert!(mail.text.contains("Sign in with SSO:") && mail.text.contains(&portal_url), "{}", mail.text);
    assert!(mail.text.contains("A password on its own does not give access to Acme."), "{}", mail.text);
    assert!(!mail.text.contains("recovery code"), "only admins have recovery codes: {}", mail.text);
    let inspect =
        |token: &str| app.anonymous().api("POST", "/password-reset/inspect", &json!({ "token": token })).json();
    let inspected = inspect(&mail.token());
    assert_eq!(inspected["sso_only"], json!([{ "organisation": "Acme", "portal_url": portal_url }]));
    assert!(inspected["with_code"].is_null(), "{inspected}");
    request_reset(&app, "ann@acme.test");
    let of_admin = mail_server.newest(2, "ann@acme.test");
    assert!(of_admin.text.contains("only to sign in with a recovery code"), "{}", of_admin.text);
    assert_eq!(inspect(&of_admin.token())["with_code"], true);
    assert_eq!(finish_reset(&app, &mail.token()).status, 200);
    let refused = app.anonymous().sign_in("bob@acme.test", NEW);
    assert_eq!((refused.status, refused.code().as_str()), (403, "sso_required"));
    assert!(!refused.headers.contains_key("set-cookie") && refused.set_cookies.is_empty());
}

#[test]
fn a_reset_email_names_the_organisations_that_require_sso() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let (acme, globex) = (app.org("Acme", "enterprise"), app.org("Globex", "enterprise"));
    app.admin(&acme, "ann@acme.test");
    app.member(&acme, "bob@acme.test");
    app.member(&globex, "bob@acme.test");
    app.member(&globex, "cat@acme.test");
    let mut ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true }));
    request_reset(&app, "bob@acme.test");
    let mail = mail_server.newest(1, "bob@acme.test").text;
    assert!(mail.contains("Set a new password:") && mail.contains("Acme requires single sign-on"), "{mail}");
    assert!(mail.contains("/sso?key=acme_SSO") && !mail.contains("Globex requires"), "{mail}");
    request_reset(&app, "cat@acme.test");
    let mail = mail_server.newest(2, "cat@acme.test").text;
    assert!(mail.contains("Set a new password:") && !mail.contains("single sign-on"), "{mail}");
}

#[test]
fn a_person_who_needs_a_password_for_an_invitation_can_set_one_by_a_reset_email() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let (acme, globex) = (app.org("Acme", "enterprise"), app.org("Globex", "business"));
    app.admin(&acme, "ann@acme.test");
    app.member(&acme, "bob@acme.test");
    app.admin(&globex, "gus@globex.test");
    let mut ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true }));
    let invited = invite(&mut app.signed_in("gus@globex.test"), globex.workspace.as_str(), "bob@acme.test");
    assert_eq!(invited.status, 201, "{}", invited.body);
    let mut mail = request_reset(&app, "bob@acme.test").body;
    while !mail.contains("/reset?token=") {
        mail = mail_server.newest(1, "bob@acme.test").text;
    }
    assert!(mail.contains("Set a new password:") && !mail.contains("You need no password"), "{mail}");
}
