//! The program as a process that a test can kill.

use crate::browser::Browser;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const BINARY: &str = env!("CARGO_BIN_EXE_vestibule");

/// A server process, which is killed when this value is dropped, as by `kill -9`.
pub struct Server(pub Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound").port()
}

/// Starts `serve` with this data folder; returns also the set-up link if the appliance is new.
pub fn serve(data: &Path, port: u16) -> (Server, Option<String>) {
    serve_with(Command::new(BINARY), data, port)
}

/// As `serve`, but `command` starts the program with its arguments.
pub fn serve_with(mut command: Command, data: &Path, port: u16) -> (Server, Option<String>) {
    let fresh = !data.join("vestibule.db").exists();
    let mut child = command
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut lines = BufReader::new(child.stdout.take().expect("captured output")).lines();
    let link = fresh.then(|| lines.next().expect("a line").expect("text").replace("Set-up link: ", ""));
    let server = Server(child);
    let until = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "the server does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    (server, link)
}

/// Runs a command on the data of a running server.
pub fn vestibule(data: &Path, args: &[&str]) -> Output {
    Command::new(BINARY).args(args).arg("--data").arg(data).output().expect("the program runs")
}

/// A program with an API key of an operator.
pub fn operators_program(data: &Path, url: &str) -> Browser {
    let key = vestibule(data, &["key", "create", "test", "--operator"]);
    let key = String::from_utf8(key.stdout).expect("text").trim().to_owned();
    Browser::program(url, &key)
}

/// Opens the set-up link as Ann, who creates Acme on the plan Enterprise and becomes its admin and the operator.
/// Returns her browser and the id of Acme's workspace.
pub fn set_up(url: &str, link: &str) -> (Browser, String) {
    let mut operator = Browser::new(url);
    let token = link.split_once("token=").expect("a token").1;
    let made = operator.api("POST", "/setup", &json!({
        "token": token, "name": "Ann", "email": "ann@acme.test", "password": "violet tractor lagoon", "organisation": "Acme",
        "plan": "enterprise",
    }));
    assert_eq!(made.status, 201, "{}", made.body);
    let workspace = made.json()["organisations"][0]["workspaces"][0]["id"].as_str().expect("an id").to_owned();
    (operator, workspace)
}
