//! Applications: the people who manage them, the people who see them, and the hosts that they may use.

use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use vestibule::actions::{Author, Caller, forward_auth, host_grants};
use vestibule::domain::person::Role;
use vestibule::domain::principal::{Claim, Need, Place, Principal, Right};

/// Acme with the organisation admin Ann, the workspace Admin Wes, and the Power User Pat.
struct World {
    app: TestApp,
    org: Org,
    ann: Browser,
}

impl World {
    fn new() -> Self {
        let app = TestApp::with_operator(|_| ());
        let org = app.org("Acme", "business");
        app.admin(&org, "ann@acme.test");
        app.person(&org, "wes@acme.test", Role::Admin, false);
        app.member(&org, "pat@acme.test");
        let ann = app.signed_in("ann@acme.test");
        Self { app, org, ann }
    }

    fn list(&self) -> String {
        format!("/workspaces/{}/applications", self.org.workspace)
    }

    /// Lets Acme use these hosts.
    fn grant(&self, hosts: &[&str]) -> Answer {
        self.app.operator().api("PUT", "/organisations/acme/application-hosts", &json!({ "hosts": hosts }))
    }

    fn create(&mut self, body: &Value) -> Answer {
        let list = self.list();
        self.ann.api("POST", &list, body)
    }

    /// Creates an application; returns its path.
    fn created(&mut self, body: &Value) -> String {
        let made = self.create(body);
        assert_eq!(made.status, 201, "{}", made.body);
        format!("/applications/{}", made.json()["id"].as_str().expect("an id"))
    }
}

fn wiki() -> Value {
    json!({
        "kind": "proxy", "name": "Wiki", "url": "https://wiki.acme.test", "hosts": ["Wiki.Acme.test:443"],
        "rules": [{ "path": "/static/", "require": "public" }, { "path": "/api/", "methods": ["OPTIONS"], "require": "public" }],
    })
}

fn link() -> Value {
    json!({ "kind": "link", "name": "Intranet", "url": "http://intranet.acme.test/start" })
}

fn names(answer: &Answer) -> Vec<String> {
    let items = answer.json()["items"].as_array().expect("a list").clone();
    items.iter().map(|one| one["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn an_application_is_created_with_the_given_values_changed_and_deleted() {
    let mut world = World::new();
    assert_eq!(world.grant(&["*.acme.test"]).status, 200);
    let path = world.created(&wiki());
    let shown = world.ann.read(&path).json();
    assert_eq!(
        (&shown["kind"], &shown["hosts"], &shown["assertion"], &shown["icon"]),
        (&json!("proxy"), &json!(["wiki.acme.test"]), &json!(false), &Value::Null)
    );
    assert_eq!(shown["rules"][1], json!({ "path": "/api/", "methods": ["OPTIONS"], "require": "public" }));
    assert_eq!(shown["workspace"], json!(world.org.workspace.as_str()));
    let svg =
        "data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg>";
    let handbook = json!({ "name": "Handbook", "icon": svg, "description": "All about us", "assertion": false });
    let changed = world.ann.api("PATCH", &path, &handbook);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let changed = changed.json();
    assert_eq!((&changed["name"], &changed["hosts"]), (&json!("Handbook"), &shown["hosts"]));
    assert!(changed["icon"].as_str().expect("an icon").starts_with("data:image/svg+xml;base64,"));
    assert_eq!(world.ann.api("PATCH", &path, &json!({ "icon": null })).json()["icon"], Value::Null);
    let dry = world.ann.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
    assert_eq!(
        (&dry["applied"], &dry["counts"]["loses"], &dry["applications"][0]["name"]),
        (&json!(false), &json!(3), &json!("Handbook"))
    );
    assert_eq!(world.ann.read(&path).status, 200);
    let real = world.ann.api("DELETE", &path, &Value::Null).json();
    assert_eq!((&real["applied"], &real["loses"]), (&json!(true), &dry["loses"]));
    assert_eq!(world.ann.read(&path).status, 404);
    let log = world.ann.read("/organisations/acme/audit?resource_type=application").json();
    let actions: Vec<_> = log["items"].as_array().expect("a list").iter().map(|one| &one["action"]).collect();
    assert_eq!(actions, ["application.deleted", "application.changed", "application.changed", "application.created"]);
}

#[test]
fn only_admins_of_the_workspace_manage_applications_and_members_see_those_to_which_they_have_access() {
    let mut world = World::new();
    world.grant(&["wiki.acme.test"]);
    let (wiki, list) = (world.created(&wiki()), world.list());
    world.created(&link());
    let mut pat = world.app.signed_in("pat@acme.test");
    assert_eq!(names(&pat.read(&list)), ["Intranet", "Wiki"]);
    let shown = pat.read(&wiki).json();
    assert!(shown.get("hosts").is_none() && shown.get("rules").is_none(), "{shown}");
    for (method, path, body) in
        [("POST", &list, link()), ("PATCH", &wiki, json!({ "name": "x" })), ("DELETE", &wiki, Value::Null)]
    {
        assert_eq!(pat.api(method, path, &body).status, 403, "{method}");
    }
    let access = format!("{wiki}/access?user={}", world.app.user("pat@acme.test"));
    assert_eq!(pat.read(&access).status, 403);
    let mut wes = world.app.signed_in("wes@acme.test");
    assert_eq!(wes.read(&access).json()["level"], "editor");
    assert_eq!(wes.api("PATCH", &wiki, &json!({ "name": "Wiki 2" })).status, 200);
    // Another organisation and a member of another workspace learn nothing about the applications.
    let other = world.app.org("Birch", "business");
    world.app.admin(&other, "bob@birch.test");
    let mut bob = world.app.signed_in("bob@birch.test");
    let unknown = bob.read(&format!("/applications/{}", "0".repeat(32)));
    assert_eq!((bob.read(&wiki).status, bob.read(&wiki).body), (404, unknown.body));
    let birch_key =
        bob.api("POST", "/organisations/birch/keys", &json!({ "name": "k", "scopes": ["manage_applications"] }));
    let mut program = world.app.program(birch_key.json()["key"].as_str().expect("a key"));
    assert_eq!(program.api("PATCH", &wiki, &json!({ "name": "x" })).status, 404);
    assert_eq!(program.api("POST", &format!("/workspaces/{}/applications", other.workspace), &link()).status, 201);
    let reader = bob.api("POST", "/organisations/birch/keys", &json!({ "name": "r", "scopes": ["manage_members"] }));
    let mut reader = world.app.program(reader.json()["key"].as_str().expect("a key"));
    let refused = reader.api("POST", &format!("/workspaces/{}/applications", other.workspace), &link());
    assert_eq!(refused.code(), "scope_required");
}

#[test]
fn a_persons_tiles_are_the_applications_of_their_workspaces() {
    let mut world = World::new();
    world.created(&link());
    let second = world.ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Second" })).json();
    let second = format!("/workspaces/{}/applications", second["id"].as_str().expect("an id"));
    let body = json!({ "kind": "link", "name": "accounts", "url": "https://accounts.acme.test" });
    assert_eq!(world.ann.api("POST", &second, &body).status, 201);
    let tiles = world.ann.read("/me/applications");
    assert_eq!(names(&tiles), ["accounts", "Intranet"], "an organisation admin needs no membership");
    let mut pat = world.app.signed_in("pat@acme.test");
    let tiles = pat.read("/me/applications");
    assert_eq!(names(&tiles), ["Intranet"]);
    let tile = &tiles.json()["items"][0];
    assert_eq!(
        (&tile["level"], &tile["organisation"], &tile["kind"]),
        (&json!("editor"), &json!("Acme"), &json!("link"))
    );
    assert_eq!(
        names(&world.app.operator().read("/me/applications")),
        [""; 0],
        "being an operator gives access to no application"
    );
    let first = pat.read("/me/applications?limit=1").json();
    assert_eq!(first["next"], Value::Null);
    assert_eq!(world.ann.read("/me/applications?limit=1").json()["items"][0]["name"], "accounts");
}

#[test]
fn hosts_are_granted_by_operators_and_belong_to_one_organisation() {
    let mut world = World::new();
    let other = world.app.org("Birch", "business");
    world.app.admin(&other, "bob@birch.test");
    let refused = world.create(&wiki());
    assert_eq!((refused.status, refused.code()), (403, "host_not_granted".into()));
    let hosts = json!({ "hosts": ["wiki.acme.test"] });
    assert_eq!(world.ann.api("PUT", "/organisations/acme/application-hosts", &hosts).status, 403);
    assert_eq!(world.grant(&["Wiki.acme.test", "*.apps.acme.test", "wiki.acme.test"]).status, 200);
    let granted = world.ann.read("/organisations/acme/application-hosts").json();
    assert_eq!(granted["hosts"], json!(["*.apps.acme.test", "wiki.acme.test"]));
    let mut operator = world.app.operator();
    let mut birch = |host: &str| {
        operator.api("PUT", "/organisations/birch/application-hosts", &json!({ "hosts": ["birch.test", host] }))
    };
    for taken in ["wiki.acme.test", "x.apps.acme.test", "*.acme.test", "*.x.apps.acme.test"] {
        let answer = birch(taken);
        assert_eq!((answer.status, answer.code()), (409, "host_taken".into()), "{taken}");
    }
    for unusable in ["127.0.0.1", "https://x.test", "*.test", "x.test:81", ""] {
        let answer = birch(unusable);
        assert_eq!((answer.status, answer.field()), (422, "hosts".into()), "{unusable}: {}", answer.body);
    }
    assert_eq!(birch("birch-2.test").status, 200);
    let path = world.created(&wiki());
    // A host is unique, and belongs to its application.
    let again = world.create(&wiki());
    assert_eq!((again.status, again.field()), (409, "hosts".into()));
    let mut at_port = wiki();
    at_port["hosts"] = json!(["wiki.acme.test:9999"]);
    assert_eq!(world.create(&at_port).field(), "hosts", "proxies choose the application by the name alone");
    for host in ["x.wiki.acme.test", "a.b.apps.acme.test"] {
        assert_eq!(world.ann.api("PATCH", &path, &json!({ "hosts": [host] })).code(), "host_not_granted", "{host}");
    }
    assert_eq!(world.ann.api("PATCH", &path, &json!({ "hosts": ["a.apps.acme.test:8443"] })).status, 200);
    // When the grant is withdrawn, the application is unchanged, but it cannot be saved with other hosts.
    assert_eq!(world.grant(&[]).status, 200);
    assert_eq!(world.ann.api("PATCH", &path, &json!({ "name": "Handbook" })).status, 200);
    assert_eq!(world.ann.api("PATCH", &path, &json!({ "hosts": ["b.apps.acme.test"] })).code(), "host_not_granted");
}

#[test]
fn invalid_values_are_reported_at_their_fields() {
    let mut world = World::new();
    world.grant(&["wiki.acme.test"]);
    for (field, value) in [
        ("kind", json!("proxies")),
        ("name", json!("")),
        ("url", json!("javascript:alert(1)")),
        ("url", json!("https://u:p@wiki.acme.test")),
        ("icon", json!("https://wiki.acme.test/icon.png")),
        (
            "icon",
            json!("data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><script/></svg>"),
        ),
        ("description", json!("a\nb")),
        ("hosts", json!([])),
        ("hosts", json!(["https://wiki.acme.test"])),
        ("rules[0].path", json!([{ "path": "/../x", "require": "public" }])),
        ("rules[0].require", json!([{ "path": "/", "require": "no_access" }])),
        (
            "rules[1].methods",
            json!([{ "path": "/", "require": "viewer" }, { "path": "/", "require": "viewer", "methods": [] }]),
        ),
    ] {
        let mut body = wiki();
        body[field.split('[').next().expect("a name")] = value.clone();
        let answer = world.create(&body);
        assert_eq!((answer.status, answer.field()), (422, field.to_owned()), "{value}: {}", answer.body);
    }
    let mut of_link = link();
    of_link["rules"] = json!([]);
    assert_eq!(world.create(&of_link).field(), "rules");
    let mut without = wiki();
    without.as_object_mut().expect("an object").remove("hosts");
    assert_eq!(world.create(&without).field(), "hosts");
    assert_eq!(names(&world.ann.read(&world.list())), [""; 0]);
}

#[test]
fn the_icons_of_a_page_are_read_with_it_and_no_others() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    app.member(&org, "pat@acme.test");
    let (mut ann, mut pat) = (app.signed_in("ann@acme.test"), app.signed_in("pat@acme.test"));
    let list = format!("/workspaces/{}/applications", org.workspace);
    let icon =
        "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA4IDgiLz4=";
    for name in ["Chat", "Wiki"] {
        let body = json!({ "kind": "link", "name": name, "url": "https://x.test", "icon": icon });
        let made = ann.api("POST", &list, &body);
        assert_eq!(made.status, 201, "{}", made.body);
    }
    for address in ["/me/applications", &list] {
        let first = pat.read(&format!("{address}?limit=1")).json();
        let next = first["next"].as_str().expect("a cursor").to_owned();
        let second = pat.read(&format!("{address}?limit=1&cursor={next}")).json();
        for (page, name) in [(&first, "Chat"), (&second, "Wiki")] {
            assert_eq!(page["items"][0]["name"], name, "{address}");
            assert!(page["items"][0]["icon"].as_str().is_some_and(|icon| icon.starts_with("data:image/svg")));
        }
    }
    let user = app.user("pat@acme.test");
    let read = app.app.store.read(|db| db.applications_of(&org.id, &user, false)).expect("read");
    assert!(read.len() == 2 && read.iter().all(|(application, ..)| application.tile.icon.is_none()));
}

#[test]
fn reads_about_applications_are_judged_again_when_they_begin() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let ann = app.user("ann@acme.test");
    app.signed_in("ann@acme.test");
    // An admin whose session has ended since the request was admitted.
    let session = app.app.store.read(|db| db.sessions(&ann)).expect("read").remove(0);
    let claim = |need| Claim {
        principal: Principal::Session(session.id.clone(), session.digest.clone()),
        right: Right::of(need, Place::Organisation(org.id.clone())),
    };
    let author = Author::anonymous("");
    let admin = Caller { author, claim: claim(Need::OrganisationAdmin) };
    assert_eq!(host_grants::list(&app.app, &admin, &org.id), Ok(Vec::new()));
    app.write(move |tx| tx.delete_other_sessions(&ann, None));
    let over =
        |outcome: vestibule::domain::Result<()>| matches!(outcome, Err(vestibule::domain::Error::SessionOver { .. }));
    assert!(over(host_grants::list(&app.app, &admin, &org.id).map(drop)));
    let id = vestibule::domain::ids::ApplicationId::random();
    assert!(over(forward_auth::list_sessions(&app.app, &admin, &id).map(drop)));
}

#[test]
fn a_change_of_an_application_logs_only_what_has_changed_and_a_caller_makes_sixty_in_a_row() {
    let World { app, org, mut ann } = World::new();
    let list = format!("/workspaces/{}/applications", org.workspace);
    let made = ann.api("POST", &list, &json!({ "kind": "link", "name": "Chat", "url": "https://chat.test" })).json();
    let path = format!("/applications/{}", made["id"].as_str().expect("an id"));
    let change = |ann: &mut Browser, n: usize| {
        ann.api("PATCH", &path, &json!({ "url": format!("https://chat.test/{n}") })).status
    };
    // The creation counts too.
    assert!((1..60).all(|n| change(&mut ann, n) == 200));
    assert_eq!(change(&mut ann, 60), 429);
    app.pass(1);
    assert_eq!(change(&mut ann, 61), 200);
    let log = ann.read("/organisations/acme/audit?limit=1").json();
    assert_eq!(log["items"][0]["action"], "application.changed");
    assert_eq!(log["items"][0]["detail"], json!({ "url": "https://chat.test/61" }));
    let another = json!({ "kind": "link", "name": "Wiki", "url": "https://wiki.test" });
    assert_eq!(ann.api("POST", &list, &another).status, 429);
    app.pass(1);
    assert_eq!(ann.api("POST", &list, &another).status, 201);
}

#[test]
fn pages_of_large_applications_end_early_and_lists_are_complete() {
    let mut world = World::new();
    let line = "h1".repeat(11_000);
    let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><path d=\"M0 0{line}\"/></svg>");
    let icon = format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg));
    for n in 10..40 {
        let body = json!({ "kind": "link", "name": format!("Chat {n}"), "url": "https://x.test", "icon": icon });
        assert_eq!(world.create(&body).status, 201);
    }
    let mut pat = world.app.signed_in("pat@acme.test");
    let list = world.list();
    for (managed, address) in [(true, &list[..]), (false, &list), (false, "/me/applications")] {
        let who = if managed { &mut world.ann } else { &mut pat };
        let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let answer = who.read(&format!("{address}?limit=200{cursor}"));
            assert!(answer.status == 200 && answer.body.len() < 600 * 1024, "{} bytes", answer.body.len());
            (found, pages) = (found.into_iter().chain(names(&answer)).collect(), pages + 1);
            match answer.json()["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let all: Vec<_> = (10..40).map(|n| format!("Chat {n}")).collect();
        assert_eq!((found, pages), (all, 2), "{address}");
    }
}
