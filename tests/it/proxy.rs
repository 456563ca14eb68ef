//! The checks of the doctor behind real proxies: a wrong configuration is reported, and the suggested lines fix it.

use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use crate::cli::{doctor, finding};
use crate::idp::{KEY, connect, deliver, request_of, valid_response};
use serde_json::Value;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use vestibule::saml::test_idp::Sign;

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port()
}

/// A running proxy, which is stopped when this value is dropped.
struct Proxy {
    child: Child,
    _folder: TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // SIGTERM also ends the worker processes of the proxy; SIGKILL would leave them running.
        let pid = self.child.id().to_string();
        drop(Command::new("kill").args(["-TERM", &pid]).status());
        drop(self.child.wait());
    }
}

/// Starts a proxy with this configuration and waits until its port answers.
fn start(port: u16, config: impl FnOnce(&Path) -> String, command: impl FnOnce(&Path) -> Command) -> Proxy {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("config"), config(folder.path())).expect("written");
    let mut command = command(folder.path());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the proxy starts");
    let proxy = Proxy { child, _folder: folder };
    let began = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "the proxy does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    proxy
}

fn nginx(port: u16, upstream: &str, lines: &[String]) -> Proxy {
    let lines = lines.join("\n");
    let config = |folder: &Path| {
        let folder = folder.display();
        format!(
            "user root; daemon off; pid {folder}/pid; worker_processes 1; error_log {folder}/log; events {{}}
             http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
             fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {upstream}; {lines} }} }} }}"
        )
    };
    start(port, config, |folder| {
        let mut command = Command::new("/usr/sbin/nginx");
        command.arg("-p").arg(folder).arg("-c").arg(folder.join("config"));
        command
    })
}

fn caddy(port: u16, upstream: &str) -> Proxy {
    let config = |_: &Path| {
        format!("{{\nadmin off\nauto_https off\n}}\nhttp://127.0.0.1:{port} {{\nreverse_proxy {upstream}\n}}\n")
    };
    start(port, config, |folder| {
        let mut command = Command::new("/usr/bin/caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(folder.join("config"));
        command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
        command
    })
}

fn apache(port: u16, upstream: &str, lines: &str) -> Proxy {
    let config = |folder: &Path| {
        let folder = folder.display();
        let modules: String = ["mpm_event", "authz_core", "proxy", "proxy_http"]
            .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
            .concat();
        format!(
            "ServerRoot {folder}\nServerName localhost\nPidFile {folder}/pid\nErrorLog {folder}/log\n{modules}\
             User www-data\nGroup www-data\nListen 127.0.0.1:{port}\nProxyPass / {upstream}/\n{lines}\n"
        )
    };
    start(port, config, |folder| {
        let mut command = Command::new("/usr/sbin/apache2");
        command.arg("-DFOREGROUND").arg("-f").arg(folder.join("config"));
        command
    })
}

/// True if this proxy is installed. The list of Debian packages for the tests contains it.
fn is_installed(program: &str) -> bool {
    let here = Path::new(program).exists();
    if !here {
        eprintln!("skipped: {program} is not installed");
    }
    here
}

/// An appliance whose public URL is the address of the proxy. `trusted`: whether it trusts the proxy.
fn appliance(port: u16, trusted: bool) -> TestApp {
    TestApp::with_operator(|flags| {
        flags.public_url = Some(format!("http://127.0.0.1:{port}"));
        flags.trusted_proxies = trusted.then(|| "127.0.0.1/32".into());
    })
}

/// An operator's browser that reaches the appliance through the proxy.
fn operator(port: u16) -> Browser {
    let mut browser = Browser::new(&format!("http://127.0.0.1:{port}"));
    let answer = browser.sign_in("olivia@vestibule.test", PASSWORD);
    assert_eq!(answer.status, 200, "{}", answer.body);
    browser
}

/// The doctor's findings about the operator's own request: the text of each, and the lines that fix it.
fn findings(port: u16) -> Vec<(String, Value)> {
    let report = operator(port).read("/doctor").json();
    let here = report["here"].as_array().unwrap_or_else(|| panic!("{report}"));
    here.iter().map(|one| (format!("{} {}", text(&one["found"]), text(&one["what"])), one["lines"].clone())).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn behind_nginx_the_suggested_lines_fix_the_findings() {
    if !is_installed("/usr/sbin/nginx") {
        return;
    }
    let port = free_port();
    let app = appliance(port, true);
    let bare = nginx(port, &app.url, &[]);
    let wrong = findings(port);
    let host = app.url.trim_start_matches("http://");
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].0.contains(&format!("sends requests for the host \"{host}\"")), "{wrong:?}");
    assert!(wrong[1].0.contains("X-Forwarded-For"), "{wrong:?}");
    let lines: Vec<String> = wrong.iter().map(|(_, lines)| text(&lines["nginx"]).to_owned()).collect();
    assert_eq!(lines[0], "proxy_set_header Host $http_host;");
    drop(bare);
    let _fixed = nginx(port, &app.url, &lines);
    assert_eq!(findings(port), []);
}

#[test]
fn an_untrusted_proxy_is_reported_with_the_flag_that_trusts_it() {
    if !is_installed("/usr/bin/caddy") {
        return;
    }
    for (trusted, wanted) in [(false, 1), (true, 0)] {
        let port = free_port();
        let app = appliance(port, trusted);
        let _proxy = caddy(port, &app.url);
        let wrong = findings(port);
        assert_eq!(wrong.len(), wanted, "{wrong:?}");
        assert!(wrong.iter().all(|(words, _)| words.contains("--trusted-proxies 127.0.0.1")), "{wrong:?}");
    }
}

#[test]
fn behind_apache_the_suggested_line_fixes_the_finding() {
    if !is_installed("/usr/sbin/apache2") {
        return;
    }
    let port = free_port();
    let app = appliance(port, false);
    let bare = apache(port, &app.url, "");
    let wrong = findings(port);
    assert!(wrong[0].0.contains("sends requests for the host"), "{wrong:?}");
    let line = text(&wrong[0].1["apache"]).to_owned();
    assert_eq!(line, "ProxyPreserveHost On");
    drop(bare);
    let _fixed = apache(port, &app.url, &line);
    assert!(findings(port).iter().all(|(words, _)| !words.contains("sends requests for the host")));
}

#[test]
fn requests_without_https_are_reported_and_those_with_it_are_not() {
    let app = TestApp::with_flags(|flags| {
        flags.public_url = Some("https://login.example.com".into());
        flags.trusted_proxies = Some("127.0.0.1/32".into());
    });
    app.add_operator();
    for (proto, wanted) in [("http", true), ("https", false)] {
        let mut operator = app.operator();
        operator.headers.extend([
            ("host", "login.example.com".to_owned()),
            ("x-forwarded-proto", proto.to_owned()),
            ("x-forwarded-for", "192.0.2.1".to_owned()),
        ]);
        let report = operator.read("/doctor").json();
        let here = report["here"].to_string();
        assert_eq!(here.contains("return 301 https://"), wanted, "{report}");
        assert_eq!(report["here"].as_array().expect("a list").len(), usize::from(wanted), "{report}");
    }
}

/// Signs in with these headers; returns the client address that the session records.
fn address_of(app: &TestApp, headers: &[(&'static str, &str)]) -> String {
    let mut browser = app.anonymous();
    browser.headers.extend(headers.iter().map(|(name, value)| (*name, (*value).to_owned())));
    assert_eq!(browser.sign_in("olivia@vestibule.test", PASSWORD).status, 200);
    let sessions = browser.read("/me/sessions").json();
    let current = sessions["items"].as_array().expect("a list").iter().find(|one| one["current"] == true).cloned();
    text(&current.expect("the current session")["address"]).to_owned()
}

#[test]
fn the_client_address_is_read_from_either_header_and_cannot_be_forged() {
    let behind = TestApp::with_flags(|flags| flags.trusted_proxies = Some("127.0.0.1/32,10.0.0.0/8".into()));
    behind.add_operator();
    let xff = "x-forwarded-for";
    for (headers, address) in [
        (&[(xff, "192.0.2.7")][..], "192.0.2.7"),
        (&[(xff, "192.0.2.7:4711")], "192.0.2.7"),
        (&[(xff, "[2001:db8::7]:443")], "2001:db8::7"),
        (&[(xff, "198.51.100.9, 192.0.2.7:4711, 10.0.0.2:80")], "192.0.2.7"),
        (&[(xff, "198.51.100.9"), (xff, "192.0.2.7")], "192.0.2.7"),
        (&[(xff, "198.51.100.9, unknown")], "127.0.0.1"),
        (&[(xff, "198.51.100.9, _hidden, 10.0.0.2")], "10.0.0.2"),
        (&[("forwarded", "for=198.51.100.9, for=\"[2001:db8::7]:4711\";proto=https")], "2001:db8::7"),
        (&[("forwarded", "for=\"198.51.100.9, for=192.0.2.7")], "192.0.2.7"),
        (&[("forwarded", "for=198.51.100.9, for=unknown")], "127.0.0.1"),
        (&[("forwarded", "for=198.51.100.9"), (xff, "192.0.2.7")], "192.0.2.7"),
        (&[("forwarded", "for=198.51.100.9"), (xff, "unknown")], "127.0.0.1"),
    ] {
        assert_eq!(address_of(&behind, headers), address, "{headers:?}");
    }
    let bare = TestApp::new();
    for name in [xff, "forwarded"] {
        let value = if name == xff { "192.0.2.7" } else { "for=192.0.2.7" };
        assert_eq!(address_of(&bare, &[(name, value)]), "127.0.0.1", "headers of an untrusted proxy are ignored");
    }
}

#[test]
fn guesses_behind_a_proxy_that_adds_ports_count_for_the_client_address() {
    let app = TestApp::with_flags(|flags| flags.trusted_proxies = Some("127.0.0.1".into()));
    app.member(&app.org("Acme", "business"), "ann@acme.test");
    let guess = |from: String| {
        let mut browser = app.anonymous();
        browser.headers.push(("x-forwarded-for", from));
        browser.sign_in("ann@acme.test", "wrong").status
    };
    // The client sends a false address, to which the proxy appends the real one with a port that differs for each
    // connection.
    assert!((0..10).all(|n| guess(format!("203.0.113.{n}, 192.0.2.7:{}", 4000 + n)) == 401));
    assert_eq!(guess("203.0.113.77, 192.0.2.7:5000".into()), 429);
    assert_eq!(guess("192.0.2.8:5000".into()), 401, "another client of the same proxy is not affected");
}

#[test]
fn a_proxy_that_sends_only_the_forwarded_header_is_supported() {
    let app = TestApp::with_flags(|flags| {
        flags.public_url = Some("https://login.example.com".into());
        flags.trusted_proxies = Some("127.0.0.1/32".into());
    });
    app.add_operator();
    for (forwarded, wanted) in [
        ("for=192.0.2.7;host=login.example.com;proto=https", 0),
        ("for=unknown;host=login.example.com;proto=https", 1),
        ("for=192.0.2.7;host=login.example.com;proto=http", 1),
        ("for=192.0.2.7;host=other.example.com;proto=https", 1),
    ] {
        let mut operator = app.operator();
        operator.headers.extend([("host", "vestibule:8080".to_owned()), ("forwarded", forwarded.to_owned())]);
        let report = operator.read("/doctor").json();
        assert_eq!(report["here"].as_array().expect("a list").len(), wanted, "{forwarded}: {report}");
    }
}

#[test]
fn the_command_line_reports_recent_requests_and_the_suggested_lines() {
    let app = TestApp::with_operator(|flags| flags.public_url = Some("https://login.example.com".into()));
    let from = |host: &str| {
        // Records of requests are saved once a minute, in the background.
        app.wait(60);
        let mut browser = app.anonymous();
        browser.headers.push(("host", host.to_owned()));
        browser.get("/login");
        std::thread::sleep(Duration::from_millis(500));
        finding(&doctor(app.data.path(), &[]).1, "proxy").clone()
    };
    let right = from("login.example.com");
    assert_eq!(right["ok"], true, "{right}");
    app.wait(3600);
    let wrong = from("127.0.0.1:8080");
    assert_eq!(
        (&wrong["ok"], text(&wrong["lines"]["nginx"])),
        (&false.into(), "proxy_set_header Host $host;"),
        "{wrong}"
    );
}

#[test]
fn only_operators_can_run_the_doctor() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    assert_eq!(app.operator().read("/doctor").status, 200);
    assert_eq!(app.signed_in("ann@acme.test").read("/doctor").status, 403);
    assert_eq!(app.anonymous().read("/doctor").status, 401);
}

#[test]
fn a_response_for_another_callback_address_is_reported_until_the_address_is_corrected() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    connect(&app, &org, "ann@acme.test", "acme_SSO");
    let callback = |damage: bool| {
        let mut browser = app.anonymous();
        let request = request_of(&browser.get("/sso?key=acme_SSO"));
        let mut minted = valid_response(&app, &request, "ann@acme.test");
        if damage {
            let there = request.acs_url.replace(&app.url, "https://login.acme.test");
            (minted.recipient, minted.destination) = (Some(there.clone()), Some(there));
        }
        let answer = deliver(&mut browser, &request.acs_url, &minted.sign(&KEY, Sign::Assertion));
        if !damage {
            let location = answer.location().to_owned();
            browser.get(&location);
        }
        let report = app.operator().read("/doctor").json();
        let of_callback = |one: &&Value| one["check"] == "callback";
        report["checks"].as_array().expect("a list").iter().find(of_callback).cloned()
    };
    let found = callback(true).expect("a finding");
    assert!(
        text(&found["found"]).starts_with("acme: its provider sends its responses to https://login.acme.test/saml/"),
        "{found}"
    );
    assert!(text(&found["what"]).contains("--public-url https://login.acme.test"), "{found}");
    assert_eq!(callback(false), None);
}
