//! Notices to people about their account and organisations, by e-mail and in *Your account*.

use crate::app::{Org, PASSWORD, TestApp, email};
use crate::browser::Browser;
use crate::idp::{KEY, OTHER_KEY, connect, saml_sign_in, settings};
use crate::mail::{invite, request_reset, unsent_when, with_flags};
use crate::mail_server::{MailBehaviour, MailServer, Received};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vestibule::actions::{Caller, Run, keys, operators, recovery};
use vestibule::config::Flags;
use vestibule::domain::Name;
use vestibule::domain::access::Standing;
use vestibule::domain::person::Role;

const NEW: &str = "violet tractor lagoon";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";

/// Acme with the admins Ann and Amy and the member Bob. They and the operator have each signed in once.
struct Acme {
    mail_server: MailServer,
    app: TestApp,
    org: Org,
}

fn acme() -> Acme {
    acme_with(|_| {})
}

fn acme_with(change: impl FnOnce(&mut Flags)) -> Acme {
    let mail_server = MailServer::new();
    let app = with_flags(&mail_server, change);
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.admin(&org, "amy@acme.test");
    app.member(&org, "bob@acme.test");
    for person in ["ann@acme.test", "amy@acme.test", "bob@acme.test", "olivia@vestibule.test"] {
        app.signed_in(person);
    }
    Acme { mail_server, app, org }
}

impl Acme {
    /// Waits until exactly the people `to` have received e-mails whose subject begins with `subject`; returns these
    /// e-mails, sorted by address.
    fn emails_sent_to(&self, subject: &str, to: &[&str]) -> Vec<Received> {
        let begun = Instant::now();
        loop {
            let mut found = self.mail_server.all_received();
            found.retain(|one| one.text.contains(&format!("Subject: {subject}")));
            found.sort_by(|one, other| one.to.cmp(&other.to));
            let who: Vec<_> = found.iter().map(|one| one.to.as_str()).collect();
            if who == to {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(15), "{subject}: {who:?}, not {to:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until no e-mail is waiting to be sent; returns the number of sent e-mails.
    fn sent_when_idle(&self) -> usize {
        unsent_when(&mut self.app.operator(), <[Value]>::is_empty);
        self.mail_server.all_received().len()
    }
}

/// Signs in as this person with a browser that is unknown to the account.
fn sign_in_with_new_browser(app: &TestApp, who: &str) -> Browser {
    let mut browser = app.anonymous();
    assert_eq!(browser.sign_in(who, PASSWORD).status, 200);
    browser
}

/// The kinds of a person's events, newest first.
fn kinds(browser: &mut Browser) -> Vec<String> {
    let events = browser.read("/me/events").json();
    let kind = |one: &Value| one["kind"].as_str().expect("a kind").to_owned();
    events["items"].as_array().expect("a list").iter().map(kind).collect()
}

fn newest(browser: &mut Browser) -> Value {
    browser.read("/me/events").json()["items"][0].clone()
}

#[test]
fn no_notice_is_sent_about_the_first_sign_in_or_one_from_a_known_browser() {
    let acme = acme();
    let mut ann = acme.app.signed_in("ann@acme.test");
    assert_eq!(ann.sign_in("ann@acme.test", PASSWORD).status, 200);
    ann.api("POST", "/logout", &Value::Null);
    assert_eq!(ann.sign_in("ann@acme.test", PASSWORD).status, 200, "signed in again after signing out");
    assert_eq!((kinds(&mut ann), acme.sent_when_idle()), (vec![], 0));
}

#[test]
fn admins_and_members_who_chose_it_are_notified_of_sign_ins_from_an_unknown_browser() {
    let acme = acme();
    let mut bob = sign_in_with_new_browser(&acme.app, "bob@acme.test");
    assert_eq!(
        (kinds(&mut bob), acme.sent_when_idle()),
        (vec!["new_browser".into()], 0),
        "it is shown in Bob's account, and not sent by e-mail"
    );

    let mut firefox = acme.app.anonymous();
    firefox.headers.push(("user-agent", FIREFOX.into()));
    assert_eq!(firefox.sign_in("ann@acme.test", PASSWORD).status, 200);
    let mail = &acme.emails_sent_to("A new sign-in to your account", &["ann@acme.test"])[0].text;
    assert!(mail.contains("from the address 127.0.0.1 with Firefox on Linux"), "{mail}");
    assert!(mail.contains(&format!("{}/account", acme.app.url)) && mail.contains("change your password"), "{mail}");
    let event = newest(&mut firefox);
    assert_eq!((event["kind"].as_str(), event["address"].as_str()), (Some("new_browser"), Some("127.0.0.1")));
    assert_eq!((event["agent"].as_str(), event["by"].as_str()), (Some(FIREFOX), Some("ann@acme.test")));

    let me = bob.api("PATCH", "/me", &json!({ "notify_new_browser": true })).json();
    assert_eq!((&me["person"]["notify_new_browser"], &me["person"]["name"]), (&json!(true), &json!("bob")));
    sign_in_with_new_browser(&acme.app, "bob@acme.test");
    acme.emails_sent_to("A new sign-in to your account", &["ann@acme.test", "bob@acme.test"]);
    bob.api("PATCH", "/me", &json!({ "name": "Bob" }));
    assert_eq!(
        bob.read("/me").json()["person"]["notify_new_browser"],
        true,
        "fields that are not sent are not changed"
    );
    sign_in_with_new_browser(&acme.app, "olivia@vestibule.test");
    acme.emails_sent_to("A new sign-in to your account", &["ann@acme.test", "bob@acme.test", "olivia@vestibule.test"]);
}

#[test]
fn a_browser_known_from_one_provider_is_unknown_for_passwords_and_other_providers() {
    let acme = acme();
    let evil = acme.app.org("Evil", "enterprise");
    acme.app.admin(&evil, "eve@evil.test");
    acme.app.person(&evil, "ann@acme.test", Role::PowerUser, false);
    connect(&acme.app, &evil, "eve@evil.test", "evil_SSO");
    let mut eves = acme.app.anonymous();
    saml_sign_in(&acme.app, &mut eves, "/sso?key=evil_SSO", "ann@acme.test");
    acme.emails_sent_to("A new sign-in to your account", &["ann@acme.test"]);
    assert_eq!(newest(&mut eves)["organisation"]["name"], "Evil");
    saml_sign_in(&acme.app, &mut eves, "/sso?key=evil_SSO", "ann@acme.test");
    assert_eq!(kinds(&mut eves).len(), 1, "the browser is now known for sign-ins through Evil's provider");
    assert_eq!(eves.sign_in("ann@acme.test", PASSWORD).status, 200);
    acme.emails_sent_to("A new sign-in to your account", &["ann@acme.test", "ann@acme.test"]);
}

#[test]
fn a_changed_password_causes_a_notice_and_makes_the_browser_known() {
    let acme = acme();
    let mut bob = acme.app.signed_in("bob@acme.test");
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    assert_eq!(bob.api("PUT", "/me/password", &change).status, 200);
    acme.emails_sent_to("Your password was changed", &["bob@acme.test"]);
    assert_eq!(kinds(&mut bob), ["password_changed"]);

    request_reset(&acme.app, "ann@acme.test");
    let token = acme.emails_sent_to("Set a new password", &["ann@acme.test"])[0].token();
    let mut ann = acme.app.anonymous();
    let set = ann.api("POST", "/password-reset/finish", &json!({ "token": token, "password": NEW }));
    assert_eq!((set.status, ann.has_session()), (200, false));
    acme.emails_sent_to("Your password was changed", &["ann@acme.test", "bob@acme.test"]);
    assert_eq!(ann.sign_in("ann@acme.test", NEW).status, 200);
    assert_eq!(kinds(&mut ann), ["password_changed"], "no notice about an unknown browser");
}

#[test]
fn the_browser_that_accepted_an_invitation_or_set_up_the_appliance_is_known() {
    let acme = acme();
    invite(&mut acme.app.signed_in("ann@acme.test"), acme.org.workspace.as_str(), "cleo@acme.test");
    let token = acme.emails_sent_to("You are invited", &["cleo@acme.test"])[0].token();
    let mut cleo = acme.app.anonymous();
    let accept = json!({ "token": token, "name": "Cleo", "password": NEW });
    assert_eq!(cleo.api("POST", "/invitations/accept", &accept).status, 200);
    assert_eq!(cleo.api("POST", "/logout", &Value::Null).status, 204);
    assert_eq!(cleo.sign_in("cleo@acme.test", NEW).status, 200);
    assert_eq!(kinds(&mut cleo), [""; 0]);
    let mut elsewhere = acme.app.anonymous();
    elsewhere.sign_in("cleo@acme.test", NEW);
    assert_eq!(kinds(&mut elsewhere), ["new_browser"]);
}

#[test]
fn admins_and_the_person_are_notified_of_added_and_removed_admins() {
    let acme = acme();
    let mut ann = acme.app.signed_in("ann@acme.test");
    assert_eq!(ann.api("POST", "/organisations/acme/admins", &json!({ "email": "bob@acme.test" })).status, 201);
    let mails = acme.emails_sent_to(
        "Acme: bob@acme.test is now an organisation admin",
        &["amy@acme.test", "ann@acme.test", "bob@acme.test"],
    );
    assert!(mails[0].text.contains("ann@acme.test made bob@acme.test an organisation admin"), "{}", mails[0].text);
    assert!(mails[0].text.contains("/o/acme/people"), "{}", mails[0].text);
    let mut bob = acme.app.signed_in("bob@acme.test");
    let event = newest(&mut bob);
    assert_eq!((&event["kind"], &event["detail"]["person"]), (&json!("admin_added"), &json!("bob@acme.test")));
    assert_eq!(event["organisation"]["name"], "Acme");
    ann.api("POST", "/organisations/acme/admins", &json!({ "email": "bob@acme.test" }));
    assert_eq!(kinds(&mut bob).len(), 1, "adding an existing admin causes no notice");

    let admins = ann.read("/organisations/acme/admins").json();
    let bobs = admins["items"].as_array().expect("a list").iter().find(|one| one["email"] == "bob@acme.test");
    let path = format!("/organisations/acme/admins/{}", bobs.expect("an admin")["user"].as_str().expect("an id"));
    ann.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null);
    assert_eq!(ann.api("DELETE", &path, &Value::Null).status, 200);
    acme.emails_sent_to(
        "Acme: bob@acme.test is no longer an organisation admin",
        &["amy@acme.test", "ann@acme.test", "bob@acme.test"],
    );
    assert_eq!(kinds(&mut bob), ["admin_removed", "admin_added"]);
    assert_eq!(acme.sent_when_idle(), 6, "a dry run sends no notices");
}

#[test]
fn all_admins_are_notified_of_new_keys_and_all_operators_of_operator_keys() {
    let acme = acme();
    let mut ann = acme.app.signed_in("ann@acme.test");
    let key = json!({ "name": "visit evil.example", "scopes": ["read"] });
    assert_eq!(ann.api("POST", "/organisations/acme/keys", &key).status, 201);
    let mails = acme.emails_sent_to("Acme: a new API key", &["amy@acme.test", "ann@acme.test"]);
    assert!(mails[0].text.contains("created the API key visit evil example of Acme"), "{}", mails[0].text);
    let event = newest(&mut acme.app.signed_in("amy@acme.test"));
    assert_eq!((&event["kind"], &event["detail"]["key"]), (&json!("key_made"), &json!("visit evil.example")));

    let command_line = Caller::command_line();
    keys::create_operator_key(&acme.app.app, &command_line, Name::parse("name", "Backup").expect("usable"), None)
        .expect("made");
    let mails = acme.emails_sent_to("Vestibule: a new API key", &["olivia@vestibule.test"]);
    assert!(mails[0].text.contains("Someone with shell access to the server created"), "{}", mails[0].text);
    assert_eq!(kinds(&mut acme.app.operator()), ["key_made"]);
}

#[test]
fn all_operators_are_notified_of_a_new_operator() {
    let acme = acme();
    operators::add(&acme.app.app, &Caller::command_line(), email("otto@vestibule.test"), false, Run::Real)
        .expect("added");
    acme.emails_sent_to("otto@vestibule.test is now an operator", &["olivia@vestibule.test", "otto@vestibule.test"]);
    let event = newest(&mut acme.app.operator());
    assert_eq!((&event["kind"], &event["detail"]["person"]), (&json!("operator_added"), &json!("otto@vestibule.test")));
    assert_eq!((&event["organisation"], &event["by"]), (&Value::Null, &json!("command line")));
    assert_eq!((&event["by_kind"], &event["detail"]["pending"]), (&json!("command_line"), &Value::Null));
    operators::add(&acme.app.app, &Caller::command_line(), email("otto@vestibule.test"), true, Run::Real)
        .expect("a new link");
    assert_eq!(acme.sent_when_idle(), 4, "a new link causes no notice; two of the e-mails are links");
}

#[test]
fn operators_are_notified_that_an_operator_was_added_but_not_yet_confirmed() {
    let acme = acme();
    let olivia = "olivia@vestibule.test";
    let mut operator = acme.app.operator();
    assert_eq!(operator.api("POST", "/operators", &json!({ "email": "amy@acme.test" })).json()["pending"], true);
    let mails = acme.emails_sent_to("amy@acme.test was asked to become an operator", &[olivia]);
    assert!(
        mails[0].text.contains("olivia@vestibule.test asked amy@acme.test to become an operator"),
        "{}",
        mails[0].text
    );
    let event = newest(&mut operator);
    assert_eq!((&event["kind"], &event["detail"]["pending"]), (&json!("operator_added"), &json!(true)));
    assert_eq!(event["by_kind"], "operator");
}

#[test]
fn all_admins_are_notified_only_if_the_connection_really_changes() {
    let acme = acme();
    let mut ann = acme.app.signed_in("ann@acme.test");
    let both = ["amy@acme.test", "ann@acme.test"];
    assert_eq!(ann.api("PUT", "/organisations/acme/sso?dry_run=true", &settings("acme_SSO")).status, 200);
    assert_eq!(ann.api("PUT", "/organisations/acme/sso", &settings("acme_SSO")).status, 200);
    let mails = acme.emails_sent_to("Acme: single sign-on settings changed", &both);
    assert!(mails[0].text.contains("ann@acme.test changed the single sign-on settings of Acme"), "{}", mails[0].text);
    assert_eq!(ann.api("PUT", "/organisations/acme/sso", &settings("acme_SSO")).status, 200);
    assert_eq!(acme.sent_when_idle(), 2, "a save without changes causes no notice");
    assert_eq!(ann.api("POST", "/organisations/acme/sso/own-keys", &Value::Null).status, 201);
    assert_eq!(ann.api("DELETE", "/organisations/acme/sso", &Value::Null).status, 200);
    acme.emails_sent_to(
        "Acme: single sign-on settings changed",
        &["amy@acme.test", "amy@acme.test", "amy@acme.test", "ann@acme.test", "ann@acme.test", "ann@acme.test"],
    );
    let changes: Vec<_> = ann.read("/me/events").json()["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["detail"]["change"].clone())
        .collect();
    assert_eq!(changes, ["removed", "own_keys", "settings"]);
}

#[test]
fn all_admins_are_notified_of_waiting_and_adopted_certificates_and_of_new_own_keys() {
    let acme = acme();
    let mut ann = connect(&acme.app, &acme.org, "ann@acme.test", "acme_SSO");
    let key = json!({ "name": "Terraform", "scopes": ["manage_sso"] });
    let key = ann.api("POST", "/organisations/acme/keys", &key).json();
    let mut both = settings("acme_SSO");
    both["certificates"] = json!([KEY.certificate_pem(), OTHER_KEY.certificate_pem()]);
    let mut program = acme.app.program(key["key"].as_str().expect("a key"));
    let waits = program.api("PUT", "/organisations/acme/sso", &both).json();
    let print = waits["candidates"][0]["fingerprint"].as_str().expect("a fingerprint");
    let adopt = format!("/organisations/acme/sso/candidates/{print}/adopt");
    assert_eq!(ann.api("POST", &adopt, &Value::Null).status, 200);
    assert_eq!(ann.api("POST", "/organisations/acme/sso/own-keys", &Value::Null).status, 201);
    let old = ann.read("/organisations/acme/sso/own-keys").json()["items"][0]["id"].clone();
    let old = format!("/organisations/acme/sso/own-keys/{}", old.as_str().expect("an id"));
    assert_eq!(ann.api("DELETE", &old, &Value::Null).status, 204);
    let events = ann.read("/me/events").json();
    let changes: Vec<_> =
        events["items"].as_array().expect("a list")[..3].iter().map(|one| &one["detail"]["change"]).collect();
    assert_eq!(changes, ["own_keys", "own_keys", "certificate_added"]);
    acme.sent_when_idle();
    for (text, times) in [
        ("Subject: Acme: approve a new certificate", 1),
        ("added a certificate of the identity provider", 1),
        ("changed the SAML keys", 2),
    ] {
        for admin in ["amy@acme.test", "ann@acme.test"] {
            let fits = |one: &&Received| one.to == admin && one.text.contains(text);
            assert_eq!(acme.mail_server.all_received().iter().filter(fits).count(), times, "{admin} {text}");
        }
    }
}

#[test]
fn a_person_is_notified_of_a_password_set_by_recovery() {
    let acme = acme();
    let organisation = acme.app.app.store.read(|db| db.organisation("acme")).expect("there");
    let link = recovery::link(&acme.app.app, &Caller::command_line(), &organisation, email("ann@acme.test"));
    let token = link.expect("made").split_once("token=").expect("a token").1.to_owned();
    let mut ann = acme.app.anonymous();
    assert_eq!(ann.form("/recover", &[("token", &token), ("password", NEW)]).status, 303);
    acme.emails_sent_to("Your password was changed", &["ann@acme.test"]);
    assert_eq!(ann.sign_in("ann@acme.test", NEW).status, 200);
    assert!(kinds(&mut ann).contains(&"password_changed".to_owned()));
}

#[test]
fn all_other_admins_are_notified_of_an_admin_who_accepted_an_invitation() {
    let acme = acme();
    let new = json!({ "name": "Globex", "plan": "business", "admin_email": "eve@globex.test" });
    assert_eq!(acme.app.operator().api("POST", "/organisations", &new).status, 201);
    let ann = acme.app.user("ann@acme.test");
    acme.app.write(move |tx| {
        let standing = Standing { admin: true, password_agreed: true };
        tx.add_person(&tx.organisation("globex")?.id, &tx.user(&ann)?, standing)
    });
    acme.sent_when_idle();
    let mails = acme.mail_server.all_received();
    let token = mails.iter().find(|one| one.to == "eve@globex.test").expect("an invitation").token();
    let accept = json!({ "token": token, "name": "Eve", "password": NEW });
    assert_eq!(acme.app.anonymous().api("POST", "/invitations/accept", &accept).status, 200);
    let mails = acme.emails_sent_to("Globex: eve@globex.test is now an organisation admin", &["ann@acme.test"]);
    assert!(mails[0].text.contains("accepted an invitation to be an organisation admin"), "{}", mails[0].text);
    assert_eq!(kinds(&mut acme.app.signed_in("ann@acme.test")), ["admin_added"]);
}

#[test]
fn changes_through_a_setup_link_are_emailed_once_and_listed_for_each_admin() {
    let acme = acme();
    let mut ann = acme.app.signed_in("ann@acme.test");
    let link = ann.api("POST", "/organisations/acme/sso/setup-links", &json!({})).json();
    let token = link["url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    let mut helper = acme.app.anonymous();
    helper.headers.push(("authorization", format!("SetupLink {token}")));
    assert_eq!(helper.api("PUT", "/setup-link/sso", &settings("acme_SSO")).status, 200);
    acme.emails_sent_to("Acme: test the new single sign-on settings", &["amy@acme.test", "ann@acme.test"]);
    assert_eq!(acme.sent_when_idle(), 2);
    assert!(newest(&mut ann)["by"].as_str().is_some_and(|by| by.starts_with("set-up link")));
}

#[test]
fn all_admins_are_notified_of_every_change_to_saml_only_and_of_a_recovery() {
    let acme = acme();
    let both = ["amy@acme.test", "ann@acme.test"];
    let mut ann = connect(&acme.app, &acme.org, "ann@acme.test", "acme_SSO");
    let on = ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).json();
    let mails = acme.emails_sent_to("Acme: SAML-only is on", &both);
    assert!(mails[0].text.contains("members can no longer use passwords"), "{}", mails[0].text);

    let code = on["recovery_codes"][0].as_str().expect("a code");
    let mut amy = acme.app.anonymous();
    let body = json!({ "email": "amy@acme.test", "password": PASSWORD, "recovery_code": code, "organisation": "acme" });
    assert_eq!(amy.api("POST", "/login", &body).status, 200);
    acme.emails_sent_to("amy@acme.test signed in to Acme by recovery", &both);
    assert_eq!(kinds(&mut ann)[0], "recovery_used");
    assert_eq!(newest(&mut ann)["detail"]["how"], "code");

    assert_eq!(acme.app.operator().api("PUT", "/organisations/acme/plan", &json!({ "plan": "business" })).status, 200);
    acme.emails_sent_to("Acme: SAML-only is off", &both);
    let event = newest(&mut acme.app.signed_in("ann@acme.test"));
    assert_eq!((&event["kind"], &event["detail"]["on"]), (&json!("saml_only_changed"), &json!(false)));
    assert_eq!(event["by"], "olivia@vestibule.test");
}

#[test]
fn all_admins_are_notified_when_a_plan_starts_or_stops_requiring_saml() {
    let acme = acme();
    let both = ["amy@acme.test", "ann@acme.test"];
    connect(&acme.app, &acme.org, "ann@acme.test", "acme_SSO");
    let mut olivia = acme.app.operator();
    let mut change = |mode: &str| {
        let changed = olivia.api("PATCH", "/plans/enterprise", &json!({ "auth_mode": mode }));
        assert_eq!(changed.status, 200, "{}", changed.body);
    };
    change("saml");
    acme.emails_sent_to("Acme: SAML-only is on", &both);
    change("password_or_saml");
    acme.emails_sent_to("Acme: SAML-only is off", &both);
    assert_eq!(kinds(&mut acme.app.signed_in("ann@acme.test"))[..2], ["saml_only_changed", "saml_only_changed"]);
    // On such a plan, nobody loses access until the organisation's first test sign-in.
    let globex = acme.app.org("Globex", "enterprise");
    acme.app.admin(&globex, "gus@globex.test");
    let mut gus = acme.app.signed_in("gus@globex.test");
    change("saml");
    assert_eq!(kinds(&mut gus), Vec::<String>::new());
    let saved = gus.api("PUT", "/organisations/globex/sso", &settings("globex_SSO"));
    assert_eq!(saved.status, 200, "{}", saved.body);
    saml_sign_in(&acme.app, &mut gus, "/sso?key=globex_SSO&test=1", "gus@globex.test");
    acme.emails_sent_to("Globex: SAML-only is on", &["gus@globex.test"]);
}

#[test]
fn a_session_through_one_organisation_sees_no_events_of_others_or_of_the_account() {
    let acme = acme();
    let other = acme.app.org("Other", "enterprise");
    acme.app.admin(&other, "ann@acme.test");
    let mut own = acme.app.signed_in("ann@acme.test");
    own.api("POST", "/organisations/other/keys", &json!({ "name": "Secret", "scopes": ["read"] }));
    own.api("POST", "/organisations/acme/keys", &json!({ "name": "Ours", "scopes": ["read"] }));
    connect(&acme.app, &acme.org, "amy@acme.test", "acme_SSO");
    let mut through = acme.app.anonymous();
    saml_sign_in(&acme.app, &mut through, "/sso?key=acme_SSO", "ann@acme.test");
    let seen = through.read("/me/events").body;
    assert!(seen.contains("Ours") && !seen.contains("Secret") && !seen.contains("Other"), "{seen}");
    let all = own.read("/me/events").body;
    assert!(all.contains("Ours") && all.contains("Secret"), "{all}");
    let refused = through.api("PATCH", "/me", &json!({ "notify_new_browser": true }));
    assert_eq!((refused.status, refused.code().as_str()), (403, "password_required"));
    assert_eq!(acme.app.anonymous().read("/me/events").status, 401);
}

#[test]
fn many_events_of_one_kind_do_not_hide_events_of_another() {
    let acme = acme();
    let mut ann = acme.app.signed_in("ann@acme.test");
    let admin = json!({ "email": "bob@acme.test" });
    assert_eq!(ann.api("POST", "/organisations/acme/admins", &admin).status, 201);
    for n in 0..60 {
        let key = json!({ "name": format!("Key {n}"), "scopes": ["read"] });
        assert_eq!(ann.api("POST", "/organisations/acme/keys", &key).status, 201);
    }
    let first = ann.read("/me/events?limit=30").json();
    assert_eq!(first["items"][0]["detail"]["key"], "Key 59");
    let next = first["next"].as_str().expect("a cursor to the next page");
    let second = ann.read(&format!("/me/events?limit=30&cursor={next}")).json();
    let rest = second["items"].as_array().expect("a list");
    assert_eq!((rest.len(), &rest[20]["kind"], &second["next"]), (21, &json!("admin_added"), &Value::Null));
    assert_eq!(rest[19]["detail"]["key"], "Key 10", "the newest fifty events are kept");
}

#[test]
fn a_flood_of_notices_is_summarised_and_none_is_lost() {
    let acme = acme_with(|flags| flags.reauthentication_minutes = Some(10_080));
    let mut ann = acme.app.signed_in("ann@acme.test");
    let mut make = |n: usize| {
        let key = json!({ "name": format!("Key {n}"), "scopes": ["read"] });
        assert_eq!(ann.api("POST", "/organisations/acme/keys", &key).status, 201);
    };
    (0..40).for_each(&mut make);
    let to_amy = |subject: &str| {
        let subject = format!("Subject: {subject}");
        acme.mail_server
            .all_received()
            .iter()
            .filter(|one| one.to == "amy@acme.test" && one.text.contains(&subject))
            .count()
    };
    let later = |items: &[Value]| items.len() == 2 && items.iter().all(|one| one["attempts"] == 0);
    unsent_when(&mut acme.app.operator(), later);
    assert_eq!(to_amy("Acme: a new API key"), 10);
    assert!(!acme.app.operator().read("/doctor").json()["checks"].to_string().contains("waited"));

    let admin = json!({ "email": "bob@acme.test" });
    assert_eq!(acme.app.signed_in("ann@acme.test").api("POST", "/organisations/acme/admins", &admin).status, 201);
    acme.emails_sent_to(
        "Acme: bob@acme.test is now an organisation admin",
        &["amy@acme.test", "ann@acme.test", "bob@acme.test"],
    );
    acme.app.wait(3600);
    acme.emails_sent_to("More than once: Acme: a new API key", &["amy@acme.test", "ann@acme.test"]);
    (40..45).for_each(&mut make);
    acme.app.wait(3600);
    acme.emails_sent_to(
        "More than once: Acme: a new API key",
        &["amy@acme.test", "amy@acme.test", "ann@acme.test", "ann@acme.test"],
    );
    acme.app.wait(24 * 3600);
    let mut ann = acme.app.signed_in("ann@acme.test");
    ann.api("POST", "/organisations/acme/keys", &json!({ "name": "Key", "scopes": ["read"] }));
    let begun = Instant::now();
    while to_amy("Acme: a new API key") < 11 {
        assert!(
            begun.elapsed() < Duration::from_secs(15),
            "the next day, each notice is sent as a separate e-mail again"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn limits_on_emails_do_not_apply_to_notices() {
    let acme = acme();
    acme.app.operator().api("PATCH", "/plans/enterprise", &json!({ "max_mails_per_day": 1 }));
    let mut ann = acme.app.signed_in("ann@acme.test");
    let workspace = acme.org.workspace.as_str();
    assert_eq!(
        [invite(&mut ann, workspace, "x@acme.test").status, invite(&mut ann, workspace, "y@acme.test").status],
        [201, 429]
    );
    let key = json!({ "name": "Key", "scopes": ["read"] });
    assert_eq!(ann.api("POST", "/organisations/acme/keys", &key).status, 201);
    acme.emails_sent_to("Acme: a new API key", &["amy@acme.test", "ann@acme.test"]);
}

#[test]
fn a_removed_person_is_notified_even_if_the_mail_server_is_down() {
    let acme = acme();
    acme.mail_server.set_behaviour(MailBehaviour::BusyForNow);
    let mut ann = acme.app.signed_in("ann@acme.test");
    ann.api("POST", "/organisations/acme/keys", &json!({ "name": "Key", "scopes": ["read"] }));
    let members = ann.read("/organisations/acme/members?search=amy").json();
    let amy = members["items"][0]["user"].as_str().expect("an id").to_owned();
    let path = format!("/organisations/acme/admins/{amy}");
    assert_eq!(ann.api("DELETE", &path, &Value::Null).status, 200);
    let path = format!("/workspaces/{}/members/{amy}", acme.org.workspace);
    ann.api("PATCH", &format!("/workspaces/{}/members/{amy}", acme.org.workspace), &json!({ "role": "power_user" }));
    assert_eq!(ann.api("DELETE", &path, &Value::Null).status, 200);
    acme.mail_server.set_behaviour(MailBehaviour::Accepts);
    acme.app.wait(3601);
    acme.emails_sent_to("Acme: a new API key", &["amy@acme.test", "ann@acme.test"]);
    acme.emails_sent_to("Acme: amy@acme.test is no longer an organisation admin", &["amy@acme.test", "ann@acme.test"]);
}
