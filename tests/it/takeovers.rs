//! Attempts to take over an account or a membership, step by step, and the corresponding legitimate use.

use crate::app::{Org, PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{connect, saml_sign_in};
use serde_json::{Value, json};
use vestibule::http::operations;

const MALLORYS: &str = "mallory knows this one";

/// Acme has its own identity provider. Mallory has another organisation on the same appliance, with her own provider.
struct TwoTenants {
    app: TestApp,
    acme: Org,
    mallorys: Org,
    ann: Browser,
    mallory: Browser,
}

fn two_tenants() -> TwoTenants {
    let app = TestApp::new();
    let (acme, mallorys) = (app.org("Acme", "enterprise"), app.org("Mallory", "enterprise"));
    app.admin(&acme, "ann@acme.test");
    app.admin(&mallorys, "mallory@mallory.test");
    let ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    let mallory = connect(&app, &mallorys, "mallory@mallory.test", "mallory_SSO");
    TwoTenants { app, acme, mallorys, ann, mallory }
}

/// Invites a person; returns the token of the link, which the inviter receives because there is no mail server.
fn invite(admin: &mut Browser, org: &Org, address: &str) -> String {
    let body = json!({ "email": address, "role": "power_user" });
    let invited = admin.api("POST", &format!("/workspaces/{}/invitations", org.workspace), &body).json();
    invited["accept_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned()
}

fn accept(browser: &mut Browser, token: &str, password: &str) -> Answer {
    browser.api("POST", "/invitations/accept", &json!({ "token": token, "name": "Vic", "password": password }))
}

/// The slugs of the organisations to which this browser has access.
fn accessible(browser: &mut Browser) -> Vec<String> {
    let me = browser.read("/me").json();
    let all = me["organisations"].as_array().expect("a list").iter();
    all.filter(|one| one["open"] == true).map(|one| one["slug"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn an_attacker_with_a_premade_account_gets_no_access_to_a_saml_membership() {
    let mut tenants = two_tenants();
    // Mallory keeps the link and sets Victor's first password with it.
    let token = invite(&mut tenants.mallory, &tenants.mallorys, "victor@acme.test");
    let mut early = tenants.app.anonymous();
    assert_eq!(accept(&mut early, &token, MALLORYS).status, 200);
    invite(&mut tenants.ann, &tenants.acme, "victor@acme.test");
    let mut victor = tenants.app.anonymous();
    assert_eq!(saml_sign_in(&tenants.app, &mut victor, "/sso?key=acme_SSO", "victor@acme.test").location(), "/");
    assert_eq!(accessible(&mut victor), ["acme"]);
    assert_eq!(accessible(&mut early), ["mallory"], "the earlier session gets no access to Acme");
    let mut late = tenants.app.anonymous();
    assert_eq!(late.sign_in("victor@acme.test", MALLORYS).status, 200);
    assert_eq!(accessible(&mut late), ["mallory"], "a new session by password gets no access to Acme");
    assert_eq!(late.read(&format!("/workspaces/{}", tenants.acme.workspace)).status, 403);
}

#[test]
fn a_person_invited_by_the_organisation_can_sign_in_by_both_methods() {
    let mut tenants = two_tenants();
    let token = invite(&mut tenants.ann, &tenants.acme, "victor@acme.test");
    assert_eq!(accept(&mut tenants.app.anonymous(), &token, MALLORYS).status, 200);
    let mut victor = tenants.app.anonymous();
    assert_eq!(victor.sign_in("victor@acme.test", MALLORYS).status, 200);
    assert_eq!(accessible(&mut victor), ["acme"]);
    assert_eq!(
        saml_sign_in(&tenants.app, &mut tenants.app.anonymous(), "/sso?key=acme_SSO", "victor@acme.test").location(),
        "/"
    );
}

#[test]
fn a_provider_that_identifies_a_non_member_gets_no_access() {
    let mut tenants = two_tenants();
    for stranger in ["olivia@vestibule.test", "ann@acme.test"] {
        let mut mallory = tenants.app.anonymous();
        let refused = saml_sign_in(&tenants.app, &mut mallory, "/sso?key=mallory_SSO", stranger);
        assert_eq!(refused.refused_with(), "sso_not_a_member", "{stranger}");
        assert!(!mallory.has_session(), "{stranger}");
    }
    let own = saml_sign_in(&tenants.app, &mut tenants.mallory, "/sso?key=mallory_SSO", "mallory@mallory.test");
    assert_eq!(own.location(), "/");
}

#[test]
fn identifying_another_organisations_admin_gives_no_access_to_their_organisation() {
    let mut tenants = two_tenants();
    let token = invite(&mut tenants.mallory, &tenants.mallorys, "ann@acme.test");
    let mut home = tenants.app.signed_in("ann@acme.test");
    // The token is not enough. Then Mallory's own provider identifies her as Ann.
    assert_eq!(accept(&mut tenants.app.anonymous(), &token, MALLORYS).code(), "refused");
    let mut mallory = tenants.app.anonymous();
    assert_eq!(saml_sign_in(&tenants.app, &mut mallory, "/sso?key=mallory_SSO", "ann@acme.test").location(), "/");
    assert_eq!(accessible(&mut mallory), ["mallory"]);
    assert_eq!(
        mallory.read("/me").json()["organisations"].as_array().map(Vec::len),
        Some(1),
        "the answer does not name Acme"
    );
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
    assert_eq!(tenants.app.anonymous().sign_in("ann@acme.test", MALLORYS).status, 401);
    assert_eq!(accessible(&mut home), ["acme"], "Ann's session is unchanged");
    // A person of Acme who wants to join accepts the invitation with her own password.
    let token = invite(&mut tenants.mallory, &tenants.mallorys, "gina@acme.test");
    tenants.app.member(&tenants.acme, "gina@acme.test");
    let mut gina = tenants.app.signed_in("gina@acme.test");
    assert_eq!(gina.api("POST", "/invitations/accept", &json!({ "token": token })).status, 200);
    assert_eq!(accessible(&mut gina), ["acme", "mallory"]);
}

/// Requests all pages and data with a session through Acme's provider, of a person who is also an admin of another
/// organisation.
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
    assert!(own.read("/me").body.contains("Vermilion Narwhal"), "a session by password sees the other organisation");
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
        let body = answer.body.to_lowercase();
        for part in ["narwhal", other.id.as_str(), other.workspace.as_str()] {
            assert!(!body.contains(part), "{} contains data of another organisation: {}", one.path, answer.body);
        }
        read += usize::from(answer.status == 200);
        // A request with the address of the other organisation gets the same answer as one with an unknown address.
        let (theirs, nobodys) = (place(&other.slug, other.workspace.as_str()), place("nobody", &"0".repeat(32)));
        if theirs != nobodys {
            let (theirs, nobodys) = (through.read(&theirs), through.read(&nobodys));
            assert_eq!((theirs.status, theirs.body), (nobodys.status, nobodys.body), "{}", one.path);
        }
    }
    assert!(read >= 25, "{read}");
}

/// Vic belongs to Birch. Mallory invites Vic, and her provider identifies Vic.
#[test]
fn a_session_through_one_provider_does_not_see_later_sign_ins_in_the_same_browser() {
    let mut tenants = two_tenants();
    let birch = tenants.app.org("Birch", "business");
    tenants.app.member(&birch, "vic@birch.test");
    invite(&mut tenants.mallory, &tenants.mallorys, "vic@birch.test");
    let mut home = tenants.app.signed_in("vic@birch.test");
    saml_sign_in(&tenants.app, &mut home, "/sso?key=mallory_SSO", "vic@birch.test");
    let passed_by = tenants.app.now();
    tenants.app.wait(100);
    assert_eq!(home.sign_in("vic@birch.test", PASSWORD).status, 200);
    tenants.app.wait(400);
    assert_eq!(home.read("/me").status, 200);
    let mut through = tenants.app.anonymous();
    saml_sign_in(&tenants.app, &mut through, "/sso?key=mallory_SSO", "vic@birch.test");
    let reported = through.read("/me/sessions").json();
    let listed = reported["items"].as_array().expect("a list");
    assert_eq!(listed.len(), 2, "{reported}");
    let other = listed.iter().find(|one| one["current"] == false).expect("another session");
    let passed_by = json!(passed_by);
    assert_eq!(
        (&other["address"], &other["created_at"], &other["last_seen_at"]),
        (&Value::Null, &passed_by, &passed_by),
        "{reported}"
    );
    let own = listed.iter().find(|one| one["current"] == true).expect("the current session");
    assert_eq!(own["address"], "127.0.0.1", "{reported}");
    let all = home.read("/me/sessions").json();
    assert!(all["items"].as_array().expect("a list").iter().all(|one| one["address"] == "127.0.0.1"), "{all}");
}

#[test]
fn an_invitation_does_not_lower_a_role_and_needs_the_members_password() {
    let mut tenants = two_tenants();
    tenants.app.member(&tenants.app.org("Birch", "business"), "vic@birch.test");
    let invited = json!({ "email": "vic@birch.test", "role": "admin" });
    let path = format!("/workspaces/{}/invitations", tenants.acme.workspace);
    assert_eq!(tenants.ann.api("POST", &path, &invited).status, 201);
    let sign_in_vic = |tenants: &TwoTenants| {
        let answer = saml_sign_in(&tenants.app, &mut tenants.app.anonymous(), "/sso?key=acme_SSO", "vic@birch.test");
        assert_eq!(answer.location(), "/");
    };
    sign_in_vic(&tenants);
    let role = |tenants: &mut TwoTenants| {
        let members = tenants.ann.read(&format!("/workspaces/{}/members", tenants.acme.workspace)).json();
        let members = members["items"].as_array().expect("a list").clone();
        members.into_iter().find(|one| one["email"] == "vic@birch.test").map(|one| one["role"].clone())
    };
    assert_eq!(role(&mut tenants), Some(json!("admin")));
    let token = invite(&mut tenants.ann, &tenants.acme, "vic@birch.test");
    sign_in_vic(&tenants);
    let waiting = tenants.ann.read(&path).json();
    assert_eq!(
        waiting["items"].as_array().map(Vec::len),
        Some(1),
        "the invitation is pending until Vic enters the password: {waiting}"
    );
    assert_eq!(accept(&mut tenants.app.anonymous(), &token, PASSWORD).status, 200);
    assert_eq!(role(&mut tenants), Some(json!("admin")), "the role is not lowered to that of the invitation");
}

#[test]
fn a_wrong_password_is_not_logged_for_an_organisation_to_which_the_password_gives_no_access() {
    let mut tenants = two_tenants();
    let birch = tenants.app.org("Birch", "business");
    tenants.app.admin(&birch, "bob@birch.test");
    tenants.app.member(&birch, "vic@birch.test");
    invite(&mut tenants.mallory, &tenants.mallorys, "vic@birch.test");
    saml_sign_in(&tenants.app, &mut tenants.app.anonymous(), "/sso?key=mallory_SSO", "vic@birch.test");
    assert_eq!(tenants.app.anonymous().sign_in("vic@birch.test", MALLORYS).status, 401);
    let mut bob = tenants.app.signed_in("bob@birch.test");
    let log_has_refusal = |admin: &mut Browser, slug: &str| {
        admin.read(&format!("/organisations/{slug}/audit")).body.contains("session.refused")
    };
    tenants.app.finish_log();
    assert_eq!((log_has_refusal(&mut bob, "birch"), log_has_refusal(&mut tenants.mallory, "mallory")), (true, false));
}

#[test]
fn the_sign_in_page_does_not_reveal_other_memberships_to_a_session_through_one_provider() {
    let mut tenants = two_tenants();
    let brand = json!({ "name": "Mallory & Co" });
    assert_eq!(tenants.mallory.api("PUT", "/organisations/mallory/branding", &brand).status, 200);
    tenants.app.member(&tenants.app.org("Birch", "business"), "vic@birch.test");
    for email in ["vic@birch.test", "new@mallory.test"] {
        invite(&mut tenants.mallory, &tenants.mallorys, email);
        let mut through = tenants.app.anonymous();
        saml_sign_in(&tenants.app, &mut through, "/sso?key=mallory_SSO", email);
        assert!(through.get("/login").body.contains("Mallory &amp; Co"), "{email}");
    }
    let mut own = tenants.app.signed_in("vic@birch.test");
    assert!(
        !own.get("/login").body.contains("Mallory &amp; Co"),
        "a session by password has access to both, so no single brand is shown"
    );
}
