//! The chain of the audit log, verified by the command: every change of the file is noticed and named.

use crate::app::TestApp;
use crate::program::vestibule;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;

/// An appliance whose organisations Acme and Other have a few entries each.
fn busy() -> TestApp {
    let app = TestApp::new();
    let mut operator = app.operator();
    for name in ["Acme", "Other"] {
        let org = app.org(name, "enterprise");
        app.admin(&org, &format!("admin@{}.test", name.to_lowercase()));
        for n in 0..4 {
            let path = format!("/organisations/{}/workspaces", name.to_lowercase());
            assert_eq!(operator.api("POST", &path, &json!({ "name": format!("Workspace {n}") })).status, 201);
        }
    }
    app
}

/// The exit code of `audit verify` and its result.
fn verify(data: &Path) -> (Option<i32>, Vec<Value>) {
    let done = vestibule(data, &["audit", "verify", "--json"]);
    (done.status.code(), serde_json::from_slice(&done.stdout).expect("JSON"))
}

fn of<'a>(logs: &'a [Value], organisation: Option<&str>) -> &'a Value {
    logs.iter().find(|log| log["organisation"].as_str() == organisation).expect("the log")
}

/// Runs SQL on the file, as a person with access to it could.
fn tamper(data: &Path, sql: &str) {
    let database = Connection::open(data.join("vestibule.db")).expect("opens");
    database.execute_batch(sql).expect("changed");
}

#[test]
fn the_logs_of_the_appliance_and_of_each_organisation_are_whole_and_have_all_their_entries() {
    let app = busy();
    let (code, logs) = verify(app.data.path());
    assert_eq!(code, Some(0), "{logs:?}");
    for organisation in [None, Some("acme"), Some("other")] {
        let log = of(&logs, organisation);
        assert!(log["fault"].is_null() && log["first"] == 1 && log["entries"] == log["newest"], "{log}");
    }
    assert!(of(&logs, Some("acme"))["entries"].as_i64().expect("a number") >= 4);
    let counted: i64 = logs.iter().map(|log| log["entries"].as_i64().expect("a number")).sum();
    let database = Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    let stored: i64 = database.query_row("SELECT count(*) FROM audit", [], |row| row.get(0)).expect("counted");
    assert_eq!(counted, stored);
    let alone = vestibule(app.data.path(), &["audit", "verify", "acme"]);
    let printed = String::from_utf8(alone.stdout).expect("text");
    assert!(
        printed.starts_with("acme: ") && printed.contains("Nothing is missing, and nothing was changed."),
        "{printed}"
    );
    assert_eq!(vestibule(app.data.path(), &["audit", "verify", "nobody"]).status.code(), Some(1));
}

#[test]
fn every_change_of_the_log_in_the_file_is_noticed_and_named() {
    const ACME: &str = "(SELECT id FROM organisations WHERE slug = 'acme')";
    let third = format!("organisation_id = {ACME} AND number = 3");
    let cases = [
        (format!("UPDATE audit SET action = 'member.added' WHERE {third}"), "was changed at entry 3"),
        (format!("UPDATE audit SET at = at + 1 WHERE {third}"), "was changed at entry 3"),
        (format!("UPDATE audit SET actor_name = 'eve@acme.test' WHERE {third}"), "was changed at entry 3"),
        (format!("UPDATE audit SET detail = '{{}}', personal = x'00112233445566778899aabbccddeeff' WHERE {third}"), "was changed at entry 3"),
        (format!("UPDATE audit SET address = '203.0.113.9' WHERE {third}"), "was changed at entry 3"),
        (format!("DELETE FROM audit WHERE {third}"), "The entry 3 of the audit log of acme is missing."),
        (
            format!("DELETE FROM audit WHERE organisation_id = {ACME} AND number >= 3"),
            "of the audit log of acme are missing.",
        ),
        (
            format!(
                "UPDATE audit SET id = id + 100000 WHERE {third}"
            ),
            "The entry 3 of the audit log of acme is missing.",
        ),
        (
            format!("UPDATE audit SET organisation_id = (SELECT id FROM organisations WHERE slug = 'other') WHERE {third}"),
            "The entry 3 of the audit log of acme is missing.",
        ),
        (
            format!("INSERT INTO audit SELECT (SELECT max(id) + 1 FROM audit), at, actor_kind, actor_id, actor_name, address, action, organisation_id,
                workspace_id, resource_type, resource_id, resource_name, detail, number, personal, hash FROM audit WHERE {third}"),
            "The entry 3 of the audit log of acme is in the place of entry",
        ),
        (format!("UPDATE audit_chains SET hash = x'{}' WHERE organisation_id = {ACME}", "00".repeat(32)), "does not end with the entry that was written last"),
        (format!("DELETE FROM audit_chains WHERE organisation_id = {ACME}"), "does not end with the entry that was written last"),
    ];
    for (sql, words) in cases {
        let app = busy();
        tamper(app.data.path(), &sql);
        let (code, logs) = verify(app.data.path());
        assert_eq!(code, Some(1), "{sql}");
        let fault = of(&logs, Some("acme"))["fault"].as_str().expect("a fault").to_owned();
        assert!(fault.contains(words), "{sql}: {fault}");
        assert!(of(&logs, None)["fault"].is_null(), "{sql}");
    }
}

#[test]
fn erased_personal_fields_leave_the_log_whole_and_are_counted() {
    let app = busy();
    let database = Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    let sql = "SELECT id, actor_name, address, resource_name, detail, personal FROM audit WHERE action = 'workspace.created' ORDER BY id LIMIT 1";
    let (id, digest) = database
        .query_row(sql, [], |row| {
            let text = |n| row.get::<_, String>(n);
            let (name, address, resource, detail) = (text(1)?, text(2)?, text(3)?, text(4)?);
            let personal = vestibule::domain::audit_chain::Personal {
                actor_name: &name,
                address: &address,
                resource_name: &resource,
                detail: &detail,
            };
            Ok((row.get::<_, i64>(0)?, personal.digest(&row.get::<_, Vec<u8>>(5)?)))
        })
        .expect("an entry");
    let sql = "UPDATE audit SET actor_name = '', address = '', resource_name = '', detail = 'null', personal = ?2 WHERE id = ?1";
    database.execute(sql, (id, &digest[..])).expect("erased");
    let (code, logs) = verify(app.data.path());
    assert_eq!(code, Some(0), "{logs:?}");
    assert_eq!(logs.iter().map(|log| log["erased"].as_i64().expect("a number")).sum::<i64>(), 1);
}

#[test]
fn the_log_is_exported_as_json_lines() {
    let app = busy();
    let done = vestibule(app.data.path(), &["audit", "export", "acme", "--format", "jsonl"]);
    let text = String::from_utf8(done.stdout).expect("text");
    let entries: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (_, logs) = verify(app.data.path());
    assert_eq!(json!(entries.len()), of(&logs, Some("acme"))["entries"]);
    assert!(entries.iter().any(|entry| entry["action"] == "workspace.created" && entry["actor"]["kind"] == "operator"));
}

#[test]
fn old_entries_are_deleted_after_their_retention_and_the_rest_is_still_verified() {
    let app = TestApp::with_operator(|flags| flags.audit_days = Some(30));
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let make = |name: &str| {
        let made = app.operator().api("POST", "/organisations/acme/workspaces", &json!({ "name": name }));
        assert_eq!(made.status, 201);
    };
    make("Old");
    let before = verify(app.data.path()).1;
    app.wait(29 * 24 * 3600);
    make("Middle");
    app.wait(2 * 24 * 3600);
    make("New");
    // The next round of jobs deletes what is older than 30 days.
    let newest = |logs: &[Value]| of(logs, Some("acme"))["newest"].as_i64().expect("a number");
    for _ in 0..100 {
        app.wait(60);
        std::thread::sleep(std::time::Duration::from_millis(100));
        let (code, logs) = verify(app.data.path());
        assert_eq!(code, Some(0), "{logs:?}");
        if of(&logs, Some("acme"))["first"] == json!(newest(&before) + 1) {
            assert_eq!(of(&logs, Some("acme"))["entries"], 2, "{logs:?}");
            let done = vestibule(app.data.path(), &["audit", "export", "acme"]);
            let text = String::from_utf8(done.stdout).expect("text");
            assert!(text.contains("Middle") && text.contains("New") && !text.contains("Old"), "{text}");
            // A gap after the deleted entries is still noticed.
            tamper(app.data.path(), "DELETE FROM audit WHERE resource_name = 'Middle'");
            assert_eq!(verify(app.data.path()).0, Some(1));
            return;
        }
    }
    panic!("nothing was deleted: {:?}", verify(app.data.path()));
}
