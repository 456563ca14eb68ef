//! A right is checked within the transaction that uses it: if it is revoked during the request, nothing is written.
//!
//! Operations with a body are tested with a revocation at two moments: while the body is being sent, and just before
//! the write. Operations without a body are tested only at the second one.

use crate::app::{Org, PASSWORD, TestApp, email};
use crate::browser::Browser;
use crate::idp::{OTHER_KEY, connect, metadata, saml_sign_in, settings};
use crate::site::{Site, SiteAnswer};
use rusqlite::types::Value as Column;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;
use vestibule::config::{Flags, Limits};
use vestibule::domain::Result;
use vestibule::domain::connection::WaitingCertificate;
use vestibule::domain::ids::{KeyId, MailId};
use vestibule::domain::mail::{Mail, MailKind, Place};
use vestibule::domain::person::Role;
use vestibule::domain::principal::{Claim, Need};
use vestibule::http::{Declared, operations};
use vestibule::store::{Store, Tx};

/// An appliance with objects for all operations.
struct World {
    app: TestApp,
    org: Org,
    /// The values of the placeholders in paths.
    ids: BTreeMap<&'static str, String>,
    /// The ids of an operators' key, of an operator besides Olivia, and of an admin besides Ann.
    key: String,
    operator: String,
    admin: String,
    /// A session of Pat.
    session: String,
    /// OpenID Connect clients, with one secret and with two.
    clients: [String; 2],
}

/// The state of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Connection {
    /// There is no connection, and set-up links work.
    None,
    /// The connection is ready and follows its provider's metadata.
    Ready,
}

impl World {
    /// Ann is an organisation admin, Wes an Admin of the workspace, and Pat a Power User, on whom the operations act.
    fn new(connection: Connection) -> Self {
        // The limit of costly requests is high, because all operations run at once.
        let fetching = |flags: &mut Flags| flags.providers.fetch.metadata_private_hosts = Some("localhost".into());
        let app = TestApp::start(fetching, |config| config.limits = Limits { costly: 100, ..Limits::default() });
        app.add_operator();
        let org = app.org("Acme", "enterprise");
        app.admin(&org, "ann@acme.test");
        let abe = app.admin(&org, "abe@acme.test");
        app.person(&org, "wes@acme.test", Role::Admin, false);
        let pat = app.member(&org, "pat@acme.test");
        let mut admin = app.signed_in("ann@acme.test");
        let mut id = |path: String, body: Value| {
            let made = admin.api("POST", &path, &body);
            assert_eq!(made.status, 201, "{path}: {}", made.body);
            made.json()["id"].as_str().expect("an id").to_owned()
        };
        let workspace = org.workspace.to_string();
        let wiki = json!({ "kind": "link", "name": "Wiki", "url": "https://wiki.acme.test" });
        let ivy = json!({ "email": "ivy@acme.test", "role": "admin" });
        let client = json!({
            "kind": "oidc", "name": "Board", "url": "https://board.acme.test", "redirect_uris": ["https://board.acme.test/cb"],
        });
        // A client with one secret, and one with two.
        let clients = [(); 2].map(|()| id(format!("/workspaces/{workspace}/applications"), client.clone()));
        let secret = id(format!("/applications/{}/secrets", clients[1]), Value::Null);
        let ids = BTreeMap::from([
            ("app", id(format!("/workspaces/{workspace}/applications"), wiki)),
            ("secret", secret),
            ("inv", id(format!("/workspaces/{workspace}/invitations"), ivy)),
            ("key", id("/organisations/acme/keys".into(), json!({ "name": "k", "scopes": ["read"] }))),
            ("link", id("/organisations/acme/sso/setup-links".into(), json!({}))),
            ("role", id("/organisations/acme/roles".into(), json!({ "name": "Auditor", "default_level": "admin" }))),
            ("org", "acme".into()),
            ("id", workspace),
            ("user", pat.to_string()),
            ("plan", "starter".into()),
            ("fingerprint", "AA".into()),
            ("session", "0".repeat(32)),
            ("mail", waiting_mail(&app)),
            ("keys", "0".repeat(32)),
        ]);
        id("/organisations/acme/workspaces".into(), json!({ "name": "Second" }));
        let ((key, _), operator) = (app.operators_key("Other"), app.second_operator());
        let (key, operator, abe) = (key.id.to_string(), operator.to_string(), abe.to_string());
        let session = session_of(&mut app.signed_in("pat@acme.test"));
        let mut world = Self { app, org, ids, key, operator, admin: abe, session, clients };
        if connection == Connection::Ready {
            world.connect();
        }
        // The first read creates our own keys.
        assert_eq!(admin.read("/organisations/acme/sso/own-keys").status, 200);
        world
    }

    /// Adds a second generation of our own keys.
    fn rotate(&mut self) {
        let mut ann = self.app.signed_in("ann@acme.test");
        assert_eq!(ann.api("POST", "/organisations/acme/sso/own-keys", &Value::Null).status, 201);
        let keys = ann.read("/organisations/acme/sso/own-keys").json()["items"][0]["id"].clone();
        self.ids.insert("keys", keys.as_str().expect("an id").to_owned());
    }

    /// Adds another session of this person.
    fn sign_in_elsewhere(&mut self, asking: &str) {
        self.ids.insert("session", session_of(&mut self.app.signed_in(asking)));
    }

    /// Makes the connection ready, with a waiting certificate.
    fn connect(&mut self) {
        let mut ann = connect(&self.app, &self.org, "ann@acme.test", "acme_SSO");
        let site = Site::new(SiteAnswer::Text(metadata()));
        let followed = json!({ "provider": "custom", "portal_key": "acme_SSO", "metadata_url": site.url() });
        assert_eq!(ann.api("PUT", "/organisations/acme/sso", &followed).status, 200);
        let waiting = WaitingCertificate {
            certificate: OTHER_KEY.certificate_pem(),
            added_by: "k".into(),
            added_at: self.app.now(),
        };
        let org = self.org.id.clone();
        self.app.write(move |tx| tx.add_waiting_certificate(&org, &waiting));
        let shown = ann.read("/organisations/acme/sso").json();
        assert_eq!(shown["status"], "ready", "{shown}");
        let print = shown["candidates"][0]["fingerprint"].as_str().expect("a fingerprint");
        self.ids.insert("fingerprint", print.to_owned());
    }

    fn path(&self, operation: &Declared) -> String {
        let path = match operation.path {
            "/applications/{app}/secrets" => operation.path.replace("{app}", &self.clients[0]),
            "/applications/{app}/secrets/{secret}" => operation.path.replace("{app}", &self.clients[1]),
            "/keys/{key}" => operation.path.replace("{key}", &self.key),
            "/operators/{user}" => operation.path.replace("{user}", &self.operator),
            MEMBER_SESSION => operation.path.replace("{session}", &self.session),
            "/organisations/{org}/admins/{user}" => operation.path.replace("{user}", &self.admin),
            "/organisations/{org}" if operation.method == "DELETE" => format!("{}?confirm=Acme", operation.path),
            other => other.to_owned(),
        };
        self.ids.iter().fold(path, |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
    }

    /// A program with this API key.
    fn with_key(&self, secret: &str) -> Browser {
        let mut program = self.app.program(secret);
        // This first use is recorded now, because it cannot be recorded while the writer is held.
        assert_eq!(program.read("/organisations/acme").status, 200);
        program
    }
}

/// The id of the browser's session.
fn session_of(browser: &mut Browser) -> String {
    let sessions = browser.read("/me/sessions").json();
    let items = sessions["items"].as_array().expect("a list");
    let id = items.iter().find(|one| one["current"] == true).expect("there")["id"].clone();
    id.as_str().expect("an id").to_owned()
}

/// A waiting e-mail, which is not sent because there is no mail server.
fn waiting_mail(app: &TestApp) -> String {
    let (id, now) = (MailId::random(), app.now());
    let mail = Mail {
        id: id.clone(),
        kind: MailKind::Reset,
        to: email("pat@acme.test"),
        subject: "Letter".into(),
        plain: "Letter".into(),
        html: String::new(),
        created_at: now,
        expires_at: now.plus(24 * 3600),
        attempts: 1,
        next_attempt_at: None,
        last_error: None,
    };
    app.write(move |tx| tx.add_mail(&mail, &Place::default()));
    id.to_string()
}

/// A body with which the operation succeeds, or null if it has no body.
fn body_of(operation: &Declared) -> Value {
    match (operation.method, operation.path) {
        ("POST", "/me/reauthenticate") => json!({ "password": PASSWORD }),
        ("PUT", "/me/password") => json!({ "current_password": PASSWORD, "new_password": "copper walnut tides 9" }),
        ("POST", "/organisations") => json!({ "name": "New", "plan": "starter", "admin_email": "new@new.test" }),
        ("PATCH", "/me" | "/plans/{plan}" | "/organisations/{org}" | "/workspaces/{id}" | "/applications/{app}") => {
            json!({ "name": "Changed" })
        }
        ("POST", "/organisations/{org}/roles") => json!({ "name": "New", "default_level": "viewer" }),
        ("PATCH", "/organisations/{org}/roles/{role}") => json!({ "name": "Changed", "default_level": "viewer" }),
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
        ("PUT", "/organisations/{org}/application-hosts") => json!({ "hosts": ["new.acme.test"] }),
        ("POST", "/workspaces/{id}/applications") => {
            json!({ "kind": "link", "name": "New", "url": "https://new.acme.test" })
        }
        ("POST", "/workspaces/{id}/invitations/bulk") => json!({ "text": "one@acme.test, Admin\ntwo@acme.test" }),
        ("POST", "/workspaces/{id}/invitations") => json!({ "email": "new@acme.test", "role": "admin" }),
        _ => Value::Null,
    }
}

/// The operations that need a right and are not reads.
fn operations_with_rights() -> Vec<Declared> {
    operations().into_iter().filter(|one| one.method != "GET" && one.policy.need.is_some()).collect()
}

/// The operation, and the status and body of the answer.
type Finished = (String, u16, String);

/// A request whose headers are sent and whose body is held back.
struct Started {
    name: String,
    stream: TcpStream,
    body: String,
}

impl Started {
    /// Sends the headers. `expects`: waits until the server asks for the body, which it does after the first check of
    /// the right.
    fn new(world: &World, browser: &Browser, operation: &Declared, expects: bool) -> Self {
        let body = match body_of(operation) {
            Value::Null => "{}".to_owned(),
            body => body.to_string(),
        };
        let mut head = vec![
            format!("{} /api/v1{} HTTP/1.1", operation.method, world.path(operation)),
            format!("host: x\r\nconnection: close\r\ncontent-length: {}", body.len()),
        ];
        head.extend(expects.then(|| "expect: 100-continue".to_owned()));
        head.extend((!browser.cookies.is_empty()).then(|| format!("cookie: {}", browser.cookie_header())));
        head.extend(browser.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        let address = world.app.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        stream.write_all(format!("{}\r\n\r\n", head.join("\r\n")).as_bytes()).expect("sent");
        if expects {
            let mut line = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
            stream.read_exact(&mut line).expect("an answer");
            let line = String::from_utf8_lossy(&line);
            assert!(line.contains(" 100 "), "{} {}: {line}", operation.method, operation.path);
        }
        Self { name: format!("{} {}", operation.method, operation.path), stream, body }
    }

    /// Sends the body; returns the operation, the status and the answer.
    fn finish(mut self) -> Finished {
        // The connection of a request that was already refused may be closed.
        drop(self.stream.write_all(self.body.as_bytes()));
        let mut answer = Vec::new();
        drop(self.stream.read_to_end(&mut answer));
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        (self.name, status, answer)
    }
}

/// All rows of the database, except the times of last use.
pub fn dump(folder: &Path) -> BTreeMap<String, Vec<Vec<Column>>> {
    let database = rusqlite::Connection::open(folder.join("vestibule.db")).expect("opens");
    let names: Vec<String> = {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
        let mut statement = database.prepare(sql).expect("SQL");
        statement.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect()
    };
    let rows = |name: &String| {
        // The security log contains the refusals themselves.
        let which = match name.as_str() {
            "audit" => "WHERE resource_type <> 'security'",
            // Refusals are in the log of the appliance.
            "audit_chains" => "WHERE organisation_id <> ''",
            _ => "",
        };
        let mut statement = database.prepare(&format!("SELECT * FROM {name} {which} ORDER BY 1, 2")).expect("SQL");
        let columns = statement.column_count();
        let all = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect()).expect("rows");
        all.map(|row| row.expect("a row")).collect()
    };
    names.into_iter().filter(|name| name != "settings").map(|name| (name.clone(), rows(&name))).collect()
}

/// A change that revokes a right.
type Revocation = Box<dyn FnOnce(&Tx) -> Result<()> + Send>;

/// A person or program with rights, and how it loses them.
struct Case {
    name: &'static str,
    connection: Connection,
    enter: fn(&World) -> Browser,
    /// The change that revokes the right; `no_change` if the right expires.
    revocation: fn(&World) -> Revocation,
    /// The seconds after which the right expires, otherwise 0.
    secs: i64,
    /// True for the operations that are then refused.
    lost: fn(&Declared) -> bool,
}

fn ann(world: &World) -> Browser {
    world.app.signed_in("ann@acme.test")
}

fn key(world: &World) -> Browser {
    let body = json!({ "name": "Program", "scopes": ["read", "manage_members", "manage_sso", "manage_applications"] });
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
    // The first use is recorded, which must not happen while the writer is held.
    assert_eq!(bearer.read("/setup-link/sso").status, 200);
    bearer
}

fn sign_out(world: &World, who: &str) -> Revocation {
    let user = world.app.user(who);
    Box::new(move |tx| tx.delete_other_sessions(&user, None))
}

fn remove_operator_role(world: &World) -> Revocation {
    let user = world.app.user("olivia@vestibule.test");
    Box::new(move |tx| tx.set_operator(&user, false))
}

/// Disables a person. Their session stays in the database, but is not accepted.
fn disable(world: &World, who: &str) -> Revocation {
    let user = world.app.user(who);
    Box::new(move |tx| tx.set_disabled(&user, Some(tx.now())))
}

fn delete_key(world: &World) -> Revocation {
    let database = rusqlite::Connection::open(world.app.data.path().join("vestibule.db")).expect("opens");
    let id: String =
        database.query_row("SELECT id FROM keys WHERE name = 'Program'", [], |row| row.get(0)).expect("the key");
    let id = KeyId::parse(&id).expect("an id");
    Box::new(move |tx| tx.delete_key(&id))
}

/// Removes Ann as an admin of the organisation: with `member`, she becomes a Power User; otherwise, she leaves it.
fn remove_admin_role(world: &World, member: bool) -> Revocation {
    let (org, user) = (world.org.clone(), world.app.user("ann@acme.test"));
    Box::new(move |tx| {
        tx.set_admin(&org.id, &user, false)?;
        if member {
            return tx.set_place(&org.id, &org.workspace, &tx.user(&user)?, &Role::PowerUser);
        }
        tx.delete_place(&org.workspace, &user)?;
        tx.delete_person_without_place(&org.id, &user).map(drop)
    })
}

fn remove_workspace_admin_role(world: &World) -> Revocation {
    let (org, user) = (world.org.clone(), world.app.user("wes@acme.test"));
    Box::new(move |tx| tx.set_place(&org.id, &org.workspace, &tx.user(&user)?, &Role::PowerUser))
}

fn revoke_link(world: &World) -> Revocation {
    let org = world.org.id.clone();
    Box::new(move |tx| tx.setup_links(&org)?.iter().try_for_each(|link| tx.delete_setup_link(&link.id)))
}

fn make_connection_ready(world: &World) -> Revocation {
    let org = world.org.id.clone();
    Box::new(move |tx| tx.finish_setup_links(&org))
}

/// Ann, signed in only through the organisation's identity provider.
fn ann_through_saml(world: &World) -> Browser {
    let mut browser = world.app.anonymous();
    saml_sign_in(&world.app, &mut browser, "/sso?key=acme_SSO", "ann@acme.test");
    assert_eq!(browser.read("/organisations/acme").status, 200);
    browser
}

/// Ann, signed in with a recovery code under SAML-only.
fn ann_by_code(world: &World) -> Browser {
    let on =
        ann_through_saml(world).api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).json();
    let code = on["recovery_codes"][0].as_str().expect("a code");
    let mut browser = world.app.anonymous();
    let body = json!({ "email": "ann@acme.test", "password": PASSWORD, "recovery_code": code, "organisation": "acme" });
    assert_eq!(browser.api("POST", "/login", &body).status, 200);
    browser
}

fn expiring_key(world: &World) -> Browser {
    let until = world.app.now().plus(60).to_string();
    let body = json!({ "name": "Program", "scopes": ["read", "manage_members", "manage_sso", "manage_applications"], "expires_at": until });
    let made = ann(world).api("POST", "/organisations/acme/keys", &body).json();
    world.with_key(made["key"].as_str().expect("a key"))
}

fn switch_to_plan_without_sso(world: &World) -> Revocation {
    let org = world.org.id.clone();
    Box::new(move |tx| tx.set_organisation_plan(&org, "business"))
}

fn turn_saml_only_on(world: &World) -> Revocation {
    let org = world.org.id.clone();
    Box::new(move |tx| tx.set_saml_only(&org, true))
}

fn remove_connection(world: &World) -> Revocation {
    let org = world.org.id.clone();
    Box::new(move |tx| tx.delete_connection(&org))
}

fn no_change(_: &World) -> Revocation {
    Box::new(|_| Ok(()))
}

fn need(one: &Declared) -> Need {
    one.policy.need.expect("an operation with a right")
}

fn operators(one: &Declared) -> bool {
    need(one) != Need::SetupLink
}

fn admins(one: &Declared) -> bool {
    operators(one) && !matches!(need(one), Need::Operator | Need::OperatorInPerson)
}

fn own(one: &Declared) -> bool {
    matches!(need(one), Need::Person | Need::OwnSettings)
}

fn admins_without_own(one: &Declared) -> bool {
    admins(one) && !own(one)
}

fn keys(one: &Declared) -> bool {
    one.policy.scope.is_some()
}

/// The default values of the cases.
const CASE: Case =
    Case { name: "", connection: Connection::Ready, enter: ann, revocation: no_change, secs: 0, lost: |_| true };

fn cases() -> Vec<Case> {
    let operator = Case { enter: |world| world.app.operator(), lost: operators, ..CASE };
    let admin = Case { lost: admins, ..CASE };
    let by_saml = Case { enter: ann_through_saml, lost: admins_without_own, ..CASE };
    let key = Case { enter: key, revocation: delete_key, lost: keys, ..CASE };
    let link = Case { connection: Connection::None, enter: bearer, lost: |one| need(one) == Need::SetupLink, ..CASE };
    vec![
        Case { name: "operator, signed out", revocation: |world| sign_out(world, "olivia@vestibule.test"), ..operator },
        Case {
            name: "operator, removed",
            revocation: remove_operator_role,
            lost: |one| operators(one) && !own(one),
            ..operator
        },
        Case { name: "operator, disabled", revocation: |world| disable(world, "olivia@vestibule.test"), ..operator },
        Case { name: "admin, disabled", revocation: |world| disable(world, "ann@acme.test"), ..admin },
        Case { name: "admin, signed out", revocation: |world| sign_out(world, "ann@acme.test"), ..admin },
        Case { name: "admin, idle too long", secs: 12 * 3600, ..admin },
        Case { name: "admin, SAML-only turned on", revocation: turn_saml_only_on, ..admin },
        Case {
            name: "admin, plan without single sign-on",
            revocation: switch_to_plan_without_sso,
            lost: |one| admins(one) && one.policy.sso_plan,
            ..admin
        },
        Case {
            name: "admin, demoted",
            revocation: |world| remove_admin_role(world, true),
            lost: admins_without_own,
            ..admin
        },
        Case {
            name: "admin, revoked",
            revocation: |world| remove_admin_role(world, false),
            lost: admins_without_own,
            ..admin
        },
        Case { name: "admin through SAML, revoked", revocation: |world| remove_admin_role(world, false), ..by_saml },
        Case { name: "admin through SAML, demoted", revocation: |world| remove_admin_role(world, true), ..by_saml },
        Case {
            name: "admin through SAML, signed out",
            revocation: |world| sign_out(world, "ann@acme.test"),
            ..by_saml
        },
        Case { name: "admin through SAML, disabled", revocation: |world| disable(world, "ann@acme.test"), ..by_saml },
        Case { name: "admin through SAML, connection removed", revocation: remove_connection, ..by_saml },
        Case {
            name: "admin by a recovery code, demoted",
            enter: ann_by_code,
            revocation: |world| remove_admin_role(world, true),
            lost: admins_without_own,
            ..CASE
        },
        Case {
            name: "workspace Admin, demoted",
            enter: |world| world.app.signed_in("wes@acme.test"),
            revocation: remove_workspace_admin_role,
            lost: |one| need(one) == Need::WorkspaceAdmin,
            ..CASE
        },
        Case {
            name: "member, signed out",
            enter: |world| world.app.signed_in("pat@acme.test"),
            revocation: |world| sign_out(world, "pat@acme.test"),
            lost: own,
            ..CASE
        },
        Case { name: "key, deleted", ..key },
        Case { name: "key, expired", enter: expiring_key, revocation: no_change, secs: 60, ..key },
        Case {
            name: "operators' key, deleted",
            enter: operators_key,
            lost: |one| operators(one) && !own(one) && need(one) != Need::OperatorInPerson,
            ..key
        },
        Case { name: "set-up link, revoked", revocation: revoke_link, ..link },
        Case { name: "set-up link, done", revocation: make_connection_ready, ..link },
    ]
}

/// Which requests to start: those with a body, which is held back; or those that write, which wait for the writer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    WithBody,
    Writing,
}

type Start<'a> = &'a dyn Fn(Kind) -> Vec<Started>;

/// Operations that do not reach a write in this test: one only reads, the other needs a mail server.
const NO_WRITE: [&str; 2] = ["/organisations/{org}/sso/metadata", "/organisations/{org}/sso/reminders"];

/// The operation that ends one other session. There is only one other session.
const ANOTHER_SESSION: &str = "/me/sessions/{session}";

/// The operation that ends a session of Pat.
const MEMBER_SESSION: &str = "/organisations/{org}/members/{user}/sessions/{session}";

/// The time within which requests are admitted before the right is revoked.
const ADMITTED: Duration = Duration::from_millis(1500);

/// Starts all operations, revokes the right, and finishes them. Asserts that each is refused and that the database is
/// unchanged. `run` starts the requests, revokes the right at its moment, and returns the answers.
fn assert_nothing_is_written(case: &Case, run: fn(&World, Start, Revocation, i64) -> Vec<Finished>) {
    let operations: Vec<_> = operations_with_rights().into_iter().filter(case.lost).collect();
    let mut world = World::new(case.connection);
    world.rotate();
    let mut browser = (case.enter)(&world);
    if operations.iter().any(|one| one.path == ANOTHER_SESSION) {
        world.sign_in_elsewhere(browser.read("/me").json()["person"]["email"].as_str().expect("a person"));
    }
    let copy = tempfile::tempdir().expect("a folder");
    let whole = rusqlite::Connection::open(world.app.data.path().join("vestibule.db")).expect("opens");
    whole.execute("VACUUM INTO ?1", [copy.path().join("vestibule.db").to_str()]).expect("copied");
    let (revocation, same_revocation) = ((case.revocation)(&world), (case.revocation)(&world));
    let start = |kind: Kind| {
        let fits = |one: &&Declared| match kind {
            Kind::WithBody => body_of(one) != Value::Null,
            Kind::Writing => !NO_WRITE.contains(&one.path),
        };
        let these = operations.iter().filter(fits);
        these.map(|one| Started::new(&world, &browser, one, kind == Kind::WithBody)).collect()
    };
    for (name, status, answer) in run(&world, &start, revocation, case.secs) {
        let done = case.name == "set-up link, done" && status == 409;
        assert!([401, 403, 404].contains(&status) || done, "{}: {name}: {answer}", case.name);
    }
    let expected = Store::open(copy.path(), world.app.clock()).expect("opens");
    expected.write(&Claim::job(), same_revocation).expect("revoked");
    let (real, expected) = (dump(world.app.data.path()), dump(copy.path()));
    for (table, rows) in &expected {
        assert!(&real[table] == rows, "{}: {table} has changed", case.name);
    }
}

#[test]
fn nothing_is_written_if_the_right_is_revoked_while_the_body_is_sent() {
    for case in cases() {
        assert_nothing_is_written(&case, |world, start, revocation, secs| {
            let started = start(Kind::WithBody);
            world.app.pass(secs);
            world.app.write(revocation);
            started.into_iter().map(Started::finish).collect()
        });
    }
}

/// Cases in which the right expires are left out, because time does not pass during a transaction.
#[test]
fn nothing_is_written_if_the_right_is_revoked_just_before_the_write() {
    for case in cases().iter().filter(|case| case.secs == 0) {
        assert_nothing_is_written(case, |world, start, revocation, _| {
            let app = world.app.app.clone();
            let (holds, held) = channel();
            let (release, released) = channel::<()>();
            let holding = std::thread::spawn(move || {
                app.write(&Claim::job(), move |tx| {
                    holds.send(()).expect("the test waits");
                    released.recv().expect("released");
                    revocation(tx)
                })
            });
            held.recv().expect("the writer is held");
            let waiting: Vec<_> =
                start(Kind::Writing).into_iter().map(|one| std::thread::spawn(|| one.finish())).collect();
            std::thread::sleep(ADMITTED);
            release.send(()).expect("the writer is held");
            holding.join().expect("joined").expect("written");
            waiting.into_iter().map(|one| one.join().expect("joined")).collect()
        });
    }
}

/// An appliance in which the operation is possible, and a person who may do it.
fn world_and_person_for(operation: &Declared) -> (World, Browser) {
    let settings = operation.path.contains("/sso") && !operation.path.contains("setup-link");
    let mut world = World::new(if settings { Connection::Ready } else { Connection::None });
    match operation.path {
        "/organisations/{org}/sso/own-keys/{keys}" => world.rotate(),
        ANOTHER_SESSION => world.sign_in_elsewhere("ann@acme.test"),
        _ => {}
    }
    let mut browser = match need(operation) {
        Need::SetupLink => bearer(&world),
        Need::Operator | Need::OperatorInPerson => world.app.operator(),
        _ => ann(&world),
    };
    if ["saml-only", "recovery-codes"].iter().any(|end| operation.path.ends_with(end)) {
        saml_sign_in(&world.app, &mut browser, "/sso?key=acme_SSO", "ann@acme.test");
    }
    (world, browser)
}

/// A custom role, also with the level admin everywhere, gives levels in applications and no right.
#[test]
fn a_member_with_a_custom_role_can_write_nothing_but_their_own_account() {
    let mut world = World::new(Connection::Ready);
    world.rotate();
    let role = world.ids["role"].clone();
    let member = format!("/workspaces/{}/members/{}", world.org.workspace, world.ids["user"]);
    let changed = ann(&world).api("PATCH", &member, &json!({ "role": role }));
    assert_eq!((changed.status, &changed.json()["role"]), (200, &json!(role)), "{}", changed.body);
    let pat = world.app.signed_in("pat@acme.test");
    let before = dump(world.app.data.path());
    let operations: Vec<_> = operations_with_rights().into_iter().filter(|one| !own(one)).collect();
    assert!(operations.len() > 40);
    for operation in &operations {
        let (name, status, answer) = Started::new(&world, &pat, operation, false).finish();
        // Only the holder of a set-up link can send its requests.
        let refused = status == 401 && need(operation) == Need::SetupLink;
        assert!(refused || [403, 404].contains(&status), "{name}: {answer}");
    }
    let after = dump(world.app.data.path());
    for (table, rows) in &before {
        assert!(&after[table] == rows, "{table} has changed");
    }
}

/// The same operations with the right succeed, so the refusals above are not caused by missing objects.
#[test]
fn each_of_these_operations_succeeds_if_the_right_is_not_revoked() {
    // These operations are refused because there is no mail server.
    let by_mail = ["/mails/test", "/organisations/{org}/sso/reminders"];
    let all = operations_with_rights();
    let succeeded = all.iter().filter(|operation| {
        let (world, browser) = world_and_person_for(operation);
        let (name, status, answer) = Started::new(&world, &browser, operation, false).finish();
        let mailed = by_mail.contains(&operation.path);
        assert_eq!((200..300).contains(&status), !mailed, "{name}: {answer}");
        assert!(!mailed || status == 409, "{name}: {answer}");
        !mailed
    });
    assert_eq!(succeeded.count(), all.len() - by_mail.len());
}
