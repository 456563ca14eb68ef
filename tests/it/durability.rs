//! What was acknowledged survives `kill -9` in the middle of a burst.

use crate::browser::Browser;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use vestibule::saml::mint::{Minted, Sign};

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound").port()
}

/// The real program; gives its set-up link when nobody is there yet.
fn serve(data: &Path, port: u16) -> (Server, Option<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let fresh = !data.join("vestibule.db").exists();
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let link = fresh.then(|| lines.next().expect("a line").expect("text").replace("Set-up link: ", ""));
    let server = Server(child);
    let until = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "it does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    (server, link)
}

struct Burst {
    url: String,
    workspace: String,
    key: String,
}

/// What the server acknowledged to one client before it died.
#[derive(Default)]
struct Acknowledged {
    invited: Vec<String>,
    sessions: Vec<String>,
    answered: Vec<(String, String)>,
}

fn set_up(url: &str, link: &str) -> (Browser, String) {
    let mut operator = Browser::new(url);
    let token = link.split_once("token=").expect("a token").1;
    let made = operator.api("POST", "/setup", &json!({
        "token": token, "name": "Ann", "email": "ann@acme.test", "password": "violet tractor lagoon", "organisation": "Acme",
        "plan": "enterprise",
    }));
    assert_eq!(made.status, 201, "{}", made.body);
    let workspace = made.json()["organisations"][0]["workspaces"][0]["id"].as_str().expect("an id").to_owned();
    let saved = operator.api("PUT", "/organisations/acme/sso", &crate::idp::settings("acme_SSO"));
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert!(sign_in(&mut operator, "/sso?key=acme_SSO&test=1").is_some());
    (operator, workspace)
}

/// A SAML sign-in by the machine's own clock; gives the callback's address and the response that is used up.
fn sign_in(browser: &mut Browser, start: &str) -> Option<(String, String)> {
    let request = crate::idp::request_of(&browser.get(start));
    let now = vestibule::domain::Clock::System.now();
    let xml =
        Minted::answer(&request, crate::idp::ENTITY_ID, "ann@acme.test", now).sign(&crate::idp::KEY, Sign::Assertion);
    let finish = crate::idp::deliver(browser, &request.acs_url, &xml);
    let landed = browser.get(finish.location());
    (landed.location() == "/").then_some((request.acs_url, xml))
}

fn hammer(burst: &Burst, client: usize) -> Acknowledged {
    let mut done = Acknowledged::default();
    for n in 0.. {
        let address = format!("p{n}-{client}@acme.test");
        let one = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut browser = Browser::new(&burst.url);
            let used = sign_in(&mut browser, "/sso?key=acme_SSO").expect("in");
            let session = browser.cookies["vestibule_session"].clone();
            let mut program = Browser::new(&burst.url);
            program.headers = vec![("authorization", format!("Bearer {}", burst.key))];
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
fn sessions_invitations_and_used_ids_outlive_a_kill_in_a_burst() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let (server, link) = serve(data, port);
    let (_, workspace) = set_up(&url, &link.expect("a set-up link"));
    let key = Command::new(env!("CARGO_BIN_EXE_vestibule"))
        .args(["key", "create", "burst", "--operator", "--data"])
        .arg(data)
        .output();
    let key = String::from_utf8(key.expect("it runs").stdout).expect("text").trim().to_owned();
    let burst = std::sync::Arc::new(Burst { url: url.clone(), workspace, key });
    // The clients meet a dead server at the end; what they then print is no failure.
    std::panic::set_hook(Box::new(|_| {}));
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let burst = burst.clone();
            std::thread::spawn(move || hammer(&burst, client))
        })
        .collect();
    std::thread::sleep(Duration::from_secs(2));
    drop(server);
    let done: Vec<_> = clients.into_iter().map(|client| client.join().expect("a client")).collect();
    drop(std::panic::take_hook());

    let (_server, _) = serve(data, port);
    let count: usize = done.iter().map(|one| one.invited.len()).sum();
    assert!(count > 10, "the burst was too small to tell anything: {count}");
    let mut program = Browser::new(&url);
    program.headers = vec![("authorization", format!("Bearer {}", burst.key))];
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
        assert!(one.invited.iter().all(|address| listed.contains(address)), "an invitation is gone");
        for session in &one.sessions {
            let mut browser = Browser::new(&url);
            browser.cookies.insert("vestibule_session".into(), session.clone());
            assert_eq!(browser.read("/me").status, 200, "a session is gone");
        }
        for (acs_url, xml) in &one.answered {
            let again = crate::idp::deliver(&mut Browser::new(&url), acs_url, xml);
            assert_eq!(again.refused_with(), "sso_not_verified", "a response works twice");
        }
    }
}

#[test]
fn a_second_server_on_one_folder_refuses_to_start_and_commands_work_beside_the_first() {
    let data = tempfile::tempdir().expect("a folder");
    let (first, _) = serve(data.path(), free_port());
    let vestibule = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(args).arg("--data").arg(data.path()).output().expect("it runs")
    };
    let second = vestibule(&["serve", "--listen", &format!("127.0.0.1:{}", free_port())]);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(2), "{said}");
    assert!(said.contains("Another Vestibule serves from"), "{said}");
    assert!(vestibule(&["org", "list"]).status.success());
    drop(first);
    let (_third, _) = serve(data.path(), free_port());
}
