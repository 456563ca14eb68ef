//! A person who knows another's password, because they received the link that set it, can use it to create links, API
//! keys and accounts. These end with that password.

use super::{NEW, OLIVIA, finish_reset, switch, token_of};
use crate::app::{PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use serde_json::{Value, json};
use vestibule::domain::ids::{UserId, WorkspaceId};

fn add_operator(by: &mut Browser, email: &str) -> String {
    let added = by.api("POST", "/operators", &json!({ "email": email }));
    assert_eq!(added.status, 201, "{}", added.body);
    token_of(&added.json()["accept_url"])
}

fn reset_link(by: &mut Browser, user: &UserId) -> String {
    token_of(&by.api("POST", &format!("/users/{user}/reset-link"), &Value::Null).json()["reset_url"])
}

fn invite(by: &mut Browser, workspace: &WorkspaceId, email: &str) -> String {
    let invited = json!({ "email": email, "role": "admin" });
    let made = by.api("POST", &format!("/workspaces/{workspace}/invitations"), &invited);
    assert_eq!(made.status, 201, "{}", made.body);
    token_of(&made.json()["accept_url"])
}

fn accept(app: &TestApp, token: &str) -> Answer {
    let typed = json!({ "token": token, "name": "Invited", "password": NEW });
    app.anonymous().api("POST", "/invitations/accept", &typed)
}

fn key(by: &mut Browser, path: &str, name: &str) -> (String, String) {
    let wanted = if path == "/keys" { json!({ "name": name }) } else { json!({ "name": name, "scopes": ["read"] }) };
    let made = by.api("POST", path, &wanted).json();
    let text = |field: &str| made[field].as_str().expect("text").to_owned();
    (text("id"), text("key"))
}

fn lost(effect: &Value) -> Vec<&str> {
    effect["loses"].as_array().expect("a list").iter().map(|line| line["email"].as_str().expect("text")).collect()
}

#[test]
fn objects_created_with_a_password_known_to_another_person_end_with_that_password() {
    let app = TestApp::new();
    let acme = app.org("Acme", "business");
    let (ann, bob) = (app.admin(&acme, "ann@acme.test"), app.member(&acme, "bob@acme.test"));
    let (carl, evil) = (app.member(&acme, "carl@acme.test"), app.member(&acme, "evil@acme.test"));
    let (mut olivia, oscar) = (app.operator(), app.second_operator());
    let mut ann_herself = app.signed_in("ann@acme.test");
    let (_, before) = key(&mut ann_herself, "/organisations/acme/keys", "Payroll");
    app.wait(60);

    // Oscar learns the passwords of a new operator and of an organisation admin.
    let mut oscars = app.signed_in("oscar@vestibule.test");
    assert_eq!(finish_reset(&app, &add_operator(&mut oscars, "xenia@vestibule.test")).status, 200);
    assert_eq!(finish_reset(&app, &reset_link(&mut oscars, &ann)).status, 200);
    let (mut as_xenia, mut as_ann) =
        (app.signed_in_with("xenia@vestibule.test", NEW), app.signed_in_with("ann@acme.test", NEW));

    // As these two people, Oscar creates operators, keys and links; with one of the keys, he sets another password.
    assert_eq!(finish_reset(&app, &add_operator(&mut as_xenia, "zoe@vestibule.test")).status, 200);
    let agreed = json!({ "token": add_operator(&mut as_xenia, "evil@acme.test"), "password": PASSWORD });
    assert_eq!(app.anonymous().api("POST", "/password-reset/finish", &agreed).status, 200);
    let bobs_link = reset_link(&mut as_xenia, &bob);
    let (deleted_key, secret) = key(&mut as_xenia, "/keys", "Gone");
    assert_eq!(finish_reset(&app, &reset_link(&mut app.program(&secret), &carl)).status, 200);
    assert_eq!(as_xenia.api("DELETE", &format!("/keys/{deleted_key}"), &Value::Null).status, 204);
    let (_, operators) = key(&mut as_xenia, "/keys", "Provisioning");
    let (_, backdoor) = key(&mut as_ann, "/organisations/acme/keys", "Backdoor");
    assert_eq!(accept(&app, &invite(&mut as_ann, &acme.workspace, "early@acme.test")).status, 200);
    let waiting = invite(&mut as_ann, &acme.workspace, "late@acme.test");

    let path = format!("/operators/{oscar}");
    let stays = olivia.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
    let warnings = stays["warnings"].to_string();
    for named in [
        "links that oscar@vestibule.test received keep working: xenia@vestibule.test (operator), ann@acme.test.",
        "links of people whose password may be known keep working: zoe@vestibule.test (operator), carl@acme.test, early@acme.test.",
        "stay operators: evil@acme.test, xenia@vestibule.test, zoe@vestibule.test.",
    ] {
        assert!(warnings.contains(named), "{named}: {warnings}");
    }
    assert_eq!(lost(&stays), ["oscar@vestibule.test"]);

    let wanted = format!("{path}?end_passwords=true");
    let ends = olivia.api("DELETE", &format!("{wanted}&dry_run=true"), &Value::Null).json();
    let known = ["ann@acme.test", "carl@acme.test", "early@acme.test", "xenia@vestibule.test", "zoe@vestibule.test"];
    assert_eq!(lost(&ends)[1..], known, "{ends}");
    let warnings = ends["warnings"].to_string();
    assert!(warnings.contains("stop working: Backdoor (of Acme), Provisioning (with operator rights)."), "{warnings}");
    assert!(warnings.contains("1 password link that these people or keys made, 1 invitation link that"), "{warnings}");
    assert!(warnings.contains("stay operators: evil@acme.test"), "{warnings}");
    assert_eq!(as_xenia.read("/operators").status, 200, "a dry run changes nothing");

    assert_eq!(olivia.api("DELETE", &wanted, &Value::Null).status, 204);
    for email in known {
        assert_eq!(app.anonymous().sign_in(email, NEW).status, 401, "{email}");
    }
    assert_eq!(finish_reset(&app, &bobs_link).status, 404);
    assert_eq!(accept(&app, &waiting).status, 404);
    assert_eq!(app.program(&operators).read("/operators").status, 401);
    assert_eq!(app.program(&backdoor).read("/organisations/acme").status, 401);
    assert_eq!(
        app.program(&before).read("/organisations/acme").status,
        200,
        "this key was created before Oscar knew the password"
    );
    assert_eq!(
        app.signed_in("bob@acme.test").read("/me").status,
        200,
        "the link for Bob was not used, so his password is kept"
    );
    assert_eq!(
        app.signed_in("evil@acme.test").read("/operators").status,
        200,
        "this operator has a password that Oscar does not know"
    );
    assert_eq!(olivia.api("DELETE", &format!("/operators/{evil}"), &Value::Null).status, 204);
    let log = olivia.read("/audit?resource=oscar@vestibule.test").json();
    let removed = log["items"].as_array().expect("a list").iter().find(|entry| entry["action"] == "operator.removed");
    let detail = &removed.expect("an entry")["detail"];
    assert!(detail["loses"].to_string().contains("zoe@vestibule.test"), "{detail}");
    assert!(detail["ends"].to_string().contains("Backdoor (of Acme)"), "{detail}");
}

#[test]
fn objects_created_with_a_known_password_end_even_after_the_password_was_changed() {
    let app = TestApp::new();
    let acme = app.org("Acme", "business");
    let bob = app.member(&acme, "bob@acme.test");
    let (mut olivia, oscar) = (app.operator(), app.second_operator());
    let xenia = {
        let mut oscars = app.signed_in("oscar@vestibule.test");
        assert_eq!(finish_reset(&app, &add_operator(&mut oscars, "xenia@vestibule.test")).status, 200);
        app.user("xenia@vestibule.test")
    };
    let mut as_xenia = app.signed_in_with("xenia@vestibule.test", NEW);
    let zoe = add_operator(&mut as_xenia, "zoe@vestibule.test");
    let bobs_link = reset_link(&mut as_xenia, &bob);
    let (_, backdoor) = key(&mut as_xenia, "/keys", "Backdoor");
    app.wait(60);
    // Olivia gives Xenia another password. Links that were created earlier are used after that.
    assert_eq!(finish_reset(&app, &reset_link(&mut olivia, &xenia)).status, 200);
    app.wait(60);
    assert_eq!(finish_reset(&app, &zoe).status, 200);
    let mut xenia_herself = app.signed_in_with("xenia@vestibule.test", NEW);
    let (_, own) = key(&mut xenia_herself, "/keys", "Own");
    let wanted = format!("/operators/{oscar}?end_passwords=true");
    let reported = olivia.api("DELETE", &format!("{wanted}&dry_run=true"), &Value::Null).json();
    assert_eq!(lost(&reported), ["oscar@vestibule.test", "zoe@vestibule.test"], "{reported}");
    assert!(reported["warnings"].to_string().contains("stop working: Backdoor (with operator rights)."), "{reported}");
    assert_eq!(olivia.api("DELETE", &wanted, &Value::Null).status, 204);
    assert_eq!(app.anonymous().sign_in("zoe@vestibule.test", NEW).status, 401);
    assert_eq!(finish_reset(&app, &bobs_link).status, 404);
    assert_eq!(app.program(&backdoor).read("/operators").status, 401);
    assert_eq!(app.program(&own).read("/operators").status, 200);
    assert_eq!(xenia_herself.read("/operators").status, 200);
}

#[test]
fn objects_created_with_a_password_known_to_a_key_end_with_the_key() {
    let app = TestApp::new();
    let acme = app.org("Acme", "business");
    let ann = app.admin(&acme, "ann@acme.test");
    let (id, secret) = key(&mut app.operator(), "/keys", "Program");
    assert_eq!(finish_reset(&app, &reset_link(&mut app.program(&secret), &ann)).status, 200);
    let mut thief = app.signed_in_with("ann@acme.test", NEW);
    let invited = invite(&mut thief, &acme.workspace, "backdoor@acme.test");
    let mut back = app.anonymous();
    let typed = json!({ "token": invited, "name": "Back Door", "password": NEW });
    assert_eq!(back.api("POST", "/invitations/accept", &typed).status, 200);
    let next = invite(&mut back, &acme.workspace, "next@acme.test");
    let (_, backdoor) = key(&mut thief, "/organisations/acme/keys", "Backdoor");
    let wanted = format!("/keys/{id}?end_passwords=true");
    let reported = app.operator().api("DELETE", &format!("{wanted}&dry_run=true"), &Value::Null).json();
    assert_eq!(lost(&reported), ["ann@acme.test", "backdoor@acme.test"], "{reported}");
    assert_eq!(app.operator().api("DELETE", &wanted, &Value::Null).status, 204);
    assert_eq!((thief.read("/me").status, back.read("/me").status), (401, 401));
    assert_eq!(accept(&app, &next).status, 404);
    assert_eq!(app.program(&backdoor).read("/organisations/acme").status, 401);
}

#[test]
fn an_operator_whose_password_would_end_does_not_count_as_remaining() {
    let app = TestApp::new();
    let (mut olivia, id) = (app.operator(), app.user(OLIVIA));
    assert_eq!(finish_reset(&app, &add_operator(&mut olivia, "next@vestibule.test")).status, 200);
    let mut next = app.signed_in_with("next@vestibule.test", NEW);
    assert_eq!(finish_reset(&app, &add_operator(&mut next, "third@vestibule.test")).status, 200);
    let path = format!("/operators/{id}?end_passwords=true");
    for way in [("DELETE", path), ("POST", format!("/users/{id}/disable?end_passwords=true"))] {
        let refused = next.api(way.0, &way.1, &Value::Null);
        assert_eq!((refused.status, refused.code()), (409, "last_operator".into()), "{}", way.1);
    }
    app.second_operator();
    assert_eq!(next.api("DELETE", &format!("/operators/{id}?end_passwords=true"), &Value::Null).status, 204);
    assert_eq!(next.read("/me").status, 401);
    assert_eq!(app.signed_in("oscar@vestibule.test").read("/operators").status, 200);
}

#[test]
fn deleting_a_key_cannot_end_the_password_of_the_last_operator() {
    let app = TestApp::new();
    let acme = app.org("Acme", "business");
    let ann = app.admin(&acme, "ann@acme.test");
    let (id, secret) = key(&mut app.operator(), "/keys", "Program");
    assert_eq!(finish_reset(&app, &reset_link(&mut app.program(&secret), &ann)).status, 200);
    let invited = invite(&mut app.signed_in_with("ann@acme.test", NEW), &acme.workspace, "zoe@acme.test");
    assert_eq!(accept(&app, &invited).status, 200);
    assert_eq!(finish_reset(&app, &add_operator(&mut app.operator(), "zoe@acme.test")).status, 200);
    let mut zoe = app.signed_in_with("zoe@acme.test", NEW);
    let olivia = app.user(OLIVIA);
    assert_eq!(zoe.api("DELETE", &format!("/operators/{olivia}"), &Value::Null).status, 204);
    let refused = zoe.api("DELETE", &format!("/keys/{id}?end_passwords=true"), &Value::Null);
    assert_eq!((refused.status, refused.code()), (409, "last_operator".into()));
    assert_eq!(zoe.api("DELETE", &format!("/keys/{id}"), &Value::Null).status, 204);
}

#[test]
fn disabling_a_person_ends_the_passwords_that_they_know_if_requested() {
    let app = TestApp::new();
    let acme = app.org("Acme", "business");
    app.admin(&acme, "otto@acme.test");
    let ann = app.admin(&acme, "ann@acme.test");
    let invited = invite(&mut app.signed_in("ann@acme.test"), &acme.workspace, "new@acme.test");
    assert_eq!(accept(&app, &invited).status, 200);
    let mut olivia = app.operator();
    let mut disable = |query: &str| switch(&mut olivia, &ann, &format!("disable?{query}")).json();
    let stay = disable("dry_run=true");
    assert!(stay["warnings"].to_string().contains("keep working: new@acme.test"), "{stay}");
    assert_eq!(lost(&stay), ["ann@acme.test"]);
    assert_eq!(lost(&disable("dry_run=true&end_passwords=true")), ["ann@acme.test", "new@acme.test"]);
    disable("");
    assert_eq!(
        app.anonymous().sign_in("new@acme.test", NEW).status,
        200,
        "passwords are kept without the request to end them"
    );
    // The passwords can also be ended after the person was disabled.
    let ended = disable("end_passwords=true");
    assert_eq!(lost(&ended), ["new@acme.test"], "{ended}");
    assert_eq!(app.anonymous().sign_in("new@acme.test", NEW).status, 401);
    assert!(disable("end_passwords=true")["warnings"].to_string().contains("Nothing changes"));
}

#[test]
fn a_person_knows_the_passwords_set_with_links_given_to_their_keys() {
    let app = TestApp::new();
    let acme = app.org("Acme", "business");
    app.admin(&acme, "ann@acme.test");
    let eve = app.admin(&acme, "eve@acme.test");
    let mut by_eve = app.signed_in("eve@acme.test");
    let wanted = json!({ "name": "Directory", "scopes": ["manage_members"] });
    let made = by_eve.api("POST", "/organisations/acme/keys", &wanted).json();
    let mut program = app.program(made["key"].as_str().expect("a key"));
    assert_eq!(accept(&app, &invite(&mut program, &acme.workspace, "ghost@acme.test")).status, 200);
    let mut ghost = app.signed_in_with("ghost@acme.test", NEW);

    let (mut olivia, path) = (app.operator(), format!("/users/{eve}/disable"));
    let reported = olivia.api("POST", &format!("{path}?dry_run=true&end_passwords=true"), &Value::Null).json();
    assert!(lost(&reported).contains(&"ghost@acme.test"), "{reported}");
    assert_eq!(olivia.api("POST", &format!("{path}?end_passwords=true"), &Value::Null).status, 200);
    assert_eq!(ghost.read("/me").status, 401);
}
