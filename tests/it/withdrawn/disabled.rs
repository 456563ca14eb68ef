//! Disabled people.

use super::{NEW, World, disable, enable, finish_reset, switch, token_of};
use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use crate::idp::{KEY, deliver, request_of, saml_sign_in, valid_response};
use crate::mail::{request_reset, unsent_when};
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use std::time::Duration;
use vestibule::domain::principal::Claim;
use vestibule::saml::test_idp::Sign;

#[test]
fn a_dry_run_of_disabling_reports_the_effect_and_changes_nothing() {
    let world = World::new();
    let app = &world.app;
    let (mut one, mut two) = (app.signed_in("bob@acme.test"), app.signed_in("bob@acme.test"));
    let key = json!({ "name": "Directory sync", "scopes": ["read"] });
    let key = one.api("POST", "/organisations/acme/keys", &key).json()["key"].as_str().expect("a key").to_owned();
    world.reset_link(&world.bob);
    world.recovery_link("bob@acme.test");
    let mut olivia = app.operator();
    let dry = switch(&mut olivia, &world.bob, "disable?dry_run=true").json();
    assert_eq!((one.read("/me").status, two.read("/me").status), (200, 200));
    assert_eq!(dry["loses"][0]["reason"], "is disabled; loses access to Acme, Other");
    assert_eq!((&dry["counts"]["loses"], dry["organisations"].as_array().map(Vec::len)), (&json!(1), Some(2)));
    assert_eq!((&dry["counts"]["sessions"], &dry["counts"]["grants"]), (&json!(2), &json!(4)));
    let warnings = dry["warnings"].to_string();
    assert!(warnings.contains("1 reset link, 1 recovery link"), "{warnings}");
    assert!(warnings.contains("Directory sync (of Acme)"), "{warnings}");
    let mut real = switch(&mut olivia, &world.bob, "disable").json();
    assert_eq!(real["applied"].take(), true);
    real["applied"] = json!(false);
    assert_eq!(dry, real);
    assert_eq!((one.read("/me").status, two.read("/me").status), (401, 401));
    assert_eq!(
        app.program(&key).read("/organisations/acme").status,
        200,
        "the key still works; the effect names it, so that it can be deleted"
    );
    let again = switch(&mut olivia, &world.bob, "disable").json();
    assert_eq!((&again["counts"]["loses"], again["warnings"].as_array().map(Vec::len)), (&json!(0), Some(1)));
    let log = app.signed_in("ann@acme.test").read("/organisations/acme/audit").json().to_string();
    assert!(log.contains("person.disabled"), "the admins of the organisation see the entry: {log}");
}

#[test]
fn a_disabled_person_cannot_sign_in_and_the_answer_does_not_reveal_why() {
    let world = World::new();
    disable(&world.app, "bob@acme.test");
    let sign_in = |password: &str| world.app.anonymous().sign_in("bob@acme.test", password);
    let right = sign_in(PASSWORD);
    assert_eq!((right.status, right.code()), (403, "disabled".into()));
    assert!(right.set_cookies.is_empty());
    let (wrong, unknown) = (sign_in(NEW), world.app.anonymous().sign_in("nobody@acme.test", PASSWORD));
    assert_eq!((wrong.status, &wrong.body, &wrong.headers), (401, &unknown.body, &unknown.headers));
    let mut browser = world.app.anonymous();
    let fields = |password| [("email", "bob@acme.test"), ("password", password)];
    let refused = browser.form("/login", &fields(PASSWORD));
    assert_eq!(refused.refused_with(), "disabled");
    assert!(browser.get(refused.location()).body.contains("Your account is disabled. Ask an operator"));
    assert_eq!(browser.form("/login", &fields(NEW)).refused_with(), "refused");
    enable(&world.app, "bob@acme.test");
    assert_eq!(sign_in(PASSWORD).json()["grants"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_person_disabled_while_their_password_is_verified_gets_no_session() {
    for disabling in [true, false] {
        let world = World::new();
        let (app, bob, now) = (world.app.app.clone(), world.bob.clone(), world.app.now());
        let ((holds, held), (release, released)) = (channel(), channel::<()>());
        let holding = std::thread::spawn(move || {
            app.write(&Claim::job(), move |tx| {
                holds.send(()).expect("the test waits");
                released.recv().expect("released");
                if disabling { tx.set_disabled(&bob, Some(now)) } else { Ok(()) }
            })
        });
        held.recv().expect("the writer is held");
        let mut browser = world.app.anonymous();
        let signing_in = std::thread::spawn(move || browser.sign_in("bob@acme.test", PASSWORD).status);
        std::thread::sleep(Duration::from_secs(2));
        release.send(()).expect("the writer is held");
        holding.join().expect("joined").expect("written");
        assert_eq!(signing_in.join().expect("joined"), if disabling { 403 } else { 200 });
    }
}

#[test]
fn the_links_of_a_disabled_person_are_revoked_permanently() {
    let world = World::new();
    let (reset, recover) = (world.reset_link(&world.bob), world.recovery_link("bob@acme.test"));
    let carl = world.app.member(&world.acme, "carl@acme.test");
    let links_of_others = (world.reset_link(&carl), world.recovery_link("ann@acme.test"));
    disable(&world.app, "bob@acme.test");
    let inspect =
        |token: &str| world.app.anonymous().api("POST", "/password-reset/inspect", &json!({ "token": token })).status;
    let works = |reset: &str, recover: &str| {
        let form = [("token", recover), ("password", NEW)];
        let looked = (inspect(reset), world.app.anonymous().get(&format!("/recover?token={recover}")).status);
        (looked, finish_reset(&world.app, reset).status, world.app.anonymous().form("/recover", &form).status)
    };
    assert_eq!(works(&reset, &recover), ((404, 404), 404, 404));
    let mut olivia = world.app.operator();
    let refused = olivia.api("POST", &format!("/users/{}/reset-link", world.bob), &Value::Null);
    assert_eq!((refused.status, refused.code()), (409, "disabled".into()));
    enable(&world.app, "bob@acme.test");
    assert_eq!(works(&reset, &recover), ((404, 404), 404, 404), "revoked links do not work again");
    assert_eq!(works(&links_of_others.0, &links_of_others.1), ((200, 200), 200, 303));
    let (reset, recover) = (world.reset_link(&world.bob), world.recovery_link("bob@acme.test"));
    assert_eq!(works(&reset, &recover).1, 200);
    let _ = recover;
}

/// A link that is still in the database, such as one created at the same moment.
#[test]
fn a_link_of_a_disabled_person_is_refused_when_it_is_used() {
    let world = World::new();
    let (reset, recover) = (world.reset_link(&world.bob), world.recovery_link("bob@acme.test"));
    let (bob, now) = (world.bob.clone(), world.app.now());
    world.app.write(move |tx| tx.set_disabled(&bob, Some(now)));
    let form = [("token", recover.as_str()), ("password", NEW)];
    assert_eq!(
        (finish_reset(&world.app, &reset).status, world.app.anonymous().form("/recover", &form).status),
        (404, 404)
    );
    let bob = world.bob.clone();
    world.app.write(move |tx| tx.set_disabled(&bob, None));
    assert_eq!(world.app.anonymous().form("/recover", &form).status, 303);
}

#[test]
fn the_invitations_of_a_disabled_person_are_revoked_and_new_ones_are_refused() {
    let world = World::new();
    let third = world.app.org("Third", "business");
    let mut olivia = world.app.operator();
    let path = format!("/workspaces/{}/invitations", third.workspace);
    let mut invite = || olivia.api("POST", &path, &json!({ "email": "bob@acme.test", "role": "admin" })).json();
    let token = token_of(&invite()["accept_url"]);
    let accept =
        |browser: &mut Browser, token: &str| browser.api("POST", "/invitations/accept", &json!({ "token": token }));
    let mut bob = world.app.signed_in("bob@acme.test");
    disable(&world.app, "bob@acme.test");
    assert_eq!(accept(&mut bob, &token).status, 404);
    let second = token_of(&invite()["accept_url"]);
    assert_eq!(accept(&mut bob, &second).status, 409);
    let by_password = |password: &str| {
        let body = json!({ "token": second, "password": password });
        let refused = world.app.anonymous().api("POST", "/invitations/accept", &body);
        (refused.status, refused.code())
    };
    assert_eq!((by_password(NEW), by_password(PASSWORD)), ((401, "refused".into()), (403, "disabled".into())));
    enable(&world.app, "bob@acme.test");
    assert_eq!(accept(&mut world.app.signed_in("bob@acme.test"), &second).status, 200);
}

#[test]
fn a_disabled_person_is_refused_through_saml_with_a_specific_reason() {
    let world = World::new();
    let app = &world.app;
    let mut olivia = app.operator();
    let path = format!("/workspaces/{}/invitations", world.acme.workspace);
    app.account("carl@acme.test");
    olivia.api("POST", &path, &json!({ "email": "carl@acme.test", "role": "admin" }));
    app.account("stranger@other.test");
    for address in ["bob@acme.test", "carl@acme.test", "stranger@other.test"] {
        disable(app, address);
    }
    olivia.api("POST", &path, &json!({ "email": "carl@acme.test", "role": "admin" }));
    for address in ["bob@acme.test", "carl@acme.test"] {
        let mut browser = app.anonymous();
        let refused = saml_sign_in(app, &mut browser, "/sso?key=acme_SSO", address);
        assert_eq!((refused.refused_with().as_str(), browser.has_session()), ("disabled", false), "{address}");
        assert!(browser.get(refused.location()).body.contains("Ask an operator"));
        let newest = app.signed_in("ann@acme.test").read("/organisations/acme/sso/attempts").json()["items"][0].clone();
        assert_eq!((&newest["refusal"]["code"], &newest["email"]), (&json!("disabled"), &json!(address)));
    }
    // The answer reveals nothing about a disabled person who is not a member of Acme.
    let stranger = saml_sign_in(app, &mut app.anonymous(), "/sso?key=acme_SSO", "stranger@other.test");
    assert_eq!(stranger.refused_with(), "sso_not_a_member");
    enable(app, "bob@acme.test");
    enable(app, "carl@acme.test");
    for address in ["bob@acme.test", "carl@acme.test"] {
        assert_eq!(saml_sign_in(app, &mut app.anonymous(), "/sso?key=acme_SSO", address).location(), "/", "{address}");
    }
}

#[test]
fn a_disabled_admin_cannot_finish_a_test_sign_in() {
    for disabling in [true, false] {
        let world = World::new();
        let app = &world.app;
        let mut bob = app.signed_in("bob@acme.test");
        let request = request_of(&bob.get("/sso?key=acme_SSO&test=1"));
        let xml = valid_response(app, &request, "bob@acme.test").sign(&KEY, Sign::Assertion);
        if disabling {
            disable(app, "bob@acme.test");
        }
        let back = deliver(&mut bob, &request.acs_url, &xml).location().to_owned();
        let finished = bob.get(&back);
        assert_eq!(finished.location() == "/", !disabling, "{}", finished.location());
    }
}

#[test]
fn a_disabled_admin_cannot_use_a_recovery_code() {
    let world = World::new();
    let app = &world.app;
    let mut ann = app.anonymous();
    saml_sign_in(app, &mut ann, "/sso?key=acme_SSO", "ann@acme.test");
    let on = ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).json();
    let code = on["recovery_codes"][0].clone();
    let body = json!({ "email": "bob@acme.test", "password": PASSWORD, "recovery_code": code, "organisation": "acme" });
    disable(app, "bob@acme.test");
    let refused = app.anonymous().api("POST", "/login", &body);
    assert_eq!((refused.status, refused.code()), (403, "disabled".into()));
    enable(app, "bob@acme.test");
    assert_eq!(app.anonymous().api("POST", "/login", &body).status, 200, "the refused attempt did not use up the code");
}

#[test]
fn the_set_up_links_of_a_disabled_admin_are_revoked() {
    let world = World::new();
    let (app, third) = (&world.app, world.app.org("Third", "enterprise"));
    app.admin(&third, "bob@acme.test");
    app.admin(&third, "ann@acme.test");
    let link = |who: &str| {
        let made = app.signed_in(who).api("POST", "/organisations/third/sso/setup-links", &json!({})).json();
        let mut bearer = app.anonymous();
        bearer.headers.push(("authorization", format!("SetupLink {}", token_of(&made["url"]))));
        bearer
    };
    let (mut of_bob, mut of_ann) = (link("bob@acme.test"), link("ann@acme.test"));
    let effect = disable(app, "bob@acme.test");
    assert!(effect["warnings"].to_string().contains("1 set-up link that they made"), "{effect}");
    assert_eq!((of_bob.read("/setup-link/sso").status, of_ann.read("/setup-link/sso").status), (404, 200));
    enable(app, "bob@acme.test");
    assert_eq!(of_bob.read("/setup-link/sso").status, 404);
}

#[test]
fn a_disabled_admin_does_not_count_as_a_remaining_admin() {
    let world = World::new();
    let app = &world.app;
    let mut ann = app.signed_in("ann@acme.test");
    let id = app.user("ann@acme.test");
    let org = format!("/organisations/acme/admins/{id}?dry_run=true");
    let workspace = format!("/workspaces/{}/members/{id}?dry_run=true", world.acme.workspace);
    let removal = format!("/organisations/acme/members/{id}?dry_run=true");
    let mut statuses = || [&org, &workspace, &removal].map(|path| ann.api("DELETE", path, &Value::Null).status);
    assert_eq!(statuses(), [200, 200, 200]);
    disable(app, "bob@acme.test");
    assert_eq!(statuses(), [409, 409, 409]);
    let listed = app.signed_in("ann@acme.test").read("/organisations/acme/admins").json();
    assert_eq!(
        listed["items"][1]["disabled"], true,
        "the disabled admin is listed, so that they can be removed: {listed}"
    );
    let effect = disable(app, "ann@acme.test");
    assert!(effect["warnings"].to_string().contains("Acme has no other organisation admin"), "{effect}");
}

#[test]
fn lists_mark_disabled_people_and_counts_and_emails_exclude_them() {
    let app = TestApp::with_operator(|flags| flags.mail.smtp_url = Some("smtp://127.0.0.1:9".into()));
    let world = World::of(app);
    let (app, mut olivia) = (&world.app, world.app.operator());
    let lists = ["/organisations/acme/members".to_owned(), format!("/workspaces/{}/members", world.acme.workspace)];
    let flags = |browser: &mut Browser| {
        lists.each_ref().map(|path| browser.read(path).json()["items"][1]["disabled"].as_bool().expect("a flag"))
    };
    assert_eq!(flags(&mut olivia), [false, false]);
    let readiness = |browser: &mut Browser| browser.read("/organisations/acme/sso/readiness").json()["total"].clone();
    assert_eq!(readiness(&mut olivia), 2);
    assert_eq!(request_reset(app, "bob@acme.test").status, 200);
    unsent_when(&mut olivia, |mails| mails.iter().any(|mail| mail["to"] == "bob@acme.test"));
    disable(app, "bob@acme.test");
    assert_eq!((flags(&mut olivia), readiness(&mut olivia)), ([true, true], json!(1)));
    let waiting_list = olivia.read("/organisations/acme/members?saml=waiting").json();
    assert_eq!(waiting_list["items"], json!([]), "Ann has signed in through SAML");
    assert_eq!(request_reset(app, "bob@acme.test").body, request_reset(app, "ann@acme.test").body);
    let reminded = olivia.api("POST", "/organisations/acme/sso/reminders", &json!({ "email": "bob@acme.test" }));
    assert_eq!(reminded.code(), "disabled");
    let form = [("token", world.recovery_link("ann@acme.test")), ("password", NEW.to_owned())];
    app.anonymous().form("/recover", &form.each_ref().map(|(name, value)| (*name, value.as_str())));
    let mails = unsent_when(&mut olivia, |mails| mails.iter().any(|mail| mail["kind"] == "recovery_used"));
    assert!(mails.iter().all(|mail| mail["to"] != "bob@acme.test"), "{mails:?}");
}

#[test]
fn effects_of_other_switches_do_not_list_disabled_people() {
    let world = World::new();
    let mut olivia = world.app.operator();
    let mut counts = || {
        let dry = olivia.api("PUT", "/organisations/acme/plan?dry_run=true", &json!({ "plan": "business" })).json();
        (dry["counts"]["keeps"].clone(), dry["counts"]["loses"].clone())
    };
    assert_eq!(counts(), (json!(2), json!(0)));
    disable(&world.app, "bob@acme.test");
    assert_eq!(counts(), (json!(1), json!(0)));
}
