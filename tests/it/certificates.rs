//! Expiring certificates: shown, announced to admins by e-mail in advance, and, as the operator chooses, accepted with
//! a warning or refused.

use crate::app::{Org, TestApp};
use crate::browser::Browser;
use crate::idp::{connect, deliver, request_of, settings, valid_response};
use crate::mail_server::MailServer;
use serde_json::{Value, json};
use vestibule::saml::test_idp::{Sign, SigningKey};

const DAY: i64 = 24 * 3600;

/// Acme with a ready connection, whose only certificate expires in 40 days.
fn acme(app: &TestApp) -> (Org, Browser, SigningKey) {
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.admin(&org, "abe@acme.test");
    app.member(&org, "bob@acme.test");
    let mut admin = connect(app, &org, "ann@acme.test", "acme_SSO");
    let key = SigningKey::ec("Ending").valid_for(40);
    let with = |certificates: Value| {
        let mut body = settings("acme_SSO");
        body["certificates"] = certificates;
        body
    };
    let both = with(json!([crate::idp::KEY.certificate_pem(), key.certificate_pem()]));
    assert_eq!(admin.api("PUT", "/organisations/acme/sso", &both).status, 200);
    crate::idp::saml_sign_in(app, &mut admin, "/sso?key=acme_SSO&test=1", "ann@acme.test");
    let saved = admin.api("PUT", "/organisations/acme/sso", &with(json!([key.certificate_pem()])));
    assert_eq!((saved.status, saved.json()["status"].as_str()), (200, Some("ready")), "{}", saved.body);
    (org, admin, key)
}

fn sign_in_with(app: &TestApp, key: &SigningKey) -> crate::browser::Answer {
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    deliver(&mut bob, &request.acs_url, &valid_response(app, &request, "bob@acme.test").sign(key, Sign::Assertion))
}

#[test]
fn admins_get_one_email_thirty_seven_and_one_days_before_a_certificate_expires() {
    let mail_server = MailServer::new();
    let app = TestApp::with_operator(|flags| flags.mail.smtp_url = Some(mail_server.url()));
    let _ = acme(&app);
    app.wait(9 * DAY);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(mail_server.received().len(), 0, "no e-mail 31 days before the expiry");
    // The certificate was created slightly later than the time of the fixed clock.
    for (wait, emails, when) in
        [(DAY + 600, 2, "within 30 days"), (23 * DAY, 4, "within 7 days"), (6 * DAY, 6, "within a day")]
    {
        app.wait(wait);
        for admin in ["ann@acme.test", "abe@acme.test"] {
            let email = mail_server.newest(emails, admin);
            assert!(
                email.text.contains(&format!("Acme: your identity provider's certificate expires {when}")),
                "{}",
                email.text
            );
            assert!(email.text.contains("/o/acme/sso"), "{}", email.text);
        }
        app.wait(60);
        app.wait(60);
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert_eq!(mail_server.received().len(), emails, "each e-mail is sent once, and only to admins");
    }
    let log = app.signed_in("ann@acme.test").read("/organisations/acme/audit?limit=200").json();
    let logged = log["items"].as_array().expect("a list").iter();
    assert_eq!(logged.filter(|entry| entry["action"] == "connection.certificate_expiring").count(), 3);
}

#[test]
fn the_expiry_is_shown_with_the_certificate_and_to_admins_on_every_page() {
    let app = TestApp::new();
    let (_, mut admin, _) = acme(&app);
    let shown = admin.read("/organisations/acme/sso").json();
    assert_eq!(shown["certificates"][0]["days_left"], 40);
    assert_eq!(shown["certificates_end_at"], shown["certificates"][0]["not_after"]);
    let mine = |browser: &mut Browser| browser.read("/me").json()["organisations"][0]["certificates_end_at"].clone();
    assert_eq!(mine(&mut admin), Value::Null, "no warning 40 days before the expiry");
    app.wait(11 * DAY);
    assert_eq!(mine(&mut app.signed_in("ann@acme.test")), shown["certificates_end_at"]);
    assert_eq!(mine(&mut app.signed_in("bob@acme.test")), Value::Null, "members do not see the warning");
}

#[test]
fn an_expired_certificate_causes_a_warning_or_a_refusal_as_the_operator_chooses() {
    for refuse in [false, true] {
        let app = TestApp::with_operator(|flags| flags.providers.refuse_expired_certificates = refuse);
        let (_, _, key) = acme(&app);
        assert!(sign_in_with(&app, &key).location().contains("/sso/finish"), "the certificate has not expired yet");
        app.wait(41 * DAY);
        let answer = sign_in_with(&app, &key);
        let mut admin = app.signed_in("ann@acme.test");
        assert!(admin.read("/organisations/acme/sso").json()["certificates"][0]["days_left"].as_i64() < Some(0));
        if refuse {
            assert_eq!(answer.refused_with(), "sso_not_verified");
            let newest = admin.read("/organisations/acme/sso/attempts").json()["items"][0].clone();
            assert_eq!(newest["refusal"]["code"], "certificate_expired", "{newest}");
        } else {
            assert!(answer.location().contains("/sso/finish"), "accepted with a warning");
        }
    }
}

#[test]
fn an_admin_is_warned_before_removing_the_certificate_in_use() {
    let app = TestApp::new();
    let (_, mut admin, expiring) = acme(&app);
    let with = |certificates: &[&SigningKey]| {
        let mut body = settings("acme_SSO");
        body["certificates"] = certificates.iter().map(|key| key.certificate_pem()).collect::<Vec<_>>().into();
        body
    };
    // Both certificates are saved, but the provider signs only with one of them.
    let both = with(&[&expiring, &crate::idp::KEY]);
    assert_eq!(admin.api("PUT", "/organisations/acme/sso", &both).status, 200);
    crate::idp::saml_sign_in(&app, &mut admin, "/sso?key=acme_SSO&test=1", "ann@acme.test");
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    let xml = valid_response(&app, &request, "bob@acme.test").sign(&expiring, Sign::Assertion);
    let location = deliver(&mut bob, &request.acs_url, &xml).location().to_owned();
    assert_eq!(bob.get(&location).location(), "/");
    let dry_run = "/organisations/acme/sso?dry_run=true";
    let mut warnings_for = |body: &Value| admin.api("PUT", dry_run, body).body;
    let without = warnings_for(&with(&[&crate::idp::KEY]));
    assert!(without.contains("signed with a certificate that this change removes"), "{without}");
    assert!(!warnings_for(&with(&[&expiring])).contains("signed with a certificate that this change removes"));
}
