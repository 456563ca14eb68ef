//! A full disk: writes are refused and change nothing, reads continue, and writes succeed again once there is space.

use crate::browser::{Answer, Browser};
use crate::program::{BINARY, Server, free_port, operators_program, serve, serve_with, set_up};
use rusqlite::Connection;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Space for a few more writes, in bytes.
const SCRAPS: u64 = 200 * 1024;

/// A server whose disk can be filled and freed.
struct Cramped {
    server: Server,
    /// The data folder. SQLite would resolve the link to another process's root, so the test reads copies of the files.
    data: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A limit on the size of files that the process writes; works everywhere.
    Limit,
    /// A separate small file system; works if mounting is allowed.
    Mount,
}

/// Shell code that ignores the signal about files that are too large, and then runs the program.
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

/// Whether the test may mount a private file system on this machine.
fn may_mount() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--map-root-user", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    unshare.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

impl Cramped {
    /// Serves the data in this folder.
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
                self.limit(&(largest + SCRAPS).to_string());
            }
            Kind::Mount => {
                let taken = size("vestibule.db") + size("vestibule.db-wal") + size("vestibule.db-shm");
                let filler = vec![1; usize::try_from(8 * 1024 * 1024 - taken - SCRAPS).expect("fits")];
                std::fs::write(self.data.join("filler"), filler).expect("room for it");
            }
        }
    }

    /// Checks that no refused write is half done, and that the database file is intact.
    fn is_sound_with_invitations(&self, expected: usize) {
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

/// Invites until the disk is full and a little longer; returns the acknowledged invitations.
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
    panic!("the disk is never full");
}

/// Ages all last-used times, so that each use must be recorded, which is not possible.
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

/// Acme with a connection, a signed-in admin and two programs, none of them used recently.
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

fn reads_go_on(acme: &mut Filling, url: &str, acknowledged: &mut Vec<String>) {
    let workspace = format!("/workspaces/{}", acme.workspace);
    for path in ["/me", "/organisations/acme", "/organisations/acme/audit", "/organisations/acme/sso", &workspace] {
        let answer = acme.ann.read(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    let mut visitor = Browser::new(url);
    for path in ["/healthz", "/readyz", "/login", "/static/app.js"] {
        assert_eq!(visitor.get(path).status, 200, "{path}");
    }
    // The server may empty the log of transactions meanwhile, which frees space for a while.
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

fn refuses_writes_loses_nothing_and_reads_go_on(kind: Kind) {
    let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let url = format!("http://127.0.0.1:{port}");
    let mut acme = acme(folder.path(), port);
    let server = Cramped::start(kind, folder.path(), port);
    server.fill();
    let mut acknowledged = invite_until_full(&mut acme.writer, &acme.workspace, 0);
    reads_go_on(&mut acme, &url, &mut acknowledged);
    server.empty();
    let again = invite(&mut acme.writer, &acme.workspace, 9999);
    assert_eq!(again.status, 201, "with room again it goes on, without a restart: {}", again.body);
    assert_eq!(Browser::new(&url).sign_in("ann@acme.test", "violet tractor lagoon").status, 200);
    server.is_sound_with_invitations(acknowledged.len() + 1);
}

fn sorted(list: &[String]) -> Vec<String> {
    let mut list = list.to_vec();
    list.sort();
    list
}

#[test]
fn a_file_at_its_size_limit_refuses_writes_loses_nothing_and_still_reads() {
    refuses_writes_loses_nothing_and_reads_go_on(Kind::Limit);
}

#[test]
fn a_full_disk_refuses_writes_loses_nothing_and_still_reads() {
    // Without permission to mount, only the limit above is tested.
    if may_mount() {
        refuses_writes_loses_nothing_and_reads_go_on(Kind::Mount);
    }
}
