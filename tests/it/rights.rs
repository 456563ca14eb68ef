//! A right is judged in the transaction that uses it: it is taken away while a request is on its way, and nothing is written.

use crate::app::{Org, PASSWORD, TestApp};
use crate::browser::Browser;
use crate::idp::{connect, metadata, settings};
use rusqlite::types::Value as Column;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;
use vestibule::config::Limits;
use vestibule::domain::Result;
use vestibule::domain::ids::KeyId;
use vestibule::domain::person::Role;
use vestibule::domain::principal::{Claim, Need};
use vestibule::http::{Declared, operations};
use vestibule::store::{Store, Tx};

/// An appliance with something for every operation to work on.
struct World {
    app: TestApp,
    org: Org,
    /// What stands in braces in a path.
    ids: BTreeMap<&'static str, String>,
    /// An operators' key, and an operator besides Olivia.
    key: String,
    operator: String,
}

impl World {
    /// Ann is organisation admin, Wes Admin of the workspace, Pat a Power User on whom others act.
    fn new() -> Self {
        // All operations are under way at once, and none is to be turned away for that.
        let app = TestApp::with_limits(Limits { costly: 100, ..Limits::default() });
        app.add_operator();
        let org = app.org("Acme", "enterprise");
        app.admin(&org, "ann@acme.test");
        app.admin(&org, "abe@acme.test");
        app.person(&org, "wes@acme.test", Role::Admin, false);
        let pat = app.member(&org, "pat@acme.test");
        let mut admin = app.signed_in("ann@acme.test");
        let mut id = |path: String, body: Value| {
            let made = admin.api("POST", &path, &body);
            assert_eq!(made.status, 201, "{path}: {}", made.body);
            made.json()["id"].as_str().expect("an id").to_owned()
        };
        let workspace = org.workspace.to_string();
        let ivy = json!({ "email": "ivy@acme.test", "role": "admin" });
        let ids = BTreeMap::from([
            ("inv", id(format!("/workspaces/{workspace}/invitations"), ivy)),
            ("key", id("/organisations/acme/keys".into(), json!({ "name": "k", "scopes": ["read"] }))),
            ("link", id("/organisations/acme/sso/setup-links".into(), json!({}))),
            ("org", "acme".into()),
            ("id", workspace),
            ("user", pat.to_string()),
            ("plan", "starter".into()),
            ("fingerprint", "AA".into()),
            ("session", "0".repeat(32)),
            ("mail", "0".repeat(32)),
            ("keys", "0".repeat(32)),
        ]);
        id("/organisations/acme/workspaces".into(), json!({ "name": "Second" }));
        // Made at the first look, by anybody who looks.
        assert_eq!(admin.read("/organisations/acme/sso/own-keys").status, 200);
        let ((key, _), operator) = (app.operators_key("Other"), app.second_operator());
        Self { app, org, ids, key: key.id.to_string(), operator: operator.to_string() }
    }

    fn path(&self, operation: &Declared) -> String {
        let path = match operation.path {
            "/keys/{key}" => operation.path.replace("{key}", &self.key),
            "/operators/{user}" => operation.path.replace("{user}", &self.operator),
            "/organisations/{org}" if operation.method == "DELETE" => format!("{}?confirm=Acme", operation.path),
            other => other.to_owned(),
        };
        self.ids.iter().fold(path, |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
    }

    /// A program that has this key.
    fn with_key(&self, secret: &str) -> Browser {
        let mut program = self.app.program(secret);
        // The first use is written down: not while the writer is held up.
        assert_eq!(program.read("/organisations/acme").status, 200);
        program
    }
}

/// A body with which the operation would succeed; nothing where it takes none.
fn body_of(operation: &Declared) -> Value {
    match (operation.method, operation.path) {
        ("POST", "/me/reauthenticate") => json!({ "password": PASSWORD }),
        ("PUT", "/me/password") => json!({ "current_password": PASSWORD, "new_password": "copper walnut tides 9" }),
        ("POST", "/organisations") => json!({ "name": "New", "plan": "starter", "admin_email": "new@new.test" }),
        ("PATCH", "/me" | "/plans/{plan}" | "/organisations/{org}" | "/workspaces/{id}") => {
            json!({ "name": "Changed" })
        }
        ("PUT", "/organisations/{org}/plan") => json!({ "plan": "starter" }),
        ("PUT", "/branding" | "/organisations/{org}/branding") => json!({ "name": "Changed" }),
        ("POST", "/mails/test") => json!({ "email": "new@new.test" }),
        ("POST", "/operators") => json!({ "email": "new@vestibule.test" }),
        ("POST", "/organisations/{org}/admins") => json!({ "email": "pat@acme.test" }),
        ("POST", "/organisations/{org}/keys") => json!({ "name": "New", "scopes": ["manage_members"] }),
        ("POST", "/keys" | "/organisations/{org}/workspaces") => json!({ "name": "New" }),
        ("PUT", "/organisations/{org}/sso" | "/setup-link/sso") => settings("changed"),
        ("POST", "/organisations/{org}/sso/metadata" | "/setup-link/sso/metadata") => {
            json!({ "metadata_xml": metadata() })
        }
        ("PUT", "/organisations/{org}/sso/saml-only") => json!({ "enabled": true }),
        ("POST", "/organisations/{org}/sso/reminders" | "/organisations/{org}/sso/setup-links") => json!({}),
        ("PATCH", "/workspaces/{id}/members/{user}") => json!({ "role": "admin" }),
        ("POST", "/workspaces/{id}/invitations/bulk") => json!({ "text": "one@acme.test, Admin\ntwo@acme.test" }),
        ("POST", "/workspaces/{id}/invitations") => json!({ "email": "new@acme.test", "role": "admin" }),
        _ => Value::Null,
    }
}

/// The operations that change or reveal something by a right.
fn judged() -> Vec<Declared> {
    operations().into_iter().filter(|one| one.method != "GET" && one.policy.need.is_some()).collect()
}

/// The operation, the status and the whole answer.
type Finished = (String, u16, String);

/// A request whose body is held back after its headers.
struct Started {
    name: String,
    stream: TcpStream,
    body: String,
}

impl Started {
    fn new(world: &World, browser: &Browser, operation: &Declared) -> Self {
        let body = match body_of(operation) {
            Value::Null => "{}".to_owned(),
            body => body.to_string(),
        };
        let mut head = vec![
            format!("{} /api/v1{} HTTP/1.1", operation.method, world.path(operation)),
            format!("host: x\r\nconnection: close\r\ncontent-length: {}", body.len()),
        ];
        head.extend((!browser.cookies.is_empty()).then(|| format!("cookie: {}", browser.cookie_header())));
        head.extend(browser.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        let address = world.app.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        stream.write_all(format!("{}\r\n\r\n", head.join("\r\n")).as_bytes()).expect("sent");
        Self { name: format!("{} {}", operation.method, operation.path), stream, body }
    }

    /// Sends the body and gives the status and the answer.
    fn finish(mut self) -> Finished {
        // A request that was refused already may be gone.
        drop(self.stream.write_all(self.body.as_bytes()));
        let mut answer = Vec::new();
        drop(self.stream.read_to_end(&mut answer));
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        (self.name, status, answer)
    }
}

/// Everything that the database holds, but for what is noted of a use.
fn dump(folder: &Path) -> BTreeMap<String, Vec<Vec<Column>>> {
    let database = rusqlite::Connection::open(folder.join("vestibule.db")).expect("opens");
    let names: Vec<String> = {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
        let mut statement = database.prepare(sql).expect("SQL");
        statement.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect()
    };
    let rows = |name: &String| {
        // The security log tells of the refusals themselves.
        let which = if name == "audit" { "WHERE resource_type <> 'security'" } else { "" };
        let mut statement = database.prepare(&format!("SELECT * FROM {name} {which} ORDER BY 1, 2")).expect("SQL");
        let columns = statement.column_count();
        let all = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect()).expect("rows");
        all.map(|row| row.expect("a row")).collect()
    };
    names.into_iter().filter(|name| name != "settings").map(|name| (name.clone(), rows(&name))).collect()
}

/// A way to lose a right.
type Loss = Box<dyn FnOnce(&Tx) -> Result<()> + Send>;

/// Somebody with rights, and how they lose them.
struct Case {
    name: &'static str,
    enter: fn(&World) -> Browser,
    loss: fn(&World) -> Loss,
    /// What they can no longer do then.
    lost: fn(Need) -> bool,
}

fn ann(world: &World) -> Browser {
    world.app.signed_in("ann@acme.test")
}

fn key(world: &World) -> Browser {
    let body = json!({ "name": "Program", "scopes": ["read", "manage_members", "manage_sso"] });
    let made = ann(world).api("POST", "/organisations/acme/keys", &body).json();
    world.with_key(made["key"].as_str().expect("a key"))
}

fn operators_key(world: &World) -> Browser {
    world.with_key(&world.app.operators_key("Program").1)
}

fn bearer(world: &World) -> Browser {
    let link = ann(world).api("POST", "/organisations/acme/sso/setup-links", &json!({ "note": "held" })).json();
    let token = link["url"].as_str().and_then(|url| url.split("token=").nth(1)).expect("a token");
    let mut bearer = world.app.anonymous();
    bearer.headers.push(("authorization", format!("SetupLink {token}")));
    // The first use is written down: not while the writer is held up.
    assert_eq!(bearer.read("/setup-link/sso").status, 200);
    bearer
}

fn signed_out(world: &World, who: &str) -> Loss {
    let user = world.app.user(who);
    Box::new(move |tx| tx.delete_other_sessions(&user, None))
}

fn no_longer_operator(world: &World) -> Loss {
    let user = world.app.user("olivia@vestibule.test");
    Box::new(move |tx| tx.set_operator(&user, false))
}

/// Their session stays in the database: it opens nothing.
fn disabled(world: &World, who: &str) -> Loss {
    let user = world.app.user(who);
    Box::new(move |tx| tx.set_disabled(&user, Some(tx.now())))
}

fn key_deleted(world: &World) -> Loss {
    let database = rusqlite::Connection::open(world.app.data.path().join("vestibule.db")).expect("opens");
    let id: String =
        database.query_row("SELECT id FROM keys WHERE name = 'Program'", [], |row| row.get(0)).expect("the key");
    let id = KeyId::parse(&id).expect("an id");
    Box::new(move |tx| tx.delete_key(&id))
}

/// Ann keeps her place as a Power User, or loses that too.
fn no_longer_admin(world: &World, member: bool) -> Loss {
    let (org, user) = (world.org.clone(), world.app.user("ann@acme.test"));
    Box::new(move |tx| {
        tx.set_admin(&org.id, &user, false)?;
        if member {
            return tx.set_place(&org.id, &org.workspace, &tx.user(&user)?, Role::PowerUser);
        }
        tx.delete_place(&org.workspace, &user)?;
        tx.delete_person_without_place(&org.id, &user).map(drop)
    })
}

fn no_longer_workspace_admin(world: &World) -> Loss {
    let (org, user) = (world.org.clone(), world.app.user("wes@acme.test"));
    Box::new(move |tx| tx.set_place(&org.id, &org.workspace, &tx.user(&user)?, Role::PowerUser))
}

fn link_revoked(world: &World) -> Loss {
    let org = world.org.id.clone();
    Box::new(move |tx| tx.setup_links(&org)?.iter().try_for_each(|link| tx.delete_setup_link(&link.id)))
}

fn connection_ready(world: &World) -> Loss {
    let org = world.org.id.clone();
    Box::new(move |tx| tx.finish_setup_links(&org))
}

const CASES: [Case; 13] = [
    Case {
        name: "operator, signed out",
        enter: |world| world.app.operator(),
        loss: |world| signed_out(world, "olivia@vestibule.test"),
        lost: |_| true,
    },
    Case {
        name: "operator, removed",
        enter: |world| world.app.operator(),
        loss: no_longer_operator,
        lost: all_but_own,
    },
    Case {
        name: "operator, disabled",
        enter: |world| world.app.operator(),
        loss: |world| disabled(world, "olivia@vestibule.test"),
        lost: |_| true,
    },
    Case { name: "admin, disabled", enter: ann, loss: |world| disabled(world, "ann@acme.test"), lost: |_| true },
    Case { name: "admin, signed out", enter: ann, loss: |world| signed_out(world, "ann@acme.test"), lost: |_| true },
    Case { name: "admin, demoted", enter: ann, loss: |world| no_longer_admin(world, true), lost: all_but_own },
    Case { name: "admin, revoked", enter: ann, loss: |world| no_longer_admin(world, false), lost: all_but_own },
    Case {
        name: "admin through SAML, revoked",
        enter: |world| connect(&world.app, &world.org, "ann@acme.test", "acme_SSO"),
        loss: |world| no_longer_admin(world, false),
        lost: all_but_own,
    },
    Case {
        name: "workspace Admin, demoted",
        enter: |world| world.app.signed_in("wes@acme.test"),
        loss: no_longer_workspace_admin,
        lost: all_but_own,
    },
    Case { name: "key, deleted", enter: key, loss: key_deleted, lost: |_| true },
    Case { name: "operators' key, deleted", enter: operators_key, loss: key_deleted, lost: |_| true },
    Case { name: "set-up link, revoked", enter: bearer, loss: link_revoked, lost: |_| true },
    Case { name: "set-up link, done", enter: bearer, loss: connection_ready, lost: |need| need == Need::SetupLink },
];

fn all_but_own(need: Need) -> bool {
    !matches!(need, Need::Person | Need::OwnSettings)
}

/// The requests to start: those with a body, to be held back; or those that write, which wait for the writer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    WithBody,
    Writing,
}

type Start<'a> = &'a dyn Fn(Kind) -> Vec<Started>;

/// Operations that do not get as far as a write here: one only reads, one needs a mail server.
const NO_WRITE: [&str; 2] = ["/organisations/{org}/sso/metadata", "/organisations/{org}/sso/reminders"];

/// How long requests have to be admitted before the right goes.
const ADMITTED: Duration = Duration::from_millis(1500);

/// Starts every operation, takes the right away, finishes them: each is refused, and the database is as if none had been asked.
/// `run` starts them, takes the right away at its moment, and gives the answers.
fn nothing_is_written(case: &Case, run: fn(&World, Start, Loss) -> Vec<Finished>) {
    let world = World::new();
    let browser = (case.enter)(&world);
    let copy = tempfile::tempdir().expect("a folder");
    let whole = rusqlite::Connection::open(world.app.data.path().join("vestibule.db")).expect("opens");
    whole.execute("VACUUM INTO ?1", [copy.path().join("vestibule.db").to_str()]).expect("copied");
    let operations: Vec<_> = judged().into_iter().filter(|one| (case.lost)(one.policy.need.expect("one"))).collect();
    let (loss, same_loss) = ((case.loss)(&world), (case.loss)(&world));
    let start = |kind: Kind| {
        let fits = |one: &&Declared| match kind {
            Kind::WithBody => body_of(one) != Value::Null,
            Kind::Writing => !NO_WRITE.contains(&one.path),
        };
        let these = operations.iter().filter(fits);
        these.map(|one| Started::new(&world, &browser, one)).collect()
    };
    for (name, status, answer) in run(&world, &start, loss) {
        let done = case.name == "set-up link, done" && status == 409;
        assert!([401, 403, 404].contains(&status) || done, "{}: {name}: {answer}", case.name);
    }
    let expected = Store::open(copy.path(), world.app.clock()).expect("opens");
    expected.write(&Claim::job(), same_loss).expect("taken away");
    let (real, expected) = (dump(world.app.data.path()), dump(copy.path()));
    for (table, rows) in &expected {
        assert!(&real[table] == rows, "{}: {table} has changed", case.name);
    }
}

#[test]
fn a_right_that_goes_while_the_body_is_on_its_way_writes_nothing() {
    for case in &CASES {
        nothing_is_written(case, |world, start, loss| {
            let started = start(Kind::WithBody);
            std::thread::sleep(ADMITTED);
            world.app.write(loss);
            started.into_iter().map(Started::finish).collect()
        });
    }
}

#[test]
fn a_right_that_goes_just_before_the_write_writes_nothing() {
    for case in &CASES {
        nothing_is_written(case, |world, start, loss| {
            let app = world.app.app.clone();
            let (holds, held) = channel();
            let (lets_go, told) = channel::<()>();
            let holding = std::thread::spawn(move || {
                app.write(&Claim::job(), move |tx| {
                    holds.send(()).expect("somebody waits");
                    told.recv().expect("told");
                    loss(tx)
                })
            });
            held.recv().expect("held");
            let waiting: Vec<_> =
                start(Kind::Writing).into_iter().map(|one| std::thread::spawn(|| one.finish())).collect();
            std::thread::sleep(ADMITTED);
            lets_go.send(()).expect("held");
            holding.join().expect("joined").expect("written");
            waiting.into_iter().map(|one| one.join().expect("joined")).collect()
        });
    }
}

/// The same operations with the right in place.
#[test]
fn each_of_these_operations_succeeds_while_the_right_holds() {
    // They need what no other operation of this list makes, or a session through SAML.
    let elsewhere = [
        "/me/sessions/{session}",
        "/mails/{mail}",
        "/mails/{mail}/retry",
        // Needs a mail server.
        "/mails/test",
        "/organisations/{org}/sso",
        "/organisations/{org}/sso/metadata/refresh",
        "/organisations/{org}/sso/candidates/{fingerprint}",
        "/organisations/{org}/sso/candidates/{fingerprint}/adopt",
        "/organisations/{org}/sso/saml-only",
        "/organisations/{org}/sso/recovery-codes",
        "/organisations/{org}/sso/reminders",
        "/organisations/{org}/sso/own-keys/{keys}",
        "/organisations/{org}/admins/{user}",
    ];
    let mut succeeded = 0;
    for operation in judged() {
        if elsewhere.contains(&operation.path) && operation.method != "PUT" {
            continue;
        }
        let world = World::new();
        let browser = match operation.policy.need {
            Some(Need::SetupLink) => bearer(&world),
            Some(Need::Operator | Need::OperatorInPerson) => world.app.operator(),
            _ if operation.path.ends_with("/saml-only") => connect(&world.app, &world.org, "ann@acme.test", "acme_SSO"),
            _ => ann(&world),
        };
        let (name, status, answer) = Started::new(&world, &browser, &operation).finish();
        assert!((200..300).contains(&status), "{name}: {answer}");
        succeeded += 1;
    }
    assert!(succeeded > 25, "{succeeded}");
}
