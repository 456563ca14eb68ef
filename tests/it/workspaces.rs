//! The slugs of workspaces, in the API and on the command line.

use crate::app::{Org, TestApp};
use crate::program::vestibule;
use serde_json::{Value, json};
use std::process::Output;
use vestibule::domain::Name;

fn add_workspace(app: &TestApp, org: &Org, name: &str) -> String {
    let (org, name) = (org.id.clone(), Name::parse("name", name).expect("usable"));
    app.write(move |tx| tx.add_workspace(&org, &name)).slug
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn json_of(app: &TestApp, args: &[&str]) -> Value {
    let output = vestibule(app.data.path(), &[args, &["--json"]].concat());
    assert!(output.status.success(), "{args:?}: {}", printed(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn slugs_are_unique_within_the_organisation_and_do_not_change_when_a_workspace_is_renamed() {
    let app = TestApp::new();
    let (acme, globex) = (app.org("Acme", "business"), app.org("Globex", "business"));
    for (name, slug) in [("Field Work", "field-work"), ("Field-Work", "field-work-2"), ("倉庫", "workspace")] {
        assert_eq!(add_workspace(&app, &acme, name), slug);
    }
    assert_eq!(add_workspace(&app, &globex, "Field Work"), "field-work");
    let mut operator = app.operator();
    let made = operator.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Ware  House!" })).json();
    assert_eq!(made["slug"], "ware-house");
    let path = format!("/workspaces/{}", made["id"].as_str().expect("an id"));
    let renamed = operator.api("PATCH", &path, &json!({ "name": "Depot" })).json();
    assert_eq!((renamed["name"].as_str(), renamed["slug"].as_str()), (Some("Depot"), Some("ware-house")));
    let listed = operator.read("/organisations/acme/workspaces").json();
    let slugs: Vec<_> = listed["items"].as_array().expect("a list").iter().map(|one| one["slug"].clone()).collect();
    assert_eq!(slugs, ["ware-house", "field-work", "field-work-2", "head-office", "workspace"]);
}

#[test]
fn addresses_accept_workspace_slugs_and_reveal_nothing_to_strangers() {
    let app = TestApp::new();
    let (acme, globex) = (app.org("Acme", "business"), app.org("Globex", "business"));
    app.admin(&acme, "ann@acme.test");
    app.admin(&globex, "gil@globex.test");
    let mut ann = app.signed_in("ann@acme.test");
    for path in ["/workspaces/acme%2Fhead-office".to_owned(), format!("/workspaces/{}%2fhead-office", acme.id)] {
        assert_eq!(ann.read(&path).json()["id"], acme.workspace.as_str(), "{path}");
    }
    let invited = json!({ "email": "bob@acme.test", "role": "admin" });
    assert_eq!(ann.api("POST", "/workspaces/acme%2Fhead-office/invitations", &invited).status, 201);
    let of_others = ann.read("/workspaces/globex%2Fhead-office");
    for nobodys in ["/workspaces/acme%2Fnowhere", "/workspaces/nobody%2Fhead-office", "/workspaces/head-office"] {
        let unknown = ann.read(nobodys);
        assert_eq!((unknown.status, &unknown.body), (404, &of_others.body), "{nobodys}");
    }
    assert_eq!(of_others.status, 404);
}

#[test]
fn commands_accept_a_workspaces_id_or_slugs() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    app.member(&org, "bob@acme.test");
    add_workspace(&app, &org, "Warehouse");
    let listed = json_of(&app, &["workspace", "list", "acme"]);
    let paths: Vec<_> = listed.as_array().expect("a list").iter().map(|one| one["path"].clone()).collect();
    assert_eq!(paths, ["acme/head-office", "acme/warehouse"]);
    let table = printed(&vestibule(app.data.path(), &["workspace", "list", "acme"]));
    assert!(table.contains("acme/warehouse    Warehouse"), "{table}");
    for named in ["acme/head-office", org.workspace.as_str()] {
        let shown = json_of(&app, &["workspace", "show", named]);
        assert_eq!((shown["id"].as_str(), shown["members"].as_i64()), (Some(org.workspace.as_str()), Some(2)));
    }
    let invite = ["member", "invite", "acme/warehouse", "new@acme.test", "--role", "power_user"];
    assert!(printed(&vestibule(app.data.path(), &invite)).contains("/invitation?token="));
    let revoked = json_of(&app, &["member", "revoke", "acme/head-office", "bob@acme.test"]);
    assert_eq!(revoked["loses"][0]["email"], "bob@acme.test");
    let log = printed(&vestibule(app.data.path(), &["audit", "export", "acme", "--workspace", "acme/head-office"]));
    assert!(log.contains("member.revoked") && !log.contains("new@acme.test"), "{log}");
}

#[test]
fn every_command_exits_with_1_for_an_unknown_person_organisation_or_workspace() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let logo = concat!(env!("CARGO_MANIFEST_DIR"), "/static/icon.svg");
    for command in [
        "org show nobody",
        "org set-plan nobody business",
        "org remove-admin nobody ann@acme.test",
        "org remove-admin acme bob@acme.test",
        "org recover nobody ann@acme.test",
        "org recover acme bob@acme.test",
        "workspace list nobody",
        "workspace show nobody",
        "workspace show acme/nowhere",
        "workspace show nobody/head-office",
        "workspace show 00000000000000000000000000000000",
        "member list nobody",
        "member list nobody --csv",
        "member invite nobody bob@acme.test --role admin",
        "member invite acme/nowhere bob@acme.test --role admin",
        "member revoke acme/nowhere ann@acme.test",
        "member revoke acme/head-office bob@acme.test",
        "member remove nobody ann@acme.test",
        "member remove acme bob@acme.test",
        "user reset-link bob@acme.test",
        "user disable bob@acme.test",
        "user enable bob@acme.test",
        "operator remove bob@acme.test",
        "sso save nobody --provider okta --portal-key k_1 --sign-on-url https://x.test --entity-id x --certificate LOGO",
        "sso remove nobody",
        "sso require-saml nobody --dry-run",
        "sso allow-passwords nobody",
        "sso readiness nobody",
        "sso remind nobody",
        "sso setup-link create nobody",
        "sso setup-link list nobody",
        "sso setup-link revoke nobody 00000000000000000000000000000000",
        "saml keys nobody",
        "branding show --org nobody",
        "branding set --org nobody --logo LOGO",
        "branding remove --org nobody",
        "audit export nobody",
        "audit export --workspace acme/nowhere",
        "key delete 00000000000000000000000000000000 --operator",
    ] {
        let args: Vec<_> = command.split(' ').map(|arg| if arg == "LOGO" { logo } else { arg }).collect();
        let refused = vestibule(app.data.path(), &args);
        assert_eq!(refused.status.code(), Some(1), "{command}: {}", printed(&refused));
        let reported = printed(&refused).to_lowercase();
        assert!(
            reported.contains("not found") || reported.contains("is not an organisation admin"),
            "{command}: {reported}"
        );
    }
}
