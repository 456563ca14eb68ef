//! Roles, removal of members, and organisation admins.

use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use serde_json::{Value, json};
use vestibule::domain::Name;
use vestibule::domain::person::Role;

#[test]
fn revoking_a_member_ends_their_grants_at_once() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let bob = app.member(&org, "bob@acme.test");
    let (mut admin, mut browser) = (app.signed_in("ann@acme.test"), app.signed_in("bob@acme.test"));
    let path = format!("/workspaces/{}/members/{bob}", org.workspace);
    let dry = admin.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
    assert_eq!((dry["applied"].as_bool(), dry["loses"][0]["email"].as_str()), (Some(false), Some("bob@acme.test")));
    assert_eq!((dry["counts"]["sessions"].as_i64(), dry["counts"]["grants"].as_i64()), (Some(1), Some(1)));
    assert_eq!(browser.read("/me").json()["organisations"][0]["open"], true);
    let mut real = admin.api("DELETE", &path, &Value::Null).json();
    assert_eq!(real["applied"], true);
    real["applied"] = json!(false);
    assert_eq!(real, dry);
    assert_eq!(browser.read("/me").code(), "session_over");
    assert_eq!(browser.read(&format!("/workspaces/{}", org.workspace)).code(), "session_over");
    let again = app.anonymous().sign_in("bob@acme.test", PASSWORD);
    assert_eq!((again.status, again.json()["portal_urls"].clone()), (403, json!([])));
}

#[test]
fn roles_change_and_the_last_admin_cannot_be_demoted() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    let ann = app.admin(&org, "ann@acme.test");
    let bob = app.member(&org, "bob@acme.test");
    let mut admin = app.signed_in("ann@acme.test");
    let member = |user| format!("/workspaces/{}/members/{user}", org.workspace);
    for (method, body) in [("PATCH", json!({ "role": "power_user" })), ("DELETE", Value::Null)] {
        let refused = admin.api(method, &member(&ann), &body);
        assert_eq!((refused.status, refused.code().as_str()), (409, "last_admin"));
    }
    let promoted = admin.api("PATCH", &member(&bob), &json!({ "role": "admin" }));
    assert_eq!((promoted.status, promoted.json()["role"].as_str()), (200, Some("admin")));
    let demoted = admin.api("PATCH", &member(&ann), &json!({ "role": "power_user" }));
    assert_eq!(demoted.json()["role"], "power_user");
    assert_eq!(admin.api("PATCH", &member(&ann), &json!({ "role": "owner" })).field(), "role");
}

#[test]
fn power_users_cannot_see_settings_or_members() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let bob = app.member(&org, "bob@acme.test");
    let mut browser = app.signed_in("bob@acme.test");
    let workspace = format!("/workspaces/{}", org.workspace);
    assert_eq!(browser.read(&workspace).json()["role"], "power_user");
    for (method, path, body) in [
        ("GET", format!("{workspace}/members"), Value::Null),
        ("PATCH", format!("{workspace}/members/{bob}"), json!({ "role": "admin" })),
        ("POST", format!("{workspace}/invitations"), json!({ "email": "x@acme.test", "role": "admin" })),
        ("PATCH", workspace.clone(), json!({ "name": "Mine" })),
        ("DELETE", workspace.clone(), Value::Null),
        ("GET", format!("/organisations/{}/sso", org.slug), Value::Null),
        ("GET", format!("/organisations/{}/members", org.slug), Value::Null),
        ("POST", format!("/organisations/{}/workspaces", org.slug), json!({ "name": "Mine" })),
        ("POST", format!("/organisations/{}/admins", org.slug), json!({ "email": "bob@acme.test" })),
    ] {
        assert_eq!(browser.api(method, &path, &body).status, 403, "{method} {path}");
    }
}

#[test]
fn a_workspace_admin_manages_members_but_not_sso() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.person(&org, "bob@acme.test", Role::Admin, false);
    let mut browser = app.signed_in("bob@acme.test");
    assert_eq!(browser.read(&format!("/workspaces/{}/members", org.workspace)).status, 200);
    for method in ["GET", "PUT", "DELETE"] {
        let body = if method == "PUT" { crate::idp::settings("acme_SSO") } else { Value::Null };
        let refused = browser.api(method, &format!("/organisations/{}/sso", org.slug), &body);
        assert_eq!(refused.status, 403, "{method} {}", refused.body);
    }
    assert_eq!(app.signed_in("ann@acme.test").read(&format!("/organisations/{}/sso", org.slug)).status, 200);
}

#[test]
fn a_workspace_admin_cannot_end_a_session_of_an_organisation_admin() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    let ann = app.admin(&org, "ann@acme.test");
    let carl = app.member(&org, "carl@acme.test");
    app.person(&org, "bob@acme.test", Role::Admin, false);
    let (mut admin, mut member) = (app.signed_in("ann@acme.test"), app.signed_in("carl@acme.test"));
    let mut bob = app.signed_in("bob@acme.test");
    let workspace = format!("/workspaces/{}", org.workspace);
    let path = format!("{workspace}/members/{ann}");
    let dry = bob.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
    assert_eq!((&dry["counts"]["sessions"], &dry["counts"]["grants"]), (&json!(0), &json!(0)), "{dry}");
    let mut real = bob.api("DELETE", &path, &Value::Null).json();
    assert_eq!(real["applied"].take(), true);
    assert_eq!((&real["counts"], &real["warnings"]), (&dry["counts"], &dry["warnings"]));
    assert!(real["warnings"].to_string().contains("ann@acme.test still belongs to Acme"), "{real}");
    let listed = bob.read(&format!("{workspace}/members")).body;
    assert!(!listed.contains("ann@acme.test"), "the admin is removed from the workspace: {listed}");
    assert_eq!(admin.read("/organisations/acme/members").status, 200, "the organisation admin is still signed in");
    bob.api("DELETE", &format!("{workspace}/members/{carl}"), &Value::Null);
    assert_eq!(member.read("/me").code(), "session_over", "an ordinary member's session has ended");
}

#[test]
fn pages_of_admins_and_own_workspaces_continue_after_an_entry_that_was_removed_meanwhile() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    let users = ["ann", "bea", "cat", "dan"].map(|name| app.admin(&org, &format!("{name}@acme.test")));
    let bob = app.member(&org, "bob@acme.test");
    let depots: Vec<_> = ["Depot 1", "Depot 2", "Depot 3"]
        .map(|name| {
            let (org, bob, name) = (org.id.clone(), bob.clone(), Name::parse("name", name).expect("usable"));
            app.write(move |tx| {
                let depot = tx.add_workspace(&org, &name)?;
                tx.set_place(&org, &depot.id, &tx.user(&bob)?, &Role::PowerUser)?;
                Ok(depot.id)
            })
        })
        .to_vec();
    let (mut ann, mut bob) = (app.signed_in("ann@acme.test"), app.signed_in("bob@acme.test"));
    let page = |browser: &mut Browser, list: &str, after: &Value, of: &str| {
        let cursor = after.as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
        let page = browser.read(&format!("/organisations/acme/{list}?limit=2{cursor}")).json();
        let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}")).clone();
        (items.iter().map(|one| one[of].as_str().expect("text").to_owned()).collect::<Vec<_>>(), page["next"].clone())
    };
    let (first, next) = page(&mut ann, "admins", &Value::Null, "email");
    assert_eq!(first, ["ann@acme.test", "bea@acme.test"]);
    let removed = ann.api("DELETE", &format!("/organisations/acme/admins/{}", users[1]), &Value::Null);
    assert_eq!(removed.status, 200, "{}", removed.body);
    assert_eq!(page(&mut ann, "admins", &next, "email").0, ["cat@acme.test", "dan@acme.test"]);
    let (first, next) = page(&mut bob, "workspaces", &Value::Null, "name");
    assert_eq!(first, ["Depot 1", "Depot 2"]);
    assert_eq!(ann.api("DELETE", &format!("/workspaces/{}", depots[1]), &Value::Null).status, 200);
    assert_eq!(page(&mut bob, "workspaces", &next, "name").0, ["Depot 3", "Head office"]);
}

#[test]
fn organisation_admins_are_added_and_removed_except_the_last() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    let ann = app.admin(&org, "ann@acme.test");
    let bob = app.member(&org, "bob@acme.test");
    let mut admin = app.signed_in("ann@acme.test");
    let admins = format!("/organisations/{}/admins", org.slug);
    let refused = admin.api("DELETE", &format!("{admins}/{ann}"), &Value::Null);
    assert_eq!((refused.status, refused.code().as_str()), (409, "last_admin"));
    let stranger = admin.api("POST", &admins, &json!({ "email": "carl@acme.test" }));
    assert_eq!((stranger.status, stranger.field().as_str()), (422, "email"));
    assert_eq!(admin.api("POST", &admins, &json!({ "email": "bob@acme.test" })).status, 201);
    assert_eq!(admin.read(&admins).json()["items"].as_array().expect("a list").len(), 2);
    assert_eq!(admin.api("DELETE", &format!("{admins}/{ann}"), &Value::Null).json()["applied"], true);
    assert_eq!(admin.read(&admins).status, 403);
    assert_eq!(
        app.signed_in("bob@acme.test").api("DELETE", &format!("{admins}/{bob}"), &Value::Null).code(),
        "last_admin"
    );
}

#[test]
fn resources_of_other_organisations_are_not_found() {
    let app = TestApp::new();
    let (acme, globex) = (app.org("Acme", "enterprise"), app.org("Globex", "enterprise"));
    app.admin(&acme, "ann@acme.test");
    let gina = app.admin(&globex, "gina@globex.test");
    let mut ann = app.signed_in("ann@acme.test");
    for (method, path, body) in [
        ("GET", format!("/organisations/{}", globex.slug), Value::Null),
        ("GET", format!("/organisations/{}", globex.id), Value::Null),
        ("GET", format!("/organisations/{}/sso", globex.slug), Value::Null),
        ("GET", format!("/organisations/{}/members", globex.slug), Value::Null),
        ("GET", format!("/workspaces/{}", globex.workspace), Value::Null),
        ("GET", format!("/workspaces/{}/members", globex.workspace), Value::Null),
        ("DELETE", format!("/workspaces/{}/members/{gina}", globex.workspace), Value::Null),
        ("DELETE", format!("/workspaces/{}/members/{gina}", acme.workspace), Value::Null),
        ("DELETE", format!("/organisations/{}/admins/{gina}", acme.slug), Value::Null),
        (
            "POST",
            format!("/workspaces/{}/invitations", globex.workspace),
            json!({ "email": "x@y.test", "role": "admin" }),
        ),
    ] {
        assert_eq!(ann.api(method, &path, &body).status, 404, "{method} {path}");
    }
    let unknown = ann.read("/organisations/nobody");
    assert_eq!(unknown, ann.read(&format!("/organisations/{}", globex.slug)));
}
