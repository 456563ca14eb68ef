//! Attempts to become somebody else, each the whole way as an attacker would go it, and what honest people do instead.

use crate::app::{Org, PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{connect, saml_sign_in};
use serde_json::{Value, json};
use vestibule::http::operations;

const MALLORYS: &str = "mallory knows this one";

/// Acme signs in through its own provider; Mallory runs an organisation of her own, with a provider of her own, on the same appliance.
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

/// Invites, and gives the token of the link, which without a mail server is the inviter's to hand on.
fn invite(admin: &mut Browser, org: &Org, address: &str) -> String {
    let body = json!({ "email": address, "role": "power_user" });
    let invited = admin.api("POST", &format!("/workspaces/{}/invitations", org.workspace), &body).json();
    invited["accept_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned()
}

fn accept(browser: &mut Browser, token: &str, password: &str) -> Answer {
    browser.api("POST", "/invitations/accept", &json!({ "token": token, "name": "Vic", "password": password }))
}

/// The organisations that are open to this browser, by slug.
fn open(browser: &mut Browser) -> Vec<String> {
    let me = browser.read("/me").json();
    let all = me["organisations"].as_array().expect("a list").iter();
    all.filter(|one| one["open"] == true).map(|one| one["slug"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn whoever_made_an_account_first_stays_outside_what_its_person_opened_through_saml() {
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
fn whoever_made_their_account_by_the_organisations_own_invitation_is_in_by_both_ways() {
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
fn a_provider_opens_nothing_by_naming_somebody_who_is_no_member() {
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
fn inviting_another_organisations_admin_and_vouching_for_them_reaches_nothing_of_theirs() {
    let mut town = town();
    let token = invite(&mut town.mallory, &town.mallorys, "ann@acme.test");
    let mut home = town.app.signed_in("ann@acme.test");
    // The token alone does not do, and Mallory's own provider then says that she is Ann.
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
    // Somebody of Acme who wants to join accepts with her own password.
    let token = invite(&mut town.mallory, &town.mallorys, "gina@acme.test");
    town.app.member(&town.acme, "gina@acme.test");
    let mut gina = town.app.signed_in("gina@acme.test");
    assert_eq!(gina.api("POST", "/invitations/accept", &json!({ "token": token })).status, 200);
    assert_eq!(open(&mut gina), ["acme", "mallory"]);
}

/// Each request that only reads, by a session through Acme's provider whose person is an admin elsewhere too.
#[test]
fn no_answer_to_a_session_through_one_organisations_provider_tells_of_another() {
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
        // Its own address gives nothing either, and looks like one that nobody has.
        let (theirs, nobodys) = (place(&other.slug, other.workspace.as_str()), place("nobody", &"0".repeat(32)));
        if theirs != nobodys {
            let (theirs, nobodys) = (through.read(&theirs), through.read(&nobodys));
            assert_eq!((theirs.status, theirs.body), (nobodys.status, nobodys.body), "{}", one.path);
        }
    }
    assert!(read >= 25, "{read}");
}
