//! Smaller protections: certificates added with API keys, secrecy about existing accounts, and removal of used secrets
//! from the disk.

use crate::acme::Acme;
use crate::app::{Org, PASSWORD, TestApp, email};
use crate::browser::{Answer, Browser};
use crate::idp::{EC_KEY, KEY, OTHER_KEY, deliver, request_of, saml_sign_in, settings, valid_response};
use crate::mail::{request_reset, unsent_when};
use crate::mail_server::{MailBehaviour, MailServer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vestibule::domain::mail::Place;
use vestibule::domain::seal::digest;
use vestibule::saml::test_idp::Sign;

struct Managed {
    app: TestApp,
    org: Org,
    ann: Browser,
    program: Browser,
}

/// Acme with a ready connection, its admin, and a program whose API key may manage the connection.
fn acme() -> Managed {
    let Acme { app, org, admin: mut ann } = Acme::connected();
    let body = json!({ "name": "Terraform", "scopes": ["manage_sso"] });
    let made = ann.api("POST", "/organisations/acme/keys", &body).json();
    let program = app.program(made["key"].as_str().expect("a key"));
    Managed { app, org, ann, program }
}

fn save(browser: &mut Browser, certificates: &[String]) -> Answer {
    let mut body = settings("acme_SSO");
    body["certificates"] = json!(certificates);
    browser.api("PUT", "/organisations/acme/sso", &body)
}

fn count(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

#[test]
fn a_certificate_that_a_key_adds_waits_for_an_organisation_admin() {
    let mut acme = acme();
    let (own, new) = (KEY.certificate_pem(), OTHER_KEY.certificate_pem());
    let saved = save(&mut acme.program, &[own.clone(), new.clone()]);
    assert_eq!(saved.status, 200, "{}", saved.body);
    let shown = saved.json();
    assert_eq!((count(&shown["certificates"]), count(&shown["candidates"]), &shown["status"]), (1, 1, &json!("ready")));
    let candidate = &shown["candidates"][0];
    assert_eq!((candidate["added_by"].as_str(), candidate["at"].is_string()), (Some("Terraform"), true));
    // A new certificate does not replace the one in use, and is listed only once.
    let alone = save(&mut acme.program, std::slice::from_ref(&new)).json();
    assert_eq!((count(&alone["certificates"]), count(&alone["candidates"])), (1, 1));
    let adopt = format!(
        "/organisations/acme/sso/candidates/{}/adopt",
        candidate["fingerprint"].as_str().expect("a fingerprint")
    );
    assert_eq!(acme.program.api("POST", &adopt, &Value::Null).status, 403);
    let adopted = acme.ann.api("POST", &adopt, &Value::Null);
    assert_eq!(adopted.status, 200, "{}", adopted.body);
    let shown = adopted.json();
    assert_eq!((count(&shown["certificates"]), count(&shown["candidates"])), (2, 0));
    // A certificate that an admin saves takes effect immediately.
    let saved = save(&mut acme.ann, &[own, EC_KEY.certificate_pem()]).json();
    assert_eq!((count(&saved["certificates"]), count(&saved["candidates"])), (2, 0));
}

#[test]
fn only_an_organisation_admin_can_reject_a_waiting_certificate() {
    let mut acme = acme();
    let saved = save(&mut acme.program, &[KEY.certificate_pem(), OTHER_KEY.certificate_pem()]).json();
    let print = saved["candidates"][0]["fingerprint"].as_str().expect("a fingerprint").to_owned();
    let path = |print: &str| format!("/organisations/acme/sso/candidates/{print}");
    assert_eq!(acme.program.api("DELETE", &path(&print), &Value::Null).status, 403);
    assert_eq!(acme.app.signed_in("bob@acme.test").api("DELETE", &path(&print), &Value::Null).status, 403);
    assert_eq!(acme.ann.api("DELETE", &path("AA:BB"), &Value::Null).status, 404);
    let rejected = acme.ann.api("DELETE", &path(&print.to_lowercase()), &Value::Null);
    assert_eq!(rejected.status, 204, "{}", rejected.body);
    let shown = acme.ann.read("/organisations/acme/sso").json();
    assert_eq!((count(&shown["certificates"]), count(&shown["candidates"]), &shown["status"]), (1, 0, &json!("ready")));
    assert_eq!(acme.ann.api("DELETE", &path(&print), &Value::Null).status, 404);
    let adopt = format!("{}/adopt", path(&print));
    assert_eq!(acme.ann.api("POST", &adopt, &Value::Null).status, 404);
    let log = acme.ann.read("/organisations/acme/audit?resource_type=connection").json()["items"].take();
    let line = log.as_array().expect("a list").iter().find(|line| line["action"] == "connection.certificate_rejected");
    let line = line.expect("logged");
    assert_eq!((&line["detail"]["fingerprint"], &line["detail"]["added_by"]), (&json!(print), &json!("Terraform")));
    assert_eq!(line["actor"]["name"], "ann@acme.test");
}

#[test]
fn a_key_cannot_turn_on_automatic_adoption_or_fill_the_list_of_certificates() {
    let mut acme = acme();
    let body = json!({
        "provider": "custom", "portal_key": "acme_SSO", "metadata_url": "https://evil.test/metadata",
        "adopt_certificates": true,
    });
    let refused = acme.program.api("PUT", "/organisations/acme/sso", &body);
    assert!([403, 422].contains(&refused.status), "{}", refused.body);
    let pems: Vec<_> =
        (0..5).map(|n| vestibule::saml::test_idp::SigningKey::ec(&format!("k{n}")).certificate_pem()).collect();
    assert_eq!(save(&mut acme.program, &pems[..4]).status, 200);
    let full = save(&mut acme.program, &pems[4..]);
    assert_eq!((full.status, full.code().as_str()), (409, "certificates_full"));
}

/// A program changes the entity ID, which makes the connection a draft, and then saves the right values with an
/// additional certificate. An admin's ordinary test sign-in then succeeds.
#[test]
fn a_test_of_a_draft_saved_with_a_key_confirms_only_the_certificate_that_signed() {
    let mut acme = acme();
    let mut other = settings("acme_SSO");
    other["idp_entity_id"] = json!("https://other.test/");
    assert_eq!(acme.program.api("PUT", "/organisations/acme/sso", &other).json()["status"], "draft");
    let back = save(&mut acme.program, &[OTHER_KEY.certificate_pem(), KEY.certificate_pem()]).json();
    assert_eq!((&back["status"], count(&back["certificates"]), count(&back["candidates"])), (&json!("draft"), 2, 0));
    let tested = saml_sign_in(&acme.app, &mut acme.ann, "/sso?key=acme_SSO&test=1", "ann@acme.test");
    assert_eq!(tested.status, 303, "{}", tested.body);
    let shown = acme.ann.read("/organisations/acme/sso").json();
    assert_eq!((&shown["status"], count(&shown["certificates"]), count(&shown["candidates"])), (&json!("ready"), 1, 1));
    assert_eq!(shown["candidates"][0]["added_by"], "Terraform");
    let mut thief = acme.app.anonymous();
    let request = request_of(&thief.get("/sso?key=acme_SSO"));
    let forged = valid_response(&acme.app, &request, "ann@acme.test").sign(&OTHER_KEY, Sign::Assertion);
    assert_eq!(deliver(&mut thief, &request.acs_url, &forged).refused_with(), "sso_not_verified");
    // If an admin saves both certificates, one test sign-in confirms both.
    assert_eq!(acme.ann.api("PUT", "/organisations/acme/sso", &other).json()["status"], "draft");
    save(&mut acme.ann, &[OTHER_KEY.certificate_pem(), KEY.certificate_pem()]);
    saml_sign_in(&acme.app, &mut acme.ann, "/sso?key=acme_SSO&test=1", "ann@acme.test");
    let shown = acme.ann.read("/organisations/acme/sso").json();
    assert_eq!((count(&shown["certificates"]), count(&shown["candidates"])), (2, 0));
}

#[test]
fn a_setup_link_created_by_a_key_has_no_more_rights_than_the_key() {
    let mut acme = acme();
    let mut other = settings("acme_SSO");
    other["idp_entity_id"] = json!("https://other.test/");
    acme.program.api("PUT", "/organisations/acme/sso", &other);
    let link = acme.program.api("POST", "/organisations/acme/sso/setup-links", &json!({})).json();
    let mut bearer = acme.app.anonymous();
    let token = link["url"].as_str().and_then(|url| url.split("token=").nth(1)).expect("a token").to_owned();
    bearer.headers.push(("authorization", format!("SetupLink {token}")));
    let mut body = settings("acme_SSO");
    body["certificates"] = json!([OTHER_KEY.certificate_pem(), KEY.certificate_pem()]);
    assert_eq!(bearer.api("PUT", "/setup-link/sso", &body).status, 200);
    saml_sign_in(&acme.app, &mut acme.ann, "/sso?key=acme_SSO&test=1", "ann@acme.test");
    let shown = acme.ann.read("/organisations/acme/sso").json();
    assert_eq!((count(&shown["certificates"]), count(&shown["candidates"])), (1, 1));
}

fn invited(acme: &mut Managed, email: &str) -> String {
    let app = &acme.app;
    let globex = app.org("Globex", "business");
    app.admin(&globex, "gus@globex.test");
    let body = json!({ "email": email, "role": "power_user" });
    let mut gus = app.signed_in("gus@globex.test");
    let made = gus.api("POST", &format!("/workspaces/{}/invitations", globex.workspace), &body).json();
    let url = made["accept_url"].as_str().expect("a link").to_owned();
    url.split("token=").nth(1).expect("a token").to_owned()
}

#[test]
fn an_invitation_reveals_that_the_account_exists_only_to_its_signed_in_owner() {
    let mut acme = acme();
    let token = invited(&mut acme, "bob@acme.test");
    let look = |browser: &mut Browser| browser.api("POST", "/invitations/inspect", &json!({ "token": token })).json();
    assert_eq!(look(&mut acme.app.anonymous())["account"], Value::Null);
    assert_eq!(look(&mut acme.ann)["account"], Value::Null);
    assert_eq!(look(&mut acme.app.signed_in("bob@acme.test"))["account"], true);
}

#[test]
fn an_existing_person_accepts_an_invitation_with_their_current_password() {
    let mut acme = acme();
    let token = invited(&mut acme, "bob@acme.test");
    let accept = |browser: &mut Browser, body: Value| {
        let mut all = json!({ "token": token });
        body.as_object().expect("fields").iter().for_each(|(name, value)| all[name] = value.clone());
        browser.api("POST", "/invitations/accept", &all)
    };
    let mut bob = acme.app.anonymous();
    assert_eq!(accept(&mut bob, json!({})).code(), "sign_in_first");
    let wrong = accept(&mut bob, json!({ "name": "Bob", "password": "copper walnut tides 9" }));
    assert_eq!((wrong.status, wrong.code().as_str(), bob.has_session()), (401, "refused", false));
    let joined = accept(&mut bob, json!({ "password": PASSWORD }));
    assert_eq!((joined.status, joined.json()["accepted"].as_bool()), (200, Some(true)));
    let me = bob.read("/me").json();
    let names: Vec<_> = me["organisations"].as_array().expect("a list").iter().map(|one| &one["name"]).collect();
    assert!(names.contains(&&json!("Globex")), "{me}");
}

#[test]
fn guesses_at_an_invitation_are_throttled_like_sign_ins() {
    let mut acme = acme();
    let token = invited(&mut acme, "bob@acme.test");
    let body = json!({ "token": token, "password": "left horse battery" });
    let tries: Vec<_> =
        (0..15).map(|_| acme.app.anonymous().api("POST", "/invitations/accept", &body).status).collect();
    assert!(tries[0] == 401 && tries[14] == 429, "{tries:?}");
}

#[test]
fn a_member_of_a_saml_only_organisation_accepts_another_invitation_with_their_password() {
    let mut acme = acme();
    assert_eq!(acme.ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).status, 200);
    let mut bob = acme.app.anonymous();
    assert_eq!(saml_sign_in(&acme.app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test").status, 303);
    let token = invited(&mut acme, "bob@acme.test");
    let joined = bob.api("POST", "/invitations/accept", &json!({ "token": token, "password": PASSWORD }));
    assert_eq!(joined.status, 200, "{}", joined.body);
    let _ = &acme.org;
}

#[test]
fn a_recovery_page_removes_the_token_from_the_address_bar() {
    let acme = acme();
    let caller = vestibule::actions::Caller::command_line();
    let organisation = acme.app.app.store.read(|db| db.organisation("acme")).expect("there");
    let email = crate::app::email("ann@acme.test");
    let link = vestibule::actions::recovery::link(&acme.app.app, &caller, &organisation, email).expect("a link");
    let page = acme.app.anonymous().get(link.trim_start_matches(&acme.app.url));
    assert_eq!(page.status, 200);
    let script = page
        .body
        .split("<script src=\"")
        .find_map(|part| part.split_once('"').filter(|(src, _)| src.contains("leave_address")));
    let (source, _) = script.expect("the script");
    assert!(acme.app.anonymous().get(source).body.contains("history.replaceState"));
}

#[test]
fn hsts_covers_subdomains_if_the_flag_is_set() {
    let rule = |subdomains: bool| {
        let app = TestApp::with_flags(|flags| {
            flags.public_url = Some("https://login.example.com".into());
            flags.hsts_subdomains = subdomains;
        });
        app.anonymous().get("/healthz").headers.get("strict-transport-security").cloned()
    };
    assert_eq!(rule(false).as_deref(), Some("max-age=31536000"));
    assert_eq!(rule(true).as_deref(), Some("max-age=31536000; includeSubDomains"));
}

/// True if the database or its write-ahead log contains these bytes.
fn files_contain(app: &TestApp, secret: &[u8]) -> bool {
    ["vestibule.db", "vestibule.db-wal"].iter().any(|name| {
        let bytes = std::fs::read(app.data.path().join(name)).unwrap_or_default();
        bytes.windows(secret.len()).any(|part| part == secret)
    })
}

#[track_caller]
fn assert_removed_from_files(app: &TestApp, secret: &[u8], which: &str) {
    let end = Instant::now() + Duration::from_secs(15);
    while files_contain(app, secret) {
        assert!(Instant::now() < end, "{which} is still in the files");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn the_write_ahead_log_does_not_keep_deleted_secrets() {
    let acme = acme();
    let (secret, now) = ("reset-link-0123456789abcdef", acme.app.now());
    let id = vestibule::domain::ids::MailId::random();
    let mail = vestibule::domain::mail::Mail {
        id: id.clone(),
        kind: vestibule::domain::mail::MailKind::Reset,
        to: email("bob@acme.test"),
        subject: String::new(),
        plain: secret.into(),
        html: String::new(),
        created_at: now,
        expires_at: now.plus(3600),
        attempts: 0,
        next_attempt_at: None,
        last_error: None,
    };
    acme.app.write(move |tx| tx.add_mail(&mail, &Place::default()));
    assert!(files_contain(&acme.app, secret.as_bytes()));
    acme.app.write(move |tx| tx.delete_mail(&id));
    acme.app.app.store.forget();
    assert_removed_from_files(&acme.app, secret.as_bytes(), "a deleted e-mail");
}

#[test]
fn the_database_files_do_not_keep_the_link_of_a_sent_email() {
    let mail_server = MailServer::new();
    let app = crate::mail::with(&mail_server);
    app.member(&app.org("Acme", "business"), "bob@acme.test");
    mail_server.set_behaviour(MailBehaviour::BusyForNow);
    request_reset(&app, "bob@acme.test");
    unsent_when(&mut app.operator(), |mails| mails.len() == 1 && mails[0]["attempts"] == 1);
    let database = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    let plain: String = database.query_row("SELECT plain FROM mails", [], |row| row.get(0)).expect("the e-mail");
    drop(database);
    let (_, rest) = plain.split_once("token=").expect("a link");
    let token: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    assert!(files_contain(&app, token.as_bytes()));
    mail_server.set_behaviour(MailBehaviour::Accepts);
    app.wait(60);
    assert_eq!(mail_server.newest(1, "bob@acme.test").token(), token);
    assert_removed_from_files(&app, token.as_bytes(), "the link");
}

/// A request that uses the token of a link.
type Use<'a> = &'a dyn Fn(&str) -> Answer;

/// The database files contain only a digest of each link's token, which is deleted when the link is used.
#[test]
fn the_database_files_do_not_keep_a_used_link() {
    let new = "violet tractor lagoon";
    let mut acme = acme();
    let by_known = invited(&mut acme, "bob@acme.test");
    let Managed { app, org, mut ann, .. } = acme;
    let mut olivia = app.operator();
    let token = |link: &Value| link.as_str().and_then(|link| link.split("token=").nth(1)).expect("a link").to_owned();
    let made = |browser: &mut Browser, path: &str, body: &Value| browser.api("POST", path, body).json();
    let by_new = json!({ "email": "eve@acme.test", "role": "power_user" });
    let by_new = token(&made(&mut ann, &format!("/workspaces/{}/invitations", org.workspace), &by_new)["accept_url"]);
    app.account("carl@acme.test");
    let path = format!("/users/{}/reset-link", app.user("carl@acme.test"));
    let reset = token(&made(&mut olivia, &path, &Value::Null)["reset_url"]);
    app.account("oscar@vestibule.test");
    let confirmation = json!({ "email": "oscar@vestibule.test" });
    let confirmation = token(&made(&mut olivia, "/operators", &confirmation)["accept_url"]);
    let organisation = app.app.store.read(|db| db.organisation("acme")).expect("there");
    let caller = vestibule::actions::Caller::command_line();
    let recovery = vestibule::actions::recovery::link(&app.app, &caller, &organisation, email("ann@acme.test"));
    let recovery = token(&json!(recovery.expect("made")));
    let uses: [(&str, String, Use); 5] = [
        ("a reset link", reset, &|token| {
            app.anonymous().api("POST", "/password-reset/finish", &json!({ "token": token, "password": new }))
        }),
        ("an operator's confirmation", confirmation, &|token| {
            app.anonymous().api("POST", "/password-reset/finish", &json!({ "token": token, "password": PASSWORD }))
        }),
        ("an invitation of a person with an account", by_known, &|token| {
            app.anonymous().api("POST", "/invitations/accept", &json!({ "token": token, "password": PASSWORD }))
        }),
        ("an invitation of a new person", by_new, &|token| {
            let body = json!({ "token": token, "name": "Eve", "password": new });
            app.anonymous().api("POST", "/invitations/accept", &body)
        }),
        ("a recovery link", recovery, &|token| {
            app.anonymous().form("/recover", &[("token", token), ("password", new)])
        }),
    ];
    for (which, token, used) in uses {
        let digest = digest(&token);
        assert!(files_contain(&app, &digest), "{which}");
        let answer = used(&token);
        assert!([200, 303].contains(&answer.status), "{which}: {}", answer.body);
        assert_removed_from_files(&app, &digest, which);
    }
}
