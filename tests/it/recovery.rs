//! Recovery under SAML-only: notices, log entries, and the limits of recovery.

use crate::acme::Acme;
use crate::app::{Org, PASSWORD, TestApp, email};
use crate::browser::{Answer, Browser};
use crate::idp::saml_sign_in;
use crate::mail_server::MailServer;
use serde_json::{Value, json};
use vestibule::actions::{Caller, recovery};
use vestibule::domain::person::Role;

const NEW: &str = "violet tractor lagoon";

/// Acme under SAML-only, with the recovery codes that Ann received when she turned it on.
struct SamlOnly {
    app: TestApp,
    org: Org,
    ann: Browser,
    codes: Vec<String>,
}

fn acme(app: TestApp) -> SamlOnly {
    let Acme { app, org, admin: mut ann } = Acme::connected_at(app);
    app.admin(&org, "amy@acme.test");
    let on = ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).json();
    let codes = serde_json::from_value(on["recovery_codes"].clone()).expect("codes");
    SamlOnly { app, org, ann, codes }
}

fn sign_in_by_code(app: &TestApp, address: &str, code: &str) -> (Browser, Answer) {
    let mut browser = app.anonymous();
    let body = json!({ "email": address, "password": PASSWORD, "recovery_code": code, "organisation": "acme" });
    let answer = browser.api("POST", "/login", &body);
    (browser, answer)
}

/// The token of a new recovery link.
fn recovery_token(acme: &SamlOnly, address: &str) -> String {
    let organisation = acme.app.app.store.read(|db| db.organisation(acme.org.id.as_str())).expect("there");
    let link = recovery::link(&acme.app.app, &Caller::command_line(), &organisation, email(address)).expect("made");
    link.split_once("token=").expect("a token").1.to_owned()
}

fn sign_in_by_link(acme: &SamlOnly, address: &str) -> Browser {
    let mut browser = acme.app.anonymous();
    assert_eq!(browser.form("/recover", &[("token", &recovery_token(acme, address)), ("password", NEW)]).status, 303);
    browser
}

#[test]
fn a_recovery_link_is_revoked_when_the_person_is_no_longer_an_admin() {
    let mut acme = acme(TestApp::new());
    let amy = acme.app.user("amy@acme.test");
    let tried = |acme: &SamlOnly, token: &str| {
        let mut browser = acme.app.anonymous();
        let looked = browser.get(&format!("/recover?token={token}")).status;
        (looked, browser.form("/recover", &[("token", token), ("password", NEW)]).status)
    };
    for path in ["admins", "members"] {
        let (token, other_link) = (recovery_token(&acme, "amy@acme.test"), recovery_token(&acme, "ann@acme.test"));
        let reported = acme.ann.api("DELETE", &format!("/organisations/acme/{path}/{amy}?dry_run=true"), &Value::Null);
        assert_eq!(reported.json()["warnings"], json!(["Their recovery link stops working."]));
        assert_eq!(
            acme.app.anonymous().get(&format!("/recover?token={token}")).status,
            200,
            "a dry run does not revoke the link"
        );
        acme.ann.api("DELETE", &format!("/organisations/acme/{path}/{amy}"), &Value::Null);
        assert_eq!(tried(&acme, &token), (404, 404), "{path}");
        // The link does not work again when the person becomes an admin again.
        acme.app.admin(&acme.org, "amy@acme.test");
        assert_eq!(tried(&acme, &token), (404, 404), "{path}");
        assert_eq!(
            acme.app.anonymous().get(&format!("/recover?token={other_link}")).status,
            200,
            "the link of another admin still works"
        );
    }
    // A link that is still in the database does not work while the person is no admin.
    let (token, org) = (recovery_token(&acme, "amy@acme.test"), acme.org.id.clone());
    let (user, kept, now) = (amy.clone(), token.clone(), acme.app.now());
    acme.app.write(move |tx| {
        tx.set_admin(&org, &user, false)?;
        tx.set_recovery_link(&user, &org, &kept, now.plus(60))
    });
    assert_eq!(tried(&acme, &token), (404, 404));
    acme.app.admin(&acme.org, "amy@acme.test");
    assert_eq!(tried(&acme, &token), (200, 303), "the link works once the person is an admin");
}

#[test]
fn each_step_of_a_recovery_is_logged() {
    let mut acme = acme(TestApp::new());
    let renewed = acme.ann.api("POST", "/organisations/acme/sso/recovery-codes", &Value::Null).json();
    let (mut back, _) =
        sign_in_by_code(&acme.app, "ann@acme.test", renewed["recovery_codes"][0].as_str().expect("a code"));
    sign_in_by_link(&acme, "amy@acme.test");
    back.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": false }));
    let log = acme.app.operator().read("/organisations/acme/audit").json();
    let lines: Vec<_> =
        log["items"].as_array().expect("a list").iter().map(|one| (&one["action"], &one["actor"])).collect();
    let lines: Vec<_> = lines.iter().rev().skip_while(|(action, _)| *action != "connection.saml_only_on").collect();
    for (place, (action, who)) in [
        ("connection.saml_only_on", "ann@acme.test"),
        ("recovery.codes_made", "ann@acme.test"),
        ("session.recovery", "ann@acme.test"),
        ("recovery.link_made", ""),
        ("session.recovery", "amy@acme.test"),
        ("connection.saml_only_off", "ann@acme.test"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(lines[place].0, action, "{lines:?}");
        assert!(lines[place].1.to_string().contains(who), "{lines:?}");
    }
}

#[test]
fn all_admins_are_notified_of_a_recovery_by_link() {
    let mail_server = MailServer::new();
    let app = TestApp::with_flags(|flags| flags.mail.smtp_url = Some(mail_server.url()));
    let acme = acme(app);
    sign_in_by_link(&acme, "amy@acme.test");
    let mails = mail_server.wait_for(2);
    let mut to: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["amy@acme.test", "ann@acme.test"]);
    assert!(mails.iter().all(|mail| mail.text.contains("amy@acme.test signed in to Acme with a recovery link")));
}

/// Requests operations that need a sign-in by password; returns the statuses of the answers.
fn request_own_settings(browser: &mut Browser, another_session: &str) -> Vec<u16> {
    let password = json!({ "current_password": PASSWORD, "new_password": NEW });
    [
        browser.api("PATCH", "/me", &json!({ "name": "Olivia" })),
        browser.read("/plans"),
        browser.api("DELETE", &format!("/me/sessions/{another_session}"), &Value::Null),
        browser.api("PUT", "/me/password", &password),
    ]
    .map(|answer| answer.status)
    .to_vec()
}

#[test]
fn a_recovery_grant_does_not_allow_own_settings_or_operator_actions() {
    let mut acme = acme(TestApp::new());
    acme.app.admin(&acme.org, "olivia@vestibule.test");
    let another = || {
        let me = acme.app.operator().read("/me/sessions").json();
        me["items"][0]["id"].as_str().expect("an id").to_owned()
    };
    let (session, spare) = (another(), another());
    let (mut back, answer) = sign_in_by_code(&acme.app, "olivia@vestibule.test", &acme.codes.remove(0));
    assert_eq!((answer.status, answer.json()["person"]["operator"].as_bool()), (200, Some(false)), "{}", answer.body);
    assert_eq!(request_own_settings(&mut back, &session), [403, 403, 404, 403]);
    assert_eq!(back.read("/organisations/acme/sso").status, 200, "recovery gives access to the SSO settings");
    assert_eq!(request_own_settings(&mut acme.app.operator(), &spare), [200, 200, 204, 200]);
}

#[test]
fn a_premade_account_cannot_use_a_recovery_code() {
    let mut acme = acme(TestApp::new());
    let elsewhere = acme.app.org("Mallory & Co", "business");
    // Mallory created these accounts and knows their passwords.
    for address in ["victor@acme.test", "vera@acme.test"] {
        acme.app.person(&elsewhere, address, Role::PowerUser, false);
        let body = json!({ "email": address, "role": "admin" });
        acme.ann.api("POST", &format!("/workspaces/{}/invitations", acme.org.workspace), &body);
        saml_sign_in(&acme.app, &mut acme.app.anonymous(), "/sso?key=acme_SSO", address);
        assert_eq!(acme.ann.api("POST", "/organisations/acme/admins", &json!({ "email": address })).status, 201);
    }
    assert_eq!(sign_in_by_code(&acme.app, "victor@acme.test", &acme.codes[0]).1.status, 401);
    // The link of `vestibule org recover` is for the person herself, who sets a new password with it.
    sign_in_by_link(&acme, "vera@acme.test");
    let body =
        json!({ "email": "vera@acme.test", "password": NEW, "recovery_code": acme.codes[0], "organisation": "acme" });
    assert_eq!(acme.app.anonymous().api("POST", "/login", &body).status, 200);
}
