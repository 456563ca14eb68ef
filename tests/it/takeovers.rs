//! Attempts to take over an account or membership, each step by step, and the legitimate use beside it.

use crate::app::{Org, PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{connect, saml_sign_in};
use serde_json::{Value, json};
use vestibule::http::operations;

const MALLORYS: &str = "mallory knows this one";

/// Acme signs in through its own provider. Mallory has an organisation with her own provider on the same appliance.
struct Town {
    app: TestApp,
    acme: Org,
    mallorys: Org,
    ann: Browser,
    mallory: Browser,
}

fn town() -> Town {
    let app = TestApp::new();
    let (acme, mallorys) = (app.org("Acme", "enterprise"), app.org("Mallory", "enterprise"));
    app.admin(&acme, "ann@acme.test");
    app.admin(&mallorys, "mallory@mallory.test");
    let ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    let mallory = connect(&app, &mallorys, "mallory@mallory.test", "mallory_SSO");
    Town { app, acme, mallorys, ann, mallory }
}

/// Invites a person and returns the link's token, which the inviter has without a mail server.
fn invite(admin: &mut Browser, org: &Org, address: &str) -> String {
    let body = json!({ "email": address, "role": "power_user" });
    let invited = admin.api("POST", &format!("/workspaces/{}/invitations", org.workspace), &body).json();
    invited["accept_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned()
}

fn accept(browser: &mut Browser, token: &str, password: &str) -> Answer {
    browser.api("POST", "/invitations/accept", &json!({ "token": token, "name": "Vic", "password": password }))
}

/// The slugs of the organisations that this browser can access.
fn open(browser: &mut Browser) -> Vec<String> {
    let me = browser.read("/me").json();
    let all = me["organisations"].as_array().expect("a list").iter();
    all.filter(|one| one["open"] == true).map(|one| one["slug"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn an_attacker_with_a_premade_account_gets_no_access_to_a_saml_membership() {
    let mut town = town();
    // Mallory keeps the link to herself, and sets Victor's first password.
    let token = invite(&mut town.mallory, &town.mallorys, "victor@acme.test");
    let mut early = town.app.anonymous();
    assert_eq!(accept(&mut early, &token, MALLORYS).status, 200);
    invite(&mut town.ann, &town.acme, "victor@acme.test");
    let mut victor = town.app.anonymous();
    assert_eq!(saml_sign_in(&town.app, &mut victor, "/sso?key=acme_SSO", "victor@acme.test").location(), "/");
    assert_eq!(open(&mut victor), ["acme"]);
    assert_eq!(open(&mut early), ["mallory"], "the session from before");
    let mut late = town.app.anonymous();
    assert_eq!(late.sign_in("victor@acme.test", MALLORYS).status, 200);
    assert_eq!(open(&mut late), ["mallory"], "a new one by the password");
    assert_eq!(late.read(&format!("/workspaces/{}", town.acme.workspace)).status, 403);
}

#[test]
fn a_person_invited_by_the_organisation_can_sign_in_by_both_methods() {
    let mut town = town();
    let token = invite(&mut town.ann, &town.acme, "victor@acme.test");
    assert_eq!(accept(&mut town.app.anonymous(), &token, MALLORYS).status, 200);
    let mut victor = town.app.anonymous();
    assert_eq!(victor.sign_in("victor@acme.test", MALLORYS).status, 200);
    assert_eq!(open(&mut victor), ["acme"]);
    assert_eq!(
        saml_sign_in(&town.app, &mut town.app.anonymous(), "/sso?key=acme_SSO", "victor@acme.test").location(),
        "/"
    );
}

#[test]
fn a_provider_that_identifies_a_non_member_gets_no_access() {
    let mut town = town();
    for stranger in ["olivia@vestibule.test", "ann@acme.test"] {
        let mut mallory = town.app.anonymous();
        let refused = saml_sign_in(&town.app, &mut mallory, "/sso?key=mallory_SSO", stranger);
        assert_eq!(refused.refused_with(), "sso_not_a_member", "{stranger}");
        assert!(!mallory.has_session(), "{stranger}");
    }
    let own = saml_sign_in(&town.app, &mut town.mallory, "/sso?key=mallory_SSO", "mallory@mallory.test");
    assert_eq!(own.location(), "/");
}

#[test]
fn identifying_another_organisations_admin_gives_no_access_to_their_organisation() {
    let mut town = town();
    let token = invite(&mut town.mallory, &town.mallorys, "ann@acme.test");
    let mut home = town.app.signed_in("ann@acme.test");
    // The token is not enough. Then Mallory's own provider identifies her as Ann.
    assert_eq!(accept(&mut town.app.anonymous(), &token, MALLORYS).code(), "refused");
    let mut mallory = town.app.anonymous();
    assert_eq!(saml_sign_in(&town.app, &mut mallory, "/sso?key=mallory_SSO", "ann@acme.test").location(), "/");
    assert_eq!(open(&mut mallory), ["mallory"]);
    assert_eq!(mallory.read("/me").json()["organisations"].as_array().map(Vec::len), Some(1), "Acme is not even named");
    let taken_over = json!({ "current_password": PASSWORD, "new_password": MALLORYS });
    for (method, path, body, status) in [
        ("PUT", "/me/password", taken_over, 403),
        ("GET", "/organisations/acme", Value::Null, 404),
        ("GET", "/organisations/acme/members", Value::Null, 404),
        ("PUT", "/organisations/acme/sso/saml-only", json!({ "enabled": false }), 404),
        ("POST", "/organisations/acme/admins", json!({ "email": "ann@acme.test" }), 404),
    ] {
        assert_eq!(mallory.api(method, path, &body).status, status, "{method} {path}");
    }
    let sessions = mallory.read("/me/sessions").json();
    assert_eq!(sessions["items"].as_array().map(Vec::len), Some(1), "Ann's own sessions are not shown: {sessions}");
    assert_eq!(town.app.anonymous().sign_in("ann@acme.test", MALLORYS).status, 401);
    assert_eq!(open(&mut home), ["acme"], "Ann noticed nothing");
    // A person of Acme who wants to join accepts with her own password.
    let token = invite(&mut town.mallory, &town.mallorys, "gina@acme.test");
    town.app.member(&town.acme, "gina@acme.test");
    let mut gina = town.app.signed_in("gina@acme.test");
    assert_eq!(gina.api("POST", "/invitations/accept", &json!({ "token": token })).status, 200);
    assert_eq!(open(&mut gina), ["acme", "mallory"]);
}

/// All requests that only read, with a session through Acme's provider of a person who is also an admin elsewhere.
#[test]
fn no_answer_to_a_session_through_one_provider_reveals_another_organisation() {
    let app = TestApp::new();
    let (acme, other) = (app.org("Acme", "enterprise"), app.org("Vermilion Narwhal", "enterprise"));
    for org in [&acme, &other] {
        app.admin(org, "ann@acme.test");
    }
    connect(&app, &acme, "ann@acme.test", "acme_SSO");
    let mut own = app.signed_in("ann@acme.test");
    let path = format!("/organisations/{}/keys", other.slug);
    assert_eq!(own.api("POST", &path, &json!({ "name": "Narwhal key", "scopes": ["read"] })).status, 201);
    let path = format!("/workspaces/{}/invitations", other.workspace);
    own.api("POST", &path, &json!({ "email": "narwhal@other.test", "role": "admin" }));
    assert!(own.read("/me").body.contains("Vermilion Narwhal"), "the person's own session sees it");
    let mut through = app.anonymous();
    saml_sign_in(&app, &mut through, "/sso?key=acme_SSO", "ann@acme.test");
    let ann = app.user("ann@acme.test");
    let attempts = through.read("/organisations/acme/sso/attempts").json();
    let attempt = attempts["items"][0]["id"].as_str().expect("an id").to_owned();
    let mut read = 0;
    for one in operations().into_iter().filter(|one| one.method == "GET") {
        let place = |org: &str, workspace: &str| {
            let id = if one.path.starts_with("/workspaces") { workspace } else { &attempt };
            [("{org}", org), ("{id}", id), ("{user}", ann.as_str())]
                .iter()
                .fold(one.path.to_owned(), |path, (name, id)| path.replace(name, id))
        };
        let answer = through.read(&place("acme", acme.workspace.as_str()));
        let told = answer.body.to_lowercase();
        for part in ["narwhal", other.id.as_str(), other.workspace.as_str()] {
            assert!(!told.contains(part), "{} tells of another organisation: {}", one.path, answer.body);
        }
        read += usize::from(answer.status == 200);
        // A request with the other organisation's address gets the same answer as one with an unknown address.
        let (theirs, nobodys) = (place(&other.slug, other.workspace.as_str()), place("nobody", &"0".repeat(32)));
        if theirs != nobodys {
            let (theirs, nobodys) = (through.read(&theirs), through.read(&nobodys));
            assert_eq!((theirs.status, theirs.body), (nobodys.status, nobodys.body), "{}", one.path);
        }
    }
    assert!(read >= 25, "{read}");
}

/// Vic belongs to Birch; Mallory invites Vic, and her provider identifies Vic.
#[test]
fn a_session_through_one_provider_does_not_see_later_sign_ins_in_the_same_browser() {
    let mut town = town();
    let birch = town.app.org("Birch", "business");
    town.app.member(&birch, "vic@birch.test");
    invite(&mut town.mallory, &town.mallorys, "vic@birch.test");
    let mut home = town.app.signed_in("vic@birch.test");
    saml_sign_in(&town.app, &mut home, "/sso?key=mallory_SSO", "vic@birch.test");
    let passed_by = town.app.now();
    town.app.wait(100);
    assert_eq!(home.sign_in("vic@birch.test", PASSWORD).status, 200);
    town.app.wait(400);
    assert_eq!(home.read("/me").status, 200);
    let mut through = town.app.anonymous();
    saml_sign_in(&town.app, &mut through, "/sso?key=mallory_SSO", "vic@birch.test");
    let told = through.read("/me/sessions").json();
    let listed = told["items"].as_array().expect("a list");
    assert_eq!(listed.len(), 2, "{told}");
    let other = listed.iter().find(|one| one["current"] == false).expect("another session");
    let passed_by = json!(passed_by);
    assert_eq!(
        (&other["address"], &other["created_at"], &other["last_seen_at"]),
        (&Value::Null, &passed_by, &passed_by),
        "{told}"
    );
    let own = listed.iter().find(|one| one["current"] == true).expect("the own session");
    assert_eq!(own["address"], "127.0.0.1", "{told}");
    let all = home.read("/me/sessions").json();
    assert!(all["items"].as_array().expect("a list").iter().all(|one| one["address"] == "127.0.0.1"), "{all}");
}

#[test]
fn an_invitation_does_not_lower_a_role_and_needs_the_members_password() {
    let mut town = town();
    town.app.member(&town.app.org("Birch", "business"), "vic@birch.test");
    let invited = json!({ "email": "vic@birch.test", "role": "admin" });
    let path = format!("/workspaces/{}/invitations", town.acme.workspace);
    assert_eq!(town.ann.api("POST", &path, &invited).status, 201);
    let come = |town: &Town| {
        let came = saml_sign_in(&town.app, &mut town.app.anonymous(), "/sso?key=acme_SSO", "vic@birch.test");
        assert_eq!(came.location(), "/");
    };
    come(&town);
    let role = |town: &mut Town| {
        let members = town.ann.read(&format!("/workspaces/{}/members", town.acme.workspace)).json();
        let members = members["items"].as_array().expect("a list").clone();
        members.into_iter().find(|one| one["email"] == "vic@birch.test").map(|one| one["role"].clone())
    };
    assert_eq!(role(&mut town), Some(json!("admin")));
    let token = invite(&mut town.ann, &town.acme, "vic@birch.test");
    come(&town);
    let waiting = town.ann.read(&path).json();
    assert_eq!(waiting["items"].as_array().map(Vec::len), Some(1), "it waits for Vic's password: {waiting}");
    assert_eq!(accept(&mut town.app.anonymous(), &token, PASSWORD).status, 200);
    assert_eq!(role(&mut town), Some(json!("admin")), "they were invited as power user");
}

#[test]
fn a_wrong_password_is_not_logged_in_an_organisation_that_passwords_do_not_open() {
    let mut town = town();
    let birch = town.app.org("Birch", "business");
    town.app.admin(&birch, "bob@birch.test");
    town.app.member(&birch, "vic@birch.test");
    invite(&mut town.mallory, &town.mallorys, "vic@birch.test");
    saml_sign_in(&town.app, &mut town.app.anonymous(), "/sso?key=mallory_SSO", "vic@birch.test");
    assert_eq!(town.app.anonymous().sign_in("vic@birch.test", MALLORYS).status, 401);
    let mut bob = town.app.signed_in("bob@birch.test");
    let hears = |admin: &mut Browser, slug: &str| {
        admin.read(&format!("/organisations/{slug}/audit")).body.contains("session.refused")
    };
    town.app.finish_log();
    assert_eq!((hears(&mut bob, "birch"), hears(&mut town.mallory, "mallory")), (true, false));
}

#[test]
fn the_sign_in_page_does_not_reveal_other_memberships_to_a_session_through_one_provider() {
    let mut town = town();
    let brand = json!({ "name": "Mallory & Co" });
    assert_eq!(town.mallory.api("PUT", "/organisations/mallory/branding", &brand).status, 200);
    town.app.member(&town.app.org("Birch", "business"), "vic@birch.test");
    for email in ["vic@birch.test", "new@mallory.test"] {
        invite(&mut town.mallory, &town.mallorys, email);
        let mut through = town.app.anonymous();
        saml_sign_in(&town.app, &mut through, "/sso?key=mallory_SSO", email);
        assert!(through.get("/login").body.contains("Mallory &amp; Co"), "{email}");
    }
    let mut own = town.app.signed_in("vic@birch.test");
    assert!(!own.get("/login").body.contains("Mallory &amp; Co"), "a password shows both, and neither is the only one");
}
