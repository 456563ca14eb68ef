//! Ten thousand writes of many kinds while the server is killed by `kill -9` ten times: acknowledged writes are kept,
//! and no write is done only in part.

use crate::browser::{Answer, Browser};
use crate::program::{free_port, operators_program, serve, set_up};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use vestibule::domain::ids::random_bytes;

const WRITES: usize = 10_000;
const CLIENTS: usize = 8;
const KILLS: usize = 10;

/// The acknowledged writes about one organisation, from its creation on.
#[derive(Debug, Default)]
struct Acknowledged {
    organisation: String,
    workspace: String,
    first_invitation: String,
    renamed: bool,
    invitation: Option<String>,
    switched: bool,
    second_workspace: Option<String>,
    key: Option<String>,
    withdrawn: bool,
}

/// A client that writes.
struct Client {
    program: Browser,
    number: usize,
    acknowledged: Arc<AtomicUsize>,
}

impl Client {
    /// The body of the answer that acknowledges a write; `None` if the server was killed meanwhile, so that the outcome
    /// is unknown.
    fn write(&mut self, method: &str, path: &str, body: &Value, expected: u16) -> Option<Value> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let answer = self.program.try_send(method, &format!("/api/v1{path}"), "application/json", body).ok()?;
        let Answer { status, body, .. } = answer;
        assert_eq!(status, expected, "{method} {path}: {body}");
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
        Some(if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect("JSON") })
    }

    /// Creates and changes organisations until all writes are done. When the server is killed, the client abandons the
    /// current organisation.
    fn work(mut self) -> Vec<Acknowledged> {
        let mut histories = Vec::new();
        for n in 0.. {
            if self.acknowledged.load(Ordering::SeqCst) >= WRITES {
                break;
            }
            let Some(mut history) = self.create_organisation(n) else {
                std::thread::sleep(Duration::from_millis(10));
                continue;
            };
            let _ = self.change_organisation(&mut history);
            histories.push(history);
        }
        histories
    }

    fn create_organisation(&mut self, n: usize) -> Option<Acknowledged> {
        let name = format!("Burst {}-{n}", self.number);
        let admin = format!("admin-{}-{n}@burst.test", self.number);
        let body = json!({ "name": name, "plan": "enterprise", "admin_email": admin });
        let made = self.write("POST", "/organisations", &body, 201)?;
        let id = |of: &str| made[of]["id"].as_str().expect("an id").to_owned();
        let (organisation, workspace) = (id("organisation"), id("workspace"));
        Some(Acknowledged { organisation, workspace, first_invitation: id("invitation"), ..Acknowledged::default() })
    }

    fn change_organisation(&mut self, history: &mut Acknowledged) -> Option<()> {
        let (organisation, workspace) =
            (format!("/organisations/{}", history.organisation), format!("/workspaces/{}", history.workspace));
        let id = |made: &Value| made["id"].as_str().expect("an id").to_owned();
        self.write("PATCH", &workspace, &json!({ "name": "Renamed" }), 200)?;
        history.renamed = true;
        let body = json!({ "email": "member@burst.test", "role": "power_user" });
        let invited = id(&self.write("POST", &format!("{workspace}/invitations"), &body, 201)?);
        history.invitation = Some(invited.clone());
        self.write("PUT", &format!("{organisation}/plan"), &json!({ "plan": "business" }), 200)?;
        history.switched = true;
        let made = self.write("POST", &format!("{organisation}/workspaces"), &json!({ "name": "Second" }), 201)?;
        history.second_workspace = Some(id(&made));
        let body = json!({ "name": "Reader", "scopes": ["read"] });
        history.key = Some(id(&self.write("POST", &format!("{organisation}/keys"), &body, 201)?));
        self.write("DELETE", &format!("{workspace}/invitations/{invited}"), &Value::Null, 204)?;
        history.withdrawn = true;
        Some(())
    }
}

/// The number of acknowledged writes before each kill, sorted.
fn random_points() -> Vec<usize> {
    let random = || usize::try_from(u32::from_le_bytes(random_bytes::<4>())).expect("fits into usize") % WRITES;
    let mut points: Vec<_> = (0..KILLS).map(|_| random()).collect();
    points.sort_unstable();
    points
}

/// The number of rows that a query counts.
fn count(database: &Connection, sql: &str) -> i64 {
    database.query_row(&format!("SELECT count(*) FROM {sql}"), [], |row| row.get(0)).expect("counted")
}

/// Whether a row with this id exists.
fn exists(database: &Connection, table: &str, id: &str, more: &str) -> bool {
    count(database, &format!("{table} WHERE id = '{id}' {more}")) == 1
}

fn assert_nothing_is_lost(database: &Connection, history: &Acknowledged) {
    let audited = |action: &str, of: &str| {
        count(database, &format!("audit WHERE resource_id = '{of}' AND action = '{action}'")) == 1
    };
    let organisation = &history.organisation;
    let plan = if history.switched { "AND plan_id = 'business'" } else { "" };
    assert!(exists(database, "organisations", organisation, plan), "{history:?}");
    assert!(audited("organisation.created", organisation), "{history:?}");
    assert!(!history.switched || audited("organisation.plan_switched", organisation), "{history:?}");
    let name = if history.renamed { "AND name = 'Renamed'" } else { "" };
    assert!(exists(database, "workspaces", &history.workspace, name), "{history:?}");
    assert!(!history.renamed || audited("workspace.renamed", &history.workspace), "{history:?}");
    assert!(exists(database, "invitations", &history.first_invitation, "AND organisation_admin = 1"), "{history:?}");
    if let Some(workspace) = &history.second_workspace {
        assert!(
            exists(database, "workspaces", workspace, "") && audited("workspace.created", workspace),
            "{history:?}"
        );
    }
    if let Some(key) = &history.key {
        assert!(exists(database, "keys", key, "") && audited("key.created", key), "{history:?}");
    }
    if let Some(invitation) = &history.invitation {
        assert!(audited("invitation.created", invitation), "{history:?}");
        let deleted = !exists(database, "invitations", invitation, "");
        assert!(!history.withdrawn || deleted && audited("invitation.withdrawn", invitation), "{history:?}");
        // The client withdrew the invitation only after it had created the key, and nothing else deletes an invitation.
        assert!(history.key.is_some() || !deleted, "{history:?}");
    }
}

/// Asserts that each row has its log entry and each log entry its row, also for unacknowledged writes.
fn assert_nothing_is_half_done(database: &Connection) {
    let ours = "(SELECT id FROM organisations WHERE name LIKE 'Burst %')";
    let lines =
        |action: &str| count(database, &format!("audit WHERE action = '{action}' AND organisation_id IN {ours}"));
    let rows = |table: &str, more: &str| count(database, &format!("{table} WHERE organisation_id IN {ours} {more}"));
    let organisations = count(database, &format!("organisations WHERE id IN {ours}"));
    assert_eq!(organisations, lines("organisation.created"));
    assert_eq!(rows("workspaces", ""), organisations + lines("workspace.created"));
    assert_eq!(rows("workspaces", "AND name = 'Renamed'"), lines("workspace.renamed"));
    assert_eq!(rows("invitations", "AND organisation_admin = 1"), organisations);
    assert_eq!(rows("invitations", ""), lines("invitation.created") - lines("invitation.withdrawn"));
    assert_eq!(rows("keys", ""), lines("key.created"));
    let switched = count(database, &format!("organisations WHERE id IN {ours} AND plan_id = 'business'"));
    assert_eq!(switched, lines("organisation.plan_switched"));
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checked");
    assert_eq!((sound.as_str(), count(database, "pragma_foreign_key_check")), ("ok", 0));
}

/// Kills the server after each of these numbers of acknowledged writes, and restarts it immediately.
fn kill_at(points: &[usize], data: &Path, port: u16, acknowledged: &AtomicUsize) {
    let wait_for = |point: usize| {
        let until = Instant::now() + Duration::from_secs(120);
        while acknowledged.load(Ordering::SeqCst) < point {
            assert!(Instant::now() < until, "the clients are stuck before {point}");
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    let (mut server, _) = serve(data, port);
    for point in points {
        wait_for(*point);
        drop(server);
        server = serve(data, port).0;
    }
    wait_for(WRITES);
}

#[test]
fn after_ten_thousand_writes_and_ten_kills_nothing_is_lost_or_half_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, port) = (folder.path(), free_port());
    let url = format!("http://127.0.0.1:{port}");
    let (server, link) = serve(data, port);
    set_up(&url, &link.expect("a set-up link"));
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let programs: Vec<_> = (0..CLIENTS).map(|_| operators_program(data, &url)).collect();
    drop(server);
    let clients = (0..).zip(programs).map(|(number, program)| {
        let client = Client { program, number, acknowledged: acknowledged.clone() };
        std::thread::spawn(move || client.work())
    });
    let clients: Vec<_> = clients.collect();
    let points = random_points();
    kill_at(&points, data, port, &acknowledged);
    let histories: Vec<_> = clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();

    let database = Connection::open(data.join("vestibule.db")).expect("opens");
    for history in &histories {
        assert_nothing_is_lost(&database, history);
    }
    assert_nothing_is_half_done(&database);
    let written =
        count(&database, "audit WHERE organisation_id IN (SELECT id FROM organisations WHERE name LIKE 'Burst %')");
    let heard = acknowledged.load(Ordering::SeqCst);
    // Creating an organisation is one write with two log entries.
    let unacknowledged = usize::try_from(written).expect("a number of entries") - second_entries(&database) - heard;
    assert!(
        unacknowledged <= CLIENTS * (KILLS + 1),
        "{unacknowledged} unacknowledged writes were done; killed at {points:?}"
    );
}

/// The number of log entries that belong to the same write as another entry.
fn second_entries(database: &Connection) -> usize {
    usize::try_from(count(database, "organisations WHERE name LIKE 'Burst %'")).expect("a number of entries")
}
