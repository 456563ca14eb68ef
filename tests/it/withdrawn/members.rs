//! Removing a member from an organisation, and ending the sessions of a member.

use super::{NEW, OLIVIA, World, enable, token_of};
use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use crate::idp::{connect, saml_sign_in};
use crate::program::vestibule;
use serde_json::{Value, json};
use vestibule::domain::ids::{UserId, WorkspaceId};
use vestibule::domain::person::Role;

#[test]
fn an_admin_sees_a_members_grants_only_for_their_own_organisation() {
    let world = World::new();
    let app = &world.app;
    let mut bob = app.anonymous();
    saml_sign_in(app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
    app.wait(60);
    // The same browser also signs in by password, which gives access to Other too.
    assert_eq!(bob.sign_in("bob@acme.test", PASSWORD).status, 200);
    let (mut ann, mut otto) = (app.signed_in("ann@acme.test"), app.signed_in("otto@other.test"));
    let path = |org: &str| format!("/organisations/{org}/members/{}/sessions", world.bob);
    let in_acme = ann.read(&path("acme")).json();
    let methods = |list: &Value| {
        let grants = list["items"][0]["grants"].as_array().expect("grants").clone();
        grants.iter().map(|grant| grant["method"].as_str().expect("a word").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(methods(&in_acme), ["saml", "password"]);
    let in_other = otto.read(&path("other")).json();
    assert_eq!(methods(&in_other), ["password"]);
    assert!(!in_acme.to_string().contains("Other") && in_acme["items"][0].get("last_seen_at").is_none());
    assert_eq!(in_acme["items"][0]["address"], "127.0.0.1");
    assert_eq!(
        (otto.read(&path("acme")).status, app.signed_in("bob@acme.test").read(&path("other")).status),
        (404, 403)
    );
    let stranger = format!("/organisations/other/members/{}/sessions", app.user("ann@acme.test"));
    assert_eq!(otto.read(&stranger).status, 404);
}

#[test]
fn the_address_of_a_sign_in_to_another_organisation_is_not_shown() {
    let world = World::new();
    let app = &world.app;
    // The password gives access to both organisations. Other must not see a later sign-in through Acme's provider.
    let mut bob = app.signed_in("bob@acme.test");
    let path = format!("/organisations/other/members/{}/sessions", world.bob);
    let mut otto = app.signed_in("otto@other.test");
    assert_eq!(otto.read(&path).json()["items"][0]["address"], "127.0.0.1");
    app.wait(60);
    saml_sign_in(app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
    let shown = otto.read(&path).json();
    assert_eq!((shown["items"].as_array().map(Vec::len), &shown["items"][0]["address"]), (Some(1), &Value::Null));
}

#[test]
fn an_admin_ends_a_members_grants_and_the_sessions_without_other_grants() {
    let world = World::new();
    let app = &world.app;
    let carl = app.member(&world.acme, "carl@acme.test");
    let (mut bob, mut only_here) = (app.signed_in("bob@acme.test"), app.signed_in("carl@acme.test"));
    let mut ann = app.signed_in("ann@acme.test");
    let mut end =
        |user: &UserId| ann.api("DELETE", &format!("/organisations/acme/members/{user}/sessions"), &Value::Null).status;
    assert_eq!((end(&world.bob), end(&carl), end(&app.user("otto@other.test"))), (204, 204, 404));
    assert_eq!((bob.read("/organisations/acme").status, bob.read("/organisations/other").status), (403, 200));
    assert_eq!(only_here.read("/me").status, 401);
    assert_eq!(app.signed_in("carl@acme.test").read("/organisations/acme").status, 200, "the member can sign in again");
    assert_eq!(
        app.signed_in("carl@acme.test")
            .api("DELETE", &format!("/organisations/acme/members/{carl}/sessions"), &Value::Null)
            .status,
        403
    );
}

/// The ids of the sessions of a list.
fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap_or_else(|| panic!("{list}"));
    items.iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn an_admin_ends_one_session_of_a_member_and_the_others_continue() {
    let world = World::new();
    let app = &world.app;
    let carl = app.member(&world.acme, "carl@acme.test");
    let mut kept = app.signed_in("carl@acme.test");
    app.wait(60);
    let (mut ended, mut bob) = (app.signed_in("carl@acme.test"), app.signed_in("bob@acme.test"));
    let (mut ann, mut otto) = (app.signed_in("ann@acme.test"), app.signed_in("otto@other.test"));
    let list = |user: &UserId| format!("/organisations/acme/members/{user}/sessions");
    let (of_carl, of_bob) = (ids(&ann.read(&list(&carl)).json()), ids(&ann.read(&list(&world.bob)).json()));
    assert_eq!((of_carl.len(), of_bob.len()), (2, 1));
    let end = |browser: &mut Browser, user: &UserId, session: &str| {
        browser.api("DELETE", &format!("{}/{session}", list(user)), &Value::Null).status
    };
    assert_eq!(end(&mut ann, &carl, &of_bob[0]), 404, "the session of another person");
    assert_eq!((end(&mut otto, &carl, &of_carl[0]), end(&mut kept, &carl, &of_carl[0])), (404, 403));
    assert_eq!((kept.read("/me").status, ended.read("/me").status, bob.read("/me").status), (200, 200, 200));
    // The newest comes first.
    assert_eq!(end(&mut ann, &carl, &of_carl[0]), 204);
    assert_eq!((kept.read("/me").status, ended.read("/me").status), (200, 401));
    assert_eq!(end(&mut ann, &carl, &of_carl[0]), 404, "it has ended already");
    assert_eq!(ids(&ann.read(&list(&carl)).json()), of_carl[1..]);
    assert_eq!(end(&mut ann, &world.bob, &of_bob[0]), 204);
    assert_eq!((bob.read("/organisations/acme").status, bob.read("/organisations/other").status), (403, 200));
    let log = ann.read("/organisations/acme/audit?resource_type=member").json();
    let ends = log["items"].as_array().expect("a list").iter().filter(|one| one["action"] == "member.session_ended");
    let names: Vec<_> = ends.map(|one| one["resource_name"].clone()).collect();
    assert_eq!(names, ["bob@acme.test", "carl@acme.test"]);
}

#[test]
fn pages_of_sessions_and_operators_continue_after_an_entry_that_ended_meanwhile() {
    let world = World::new();
    let app = &world.app;
    let carl = app.member(&world.acme, "carl@acme.test");
    let mut browsers: Vec<_> = (0..6)
        .map(|_| {
            app.wait(60);
            app.signed_in("carl@acme.test")
        })
        .collect();
    let mut ann = app.signed_in("ann@acme.test");
    let list = format!("/organisations/acme/members/{carl}/sessions");
    // In the order of the lists: the newest first. The last one has the request.
    let all = ids(&ann.read(&list).json());
    let after = |browser: &mut Browser, list: &str, next: &Value| {
        let page = browser.read(&format!("{list}?limit=2&cursor={}", next.as_str().unwrap_or_default())).json();
        (ids(&page), page["next"].clone())
    };
    let (first, next) = after(&mut ann, &list, &Value::Null);
    assert_eq!(first, all[..2]);
    assert_eq!(ann.api("DELETE", &format!("{list}/{}", all[1]), &Value::Null).status, 204);
    let (second, next) = after(&mut ann, &list, &next);
    assert_eq!(second, all[2..4]);
    assert_eq!(after(&mut ann, &list, &next), (all[4..].to_vec(), Value::Null));

    let own = &mut browsers[0];
    let (first, next) = after(own, "/me/sessions", &Value::Null);
    assert_eq!(first, [all[0].clone(), all[2].clone()]);
    assert_eq!(own.api("DELETE", &format!("/me/sessions/{}", all[2]), &Value::Null).status, 204);
    assert_eq!(after(own, "/me/sessions", &next).0, all[3..5]);

    let (oscar, mut olivia) = (app.second_operator(), app.operator());
    for invited in ["nina@vestibule.test", "zoe@vestibule.test"] {
        assert_eq!(olivia.api("POST", "/operators", &json!({ "email": invited })).status, 201);
    }
    let operators = |browser: &mut Browser, next: &Value| {
        let cursor = next.as_str().unwrap_or_default();
        let page = browser.read(&format!("/operators?limit=3&cursor={cursor}")).json();
        let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}")).clone();
        (items.into_iter().map(|one| one["email"].clone()).collect::<Vec<_>>(), page["next"].clone())
    };
    let (first, next) = operators(&mut olivia, &Value::Null);
    assert_eq!(first, ["nina@vestibule.test", OLIVIA, "oscar@vestibule.test"]);
    assert_eq!(olivia.api("DELETE", &format!("/operators/{oscar}"), &Value::Null).status, 204);
    assert_eq!(operators(&mut olivia, &next).0, ["zoe@vestibule.test"]);
    let other = olivia.read("/plans?limit=1").json()["next"].clone();
    let refused = olivia.read(&format!("/operators?cursor={}", other.as_str().expect("a cursor")));
    assert_eq!((refused.status, refused.field().as_str()), (422, "cursor"), "the cursor of another list");
}

#[test]
fn removing_a_member_removes_all_roles_and_protects_the_last_admins() {
    let world = World::new();
    let app = &world.app;
    let mut ann = app.signed_in("ann@acme.test");
    let second = ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Second" })).json();
    let second = second["id"].as_str().expect("an id").to_owned();
    ann.api(
        "POST",
        &format!("/workspaces/{second}/invitations"),
        &json!({ "email": "bob@acme.test", "role": "admin" }),
    );
    let mut bob = app.signed_in("bob@acme.test");
    let path = format!("/organisations/acme/members/{}", world.bob);
    let dry = ann.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
    assert_eq!((&dry["applied"], &dry["loses"][0]["email"]), (&json!(false), &json!("bob@acme.test")));
    assert_eq!(dry["loses"][0]["reason"], "loses access to Acme: Head office; and the rights of an organisation admin");
    assert_eq!(bob.read("/organisations/acme").status, 200);
    let real = ann.api("DELETE", &path, &Value::Null).json();
    assert_eq!((&real["applied"], &real["counts"]), (&json!(true), &dry["counts"]));
    assert_eq!((bob.read("/organisations/acme").status, bob.read("/organisations/other").status), (404, 200));
    assert_eq!(ann.read("/me/events").json()["items"][0]["kind"], "admin_removed");
    assert_eq!(ann.read("/organisations/acme/admins").json()["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(ann.read(&format!("/workspaces/{second}/invitations")).json()["items"], json!([]));
    assert_eq!(ann.api("DELETE", &path, &Value::Null).status, 404);
    let last = ann.api("DELETE", &format!("/organisations/acme/members/{}", app.user("ann@acme.test")), &Value::Null);
    assert_eq!((last.status, last.code()), (409, "last_admin".into()));
    // Carl is not an organisation admin, but the only Admin of a workspace.
    let (carl, ann_id) = (app.member(&world.acme, "carl@acme.test"), app.user("ann@acme.test"));
    let (workspace, user, acme) = (WorkspaceId::parse(&second).expect("an id"), carl.clone(), world.acme.id.clone());
    app.write(move |tx| {
        tx.delete_place(&workspace, &ann_id)?;
        tx.set_place(&acme, &workspace, &tx.user(&user)?, &Role::Admin)
    });
    let last = ann.api("DELETE", &format!("/organisations/acme/members/{carl}"), &Value::Null);
    assert_eq!((last.status, last.code()), (409, "last_admin".into()));
    assert!(last.body.contains("Second"), "{}", last.body);
}

#[test]
fn a_key_that_manages_members_cannot_remove_an_admin() {
    let world = World::new();
    let app = &world.app;
    let carl = app.member(&world.acme, "carl@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let mut key = |scope: &str| {
        let body = json!({ "name": scope, "scopes": [scope] });
        let made = ann.api("POST", "/organisations/acme/keys", &body).json();
        app.program(made["key"].as_str().expect("a key"))
    };
    let (mut reader, mut manager) = (key("read"), key("manage_members"));
    let path = |user: &UserId| format!("/organisations/acme/members/{user}");
    assert_eq!(manager.api("DELETE", &path(&world.bob), &Value::Null).status, 403);
    assert_eq!(reader.api("DELETE", &path(&carl), &Value::Null).code(), "scope_required");
    assert_eq!(reader.read(&format!("{}/sessions", path(&carl))).status, 200);
    assert_eq!(reader.api("DELETE", &format!("{}/sessions", path(&carl)), &Value::Null).code(), "scope_required");
    assert_eq!(manager.api("DELETE", &format!("{}/sessions", path(&carl)), &Value::Null).status, 204);
    assert_eq!(manager.api("DELETE", &path(&carl), &Value::Null).status, 200);
}

#[test]
fn the_effect_names_the_invitation_links_that_are_revoked_and_the_list_marks_them() {
    for way in ["removed", "demoted", "revoked", "demoted workspace admin"] {
        let app = TestApp::new();
        let acme = app.org("Acme", "business");
        app.admin(&acme, "ann@acme.test");
        let bob = match way {
            "revoked" => app.person(&acme, "bob@acme.test", Role::Admin, false),
            "demoted workspace admin" => app.person(&acme, "bob@acme.test", Role::Admin, true),
            _ => app.person(&acme, "bob@acme.test", Role::PowerUser, true),
        };
        let (mut ann, mut creator) = (app.signed_in("ann@acme.test"), app.signed_in("bob@acme.test"));
        let path = format!("/workspaces/{}/invitations", acme.workspace);
        for (by, email) in [(&mut creator, "made@acme.test"), (&mut ann, "other@acme.test")] {
            assert_eq!(by.api("POST", &path, &json!({ "email": email, "role": "power_user" })).status, 201);
        }
        let (address, command) = match way {
            "removed" => {
                (format!("/organisations/acme/members/{bob}"), vec!["member", "remove", "acme", "bob@acme.test"])
            }
            "revoked" => (
                format!("/workspaces/{}/members/{bob}", acme.workspace),
                vec!["member", "revoke", acme.workspace.as_str(), "bob@acme.test"],
            ),
            _ => (format!("/organisations/acme/admins/{bob}"), vec!["org", "remove-admin", "acme", "bob@acme.test"]),
        };
        let ends = way != "demoted workspace admin";
        let reported =
            "The invitation link that they received for made@acme.test stops working. Send that invitation again.";
        let dry = ann.api("DELETE", &format!("{address}?dry_run=true"), &Value::Null);
        assert_eq!(
            (dry.status, dry.body.contains(reported), dry.body.contains("other@")),
            (200, ends, false),
            "{way}: {}",
            dry.body
        );
        let printed = vestibule(app.data.path(), &[&command[..], &["--dry-run"]].concat());
        let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
        assert_eq!(printed.contains(&format!("Note: {reported}")), ends, "{way}: {printed}");
        let status = |ann: &mut Browser| {
            let items = ann.read(&path).json()["items"].as_array().expect("a list").clone();
            items.iter().map(|one| one["status"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(status(&mut ann), ["pending", "pending"], "{way}");
        assert_eq!(ann.api("DELETE", &address, &Value::Null).status, 200, "{way}");
        assert_eq!(status(&mut ann), [if ends { "orphaned" } else { "pending" }, "pending"], "{way}");
        // A person can be invited again instead of a resend. A link that still works is not replaced.
        for (email, again) in [("made@acme.test", if ends { 201 } else { 409 }), ("other@acme.test", 409)] {
            let invited = ann.api("POST", &path, &json!({ "email": email, "role": "power_user" }));
            assert_eq!(invited.status, again, "{way} {email}: {}", invited.body);
        }
        assert_eq!(status(&mut ann), ["pending", "pending"], "{way}");
    }
}

#[test]
fn the_effect_of_removing_an_operator_names_exactly_the_links_that_are_revoked() {
    let app = TestApp::new();
    let acme = app.org("Acme", "business");
    app.admin(&acme, "ann@acme.test");
    let oscar = app.second_operator();
    let path = format!("/workspaces/{}/invitations", acme.workspace);
    let invite = json!({ "email": "made@acme.test", "role": "power_user" });
    assert_eq!(app.signed_in("oscar@vestibule.test").api("POST", &path, &invite).status, 201);
    let reported =
        |user: &UserId| app.operator().api("DELETE", &format!("/operators/{user}?dry_run=true"), &Value::Null).body;
    let ends = "These also end: 1 invitation link that they made.";
    assert!(reported(&oscar).contains(ends), "{}", reported(&oscar));
    let olivia = app.user("olivia@vestibule.test");
    assert!(!reported(&olivia).contains("also end"), "{}", reported(&olivia));
}

/// Without a mail server, the inviter has the link and could accept the invitation.
#[test]
fn an_invitation_link_known_to_the_inviter_is_revoked_with_their_right() {
    for way in ["admin removed", "admin disabled", "workspace admin demoted", "operator removed", "key deleted"] {
        let app = TestApp::new();
        let acme = app.org("Acme", "business");
        app.admin(&acme, "ann@acme.test");
        let bob = app.admin(&acme, "bob@acme.test");
        let (wanda, oscar) = (app.person(&acme, "wanda@acme.test", Role::Admin, false), app.second_operator());
        let (mut ann, mut olivia) = (app.signed_in("ann@acme.test"), app.operator());
        let (key, secret) = app.operators_key("Program");
        let mut creator = match way {
            "admin removed" | "admin disabled" => app.signed_in("bob@acme.test"),
            "workspace admin demoted" => app.signed_in("wanda@acme.test"),
            "operator removed" => app.signed_in("oscar@vestibule.test"),
            _ => app.program(&secret),
        };
        let path = format!("/workspaces/{}/invitations", acme.workspace);
        let link = |by: &mut Browser, email: &str| {
            let made = by.api("POST", &path, &json!({ "email": email, "role": "admin" }));
            token_of(&made.json()["accept_url"])
        };
        let (made, other_link) = (link(&mut creator, "made@acme.test"), link(&mut ann, "other@acme.test"));
        let accept = |token: &str| {
            let typed = json!({ "token": token, "name": "New", "password": NEW });
            app.anonymous().api("POST", "/invitations/accept", &typed).status
        };
        let inspect =
            |token: &str| app.anonymous().api("POST", "/invitations/inspect", &json!({ "token": token })).status;
        assert_eq!(inspect(&made), 200, "{way}");
        let ended = match way {
            "admin removed" => ann.api("DELETE", &format!("/organisations/acme/members/{bob}"), &Value::Null),
            "admin disabled" => olivia.api("POST", &format!("/users/{bob}/disable"), &Value::Null),
            "workspace admin demoted" => {
                let member = format!("/workspaces/{}/members/{wanda}", acme.workspace);
                ann.api("PATCH", &member, &json!({ "role": "power_user" }))
            }
            "operator removed" => olivia.api("DELETE", &format!("/operators/{oscar}"), &Value::Null),
            _ => olivia.api("DELETE", &format!("/keys/{}", key.id), &Value::Null),
        };
        assert!(matches!(ended.status, 200 | 204), "{way}: {}", ended.body);
        assert_eq!((inspect(&made), accept(&made)), (404, 404), "{way}");
        // The link does not work again when the right is restored.
        match way {
            "admin removed" => drop(app.admin(&acme, "bob@acme.test")),
            "admin disabled" => enable(&app, "bob@acme.test"),
            "workspace admin demoted" => drop(app.person(&acme, "wanda@acme.test", Role::Admin, false)),
            "operator removed" => app.write(move |tx| tx.set_operator(&oscar, true)),
            _ => {}
        }
        assert_eq!((inspect(&made), accept(&made)), (404, 404), "{way}, then restored");
        assert_eq!(accept(&other_link), 200, "{way}");
        let listed = ann.read(&path).json();
        let again = ann.api(
            "POST",
            &format!("{path}/{}/resend", listed["items"][0]["id"].as_str().expect("text")),
            &Value::Null,
        );
        assert_eq!(accept(&token_of(&again.json()["accept_url"])), 200, "{way}: resent by another person");
    }
}

#[test]
fn an_invitation_link_known_to_a_former_admin_is_not_accepted_through_saml() {
    let app = TestApp::new();
    let acme = app.org("Acme", "enterprise");
    app.admin(&acme, "ann@acme.test");
    let mut ann = connect(&app, &acme, "ann@acme.test", "acme_SSO");
    let eve = app.admin(&acme, "eve@acme.test");
    let made = ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Payroll" })).json();
    let path = format!("/workspaces/{}/invitations", made["id"].as_str().expect("an id"));
    let mut by_eve = app.signed_in("eve@acme.test");
    for email in ["eve@acme.test", "alias@acme.test"] {
        assert_eq!(by_eve.api("POST", &path, &json!({ "email": email, "role": "admin" })).status, 201);
    }
    let member = format!("/organisations/acme/admins/{eve}");
    let reported = ann.api("DELETE", &format!("{member}?dry_run=true"), &Value::Null).json()["warnings"].to_string();
    assert!(reported.contains("eve@acme.test") && reported.contains("alias@acme.test"), "{reported}");
    assert_eq!(ann.api("DELETE", &member, &Value::Null).status, 200);

    let mut alias = app.anonymous();
    assert_eq!(
        saml_sign_in(&app, &mut alias, "/sso?key=acme_SSO", "alias@acme.test").refused_with(),
        "sso_not_a_member"
    );
    let mut eve = app.anonymous();
    saml_sign_in(&app, &mut eve, "/sso?key=acme_SSO", "eve@acme.test");
    let workspaces = eve.read("/me").json()["organisations"][0]["workspaces"].clone();
    assert!(!workspaces.to_string().contains("Payroll"), "{workspaces}");
}
