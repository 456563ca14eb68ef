//! Backups and restoration by the real program: beside a running server under load, killed by `kill -9`, on a full or
//! read-only disk, and of a damaged database.

use crate::app::TestApp;
use crate::browser::Browser;
use crate::cli::finding;
use crate::mail_server::MailServer;
use crate::program::{BINARY, Server, free_port, operators_program, serve, set_up, vestibule};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;

const PASSWORD: &str = "violet tractor lagoon";
const EMAIL: &str = "ann@acme.test";

const DAY: i64 = 24 * 3600;

/// A server with Acme and its admin Ann, and a folder for backups.
struct Appliance {
    data: TempDir,
    backups: TempDir,
    port: u16,
    server: Option<Server>,
    ann: Browser,
    workspace: String,
}

impl Appliance {
    fn start() -> Self {
        let (data, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let (server, link) = serve(data.path(), port);
        let (ann, workspace) = set_up(&format!("http://127.0.0.1:{port}"), &link.expect("a set-up link"));
        Self { data, backups: tempfile::tempdir().expect("a folder"), port, server: Some(server), ann, workspace }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.backups.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        vestibule(self.data.path(), args)
    }

    fn back_up(&self, name: &str) -> PathBuf {
        let file = self.file(name);
        let made = self.run(&["backup", text(&file)]);
        assert!(made.status.success(), "{}", printed(&made));
        file
    }

    fn restart(&mut self) {
        self.server = None;
        self.server = Some(serve(self.data.path(), self.port).0);
    }

    fn sign_in(&self) -> (Browser, u16) {
        let mut browser = Browser::new(&format!("http://127.0.0.1:{}", self.port));
        let status = browser.sign_in(EMAIL, PASSWORD).status;
        (browser, status)
    }

    fn names_of_workspaces(&self) -> Vec<String> {
        let listed = self.run(&["workspace", "list", "acme", "--json"]);
        let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
        let name = |one: &Value| one["name"].as_str().expect("a name").to_owned();
        listed.as_array().expect("a list").iter().map(name).collect()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_beside_a_running_server_is_one_private_file_and_restores_everything() {
    let mut one = Appliance::start();
    let file = one.back_up("first.db");
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(names_in(one.backups.path()), ["first.db"], "nothing is left behind");
    let made = one.run(&["workspace", "list", "acme"]);
    assert!(made.status.success());
    one.ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Later" }));
    assert!(one.names_of_workspaces().contains(&"Later".to_owned()));

    // A running server prevents the restoration, and nothing changes.
    let refused = one.run(&["restore", text(&file)]);
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    assert!(printed(&refused).contains("Another Vestibule serves from"), "{}", printed(&refused));
    assert!(one.names_of_workspaces().contains(&"Later".to_owned()));

    one.server = None;
    let restored = one.run(&["restore", text(&file)]);
    assert!(restored.status.success(), "{}", printed(&restored));
    assert!(printed(&restored).contains("Restored: 1 organisation and 1 person."), "{}", printed(&restored));
    assert!(!one.names_of_workspaces().contains(&"Later".to_owned()));
    // The replaced database is kept, complete.
    let kept = names_in(one.data.path()).into_iter().find(|name| name.starts_with("before-restore-")).expect("kept");
    let kept = one.data.path().join(kept);
    let listed = vestibule(&kept, &["workspace", "list", "acme"]);
    assert!(printed(&listed).contains("Later"), "{}", printed(&listed));

    // Sessions that existed when the backup was made have ended, and people sign in as before.
    one.restart();
    assert_eq!(one.ann.api("GET", "/me", &Value::Null).status, 401);
    let (mut browser, status) = one.sign_in();
    assert_eq!(status, 200);
    let log = browser.api("GET", "/audit", &Value::Null);
    assert!(log.body.contains("security.restored"), "{}", log.body);
}

#[test]
fn a_restored_backup_brings_no_ended_session_token_or_link_back_unless_that_is_asked_for() {
    let mut one = Appliance::start();
    let link = one.run(&["user", "reset-link", EMAIL]);
    let token = printed(&link);
    let token = token.split_once("token=").expect("a link").1.split_whitespace().next().expect("a token").to_owned();
    let file = one.back_up("backup.db");
    let inspect = |one: &Appliance| {
        let mut browser = Browser::new(&format!("http://127.0.0.1:{}", one.port));
        browser.api("POST", "/password-reset/inspect", &json!({ "token": token })).status
    };
    assert_eq!(inspect(&one), 200);
    for (args, session, reset) in [(&["--keep-sessions"][..], 200, 200), (&[], 401, 404)] {
        one.server = None;
        let restored = one.run(&[&["restore", text(&file)], args].concat());
        assert!(restored.status.success(), "{}", printed(&restored));
        one.restart();
        assert_eq!(one.ann.api("GET", "/me", &Value::Null).status, session, "{args:?}");
        assert_eq!(inspect(&one), reset, "{args:?}");
    }
}

#[test]
fn a_backup_of_a_server_under_load_has_every_write_that_was_acknowledged_before_it() {
    let one = Appliance::start();
    let url = format!("http://127.0.0.1:{}", one.port);
    let ended = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|number| {
            let (mut program, ended) = (operators_program(one.data.path(), &url), ended.clone());
            let path = format!("/workspaces/{}/invitations", one.workspace);
            std::thread::spawn(move || {
                let mut acknowledged = Vec::new();
                for n in 0.. {
                    if ended.load(Ordering::SeqCst) || n >= 2000 {
                        return acknowledged;
                    }
                    let email = format!("person-{number}-{n}@load.test");
                    let answer = program.api("POST", &path, &json!({ "email": email, "role": "power_user" }));
                    if answer.status == 201 {
                        acknowledged.push((std::time::SystemTime::now(), email));
                    }
                }
                acknowledged
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    let mut backups = Vec::new();
    for n in 0..3 {
        let began = std::time::SystemTime::now();
        backups.push((began, one.back_up(&format!("{n}.db"))));
    }
    ended.store(true, Ordering::SeqCst);
    let acknowledged: Vec<_> = writers.into_iter().flat_map(|writer| writer.join().expect("joined")).collect();
    let mut compared = 0;
    for (began, file) in backups {
        let database = Connection::open(&file).expect("opens");
        for (_, email) in acknowledged.iter().filter(|(at, _)| *at < began) {
            let sql = "SELECT count(*) FROM invitations WHERE email = ?1";
            assert_eq!(database.query_row(sql, [email], |row| row.get::<_, i64>(0)), Ok(1), "{email}");
            compared += 1;
        }
    }
    assert!(compared > 10, "there was load: {compared}");
}

#[test]
fn a_backup_goes_to_standard_output_and_comes_from_standard_input() {
    let mut one = Appliance::start();
    let made = one.run(&["backup", "-"]);
    assert!(made.status.success() && made.stdout.starts_with(b"SQLite format 3\0"), "{}", printed(&made));
    one.server = None;
    let mut restore = Command::new(BINARY)
        .args(["restore", "-", "--json", "--data"])
        .arg(one.data.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    std::io::Write::write_all(&mut restore.stdin.take().expect("captured"), &made.stdout).expect("sent");
    let restored = restore.wait_with_output().expect("ended");
    let result: Value = serde_json::from_slice(&restored.stdout).expect("JSON");
    assert_eq!((&result["organisations"], &result["people"]), (&json!(1), &json!(1)), "{result}");
}

#[test]
fn a_backup_replaces_no_file_unless_that_is_asked_for_and_is_never_in_the_data_folder() {
    let one = Appliance::start();
    let file = one.back_up("backup.db");
    let before = fs::read(&file).expect("read");
    let again = one.run(&["backup", text(&file)]);
    assert_eq!(again.status.code(), Some(1), "{}", printed(&again));
    assert!(printed(&again).contains("--replace") && fs::read(&file).expect("read") == before);
    assert!(one.run(&["backup", text(&file), "--replace"]).status.success());
    let inside = one.run(&["backup", text(&one.data.path().join("copy.db"))]);
    assert_eq!(inside.status.code(), Some(1), "{}", printed(&inside));
    let nowhere = one.run(&["backup", text(&one.file("missing/copy.db"))]);
    assert_eq!(nowhere.status.code(), Some(2), "{}", printed(&nowhere));
    assert_eq!(names_in(one.backups.path()), ["backup.db"]);
}

#[test]
fn the_doctor_says_when_the_last_backup_was_made() {
    let one = Appliance::start();
    let found = |one: &Appliance| {
        let report: Value = serde_json::from_slice(&one.run(&["doctor", "--json"]).stdout).expect("JSON");
        finding(&report, "backup")["found"].as_str().expect("words").to_owned()
    };
    assert!(found(&one).contains("none was made yet"), "{}", found(&one));
    one.back_up("backup.db");
    assert!(found(&one).contains("made and proved at"), "{}", found(&one));
}

#[test]
fn a_file_that_is_no_complete_database_of_this_program_is_not_restored() {
    let mut one = Appliance::start();
    let good = one.back_up("good.db");
    let copy = one.file("cut.db");
    // The file of a running server without its log.
    fs::copy(one.data.path().join("vestibule.db"), &copy).expect("copied");
    one.server = None;
    let write = |name: &str, bytes: &[u8]| {
        let file = one.file(name);
        fs::write(&file, bytes).expect("written");
        file
    };
    let whole = fs::read(&good).expect("read");
    let mut newer = whole.clone();
    newer[60..64].copy_from_slice(&9999_u32.to_be_bytes());
    let other = one.file("other.db");
    Connection::open(&other).expect("opens").execute_batch("CREATE TABLE a (b)").expect("made");
    let cases = [
        (write("empty.db", b""), "empty (0 bytes)"),
        (write("text.db", b"not a database at all, but long enough to be read as one"), "not a database"),
        (write("half.db", &whole[..whole.len() / 2]), ""),
        (write("newer.db", &newer), "newer Vestibule"),
        (other, "another program's database"),
        (copy, "without its vestibule.db-wal"),
        (one.file("missing.db"), "cannot be read"),
    ];
    let before = fs::read(one.data.path().join("vestibule.db")).expect("read");
    for (file, words) in cases {
        let refused = one.run(&["restore", text(&file)]);
        assert!(matches!(refused.status.code(), Some(1 | 2)), "{}: {}", file.display(), printed(&refused));
        assert!(printed(&refused).contains(words), "{}: {}", file.display(), printed(&refused));
        assert!(fs::read(one.data.path().join("vestibule.db")).expect("read") == before, "{}", file.display());
    }
    let hidden = |name: &String| name.starts_with(".vestibule-restore-") || name.starts_with("before-restore-");
    assert_eq!(names_in(one.data.path()).into_iter().find(hidden), None);
}

/// Overwrites the pages in the middle of a database file.
fn damage(path: &Path) {
    let mut bytes = fs::read(path).expect("read");
    let (from, to) = (bytes.len() / 4, bytes.len() * 3 / 4);
    bytes[from..to].fill(0xA5);
    fs::write(path, bytes).expect("written");
}

#[test]
fn a_damaged_database_is_named_and_replaced_by_the_last_backup_and_gives_no_backup() {
    let mut one = Appliance::start();
    let good = one.back_up("good.db");
    one.server = None;
    // The log is moved into the file first.
    assert!(one.run(&["org", "list"]).status.success());
    damage(&one.data.path().join("vestibule.db"));
    let report = one.run(&["doctor"]);
    assert_eq!(report.status.code(), Some(1), "{}", printed(&report));
    let refused = one.run(&["backup", text(&one.file("bad.db"))]);
    assert!(!refused.status.success(), "{}", printed(&refused));
    assert_eq!(names_in(one.backups.path()), ["good.db"]);
    let damaged = one.file("damaged.db");
    fs::copy(&good, &damaged).expect("copied");
    damage(&damaged);
    let faulty = one.run(&["restore", text(&damaged)]);
    assert!(!faulty.status.success(), "{}", printed(&faulty));
    let restored = one.run(&["restore", text(&good)]);
    assert!(restored.status.success(), "{}", printed(&restored));
    one.restart();
    assert_eq!(one.sign_in().1, 200);
}

#[test]
fn a_backup_or_restoration_that_is_killed_leaves_a_whole_database() {
    let mut one = Appliance::start();
    let good = one.back_up("good.db");
    one.ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Later" }));
    for n in 0..12_u64 {
        let mut backup = Command::new(BINARY)
            .args(["backup", text(&one.file("killed.db")), "--replace", "--data"])
            .arg(one.data.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        std::thread::sleep(Duration::from_millis(4 * n * n / 2));
        drop(backup.kill());
        drop(backup.wait());
        if one.file("killed.db").exists() {
            let database = Connection::open(one.file("killed.db")).expect("opens");
            let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checked");
            assert_eq!(sound, "ok");
        }
    }
    one.server = None;
    let (mut old, mut new) = (0, 0);
    for n in 0..16_u64 {
        let mut restore = Command::new(BINARY)
            .args(["restore", text(&good), "--data"])
            .arg(one.data.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        std::thread::sleep(Duration::from_millis(n * n));
        drop(restore.kill());
        drop(restore.wait());
        if one.names_of_workspaces().contains(&"Later".to_owned()) {
            old += 1;
        } else {
            new += 1;
        }
    }
    assert!(old + new == 16 && old > 0, "{old} old, {new} new");
    assert!(one.run(&["restore", text(&good)]).status.success());
    let left = names_in(one.data.path()).into_iter().find(|name| name.starts_with(".vestibule-restore-"));
    assert_eq!(left, None, "the next restoration deletes what a killed one left behind");
    one.restart();
    assert_eq!(one.sign_in().1, 200);
}

#[test]
fn a_backup_to_a_full_or_read_only_disk_is_refused_in_words_and_leaves_nothing() {
    let one = Appliance::start();
    // A limit on the size of files stands for a full disk; the signal for it is ignored.
    let script = "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\"";
    let full = Command::new("sh")
        .args(["-c", script, BINARY, "backup", text(&one.file("full.db")), "--data"])
        .arg(one.data.path())
        .output()
        .expect("the program runs");
    assert_eq!(full.status.code(), Some(2), "{}", printed(&full));
    assert!(printed(&full).contains("full.db") || printed(&full).contains("disk"), "{}", printed(&full));
    assert!(names_in(one.backups.path()).is_empty());
    if rustix::process::geteuid().is_root() {
        eprintln!("skipped: root may write to read-only folders");
        return;
    }
    fs::set_permissions(one.backups.path(), Permissions::from_mode(0o500)).expect("set");
    let refused = one.run(&["backup", text(&one.file("refused.db"))]);
    fs::set_permissions(one.backups.path(), Permissions::from_mode(0o700)).expect("set");
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
}

/// Waits until `look` is true.
fn eventually(what: &str, mut look: impl FnMut() -> bool) {
    for _ in 0..300 {
        if look() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{what}");
}

fn with_schedule(folder: &Path, mail_server: &MailServer) -> TestApp {
    TestApp::with_operator(|flags| {
        flags.mail.smtp_url = Some(mail_server.url());
        flags.backups.backup_dir = Some(folder.to_owned());
        flags.backups.backup_every = Some("12h".into());
        flags.backups.backup_keep = Some("2d,2m".into());
    })
}

#[test]
fn a_server_makes_backups_when_they_are_due_and_deletes_only_its_own_outdated_ones() {
    let (folder, mail_server) = (tempfile::tempdir().expect("a folder"), MailServer::new());
    let folder = folder.path().join("new");
    let app = with_schedule(&folder, &mail_server);
    let made = || {
        let mut names = if folder.exists() { names_in(&folder) } else { Vec::new() };
        names.retain(|name| !name.starts_with('.'));
        names
    };
    eventually("the first backup", || made().len() == 1);
    let first = made().remove(0);
    assert!(first.starts_with("vestibule-") && Path::new(&first).extension().is_some_and(|end| end == "db"), "{first}");
    assert_eq!(fs::metadata(&folder).expect("a folder").permissions().mode() & 0o777, 0o700);
    app.wait(11 * 3600);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(made(), std::slice::from_ref(&first), "the next one is not due");
    app.wait(3600 + 1);
    eventually("the second backup", || made().len() == 2);
    fs::write(folder.join("notes.txt"), "mine").expect("written");
    for _ in 0..8 {
        let before = made();
        app.wait(DAY / 2 + 1);
        eventually("the next backup", || made().last() != before.last() || made() != before);
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(!made().contains(&first) || made().len() < 8, "{:?}", made());
    assert!(made().contains(&"notes.txt".to_owned()));
    let newest = made().into_iter().rfind(|name| name.starts_with("vestibule-")).expect("a backup");
    let database = Connection::open(folder.join(newest)).expect("opens");
    let people: i64 = database.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).expect("counted");
    assert_eq!(people, 1);
    assert_eq!(mail_server.received().len(), 0, "nothing is late");
}

#[test]
fn operators_are_told_once_when_no_backup_was_made_in_two_periods_and_the_doctor_names_the_cause() {
    let (folder, mail_server) = (tempfile::tempdir().expect("a folder"), MailServer::new());
    let place = folder.path().join("backups");
    // A file in the place of the folder.
    fs::write(&place, "in the way").expect("written");
    let app = with_schedule(&place, &mail_server);
    app.wait(20 * 3600);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(mail_server.received().len(), 0, "the second period has not ended");
    app.wait(5 * 3600);
    let email = mail_server.newest(1, "olivia@vestibule.test");
    assert!(email.text.contains("has not made any for two periods"), "{}", email.text);
    let report = app.operator().read("/doctor").json();
    let late = finding(&report, "backup");
    assert!(late["ok"] == false && late["found"].to_string().contains("two periods"), "{report}");
    let failed = report["checks"].as_array().expect("a list").iter().any(|one| {
        one["check"] == "job" && one["found"].as_str().is_some_and(|found| found.contains("making backups: failed"))
    });
    assert!(failed, "{report}");
    app.wait(3600);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(mail_server.received().len(), 1, "they are told once a day");
    fs::remove_file(&place).expect("removed");
    app.wait(3600);
    eventually("the backup", || finding(&app.operator().read("/doctor").json(), "backup")["ok"] == true);
    assert_eq!(names_in(&place).len(), 1);
}
