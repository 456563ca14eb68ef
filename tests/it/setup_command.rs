//! `vestibule setup`: the first operator without a browser.

use crate::browser::Browser;
use crate::program::{BINARY, free_port, serve, vestibule};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;

const PASSWORD: &str = "violet tractor lagoon";

fn set_up(data: &Path, more: &[&str]) -> Output {
    vestibule(data, &[&["setup", "--operator", "ann@acme.test", "--organisation", "Acme"], more].concat())
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn an_empty_folder_is_set_up_with_a_password_and_the_operator_signs_in() {
    let (data, files) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let folder = data.path().join("new");
    let file = files.path().join("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).expect("written");
    let done =
        set_up(&folder, &["--plan", "enterprise", "--name", "Ann", "--password-file", file.to_str().expect("text")]);
    assert!(done.status.success(), "{}", printed(&done));
    let port = free_port();
    let (_server, link) = serve(&folder, port);
    assert!(link.is_none(), "the server prints no set-up link");
    let mut ann = Browser::new(&format!("http://127.0.0.1:{port}"));
    assert_eq!(ann.sign_in("ann@acme.test", PASSWORD).status, 200);
    let me = ann.api("GET", "/me", &Value::Null).json();
    assert_eq!((&me["person"]["operator"], &me["person"]["name"]), (&json!(true), &json!("Ann")), "{me}");
    let organisation = &me["organisations"][0];
    assert_eq!((&organisation["slug"], &organisation["admin"]), (&json!("acme"), &json!(true)), "{me}");
    assert_eq!(organisation["workspaces"][0]["role"], "admin", "{me}");
}

#[test]
fn without_a_password_it_prints_a_link_beside_a_server_that_waits_for_the_set_up() {
    let (data, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let url = format!("http://127.0.0.1:{port}");
    let (_server, link) = serve(data.path(), port);
    let done = set_up(data.path(), &[]);
    assert!(done.status.success(), "{}", printed(&done));
    let text = printed(&done);
    let reset = text.lines().last().expect("a link");
    assert!(reset.starts_with(&format!("{url}/reset?token=")), "{text}");
    let token = reset.split_once("token=").expect("a token").1;
    let mut ann = Browser::new(&url);
    let body = json!({ "token": token, "password": PASSWORD });
    assert_eq!(ann.api("POST", "/password-reset/finish", &body).status, 200);
    assert_eq!(Browser::new(&url).sign_in("ann@acme.test", PASSWORD).status, 200);
    // The link that the server printed no longer works.
    let setup_token = link.expect("a set-up link").split_once("token=").expect("a token").1.to_owned();
    let other = json!({ "token": setup_token, "name": "Eve", "email": "eve@evil.test", "password": PASSWORD, "organisation": "Evil" });
    assert_eq!(Browser::new(&url).api("POST", "/setup", &other).status, 404);
}

#[test]
fn an_appliance_with_people_is_not_set_up_again_and_nothing_changes() {
    let data = tempfile::tempdir().expect("a folder");
    assert!(set_up(data.path(), &[]).status.success());
    let again = vestibule(data.path(), &["setup", "--operator", "eve@evil.test", "--organisation", "Evil"]);
    assert_eq!(again.status.code(), Some(1), "{}", printed(&again));
    assert!(printed(&again).contains("vestibule operator add"), "{}", printed(&again));
    let listed = printed(&vestibule(data.path(), &["operator", "list"]));
    assert!(listed.contains("ann@acme.test") && !listed.contains("eve"), "{listed}");
}

#[test]
fn all_faults_of_the_input_are_named_and_nobody_is_added() {
    let (data, files) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let weak = files.path().join("weak");
    std::fs::write(&weak, "password1234").expect("written");
    let wrong = std::process::Command::new(BINARY)
        .args(["setup", "--operator", "nobody", "--organisation", " ", "--plan", "gold", "--password-file"])
        .arg(&weak)
        .arg("--data")
        .arg(data.path())
        .output()
        .expect("the program runs");
    assert!(matches!(wrong.status.code(), Some(1 | 2)), "{}", printed(&wrong));
    for word in ["--operator", "--organisation", "--plan"] {
        assert!(printed(&wrong).contains(word), "{word}: {}", printed(&wrong));
    }
    assert!(set_up(data.path(), &[]).status.success(), "the appliance is still empty");
}

#[test]
fn every_command_for_an_existing_appliance_says_how_to_make_one() {
    let nowhere = tempfile::tempdir().expect("a folder");
    for command in
        [&["org", "list"][..], &["doctor"], &["operator", "list"], &["audit", "verify"], &["backup", "/tmp/x.db"]]
    {
        let refused = vestibule(&nowhere.path().join("missing"), command);
        assert!(!refused.status.success(), "{command:?}");
        assert!(printed(&refused).contains("vestibule setup"), "{command:?}: {}", printed(&refused));
    }
    assert!(!nowhere.path().join("missing").exists(), "nothing is made");
}
