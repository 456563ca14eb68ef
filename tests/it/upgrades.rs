//! Upgrades of the database: rehearsed on a copy, made with a copy kept, and the way back.

use crate::program::vestibule;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// The schema of the first version.
const VERSION_1: &str = include_str!("../../src/store/engine/schema_1.sql");
/// "Vstb".
const APPLICATION_ID: i64 = 0x5673_7462;

/// A database of the first version with an operator, who is the admin of Acme.
fn first_version() -> TempDir {
    let data = tempfile::tempdir().expect("a folder");
    let database = Connection::open(data.path().join("vestibule.db")).expect("opens");
    database.execute_batch(VERSION_1).expect("made");
    database
        .execute_batch(&format!(
            "PRAGMA user_version = 1; PRAGMA application_id = {APPLICATION_ID};
            INSERT INTO users (id, email, name, language, operator, password_hash, created_at)
                VALUES ('11111111111111111111111111111111', 'ann@acme.test', 'Ann', 'en', 1,
                '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaE', 7);
            INSERT INTO audit (at, actor_kind, actor_id, actor_name, address, action, resource_type, resource_id, resource_name, detail)
                VALUES (7, 'operator', 'u', 'ann@acme.test', '', 'appliance.set_up', 'organisation', 'o', 'Acme', '{{}}')"
        ))
        .expect("written");
    data
}

fn version_of(path: &Path) -> i64 {
    let database = Connection::open(path).expect("opens");
    database.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("read")
}

fn copies(data: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(data).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("before-upgrade-")))
        .collect()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn an_upgrade_is_rehearsed_on_a_copy_and_leaves_the_database_unchanged() {
    let data = first_version();
    let file = data.path().join("vestibule.db");
    let before = fs::read(&file).expect("read");
    let done = vestibule(data.path(), &["upgrade", "--rehearse", "--json"]);
    assert!(done.status.success(), "{}", printed(&done));
    let report: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!((&report["from"], &report["people"], &report["faults"]), (&json!(1), &json!(1), &json!([])), "{report}");
    assert!(report["to"].as_i64().expect("a number") > 30, "{report}");
    let roles = report["differences"].as_array().expect("a list").iter().find(|one| one["table"] == "audit_chains");
    assert_eq!(roles, Some(&json!({ "table": "audit_chains", "before": null, "after": 1 })), "{report}");
    assert!(fs::read(&file).expect("read") == before && copies(data.path()).is_empty(), "nothing has changed");
}

#[test]
fn a_faulty_database_is_found_by_the_rehearsal() {
    let data = first_version();
    let database = Connection::open(data.path().join("vestibule.db")).expect("opens");
    database.execute_batch("UPDATE users SET password_hash = 'plain'").expect("written");
    let done = vestibule(data.path(), &["upgrade", "--rehearse"]);
    assert_eq!(done.status.code(), Some(1), "{}", printed(&done));
    assert!(printed(&done).contains("the password of ann@acme.test cannot be read"), "{}", printed(&done));
}

#[test]
fn a_copy_is_kept_before_an_upgrade_and_is_the_way_back() {
    let data = first_version();
    let file = data.path().join("vestibule.db");
    let upgraded = vestibule(data.path(), &["upgrade"]);
    assert!(upgraded.status.success(), "{}", printed(&upgraded));
    assert!(version_of(&file) > 30);
    let kept = copies(data.path());
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(version_of(&kept[0]), 1);
    // There is nothing more to upgrade, and so nothing to keep.
    assert!(vestibule(data.path(), &["upgrade"]).status.success());
    assert_eq!(copies(data.path()), kept);
    // A newer program's database is refused, with the copy that leads back.
    Connection::open(&file).expect("opens").execute_batch("PRAGMA user_version = 9999").expect("written");
    let refused = vestibule(data.path(), &["org", "list"]);
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    let words = format!("vestibule restore {}", kept[0].display());
    assert!(printed(&refused).contains(&words), "{}", printed(&refused));
    let back = vestibule(data.path(), &["restore", kept[0].to_str().expect("text")]);
    assert!(back.status.success(), "{}", printed(&back));
    assert!(vestibule(data.path(), &["org", "list"]).status.success());
}

#[test]
fn a_damaged_database_is_not_upgraded() {
    let data = first_version();
    let file = data.path().join("vestibule.db");
    let mut bytes = fs::read(&file).expect("read");
    let (from, to) = (bytes.len() / 3, bytes.len() * 2 / 3);
    bytes[from..to].fill(0xA5);
    fs::write(&file, bytes).expect("written");
    let refused = vestibule(data.path(), &["upgrade"]);
    assert!(!refused.status.success(), "{}", printed(&refused));
    assert_eq!(version_of(&file), 1, "{}", printed(&refused));
    assert!(copies(data.path()).is_empty());
}
