//! Custom roles: who manages them, who gets them, and what they give in applications.

use crate::app::TestApp;
use crate::browser::{Answer, Browser};
use crate::forward_auth::{AtApplication, World as Behind, header};
use crate::races::{ask_during, token_of};
use serde_json::{Value, json};
use vestibule::domain::person::Role;

const ROLES: &str = "/organisations/acme/roles";

/// Acme with its admin Ann, its workspace Admin Wes and its member Pat, and the applications Wiki (behind a proxy) and
/// Intranet (a link); and Birch with its admin Bob.
struct World {
    behind: Behind,
    intranet: String,
}

impl World {
    fn new() -> Self {
        let mut behind = Behind::new();
        behind.app.person(&behind.org, "wes@acme.test", Role::Admin, false);
        let birch = behind.app.org("Birch", "business");
        behind.app.admin(&birch, "bob@birch.test");
        let body = json!({ "kind": "link", "name": "Intranet", "url": "https://intranet.acme.test" });
        let made = behind.ann.api("POST", &format!("/workspaces/{}/applications", behind.org.workspace), &body);
        assert_eq!(made.status, 201, "{}", made.body);
        let intranet = made.json()["id"].as_str().expect("an id").to_owned();
        Self { behind, intranet }
    }

    fn app(&self) -> &TestApp {
        &self.behind.app
    }

    fn ann(&mut self) -> &mut Browser {
        &mut self.behind.ann
    }

    /// Creates a role that gives `default`, and `wiki` in the Wiki; returns its id.
    fn role(&mut self, name: &str, default: &str, wiki: Option<&str>) -> String {
        let levels: Value = wiki.map_or(json!({}), |level| json!({ &self.behind.wiki: level }));
        let made = self.ann().api("POST", ROLES, &json!({ "name": name, "default_level": default, "levels": levels }));
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()["id"].as_str().expect("an id").to_owned()
    }

    fn member(&self, email: &str) -> String {
        format!("/workspaces/{}/members/{}", self.behind.org.workspace, self.app().user(email))
    }

    fn invitations(&self) -> String {
        format!("/workspaces/{}/invitations", self.behind.org.workspace)
    }

    /// Gives a member a role.
    fn give(&mut self, email: &str, role: &str) -> Answer {
        let path = self.member(email);
        let changed = self.ann().api("PATCH", &path, &json!({ "role": role }));
        assert_eq!(changed.status, 200, "{}", changed.body);
        changed
    }

    /// Changes a role; returns the answer.
    fn change(&mut self, role: &str, body: &Value) -> Value {
        let changed = self.ann().api("PATCH", &format!("{ROLES}/{role}"), body);
        assert_eq!(changed.status, 200, "{}", changed.body);
        changed.json()
    }

    /// Pat, who has entered the Wiki.
    fn pat_at_wiki(&self) -> AtApplication {
        let mut pat = self.behind.at_wiki("pat@acme.test");
        let entered = pat.enter("/hello");
        assert_eq!(entered.status, 303, "{}", entered.body);
        pat
    }
}

fn level_at(browser: &AtApplication) -> (u16, String) {
    let checked = browser.check("GET", "/", &[]);
    (checked.status, checked.headers.get("x-vestibule-level").cloned().unwrap_or_default())
}

fn emails(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|one| one["email"].as_str().expect("an address")).collect()
}

#[test]
fn a_role_is_created_shown_listed_renamed_and_removed() {
    let mut world = World::new();
    let wiki = world.behind.wiki.clone();
    let id = world.role("Wiki éditeur & more", "viewer", Some("editor"));
    let shown = world.ann().read(&format!("{ROLES}/{id}")).json();
    assert_eq!(
        shown,
        json!({
            "id": id, "slug": "wiki-editeur-more", "name": "Wiki éditeur & more", "default_level": "viewer",
            "levels": { &wiki: "editor" }, "members": 0, "invitations": 0,
        })
    );
    assert_eq!(world.ann().read(&format!("{ROLES}/wiki-editeur-more")).json(), shown, "by its slug, too");
    world.role("auditor", "no_access", None);
    let listed = world.ann().read(ROLES).json();
    assert_eq!((&listed["items"][0]["slug"], &listed["items"][1]), (&json!("auditor"), &shown));
    assert_eq!(
        (world.ann().read(&format!("{ROLES}?limit=1")).json()["next"].is_string(), &listed["next"]),
        (true, &Value::Null)
    );
    // A rename keeps the slug, which applications know. Null removes a level, and others stay.
    let intranet = world.intranet.clone();
    world.change(&id, &json!({ "levels": { &intranet: "operator" } }));
    let changed = world.change(&id, &json!({ "name": "Editor", "levels": { &wiki: null } }));
    assert_eq!(
        (&changed["slug"], &changed["name"], &changed["levels"]),
        (&json!("wiki-editeur-more"), &json!("Editor"), &json!({ &intranet: "operator" }))
    );
    assert_eq!(changed["effect"]["counts"]["levels"], 0);
    // The level in an application goes with the application.
    assert_eq!(world.ann().api("DELETE", &format!("/applications/{intranet}"), &Value::Null).status, 200);
    assert_eq!(world.ann().read(&format!("{ROLES}/{id}")).json()["levels"], json!({}));
    let removed = world.ann().api("DELETE", &format!("{ROLES}/{id}"), &Value::Null);
    assert_eq!((removed.status, &removed.json()["applied"]), (200, &json!(true)), "{}", removed.body);
    assert_eq!(world.ann().read(&format!("{ROLES}/{id}")).status, 404);
    let log = world.ann().read("/organisations/acme/audit?resource_type=role").json();
    let actions: Vec<_> = log["items"].as_array().expect("a list").iter().map(|one| one["action"].clone()).collect();
    assert_eq!(actions, ["role.removed", "role.changed", "role.changed", "role.created", "role.created"]);
    assert_eq!(log["items"][2]["detail"]["levels"], json!({ "Intranet": "operator" }));
}

#[test]
fn a_role_that_is_named_with_the_id_of_another_role_does_not_take_its_place() {
    let mut world = World::new();
    let id = world.role("Reader", "viewer", None);
    let other = world.role(&id, "admin", None);
    assert_eq!(world.ann().read(&format!("{ROLES}/{other}")).json()["slug"], format!("role-{id}"));
    assert_eq!(world.ann().read(&format!("{ROLES}/{id}")).json()["name"], "Reader");
    let changed = world.give("pat@acme.test", &id).json();
    assert_eq!(changed["role"], id, "{changed}");
}

#[test]
fn names_and_levels_are_checked_and_names_are_unique_without_case() {
    let mut world = World::new();
    world.role("Auditor", "viewer", None);
    let body = |name: &str| json!({ "name": name, "default_level": "viewer" });
    for (name, status) in [
        ("aUDITOR", 409),
        ("Admin", 409),
        ("power user", 409),
        ("a,b", 422),
        ("", 422),
        ("a\nb", 422),
        ("Auditor!", 201),
    ] {
        let made = world.ann().api("POST", ROLES, &body(name));
        assert_eq!(made.status, status, "{name}: {}", made.body);
        if status != 201 {
            assert_eq!(made.field(), "name", "{}", made.body);
        }
    }
    // A slug is never that of another role or of a built-in one.
    let slugs: Vec<_> = world.ann().read(ROLES).json()["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["slug"].clone())
        .collect();
    assert_eq!(slugs, ["auditor", "auditor-2"]);
    assert_eq!(world.ann().api("POST", ROLES, &body("Ádmin")).json()["slug"], "admin-2");
    let stranger = json!({ "0".repeat(32): "viewer" });
    for (body, field) in [
        (json!({ "name": "X", "default_level": "owner" }), "default_level"),
        (json!({ "name": "X", "default_level": "viewer", "levels": { "wiki": "viewer" } }), "levels"),
        (json!({ "name": "X", "default_level": "viewer", "levels": stranger }), "levels"),
        (json!({ "name": "X", "default_level": "viewer", "levels": { &world.behind.wiki: "owner" } }), "levels"),
    ] {
        let made = world.ann().api("POST", ROLES, &body);
        assert_eq!((made.status, made.field()), (422, field.into()), "{}", made.body);
    }
    let auditor = world.change("auditor", &json!({ "name": "AUDITOR" }));
    assert_eq!(auditor["name"], "AUDITOR", "a role keeps its own name");
    assert_eq!(world.ann().api("PATCH", &format!("{ROLES}/auditor"), &body("auditor!")).status, 409);
}

#[test]
fn only_organisation_admins_and_keys_for_applications_manage_roles() {
    let mut world = World::new();
    let id = world.role("Auditor", "viewer", None);
    let mut key = |scope: &str| {
        let made = world.ann().api("POST", "/organisations/acme/keys", &json!({ "name": scope, "scopes": [scope] }));
        let key = made.json()["key"].as_str().expect("a key").to_owned();
        world.app().program(&key)
    };
    let (reader, members, applications) = (key("read"), key("manage_members"), key("manage_applications"));
    let path = format!("{ROLES}/{id}");
    let new = json!({ "name": "New", "default_level": "viewer" });
    for (who, mut browser, read, write) in [
        ("workspace Admin", world.app().signed_in("wes@acme.test"), 403, 403),
        ("member", world.app().signed_in("pat@acme.test"), 403, 403),
        ("stranger", world.app().signed_in("bob@birch.test"), 404, 404),
        ("reader", reader, 200, 403),
        ("key for members", members, 200, 403),
        ("key for applications", applications.clone(), 200, 200),
    ] {
        assert_eq!(browser.read(ROLES).status, read, "{who}");
        assert_eq!(browser.read(&path).status, read, "{who}");
        let changed = browser.api("PATCH", &path, &json!({ "default_level": "operator" }));
        assert_eq!(changed.status, write, "{who}: {}", changed.body);
        let made = browser.api("POST", ROLES, &new).status;
        assert_eq!(made, if write == 200 { 201 } else { write }, "{who}");
        let removed = browser.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).status;
        assert_eq!(removed, write, "{who}");
    }
    // A key for applications must not make people Admins, who manage members.
    world.give("pat@acme.test", &id);
    let mut applications = applications;
    for dry in ["", "&dry_run=true"] {
        let removed = applications.api("DELETE", &format!("{path}?replace_by=admin{dry}"), &Value::Null);
        assert_eq!((removed.status, removed.code()), (403, "forbidden".into()), "{}", removed.body);
    }
    assert_eq!(applications.api("DELETE", &format!("{path}?replace_by=new"), &Value::Null).status, 200);
    // An Admin of the workspace sees the names of the roles, in order to give them.
    let choices = format!("/workspaces/{}/roles", world.behind.org.workspace);
    let items = world.app().signed_in("wes@acme.test").read(&choices).json()["items"].clone();
    let slugs: Vec<_> = items.as_array().expect("a list").iter().map(|one| one["slug"].clone()).collect();
    assert_eq!(slugs, ["admin", "power-user", "new"]);
    assert_eq!(items[0]["role"], "admin");
    assert_eq!(world.app().signed_in("pat@acme.test").read(&choices).status, 403);
}

#[test]
fn a_role_of_another_organisation_is_unknown() {
    let mut world = World::new();
    let mut bob = world.app().signed_in("bob@birch.test");
    let theirs = bob.api("POST", "/organisations/birch/roles", &json!({ "name": "Theirs", "default_level": "admin" }));
    let theirs = theirs.json()["id"].as_str().expect("an id").to_owned();
    let ours = world.role("Ours", "viewer", None);
    world.give("pat@acme.test", &ours);
    // Each request succeeds with Acme's own role.
    let (member, invitations) = (world.member("pat@acme.test"), world.invitations());
    for (role, ok) in [(&theirs, false), (&ours, true)] {
        let invited = world.ann().api("POST", &invitations, &json!({ "email": "new@acme.test", "role": role }));
        assert_eq!(invited.status, if ok { 201 } else { 422 }, "{}", invited.body);
        let changed = world.ann().api("PATCH", &member, &json!({ "role": role }));
        assert_eq!(changed.status, if ok { 200 } else { 422 }, "{}", changed.body);
        for list in
            ["/organisations/acme/members".to_owned(), format!("/workspaces/{}/members", world.behind.org.workspace)]
        {
            let listed = world.ann().read(&format!("{list}?role={role}"));
            assert_eq!(listed.status, if ok { 200 } else { 422 }, "{}", listed.body);
            assert!(ok || listed.field() == "role");
        }
        let listed = json!({ "invitations": [{ "email": "two@acme.test", "role": role }] });
        let tried = world.ann().api("POST", &format!("{invitations}/bulk"), &listed).json();
        assert_eq!(tried["items"][0]["outcome"], if ok { "invited" } else { "invalid" }, "{tried}");
        let path = format!("{ROLES}/{role}");
        assert_eq!(world.ann().read(&path).status, if ok { 200 } else { 404 });
        let changed = world.ann().api("PATCH", &path, &json!({ "default_level": "viewer" }));
        assert_eq!(changed.status, if ok { 200 } else { 404 });
    }
    let refused = world.ann().api("DELETE", &format!("{ROLES}/{ours}?replace_by={theirs}"), &Value::Null);
    assert_eq!((refused.status, refused.field()), (422, "replace_by".into()), "{}", refused.body);
    assert_eq!(world.ann().api("DELETE", &format!("{ROLES}/{theirs}"), &Value::Null).status, 404);
    // Birch cannot give levels in Acme's application.
    let levels = json!({ "levels": { &world.behind.wiki: "admin" } });
    let refused = bob.api("PATCH", &format!("/organisations/birch/roles/{theirs}"), &levels);
    assert_eq!((refused.status, refused.field()), (422, "levels".into()), "{}", refused.body);
}

#[test]
fn the_next_check_sees_a_changed_level_and_the_application_gets_the_slug_of_the_role() {
    let mut world = World::new();
    let wiki = world.behind.wiki.clone();
    let role = world.role("Wiki Reader", "no_access", Some("viewer"));
    let pat = world.pat_at_wiki();
    assert_eq!(level_at(&pat), (200, "editor".into()));
    world.give("pat@acme.test", &role);
    let checked = pat.check("GET", "/", &[]);
    assert_eq!((checked.status, header(&checked, "x-vestibule-level")), (200, "viewer"));
    assert_eq!(header(&checked, "x-vestibule-role"), "wiki-reader");
    assert!(header(&checked, "remote-groups").ends_with(",role:wiki-reader,level:viewer"), "{checked:?}");
    assert_eq!(pat.check("GET", "/admin/", &[]).status, 403);
    for (level, answer) in [
        ("operator", (200, "operator".to_owned())),
        ("no_access", (403, String::new())),
        ("admin", (200, "admin".into())),
    ] {
        world.change(&role, &json!({ "levels": { &wiki: level } }));
        assert_eq!(level_at(&pat).0, answer.0, "{level}");
        assert!(answer.1.is_empty() || level_at(&pat) == answer);
    }
    assert_eq!(pat.check("GET", "/admin/", &[]).status, 200);
    // Without a level of its own, an application gets the default level.
    world.change(&role, &json!({ "levels": { &wiki: null } }));
    assert_eq!(level_at(&pat).0, 403);
    world.change(&role, &json!({ "default_level": "editor" }));
    assert_eq!(level_at(&pat), (200, "editor".into()));
    let removed = world.ann().api("DELETE", &format!("{ROLES}/{role}?replace_by=power_user"), &Value::Null);
    assert_eq!(removed.status, 200, "{}", removed.body);
    assert_eq!(header(&pat.check("GET", "/", &[]), "x-vestibule-role"), "power-user");
}

#[test]
fn a_person_sees_and_opens_only_applications_in_which_their_role_gives_a_level() {
    let mut world = World::new();
    let (wiki, intranet) = (world.behind.wiki.clone(), world.intranet.clone());
    let role = world.role("Intranet only", "no_access", None);
    world.change(&role, &json!({ "levels": { &intranet: "operator" } }));
    world.give("pat@acme.test", &role);
    let mut pat = world.app().signed_in("pat@acme.test");
    let list = format!("/workspaces/{}/applications", world.behind.org.workspace);
    let names = |answer: Answer| -> Vec<Value> {
        answer.json()["items"].as_array().expect("a list").iter().map(|one| one["name"].clone()).collect()
    };
    assert_eq!(names(pat.read(&list)), ["Intranet"]);
    assert_eq!(names(pat.read("/me/applications")), ["Intranet"]);
    assert_eq!(pat.read("/me/applications").json()["items"][0]["level"], "operator");
    assert_eq!(pat.read(&format!("/applications/{intranet}")).status, 200);
    assert_eq!(pat.read(&format!("/applications/{wiki}")).status, 404);
    let me = pat.read("/me").json();
    assert_eq!(
        (&me["organisations"][0]["workspaces"][0]["role"], &me["organisations"][0]["workspaces"][0]["role_name"]),
        (&json!(role), &json!("Intranet only"))
    );
    let user = world.app().user("pat@acme.test");
    let access = world.ann().read(&format!("/applications/{wiki}/access?user={user}")).json();
    assert_eq!((&access["opens"], &access["level"]), (&json!(false), &json!("no_access")));
    assert!(access["reason"].as_str().expect("a reason").contains("Intranet only"), "{access}");
    let access = world.ann().read(&format!("/applications/{intranet}/access?user={user}")).json();
    assert_eq!((&access["opens"], &access["level"]), (&json!(true), &json!("operator")));
    // Deleting the Wiki takes it from people who could open it.
    let effect = world.ann().api("DELETE", &format!("/applications/{wiki}?dry_run=true"), &Value::Null).json();
    assert!(!emails(&effect["loses"]).contains(&"pat@acme.test"), "{effect}");
    // An organisation admin has the level admin, whatever their role.
    world.give("wes@acme.test", "power_user");
    assert_eq!(world.behind.app.signed_in("wes@acme.test").read(&format!("/applications/{wiki}")).status, 200);
}

#[test]
fn a_dry_run_names_the_people_whose_levels_change_and_changes_nothing() {
    let mut world = World::new();
    let wiki = world.behind.wiki.clone();
    let (one, two) = (world.role("One", "viewer", None), world.role("Two", "no_access", Some("viewer")));
    let pat = world.app().user("pat@acme.test");
    let path = world.member("pat@acme.test");
    let change = |from: &str, to: &str, application: &str, name: &str| {
        json!({
            "user": pat.as_str(), "email": "pat@acme.test", "application": application, "name": name, "from": from, "to": to
        })
    };
    // A member's role.
    let dry = world.ann().api("PATCH", &format!("{path}?dry_run=true"), &json!({ "role": two })).json();
    assert_eq!((&dry["role"], &dry["effect"]["applied"]), (&json!("power_user"), &json!(false)), "{dry}");
    let intranet = world.intranet.clone();
    let levels = [change("editor", "no_access", &intranet, "Intranet"), change("editor", "viewer", &wiki, "Wiki")];
    assert_eq!(dry["effect"]["levels"], json!(levels));
    assert_eq!(dry["effect"]["counts"]["levels"], 2);
    assert_eq!(
        (emails(&dry["effect"]["loses"]), dry["effect"]["applications"][0]["name"].clone()),
        (vec!["pat@acme.test"], json!("Intranet"))
    );
    let real = world.give("pat@acme.test", &two).json();
    assert_eq!(
        (&real["role"], &real["role_name"], &real["effect"]["levels"]),
        (&json!(two), &json!("Two"), &json!(levels))
    );
    // The levels of a role.
    let path = format!("{ROLES}/{two}");
    let body = json!({ "levels": { &wiki: "operator" } });
    let dry = world.ann().api("PATCH", &format!("{path}?dry_run=true"), &body).json();
    assert_eq!(dry["levels"], json!({ &wiki: "viewer" }), "unchanged");
    assert_eq!(dry["effect"]["levels"], json!([change("viewer", "operator", &wiki, "Wiki")]));
    assert_eq!((emails(&dry["effect"]["keeps"]), emails(&dry["effect"]["loses"]).len()), (vec!["pat@acme.test"], 0));
    assert_eq!(world.change(&two, &body)["levels"], json!({ &wiki: "operator" }));
    // A removed role.
    let refused = world.ann().api("DELETE", &format!("{path}?dry_run=true"), &Value::Null);
    assert_eq!((refused.status, refused.code()), (409, "role_in_use".into()), "{}", refused.body);
    let dry = world.ann().api("DELETE", &format!("{path}?dry_run=true&replace_by={one}"), &Value::Null).json();
    let levels = [change("no_access", "viewer", &intranet, "Intranet"), change("operator", "viewer", &wiki, "Wiki")];
    assert_eq!((&dry["applied"], &dry["levels"]), (&json!(false), &json!(levels)));
    let itself = world.ann().api("DELETE", &format!("{path}?replace_by={two}"), &Value::Null);
    assert_eq!((itself.status, itself.field()), (422, "replace_by".into()));
    assert_eq!(
        world.ann().api("DELETE", &format!("{path}?replace_by={one}"), &Value::Null).json()["levels"],
        json!(levels)
    );
    // Organisation admins and disabled people keep the levels that they have.
    world.ann().api("POST", "/organisations/acme/admins", &json!({ "email": "pat@acme.test" }));
    let dry = world
        .ann()
        .api("PATCH", &format!("{ROLES}/{one}?dry_run=true"), &json!({ "default_level": "no_access" }))
        .json();
    assert_eq!((&dry["effect"]["counts"]["levels"], &dry["effect"]["keeps"]), (&json!(0), &json!([])));
}

#[test]
fn a_role_in_use_by_a_member_or_a_pending_invitation_is_removed_only_with_a_replacement() {
    let mut world = World::new();
    let (old, new) = (world.role("Old", "viewer", None), world.role("New", "editor", None));
    let invitations = world.invitations();
    let invited = world.ann().api("POST", &invitations, &json!({ "email": "new@acme.test", "role": old }));
    assert_eq!((invited.status, &invited.json()["role_name"]), (201, &json!("Old")), "{}", invited.body);
    let path = format!("{ROLES}/{old}");
    let shown = world.ann().read(&path).json();
    assert_eq!((&shown["members"], &shown["invitations"]), (&json!(0), &json!(1)));
    let refused = world.ann().api("DELETE", &path, &Value::Null);
    assert_eq!((refused.status, refused.code()), (409, "role_in_use".into()));
    assert_eq!(world.ann().api("DELETE", &format!("{path}?replace_by={new}"), &Value::Null).status, 200);
    // The invited person gets the replacement.
    let token = token_of(&invited.json()["accept_url"]);
    let inspected = world.app().anonymous().api("POST", "/invitations/inspect", &json!({ "token": token })).json();
    assert_eq!((&inspected["role"], &inspected["role_name"]), (&json!(new), &json!("New")));
    let body = json!({ "token": token, "name": "Newt", "password": "copper walnut tides 9" });
    assert_eq!(world.app().anonymous().api("POST", "/invitations/accept", &body).status, 200);
    let listed = world.ann().read(&format!("/organisations/acme/members?role={new}")).json();
    assert_eq!(emails(&listed["items"]), ["new@acme.test"]);
    assert_eq!(world.ann().read("/organisations/acme/members?role=new").json(), listed, "by its slug, too");
    assert_eq!(listed["items"][0]["workspaces"][0]["role_name"], "New");
    // An invitation that has expired does not keep a role, and ends with it: sending it again would give a removed role.
    let third = world.role("Third", "viewer", None);
    let path = format!("{ROLES}/{third}");
    world.ann().api("POST", &invitations, &json!({ "email": "late@acme.test", "role": "third" }));
    world.app().pass(25 * 3600);
    world.behind.ann = world.app().signed_in("ann@acme.test");
    assert_eq!(world.ann().api("DELETE", &path, &Value::Null).status, 200);
    assert_eq!(world.ann().read(&invitations).json()["items"], json!([]));
}

#[test]
fn a_list_of_people_names_custom_roles_by_name_or_slug() {
    let mut world = World::new();
    let (reader, guest) = (world.role("Wiki Reader", "viewer", None), world.role("Guest", "no_access", None));
    let text = "ann1@acme.test, wiki reader\nbob1@acme.test\twiki-reader\nCarl <carl@acme.test>, Guest\ndan@acme.test, Owner\neve@acme.test";
    let path = format!("{}/bulk", world.invitations());
    for run in ["?dry_run=true", ""] {
        let tried = world.ann().api("POST", &format!("{path}{run}"), &json!({ "text": text, "role": guest })).json();
        let items = tried["items"].as_array().expect("a list");
        let roles: Vec<_> =
            items.iter().map(|one| (one["outcome"].as_str().expect("one"), one["role"].clone())).collect();
        assert_eq!(
            roles,
            [
                ("invited", json!(reader)),
                ("invited", json!(reader)),
                ("invited", json!(guest)),
                ("invalid", json!(guest)),
                ("invited", json!(guest)),
            ],
            "{tried}"
        );
        assert_eq!(
            (&items[0]["role_name"], &items[0]["text"]),
            (&json!("Wiki Reader"), &json!("ann1@acme.test, wiki reader"))
        );
    }
    let table = "E-mail,Role\nfay@acme.test,Wiki Reader\ngus@acme.test,Wiki Writer";
    let tried = world.ann().api("POST", &path, &json!({ "text": table })).json();
    assert_eq!(
        (&tried["items"][0]["role"], &tried["items"][1]["outcome"]),
        (&json!(reader), &json!("invalid")),
        "{tried}"
    );
    let listed = json!({ "invitations": [{ "email": "hal@acme.test", "role": "Wiki Reader" }] });
    assert_eq!(world.ann().api("POST", &path, &listed).json()["items"][0]["role"], json!(reader));
}

#[test]
fn the_last_admin_keeps_the_role_and_links_of_a_former_admin_end() {
    let mut world = World::new();
    let role = world.role("Auditor", "viewer", None);
    let (wes, invitations) = (world.member("wes@acme.test"), world.invitations());
    let invited = world.app().signed_in("wes@acme.test").api(
        "POST",
        &invitations,
        &json!({ "email": "new@acme.test", "role": role }),
    );
    assert_eq!(invited.status, 201, "a workspace Admin gives custom roles, too: {}", invited.body);
    // Ann, who is the organisation's admin, is also an Admin of the workspace: Wes is not the last one.
    let dry = world.ann().api("PATCH", &format!("{wes}?dry_run=true"), &json!({ "role": role })).json();
    if dry["error"].is_null() {
        assert!(dry["effect"]["warnings"][0].as_str().expect("a warning").contains("new@acme.test"), "{dry}");
    } else {
        assert_eq!(dry["error"]["code"], "last_admin");
    }
    world.give("pat@acme.test", "admin");
    let dry = world.ann().api("PATCH", &format!("{wes}?dry_run=true"), &json!({ "role": role })).json();
    assert!(dry["effect"]["warnings"][0].as_str().expect("a warning").contains("new@acme.test"), "{dry}");
    world.give("wes@acme.test", &role);
    let token = token_of(&invited.json()["accept_url"]);
    assert_eq!(world.app().anonymous().api("POST", "/invitations/inspect", &json!({ "token": token })).status, 404);
    // Wes no longer manages members.
    let mut wes = world.app().signed_in("wes@acme.test");
    assert_eq!(wes.read(&invitations).status, 403);
}

#[test]
fn a_role_that_is_removed_meanwhile_is_not_given() {
    let mut world = World::new();
    let role = world.role("Auditor", "viewer", None);
    let id = vestibule::domain::ids::RoleId::parse(&role).expect("an id");
    let (member, invitations) = (world.member("pat@acme.test"), world.invitations());
    let (mut ann, given) = (world.behind.ann.clone(), json!({ "role": role }));
    let removed = id.clone();
    let answer =
        ask_during(world.app(), move |tx| tx.delete_role(&removed, None), move || ann.api("PATCH", &member, &given));
    assert_eq!((answer.status, answer.field()), (422, "role".into()), "{}", answer.body);
    let role = world.role("Second", "viewer", None);
    let id = vestibule::domain::ids::RoleId::parse(&role).expect("an id");
    let (mut ann, path) = (world.behind.ann.clone(), format!("{invitations}/bulk"));
    let listed = json!({ "text": "new@acme.test, Second\nother@acme.test" });
    let answer =
        ask_during(world.app(), move |tx| tx.delete_role(&id, None), move || ann.api("POST", &path, &listed)).json();
    assert_eq!(
        (&answer["items"][0]["outcome"], &answer["items"][1]["outcome"]),
        (&json!("invalid"), &json!("invited")),
        "{answer}"
    );
    // Given first, the role can no longer be removed.
    let role = world.role("Third", "viewer", None);
    let third = world.behind.org.clone();
    let pat = world.app().user("pat@acme.test");
    let (mut ann, path, name) = (world.behind.ann.clone(), format!("{ROLES}/{role}"), role.clone());
    let give = move |tx: &vestibule::store::Tx| {
        let role = tx.role_names(&third.id)?.given(&name)?;
        tx.set_place(&third.id, &third.workspace, &tx.user(&pat)?, &role)
    };
    let answer = ask_during(world.app(), give, move || ann.api("DELETE", &path, &Value::Null));
    assert_eq!((answer.status, answer.code()), (409, "role_in_use".into()), "{}", answer.body);
}

#[test]
fn an_organisation_with_roles_members_and_invitations_can_be_deleted() {
    let mut world = World::new();
    let role = world.role("Auditor", "viewer", Some("editor"));
    world.give("pat@acme.test", &role);
    let invitations = world.invitations();
    assert_eq!(world.ann().api("POST", &invitations, &json!({ "email": "new@acme.test", "role": role })).status, 201);
    let gone = world.app().operator().api("DELETE", "/organisations/acme?confirm=Acme", &Value::Null);
    assert_eq!(gone.status, 200, "{}", gone.body);
}

#[test]
fn an_organisation_has_a_limited_number_of_roles() {
    let mut world = World::new();
    let org = world.behind.org.id.clone();
    world.app().write(move |tx| {
        for number in 0..100 {
            let name = vestibule::domain::custom_role::read_name(&format!("Role {number}"))?;
            tx.add_role(
                &org,
                &name,
                &vestibule::domain::custom_role::RoleLevels::everywhere(vestibule::domain::level::Level::Viewer),
            )?;
        }
        Ok(())
    });
    let refused = world.ann().api("POST", ROLES, &json!({ "name": "One more", "default_level": "viewer" }));
    assert_eq!((refused.status, refused.code()), (409, "too_many".into()), "{}", refused.body);
}

#[test]
fn the_command_line_manages_roles_and_gives_them_by_slug() {
    let mut world = World::new();
    let (wiki, data) = (world.behind.wiki.clone(), world.behind.app.data.path().to_owned());
    let run = |args: &[&str]| {
        let output = crate::cli::run(args, &data);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (code, made) = run(&["role", "create", "acme", "Wiki Reader", "--default", "no_access", "--json"]);
    assert_eq!(code, Some(0), "{made}");
    let made: Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!((&made["slug"], &made["default_level"]), (&json!("wiki-reader"), &json!("no_access")));
    assert_eq!(run(&["role", "create", "acme", "wiki reader", "--default", "viewer"]).0, Some(1), "the name is taken");
    assert_eq!(run(&["role", "create", "acme", "Other", "--default", "owner"]).0, Some(2));
    let invite = world.behind.org.workspace.to_string();
    assert_eq!(run(&["member", "invite", &invite, "new@acme.test", "--role", "wiki-reader"]).0, Some(0));
    assert_eq!(run(&["member", "invite", &invite, "two@acme.test", "--role", "wiki-writer"]).0, Some(2));
    world.give("pat@acme.test", "wiki-reader");
    let pat = world.pat_at_wiki();
    let (code, dry) = run(&["role", "set-level", "acme", "wiki-reader", &wiki, "operator", "--dry-run"]);
    assert!(code == Some(0) && dry.contains("pat@acme.test: operator in Wiki instead of no_access"), "{dry}");
    assert_eq!(level_at(&pat).0, 403);
    assert_eq!(run(&["role", "set-level", "acme", "wiki-reader", &wiki, "operator", "--json"]).0, Some(0));
    assert_eq!(level_at(&pat), (200, "operator".into()), "the server sees the change of a command at once");
    let (_, listed) = run(&["member", "list", "acme", "--role", "wiki-reader"]);
    assert!(listed.contains("pat@acme.test") && !listed.contains("wes@acme.test"), "{listed}");
    let (code, refused) = run(&["role", "remove", "acme", "wiki-reader"]);
    assert!(code == Some(1) && refused.contains("One member"), "{refused}");
    let (code, effect) = run(&["role", "remove", "acme", "wiki-reader", "--replace-by", "power_user", "--json"]);
    let effect: Value = serde_json::from_str(&effect).expect("JSON");
    assert_eq!((code, &effect["counts"]["levels"]), (Some(0), &json!(2)), "{effect}");
    let (_, none) = run(&["role", "list", "acme", "--json"]);
    assert_eq!(none.trim(), "[]");
}
