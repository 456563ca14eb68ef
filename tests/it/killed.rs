//! Ten thousand writes of many kinds, with `kill -9` again and again in between: acknowledged writes are kept, and none
//! is half done.

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
struct Life {
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
    /// The answer that acknowledges a write; `None` if the server was killed meanwhile and the outcome is unknown.
    fn write(&mut self, method: &str, path: &str, body: &Value, wanted: u16) -> Option<Value> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let answer = self.program.try_send(method, &format!("/api/v1{path}"), "application/json", body).ok()?;
        let Answer { status, body, .. } = answer;
        assert_eq!(status, wanted, "{method} {path}: {body}");
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
        Some(if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect("JSON") })
    }

    /// Creates and changes organisations until all writes are done. If the server is killed, the current one is
    /// abandoned.
    fn work(mut self) -> Vec<Life> {
        let mut lives = Vec::new();
        for n in 0.. {
            if self.acknowledged.load(Ordering::SeqCst) >= WRITES {
                break;
            }
            let Some(mut life) = self.found(n) else {
                std::thread::sleep(Duration::from_millis(10));
                continue;
            };
            let _ = self.live(&mut life);
            lives.push(life);
        }
        lives
    }

    fn found(&mut self, n: usize) -> Option<Life> {
        let name = format!("Burst {}-{n}", self.number);
        let admin = format!("admin-{}-{n}@burst.test", self.number);
        let body = json!({ "name": name, "plan": "enterprise", "admin_email": admin });
        let made = self.write("POST", "/organisations", &body, 201)?;
        let id = |of: &str| made[of]["id"].as_str().expect("an id").to_owned();
        let (organisation, workspace) = (id("organisation"), id("workspace"));
        Some(Life { organisation, workspace, first_invitation: id("invitation"), ..Life::default() })
    }

    fn live(&mut self, life: &mut Life) -> Option<()> {
        let (organisation, workspace) =
            (format!("/organisations/{}", life.organisation), format!("/workspaces/{}", life.workspace));
        let id = |made: &Value| made["id"].as_str().expect("an id").to_owned();
        self.write("PATCH", &workspace, &json!({ "name": "Renamed" }), 200)?;
        life.renamed = true;
        let body = json!({ "email": "member@burst.test", "role": "power_user" });
        let invited = id(&self.write("POST", &format!("{workspace}/invitations"), &body, 201)?);
        life.invitation = Some(invited.clone());
        self.write("PUT", &format!("{organisation}/plan"), &json!({ "plan": "business" }), 200)?;
        life.switched = true;
        let made = self.write("POST", &format!("{organisation}/workspaces"), &json!({ "name": "Second" }), 201)?;
        life.second_workspace = Some(id(&made));
        let body = json!({ "name": "Reader", "scopes": ["read"] });
        life.key = Some(id(&self.write("POST", &format!("{organisation}/keys"), &body, 201)?));
        self.write("DELETE", &format!("{workspace}/invitations/{invited}"), &Value::Null, 204)?;
        life.withdrawn = true;
        Some(())
    }
}

/// The number of acknowledged writes before each kill, sorted.
fn random_points() -> Vec<usize> {
    let random = || usize::try_from(u32::from_le_bytes(random_bytes::<4>())).expect("fits") % WRITES;
    let mut points: Vec<_> = (0..KILLS).map(|_| random()).collect();
    points.sort_unstable();
    points
}

/// The number of rows that a query counts.
fn count(database: &Connection, sql: &str) -> i64 {
    database.query_row(&format!("SELECT count(*) FROM {sql}"), [], |row| row.get(0)).expect("counted")
}

/// Whether a row with this id exists.
fn there(database: &Connection, table: &str, id: &str, more: &str) -> bool {
    count(database, &format!("{table} WHERE id = '{id}' {more}")) == 1
}

fn nothing_is_lost(database: &Connection, life: &Life) {
    let audited = |action: &str, of: &str| {
        count(database, &format!("audit WHERE resource_id = '{of}' AND action = '{action}'")) == 1
    };
    let organisation = &life.organisation;
    let plan = if life.switched { "AND plan_id = 'business'" } else { "" };
    assert!(there(database, "organisations", organisation, plan), "{life:?}");
    assert!(audited("organisation.created", organisation), "{life:?}");
    assert!(!life.switched || audited("organisation.plan_switched", organisation), "{life:?}");
    let name = if life.renamed { "AND name = 'Renamed'" } else { "" };
    assert!(there(database, "workspaces", &life.workspace, name), "{life:?}");
    assert!(!life.renamed || audited("workspace.renamed", &life.workspace), "{life:?}");
    assert!(there(database, "invitations", &life.first_invitation, "AND organisation_admin = 1"), "{life:?}");
    if let Some(workspace) = &life.second_workspace {
        assert!(there(database, "workspaces", workspace, "") && audited("workspace.created", workspace), "{life:?}");
    }
    if let Some(key) = &life.key {
        assert!(there(database, "keys", key, "") && audited("key.created", key), "{life:?}");
    }
    if let Some(invitation) = &life.invitation {
        assert!(audited("invitation.created", invitation), "{life:?}");
        let gone = !there(database, "invitations", invitation, "");
        assert!(!life.withdrawn || gone && audited("invitation.withdrawn", invitation), "{life:?}");
        // The withdrawal was requested only after the key had been created; nothing else deletes an invitation.
        assert!(life.key.is_some() || !gone, "{life:?}");
    }
}

/// Checks that each row has its log entry and each entry its row, including unacknowledged writes.
fn nothing_is_half_done(database: &Connection) {
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

/// Kills the server at each of these points, and restarts it at once.
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
    let lives: Vec<_> = clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();

    let database = Connection::open(data.join("vestibule.db")).expect("opens");
    for life in &lives {
        nothing_is_lost(&database, life);
    }
    nothing_is_half_done(&database);
    let written =
        count(&database, "audit WHERE organisation_id IN (SELECT id FROM organisations WHERE name LIKE 'Burst %')");
    let heard = acknowledged.load(Ordering::SeqCst);
    // Creating an organisation is one write with two log entries.
    let unheard = usize::try_from(written).expect("many") - count_twice(&database) - heard;
    assert!(unheard <= CLIENTS * (KILLS + 1), "{unheard} writes were done that nobody heard of, killed at {points:?}");
}

/// The number of log entries that belong to the same write as another.
fn count_twice(database: &Connection) -> usize {
    usize::try_from(count(database, "organisations WHERE name LIKE 'Burst %'")).expect("many")
}
