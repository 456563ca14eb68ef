//! Own account and sessions.

use crate::acme::Acme;
use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use crate::idp::saml_sign_in;
use crate::program::vestibule;
use serde_json::{Value, json};
use vestibule::domain::person::Role;

#[test]
fn a_person_changes_their_name_and_language() {
    let app = TestApp::new();
    let mut browser = app.operator();
    let changed = browser.api("PATCH", "/me", &json!({ "name": " Olivia Outback ", "language": "de" }));
    assert_eq!(changed.status, 200);
    assert_eq!(changed.json()["person"]["name"], "Olivia Outback");
    assert_eq!(browser.read("/me").json()["person"]["language"], "de");
    assert_eq!(browser.api("PATCH", "/me", &json!({ "language": "<b>" })).field(), "language");
}

#[test]
fn an_empty_change_is_not_logged_and_many_changes_are_throttled() {
    let app = TestApp::new();
    let mut browser = app.operator();
    let mut change = |body: Value| browser.api("PATCH", "/me", &body).status;
    assert_eq!(change(json!({ "language": "de" })), 200);
    assert!((1..60).all(|_| change(json!({ "language": "de", "notify_new_browser": false })) == 200));
    assert_eq!(change(json!({ "language": "en" })), 429);
    app.wait(2);
    assert_eq!(change(json!({ "language": "en" })), 200);
    let log = app.operator().read("/audit").json();
    let logged = log["items"].as_array().expect("a list").iter().filter(|one| one["action"] == "account.changed");
    assert_eq!(logged.count(), 2, "{log}");
}

#[test]
fn a_new_password_ends_the_other_sessions() {
    let app = TestApp::new();
    let (mut here, mut there) = (app.operator(), app.operator());
    let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    let wrong = here.api("PUT", "/me/password", &change("wrong", "violet tractor lagoon"));
    assert_eq!((wrong.status, wrong.field().as_str()), (422, "current_password"));
    let weak = here.api("PUT", "/me/password", &change(PASSWORD, "olivia@vestibule.test"));
    assert_eq!((weak.status, weak.field().as_str()), (422, "new_password"));
    assert_eq!(there.read("/me").status, 200);
    assert_eq!(here.api("PUT", "/me/password", &change(PASSWORD, "violet tractor lagoon")).status, 200);
    assert_eq!(here.read("/me").status, 200);
    assert_eq!(there.read("/me").status, 401);
    assert_eq!(app.anonymous().sign_in("olivia@vestibule.test", PASSWORD).status, 401);
    assert_eq!(app.anonymous().sign_in("olivia@vestibule.test", "violet tractor lagoon").status, 200);
}

#[test]
fn a_password_works_in_each_unicode_normal_form() {
    let app = TestApp::new();
    let (composed, decomposed) = ("Zürich violet tides", "Zu\u{308}rich violet tides");
    let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    assert_eq!(app.operator().api("PUT", "/me/password", &change(PASSWORD, composed)).status, 200);
    let email = "olivia@vestibule.test";
    assert_eq!(app.anonymous().sign_in(email, decomposed).status, 200);
    let by_form = app.anonymous().form("/login", &[("email", email), ("password", decomposed)]);
    assert_eq!((by_form.status, by_form.location()), (303, "/"));
    let mut browser = app.anonymous();
    assert_eq!(browser.sign_in(email, composed).status, 200);
    let again = browser.api("PUT", "/me/password", &change(decomposed, "violet tractor lagoon"));
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(app.anonymous().sign_in(email, "Zurich violet tides").status, 401);
}

#[test]
fn only_the_person_learns_that_a_new_password_equals_the_current_one() {
    let app = TestApp::new();
    let user = app.member(&app.org("Acme", "business"), "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let change = |current: &str| json!({ "current_password": current, "new_password": PASSWORD });
    let same = ann.api("PUT", "/me/password", &change(PASSWORD));
    assert_eq!((same.status, same.field().as_str()), (422, "new_password"));
    assert!(same.body.contains("This is your current password. Choose a new one."), "{}", same.body);
    let guess = ann.api("PUT", "/me/password", &change("wrong"));
    assert_eq!((guess.status, guess.field().as_str()), (422, "current_password"));
    // An operator passed on this link, so other people may know it: the answer does not reveal the current password.
    let link = app.operator().api("POST", &format!("/users/{user}/reset-link"), &json!(null)).json();
    let token = link["reset_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    let handed = json!({ "token": token, "password": PASSWORD });
    assert_eq!(app.anonymous().api("POST", "/password-reset/finish", &handed).status, 200);
}

#[test]
fn sessions_are_listed_and_one_of_them_is_ended() {
    let app = TestApp::new();
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    let (mut here, mut there) = (app.operator(), app.operator());
    let listed = here.read("/me/sessions").json();
    let items = listed["items"].as_array().expect("a list");
    assert_eq!(items.len(), 2);
    let other =
        items.iter().find(|one| one["current"] == false).expect("another session")["id"].as_str().expect("an id");
    let ann = app.signed_in("ann@acme.test").api("DELETE", &format!("/me/sessions/{other}"), &json!(null));
    assert_eq!(ann.status, 404);
    assert_eq!(here.api("DELETE", &format!("/me/sessions/{other}"), &json!(null)).status, 204);
    assert_eq!(there.read("/me").status, 401);
    assert_eq!(here.read("/me/sessions").json()["items"].as_array().expect("a list").len(), 1);
}

#[test]
fn a_password_link_works_once_and_ends_every_session() {
    let app = TestApp::new();
    let user = app.member(&app.org("Acme", "business"), "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    assert_eq!(ann.api("POST", &format!("/users/{user}/reset-link"), &json!(null)).status, 403);
    let link = app.operator().api("POST", &format!("/users/{user}/reset-link"), &json!(null)).json();
    let token = link["reset_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    let finish = |password: &str| json!({ "token": token, "password": password });
    let look = || app.anonymous().api("POST", "/password-reset/inspect", &json!({ "token": token }));
    let judge = |password: &str, token: &str| {
        app.anonymous().api("POST", "/password-strength", &json!({ "password": password, "token": token }))
    };
    assert_eq!((look().status, look().json()), (200, json!({ "email": "ann@acme.test" })));
    assert!(judge("ann@acme.test 1", &token).json()["fault"].as_str().expect("a reason").contains("easy to guess"));
    assert_eq!(judge("violet tractor lagoon", &token).json()["fault"], Value::Null);
    assert_eq!(app.anonymous().api("POST", "/password-reset/finish", &finish("short")).field(), "password");
    assert_eq!(app.anonymous().api("POST", "/password-reset/finish", &finish("violet tractor lagoon")).status, 200);
    assert_eq!(app.anonymous().api("POST", "/password-reset/finish", &finish("orange tractor lagoon")).status, 404);
    assert_eq!(
        (look().status, judge("violet tractor lagoon", &token).status),
        (404, 401),
        "a used link does not work again"
    );
    assert_eq!(ann.read("/me").status, 401);
    assert_eq!(app.anonymous().sign_in("ann@acme.test", "violet tractor lagoon").status, 200);
}

#[test]
fn a_password_made_of_the_organisations_name_is_refused() {
    let app = TestApp::new();
    let org = app.org("Vermilion Narwhal Shipping", "business");
    let user = app.member(&org, "ann@acme.test");
    let guess = "vermilionnarwhalshipping";
    let change = json!({ "current_password": PASSWORD, "new_password": guess });
    let refused = app.signed_in("ann@acme.test").api("PUT", "/me/password", &change);
    assert_eq!((refused.status, refused.field().as_str()), (422, "new_password"));
    let link = app.operator().api("POST", &format!("/users/{user}/reset-link"), &json!(null)).json();
    let token = link["reset_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    let refused = app.anonymous().api("POST", "/password-reset/finish", &json!({ "token": token, "password": guess }));
    assert_eq!((refused.status, refused.field().as_str()), (422, "password"));
    app.person(&app.org("Acme", "business"), "eve@acme.test", vestibule::domain::person::Role::PowerUser, false);
    let elsewhere = app.signed_in("eve@acme.test").api("PUT", "/me/password", &change);
    assert_eq!(elsewhere.status, 200, "accepted in another organisation: {}", elsewhere.body);
}

#[test]
fn a_password_made_only_of_the_persons_own_words_is_refused() {
    let app = TestApp::new();
    let org = app.org("Birch Bakery", "business");
    let user = app.member(&org, "bruno@acme.test");
    let mut bruno = app.signed_in("bruno@acme.test");
    let mut change = |new: &str| {
        let body = json!({ "current_password": PASSWORD, "new_password": new });
        bruno.api("PUT", "/me/password", &body)
    };
    let refused = change("bruno birch bakery");
    assert_eq!((refused.status, refused.field().as_str()), (422, "new_password"));
    assert!(refused.body.contains("add another uncommon word. Your own name"), "{}", refused.body);
    assert_eq!(change("bruno birch bakery violet").status, 200);

    let link = app.operator().api("POST", &format!("/users/{user}/reset-link"), &json!(null)).json();
    let token = link["reset_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    let set = |password: &str| {
        app.anonymous().api("POST", "/password-reset/finish", &json!({ "token": token, "password": password }))
    };
    assert_eq!(set("Bakery bakery bakery 12").field(), "password");
    assert_eq!(set("bakery violet lagoon 12").status, 200);
}

#[test]
fn a_password_made_of_the_persons_name_is_refused() {
    let app = TestApp::new();
    app.member(&app.org("Acme", "business"), "wq@acme.test");
    let mut person = app.signed_in("wq@acme.test");
    let judge = |browser: &mut Browser| {
        browser.api("POST", "/password-strength", &json!({ "password": "Wilhelmina Quartermaine" })).json()["score"]
            .take()
    };
    assert_eq!(judge(&mut person), 3, "accepted for a person with another name");
    person.api("PATCH", "/me", &json!({ "name": "Wilhelmina Quartermaine" }));
    assert_eq!(judge(&mut person), 1);
    let body = json!({ "current_password": PASSWORD, "new_password": "Quartermaine, Wilhelmina" });
    assert_eq!(person.api("PUT", "/me/password", &body).field(), "new_password");
}

#[test]
fn becoming_an_operator_needs_the_link_even_for_an_existing_account() {
    use vestibule::actions::{Caller, Run, operators};
    let app = TestApp::new();
    app.member(&app.org("Acme", "business"), "next@vestibule.test");
    let mut early = app.signed_in("next@vestibule.test");
    let next = crate::app::email("next@vestibule.test");
    let (_, added) = operators::add(&app.app, &Caller::command_line(), next, false, Run::Real).expect("made");
    let link = added.expect("added").link.expect("a link");
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let is_operator = |browser: &mut Browser| browser.read("/me").json()["person"]["operator"].take();
    assert_eq!(is_operator(&mut early), false);
    assert_eq!(
        is_operator(&mut app.signed_in("next@vestibule.test")),
        false,
        "signing in by password does not make an operator"
    );
    let finish = |password: &str| {
        app.anonymous().api("POST", "/password-reset/finish", &json!({ "token": token, "password": password }))
    };
    let other = finish("violet tractor lagoon");
    assert_eq!((other.status, other.code().as_str()), (401, "refused"), "the link needs the current password");
    assert_eq!(finish(PASSWORD).status, 200);
    assert_eq!(is_operator(&mut early), true);
    assert_eq!(finish(PASSWORD).status, 404, "the link works only once");
}

#[test]
fn all_other_sessions_are_ended_together_and_each_is_logged() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let (mut here, mut there, mut elsewhere) =
        (app.signed_in("ann@acme.test"), app.signed_in("ann@acme.test"), app.signed_in("ann@acme.test"));
    let own = here.read("/me/sessions").json();
    assert_eq!(own["items"][0]["opens"], json!([{ "organisation": "Acme", "method": "password" }]));
    assert_eq!(here.api("DELETE", "/me/sessions", &json!(null)).status, 204);
    assert_eq!(here.read("/me/sessions").json()["items"].as_array().map(Vec::len), Some(1));
    assert_eq!((there.read("/me").status, elsewhere.read("/me").status), (401, 401));
    let ended = app.operator().read("/audit?user=ann@acme.test").json();
    let ended =
        ended["items"].as_array().expect("a list").iter().filter(|one| one["action"] == "session.ended").count();
    assert_eq!(ended, 2);
}

#[test]
fn own_sessions_are_listed_in_pages_and_those_of_others_cannot_be_ended() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.member(&org, "bob@acme.test");
    app.member(&org, "ben@acme.test");
    let (mut bob, mut ben) = (app.signed_in("bob@acme.test"), app.signed_in("ben@acme.test"));
    for _ in 0..4 {
        app.signed_in("bob@acme.test");
    }
    let (mut path, mut ids, mut others) = ("/me/sessions?limit=2".to_owned(), Vec::new(), Vec::new());
    loop {
        let page = bob.read(&path).json();
        let items = page["items"].as_array().expect("a list").clone();
        assert!(items.len() <= 2);
        ids.extend(items.iter().map(|one| one["id"].as_str().expect("an id").to_owned()));
        others.extend(items.into_iter().filter(|one| one["current"] == false));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/me/sessions?limit=2&cursor={next}");
    }
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 5);
    let other = format!("/me/sessions/{}", others[0]["id"].as_str().expect("an id"));
    assert_eq!(ben.api("DELETE", &other, &json!(null)).status, 404, "the session of another person");
    assert_eq!(bob.api("DELETE", &other, &json!(null)).status, 204);
    assert_eq!(bob.api("DELETE", &other, &json!(null)).status, 404);
}

/// Nell joined Acme through SAML and has no password; Victor has one, for Other, and joined Acme through SAML.
fn joined_through_saml() -> Acme {
    let mut acme = Acme::connected();
    acme.app.person(&acme.app.org("Other", "business"), "victor@acme.test", Role::PowerUser, false);
    for email in ["nell@acme.test", "victor@acme.test"] {
        let invitation = json!({ "email": email, "role": "power_user" });
        let path = format!("/workspaces/{}/invitations", acme.org.workspace);
        assert_eq!(acme.admin.api("POST", &path, &invitation).status, 201);
        saml_sign_in(&acme.app, &mut acme.app.anonymous(), "/sso?key=acme_SSO", email);
    }
    acme
}

#[test]
fn a_password_link_says_first_that_a_person_has_no_password_and_which_organisations_accept_none() {
    const USE: &str =
        "Using the link sets the password and ends all their sessions. Earlier password links stop working now.";
    const FIRST: &str = "nell@acme.test has no password yet. The link sets their first one.";
    const SSO_ONLY: &str = "The password is not accepted by Acme: single sign-on is required there.";
    let Acme { app, mut admin, .. } = joined_through_saml();
    let mut olivia = app.operator();
    let mut link = |email: &str| {
        let path = format!("/users/{}/reset-link", app.user(email));
        let dry = olivia.api("POST", &format!("{path}?dry_run=true"), &Value::Null).json();
        assert!(dry["reset_url"].is_null() && dry["effect"]["applied"] == false, "{dry}");
        let made = olivia.api("POST", &path, &Value::Null).json();
        let told = dry["effect"]["warnings"].clone();
        assert_eq!(made["effect"]["warnings"], told, "{made}");
        let token = made["reset_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
        let shown = app.anonymous().api("POST", "/password-reset/inspect", &json!({ "token": token })).json();
        (told, shown)
    };
    let portal = format!("{}/sso?key=acme_SSO", app.url);

    let (told, shown) = link("bob@acme.test");
    assert_eq!((told, shown), (json!([USE]), json!({ "email": "bob@acme.test" })));

    let (told, shown) = link("nell@acme.test");
    assert_eq!((told, shown), (json!([FIRST, USE]), json!({ "email": "nell@acme.test", "first": true })));

    let (told, shown) = link("victor@acme.test");
    assert!(
        told[0].as_str().is_some_and(|text| text.starts_with("The password is not accepted by Acme: they joined")),
        "{told}"
    );
    assert_eq!(told[1], USE);
    let closed = json!([{ "organisation": "Acme", "portal_url": portal, "unconfirmed": true }]);
    assert_eq!(shown, json!({ "email": "victor@acme.test", "sso_only": closed }));

    let on = admin.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true }));
    assert_eq!(on.status, 200, "{}", on.body);
    let (told, shown) = link("nell@acme.test");
    assert_eq!(told, json!([FIRST, SSO_ONLY, "The password currently gives access to nothing.", USE]));
    assert_eq!((&shown["first"], &shown["opens_nothing"]), (&json!(true), &json!(true)));
    assert_eq!(shown["sso_only"], json!([{ "organisation": "Acme", "portal_url": portal }]));
    let (told, shown) = link("ann@acme.test");
    let for_code = "As an organisation admin they can use the password only together with a recovery code.";
    assert_eq!((told, &shown["with_code"]), (json!([SSO_ONLY, for_code, USE]), &json!(true)));

    let output = vestibule(app.data.path(), &["user", "reset-link", "nell@acme.test"]);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let (before, link) = printed.split_once("Link by which nell@acme.test sets a first password").expect("named");
    assert!(before.contains(FIRST) && before.contains(SSO_ONLY) && before.contains(USE), "{printed}");
    assert!(link.contains("/reset?token="), "{printed}");
    let output = vestibule(app.data.path(), &["user", "reset-link", "olivia@vestibule.test"]);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && printed.starts_with(USE), "{printed}");
}
