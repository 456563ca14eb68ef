//! Operators and their API keys.

use super::{NEW, OLIVIA, finish_reset, operators_program, switch, token_of};
use crate::app::{Org, PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{connect, saml_sign_in};
use crate::mail::unsent_when;
use serde_json::{Value, json};
use vestibule::actions::{Caller, Run, account};
use vestibule::domain::ids::UserId;
use vestibule::domain::person::Role;

const DAY: i64 = 24 * 3600;

#[test]
fn an_operator_is_added_listed_and_removed() {
    let app = TestApp::new();
    let mut olivia = app.operator();
    let made = olivia.api("POST", "/operators", &json!({ "email": "Oscar@vestibule.test" }));
    assert_eq!((made.status, &made.json()["password"]), (201, &json!(false)), "{}", made.body);
    assert_eq!(finish_reset(&app, &token_of(&made.json()["accept_url"])).status, 200);
    let mut oscar = app.anonymous();
    assert_eq!(oscar.sign_in("oscar@vestibule.test", NEW).json()["person"]["operator"], true);
    let again = olivia.api("POST", "/operators", &json!({ "email": "oscar@vestibule.test" }));
    assert_eq!((again.status, again.code(), again.field()), (409, "taken".into(), "email".into()));
    let listed = oscar.read("/operators").json();
    let listed: Vec<_> = listed["items"].as_array().expect("a list").iter().map(|one| &one["email"]).collect();
    assert_eq!(listed, [OLIVIA, "oscar@vestibule.test"]);
    let path = format!("/operators/{}", app.user("oscar@vestibule.test"));
    assert_eq!(olivia.api("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(
        (oscar.read("/plans").status, oscar.read("/me").status),
        (401, 401),
        "the session gave access to nothing else"
    );
    assert_eq!(olivia.read("/operators").json()["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(olivia.api("DELETE", &path, &Value::Null).status, 404);
    let log = olivia.read("/audit?resource_type=person").json().to_string();
    assert!(log.contains("operator.added") && log.contains("operator.removed"), "{log}");
}

#[test]
fn with_a_mail_server_only_the_new_operator_gets_the_link() {
    let app = TestApp::with_operator(|flags| flags.mail.smtp_url = Some("smtp://127.0.0.1:9".into()));
    let mut olivia = app.operator();
    let made = olivia.api("POST", "/operators", &json!({ "email": "oscar@vestibule.test" }));
    assert_eq!((made.status, &made.json()["accept_url"]), (201, &Value::Null), "{}", made.body);
    let mails = unsent_when(&mut olivia, |mails| mails.len() == 3);
    let with_link: Vec<_> = mails.iter().filter(|mail| mail["kind"] == "reset_link").collect();
    assert_eq!((with_link.len(), &with_link[0]["to"]), (1, &json!("oscar@vestibule.test")), "{mails:?}");
}

#[test]
fn only_operators_see_and_change_operators_and_their_keys() {
    let app = TestApp::new();
    app.admin(&app.org("Acme", "business"), "ann@acme.test");
    // An operator who can sign in must remain. One who was added and has not set a password does not count.
    let nina = app.account("nina@vestibule.test");
    app.write(move |tx| tx.set_operator(&nina, true));
    let olivia = app.user(OLIVIA);
    let (mut ann, mut operator) = (app.signed_in("ann@acme.test"), app.operator());
    for (method, path, body, allowed) in [
        ("GET", "/operators".into(), Value::Null, 200),
        ("GET", "/keys".into(), Value::Null, 200),
        ("POST", "/operators".into(), json!({ "email": "next@vestibule.test" }), 201),
        ("POST", "/keys".into(), json!({ "name": "ci" }), 201),
        ("POST", format!("/users/{olivia}/disable?dry_run=true"), Value::Null, 200),
        ("POST", format!("/users/{olivia}/enable"), Value::Null, 200),
        ("DELETE", format!("/operators/{olivia}"), Value::Null, 204),
    ] {
        assert_eq!(ann.api(method, &path, &body).status, 403, "{method} {path}");
        let answer = operator.api(method, &path, &body);
        assert_eq!(answer.status, allowed, "{method} {path}: {}", answer.body);
    }
}

#[test]
fn the_last_operator_who_can_sign_in_is_neither_removed_nor_disabled() {
    let app = TestApp::new();
    let (mut olivia, id) = (app.operator(), app.user(OLIVIA));
    let refused = |olivia: &mut Browser| {
        let path = format!("/operators/{id}");
        let (removed, disabled) = (olivia.api("DELETE", &path, &Value::Null), switch(olivia, &id, "disable"));
        assert_eq!((removed.status, removed.code()), (409, "last_operator".into()));
        assert_eq!((disabled.status, disabled.code()), (409, "last_operator".into()));
        let dry = switch(olivia, &id, "disable?dry_run=true");
        assert_eq!((dry.status, dry.code()), (409, "last_operator".into()));
    };
    refused(&mut olivia);
    // A person who was added as an operator and has no password yet cannot sign in.
    let next = json!({ "email": "next@vestibule.test" });
    assert_eq!(olivia.api("POST", "/operators", &next).status, 201);
    refused(&mut olivia);
    let oscar = app.second_operator();
    assert_eq!(switch(&mut olivia, &oscar, "disable").status, 200);
    refused(&mut olivia);
    assert_eq!(switch(&mut olivia, &oscar, "enable").status, 200);
    assert_eq!(switch(&mut olivia, &id, "disable").status, 200, "one of two operators can be disabled");
    assert_eq!(olivia.read("/me").status, 401);
}

#[test]
fn a_removed_operator_keeps_memberships_and_loses_operator_rights() {
    let app = TestApp::new();
    let (acme, other) = (app.org("Acme", "enterprise"), app.org("Other", "enterprise"));
    let oscar = app.second_operator();
    app.person(&acme, "oscar@vestibule.test", Role::Admin, true);
    let mut browser = app.signed_in("oscar@vestibule.test");
    let mut link = |org: &Org| {
        let made = browser.api("POST", &format!("/organisations/{}/sso/setup-links", org.slug), &json!({})).json();
        let mut bearer = app.anonymous();
        bearer.headers.push(("authorization", format!("SetupLink {}", token_of(&made["url"]))));
        assert_eq!(bearer.read("/setup-link/sso").status, 200);
        bearer
    };
    let (mut as_admin, mut as_operator) = (link(&acme), link(&other));
    assert_eq!(app.operator().api("DELETE", &format!("/operators/{oscar}"), &Value::Null).status, 204);
    assert_eq!((browser.read("/organisations/other").status, browser.read("/plans").status), (404, 403));
    assert_eq!((browser.read("/organisations/acme").status, browser.read("/me").status), (200, 200));
    assert_eq!((as_operator.read("/setup-link/sso").status, as_admin.read("/setup-link/sso").status), (404, 200));
    app.write(move |tx| tx.set_operator(&oscar, true));
    assert_eq!(as_operator.read("/setup-link/sso").status, 404, "the revoked link does not work again");
}

#[test]
fn an_operators_key_expires_in_ninety_days_unless_set_to_never() {
    let app = TestApp::new();
    let mut olivia = app.operator();
    let mut make = |body: Value| olivia.api("POST", "/keys", &body);
    let (usual, never) = (make(json!({ "name": "usual" })), make(json!({ "name": "never", "expires_at": null })));
    let until = app.now().plus(10 * DAY).to_string();
    let short = make(json!({ "name": "short", "expires_at": until }));
    let past = make(json!({ "name": "past", "expires_at": app.now().to_string() }));
    assert_eq!((past.status, past.field()), (422, "expires_at".into()));
    assert_eq!(make(json!({ "name": "word", "expires_at": "never" })).field(), "expires_at");
    assert_eq!(usual.json()["expires_at"], app.now().plus(90 * DAY).to_string());
    assert_eq!((never.json()["expires_at"].take(), short.json()["expires_at"].take()), (Value::Null, json!(until)));
    let mut programs = [usual, short, never].map(|made| app.program(made.json()["key"].as_str().expect("a key")));
    let mut works = |secs: i64| {
        app.wait(secs);
        programs.each_mut().map(|program| program.read("/plans").status)
    };
    assert_eq!(works(0), [200, 200, 200]);
    assert_eq!(works(10 * DAY), [200, 401, 200]);
    assert_eq!(works(80 * DAY), [401, 401, 200]);
}

#[test]
fn a_deleted_operators_key_is_refused_at_once_and_its_links_are_revoked() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut olivia = app.operator();
    let made = olivia.api("POST", "/keys", &json!({ "name": "ci" })).json();
    let mut ci = app.program(made["key"].as_str().expect("a key"));
    let link = ci.api("POST", "/organisations/acme/sso/setup-links", &json!({})).json();
    let mut bearer = app.anonymous();
    bearer.headers.push(("authorization", format!("SetupLink {}", token_of(&link["url"]))));
    assert_eq!((ci.read("/plans").status, bearer.read("/setup-link/sso").status), (200, 200));
    let listed = olivia.read("/keys").json();
    assert_eq!((&listed["items"][0]["name"], &listed["items"][0]["created_by"]), (&json!("ci"), &json!(OLIVIA)));
    assert!(!listed.to_string().contains("vk_"), "secrets are shown only once");
    let own = json!({ "name": "own", "scopes": ["read"] });
    let own = app.signed_in("ann@acme.test").api("POST", "/organisations/acme/keys", &own).json();
    let path = |key: &Value| format!("/keys/{}", key["id"].as_str().expect("an id"));
    assert_eq!(
        olivia.api("DELETE", &path(&own), &Value::Null).status,
        404,
        "a key of an organisation is not an operators' key"
    );
    assert_eq!(olivia.api("DELETE", &path(&made), &Value::Null).status, 204);
    assert_eq!((ci.read("/plans").status, bearer.read("/setup-link/sso").status), (401, 404));
    assert_eq!(olivia.api("DELETE", &path(&made), &Value::Null).status, 404);
    assert!(app.program(own["key"].as_str().expect("a key")).read("/organisations/acme").status == 200);
}

#[test]
fn deleting_an_operators_key_ends_the_organisation_keys_that_it_created() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    let ann = app.admin(&org, "ann@acme.test");
    app.admin(&org, "abe@acme.test");
    let mut olivia = app.operator();
    // This key is named like a person.
    let made = olivia.api("POST", "/keys", &json!({ "name": "ann@acme.test" })).json();
    let mut ci = app.program(made["key"].as_str().expect("a key"));
    let new = |name: &str| json!({ "name": name, "scopes": ["read"] });
    let secret = |made: Answer| made.json()["key"].as_str().expect("a key").to_owned();
    let theirs = secret(ci.api("POST", "/organisations/acme/keys", &new("Backdoor")));
    let own = secret(app.signed_in("ann@acme.test").api("POST", "/organisations/acme/keys", &new("Ann's")));
    assert_eq!(ci.api("POST", "/organisations/acme/sso/setup-links", &json!({})).status, 201);
    let removal = format!("/organisations/acme/members/{ann}?dry_run=true");
    let reported = olivia.api("DELETE", &removal, &Value::Null).body;
    assert!(reported.contains("Ann's (of Acme)") && !reported.contains("Backdoor"), "{reported}");
    let path = format!("/keys/{}", made["id"].as_str().expect("an id"));
    let reported = olivia.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null);
    let warnings =
        ["API keys that it made stop working too: Backdoor (of Acme).", "These also end: 1 set-up link that it made."];
    assert_eq!((reported.status, &reported.json()["warnings"]), (200, &json!(warnings)), "{}", reported.body);
    let works = |key: &str| app.program(key).read("/organisations/acme").status;
    assert_eq!((works(&theirs), works(&own)), (200, 200), "a dry run changes nothing");
    assert_eq!(olivia.api("DELETE", &path, &Value::Null).status, 204);
    assert_eq!((works(&theirs), works(&own)), (401, 200));
    let log = app.signed_in("ann@acme.test").read("/organisations/acme/audit?resource_type=key").json();
    let newest = &log["items"][0];
    assert_eq!((&newest["action"], &newest["resource_name"]), (&json!("key.deleted"), &json!("Backdoor")));
}

/// A key may withdraw an operator's access but not give it. Otherwise, its holder could remain an operator after the
/// key is deleted.
#[test]
fn a_key_cannot_create_a_link_for_an_operator_or_another_key() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    let (bob, oscar) = (app.member(&org, "bob@acme.test"), app.second_operator());
    let (mut key, mut olivia) = (operators_program(&app), app.operator());
    for (method, path, body) in [
        ("POST", format!("/users/{oscar}/reset-link"), Value::Null),
        ("POST", "/operators".into(), json!({ "email": "thief@acme.test" })),
        ("POST", "/operators".into(), json!({ "email": "bob@acme.test" })),
        ("POST", "/keys".into(), json!({ "name": "another" })),
    ] {
        let refused = key.api(method, &path, &body);
        assert_eq!(refused.status, 403, "{method} {path}: {}", refused.body);
        assert!(!refused.body.contains("token=") && !refused.body.contains("vk_"));
        let granted = olivia.api(method, &path, &body);
        assert!([200, 201].contains(&granted.status), "{method} {path}: {}", granted.body);
    }
    let carl = app.member(&org, "carl@acme.test");
    let linked = key.api("POST", &format!("/users/{carl}/reset-link"), &Value::Null);
    assert_eq!(linked.status, 200, "a key can create a link for other people: {}", linked.body);
    // A disabled operator may have created the key, so the key must not enable operators.
    assert_eq!(switch(&mut key, &oscar, "disable").status, 200);
    for what in ["enable", "enable?dry_run=true"] {
        assert_eq!(switch(&mut key, &oscar, what).status, 403);
    }
    assert_eq!(app.anonymous().sign_in("oscar@vestibule.test", PASSWORD).status, 403);
    assert_eq!(switch(&mut key, &carl, "disable").status, 200);
    assert_eq!(switch(&mut key, &carl, "enable").status, 200);
    assert_eq!(switch(&mut olivia, &oscar, "enable").status, 200);
    // Bob is now an operator.
    assert_eq!(key.api("DELETE", &format!("/operators/{bob}"), &Value::Null).status, 204);
}

#[test]
fn an_invitation_created_by_a_key_for_an_operator_is_refused() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.member(&org, "thief@acme.test");
    let mut key = operators_program(&app);
    let made = json!({ "name": "Trap", "plan": "business", "admin_email": OLIVIA });
    let by_organisation = key.api("POST", "/organisations", &made).json()["invitation"]["accept_url"].clone();
    let path = format!("/workspaces/{}/invitations", org.workspace);
    let mut invite = |address: &str| {
        key.api("POST", &path, &json!({ "email": address, "role": "admin" })).json()["accept_url"].clone()
    };
    let (by_workspace, stranger) = (invite(OLIVIA), invite("new@acme.test"));
    let body = |link: &Value, password: &str| json!({ "token": token_of(link), "name": "Thief", "password": password });
    for link in [by_organisation, by_workspace] {
        for mut thief in [app.anonymous(), app.signed_in("thief@acme.test")] {
            for (password, refusal) in [("", (409, "sign_in_first")), (NEW, (401, "refused"))] {
                let refused = thief.api("POST", "/invitations/accept", &body(&link, password));
                assert_eq!((refused.status, refused.code().as_str()), refusal);
            }
        }
    }
    assert_eq!(app.anonymous().sign_in(OLIVIA, NEW).status, 401);
    assert_eq!(app.anonymous().sign_in(OLIVIA, PASSWORD).status, 200);
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &body(&stranger, NEW)).status, 200);
}

#[test]
fn becoming_an_operator_ends_the_access_that_a_key_gained_by_setting_the_password() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    let bob = app.member(&org, "bob@acme.test");
    let mut key = operators_program(&app);
    let mut link = || key.api("POST", &format!("/users/{bob}/reset-link"), &Value::Null).json()["reset_url"].clone();
    assert_eq!(finish_reset(&app, &token_of(&link())).status, 200);
    let mut thief = app.anonymous();
    assert_eq!(thief.sign_in("bob@acme.test", NEW).status, 200);
    let waiting = token_of(&link());
    let added = app.operator().api("POST", "/operators", &json!({ "email": "bob@acme.test" })).json();
    assert_eq!(thief.read("/me").status, 401);
    assert_eq!(app.anonymous().sign_in("bob@acme.test", NEW).status, 401);
    assert_eq!(finish_reset(&app, &waiting).status, 404);
    assert_eq!(finish_reset(&app, &token_of(&added["accept_url"])).status, 200);
}

#[test]
fn a_provider_controlled_by_a_key_cannot_create_an_operator() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    connect(&app, &org, "ann@acme.test", "acme_SSO");
    let mut key = operators_program(&app);
    let path = format!("/workspaces/{}/invitations", org.workspace);
    assert_eq!(key.api("POST", &path, &json!({ "email": OLIVIA, "role": "admin" })).status, 201);
    let mut thief = app.anonymous();
    assert_eq!(saml_sign_in(&app, &mut thief, "/sso?key=acme_SSO", OLIVIA).location(), "/");
    assert_eq!(thief.read("/me").json()["person"]["operator"], false);
    assert_eq!((thief.read("/plans").status, thief.read("/operators").status), (403, 403));
    let password = json!({ "current_password": PASSWORD, "new_password": NEW });
    assert_eq!(thief.api("PUT", "/me/password", &password).status, 403);
    assert_eq!(thief.api("POST", "/keys", &json!({ "name": "mine" })).status, 403);
    assert_eq!(app.operator().api("POST", "/keys", &json!({ "name": "mine" })).status, 201);
}

/// Without a mail server, the creator of the link has it.
#[test]
fn a_password_link_is_revoked_with_the_right_of_its_creator() {
    for way in ["key deleted", "key expired", "operator removed", "operator disabled"] {
        let app = TestApp::new();
        let acme = app.org("Acme", "business");
        let (bob, carl) = (app.member(&acme, "bob@acme.test"), app.member(&acme, "carl@acme.test"));
        let (mut olivia, oscar) = (app.operator(), app.second_operator());
        let by_key = way.starts_with("key");
        let new = json!({ "name": "Program", "expires_at": app.now().plus(3600) });
        let key = olivia.api("POST", "/keys", &new).json();
        let secret = key["key"].as_str().expect("text");
        let mut creator = if by_key { app.program(secret) } else { app.signed_in("oscar@vestibule.test") };
        let link = |creator: &mut Browser, user: &UserId| {
            token_of(&creator.api("POST", &format!("/users/{user}/reset-link"), &Value::Null).json()["reset_url"])
        };
        let (made, other_link) = (link(&mut creator, &bob), link(&mut olivia, &carl));
        let added = (!by_key).then(|| {
            token_of(
                &creator.api("POST", "/operators", &json!({ "email": "next@vestibule.test" })).json()["accept_url"],
            )
        });
        let ended = match way {
            "key deleted" => {
                olivia.api("DELETE", &format!("/keys/{}", key["id"].as_str().expect("text")), &Value::Null)
            }
            "key expired" => {
                app.wait(3600);
                olivia.read("/me")
            }
            "operator removed" => olivia.api("DELETE", &format!("/operators/{oscar}"), &Value::Null),
            _ => {
                let reported = switch(&mut olivia, &oscar, "disable?dry_run=true").body;
                assert!(reported.contains("2 password links that they made"), "{reported}");
                switch(&mut olivia, &oscar, "disable")
            }
        };
        assert!(matches!(ended.status, 200 | 204), "{way}: {}", ended.body);
        assert_eq!(finish_reset(&app, &made).status, 404, "{way}");
        assert!(added.is_none_or(|token| finish_reset(&app, &token).status == 404), "{way}");
        assert_eq!(finish_reset(&app, &other_link).status, 200, "{way}");
    }
}

/// Without a mail server, the creator of a link may use it.
#[test]
fn passwords_known_to_a_removed_key_or_operator_are_listed_and_ended_if_requested() {
    for way in ["key deleted", "operator removed", "operator disabled"] {
        let app = TestApp::new();
        let acme = app.org("Acme", "business");
        let (ann, oscar) = (app.admin(&acme, "ann@acme.test"), app.second_operator());
        let (mut olivia, (key, secret)) = (app.operator(), app.operators_key("Program"));
        let by_key = way == "key deleted";
        let mut creator = if by_key { app.program(&secret) } else { app.signed_in("oscar@vestibule.test") };
        let link = creator.api("POST", &format!("/users/{ann}/reset-link"), &Value::Null).json()["reset_url"].clone();
        assert_eq!(finish_reset(&app, &token_of(&link)).status, 200);
        let mut thief = app.anonymous();
        assert_eq!(thief.sign_in("ann@acme.test", NEW).status, 200);
        let backdoor = json!({ "name": "Backdoor", "scopes": ["read"] });
        assert_eq!(thief.api("POST", "/organisations/acme/keys", &backdoor).status, 201);
        // The person who knows the password changes it.
        let other = "another tractor lagoon";
        let changed = json!({ "current_password": NEW, "new_password": other });
        assert_eq!(thief.api("PUT", "/me/password", &changed).status, 200);
        let mut of_key = app.anonymous();
        if by_key {
            let invited = json!({ "email": "new@acme.test", "role": "admin" });
            let invited = creator.api("POST", &format!("/workspaces/{}/invitations", acme.workspace), &invited).json();
            let typed = json!({ "token": token_of(&invited["accept_url"]), "name": "New", "password": NEW });
            assert_eq!(of_key.api("POST", "/invitations/accept", &typed).status, 200);
            // An account created with a key that the first key created, and that is deleted before the first one.
            let child = json!({ "name": "Child", "scopes": ["manage_members"] });
            let child = creator.api("POST", "/organisations/acme/keys", &child).json();
            let invited = json!({ "email": "late@acme.test", "role": "admin" });
            let path = format!("/workspaces/{}/invitations", acme.workspace);
            let invited = app.program(child["key"].as_str().expect("a key")).api("POST", &path, &invited).json();
            let typed = json!({ "token": token_of(&invited["accept_url"]), "name": "Late", "password": NEW });
            assert_eq!(app.anonymous().api("POST", "/invitations/accept", &typed).status, 200);
            let child = format!("/organisations/acme/keys/{}", child["id"].as_str().expect("an id"));
            assert_eq!(creator.api("DELETE", &child, &Value::Null).status, 204);
        }
        let (method, path) = match way {
            "key deleted" => ("DELETE", format!("/keys/{}", key.id)),
            "operator removed" => ("DELETE", format!("/operators/{oscar}")),
            _ => ("POST", format!("/users/{oscar}/disable")),
        };
        let reported = olivia.api(method, &format!("{path}?dry_run=true"), &Value::Null).json();
        let named = reported["warnings"].to_string();
        assert!(
            named.contains("keep working: ann@acme.test") || named.contains("keep working: new@acme.test"),
            "{way}: {reported}"
        );
        assert_eq!(named.contains("new@acme.test"), by_key, "{way}: {reported}");
        if way == "operator disabled" {
            assert_eq!(olivia.api(method, &path, &Value::Null).status, 200);
            assert_eq!(thief.read("/me").status, 200, "passwords are kept without the request to end them");
        }
        // A disabled operator can still be removed.
        let (method, path) = if by_key { (method, path) } else { ("DELETE", format!("/operators/{oscar}")) };
        let unclear = olivia.api(method, &format!("{path}?end_passwords=yes"), &Value::Null);
        assert_eq!((unclear.status, &unclear.json()["error"]["field"]), (422, &json!("end_passwords")), "{way}");
        let wanted = format!("{path}?end_passwords=true");
        let reported = olivia.api(method, &format!("{wanted}&dry_run=true"), &Value::Null).json();
        let lost: Vec<_> = reported["loses"].as_array().expect("a list").iter().map(|line| &line["email"]).collect();
        assert!(lost.contains(&&json!("ann@acme.test")), "{way}: {reported}");
        for invited in ["new@acme.test", "late@acme.test"] {
            assert_eq!(lost.contains(&&json!(invited)), by_key, "{way}: {reported}");
        }
        assert!(reported["warnings"].to_string().contains("Backdoor (of Acme)"), "{way}: {reported}");
        assert_eq!(thief.read("/me").status, 200, "{way}: a dry run changes nothing");
        assert_eq!(olivia.api(method, &wanted, &Value::Null).status, 204, "{way}");
        assert_eq!((thief.read("/me").status, of_key.read("/me").status), (401, 401), "{way}");
        for (email, password) in [("ann@acme.test", other), ("ann@acme.test", NEW), ("new@acme.test", NEW)] {
            assert_eq!(app.anonymous().sign_in(email, password).status, 401, "{way}: {email}");
        }
        let own = olivia.api("POST", &format!("/users/{ann}/reset-link"), &Value::Null).json()["reset_url"].clone();
        assert_eq!(finish_reset(&app, &token_of(&own)).status, 200, "{way}: a new link for Ann works");
        let log =
            app.signed_in_with("ann@acme.test", NEW).read("/organisations/acme/audit?resource_type=person").json();
        assert!(log.to_string().contains("account.password_ended"), "{way}: {log}");
    }
}

#[test]
fn an_operator_cannot_be_removed_if_that_ends_all_other_operators_passwords() {
    let app = TestApp::new();
    let (mut olivia, id) = (app.operator(), app.user(OLIVIA));
    let next = json!({ "email": "next@vestibule.test" });
    let link = olivia.api("POST", "/operators", &next).json()["accept_url"].clone();
    assert_eq!(finish_reset(&app, &token_of(&link)).status, 200);
    let mut other = app.signed_in_with("next@vestibule.test", NEW);
    let remove =
        |other: &mut Browser| other.api("DELETE", &format!("/operators/{id}?end_passwords=true"), &Value::Null);
    let refused = remove(&mut other);
    assert_eq!((refused.status, refused.code()), (409, "last_operator".into()));
    assert!(refused.body.contains("vestibule user reset-link"), "{}", refused.body);
    let stays = other.api("DELETE", &format!("/operators/{id}?dry_run=true"), &Value::Null);
    assert_eq!(stays.status, 200, "if passwords are kept, one operator remains: {}", stays.body);
    // A link that they create for themselves does not count: they may be the person who received the first link.
    let own = app.user("next@vestibule.test");
    let link = other.api("POST", &format!("/users/{own}/reset-link"), &Value::Null).json()["reset_url"].clone();
    let again = json!({ "token": token_of(&link), "password": "another tractor lagoon" });
    assert_eq!(app.anonymous().api("POST", "/password-reset/finish", &again).status, 200);
    let mut other = app.signed_in_with("next@vestibule.test", "another tractor lagoon");
    assert_eq!(remove(&mut other).code(), "last_operator");
    let (_, made) = account::reset_link(&app.app, &Caller::command_line(), own, Run::Real).expect("made");
    let Some(account::MadeLink::Shown(link)) = made else { panic!("no link") };
    assert_eq!(finish_reset(&app, link.split_once("token=").expect("a token").1).status, 200);
    let mut other = app.signed_in_with("next@vestibule.test", NEW);
    assert_eq!(remove(&mut other).status, 204);
    assert_eq!(other.read("/me").status, 200);
}

#[test]
fn the_dry_run_of_removing_an_operator_names_the_keys_that_they_created() {
    let app = TestApp::new();
    let oscar = app.second_operator();
    let mut browser = app.signed_in("oscar@vestibule.test");
    let made = browser.api("POST", "/keys", &json!({ "name": "Provisioning" })).json();
    let path = format!("/operators/{oscar}");
    let mut olivia = app.operator();
    let dry = olivia.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null);
    assert_eq!((dry.status, &dry.json()["applied"]), (200, &json!(false)), "{}", dry.body);
    assert!(
        dry.json()["warnings"][0]
            .as_str()
            .expect("a warning")
            .contains("keep working: Provisioning (with operator rights)")
    );
    assert_eq!(olivia.read("/operators").json()["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(olivia.api("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(app.program(made["key"].as_str().expect("a key")).read("/plans").status, 200);
    let last = format!("/operators/{}?dry_run=true", app.user("olivia@vestibule.test"));
    assert_eq!(olivia.api("DELETE", &last, &Value::Null).code(), "last_operator");
}
