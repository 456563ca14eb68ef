//! Copies of the database file: a copy made after a clean stop is complete; a copy of a running server's file without
//! its write-ahead log is recognised as incomplete.

use crate::browser::Browser;
use crate::cli::finding;
use crate::program::{BINARY, Server, free_port, operators_program, serve, set_up, vestibule};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const DATABASE: &str = "vestibule.db";
const LOG: &str = "vestibule.db-wal";

/// A running server with Acme and its admin Ann.
fn running() -> (TempDir, Server, u16) {
    let (data, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let (server, link) = serve(data.path(), port);
    set_up(&format!("http://127.0.0.1:{port}"), &link.expect("a set-up link"));
    (data, server, port)
}

fn copy_of(data: &Path, names: &[&str]) -> TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for name in names {
        std::fs::copy(data.join(name), copy.path().join(name)).expect("copied");
    }
    copy
}

/// The number of people in a database file that is read without its log.
fn people(data: &Path) -> i64 {
    let copy = copy_of(data, &[DATABASE]);
    let database = Connection::open(copy.path().join(DATABASE)).expect("opens");
    database.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).expect("counted")
}

fn ann_signs_in(port: u16) {
    let mut browser = Browser::new(&format!("http://127.0.0.1:{port}"));
    assert_eq!(browser.sign_in("ann@acme.test", "violet tractor lagoon").status, 200);
}

/// Opens, reads and closes the database, as another program would do.
fn open_and_close(data: &Path) {
    let database = Connection::open(data.join(DATABASE)).expect("opens");
    database.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0)).expect("counted");
}

/// True if the database is marked as incomplete without its log.
fn is_marked_incomplete(database: &Connection) -> bool {
    let sql = "SELECT value FROM settings WHERE name = 'whole'";
    database.query_row(sql, [], |row| row.get::<_, Vec<u8>>(0)).is_ok_and(|value| value[0] == 0)
}

/// Stops the server with SIGTERM once it answers requests, as systemd and Docker do; returns its exit code.
fn stop(mut server: Server, port: u16) -> Option<i32> {
    assert_eq!(Browser::new(&format!("http://127.0.0.1:{port}")).get("/healthz").status, 200);
    let pid = server.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
    server.0.wait().expect("ended").code()
}

fn printed_text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// Starts `serve` with its output captured.
fn start_captured(data: &Path) -> Child {
    Command::new(BINARY)
        .args(["serve", "--listen", &format!("127.0.0.1:{}", free_port()), "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

/// Starts `serve`, which is expected to refuse and exit; returns its exit code and its output.
fn start_expecting_refusal(data: &Path) -> (Option<i32>, String) {
    let mut child = start_captured(data);
    let until = Instant::now() + Duration::from_secs(20);
    while child.try_wait().expect("a status").is_none() {
        if Instant::now() > until {
            child.kill().expect("ended");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let output = child.wait_with_output().expect("ended");
    (output.status.code(), printed_text(&output))
}

/// Starts `serve` and kills it after its first line of output; returns that line and the rest of the output.
fn first_line(data: &Path) -> (String, String) {
    let mut child = start_captured(data);
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("captured output")).read_line(&mut line).expect("a line");
    child.kill().expect("killed");
    let output = child.wait_with_output().expect("ended");
    (line, printed_text(&output))
}

fn doctor(data: &Path) -> (Option<i32>, Value) {
    let output = vestibule(data, &["doctor", "--json"]);
    (
        output.status.code(),
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", printed_text(&output))),
    )
}

#[test]
fn after_a_clean_stop_the_database_file_is_complete_without_a_log() {
    let (data, server, port) = running();
    assert_eq!(
        people(data.path()),
        0,
        "while the server runs, the data is only in the log; otherwise the test proves nothing"
    );
    assert_eq!(stop(server, port), Some(0));
    assert_eq!(people(data.path()), 1);
    let copy = copy_of(data.path(), &[DATABASE]);
    let (code, report) = doctor(copy.path());
    assert_eq!((code, &finding(&report, "copy")["ok"]), (Some(0), &json!(true)), "{report}");
    for folder in [copy.path(), data.path()] {
        let (_server, link) = serve(folder, port);
        assert_eq!(link, None);
        ann_signs_in(port);
    }
}

#[test]
fn a_copy_without_the_log_of_a_running_server_is_refused() {
    let (data, server, port) = running();
    let (cut, whole) = (copy_of(data.path(), &[DATABASE]), copy_of(data.path(), &[DATABASE, LOG]));
    drop(server);
    // The second attempt is refused too: the files that the first one leaves are not mistaken for a log.
    for _ in 0..2 {
        let (code, reported) = start_expecting_refusal(cut.path());
        assert_eq!(code, Some(1), "{reported}");
        assert!(
            reported.contains("was copied from a running server without vestibule.db-wal")
                && !reported.contains("Set-up link"),
            "{reported}"
        );
        let (code, report) = doctor(cut.path());
        assert_eq!((code, &finding(&report, "copy")["ok"]), (Some(1), &json!(false)), "{report}");
        assert!(printed_text(&vestibule(cut.path(), &["org", "list"])).contains("vestibule accept-copy --data"));
    }
    let (server, link) = serve(whole.path(), port);
    assert_eq!(link, None, "a copy with its log is complete");
    drop(server);
    // Restoring both files, as the message advises, works.
    for name in [DATABASE, LOG] {
        std::fs::copy(data.path().join(name), cut.path().join(name)).expect("copied");
    }
    let (_server, _) = serve(cut.path(), port);
    ann_signs_in(port);
}

#[test]
fn an_incomplete_copy_is_used_after_the_accept_copy_command() {
    let (data, _server, _) = running();
    let cut = copy_of(data.path(), &[DATABASE]);
    let accepted = vestibule(cut.path(), &["accept-copy"]);
    assert!(
        accepted.status.success()
            && printed_text(&accepted).contains("used as it is from now on. Its audit log is empty"),
        "{}",
        printed_text(&accepted)
    );
    // All of the data was in the missing log.
    let (code, report) = doctor(cut.path());
    assert_eq!((code, &finding(&report, "copy")["ok"]), (Some(0), &Value::Null), "{report}");
    assert!(finding(&report, "copy")["found"].as_str().is_some_and(|text| text.contains("has no people")), "{report}");
    let audit = printed_text(&vestibule(cut.path(), &["audit", "export"]));
    assert!(audit.contains("security.copy_accepted"), "{audit}");
    let (_server, _) = serve(cut.path(), free_port());
    let again = vestibule(cut.path(), &["accept-copy"]);
    assert!(again.status.success() && printed_text(&again).contains("Nothing to do"), "{}", printed_text(&again));
    let nowhere = tempfile::tempdir().expect("a folder");
    assert_eq!(vestibule(nowhere.path(), &["accept-copy"]).status.code(), Some(2));
}

#[test]
fn a_killed_server_restarts_after_other_programs_opened_its_database() {
    let (data, server, port) = running();
    drop(server);
    let (server, link) = serve(data.path(), port);
    assert_eq!(link, None);
    assert!(vestibule(data.path(), &["org", "list"]).status.success());
    drop(server);
    // This command is the last process to close the database, and therefore moves the log into it.
    let added = vestibule(data.path(), &["operator", "add", "olivia@acme.test"]);
    assert!(added.status.success() && !printed_text(&added).contains("accept-copy"), "{}", printed_text(&added));
    assert_eq!(people(data.path()), 2);
    let (server, _) = serve(data.path(), port);
    drop(server);
    // Any other program that opens the database also moves the log into it.
    open_and_close(data.path());
    assert!(!data.path().join(LOG).exists());
    let (server, _) = serve(data.path(), port);
    assert_eq!(stop(server, port), Some(0));
    assert!(!data.path().join(LOG).exists() || std::fs::metadata(data.path().join(LOG)).expect("there").len() == 0);
}

#[test]
fn a_backup_by_sqlite_of_a_running_servers_database_is_complete() {
    let (data, _server, _) = running();
    let copy = tempfile::tempdir().expect("a folder");
    let database = Connection::open(data.path().join(DATABASE)).expect("opens");
    database.execute("VACUUM INTO ?1", [copy.path().join(DATABASE).to_str()]).expect("copied");
    let (_, report) = doctor(copy.path());
    assert_eq!(finding(&report, "copy")["ok"], true, "{report}");
    let (_server, link) = serve(copy.path(), free_port());
    assert_eq!(link, None);
}

#[test]
fn the_log_stays_small_and_a_copy_without_it_is_still_recognised() {
    let (data, _server, port) = running();
    let mut program = operators_program(data.path(), &format!("http://127.0.0.1:{port}"));
    let log = || std::fs::metadata(data.path().join(LOG)).map_or(0, |log| log.len());
    let (mut largest, mut emptied) = (0, false);
    for n in 0..2000 {
        let body = json!({ "name": format!("Acme {n}"), "plan": "business", "admin_email": "ann@acme.test" });
        assert_eq!(program.api("POST", "/organisations", &body).status, 201);
        emptied = log() < largest;
        largest = largest.max(log());
        if emptied {
            break;
        }
    }
    assert!(emptied && largest < 12 * 1024 * 1024, "{largest}");
    let (_, report) = doctor(copy_of(data.path(), &[DATABASE]).path());
    assert_eq!(finding(&report, "copy")["ok"], false, "{report}");
}

#[test]
fn an_appliance_before_its_set_up_is_not_mistaken_for_a_copy() {
    let (data, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let (server, link) = serve(data.path(), port);
    assert!(link.is_some());
    drop(server);
    let (server, _) = serve(data.path(), port);
    assert_eq!(stop(server, port), Some(0));
    let (_, report) = doctor(data.path());
    assert_eq!(finding(&report, "copy")["ok"], true, "{report}");
}

/// Kills a server with SIGKILL in the middle of a checkpoint, while the database file is marked as incomplete.
fn killed_in_a_checkpoint(data: &Path) {
    for _ in 0..20 {
        // Without checkpoints by this connection, all writes stay in the log, and the server's checkpoint takes long.
        let database = Connection::open(data.join(DATABASE)).expect("opens");
        database.execute_batch("PRAGMA wal_autocheckpoint = 0").expect("set");
        let filler = "INSERT INTO settings (name, value) VALUES ('filler', zeroblob(60000000))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        database.execute(filler, []).expect("written");
        let mut server = start_captured(data);
        let until = Instant::now() + Duration::from_secs(20);
        while !is_marked_incomplete(&database) && Instant::now() < until {
            std::thread::sleep(Duration::from_micros(200));
        }
        server.kill().expect("killed");
        server.wait().expect("ended");
        let caught = is_marked_incomplete(&database);
        database.execute("DELETE FROM settings WHERE name = 'filler'", []).expect("deleted");
        drop(database);
        if caught {
            return;
        }
    }
    panic!("the server was never killed during a checkpoint");
}

#[test]
fn a_server_killed_in_a_checkpoint_restarts_even_if_another_program_removed_its_log() {
    let (data, server, port) = running();
    drop(server);
    killed_in_a_checkpoint(data.path());
    assert!(!data.path().join(LOG).exists(), "the test closed the last connection, which moves the log into the file");
    let cut = copy_of(data.path(), &[DATABASE]);
    let file = Connection::open(data.path().join(DATABASE)).expect("opens");
    assert!(is_marked_incomplete(&file), "the file is marked as incomplete; otherwise the test proves nothing");
    drop(file);
    let (code, report) = doctor(data.path());
    assert_eq!((code, &finding(&report, "copy")["ok"]), (Some(0), &json!(true)), "{report}");
    let moved = data.path().join("moved");
    std::fs::create_dir(&moved).expect("made");
    for name in [DATABASE, "vestibule.lock"] {
        std::fs::rename(data.path().join(name), moved.join(name)).expect("moved");
    }
    let (server, link) = serve(&moved, port);
    assert_eq!(link, None);
    ann_signs_in(port);
    drop(server);
    // Without `vestibule.lock` in its folder, the same file is treated as an incomplete copy, and is used only after
    // `accept-copy`.
    assert_eq!(start_expecting_refusal(cut.path()).0, Some(1));
    assert!(vestibule(cut.path(), &["accept-copy"]).status.success());
    let (_server, _) = serve(cut.path(), port);
    ann_signs_in(port);
}

#[test]
fn a_deleted_log_is_noticed_after_the_server_was_killed() {
    let (data, server, _) = running();
    drop(server);
    std::fs::remove_file(data.path().join(LOG)).expect("deleted");
    let (code, reported) = start_expecting_refusal(data.path());
    assert_eq!(code, Some(1), "{reported}");
    assert!(reported.contains("vestibule.db-wal") && !reported.contains("Set-up link"), "{reported}");
}

#[test]
fn a_restored_file_is_accepted_only_if_complete_even_with_the_same_inode() {
    let (data, server, port) = running();
    let cut = copy_of(data.path(), &[DATABASE]);
    assert_eq!(stop(server, port), Some(0));
    let whole = copy_of(data.path(), &[DATABASE]);
    let (server, _) = serve(data.path(), port);
    let added = vestibule(data.path(), &["operator", "add", "olivia@acme.test"]);
    assert!(added.status.success(), "{}", printed_text(&added));
    assert_eq!(stop(server, port), Some(0));
    let restore = |from: &TempDir| {
        drop(std::fs::remove_file(data.path().join(LOG)));
        drop(std::fs::remove_file(data.path().join("vestibule.db-shm")));
        std::fs::copy(from.path().join(DATABASE), data.path().join(DATABASE)).expect("copied over it");
    };
    restore(&cut);
    assert_eq!(start_expecting_refusal(data.path()).0, Some(1));
    restore(&whole);
    let (_server, _) = serve(data.path(), port);
    ann_signs_in(port);
    assert_eq!(people(whole.path()), 1, "the restored file is the older one");
}

#[test]
fn a_data_folder_that_was_copied_or_moved_is_served() {
    let (data, server, port) = running();
    let copy = copy_of(data.path(), &[DATABASE, LOG, "vestibule.lock"]);
    drop(server);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let moved = elsewhere.path().join("data");
    std::fs::rename(data.path(), &moved).expect("moved");
    for folder in [copy.path(), &moved] {
        let (_server, link) = serve(folder, port);
        assert_eq!(link, None);
        ann_signs_in(port);
    }
}

#[test]
fn a_commands_writes_do_not_make_an_incomplete_copy_complete() {
    let (data, _server, _) = running();
    let cut = copy_of(data.path(), &[DATABASE]);
    let added = vestibule(cut.path(), &["operator", "add", "olivia@acme.test"]);
    assert!(printed_text(&added).contains("accept-copy"), "{}", printed_text(&added));
    assert_eq!(start_expecting_refusal(cut.path()).0, Some(1));
}

#[test]
fn a_used_database_without_people_is_reported_before_the_set_up_link() {
    let (data, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let (server, _) = serve(data.path(), port);
    drop(server);
    let (link, reported) = first_line(data.path());
    assert!(link.starts_with("Set-up link: ") && !reported.contains("has no people"), "{reported}");
    let created = vestibule(data.path(), &["org", "create", "Acme", "--plan", "business", "--admin", "ann@acme.test"]);
    assert!(created.status.success(), "{}", printed_text(&created));
    let (link, reported) = first_line(data.path());
    assert!(link.starts_with("Set-up link: "), "{link}");
    assert!(
        reported.contains("has no people, but it has been used (organisations: 1, audit log entries: "),
        "{reported}"
    );
    let (code, report) = doctor(data.path());
    assert_eq!((code, &finding(&report, "copy")["ok"]), (Some(0), &Value::Null), "{report}");
}

#[test]
fn an_empty_file_and_a_log_without_its_database_are_refused_and_left_unchanged() {
    let (data, server, _) = running();
    drop(server);
    assert!(std::fs::metadata(data.path().join(LOG)).expect("a log").len() > 0, "the killed server left its log");
    for (database, log, why) in [
        (true, false, "vestibule.db is empty (0 bytes)"),
        (true, true, "vestibule.db-wal beside it has changes"),
        (false, true, "vestibule.db is missing, and vestibule.db-wal has changes that belong to it"),
    ] {
        let copy = copy_of(data.path(), if log { &[LOG] } else { &[] });
        if database {
            std::fs::write(copy.path().join(DATABASE), "").expect("written");
        }
        let kept = |name: &str| std::fs::read(copy.path().join(name)).ok();
        let before = (kept(DATABASE), kept(LOG));
        let (code, reported) = start_expecting_refusal(copy.path());
        assert!(code == Some(2) && reported.contains(why) && reported.contains("delete"), "{reported}");
        assert!(!reported.contains("Set-up link"), "{reported}");
        for command in [&["org", "list"][..], &["doctor"], &["accept-copy"]] {
            let output = vestibule(copy.path(), command);
            assert!(
                output.status.code() != Some(0) && printed_text(&output).contains(why),
                "{command:?}: {}",
                printed_text(&output)
            );
        }
        assert!((kept(DATABASE), kept(LOG)) == before, "{why}");
    }
    // Accepted, for comparison: an empty folder, and one with an empty log.
    let fresh = tempfile::tempdir().expect("a folder");
    std::fs::write(fresh.path().join(LOG), "").expect("written");
    let (link, reported) = first_line(fresh.path());
    assert!(link.starts_with("Set-up link: "), "{reported}");
}
