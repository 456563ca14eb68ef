//! A full disk: writes are refused and change nothing, reads continue, and writes succeed again once there is space.

use crate::browser::{Answer, Browser};
use crate::program::{BINARY, Server, free_port, operators_program, serve, serve_with, set_up};
use rusqlite::Connection;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Bytes that are left free, enough for a few more writes.
const LEFT_FREE: u64 = 200 * 1024;

/// A server whose disk can be filled and emptied.
struct LimitedServer {
    server: Server,
    /// The data folder. SQLite would resolve the link to the root of another process, so the test reads copies of the
    /// files.
    data: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A limit on the size of the files that the process writes. Works on all machines.
    Limit,
    /// A separate small file system. Works if mounting is allowed.
    Mount,
}

/// Shell code that ignores the signal sent for files that are too large, and then runs the program.
const IGNORE_SIGNAL: &str = "trap '' XFSZ; exec \"$0\" \"$@\"";
const MOUNT: &str = "set -e; for folder; do :; done; mount -t tmpfs -o size=8m tmpfs /mnt; cp -a \"$folder\"/. /mnt;
    mount --move /mnt \"$folder\"; exec \"$0\" \"$@\"";

fn shell(kind: Kind) -> Command {
    match kind {
        Kind::Limit => {
            let mut shell = Command::new("sh");
            shell.args(["-c", IGNORE_SIGNAL, BINARY]);
            shell
        }
        Kind::Mount => {
            let mut unshare = Command::new("unshare");
            unshare.args(["--mount", "--map-root-user", "sh", "-c", MOUNT, BINARY]);
            unshare
        }
    }
}

/// Whether the test may mount a separate file system on this machine.
fn may_mount() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--map-root-user", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    unshare.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

impl LimitedServer {
    /// Starts `serve` with the data in this folder.
    fn start(kind: Kind, folder: &Path, port: u16) -> Self {
        let (server, _) = serve_with(shell(kind), folder, port);
        let data = match kind {
            Kind::Limit => folder.to_owned(),
            Kind::Mount => {
                let root = PathBuf::from(format!("/proc/{}/root", server.0.id()));
                root.join(folder.strip_prefix("/").expect("absolute"))
            }
        };
        Self { server, data, kind }
    }

    fn limit(&self, bytes: &str) {
        let pid = self.server.0.id().to_string();
        let status = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")]).status();
        assert!(status.expect("prlimit").success());
    }

    fn fill(&self) {
        let size = |name: &str| std::fs::metadata(self.data.join(name)).map_or(0, |file| file.len());
        match self.kind {
            Kind::Limit => {
                let largest = size("vestibule.db").max(size("vestibule.db-wal"));
                self.limit(&(largest + LEFT_FREE).to_string());
            }
            Kind::Mount => {
                let taken = size("vestibule.db") + size("vestibule.db-wal") + size("vestibule.db-shm");
                let filler = vec![1; usize::try_from(8 * 1024 * 1024 - taken - LEFT_FREE).expect("fits into usize")];
                std::fs::write(self.data.join("filler"), filler).expect("written");
            }
        }
    }

    /// Asserts that no refused write was written in part, and that the database file is intact.
    fn assert_intact_with_invitations(&self, expected: usize) {
        let copy = tempfile::tempdir().expect("a folder");
        for name in ["vestibule.db", "vestibule.db-wal"] {
            std::fs::copy(self.data.join(name), copy.path().join(name)).expect("copied");
        }
        let database = Connection::open(copy.path().join("vestibule.db")).expect("opens");
        let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checked");
        let lines = "SELECT count(*) FROM audit WHERE action = 'invitation.created'";
        let lines: u32 = database.query_row(lines, [], |row| row.get(0)).expect("counted");
        assert_eq!((sound.as_str(), lines as usize), ("ok", expected));
    }

    fn empty(&self) {
        match self.kind {
            Kind::Limit => self.limit("unlimited"),
            Kind::Mount => std::fs::remove_file(self.data.join("filler")).expect("removed"),
        }
    }
}

fn invite(program: &mut Browser, workspace: &str, n: usize) -> Answer {
    let body = json!({ "email": format!("p{n}@acme.test"), "role": "power_user" });
    program.api("POST", &format!("/workspaces/{workspace}/invitations"), &body)
}

/// Creates invitations until 30 were refused because the disk is full; returns the acknowledged ones.
fn invite_until_full(program: &mut Browser, workspace: &str, from: usize) -> Vec<String> {
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for n in from..from + 2000 {
        let answer = invite(program, workspace, n);
        match answer.status {
            201 => acknowledged.push(answer.json()["email"].as_str().expect("text").to_owned()),
            503 => {
                assert_eq!(answer.code(), "unavailable");
                assert!(answer.headers.contains_key("retry-after"), "{:?}", answer.headers);
                refused += 1;
            }
            other => panic!("{other} {}", answer.body),
        }
        if refused == 30 {
            return acknowledged;
        }
    }
    panic!("the disk never became full");
}

/// Makes all last-used times old, so that each use would be recorded again, which the full disk prevents.
fn age_last_uses(data: &Path) {
    let database = Connection::open(data.join("vestibule.db")).expect("opens");
    let sql = "UPDATE sessions SET last_seen_at = last_seen_at - 3600; UPDATE keys SET last_used_at = 1;
        UPDATE users SET last_workspace = NULL";
    database.execute_batch(sql).expect("written");
}

fn invited(program: &mut Browser, workspace: &str) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = program.read(&format!("/workspaces/{workspace}/invitations?limit=200&cursor={cursor}"));
        assert_eq!(page.status, 200, "{}", page.body);
        let page = page.json();
        let emails = page["items"].as_array().expect("a list").iter().map(|one| one["email"].as_str().expect("text"));
        all.extend(emails.map(ToOwned::to_owned));
        match page["next"].as_str() {
            Some(next) => cursor = next.into(),
            None => return all,
        }
    }
}

/// Acme with a connection, a signed-in admin and two programs with API keys; all were last used long ago.
struct Filling {
    ann: Browser,
    workspace: String,
    writer: Browser,
    reader: Browser,
}

fn acme(folder: &Path, port: u16) -> Filling {
    let url = format!("http://127.0.0.1:{port}");
    let (_server, link) = serve(folder, port);
    let (mut ann, workspace) = set_up(&url, &link.expect("a set-up link"));
    let saved = ann.api("PUT", "/organisations/acme/sso", &crate::idp::settings("acme_SSO"));
    assert_eq!(saved.status, 200, "{}", saved.body);
    let (writer, reader) = (operators_program(folder, &url), operators_program(folder, &url));
    age_last_uses(folder);
    Filling { ann, workspace, writer, reader }
}

fn assert_reads_continue(acme: &mut Filling, url: &str, acknowledged: &mut Vec<String>) {
    let workspace = format!("/workspaces/{}", acme.workspace);
    for path in ["/me", "/organisations/acme", "/organisations/acme/audit", "/organisations/acme/sso", &workspace] {
        let answer = acme.ann.read(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    let mut visitor = Browser::new(url);
    for path in ["/healthz", "/readyz", "/login", "/static/app.js"] {
        assert_eq!(visitor.get(path).status, 200, "{path}");
    }
    // The server may checkpoint the write-ahead log meanwhile, which frees space for some writes.
    for from in [10_000, 20_000, 30_000, 40_000] {
        if visitor.sign_in("ann@acme.test", "violet tractor lagoon").status == 503 {
            break;
        }
        acknowledged.extend(invite_until_full(&mut acme.writer, &acme.workspace, from));
    }
    assert_eq!(visitor.sign_in("ann@acme.test", "violet tractor lagoon").status, 503);
    assert_eq!(visitor.sign_in("ann@acme.test", "violet tractor").status, 401);
    assert_eq!(invited(&mut acme.reader, &acme.workspace), sorted(acknowledged));
}

fn check_full_disk(kind: Kind) {
    let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let url = format!("http://127.0.0.1:{port}");
    let mut acme = acme(folder.path(), port);
    let server = LimitedServer::start(kind, folder.path(), port);
    server.fill();
    let mut acknowledged = invite_until_full(&mut acme.writer, &acme.workspace, 0);
    assert_reads_continue(&mut acme, &url, &mut acknowledged);
    server.empty();
    let again = invite(&mut acme.writer, &acme.workspace, 9999);
    assert_eq!(again.status, 201, "with free space, writes succeed again without a restart: {}", again.body);
    assert_eq!(Browser::new(&url).sign_in("ann@acme.test", "violet tractor lagoon").status, 200);
    server.assert_intact_with_invitations(acknowledged.len() + 1);
}

fn sorted(list: &[String]) -> Vec<String> {
    let mut list = list.to_vec();
    list.sort();
    list
}

#[test]
fn with_files_at_the_size_limit_writes_are_refused_nothing_is_lost_and_reads_continue() {
    check_full_disk(Kind::Limit);
}

#[test]
fn with_a_full_disk_writes_are_refused_nothing_is_lost_and_reads_continue() {
    // Without permission to mount, only the size limit of the test above is tested.
    if may_mount() {
        check_full_disk(Kind::Mount);
    }
}
