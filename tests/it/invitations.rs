//! Inviting people, and accepting invitations.

use crate::acme::Acme;
use crate::app::{Org, PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::connect;
use serde_json::{Value, json};

fn invite(browser: &mut Browser, org: &Org, email: &str, role: &str) -> Answer {
    browser.api("POST", &format!("/workspaces/{}/invitations", org.workspace), &json!({ "email": email, "role": role }))
}

fn token(invitation: &Value) -> String {
    invitation["accept_url"].as_str().expect("a link").split_once("token=").expect("a token").1.into()
}

fn accept(token: &str) -> Value {
    json!({ "token": token, "name": "Bob", "password": "violet tractor lagoon" })
}

#[test]
fn an_invited_person_joins_with_the_invitations_role() {
    let Acme { app, org, mut admin } = Acme::on("business");
    let invited = invite(&mut admin, &org, " Bob@Acme.test ", "power_user");
    assert_eq!(invited.status, 201, "{}", invited.body);
    let token = token(&invited.json());
    let mut bob = app.anonymous();
    let seen = bob.api("POST", "/invitations/inspect", &json!({ "token": token })).json();
    let typed = |password: &str| json!({ "password": password, "token": token });
    let guessed = bob.api("POST", "/password-strength", &typed("bob@acme.test 77")).json();
    assert!(
        guessed["fault"].as_str().is_some_and(|why| why.contains("easy to guess")),
        "refused, because it consists of the person's own words: {guessed}"
    );
    assert_eq!(bob.api("POST", "/password-strength", &typed("violet tractor lagoon")).json()["fault"], Value::Null);
    assert_eq!((seen["email"].as_str(), seen["account"].as_bool()), (Some("bob@acme.test"), None));
    let named = |name: &str| json!({ "password": "Quartermaine, Wilhelmina", "token": token, "name": name });
    let judged = bob.api("POST", "/password-strength", &named("Wilhelmina Quartermaine")).json();
    assert_eq!(
        (&judged["score"], judged["fault"].is_null()),
        (&json!(1), false),
        "the name entered with it reduces the score: {judged}"
    );
    assert_eq!(bob.api("POST", "/password-strength", &named("Bob")).json()["score"], 3);
    let accepted = bob.api("POST", "/invitations/accept", &named("Wilhelmina Quartermaine"));
    assert_eq!((accepted.status, accepted.field().as_str()), (422, "password"), "{}", accepted.body);
    let accepted = bob.api("POST", "/invitations/accept", &accept(&token));
    assert_eq!((accepted.status, accepted.json()["accepted"].as_bool()), (200, Some(true)), "{}", accepted.body);
    let me = bob.read("/me").json();
    assert_eq!(me["organisations"][0]["workspaces"][0]["role"], "power_user");
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &accept(&token)).status, 404);
    assert_eq!(admin.read(&format!("/workspaces/{}/invitations", org.workspace)).json()["items"], json!([]));
}

#[test]
fn an_invitation_expires_after_a_day_and_resending_invalidates_the_old_link() {
    let Acme { app, org, mut admin } = Acme::on("business");
    let first = invite(&mut admin, &org, "bob@acme.test", "admin").json();
    app.wait(24 * 3600 - 1);
    let seen = app.anonymous().api("POST", "/invitations/inspect", &json!({ "token": token(&first) }));
    assert_eq!(seen.status, 200);
    app.wait(1);
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &accept(&token(&first))).status, 404);
    let mut admin = app.signed_in("ann@acme.test");
    let listed = admin.read(&format!("/workspaces/{}/invitations", org.workspace)).json();
    assert_eq!(listed["items"][0]["status"], "expired");
    let path = format!("/workspaces/{}/invitations/{}", org.workspace, first["id"].as_str().expect("an id"));
    let second = admin.api("POST", &format!("{path}/resend"), &Value::Null).json();
    let third = admin.api("POST", &format!("{path}/resend"), &Value::Null).json();
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &accept(&token(&second))).status, 404);
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &accept(&token(&third))).status, 200);
}

#[test]
fn a_withdrawn_invitation_cannot_be_accepted() {
    let Acme { app, org, mut admin } = Acme::on("business");
    let invited = invite(&mut admin, &org, "bob@acme.test", "admin").json();
    let path = format!("/workspaces/{}/invitations/{}", org.workspace, invited["id"].as_str().expect("an id"));
    assert_eq!(admin.api("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(admin.api("DELETE", &path, &Value::Null).status, 404);
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &accept(&token(&invited))).status, 404);
    assert_eq!(app.accounts("bob@acme.test"), 0);
}

#[test]
fn an_invitation_never_sets_an_existing_persons_password() {
    let Acme { app, org, mut admin } = Acme::on("business");
    let globex = app.org("Globex", "business");
    app.admin(&globex, "bob@globex.test");
    app.member(&globex, "carl@globex.test");
    let token = token(&invite(&mut admin, &org, "bob@globex.test", "admin").json());
    // A person who has only the link, such as the inviter, cannot take over the account.
    for mut browser in [app.anonymous(), admin, app.signed_in("carl@globex.test")] {
        let answer = browser.api("POST", "/invitations/accept", &accept(&token));
        assert_eq!((answer.status, answer.code().as_str()), (401, "refused"), "{}", answer.body);
        let answer = browser.api("POST", "/invitations/accept", &json!({ "token": token }));
        assert_eq!((answer.status, answer.code().as_str()), (409, "sign_in_first"), "{}", answer.body);
    }
    assert_eq!(app.anonymous().sign_in("bob@globex.test", "violet tractor lagoon").status, 401);
    let mut bob = app.signed_in("bob@globex.test");
    let answer = bob.api("POST", "/invitations/accept", &json!({ "token": token }));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let open = bob.read("/me").json()["grants"].as_array().expect("a list").len();
    assert_eq!(open, 2);
}

#[test]
fn inviting_a_person_twice_or_a_member_is_refused() {
    let Acme { app: _app, org, mut admin } = Acme::on("business");
    assert_eq!(invite(&mut admin, &org, "bob@acme.test", "admin").status, 201);
    let twice = invite(&mut admin, &org, "BOB@acme.test", "admin");
    assert_eq!((twice.status, twice.field().as_str()), (409, "email"));
    let member = invite(&mut admin, &org, "ann@acme.test", "admin");
    assert_eq!((member.status, member.field().as_str()), (409, "email"));
}

#[test]
fn a_full_plan_refuses_invitations_and_keeps_existing_members() {
    let Acme { app, org, .. } = Acme::on("business");
    for n in 0..24 {
        app.member(&org, &format!("p{n}@acme.test"));
    }
    assert_eq!(
        app.operator().api("PUT", &format!("/organisations/{}/plan", org.slug), &json!({ "plan": "starter" })).status,
        200
    );
    let mut admin = app.signed_in("ann@acme.test");
    let refused = invite(&mut admin, &org, "one@more.test", "admin");
    assert_eq!((refused.status, refused.code().as_str()), (402, "plan_limit"));
    assert_eq!(app.anonymous().sign_in("p23@acme.test", PASSWORD).status, 200);
    app.operator().api("PUT", &format!("/organisations/{}/plan", org.slug), &json!({ "plan": "business" }));
    assert_eq!(invite(&mut admin, &org, "one@more.test", "admin").status, 201);
}

#[test]
fn under_saml_only_accepting_answers_with_the_portal_and_creates_nothing() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut admin = connect(&app, &org, "ann@acme.test", "acme_SSO");
    let token = token(&invite(&mut admin, &org, "bob@acme.test", "admin").json());
    let (id, now) = (org.id.clone(), app.now());
    app.write(move |tx| {
        let mut connection = tx.find_connection(&id)?.expect("connected");
        (connection.saml_only, connection.tested_at) = (true, Some(now));
        tx.set_connection(&connection)
    });
    let answer = app.anonymous().api("POST", "/invitations/accept", &accept(&token)).json();
    assert_eq!(
        (answer["accepted"].as_bool(), answer["portal_url"].as_str()),
        (Some(false), Some(&*format!("{}/sso?key=acme_SSO", app.url)))
    );
    assert_eq!(app.accounts("bob@acme.test"), 0);
}

#[test]
fn an_invitation_offers_sso_only_if_it_is_available() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let token = token(&invite(&mut ann, &org, "bob@acme.test", "admin").json());
    let offered = || {
        let inspected = app.anonymous().api("POST", "/invitations/inspect", &json!({ "token": token })).json();
        (inspected["saml_only"].clone(), inspected["portal_url"].clone())
    };
    assert_eq!(offered(), (json!(false), Value::Null), "no portal without a connection");
    ann.api("PUT", "/organisations/acme/sso", &crate::idp::settings("acme_SSO"));
    assert_eq!(offered(), (json!(false), Value::Null), "a draft");
    connect(&app, &org, "ann@acme.test", "acme_SSO");
    assert_eq!(offered(), (json!(false), json!(format!("{}/sso?key=acme_SSO", app.url))));
    // The sign-in accepts the invitation.
    let mut bob = app.anonymous();
    assert_eq!(crate::idp::saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test").location(), "/");
    assert_eq!(bob.read("/me").json()["organisations"][0]["slug"], "acme");
    let org = app.org("Globex", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let token = crate::invitations::token(&invite(&mut ann, &org, "dan@acme.test", "admin").json());
    connect(&app, &org, "ann@acme.test", "globex_SSO");
    app.operator().api("PUT", "/organisations/globex/plan", &json!({ "plan": "business" }));
    let inspected = app.anonymous().api("POST", "/invitations/inspect", &json!({ "token": token })).json();
    assert_eq!(inspected["portal_url"], Value::Null, "no portal on a plan without SSO");
}

#[test]
fn a_workspace_admin_cannot_get_a_link_for_an_organisation_admin() {
    let app = TestApp::new();
    let made = json!({ "name": "Zed", "plan": "business", "admin_email": "boss@zed.test" });
    let made = app.operator().api("POST", "/organisations", &made).json();
    let workspace = made["workspace"]["id"].as_str().expect("an id").to_owned();
    let invitation = made["invitation"]["id"].as_str().expect("an id").to_owned();
    let body = json!({ "email": "low@zed.test", "role": "admin" });
    let low = app.operator().api("POST", &format!("/workspaces/{workspace}/invitations"), &body).json();
    let mut browser = app.anonymous();
    browser.api("POST", "/invitations/accept", &accept(&token(&low)));
    let path = format!("/workspaces/{workspace}/invitations/{invitation}");
    assert_eq!(browser.api("POST", &format!("{path}/resend"), &Value::Null).status, 403);
    assert_eq!(browser.api("DELETE", &path, &Value::Null).status, 403);
    assert_eq!(app.operator().api("POST", &format!("{path}/resend"), &Value::Null).status, 200);
}

#[test]
fn a_revoked_person_cannot_return_with_another_pending_invitation() {
    let Acme { app, org, mut admin } = Acme::on("business");
    let bob = app.member(&org, "bob@acme.test");
    let second =
        admin.api("POST", &format!("/organisations/{}/workspaces", org.slug), &json!({ "name": "Second" })).json();
    let path = format!("/workspaces/{}/invitations", second["id"].as_str().expect("an id"));
    let invited = admin.api("POST", &path, &json!({ "email": "bob@acme.test", "role": "admin" })).json();
    let mut browser = app.signed_in("bob@acme.test");
    admin.api("DELETE", &format!("/workspaces/{}/members/{bob}", org.workspace), &Value::Null);
    assert_eq!(admin.read(&path).json()["items"], json!([]));
    assert_eq!(browser.api("POST", "/invitations/accept", &json!({ "token": token(&invited) })).status, 404);
}

#[test]
fn accepting_an_invitation_does_not_change_the_age_of_the_password() {
    let Acme { app, org, mut admin } = Acme::on("business");
    app.member(&app.org("Globex", "business"), "gus@globex.test");
    let mut gus = app.signed_in("gus@globex.test");
    for _ in 0..3 {
        app.wait(11 * 3600);
        assert_eq!(gus.read("/me").status, 200);
    }
    let mut ann = app.signed_in("ann@acme.test");
    let invited = invite(&mut ann, &org, "gus@globex.test", "power_user").json();
    assert_eq!(gus.api("POST", "/invitations/accept", &json!({ "token": token(&invited) })).status, 200);
    let me = gus.read("/me").json();
    let ends: Vec<_> =
        me["grants"].as_array().expect("a list").iter().map(|grant| grant["expires_at"].clone()).collect();
    assert_eq!(ends.len(), 2);
    assert_eq!(ends[0], ends[1], "both grants begin at the time when the password was entered");
    drop(admin.read("/me"));
}

#[test]
fn a_saml_only_person_of_another_organisation_joins_after_setting_a_password_by_an_operators_link() {
    let Acme { app, org, mut admin } = Acme::on("business");
    let globex = app.org("Globex", "enterprise");
    app.admin(&globex, "gus@globex.test");
    let mut gus = connect(&app, &globex, "gus@globex.test", "globex_SSO");
    invite(&mut gus, &globex, "bob@globex.test", "power_user");
    let mut bob = app.anonymous();
    crate::idp::saml_sign_in(&app, &mut bob, "/sso?key=globex_SSO", "bob@globex.test");
    let token = token(&invite(&mut admin, &org, "bob@globex.test", "power_user").json());
    // A session through another organisation's identity provider is not accepted, and there is no password to ask for.
    let refused = bob.api("POST", "/invitations/accept", &json!({ "token": token }));
    assert_eq!((refused.status, refused.code().as_str()), (409, "sign_in_first"), "{}", refused.body);
    assert!(
        refused.body.contains("If it has no password yet, ask an operator for a password link."),
        "{}",
        refused.body
    );
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &accept(&token)).status, 401);

    let link = format!("/users/{}/reset-link", app.user("bob@globex.test"));
    let link = app.operator().api("POST", &link, &Value::Null).json()["reset_url"].as_str().expect("a link").to_owned();
    let reset = json!({ "token": link.split_once("token=").expect("a token").1, "password": "violet tractor lagoon" });
    assert_eq!(app.anonymous().api("POST", "/password-reset/finish", &reset).status, 200);
    let joined = app.anonymous().api("POST", "/invitations/accept", &accept(&token));
    assert_eq!(joined.status, 200, "{}", joined.body);
}

#[test]
fn accepting_with_a_password_is_logged_in_every_organisation_to_which_it_gives_access() {
    let mut acme = Acme::on("business");
    let birch = acme.app.org("Birch", "business");
    acme.app.admin(&birch, "bob@birch.test");
    let token = token(&invite(&mut acme.admin, &acme.org, "bob@birch.test", "power_user").json());
    let mut bob = acme.app.anonymous();
    let accepted = bob.api("POST", "/invitations/accept", &json!({ "token": token, "password": PASSWORD }));
    assert_eq!(accepted.status, 200, "{}", accepted.body);
    let log = bob.read("/organisations/birch/audit").json()["items"].to_string();
    assert_eq!(log.matches("session.password").count(), 1, "{log}");
}
