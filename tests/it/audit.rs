//! The audit log and its filters.

use crate::acme::Acme;
use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use serde_json::{Value, json};
use vestibule::domain::Email;

/// Two organisations with some events each.
fn acme() -> Acme {
    let app = TestApp::new();
    app.admin(&app.org("Globex", "business"), "gus@globex.test");
    let mut gus = app.signed_in("gus@globex.test");
    gus.api("PATCH", "/organisations/globex", &json!({ "name": "Globex Ltd" }));
    Acme::connected_at(app)
}

fn read(browser: &mut Browser, query: &str) -> Vec<Value> {
    let answer = browser.read(&format!("/organisations/acme/audit{query}"));
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    answer.json()["items"].as_array().expect("a list").clone()
}

fn actions(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["action"].as_str().expect("text")).collect()
}

#[test]
fn admins_see_only_their_organisations_log_newest_first() {
    let Acme { app, mut admin, .. } = acme();
    let items = read(&mut admin, "");
    let expected = ["session.saml", "connection.tested", "sso.verified", "connection.saved", "session.password"];
    assert_eq!(actions(&items), expected);
    assert_eq!(items[0]["actor"]["name"], "ann@acme.test");
    assert_eq!(items[0]["organisation"]["name"], "Acme");
    assert_eq!(items[3]["detail"]["certificates"], 1);
    assert!(items[0]["id"].as_i64() > items[1]["id"].as_i64());
    assert_eq!(app.signed_in("bob@acme.test").read("/organisations/acme/audit").status, 403);
    assert_eq!(app.signed_in("gus@globex.test").read("/organisations/acme/audit").status, 404);
    assert_eq!(admin.read("/audit").status, 403);
}

#[test]
fn the_log_is_filtered_by_person_kind_name_workspace_and_date() {
    let Acme { app, org, mut admin } = acme();
    app.wait(2 * 24 * 3600);
    let mut bob = app.signed_in("bob@acme.test");
    let bob_id = bob.read("/me").json()["person"]["id"].as_str().expect("an id").to_owned();
    let mut admin2 = app.signed_in("ann@acme.test");
    admin2.api("PATCH", &format!("/workspaces/{}", org.workspace), &json!({ "name": "Engine Room" }));
    let all = read(&mut admin2, "").len();
    for (query, expected) in [
        ("?user=bob@acme.test".to_owned(), vec!["session.password"]),
        (format!("?user={bob_id}"), vec!["session.password"]),
        ("?user=Bob%40Acme.test".to_owned(), vec!["session.password"]),
        ("?resource_type=workspace".to_owned(), vec!["workspace.renamed"]),
        ("?resource=engine".to_owned(), vec!["workspace.renamed"]),
        (format!("?workspace={}", org.workspace), vec!["workspace.renamed"]),
        ("?resource_type=connection&user=ann@acme.test".to_owned(), vec!["connection.tested", "connection.saved"]),
        ("?resource=100%25".to_owned(), vec![]),
        ("?user=gus@globex.test".to_owned(), vec![]),
    ] {
        assert_eq!(actions(&read(&mut admin2, &query)), expected, "{query}");
    }
    let since = app.now().plus(-3600).to_string();
    assert_eq!(read(&mut admin2, &format!("?from={since}")).len(), 3);
    assert_eq!(read(&mut admin2, &format!("?to={since}")).len(), all - 3);
    let today = app.now().to_string();
    assert_eq!(read(&mut admin2, &format!("?to={}", &today[..10])).len(), all, "a date includes the whole day");
    assert_eq!(read(&mut admin2, "?from=2099-01-01").len(), 0);
    for (query, field) in
        [("?from=soon", "from"), ("?resource_type=cake", "resource_type"), ("?workspace=x", "workspace")]
    {
        let refused = admin2.read(&format!("/organisations/acme/audit{query}"));
        assert_eq!((refused.status, refused.field().as_str()), (422, field), "{query}");
    }
    assert_eq!(
        admin.read("/organisations/acme/audit").status,
        401,
        "the first session has expired after its idle time"
    );
}

#[test]
fn an_entry_that_was_written_late_is_found_by_the_time_of_its_event() {
    let Acme { app, mut admin, .. } = acme();
    app.wait(60);
    admin.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Later" }));
    let late = app.now();
    app.wait(-30);
    admin.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Earlier, and written after it" }));
    app.wait(30);
    let since = read(&mut admin, &format!("?from={}&resource_type=workspace", late.plus(-40)));
    assert_eq!(
        since.iter().map(|row| row["resource_name"].clone()).collect::<Vec<_>>(),
        ["Later", "Earlier, and written after it"]
    );
    assert_eq!(read(&mut admin, &format!("?from={late}&resource_type=workspace")).len(), 1);
}

#[test]
fn people_and_keys_are_found_by_name_in_any_case_and_script() {
    let Acme { app, mut admin, .. } = acme();
    admin.api("PATCH", "/organisations/acme", &json!({ "name": "Österreich AG" }));
    assert_eq!(actions(&read(&mut admin, "?resource=%C3%96STERREICH")), ["organisation.renamed"]);
    assert_eq!(app.operator().read("/organisations?search=%C3%B6sterr").json()["items"][0]["name"], "Österreich AG");
    let key = admin
        .api("POST", "/organisations/acme/keys", &json!({ "name": "Directory Sync", "scopes": ["manage_members"] }))
        .json();
    let mut program = app.program(key["key"].as_str().expect("a key"));
    let members = admin.read("/organisations/acme/members").json();
    let bob = members["items"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["email"] == "bob@acme.test")
        .expect("Bob")
        .clone();
    let place = bob["workspaces"][0]["id"].as_str().expect("an id");
    program.api(
        "PATCH",
        &format!("/workspaces/{place}/members/{}", bob["user"].as_str().expect("an id")),
        &json!({ "role": "admin" }),
    );
    for who in ["Directory%20Sync", key["id"].as_str().expect("an id")] {
        assert_eq!(actions(&read(&mut admin, &format!("?user={who}"))), ["member.role_changed"], "{who}");
    }
}

#[test]
fn people_are_found_by_part_of_a_name_or_address_and_by_a_whole_address() {
    let Acme { app, org, mut admin } = acme();
    app.member(&org, "bobby@acme.test");
    let zoe = app.member(&org, "z.oehl@acme.test");
    app.write(move |tx| tx.set_user(&zoe, "Zoë Öhlinger", None));
    for person in ["bob@acme.test", "bobby@acme.test", "z.oehl@acme.test"] {
        app.signed_in(person);
    }
    let key = json!({ "name": "Nightly sync", "scopes": ["manage_members"] });
    let key = admin.api("POST", "/organisations/acme/keys", &key).json();
    let mut program = app.program(key["key"].as_str().expect("a key"));
    program.api(
        "POST",
        &format!("/workspaces/{}/invitations", org.workspace),
        &json!({ "email": "new@acme.test", "role": "admin" }),
    );
    admin.api("DELETE", &format!("/organisations/acme/keys/{}", key["id"].as_str().expect("an id")), &Value::Null);
    let names = |browser: &mut Browser, path: &str, user: &str| {
        let user: String = url::form_urlencoded::byte_serialize(user.as_bytes()).collect();
        let answer = browser.read(&format!("{path}/audit?user={user}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let total = browser.read(&format!("{path}/audit/activity?user={user}")).json()["total"].as_u64();
        let mut names: Vec<_> = answer.json()["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|row| row["actor"]["name"].as_str().expect("text").to_owned())
            .collect();
        assert_eq!(total, Some(names.len() as u64), "the activity counts the same entries: {user}");
        names.sort();
        names.dedup();
        names
    };
    for (user, found) in [
        ("bob", vec!["bob@acme.test", "bobby@acme.test"]),
        ("BOBBY", vec!["bobby@acme.test"]),
        ("bob@acme.test", vec!["bob@acme.test"]),
        ("ohl", vec![]),
        ("öhl", vec!["z.oehl@acme.test"]),
        ("ö", vec!["z.oehl@acme.test"]),
        ("Nightly", vec!["Nightly sync"]),
        ("gus", vec![]),
        ("100%", vec![]),
    ] {
        assert_eq!(names(&mut admin, "/organisations/acme", user), found, "{user}");
    }
    let mut operator = app.operator();
    assert_eq!(names(&mut operator, "", "gus"), ["gus@globex.test"]);
    // More people match than the search looks up one by one, so it searches the log itself.
    app.write(move |tx| {
        (0..150).try_for_each(|n| {
            let email = Email::parse(&format!("bob{n}@many.test"))?;
            tx.add_user(&email, "Many", None, false).map(drop)
        })
    });
    assert_eq!(names(&mut admin, "/organisations/acme", "bob"), ["bob@acme.test", "bobby@acme.test"]);
}

#[test]
fn pages_contain_each_entry_exactly_once() {
    let Acme { app, mut admin, .. } = acme();
    for n in 0..7 {
        admin.api("POST", "/organisations/acme/workspaces", &json!({ "name": format!("W{n}") }));
    }
    let whole = read(&mut admin, "");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.read(&format!("/organisations/acme/audit?limit=3&cursor={cursor}")).json();
        seen.extend(page["items"].as_array().expect("a list").clone());
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, whole);
    let everything = app.operator().read("/audit?limit=200").json();
    let names: Vec<_> =
        everything["items"].as_array().expect("a list").iter().map(|one| &one["organisation"]["name"]).collect();
    assert!(names.contains(&&json!("Acme")) && names.contains(&&json!("Globex Ltd")) && names.contains(&&Value::Null));
}

#[test]
fn wrong_passwords_are_in_the_log_of_the_persons_organisations() {
    let Acme { app, mut admin, .. } = acme();
    app.anonymous().sign_in("bob@acme.test", "wrong words here");
    app.anonymous().sign_in("nobody@acme.test", "wrong words here");
    app.finish_log();
    let refused = read(&mut admin, "?resource=bob");
    assert_eq!(actions(&refused), ["session.refused"]);
    assert_eq!(
        (refused[0]["actor"]["kind"].as_str(), refused[0]["address"].as_str()),
        (Some("anonymous"), Some("127.0.0.1"))
    );
    let log = app.operator().read("/audit?limit=200").body;
    assert!(
        !log.contains("nobody@acme.test") && !log.contains("wrong words"),
        "attempts with unknown addresses are not logged"
    );
    assert!(!log.contains(PASSWORD));
}

#[test]
fn a_program_can_read_the_log_with_a_key() {
    let Acme { app, mut admin, .. } = acme();
    let key = admin.api("POST", "/organisations/acme/keys", &json!({ "name": "SIEM", "scopes": ["read"] })).json();
    let mut program = app.program(key["key"].as_str().expect("a key"));
    assert_eq!(actions(&read(&mut program, "?resource_type=key")), ["key.created"]);
    assert_eq!(program.read("/audit").status, 403);
}

fn activity(browser: &mut Browser, path: &str) -> (Vec<i64>, i64) {
    let answer = browser.read(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    let json = answer.json();
    let counts = json["items"].as_array().expect("a list").iter().map(|one| one["count"].as_i64().expect("a number"));
    (counts.collect(), json["total"].as_i64().expect("a number"))
}

#[test]
fn activity_counts_the_entries_that_the_log_lists_with_the_same_filters() {
    let Acme { app, .. } = acme();
    app.wait(3 * 24 * 3600);
    let mut ann = app.signed_in("ann@acme.test");
    for n in 0..3 {
        ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": format!("W{n}") }));
    }
    let all = i64::try_from(read(&mut ann, "").len()).expect("a small number");
    let (days, total) = activity(&mut ann, "/organisations/acme/audit/activity");
    assert_eq!((days.len(), total), (30, all));
    assert_eq!((days[29], days[28], days[26]), (4, 0, all - 4), "{days:?}");
    let from = app.now().plus(-3600);
    for (query, expected) in [
        ("resource_type=workspace", 3),
        ("user=bob@acme.test", 0),
        ("resource=w1", 1),
        (&format!("from={from}&to={from}"), 0),
        (&format!("from={from}"), 4),
    ] {
        assert_eq!(activity(&mut ann, &format!("/organisations/acme/audit/activity?{query}")).1, expected, "{query}");
    }
    assert_eq!(ann.read("/organisations/acme/audit/activity?from=soon").field(), "from");
}

#[test]
fn reading_activity_needs_the_same_right_as_reading_the_log() {
    let Acme { app, mut admin, .. } = acme();
    assert_eq!(admin.read("/audit/activity").status, 403);
    assert_eq!(app.signed_in("bob@acme.test").read("/organisations/acme/audit/activity").status, 403);
    assert_eq!(app.signed_in("gus@globex.test").read("/organisations/acme/audit/activity").status, 404);
    let mut operator = app.operator();
    let everywhere = activity(&mut operator, "/audit/activity").1;
    assert!(everywhere > activity(&mut operator, "/organisations/acme/audit/activity").1);
}

/// The quoted texts that look like an action: two words with a dot between them.
fn actions_in(source: &str) -> Vec<&str> {
    let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let is_file = |text: &str| text == "vestibule.db";
    let action =
        |text: &&str| !is_file(text) && text.split_once('.').is_some_and(|(thing, done)| word(thing) && word(done));
    source.split('"').skip(1).step_by(2).filter(action).collect()
}

#[test]
fn the_web_ui_has_a_text_for_every_action() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let sentences = std::fs::read_to_string(root.join("static/ui/audit_sentence.js")).expect("the sentences");
    let (mut seen, mut files) = (0, Vec::new());
    crate::house::sources(&root.join("src/actions"), &mut files);
    for file in files {
        let source = std::fs::read_to_string(file).expect("text");
        for action in actions_in(&source) {
            assert!(sentences.contains(&format!("'{action}': ")), "static/ui/audit_sentence.js lacks {action}");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

/// A search must not reveal whether other people exist, and other people must not hide entries.
#[test]
fn people_of_other_organisations_do_not_change_a_search_of_the_log() {
    let app = TestApp::new();
    let acme = app.org("Acme", "business");
    app.admin(&acme, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let new = json!({ "name": "x deploy@other.test x", "scopes": ["manage_members"] });
    let made = ann.api("POST", "/organisations/acme/keys", &new).json();
    let path = format!("/workspaces/{}/invitations", acme.workspace);
    let invitation = json!({ "email": "new@acme.test", "role": "power_user" });
    assert_eq!(app.program(made["key"].as_str().expect("text")).api("POST", &path, &invitation).status, 201);
    let key = format!("/organisations/acme/keys/{}", made["id"].as_str().expect("text"));
    assert_eq!(ann.api("DELETE", &key, &Value::Null).status, 204);
    let mut found = || {
        ["deploy", "deploy@other.test"].map(|user| {
            let lines = ann.read(&format!("/organisations/acme/audit?user={user}")).json();
            lines["items"]
                .as_array()
                .expect("a list")
                .iter()
                .filter(|line| line["action"] == "invitation.created")
                .count()
        })
    };
    assert_eq!(found(), [1, 1]);
    app.member(&app.org("Other", "business"), "deploy@other.test");
    assert_eq!(found(), [1, 1]);
}
