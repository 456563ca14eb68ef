//! Acknowledged writes survive a `kill -9` during a burst of writes.

use crate::browser::Browser;
use crate::program::{free_port, operators_program, serve, set_up, vestibule};
use serde_json::json;
use vestibule::saml::test_idp::{Minted, Sign};

struct Burst {
    url: String,
    workspace: String,
    authorization: (&'static str, String),
}

/// The writes of one client that the server acknowledged before it was killed.
#[derive(Default)]
struct Acknowledged {
    invited: Vec<String>,
    sessions: Vec<String>,
    answered: Vec<(String, String)>,
}

/// Signs in through SAML with the system clock; returns the address of the callback and the response that was used.
fn sign_in(browser: &mut Browser, start: &str, email: &str) -> Option<(String, String)> {
    let request = crate::idp::request_of(&browser.get(start));
    let now = vestibule::domain::Clock::System.now();
    let xml = Minted::answer(&request, crate::idp::ENTITY_ID, email, now).sign(&crate::idp::KEY, Sign::Assertion);
    let finish = crate::idp::deliver(browser, &request.acs_url, &xml);
    let landed = browser.get(finish.location());
    (landed.location() == "/").then_some((request.acs_url, xml))
}

/// The address of a client's person. Each client has its own person, because a person has at most 500 sessions.
fn person_of(client: usize) -> String {
    format!("client{client}@acme.test")
}

fn write_until_killed(burst: &Burst, client: usize) -> Acknowledged {
    let mut done = Acknowledged::default();
    for n in 0.. {
        let address = format!("p{n}-{client}@acme.test");
        let one = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut browser = Browser::new(&burst.url);
            let used = sign_in(&mut browser, "/sso?key=acme_SSO", &person_of(client)).expect("signed in");
            let session = browser.cookies["vestibule_session"].clone();
            let mut program = Browser::new(&burst.url);
            program.headers = vec![burst.authorization.clone()];
            let path = format!("/workspaces/{}/invitations", burst.workspace);
            assert_eq!(program.api("POST", &path, &json!({ "email": address, "role": "admin" })).status, 201);
            (session, used)
        }));
        let Ok((session, used)) = one else { break };
        done.sessions.push(session);
        done.answered.push(used);
        done.invited.push(address);
    }
    done
}

#[test]
fn sessions_invitations_and_used_response_ids_survive_a_kill_during_a_burst() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let (server, link) = serve(data, port);
    let (mut operator, workspace) = set_up(&url, &link.expect("a set-up link"));
    let saved = operator.api("PUT", "/organisations/acme/sso", &crate::idp::settings("acme_SSO"));
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert!(sign_in(&mut operator, "/sso?key=acme_SSO&test=1", "ann@acme.test").is_some());
    let mut program = operators_program(data, &url);
    for client in 0..4 {
        // The person's first sign-in accepts the invitation.
        let invitation = json!({ "email": person_of(client), "role": "power_user" });
        assert_eq!(program.api("POST", &format!("/workspaces/{workspace}/invitations"), &invitation).status, 201);
    }
    let burst = std::sync::Arc::new(Burst { url: url.clone(), workspace, authorization: program.headers[0].clone() });
    // The clients panic when the server is killed; their messages are not test failures.
    std::panic::set_hook(Box::new(|_| {}));
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let burst = burst.clone();
            std::thread::spawn(move || write_until_killed(&burst, client))
        })
        .collect();
    std::thread::sleep(std::time::Duration::from_secs(2));
    drop(server);
    let done: Vec<_> = clients.into_iter().map(|client| client.join().expect("a client")).collect();
    drop(std::panic::take_hook());

    let (_server, _) = serve(data, port);
    let count: usize = done.iter().map(|one| one.invited.len()).sum();
    assert!(count > 10, "too few writes before the kill: {count}");
    let mut listed = Vec::new();
    let mut cursor = String::new();
    loop {
        let page =
            program.read(&format!("/workspaces/{}/invitations?limit=200&cursor={cursor}", burst.workspace)).json();
        listed.extend(
            page["items"].as_array().expect("a list").iter().map(|one| one["email"].as_str().expect("text").to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => cursor = next.into(),
            None => break,
        }
    }
    for one in &done {
        assert!(one.invited.iter().all(|address| listed.contains(address)), "an acknowledged invitation is lost");
        for session in &one.sessions {
            let mut browser = Browser::new(&url);
            browser.cookies.insert("vestibule_session".into(), session.clone());
            assert_eq!(browser.read("/me").status, 200, "an acknowledged session is lost");
        }
        for (acs_url, xml) in &one.answered {
            let again = crate::idp::deliver(&mut Browser::new(&url), acs_url, xml);
            assert_eq!(again.refused_with(), "sso_not_verified", "a response was accepted twice");
        }
    }
}

#[test]
fn a_second_server_on_one_folder_refuses_to_start_and_commands_work_while_the_first_runs() {
    let data = tempfile::tempdir().expect("a folder");
    let (first, _) = serve(data.path(), free_port());
    let second = vestibule(data.path(), &["serve", "--listen", &format!("127.0.0.1:{}", free_port())]);
    let printed = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(2), "{printed}");
    assert!(printed.contains("Another Vestibule serves from"), "{printed}");
    assert!(vestibule(data.path(), &["org", "list"]).status.success());
    drop(first);
    let (_third, _) = serve(data.path(), free_port());
}

#[test]
fn a_command_does_not_upgrade_the_database_of_a_running_server() {
    let data = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let (server, _) = serve(data.path(), port);
    let ready = || Browser::new(&format!("http://127.0.0.1:{port}")).get("/readyz").status;
    assert_eq!(ready(), 200);
    let database = rusqlite::Connection::open(data.path().join("vestibule.db")).expect("opens");
    let version = || database.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).expect("a number");
    let current = version();
    // The state in which a command of a newer version finds the database of a running older server.
    database.pragma_update(None, "user_version", current - 1).expect("marked");
    let listed = vestibule(data.path(), &["org", "list"]);
    let printed = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert_eq!(listed.status.code(), Some(2), "{printed}");
    assert!(printed.contains("systemctl restart vestibule"), "{printed}");
    assert_eq!(version(), current - 1, "the schema of a running server must not be upgraded");
    assert_eq!(ready(), 503, "a server is not ready if the schema is of another version");
    database.pragma_update(None, "user_version", current).expect("marked");
    assert_eq!(ready(), 200);
    drop(server);
}

#[test]
fn the_data_folder_and_its_files_are_accessible_only_to_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().expect("a folder");
    let data = place.path().join("data");
    let (_server, _) = serve(&data, free_port());
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let mut files = 0;
    for entry in std::fs::read_dir(&data).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        files += 1;
    }
    assert!(files >= 3, "the database, its log and its lock: {files}");
}
