//! Lists of people and audit logs as CSV files: complete, safe to open in a spreadsheet, and without effect on other
//! requests.

use crate::acme::Acme;
use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::program::vestibule;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use vestibule::domain::person::Role;

/// The records of a CSV file, each as an object by column.
fn records(text: &str) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().expect("a header").clone();
    let record = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.expect("a record");
        names.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), Value::from(cell))).collect::<Value>()
    };
    reader.records().map(record).collect()
}

fn column(text: &str, name: &str) -> Vec<String> {
    records(text).iter().map(|one| one[name].as_str().expect("text").to_owned()).collect()
}

fn emails(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    column(&answer.body, "email")
}

/// Adds `count` entries to Acme's audit log, too many for the buffers between server and client.
fn fill(app: &TestApp, org: &Org, count: u32) {
    let database = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    database.busy_timeout(Duration::from_secs(10)).expect("set");
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
        INSERT INTO audit (at, actor_kind, actor_name, address, action, organisation_id, resource_type, resource_id, resource_name, detail)
        SELECT 1000 + i, 'system', 'Vestibule', '', 'member.revoked', ?1, 'member', i, 'n' || i || '@more.test', json_object('why', hex(zeroblob(150))) FROM n";
    database.execute(sql, (org.id.as_str(), count)).expect("added");
}

#[test]
fn the_file_has_all_people_who_match_sorted_by_address() {
    let Acme { app, org, admin: mut ann } = Acme::on("business");
    for n in 0..450 {
        app.write({
            let (org, email) = (org.clone(), crate::app::email(&format!("p{n:03}@acme.test")));
            move |tx| {
                let user = tx.add_user(&email, "Pia, \"Poe\"", None, false)?;
                let standing = vestibule::domain::access::Standing { admin: false, password_agreed: true };
                tx.add_person(&org.id, &user, standing)?;
                tx.set_place(&org.id, &org.workspace, &user, &Role::PowerUser)
            }
        });
    }
    let file = ann.read("/organisations/acme/members.csv");
    let listed = emails(&file);
    assert!(listed.len() == 451 && listed.is_sorted(), "{}", listed.len());
    let day = app.now().to_string();
    let name = format!("attachment; filename=\"acme-members-{}.csv\"", &day[..10]);
    for (header, value) in [
        ("content-type", "text/csv; charset=utf-8"),
        ("content-disposition", &name),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(file.headers.get(header).map(String::as_str), Some(value), "{header}");
    }
    let pia = records(&file.body)[1].clone();
    assert_eq!(
        (pia["name"].as_str(), pia["workspaces"].as_str()),
        (Some("Pia, \"Poe\""), Some("Head office (power_user)"))
    );
    assert_eq!(
        (pia["admin"].as_str(), pia["password"].as_str(), pia["last_sign_in_at"].as_str()),
        (Some("false"), Some("false"), Some(""))
    );
    assert_eq!(emails(&ann.read("/organisations/acme/members.csv?role=organisation_admin")), ["ann@acme.test"]);
    assert_eq!(emails(&ann.read("/organisations/acme/members.csv?search=p44")).len(), 10);
    assert_eq!(emails(&ann.read("/organisations/acme/members.csv?search=nobody")), Vec::<String>::new());
    assert!(ann.read("/organisations/acme/members.csv?bom=true").body.starts_with("\u{feff}\"email\""));
    for (query, field) in [("role=owner", "role"), ("bom=yes", "bom")] {
        let refused = ann.read(&format!("/organisations/acme/members.csv?{query}"));
        assert_eq!((refused.status, refused.field().as_str()), (422, field));
    }
    let printed = vestibule(app.data.path(), &["member", "list", "acme", "--csv", "--search", "p44"]);
    assert_eq!(column(&String::from_utf8_lossy(&printed.stdout), "email").len(), 10);
}

#[test]
fn no_csv_cell_is_a_formula() {
    let Acme { app, org, admin: mut ann } = Acme::on("business");
    app.person(&org, "+bob@acme.test", Role::PowerUser, false);
    assert_eq!(
        app.signed_in("+bob@acme.test")
            .api("PATCH", "/me", &json!({ "name": "=HYPERLINK(\"http://evil.test\")" }))
            .status,
        200
    );
    ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "\u{ff1d}1;-2" }));
    let people = ann.read("/organisations/acme/members.csv").body;
    assert_eq!(column(&people, "email"), ["'+bob@acme.test", "ann@acme.test"]);
    assert_eq!(column(&people, "name")[0], "'=HYPERLINK(\"http://evil.test\")");
    let log = ann.read("/organisations/acme/audit.csv").body;
    assert!(column(&log, "resource_name").contains(&"'\u{ff1d}1;'-2".to_owned()), "{log}");
    for record in records(&people).iter().chain(&records(&log)) {
        for cell in record.as_object().expect("cells").values() {
            let cell = cell.as_str().expect("text");
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
}

#[test]
fn the_file_has_the_whole_log_newest_first_with_the_filters_of_the_list() {
    let Acme { app, org, admin: mut ann } = Acme::on("business");
    fill(&app, &org, 1203);
    let file = ann.read("/organisations/acme/audit.csv?resource_type=member");
    assert_eq!(file.status, 200, "{}", file.body);
    let ids: Vec<i64> = column(&file.body, "id").iter().map(|id| id.parse().expect("a number")).collect();
    assert!(ids.len() == 1203 && ids.is_sorted_by(|one, next| one > next), "{}", ids.len());
    let named = ann.read("/organisations/acme/audit.csv?resource=n1200");
    assert_eq!(column(&named.body, "resource_name"), ["n1200@more.test"]);
    assert!(records(&named.body)[0]["detail"].as_str().is_some_and(|detail| detail.starts_with("{\"why\":")));
    let everything = app.operator().read("/audit.csv?resource_type=member");
    assert_eq!(column(&everything.body, "organisation")[0], "Acme");
    assert_eq!(records(&everything.body).len(), 1203);
    assert_eq!(ann.read("/organisations/acme/audit.csv?from=yesterday").field(), "from");
    let printed = vestibule(app.data.path(), &["audit", "export", "acme", "--resource", "n120"]);
    assert_eq!(column(&String::from_utf8_lossy(&printed.stdout), "resource_name").len(), 5);
}

#[test]
fn downloading_a_list_needs_the_same_right_as_reading_it() {
    let Acme { app, org, admin: mut ann } = Acme::on("business");
    app.member(&org, "max@acme.test");
    app.admin(&app.org("Globex", "business"), "gus@globex.test");
    let mut key = |scopes: Value| {
        let made = ann.api("POST", "/organisations/acme/keys", &json!({ "name": "k", "scopes": scopes })).json();
        app.program(made["key"].as_str().expect("a key"))
    };
    let (mut reads, mut max, mut gus) =
        (key(json!(["read"])), app.signed_in("max@acme.test"), app.signed_in("gus@globex.test"));
    for path in ["/organisations/acme/members.csv", "/organisations/acme/audit.csv"] {
        assert_eq!(app.anonymous().read(path).status, 401, "{path}");
        assert_eq!(max.read(path).status, 403, "{path}");
        assert_eq!(gus.read(path).status, 404, "{path}");
        assert_eq!(reads.read(path).status, 200, "{path}");
        assert_eq!(app.operator().read(path).status, 200, "{path}");
    }
    assert_eq!((app.signed_in("ann@acme.test").read("/audit.csv").status, reads.read("/audit.csv").status), (403, 403));
}

/// A download by a client that reads the beginning and then stops reading.
struct Slow(TcpStream);

impl Slow {
    fn start(app: &TestApp, browser: &Browser, path: &str) -> Self {
        let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
        let head = format!(
            "GET /api/v1{path} HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nConnection: close\r\n\r\n",
            browser.cookie_header()
        );
        stream.write_all(head.as_bytes()).expect("sent");
        let mut first = [0; 12];
        stream.read_exact(&mut first).expect("an answer");
        assert_eq!(&first, b"HTTP/1.1 200");
        Self(stream)
    }

    /// Reads the rest of the file; returns the number of bytes and whether the file was complete.
    fn rest(mut self) -> (usize, bool) {
        let mut rest = Vec::new();
        let read = self.0.read_to_end(&mut rest);
        (rest.len(), read.is_ok() && rest.ends_with(b"\r\n0\r\n\r\n"))
    }
}

#[test]
fn a_person_has_two_downloads_at_once_and_an_organisation_four() {
    let Acme { app, org, admin: mut ann } = Acme::on("business");
    fill(&app, &org, 40_000);
    for email in ["abe@acme.test", "amy@acme.test"] {
        app.admin(&org, email);
    }
    let (abe, mut amy) = (app.signed_in("abe@acme.test"), app.signed_in("amy@acme.test"));
    app.admin(&app.org("Globex", "business"), "gus@globex.test");
    let mut gus = app.signed_in("gus@globex.test");
    let path = "/organisations/acme/audit.csv";
    let mut slow: Vec<_> = (0..2).map(|_| Slow::start(&app, &ann, path)).collect();
    let refused = ann.read(path);
    assert_eq!((refused.status, refused.code().as_str()), (429, "throttled"), "{}", refused.body);
    assert!(refused.headers.contains_key("retry-after"));
    slow.extend((0..2).map(|_| Slow::start(&app, &abe, path)));
    assert_eq!(amy.read(path).status, 429, "a fifth download of the organisation");
    for _ in 0..5 {
        for reads in [&mut ann, &mut amy] {
            let page = reads.read("/organisations/acme/audit");
            assert_eq!(page.status, 200, "slow downloads do not prevent reading: {}", page.body);
        }
    }
    let begun = Instant::now();
    assert_eq!(gus.read("/organisations/globex/audit.csv").status, 200, "another organisation is not affected");
    assert_eq!(
        ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "New" })).status,
        201,
        "writes are not affected"
    );
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let database = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    let busy: i64 = database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).expect("checkpointed");
    assert_eq!(busy, 0, "no transaction stays open during a slow download");
    // Read in parallel, because a client that reads nothing for half a minute is disconnected.
    let rests: Vec<_> = slow.into_iter().map(|one| std::thread::spawn(|| one.rest())).collect();
    for rest in rests {
        let (bytes, whole) = rest.join().expect("joined");
        assert!(whole && bytes > 10_000_000, "{bytes}");
    }
    assert_eq!(ann.read("/organisations/acme/audit").status, 200);
}

#[test]
fn a_download_is_aborted_when_the_right_is_revoked() {
    let Acme { app, org, admin: ann } = Acme::on("business");
    fill(&app, &org, 60_000);
    app.admin(&org, "abe@acme.test");
    let slow = Slow::start(&app, &ann, "/organisations/acme/audit.csv");
    std::thread::sleep(Duration::from_millis(500));
    let (org, user) = (org.id.clone(), app.user("ann@acme.test"));
    app.write(move |tx| tx.set_admin(&org, &user, false));
    let (bytes, whole) = slow.rest();
    assert!(!whole && bytes < 20_000_000, "{bytes}");
}

#[test]
fn files_and_lists_show_the_same_data_of_a_person() {
    let Acme { app, org, admin: mut ann } = Acme::on("enterprise");
    // Three people: one whose password this organisation does not accept, one without a password, and one whose
    // password it accepts.
    let (birch, elsewhere) = (app.org("Birch", "business"), "vic@birch.test");
    app.member(&birch, elsewhere);
    app.member(&org, "ben@acme.test");
    app.write({
        let (org, emails) = (org.clone(), [elsewhere, "new@acme.test"].map(crate::app::email));
        move |tx| {
            emails.into_iter().try_for_each(|email| {
                let user = match tx.find_user(&email)? {
                    Some(user) => user,
                    None => tx.add_user(&email, "New", None, false)?,
                };
                let standing = vestibule::domain::access::Standing { admin: false, password_agreed: false };
                tx.add_person(&org.id, &user, standing)?;
                tx.set_place(&org.id, &org.workspace, &user, &Role::PowerUser)
            })
        }
    });
    let listed = ann.read("/organisations/acme/members").json()["items"].as_array().expect("items").clone();
    let file = records(&ann.read("/organisations/acme/members.csv").body);
    assert_eq!((listed.len(), file.len()), (4, 4));
    for (in_list, in_file) in listed.iter().zip(&file) {
        for column in ["email", "name", "admin", "password", "disabled", "user"] {
            let text = in_list[column].as_str().map_or_else(|| in_list[column].to_string(), ToOwned::to_owned);
            assert_eq!(in_file[column], text, "{column}: {in_list}");
        }
    }
    let with_password = file.iter().filter(|one| one["password"] == "true").map(|one| one["email"].clone());
    assert_eq!(with_password.collect::<Vec<_>>(), ["ann@acme.test", "ben@acme.test"]);
}
