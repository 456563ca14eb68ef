//! Inviting many people at once: each line has its own outcome, and a refused line does not affect the others.

use crate::acme::Acme;
use crate::app::Org;
use crate::browser::{Answer, Browser};
use crate::mail::with;
use crate::mail_server::MailServer;
use crate::program::vestibule;
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use vestibule::domain::person::Role;
use vestibule::domain::principal::Claim;

fn bulk(browser: &mut Browser, org: &Org, query: &str, body: &Value) -> Answer {
    browser.api("POST", &format!("/workspaces/{}/invitations/bulk{query}", org.workspace), body)
}

fn invitations(browser: &mut Browser, org: &Org) -> Vec<String> {
    let listed = browser.read(&format!("/workspaces/{}/invitations?limit=200", org.workspace)).json();
    let name =
        |one: &Value| format!("{} {}", one["email"].as_str().expect("text"), one["role"].as_str().expect("text"));
    listed["items"].as_array().expect("a list").iter().map(name).collect()
}

fn outcomes(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let items = answer.json()["items"].as_array().expect("a list").clone();
    items.iter().map(|one| one["outcome"].as_str().expect("text").to_owned()).collect()
}

/// Sends the list as a dry run and then for real. Asserts that each line has the same outcome in both.
fn bulk_as_in_dry_run(browser: &mut Browser, org: &Org, body: &Value) -> Answer {
    let reported = |answer: &Answer| {
        let items = answer.json()["items"].as_array().expect("a list").clone();
        items.iter().map(|one| (one["outcome"].clone(), one["message"].clone())).collect::<Vec<_>>()
    };
    let (dry, real) = (bulk(browser, org, "?dry_run=true", body), bulk(browser, org, "", body));
    assert_eq!(reported(&dry), reported(&real));
    real
}

fn acme() -> Acme {
    let acme = Acme::on("business");
    acme.app.member(&acme.org, "max@acme.test");
    acme
}

#[test]
fn each_line_has_its_own_outcome_and_valid_lines_are_invited() {
    let Acme { app, org, admin: mut ann } = acme();
    let before = bulk(&mut ann, &org, "", &json!({ "invitations": [{ "email": "old@acme.test", "role": "admin" }] }));
    assert_eq!(outcomes(&before), ["invited"]);
    let list = json!({ "invitations": [
        { "email": " Bob@Acme.test ", "role": "power_user" },
        { "email": "max@acme.test", "role": "admin" },
        { "email": "old@acme.test", "role": "admin" },
        { "email": "bob@acme.test", "role": "admin" },
        { "email": "nobody", "role": "admin" },
        { "email": "cat@acme.test", "role": "owner" },
        { "email": "dan@acme.test", "role": "admin" },
    ] });
    let reported = ["invited", "member", "already_invited", "repeated", "invalid", "invalid", "invited"];
    let dry = bulk(&mut ann, &org, "?dry_run=true", &list);
    assert_eq!(
        (outcomes(&dry), dry.json()["applied"].as_bool()),
        (reported.map(ToOwned::to_owned).to_vec(), Some(false))
    );
    assert_eq!(invitations(&mut ann, &org), ["old@acme.test admin"], "a dry run invites nobody");
    assert!(dry.json()["items"][0]["invitation"].is_null() && !dry.body.contains("token="), "{}", dry.body);
    let real = bulk(&mut ann, &org, "", &list);
    assert_eq!(
        (outcomes(&real), real.json()["applied"].as_bool()),
        (reported.map(ToOwned::to_owned).to_vec(), Some(true))
    );
    assert_eq!(invitations(&mut ann, &org), ["bob@acme.test power_user", "dan@acme.test admin", "old@acme.test admin"]);
    let items = real.json()["items"].clone();
    for (at, part) in
        [(1, "member of the workspace"), (2, "invited already"), (3, "twice"), (4, "ann@acme.test"), (5, "role")]
    {
        assert!(items[at]["message"].as_str().is_some_and(|why| why.contains(part)), "{}", items[at]);
    }
    let link = items[0]["invitation"]["accept_url"].as_str().expect("a link");
    let token = link.split_once("token=").expect("a token").1;
    let accepted = json!({ "token": token, "name": "Bob", "password": "violet tractor lagoon" });
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &accepted).status, 200);
    let audit = ann.read("/organisations/acme/audit?resource_type=invitation&resource=dan@acme.test").json();
    assert_eq!(
        (audit["items"].as_array().map(Vec::len), audit["items"][0]["action"].as_str()),
        (Some(1), Some("invitation.created"))
    );
}

#[test]
fn people_are_invited_from_cells_copied_from_a_spreadsheet() {
    let Acme { app: _app, org, admin: mut ann } = acme();
    let text = "Name\tRole\tE-mail\r\nBob Black\tAdmin\tbob@acme.test\r\n\"Cat\r\nCole\"\t\tcat@acme.test\r\nDan\tOwner\tdan@acme.test\r\n";
    let tried = bulk(&mut ann, &org, "", &json!({ "text": text, "role": "power_user" }));
    assert_eq!(outcomes(&tried), ["invited", "invited", "invalid"]);
    let items = tried.json()["items"].clone();
    assert_eq!((items[1]["line"].as_u64(), items[1]["name"].as_str()), (Some(3), Some("Cat Cole")));
    assert_eq!((items[2]["line"].as_u64(), items[2]["text"].as_str()), (Some(5), Some("Dan <dan@acme.test>, Owner")));
    assert_eq!(invitations(&mut ann, &org), ["bob@acme.test admin", "cat@acme.test power_user"]);
}

#[test]
fn several_addresses_on_a_line_are_all_invited_and_text_without_an_address_is_reported() {
    let Acme { app: _app, org, admin: mut ann } = acme();
    let text = "Anna <anna@acme.test>, paul@acme.test; Zed <zed@acme.test>\n\nbob@acme.test, cat@acme.test, Dan Dorn";
    let tried = bulk(&mut ann, &org, "", &json!({ "text": text, "role": "power_user" }));
    assert_eq!(outcomes(&tried), ["invited", "invited", "invited", "invited", "invited", "invalid"]);
    let items = tried.json()["items"].clone();
    let reported = |at: usize| {
        let text = |name: &str| items[at][name].as_str().unwrap_or_default().to_owned();
        (items[at]["line"].as_u64(), text("name"), text("email"))
    };
    assert_eq!(reported(0), (Some(1), "Anna".into(), "anna@acme.test".into()));
    assert_eq!(reported(1), (Some(1), String::new(), "paul@acme.test".into()));
    assert_eq!(reported(2), (Some(1), "Zed".into(), "zed@acme.test".into()));
    assert_eq!((reported(5), items[5]["text"].as_str()), ((Some(3), String::new(), String::new()), Some("Dan Dorn")));
    assert!(items[5]["message"].as_str().is_some_and(|why| why.starts_with("There is no e-mail address beside this.")));
    let table = "Name,E-mail\nBoth,\"Eve <eve@acme.test>; fay@acme.test\"\n";
    assert_eq!(outcomes(&bulk(&mut ann, &org, "", &json!({ "text": table }))), ["invited", "invited"]);
    assert_eq!(invitations(&mut ann, &org).len(), 7);
}

#[test]
fn a_list_has_a_maximum_length_and_is_given_as_items_or_as_text() {
    let Acme { app, org, admin: mut ann } = acme();
    let many = |count: usize| {
        (0..count).map(|n| json!({ "email": format!("p{n}@more.test"), "role": "admin" })).collect::<Vec<_>>()
    };
    let lines = |count: usize| (0..count).map(|n| format!("p{n}@more.test")).collect::<Vec<_>>().join("\n");
    for (body, field) in [
        (json!({ "invitations": many(501) }), "invitations"),
        (json!({ "text": lines(501) }), "text"),
        (json!({ "invitations": [] }), "invitations"),
        (json!({ "text": " \n" }), "text"),
        (json!({}), "invitations"),
        (json!({ "invitations": many(1), "text": lines(1) }), "invitations"),
        (json!({ "text": lines(1), "role": "owner" }), "role"),
        (json!({ "invitations": [{ "email": 7, "role": "admin" }] }), "invitations[0].email"),
        (
            json!({ "invitations": [{ "email": "a@more.test", "role": "admin", "organisation_admin": true }] }),
            "organisation_admin",
        ),
    ] {
        let refused = bulk(&mut ann, &org, "", &body);
        assert_eq!((refused.status, refused.field().as_str()), (422, field), "{}", refused.body);
    }
    assert_eq!(invitations(&mut ann, &org), Vec::<String>::new());
    let started = std::time::Instant::now();
    app.operator().api("PATCH", "/plans/business", &json!({ "max_members": 1000 }));
    assert_eq!(outcomes(&bulk(&mut ann, &org, "", &json!({ "invitations": many(500) }))), ["invited"; 500]);
    assert!(started.elapsed().as_secs() < 10, "the write delays all others for {:?}", started.elapsed());
}

#[test]
fn people_are_invited_up_to_the_limit_of_the_plan() {
    let Acme { app, org, admin: mut ann } = acme();
    app.operator().api("PATCH", "/plans/business", &json!({ "max_members": 4 }));
    let text = "a@more.test\nmax@acme.test\nb@more.test\nb@more.test\nc@more.test\nd@more.test";
    let tried = bulk_as_in_dry_run(&mut ann, &org, &json!({ "text": text }));
    assert_eq!(outcomes(&tried), ["invited", "member", "invited", "repeated", "plan_limit", "plan_limit"]);
    assert_eq!(invitations(&mut ann, &org), ["a@more.test power_user", "b@more.test power_user"]);
    assert_eq!(ann.read("/organisations/acme").json()["people"], 2);
}

#[test]
fn mail_limits_are_reported_by_line_and_a_refused_line_does_not_count() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    app.operator().api("PATCH", "/plans/business", &json!({ "max_mails_per_day": 3 }));
    let first = json!({ "text": "a@more.test\nb@more.test" });
    assert_eq!(outcomes(&bulk(&mut ann, &org, "?dry_run=true", &first)), ["invited", "invited"]);
    assert_eq!(outcomes(&bulk(&mut ann, &org, "", &first)), ["invited", "invited"]);
    let second = json!({ "text": "a@more.test\nb@more.test\nc@more.test\nd@more.test" });
    let tried = bulk_as_in_dry_run(&mut ann, &org, &second);
    assert_eq!(outcomes(&tried), ["already_invited", "already_invited", "invited", "mail_limit"]);
    assert!(tried.json()["items"][3]["message"].as_str().is_some_and(|why| why.contains("Try again in")));
    assert!(!tried.body.contains("accept_url"), "links are sent by e-mail and not returned: {}", tried.body);
    let mut mailed: Vec<_> = mail_server.wait_for(3).into_iter().map(|mail| mail.to).collect();
    mailed.sort();
    assert_eq!(mailed, ["a@more.test", "b@more.test", "c@more.test"]);
    assert_eq!(invitations(&mut ann, &org).len(), 3);
}

#[test]
fn a_dry_run_does_not_wait_for_the_writer() {
    let Acme { app, org, admin: mut ann } = acme();
    let ((started, is_held), (release, until)) = (channel(), channel::<()>());
    let shared = app.app.clone();
    let writing = std::thread::spawn(move || {
        let wait = |started: Sender<()>, until: Receiver<()>| {
            started.send(()).expect("the test waits");
            until.recv_timeout(Duration::from_secs(10)).is_ok()
        };
        shared.write(&Claim::job(), move |_| Ok(wait(started, until))).expect("written")
    });
    is_held.recv().expect("the write has begun");
    let dry = bulk(&mut ann, &org, "?dry_run=true", &json!({ "text": "bob@acme.test\nmax@acme.test" }));
    assert_eq!(outcomes(&dry), ["invited", "member"]);
    assert!(release.send(()).is_ok(), "the write still runs");
    assert!(writing.join().expect("joined"), "the dry run waited for the write");
}

/// Each of these requests may write one row for each person of a list or of an organisation.
#[test]
fn requests_that_write_many_rows_let_short_writes_go_first() {
    let Acme { app, org, admin: mut ann } = Acme::on("enterprise");
    app.member(&org, "max@acme.test");
    let key = ann.api("POST", "/organisations/acme/keys", &json!({ "name": "Directory Sync", "scopes": ["read"] }));
    let key = key.json()["id"].as_str().unwrap_or_else(|| panic!("{}", key.body)).to_owned();
    let people = (0..20).map(|n| format!("p{n}@more.test")).collect::<Vec<_>>().join("\n");
    for (method, path, body) in [
        ("POST", format!("/workspaces/{}/invitations/bulk", org.workspace), json!({ "text": people })),
        ("POST", "/organisations/acme/admins".into(), json!({ "email": "max@acme.test" })),
        ("POST", "/organisations/acme/sso/own-keys".into(), json!(null)),
        ("DELETE", format!("/organisations/acme/keys/{key}"), json!(null)),
    ] {
        app.app
            .write_long(&Claim::job(), |_| {
                std::thread::sleep(Duration::from_millis(300));
                Ok(())
            })
            .expect("written");
        let asked = Instant::now();
        app.write(|_| Ok(()));
        let short = asked.elapsed();
        let answer = ann.api(method, &path, &body);
        assert!(answer.status < 300, "{path}: {}", answer.body);
        assert!(short < Duration::from_millis(400), "a short write waited {short:?}");
        assert!(asked.elapsed() > Duration::from_millis(600), "{path} wrote too early, after {:?}", asked.elapsed());
    }
}

#[test]
fn only_people_who_manage_members_can_invite() {
    let Acme { app, org, .. } = acme();
    app.person(&org, "wes@acme.test", Role::Admin, false);
    app.admin(&app.org("Globex", "business"), "gus@globex.test");
    let body = json!({ "text": "new@acme.test" });
    for (who, status) in [("max@acme.test", 403), ("gus@globex.test", 404)] {
        for query in ["", "?dry_run=true"] {
            assert_eq!(bulk(&mut app.signed_in(who), &org, query, &body).status, status, "{who}");
        }
    }
    assert_eq!(outcomes(&bulk(&mut app.signed_in("wes@acme.test"), &org, "", &body)), ["invited"]);
}

#[test]
fn the_command_line_invites_the_people_in_a_file() {
    let Acme { app, org, admin: mut ann } = acme();
    let file = tempfile::NamedTempFile::new().expect("a file");
    let wide: Vec<u8> =
        "\u{feff}E-mail\tRole\r\nbob@acme.test\tAdmin\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(file.path(), wide).expect("written");
    let path = file.path().to_str().expect("text");
    let invite = ["member", "invite", org.workspace.as_str(), "--file", path];
    let dry = vestibule(app.data.path(), &[&invite[..], &["--dry-run"]].concat());
    assert!(dry.status.success() && invitations(&mut ann, &org).is_empty(), "{}", String::from_utf8_lossy(&dry.stderr));
    let done = vestibule(app.data.path(), &invite);
    let output = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && output.contains("/invitation?token="), "{output}");
    assert_eq!(invitations(&mut ann, &org), ["bob@acme.test admin"]);
    std::fs::write(file.path(), "nobody\nbob@acme.test\ncat@acme.test").expect("written");
    let some = vestibule(app.data.path(), &[&invite[..], &["--json"]].concat());
    let printed: Value = serde_json::from_slice(&some.stdout).expect("JSON");
    let outcome = |at: usize| printed[at]["outcome"].as_str();
    assert_eq!(
        (some.status.code(), outcome(0), outcome(1), outcome(2)),
        (Some(1), Some("invalid"), Some("already_invited"), Some("invited"))
    );
    std::fs::write(file.path(), "\n").expect("written");
    let empty = vestibule(app.data.path(), &invite);
    assert_eq!(empty.status.code(), Some(2), "{}", String::from_utf8_lossy(&empty.stderr));
}
